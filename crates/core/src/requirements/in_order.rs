//! `in-order`: it was built and approved, then signed, then published.

use std::collections::BTreeMap;

use super::provenance::Provenance;
use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_vouched_with, separate};
use crate::artifact::is_among;
use crate::claim::{Claim, EvidenceId, Fact};
use crate::crypto::Digest;
use crate::dossier::Dossier;
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::release::act::{Act, Duty};
use crate::release::actor::Same;
use crate::speaker::Speaker;
use crate::time::Time;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "in-order",
    section: Section::Of(Question::Path),
    title: "It was approved before it was signed, and signed before it was published",
    meaning: "The instants of the release are in order, each by the clock of whoever recorded it: the build by its \
              builder, the approval by the forge or gateway, the signature by a log or timestamp authority, the \
              publication by the registry. An approval under the rules for emergencies counts if somebody else \
              approves within a day.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Release(judge),
    fix: "give what gateway and registry recorded of the release with --observed (docs/release-path.md)",
    controls: &[
        Control { framework: "NIST SP 800-53", id: "AC-5" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-1" },
    ],
};

/// Seconds by which clocks may differ.
const SKEW: i64 = 120;
/// Seconds within which somebody else approves what was approved in an emergency: one day.
const EMERGENCY: i64 = Time::DAY;

/// Whether something is at hand that could speak against the order.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.not_refuted().any(|claim| matches!(claim.fact, Fact::Acted(_)))
}

/// The instants of a release.
struct Course<'a> {
    /// The latest end of a build that verified provenance names.
    built: Option<Time>,
    approvals: Vec<&'a Act>,
    /// Whether somebody recorded that it was signed or published.
    let_out: bool,
    /// The earliest proven time of a valid signature, or what a gateway recorded.
    signed: Option<Time>,
    /// The earliest publication that a registry or gateway recorded.
    published: Option<Time>,
}

fn judge(context: Context<'_>, provenance: Option<&Provenance<'_>>, setting: &Setting) -> Weighed {
    let (vouched, others): (Vec<_>, Vec<_>) =
        records(context).partition(|claim| is_vouched_with(context, provenance, claim));
    let proven = course(context, provenance, Signers::Accepted, &vouched);
    let known = course(context, provenance, Signers::All, &vouched);
    // What nobody vouches for may break the order, and never mends what is wrong without it: so each document by itself.
    let mut documents: BTreeMap<EvidenceId, Vec<&Claim>> = BTreeMap::new();
    for claim in others {
        documents.entry(claim.evidence).or_default().push(claim);
    }
    let broken = against(context, &proven).or_else(|| against(context, &known));
    let with = |document: &Vec<&Claim>| {
        let claims = [vouched.as_slice(), document].concat();
        against(context, &course(context, provenance, Signers::All, &claims))
    };
    if let Some(broken) = broken.or_else(|| documents.values().find_map(with)) {
        return broken;
    }
    if setting.is(NOTHING_KNOWN.word) {
        return Weighed::yes(Ground::NothingKnownAgainst, describe(&known));
    }
    let approved = proven.approvals.iter().any(|approval| approval.at.is_some());
    if proven.built.is_some() && approved && proven.signed.is_some() && proven.published.is_some() {
        return Weighed::yes(Ground::InOrder, describe(&proven));
    }
    Weighed::missing(Ground::OrderNotKnown, describe(&proven))
}

/// Whose signatures say when it was signed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Signers {
    /// Only those whom the relying party knows.
    Accepted,
    /// All of them.
    All,
}

/// What is recorded of when something was done for these bytes.
fn records(context: Context<'_>) -> impl Iterator<Item = &Claim> {
    let is_one = |claim: &&Claim| matches!(claim.fact, Fact::Acted(_)) || published(context.dossier, claim).is_some();
    context.dossier.claims.not_refuted().filter(is_one)
}

/// When these bytes were published, if a claim says so.
fn published(dossier: &Dossier, claim: &Claim) -> Option<Time> {
    let is_ours = |digests: &[Digest]| is_among(&dossier.artifact.digests, digests);
    match &claim.fact {
        Fact::Released(file) if is_ours(&file.digests) => file.published,
        Fact::PublishedVersion(version) if is_ours(&version.digests) => Some(version.published),
        _ => None,
    }
}

