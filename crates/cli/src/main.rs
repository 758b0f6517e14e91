//! Is it signed, is the signer trusted, is the release path controlled? With evidence, offline.
//!
//! The shell around the library: arguments, files, directories, the terminal. No cryptography, no parsing of
//! formats, no opinion.

mod anchors;
mod args;
mod bring;
mod deny;
mod describe;
mod discover;
mod distrust;
mod examiner;
mod identity;
mod layout;
mod limits;
mod output;
mod policies;
mod progress;
mod record;
mod revocation;
mod source;
mod statement;
mod store;
mod sweep;
mod tree;
mod trouble;
mod verify;
mod walk;
mod write;

use std::path::Path;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory as _, Parser as _};
use countersign::{facts, reports};

use crate::args::{Cli, Command, Trust};
use crate::output::{CANNOT_RUN, complain, note};
use crate::trouble::Trouble;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let code = run(cli.command).unwrap_or_else(|trouble| {
        complain(&trouble);
        CANNOT_RUN
    });
    ExitCode::from(code)
}

fn run(command: Command) -> Result<u8, Trouble> {
    match command {
        Command::Verify(options) => verify::run(&options),
        Command::Inspect(options) => describe::inspect(&options),
        Command::Explain(options) => describe::explain(&options),
        Command::Policy(command) => policies::run(&command),
        Command::Trust(Trust::Show(options)) => anchors::show(&options),
        Command::Trust(Trust::Import(options)) => anchors::import(&options),
        Command::Trust(Trust::ImportRevocation(options)) => revocation::import(&options),
        Command::Identity(options) => identity::run(&options),
        Command::Trust(Trust::ImportDistrust(options)) => deny::import(&options),
        Command::Deny(options) => deny::deny(&options),
        Command::Formats => Ok(describe::formats()),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "countersign", &mut script);
            Ok(describe::print(&String::from_utf8_lossy(&script)))
        }
        Command::Man { command } => man(command.as_deref()),
        Command::Schema { of } if of == "facts" => Ok(describe::print(&(facts::schema() + "\n"))),
        Command::Schema { .. } => Ok(describe::print(&reports::schema())),
    }
}

/// Writes the man page of a command.
fn man(name: Option<&str>) -> Result<u8, Trouble> {
    let mut root = Cli::command();
    root.build();
    let command = match name {
        None => root,
        Some(name) => {
            let found = root.find_subcommand(name).cloned();
            found.ok_or_else(|| Trouble::new("man", format!("no command is called `{name}`")))?
        }
    };
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(command).render(&mut page);
    written.map_err(|error| Trouble::new("man", error.to_string()))?;
    Ok(describe::print(&String::from_utf8_lossy(&page)))
}

/// Says what is wrong with the arguments; help and version are no error.
fn usage(error: &clap::Error) -> ExitCode {
    // Standard output or error may be closed: then there is nobody to tell.
    let _ = error.print();
    if error.kind() == ErrorKind::InvalidSubcommand
        && let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand)
        && Path::new(word).exists()
    {
        note(&format!("to judge this file: countersign verify {word}"));
    }
    ExitCode::from(if error.use_stderr() { CANNOT_RUN } else { 0 })
}
