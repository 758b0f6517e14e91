//! `cargo xtask bench`: whole processes against their peers, in the same run on the same files.
//!
//! Writes the table of docs/performance.md to standard output. Times are medians by hyperfine on a warm
//! cache; memory is the largest resident set by GNU time.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::corpus::release_binary;
use crate::process::{Failure, command, output, read, root, run, words, workspace_dir, write};
use crate::test::{beside, has, python_environment};

/// Size of the large signed program, in bytes: that of a real one that the reference figures were taken on.
const LARGE: usize = 85_800_000;

/// Files in the directory of small signed programs.
const FILES: u32 = 2_000;

/// One line of the table.
struct Row {
    what: String,
    command: String,
    seconds: f64,
    mebibytes: f64,
}

/// Measures and writes the table.
pub(crate) fn run_chore(_: &[String]) -> Result<(), Failure> {
    for tool in ["hyperfine", "osslsigncode", "openssl", "time"] {
        if !has(tool) {
            return Err(Failure(format!("{tool} is needed: apt-get install hyperfine osslsigncode openssl time")));
        }
    }
    let ours = release_binary()?;
    let dir = workspace_dir("bench")?;
    let mut rows = Vec::new();
    one_bundle(&ours, &mut rows)?;
    one_layout(&ours, &mut rows)?;
    large_program(&ours, &dir, &mut rows)?;
    small_program(&ours, &mut rows)?;
    directory(&ours, &dir, &mut rows)?;
    println!("| Task | Program | median, ms | memory, MiB |\n|---|---|---:|---:|");
    for Row { what, command, seconds, mebibytes } in &rows {
        println!("| {what} | `{command}` | {:.1} | {mebibytes:.0} |", seconds * 1000.0);
    }
    Ok(())
}

/// A Sigstore bundle offline, beside the Python client.
fn one_bundle(ours: &Path, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let Some(family) = beside("corpus/sigstore") else {
        eprintln!("SKIPPED: one bundle: ../shared/corpus is not there");
        return Ok(());
    };
    let artifact = family.join("artifacts/cosign-v3-blob.txt");
    let bundle = family.join("bundles/cosign-v3-blob.sigstore.json");
    let (signer, issuer) = ("w.vollprecht@gmail.com", "https://github.com/login/oauth");
    let mut verify = Command::new(ours);
    verify.args(["verify", "--no-discover", "--signer", signer, "--issuer", issuer, "--evidence"]);
    rows.push(measure("one Sigstore bundle", "countersign verify", verify.args([&bundle, &artifact]), 50)?);
    let client = python_environment().join("bin/sigstore");
    if client.exists() {
        let mut verify = Command::new(client);
        verify.args(["verify", "identity", "--offline", "--cert-identity", signer, "--cert-oidc-issuer", issuer]);
        verify.arg("--bundle").args([&bundle, &artifact]);
        rows.push(measure("one Sigstore bundle", "sigstore verify identity (Python)", &mut verify, 5)?);
    } else {
        eprintln!("SKIPPED: the sigstore Python client: `cargo xtask test tools` installs it");
    }
    Ok(())
}

/// An in-toto layout with two steps and no inspection, beside the reference implementation.
fn one_layout(ours: &Path, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let Some(case) = beside("corpus/in-toto/plain/pass") else {
        eprintln!("SKIPPED: one layout: ../shared/corpus is not there");
        return Ok(());
    };
    let (layout, owner, links) = (case.join("root.layout"), case.join("owner.pem"), case.join("links"));
    let mut verify = Command::new(ours);
    verify.args(["verify", "--no-discover", "--layout"]).arg(&layout).arg("--layout-key").arg(&owner);
    let listed = std::fs::read_dir(&links).map_err(|error| Failure(format!("{}: {error}", links.display())))?;
    let mut listed: Vec<_> = listed.filter_map(|link| Some(link.ok()?.path())).collect();
    listed.sort();
    for link in &listed {
        verify.arg("--evidence").arg(link);
    }
    verify.arg(case.join("product/app.bin"));
    rows.push(measure("one in-toto layout", "countersign verify --layout", &mut verify, 50)?);
    let client = python_environment().join("bin/in-toto-verify");
    if client.exists() {
        let mut verify = Command::new(client);
        verify.arg("--layout").arg(&layout).arg("--verification-keys").arg(&owner).arg("--link-dir").arg(&links);
        rows.push(measure("one in-toto layout", "in-toto-verify (Python)", &mut verify, 10)?);
    } else {
        eprintln!("SKIPPED: in-toto-verify: `cargo xtask test tools` installs it");
    }
    Ok(())
}

/// A large signed program: how much is added to the hash that everybody needs.
fn large_program(ours: &Path, dir: &Path, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let program = signed_program(dir)?;
    let what = format!("signed PE of {:.1} MB", f64::from(u32::try_from(LARGE).unwrap_or(u32::MAX)) / 1e6);
    rows.push(measure(&what, "countersign verify", Command::new(ours).arg("verify").arg(&program), 15)?);
    let mut digest = Command::new("openssl");
    rows.push(measure(&what, "openssl dgst -sha256", digest.args(["dgst", "-sha256"]).arg(&program), 15)?);
    let mut peer = Command::new("osslsigncode");
    rows.push(measure(&what, "osslsigncode verify", peer.args(["verify", "-in"]).arg(&program), 5)?);
    Ok(())
}

