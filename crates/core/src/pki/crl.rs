//! Certificate revocation lists (RFC 5280 §5): complete lists, issued by the certificate's own issuer.
//!
//! A list is used in two ways of different strictness. That a certificate *is* on a list signed by its issuer
//! counts whatever else is odd about the list. That it is *not* on it counts only if the list covers the
//! certificate, for every reason, at the instant asked about; else the status is unknown, which is never good.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use crate::crypto::{self, Message, PublicKey, SignatureError, SignatureScheme, Strength};
use crate::encoding::asn1::{self, ErrorKind, Reader, Rules, oid, tag};
use crate::encoding::pem::{self, MaterialFileError};
use crate::encoding::x509::{Certificate, Extension, GeneralName, Name, general_names, minimal, read_time};
use crate::pki::revocation::{Entry, Kind, Piece, RevocationReason, Source};
use crate::time::Time;

mod index;
mod judge;
mod scope;

use index::{ASKED_BEFORE, INDEXED_FROM, Index};
pub(super) use judge::opinions;
use scope::Scope;

/// Largest list read, in bytes. The largest of public CAs have about 10 MB.
pub const MAX_CRL: usize = 32 << 20;

/// A revocation list: its bytes as found and where its fields are. Cloning is cheap; entries are looked up in
/// the bytes, because lists are long and questions few.
#[derive(Clone)]
pub struct Crl {
    fields: Arc<Fields>,
    source: Source,
}

struct Fields {
    der: Box<[u8]>,
    tbs: (usize, usize),
    algorithm: (usize, usize),
    signature: (usize, usize),
    issuer: Name,
    version: u8,
    this_update: Time,
    next_update: Option<Time>,
    /// Content of `revokedCertificates`.
    entries: (usize, usize),
    scope: Scope,
    /// Where each serial number is, for lists too long to be read again for every question.
    index: OnceLock<Option<Index>>,
    /// Questions asked so far.
    asked: AtomicU32,
    /// The first key asked about and whether it signed the list: one list is asked about many artifacts.
    verified: OnceLock<(Vec<u8>, Result<Strength, SignatureError>)>,
}

/// Why bytes are no revocation list, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlError {
    /// Offset from the start of the list.
    pub offset: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

impl fmt::Display for CrlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at offset {}", self.problem, self.offset)
    }
}

impl std::error::Error for CrlError {}

impl From<asn1::Error> for CrlError {
    fn from(error: asn1::Error) -> Self {
        let problem = match error.kind {
            ErrorKind::Truncated => "the list ends early",
            ErrorKind::TrailingBytes => "bytes after the end",
            ErrorKind::UnexpectedTag { .. } => "another element than a revocation list has",
            _ => "broken encoding",
        };
        Self { offset: error.offset, problem }
    }
}

/// Why a file holds no revocation lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrlFileError {
    /// It is neither PEM nor DER of the kind.
    File(MaterialFileError),
    /// A list in it is broken.
    List(CrlError),
}

impl fmt::Display for CrlFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(error) => error.fmt(f),
            Self::List(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CrlFileError {}

/// The revocation lists of a PEM file, or the one of a DER file.
///
/// # Errors
/// If there is none, or one cannot be read.
pub fn read_all(bytes: &[u8]) -> Result<Vec<Crl>, CrlFileError> {
    let ders = pem::der_of(bytes, &["X509 CRL"]).map_err(CrlFileError::File)?;
    ders.iter().map(|der| Crl::from_der(der).map_err(CrlFileError::List)).collect()
}

/// What a list says about one serial number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lookup {
    Listed(Entry),
    NotListed,
    /// Not listed, but another entry is not understood, so RFC 5280 §5.3 forbids to rely on that.
    NotUnderstood,
}

