//! Merkle trees of transparency logs (RFC 6962 §2.1, RFC 9162 §2.1).

use crate::crypto::{Digest, DigestAlgorithm};

/// A hash of the tree: always SHA-256.
pub type Hash = [u8; 32];

/// A proof longer than this belongs to a tree of more than 2⁶³ entries.
pub const MAX_PROOF: usize = 63;

const LEAF: u8 = 0x00;
const NODE: u8 = 0x01;

fn sha256(parts: &[&[u8]]) -> Hash {
    let digest = Digest::of(DigestAlgorithm::Sha256, &parts.concat());
    let mut hash = Hash::default();
    for (slot, byte) in hash.iter_mut().zip(digest.as_bytes()) {
        *slot = *byte;
    }
    hash
}

/// The hash of a leaf (RFC 9162 §2.1.1).
#[must_use]
pub fn leaf_hash(entry: &[u8]) -> Hash {
    sha256(&[&[LEAF], entry])
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[NODE], left, right])
}

/// The root that an inclusion proof leads to (RFC 9162 §2.1.3.2), or `None` if no tree of this size can have
/// a proof of this length for this index.
#[must_use]
pub fn root_of_inclusion(index: u64, size: u64, leaf: Hash, proof: &[Hash]) -> Option<Hash> {
    if index >= size || proof.len() > MAX_PROOF {
        return None;
    }
    let (mut node, mut last) = (index, size.checked_sub(1)?);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            // Skip the levels at which the node is the last one and has no sibling.
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The root of RFC 9162 §2.1.1, computed the slow and obvious way.
    fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => sha256(&[]),
            [one] => *one,
            many => {
                let (left, right) = many.split_at(split(many.len()));
                node_hash(&root(left), &root(right))
            }
        }
    }

    /// The proof of RFC 9162 §2.1.3.1.
    fn proof(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() < 2 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut path, sibling) = if index < left.len() {
            (proof(index, left), root(right))
        } else {
            (proof(index - left.len(), right), root(left))
        };
        path.push(sibling);
        path
    }

    fn split(count: usize) -> usize {
        count.next_power_of_two() / 2
    }

    #[test]
    fn every_proof_of_every_small_tree_leads_to_its_root() {
        let all: Vec<Hash> = (0..40_u8).map(|number| leaf_hash(&[number])).collect();
        for size in 1..=all.len() {
            let leaves = &all[..size];
            for index in 0..size {
                let path = proof(index, leaves);
                let found = |index: usize, size: usize, path: &[Hash]| {
                    root_of_inclusion(index as u64, size as u64, all[index.min(size - 1)], path)
                };
                assert_eq!(found(index, size, &path), Some(root(leaves)), "{index} of {size}");
                let longer = [&path[..], &[all[0]]].concat();
                assert_eq!(found(index, size, &longer), None);
                if let Some(shorter) = path.split_last().map(|(_, shorter)| shorter) {
                    assert_eq!(found(index, size, shorter), None);
                }
                if size > 1 {
                    assert_ne!(found((index + 1) % size, size, &path), Some(root(leaves)));
                }
            }
        }
    }

    #[test]
    fn impossible_positions_have_no_root() {
        assert_eq!(root_of_inclusion(0, 0, leaf_hash(b""), &[]), None);
        assert_eq!(root_of_inclusion(1, 1, leaf_hash(b""), &[]), None);
        assert_eq!(root_of_inclusion(u64::MAX, u64::MAX, leaf_hash(b""), &[[0; 32]; 64]), None);
    }

    #[test]
    fn hashes_match_the_published_values() {
        let hex = |hash: Hash| crate::encoding::hex::encode(&hash);
        // RFC 6962 test vectors of certificate-transparency/c++/merkletree.
        assert_eq!(hex(leaf_hash(b"")), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    }
}
