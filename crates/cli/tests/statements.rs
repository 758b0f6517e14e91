//! Statements of a verifier (`vsa`, `svr`): what is written is read back, by ourselves and by others.

#![allow(missing_docs)]

mod program;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign::crypto::{Digest, DigestAlgorithm, SigningKey};
use countersign::encoding::{base64, hex};
use program::{Ran, run, run_in};
use serde_json::{Value, json};

const VERIFIER: &str = "https://verify.example.com/gate";
const RESOURCE: &str = "pkg:pypi/pypi-attestations@0.0.19";
const SAMPLE: &str = "samples/pypi_attestations-0.0.19.tar.gz";
const REPOSITORY: &str = "https://github.com/trailofbits/pypi-attestations";

/// Keys that anybody has: of RFC 8032 §7.1 and RFC 6979 §A.2.5, as PKCS #8.
const KEYS: [(&str, &str); 2] = [
    ("ed25519", "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    (
        "p256",
        "3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420\
         c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
    ),
];

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64::encode(der))
}

/// A folder with both keys, secret and public.
fn keys() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, secret) in KEYS {
        let der = hex::decode(&secret.replace(' ', "")).unwrap();
        let public = SigningKey::from_pkcs8(&der).unwrap().public_key().spki().to_vec();
        fs::write(folder.path().join(format!("{name}.pem")), pem("PRIVATE KEY", &der)).unwrap();
        fs::write(folder.path().join(format!("{name}.pub")), pem("PUBLIC KEY", &public)).unwrap();
    }
    folder
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The sample judged with everything expected that admits it, and with more options.
fn admitted(more: &[&str]) -> Ran {
    let signer = format!("{REPOSITORY}/.github/workflows/release.yml@*");
    let builder = format!("{REPOSITORY}/.github/workflows/release.yml");
    let issuer = "https://token.actions.githubusercontent.com";
    let expected = ["--signer", &signer, "--issuer", issuer, "--source", REPOSITORY, "--builder", &builder];
    judged(SAMPLE, &[&expected, more].concat())
}

fn judged(artifact: &str, more: &[&str]) -> Ran {
    run_in(&root(), &[&["verify", artifact, "--at", "2026-11-23T00:00:00Z"], more].concat())
}

fn vsa<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["--format", "vsa", "--as-verifier", VERIFIER, "--as-resource", RESOURCE], more].concat()
}

fn svr<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["--format", "svr", "--as-verifier", VERIFIER], more].concat()
}

#[test]
fn a_summary_says_what_the_verdict_says() {
    let ran = admitted(&vsa(&[])).expect(0).says(&["is not signed"]);
    let statement = ran.json();
    let predicate = &statement["predicate"];
    assert_eq!(statement["predicateType"], "https://slsa.dev/verification_summary/v1");
    assert_eq!(statement["subject"][0]["name"], "pypi_attestations-0.0.19.tar.gz");
    let sha256 = Digest::of(DigestAlgorithm::Sha256, &fs::read(root().join(SAMPLE)).unwrap()).hex();
    assert_eq!(statement["subject"][0]["digest"], json!({ "sha256": sha256 }));
    assert_eq!((&predicate["verifier"]["id"], &predicate["resourceUri"]), (&json!(VERIFIER), &json!(RESOURCE)));
    assert_eq!((&predicate["verificationResult"], &predicate["slsaVersion"]), (&json!("PASSED"), &json!("1.2")));
    assert_eq!(predicate["timeVerified"], "2026-11-23T00:00:00Z");
    let names = ["publish", "slsa"].map(|which| format!("pypi_attestations-0.0.19.tar.gz.{which}.attestation"));
    let file = |name: &String| {
        let sha256 = Digest::of(DigestAlgorithm::Sha256, &fs::read(root().join("samples").join(name)).unwrap()).hex();
        json!({ "name": name, "digest": { "sha256": sha256 } })
    };
    assert_eq!(predicate["inputAttestations"], json!(names.iter().map(file).collect::<Vec<_>>()));
    let answers = &predicate["https://github.com/countersign/countersign/answers/v1"];
    for question in ["signed", "signer", "path"] {
        assert_eq!(answers[question], "yes");
    }
    let verdict = admitted(&["--format", "json"]).json();
    // The workflow is the project's own: its steps are not out of reach of its author (docs/policy.md, "Builders").
    assert_eq!(verdict["levels"]["build"]["level"], 2);
    let levels = predicate["verifiedLevels"].as_array().unwrap();
    assert!(levels.contains(&json!("SLSA_BUILD_LEVEL_2")) && levels.contains(&json!("SLSA_SOURCE_LEVEL_UNEVALUATED")));
    let tracks = levels.iter().filter(|level| level.as_str().unwrap().starts_with("SLSA_"));
    assert_eq!(tracks.count(), 2, "one level per track: {levels:?}");
    assert_eq!(predicate["policy"]["digest"]["sha256"], verdict["policy"]["sha256"]);
    assert_eq!(predicate["policy"]["annotations"]["environment"], "production");
}

