//! Running programs and reading files, with errors that say which.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Why a chore failed, in words.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) String);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The root of the workspace.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// A folder below `target/`, made if needed.
pub(crate) fn workspace_dir(name: &str) -> Result<PathBuf, Failure> {
    let dir = root().join("target").join("xtask").join(name);
    std::fs::create_dir_all(&dir).map_err(|error| Failure(format!("{}: {error}", dir.display())))?;
    Ok(dir)
}

/// A command that runs in the root of the workspace.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Cargo, the one that runs us.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end and fails if it does.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    let status = command.status().map_err(|error| Failure(format!("{}: {error}", words(command))))?;
    if status.success() { Ok(()) } else { Err(Failure(format!("{}: {status}", words(command)))) }
}

/// Runs a command and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>, Failure> {
    let output = command.output().map_err(|error| Failure(format!("{}: {error}", words(command))))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    Err(Failure(format!("{}: {}\n{}", words(command), output.status, String::from_utf8_lossy(&output.stderr))))
}

/// A command line to show.
pub(crate) fn words(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure(format!("{}: {error}", path.display())))
}

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes).map_err(|error| Failure(format!("{}: {error}", path.display())))
}
