//! `cargo xtask test`: everything that must hold before a change is merged.
//!
//! What it needs and does not find it installs: Debian packages where it may, cargo tools and a Python
//! environment below `target/xtask`, so that a second run finds them there. What cannot be had is said as
//! SKIPPED, never passed over in silence.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::process::{Failure, cargo, command, root, run, workspace_dir};
use crate::{corpus, fuzz};

/// Seconds of fuzzing in every run.
const FUZZ_SECONDS: u64 = 60;

/// Debian packages of the tools that tests compare with: program and package.
const DEBIAN: [(&str, &str); 5] = [
    ("git", "git"),
    ("osslsigncode", "osslsigncode"),
    ("openssl", "openssl"),
    ("python3", "python3-venv"),
    ("ssh-keygen", "openssh-client"),
];

/// Packages of the Python environment, pinned.
const PYTHON: [&str; 4] = ["sigstore==4.5.1", "signify==0.9.3", "in-toto==3.1.0", "in-toto-attestation==0.9.3"];

/// How a step ended, unless it failed.
pub(crate) enum Ended {
    /// It ran and holds.
    Passed,
    /// What ran of it holds; some could not run here, and why.
    PassedInPart(String),
    /// It could not run here, and why.
    Skipped(String),
}

type Step = (&'static str, fn() -> Result<Ended, Failure>);

const STEPS: &[Step] = &[
    ("tools", tools),
    ("format", format),
    ("clippy", clippy),
    ("tests", tests),
    ("doc tests", doc_tests),
    ("documentation", documentation),
    ("supply chain", supply_chain),
    ("corpus", corpus::all),
    ("fuzz", || fuzz::for_seconds(FUZZ_SECONDS)),
];

/// Runs all steps, or those named; reports all of them before it fails.
pub(crate) fn run_chore(arguments: &[String]) -> Result<(), Failure> {
    let wanted = |name: &str| arguments.is_empty() || arguments.iter().any(|argument| argument == name);
    let mut report = Vec::new();
    let mut failed = 0_usize;
    for (name, step) in STEPS.iter().filter(|(name, _)| wanted(name)) {
        eprintln!("== {name}");
        let begin = Instant::now();
        let (word, note) = match step() {
            Ok(Ended::Passed) => ("passed", String::new()),
            Ok(Ended::PassedInPart(skipped)) => ("passed", skipped),
            Ok(Ended::Skipped(why)) => ("SKIPPED", why),
            Err(failure) => {
                failed = failed.saturating_add(1);
                eprintln!("{failure}");
                ("FAILED", failure.to_string().lines().next().unwrap_or_default().to_owned())
            }
        };
        report.push(format!("{name:15} {word:8} {:6.1} s  {note}", begin.elapsed().as_secs_f64()));
    }
    println!("{}", report.join("\n"));
    if failed == 0 { Ok(()) } else { Err(Failure(format!("{failed} of {} steps failed", report.len()))) }
}

/// Where the Python environment is.
pub(crate) fn python_environment() -> PathBuf {
    root().join("target/xtask/venv")
}

/// The search path with our own tools first.
fn search_path() -> std::ffi::OsString {
    let ours = [python_environment().join("bin"), tools_root().join("bin")];
    let theirs = std::env::var_os("PATH").unwrap_or_default();
    let all = ours.into_iter().chain(std::env::split_paths(&theirs));
    std::env::join_paths(all).unwrap_or(theirs)
}

fn tools_root() -> PathBuf {
    root().join("target/xtask/tools")
}

/// Whether a program can be started.
pub(crate) fn has(program: &str) -> bool {
    let mut probe = Command::new("sh");
    probe.env("PATH", search_path()).args(["-c", &format!("command -v {program} >/dev/null 2>&1")]);
    probe.status().is_ok_and(|status| status.success())
}

/// Installs what is missing. Without it the tests that compare say SKIPPED, so no failure here is fatal.
fn tools() -> Result<Ended, Failure> {
    let missing: Vec<&str> = DEBIAN.iter().filter(|(program, _)| !has(program)).map(|(_, package)| *package).collect();
    let mut problems = Vec::new();
    if !missing.is_empty() {
        let install = run(command("apt-get").args(["install", "--yes", "--no-install-recommends"]).args(&missing))
            .or_else(|_| run(command("apt-get").arg("update")).and_then(|()| apt_install(&missing)));
        problems.extend(install.err().map(|_| format!("not installed: {}", missing.join(", "))));
    }
    problems.extend(peers().err().map(|failure| format!("no sigstore-verify: {failure}")));
    problems.extend(python_packages().err().map(|failure| format!("no Python environment: {failure}")));
    if problems.is_empty() { Ok(Ended::Passed) } else { Ok(Ended::Skipped(problems.join("; "))) }
}

fn apt_install(packages: &[&str]) -> Result<(), Failure> {
    run(command("apt-get").args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

/// Another verifier in Rust, outside of the workspace: see peers/README.md.
fn peers() -> Result<(), Failure> {
    let build = ["build", "--locked", "--quiet", "--manifest-path", "peers/sigstore-rust/Cargo.toml"];
    run(cargo().args(build).args(["--target-dir", "target/peers"]))
}

fn python_packages() -> Result<(), Failure> {
    let environment = python_environment();
    let done = environment.join(PYTHON.join("-"));
    if done.exists() {
        return Ok(());
    }
    workspace_dir("")?;
    run(command("python3").args(["-m", "venv"]).arg(&environment))?;
    run(command(environment.join("bin/pip")).args(["install", "--quiet"]).args(PYTHON))?;
    crate::process::write(&done, b"")
}

fn format() -> Result<Ended, Failure> {
    run(cargo().args(["fmt", "--all", "--check"])).map(|()| Ended::Passed)
}

fn clippy() -> Result<Ended, Failure> {
    let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"];
    run(cargo().args(arguments)).map(|()| Ended::Passed)
}

/// All tests, by cargo-nextest where it is installed: it runs them in parallel across files.
///
/// What a test says when it passes stays unseen otherwise, and a peer that is not there would go unnoticed: the
/// whole output goes to a file, and the lines that say SKIPPED are shown.
fn tests() -> Result<Ended, Failure> {
    let log = workspace_dir("")?.join("tests.log");
    let file = std::fs::File::create(&log).map_err(|error| Failure(format!("{}: {error}", log.display())))?;
    let same = file.try_clone().map_err(|error| Failure(format!("{}: {error}", log.display())))?;
    let mut tests = cargo();
    tests.env("PATH", search_path()).stdout(file).stderr(same);
    match has("cargo-nextest") {
        true => tests.args(["nextest", "run", "--locked", "--workspace", "--success-output", "immediate"]),
        false => {
            let show = ["--", "--nocapture"];
            tests.args(["test", "--locked", "--workspace", "--lib", "--bins", "--tests", "--quiet"]).args(show)
        }
    };
    let ended = run(&mut tests);
    let text = String::from_utf8_lossy(&crate::process::read(&log)?).into_owned();
    if let Err(failure) = ended {
        eprintln!("{text}");
        return Err(failure);
    }
    let skipped: BTreeSet<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("SKIPPED")).collect();
    for line in text.lines().filter(|line| line.contains("tests run:")).map(str::trim).chain(skipped.iter().copied()) {
        eprintln!("{line}");
    }
    match skipped.len() {
        0 => Ok(Ended::Passed),
        _ => Ok(Ended::PassedInPart("in part: what was SKIPPED stands above".to_owned())),
    }
}

fn doc_tests() -> Result<Ended, Failure> {
    run(cargo().args(["test", "--locked", "--workspace", "--doc", "--quiet"])).map(|()| Ended::Passed)
}

fn documentation() -> Result<Ended, Failure> {
    let mut doc = cargo();
    doc.env("RUSTDOCFLAGS", "--deny warnings").args(["doc", "--locked", "--workspace", "--no-deps", "--quiet"]);
    run(&mut doc).map(|()| Ended::Passed)
}

/// The version of cargo-deny whose configuration `deny.toml` is written for.
const CARGO_DENY: &str = "0.20.2";

/// Advisories where their database can be had: from the copy beside the project, or from its home.
fn supply_chain() -> Result<Ended, Failure> {
    if !has("cargo-deny") {
        let install = ["install", "--locked", "--quiet", "cargo-deny", "--version", CARGO_DENY, "--root"];
        run(cargo().args(install).arg(tools_root()))?;
    }
    let offline = root().join("../shared/tools/deny-offline.sh");
    if offline.exists() {
        return run(command(offline).env("PATH", search_path())).map(|()| Ended::Passed);
    }
    let mut deny = cargo();
    deny.env("PATH", search_path());
    if run(deny.args(["deny", "fetch", "db"])).is_ok() {
        return run(cargo().env("PATH", search_path()).args(["deny", "--offline", "check"])).map(|()| Ended::Passed);
    }
    let without = ["deny", "check", "bans", "licenses", "sources"];
    run(cargo().env("PATH", search_path()).args(without))?;
    Ok(Ended::Skipped("advisories: their database cannot be reached (the rest passed)".to_owned()))
}

/// A folder beside the project that tests may use and that is never part of it.
pub(crate) fn beside(path: &str) -> Option<PathBuf> {
    let path = root().join("..").join("shared").join(path);
    Path::new(&path).exists().then_some(path)
}
