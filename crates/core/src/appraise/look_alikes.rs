//! Signers whose name looks like the expected one, and is not: told apart from any other mismatch, because
//! people would overlook it.

use crate::dossier::Dossier;
use crate::evidence::{Outcome, Signature};
use crate::finding::{Finding, FindingId};
use crate::identity::name;
use crate::lookalike::compare;
use crate::policy::{Expectations, Pattern};

/// Tells of every signature that holds under a name that resembles the expected signer's.
pub(super) fn findings(dossier: &Dossier, expectations: &Expectations) -> Vec<Finding> {
    let Some(expected) = expectations.signer.as_deref().filter(|expected| !expected.contains('*')) else {
        return Vec::new();
    };
    let holding = dossier.signatures.iter().filter(|signature| signature.integrity() == Outcome::Pass);
    holding.filter_map(|signature| finding(signature, expected)).collect()
}

fn finding(signature: &Signature, expected: &str) -> Option<Finding> {
    let found = names(signature);
    let pattern = Pattern::new(expected);
    if found.iter().any(|name| pattern.matches(name)) {
        return None;
    }
    // Of a whole certificate name, what a reader looks at.
    let meant = name::values(expected, &["CN", "O"]);
    let meant = if meant.is_empty() { vec![expected.to_owned()] } else { meant };
    let alike = |name: &String| {
        let (wanted, rule) = meant.iter().find_map(|wanted| Some((wanted, compare(wanted, name)?)))?;
        Some(format!("`{name}` is not `{wanted}`, and looks like it: {}", rule.words()))
    };
    let message = found.iter().find_map(alike)?;
    Some(Finding { id: FindingId::LookAlikePublisher, message, signatures: vec![signature.id] })
}

/// The names that a reader knows the signer by.
fn names(signature: &Signature) -> Vec<String> {
    let signer = &signature.signer;
    let parts = signer.name.iter().flat_map(|text| name::values(text, &["CN", "O"]));
    signer.name.iter().cloned().chain(parts).chain(signer.san.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{CheckId, Origin};

    fn signed_by(name: &str) -> Signature {
        let mut signature = Signature::new("test", Origin::Embedded);
        signature.signer.name = Some(name.to_owned());
        signature.check(CheckId::Signature, Outcome::Pass, "");
        signature
    }

    fn message(name: &str, expected: &str) -> Option<String> {
        finding(&signed_by(name), expected).map(|finding| finding.message)
    }

    #[test]
    fn a_name_that_looks_like_the_expected_one_is_told_with_the_rule() {
        let told = message("CN=Micrоsoft Corporation, C=US", "Microsoft Corporation").unwrap();
        assert!(told.contains("the same to the eye"), "{told}");
        let told = message("CN=Acme Software Ltd, C=US", "CN=Acme Software, C=US").unwrap();
        assert!(told.contains("legal form"), "{told}");
        assert!(message("CN=ACME-Software", "Acme Software").is_some());
    }

    #[test]
    fn the_expected_name_itself_and_a_plainly_different_one_are_not() {
        assert_eq!(message("CN=Acme Software, C=US", "Acme Software"), None);
        assert_eq!(message("CN=Other, O=Acme Software", "Acme Software"), None);
        assert_eq!(message("CN=Somebody Else", "Acme Software"), None);
        assert_eq!(message("", "Acme Software"), None);
    }
}
