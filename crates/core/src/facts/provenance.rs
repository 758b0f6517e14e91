//! How the artifact came to be, as far as verified statements say so with one voice.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::shape::{OneOf, Texts, WordSet, records};
use crate::claim::{Claim, Fact, Graded, Source, Standing, Voucher};
use crate::dossier::Dossier;
use crate::evidence::{Signature, State};
use crate::provenance::builders;
use crate::reports::words::Word;
use crate::requirements::{is_accepted, repository_of};
use crate::time::Time;

records! {
    /// What one signature that is valid says about how the artifact came to be. A field is there only if everything
    /// that the signature's documents say about it agrees, and somebody out of reach of the build stands behind it.
    Provenance<'a> = "Provenance" {
        /// The signature that it rests on.
        signature: String,
        /// The builder.
        builder: Option<&'a str>,
        /// The type of the build (SLSA `buildType`).
        build_type: Option<&'a str>,
        /// The SLSA Build level that the shipped table of builders grants, whatever the statement says; without one,
        /// nobody there is known by that name, signer and type.
        build_level: Option<i64>,
        /// The row of that table.
        graded_by: Option<&'a str>,
        /// What it was built from.
        source: Option<BuildSource<'a>>,
        /// The event that set off the build.
        trigger: Option<&'a str>,
        /// The class of the runner: `github-hosted`, `self-hosted`.
        runner: Option<&'a str>,
        /// The run.
        invocation: Option<&'a str>,
        /// When the run began.
        started: Option<Time>,
        /// When the run ended.
        finished: Option<Time>,
        /// The external parameters of the build, by dotted path.
        parameters: Texts<'a>,
        /// Those of them that the table of builders does not know for the type of the build.
        unknown_parameters: Vec<&'a str>,
        /// What the build used.
        dependencies: Vec<Dependency<'a>>,
        /// On which fields the documents contradict each other or what is known better.
        contradicted: Vec<OneOf<Topics>>,
        /// Who stands behind the fields.
        vouched_by: Vouchers,
    }

    /// What something was built from.
    BuildSource<'a> = "BuildSource" {
        /// The repository, with its scheme and without `git+`, `.git` and `@ref`.
        uri: String,
        /// The full reference: `refs/tags/v1`.
        r#ref: Option<&'a str>,
        /// The commit.
        commit: Option<&'a str>,
        /// The branch that a tag was made from, where the event that set off the build says so.
        branch: Option<&'a str>,
    }

    /// Something that a build used.
    Dependency<'a> = "Dependency" {
        /// Its URI.
        uri: &'a str,
        /// Its digests, by the name of the algorithm.
        digests: Texts<'a>,
    }

    /// Who stands behind the fields of a provenance: the best of those who say so.
    Vouchers = "Vouchers" {
        /// For the builder.
        builder: Option<Word<Voucher>>,
        /// For the source.
        source: Option<Word<Voucher>>,
        /// For the event.
        trigger: Option<Word<Voucher>>,
        /// For the class of the runner.
        runner: Option<Word<Voucher>>,
        /// For the run.
        invocation: Option<Word<Voucher>>,
        /// For the parameters.
        parameters: Option<Word<Voucher>>,
    }
}

/// The provenances of the valid signatures, in the order of the signatures.
pub(super) fn of(dossier: &Dossier) -> Vec<Provenance<'_>> {
    let valid = dossier.signatures.iter().filter(|signature| signature.state() == State::Valid);
    valid.filter_map(|signature| Spoken::of(signature, dossier).provenance(signature)).collect()
}

/// Whether a claim may support a rule.
pub(super) fn supports(claim: &Claim) -> bool {
    claim.standing == Standing::Verified && is_accepted(claim.vouched_by)
}

/// What the documents of one signature say.
struct Spoken<'a>(Vec<&'a Claim>);

/// What they say about one thing.
enum Voice<T> {
    /// Nothing that counts.
    Silent,
    /// This, and the best of those who stand behind it.
    One(T, Voucher),
    /// Different things.
    Contradicted,
}

impl<T> Voice<T> {
    fn split(self, topic: &'static str, contradicted: &mut Vec<OneOf<Topics>>) -> (Option<T>, Option<Word<Voucher>>) {
        match self {
            Self::Silent => (None, None),
            Self::One(value, voucher) => (Some(value), Some(Word(voucher))),
            Self::Contradicted => {
                contradicted.push(OneOf::new(topic));
                (None, None)
            }
        }
    }
}

impl<'a> Spoken<'a> {
    fn of(signature: &Signature, dossier: &'a Dossier) -> Self {
        Self(dossier.claims.all().iter().filter(|claim| claim.evidence == signature.id).collect())
    }

