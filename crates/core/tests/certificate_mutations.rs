//! Damaged certificates: nothing panics, and no change to what is signed is ever accepted.
//!
//! The chains are the accepted ones of x509-limbo, damaged in a way that repeats from run to run.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::path::PathBuf;

use countersign::encoding::pem;
use countersign::encoding::x509::{
    Certificate, GeneralName, NameConstraints, PolicyConstraints, PolicyMapping, general_names,
};
use countersign::pki::anchor::{Anchor, Purpose};
use countersign::pki::assurance;
use countersign::pki::path::{PathQuery, build_path};
use countersign::time::Time;
use serde::Deserialize;

/// Damaged copies made of every certificate.
const COPIES: usize = 250;

#[derive(Deserialize)]
struct Limbo {
    testcases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    validation_kind: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
    expected_result: String,
}

struct Chain {
    id: String,
    purpose: Purpose,
    at: Time,
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
    leaf: Certificate,
}

impl Chain {
    fn read(case: &Case) -> Option<Self> {
        let one = |text: &String| pem::certificates(text.as_bytes()).ok()?.into_iter().next();
        let anchors = case.trusted_certs.iter().filter_map(one).map(|c| Anchor::unlimited(c, "limbo")).collect();
        Some(Self {
            id: case.id.clone(),
            purpose: if case.validation_kind == "SERVER" { Purpose::ServerAuth } else { Purpose::ClientAuth },
            at: case.validation_time.as_deref().unwrap_or("2026-11-23T00:00:00Z").parse().unwrap(),
            anchors,
            intermediates: case.untrusted_intermediates.iter().filter_map(one).collect(),
            leaf: one(&case.peer_certificate)?,
        })
    }

    /// The signed parts of the path found, leaf first.
    fn accepted(&self, leaf: &Certificate, intermediates: &[Certificate]) -> Option<Vec<Vec<u8>>> {
        let report = build_path(&PathQuery::new(leaf, intermediates, &self.anchors, self.purpose, self.at));
        touch_report(&report);
        report.accepted().map(|path| path.certificates.iter().map(|c| c.tbs().to_vec()).collect())
    }
}

fn touch_report(report: &countersign::pki::path::PathReport) {
    assert_eq!(report.accepted().is_some(), report.faults().is_empty());
    assert!(!report.checks().is_empty());
    if let Some(path) = report.leading() {
        let _ = (assurance::of_leaf(&path.certificates[0], Some(path)), path.names());
    }
}

fn chains() -> Vec<Chain> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/pki/x509-limbo/limbo-nobtls.json");
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("SKIPPED: no x509-limbo at {}", path.display());
        return Vec::new();
    };
    let cases = serde_json::from_slice::<Limbo>(&text).unwrap().testcases;
    cases.iter().filter(|case| case.expected_result == "SUCCESS").filter_map(Chain::read).collect()
}

/// Numbers that look random and are the same in every run (xorshift64*).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn damage(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let at = self.below(bytes.len());
        match self.below(4) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.below(256) as u8,
            2 => drop(bytes.splice(at..=at, [])),
            _ => {
                let other = self.below(bytes.len());
                bytes.swap(at, other);
            }
        }
        bytes
    }
}

/// Asks a certificate for everything that it can tell.
fn touch(certificate: &Certificate) {
    let _ = (certificate.leniencies(), certificate.subject().to_string(), certificate.issuer().to_string());
    let _ = (certificate.key_usage(), certificate.extended_key_usage(), certificate.basic_constraints());
    let _ = (certificate.policies(), certificate.subject_key_id(), certificate.authority_key_id());
    let _ = (certificate.public_key(), certificate.signature_scheme(), assurance::is_self_signed(certificate));
    let names = certificate.subject_alternative_names().unwrap_or_default();
    let _ = names.iter().map(GeneralName::to_string).collect::<Vec<_>>();
    for extension in certificate.extensions() {
        let _ = (NameConstraints::read(extension.value), PolicyConstraints::read(extension.value));
        let _ = (PolicyMapping::read_all(extension.value), general_names(extension.value));
    }
}

#[test]
fn damage_is_never_accepted_and_nothing_panics() {
    let (mut numbers, mut read, mut accepted) = (Numbers(0x9e37_79b9_7f4a_7c15), 0, 0);
    for chain in chains() {
        let Some(original) = chain.accepted(&chain.leaf, &chain.intermediates) else { continue };
        for copy in 0..COPIES {
            let (mut leaf, mut intermediates) = (chain.leaf.clone(), chain.intermediates.clone());
            let victim = copy % (intermediates.len() + 1);
            let target = if victim == 0 { &mut leaf } else { &mut intermediates[victim - 1] };
            let Ok(damaged) = Certificate::from_der(&numbers.damage(target.der())) else { continue };
            touch(&damaged);
            *target = damaged;
            read += 1;
            // Accepted is right only if all that is signed is as it was: damage to the signature's own
            // encoding, or to a certificate that the path does not need.
            if let Some(path) = chain.accepted(&leaf, &intermediates) {
                accepted += 1;
                assert_eq!(path[0], original[0], "{}: another leaf is accepted", chain.id);
                let known = |tbs: &Vec<u8>| chain.intermediates.iter().any(|c| c.tbs() == tbs.as_slice());
                assert!(path[1..].iter().all(known), "{}: another intermediate is accepted", chain.id);
            }
        }
    }
    eprintln!("{read} damaged certificates read, {accepted} paths accepted without what was damaged");
}
