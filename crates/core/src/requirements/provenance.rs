//! `provenance`: a verified statement says what built the artifact.

use super::{
    Choice, Context, Control, GradeDemand, Judge, Requirement, Section, Setting, Shape, Weighed, is_accepted,
    parameters, run, unverified,
};
use crate::claim::{Claim, Fact, Source, SourceNamedIn, Standing, Voucher};
use crate::evidence::{Signature, State};
use crate::finding::{Finding, FindingId};
use crate::ground::Ground;
use crate::identity::Assurance;
use crate::provenance::builders::{self, GITHUB, Grade, Lowered, Made};
use crate::provenance::{is_commit, is_from_token, other_project, speaks_for_another};
use crate::release::actor::realm_of;
use crate::verdict::{Answer, Appraised, BuildLevel, Mode, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "provenance",
    section: Section::Of(Question::Path),
    title: "Verified provenance says what built it",
    meaning: "A statement about this artifact, under a signature that is valid, names the builder, and somebody \
              stands behind it who is out of reach of the build itself; an event that outsiders can cause (`issue_comment`, \
              `pull_request_target`) did not set it off. With `builder`, it is by that builder, and its \
              parameters are those that the builder's table allows; with `level`, the table of builders grants it that \
              SLSA Build level, whatever the statement says; with `voucher`, that party or a better one stands behind \
              what it says (of `tenant`, `tool`, `registry`, `platform`, `log`, `ca` and `gateway`).",
    shape: Shape::Graded(&[
        Choice { word: "verified", meaning: "provenance must be there and verify" },
        Choice {
            word: OR_AS_GIVEN,
            meaning: "the same, or what the command line names in its place must hold: the layout given with \
                      `--layout`, or the summary of another verifier (`--vsa-verifier`)",
        },
    ]),
    judge: Judge::Provenance(judge),
    fix: "obtain provenance from the publisher and give it with --evidence",
    controls: &[
        Control { framework: "SLSA", id: "Build L2" },
        Control { framework: "NIST SSDF SP 800-218", id: "PS.3.2" },
    ],
};

/// The word that is content with what the command line names in place of provenance.
pub(crate) const OR_AS_GIVEN: &str = "verified-or-as-given";

/// What one signature claims about how the artifact came to be.
#[derive(Clone, Debug)]
pub struct Provenance<'a> {
    /// The signature.
    pub signature: &'a Signature,
    claims: Vec<&'a Claim>,
    /// Who made the statement, and what it says of the builder.
    made: Option<Made<'a>>,
    /// What the table of builders says of it.
    grade: Option<Grade<'a>>,
    /// Whether the statement is by a builder that the policy alone knows.
    is_named_by_policy: bool,
}

impl<'a> Provenance<'a> {
    /// The provenance that rests on this signature, if it claims anything of the kind.
    pub(crate) fn of(
        signature: &'a Signature,
        claims: impl Iterator<Item = &'a Claim>,
        builders: &'a [builders::Builder],
    ) -> Option<Self> {
        let (claims, others): (Vec<_>, Vec<_>) = claims.partition(|claim| claim.fact.is_about_build());
        if claims.is_empty() {
            return None;
        }
        let certificate = others.iter().find_map(|claim| claim.certified_workload());
        let told = claims.iter().find_map(|claim| of_statement(claim)).filter(|_| is_from_token(signature));
        let made = told.map(|(builder, build_type)| Made {
            issuer: signature.signer.oidc_issuer.as_deref(),
            signer: signature.signer.san.first().map_or("", String::as_str),
            key: signature.signer.spki_sha256,
            is_bare_key: signature.assurance == Assurance::KeyOnly,
            certificate,
            builder,
            build_type,
        });
        let grade = made.as_ref().and_then(|made| builders::grade(builders, made));
        let is_unknown = made.as_ref().is_some_and(|made| builders::shipped_for(made).is_none());
        let is_named_by_policy = is_unknown && grade.is_some();
        Some(Self { signature, claims, made, grade, is_named_by_policy })
    }