    /// What they say about one thing with one voice.
    fn voice<T: Ord + Clone>(&self, pick: impl Fn(&'a Fact) -> Option<T>) -> Voice<T> {
        let said: Vec<(&Claim, T)> = self.0.iter().filter_map(|claim| Some((*claim, pick(&claim.fact)?))).collect();
        let different: BTreeSet<&T> = said.iter().map(|(_, value)| value).collect();
        if different.len() > 1 || said.iter().any(|(claim, _)| claim.standing == Standing::Refuted) {
            return Voice::Contradicted;
        }
        let best = said.iter().filter(|(claim, _)| supports(claim)).max_by_key(|(claim, _)| claim.vouched_by);
        best.map_or(Voice::Silent, |(claim, value)| Voice::One(value.clone(), claim.vouched_by))
    }

    /// The run. Some builders write a bare number, which is not comparable with its URI.
    fn run(&self) -> Voice<&'a str> {
        let named = self.voice(|fact| invocation(fact).filter(|run| run.contains("://")));
        if let Voice::Silent = named { self.voice(invocation) } else { named }
    }

    /// What those say who count, where several things may be said.
    fn supported<T>(&self, pick: impl Fn(&'a Fact) -> Option<T>) -> impl Iterator<Item = T> {
        self.0.iter().filter(|claim| supports(claim)).filter_map(move |claim| pick(&claim.fact))
    }

    fn provenance(&self, signature: &Signature) -> Option<Provenance<'a>> {
        self.supported(|fact| fact.is_about_build().then_some(())).next()?;
        let mut against = Vec::new();
        let (builder, of_builder) = self.voice(builder).split("builder", &mut against);
        let (build_type, _) = self.voice(build_type).split("build-type", &mut against);
        let (uri, of_source) =
            self.voice(|fact| Some(repository_of(&source(fact)?.repository))).split("source", &mut against);
        let (reference, _) = self.voice(|fact| source(fact)?.reference.as_deref()).split("ref", &mut against);
        let (commit, _) = self.voice(|fact| source(fact)?.commit.as_deref()).split("commit", &mut against);
        let (branch, _) = self.voice(|fact| source(fact)?.branch.as_deref()).split("branch", &mut against);
        let (trigger, of_trigger) = self.voice(trigger).split("trigger", &mut against);
        let (runner, of_runner) = self.voice(runner).split("runner", &mut against);
        let (invocation, of_invocation) = self.run().split("invocation", &mut against);
        let (parameters, of_parameters) = self.voice(parameters).split("parameters", &mut against);
        let graded = self.supported(graded).next();
        Some(Provenance {
            signature: signature.id.to_string(),
            builder,
            build_type,
            build_level: graded.map(|graded| graded.level.into()),
            graded_by: graded.map(|graded| graded.by.as_str()),
            source: uri.map(|uri| BuildSource { uri, r#ref: reference, commit, branch }),
            trigger,
            runner,
            invocation,
            started: self.supported(|fact| times(fact).0).next(),
            finished: self.supported(|fact| times(fact).1).next(),
            parameters: parameters.map(texts).unwrap_or_default(),
            unknown_parameters: parameters.map(|all| unknown(all, graded, build_type)).unwrap_or_default(),
            dependencies: self.supported(dependency).collect(),
            contradicted: against,
            vouched_by: Vouchers {
                builder: of_builder,
                source: of_source,
                trigger: of_trigger,
                runner: of_runner,
                invocation: of_invocation,
                parameters: of_parameters,
            },
        })
    }
}

fn builder(fact: &Fact) -> Option<&str> {
    if let Fact::BuiltBy { builder, .. } = fact { Some(builder) } else { None }
}

fn build_type(fact: &Fact) -> Option<&str> {
    if let Fact::BuiltBy { build_type, .. } = fact { build_type.as_deref() } else { None }
}

const fn graded(fact: &Fact) -> Option<&Graded> {
    if let Fact::BuiltBy { graded, .. } = fact { graded.as_ref() } else { None }
}

/// Nothing is known of the parameters of a builder that is not known.
fn unknown<'a>(all: &'a BTreeMap<String, String>, graded: Option<&Graded>, build_type: Option<&str>) -> Vec<&'a str> {
    let row = graded.and_then(|graded| builders::by_name(&[], &graded.by));
    let is_known = |path: &&str| row.is_some_and(|row| row.knows(build_type, path));
    all.keys().map(String::as_str).filter(|path| !is_known(path)).collect()
}

const fn source(fact: &Fact) -> Option<&Source> {
    if let Fact::BuiltFrom(source) = fact { Some(source) } else { None }
}

fn trigger(fact: &Fact) -> Option<&str> {
    if let Fact::TriggeredBy { event } = fact { Some(event) } else { None }
}

fn runner(fact: &Fact) -> Option<&str> {
    if let Fact::RanOn { environment } = fact { Some(environment) } else { None }
}

