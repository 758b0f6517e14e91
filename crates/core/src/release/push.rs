//! Pushes: who moved a branch or tag to a commit, and what the forge enforced then.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use crate::time::Time;

/// A branch or tag was moved to a commit, as somebody recorded it who watched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Push {
    /// The repository.
    pub repository: String,
    /// The branch or tag, fully qualified.
    pub reference: String,
    /// The commit that it points to since.
    pub commit: String,
    /// The commit that it pointed to before.
    pub before: Option<String>,
    /// The account that did it, which wrote and approved nothing by that.
    pub by: Option<Actor>,
    /// How, in the words of whoever recorded it, such as `pr_merge`.
    pub activity: Option<String>,
    /// When it was recorded.
    pub at: Time,
    /// What the forge enforced.
    pub controls: Vec<Control>,
}

/// Something that a forge enforces on changes of a reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// Its name, such as `CONTINUITY_ENFORCED`.
    pub name: String,
    /// Since when.
    pub since: Option<Time>,
}

impl Push {
    /// The controls that were in force by then. Of one without a date, nobody knows.
    pub fn in_force(&self) -> impl Iterator<Item = &str> {
        let in_force = self.controls.iter().filter(|control| control.since.is_some_and(|since| since <= self.at));
        in_force.map(|control| control.name.as_str())
    }
}