    /// Whether anything in it is verified.
    pub(crate) fn is_verified(&self) -> bool {
        self.claims.iter().any(|claim| self.stand(claim).standing == Standing::Verified)
    }

    /// How far a claim may be relied on. What a policy knows of a builder that the shipped table does not counts here:
    /// who stands behind its statements, and that its signer may speak for it.
    pub(crate) fn stand(&self, claim: &Claim) -> Stand {
        let mut stand = Stand { standing: claim.standing, voucher: claim.vouched_by };
        let Some(grade) = self.grade.filter(|_| self.is_named_by_policy) else { return stand };
        if matches!(stand.voucher, Voucher::Tenant | Voucher::Platform) {
            stand.voucher = grade.builder.voucher;
        }
        if stand.standing == Standing::Refuted && of_statement(claim).is_some() && self.is_refuted_for_its_signer() {
            let valid = self.signature.state() == State::Valid;
            stand.standing = if valid { Standing::Verified } else { Standing::Asserted };
        }
        stand
    }

    /// Whether nothing else speaks against what the statement says of the builder than that its signer speaks in
    /// another's name, which is what the policy permits.
    fn is_refuted_for_its_signer(&self) -> bool {
        let Some(made) = self.made else { return false };
        let certified = self.claims.iter().find_map(|claim| match &claim.fact {
            Fact::BuiltFrom(source) if source.named_in == SourceNamedIn::Certificate => Some(&source.repository),
            _ => None,
        });
        let speaks_for_another = !self.signature.signer.san.iter().any(|name| name == made.builder);
        speaks_for_another && other_project(made.builder, certified.map(String::as_str)).is_none()
    }

    /// The claims of some kind, of any standing: to be held against the artifact.
    pub(crate) fn all<T>(&self, pick: impl Fn(&'a Fact) -> Option<T>) -> Vec<(Stand, T)> {
        self.claims.iter().filter_map(|claim| Some((self.stand(claim), pick(&claim.fact)?))).collect()
    }

    /// Every place where a source is named.
    pub(super) fn sources(&self) -> Vec<(Stand, &'a Source)> {
        self.all(|fact| if let Fact::BuiltFrom(source) = fact { Some(source) } else { None })
    }

    /// Whether a commit of a repository is what this was built from, and nothing in it says otherwise.
    pub(crate) fn is_of_commit(&self, repository: &str, commit: &str) -> bool {
        let sources = self.sources();
        let named: Vec<_> = sources.iter().filter(|(_, source)| source.commit.is_some()).collect();
        !named.is_empty() && named.iter().all(|(_, source)| is_commit(source, repository, commit))
    }

    /// Whether a commit of a repository is one of those that this names: enough to be held against it.
    pub(super) fn names_commit(&self, repository: &str, commit: &str) -> bool {
        self.sources().iter().any(|(_, source)| is_commit(source, repository, commit))
    }

    /// The commit that this was built from, if everything in it that names one names the same.
    pub(super) fn commit(&self) -> Option<&'a str> {
        let sources = self.sources();
        let mut named = sources.iter().filter_map(|(_, source)| source.commit.as_deref());
        let first = named.next()?;
        named.all(|other| other.eq_ignore_ascii_case(first)).then_some(first)
    }

    /// Whether this may have been built from this branch or tag: it names no other of the kind anywhere. A commit may be
    /// on several branches, of which only some are guarded. A tag may have been made from any branch, unless the one is
    /// said that it was made from.
    pub(super) fn may_be_at(&self, reference: &str) -> bool {
        let sources = self.sources();
        let named: Vec<&str> = sources
            .iter()
            .flat_map(|(_, source)| source.reference.as_deref().into_iter().chain(source.branch.as_deref()))
            .collect();
        let of_kind = |kind: &str| named.iter().filter(|named| named.starts_with(kind)).collect::<Vec<_>>();
        let (branches, tags) = (of_kind("refs/heads/"), of_kind("refs/tags/"));
        let among = if reference.starts_with("refs/heads/") && (!branches.is_empty() || !tags.is_empty()) {
            branches
        } else if reference.starts_with("refs/tags/") && !tags.is_empty() {
            tags
        } else {
            return named.is_empty();
        };
        among.iter().all(|named| **named == reference)
    }

