//! NIST PKITS (the 2048-bit re-issue): path validation with the settings of each test, and revocation.
//!
//! Every disagreement is listed with its reason in `data/pkits-exceptions.json`; a new one fails the test, and
//! so does one that has healed.

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
use std::path::{Path as FilePath, PathBuf};

use countersign::encoding::x509::Certificate;
use countersign::pki::anchor::{Anchor, Purpose};
use countersign::pki::crl::Crl;
use countersign::pki::path::{Path, PathQuery, PathReport, build_path};
use countersign::pki::policies::PolicyInputs;
use countersign::pki::revocation::{Instant, RevocationInfo, Status, of_certificate};
use countersign::time::Time;
use serde::Deserialize;

/// Inside the validity of the re-issued suite (2010 to 2030).
const AT: &str = "2025-06-01T00:00:00Z";

#[derive(Deserialize)]
struct Expectations {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    section: String,
    alt: Option<String>,
    target: String,
    intermediates: Vec<String>,
    settings: String,
    expected: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Exception {
    expected: String,
    actual: String,
    reason: String,
}

struct Suite {
    folder: PathBuf,
    anchors: Vec<Anchor>,
}

impl Suite {
    fn open() -> Option<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/pki/pkits");
        if !folder.is_dir() {
            eprintln!("SKIPPED: no PKITS at {}", folder.display());
            return None;
        }
        let mut suite = Self { folder, anchors: Vec::new() };
        let root = suite.certificate("TrustAnchorRootCertificate.crt").expect("the anchor");
        suite.anchors.push(Anchor::unlimited(root, "PKITS"));
        Some(suite)
    }

    fn data(&self, kind: &str) -> PathBuf {
        self.folder.join("PKITS_data_2048").join(kind)
    }

    fn certificate(&self, name: &str) -> Option<Certificate> {
        let der = std::fs::read(self.data("certs").join(name)).ok()?;
        Certificate::from_der(&der).ok()
    }

    /// The expectations name a CA without the end of its file's name.
    fn authority(&self, name: &str) -> Option<Certificate> {
        ["CACert.crt", "Cert.crt"].iter().find_map(|end| self.certificate(&format!("{name}{end}")))
    }

    fn report(&self, leaf: &Certificate, intermediates: &[Certificate], policies: PolicyInputs) -> PathReport {
        let at = AT.parse().unwrap();
        build_path(&PathQuery { policies, ..PathQuery::new(leaf, intermediates, &self.anchors, Purpose::Any, at) })
    }

    /// Every certificate that is no end entity's.
    fn authorities(&self) -> Vec<Certificate> {
        let files = self.all("certs");
        let authorities = files.iter().filter(|(name, _)| !name.ends_with("EE.crt"));
        authorities.filter_map(|(_, der)| Certificate::from_der(der).ok()).collect()
    }

    fn lists(&self) -> RevocationInfo {
        let lists = self.all("crls");
        RevocationInfo::of_lists(&lists.values().filter_map(|der| Crl::from_der(der).ok()).collect::<Vec<_>>())
    }

    /// Every file of a kind, by name.
    fn all(&self, kind: &str) -> BTreeMap<String, Vec<u8>> {
        let mut names: Vec<PathBuf> =
            std::fs::read_dir(self.data(kind)).unwrap().map(|entry| entry.unwrap().path()).collect();
        names.sort();
        names.iter().map(|path| (file_name(path), std::fs::read(path).unwrap())).collect()
    }
}

fn file_name(path: &FilePath) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// `NIST-test-policy-N` (2.16.840.1.101.3.2.1.48.N), as content octets.
fn test_policy(number: u8) -> Vec<u8> {
    vec![0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x02, 0x01, 0x30, number]
}

/// The settings; their policy sets are those of the suite's trust anchors in `5914_tas`.
fn settings(name: &str) -> PolicyInputs {
    let of = |policies: &[u8]| Some(policies.iter().map(|number| test_policy(*number)).collect::<BTreeSet<_>>());
    let plain = PolicyInputs::default();
    match name {
        "G_SETTINGS1" => PolicyInputs { require_explicit: true, ..plain },
        "G_SETTINGS2" => PolicyInputs { require_explicit: true, acceptable: of(&[1]), ..plain },
        "G_SETTINGS3" => PolicyInputs { require_explicit: true, acceptable: of(&[2]), ..plain },
        "G_SETTINGS4" => PolicyInputs { require_explicit: true, acceptable: of(&[1, 2]), ..plain },
        "G_SETTINGS5" => PolicyInputs { acceptable: of(&[1]), ..plain },
        "G_SETTINGS6" => PolicyInputs { acceptable: of(&[2]), ..plain },
        "G_SETTINGS7" => PolicyInputs { acceptable: of(&[3]), ..plain },
        "G_SETTINGS8" => PolicyInputs { inhibit_mapping: true, ..plain },
        "G_SETTINGS9" => PolicyInputs { acceptable: of(&[6]), ..plain },
        "G_SETTINGS10" => PolicyInputs { inhibit_any: true, ..plain },
        _ => plain,
    }
}

fn word(accepted: bool) -> &'static str {
    if accepted { "valid" } else { "invalid" }
}

