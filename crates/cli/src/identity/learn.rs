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
use crate::examiner::{Examiner, Target, cores};
use crate::output::{NOTHING_FOUND, complain, note};
use crate::store::StoreOptions;
use crate::trouble::Trouble;
use crate::walk::{Met, Walk};
use crate::write::Replacement;

/// Runs `identity learn`. It writes a file and nothing else: nothing is taken into the registry silently.
pub(crate) fn run(store: &StoreOptions, options: &Learn) -> Result<u8, Trouble> {
    let by = actor(options.actor.as_ref())?;
    let examiner = Examiner::new(&options.evidence)?;
    let mut tree = Tree::default();
    for path in &options.artifacts {
        match examiner.whole(path)? {
            Some(target) => tree.take(&examiner, &target),
            None => tree.walk(&examiner, path),
        }
    }
    // What is recorded already is not proposed again.
    let known = store.open_if_there()?.map_or(Ok(0), |store| tree.drop_known(&store))?;
    let events = tree.learnt.events(&by, examiner.at).map_err(|bad| Trouble::new("learn", bad.to_string()))?;
    let summary =
        format!("{} artifacts: {} identities proposed, {known} known already\n", tree.seen, tree.learnt.len());
    if events.is_empty() {
        print(&summary);
        note("no valid signature of an identity that is not recorded yet");
        return Ok(if tree.failed { crate::output::CANNOT_RUN } else { NOTHING_FOUND });
    }
    write(&options.output, &events)?;
    let code = print(&format!(
        "{summary}review the file, then: countersign identity import {} --reason TEXT\n",
        options.output.display()
    ));
    Ok(if tree.failed { crate::output::CANNOT_RUN } else { code })
}

/// What the artifacts taught, and whether all could be read.
#[derive(Default)]
struct Tree {
    learnt: Learnt,
    seen: u64,
    failed: bool,
}

impl Tree {
    fn walk(&mut self, examiner: &Examiner, root: &Path) {
        for met in Walk::new(root) {
            match met {
                Met::Trouble(trouble) => self.fail(&trouble),
                Met::File(path, listing) => match examiner.is_evidence(&path, &listing) {
                    Ok(true) => {}
                    Ok(false) => self.take(examiner, &Target::File(path, Some(listing))),
                    Err(trouble) => self.fail(&trouble),
                },
            }
        }
    }

    fn fail(&mut self, trouble: &Trouble) {
        complain(trouble);
        self.failed = true;
    }

    fn take(&mut self, examiner: &Examiner, target: &Target) {
        match examiner.examine(target, cores()) {
            Ok(dossier) => {
                self.seen += 1;
                self.learnt.take(&dossier);
            }
            Err(trouble) => self.fail(&trouble),
        }
    }

    fn drop_known(&mut self, store: &SqliteStore) -> Result<usize, Trouble> {
        let mut known = BTreeSet::new();
        for selectors in self.learnt.selectors() {
            let keys: Vec<String> = selectors.iter().map(Selector::key).collect();
            if !store.candidates(&keys)?.is_empty() {
                known.insert(selectors.to_vec());
            }
        }
        Ok(self.learnt.retain(|selectors| !known.contains(selectors)))
    }
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