    /// The forge of the repository that this was built from, if it is one for all that it names.
    pub(super) fn forge(&self) -> Option<&'a str> {
        let sources = self.sources();
        let mut realms = sources.iter().map(|(_, source)| realm_of(source.repository.trim_start_matches("git+")));
        let first = realms.next()?;
        realms.all(|realm| realm == first).then_some(first)
    }

    /// Every place where a builder is named.
    pub(super) fn builders(&self) -> Vec<(Stand, Builder<'a>)> {
        let named =
            self.all(|fact| if let Fact::BuiltBy { builder, .. } = fact { Some(builder.as_str()) } else { None });
        let class = self.certified_runner();
        named.into_iter().map(|(stand, name)| (stand, Builder::new(name, class))).collect()
    }

    /// Where the statement itself names the builder, and how far that may be relied on.
    pub(super) fn statement(&self) -> Option<Stand> {
        self.claims.iter().find(|claim| of_statement(claim).is_some()).map(|claim| self.stand(claim))
    }

    /// The build type that the statement names.
    pub(super) fn build_type(&self) -> Option<&'a str> {
        self.made.and_then(|made| made.build_type)
    }

    /// What the table of builders says of it.
    pub(super) const fn grade(&self) -> Option<Grade<'a>> {
        self.grade
    }

    /// Whether this was found of the statement only because nothing but the policy lets its signer speak for the
    /// builder.
    pub(crate) fn is_permitted(&self, finding: &Finding) -> bool {
        let of_signature = finding.id == FindingId::StatementContradicted && finding.signatures == [self.signature.id];
        let said = self.made.map(|made| speaks_for_another(self.signature, made.builder));
        self.is_named_by_policy
            && self.is_refuted_for_its_signer()
            && of_signature
            && said.as_ref() == Some(&finding.message)
    }

    /// Whether the certificate names who signed on behalf of the builder, and not the builder.
    pub(crate) fn is_delegated(&self) -> bool {
        let by_policy = self.is_named_by_policy && self.made.is_some_and(|made| made.builder != made.signer);
        by_policy || self.grade.is_some_and(|grade| grade.builder.is_delegated())
    }

    /// The class of the runner, if GitHub told it to the certificate authority.
    fn certified_runner(&self) -> Option<&'a str> {
        if self.signature.signer.oidc_issuer.as_deref() != Some(GITHUB) {
            return None;
        }
        let runners =
            self.all(|fact| if let Fact::RanOn { environment } = fact { Some(environment.as_str()) } else { None });
        runners.into_iter().find(|(stand, _)| stand.voucher == Voucher::Ca).map(|(_, class)| class)
    }
}

/// The builder and build type that a statement names. A certificate names a builder without a type.
fn of_statement(claim: &Claim) -> Option<(&str, Option<&str>)> {
    match &claim.fact {
        Fact::BuiltBy { build_type: None, .. } if claim.vouched_by == Voucher::Ca => None,
        Fact::BuiltBy { builder, build_type, .. } => Some((builder, build_type.as_deref())),
        _ => None,
    }
}

/// What the npm client calls a GitHub runner as builder. The class of the runner follows, but in its first
/// release.
const RUNNER: &str = "https://github.com/actions/runner";

/// A builder that is named somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Builder<'a> {
    /// Its name there.
    pub(super) name: &'a str,
    /// The class of runner that the certificate adds to a name without it.
    pub(super) class: Option<&'a str>,
}

impl<'a> Builder<'a> {
    fn new(name: &'a str, certified: Option<&'a str>) -> Self {
        Self { name, class: certified.filter(|_| name == RUNNER) }
    }

    /// Whether the name, or the name with what the certificate adds to it, fits.
    pub(super) fn is(self, fits: impl Fn(&str) -> bool) -> bool {
        fits(self.name) || self.class.is_some_and(|class| fits(&format!("{}/{class}", self.name)))
    }
}

