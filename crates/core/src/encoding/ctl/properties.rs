//! The properties that a list gives a certificate (`CERT_*_PROP_ID` of `wincrypt.h`).

use super::usages;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, tag};
use crate::time::Time;

/// The arc whose last number is the property: `1.3.6.1.4.1.311.10.11`.
const ARC: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x0a, 0x0b];

/// Seconds from 1601-01-01 to 1970-01-01.
const FILETIME_EPOCH: i64 = 11_644_473_600;
/// Ticks of a FILETIME in a second.
const FILETIME_TICKS: i64 = 10_000_000;

/// What a list says about one certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// The usages to which it is limited; `None` if it is not.
    pub usages: Option<Vec<Vec<u8>>>,
    /// Usages for which it is not accepted.
    pub disallowed_usages: Vec<Vec<u8>>,
    /// Since when it is not accepted; what was signed before still is.
    pub disallowed_since: Option<Time>,
    /// Certificates issued from then on are not accepted, for [`Self::not_before_usages`].
    pub not_before: Option<Time>,
    /// The usages that [`Self::not_before`] is about; `None` for all.
    pub not_before_usages: Option<Vec<Vec<u8>>>,
    /// Its name for people.
    pub friendly_name: Option<String>,
    /// SHA-256 of the certificate.
    pub sha256: Option<Digest>,
}

impl Properties {
    pub(super) fn read(mut attributes: Reader<'_>) -> Result<Self, asn1::Error> {
        let mut properties = Self::default();
        while !attributes.is_empty() {
            let mut fields = attributes.sequence()?;
            let kind = fields.oid()?;
            let values = fields.set()?;
            fields.finish()?;
            if let Some(property) = kind.strip_prefix(ARC) {
                properties.take(property, values)?;
            }
        }
        Ok(properties)
    }

    /// Takes one property; those that say nothing about trust are left alone.
    fn take(&mut self, property: &[u8], mut values: Reader<'_>) -> Result<(), asn1::Error> {
        let bad = values.error(ErrorKind::BadValue);
        if values.peek() != Some(tag::OCTET_STRING) {
            return Ok(());
        }
        let value = values.octet_string()?;
        match property {
            [9] => self.usages = Some(usage_list(value)?),
            [11] => self.friendly_name = Some(utf16(value)),
            [98] => self.sha256 = Digest::new(DigestAlgorithm::Sha256, value),
            [104] => self.disallowed_since = filetime(value).ok_or(bad)?,
            [122] => self.disallowed_usages = usage_list(value)?,
            [126] => self.not_before = filetime(value).ok_or(bad)?,
            [127] => self.not_before_usages = Some(usage_list(value)?),
            _ => {}
        }
        Ok(())
    }
}

fn usage_list(value: &[u8]) -> Result<Vec<Vec<u8>>, asn1::Error> {
    usages(Reader::new(value, Rules::Ber).sequence()?)
}

/// A `FILETIME`: ticks of 100 ns since 1601, little-endian; `None` if it is none.
///
/// An empty value takes a limit away that an older list set, as in the list of 2026-10-23 for the roots
/// *VeriSign G5* and *thawte*, which the same list still accepts for older certificates.
fn filetime(value: &[u8]) -> Option<Option<Time>> {
    let Some(ticks) = value.first_chunk::<8>() else { return value.is_empty().then_some(None) };
    let ticks = i64::from_le_bytes(*Some(ticks).filter(|_| value.len() == ticks.len())?);
    let seconds = ticks.div_euclid(FILETIME_TICKS).checked_sub(FILETIME_EPOCH)?;
    Some(Some(Time::from_unix(seconds)))
}

/// UTF-16, little-endian, ended by a zero.
fn utf16(value: &[u8]) -> String {
    let units = value.chunks_exact(2).filter_map(|pair| pair.first_chunk::<2>());
    let units = units.map(|pair| u16::from_le_bytes(*pair)).take_while(|unit| *unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
