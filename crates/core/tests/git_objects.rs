//! Commits of a repository that `git` made, read by us and told by `git log`: names, trees and parents.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests write files and run programs"
)]

use std::path::Path;
use std::process::Command;

use countersign::artifact::{Artifact, Content};
use countersign::claim::Fact;
use countersign::examine::examine;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::time::Time;

fn git(folder: &Path, arguments: &[&str]) -> Vec<u8> {
    let identity = ["-c", "user.name=J\u{f6}", "-c", "user.email=jo@acme.example", "-c", "commit.gpgsign=false"];
    let plain = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")];
    let done = Command::new("git").current_dir(folder).envs(plain).args(identity).args(arguments).output().unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}

/// A repository with a merge, whose objects are named by this algorithm.
fn repository(folder: &Path, algorithm: &str) {
    git(folder, &["init", "--quiet", "--initial-branch=main", &format!("--object-format={algorithm}")]);
    let commit = |file: &str, message: &str| {
        std::fs::write(folder.join(file), message).unwrap();
        git(folder, &["add", file]);
        git(folder, &["commit", "--quiet", "--message", message]);
    };
    commit("a", "Begin");
    git(folder, &["switch", "--quiet", "--create", "side"]);
    commit("b", "Go on\n\ncommit 1\ntree 2");
    git(folder, &["switch", "--quiet", "main"]);
    commit("c", "Elsewhere");
    git(folder, &["-c", "i18n.commitEncoding=ISO-8859-1", "merge", "--quiet", "--no-ff", "--message", "Merge", "side"]);
}

/// What is said of each commit of a file, as `git log --format='%H %T %P'` writes it.
fn read(bytes: Vec<u8>) -> Vec<String> {
    let evidence = vec![EvidenceFile { path: "commits".to_owned(), bytes }];
    let material = Material { evidence, ..Material::default() };
    let bytes = Vec::new();
    let artifact = Artifact { name: "app".into(), path: String::new(), content: Content::File(&bytes) };
    let dossier = examine(&artifact, &material, Time::from_unix(0), &Limits::default()).unwrap();
    let commits = dossier.claims.verified().filter_map(|claim| match &claim.fact {
        Fact::Committed(commit) => Some(format!("{} {} {}", commit.commit, commit.tree, commit.parents.join(" "))),
        _ => None,
    });
    commits.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn commits_are_what_git_says_they_are() {
    if Command::new("git").arg("--version").output().is_err() {
        eprintln!("SKIPPED: no git on this machine");
        return;
    }
    for algorithm in ["sha1", "sha256"] {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        repository(here, algorithm);
        let log = String::from_utf8(git(here, &["log", "--format=%H %T %P"])).unwrap();
        let told: Vec<&str> = log.lines().map(str::trim_end).collect();
        let names = told.iter().filter_map(|line| line.split(' ').next()).collect::<Vec<_>>();
        let listed = here.join("names");
        std::fs::write(&listed, names.join("\n")).unwrap();
        let names_of = std::fs::File::open(&listed).unwrap();
        let batch = Command::new("git").current_dir(here).args(["cat-file", "--batch"]).stdin(names_of).output();
        let batch = batch.unwrap().stdout;
        assert_eq!(read(batch), told, "{algorithm}");
        for (name, line) in names.iter().zip(&told) {
            assert_eq!(read(git(here, &["cat-file", "commit", name])), [*line], "{algorithm}");
        }
    }
}