fn invocation(fact: &Fact) -> Option<&str> {
    if let Fact::BuiltIn { invocation, .. } = fact { Some(invocation) } else { None }
}

const fn times(fact: &Fact) -> (Option<Time>, Option<Time>) {
    if let Fact::BuiltIn { started, finished, .. } = fact { (*started, *finished) } else { (None, None) }
}

const fn parameters(fact: &Fact) -> Option<&BTreeMap<String, String>> {
    if let Fact::BuiltWith { parameters } = fact { Some(parameters) } else { None }
}

fn dependency(fact: &Fact) -> Option<Dependency<'_>> {
    if let Fact::DependsOn { uri, digests } = fact { Some(Dependency { uri, digests: texts(digests) }) } else { None }
}

fn texts(map: &BTreeMap<String, String>) -> Texts<'_> {
    map.iter().map(|(name, text)| (Cow::Borrowed(name.as_str()), Cow::Borrowed(text.as_str()))).collect()
}

/// The fields on which documents can contradict each other.
#[derive(Clone, Debug)]
pub(super) enum Topics {}

impl WordSet for Topics {
    const NAME: &'static str = "Topic";

    fn words() -> Vec<&'static str> {
        vec![
            "builder",
            "build-type",
            "source",
            "ref",
            "commit",
            "branch",
            "trigger",
            "runner",
            "invocation",
            "parameters",
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::SignatureId;

    fn claim(fact: Fact, vouched_by: Voucher, standing: Standing) -> Claim {
        Claim { fact, vouched_by, standing, subject: None, evidence: SignatureId(0).into() }
    }

    fn from(repository: &str, reference: Option<&str>) -> Fact {
        Fact::BuiltFrom(Source {
            repository: repository.to_owned(),
            reference: reference.map(str::to_owned),
            ..Source::default()
        })
    }

    fn provenance(claims: &[Claim]) -> Option<(Option<String>, Vec<&'static str>)> {
        let spoken = Spoken(claims.iter().collect());
        let signature = Signature::new("test", crate::evidence::Origin::Embedded);
        let provenance = spoken.provenance(&signature)?;
        let against = provenance.contradicted.iter().map(OneOf::word).collect();
        Some((provenance.source.map(|source| source.uri), against))
    }

    #[test]
    fn what_agrees_and_is_vouched_for_is_there() {
        let claims = [
            claim(from("https://git.example/a", None), Voucher::Ca, Standing::Verified),
            claim(from("git+https://git.example/a.git", Some("refs/tags/v1")), Voucher::Tenant, Standing::Verified),
        ];
        assert_eq!(provenance(&claims), Some((Some("https://git.example/a".to_owned()), vec![])));
    }

    #[test]
    fn the_level_is_that_of_the_table_and_unknown_parameters_are_listed() {
        let of = |graded: Option<Graded>| {
            let builder = "https://github.com/o/r/.github/workflows/w.yml@refs/tags/v1".to_owned();
            let built_by = Fact::BuiltBy { builder, build_type: Some("t".to_owned()), graded };
            let parameters = ["workflow.ref", "inputs.x"].map(|path| (path.to_owned(), String::new()));
            let built_with = Fact::BuiltWith { parameters: parameters.into_iter().collect() };
            let claims = [built_by, built_with].map(|fact| claim(fact, Voucher::Platform, Standing::Verified));
            let spoken = Spoken(claims.iter().collect());
            let of = spoken.provenance(&Signature::new("test", crate::evidence::Origin::Embedded)).unwrap();
            (of.build_level, of.unknown_parameters.iter().map(|path| (*path).to_owned()).collect::<Vec<_>>())
        };
        let graded = Graded { by: "github-attest-build-provenance".to_owned(), level: 2 };
        assert_eq!(of(Some(graded)), (Some(2), vec!["inputs.x".to_owned()]));
        assert_eq!(of(None), (None, vec!["inputs.x".to_owned(), "workflow.ref".to_owned()]));
    }

    #[test]
    fn what_is_contradicted_is_not_there() {
        let other = claim(from("https://git.example/b", None), Voucher::Tenant, Standing::Asserted);
        let refuted = claim(from("https://git.example/a", None), Voucher::Platform, Standing::Refuted);
        for against in [other, refuted] {
            let claims = [claim(from("https://git.example/a", None), Voucher::Ca, Standing::Verified), against];
            assert_eq!(provenance(&claims), Some((None, vec!["source"])));
        }
    }

    #[test]
    fn what_nobody_out_of_reach_of_the_build_says_is_not_there() {
        for (voucher, standing) in [
            (Voucher::Tenant, Standing::Verified),
            (Voucher::Tool, Standing::Verified),
            (Voucher::Ca, Standing::Asserted),
            (Voucher::Ca, Standing::Refuted),
        ] {
            assert_eq!(provenance(&[claim(from("https://git.example/a", None), voucher, standing)]), None);
        }
    }
}
