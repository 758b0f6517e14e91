//! Microsoft's real root list, from the corpus beside the project.

#![allow(clippy::disallowed_methods, clippy::print_stderr, clippy::unwrap_used, reason = "tests read files")]

use std::path::Path;

use countersign::crypto::{Digest, DigestAlgorithm, Strength};
use countersign::encoding::ctl::{ListError, SignedList};

fn authroot() -> Option<Vec<u8>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/authenticode/ctl/authroot.stl");
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        eprintln!("SKIPPED: {} is not there", path.display());
    }
    bytes
}

#[test]
fn microsofts_root_list_is_read_and_its_signature_holds() {
    let Some(bytes) = authroot() else { return };
    let signed = SignedList::open(&bytes).unwrap();
    assert_eq!(signed.strength, Strength::Strong);
    assert!(signed.signer.subject().to_string().contains("Microsoft Certificate Trust List Publisher"));
    let subjects = &signed.list.subjects;
    assert!(subjects.len() > 400, "{}", subjects.len());
    assert_eq!(signed.list.algorithm, Some(DigestAlgorithm::Sha1));
    assert!(subjects.iter().all(|subject| subject.id.len() == 20 && subject.properties.sha256.is_some()));
    assert!(subjects.iter().filter(|subject| subject.properties.disallowed_since.is_some()).count() > 100);
    assert!(subjects.iter().filter(|subject| subject.properties.not_before.is_some()).count() > 100);
    let hash = Digest::of(DigestAlgorithm::Sha1, b"no certificate");
    assert_eq!(signed.list.subject(hash.as_bytes()), None);
}

#[test]
fn a_changed_list_is_refused() {
    let Some(mut bytes) = authroot() else { return };
    let middle = bytes.len() / 2;
    let name: Vec<u8> = "Microsoft".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let at = bytes[..middle].windows(name.len()).position(|window| window == name).unwrap();
    bytes[at] ^= 1;
    assert!(matches!(SignedList::open(&bytes), Err(ListError::Signature(_))));
}
