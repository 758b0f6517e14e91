//! `not-downgraded`: the version is as well attested as those before it.

use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_vouched_for};
use crate::artifact::is_among;
use crate::claim::{Fact, Standing};
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::release::history::{Line, PublishedVersion};
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "not-downgraded",
    section: Section::Of(Question::Path),
    title: "It is as well attested as the versions before it",
    meaning: "The registry's history of the package has no earlier version that was better attested: by a trusted \
              publisher, then with provenance, then without. Stolen tokens publish what the project's own workflow \
              does not. Versions of older lines and pre-releases are compared with their own line, where it has any.",
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
    // What nobody vouches for may show a step down, and never hides one.
    let (vouched, said) = (history(context, true), history(context, false));
    let step_down = |history: &[&PublishedVersion]| {
        let this = this(context, history)?;
        better(this, history).map(|before| compared(this, before))
    };
    if let Some(detail) = step_down(&vouched).or_else(|| step_down(&said)) {
        return Weighed::no(Ground::LessWellAttested, detail)
            .with_fix("ask the publisher why; use the version before until that is known");
    }
    let name = |this: &PublishedVersion| format!("{} {}: {}", this.package, this.version, this.how);
    let weighed = match (this(context, &vouched), this(context, &said)) {
        (Some(this), _) => return Weighed::yes(Ground::AsWellAttested, name(this)),
        (None, Some(this)) => Weighed::missing(Ground::NotVouchedFor, name(this)),
        (None, None) => Weighed::missing(Ground::HistoryNotKnown, "no history at hand has this version"),
    };
    if setting.is(NOTHING_KNOWN.word) { Weighed::yes(Ground::NothingKnownAgainst, weighed.detail) } else { weighed }
}

fn compared(this: &PublishedVersion, before: &PublishedVersion) -> String {
    let (package, version) = (&this.package, &this.version);
    format!("{package} {version} was published {}, {} before it {}", this.how, before.version, before.how)
}

/// Every version that is known, or only those that somebody says whom the relying party named.
fn history<'a>(context: Context<'a>, vouched: bool) -> Vec<&'a PublishedVersion> {
    let claims = context.dossier.claims.all().iter().filter(|claim| claim.standing != Standing::Refuted);
    let counted = claims.filter(|claim| !vouched || is_vouched_for(context, claim));
    let versions = counted.filter_map(|claim| match &claim.fact {
        Fact::PublishedVersion(version) => Some(version),
        _ => None,
    });
    versions.collect()
}

/// The version that the artifact is: by its bytes, else by the name and version that are expected.
fn this<'a>(context: Context<'_>, history: &[&'a PublishedVersion]) -> Option<&'a PublishedVersion> {
    let by_bytes = history.iter().find(|version| is_among(&context.dossier.artifact.digests, &version.digests));
    let (package, number) = (context.expectations.package.as_ref(), context.expectations.package_version.as_ref());
    let is_expected = |version: &&&PublishedVersion| {
        version.digests.is_empty() && Some(&version.package) == package && Some(&version.version) == number
    };
    by_bytes.or_else(|| history.iter().find(is_expected)).copied()
}

/// The latest earlier version that was better attested.
fn better<'a>(this: &PublishedVersion, history: &[&'a PublishedVersion]) -> Option<&'a PublishedVersion> {
    let is_before = |version: &&&PublishedVersion| {
        version.package == this.package && version.published < this.published && version.version != this.version
    };
    let before: Vec<&PublishedVersion> = history.iter().filter(is_before).copied().collect();
    let line = Line::of(&this.version);
    let in_line = |version: &&&PublishedVersion| Line::of(&version.version) == line;
    let has_line = before.iter().any(|version| in_line(&version));
    let compared = before.iter().filter(|version| !has_line || in_line(version));
    compared.filter(|version| version.how > this.how).max_by_key(|version| version.published).copied()
}
