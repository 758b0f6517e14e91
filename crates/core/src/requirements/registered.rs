//! `registered`: the signer is an identity of the registry that may sign this, here and then.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::event::{Field, FieldName, Right};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::registry::{Credential, Identity, Made, Recognition, State};
use crate::verdict::{Answer, Question};

/// The word of all requirements of the registry that asks for evidence.
pub(super) const ESTABLISHED: Choice = Choice { word: "established", meaning: "the registry must say so" };

/// The word of all requirements of the registry that asks that nothing speaks against it.
pub(crate) const NOTHING_KNOWN: Choice =
    Choice { word: "nothing-known", meaning: "nothing in the registry, where one is at hand, may speak against it" };

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "registered",
    section: Section::Of(Question::Signer),
    title: "The signer is registered to sign this",
    meaning: "The registry has the identity behind the signature, known by its class and never by its name. It \
              was active when it signed, with a credential that was approved and not replaced, and may sign for \
              this environment, in this format and at that time.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "register the identity: countersign identity add, bind, approve",
    controls: &[
        Control { framework: "OWASP NHI Top 10", id: "NHI8:2025" },
        Control { framework: "NIST CSF", id: "PR.AA-01" },
        Control { framework: "NIST CSF", id: "PR.AA-05" },
    ],
};

/// An identity that made a signature, as the requirements of the registry ask about it.
pub(super) struct Known<'a> {
    pub(super) identity: &'a Identity,
    pub(super) credential: &'a Credential,
    pub(super) made: Made,
}

/// The identity that made the signature, or what is said where the registry knows none.
pub(super) fn ask<'a>(context: Context<'a>, signature: &Signature, setting: &Setting) -> Result<Known<'a>, Weighed> {
    let made = Made::of(signature, context.at);
    let (ground, detail) = match context.registry.recognise(signature, &context.dossier.claims, made) {
        Recognition::Known(identity, credential) => return Ok(Known { identity, credential, made }),
        Recognition::Several(identities) => return Err(several(&identities)),
        Recognition::NotAtHand => (Ground::RegistryNotAtHand, String::new()),
        Recognition::Unidentified => (Ground::SignerNotIdentified, String::new()),
        Recognition::Nobody | Recognition::Namesake(_) => (Ground::SignerNotRegistered, name_of(signature)),
    };
    Err(if setting.is(NOTHING_KNOWN.word) {
        Weighed::yes(Ground::NothingKnownOfSigner, detail)
    } else {
        let fix = if ground == Ground::RegistryNotAtHand { "give the registry with --store" } else { "" };
        Weighed::missing(ground, detail).with_fix(fix)
    })
}

fn several(identities: &[&Identity]) -> Weighed {
    let names: Vec<_> = identities.iter().map(|identity| format!("`{}`", identity.id)).collect();
    Weighed::missing(Ground::SignerAmbiguous, names.join(", "))
        .with_fix("give each identity a selector or a binding of its own: countersign identity bind")
}

fn name_of(signature: &Signature) -> String {
    signature.signer.display_name().unwrap_or("a key without a name").to_owned()
}

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let known = match ask(context, signature, setting) {
        Ok(known) => known,
        // The registry is the list of who may sign: not to be on it speaks against it.
        Err(weighed) if weighed.reason == Ground::SignerNotRegistered.word() => {
            return Weighed::no(Ground::SignerNotRegistered, weighed.detail);
        }
        Err(weighed) => return weighed,
    };
    let is_lenient = setting.is(NOTHING_KNOWN.word);
    let against =
        [life(&known, is_lenient), credential(&known), scope(&known, context.environment), rights(&known, signature)];
    let worst = against.into_iter().flatten().min_by_key(|weighed| weighed.answer);
    // What nobody approved yet says nothing for the signer, only nothing against it.
    let ground = if is_before_activity(known.identity.state) {
        Ground::NothingKnownOfSigner
    } else {
        Ground::IdentityRegistered
    };
    worst.unwrap_or_else(|| Weighed::yes(ground, describe(known.identity)))
}

fn describe(identity: &Identity) -> String {
    format!("`{}` ({}), {}", identity.id, identity.name, identity.state)
}

const fn is_before_activity(state: State) -> bool {
    matches!(state, State::Discovered | State::Claimed | State::Bound | State::Approved)
}

/// Whether it could sign when it did.
fn life(known: &Known<'_>, is_lenient: bool) -> Option<Weighed> {
    let (identity, at) = (known.identity, known.made.instant());
    if identity.could_sign(at) {
        return None;
    }
    if is_before_activity(identity.state) {
        let weighed = Weighed::missing(Ground::IdentityNotActive, describe(identity));
        return (!is_lenient).then(|| weighed.with_fix("approve and activate it: countersign identity approve"));
    }
    let detail = format!("{}; signed {at}", describe(identity));
    Some(after_its_end(known.made, Ground::IdentitySignsNoMore, detail))
}

/// A signature made after something ended, or nobody knows when.
pub(super) fn after_its_end(made: Made, ground: Ground, detail: String) -> Weighed {
    if made.is_proven() {
        Weighed::no(ground, detail)
    } else {
        let weighed = Weighed::missing(Ground::TimeNotProven, detail);
        weighed.with_fix("obtain a signature with a timestamp: only what was signed before counts")
    }
}

fn credential(known: &Known<'_>) -> Option<Weighed> {
    let Known { identity, credential, made } = known;
    if let Some(replaced) = credential.replaced.filter(|replaced| *replaced <= made.instant()) {
        let detail = format!("{}, replaced {replaced}", credential.selector);
        return Some(after_its_end(*made, Ground::CredentialReplaced, detail));
    }
    let is_proposed = credential.approved.is_none() && !is_before_activity(identity.state);
    is_proposed.then(|| {
        Weighed::missing(Ground::CredentialNotApproved, credential.selector.to_string())
            .with_fix("let somebody else approve it: countersign identity approve")
    })
}

fn scope(known: &Known<'_>, environment: &str) -> Option<Weighed> {
    let environments = known.identity.environments();
    let is_outside = !environments.is_empty() && !environments.iter().any(|known| known.as_str() == environment);
    is_outside.then(|| {
        let list: Vec<_> = environments.iter().map(ToString::to_string).collect();
        let detail = format!("`{}` signs for {}, not for {environment}", known.identity.id, list.join(", "));
        Weighed::no(Ground::RightNotHeld, detail).with_fix("obtain a release signed for this environment")
    })
}

fn rights(known: &Known<'_>, signature: &Signature) -> Option<Weighed> {
    let field = |name| known.identity.field(name);
    let lacks = match (field(FieldName::Rights), field(FieldName::Formats), field(FieldName::Window)) {
        (Some(Field::Rights(rights)), ..) if !rights.contains(&Right::Sign) => "it may not sign".to_owned(),
        (_, Some(Field::Formats(formats)), _) if !formats.iter().any(|it| it.as_str() == signature.format) => {
            format!("it does not sign in the format {}", signature.format)
        }
        (.., Some(Field::Window(window))) if !window.holds(known.made.instant()) => {
            format!("it does not sign at {}", known.made.instant())
        }
        _ => return None,
    };
    Some(Weighed::new(Answer::No, Ground::RightNotHeld.word(), format!("`{}`: {lacks}", known.identity.id)))
}
