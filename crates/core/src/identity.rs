//! Who is behind a signature, and what kind of assurance stands behind the name.

mod key_protection;
pub mod name;

pub use key_protection::KeyProtection;
use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::oid;
use crate::encoding::hex;
use crate::encoding::x509::{Certificate, GeneralName, Name};
use crate::time::Time;

/// The identity that a signature names: never a bare name without what vouches for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signer {
    /// The certificate name as RFC 4514 text, or the name of a key.
    pub name: Option<String>,
    /// The name of the certificate's issuer as RFC 4514 text.
    pub issuer: Option<String>,
    /// The certificate's serial number.
    pub serial: Option<Vec<u8>>,
    /// SHA-256 of the `SubjectPublicKeyInfo`.
    pub spki_sha256: Option<Digest>,
    /// Subject alternative names: e-mail addresses, URIs, host names, Fulcio's other names.
    pub san: Vec<String>,
    /// The OpenID Connect issuer that Fulcio recorded.
    pub oidc_issuer: Option<String>,
    /// SHA-256 of the certificate, or the fingerprint of a key in its format's form.
    pub fingerprint: Option<String>,
    /// First and last instant of the certificate's own validity.
    pub validity: Option<(Time, Time)>,
    /// The legal entity that the certificate names.
    pub entity: Option<LegalEntity>,
    /// Identifiers that stay with one subscriber while certificates and keys change.
    pub durable_ids: Vec<String>,
    /// Apple's Team ID.
    pub team_id: Option<String>,
}

/// The legal entity that a certificate names. Two are the same only if number and country are; the name
/// alone is shared by many.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LegalEntity {
    /// Its name (`organizationName`).
    pub name: String,
    /// Its registration number (`serialNumber` of the subject, CA/Browser Forum code-signing requirements
    /// §7.1.4.2).
    pub number: Option<String>,
    /// Two letters: the country of incorporation, else of the address.
    pub country: Option<String>,
}

impl LegalEntity {
    fn of(subject: &Name) -> Option<Self> {
        let text = |oid| subject.attribute(oid).filter(|text| !text.is_empty());
        Some(Self {
            name: text(oid::ORGANIZATION)?,
            number: text(oid::SERIAL_NUMBER),
            country: text(oid::JURISDICTION_COUNTRY).or_else(|| text(oid::COUNTRY)),
        })
    }
}

impl Signer {
    /// What a certificate says about its holder. Who vouches for that is not looked at.
    #[must_use]
    pub fn of_certificate(certificate: &Certificate) -> Self {
        let text = |name: &crate::encoding::x509::Name| (!name.is_empty()).then(|| name.to_string());
        Self {
            name: text(certificate.subject()),
            issuer: text(certificate.issuer()),
            serial: Some(certificate.serial().to_vec()),
            spki_sha256: Some(Digest::of(DigestAlgorithm::Sha256, certificate.spki())),
            san: certificate
                .subject_alternative_names()
                .unwrap_or_default()
                .iter()
                .filter_map(GeneralName::text)
                .collect(),
            oidc_issuer: None,
            fingerprint: Some(certificate.fingerprint().hex()),
            validity: Some((certificate.not_before(), certificate.not_after())),
            entity: LegalEntity::of(certificate.subject()),
            durable_ids: durable_ids(certificate),
            team_id: team_id(certificate),
        }
    }

    /// Seconds for which the certificate was made to live.
    #[must_use]
    pub fn lifetime(&self) -> Option<i64> {
        self.validity.map(|(first, last)| last.unix().saturating_sub(first.unix()))
    }

    /// The serial number in hexadecimal.
    #[must_use]
    pub fn serial_hex(&self) -> Option<String> {
        self.serial.as_deref().map(hex::encode)
    }

    /// The one name that a reader knows the identity by: the alternative name where there is one
    /// (Sigstore certificates have no other), else the certificate name.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        match self.name.as_deref() {
            Some(name) if !name.is_empty() => Some(name),
            _ => self.san.first().map(String::as_str).or(self.fingerprint.as_deref()),
        }
    }
}

/// Least numbers below [`oid::MICROSOFT_IDENTITY_VALIDATION`] that make an identifier of one subscriber: there
/// are four or more; those of a whole service (such as `….97.1.0`) have fewer.
const DURABLE_NUMBERS: usize = 4;

/// The extended key usages that name a subscriber of Microsoft's signing service, whose certificates live for
/// three days: to be pinned in place of key and serial number (Microsoft, "Artifact Signing: trust models").
fn durable_ids(certificate: &Certificate) -> Vec<String> {
    let usage = certificate.extended_key_usage().ok().flatten();
    let below = usage.iter().flat_map(|usage| &usage.oids).filter_map(|purpose| {
        let numbers = purpose.strip_prefix(oid::MICROSOFT_IDENTITY_VALIDATION)?;
        // In the base-128 encoding every number ends with a byte below 0x80 (X.690 §8.19.2).
        let count = numbers.iter().filter(|byte| **byte < 0x80).count();
        if count >= DURABLE_NUMBERS { oid::dotted(purpose) } else { None }
    });
    below.collect()
}

