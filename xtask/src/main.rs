//! Chores of the project, as `cargo xtask NAME`.
//!
//! Everything that is more than one cargo command and has to run the same on every machine. Only std, core
//! and serde_json: this is built before anything else on a fresh clone.

mod bench;
mod classes;
mod corpus;
mod fuzz;
mod process;
mod samples;
mod schema;
mod test;
mod trust;

use std::process::ExitCode;

use process::Failure;

/// One chore: its name, what it does, and how.
struct Chore {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Result<(), Failure>,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "test",
        about: "everything that must hold before a change is merged (or the steps named)",
        run: test::run_chore,
    },
    Chore { name: "bench", about: "measure whole processes against their peers", run: bench::run_chore },
    Chore {
        name: "corpus",
        about: "the shared corpus against a release build (or the families named)",
        run: corpus::run_chore,
    },
    Chore { name: "fuzz", about: "fuzz for a minute, or for the seconds given", run: fuzz::run_chore },
    Chore {
        name: "samples",
        about: "fetch samples/ again from the registries and check its digests",
        run: samples::run_chore,
    },
    Chore { name: "schema", about: "write docs/schema/verdict-v1.json", run: schema::run_chore },
    Chore { name: "trust", about: "make the built-in trust anchors again (--check: compare)", run: trust::run_chore },
];

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