impl Crl {
    /// Reads one list, in DER.
    ///
    /// # Errors
    /// [`CrlError`] with the offset of what is wrong. Entries are read when they are looked up.
    pub fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        if der.len() > MAX_CRL {
            return Err(CrlError { offset: MAX_CRL, problem: "the list is too long" });
        }
        Ok(Self { fields: Arc::new(Fields::read(der)?), source: Source::default() })
    }

    /// The whole list, as found.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.fields.der
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.fields.issuer
    }

    /// The version: 1 or 2.
    #[must_use]
    pub fn version(&self) -> u8 {
        self.fields.version
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.fields.this_update
    }

    /// When the next one is due, where said.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.fields.next_update
    }

    /// The same list, from this source.
    #[must_use]
    pub fn from_source(self, source: Source) -> Self {
        Self { source, ..self }
    }

    /// Its source and age.
    #[must_use]
    pub fn piece(&self) -> Piece {
        Piece {
            kind: Kind::List,
            source: self.source.clone(),
            this_update: Some(self.this_update()),
            next_update: self.next_update(),
        }
    }

    /// Verifies the signature with this key. Says nothing about who holds the key.
    ///
    /// # Errors
    /// [`SignatureError`].
    pub fn verify_signed_by(&self, key: &PublicKey) -> Result<Strength, SignatureError> {
        let (known, result) = self.fields.verified.get_or_init(|| (key.spki().to_vec(), self.verify(key)));
        if known == key.spki() { *result } else { self.verify(key) }
    }

    fn verify(&self, key: &PublicKey) -> Result<Strength, SignatureError> {
        let scheme = SignatureScheme::from_algorithm_identifier(self.slice(self.fields.algorithm), None);
        let scheme = scheme.ok_or(SignatureError::Unsupported)?;
        crypto::verify(key, scheme, Message::Bytes(self.slice(self.fields.tbs)), self.slice(self.fields.signature))
    }

    /// Questions that were looked up in it so far.
    #[cfg(test)]
    pub(in crate::pki) fn asked(&self) -> u32 {
        self.fields.asked.load(Ordering::Relaxed)
    }

    /// Looks a certificate up.
    fn look_up(&self, certificate: &Certificate) -> Result<Lookup, CrlError> {
        let (content, serial) = (self.slice(self.fields.entries), certificate.serial_as_found());
        if self.fields.scope.indirect {
            return scan_indirect(content, serial, certificate.issuer(), self.issuer());
        }
        let asked = self.fields.asked.fetch_add(1, Ordering::Relaxed);
        if content.len() < INDEXED_FROM || asked < ASKED_BEFORE {
            return scan(content, serial);
        }
        match self.fields.index.get_or_init(|| Index::build(content).ok()) {
            Some(index) => index.look_up(content, serial),
            // An entry is broken: those before it still count.
            None => scan(content, serial),
        }
    }

    /// Whether this list of changes takes a serial number off, and does not put it on again.
    fn releases(&self, serial: &[u8]) -> bool {
        let content = self.slice(self.fields.entries);
        let listed = scan(content, serial);
        listed == Ok(Lookup::NotListed) && is_removed(content, serial).unwrap_or(false)
    }

    /// Every serial number on the list, as content octets, with its entry.
    ///
    /// # Errors
    /// If an entry is broken, there are more than `most`, or the list is not one of its issuer's certificates
    /// alone, so that a number does not say whose it is.
    pub fn revoked(&self, most: usize) -> Result<Vec<(Vec<u8>, Entry)>, CrlError> {
        let offset = self.fields.entries.0;
        if self.fields.scope.indirect {
            return Err(CrlError { offset, problem: "the list covers certificates of other issuers" });
        }
        let mut entries = Reader::new(self.slice(self.fields.entries), Rules::Der);
        let mut found = Vec::new();
        while !entries.is_empty() {
            let mut fields = entries.sequence()?;
            let number = fields.expect(tag::INTEGER)?.content.to_vec();
            let (entry, _) = read_entry(&mut fields)?;
            if entry.reason != Some(RevocationReason::REMOVE_FROM_CRL) {
                found.push((number, entry));
            }
            if found.len() > most {
                return Err(CrlError { offset, problem: "the list has more entries than are read" });
            }
        }
        Ok(found)
    }

    fn slice(&self, (start, end): (usize, usize)) -> &[u8] {
        self.fields.der.get(start..end).unwrap_or_default()
    }
}

/// Looks a serial number up by reading every entry.
fn scan(content: &[u8], serial: &[u8]) -> Result<Lookup, CrlError> {
    let serial = minimal(serial);
    let mut entries = Reader::new(content, Rules::Der);
    let mut understood = true;
    while !entries.is_empty() {
        let mut fields = entries.sequence()?;
        let number = fields.expect(tag::INTEGER)?.content;
        let wanted = minimal(number) == serial;
        if !wanted && fields.rest().len() <= PLAIN_ENTRY_REST {
            continue;
        }
        let (entry, known) = read_entry(&mut fields)?;
        if wanted && entry.reason != Some(RevocationReason::REMOVE_FROM_CRL) {
            return Ok(Lookup::Listed(entry));
        }
        understood &= known;
    }
    Ok(if understood { Lookup::NotListed } else { Lookup::NotUnderstood })
}

/// Looks a certificate up in a list about several issuers: an entry that names an issuer is about that one's
/// certificate, and so are those after it (RFC 5280 §5.3.3). Before the first such entry they are the list's own.
fn scan_indirect(content: &[u8], serial: &[u8], issuer: &Name, list_issuer: &Name) -> Result<Lookup, CrlError> {
    let serial = minimal(serial);
    let mut entries = Reader::new(content, Rules::Der);
    let (mut understood, mut of_issuer) = (true, issuer == list_issuer);
    while !entries.is_empty() {
        let mut fields = entries.sequence()?;
        let number = fields.expect(tag::INTEGER)?.content;
        let read = read_entry_of(&mut fields)?;
        if let Some(names) = &read.issuer {
            of_issuer = names.iter().any(|name| matches!(name, GeneralName::Directory(name) if name == issuer));
        }
        let removed = read.entry.reason == Some(RevocationReason::REMOVE_FROM_CRL);
        if of_issuer && minimal(number) == serial && !removed {
            return Ok(Lookup::Listed(read.entry));
        }
        understood &= read.understood;
    }
    Ok(if understood { Lookup::NotListed } else { Lookup::NotUnderstood })
}

