//! Verdicts and times beside two peers, in the same run, each in one warm process: in-toto (Python) on layouts, sigstore
//! (Python) on bundles. Prints a table and every difference: `cargo bench -p countersign --bench peers`.
//!
//! Needs the public cases at `../shared/corpus` and the packages of `cargo xtask test tools`. Both sides read all files
//! from the disk (the page cache) each time; trusted roots are read once on both.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

#[path = "../tests/sigstore/mod.rs"]
mod sigstore;

use std::fs;
use std::hint::black_box;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::pem;
use countersign::evidence::State;
use countersign::examine::examine;
use countersign::in_toto::LayoutMaterial;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::verdict::Answer;
use serde_json::{Value, json};
use sigstore::{Case, bundles, cases};

/// Repetitions, of which the median counts.
const OURS: usize = 51;
const THEIRS: usize = 11;

/// A question to both sides, with our answer and time.
struct Asked {
    name: String,
    question: Value,
    answer: Answer,
    why: String,
    seconds: f64,
}

fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..OURS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[OURS / 2]
}

/// What the layout answers, and why.
fn by_layout(case: &Case, artifact: &Path) -> (Answer, String) {
    let owners = case.options("--layout-key");
    let keys = owners.iter().map(|path| pem::public_key(&fs::read(path).unwrap()).unwrap()).collect();
    let layout = &case.options("--layout")[0];
    let layout = match LayoutMaterial::read(layout, &fs::read(layout).unwrap(), keys) {
        Ok(layout) => layout,
        Err(error) => return (Answer::NotEstablished, error.to_string()),
    };
    let evidence = case.evidence().into_iter().map(|path| {
        let bytes = fs::read(&path).unwrap();
        EvidenceFile { path: path.display().to_string(), bytes }
    });
    let material = Material { layout: Some(layout), evidence: evidence.collect(), ..Material::default() };
    let bytes = fs::read(artifact).unwrap();
    let artifact = Artifact { name: "artifact".to_owned(), path: String::new(), content: Content::File(&bytes) };
    let dossier = examine(&artifact, &material, case.at(), &Limits::default()).unwrap();
    let (policy, expectations, registry) = (Policy::built_in(), Expectations::default(), Registry::default());
    let terms = Terms {
        policy: &policy,
        environment: "production",
        expectations: &expectations,
        registry: &registry,
        at: case.at(),
    };
    let verdict = appraise(dossier, &terms).unwrap();
    let mut asked = verdict.questions.iter().flat_map(|judged| &judged.requirements);
    let layout = asked.find(|asked| asked.id == "layout").unwrap();
    (layout.answer, layout.reason.to_owned())
}

fn layouts() -> Vec<Asked> {
    let all = cases("in-toto");
    let asked = all.iter().filter(|case| case.options("--layout").len() == 1).filter_map(|case| {
        let artifact = case.artifact_path().filter(|path| path.is_file())?;
        let (answer, why) = by_layout(case, &artifact);
        let question = json!({
            "layout": case.options("--layout")[0],
            "keys": case.options("--layout-key"),
            "links": case.evidence(),
            "at": case.at().to_string(),
            "sha256": Digest::of(DigestAlgorithm::Sha256, &fs::read(&artifact).unwrap()).hex(),
            "repeat": THEIRS,
        });
        let seconds = median(|| drop(black_box(by_layout(case, &artifact))));
        Some(Asked { name: case.id.clone(), question, answer, why, seconds })
    });
    asked.collect()
}

fn of_bundles() -> Vec<Asked> {
    let mut asked = Vec::new();
    for family in ["sigstore", "sigstore-conformance"] {
        for case in cases(family).iter().filter(|case| !case.is_directory() && !case.id.contains("+other-")) {
            let Ok(mut material) = case.material() else { continue };
            for (number, bundle) in case.evidence().iter().flat_map(|path| bundles(path)).enumerate() {
                let bytes = bundle.as_bytes().to_vec();
                material.evidence = vec![EvidenceFile { path: "bundle".to_owned(), bytes }];
                let dossier = case.examine_with(&material);
                let valid = dossier.signatures.iter().any(|signature| signature.state() == State::Valid);
                let mut question = sigstore::question(case, &bundle);
                question["repeat"] = THEIRS.into();
                let seconds = median(|| drop(black_box(case.examine_with(&material))));
                asked.push(Asked {
                    name: format!("{} [{number}]", case.id),
                    question,
                    answer: if valid { Answer::Yes } else { Answer::NotEstablished },
                    why: dossier.signatures.first().map_or("unsigned", |signature| signature.reason()).to_owned(),
                    seconds,
                });
            }
        }
    }
    asked
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn peer(script: &str, module: &str) -> Option<Command> {
    let ours = root().join("target/xtask/venv/bin/python3");
    let python = if ours.is_file() { ours } else { PathBuf::from("python3") };
    let has = Command::new(&python).args(["-c", &format!("import {module}")]).output();
    let mut command = Command::new(python);
    command.arg(root().join("peers").join(script));
    has.is_ok_and(|output| output.status.success()).then_some(command)
}

fn answers(mut peer: Command, asked: &[Asked]) -> Vec<Value> {
    let mut child = peer.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let lines: String = asked.iter().map(|asked| format!("{}\n", asked.question)).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn compare(what: &str, peer: Option<Command>, asked: &[Asked]) {
    let Some(peer) = peer.filter(|_| !asked.is_empty()) else {
        return println!("SKIPPED: {what}: the peer or the cases are not there (cargo xtask test tools)");
    };
    let answers = answers(peer, asked);
    assert_eq!(answers.len(), asked.len(), "{what}: the peer stopped early");
    let both: Vec<_> = asked.iter().zip(&answers).collect();
    let agree = |(ours, theirs): &&(&Asked, &Value)| (ours.answer == Answer::Yes) == (theirs["accepted"] == true);
    let accepted = |(ours, theirs): &&(&Asked, &Value)| ours.answer == Answer::Yes && theirs["accepted"] == true;
    let timed: Vec<_> = both
        .iter()
        .filter(accepted)
        .map(|(ours, theirs)| (ours.seconds, theirs["seconds"].as_f64().unwrap()))
        .collect();
    let (ours, theirs) = timed.iter().fold((0.0, 0.0), |(ours, theirs), (our, their)| (ours + our, theirs + their));
    let least = timed.iter().map(|(our, their)| their / our).fold(f64::INFINITY, f64::min);
    let count = timed.len() as f64;
    println!(
        "| {what} | {} | {} | {} | {:.3} | {:.2} | {:.0}× | {least:.0}× |",
        asked.len(),
        both.iter().filter(agree).count(),
        timed.len(),
        ours / count * 1e3,
        theirs / count * 1e3,
        theirs / ours
    );
    for (ours, theirs) in both.iter().filter(|pair| !agree(pair)) {
        let theirs =
            if theirs["accepted"] == true { "accepted" } else { theirs["error"].as_str().unwrap_or("refused") };
        let theirs: String = theirs.lines().next().unwrap_or("").chars().take(90).collect();
        eprintln!("{what}: {}: {} ({}) here, {theirs} there", ours.name, ours.answer.word(), ours.why);
    }
}

fn main() {
    println!("| Peer | Questions | Same verdict | Accepted by both | here, ms | there, ms | factor | least factor |");
    println!("|---|---:|---:|---:|---:|---:|---:|---:|");
    compare("in-toto (Python)", peer("in-toto-python/layouts.py", "in_toto"), &layouts());
    compare("sigstore (Python)", peer("sigstore-python/verify.py", "sigstore.verify"), &of_bundles());
}
