//! Timestamps by authorities: RFC 3161 tokens and PKCS #9 counter-signatures.
//!
//! A timestamp proves that a signature existed at an instant, if it is about that very signature, holds, and
//! an authority that somebody vouches for made it. Its own certificates are judged at its own time. One that
//! does not hold counts for nothing: nobody signed the fact that it is there, so it can make a signature
//! neither better nor worse.

mod authority;
mod tst_info;

use std::borrow::Cow;

pub use authority::Authority;
pub use tst_info::{Accuracy, Imprint, TstInfo};

use crate::crypto::{Digest, DigestAlgorithm, Message, SMALLEST_RSA, Strength, Weakness};
use crate::encoding::asn1::{Element, Reader, Rules, oid, tag};
use crate::encoding::cms::{Attributes, Signed, SignedData, SignerInfo, Verification, verify_signer};
use crate::encoding::x509::{Certificate, read_time};
use crate::evidence::{Need, Outcome, Reason, TimeSource};
use crate::finding::FindingId;
use crate::pki::path::name_text;
use crate::pki::profile::SHA1_LAST;
use crate::time::Time;

/// Says whether an accepted anchor vouches for a timestamping certificate at an instant, with the help of
/// further certificates, or why not.
pub type Vouching<'a> = dyn Fn(&Certificate, &[Certificate], Time) -> Result<Vouched, String> + 'a;

/// Who vouches for a timestamping certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vouched {
    /// The path with its anchor, leaf first.
    pub path: Vec<Certificate>,
    /// Whether the public requirements bind its issuer ([`crate::pki::profile::applies_to`]).
    pub profiled: bool,
    /// What a reader should know about it.
    pub notes: Vec<(FindingId, String)>,
}

/// A timestamp and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timestamp {
    /// What kind of timestamp it is.
    pub source: TimeSource,
    /// The instant that it names, whether or not it holds.
    pub time: Option<Time>,
    /// The certificate name of the authority, whether or not it holds.
    pub authority: Option<String>,
    /// The certificate of the authority, if the public requirements bind its issuer and the timestamp holds.
    pub profiled: Option<Certificate>,
    /// `Pass` if it proves that instant.
    pub outcome: Outcome,
    /// The facts.
    pub detail: String,
    /// What makes it forgeable although it holds.
    pub weakness: Option<Weakness>,
    /// The certificates that vouch for it, the authority's first, the anchor's last; empty if it does not hold.
    pub path: Vec<Certificate>,
    /// What a reader should know about those who vouch for it.
    pub notes: Vec<(FindingId, String)>,
}

impl Timestamp {
    /// The instant that it proves.
    #[must_use]
    pub fn proves(&self) -> Option<Time> {
        self.time.filter(|_| self.outcome == Outcome::Pass)
    }

    /// Whether it is about another signature.
    #[must_use]
    pub fn is_of_another(&self) -> bool {
        self.outcome == Outcome::Fail(Reason::TimestampMismatch)
    }

    const fn new(source: TimeSource) -> Self {
        Self {
            source,
            time: None,
            authority: None,
            profiled: None,
            path: Vec::new(),
            notes: Vec::new(),
            outcome: NOT_TRUSTED,
            detail: String::new(),
            weakness: None,
        }
    }

    fn vouched_for(&mut self, authority: &Certificate, by: Result<Vouched, String>) -> Result<Vec<Certificate>, Fault> {
        let vouched = by.map_err(Fault::not_trusted)?;
        self.profiled = vouched.profiled.then(|| authority.clone());
        self.notes = vouched.notes;
        Ok(vouched.path)
    }

    fn conclude(mut self, result: Result<Vec<Certificate>, Fault>) -> Self {
        let at = self.time.map_or_else(|| "no time".to_owned(), |time| time.to_string());
        let (outcome, detail) = match result {
            Ok(path) => {
                let names: Vec<String> = path.iter().map(|certificate| name_text(certificate.subject())).collect();
                self.path = path;
                (Outcome::Pass, format!("{at} by {}", names.join(", issued by ")))
            }
            Err(Fault { outcome, detail }) => (outcome, format!("{at}: {detail}")),
        };
        (self.outcome, self.detail) = (outcome, detail);
        self
    }
}