/// Apple writes the Team ID as organisational unit into the certificates that it issues to developers.
fn team_id(certificate: &Certificate) -> Option<String> {
    let by_apple = certificate.issuer().attribute(oid::ORGANIZATION).as_deref() == Some("Apple Inc.");
    by_apple.then(|| certificate.subject().attribute(oid::ORGANIZATIONAL_UNIT)).flatten()
}

macro_rules! assurances {
    ($($name:ident = $word:literal, $proves:literal, $not:literal;)*) => {
        /// What stands behind the name in a signature. Not a rank: strong assurance alone never admits.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Assurance { $(#[doc = $proves] $name,)* }

        impl Assurance {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it proves, in one sentence.
            #[must_use]
            pub const fn proves(self) -> &'static str {
                match self { $(Self::$name => $proves,)* }
            }

            /// What it does not prove, in one sentence.
            #[must_use]
            pub const fn does_not_prove(self) -> &'static str {
                match self { $(Self::$name => $not,)* }
            }
        }
    };
}

assurances! {
    ExtendedValidation = "extended-validation",
        "A public CA checked that the organisation exists and that its key is held in hardware.",
        "Not that the organisation is honest or still holds its key: many abused certificates were of this kind.";
    OrganizationValidated = "organization-validated",
        "A public CA checked that the organisation exists.",
        "Not who in it signed, and before June 2023 not how the key is held.";
    IndividualValidated = "individual-validated",
        "A public CA checked the identity papers of a person.",
        "Not that the person wrote the software or may publish it.";
    Platform = "platform",
        "The vendor of the platform signed, or had it signed after its own review.",
        "Not what that review covered.";
    WorkloadOidc = "workload-oidc",
        "A CI system said that this workflow of this repository ran and asked for the signature.",
        "Not that the workflow, its inputs or its maintainers were unharmed.";
    PersonOidc = "person-oidc",
        "An identity provider said that somebody signed in to this account at that moment.",
        "Not who sat at the keyboard, or that the account may publish this software.";
    WebOfTrust = "web-of-trust",
        "Other key holders certified this key.",
        "Not that anybody checked papers, or that the key is still under control.";
    KeyOnly = "key-only",
        "The holder of this key signed.",
        "Not who that is: the key is worth what the way it reached you is worth.";
    SelfSigned = "self-signed",
        "The holder of this key signed, under a name of their own choice.",
        "Not that the name is theirs: nobody checked it.";
    Test = "test",
        "A certificate made for tests signed.",
        "Nothing about any real party.";
    Unknown = "unknown",
        "Nothing that we can classify stands behind the name.",
        "Not that somebody checked it.";
}

#[cfg(test)]
mod tests {
    use super::{LegalEntity, Signer};
    use crate::encoding::asn1::oid;
    use crate::pki::minting::{Holder, Order, name, oid_of, usages};

    fn signer(subject: &[(&[u8], &str)], purposes: &[&[u8]]) -> Signer {
        let (issuer, holder) = (Holder::new("CA", 1), Holder::named(name(subject), 2));
        Signer::of_certificate(&issuer.certify(&holder, &Order::with(&[usages(purposes)])))
    }

    #[test]
    fn the_legal_entity_is_its_number_in_the_country_of_incorporation() {
        let subject: &[(&[u8], &str)] = &[
            (oid::COUNTRY, "DE"),
            (oid::ORGANIZATION, "Acme GmbH"),
            (oid::SERIAL_NUMBER, "HRB 1"),
            (oid::JURISDICTION_COUNTRY, "AT"),
        ];
        let text = |text: &str| Some(text.to_owned());
        let expected = LegalEntity { name: "Acme GmbH".to_owned(), number: text("HRB 1"), country: text("AT") };
        assert_eq!(signer(subject, &[oid::CODE_SIGNING]).entity, Some(expected));
        assert_eq!(signer(&[(oid::COMMON_NAME, "Acme GmbH")], &[oid::CODE_SIGNING]).entity, None);
    }

    #[test]
    fn a_durable_id_is_of_one_subscriber_not_of_the_service() {
        let mine = "1.3.6.1.4.1.311.97.990309390.766961637.194916062.941502583";
        let service = oid_of("1.3.6.1.4.1.311.97.1.0");
        let found = signer(&[(oid::COMMON_NAME, "Acme")], &[oid::CODE_SIGNING, &service, &oid_of(mine)]);
        assert_eq!(found.durable_ids, [mine]);
    }
}
