//! `no-drift`: the identity signed from where it is bound to.

use super::registered::{ESTABLISHED, Known, NOTHING_KNOWN, ask};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Signature;
use crate::finding::Severity;
use crate::ground::Ground;
use crate::registry::drift::{Drift, Seen};
use crate::registry::{Identity, Made, Recognition};
use crate::verdict::Question;

/// The least that is no: what only shows that something moved is a finding.
const LEAST: Severity = Severity::Medium;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "no-drift",
    section: Section::Of(Question::Signer),
    title: "The identity signed from where it is bound to",
    meaning: "Repository, owner, workflow, reference, trigger, runner and deployment environment are those of the \
              binding that counted when it signed, or an approved change explains the difference. The name of a \
              registered repository under other numbers is somebody else. A renamed repository and a new commit \
              of the workflow are findings alone.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "if the change is right, bind the identity anew and let somebody else approve: countersign identity bind",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI9:2025" },
        Control { framework: "NIST CSF", id: "ID.RA-07" },
        Control { framework: "EU DORA", id: "Art 9(4)(e)" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let claims = &context.dossier.claims;
    let made = Made::of(signature, context.at);
    if let Recognition::Namesake(identities) = context.registry.recognise(signature, claims, made) {
        let names: Vec<_> = identities.iter().map(|identity| format!("`{}`", identity.id)).collect();
        let detail = format!("bears a name of {}, but other numbers or another issuer", names.join(", "));
        return Weighed::no(Ground::NumberChangedUnderName, detail);
    }
    let Known { identity, made, .. } = match ask(context, signature, setting) {
        Ok(known) => known,
        Err(weighed) => return weighed,
    };
    let is_lenient = setting.is(NOTHING_KNOWN.word);
    match identity.drift(&Seen::of(signature, claims), made.instant()) {
        Some(drift) => weigh(identity, &drift, is_lenient),
        None if is_lenient => Weighed::yes(Ground::NothingKnownOfSigner, "it is not bound to a place"),
        None => Weighed::missing(Ground::NoBinding, format!("`{}` has no binding for that time", identity.id))
            .with_fix("say from where it signs: countersign identity bind"),
    }
}

fn weigh(identity: &Identity, drift: &Drift, is_lenient: bool) -> Weighed {
    let against: Vec<_> = drift.unexplained.iter().filter(|it| it.severity >= LEAST).map(ToString::to_string).collect();
    if !against.is_empty() {
        return Weighed::no(Ground::IdentityDrifted, format!("`{}`: {}", identity.id, against.join("; ")));
    }
    if !drift.missing.is_empty() && !is_lenient {
        let missing: Vec<_> = drift.missing.iter().map(|field| field.word()).collect();
        let detail = format!("the signature does not say: {}", missing.join(", "));
        return Weighed::missing(Ground::DriftNotComparable, detail)
            .with_fix("obtain a newer signature, whose certificate says it");
    }
    let explained: Vec<_> = drift.explained.iter().map(|(it, why)| format!("; {it} ({why})")).collect();
    Weighed::yes(Ground::SignedFromBinding, format!("version {} of the binding{}", drift.version, explained.concat()))
}
