//! `not-downgraded`: the version is as well attested as those before it.

use std::cmp::Reverse;

use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_vouched_for};
use crate::artifact::is_among;
use crate::claim::Fact;
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::release::history::{Line, PublishedVersion};
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "not-downgraded",
    section: Section::Of(Question::Path),
    title: "It is as well attested as the versions before it",
    meaning: "The registry's history of the package has no earlier version that was better attested: by a trusted \
              publisher, then with provenance, then without. Stolen tokens publish what the project's own workflow \
              does not. Versions of older lines and pre-releases are compared with their own line, and with what came \
              before its first version. A step down that a record of these bytes explains is not established instead, \
              if you obtained the record yourself or somebody signed it whom you named. With `downgrades_since` in the \
              environment, no step down is held against a version that was published before that day.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Artifact(judge),
    fix: "obtain the history of the package from its registry and give it with --observed (docs/release-path.md)",
    controls: &[
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" },
        Control { framework: "S2C2F", id: "AUD-1" },
    ],
};

/// Whether something is at hand that could speak against the version.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| matches!(claim.fact, Fact::PublishedVersion(_)))
}

fn judge(context: Context<'_>, setting: &Setting) -> Weighed {
    // What nobody vouches for may show a step down, and never hides or explains one.
    let (vouched, said) = (History::of(context, true), History::of(context, false));
    if let Some(before) = before_downgrades_count(context, &vouched, &said) {
        return Weighed::yes(Ground::BeforeDowngradesCount, before);
    }
    let step_down = vouched.step_down().or_else(|| said.step_down());
    let weighed = match (step_down, vouched.explanation(context)) {
        (Some(detail), None) => {
            return Weighed::no(Ground::LessWellAttested, detail)
                .with_fix("ask the publisher why; use the version before until that is known");
        }
        (Some(detail), Some(why)) => Weighed::missing(Ground::StepDownExplained, format!("{detail}: {why}")),
        (None, _) => compare(&vouched, &said),
    };
    match weighed.answer {
        Answer::NotEstablished if setting.is(NOTHING_KNOWN.word) => {
            Weighed::yes(Ground::NothingKnownAgainst, weighed.detail)
        }
        _ => weighed,
    }
}

/// What is said of a version below which there is no step.
fn compare(vouched: &History<'_>, said: &History<'_>) -> Weighed {
    let name = |this: &PublishedVersion| format!("{} {}: {}", this.package, this.version, this.how);
    match (vouched.this, said.this) {
        (Some(this), _) => Weighed::yes(Ground::AsWellAttested, name(this)),
        (None, Some(this)) => Weighed::missing(Ground::NotVouchedFor, name(this)),
        (None, None) => Weighed::missing(Ground::HistoryNotKnown, "no history at hand has this version"),
    }
}

fn compared(this: &PublishedVersion, before: &PublishedVersion) -> String {
    let (package, version) = (&this.package, &this.version);
    format!("{package} {version} was published {}, {} before it {}", this.how, before.version, before.how)
}

/// The versions that are known, and the one that the artifact is.
struct History<'a> {
    versions: Vec<&'a PublishedVersion>,
    this: Option<&'a PublishedVersion>,
}

impl<'a> History<'a> {
    /// Every version that is known, or only those that somebody says whom the relying party named.
    fn of(context: Context<'a>, vouched: bool) -> Self {
        let counted = context.dossier.claims.not_refuted().filter(|claim| !vouched || is_vouched_for(context, claim));
        let versions = counted.filter_map(|claim| match &claim.fact {
            Fact::PublishedVersion(version) => Some(version),
            _ => None,
        });
        let versions: Vec<_> = versions.collect();
        Self { this: this(context, &versions), versions }
    }

    /// Why these bytes are less well attested. A name alone could be another file's.
    fn explanation(&self, context: Context<'_>) -> Option<&'a str> {
        let ours = self.versions.iter().filter(|version| is_of(context, version));
        ours.filter_map(|version| version.explained.as_deref()).next()
    }

    /// What an earlier version had that this one has not: the latest such version.
    fn step_down(&self) -> Option<String> {
        let this = self.this?;
        let is_before = |version: &&PublishedVersion| {
            version.package == this.package && version.published < this.published && version.version != this.version
        };
        let line = Line::of(&this.version);
        let before: Vec<_> = self.versions.iter().copied().filter(is_before).collect();
        let in_line = |version: &PublishedVersion| Line::of(&version.version) == line;
        let own = before.iter().filter(|version| in_line(version)).map(|version| version.published);
        // A line begins where its package was: otherwise its second version would be compared with its first alone.
        let begun = own.min().unwrap_or(this.published);
        let compared_with = |version: &&PublishedVersion| in_line(version) || version.published < begun;
        let better = before.into_iter().filter(compared_with).filter(|version| version.how > this.how);
        better.max_by_key(|version| version.published).map(|before| compared(this, before))
    }
}

/// When the version was published, if that was before the day from which on the policy counts downgrades. Somebody must
/// say so whom the relying party named, and no record of these bytes or of that version, whoever wrote it, says otherwise.
fn before_downgrades_count(context: Context<'_>, vouched: &History<'_>, said: &History<'_>) -> Option<String> {
    let (this, since) = (vouched.this?, context.downgrades_since?);
    let is_same = |other: &PublishedVersion| (&other.package, &other.version) == (&this.package, &this.version);
    let records = said.versions.iter().filter(|other| is_same(other) || is_of(context, other));
    let published = records.map(|version| version.published).max()?;
    let (package, version) = (&this.package, &this.version);
    (published < since)
        .then(|| format!("{package} {version} was published {published}; downgrades count since {since}"))
}

/// Whether a version is of these bytes.
fn is_of(context: Context<'_>, version: &PublishedVersion) -> bool {
    is_among(&context.dossier.artifact.digests, &version.digests)
}

/// The version that the artifact is: by its bytes, else by the name and version that are expected. Of several records of
/// it the one that says least of how it was attested, and of those the latest, so that a better one hides none.
fn this<'a>(context: Context<'_>, history: &[&'a PublishedVersion]) -> Option<&'a PublishedVersion> {
    let history = || history.iter().copied();
    let worst = |version: &&'a PublishedVersion| (version.how, Reverse(version.published));
    let by_bytes = history().filter(|version| is_of(context, version)).min_by_key(worst);
    let (package, number) = (context.expectations.package.as_ref(), context.expectations.package_version.as_ref());
    let is_expected = |version: &&PublishedVersion| {
        version.digests.is_empty() && Some(&version.package) == package && Some(&version.version) == number
    };
    by_bytes.or_else(|| history().filter(is_expected).min_by_key(worst))
}
