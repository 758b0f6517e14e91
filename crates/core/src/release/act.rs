//! Duties: who did what for a release, and when.

use serde::{Deserialize, Serialize};

use super::actor::Actor;
use crate::crypto::Digest;
use crate::event::field::words;
use crate::time::Time;

words! {
    /// What somebody does for a release. What one does, another must not: that is the separation of duties.
    Duty {
        /// Writes the source.
        Author = "author",
        /// Looks at what another wrote.
        Review = "review",
        /// Makes the artifact.
        Build = "build",
        /// Lets it be signed or published.
        Approve = "approve",
        /// Signs it.
        Sign = "sign",
        /// Puts it where users take it from.
        Publish = "publish",
        /// Puts it to use.
        Deploy = "deploy",
    }
}

/// Somebody did something for a release, as a gateway or forge recorded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// What was done.
    pub duty: Duty,
    /// Who did it.
    pub by: Actor,
    /// When, by the clock of whoever recorded it.
    pub at: Option<Time>,
    /// The artifact that it was done for.
    pub digest: Digest,
    /// Whether it was done under the rules for emergencies, which ask for a second approval afterwards.
    #[serde(default)]
    pub emergency: bool,
}
