//! `as-released`: the bytes are those that were released, and the release stands.

use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind, is_vouched_for};
use crate::artifact::is_among;
use crate::claim::{Claim, Fact};
use crate::crypto::Digest;
use crate::dossier::Dossier;
use crate::evidence::Outcome;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "as-released",
    section: Section::Of(Question::Path),
    title: "The bytes are those that were released",
    meaning: "The publisher, the registry or a log of one's own recorded the digests that the release had, and this \
              file has one of them, by an algorithm without practical collisions; and the release was not taken back. \
              A file of the same name with other bytes was changed, packed again or stripped of its signature since.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Artifact(judge),
    fix: "obtain the list of released digests from its publisher or registry and give it with --observed",
    controls: &[
        Control { framework: "NIST SSDF SP 800-218", id: "PS.2.1" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" },
    ],
};

/// Whether something is at hand that could speak against the bytes.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| match &claim.fact {
        Fact::Released(_) => true,
        Fact::PublishedVersion(version) => is_among(&dossier.artifact.digests, &version.digests),
        _ => false,
    })
}

/// What a record says of a release.
struct Record<'a> {
    digests: &'a [Digest],
    version: Option<&'a str>,
    withdrawn: Option<&'a str>,
    signed: Option<bool>,
}

impl Record<'_> {
    /// Whether it is of these bytes.
    fn is_of(&self, dossier: &Dossier) -> bool {
        is_among(&dossier.artifact.digests, self.digests)
    }
}

fn judge(context: Context<'_>, setting: &Setting) -> Weighed {
    let unknown = (Ground::ReleaseNotKnown, "nothing says which bytes were released under this name");
    let is_accepted = |claim: &Claim| is_vouched_for(context, claim);
    let has_ours = |claim: &&Claim| record(context.dossier, claim).is_some_and(|it| it.is_of(context.dossier));
    // A name is used for several releases: one of them is enough, unless it was taken back.
    let is_released = context.dossier.claims.verified().filter(has_ours).any(is_accepted);
    let said = Said::of(context, is_accepted, |claim| {
        let record = record(context.dossier, claim)?;
        (record.is_of(context.dossier) || !is_released).then(|| weigh(context.dossier, &record)).flatten()
    });
    behind(said.unopposed(), setting, unknown)
}

/// The record that a claim is, if it is about a file of this name or these bytes.
fn record<'a>(dossier: &Dossier, claim: &'a Claim) -> Option<Record<'a>> {
    match &claim.fact {
        Fact::Released(file) => Some(Record {
            digests: &file.digests,
            version: file.version.as_deref(),
            withdrawn: file.withdrawn.as_deref(),
            signed: file.signed,
        }),
        Fact::PublishedVersion(version) if is_among(&dossier.artifact.digests, &version.digests) => Some(Record {
            digests: &version.digests,
            version: Some(&version.version),
            withdrawn: version.withdrawn.as_deref(),
            signed: None,
        }),
        _ => None,
    }
}

fn weigh(dossier: &Dossier, record: &Record<'_>) -> Option<Weighed> {
    let version = record.version.map(|version| format!(" of {version}")).unwrap_or_default();
    let is_ours = record.is_of(dossier);
    if let (true, Some(why)) = (is_ours, record.withdrawn) {
        let weighed = Weighed::no(Ground::Withdrawn, format!("the release{version} was taken back: {why}"));
        return Some(weighed.with_fix("obtain a release that stands"));
    }
    if is_ours {
        return Some(Weighed::yes(Ground::AsReleased, format!("the digest is that of the release{version}")));
    }
    let mut strong = record.digests.iter().filter(|digest| !digest.algorithm().is_broken());
    let comparable = strong.find(|digest| dossier.artifact.digests.contains_key(&digest.algorithm()))?;
    let holds = |signature: &crate::evidence::Signature| signature.integrity() == Outcome::Pass;
    let is_stripped = record.signed == Some(true) && !dossier.signatures.iter().any(holds);
    let ground = if is_stripped { Ground::StrippedSinceRelease } else { Ground::ChangedSinceRelease };
    let detail = format!("a file of this name{version} was released as {comparable}");
    Some(Weighed::no(ground, detail).with_fix("obtain the file again from its publisher, and tell them"))
}
