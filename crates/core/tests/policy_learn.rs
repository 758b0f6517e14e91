//! What a learnt policy says where it could not learn.

#![allow(clippy::unwrap_used)]

mod dossiers;

use countersign::policy::Policy;
use countersign::policy::learn::Lessons;
use countersign::time::Time;

/// The policy that is learnt from one artifact that this workload signed.
fn learnt(signer: &str) -> String {
    let mut signature = dossiers::fulcio("app", 0);
    signature.signer.san = vec![signer.to_owned()];
    let mut lessons = Lessons::default();
    lessons.take(dossiers::dossier(vec![signature], Vec::new()), Time::from_unix(0)).unwrap();
    lessons.learn("p", Time::from_unix(0)).unwrap().text
}

#[test]
fn a_signer_whose_name_cannot_be_written_is_not_left_out_in_silence() {
    let named = learnt("https://ci.example/acme");
    assert!(named.contains("\nexpected = { signer = \"https://ci.example/acme\""), "{named}");
    let nameless = learnt("https://ci.example/*");
    assert!(!nameless.contains("\nexpected"), "{nameless}");
    assert!(nameless.contains("# `expected` is not asked: a signer's name cannot be written"), "{nameless}");
    Policy::parse(&nameless, "learnt").unwrap();
}
