//! Microsoft's list of disallowed certificates (`disallowedcert.stl`), a signed certificate trust list.
//!
//! Its subjects are named by `szOID_DISALLOWED_HASH`: 16 bytes are the MD5 of the key bits
//! (`CERT_SUBJECT_PUBLIC_KEY_MD5_HASH_PROP_ID`) or of the signed part, longer ones the digest of the signed part
//! (`CERT_SIGNATURE_HASH_PROP_ID`, `wincrypt.h`). Who signed the list is not judged: a forged one could only
//! take trust away, and signs of our own are what `--distrust-key` asks for.

use super::{ImportFormat, Imported};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::distrust::{Entry, Selector, Why};
use crate::encoding::asn1::oid;
use crate::encoding::ctl::{SignedList, TrustedSubject};

pub(super) static ENTRY: ImportFormat = ImportFormat {
    id: "microsoft-disallowed",
    title: "Microsoft's disallowed certificates (disallowedcert.stl)",
    origin: "Microsoft disallowedcert.stl",
    detect: |bytes| bytes.first() == Some(&0x30) && contains(bytes, oid::CTL),
    read,
};

/// Where the content type of a signed list stands: within its first bytes.
const PROBED: usize = 256;

fn contains(bytes: &[u8], what: &[u8]) -> bool {
    bytes.get(..PROBED).unwrap_or(bytes).windows(what.len()).any(|window| window == what)
}

fn read(bytes: &[u8]) -> Result<Imported, String> {
    let signed = SignedList::open(bytes).map_err(|error| error.to_string())?;
    let list = signed.list;
    let named = |subject: &TrustedSubject| match list.algorithm {
        Some(algorithm) => Digest::new(algorithm, &subject.id).map(Selector::Certificate).into_iter().collect(),
        None if list.subject_algorithm == oid::DISALLOWED_HASH => disallowed(&subject.id),
        None => Vec::new(),
    };
    let mut imported = Imported { dated: Some(list.this_update), ..Imported::default() };
    for subject in &list.subjects {
        let selectors = named(subject);
        if selectors.is_empty() {
            imported.leave_out("a subject that is named in a way that is not known");
        }
        imported.entries.extend(selectors.into_iter().map(|selector| Entry {
            since: subject.properties.disallowed_since,
            note: subject.properties.friendly_name.as_deref().and_then(super::known),
            ..Entry::new(selector, Why::Other)
        }));
    }
    Ok(imported)
}

pub(super) fn disallowed(id: &[u8]) -> Vec<Selector> {
    let digest = |algorithm| Digest::new(algorithm, id);
    let signed = DigestAlgorithm::ALL.into_iter().filter_map(digest).map(Selector::Signed);
    signed.chain(digest(DigestAlgorithm::Md5).map(Selector::KeyBits)).collect()
}