/// Whether an entry takes this serial number off an earlier list.
fn is_removed(content: &[u8], serial: &[u8]) -> Result<bool, CrlError> {
    let mut entries = Reader::new(content, Rules::Der);
    while !entries.is_empty() {
        let mut fields = entries.sequence()?;
        let number = fields.expect(tag::INTEGER)?.content;
        let (entry, _) = read_entry(&mut fields)?;
        if minimal(number) == minimal(serial) && entry.reason == Some(RevocationReason::REMOVE_FROM_CRL) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Bytes of an entry after its serial number if it has a date (15 or 17) and no extension.
const PLAIN_ENTRY_REST: usize = 17;

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crl({} of {})", self.issuer(), self.this_update())
    }
}

/// The rest of an entry of a list about one issuer, and whether every critical extension in it is understood: that
/// it is about another issuer's certificate is not, there.
fn read_entry(fields: &mut Reader<'_>) -> Result<(Entry, bool), CrlError> {
    let read = read_entry_of(fields)?;
    Ok((read.entry, read.understood && read.issuer.is_none()))
}

/// The rest of an entry.
struct ReadEntry {
    entry: Entry,
    /// Every critical extension is.
    understood: bool,
    /// Whose certificate it is about, where said.
    issuer: Option<Vec<GeneralName>>,
}

fn read_entry_of(fields: &mut Reader<'_>) -> Result<ReadEntry, CrlError> {
    let (revoked, _) = time(fields)?;
    let entry = Entry { revoked, reason: None, invalid_since: None };
    let mut read = ReadEntry { entry, understood: true, issuer: None };
    if !fields.is_empty() {
        let mut list = fields.sequence()?;
        while !list.is_empty() {
            let extension = Extension::read(&mut list)?;
            let mut value = Reader::new(extension.value, Rules::Der);
            match extension.oid {
                oid::CRL_REASON => {
                    // The certificate is listed nevertheless; only what the list leaves out cannot be relied on.
                    read.entry.reason = RevocationReason::read(value).ok();
                    read.understood &= read.entry.reason.is_some();
                }
                oid::INVALIDITY_DATE => read.entry.invalid_since = Some(time(&mut value)?.0),
                oid::CERTIFICATE_ISSUER => read.issuer = Some(general_names(extension.value)?),
                _ => read.understood &= !extension.critical,
            }
        }
    }
    fields.finish()?;
    Ok(read)
}

fn time(reader: &mut Reader<'_>) -> Result<(Time, bool), CrlError> {
    read_time(reader).map_err(|error| CrlError { offset: error.offset, problem: "no such time" })
}

impl Fields {
    fn read(der: &[u8]) -> Result<Self, CrlError> {
        let whole = |element: &asn1::Element<'_>| (element.offset, element.offset.saturating_add(element.raw.len()));
        let mut outer = Reader::new(der, Rules::Der);
        let mut list = outer.sequence()?;
        outer.finish()?;
        let tbs_element = list.expect(tag::SEQUENCE)?;
        let outer_algorithm = list.expect(tag::SEQUENCE)?;
        let bits = list.expect(tag::BIT_STRING)?;
        list.finish()?;
        if bits.content.first() != Some(&0) {
            return Err(CrlError { offset: bits.offset, problem: "broken encoding" });
        }
        let signature = (list.within(&bits).offset().saturating_add(1), whole(&bits).1);

        let mut tbs = list.within(&tbs_element);
        let version = read_version(&mut tbs)?;
        let algorithm = tbs.expect(tag::SEQUENCE)?;
        if algorithm.raw != outer_algorithm.raw {
            let problem = "the two names of the signature algorithm differ";
            return Err(CrlError { offset: algorithm.offset, problem });
        }
        let issuer = Name::read(&mut tbs)?;
        let (this_update, _) = time(&mut tbs)?;
        let next_is_time = matches!(tbs.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME));
        let next_update = if next_is_time { Some(time(&mut tbs)?.0) } else { None };
        let entries = match tbs.optional(tag::SEQUENCE)? {
            Some(element) => (tbs.within(&element).offset(), whole(&element).1),
            None => (0, 0),
        };
        let scope = match tbs.optional(0xa0)? {
            Some(wrapper) => Scope::read(tbs.within(&wrapper), &issuer)?,
            None => Scope::default(),
        };
        tbs.finish()?;
        Ok(Self {
            der: der.into(),
            tbs: whole(&tbs_element),
            algorithm: whole(&algorithm),
            signature,
            issuer,
            version,
            this_update,
            next_update,
            entries,
            scope,
            index: OnceLock::new(),
            asked: AtomicU32::new(0),
            verified: OnceLock::new(),
        })
    }
}

/// `version INTEGER OPTIONAL`: if present it is 1, for version 2.
fn read_version(tbs: &mut Reader<'_>) -> Result<u8, CrlError> {
    if tbs.peek() != Some(tag::INTEGER) {
        return Ok(1);
    }
    let offset = tbs.offset();
    match tbs.u64()? {
        1 => Ok(2),
        _ => Err(CrlError { offset, problem: "unknown version of revocation list" }),
    }
}

#[cfg(test)]
mod tests;
