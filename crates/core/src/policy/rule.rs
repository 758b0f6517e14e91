//! Rules of a policy's own: conditions over the facts, for what no requirement asks.

mod load;
mod written;

use std::sync::Arc;

pub(super) use load::RULE;

use super::Enforcement;
use crate::condition::Condition;
use crate::requirements::Section;

/// Most rules of one environment. Whoever needs more has requirements that should be ours.
pub const MAX_RULES: usize = 64;

/// A condition that a policy states itself.
#[derive(Clone, Debug)]
pub struct Rule {
    pub(super) id: String,
    pub(super) section: Section,
    pub(super) text: String,
    pub(super) otherwise: String,
    pub(super) fix: Option<String>,
    pub(super) if_known: bool,
    pub(super) enforcement: Enforcement,
    pub(super) stated_in: Arc<str>,
    pub(super) condition: Arc<Condition>,
}

impl Rule {
    /// Its name, in the policy and in verdicts.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The question that it counts under, or none of them. A rule alone never answers a question with yes: beside it
    /// stands what is usual there.
    #[must_use]
    pub const fn section(&self) -> Section {
        self.section
    }

    /// The condition, as it is written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What is said where it does not hold.
    #[must_use]
    pub fn otherwise(&self) -> &str {
        &self.otherwise
    }

    /// What would change the answer, if the policy says it.
    #[must_use]
    pub fn fix(&self) -> Option<&str> {
        self.fix.as_deref()
    }

    /// Whether it holds something against the artifact that counts only if it is known: whoever leaves it out makes the
    /// rule hold.
    #[must_use]
    pub const fn is_if_known(&self) -> bool {
        self.if_known
    }

    /// The fields of the document of facts that it looks at.
    pub fn looks_at(&self) -> impl Iterator<Item = &'static str> {
        self.condition.roots()
    }

    /// From when on the decision rests on it.
    #[must_use]
    pub const fn enforcement(&self) -> Enforcement {
        self.enforcement
    }

    /// The environment that states it, its own or one that it inherits from.
    #[must_use]
    pub fn stated_in(&self) -> &str {
        &self.stated_in
    }

    /// The condition, checked.
    pub(crate) fn condition(&self) -> &Condition {
        &self.condition
    }
}