/// A small signed program: what a process costs.
fn small_program(ours: &Path, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let program = root().join("samples/conpty.dll");
    rows.push(measure(
        "signed PE of 110 kB",
        "countersign verify",
        Command::new(ours).arg("verify").arg(&program),
        50,
    )?);
    let mut peer = Command::new("osslsigncode");
    rows.push(measure("signed PE of 110 kB", "osslsigncode verify", peer.args(["verify", "-in"]).arg(&program), 10)?);
    Ok(())
}

/// A directory of small signed programs.
fn directory(ours: &Path, dir: &Path, rows: &mut Vec<Row>) -> Result<(), Failure> {
    let tree = dir.join("tree");
    let sample = root().join("samples/conpty.dll");
    for number in 0..FILES {
        let folder = tree.join((number / 100).to_string());
        let copy = folder.join(format!("{number}.dll"));
        if !copy.exists() {
            std::fs::create_dir_all(&folder).map_err(|error| Failure(error.to_string()))?;
            std::fs::copy(&sample, &copy).map_err(|error| Failure(error.to_string()))?;
        }
    }
    let mut verify = Command::new(ours);
    verify.args(["verify", "--format", "jsonl"]).arg(&tree);
    let row = measure(&format!("{FILES} signed PE of 110 kB"), "countersign verify DIRECTORY", &mut verify, 5)?;
    eprintln!("{:.0} files/s", f64::from(FILES) / row.seconds);
    rows.push(row);
    Ok(())
}

/// Signs a program of [`LARGE`] bytes with a throw-away key.
fn signed_program(dir: &Path) -> Result<PathBuf, Failure> {
    let signed = dir.join("large.exe");
    if signed.exists() {
        return Ok(signed);
    }
    let (unsigned, key, certificate) = (dir.join("unsigned.exe"), dir.join("key.pem"), dir.join("certificate.pem"));
    // The sample without its signature, and bytes behind its sections, which a signature covers too.
    let mut strip = command("osslsigncode");
    let small = dir.join("small.exe");
    run(strip.args(["remove-signature", "-in"]).arg(root().join("samples/conpty.dll")).arg("-out").arg(&small))?;
    let mut program = read(&small)?;
    program.resize(LARGE, 0x5a);
    write(&unsigned, &program)?;
    let request = ["req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "30", "-subj", "/CN=Benchmark"];
    let usage = ["-addext", "extendedKeyUsage=codeSigning", "-keyout"];
    run(command("openssl").args(request).args(usage).arg(&key).arg("-out").arg(&certificate))?;
    let mut sign = command("osslsigncode");
    sign.args(["sign", "-h", "sha256", "-certs"]).arg(&certificate).arg("-key").arg(&key);
    run(sign.arg("-in").arg(&unsigned).arg("-out").arg(&signed))?;
    Ok(signed)
}

/// Median time of whole processes, and the memory of one more. Verdicts other than success count as well.
fn measure(what: &str, name: &str, timed: &mut Command, runs: u32) -> Result<Row, Failure> {
    let line = shell_line(timed);
    let mut hyperfine = command("hyperfine");
    let file = workspace_dir("bench")?.join("hyperfine.json");
    hyperfine.args(["--shell=none", "--warmup=2", "--ignore-failure", "--style=none", "--export-json"]).arg(&file);
    output(hyperfine.arg("--runs").arg(runs.to_string()).arg(&line))?;
    let json: Value = serde_json::from_slice(&read(&file)?).map_err(|error| Failure(format!("hyperfine: {error}")))?;
    let median = json.pointer("/results/0/median").and_then(Value::as_f64);
    let seconds = median.ok_or_else(|| Failure("hyperfine gave no median".to_owned()))?;
    Ok(Row { what: what.to_owned(), command: name.to_owned(), seconds, mebibytes: memory(timed)? })
}

/// The largest resident set, in MiB.
fn memory(timed: &Command) -> Result<f64, Failure> {
    let mut time = Command::new("time");
    time.args(["--quiet", "--format=%M"]).arg(timed.get_program()).args(timed.get_args());
    let ended = time.output().map_err(|error| Failure(format!("{}: {error}", words(&time))))?;
    let written = String::from_utf8_lossy(&ended.stderr).into_owned();
    let kibibytes = written.lines().last().and_then(|line| line.trim().parse::<f64>().ok());
    kibibytes.map(|k| k / 1024.0).ok_or_else(|| Failure(format!("{}: no figure in `{written}`", words(&time))))
}

/// A command as hyperfine reads it.
fn shell_line(command: &Command) -> String {
    let quote = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    let all = std::iter::once(command.get_program()).chain(command.get_args());
    all.map(quote).collect::<Vec<_>>().join(" ")
}
