//! `policy diff`: what two policies say differently, and which recorded verdicts that changes.

mod shown;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

use countersign::crypto::DigestAlgorithm;
use countersign::policy::differences;
use countersign::record::VerdictRecord;
use countersign::record::diff::{Because, Change, Comparison};
use countersign::registry::{Registry, keys_of_artifact};
use countersign::verdict::Decision;
use countersign_store::{SqliteStore, Store as _, StoredRecord, ledger, verdicts};

use super::args::PolicyDiff;
use super::{read, require};
use crate::describe::print;
use crate::examiner::cores;
use crate::output::{CANNOT_RUN, NOTHING_FOUND, REFUSED, complain};
use crate::sweep::sweep;
use crate::trouble::Trouble;

/// Records that may wait for a worker: a few megabytes.
const WAITING: usize = 256;

/// Runs `policy diff`: 0 if nothing changes, 1 if something does, 2 if a verdict cannot be weighed again.
pub(crate) fn run(options: &PolicyDiff) -> Result<u8, Trouble> {
    let ((old, _), (new, _)) = (read(&options.old)?, read(&options.new)?);
    let environment = options.environment.as_deref();
    if let Some(name) = environment {
        require(&old, name)?;
        require(&new, name)?;
    }
    let said = differences(&old, &new, environment);
    let comparison = Comparison { old: &old, new: &new, environment };
    let recorded = options.store.as_deref().map(|store| Recorded::of(store, comparison)).transpose()?;
    let code = match &recorded {
        Some(recorded) if recorded.failed > 0 => CANNOT_RUN,
        // A store without verdicts shows nothing: that is no success.
        Some(recorded) if recorded.verdicts == 0 => NOTHING_FOUND,
        Some(recorded) if recorded.is_changed() => REFUSED,
        None if !said.is_empty() => REFUSED,
        _ => 0,
    };
    let text = match options.format.as_str() {
        "json" => shown::json((&old, &new), &said, recorded.as_ref()),
        _ => shown::text(&said, recorded.as_ref(), options.most),
    };
    Ok(print(&text).max(code))
}

/// What becomes of the recorded verdicts.
#[derive(Default)]
struct Recorded {
    verdicts: u64,
    /// The answer to a question differs, and the decision does not.
    answers: u64,
    /// The policies have no such environment.
    elsewhere: u64,
    failed: u64,
    /// By what they were decided before and after.
    decisions: BTreeMap<(&'static str, &'static str), u64>,
    artifacts: BTreeMap<Key, u64>,
}

/// One artifact whose decision changes, and why.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    name: String,
    digest: String,
    before: &'static str,
    after: &'static str,
    because: Vec<Because>,
}

/// What became of one record.
enum Done {
    Weighed { name: String, digest: String, change: Change },
    Elsewhere,
    Failed(Trouble),
}

impl Recorded {
    fn of(path: &Path, comparison: Comparison<'_>) -> Result<Self, Trouble> {
        let (store, asked) = (SqliteStore::open_to_read(path)?, SqliteStore::open_to_read(path)?);
        store.hold()?;
        asked.hold()?;
        let asked = Mutex::new(asked);
        let (sender, records) = sync_channel(WAITING);
        let mut recorded = Self::default();
        std::thread::scope(|scope| {
            let reader = scope.spawn(move || {
                store.records(&mut |record| {
                    // Nobody takes any more only if this run is being ended.
                    let _ = sender.send(record);
                    Ok(())
                })
            });
            recorded.weigh(records, comparison, &asked);
            let defect = |_| Trouble::at(path, "a defect in Countersign ended the reading").remedy("please report it");
            reader.join().map_err(defect)?.map_err(Trouble::from)
        })?;
        Ok(recorded)
    }

    fn weigh(&mut self, records: Receiver<StoredRecord>, comparison: Comparison<'_>, asked: &Mutex<SqliteStore>) {
        let work = |record: StoredRecord| weighed(&record, comparison, asked).unwrap_or_else(Done::Failed);
        sweep(records.into_iter(), cores(), work, |done| {
            self.take(done);
            true
        });
    }

    fn take(&mut self, done: Done) {
        self.verdicts += 1;
        match done {
            Done::Elsewhere => self.elsewhere += 1,
            Done::Failed(trouble) => {
                complain(&trouble);
                self.failed += 1;
            }
            Done::Weighed { name, digest, change } => {
                let (before, after) = (word(change.before), word(change.after));
                *self.decisions.entry((before, after)).or_default() += 1;
                if change.before == change.after {
                    self.answers += u64::from(!change.answers.is_empty());
                } else {
                    let key = Key { name, digest, before, after, because: change.because };
                    *self.artifacts.entry(key).or_default() += 1;
                }
            }
        }
    }

    fn is_changed(&self) -> bool {
        !self.artifacts.is_empty() || self.answers > 0 || self.elsewhere > 0
    }
}

fn weighed(stored: &StoredRecord, comparison: Comparison<'_>, asked: &Mutex<SqliteStore>) -> Result<Done, Trouble> {
    let record = verdicts::read(stored)?;
    let registry = registry(&record, asked)?;
    let facts = &record.dossier.artifact;
    let digest = facts.digests.get(&DigestAlgorithm::Sha256).or_else(|| facts.digests.values().next());
    let (name, digest) = (facts.name.clone(), digest.map_or_else(String::new, ToString::to_string));
    Ok(match comparison.of(record, &registry) {
        Ok(change) => Done::Weighed { name, digest, change },
        Err(_) => Done::Elsewhere,
    })
}

/// What the registry knows today of those who could have signed, if one was asked then.
fn registry(record: &VerdictRecord, asked: &Mutex<SqliteStore>) -> Result<Registry, Trouble> {
    if record.registry.is_none() {
        return Ok(Registry::default());
    }
    let keys: Vec<String> = keys_of_artifact(&record.dossier, &record.expectations).into_iter().collect();
    let store = asked.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(ledger::registry_of(&*store, &keys)?)
}

/// The word of the decision in a document.
const fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Admit => "admit",
        Decision::Refuse => "refuse",
        Decision::RefuseForLackOfEvidence => "refuse-for-lack-of-evidence",
    }
}