#[test]
fn what_is_refused_has_neither_level_nor_property() {
    let refused = judged(SAMPLE, &vsa(&["--source", "https://example.com/other"])).expect(1).json();
    assert_eq!(refused["predicate"]["verificationResult"], "FAILED");
    assert_eq!(refused["predicate"]["verifiedLevels"], json!(["FAILED"]));
    let lacking = judged(SAMPLE, &vsa(&[])).expect(3).json();
    assert_eq!(lacking["predicate"]["verificationResult"], "FAILED");
    let result = judged(SAMPLE, &svr(&[])).expect(3).json();
    assert_eq!(result["predicate"]["properties"], json!([]));
}

#[test]
fn evidence_about_another_artifact_is_not_among_the_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let artifact = folder.path().join("other.bin");
    fs::write(&artifact, "another").unwrap();
    let evidence = format!("{SAMPLE}.slsa.attestation");
    let ran = judged(artifact.to_str().unwrap(), &vsa(&["--evidence", &evidence])).expect(1);
    assert_eq!(ran.json()["predicate"]["inputAttestations"], json!([]));
}

/// What was written, in a file.
fn written(folder: &Path, name: &str, options: &[&str]) -> String {
    let key = folder.join(format!("{name}.pem"));
    let ran = admitted(&[options, &["--sign-key", key.to_str().unwrap()]].concat()).expect(0);
    assert!(!ran.stderr.contains("is not signed"), "{}", ran.stderr);
    let file = folder.join("out.intoto.jsonl");
    fs::write(&file, &ran.stdout).unwrap();
    file.to_str().unwrap().to_owned()
}

/// The sample, judged by nothing but the statement.
fn by_statement(evidence: &str, key: &Path, expected: &[&str]) -> Ran {
    let key = key.to_str().unwrap();
    let given = ["--no-discover", "--format", "json", "--evidence", evidence, "--key", key, "--vsa-verifier"];
    judged(SAMPLE, &[&given, expected].concat())
}

fn summary_answer(ran: &Ran) -> (String, String) {
    let verdict = ran.json();
    let requirements = verdict["questions"]["path"]["requirements"].as_array().unwrap();
    let summary = requirements.iter().find(|required| required["id"] == "summary").unwrap();
    let text = |name: &str| summary[name].as_str().unwrap().to_owned();
    (text("answer"), text("reason"))
}

#[test]
fn what_is_written_is_read_back() {
    let folder = keys();
    for (name, _) in KEYS {
        let key = folder.path().join(format!("{name}.pub"));
        let summary = written(folder.path(), name, &vsa(&[]));
        let answer = |evidence: &str, expected: &[&str]| summary_answer(&by_statement(evidence, &key, expected));
        let yes = ("yes".to_owned(), "summary-matches".to_owned());
        assert_eq!(answer(&summary, &[VERIFIER, "--vsa-resource", RESOURCE]), yes, "{name}");
        let with = |level| [VERIFIER, "--vsa-resource", RESOURCE, "--vsa-level", level];
        assert_eq!(answer(&summary, &with("COUNTERSIGN_SIGNER_TRUSTED")), yes, "{name}");
        assert_eq!(answer(&summary, &with("COUNTERSIGN_OTHER")).0, "no", "{name}");
        assert_eq!(answer(&summary, &with("SLSA_SOURCE_LEVEL_1")).0, "not-established", "{name}");
        assert_eq!(answer(&summary, &with("SLSA_BUILD_LEVEL_2")), yes, "{name}");
        assert_eq!(answer(&summary, &with("SLSA_BUILD_LEVEL_3")).0, "no", "{name}");
        assert_eq!(answer(&summary, &["https://other.example", "--vsa-resource", RESOURCE]).0, "no", "{name}");
        assert_eq!(answer(&summary, &[VERIFIER, "--vsa-resource", "pkg:pypi/other"]).0, "no", "{name}");
        let result = written(folder.path(), name, &svr(&[]));
        assert_eq!(answer(&result, &[VERIFIER, "--vsa-level", "COUNTERSIGN_ADMITTED"]), yes, "{name}");
        let named = answer(&result, &[VERIFIER, "--vsa-resource", RESOURCE, "--vsa-level", "COUNTERSIGN_ADMITTED"]);
        assert_eq!(named, ("not-established".to_owned(), "summary-names-no-resource".to_owned()), "{name}");
        assert_eq!(answer(&result, &[VERIFIER, "--vsa-level", "COUNTERSIGN_OTHER"]).0, "no", "{name}");
    }
}

#[test]
fn a_statement_under_another_key_says_nothing() {
    let folder = keys();
    let summary = written(folder.path(), "ed25519", &vsa(&[]));
    let other = folder.path().join("p256.pub");
    let ran = by_statement(&summary, &other, &[VERIFIER, "--vsa-resource", RESOURCE]).expect(1);
    assert_eq!(summary_answer(&ran).0, "not-established");
}

#[test]
fn signing_the_same_twice_gives_the_same_bytes() {
    let folder = keys();
    for (name, _) in KEYS {
        let read = |file: String| fs::read(file).unwrap();
        let first = read(written(folder.path(), name, &vsa(&[])));
        assert_eq!(first, read(written(folder.path(), name, &vsa(&[]))));
    }
}

