//! Which identity of the registry a signature is of: by class, never by name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod dossiers;
mod identities;

use std::collections::BTreeMap;

use countersign::claim::{Claims, Fact, Standing};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::evidence::{CheckId, Outcome, Reason, Signature, State};
use countersign::identity::{Assurance, LegalEntity};
use countersign::registry::{KeyHash, Registry, Selector, keys_of, selectors_of};
use identities::{active, registry, text, workload};

fn entity(name: &str, number: Option<&str>, country: &str) -> Option<LegalEntity> {
    Some(LegalEntity { name: name.to_owned(), number: number.map(str::to_owned), country: Some(country.to_owned()) })
}

/// A signature by Acme's certificate.
fn acme() -> Signature {
    let mut signature = dossiers::embedded("Acme");
    signature.signer.entity = entity("Acme GmbH", Some("HRB 1"), "DE");
    signature.signer.spki_sha256 = Some(Digest::of(DigestAlgorithm::Sha256, b"key"));
    signature.signer.durable_ids = vec!["1.3.6.1.4.1.311.97.1.2.3".to_owned()];
    signature.signer.team_id = Some("ABCDE12345".to_owned());
    signature
}

fn organization(name: &str, number: &str, country: &str) -> Selector {
    Selector::Organization { name: text(name), number: text(number), country: text(country) }
}

fn of(selectors: &[Selector]) -> Registry {
    registry(&active("acme", selectors.to_vec(), "production", None))
}

fn knows(selector: Selector, signature: &Signature) -> bool {
    of(&[selector]).matching(signature, &Claims::default()).one().is_some()
}

fn key_of(signature: &Signature) -> Selector {
    let digest = signature.signer.spki_sha256.unwrap();
    Selector::Key { spki_sha256: KeyHash::of_bytes(digest.as_bytes()).unwrap() }
}

#[test]
fn every_class_matches_what_it_names() {
    let signature = acme();
    assert!(knows(organization("Acme GmbH", "HRB 1", "DE"), &signature));
    assert!(knows(Selector::TeamId(text("ABCDE12345")), &signature));
    assert!(knows(Selector::DurableId(text("1.3.6.1.4.1.311.97.1.2.3")), &signature));
    assert!(knows(key_of(&signature), &signature));
}

#[test]
fn a_neighbour_is_not_the_identity() {
    let signature = acme();
    for near in [
        organization("Acme GmbH", "HRB 2", "DE"),
        organization("Acme GmbH", "HRB 1", "AT"),
        organization("ACME GmbH", "HRB 1", "DE"),
        organization("Acme GmbH & Co. KG", "HRB 1", "DE"),
        Selector::TeamId(text("ABCDE1234")),
        Selector::DurableId(text("1.3.6.1.4.1.311.97.1.2")),
        Selector::TeamId(text("1.3.6.1.4.1.311.97.1.2.3")),
    ] {
        assert!(!knows(near.clone(), &signature), "{near}");
    }
    // Without a number a name is all there is.
    let mut nameless = acme();
    nameless.signer.entity = entity("Acme GmbH", None, "DE");
    assert!(!knows(organization("Acme GmbH", "HRB 1", "DE"), &nameless));
}

#[test]
fn only_what_is_vouched_for_counts_and_a_key_proves_itself() {
    let name = organization("Acme GmbH", "HRB 1", "DE");
    let mut untrusted = acme();
    untrusted.check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), "");
    assert_eq!(untrusted.state(), State::Untrusted);
    assert!(!knows(name.clone(), &untrusted) && knows(key_of(&untrusted), &untrusted));
    // A key that the relying party accepts may call itself anything.
    let mut accepted = acme();
    accepted.chain.clear();
    accepted.assurance = Assurance::SelfSigned;
    assert_eq!(accepted.state(), State::Valid);
    assert!(!knows(name, &accepted) && knows(key_of(&accepted), &accepted));
    let mut bad = acme();
    bad.check(CheckId::Digest, Outcome::Fail(Reason::DigestMismatch), "");
    assert!(!knows(key_of(&bad), &bad));
    assert_eq!(keys_of(&bad, &Claims::default()), Vec::<String>::new());
}

