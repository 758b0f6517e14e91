//! `expected-publisher`: the signer is one of those whom the registry expects for this product.

use super::registered::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::registry::{Made, Recognition, packages_of};
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "expected-publisher",
    section: Section::Of(Question::Signer),
    title: "The signer is expected for this product",
    meaning: "The registry says who signs files of this name, or this package, and it is one of those. A valid \
              signature by anybody else is what a stolen download page looks like.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "say who signs this product: countersign identity bind",
    controls: &[
        Control { framework: "NIST SSDF SP 800-218", id: "PW.4.4" },
        Control { framework: "NIST CSF", id: "ID.RA-09" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let is_lenient = setting.is(NOTHING_KNOWN.word);
    let claims = &context.dossier.claims;
    let mut packages = packages_of(signature, claims);
    packages.extend(context.expectations.package.as_deref());
    let expecting = context.registry.expecting(&context.dossier.artifact.name, &packages);
    if expecting.is_empty() {
        return match context.registry.is_at_hand() {
            _ if is_lenient => Weighed::yes(Ground::NothingKnownOfSigner, "nobody is expected for this product"),
            true => Weighed::missing(Ground::NoPublisherExpected, context.dossier.artifact.name.as_str()),
            false => Weighed::missing(Ground::RegistryNotAtHand, "").with_fix("give the registry with --store"),
        };
    }
    let list: Vec<_> = expecting.iter().map(|identity| format!("`{}`", identity.id)).collect();
    let list = list.join(", ");
    let fix = "obtain a release signed by the expected publisher, or record that another signs it too";
    let unexpected =
        |found: &str| Weighed::no(Ground::PublisherUnexpected, format!("expected {list}, found {found}")).with_fix(fix);
    match context.registry.recognise(signature, claims, Made::of(signature, context.at)) {
        Recognition::Known(identity, _) if expecting.iter().any(|expected| expected.id == identity.id) => {
            Weighed::yes(Ground::PublisherExpected, format!("`{}`", identity.id))
        }
        Recognition::Known(identity, _) => unexpected(&format!("`{}`", identity.id)),
        Recognition::Nobody | Recognition::Namesake(_) => {
            unexpected(signature.signer.display_name().unwrap_or("a key without a name"))
        }
        Recognition::Several(_) => Weighed::missing(Ground::SignerAmbiguous, format!("expected {list}")),
        Recognition::NotAtHand | Recognition::Unidentified => {
            Weighed::missing(Ground::SignerNotIdentified, format!("expected {list}"))
        }
    }
}
