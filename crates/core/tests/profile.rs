//! The certificate profile (CA/Browser Forum code-signing requirements) over real certificates: the signed files of
//! the corpus, and 2,072 certificates of public CAs that signed malware.
//!
//! Every breach that is found is listed here with its explanation; a new one fails the test. The page
//! `docs/certificate-profile.md` is the table of the rules: `UPDATE=1 cargo test -p countersign --test profile`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests read files and may panic"
)]

mod authenticode;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;

use authenticode::{cases, dossier, family};
use countersign::encoding::x509::Certificate;
use countersign::finding::FindingId;
use countersign::identity::{Assurance, KeyProtection};
use countersign::pki::profile::{self, AppliesTo, LeafRole};

const BREACHES: [FindingId; 3] = [FindingId::ProfileBreachHigh, FindingId::ProfileBreach, FindingId::ProfileBreachLow];

#[test]
fn the_breaches_of_the_corpus_are_those_explained() {
    let Some(family) = family() else { return };
    let (mut judged, mut found) = (0, BTreeMap::<String, BTreeSet<String>>::new());
    for case in cases(&family) {
        let dossier = dossier(&family, &case);
        judged += dossier.signatures.len();
        for finding in dossier.findings.iter().filter(|finding| BREACHES.contains(&finding.id)) {
            let rule = finding.message.split_once(':').map(|(rule, _)| rule.to_owned()).unwrap();
            found.entry(case["id"].as_str().unwrap().to_owned()).or_default().insert(rule);
        }
    }
    eprintln!("{judged} signatures judged; breaches: {found:?}");
    let found: Vec<(&str, Vec<&str>)> =
        found.iter().map(|(id, rules)| (id.as_str(), rules.iter().map(String::as_str).collect())).collect();
    // A real breach: Taiwan's MOEACA, under a root that Microsoft lists, certifies for five years and names no usage.
    let moeaca = ["6.3.2 validity-max", "7.1.2.3 e key-usage", "7.1.2.3 f eku-code-signing"];
    assert_eq!(found, [("pe-tw_moeaca_noeku.exe", moeaca.to_vec())]);
}

#[test]
fn hardware_is_required_by_rule_and_never_called_attested() {
    let Some(family) = family() else { return };
    let mut classes: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases(&family) {
        for signature in dossier(&family, &case).signatures {
            let held = &signature.key_protection;
            *classes.entry(held.word()).or_default() += 1;
            let Some((issued, _)) = signature.signer.validity else { continue };
            let extended = signature.assurance == Assurance::ExtendedValidation;
            let required = extended || issued >= "2023-06-01T00:00:00Z".parse().unwrap();
            assert!(required || *held == KeyProtection::Unknown, "{}: {held:?}", case["id"]);
            if let KeyProtection::RequiredByRule { .. } = held {
                assert!(held.detail().ends_with("the CA was required to check; no evidence about this key"));
            }
        }
    }
    eprintln!("how the keys of the corpus are held: {classes:?}");
    assert_eq!(classes.keys().copied().collect::<Vec<_>>(), ["required-by-rule", "unknown"]);
}

fn abused() -> Option<Vec<Certificate>> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/abused-certificates/certs.zip");
    let Ok(file) = std::fs::File::open(&path) else {
        eprintln!("SKIPPED: no abused certificates at {}", path.display());
        return None;
    };
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut found = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        if entry.is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            found.push(Certificate::from_der(&bytes).unwrap());
        }
    }
    Some(found)
}

#[test]
fn the_breaches_of_abused_certificates_are_counted() {
    let Some(certificates) = abused() else { return };
    let mut per_rule: BTreeMap<String, usize> = BTreeMap::new();
    for breach in
        certificates.iter().flat_map(|certificate| profile::of_certificate(certificate, LeafRole::CodeSigning))
    {
        *per_rule.entry(format!("{} {}", breach.rule.section, breach.rule.id)).or_default() += 1;
    }
    let beginning = "2017-02-01T00:00:00Z".parse().unwrap();
    let bound = certificates.iter().filter(|certificate| certificate.not_before() >= beginning).count();
    eprintln!("{} certificates, {bound} issued since the requirements; breaches: {per_rule:?}", certificates.len());
    assert_eq!((certificates.len(), bound), (2072, 1273));
    // Real breaches: three of Sectigo, issued in 2019 for five years. Who abuses certificates buys regular ones.
    assert_eq!(per_rule, BTreeMap::from([("6.3.2 validity-max".to_owned(), 3)]));
}

#[test]
fn the_page_lists_every_rule() {
    let mut page = "# The certificate profile

Rules of the CA/Browser Forum's *Baseline Requirements for the Issuance and Management of Publicly-Trusted Code
Signing Certificates* v3.10 that a certificate or a timestamp itself shows. They are applied to leaves whose path ends
at an anchor of a public root programme, by the day of issue (`notBefore`); a private CA promised nothing, and a
platform vendor promised nothing for its own products. A breach is a finding (`profile-breach-high`, `profile-breach`,
`profile-breach-low`, by severity); it never changes the state of a signature. The table is
generated from `pki/profile`.

| Section | Rule | Leaf | Issued | Demands | Severity |
|---|---|---|---|---|---|
"
    .to_owned();
    for rule in profile::rules() {
        let leaf = match rule.applies_to {
            AppliesTo::CodeSigning => "code",
            AppliesTo::TimeStamping => "time",
            AppliesTo::Leaf => "both",
        };
        let until = rule.until.map_or_else(|| "from".to_owned(), |until| format!("to {until}, from"));
        let (section, id, demands) = (rule.section, rule.id, rule.demands);
        page += &format!(
            "| {section} | `{id}` | {leaf} | {until} {} | {demands} | {} |\n",
            rule.from,
            rule.severity.word()
        );
    }
    page += "
Not in the table: what only an audit sees (validation, key storage, removal of old keys, logging), what the
requirements merely recommend, lists and responses about revocation (see the checks of revocation), and lifetime
signing (7.2), which is decided with the validity. How the key is held (6.2.7.4) is `key_protection` of a signature.
";
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/certificate-profile.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), page, "UPDATE=1 writes {}", path.display());
}