/// Compares disagreements with those that are listed, in both directions.
fn compare(part: &str, found: &BTreeMap<String, (String, String, String)>) {
    let all: BTreeMap<String, BTreeMap<String, Exception>> =
        serde_json::from_str(include_str!("data/pkits-exceptions.json")).unwrap();
    let listed = &all[part];
    let fits = |id: &String, expected: &String, actual: &String| {
        listed.get(id).is_some_and(|e| e.expected == *expected && e.actual == *actual && !e.reason.is_empty())
    };
    let unlisted: Vec<String> = found
        .iter()
        .filter(|(id, (expected, actual, _))| !fits(id, expected, actual))
        .map(|(id, (expected, actual, why))| format!("{id}: expected {expected}, is {actual}: {why}"))
        .collect();
    let healed: Vec<&String> = listed.keys().filter(|id| !found.contains_key(*id)).collect();
    assert!(unlisted.is_empty(), "not listed:\n{}", unlisted.join("\n"));
    assert!(healed.is_empty(), "healed, take them off the list: {healed:?}");
}

#[test]
fn path_validation_agrees_with_pkits() {
    let Some(suite) = Suite::open() else { return };
    let text = std::fs::read(suite.folder.join("pkits_expectations.json")).unwrap();
    let cases = serde_json::from_slice::<Expectations>(&text).unwrap().cases;
    let (authorities, lists) = (suite.authorities(), suite.lists());
    let at: Time = AT.parse().unwrap();
    let signers = signers(&suite, &authorities, &lists, at);
    let mut found = BTreeMap::new();
    for case in &cases {
        let leaf = suite.certificate(&case.target).unwrap_or_else(|| panic!("{} is readable", case.target));
        let intermediates: Vec<Certificate> =
            case.intermediates.iter().filter_map(|name| suite.authority(name)).collect();
        let report = suite.report(&leaf, &intermediates, settings(&case.settings));
        // The suite has every path checked with its lists; two tests are about CAs that may not sign any.
        let accepted = report.accepted().is_some_and(|path| all_good(path, &signers, &lists, at).is_ok());
        let actual = word(accepted);
        if actual != case.expected {
            let id = format!("{} {} {}", case.alt.as_ref().unwrap_or(&case.section), case.target, case.settings);
            found.insert(id, (case.expected.clone(), actual.to_owned(), format!("{:?}", report.faults())));
        }
    }
    eprintln!("PKITS paths: {} of {} agree", cases.len() - found.len(), cases.len());
    assert_eq!(cases.len(), 167);
    compare("paths", &found);
}

/// Every end entity whose name says what it should be, with all certificates and all lists of the suite at
/// hand at once: the right ones must be found among them.
#[test]
fn revocation_agrees_with_pkits() {
    let Some(suite) = Suite::open() else { return };
    let at: Time = AT.parse().unwrap();
    let files = suite.all("certs");
    let leaves = files.iter().filter(|(name, _)| name.ends_with("EE.crt"));
    let (authorities, lists) = (suite.authorities(), suite.lists());
    let signers = signers(&suite, &authorities, &lists, at);
    let mut found = BTreeMap::new();
    let mut judged = 0;
    for (name, der) in leaves {
        let expected = match name.as_str() {
            name if name.starts_with("Valid") => "valid",
            name if name.starts_with("Invalid") => "invalid",
            _ => continue,
        };
        judged += 1;
        let verdict = Certificate::from_der(der).map_err(|error| error.to_string()).and_then(|leaf| {
            let report = suite.report(&leaf, &authorities, PolicyInputs::default());
            let path = report.accepted().ok_or_else(|| format!("{:?}", report.faults()))?;
            all_good(path, &signers, &lists, at)
        });
        let actual = word(verdict.is_ok());
        if actual != expected {
            found.insert(name.clone(), (expected.to_owned(), actual.to_owned(), format!("{verdict:?}")));
        }
    }
    eprintln!("PKITS with revocation: {} of {judged} agree", judged - found.len());
    assert!(judged > 150, "{judged}");
    compare("revocation", &found);
}

/// The CAs whose lists count: those with an accepted path on which nothing is revoked.
fn signers<'a>(
    suite: &Suite,
    authorities: &'a [Certificate],
    lists: &RevocationInfo,
    at: Time,
) -> Vec<&'a Certificate> {
    let accepted = |authority: &Certificate| suite.report(authority, authorities, PolicyInputs::default());
    let valid: Vec<&Certificate> = authorities.iter().filter(|a| accepted(a).accepted().is_some()).collect();
    let anchor = &suite.anchors[0].certificate;
    let is_revoked = |authority: &&Certificate| {
        let found = of_certificate(authority, &[anchor], lists, Instant::Now(at));
        matches!(found.status, Status::Revoked(_))
    };
    valid.into_iter().filter(|authority| !is_revoked(authority)).collect()
}

fn all_good(path: &Path, signers: &[&Certificate], lists: &RevocationInfo, at: Time) -> Result<(), String> {
    for certificate in &path.certificates {
        let known = of_certificate(certificate, signers, lists, Instant::Now(at));
        match known.status {
            Status::Good { .. } => {}
            _ => return Err(format!("{}: {}", certificate.subject(), known.words())),
        }
    }
    Ok(())
}
