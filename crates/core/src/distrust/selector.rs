//! What an entry names.

use serde::{Deserialize, Serialize};

use super::index::{IndexKey, Kind};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::oid;
use crate::encoding::hex;
use crate::encoding::x509::{Certificate, Name};
use crate::registry;

/// What an entry names, exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// The certificate of this digest.
    Certificate(Digest),
    /// The certificate whose signed part (`tbsCertificate`) has this digest.
    Signed(Digest),
    /// The certificate with this serial number by this issuer. Never by the number alone.
    IssuerSerial {
        /// The issuer, compared as names are (RFC 5280 §7.1).
        issuer: Name,
        /// The serial number, big-endian, without leading zeros.
        serial: Vec<u8>,
    },
    /// Every certificate with this key, and the key itself: SHA-256 of the `SubjectPublicKeyInfo`.
    Key(Digest),
    /// Every certificate whose key bits (content of the BIT STRING) have this MD5, as Microsoft's list of
    /// disallowed certificates names keys.
    KeyBits(Digest),
    /// The file of this digest.
    File(Digest),
    /// Every certificate with this full name, by this issuer or with this registration number. Never by the
    /// name alone.
    Subject {
        /// The certificate name.
        subject: Name,
        /// The issuer that it must be by.
        issuer: Option<Name>,
        /// The registration number (`serialNumber`, `organizationIdentifier`) that it must carry.
        registration: Option<String>,
    },
    /// Every signature of this identity, known as the registry knows identities.
    Identity(registry::Selector),
}

/// The members of `match`, as written.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct SelectorDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_md5: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tbs_md5: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tbs_sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tbs_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tbs_sha384: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tbs_sha512: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    spki_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_bits_md5: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_sha1: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_sha256: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_sha512: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<registry::Selector>,
}

/// Every member of `match` that is a text.
pub(super) const MEMBERS: [&str; 17] = [
    "certificate_sha256",
    "certificate_sha1",
    "certificate_md5",
    "tbs_md5",
    "tbs_sha1",
    "tbs_sha256",
    "tbs_sha384",
    "tbs_sha512",
    "spki_sha256",
    "key_bits_md5",
    "file_sha1",
    "file_sha256",
    "file_sha512",
    "issuer",
    "serial",
    "subject",
    "registration",
];