/// The instants as those claims say them that count.
fn course<'a>(
    context: Context<'a>,
    provenance: Option<&Provenance<'a>>,
    signers: Signers,
    claims: &[&'a Claim],
) -> Course<'a> {
    let acts = claims.iter().filter_map(|claim| if let Fact::Acted(act) = &claim.fact { Some(act) } else { None });
    let of_duty = |duty: Duty| acts.clone().filter(|act| act.duty == duty).collect::<Vec<_>>();
    let at = |acts: Vec<&Act>| acts.iter().filter_map(|act| act.at).min();
    let built = provenance.map_or_else(Vec::new, |provenance| {
        provenance.all(|fact| match fact {
            Fact::BuiltIn { started, finished, .. } => finished.or(*started),
            _ => None,
        })
    });
    let built = built.into_iter().filter(|(stand, _)| stand.supports()).map(|(_, at)| at);
    let by_signer = |signature: &Signature, speaker: &Speaker<'_>| {
        signers == Signers::All || separate::is_accepted(provenance, signature, speaker)
    };
    let signed = context.valid_signatures().filter(|(signature, speaker)| by_signer(signature, speaker));
    let signed = signed.filter_map(|(signature, _)| signature.time.trusted).min();
    let recorded = claims.iter().filter_map(|claim| published(context.dossier, claim));
    let acted = |duty: Duty| !of_duty(duty).is_empty();
    Course {
        built: built.max(),
        let_out: acted(Duty::Sign) || acted(Duty::Publish),
        approvals: of_duty(Duty::Approve),
        signed: signed.or_else(|| at(of_duty(Duty::Sign))),
        published: at(of_duty(Duty::Publish)).into_iter().chain(recorded).min(),
    }
}

fn against(context: Context<'_>, course: &Course<'_>) -> Option<Weighed> {
    if course.let_out && course.approvals.is_empty() {
        let weighed = Weighed::no(Ground::ApprovalMissing, "it was signed or published, and nobody approved it");
        return Some(weighed.with_fix("find out who let it be signed; use no release that nobody approved"));
    }
    let out_of_order = wrong(course).or_else(|| emergency(context, course));
    out_of_order
        .map(|detail| Weighed::no(Ground::OutOfOrder, detail).with_fix("obtain a release that was approved first"))
}

/// Which instant is before one that it must follow.
fn wrong(course: &Course<'_>) -> Option<String> {
    let approved = course.approvals.iter().filter_map(|approval| approval.at).min();
    let pairs = [
        ("approved", approved, "signed", course.signed),
        ("built", course.built, "published", course.published),
        ("approved", approved, "published", course.published),
        ("signed", course.signed, "published", course.published),
    ];
    pairs.into_iter().find_map(|(first, one, second, two)| {
        let (one, two) = one.zip(two)?;
        (one > two.plus(SKEW)).then(|| format!("{first} {one}, {second} {two}"))
    })
}

/// What is wrong with approvals that were all given in an emergency: nobody else followed.
fn emergency(context: Context<'_>, course: &Course<'_>) -> Option<String> {
    let first = course.approvals.iter().min_by_key(|approval| approval.at).filter(|approval| approval.emergency)?;
    let is_other = |other: &Act| first.by.is_same_person(&other.by, context.registry) == Same::No;
    let by = first.by.called();
    // Of what has no date nobody can say that there is still time.
    let Some(until) = first.at.map(|at| at.plus(EMERGENCY)) else {
        return Some(format!("approved in an emergency by {by}, and it is not said when"));
    };
    let follows = |other: &Act| is_other(other) && other.at.is_some_and(|at| at <= until);
    let followed = course.approvals.iter().any(|other| follows(other));
    (!followed && until < context.at)
        .then(|| format!("approved in an emergency by {by}, and by nobody else until {until}"))
}

fn describe(course: &Course<'_>) -> String {
    let approved = course.approvals.iter().filter_map(|approval| approval.at).min();
    let instants =
        [("built", course.built), ("approved", approved), ("signed", course.signed), ("published", course.published)];
    let said =
        |(what, at): (&str, Option<Time>)| at.map_or_else(|| format!("{what}: not known"), |at| format!("{what} {at}"));
    instants.map(said).join(", ")
}
