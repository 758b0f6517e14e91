//! How the artifact came to be, as far as verified statements say so with one voice.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::shape::{OneOf, Texts, WordSet, records};
use crate::claim::{Claim, Fact, Source, Standing, Voucher};
use crate::evidence::State;
use crate::provenance::builders::Grade;
use crate::reports::words::Word;
use crate::requirements::provenance::{Provenance as Claimed, Stand, granted};
use crate::requirements::{Context, is_accepted, repository_of};
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
        /// The SLSA Build level that the table of builders grants, with the policy's rows in it, whatever the statement
        /// says; without one, nobody there is known by that name, signer and type, or something speaks against it.
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

/// The provenances of the valid signatures in which anything is verified, as requirements see them.
pub(super) fn verified(context: Context<'_>) -> Vec<Claimed<'_>> {
    let Context { dossier, builders, .. } = context;
    let valid = dossier.signatures.iter().filter(|signature| signature.state() == State::Valid);
    let claimed = valid.filter_map(|signature| {
        let claims = dossier.claims.all().iter().filter(|claim| claim.evidence == signature.id);
        Claimed::of(signature, claims, builders)
    });
    claimed.filter(Claimed::is_verified).collect()
}

/// What they say with one voice each, in the order of the signatures.
pub(super) fn of<'a>(provenances: &[Claimed<'a>]) -> Vec<Provenance<'a>> {
    provenances.iter().filter_map(|claimed| Spoken(claimed).provenance()).collect()
}

/// Whether a claim may support a rule.
pub(super) fn supports(claim: &Claim) -> bool {
    claim.standing == Standing::Verified && is_accepted(claim.vouched_by)
}

/// What the documents of one signature say.
struct Spoken<'a, 'p>(&'p Claimed<'a>);

/// What they say about one thing.
enum Voice<T> {
    /// Nothing that counts.
    Silent,
    /// This, and the best of those who stand behind it.
    One(T, Voucher),
    /// Different things.
    Contradicted,
}

