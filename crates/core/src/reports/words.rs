//! Closed sets of words: written as text, listed in the JSON Schema.

use serde::{Serialize, Serializer};

use crate::claim::{Standing, Voucher};
use crate::evidence::{Outcome, State, TimeSource};
use crate::finding::Severity;
use crate::identity::Assurance;
use crate::release::act::Duty;
use crate::release::run::Conclusion;
use crate::tool::{ToolKind, ToolOutcome};
use crate::verdict::{Answer, Decision, Mode, Question, WaiverEffect};

/// A value that is written as one word of a closed set.
pub(crate) trait Closed: Copy {
    /// The word.
    fn word(self) -> &'static str;

    /// The name of the set in the schema.
    const SET: &'static str;

    /// Every word of the set.
    fn words() -> Vec<&'static str>;
}

/// A word of a closed set in a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: Closed> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

macro_rules! closed {
    ($($set:ident = $all:expr;)*) => {
        $(impl Closed for $set {
            const SET: &'static str = stringify!($set);

            fn word(self) -> &'static str {
                $set::word(self)
            }

            fn words() -> Vec<&'static str> {
                let mut words: Vec<&str> = $all.iter().map(|value| $set::word(*value)).collect();
                words.dedup();
                words
            }
        })*
    };
}

closed! {
    Conclusion = Self::ALL;
    Duty = Self::ALL;
    ToolKind = Self::ALL;
    ToolOutcome = Self::ALL;
    Answer = Self::ALL;
    Assurance = Self::ALL;
    Decision = [Self::Admit, Self::Refuse, Self::RefuseForLackOfEvidence];
    Outcome = [Self::Pass, Self::Fail(crate::evidence::Reason::Malformed), Self::Undecided(crate::evidence::Need::Key)];
    Mode = Self::ALL;
    Question = Self::ALL;
    Severity = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];
    Standing = Self::ALL;
    State = [
        Self::Broken, Self::Bad, Self::Distrusted, Self::Revoked, Self::WrongUsage, Self::Expired, Self::Untrusted,
        Self::Unknown, Self::Valid,
    ];
    TimeSource = Self::ALL;
    Voucher = Self::ALL;
    WaiverEffect = Self::ALL;
}

#[cfg(feature = "schema")]
impl<T: Closed> schemars::JsonSchema for Word<T> {
    fn inline_schema() -> bool {
        false
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::SET.into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": T::words() })
    }
}