/// A workload's claims, as Fulcio's certificates make them.
fn claims(changes: &[(&str, &str)], standing: Standing) -> Claims {
    let mut names: BTreeMap<String, String> =
        [("source-repository-identifier", "1000"), ("source-repository-owner-identifier", "20")]
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
    for (name, value) in changes {
        names.insert((*name).to_owned(), (*value).to_owned());
    }
    let mut claim = dossiers::claim(0, Fact::WorkflowIdentity(names));
    claim.standing = standing;
    Claims::new(vec![claim])
}

#[test]
fn a_workload_is_known_by_its_numbers_and_its_issuer() {
    let (registry, signature) = (of(&[workload()]), dossiers::fulcio("app", 0));
    let knows = |signature: &Signature, claims: &Claims| registry.matching(signature, claims).one().is_some();
    assert!(knows(&signature, &claims(&[], Standing::Verified)));
    // A repository that was renamed is the same; one that took the name over is another.
    assert!(knows(
        &signature,
        &claims(&[("source-repository-uri", "https://github.com/new/name")], Standing::Verified)
    ));
    assert!(!knows(&signature, &claims(&[("source-repository-identifier", "1001")], Standing::Verified)));
    assert!(!knows(&signature, &claims(&[("source-repository-owner-identifier", "21")], Standing::Verified)));
    assert!(!knows(&signature, &claims(&[], Standing::Asserted)));
    assert!(!knows(&signature, &Claims::default()));
    let mut elsewhere = signature;
    elsewhere.signer.oidc_issuer = Some("https://token.actions.githubusercontent.com/acme".to_owned());
    assert!(!knows(&elsewhere, &claims(&[], Standing::Verified)));
}

#[test]
fn an_account_is_known_by_its_address_and_its_issuer() {
    let account = |issuer: &str| Selector::Account { issuer: text(issuer), email: text("jo@acme.example") };
    let mut signature = dossiers::fulcio("app", 0);
    signature.signer.oidc_issuer = Some("https://accounts.example".to_owned());
    signature.signer.san = vec!["jo@acme.example".to_owned()];
    assert!(knows(account("https://accounts.example"), &signature));
    assert!(!knows(account("https://accounts.example.evil"), &signature));
    signature.signer.san = vec!["Jo@acme.example".to_owned()];
    assert!(!knows(account("https://accounts.example"), &signature));
    // The address of a workflow is no address of a person.
    signature.signer.san = vec!["https://github.com/o/r/.github/workflows/x.yml@refs/heads/main".to_owned()];
    assert_eq!(selectors_of(&signature, &Claims::default()), []);
}

#[test]
fn two_identities_with_one_selector_are_ambiguous() {
    let signature = acme();
    let mut events = active("a", vec![key_of(&signature)], "production", None);
    events.extend(active("b", vec![key_of(&signature)], "lab", None));
    let registry = registry(&events);
    let matches = registry.matching(&signature, &Claims::default());
    assert!(matches.is_ambiguous() && matches.one().is_none());
    assert_eq!(matches.all().len(), 2);
    assert!(Registry::empty().matching(&signature, &Claims::default()).is_none());
}

#[test]
fn the_keys_of_a_signature_are_those_of_its_identity() {
    let signature = acme();
    let keys = keys_of(&signature, &Claims::default());
    for selector in [organization("Acme GmbH", "HRB 1", "DE"), key_of(&signature)] {
        assert!(keys.contains(&selector.key()), "{selector}");
        let registry = of(&[selector]);
        assert!(registry.identities().next().unwrap().keys().iter().all(|key| keys.contains(key)));
    }
}
