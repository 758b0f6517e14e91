//! The program under test, run as its users run it.

#![allow(dead_code, missing_docs, reason = "every test file uses another part of it")]

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countersign::crypto::SigningKey;

/// The keys of three owners: `jo.pem` and `jo.pub`, and those of `kim` and `lee`.
pub(crate) fn write_owner_keys(folder: &Path) {
    for (name, seed) in [("jo", 1_u8), ("kim", 2), ("lee", 3)] {
        // An Ed25519 key out of a seed (RFC 8410 §7).
        let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
        let secret = [&head[..], &[seed; 32]].concat();
        let public = SigningKey::from_pkcs8(&secret).unwrap().public_key().spki().to_vec();
        fs::write(folder.join(format!("{name}.pem")), secret).unwrap();
        fs::write(folder.join(format!("{name}.pub")), public).unwrap();
    }
}

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    /// The most memory that was seen in use, where the system tells (Linux).
    pub(crate) peak_kib: Option<u64>,
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout: {}\nstderr: {}", self.stdout, self.stderr);
        assert!(!self.stderr.contains("panicked"), "{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, words: &[&str]) -> Self {
        for word in words {
            let all = format!("{}{}", self.stdout, self.stderr);
            assert!(all.contains(word), "`{word}` is missing in stdout: {}\nstderr: {}", self.stdout, self.stderr);
        }
        self
    }

    #[track_caller]
    pub(crate) fn within(self, seconds: u64) -> Self {
        assert!(self.took < Duration::from_secs(seconds), "took {:?}", self.took);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

/// The program with a clean environment.
pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the program with these arguments, in this directory.
pub(crate) fn run_in<A: AsRef<OsStr>>(directory: &Path, arguments: &[A]) -> Ran {
    watch(command().current_dir(directory).args(arguments))
}

/// Runs the program with these arguments.
pub(crate) fn run<A: AsRef<OsStr>>(arguments: &[A]) -> Ran {
    watch(command().args(arguments))
}

pub(crate) fn watch(command: &mut Command) -> Ran {
    let start = Instant::now();
    let child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let watcher = std::thread::spawn(move || {
        let mut peak = None;
        // Ends when the process is gone, or is only waited for: then its memory is no longer listed.
        while let Some(now) = std::fs::read_to_string(&status).ok().as_deref().and_then(resident_peak) {
            peak = Some(now);
            std::thread::sleep(Duration::from_millis(2));
        }
        peak
    });
    let output = child.wait_with_output().unwrap();
    Ran {
        took: start.elapsed(),
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        peak_kib: watcher.join().unwrap(),
    }
}

/// `VmHWM` of `proc_pid_status(5)`.
fn resident_peak(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}
