//! Every command of "Write your first policy", run as it is written there.

#![allow(missing_docs)]
#![cfg(unix)]

mod program;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use program::write_owner_keys;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A folder with the samples, and with the keys that the text says how to make.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    symlink(project().join("samples"), folder.path().join("samples")).unwrap();
    write_owner_keys(folder.path());
    folder
}

/// The fenced blocks of a document: language and text.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let mut parts = text.split("\n```");
    let mut found = Vec::new();
    while let (Some(_), Some(block)) = (parts.next(), parts.next()) {
        found.push(block.split_once('\n').unwrap());
    }
    found
}

/// The commands of a block, each with the lines that it is said to write.
fn commands(block: &str) -> Vec<(&str, Vec<&str>)> {
    let mut found: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in block.lines() {
        match line.strip_prefix("$ ") {
            Some(command) => found.push((command, Vec::new())),
            None => found.last_mut().expect("a block begins with a command").1.push(line),
        }
    }
    found
}

/// Whether the lines are those that are shown: `…` stands for any lines, at the end of a line for any rest of it.
fn are(lines: &[&str], shown: &[&str]) -> bool {
    let fits = |line: &str, shown: &str| match shown.strip_suffix('…') {
        Some(begin) => line.starts_with(begin),
        None => line == shown,
    };
    match (shown, lines) {
        ([], []) => true,
        (["…", rest @ ..], _) => (0..=lines.len()).any(|skipped| are(&lines[skipped..], rest)),
        ([first, rest @ ..], [line, others @ ..]) => fits(line, first) && are(others, rest),
        _ => false,
    }
}

fn run(folder: &Path, command: &str, shown: &[&str]) {
    let program = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let ran = Command::new("sh").args(["-c", command]).current_dir(folder).env("PATH", path).output().unwrap();
    let (written, said) = (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap());
    let lines: Vec<&str> = written.lines().collect();
    assert!(are(&lines, shown), "$ {command}\n{written}{said}\nexpected:\n{}", shown.join("\n"));
    let refused = shown.iter().any(|line| line.ends_with("(exit 1)"));
    assert_eq!(ran.status.code(), Some(i32::from(refused)), "$ {command}\n{written}{said}");
}

#[test]
fn every_command_does_what_the_text_says() {
    let folder = folder();
    let text = fs::read_to_string(project().join("docs/first-policy.md")).unwrap();
    let mut ran = 0;
    for (language, block) in blocks(&text) {
        match language {
            "toml" => {
                let name = block.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a file has a name");
                fs::write(folder.path().join(name), block).unwrap();
            }
            "console" => {
                for (command, shown) in commands(block) {
                    run(folder.path(), command, &shown);
                    ran += 1;
                }
            }
            _ => {}
        }
    }
    assert!(ran > 10, "{ran} commands were run");
}
