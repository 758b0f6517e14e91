//! The code-signing limbo put to other verifiers: openssl, osslsigncode, signify.
//!
//! Each is asked only what it can express. Where it answers otherwise than the suite,
//! `data/codesigning-limbo-peers.json` says who is right and why, by kinds of difference; a new difference fails the
//! test, and so does one that is listed and gone. `UPDATE=1` rewrites the lists of cases and leaves new ones
//! without a kind, for which the test fails until somebody gives them one.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests read files, run programs and may panic"
)]

mod codesigning;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use codesigning::Case;
use serde_json::{Value, json};

/// A verifier beside us.
struct Peer {
    id: &'static str,
    /// The command that prints its version, and how what it prints begins.
    version: (&'static [&'static str], &'static str),
    /// Features of cases that it cannot be told.
    lacks_features: &'static [&'static str],
    /// Families of cases that it cannot be asked.
    lacks_families: &'static [&'static str],
    accepts: fn(&[&Case]) -> Vec<bool>,
}

const PEERS: &[Peer] = &[
    Peer {
        id: "openssl",
        version: (&["openssl", "version"], "OpenSSL 3.0."),
        // `openssl verify` judges certificates: no file, no timestamp; 3.0 knows no purpose of code signing.
        lacks_features: &["rfc3161", "pkcs9", "ocsp", "anchor-terms", "accepted-key", "weak-algorithm"],
        lacks_families: &["integrity", "eku", "ku", "lifetime"],
        accepts: openssl,
    },
    Peer {
        id: "osslsigncode",
        version: (&["osslsigncode", "--version"], "osslsigncode 2.9"),
        // Lists it judges by the clock of the machine, whatever `-time` says: old ones are always overdue.
        lacks_features: &["anchor-terms", "accepted-key", "crl", "ocsp"],
        lacks_families: &[],
        accepts: osslsigncode,
    },
    Peer {
        id: "signify",
        version: (&["python3", "-c", "import signify; print('signify', signify.__version__)"], "signify 0.9.3"),
        lacks_features: &["anchor-terms", "accepted-key", "ocsp"],
        lacks_families: &[],
        accepts: signify,
    },
];

impl Peer {
    fn is_here(&self) -> bool {
        let (command, wanted) = self.version;
        let output = Command::new(command[0]).args(&command[1..]).output();
        let found = output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with(wanted));
        if !found {
            eprintln!("SKIPPED: {wanted} is not installed");
        }
        found
    }

    fn can_be_asked(&self, case: &Case) -> bool {
        let family = case.id().split("::").next().unwrap();
        !self.lacks_features.iter().any(|feature| case.has(feature)) && !self.lacks_families.contains(&family)
    }
}

/// Whether the case is right to accept; none where both are right. With lists at hand acceptance means that
/// revocation is known to be good: that is what the peers are told to demand.
fn right_to_accept(case: &Case) -> Option<bool> {
    let expected = &case.json["code_signing"]["expected"];
    let states: Vec<bool> = Case::texts(&expected["states"]).map(|state| state == "valid").collect();
    match states.as_slice() {
        states if states.contains(&true) && states.contains(&false) => None,
        [true, ..] if case.has("crl") => Some(expected["signer"] == "yes"),
        [valid, ..] => Some(*valid),
        [] => panic!("{}: no state is right", case.id()),
    }
}

/// A folder of its own for one question, removed again.
struct Workplace(PathBuf);

impl Workplace {
    fn new(peer: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("countersign-limbo-{peer}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn put_all(&self, name: &str, texts: &Value) -> PathBuf {
        self.put(name, Case::texts(texts).collect::<String>())
    }
}

impl Drop for Workplace {
    fn drop(&mut self) {
        // What stays behind is in the folder for temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).output().unwrap().status.success()
}

fn openssl(cases: &[&Case]) -> Vec<bool> {
    let place = Workplace::new("openssl");
    let judge = |case: &&Case| {
        let leaf = place.put("leaf.pem", case.json["peer_certificate"].as_str().unwrap());
        let anchors = place.put_all("anchors.pem", &case.json["trusted_certs"]);
        let others = place.put_all("others.pem", &case.json["untrusted_intermediates"]);
        let mut command = Command::new("openssl");
        command.args([
            "verify",
            "-no-CApath",
            "-no-CAstore",
            "-partial_chain",
            "-policy_check",
            "-policy",
            "2.5.29.32.0",
            "-attime",
        ]);
        command.arg(case.at().unix().to_string()).arg("-CAfile").arg(anchors);
        if !case.json["untrusted_intermediates"].as_array().unwrap().is_empty() {
            command.arg("-untrusted").arg(others);
        }
        if case.has("crl") {
            let lists = place.put_all("lists.pem", &case.json["crls"]);
            command.args(["-crl_check_all", "-extended_crl", "-CRLfile"]).arg(lists);
        }
        succeeds(command.arg(leaf))
    };
    cases.iter().map(judge).collect()
}

fn osslsigncode(cases: &[&Case]) -> Vec<bool> {
    let place = Workplace::new("osslsigncode");
    let judge = |case: &&Case| {
        let file = place.put("file.exe", case.artifact());
        let anchors = place.put_all("anchors.pem", &case.json["trusted_certs"]);
        let mut command = Command::new("osslsigncode");
        command.arg("verify").arg("-in").arg(file).arg("-CAfile").arg(&anchors).arg("-TSA-CAfile").arg(&anchors);
        command.args(["-time", &case.at().unix().to_string()]);
        // Without this it asks the address that an untrusted certificate names.
        command.arg("-ignore-crl");
        succeeds(&mut command)
    };
    cases.iter().map(judge).collect()
}

/// One process for all: see `peers/signify/verify.py`.
fn signify(cases: &[&Case]) -> Vec<bool> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../peers/signify/verify.py");
    let mut command = Command::new("python3");
    let mut child =
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = cases.iter().map(|case| format!("{}\n", case.json)).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["accepts"].as_bool().unwrap()).collect()
}