const NOT_TRUSTED: Outcome = Outcome::Fail(Reason::TimestampNotTrusted);

/// Why a timestamp proves nothing.
struct Fault {
    outcome: Outcome,
    detail: String,
}

impl Fault {
    fn not_trusted(detail: impl Into<String>) -> Self {
        Self { outcome: NOT_TRUSTED, detail: detail.into() }
    }

    fn mismatch(detail: impl Into<String>) -> Self {
        Self { outcome: Outcome::Fail(Reason::TimestampMismatch), detail: detail.into() }
    }
}

/// Verifies an RFC 3161 token over `stamped` (a signature value): a `ContentInfo`, or the
/// `TimeStampResp` around it.
///
/// `certificates` may supply the authority's certificate and issuers where the token carries none.
#[must_use]
pub fn verify_token(token: &[u8], stamped: &[u8], certificates: &[Certificate], vouching: &Vouching<'_>) -> Timestamp {
    let mut timestamp = Timestamp::new(TimeSource::Rfc3161);
    let result = check_token(&mut timestamp, token, stamped, certificates, vouching);
    timestamp.conclude(result)
}

/// Verifies a PKCS #9 counter-signature (RFC 2985 §5.3.6): a `SignerInfo` over `stamped`, the signature
/// value of the signer that carries it as an unsigned attribute. Its certificate is among `certificates`.
#[must_use]
pub fn verify_countersignature(
    value: &Element<'_>,
    stamped: &[u8],
    certificates: &[Certificate],
    vouching: &Vouching<'_>,
) -> Timestamp {
    let mut timestamp = Timestamp::new(TimeSource::AuthenticodeCountersignature);
    let result = check_countersignature(&mut timestamp, value, stamped, certificates, vouching);
    timestamp.conclude(result)
}

fn check_token(
    timestamp: &mut Timestamp,
    token: &[u8],
    stamped: &[u8],
    certificates: &[Certificate],
    vouching: &Vouching<'_>,
) -> Result<Vec<Certificate>, Fault> {
    let token = content_info(token)?;
    let signed = SignedData::parse(token).map_err(|error| Fault::not_trusted(error.to_string()))?;
    if signed.content.content_type != oid::TST_INFO {
        return Err(Fault::not_trusted("the token's content is no TSTInfo"));
    }
    let content = signed.content.octets.as_deref().ok_or_else(|| Fault::not_trusted("the token has no content"))?;
    let info = TstInfo::read(content).map_err(|error| Fault::not_trusted(format!("TSTInfo: {error}")))?;
    timestamp.time = Some(info.time);
    let [signer] = signed.signers.as_slice() else {
        return Err(Fault::not_trusted(format!("a token has one signer, this one has {}", signed.signers.len())));
    };
    let certificates = with_embedded(&signed, certificates);
    let authority = find_signer(signer, &certificates)?;
    timestamp.authority = Some(authority.subject().to_string());
    timestamp.weakness = info.imprint.check(stamped)?;
    let claim = Signed { content_type: Some(oid::TST_INFO), content: Message::Bytes(content) };
    let verification = verify(signer, claim, authority)?;
    timestamp.weakness = timestamp.weakness.or(weakness(verification.strength, info.time));
    check_signing_certificate(signer, authority)?;
    check_usage(authority)?;
    timestamp.vouched_for(authority, vouching(authority, &certificates, info.time))
}

