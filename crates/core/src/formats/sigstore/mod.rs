//! Sigstore bundles (<https://github.com/sigstore/protobuf-specs>, v0.1 to v0.3), alone or one per line, and
//! the ladder of checks that every attestation of this family goes through, whatever document it came in.
//!
//! Each check is made and recorded on its own: [`content`] whether the signature holds and over what,
//! [`timestamps`] and [`log`] what proves its time and its publicity, [`chain`] who vouches for the
//! certificate, [`fulcio`] what the certificate says about the signer, [`model`] whether a directory is the
//! signed one. [`judge`] puts them in order. The first failure never hides the others.

mod bundle;
mod chain;
mod content;
mod fulcio;
mod judge;
mod log;
mod model;
mod pending;
mod timestamps;

pub(super) use bundle::{Apart, Attestation, Content, Defect, Verifier, attestation, read as bundle};
pub(super) use fulcio::{Extensions, signer};
pub(super) use judge::{Certified, certified};
pub(super) use pending::{Item, Pending, signs_tree};

use super::{Format, Reader, Reading};
use crate::encoding::json::top_level_names;
use crate::material::{EvidenceFile, Limits};

/// The entry of the table.
pub(super) static ENTRY: Format = Format {
    id: "sigstore",
    title: "Sigstore bundle",
    specification: "https://github.com/sigstore/protobuf-specs",
    reader: Reader::Detached { detect, signs_tree, open },
};

fn detect(bytes: &[u8]) -> bool {
    let is_bundle = |names: &[String]| {
        let has = |name: &str| names.iter().any(|found| found == name);
        has("mediaType") && (has("verificationMaterial") || has("dsseEnvelope") || has("messageSignature"))
    };
    top_level_names(bytes).iter().any(|names| is_bundle(names))
}

fn open(file: &EvidenceFile, _limits: &Limits) -> Reading {
    Box::new(Pending::of_lines(&ENTRY, file, |place| {
        let has = |name| place.value().get(name).is_some();
        if has("mediaType") {
            return Some(bundle::read(place));
        }
        (has("payload") && has("payloadType")).then(|| super::dsse::read(place))
    }))
}
