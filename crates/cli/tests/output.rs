//! What the program prints: the same case as text and as JSON, and what it never says.

#![allow(missing_docs)]

mod program;

use std::fs;

use countersign::encoding::{base64, hex};
use program::{Ran, run, run_in};
use tempfile::TempDir;

/// A file that nobody signed, judged at a fixed instant.
fn unsigned() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app.bin"), "not signed\n").unwrap();
    folder
}

const AT: [&str; 2] = ["--at", "2026-11-23T00:00:00Z"];

/// The output without the parts that change with the built-in policy and anchors.
fn stable(ran: &Ran) -> String {
    let policy = run(&["verify", "--format", "json", "--digest", &format!("sha256:{}", "0".repeat(64))]).json();
    let sha256 = policy["policy"]["sha256"].as_str().unwrap();
    let in_uri = base64::encode_for_url(&hex::decode(sha256).unwrap());
    let text = ran.stdout.replace(sha256, "POLICY").replace(&in_uri, "POLICY").replace(&sha256[..8], "POLICY");
    match policy["material"]["anchors_dated"].as_str() {
        Some(dated) => text
            .lines()
            .map(|line| if line.contains(dated) { dateless(line, dated) } else { format!("{line}\n") })
            .collect(),
        None => text,
    }
}

fn dateless(line: &str, dated: &str) -> String {
    let before = line.split(dated).next().unwrap_or_default();
    format!("{before}DATED\n")
}

#[test]
fn an_unsigned_file_as_text() {
    let ran = run_in(unsigned().path(), &[&["verify", "app.bin"], &AT[..]].concat()).expect(1);
    insta::assert_snapshot!(stable(&ran));
}

#[test]
fn an_unsigned_file_as_json() {
    let ran = run_in(unsigned().path(), &[&["verify", "--format", "json", "app.bin"], &AT[..]].concat()).expect(1);
    insta::assert_snapshot!(stable(&ran));
}

#[test]
fn an_unsigned_file_explained() {
    let ran = run_in(unsigned().path(), &[&["explain", "app.bin", "--question", "signed"], &AT[..]].concat()).expect(0);
    insta::assert_snapshot!(stable(&ran));
}

/// A signed file of the samples, judged from the root of the workspace.
fn sample(command: &[&str]) -> Ran {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    run_in(&root, &[command, &["--no-discover"], &AT[..]].concat())
}

#[test]
fn a_signed_file_as_text() {
    insta::assert_snapshot!(stable(&sample(&["verify", "samples/conpty.dll"]).expect(3)));
}

#[test]
fn a_signed_file_as_json() {
    insta::assert_snapshot!(stable(&sample(&["verify", "--format", "json", "samples/conpty.dll"]).expect(3)));
}

#[test]
fn a_signed_file_explained() {
    insta::assert_snapshot!(stable(&sample(&["explain", "samples/conpty.dll", "--question", "signer"]).expect(0)));
}

#[test]
fn a_changed_file_as_text() {
    insta::assert_snapshot!(stable(&sample(&["verify", "samples/conpty-tampered.dll"]).expect(1)));
}

/// A release of the samples with its evidence, and everything said that admits it.
fn admitted(more: &[&str]) -> Ran {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let repository = "https://github.com/trailofbits/pypi-attestations";
    let workflow = format!("{repository}/.github/workflows/release.yml");
    let signer = format!("{workflow}@*");
    let issuer = "https://token.actions.githubusercontent.com";
    let file = "samples/pypi_attestations-0.0.19.tar.gz";
    let expected = ["--signer", &signer, "--issuer", issuer, "--source", repository, "--builder", &workflow];
    run_in(&root, &[&["verify", file], &expected[..], &AT[..], more].concat()).expect(0)
}

#[test]
fn an_admitted_file_as_junit() {
    insta::assert_snapshot!(stable(&admitted(&["--format", "junit"])));
}

#[test]
fn an_unsigned_file_as_junit() {
    let ran = run_in(unsigned().path(), &[&["verify", "--format", "junit", "app.bin"], &AT[..]].concat()).expect(1);
    insta::assert_snapshot!(stable(&ran));
}

