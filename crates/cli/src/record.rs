//! `verify --record`: keeping the verdicts that somebody relied on.
//!
//! Recording never changes an answer or the output, and never loses a verdict: if the store fails, the verdict is
//! printed all the same, and the exit code says that the run did not do all that it should.

use countersign::record::Reliance;
use countersign_store::{NewRecord, PolicyText, SqliteStore, Store as _};

use crate::output::{CANNOT_RUN, complain};
use crate::store::StoreOptions;
use crate::trouble::Trouble;

/// Records written in one transaction: a few megabytes, and few enough waits for the disk.
const BATCH: usize = 1_000;

/// Where verdicts go to be kept.
pub(crate) struct Recorder {
    store: Option<SqliteStore>,
    policy: PolicyText,
    waiting: Vec<NewRecord>,
    recorded: u64,
    trouble: Option<Trouble>,
}

impl Recorder {
    /// Opens the store. If that fails, the trouble is told at the end.
    pub(crate) fn open(options: &StoreOptions, policy: PolicyText) -> Self {
        let (store, trouble) = match options.open() {
            Ok(store) => (Some(store), None),
            Err(trouble) => (None, Some(trouble)),
        };
        Self { store, policy, waiting: Vec::new(), recorded: 0, trouble }
    }

    /// Whether the store is there.
    pub(crate) const fn is_open(&self) -> bool {
        self.store.is_some()
    }

    /// Takes a record.
    pub(crate) fn put(&mut self, record: Result<NewRecord, Trouble>) {
        match record {
            _ if self.trouble.is_some() => {}
            Ok(record) => self.waiting.push(record),
            Err(trouble) => self.trouble = Some(trouble),
        }
        if self.waiting.len() >= BATCH {
            self.write();
        }
    }

    fn write(&mut self) {
        let Some(store) = self.store.as_mut().filter(|_| self.trouble.is_none() && !self.waiting.is_empty()) else {
            return;
        };
        match store.record(std::slice::from_ref(&self.policy), &self.waiting) {
            Ok(()) => self.recorded += self.waiting.len() as u64,
            Err(error) => self.trouble = Some(error.into()),
        }
        self.waiting.clear();
    }

    /// Writes the rest. The exit code becomes 2 if a verdict could not be recorded.
    pub(crate) fn finish(mut self, exit_code: u8) -> u8 {
        self.write();
        let Some(mut trouble) = self.trouble else { return exit_code };
        trouble.problem = format!("{} verdicts were recorded, then: {}", self.recorded, trouble.problem);
        complain(&trouble);
        CANNOT_RUN
    }
}

/// Who relies on the verdicts, and where.
pub(crate) fn reliance(place: Option<&str>) -> Result<Reliance, Trouble> {
    let party = accounts().find(|name| !name.is_empty()).unwrap_or_default();
    let place = place.map(str::to_owned).or_else(host);
    let place =
        place.ok_or_else(|| Trouble::new("--place", "the name of this host is not known: say where this is"))?;
    Ok(Reliance { party, place })
}

/// The names that the environment has for the account that runs this.
pub(crate) fn accounts() -> impl Iterator<Item = String> {
    ["USER", "LOGNAME", "USERNAME"].into_iter().filter_map(|name| std::env::var(name).ok())
}

/// The name of this host, where the system tells it in a file or in the environment.
fn host() -> Option<String> {
    let file =
        std::fs::read_to_string("/proc/sys/kernel/hostname").or_else(|_| std::fs::read_to_string("/etc/hostname"));
    let name = file.ok().or_else(|| std::env::var("COMPUTERNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
