//! Evidence in a directory that is an OCI image layout.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign::crypto::Digest;
use countersign::encoding::oci::{self, Descriptor};
use countersign::material::{EvidenceFile, Limits};

use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// Blobs that one layout may make us read: a layout of one image has a few dozen.
const MOST_BLOBS: usize = 1_000;

/// Whether a path is an image layout.
pub(crate) fn is_layout(path: &Path) -> bool {
    path.join("oci-layout").is_file()
}

/// Every signature and attestation that the index leads to.
pub(crate) fn evidence(layout: &Path, limits: &Limits) -> Result<Vec<EvidenceFile>, Trouble> {
    let index = layout.join("index.json");
    let mut open = descriptors(&index, &read_whole(&index, limits.memory_bytes)?)?;
    let mut seen: BTreeSet<Digest> = BTreeSet::new();
    let mut found = Vec::new();
    let mut room = limits.memory_bytes;
    while let Some(next) = open.pop() {
        if !(next.leads_on() || next.is_evidence()) || !seen.insert(next.digest) {
            continue;
        }
        if seen.len() > MOST_BLOBS {
            return Err(Trouble::at(layout, format!("leads to more than {MOST_BLOBS} documents")));
        }
        let (path, bytes) = blob(layout, &next, room)?;
        room = room.saturating_sub(bytes.len() as u64);
        if next.is_evidence() {
            let bytes = next.evidence(bytes).map_err(|error| Trouble::at(&path, error.to_string()))?;
            found.push(EvidenceFile { path: path_text(&path), bytes });
        } else {
            open.extend(descriptors(&path, &bytes)?);
        }
    }
    if found.is_empty() {
        return Err(Trouble::at(layout, "is an image layout without signatures or attestations"));
    }
    Ok(found)
}

fn descriptors(path: &Path, bytes: &[u8]) -> Result<Vec<Descriptor>, Trouble> {
    oci::descriptors(bytes).map_err(|error| Trouble::at(path, error.to_string()))
}

/// A blob, whose content must have the digest that it is named by.
fn blob(layout: &Path, descriptor: &Descriptor, most: u64) -> Result<(PathBuf, Vec<u8>), Trouble> {
    let digest = descriptor.digest;
    let path = layout.join("blobs").join(digest.algorithm().name()).join(digest.hex());
    let bytes = read_whole(&path, most)?;
    let content = Digest::of(digest.algorithm(), &bytes);
    if content != digest {
        return Err(Trouble::at(&path, format!("its content has the digest {content}")));
    }
    Ok((path, bytes))
}