/// Cases by their id, and whether the peer accepts what it should not.
type Differences = BTreeMap<String, bool>;

/// How one peer fared.
struct Tally {
    cannot: usize,
    agrees: usize,
    differences: Differences,
}

fn ask(peer: &Peer, cases: &[Case]) -> Tally {
    let asked: Vec<&Case> = cases.iter().filter(|case| peer.can_be_asked(case)).collect();
    let answers = (peer.accepts)(&asked);
    assert_eq!(answers.len(), asked.len(), "{} did not answer every question", peer.id);
    let wrong = asked
        .iter()
        .zip(&answers)
        .filter(|(case, accepts)| right_to_accept(case).is_some_and(|right| right != **accepts));
    let differences: Differences = wrong.map(|(case, accepts)| (case.id().to_owned(), *accepts)).collect();
    Tally { cannot: cases.len() - asked.len(), agrees: asked.len() - differences.len(), differences }
}

fn list() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/codesigning-limbo-peers.json")
}

/// The cases of one kind of difference.
fn ids(kind: &Value) -> BTreeSet<String> {
    Case::texts(&kind["cases"]).map(str::to_owned).collect()
}

/// The name of the kind that new differences are put into by `UPDATE=1`.
const UNEXPLAINED: &str = "unexplained";

/// The kinds of a peer with the cases that differ now; new ones as unexplained, one kind for each direction.
fn updated(kinds: &Value, differences: &Differences) -> Value {
    let mut left: BTreeMap<&str, bool> = differences.iter().map(|(id, accepts)| (id.as_str(), *accepts)).collect();
    let mut kept = Vec::new();
    for kind in kinds.as_array().into_iter().flatten().filter(|kind| kind["kind"] != UNEXPLAINED) {
        let accepts = kind["peer"] == "accepts";
        let cases: Vec<String> = ids(kind).into_iter().filter(|id| left.get(id.as_str()) == Some(&accepts)).collect();
        for id in &cases {
            left.remove(id.as_str());
        }
        if !cases.is_empty() {
            let mut kind = kind.clone();
            kind["cases"] = json!(cases);
            kept.push(kind);
        }
    }
    for (word, direction) in [("accepts", true), ("refuses", false)] {
        let cases: Vec<&str> = left.iter().filter(|(_, accepts)| **accepts == direction).map(|(id, _)| *id).collect();
        if !cases.is_empty() {
            kept.push(json!({ "kind": UNEXPLAINED, "peer": word, "right": "", "reason": "", "cases": cases }));
        }
    }
    Value::Array(kept)
}

/// Every case under its kind, in one direction.
fn listed(kinds: &Value) -> Differences {
    let mut found = Differences::new();
    for kind in kinds.as_array().unwrap() {
        let name = &kind["kind"];
        assert!(["suite", "peer", "open"].contains(&kind["right"].as_str().unwrap()), "{name}: who is right?");
        assert!(kind["reason"].as_str().unwrap().len() > 10, "{name}: why?");
        for id in ids(kind) {
            assert_eq!(found.insert(id.clone(), kind["peer"] == "accepts"), None, "{id} stands there twice");
        }
    }
    found
}

#[test]
fn every_difference_is_listed_with_its_reason() {
    let cases = codesigning::cases();
    let text = std::fs::read_to_string(list()).unwrap_or_else(|_| "{}".to_owned());
    let mut document: Value = serde_json::from_str(&text).unwrap();
    let update = std::env::var_os("UPDATE").is_some();
    let mut new = Vec::new();
    for peer in PEERS.iter().filter(|peer| peer.is_here()) {
        let Tally { cannot, agrees, differences } = ask(peer, &cases);
        let accepts = differences.values().filter(|accepts| **accepts).count();
        let refuses = differences.len() - accepts;
        println!(
            "{}: agrees {agrees}, accepts wrongly {accepts}, refuses wrongly {refuses}, cannot say {cannot}",
            peer.id
        );
        if update {
            document[peer.id] = updated(&document[peer.id], &differences);
            continue;
        }
        let listed = listed(&document[peer.id]);
        new.extend(
            differences
                .iter()
                .filter(|pair| listed.get(pair.0) != Some(pair.1))
                .map(|(id, accepts)| format!("{} {}: new, accepts: {accepts}", peer.id, id)),
        );
        new.extend(
            listed.keys().filter(|id| !differences.contains_key(*id)).map(|id| format!("{} {id}: gone", peer.id)),
        );
    }
    if update {
        std::fs::write(list(), format!("{document:#}\n")).unwrap();
    }
    assert!(new.is_empty(), "{}", new.join("\n"));
}
