//! What resembles an entry without being named by it: weak evidence, a finding and no more.
//!
//! The neighbour of an abused certificate may be its victim: a publisher whose key was stolen has the same
//! number and the same name on every later certificate. So nothing here touches a check.

use super::index::{Index, IndexKey, Kind};
use super::judge::name;
use super::selector::registrations;
use super::{Distrust, DistrustPack, Entry, Hit};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::oid;
use crate::encoding::hex;
use crate::encoding::x509::Certificate;
use crate::evidence::{Reliance, ReliedOn, Role};
use crate::lookalike;

/// Neighbours told of one certificate and list; a popular name has hundreds.
const MAX_NEIGHBOURS: usize = 3;

/// What ties a certificate to the holder of a listed one.
#[derive(Clone, Copy)]
enum Tie {
    Key,
    Number,
    Name,
}

impl Tie {
    const fn words(self) -> &'static str {
        match self {
            Self::Key => "the same key as a certificate",
            Self::Number => "the same registration number and country as a holder",
            Self::Name => "a name that resembles that of a holder",
        }
    }
}

/// The index of what entries know about holders.
pub(super) fn index(entries: &[Entry]) -> Index {
    let keys = entries.iter().enumerate().flat_map(|(position, entry)| {
        let holder = entry.holder.as_ref();
        let key = holder.and_then(|holder| hex::decode(holder.spki_sha256.as_deref()?)).map(|spki| by_key(&spki));
        let number = holder.and_then(|holder| by_number(holder.registration.as_deref()?, holder.country.as_deref()?));
        let name = holder.and_then(|holder| by_name(holder.name.as_deref()?));
        [key, number, name].into_iter().flatten().map(move |key| (key, position))
    });
    Index::new(keys)
}

/// What is near the signer among the entries, in words. Issuers and authorities have no neighbours: every
/// customer of theirs would be one.
pub(super) fn of(distrust: &Distrust, reliance: &Reliance) -> Vec<String> {
    let ReliedOn::Certificate(certificate) = &reliance.on else { return Vec::new() };
    if reliance.role != Role::Signer {
        return Vec::new();
    }
    let words = |pack| near(pack, certificate).into_iter().map(move |(tie, entry)| (tie, Hit { pack, entry }));
    let found = distrust.packs().flat_map(words);
    found.map(|(tie, hit)| format!("signer {} has {} {}", name(reliance), tie.words(), hit.words())).collect()
}

fn near<'a>(pack: &'a DistrustPack, certificate: &Certificate) -> Vec<(Tie, &'a Entry)> {
    let mut found: Vec<(Tie, &Entry)> = Vec::new();
    let holder = FoundHolder::of(certificate);
    for (tie, key) in holder.ties() {
        for position in pack.holders.find(&key) {
            let entry = pack.entries().get(position).filter(|entry| !entry.selector.names(certificate));
            let Some(entry) = entry.filter(|entry| holder.fits(tie, entry)) else { continue };
            if !found.iter().any(|(_, other)| std::ptr::eq(*other, entry)) {
                found.push((tie, entry));
            }
            if found.len() >= MAX_NEIGHBOURS {
                return found;
            }
        }
    }
    found
}

/// What a certificate says about its holder, as far as holders can be told apart by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundHolder {
    /// Organisation and common name, where there are any.
    pub names: Vec<String>,
    /// Registration numbers.
    pub registrations: Vec<String>,
    /// The country: of incorporation, else of the address.
    pub country: Option<String>,
    /// SHA-256 of the `SubjectPublicKeyInfo`.
    pub spki_sha256: Digest,
}

impl FoundHolder {
    /// The holder of a certificate.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        let subject = certificate.subject();
        let text = |kind| subject.attribute(kind).filter(|text| !text.trim().is_empty());
        Self {
            names: [oid::ORGANIZATION, oid::COMMON_NAME].into_iter().filter_map(text).collect(),
            registrations: registrations(subject).collect(),
            country: text(oid::JURISDICTION_COUNTRY).or_else(|| text(oid::COUNTRY)),
            spki_sha256: Digest::of(DigestAlgorithm::Sha256, certificate.spki()),
        }
    }

    /// Registration number and country together, in one form for all spellings; `None` without either.
    #[must_use]
    pub fn number(&self) -> Option<String> {
        let country = self.country.as_deref()?;
        self.registrations.iter().find_map(|number| number_in(number, country))
    }

    /// Where to look: the strongest tie first.
    fn ties(&self) -> Vec<(Tie, IndexKey)> {
        let mut ties = vec![(Tie::Key, by_key(self.spki_sha256.as_bytes()))];
        let numbers = self.registrations.iter().filter_map(|number| by_number(number, self.country.as_deref()?));
        ties.extend(numbers.map(|key| (Tie::Number, key)));
        ties.extend(self.names.iter().filter_map(|name| by_name(name)).map(|key| (Tie::Name, key)));
        ties
    }

    /// Two holders of one name in different countries are two holders.
    fn fits(&self, tie: Tie, entry: &Entry) -> bool {
        let listed = entry.holder.as_ref().and_then(|holder| holder.country.as_deref());
        match (tie, listed, self.country.as_deref()) {
            (Tie::Name, Some(listed), Some(ours)) => listed.trim().eq_ignore_ascii_case(ours.trim()),
            _ => true,
        }
    }
}

fn by_key(spki_sha256: &[u8]) -> IndexKey {
    IndexKey::of(Kind::HolderKey, &[spki_sha256])
}

fn by_number(number: &str, country: &str) -> Option<IndexKey> {
    number_in(number, country).map(|number| IndexKey::of(Kind::HolderNumber, &[number.as_bytes()]))
}

/// A number in the register of a country, without its punctuation.
fn number_in(number: &str, country: &str) -> Option<String> {
    let plain: String = number.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_uppercase();
    let country = country.trim().to_uppercase();
    let says_something = plain.chars().any(|c| c.is_ascii_digit()) && !country.is_empty();
    says_something.then(|| format!("{country}:{plain}"))
}

fn by_name(name: &str) -> Option<IndexKey> {
    let plain = lookalike::normalise(name);
    (!plain.is_empty()).then(|| IndexKey::of(Kind::HolderName, &[plain.as_bytes()]))
}
