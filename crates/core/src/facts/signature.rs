//! Signatures: who signed, when, how.

use std::borrow::Cow;

use super::shape::{OneOf, Texts, WordSet, records};
use crate::claim::Claims;
use crate::evidence::{Need, Origin, Outcome, Reason, State, TimeSource};
use crate::formats::FORMATS;
use crate::ground::Ground;
use crate::identity::{Assurance, KeyProtection};
use crate::reports::words::Word;
use crate::time::Time;

records! {
    /// One signature.
    Signature<'a> = "Signature" {
        /// Its name in the verdict: `sig-0`.
        id: String,
        /// The format, as `countersign formats` lists them.
        format: OneOf<Formats>,
        /// The evidence file that it was found in; without one it is inside of the artifact.
        file: Option<&'a str>,
        /// What became of it.
        state: Word<State>,
        /// Why: a word that `countersign explain --reasons` explains.
        reason: OneOf<Reasons>,
        /// Whether its mathematics hold and it is about this artifact, whoever made it.
        holds: bool,
        /// Who signed, by the certificate or key.
        signer: Signer<'a>,
        /// What stands behind the signer's name.
        assurance: Word<Assurance>,
        /// How the key is held.
        key_protection: Protection<'a>,
        /// The algorithms.
        algorithms: Algorithms<'a>,
        /// Whether something trusted proves when it was made.
        timestamped: bool,
        /// The instant at which it provably existed.
        signed_at: Option<Time>,
        /// What proves that instant.
        time_source: Word<TimeSource>,
        /// Whether it covers every byte of the artifact but itself.
        covers_all: bool,
        /// What the certificate authority says of the workload that signed, by the names of Fulcio's extensions:
        /// `source-repository-uri`, `build-trigger`, `runner-environment`.
        workload: Texts<'a>,
    }

    /// Who signed.
    Signer<'a> = "Signer" {
        /// The certificate name as RFC 4514 text, or the name of a key.
        name: Option<&'a str>,
        /// The name of the certificate's issuer as RFC 4514 text.
        issuer: Option<&'a str>,
        /// The OpenID Connect issuer.
        oidc_issuer: Option<&'a str>,
        /// Subject alternative names.
        san: Vec<&'a str>,
        /// The organisation that the certificate names.
        organization: Option<&'a str>,
        /// The registration number of that organisation.
        organization_number: Option<&'a str>,
        /// The country of that organisation, two letters.
        country: Option<&'a str>,
        /// The serial number of the certificate, in hexadecimal.
        serial: Option<String>,
        /// SHA-256 of the public key (`SubjectPublicKeyInfo`), in hexadecimal.
        spki_sha256: Option<String>,
        /// SHA-256 of the certificate, or the fingerprint of a key in the form of its format.
        fingerprint: Option<&'a str>,
    }

    /// How a key is held, by the strength of the evidence.
    Protection<'a> = "KeyProtection" {
        /// `attested` by hardware, `required-by-rule` and asserted by the authority, `declared` by the owner, or
        /// `unknown`.
        class: OneOf<ProtectionClasses>,
        /// Who says so.
        by: Option<&'a str>,
    }

    /// The algorithms of a signature.
    Algorithms<'a> = "Algorithms" {
        /// The digest algorithm.
        digest: Option<&'a str>,
        /// The signature algorithm, such as `rsa-pkcs1-3072`.
        signature: Option<&'a str>,
    }
}

impl<'a> Signature<'a> {
    pub(super) fn of(signature: &'a crate::evidence::Signature, claims: &'a Claims) -> Self {
        let holds = signature.integrity() == Outcome::Pass;
        Self {
            id: signature.id.to_string(),
            format: OneOf::new(signature.format),
            file: if let Origin::File(path) = &signature.origin { Some(path) } else { None },
            state: Word(signature.state()),
            reason: OneOf::new(signature.reason()),
            holds,
            signer: Signer::of(&signature.signer),
            assurance: Word(signature.assurance),
            key_protection: Protection::of(&signature.key_protection),
            algorithms: Algorithms {
                digest: signature.digest_algorithm.map(|algorithm| algorithm.name()),
                signature: signature.signature_algorithm.as_deref(),
            },
            timestamped: signature.time.trusted.is_some(),
            signed_at: signature.time.trusted,
            time_source: Word(signature.time.source),
            covers_all: holds && signature.coverage.uncovered.is_empty(),
            workload: workload(signature, claims),
        }
    }
}

/// What the authority that made the certificate says of the workload, as far as that is verified.
fn workload<'a>(signature: &crate::evidence::Signature, claims: &'a Claims) -> Texts<'a> {
    let names = claims.certified_workload(signature.id);
    names
        .into_iter()
        .flatten()
        .map(|(name, value)| (Cow::Borrowed(name.as_str()), Cow::Borrowed(value.as_str())))
        .collect()
}

impl<'a> Signer<'a> {
    fn of(signer: &'a crate::identity::Signer) -> Self {
        let entity = signer.entity.as_ref();
        Self {
            name: signer.name.as_deref().filter(|name| !name.is_empty()),
            issuer: signer.issuer.as_deref(),
            oidc_issuer: signer.oidc_issuer.as_deref(),
            san: signer.san.iter().map(String::as_str).collect(),
            organization: entity.map(|entity| entity.name.as_str()),
            organization_number: entity.and_then(|entity| entity.number.as_deref()),
            country: entity.and_then(|entity| entity.country.as_deref()),
            serial: signer.serial_hex(),
            spki_sha256: signer.spki_sha256.map(|digest| digest.hex()),
            fingerprint: signer.fingerprint.as_deref(),
        }
    }
}

impl<'a> Protection<'a> {
    fn of(held: &'a KeyProtection) -> Self {
        Self { class: OneOf::new(held.word()), by: held.by() }
    }
}

/// The ids of the formats.
#[derive(Clone, Debug)]
pub(super) enum Formats {}

impl WordSet for Formats {
    const NAME: &'static str = "Format";

    fn words() -> Vec<&'static str> {
        FORMATS.iter().map(|format| format.id).collect()
    }
}

/// The words for why something is as it is.
#[derive(Clone, Debug)]
pub(super) enum Reasons {}

impl WordSet for Reasons {
    const NAME: &'static str = "Reason";

    fn words() -> Vec<&'static str> {
        let grounds = Ground::ALL.iter().map(|ground| ground.word());
        let reasons = Reason::ALL.iter().map(|reason| reason.word());
        let needs = Need::ALL.iter().map(|need| need.word());
        grounds.chain(reasons).chain(needs).collect()
    }
}

/// The classes of evidence for how a key is held.
#[derive(Clone, Debug)]
pub(super) enum ProtectionClasses {}

impl WordSet for ProtectionClasses {
    const NAME: &'static str = "KeyProtectionClass";

    fn words() -> Vec<&'static str> {
        KeyProtection::WORDS.to_vec()
    }
}