/// The members that are one digest each, with what they make.
type DigestMember = (&'static str, DigestAlgorithm, fn(Digest) -> Selector);

const DIGEST_MEMBERS: [DigestMember; 13] = {
    use DigestAlgorithm::{Md5, Sha1, Sha256, Sha384, Sha512};
    [
        ("certificate_sha256", Sha256, Selector::Certificate),
        ("certificate_sha1", Sha1, Selector::Certificate),
        ("certificate_md5", Md5, Selector::Certificate),
        ("tbs_md5", Md5, Selector::Signed),
        ("tbs_sha1", Sha1, Selector::Signed),
        ("tbs_sha256", Sha256, Selector::Signed),
        ("tbs_sha384", Sha384, Selector::Signed),
        ("tbs_sha512", Sha512, Selector::Signed),
        ("spki_sha256", Sha256, Selector::Key),
        ("key_bits_md5", Md5, Selector::KeyBits),
        ("file_sha1", Sha1, Selector::File),
        ("file_sha256", Sha256, Selector::File),
        ("file_sha512", Sha512, Selector::File),
    ]
};

impl SelectorDocument {
    /// The members that are one digest each, in the order of the table.
    const fn digests(&self) -> [&Option<String>; 13] {
        [
            &self.certificate_sha256,
            &self.certificate_sha1,
            &self.certificate_md5,
            &self.tbs_md5,
            &self.tbs_sha1,
            &self.tbs_sha256,
            &self.tbs_sha384,
            &self.tbs_sha512,
            &self.spki_sha256,
            &self.key_bits_md5,
            &self.file_sha1,
            &self.file_sha256,
            &self.file_sha512,
        ]
    }

    fn digest_slot(&mut self, member: &str) -> Option<&mut Option<String>> {
        Some(match member {
            "certificate_sha256" => &mut self.certificate_sha256,
            "certificate_sha1" => &mut self.certificate_sha1,
            "certificate_md5" => &mut self.certificate_md5,
            "tbs_md5" => &mut self.tbs_md5,
            "tbs_sha1" => &mut self.tbs_sha1,
            "tbs_sha256" => &mut self.tbs_sha256,
            "tbs_sha384" => &mut self.tbs_sha384,
            "tbs_sha512" => &mut self.tbs_sha512,
            "spki_sha256" => &mut self.spki_sha256,
            "key_bits_md5" => &mut self.key_bits_md5,
            "file_sha1" => &mut self.file_sha1,
            "file_sha256" => &mut self.file_sha256,
            "file_sha512" => &mut self.file_sha512,
            _ => return None,
        })
    }

    /// What is named: exactly one thing.
    pub(super) fn read(&self) -> Result<Selector, String> {
        let named = DIGEST_MEMBERS.iter().zip(self.digests());
        let mut named = named.filter_map(|(member, value)| Some((member, value.as_ref()?)));
        let others = self.issuer.is_some() || self.serial.is_some() || self.subject.is_some();
        let others = others || self.registration.is_some();
        match (named.next(), named.next(), others, &self.identity) {
            (Some((member, value)), None, false, None) => digest(member, value),
            (None, None, true, None) => self.by_name(),
            (None, None, false, Some(identity)) => Ok(Selector::Identity(identity.clone())),
            (None, _, false, None) => Err("`match` names nothing".to_owned()),
            _ => Err("`match` names more than one thing".to_owned()),
        }
    }

    fn by_name(&self) -> Result<Selector, String> {
        let name = |text: &String| name(text);
        match (&self.subject, &self.issuer, &self.serial, &self.registration) {
            (None, Some(issuer), Some(serial), None) => {
                Ok(Selector::IssuerSerial { issuer: name(issuer)?, serial: serial_number(serial)? })
            }
            (Some(subject), Some(issuer), None, None) => {
                Ok(Selector::Subject { subject: name(subject)?, issuer: Some(name(issuer)?), registration: None })
            }
            (Some(subject), None, None, Some(number)) if !number.trim().is_empty() => {
                Ok(Selector::Subject { subject: name(subject)?, issuer: None, registration: Some(number.clone()) })
            }
            (None, None, Some(_), None) => Err("a serial number names nothing without its issuer".to_owned()),
            (Some(_), None, None, None) => {
                Err("a certificate name needs `issuer` or `registration`: a name alone is anybody's".to_owned())
            }
            _ => Err("expected `issuer` with `serial`, or `subject` with `issuer` or `registration`".to_owned()),
        }
    }

    /// As it is written.
    pub(super) fn of(selector: &Selector) -> Self {
        let mut document = Self::default();
        match selector {
            Selector::IssuerSerial { issuer, serial } => {
                document.issuer = Some(hex::encode(issuer.der()));
                document.serial = Some(hex::encode(serial));
            }
            Selector::Subject { subject, issuer, registration } => {
                document.subject = Some(hex::encode(subject.der()));
                document.issuer = issuer.as_ref().map(|issuer| hex::encode(issuer.der()));
                document.registration.clone_from(registration);
            }
            Selector::Identity(identity) => document.identity = Some(identity.clone()),
            Selector::Certificate(value)
            | Selector::Signed(value)
            | Selector::Key(value)
            | Selector::KeyBits(value)
            | Selector::File(value) => {
                let written = DIGEST_MEMBERS
                    .iter()
                    .find(|(_, algorithm, make)| *algorithm == value.algorithm() && make(*value) == *selector);
                if let Some(slot) = written.and_then(|(member, ..)| document.digest_slot(member)) {
                    *slot = Some(value.hex());
                }
            }
        }
        document
    }
}

fn digest((member, algorithm, make): &DigestMember, value: &str) -> Result<Selector, String> {
    let bytes = hex::decode(value).and_then(|bytes| Digest::new(*algorithm, &bytes));
    bytes
        .map(make)
        .ok_or_else(|| format!("`{member}` is not {} hexadecimal digits", algorithm.length().saturating_mul(2)))
}

/// A name as RFC 4514 text, or the hexadecimal of its DER.
pub(super) fn name(text: &str) -> Result<Name, String> {
    let der = hex::decode(text).filter(|der| der.first() == Some(&0x30));
    match der {
        Some(der) => Name::from_der(&der).map_err(|error| format!("`{text}` is no DER name: {error}")),
        None => Name::from_text(text).map_err(|error| format!("`{text}` is no name: {error}")),
    }
}

/// Longest serial number read, in bytes; RFC 5280 §4.1.2.2 allows 20, and some issuers took more.
const MAX_SERIAL: usize = 64;

/// A serial number in hexadecimal, without what only marks it as positive.
pub(super) fn serial_number(text: &str) -> Result<Vec<u8>, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    let even = if digits.len().is_multiple_of(2) { digits } else { format!("0{digits}") };
    let bytes = hex::decode(&even).filter(|bytes| !bytes.is_empty() && bytes.len() <= MAX_SERIAL);
    let bytes = bytes.ok_or_else(|| format!("`{text}` is no serial number in hexadecimal"))?;
    Ok(without_zeros(&bytes).to_vec())
}