/// How far a claim may be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stand {
    pub(crate) standing: Standing,
    pub(crate) voucher: Voucher,
}

impl Stand {
    pub(super) const fn of(claim: &Claim) -> Self {
        Self { standing: claim.standing, voucher: claim.vouched_by }
    }

    /// Whether the claim may support an answer.
    pub(crate) fn supports(self) -> bool {
        self.standing == Standing::Verified && is_accepted(self.voucher)
    }

    /// The same, where a policy names the least party that must stand behind it.
    pub(super) fn supports_by(self, least: Option<Voucher>) -> bool {
        least.map_or_else(|| self.supports(), |least| self.standing == Standing::Verified && self.voucher >= least)
    }
}

/// The answer about claims of one kind in a provenance: none may differ from what is expected, and one that
/// fits must be verified and vouched for.
pub(super) fn agree<T: Copy>(
    provenance: &Provenance<'_>,
    claims: &[(Stand, T)],
    fits: impl Fn(T) -> bool,
    show: impl Fn(T) -> String,
    grounds: (Ground, Ground),
) -> Weighed {
    agree_by(provenance, claims, None, fits, show, grounds)
}

/// The same, where a policy names the least party that must stand behind it.
pub(super) fn agree_by<T: Copy>(
    provenance: &Provenance<'_>,
    claims: &[(Stand, T)],
    least: Option<Voucher>,
    fits: impl Fn(T) -> bool,
    show: impl Fn(T) -> String,
    (matches, mismatch): (Ground, Ground),
) -> Weighed {
    let id = provenance.signature.id;
    let Some((_, first)) = claims.first() else {
        return Weighed::missing(Ground::NotClaimed, "the provenance does not say it").on(id);
    };
    if let Some((stand, other)) = claims.iter().find(|(_, claim)| !fits(*claim)) {
        let detail = format!("found {} (vouched by {})", show(*other), stand.voucher.word());
        return Weighed::no(mismatch, detail).on(id);
    }
    if let Some((_, refuted)) = claims.iter().find(|(stand, _)| stand.standing == Standing::Refuted) {
        return Weighed::no(Ground::Contradicted, show(*refuted)).on(id);
    }
    match claims.iter().find(|(stand, _)| stand.supports_by(least)) {
        Some((stand, claim)) => {
            Weighed::yes(matches, format!("{} (vouched by {})", show(*claim), stand.voucher.word())).on(id)
        }
        None if claims.iter().any(|(stand, _)| stand.standing == Standing::Verified) => {
            Weighed::missing(Ground::VoucherNotAccepted, show(*first)).on(id)
        }
        None => unverified(provenance.signature),
    }
}

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    if let Some(of_outsider) = run::of_outsider(provenance) {
        return of_outsider.on(provenance.signature.id);
    }
    let asked = if let Setting::Graded(asked) = setting { asked.clone() } else { GradeDemand::default() };
    let weighed = named(provenance, asked.voucher);
    if weighed.answer != Answer::Yes {
        return weighed;
    }
    let grade = match graded_as_asked(context, provenance, &asked) {
        Ok(grade) => grade,
        Err(weighed) => return weighed.on(provenance.signature.id),
    };
    let level = grade.map_or_else(
        || "no build level: no row of the table of builders fits".to_owned(),
        |grade| format!("build level {} by `{}`", grade.level, grade.builder.name),
    );
    let lowered = grade.and_then(|grade| grade.lowered).map_or_else(String::new, |why| format!(", as {}", why.text()));
    let weighed = Weighed { detail: format!("{}; {level}{lowered}", weighed.detail), ..weighed };
    let allowed = grade.filter(|_| asked.builder.is_some()).and_then(|grade| grade.builder.allowed.as_deref());
    let of_parameters = allowed.map(|allowed| parameters::weigh(provenance, grade, asked.voucher, allowed));
    of_parameters.filter(|found| found.answer != Answer::Yes).unwrap_or(weighed)
}

