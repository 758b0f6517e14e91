//! `TSTInfo` (RFC 3161 §2.4.2): what a timestamping authority signs.

use super::Fault;
use crate::crypto::{Digest, DigestAlgorithm, Weakness};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, oid, tag};
use crate::encoding::hex;
use crate::encoding::x509::read_time;
use crate::time::Time;

/// The content of a timestamp token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TstInfo<'a> {
    /// The policy under which it was made, an object identifier.
    pub policy: &'a [u8],
    /// What was stamped.
    pub imprint: Imprint<'a>,
    /// The number of the token.
    pub serial: &'a [u8],
    /// When, cut to whole seconds.
    pub time: Time,
    /// How exact that is, if said.
    pub accuracy: Option<Accuracy>,
    /// The nonce of the request, if one was sent.
    pub nonce: Option<&'a [u8]>,
}

/// The digest of what was stamped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imprint<'a> {
    /// The digest algorithm, an object identifier.
    pub algorithm: &'a [u8],
    /// The digest.
    pub value: &'a [u8],
}

/// How far the true time may be from the one given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy {
    /// Seconds.
    pub seconds: u64,
    /// Milliseconds, 1 to 999.
    pub millis: u64,
    /// Microseconds, 1 to 999.
    pub micros: u64,
}

impl<'a> TstInfo<'a> {
    /// Reads a `TSTInfo`.
    ///
    /// # Errors
    /// If it is none, or of another version than 1.
    pub fn read(bytes: &'a [u8]) -> Result<Self, asn1::Error> {
        let mut outer = Reader::new(bytes, Rules::Ber);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        let version = fields.error(ErrorKind::BadValue);
        if fields.u64()? != 1 {
            return Err(version);
        }
        let policy = fields.oid()?;
        let imprint = Imprint::read(&mut fields)?;
        let serial = fields.expect(tag::INTEGER)?.content;
        let time = general_time(&mut fields)?;
        let accuracy = match fields.optional(tag::SEQUENCE)? {
            Some(element) => Some(Accuracy::read(fields.within(&element))?),
            None => None,
        };
        fields.optional(tag::BOOLEAN)?;
        let nonce = fields.optional(tag::INTEGER)?.map(|nonce| nonce.content);
        for name_and_extensions in [0xa0, 0xa1] {
            fields.optional(name_and_extensions)?;
        }
        fields.finish()?;
        Ok(Self { policy, imprint, serial, time, accuracy, nonce })
    }
}

impl<'a> Imprint<'a> {
    fn read(fields: &mut Reader<'a>) -> Result<Self, asn1::Error> {
        let mut imprint = fields.sequence()?;
        let algorithm = imprint.sequence()?.oid()?;
        let value = imprint.octet_string()?;
        imprint.finish()?;
        Ok(Self { algorithm, value })
    }

    /// Checks that it is the digest of `stamped`, and says what makes that digest weak. SHA-1 is not among
    /// it: tokens over SHA-1 digests were usual long after signatures were none, and to make use of a collision
    /// the signer himself would have had to prepare it.
    pub(super) fn check(&self, stamped: &[u8]) -> Result<Option<Weakness>, Fault> {
        let name = || oid::dotted(self.algorithm).unwrap_or_else(|| hex::encode(self.algorithm));
        match DigestAlgorithm::from_oid(self.algorithm) {
            None => Err(Fault::not_trusted(format!("its digest algorithm {} is not supported", name()))),
            Some(algorithm) => {
                let actual = Digest::of(algorithm, stamped);
                let mismatch = || {
                    Fault::mismatch(format!(
                        "it is about another signature: stamped {algorithm}:{}, this one is {actual}",
                        hex::encode(self.value)
                    ))
                };
                let weakness = (algorithm == DigestAlgorithm::Md5).then_some(Weakness::Md5);
                (actual.as_bytes() == self.value).then_some(weakness).ok_or_else(mismatch)
            }
        }
    }
}

impl Accuracy {
    fn read(mut fields: Reader<'_>) -> Result<Self, asn1::Error> {
        let seconds = if fields.peek() == Some(tag::INTEGER) { fields.u64()? } else { 0 };
        let mut implicit = |tag: u8| match fields.optional(tag)? {
            Some(element) => Reader::new(&asn1::encode(tag::INTEGER, element.content), Rules::Ber).u64(),
            None => Ok(0),
        };
        Ok(Self { seconds, millis: implicit(0x80)?, micros: implicit(0x81)? })
    }
}

/// A `GeneralizedTime` that may have a fraction, which certificates may not (RFC 3161 §2.4.2).
fn general_time(fields: &mut Reader<'_>) -> Result<Time, asn1::Error> {
    let bad = fields.error(ErrorKind::BadValue);
    let text = fields.expect(tag::GENERALIZED_TIME)?.content;
    let whole = match text.iter().position(|c| *c == b'.') {
        Some(dot) => {
            let (clock, fraction) = text.split_at_checked(dot).ok_or(bad)?;
            let digits = fraction.get(1..fraction.len().saturating_sub(1)).unwrap_or_default();
            if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) || !fraction.ends_with(b"Z") {
                return Err(bad);
            }
            [clock, b"Z"].concat()
        }
        None => text.to_vec(),
    };
    let encoded = asn1::encode(tag::GENERALIZED_TIME, &whole);
    let (time, _) = read_time(&mut Reader::new(&encoded, Rules::Der)).map_err(|_| bad)?;
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Option<String> {
        let encoded = asn1::encode(tag::GENERALIZED_TIME, text.as_bytes());
        general_time(&mut Reader::new(&encoded, Rules::Der)).ok().map(|time| time.to_string())
    }

    #[test]
    fn fractions_are_cut_and_nonsense_refused() {
        assert_eq!(time("20250701000000Z").as_deref(), Some("2025-07-01T00:00:00Z"));
        assert_eq!(time("20250701000000.999Z").as_deref(), Some("2025-07-01T00:00:00Z"));
        for nonsense in ["20250701000000.Z", "20250701000000.9", "20250701000000.9x9Z", "20251301000000Z", ""] {
            assert_eq!(time(nonsense), None, "{nonsense}");
        }
    }

    #[test]
    fn accuracy_and_nonce_are_read() {
        let object = |content| asn1::encode(tag::OID, content);
        let imprint = asn1::encode_sequence(&[
            asn1::encode_sequence(&[object(oid::SHA256)]),
            asn1::encode(tag::OCTET_STRING, &[7; 32]),
        ]);
        let fields = |version: u8| {
            asn1::encode_sequence(&[
                vec![2, 1, version],
                object(&[0x2a, 3]),
                imprint.clone(),
                vec![2, 1, 9],
                asn1::encode(tag::GENERALIZED_TIME, b"20250701000000Z"),
                vec![0x30, 6, 2, 1, 1, 0x80, 1, 5],
                vec![1, 1, 0xff],
                vec![2, 1, 42],
            ])
        };
        let bytes = fields(1);
        let info = TstInfo::read(&bytes).unwrap();
        assert_eq!(info.accuracy, Some(Accuracy { seconds: 1, millis: 5, micros: 0 }));
        assert_eq!((info.nonce, info.imprint.value), (Some(&[42][..]), &[7; 32][..]));
        assert!(TstInfo::read(&fields(2)).is_err());
        for length in 0..bytes.len() {
            assert!(TstInfo::read(&bytes[..length]).is_err());
        }
    }
}
