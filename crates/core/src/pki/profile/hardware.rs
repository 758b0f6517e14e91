//! Where the requirements demand that the key is in hardware: section 6.2.7.4. That is a duty of the CA, and no
//! evidence about one key.

use super::{Day, applies_to};
use crate::identity::{Assurance, KeyProtection};
use crate::pki::path::Path;

/// From this day of issue on every code-signing key must be in hardware, not only those of extended validation.
const FOR_ALL: Day = Day::new(2023, 6, 1);

/// How the key of a path's leaf is held, as far as the requirements say it.
#[must_use]
pub fn key_protection(path: &Path, assurance: Assurance) -> KeyProtection {
    let Some(leaf) = path.certificates.first().filter(|_| applies_to(path)) else { return KeyProtection::Unknown };
    let rule = match assurance {
        Assurance::ExtendedValidation => "CSBR 6.2.7.4.1 (hardware for extended validation)",
        _ if leaf.not_before() >= FOR_ALL.begins() => "CSBR 6.2.7.4.2 (hardware for all issued from 2023-06-01)",
        _ => return KeyProtection::Unknown,
    };
    KeyProtection::RequiredByRule { rule: rule.to_owned(), asserted_by: leaf.issuer().to_string() }
}
