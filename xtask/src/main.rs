//! Chores of the project, as `cargo xtask NAME`.
//!
//! Everything that is more than one cargo command and has to run the same on every machine. Only std, core
//! and serde_json: this is built before anything else on a fresh clone.

mod process;
mod trust;

use std::process::ExitCode;

use process::Failure;

/// One chore: its name, what it does, and how.
struct Chore {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const CHORES: &[Chore] = &[Chore {
    name: "trust",
    about: "make the built-in trust anchors again (--check: and compare)",
    run: trust::run_chore,
}];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = arguments.first().and_then(|name| CHORES.iter().find(|chore| chore.name == name));
    let Some(chore) = named else {
        eprintln!("usage: cargo xtask CHORE\n");
        for chore in CHORES {
            eprintln!("  {:10} {}", chore.name, chore.about);
        }
        return ExitCode::from(2);
    };
    match (chore.run)(arguments.get(1..).unwrap_or_default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask {}: {failure}", chore.name);
            ExitCode::FAILURE
        }
    }
}
