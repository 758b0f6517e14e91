//! How the key behind a signature is held, and who says so.

use serde::{Deserialize, Serialize};

/// How a key is held, by the strength of the evidence. Never more than the evidence says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum KeyProtection {
    /// A device stated it about this very key, and an accepted anchor vouches for the device.
    Attested {
        /// The kind of device.
        by: String,
        /// What it states.
        what: String,
    },
    /// A rule requires hardware of every such certificate. The CA says that it checked; nothing is known about this
    /// key.
    RequiredByRule {
        /// The rule.
        rule: String,
        /// Who asserts that it was kept.
        asserted_by: String,
    },
    /// Its owner says so.
    Declared {
        /// Where.
        source: String,
        /// What is said.
        what: String,
    },
    /// Nothing says how it is held.
    #[default]
    Unknown,
}

impl KeyProtection {
    /// Every word of the contract, best evidence first.
    pub(crate) const WORDS: [&'static str; 4] = ["attested", "required-by-rule", "declared", "unknown"];

    /// The word of the contract.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Attested { .. } => "attested",
            Self::RequiredByRule { .. } => "required-by-rule",
            Self::Declared { .. } => "declared",
            Self::Unknown => "unknown",
        }
    }

    /// Who says so.
    #[must_use]
    pub fn by(&self) -> Option<&str> {
        match self {
            Self::Attested { by, .. } => Some(by),
            Self::RequiredByRule { asserted_by, .. } => Some(asserted_by),
            Self::Declared { source, .. } => Some(source),
            Self::Unknown => None,
        }
    }

    /// The facts in words.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Attested { what, .. } | Self::Declared { what, .. } => what.clone(),
            Self::RequiredByRule { rule, .. } => {
                format!("{rule}: the CA was required to check; no evidence about this key")
            }
            Self::Unknown => "nothing says how the key is held".to_owned(),
        }
    }
}
