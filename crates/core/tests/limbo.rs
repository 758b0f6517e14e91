//! C2SP/x509-limbo: 9,780 chains with the answer that a strict validator should give.
//!
//! Path building and validation are ours; the rest of what a TLS client does (host names, weak keys) is
//! added here as far as the suite's answers depend on it. Every disagreement is listed with its reason in
//! `data/limbo-exceptions.json`; a new one fails the test, and so does one that has healed.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use countersign::crypto::{KeyKind, PublicKey};
use countersign::encoding::pem;
use countersign::encoding::x509::{Certificate, GeneralName};
use countersign::pki::anchor::{Anchor, Purpose};
use countersign::pki::crl;
use countersign::pki::path::{Path, PathLimits, PathQuery, build_path};
use countersign::pki::revocation::{Instant, PathStatus, RevocationInfo, Status};
use countersign::time::Time;
use serde::{Deserialize, Serialize};

/// For the cases that name no instant: the suite was generated on 2026-11-22, for the days after.
const NOW: &str = "2026-11-23T00:00:00Z";

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
    expected_peer_name: Option<PeerName>,
    max_chain_depth: Option<usize>,
    #[serde(default)]
    crls: Vec<String>,
}

#[derive(Deserialize)]
struct PeerName {
    kind: String,
    value: String,
}

/// One accepted disagreement, in the manner of webpki's `exceptions.json`.
#[derive(Clone, Debug, Deserialize, Serialize, PartialEq, Eq)]
struct Exception {
    expected: String,
    actual: String,
    reason: String,
}

fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/pki/x509-limbo");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("SKIPPED: no x509-limbo at {}", folder.display());
    None
}

fn cases(folder: &std::path::Path) -> Vec<Case> {
    let packed = std::fs::read(folder.join("limbo.json.xz")).unwrap();
    let reader = lzma_rust2::XzReader::new(packed.as_slice(), false);
    serde_json::from_reader::<_, Limbo>(std::io::BufReader::new(reader)).unwrap().testcases
}

fn certificate(text: &str) -> Result<Certificate, String> {
    let found = pem::certificates(text.as_bytes()).map_err(|error| error.to_string())?;
    found.into_iter().next().ok_or_else(|| "empty".to_owned())
}

/// `Ok` if accepted, else why not.
fn judge(case: &Case) -> Result<(), String> {
    let leaf = certificate(&case.peer_certificate)?;
    let anchors: Vec<Anchor> = case
        .trusted_certs
        .iter()
        .map(|text| certificate(text).map(|certificate| Anchor::unlimited(certificate, "limbo")))
        .collect::<Result<_, _>>()?;
    // What cannot be read cannot stand in a path.
    let intermediates: Vec<Certificate> =
        case.untrusted_intermediates.iter().filter_map(|text| certificate(text).ok()).collect();
    let purpose = if case.validation_kind == "SERVER" { Purpose::ServerAuth } else { Purpose::ClientAuth };
    let at: Time = case.validation_time.as_deref().unwrap_or(NOW).parse().unwrap();
    let mut query = PathQuery::new(&leaf, &intermediates, &anchors, purpose, at);
    if let Some(depth) = case.max_chain_depth {
        query.limits = PathLimits { intermediates: depth, ..query.limits };
    }
    let report = build_path(&query);
    let path = report.accepted().ok_or_else(|| format!("{:?}", report.faults()))?;
    not_revoked(case, path, at)?;
    strong(path)?;
    case.expected_peer_name.as_ref().map_or(Ok(()), |name| names(&leaf, name))
}

/// Where lists are given, the leaf must be on none and covered by one.
fn not_revoked(case: &Case, path: &Path, at: Time) -> Result<(), String> {
    if case.crls.is_empty() {
        return Ok(());
    }
    let lists: Vec<crl::Crl> =
        case.crls.iter().flat_map(|text| crl::read_all(text.as_bytes()).unwrap_or_default()).collect();
    let found = PathStatus::of(path, &RevocationInfo::of_lists(&lists), Instant::Now(at));
    match found.leaf().map(|known| &known.status) {
        Some(Status::Good { .. }) => Ok(()),
        other => Err(format!("{other:?}")),
    }
}

