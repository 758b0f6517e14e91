//! From when on the decision rests on a requirement: always, from a date on, or never.
//!
//! A requirement that is not in force is judged and reported like any other. It is how a new one is tried before
//! it refuses anything.

use crate::time::Time;

/// From when on the decision rests on a requirement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Enforcement {
    /// Always.
    #[default]
    Always,
    /// From this instant on; before it is only warned.
    From(Time),
    /// Never: it is only warned.
    Warn,
}

impl Enforcement {
    /// Whether the decision rests on it at this instant.
    #[must_use]
    pub fn is_in_force(self, at: Time) -> bool {
        match self {
            Self::Always => true,
            Self::From(date) => at >= date,
            Self::Warn => false,
        }
    }

    /// The instant that is still to come, where there is one.
    #[must_use]
    pub fn comes_on(self, at: Time) -> Option<Time> {
        match self {
            Self::From(date) if at < date => Some(date),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Enforcement;
    use crate::time::Time;

    #[test]
    fn a_date_is_the_first_instant_in_force() {
        let (before, on) = (Time::from_unix(99), Time::from_unix(100));
        let from = Enforcement::From(on);
        assert!(!from.is_in_force(before) && from.is_in_force(on));
        assert_eq!((from.comes_on(before), from.comes_on(on)), (Some(on), None));
        assert!(Enforcement::Always.is_in_force(before) && !Enforcement::Warn.is_in_force(on));
    }
}
