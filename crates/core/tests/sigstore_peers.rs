//! Verdicts beside two other verifiers: sigstore-verify (Rust) and sigstore (Python), over every public case
//! and over systematic changes to valid bundles. Every difference is listed in `data/sigstore-peers.txt`, in
//! both directions; a new one fails the test, and so does one that has gone. Why, and who is right, stands in
//! `peers/README.md`.
//!
//! `cargo xtask test` builds the one and installs the other; without them the test says SKIPPED.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

mod sigstore;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign::evidence::State;
use countersign::material::EvidenceFile;
use serde_json::Value;
use sigstore::mutation::{BASES, mutations};
use sigstore::{Case, bundles, cases};

/// A question to all verifiers, with our answer.
struct Question {
    name: String,
    json: Value,
    valid: bool,
}

fn question(case: &Case, name: String, bundle: &str) -> Option<Question> {
    let mut material = case.material().ok()?;
    material.evidence.push(EvidenceFile { path: "bundle".to_owned(), bytes: bundle.as_bytes().to_vec() });
    let valid = case.examine_with(&material).signatures.iter().any(|signature| signature.state() == State::Valid);
    Some(Question { name, json: sigstore::question(case, bundle), valid })
}

fn questions() -> Vec<Question> {
    let mut all = Vec::new();
    for family in ["sigstore", "sigstore-conformance"] {
        for case in cases(family).iter().filter(|case| !case.is_directory() && !case.id.contains("+other-")) {
            for (number, bundle) in case.evidence().iter().flat_map(|path| bundles(path)).enumerate() {
                all.extend(question(case, format!("{} [{number}]", case.id), &bundle));
            }
        }
    }
    for (family, id) in BASES {
        let Some(case) = cases(family).into_iter().find(|case| case.id == id && !case.is_directory()) else { continue };
        let document: Value = serde_json::from_slice(&fs::read(&case.evidence()[0]).unwrap()).unwrap();
        if document.get("mediaType").is_none() {
            continue;
        }
        for mutation in mutations(&document) {
            let name = format!("{id}: {} {}", mutation.path, mutation.what);
            all.extend(question(&case, name, &mutation.document.to_string()));
        }
    }
    all
}

fn answers(mut peer: Command, questions: &[Question]) -> Vec<Value> {
    let mut child = peer.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = questions.iter().map(|question| format!("{}\n", question.json)).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn peer_rust() -> Option<Command> {
    let program = ["debug", "release"].map(|kind| root().join(format!("target/peers/{kind}/peer-sigstore-rust")));
    program.iter().find(|program| program.is_file()).map(Command::new)
}

fn peer_python() -> Option<Command> {
    let has = Command::new("python3").args(["-c", "import sigstore.verify"]).output().is_ok_and(|o| o.status.success());
    let mut command = Command::new("python3");
    command.arg(root().join("peers/sigstore-python/verify.py"));
    has.then_some(command)
}

/// Where a peer answers otherwise.
fn differences(peer: &str, command: Option<Command>, questions: &[Question]) -> Option<BTreeSet<String>> {
    let Some(command) = command else {
        eprintln!("SKIPPED: peer {peer} is not installed (cargo xtask test installs it)");
        return None;
    };
    let answers = answers(command, questions);
    assert_eq!(answers.len(), questions.len(), "{peer} stopped early");
    let differ = questions.iter().zip(&answers).filter(|(ours, theirs)| theirs["accepted"] != Value::Bool(ours.valid));
    Some(differ.map(|(ours, theirs)| line(peer, ours, theirs)).collect())
}

fn line(peer: &str, ours: &Question, theirs: &Value) -> String {
    let answer = if ours.valid { "valid here, refused by" } else { "not valid here, accepted by" };
    let why = theirs["error"].as_str().unwrap_or("").lines().next().unwrap_or("");
    let why: String = why.chars().take(100).collect();
    format!("{} | {answer} {peer} | {why}", ours.name).trim_end_matches([' ', '|']).to_owned()
}

#[test]
fn every_difference_to_the_peers_is_known() {
    let questions = questions();
    if questions.is_empty() {
        return;
    }
    eprintln!("{} questions", questions.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sigstore-peers.txt");
    let known = fs::read_to_string(&path).unwrap_or_default();
    let mut now = BTreeSet::new();
    for (peer, command) in [("sigstore-rust", peer_rust()), ("sigstore-python", peer_python())] {
        let of_peer = |line: &&str| line.contains(&format!(" by {peer}"));
        match differences(peer, command, &questions) {
            Some(found) => {
                eprintln!("{peer}: {} differences", found.len());
                now.extend(found);
            }
            None => now.extend(known.lines().filter(of_peer).map(str::to_owned)),
        }
    }
    if std::env::var_os("UPDATE").is_some() {
        let lines: Vec<_> = now.iter().cloned().collect();
        fs::write(&path, lines.join("\n") + "\n").unwrap();
        return;
    }
    let known: BTreeSet<String> = known.lines().map(str::to_owned).collect();
    let new: Vec<_> = now.difference(&known).collect();
    let gone: Vec<_> = known.difference(&now).collect();
    assert!(new.is_empty() && gone.is_empty(), "new: {new:#?}\ngone: {gone:#?}");
}