#[test]
fn several_files_as_junit() {
    let files = ["verify", "--format", "junit", "samples/conpty-tampered.dll", "missing", "--no-discover"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    insta::assert_snapshot!(stable(&run_in(&root, &[&files[..], &AT[..]].concat()).expect(2)));
}

#[test]
fn an_admitted_file_as_markdown() {
    insta::assert_snapshot!(stable(&admitted(&["--format", "markdown"])));
}

#[test]
fn several_files_as_markdown() {
    let files = ["verify", "--format", "markdown", "samples/conpty-tampered.dll", "missing", "--no-discover"];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    insta::assert_snapshot!(stable(&run_in(&root, &[&files[..], &AT[..]].concat()).expect(2)));
}

const VERIFIER: [&str; 2] = ["--as-verifier", "https://verify.example.com/gate"];
const RESOURCE: [&str; 2] = ["--as-resource", "pkg:pypi/pypi-attestations@0.0.19"];

#[test]
fn an_admitted_file_as_vsa() {
    insta::assert_snapshot!(stable(&admitted(&[&["--format", "vsa"], &VERIFIER[..], &RESOURCE[..]].concat())));
}

#[test]
fn an_admitted_file_as_svr() {
    insta::assert_snapshot!(stable(&admitted(&[&["--format", "svr"], &VERIFIER[..]].concat())));
}

#[test]
fn no_name_is_given_from_a_signature_that_does_not_hold() {
    let ran = sample(&["verify", "samples/conpty-tampered.dll"]).expect(1);
    let three = ran.stdout.lines().take(4).collect::<String>();
    assert!(!three.contains("Microsoft Corporation"), "{three}");
    assert!(ran.stdout.contains("claims to be from CN=Microsoft Corporation"), "{}", ran.stdout);
}

#[test]
fn the_three_answers_come_first() {
    let ran = run_in(unsigned().path(), &["verify", "app.bin"]).expect(1);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert!(lines[0].starts_with("app.bin   sha256:"));
    for (line, question) in lines[1..4].iter().zip(["signed", "signer", "path"]) {
        assert!(line.starts_with(&format!("  {question}")), "{line}");
    }
    assert!(lines.last().unwrap().starts_with("refused (exit 1)   why: countersign explain app.bin"));
}

#[test]
fn the_exit_code_is_the_same_in_every_format() {
    let folder = unsigned();
    for format in ["text", "json", "jsonl", "sarif", "junit", "markdown"] {
        run_in(folder.path(), &["verify", "--format", format, "app.bin"]).expect(1);
        run_in(folder.path(), &["verify", "--format", format, "missing"]).expect(2);
    }
}

#[test]
fn a_run_that_failed_writes_no_verdict() {
    for format in ["text", "json", "jsonl"] {
        assert_eq!(run(&["verify", "--format", format, "missing"]).expect(2).stdout, "");
    }
    run(&["verify", "--format", "junit", "missing"]).expect(2).says(&["errors=\"1\"", "could-not-run"]);
    run(&["verify", "--format", "markdown", "missing"]).expect(2).says(&["could not be judged"]);
    let sarif = run(&["verify", "--format", "sarif", "missing"]).expect(2).json();
    assert_eq!(sarif["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn colour_is_for_terminals_and_for_those_who_ask() {
    let folder = unsigned();
    let coloured = |variables: &[(&str, &str)]| {
        let mut command = program::command();
        command.current_dir(folder.path()).args(["verify", "app.bin"]).envs(variables.iter().copied());
        command.output().unwrap().stdout.contains(&0x1b)
    };
    assert!(!coloured(&[]));
    assert!(!coloured(&[("TERM", "xterm-256color")]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("NO_COLOR", "1")]));
}

#[test]
fn nothing_is_ever_called_safe() {
    let folder = unsigned();
    let runs: [&[&str]; 10] = [
        &["verify", "app.bin"],
        &["verify", "--format", "json", "app.bin"],
        &["verify", "--format", "sarif", "app.bin"],
        &["verify", "--format", "junit", "app.bin"],
        &["verify", "--format", "markdown", "app.bin"],
        &["explain", "app.bin"],
        &["explain", "--reasons"],
        &["inspect", "app.bin"],
        &["verify", "--help"],
        &["policy", "check"],
    ];
    for arguments in runs {
        let ran = run_in(folder.path(), arguments);
        let text = ran.stdout.to_lowercase();
        assert!(!text.is_empty(), "{arguments:?}");
        let words = text.split(|c: char| !c.is_alphanumeric());
        assert!(!words.into_iter().any(|word| matches!(word, "safe" | "safely" | "harmless")), "{arguments:?}");
    }
}

#[test]
fn completions_and_manual_pages_name_every_option() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        run(&["completions", shell]).expect(0).says(&["trusted-root"]);
    }
    run(&["man"]).expect(0).says(&["countersign", "verify"]);
    run(&["man", "verify"]).expect(0).says(&["trusted", "workflow"]);
    run(&["man", "nothing"]).expect(2).says(&["nothing"]);
}

#[test]
fn inspect_has_no_opinion() {
    let folder = unsigned();
    let ran = run_in(folder.path(), &["inspect", "--format", "json", "app.bin"]).expect(0);
    let found = ran.json();
    assert_eq!(found["schema"], "countersign/dossier/v1");
    assert!(found.get("decision").is_none() && found.get("questions").is_none());
    run_in(folder.path(), &["inspect", "app.bin"]).expect(0).says(&["0 signatures"]);
}
