//! Sigstore trusted roots: the logs, certificate authorities and timestamp authorities of one instance
//! (`TrustedRoot` of <https://github.com/sigstore/protobuf-specs>, media types 0.1 and 0.2).

use crate::crypto::{DigestAlgorithm, PublicKey, SignatureScheme};
use crate::encoding::asn1::{self, oid, tag};
use crate::encoding::json::{self, Cursor, FieldError, Problem};
use crate::encoding::x509::Certificate;
use crate::material::MaterialError;
use crate::time::Time;
use crate::trust;

/// An instance of Sigstore that a relying party accepts.
#[derive(Clone, Debug)]
pub struct TrustedRoot {
    /// Where it comes from: a path, or the name of a built-in instance.
    pub source: String,
    /// Logs of signatures (Rekor).
    pub logs: Vec<Log>,
    /// Logs of certificates (certificate transparency).
    pub certificate_logs: Vec<Log>,
    /// Authorities that issue signing certificates (Fulcio).
    pub certificate_authorities: Vec<Authority>,
    /// Authorities that issue timestamps.
    pub timestamp_authorities: Vec<Authority>,
}

/// A transparency log.
#[derive(Clone, Debug)]
pub struct Log {
    /// Its address without scheme, which is the name under which it signs checkpoints; may be empty.
    pub name: String,
    /// Its identifier, as entries name it.
    pub id: Vec<u8>,
    /// The identifier whose start is the key hint of its checkpoints.
    pub checkpoint_id: Vec<u8>,
    /// Its key.
    pub key: PublicKey,
    /// How it signs.
    pub scheme: SignatureScheme,
    /// When its key is accepted.
    pub valid: Interval,
}

/// An authority: a chain of certificates and when it is accepted.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its address, as the root gives it.
    pub uri: String,
    /// Its certificates, the anchor last.
    pub certificates: Vec<Certificate>,
    /// When it is accepted.
    pub valid: Interval,
}

/// A span of time, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// The first instant; `None` if the root states no span at all.
    pub start: Option<Time>,
    /// The last instant, if it has one.
    pub end: Option<Time>,
}

impl Interval {
    /// Whether an instant lies in it.
    #[must_use]
    pub fn contains(&self, at: Time) -> bool {
        self.start.is_none_or(|start| start <= at) && self.end.is_none_or(|end| at <= end)
    }
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.start, self.end) {
            (None, None) => f.write_str("always"),
            (Some(start), None) => write!(f, "from {start}"),
            (None, Some(end)) => write!(f, "until {end}"),
            (Some(start), Some(end)) => write!(f, "from {start} to {end}"),
        }
    }
}

const MEDIA_TYPES: [&str; 4] = [
    "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    "application/vnd.dev.sigstore.trustedroot+json;version=0.2",
    "application/vnd.dev.sigstore.trustedroot.v0.1+json",
    "application/vnd.dev.sigstore.trustedroot.v0.2+json",
];

impl TrustedRoot {
    /// Reads a trusted root. A log whose algorithm is not supported is left out: nothing it signed can count.
    ///
    /// # Errors
    /// If it is no trusted root, or breaks a rule of its format: a validity without a start, a key or
    /// certificate that cannot be read, an authority without certificates.
    pub fn from_json(source: &str, bytes: &[u8]) -> Result<Self, MaterialError> {
        let error = |problem: String| MaterialError { source: source.to_owned(), problem };
        let document = json::parse(bytes).map_err(|e| error(format!("no Sigstore trusted root: {e}")))?;
        Self::read(source, &Cursor::new(&document)).map_err(|e| error(format!("Sigstore trusted root: {e}")))
    }

    /// The instances that are accepted where the relying party names none: the public one, and GitHub's, which
    /// signs for private repositories. Never the staging instance: its signatures prove nothing.
    #[must_use]
    pub fn accepted_by_default() -> Vec<Self> {
        // A test reads them: they cannot be broken in a released build, and if they were, nothing would be
        // accepted.
        let accepted = trust::SIGSTORE_ROOTS.iter().filter(|(name, _)| ["public-good", "github"].contains(name));
        accepted.filter_map(|(name, json)| Self::from_json(&format!("built-in {name}"), json).ok()).collect()
    }

