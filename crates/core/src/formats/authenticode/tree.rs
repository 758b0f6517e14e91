//! The signatures of one certificate table as a list of nodes: every entry, and every signature nested in one.
//!
//! Nested signatures are unsigned attributes of the signature around them (1.3.6.1.4.1.311.2.4.1) and may nest
//! again. The tree is walked with a list instead of by recursion, within a depth and a number.

use std::ops::Range;

use crate::encoding::asn1::oid;
use crate::encoding::cms::SignedData;

/// One signature, or what stands where one should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Which blob it is in.
    pub(super) blob: usize,
    /// Where in the blob.
    pub(super) range: Range<usize>,
    /// How it is reached: number of the table entry, then numbers of nested signatures, all from 1.
    pub(super) path: Vec<usize>,
}

impl Node {
    /// Its position in words.
    pub(super) fn position(&self) -> String {
        let (entry, nested) = self.path.split_first().map_or((0, &[][..]), |(entry, nested)| (*entry, nested));
        let numbers: Vec<String> = nested.iter().map(usize::to_string).collect();
        match numbers.as_slice() {
            [] => format!("certificate table entry {entry}"),
            numbers => format!("certificate table entry {entry}, nested {}", numbers.join(".")),
        }
    }

    /// Whether it stands in the table itself.
    pub(super) const fn is_entry(&self) -> bool {
        self.path.len() == 1
    }
}

/// The nodes, and whether a bound kept some of them out.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) cut: bool,
}

impl Tree {
    /// Every signature in these blobs (number of the entry, bytes), each entry followed by what is nested in it.
    pub(super) fn grow(blobs: &[(usize, Vec<u8>)], most: usize, depth: usize) -> Self {
        let mut tree = Self::default();
        for (blob, (entry, bytes)) in blobs.iter().enumerate() {
            let mut waiting = vec![Node { blob, range: 0..bytes.len(), path: vec![*entry] }];
            while let Some(node) = waiting.pop() {
                if tree.nodes.len() >= most || node.path.len() > depth {
                    tree.cut = true;
                    continue;
                }
                let first = waiting.len();
                waiting.extend(nested_in(&node, bytes));
                // The last one waiting is next: the first nested one must stand last.
                waiting.get_mut(first..).unwrap_or_default().reverse();
                tree.nodes.push(node);
            }
        }
        tree
    }
}

fn nested_in(node: &Node, bytes: &[u8]) -> Vec<Node> {
    let Some(Ok(signed)) = bytes.get(node.range.clone()).map(SignedData::parse) else { return Vec::new() };
    let values = signed.signers.iter().flat_map(|signer| signer.unsigned.values(oid::SPC_NESTED_SIGNATURE));
    let child = |(index, value): (usize, &crate::encoding::asn1::Element<'_>)| {
        let start = node.range.start.saturating_add(value.offset);
        let mut path = node.path.clone();
        path.push(index.saturating_add(1));
        Node { blob: node.blob, range: start..start.saturating_add(value.raw.len()), path }
    };
    values.enumerate().map(child).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{encode, encode_sequence, tag};

    /// A `SignedData` without content whose signer carries these nested ones.
    fn signed(nested: &[Vec<u8>]) -> Vec<u8> {
        let object = |content: &[u8]| encode(tag::OID, content);
        let algorithm = encode_sequence(&[object(oid::SHA256)]);
        let values = encode(tag::SET, &nested.concat());
        let attribute = encode_sequence(&[object(oid::SPC_NESTED_SIGNATURE), values]);
        let signer = encode_sequence(&[
            vec![2, 1, 1],
            encode(0x80, &[1]),
            algorithm.clone(),
            algorithm.clone(),
            encode(tag::OCTET_STRING, &[1]),
            encode(0xa1, &attribute),
        ]);
        let inner = encode_sequence(&[
            vec![2, 1, 1],
            encode(tag::SET, &algorithm),
            encode_sequence(&[object(oid::SPC_INDIRECT_DATA)]),
            encode(tag::SET, &signer),
        ]);
        encode_sequence(&[object(oid::SIGNED_DATA), encode(0xa0, &inner)])
    }

    #[test]
    fn every_level_is_listed_in_order() {
        let tree = signed(&[signed(&[signed(&[])]), signed(&[])]);
        let blobs = [(1, tree.clone()), (2, signed(&[]))];
        let found = Tree::grow(&blobs, 64, 32);
        let positions: Vec<String> = found.nodes.iter().map(Node::position).collect();
        assert_eq!(
            positions,
            [
                "certificate table entry 1",
                "certificate table entry 1, nested 1",
                "certificate table entry 1, nested 1.1",
                "certificate table entry 1, nested 2",
                "certificate table entry 2",
            ]
        );
        assert!(!found.cut);
        assert!(found.nodes.iter().all(|node| SignedData::parse(&blobs[node.blob].1[node.range.clone()]).is_ok()));
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let mut deep = signed(&[]);
        for _ in 0..40 {
            deep = signed(&[deep]);
        }
        let found = Tree::grow(&[(1, deep)], 64, 32);
        assert_eq!((found.nodes.len(), found.cut), (32, true));
        let wide = signed(&vec![signed(&[]); 100]);
        let found = Tree::grow(&[(1, wide)], 64, 32);
        assert_eq!((found.nodes.len(), found.cut), (64, true));
    }
}
