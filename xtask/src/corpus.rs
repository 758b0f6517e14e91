//! `cargo xtask corpus`: the shared corpus against a release build, family by family.

use std::path::PathBuf;

use crate::classes;
use crate::process::{Failure, cargo, command, root, run};
use crate::test::{Ended, beside};

/// The families whose formats are read, with the prefixes of cases that count; empty: all.
const FAMILIES: &[(&str, &[&str])] = &[
    ("sigstore-conformance", &[]),
    ("sigstore", &[]),
    ("slsa", &[]),
    ("in-toto", &[]),
    ("vsa", &[]),
    ("authenticode", &["pe-", "efi-"]),
];

/// The families whose cases say what a reference verifier said.
const REFERENCES: &[&str] = &["slsa", "in-toto", "vsa"];

/// Runs the families given, or all that are done.
pub(crate) fn run_chore(arguments: &[String]) -> Result<(), Failure> {
    match with_arguments(arguments)? {
        Ended::Passed | Ended::PassedInPart(_) => Ok(()),
        Ended::Skipped(why) => Err(Failure(why)),
    }
}

/// All families that are done.
pub(crate) fn all() -> Result<Ended, Failure> {
    with_arguments(&[])
}

fn with_arguments(arguments: &[String]) -> Result<Ended, Failure> {
    let (Some(runner), Some(corpus)) = (beside("tools/run_corpus.py"), beside("corpus")) else {
        return Ok(Ended::Skipped("../shared/corpus is not there".to_owned()));
    };
    let binary = release_binary()?;
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let mut failed = Vec::new();
    for (family, prefixes) in FAMILIES.iter().filter(|(family, _)| wanted(family)) {
        let runs: Vec<Vec<&str>> = match prefixes {
            [] => vec![Vec::new()],
            prefixes => prefixes.iter().map(|prefix| vec!["--only", *prefix]).collect(),
        };
        if REFERENCES.contains(family) {
            failed.extend(classes::compare(&binary, &corpus.join(family)).err().map(|failure| failure.to_string()));
        }
        for only in runs {
            let mut python = command("python3");
            python.arg(&runner).arg("--bin").arg(&binary).args(&only).arg(corpus.join(family));
            failed.extend(run(&mut python).err().map(|failure| failure.to_string()));
        }
    }
    if failed.is_empty() { Ok(Ended::Passed) } else { Err(Failure(failed.join("\n"))) }
}

/// Builds the command line as it is released, and says where it is.
pub(crate) fn release_binary() -> Result<PathBuf, Failure> {
    run(cargo().args(["build", "--locked", "--release", "--quiet", "--package", "countersign-cli"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    Ok(target.join("release").join("countersign"))
}
