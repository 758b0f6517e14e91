//! `cargo xtask fuzz [SECONDS]`: libFuzzer on the stable toolchain over everything that reads hostile bytes.
//!
//! The coverage instrumentation is a pass of stable LLVM that stable rustc can be asked for; neither nightly
//! nor cargo-fuzz is needed.

use std::path::{Path, PathBuf};

use crate::process::{Failure, cargo, command, root, run, workspace_dir};
use crate::test::{Ended, beside};

/// The targets and the part of the time that each gets.
const TARGETS: [(&str, u64); 4] = [("formats", 3), ("material", 1), ("predicates", 1), ("rules", 1)];

/// What makes rustc instrument for libFuzzer.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cdebug-assertions -Ccodegen-units=1";

/// Instrumentation goes into what runs on the machine, not into build scripts: that needs a named target.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Largest input tried, in bytes: above it inputs only get slower.
const MAX_INPUT: &str = "65536";

/// Memory that one input may need, in MiB: four times the bound of the command line.
const MEMORY: &str = "512";

/// Seconds that one input may need.
const TIMEOUT: &str = "10";

/// Folders of the corpus whose files are tried first.
const SEEDS: [&str; 6] = [
    "corpus/authenticode/pe-synth",
    "corpus/authenticode/pe-tampered",
    "corpus/authenticode/pe-sigblob",
    "corpus/authenticode/anchors",
    "corpus/sigstore",
    "corpus/sigstore-conformance",
];

/// Fuzzes for as long as asked, a minute by default.
pub(crate) fn run_chore(arguments: &[String]) -> Result<(), Failure> {
    let seconds = match arguments.first() {
        None => 60,
        Some(text) => text.parse().map_err(|_| Failure(format!("`{text}` is no number of seconds")))?,
    };
    match for_seconds(seconds)? {
        Ended::Passed | Ended::PassedInPart(_) => Ok(()),
        Ended::Skipped(why) => Err(Failure(why)),
    }
}

/// Fuzzes all targets for this long together.
pub(crate) fn for_seconds(seconds: u64) -> Result<Ended, Failure> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Ok(Ended::Skipped("only set up for Linux on x86-64".to_owned()));
    }
    let build_dir = workspace_dir("fuzz")?;
    let mut build = cargo();
    build.current_dir(root().join("fuzz")).env("RUSTFLAGS", FLAGS).env("CARGO_TARGET_DIR", &build_dir);
    run(build.args(["build", "--release", "--quiet", "--target", TARGET]))?;
    let parts: u64 = TARGETS.iter().map(|(_, part)| part).sum();
    for (name, part) in TARGETS {
        let share = seconds.saturating_mul(part).checked_div(parts).unwrap_or(seconds).max(1);
        let binary = build_dir.join(TARGET).join("release").join(name);
        fuzz(&binary, name, share)?;
    }
    Ok(Ended::Passed)
}

fn fuzz(binary: &Path, name: &str, seconds: u64) -> Result<(), Failure> {
    let found = workspace_dir(&format!("fuzz-corpus/{name}"))?;
    let crashes = workspace_dir(&format!("fuzz-crashes/{name}"))?;
    let mut fuzzer = command(binary);
    fuzzer
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-max_len={MAX_INPUT}"))
        .arg(format!("-rss_limit_mb={MEMORY}"))
        .arg(format!("-timeout={TIMEOUT}"))
        .arg(format!("-dict={}", root().join("fuzz/words.dict").display()))
        .arg(format!("-artifact_prefix={}/", crashes.display()))
        .args(["-print_final_stats=1", "-verbosity=0", "-use_value_profile=1"])
        .arg(&found)
        .args(seeds());
    run(&mut fuzzer).map_err(|failure| Failure(format!("{failure}\nthe input is in {}", crashes.display())))
}

fn seeds() -> Vec<PathBuf> {
    let own = ["samples", "fuzz/seeds", "crates/core/trust", "crates/core/tests/data/tools"]
        .map(|folder| root().join(folder));
    let shared = SEEDS.iter().filter_map(|folder| beside(folder));
    own.into_iter().filter(|folder| folder.exists()).chain(shared).collect()
}
