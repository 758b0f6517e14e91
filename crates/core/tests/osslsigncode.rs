//! osslsigncode as Debian 12 ships it (2.9) beside us: on the PE and EFI files of the corpus, and on files
//! that it signs here, so that signatures of another maker are read.
//!
//! Where the two differ, `data/osslsigncode-differences.json` says who is right and why; a new difference
//! fails the test, and so does one that is listed and gone.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests read files, run programs and may panic"
)]

mod authenticode;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use countersign::dossier::Dossier;
use countersign::encoding::pem;
use countersign::encoding::x509::Certificate;
use countersign::evidence::{CheckId, Outcome, State};
use countersign::material::Material;
use countersign::time::Time;
use countersign::trust::TrustBundle;
use serde_json::Value;

const VERSION: &str = "osslsigncode 2.9";

/// What one of the two says about a file.
#[derive(Debug, PartialEq, Eq)]
struct Opinion {
    /// `accepts` or `refuses`.
    verdict: &'static str,
    /// Per signature that was read, whether the digest of the file matches; `None` if none was read.
    digests: Option<Vec<bool>>,
}

fn is_here() -> bool {
    let version = Command::new("osslsigncode").arg("--version").output();
    let found = version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with(VERSION));
    if !found {
        eprintln!("SKIPPED: {VERSION} is not installed");
    }
    found
}

fn work_directory(name: &str) -> PathBuf {
    let directory = std::env::temp_dir().join(format!("countersign-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

fn write_pem(path: &Path, certificates: impl Iterator<Item = Certificate>) {
    let pem = certificates.map(|certificate| {
        let text = base64::engine::general_purpose::STANDARD.encode(certificate.der());
        let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    });
    std::fs::write(path, pem.collect::<String>()).unwrap();
}

fn theirs(file: &Path, anchors: &Path, crl: Option<&Path>, at: Time) -> Opinion {
    let mut command = Command::new("osslsigncode");
    command.arg("verify").arg("-in").arg(file).arg("-CAfile").arg(anchors).arg("-TSA-CAfile").arg(anchors);
    command.args(["-time", &at.unix().to_string()]);
    match crl {
        Some(crl) => command.arg("-CRLfile").arg(crl),
        // Without this it asks the address that an untrusted certificate names, and fails where there is no network.
        None => command.arg("-ignore-crl"),
    };
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let calculated: Vec<bool> = text
        .lines()
        .filter(|line| line.starts_with("Calculated message digest"))
        .map(|line| !line.contains("MISMATCH"))
        .collect();
    Opinion {
        verdict: if output.status.success() { "accepts" } else { "refuses" },
        digests: Some(calculated).filter(|digests| !digests.is_empty()),
    }
}

fn ours(dossier: &Dossier) -> Opinion {
    let digest = |outcome| match outcome {
        Some(Outcome::Pass) => Some(true),
        Some(Outcome::Fail(_)) => Some(false),
        _ => None,
    };
    let digests = dossier.signatures.iter().filter_map(|signature| digest(signature.outcome(CheckId::Digest)));
    let digests: Vec<bool> = digests.collect();
    let any_valid = dossier.signatures.iter().any(|signature| signature.state() == State::Valid);
    let accepts = any_valid && authenticode::signed(dossier) == "yes";
    Opinion {
        verdict: if accepts { "accepts" } else { "refuses" },
        digests: Some(digests).filter(|digests| !digests.is_empty()),
    }
}

fn listed() -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/osslsigncode-differences.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn arguments<'a>(case: &'a Value, option: &str) -> Vec<&'a str> {
    let args: Vec<&str> = case["args"].as_array().into_iter().flatten().map(|arg| arg.as_str().unwrap()).collect();
    args.chunks(2).filter(|pair| pair[0] == option).map(|pair| pair[1]).collect()
}

#[test]
fn every_difference_on_the_corpus_is_listed() {
    let Some(family) = authenticode::family().filter(|_| is_here()) else { return };
    let directory = work_directory("corpus");
    let place = |path: &str| PathBuf::from(path.replace("{dir}", family.to_str().unwrap()));
    let mut found = BTreeMap::new();
    for case in authenticode::cases(&family) {
        let anchors = directory.join("anchors.pem");
        let given = arguments(&case, "--anchor")
            .into_iter()
            .flat_map(|path| pem::certificates(&std::fs::read(place(path)).unwrap()).unwrap());
        write_pem(&anchors, TrustBundle::built_in().anchors().map(|anchor| anchor.certificate).chain(given));
        let crl = arguments(&case, "--crl").first().map(|path| place(path));
        let file = family.join(case["artifact"].as_str().unwrap());
        let at = case["at"].as_str().unwrap().parse().unwrap();
        let (ours, theirs) =
            (ours(&authenticode::dossier(&family, &case)), theirs(&file, &anchors, crl.as_deref(), at));
        if ours != theirs {
            found.insert(case["id"].as_str().unwrap().to_owned(), format!("ours {ours:?}, theirs {theirs:?}"));
        }
    }
    std::fs::remove_dir_all(directory).unwrap();
    let listed = listed();
    let new: Vec<_> = found.iter().filter(|(id, _)| !listed.contains_key(*id)).collect();
    let gone: Vec<_> = listed.keys().filter(|id| !found.contains_key(*id)).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:#?}\ngone: {gone:#?}");
    for (id, difference) in listed {
        let right = difference["right"].as_str().unwrap();
        assert!(["ours", "theirs", "open"].contains(&right) && difference["reason"].is_string(), "{id}");
    }
}

/// A key, a self-signed certificate for code signing, and how osslsigncode signs with it.
struct Variant {
    name: &'static str,
    key: &'static [&'static str],
    sign: &'static [&'static str],
}