    fn read(source: &str, root: &Cursor<'_>) -> Result<Self, FieldError> {
        let media_type = root.field("mediaType")?;
        if !MEDIA_TYPES.contains(&media_type.text()?) {
            return Err(media_type.error(Problem::BadValue("a version of trusted roots that is read here")));
        }
        let logs = |name| -> Result<Vec<Log>, FieldError> {
            let read = root.list(name)?.iter().map(log).collect::<Result<Vec<_>, _>>()?;
            Ok(read.into_iter().flatten().collect())
        };
        let authorities =
            |name| -> Result<Vec<Authority>, FieldError> { root.list(name)?.iter().map(authority).collect() };
        Ok(Self {
            source: source.to_owned(),
            logs: logs("tlogs")?,
            certificate_logs: logs("ctlogs")?,
            certificate_authorities: authorities("certificateAuthorities")?,
            timestamp_authorities: authorities("timestampAuthorities")?,
        })
    }
}

fn log(place: &Cursor<'_>) -> Result<Option<Log>, FieldError> {
    let public = place.field("publicKey")?;
    let details = public.field("keyDetails")?;
    let raw = public.field("rawBytes")?;
    let valid = validity(&public)?;
    let Some((scheme, form)) = algorithm(details.text()?) else { return Ok(None) };
    let spki = match form {
        KeyForm::Spki => raw.bytes()?,
        KeyForm::Pkcs1 => rsa_spki(&raw.bytes()?),
    };
    let unreadable = |_| raw.error(Problem::BadValue("a public key of the algorithm in `keyDetails`"));
    let key = PublicKey::from_spki(&spki).map_err(unreadable)?;
    let id = place.field("logId")?.field("keyId")?.bytes()?;
    let checkpoint_id = place.optional("checkpointKeyId")?.map(|id| id.field("keyId")?.bytes()).transpose()?;
    let url = place.optional("baseUrl")?.map_or(Ok(""), |url| url.text())?;
    let name = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/').to_owned();
    let checkpoint_id = checkpoint_id.unwrap_or_else(|| id.clone());
    Ok(Some(Log { name, id, checkpoint_id, key, scheme, valid }))
}

enum KeyForm {
    Spki,
    Pkcs1,
}

/// `PublicKeyDetails` of protobuf-specs; `None` for what is not supported.
fn algorithm(details: &str) -> Option<(SignatureScheme, KeyForm)> {
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    let scheme = match details {
        "PKIX_ECDSA_P256_SHA_256" | "PKIX_ECDSA_P384_SHA_256" | "PKIX_ECDSA_P521_SHA_256" => {
            SignatureScheme::Ecdsa(Sha256)
        }
        "PKIX_ECDSA_P384_SHA_384" => SignatureScheme::Ecdsa(Sha384),
        "PKIX_ECDSA_P521_SHA_512" => SignatureScheme::Ecdsa(Sha512),
        "PKIX_ED25519" => SignatureScheme::Ed25519,
        "PKIX_RSA_PKCS1V5"
        | "PKIX_RSA_PKCS1V15_2048_SHA256"
        | "PKIX_RSA_PKCS1V15_3072_SHA256"
        | "PKIX_RSA_PKCS1V15_4096_SHA256" => SignatureScheme::RsaPkcs1(Sha256),
        "PKIX_RSA_PSS" | "PKIX_RSA_PSS_2048_SHA256" | "PKIX_RSA_PSS_3072_SHA256" | "PKIX_RSA_PSS_4096_SHA256" => {
            SignatureScheme::RsaPss(Sha256)
        }
        "PKCS1_RSA_PKCS1V5" => return Some((SignatureScheme::RsaPkcs1(Sha256), KeyForm::Pkcs1)),
        "PKCS1_RSA_PSS" => return Some((SignatureScheme::RsaPss(Sha256), KeyForm::Pkcs1)),
        _ => return None,
    };
    Some((scheme, KeyForm::Spki))
}

fn rsa_spki(pkcs1: &[u8]) -> Vec<u8> {
    let name = asn1::encode(tag::OID, oid::RSA_ENCRYPTION);
    let algorithm = asn1::encode_sequence(&[name, asn1::encode(tag::NULL, &[])]);
    asn1::encode_sequence(&[algorithm, asn1::encode(tag::BIT_STRING, &[&[0], pkcs1].concat())])
}

fn authority(place: &Cursor<'_>) -> Result<Authority, FieldError> {
    let chain = place.field("certChain")?.field("certificates")?;
    let certificates = chain.items()?.iter().map(certificate).collect::<Result<Vec<_>, _>>()?;
    if certificates.is_empty() {
        return Err(chain.error(Problem::BadValue("a chain with at least one certificate")));
    }
    let uri = place.optional("uri")?.map_or(Ok(""), |uri| uri.text())?.to_owned();
    Ok(Authority { uri, certificates, valid: validity(place)? })
}