/// The level of the provenance that makes the answer to this requirement *yes*, where the policy asks for it. What a layout or a summary says in its
/// place has none.
pub(crate) fn build_level(context: Context<'_>, appraised: &[(Section, Appraised)]) -> Option<BuildLevel> {
    let appraised = appraised.iter().map(|(_, appraised)| appraised);
    let is_asked = |one: &&Appraised| one.mode != Mode::Informative;
    let accepted = appraised.filter(is_asked).filter(|one| one.id == ENTRY.id && one.answer == Answer::Yes);
    let evidence = *accepted.flat_map(|one| &one.evidence).next()?;
    let signature = context.dossier.signatures.iter().find(|signature| signature.id == evidence)?;
    let claims = context.dossier.claims.all().iter().filter(|claim| claim.evidence == evidence);
    let provenance = Provenance::of(signature, claims, context.builders).filter(Provenance::is_verified)?;
    let grade = provenance.grade()?;
    Some(BuildLevel { level: grade.level, builder: grade.builder.name.clone(), evidence })
}

/// What the table of builders grants a provenance by which this requirement is met where the policy asks no more.
pub(crate) fn granted<'a>(provenance: &Provenance<'a>) -> Option<Grade<'a>> {
    let is_met = run::of_outsider(provenance).is_none() && named(provenance, None).answer == Answer::Yes;
    provenance.grade().filter(|_| is_met)
}

/// Whether the builder is named by somebody whom the policy believes, and nothing speaks against it.
fn named(provenance: &Provenance<'_>, least: Option<Voucher>) -> Weighed {
    let show = |builder: Builder<'_>| format!("built by `{}`", builder.name);
    let grounds = (Ground::ProvenanceVerified, Ground::Contradicted);
    agree_by(provenance, &provenance.builders(), least, |_| true, show, grounds)
}

/// The grade that is asked for, or why it is not there.
fn graded_as_asked<'a>(
    context: Context<'a>,
    provenance: &Provenance<'a>,
    asked: &GradeDemand,
) -> Result<Option<Grade<'a>>, Weighed> {
    let grade = match &asked.builder {
        Some(name) => Some(by_builder(context, provenance, name)?),
        None => provenance.grade(),
    };
    let (level, lowered) = grade.map_or((0, None), |grade| (grade.level, grade.lowered));
    if level < asked.level {
        let why = lowered.map_or_else(String::new, |why| format!(": {}", why.text()));
        let by = grade.map_or_else(|| "no row".to_owned(), |grade| format!("`{}`", grade.builder.name));
        let detail = format!("level {} is asked for, {by} grants {level}{why}", asked.level);
        return Err(match lowered {
            Some(Lowered::NotShown) => Weighed::missing(Ground::BuildLevelNotShown, detail),
            _ => Weighed::no(Ground::BuildLevelNotReached, detail),
        });
    }
    match (asked.voucher, provenance.statement()) {
        (Some(least), Some(stand)) if who_says(grade, stand) < least => {
            let detail =
                format!("the statement is vouched for by {}, not {}", who_says(grade, stand).word(), least.word());
            Err(Weighed::missing(Ground::VoucherNotAccepted, detail))
        }
        _ => Ok(grade),
    }
}

/// The grade by the builder of this name, which must have made the statement.
fn by_builder<'a>(context: Context<'a>, provenance: &Provenance<'a>, name: &str) -> Result<Grade<'a>, Weighed> {
    let row = builders::by_name(context.builders, name);
    let made = provenance.made.as_ref();
    let fitting = row.zip(made).filter(|(row, made)| row.fits(made)).map(|(row, made)| row.grade(made));
    fitting.ok_or_else(|| {
        let found = made.map_or("nobody", |made| made.builder);
        Weighed::no(
            Ground::BuilderMismatch,
            format!("the builder `{name}` is asked for, the statement is by `{found}`"),
        )
    })
}

/// Who stands behind what the statement says. A certificate may confirm the builder of a statement that is written
/// inside of the job, but not the rest of it.
fn who_says(grade: Option<Grade<'_>>, stand: Stand) -> Voucher {
    grade.map_or(stand.voucher, |grade| grade.builder.voucher.min(stand.voucher))
}
