//! `Time ::= CHOICE { utcTime, generalTime }` (RFC 5280 §4.1.2.5).

use super::{CertificateError, CertificateErrorKind};
use crate::encoding::asn1::{Reader, tag};
use crate::time::Time;

/// The first year that certificates write as `GeneralizedTime`; those before are to be `UTCTime` (RFC 5280
/// §4.1.2.5).
const FIRST_GENERALIZED: i16 = 2050;

/// Reads a `UTCTime` or `GeneralizedTime`; the flag says that it was written in a form that RFC 5280 does
/// not allow in certificates (without seconds, with a zone offset, as those of the 1990s are, or a year before
/// 2050 as `GeneralizedTime`). Other structures may allow it.
pub(crate) fn read_time(reader: &mut Reader<'_>) -> Result<(Time, bool), CertificateError> {
    let offset = reader.offset();
    let element = reader.any()?;
    let error = CertificateError { offset, kind: CertificateErrorKind::Time };
    let time = match element.tag {
        tag::UTC_TIME => utc(element.content),
        tag::GENERALIZED_TIME => generalized(element.content),
        _ => None,
    };
    time.ok_or(error)
}

fn utc(text: &[u8]) -> Option<(Time, bool)> {
    let (year, rest) = text.split_at_checked(2)?;
    let year = digits(year)?;
    let century = if year >= 50 { 1900 } else { 2000 };
    after_year(year.checked_add(century)?, rest)
}

fn generalized(text: &[u8]) -> Option<(Time, bool)> {
    let (year, rest) = text.split_at_checked(4)?;
    let year = digits(year)?;
    let (time, odd) = after_year(year, rest)?;
    Some((time, odd || year < FIRST_GENERALIZED))
}

/// `MMDDhhmm[ss](Z|±hhmm)`.
fn after_year(year: i16, rest: &[u8]) -> Option<(Time, bool)> {
    let zone_at = rest.iter().position(|c| matches!(c, b'Z' | b'+' | b'-'))?;
    let (clock, zone) = rest.split_at_checked(zone_at)?;
    let pairs: Vec<i8> = clock.chunks(2).map(pair).collect::<Option<_>>()?;
    let (month, day, hour, minute, second) = match *pairs.as_slice() {
        [month, day, hour, minute] => (month, day, hour, minute, None),
        [month, day, hour, minute, second] => (month, day, hour, minute, Some(second)),
        _ => return None,
    };
    let civil = Time::from_civil((year, month, day), (hour, minute, second.unwrap_or(0)))?;
    let ahead = zone_seconds(zone)?;
    Some((civil.plus(ahead.checked_neg()?), second.is_none() || zone != b"Z"))
}

/// Seconds that the zone is ahead of UTC.
fn zone_seconds(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = zone.split_first()?;
    let sign = match (sign, rest.len()) {
        (b'Z', 0) => return Some(0),
        (b'+', 4) => 1,
        (b'-', 4) => -1,
        _ => return None,
    };
    let (hours, minutes) = rest.split_at_checked(2)?;
    let (hours, minutes) = (i64::from(pair(hours)?), i64::from(pair(minutes)?));
    hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_mul(sign)
}

fn pair(text: &[u8]) -> Option<i8> {
    if text.len() == 2 { digits(text).and_then(|n| i8::try_from(n).ok()) } else { None }
}

fn digits(text: &[u8]) -> Option<i16> {
    text.iter().try_fold(0_i16, |sum, c| {
        let digit = c.is_ascii_digit().then(|| i16::from(c.wrapping_sub(b'0')))?;
        sum.checked_mul(10)?.checked_add(digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{Rules, encode};

    fn read(tag: u8, text: &str) -> Option<(String, bool)> {
        let der = encode(tag, text.as_bytes());
        let (time, odd) = read_time(&mut Reader::new(&der, Rules::Der)).ok()?;
        Some((time.to_string(), odd))
    }

    #[test]
    fn the_century_turns_in_1950_and_odd_forms_are_flagged() {
        let is = |text: &str, odd| Some((text.to_owned(), odd));
        assert_eq!(read(tag::UTC_TIME, "491231235959Z"), is("2049-12-31T23:59:59Z", false));
        assert_eq!(read(tag::UTC_TIME, "500101000000Z"), is("1950-01-01T00:00:00Z", false));
        assert_eq!(read(tag::GENERALIZED_TIME, "99991231235959Z"), is("9999-12-31T23:59:59Z", false));
        assert_eq!(read(tag::UTC_TIME, "9612311200Z"), is("1996-12-31T12:00:00Z", true));
        assert_eq!(read(tag::UTC_TIME, "961231120000+0130"), is("1996-12-31T10:30:00Z", true));
        assert_eq!(read(tag::UTC_TIME, "961231120000-0130"), is("1996-12-31T13:30:00Z", true));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "Z", "961331120000Z", "9612311200", "96123112000Z", "96123112000aZ", "961231120000Zx"] {
            assert_eq!(read(tag::UTC_TIME, text), None, "{text}");
        }
        assert_eq!(read(tag::GENERALIZED_TIME, "20260101000000.5Z"), None);
        assert_eq!(read(tag::INTEGER, "961231120000Z"), None);
    }
}
