//! Where the store is, and opening it.

use std::path::PathBuf;

use clap::Args;
use countersign::policy::Environment;
use countersign_store::{SqliteStore, StoreError};
use etcetera::BaseStrategy as _;

use crate::trouble::Trouble;

/// Which store.
#[derive(Args, Default, Clone)]
pub(crate) struct StoreOptions {
    /// The store of the registry and of recorded verdicts; default: COUNTERSIGN_STORE, or `countersign/store.db` in
    /// the user's data directory
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) store: Option<PathBuf>,
}

impl StoreOptions {
    /// The store that the user names, if one is named.
    pub(crate) fn named(&self) -> Option<PathBuf> {
        let variable = || std::env::var_os("COUNTERSIGN_STORE").filter(|path| !path.is_empty()).map(PathBuf::from);
        self.store.clone().or_else(variable)
    }

    /// The store that is named, or the usual one.
    pub(crate) fn path(&self) -> Result<PathBuf, Trouble> {
        self.named().map_or_else(usual, Ok)
    }

    /// Opens it to be written, and makes it if it is not there.
    pub(crate) fn open(&self) -> Result<SqliteStore, Trouble> {
        Ok(SqliteStore::open(&self.path()?)?)
    }

    /// Opens it to be read.
    pub(crate) fn open_to_read(&self) -> Result<SqliteStore, Trouble> {
        Ok(SqliteStore::open_to_read(&self.path()?)?)
    }

    /// The registry that a verdict asks: the store, if one is named. It stays as it is now for the whole run.
    pub(crate) fn registry(&self, _required: Option<&Environment>) -> Result<Option<SqliteStore>, Trouble> {
        let Some(path) = self.named() else { return Ok(None) };
        let store = SqliteStore::open_to_read(&path)?;
        store.hold()?;
        Ok(Some(store))
    }
}

/// The store in the user's data directory.
fn usual() -> Result<PathBuf, Trouble> {
    let strategy = etcetera::base_strategy::choose_native_strategy();
    let strategy = strategy.map_err(|error| Trouble::new("--store", format!("no data directory: {error}")))?;
    Ok(strategy.data_dir().join("countersign").join("store.db"))
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        let StoreError { place, kind, detail } = error;
        let problem =
            if detail.is_empty() { kind.problem().to_owned() } else { format!("{}: {detail}", kind.problem()) };
        Self::new(place, problem).remedy(kind.remedy())
    }
}