/// What is said with one voice.
fn voice<T: Ord + Clone>(said: &[(Stand, T)]) -> Voice<T> {
    let different: BTreeSet<&T> = said.iter().map(|(_, value)| value).collect();
    if different.len() > 1 || said.iter().any(|(stand, _)| stand.standing == Standing::Refuted) {
        return Voice::Contradicted;
    }
    let best = said.iter().filter(|(stand, _)| stand.supports()).max_by_key(|(stand, _)| stand.voucher);
    best.map_or(Voice::Silent, |(stand, value)| Voice::One(value.clone(), stand.voucher))
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

impl<'a> Spoken<'a, '_> {
    /// What they say about one thing with one voice.
    fn voice<T: Ord + Clone>(&self, pick: impl Fn(&'a Fact) -> Option<T>) -> Voice<T> {
        voice(&self.0.all(pick))
    }

    /// The builder. A delegator's certificate names the delegator, and not whom it delegates to.
    fn builder(&self) -> Voice<&'a str> {
        let mut named = self.0.all(builder);
        let is_delegator = |stand: &Stand| stand.voucher == Voucher::Ca && self.0.is_delegated();
        if named.iter().any(|(stand, _)| !is_delegator(stand)) {
            named.retain(|(stand, _)| !is_delegator(stand));
        }
        voice(&named)
    }

    /// The run. Some builders write a bare number, which is not comparable with its URI; what speaks against one of
    /// them speaks against the run.
    fn run(&self) -> Voice<&'a str> {
        let said = self.0.all(invocation);
        if said.iter().any(|(stand, _)| stand.standing == Standing::Refuted) {
            return Voice::Contradicted;
        }
        let (named, bare): (Vec<_>, Vec<_>) = said.into_iter().partition(|(_, run)| run.contains("://"));
        match (voice(&named), voice(&bare)) {
            (Voice::Silent, of_bare) => of_bare,
            (_, Voice::Contradicted) => Voice::Contradicted,
            (of_named, _) => of_named,
        }
    }

    /// What those say who count, where several things may be said.
    fn supported<T>(&self, pick: impl Fn(&'a Fact) -> Option<T>) -> impl Iterator<Item = T> {
        self.0.all(pick).into_iter().filter(|(stand, _)| stand.supports()).map(|(_, said)| said)
    }

    fn provenance(&self) -> Option<Provenance<'a>> {
        self.supported(|_| Some(())).next()?;
        let mut against = Vec::new();
        let grade = granted(self.0);
        let (builder, of_builder) = self.builder().split("builder", &mut against);
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
        Some(Provenance {
            signature: self.0.signature.id.to_string(),
            builder,
            build_type,
            build_level: grade.map(|grade| grade.level.into()),
            graded_by: grade.map(|grade| grade.builder.name.as_str()),
            source: uri.map(|uri| BuildSource { uri, r#ref: reference, commit, branch }),
            trigger,
            runner,
            invocation,
            started: self.supported(|fact| times(fact).0).next(),
            finished: self.supported(|fact| times(fact).1).next(),
            parameters: parameters.map(texts).unwrap_or_default(),
            unknown_parameters: parameters.map(|all| unknown(all, grade, build_type)).unwrap_or_default(),
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

/// Nothing is known of the parameters of a builder that is not known.
fn unknown<'a>(all: &'a BTreeMap<String, String>, grade: Option<Grade<'_>>, build_type: Option<&str>) -> Vec<&'a str> {
    let is_known = |path: &&str| grade.is_some_and(|grade| grade.builder.knows(build_type, path));
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
    use crate::evidence::{Signature, SignatureId};

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
        let signature = Signature::new("test", crate::evidence::Origin::Embedded);
        let claimed = Claimed::of(&signature, claims.iter(), &[])?;
        let provenance = Spoken(&claimed).provenance()?;
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

    /// A statement by the builder that a delegator ran, under the delegator's certificate.
    fn delegated(builder_stands: Standing) -> (Option<String>, Option<i64>, Vec<&'static str>) {
        const GENERATOR: &str = "https://github.com/slsa-framework/slsa-github-generator";
        let workflow = |name: &str| format!("{GENERATOR}/.github/workflows/{name}@refs/tags/v2.0.0");
        let mut signature = Signature::new("sigstore", crate::evidence::Origin::Embedded);
        signature.assurance = crate::identity::Assurance::WorkloadOidc;
        signature.signer.oidc_issuer = Some(crate::provenance::builders::GITHUB.to_owned());
        signature.signer.san = vec![workflow("delegator_generic_slsa3.yml")];
        let by = |builder: String, build_type| Fact::BuiltBy { builder, build_type, graded: None };
        let build_type = Some(format!("{GENERATOR}/delegator-generic@v0"));
        let parameters = ["source.uri", "inputs.x"].map(|path| (path.to_owned(), String::new()));
        let built_with = Fact::BuiltWith { parameters: parameters.into_iter().collect() };
        let claims = [
            claim(by(workflow("delegator_generic_slsa3.yml"), None), Voucher::Ca, Standing::Verified),
            claim(by(workflow("builder_maven_slsa3.yml"), build_type), Voucher::Platform, builder_stands),
            claim(built_with, Voucher::Platform, Standing::Verified),
        ];
        let claimed = Claimed::of(&signature, claims.iter(), &[]).unwrap();
        let provenance = Spoken(&claimed).provenance().unwrap();
        let unknown: &[&str] =
            if provenance.build_level.is_some() { &["inputs.x"] } else { &["inputs.x", "source.uri"] };
        assert_eq!(provenance.unknown_parameters, unknown);
        let against = provenance.contradicted.iter().map(OneOf::word).collect();
        (provenance.builder.map(str::to_owned), provenance.build_level, against)
    }

    #[test]
    fn the_builder_is_whom_a_delegator_ran_and_has_the_level_of_the_requirement() {
        let (builder, level, against) = delegated(Standing::Verified);
        assert!(builder.unwrap().ends_with("/builder_maven_slsa3.yml@refs/tags/v2.0.0"));
        assert_eq!((level, against), (Some(3), vec![]));
        assert_eq!(delegated(Standing::Refuted), (None, None, vec!["builder", "build-type"]));
    }

    #[test]
    fn what_speaks_against_one_name_of_the_run_speaks_against_the_run() {
        let run = |invocation: &str, standing| {
            let invocation = invocation.to_owned();
            claim(Fact::BuiltIn { invocation, started: None, finished: None }, Voucher::Platform, standing)
        };
        let signature = Signature::new("test", crate::evidence::Origin::Embedded);
        let found = |claims: &[Claim]| {
            let claimed = Claimed::of(&signature, claims.iter(), &[]).unwrap();
            let provenance = Spoken(&claimed).provenance().unwrap();
            (provenance.invocation.map(str::to_owned), provenance.contradicted.len())
        };
        const URI: &str = "https://github.com/o/r/actions/runs/7/attempts/1";
        assert_eq!(found(&[run(URI, Standing::Verified), run("7-1", Standing::Verified)]), (Some(URI.to_owned()), 0));
        assert_eq!(found(&[run(URI, Standing::Verified), run("8-1", Standing::Refuted)]), (None, 1));
        let two = [run(URI, Standing::Verified), run("7-1", Standing::Verified), run("8-1", Standing::Verified)];
        assert_eq!(found(&two), (None, 1));
    }
}
