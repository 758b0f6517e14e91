//! Departures from RFC 5280 that are read all the same, to be reported rather than refused.

use std::fmt;

use super::{Certificate, Name};
use crate::encoding::asn1::Rules;

/// Longest serial number that RFC 5280 §4.1.2.2 allows, in octets.
const MAX_SERIAL: usize = 20;

/// One tolerated departure from the standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leniency {
    /// A string of the certificate name holds characters that its type does not have.
    MistypedSubject {
        /// The attribute, such as `emailAddress`.
        attribute: String,
    },
    /// The same of the issuer's name.
    MistypedIssuer {
        /// The attribute.
        attribute: String,
    },
    /// The serial number is negative.
    NegativeSerial,
    /// The serial number is zero.
    ZeroSerial,
    /// The serial number has more than 20 octets.
    LongSerial,
    /// The encoding is BER, not DER.
    NotDer,
    /// A time is written in a form that RFC 5280 does not allow.
    OddTime,
    /// Extensions in a certificate that is not of version 3.
    ExtensionsBeforeVersion3,
    /// The issuer's name is empty.
    EmptyIssuer,
}

impl fmt::Display for Leniency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MistypedSubject { attribute } => write!(f, "mistyped string in the certificate name ({attribute})"),
            Self::MistypedIssuer { attribute } => write!(f, "mistyped string in the issuer's name ({attribute})"),
            Self::NegativeSerial => f.write_str("negative serial number"),
            Self::ZeroSerial => f.write_str("serial number zero"),
            Self::LongSerial => write!(f, "serial number of more than {MAX_SERIAL} octets"),
            Self::NotDer => f.write_str("encoded as BER, not DER"),
            Self::OddTime => f.write_str("time without seconds, with a zone offset, or before 2050 as GeneralizedTime"),
            Self::ExtensionsBeforeVersion3 => f.write_str("extensions in a certificate that is not of version 3"),
            Self::EmptyIssuer => f.write_str("the issuer's name is empty"),
        }
    }
}

pub(super) fn of(certificate: &Certificate) -> Vec<Leniency> {
    let fields = &certificate.fields;
    let serial = certificate.serial_as_found();
    let magnitude = certificate.serial();
    let negative = serial.first().is_some_and(|first| first & 0x80 != 0);
    let flags = [
        (negative, Leniency::NegativeSerial),
        (magnitude.iter().all(|byte| *byte == 0), Leniency::ZeroSerial),
        (magnitude.len() > MAX_SERIAL, Leniency::LongSerial),
        (fields.rules == Rules::Ber, Leniency::NotDer),
        (fields.odd_time, Leniency::OddTime),
        (fields.version < 3 && !fields.extensions.is_empty(), Leniency::ExtensionsBeforeVersion3),
        (certificate.issuer().is_empty(), Leniency::EmptyIssuer),
    ];
    let flagged = flags.into_iter().filter_map(|(applies, leniency)| applies.then_some(leniency));
    let subject = mistyped(certificate.subject()).map(|attribute| Leniency::MistypedSubject { attribute });
    let issuer = mistyped(certificate.issuer()).map(|attribute| Leniency::MistypedIssuer { attribute });
    flagged.chain(subject).chain(issuer).collect()
}

fn mistyped(name: &Name) -> impl Iterator<Item = String> {
    name.attributes().filter(|attribute| attribute.is_mistyped()).map(|attribute| attribute.key())
}