/// TLS refuses what path validation only reports.
fn strong(path: &Path) -> Result<(), String> {
    let keys = path.certificates.iter().chain([&path.anchor.certificate]).map(Certificate::public_key);
    for key in keys {
        let key: PublicKey = key.map_err(|error| error.to_string())?;
        match key.kind() {
            KeyKind::Rsa { bits } if bits < 2048 || bits % 8 != 0 => return Err(format!("RSA of {bits} bits")),
            KeyKind::Dsa => return Err("DSA".to_owned()),
            _ => {}
        }
    }
    if path.weaknesses.is_empty() { Ok(()) } else { Err(format!("{:?}", path.weaknesses)) }
}

/// RFC 6125 §6.4, without public suffixes.
fn names(leaf: &Certificate, expected: &PeerName) -> Result<(), String> {
    let names = leaf.subject_alternative_names().map_err(|error| error.to_string())?;
    let matches = |name: &GeneralName| match (expected.kind.as_str(), name) {
        ("DNS", GeneralName::Dns(pattern)) => host_matches(pattern, &expected.value),
        ("IP", GeneralName::Ip(_)) => name.to_string() == expected.value,
        ("RFC822", GeneralName::Email(address)) => *address == expected.value,
        _ => false,
    };
    if names.iter().any(matches) { Ok(()) } else { Err(format!("{} is not among {names:?}", expected.value)) }
}

fn host_matches(pattern: &str, host: &str) -> bool {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    match pattern.strip_prefix("*.") {
        Some(rest) => {
            let parent = host.split_once('.').map(|(_, parent)| parent);
            plain(rest) && rest.contains('.') && parent.is_some_and(|parent| parent.eq_ignore_ascii_case(rest))
        }
        None => plain(pattern) && pattern.eq_ignore_ascii_case(host),
    }
}

#[test]
fn every_disagreement_with_limbo_is_listed_with_its_reason() {
    let Some(folder) = corpus() else { return };
    let relevant = std::fs::read(folder.join("codesigning-relevant-ids.json")).unwrap();
    let relevant: BTreeSet<String> = serde_json::from_slice(&relevant).unwrap();
    let listed: BTreeMap<String, Exception> = serde_json::from_str(include_str!("data/limbo-exceptions.json")).unwrap();
    let cases = cases(&folder);
    let (mut unlisted, mut found) = (Vec::new(), BTreeSet::new());
    let mut false_rejects = Vec::new();
    for case in &cases {
        let verdict = judge(case);
        let actual = if verdict.is_ok() { "SUCCESS" } else { "FAILURE" };
        if actual == case.expected_result {
            continue;
        }
        found.insert(case.id.clone());
        if actual == "FAILURE" && relevant.contains(&case.id) {
            false_rejects.push(case.id.clone());
        }
        let fits = |e: &Exception| e.expected == case.expected_result && e.actual == actual && !e.reason.is_empty();
        if !listed.get(&case.id).is_some_and(fits) {
            unlisted.push(format!("{}: expected {}, {verdict:?}", case.id, case.expected_result));
        }
    }
    let healed: Vec<&String> = listed.keys().filter(|id| !found.contains(*id)).collect();
    let of_relevant = found.iter().filter(|id| relevant.contains(*id)).count();
    eprintln!(
        "x509-limbo: {} of {} agree; of the {} that matter for code signing {} agree",
        cases.len() - found.len(),
        cases.len(),
        relevant.len(),
        relevant.len() - of_relevant
    );
    assert_eq!(cases.len(), 9780);
    assert!(unlisted.is_empty(), "not listed:\n{}", unlisted.join("\n"));
    assert!(healed.is_empty(), "healed, take them off the list: {healed:?}");
    assert!(false_rejects.is_empty(), "rejected, though they matter for code signing: {false_rejects:?}");
    assert!(found.len() * 10_000 <= cases.len() * 52, "agreement below 99.48 %");
}