fn certificate(place: &Cursor<'_>) -> Result<Certificate, FieldError> {
    let raw = place.field("rawBytes")?;
    Certificate::from_der(&raw.bytes()?).map_err(|_| raw.error(Problem::BadValue("an X.509 certificate")))
}

/// `validFor`: may be absent, but if it is there it must begin (`TimeRange.start` is required).
fn validity(place: &Cursor<'_>) -> Result<Interval, FieldError> {
    let Some(span) = place.optional("validFor")? else { return Ok(Interval::default()) };
    let end = span.optional("end")?.map(|end| instant(&end)).transpose()?;
    Ok(Interval { start: Some(instant(&span.field("start")?)?), end })
}

fn instant(place: &Cursor<'_>) -> Result<Time, FieldError> {
    let bad = || place.error(Problem::BadValue("an RFC 3339 instant"));
    let text = place.text()?;
    if text.contains('T') { text.parse().map_err(|_| bad()) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MCowBQYDK2VwAyEAGb9F2CMdqjB0sQiIEhYQcAhKUBYAkgCkjj4NnhmaR1g=";

    fn with(log: &str) -> Result<TrustedRoot, MaterialError> {
        let text = format!(r#"{{"mediaType":"{}","tlogs":[{log}]}}"#, MEDIA_TYPES[0]);
        TrustedRoot::from_json("test", text.as_bytes())
    }

    fn log(details: &str, valid: &str) -> String {
        format!(
            r#"{{"baseUrl":"https://log.example/","logId":{{"keyId":"AQIDBA=="}},
               "publicKey":{{"rawBytes":"{KEY}","keyDetails":"{details}"{valid}}}}}"#
        )
    }

    #[test]
    fn a_log_is_read_with_its_closed_interval() {
        let valid = r#","validFor":{"start":"2025-01-01T00:00:00Z","end":"2025-12-31T23:59:59.999Z"}"#;
        let root = with(&log("PKIX_ED25519", valid)).unwrap();
        let read = &root.logs[0];
        assert_eq!(
            (read.name.as_str(), &read.id[..], read.scheme),
            ("log.example", &[1, 2, 3, 4][..], SignatureScheme::Ed25519)
        );
        let at = |text: &str| read.valid.contains(text.parse().unwrap());
        assert!(at("2025-01-01T00:00:00Z") && at("2025-12-31T23:59:59Z"));
        assert!(!at("2024-12-31T23:59:59Z") && !at("2026-01-01T00:00:00Z"));
    }

    #[test]
    fn an_interval_without_start_is_an_error_and_none_at_all_is_not() {
        let error = with(&log("PKIX_ED25519", r#","validFor":{"end":"2025-01-01T00:00:00Z"}"#)).unwrap_err();
        assert_eq!(error.problem, "Sigstore trusted root: `tlogs[0].publicKey.validFor.start` is missing");
        assert!(with(&log("PKIX_ED25519", "")).unwrap().logs[0].valid.contains(Time::from_unix(0)));
    }

    #[test]
    fn the_built_in_roots_are_read_and_staging_is_not_accepted() {
        let accepted = TrustedRoot::accepted_by_default();
        let names: Vec<_> = accepted.iter().map(|root| root.source.as_str()).collect();
        assert_eq!(names, ["built-in public-good", "built-in github"]);
        assert!(!accepted[0].logs.is_empty() && !accepted[0].certificate_logs.is_empty());
        assert!(accepted[1].logs.is_empty() && !accepted[1].timestamp_authorities.is_empty());
        for (name, json) in trust::SIGSTORE_ROOTS {
            assert!(TrustedRoot::from_json(name, json).is_ok(), "{name}");
        }
    }

    #[test]
    fn unsupported_keys_are_left_out_and_broken_ones_refused() {
        assert!(with(&log("PKIX_FUTURE", "")).unwrap().logs.is_empty());
        let broken = log("PKIX_ED25519", "").replace(KEY, "AQID");
        assert!(with(&broken).unwrap_err().problem.contains("tlogs[0].publicKey.rawBytes"));
        assert!(TrustedRoot::from_json("x", b"{\"mediaType\":\"other\"}").is_err());
        assert!(TrustedRoot::from_json("x", b"[").is_err());
    }
}
