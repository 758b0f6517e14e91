//! Dates in a policy: a TOML date, which means its first instant in UTC, or a date and time with its offset.

use toml::Spanned;
use toml::de::DeValue;
use toml::value::{Datetime, Offset};

use super::load::Loader;
use crate::time::Time;

impl Loader<'_> {
    /// The instant behind a key.
    pub(super) fn instant(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Time> {
        let help = || Some(format!("write `{key} = 2027-01-31`, which begins at 00:00 UTC"));
        let DeValue::Datetime(written) = value.get_ref() else {
            let message = format!("`{key}` must be a date, found: {}", value.get_ref().type_str());
            self.problems.add(value.span(), message, help());
            return None;
        };
        let instant = instant(written);
        if instant.is_none() {
            let message = format!("`{key}` is no instant: a date, or a date and time with its offset, is expected");
            self.problems.add(value.span(), message, help());
        }
        instant
    }
}

/// The instant, if it is one: a time of day without a date or an offset could be anywhere.
fn instant(written: &Datetime) -> Option<Time> {
    const MINUTE: i64 = 60;
    let small = |number: u8| i8::try_from(number).ok();
    let date = written.date?;
    let day = (i16::try_from(date.year).ok()?, small(date.month)?, small(date.day)?);
    let Some(time) = written.time else { return Time::from_civil(day, (0, 0, 0)) };
    let clock = (small(time.hour)?, small(time.minute)?, small(time.second.unwrap_or(0))?);
    let offset = match written.offset? {
        Offset::Z => 0,
        Offset::Custom { minutes } => i64::from(minutes).saturating_mul(MINUTE),
    };
    Some(Time::from_civil(day, clock)?.plus(offset.saturating_neg()))
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn a_date_begins_in_utc_and_a_time_needs_its_offset() {
        let of = |text: &str| instant(&text.parse().unwrap()).map(|time| time.to_string());
        assert_eq!(of("2027-01-31").as_deref(), Some("2027-01-31T00:00:00Z"));
        assert_eq!(of("2027-01-31T02:30:00+02:00").as_deref(), Some("2027-01-31T00:30:00Z"));
        assert_eq!(of("2027-01-31T02:30:00Z").as_deref(), Some("2027-01-31T02:30:00Z"));
        for text in ["2027-01-31T02:30:00", "02:30:00", "2016-12-31T23:59:60Z"] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