fn check_countersignature(
    timestamp: &mut Timestamp,
    value: &Element<'_>,
    stamped: &[u8],
    certificates: &[Certificate],
    vouching: &Vouching<'_>,
) -> Result<Vec<Certificate>, Fault> {
    let signer = SignerInfo::read(value).map_err(|error| Fault::not_trusted(error.to_string()))?;
    let time = signer.signed.as_ref().and_then(signing_time);
    timestamp.time = time;
    let time = time.ok_or_else(|| Fault::not_trusted("the counter-signature carries no single signingTime"))?;
    let authority = find_signer(&signer, certificates)?;
    timestamp.authority = Some(authority.subject().to_string());
    let verification = verify(&signer, Signed { content_type: None, content: Message::Bytes(stamped) }, authority)?;
    timestamp.weakness = weakness(verification.strength, time);
    check_usage(authority)?;
    timestamp.vouched_for(authority, vouching(authority, certificates, time))
}

/// The signing time among signed attributes (RFC 2985 §5.3.3): what the signer says.
#[must_use]
pub fn signing_time(attributes: &Attributes<'_>) -> Option<Time> {
    let value = attributes.single(oid::SIGNING_TIME)?;
    let (time, _) = read_time(&mut Reader::new(value.raw, Rules::Ber)).ok()?;
    Some(time)
}

/// The `ContentInfo` of a token, taken out of a `TimeStampResp` (RFC 3161 §2.4.2) if it is in one.
fn content_info(bytes: &[u8]) -> Result<&[u8], Fault> {
    let malformed = |error: crate::encoding::asn1::Error| Fault::not_trusted(error.to_string());
    let mut fields = Reader::new(bytes, Rules::Ber).sequence().map_err(malformed)?;
    if fields.peek() != Some(tag::SEQUENCE) {
        return Ok(bytes);
    }
    let mut status = fields.sequence().map_err(malformed)?;
    match status.u64().map_err(malformed)? {
        // granted, grantedWithMods
        0 | 1 => Ok(fields.expect(tag::SEQUENCE).map_err(malformed)?.raw),
        status => Err(Fault::not_trusted(format!("the authority refused: status {status}"))),
    }
}

fn with_embedded<'a>(signed: &SignedData<'_>, others: &'a [Certificate]) -> Cow<'a, [Certificate]> {
    let embedded = signed.certificates.iter().filter_map(|element| Certificate::from_der(element.raw).ok());
    let mut all: Vec<Certificate> = embedded.collect();
    if all.is_empty() {
        return Cow::Borrowed(others);
    }
    all.extend_from_slice(others);
    Cow::Owned(all)
}

fn find_signer<'a>(signer: &SignerInfo<'_>, certificates: &'a [Certificate]) -> Result<&'a Certificate, Fault> {
    certificates.iter().find(|certificate| signer.sid.names(certificate)).ok_or_else(|| Fault {
        outcome: Outcome::Undecided(Need::OptionalKey),
        detail: "the authority's certificate is not there".to_owned(),
    })
}

fn verify(signer: &SignerInfo<'_>, signed: Signed<'_>, authority: &Certificate) -> Result<Verification, Fault> {
    let key = authority.public_key().map_err(|error| Fault::not_trusted(error.to_string()))?;
    let verification = verify_signer(signer, signed, &key);
    match verification.problem() {
        None => Ok(verification),
        Some(check) => Err(match check.outcome {
            // Its signed attributes name another digest: it is about another signature.
            Outcome::Fail(Reason::MessageDigestMismatch) if signed.content_type.is_none() => {
                Fault::mismatch(format!("it is about another signature: {}", check.detail))
            }
            _ => Fault::not_trusted(format!("{}: {}", check.id.word(), check.detail)),
        }),
    }
}

/// What makes a timestamp's own signature forgeable at the time that it names.
fn weakness(strength: Option<Strength>, time: Time) -> Option<Weakness> {
    match strength {
        Some(Strength::Weak(Weakness::Md5)) => Some(Weakness::Md5),
        Some(Strength::Weak(Weakness::Sha1)) if time >= SHA1_LAST.ends() => Some(Weakness::Sha1),
        // Keys that can be factored: whoever does so dates what they like.
        Some(Strength::Weak(weakness @ Weakness::SmallRsa(bits))) if bits < SMALLEST_RSA => Some(weakness),
        _ => None,
    }
}

