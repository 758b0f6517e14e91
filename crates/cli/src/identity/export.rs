//! `identity export`: every event, or the state of today.

use countersign::event::FieldName;
use countersign::registry::Identity;
use countersign_store::{Sequence, SqliteStore, Store as _, StoreError, StoreErrorKind, ledger};

use super::args::Export;
use super::card;
use super::import::COLUMNS;
use crate::output::Output;
use crate::trouble::Trouble;

/// Runs `identity export`.
pub(crate) fn run(store: &SqliteStore, options: &Export) -> Result<u8, Trouble> {
    let mut output = Output::new();
    if options.format == "csv" {
        csv(store, &mut output)?;
    } else {
        store.events_after(Sequence::START, &mut |event| {
            output.put(&event.body);
            output.put("\n");
            Ok(())
        })?;
    }
    Ok(output.finish(0))
}

fn csv(store: &SqliteStore, output: &mut Output) -> Result<(), Trouble> {
    let fields = FieldName::ALL.iter().map(|name| name.word());
    let header: Vec<String> = COLUMNS.iter().copied().chain(["state"]).chain(fields).map(str::to_owned).collect();
    output.put(&record(&header)?);
    ledger::identities(store, &mut |identity, _| {
        output.put(&record(&row(&identity))?);
        Ok(())
    })?;
    Ok(())
}

fn row(identity: &Identity) -> Vec<String> {
    let of = |class: &str| {
        let keys = identity.credentials.iter().filter(|held| held.replaced.is_none()).map(|held| held.selector.key());
        let of_class = keys.filter_map(|key| key.strip_prefix(&format!("{class}|")).map(str::to_owned));
        of_class.collect::<Vec<_>>().join(";")
    };
    let base = COLUMNS.iter().map(|column| match *column {
        "id" => identity.id.to_string(),
        "kind" => identity.kind.word().to_owned(),
        "name" => identity.name.to_string(),
        "found-in" => identity.found_in.to_string(),
        "spki" => of("key"),
        class => of(class),
    });
    let state = std::iter::once(identity.state.word().to_owned());
    let fields = FieldName::ALL.iter().map(|name| identity.field(*name).map(card::value).unwrap_or_default());
    base.chain(state).chain(fields).collect()
}

/// One line of CSV (RFC 4180). A text that a spreadsheet would run as a formula is told from one by an apostrophe.
fn record(cells: &[String]) -> Result<String, StoreError> {
    let failed = |error: String| StoreError { place: "csv".to_owned(), kind: StoreErrorKind::Refused, detail: error };
    let mut writer = csv::Writer::from_writer(Vec::new());
    let harmless = cells
        .iter()
        .map(|cell| if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.clone() });
    writer.write_record(harmless).map_err(|error| failed(error.to_string()))?;
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}
