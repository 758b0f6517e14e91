//! Instants: whole seconds since the Unix epoch, in UTC, written as RFC 3339.
//!
//! Core has no clock. Every instant comes from the caller, from a certificate or from a timestamp.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant, as whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

/// A text that is neither RFC 3339 nor Unix seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTime(String);

/// The last instant that RFC 3339 can write (9999-12-31T23:59:59Z), also the X.509 "no expiry" value
/// (RFC 5280 §4.1.2.5).
const LAST_WRITABLE: i64 = 253_402_300_799;

const EPOCH: jiff::civil::DateTime = jiff::civil::DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Time {
    /// The latest instant there is: a validity without an end.
    pub const FOREVER: Self = Self(LAST_WRITABLE);

    /// Seconds of a day; Unix time knows no others.
    pub const DAY: i64 = 86_400;

    /// The instant this many seconds after the Unix epoch.
    #[must_use]
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the Unix epoch.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// This instant moved by `seconds`, stopping at the ends of the range.
    #[must_use]
    pub const fn plus(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds))
    }

    /// The calendar date and time in UTC; `None` beyond the calendar.
    pub(crate) fn civil(self) -> Option<jiff::civil::DateTime> {
        EPOCH.checked_add(jiff::SignedDuration::from_secs(self.0)).ok()
    }

    /// The same time of day this many calendar months later, on the last day of the month if it has no such day; `None`
    /// beyond the calendar.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Option<Self> {
        let later = self.civil()?.checked_add(jiff::Span::new().try_months(months).ok()?).ok()?;
        Some(Self(later.duration_since(EPOCH).as_secs()))
    }

    /// The instant of a UTC calendar date and time, or `None` if there is no such date.
    #[must_use]
    pub fn from_civil(date: (i16, i8, i8), clock: (i8, i8, i8)) -> Option<Self> {
        let (year, month, day) = date;
        let (hour, minute, second) = clock;
        let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        Some(Self(civil.duration_since(EPOCH).as_secs()))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Civil arithmetic, because jiff's timestamps end one day before X.509's "no expiry".
        match self.civil() {
            Some(civil) => write!(f, "{civil}Z"),
            None => write!(f, "{}s", self.0),
        }
    }
}

impl FromStr for Time {
    type Err = BadTime;

    fn from_str(text: &str) -> Result<Self, BadTime> {
        if let Ok(seconds) = text.parse::<i64>() {
            return Ok(Self(seconds));
        }
        let stamp = text.parse::<jiff::Timestamp>().map_err(|_| BadTime(text.to_owned()))?;
        Ok(Self(stamp.as_second()))
    }
}

impl fmt::Display for BadTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no instant: expected RFC 3339 (2026-11-23T00:00:00Z) or Unix seconds", self.0)
    }
}

impl std::error::Error for BadTime {}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_notations_and_writes_rfc_3339() {
        let time: Time = "2026-11-23T00:00:00Z".parse().unwrap();
        assert_eq!(time, "1795392000".parse().unwrap());
        assert_eq!(time.to_string(), "2026-11-23T00:00:00Z");
        assert_eq!("2026-11-23T02:00:00+02:00".parse::<Time>().unwrap(), time);
        assert_eq!(Time::from_civil((2026, 11, 23), (0, 0, 0)), Some(time));
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        let time = |text: &str| text.parse::<Time>().unwrap();
        assert_eq!(time("2024-01-31T12:30:00Z").plus_months(1), Some(time("2024-02-29T12:30:00Z")));
        assert_eq!(time("2023-11-15T00:00:00Z").plus_months(39), Some(time("2027-02-15T00:00:00Z")));
        assert_eq!(Time::FOREVER.plus_months(1), None);
    }

    #[test]
    fn refuses_what_is_no_instant() {
        assert!("yesterday".parse::<Time>().is_err());
        assert!("2026-02-30T00:00:00Z".parse::<Time>().is_err());
        assert_eq!(Time::from_civil((2026, 2, 30), (0, 0, 0)), None);
        assert_eq!(Time::FOREVER.to_string(), "9999-12-31T23:59:59Z");
    }
}