/// Time stamping must be the only extended usage. RFC 3161 §2.3 says so for tokens; for counter-signatures no
/// section does, but a key that signs anything else could date its own signatures. That the extension be critical
/// is not demanded: Microsoft's authorities left it out for years.
fn check_usage(authority: &Certificate) -> Result<(), Fault> {
    let usage = authority.extended_key_usage().map_err(|error| Fault::not_trusted(error.to_string()))?;
    match usage {
        Some(usage) if !usage.contains(oid::TIME_STAMPING) => {
            Err(Fault::not_trusted("its certificate is not for time stamping"))
        }
        Some(usage) if usage.oids.len() != 1 => {
            Err(Fault::not_trusted("its certificate is for other purposes than time stamping, too"))
        }
        Some(_) => Ok(()),
        None => Err(Fault::not_trusted("its certificate names no extended usage")),
    }
}

/// The token must name the certificate of its authority among its signed attributes (RFC 3161 §2.4.1,
/// RFC 5816, RFC 5035), so that no other certificate of the same key is put in its place.
fn check_signing_certificate(signer: &SignerInfo<'_>, authority: &Certificate) -> Result<(), Fault> {
    let signed = signer.signed.as_ref().ok_or_else(|| Fault::not_trusted("the token has no signed attributes"))?;
    let named = [oid::SIGNING_CERTIFICATE_V2, oid::SIGNING_CERTIFICATE].map(|kind| signed.single(kind));
    let named: Vec<Digest> = named.into_iter().flatten().filter_map(first_certificate_id).collect();
    match named.as_slice() {
        [] => Err(Fault::not_trusted("the token does not name its authority's certificate")),
        ids => {
            let fits = |id: &Digest| Digest::of(id.algorithm(), authority.der()) == *id;
            let problem = || Fault::not_trusted("the token names another certificate than the authority's");
            ids.iter().all(fits).then_some(()).ok_or_else(problem)
        }
    }
}

/// The digest of the first `ESSCertID` or `ESSCertIDv2` of a signing-certificate attribute.
fn first_certificate_id(value: &Element<'_>) -> Option<Digest> {
    let mut fields = Reader::new(value.raw, Rules::Ber).sequence().ok()?;
    let mut first = fields.sequence().ok()?.sequence().ok()?;
    let algorithm = match first.optional(tag::SEQUENCE).ok()? {
        Some(algorithm) => DigestAlgorithm::from_oid(Reader::new(algorithm.content, Rules::Ber).oid().ok()?)?,
        None => DigestAlgorithm::Sha256,
    };
    let hash = first.octet_string().ok()?;
    // The first version is SHA-1 always, the second SHA-256 unless it says otherwise.
    let algorithm = if hash.len() == DigestAlgorithm::Sha1.length() { DigestAlgorithm::Sha1 } else { algorithm };
    Digest::new(algorithm, hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{PublicKey, SignatureScheme, verify};
    use crate::pki::minting::{Key, time};

    #[test]
    fn a_small_key_does_not_hide_a_digest_that_authorities_may_not_use_any_more() {
        let key = Key::rsa_1024();
        let public = PublicKey::from_spki(&key.spki()).unwrap();
        let at = |digest, text| {
            let signature = key.sign(digest, b"TSTInfo");
            let scheme = SignatureScheme::RsaPkcs1(digest);
            weakness(Some(verify(&public, scheme, Message::Bytes(b"TSTInfo"), &signature).unwrap()), time(text))
        };
        assert_eq!(at(DigestAlgorithm::Sha1, "2022-05-01T00:00:00Z"), Some(Weakness::Sha1));
        assert_eq!(at(DigestAlgorithm::Sha1, "2022-04-30T23:59:59Z"), None);
        assert_eq!(at(DigestAlgorithm::Md5, "2010-01-01T00:00:00Z"), Some(Weakness::Md5));
        assert_eq!(at(DigestAlgorithm::Sha256, "2022-05-01T00:00:00Z"), None);
    }
}
