//! Whether a revocation reaches back far enough to have an effect.
//!
//! A signature with a timestamp from before the revocation date stays valid, everywhere. If the date lies after
//! the first known abuse, the abusive signatures made in between stay valid too, although the certificate is
//! revoked: the revocation is *ineffective* (measured by Kim and others, "The Broken Shield", USENIX Security 2018).

use std::fmt;

use super::Entry;
use super::freshness::seconds;
use crate::time::Time;

/// On which side of abuse and revocation a signature lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Proven to be older than the first known abuse.
    BeforeAbuse,
    /// Made since the first known abuse, and before the revocation takes effect, if there is one at all.
    Between,
    /// Made at or after the effective date of the revocation.
    AfterRevocation,
    /// Nothing proves when it was made.
    Undated,
}

/// The first known abuse of a certificate, its revocation and a signature, as a timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// When the revocation takes effect; `None` if there is none.
    pub revoked_at: Option<Time>,
    /// The first known abuse.
    pub first_abuse: Time,
    /// When the signature was provably made.
    pub trusted: Option<Time>,
    /// Where the signature lies.
    pub side: Side,
}

/// Compares the effective date of a revocation (`None` if there is none) with the first known abuse and the
/// trusted time of a signature. Abuse at the very instant of the revocation is covered.
#[must_use]
pub fn effect(revoked_at: Option<Time>, first_abuse: Time, trusted: Option<Time>) -> Effect {
    let side = match trusted {
        None => Side::Undated,
        Some(time) if revoked_at.is_some_and(|revoked| time >= revoked) => Side::AfterRevocation,
        Some(time) if time < first_abuse => Side::BeforeAbuse,
        Some(_) => Side::Between,
    };
    Effect { revoked_at, first_abuse, trusted, side }
}

impl Effect {
    /// The two dates of one entry: an invalidity date before the revocation date is an abuse that the CA itself
    /// knows of and that verifiers which look at the revocation date alone let pass.
    #[must_use]
    pub fn of_entry(entry: &Entry, trusted: Option<Time>) -> Option<Self> {
        let since = entry.invalid_since.filter(|since| *since < entry.revoked)?;
        Some(effect(Some(entry.revoked), since, trusted))
    }

    /// Whether signatures made after the first known abuse stay valid.
    #[must_use]
    pub fn leaves_a_gap(&self) -> bool {
        self.revoked_at.is_none_or(|revoked| revoked > self.first_abuse)
    }

    /// Whether this very signature is one that stays valid although it is no older than the abuse.
    #[must_use]
    pub fn spares_signature(&self) -> bool {
        self.side == Side::Between
    }
}

/// The timeline, oldest first.
impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut events = vec![(self.first_abuse, "first known abuse")];
        events.extend(self.trusted.map(|time| (time, "this signature")));
        events.extend(self.revoked_at.map(|time| (time, "revocation takes effect")));
        events.sort_by_key(|(time, _)| *time);
        let events: Vec<String> = events.iter().map(|(time, what)| format!("{time} {what}")).collect();
        write!(f, "{}", events.join(", "))?;
        match self.revoked_at {
            None => f.write_str("; not revoked"),
            Some(revoked) if self.leaves_a_gap() => {
                write!(f, "; the revocation comes {} days late", seconds(self.first_abuse, revoked) / Time::DAY)
            }
            Some(_) => f.write_str("; the revocation covers all known abuse"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn day(number: i64) -> Time {
        Time::from_unix(number * Time::DAY)
    }

    #[test]
    fn only_signatures_between_abuse_and_revocation_are_spared() {
        let (abuse, revoked) = (day(10), day(40));
        let side = |trusted: Option<Time>| effect(Some(revoked), abuse, trusted).side;
        assert_eq!(side(Some(abuse.plus(-1))), Side::BeforeAbuse);
        assert_eq!(side(Some(abuse)), Side::Between);
        assert_eq!(side(Some(revoked.plus(-1))), Side::Between);
        assert_eq!(side(Some(revoked)), Side::AfterRevocation);
        assert_eq!(side(None), Side::Undated);
        assert_eq!(effect(None, abuse, Some(day(99))).side, Side::Between);
    }

    #[test]
    fn a_revocation_that_reaches_back_leaves_no_gap() {
        assert!(!effect(Some(day(10)), day(10), None).leaves_a_gap());
        assert!(effect(Some(day(11)), day(10), None).leaves_a_gap());
        assert!(effect(None, day(10), None).leaves_a_gap());
        assert!(!effect(Some(day(5)), day(10), Some(day(7))).spares_signature());
    }

    #[test]
    fn the_timeline_is_in_order_and_counts_days() {
        let text = effect(Some(day(40)), day(10), Some(day(20))).to_string();
        assert_eq!(
            text,
            "1970-01-11T00:00:00Z first known abuse, 1970-01-21T00:00:00Z this signature, 1970-02-10T00:00:00Z \
             revocation takes effect; the revocation comes 30 days late"
        );
    }

    #[test]
    fn an_entry_alone_shows_a_gap_by_its_two_dates() {
        let entry = |since: Option<Time>| Entry { revoked: day(40), reason: None, invalid_since: since };
        assert_eq!(Effect::of_entry(&entry(None), None), None);
        assert_eq!(Effect::of_entry(&entry(Some(day(40))), None), None);
        let found = Effect::of_entry(&entry(Some(day(10))), Some(day(20))).unwrap();
        assert!(found.leaves_a_gap() && found.spares_signature());
    }
}
