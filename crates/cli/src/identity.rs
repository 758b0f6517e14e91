//! `identity`: the registry of signing identities.
//!
//! What the life cycle permits is core's to say; this turns arguments into events and identities into text.

pub(crate) mod args;
mod blast;
mod card;
mod change;
mod export;
mod fields;
mod import;
mod inventory;
mod learn;
mod list;

use countersign::event::{IdentityId, Text};
use countersign::reports::{for_terminal, to_json};
use countersign::time::Time;
use countersign_store::{SqliteStore, Store as _, ledger};
use serde::Serialize;

use self::args::{Check, Command, Identity};
use crate::describe::print;
use crate::examiner::now;
use crate::output::REFUSED;
use crate::record::accounts;
use crate::trouble::Trouble;

/// Runs the command and returns its exit code.
pub(crate) fn run(options: &Identity) -> Result<u8, Trouble> {
    let store = &options.store;
    match &options.command {
        Command::List(options) => list::run(&store.open_to_read()?, options),
        Command::Show(options) => card::run(&store.open_to_read()?, options),
        Command::Import(options) => import::run(store, options),
        Command::Export(options) => export::run(&store.open_to_read()?, options),
        Command::Learn(options) => learn::run(store, options),
        Command::ImportInventory(options) => inventory::run(&mut store.open()?, options),
        Command::Blast(options) => blast::run(&store.open_to_read()?, options),
        Command::Check(options) => check(&store.open_to_read()?, options),
        change => change::run(store, change),
    }
}

/// The account that runs this, as far as the environment says.
fn actor(given: Option<&Text>) -> Result<Text, Trouble> {
    if let Some(actor) = given {
        return Ok(actor.clone());
    }
    let mut texts = accounts().filter_map(|name| Text::new(name).ok());
    texts.next().ok_or_else(|| Trouble::new("--actor", "the account is not known here: say who it is"))
}

fn at(given: Option<Time>) -> Time {
    given.unwrap_or_else(now)
}

fn unknown(id: &IdentityId) -> Trouble {
    Trouble::new(id.as_str(), "no identity of this name is recorded")
        .remedy("`countersign identity list` shows all of them; `identity add` records one")
}

fn clean(text: &str) -> String {
    for_terminal(text, false).into_owned()
}

/// One JSON document.
fn document<T: Serialize>(value: &T) -> String {
    to_json(value, true) + "\n"
}

#[derive(Serialize)]
struct Checked {
    schema: &'static str,
    events: u64,
    verdicts: u64,
    flaws: Vec<FlawListed>,
}

#[derive(Serialize)]
struct FlawListed {
    place: String,
    detail: String,
}

/// Runs `identity check`: exit code 0 if everything is as it was written, 1 if not.
fn check(store: &SqliteStore, options: &Check) -> Result<u8, Trouble> {
    let flaws = ledger::check(store)?;
    let flaws: Vec<FlawListed> =
        flaws.into_iter().map(|flaw| FlawListed { place: flaw.place, detail: flaw.detail }).collect();
    let code = if flaws.is_empty() { 0 } else { REFUSED };
    let events = store.sequence()?.0;
    let verdicts = store.recorded()?;
    let text = if options.format == "json" {
        document(&Checked { schema: "countersign/store-check/v1", events, verdicts, flaws })
    } else {
        let lines = flaws.iter().map(|flaw| format!("  {}: {}\n", clean(&flaw.place), clean(&flaw.detail)));
        let word = if flaws.is_empty() { "whole" } else { "damaged" };
        format!("{word}: {events} events, {verdicts} verdicts, {} flaws\n{}", flaws.len(), lines.collect::<String>())
    };
    print(&text);
    Ok(code)
}
