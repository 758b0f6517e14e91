//! `identity learn`: proposals from the signatures in a tree, to be reviewed and imported.

use std::collections::BTreeSet;
use std::path::Path;

use countersign::event::Event;
use countersign::registry::Selector;
use countersign::registry::learn::Learnt;
use countersign_store::{SqliteStore, Store as _};

use super::actor;
use super::args::Learn;
use crate::describe::print;
use crate::examiner::Examiner;
use crate::output::{CANNOT_RUN, NOTHING_FOUND, note};
use crate::store::StoreOptions;
use crate::tree::examine_all;
use crate::trouble::Trouble;
use crate::write::Replacement;

/// Runs `identity learn`. It writes a file and nothing else: nothing is taken into the registry silently.
pub(crate) fn run(store: &StoreOptions, options: &Learn) -> Result<u8, Trouble> {
    let by = actor(options.actor.as_ref())?;
    let examiner = Examiner::new(&options.evidence)?;
    let (mut learnt, mut seen) = (Learnt::default(), 0_u64);
    let all = examine_all(&examiner, &options.artifacts, |dossier| {
        seen += 1;
        learnt.take(&dossier);
        Ok(())
    })?;
    // What is recorded already is not proposed again.
    let known = store.open_if_there()?.map_or(Ok(0), |store| drop_known(&mut learnt, &store))?;
    let events = learnt.events(&by, examiner.at).map_err(|bad| Trouble::new("learn", bad.to_string()))?;
    let summary = format!("{seen} artifacts: {} identities proposed, {known} known already\n", learnt.len());
    if events.is_empty() {
        print(&summary);
        note("no valid signature of an identity that is not recorded yet");
        return Ok(if all { NOTHING_FOUND } else { CANNOT_RUN });
    }
    write(&options.output, &events)?;
    let code = print(&format!(
        "{summary}review the file, then: countersign identity import {} --reason TEXT\n",
        options.output.display()
    ));
    Ok(if all { code } else { CANNOT_RUN })
}

/// Drops what the store has already, and returns how many that were.
fn drop_known(learnt: &mut Learnt, store: &SqliteStore) -> Result<usize, Trouble> {
    let mut known = BTreeSet::new();
    for selectors in learnt.selectors() {
        let keys: Vec<String> = selectors.iter().map(Selector::key).collect();
        if !store.candidates(&keys)?.is_empty() {
            known.insert(selectors.to_vec());
        }
    }
    Ok(learnt.retain(|selectors| !known.contains(selectors)))
}

/// Writes the proposals, never over an existing file.
fn write(path: &Path, events: &[Event]) -> Result<(), Trouble> {
    let mut text = String::new();
    for event in events {
        text.push_str(&serde_json::to_string(event).map_err(|error| Trouble::new("learn", error.to_string()))?);
        text.push('\n');
    }
    Replacement::begin(path, false)?.finish(text.as_bytes())
}