pub(super) fn without_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.get(zeros..).unwrap_or_default()
}

impl Selector {
    /// Issuer and serial number of a certificate.
    #[must_use]
    pub fn issuer_serial(issuer: Name, serial: &[u8]) -> Self {
        Self::IssuerSerial { issuer, serial: without_zeros(serial).to_vec() }
    }

    /// Issuer (RFC 4514 text, or the hexadecimal of its DER) and serial number (hexadecimal), as people write
    /// them.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn of_issuer_text(issuer: &str, serial: &str) -> Result<Self, String> {
        Ok(Self::IssuerSerial { issuer: name(issuer)?, serial: serial_number(serial)? })
    }

    /// An identity, in the JSON form of the registry's selectors.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn of_identity_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map(Self::Identity).map_err(|error| format!("no selector of an identity: {error}"))
    }

    /// Reads one digest member of `match`, such as `certificate_sha1`, as lists that others publish have them.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn of_digest(member: &str, value: &str) -> Result<Self, String> {
        let known = DIGEST_MEMBERS.iter().find(|(name, ..)| *name == member);
        digest(known.ok_or_else(|| format!("no digest is called `{member}`"))?, value)
    }

    /// Where the index keeps it. Equal things have equal keys.
    pub(super) fn index_key(&self) -> IndexKey {
        match self {
            Self::Certificate(digest) => IndexKey::of_digest(Kind::Certificate, digest),
            Self::Signed(digest) => IndexKey::of_digest(Kind::Signed, digest),
            Self::Key(digest) => IndexKey::of_digest(Kind::Key, digest),
            Self::KeyBits(digest) => IndexKey::of_digest(Kind::KeyBits, digest),
            Self::File(digest) => IndexKey::of_digest(Kind::File, digest),
            Self::IssuerSerial { issuer, serial } => IndexKey::of_issuer_serial(issuer, serial),
            Self::Subject { subject, .. } => IndexKey::of_subject(subject),
            Self::Identity(identity) => IndexKey::of_identity(identity),
        }
    }

    /// Whether it names this certificate or its key.
    #[must_use]
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Certificate(digest) => Digest::of(digest.algorithm(), certificate.der()) == *digest,
            Self::Signed(digest) => Digest::of(digest.algorithm(), certificate.tbs()) == *digest,
            Self::Key(digest) => Digest::of(digest.algorithm(), certificate.spki()) == *digest,
            Self::KeyBits(digest) => key_bits_md5(certificate).as_ref() == Some(digest),
            Self::IssuerSerial { issuer, serial } => {
                without_zeros(certificate.serial()) == serial.as_slice() && certificate.issuer() == issuer
            }
            Self::Subject { subject, issuer, registration } => {
                certificate.subject() == subject
                    && issuer.as_ref().is_none_or(|issuer| certificate.issuer() == issuer)
                    && registration.as_ref().is_none_or(|number| has_registration(certificate.subject(), number))
            }
            Self::File(_) | Self::Identity(_) => false,
        }
    }
}

/// MD5 of the key bits of a certificate, where its key can be read.
pub(super) fn key_bits_md5(certificate: &Certificate) -> Option<Digest> {
    let key = certificate.public_key().ok()?;
    Some(Digest::of(DigestAlgorithm::Md5, key.key_bits()))
}

fn has_registration(subject: &Name, number: &str) -> bool {
    registrations(subject).any(|found| found.trim().eq_ignore_ascii_case(number.trim()))
}

/// The registration numbers in a certificate name.
pub(super) fn registrations(subject: &Name) -> impl Iterator<Item = String> {
    let kinds = [oid::SERIAL_NUMBER, oid::ORGANIZATION_IDENTIFIER];
    kinds.into_iter().filter_map(|kind| subject.attribute(kind))
}

macro_rules! whys {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)*) => {
        /// Why something is on a list: a closed set of words.
        #[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Why { $($(#[doc = $doc])+ $name,)* }

        impl Why {
            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kebab-case word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }
        }
    };
}

whys! {
    /// It signed malware, or is malware.
    Malware = "malware";
    /// Its private key was stolen or leaked.
    StolenKey = "stolen-key";
    /// It was issued to somebody who is not whom it names.
    MisIssued = "mis-issued";
    /// It is known to be vulnerable.
    Vulnerable = "vulnerable";
    /// Its holder or what it is made with was compromised.
    Compromised = "compromised";
    /// Its publisher or issuer took it back.
    Withdrawn = "withdrawn";
    /// Another reason: see the note.
    Other = "other";
}

impl Why {
    /// The reason of this word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|why| why.word() == word).copied()
    }
}
