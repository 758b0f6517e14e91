//! Where the store is, and opening it.

use std::path::PathBuf;

use clap::Args;
use countersign::policy::{Environment, Rule};
use countersign_store::{SqliteStore, StoreError, StoreErrorKind};
use etcetera::BaseStrategy as _;

use crate::trouble::Trouble;

/// Which store.
#[derive(Args, Clone, Debug, Default)]
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

    /// Opens it to be read, if there is one: none, or one from before this version, says nothing yet.
    pub(crate) fn open_if_there(&self) -> Result<Option<SqliteStore>, Trouble> {
        match SqliteStore::open_to_read(&self.path()?) {
            Ok(store) => Ok(Some(store)),
            Err(error) if matches!(error.kind, StoreErrorKind::Missing | StoreErrorKind::TooOld) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The registry that a verdict asks: the store that is named; or the usual one, if the policy asks for the
    /// registry and there is one. It stays as it is now for the whole run.
    pub(crate) fn registry(&self, required: Option<&Environment>) -> Result<Option<SqliteStore>, Trouble> {
        let asks = || required.is_some_and(asks_registry);
        let usual = || usual().ok().filter(|path| asks() && path.exists());
        let Some(path) = self.named().or_else(usual) else { return Ok(None) };
        let store = SqliteStore::open_to_read(&path)?;
        store.hold()?;
        Ok(Some(store))
    }
}

/// What a policy cannot establish without a registry.
const OF_REGISTRY: [&str; 10] = [
    "registered",
    "owner-active",
    "rotation-not-overdue",
    "reviewed",
    "monitored",
    "no-drift",
    "expected-publisher",
    "source-reviewed",
    "separate",
    "separate-or-isolated",
];

/// The facts that a rule cannot know without a registry.
const FACTS_OF_REGISTRY: [&str; 3] = ["registry_at_hand", "identities", "reviews"];

fn asks_registry(environment: &Environment) -> bool {
    let mut of_rules = environment.rules().iter().flat_map(Rule::looks_at);
    environment.demands().iter().any(|demand| OF_REGISTRY.contains(&demand.requirement.id))
        || of_rules.any(|fact| FACTS_OF_REGISTRY.contains(&fact))
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

#[cfg(test)]
mod tests {
    use countersign::requirements;

    use super::OF_REGISTRY;

    #[test]
    fn the_requirements_of_the_registry_are_known() {
        assert!(OF_REGISTRY.iter().all(|id| requirements::by_id(id).is_some()));
    }
}