#[test]
fn options_that_are_missing_or_have_no_effect_end_the_run() {
    let says = |arguments: &[&str], word: &str| {
        let ran = judged(SAMPLE, arguments).expect(2).says(&[word]);
        assert_eq!(ran.stdout, "");
    };
    says(&["--format", "vsa"], "--as-verifier");
    says(&["--format", "vsa", "--as-verifier", VERIFIER], "--as-resource");
    says(&svr(&["--as-resource", RESOURCE]), "has no place in `svr`");
    says(&["--as-verifier", VERIFIER], "has no effect on `text`");
    says(&["--format", "json", "--sign-key", "x"], "has no effect on `json`");
    says(&["--format", "svr", "--as-verifier", "gate"], "is no URI");
    says(&svr(&["--sign-key", "samples/README.md"]), "PKCS #8");
    says(&["--vsa-verifier", VERIFIER], "--vsa-resource");
}

#[test]
fn a_resource_tells_several_artifacts_apart() {
    judged("samples/conpty.dll", &[&["samples/self-signed.exe"], vsa(&[]).as_slice()].concat())
        .expect(2)
        .says(&["one could pass for another", "{name}"]);
    let each = ["--format", "vsa", "--as-verifier", VERIFIER, "--as-resource", "https://example.com/v1/{name}"];
    let ran = judged("samples/conpty.dll", &[&["samples/self-signed.exe"], &each[..]].concat()).expect(1);
    let lines: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let resources: Vec<_> = lines.iter().map(|line| line["predicate"]["resourceUri"].as_str().unwrap()).collect();
    assert_eq!(resources, ["https://example.com/v1/conpty.dll", "https://example.com/v1/self-signed.exe"]);
}

#[test]
fn what_has_no_strong_digest_cannot_be_named() {
    let digest = format!("sha1:{}", "0".repeat(40));
    run(&[&["verify", "--digest", &digest], vsa(&[]).as_slice()].concat()).expect(2).says(&["cannot be named"]);
}

#[test]
fn statements_do_not_depend_on_where_they_are_made() {
    let ran = admitted(&vsa(&[])).expect(0);
    let away = root().join("samples");
    let there = run_in(&away, &["verify", "pypi_attestations-0.0.19.tar.gz", "--at", "2026-11-23T00:00:00Z"]).expect(3);
    assert!(there.stdout.contains("pypi"));
    assert!(!ran.stdout.contains("samples/"), "{}", ran.stdout);
}

fn peer() -> Option<Command> {
    let venv = root().join("target/xtask/venv/bin/python3");
    let python = if venv.is_file() { venv } else { PathBuf::from("python3") };
    let has = Command::new(&python).args(["-c", "import in_toto_attestation, securesystemslib"]).output();
    let mut command = Command::new(python);
    command.arg(root().join("peers/in-toto-python/statements.py"));
    has.is_ok_and(|output| output.status.success()).then_some(command)
}

/// What the packages of the in-toto project say, in order.
fn peer_answers(mut peer: Command, questions: &[Value]) -> Vec<Value> {
    let mut child = peer.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let lines: String = questions.iter().map(|question| format!("{question}\n")).collect();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn others_read_what_is_written() {
    let Some(peer) = peer() else {
        eprintln!("SKIPPED: the Python packages of in-toto are not installed (cargo xtask test installs them)");
        return;
    };
    let folder = keys();
    let sha256 = Digest::of(DigestAlgorithm::Sha256, &fs::read(root().join(SAMPLE)).unwrap()).hex();
    let (mut questions, mut expected) = (Vec::new(), Vec::new());
    for (name, _) in KEYS {
        let public = |name: &str| fs::read_to_string(folder.path().join(format!("{name}.pub"))).unwrap();
        for options in [vsa(&[]), svr(&[])] {
            let envelope = fs::read_to_string(written(folder.path(), name, &options)).unwrap();
            let question = json!({
                "envelope": envelope, "key": public(name), "sha256": sha256, "verifier": VERIFIER, "resource": RESOURCE,
                "level": "COUNTERSIGN_PATH_CONTROLLED",
            });
            let with = |member: &str, value: &str| {
                let mut question = question.clone();
                question[member] = value.into();
                question
            };
            let changed = envelope.replacen("\"sig\":\"", "\"sig\":\"AA", 1);
            let other = if name == "p256" { "ed25519" } else { "p256" };
            let wrong = [
                ("envelope", changed),
                ("key", public(other)),
                ("sha256", "0".repeat(64)),
                ("verifier", "x:y".to_owned()),
            ];
            expected.extend([true, false, false, false, false]);
            questions.push(question.clone());
            questions.extend(wrong.iter().map(|(member, value)| with(member, value)));
        }
    }
    let answers = peer_answers(peer, &questions);
    let accepted: Vec<_> = answers.iter().map(|answer| answer["accepted"] == true).collect();
    assert_eq!(accepted, expected, "{answers:#?}");
}