const RSA: &[&str] = &["rsa:2048"];
const VARIANTS: &[Variant] = &[
    Variant { name: "rsa-sha256", key: RSA, sign: &["-h", "sha256"] },
    Variant { name: "rsa-sha384-pages", key: RSA, sign: &["-h", "sha384", "-ph"] },
    Variant { name: "rsa-sha256-pages", key: RSA, sign: &["-h", "sha256", "-ph"] },
    Variant { name: "rsa-sha512-blob", key: RSA, sign: &["-h", "sha512", "-addUnauthenticatedBlob"] },
    Variant { name: "rsa-described", key: RSA, sign: &["-n", "Tool", "-i", "https://example.test/", "-jp", "low"] },
    Variant { name: "p256", key: &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"], sign: &["-h", "sha256"] },
    Variant { name: "p384", key: &["ec", "-pkeyopt", "ec_paramgen_curve:P-384"], sign: &["-h", "sha384"] },
    Variant { name: "p521", key: &["ec", "-pkeyopt", "ec_paramgen_curve:P-521"], sign: &["-h", "sha512"] },
];

fn run(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn sign(directory: &Path, variant: &Variant, input: &Path) -> (PathBuf, PathBuf) {
    let path = |ending: &str| directory.join(format!("{}.{ending}", variant.name));
    let (key, certificate, signed) = (path("key"), path("pem"), path("exe"));
    let (key_text, certificate_text) = (key.to_str().unwrap(), certificate.to_str().unwrap());
    let subject = format!("/CN={}", variant.name);
    let usage = ["-addext", "extendedKeyUsage=codeSigning", "-addext", "keyUsage=digitalSignature"];
    let mut request = vec!["req", "-x509", "-nodes", "-days", "3650", "-subj", &subject, "-newkey"];
    request.extend(variant.key);
    request.extend(usage);
    request.extend(["-keyout", key_text, "-out", certificate_text]);
    run("openssl", &request);
    let mut arguments = vec!["sign", "-certs", certificate_text, "-key", key_text];
    arguments.extend(variant.sign);
    arguments.extend(["-in", input.to_str().unwrap(), "-out", signed.to_str().unwrap()]);
    run("osslsigncode", &arguments);
    (signed, certificate)
}

#[test]
fn what_it_signs_is_read_and_what_is_changed_is_refused_by_both() {
    let Some(family) = authenticode::family().filter(|_| is_here()) else { return };
    let directory = work_directory("signed");
    let unsigned = family.join("pe/pegoat32_unsigned.exe");
    // The certificates are made now, whatever the clock says: judged a day after they begin.
    for variant in VARIANTS {
        let (signed, certificate) = sign(&directory, variant, &unsigned);
        let accepted = pem::certificates(&std::fs::read(&certificate).unwrap()).unwrap().remove(0);
        let at = accepted.not_before().plus(86_400);
        let anchors = TrustBundle::default().with_anchor(accepted, "test");
        let material = Material { anchors, ..Material::default() };
        let mut bytes = std::fs::read(&signed).unwrap();
        let whole = authenticode::look(&bytes, &material, at);
        let opinion = Opinion { verdict: "accepts", digests: Some(vec![true]) };
        assert_eq!(ours(&whole), opinion, "{}: {}", variant.name, authenticode::describe(&whole));
        assert_eq!(theirs(&signed, &certificate, None, at), opinion, "{}", variant.name);
        if variant.sign.contains(&"-ph") {
            assert!(whole.signatures[0].passes(CheckId::PageHashes), "{}", authenticode::describe(&whole));
        }
        bytes[2000] ^= 1;
        std::fs::write(&signed, &bytes).unwrap();
        let opinion = Opinion { verdict: "refuses", digests: Some(vec![false]) };
        assert_eq!(ours(&authenticode::look(&bytes, &material, at)), opinion, "{}", variant.name);
        assert_eq!(theirs(&signed, &certificate, None, at), opinion, "{}", variant.name);
    }
    std::fs::remove_dir_all(directory).unwrap();
}
