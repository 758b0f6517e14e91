//! Commits and tags that gitsign signed (<https://github.com/sigstore/gitsign>): a detached CMS signature in
//! the Git object, by a Fulcio certificate, with the entry of the log among its unsigned attributes.
//!
//! The entry comes without its body, so the body is rebuilt from what it must say; the log's promise and
//! proof hold only if it says just that.

use super::sigstore::{Attestation, Certified, Content, Extensions, Verifier, certified, signer};
use super::{Context, Format, Found, Reader, Reading};
use crate::artifact::{ReadError, Source};
use crate::crypto::{Digest, DigestAlgorithm, Message};
use crate::encoding::asn1::oid;
use crate::encoding::cms::{Signed, SignedData, SignerInfo, verify_signer};
use crate::encoding::x509::Certificate;
use crate::encoding::{base64, hex, pem};
use crate::evidence::{CheckId, Coverage, Need, Origin, Outcome, Reason, Signature};
use crate::material::Limits;
use crate::provenance;
use crate::tlog::entry::{Body, BodyError, LogEntry};

/// The entry of the table.
pub(super) static ENTRY: Format = Format {
    id: "gitsign",
    title: "Git object signed by gitsign",
    specification: "https://github.com/sigstore/gitsign",
    reader: Reader::Embedded { container: "git-object", detect, open },
};

const BEGIN: &str = "-----BEGIN SIGNED MESSAGE-----";
const LABEL: &str = "SIGNED MESSAGE";
/// Where a commit keeps its signature; the second name is for repositories of SHA-256.
const HEADERS: [&str; 2] = ["gpgsig ", "gpgsig-sha256 "];
/// Largest object read. Commits and tags are texts that somebody typed.
const MAX_OBJECT: u64 = 4 << 20;

fn detect(head: &[u8]) -> bool {
    let named = |name: &str, next: &[u8]| {
        let rest = head.strip_prefix(name.as_bytes()).and_then(|rest| rest.split(|byte| *byte == b'\n').next());
        let is_id = rest.is_some_and(|id| [40, 64].contains(&id.len()) && id.iter().all(u8::is_ascii_hexdigit));
        let after = name.len().saturating_add(rest.map_or(0, <[u8]>::len)).saturating_add(1);
        is_id && head.get(after..).is_some_and(|rest| rest.starts_with(next))
    };
    named("object ", b"type ") || named("tree ", b"parent ") || named("tree ", b"author ")
}

fn open(artifact: &dyn Source, limits: &Limits) -> Result<Reading, ReadError> {
    let most = MAX_OBJECT.min(limits.memory_bytes);
    let length = usize::try_from(artifact.len().min(most)).unwrap_or(0);
    let mut bytes = vec![0; length];
    artifact.read_exact_at(0, &mut bytes)?;
    let whole = artifact.len() <= most;
    let parts = whole.then(|| std::str::from_utf8(&bytes).ok().and_then(Parts::read)).flatten();
    Ok(Box::new(Pending(parts)))
}

/// A signed object, taken apart.
struct Parts {
    /// What is signed: the object without its signature.
    signed: Vec<u8>,
    /// The signature as PEM.
    pem: String,
}

impl Parts {
    /// Takes the signature out of a commit's header, or from the end of a tag.
    fn read(object: &str) -> Option<Self> {
        if object.starts_with("object ") {
            let (at, _) = object.match_indices(BEGIN).last()?;
            let (signed, pem) = object.split_at_checked(at)?;
            return Some(Self { signed: signed.as_bytes().to_vec(), pem: pem.to_owned() });
        }
        let (mut signed, mut pem, mut inside, mut in_header) = (String::new(), String::new(), false, true);
        for line in object.split_inclusive('\n') {
            in_header = in_header && line != "\n";
            let starts = in_header.then(|| HEADERS.iter().find_map(|name| line.strip_prefix(name))).flatten();
            inside = starts.is_some() || (inside && in_header && line.starts_with(' '));
            match (inside, starts) {
                (true, Some(first)) => pem.push_str(first),
                (true, None) => pem.push_str(line.strip_prefix(' ').unwrap_or(line)),
                (false, _) => signed.push_str(line),
            }
        }
        pem.starts_with(BEGIN).then(|| Self { signed: signed.into_bytes(), pem })
    }
}

struct Pending(Option<Parts>);

impl super::Pending for Pending {
    fn judge(self: Box<Self>, context: &Context<'_>) -> Found {
        let mut found = Found::default();
        let Some(parts) = &self.0 else { return found };
        let mut signature = Signature::new(ENTRY.id, Origin::Embedded);
        let size = context.artifact.size().unwrap_or(0);
        // The signature itself is all that it does not cover.
        signature.coverage = Coverage { bytes: size, of: size, uncovered: Vec::new() };
        match judge(&mut signature, parts, context) {
            Ok(extensions) => {
                extensions.check(&mut signature);
                provenance::claims(&mut found, None, signature, &extensions.facts());
            }
            Err((reason, detail)) => {
                signature.check(CheckId::Structure, Outcome::Fail(reason), detail);
                found.signatures.push(signature);
            }
        }
        found
    }
}

fn judge(signature: &mut Signature, parts: &Parts, context: &Context<'_>) -> Result<Extensions, (Reason, String)> {
    let malformed = |detail: String| (Reason::Malformed, detail);
    let blocks = pem::blocks(parts.pem.as_bytes()).map_err(|error| malformed(error.to_string()))?;
    let block = blocks.first().filter(|block| block.label == LABEL);
    let block = block.ok_or_else(|| malformed("no signature in its place".to_owned()))?;
    let cms = SignedData::parse(&block.der).map_err(|error| malformed(error.to_string()))?;
    let [signer_info] = cms.signers.as_slice() else {
        return Err((Reason::SignerCountWrong, format!("{} signers", cms.signers.len())));
    };
    let certificates: Vec<_> = cms.certificates.iter().filter_map(|one| Certificate::from_der(one.raw).ok()).collect();
    let leaf = certificates.iter().find(|one| signer_info.sid.names(one));
    let leaf = leaf.ok_or_else(|| (Reason::CertificateMissing, "the signer's certificate is not there".to_owned()))?;
    let others: Vec<_> = certificates.iter().filter(|one| *one != leaf).cloned().collect();
    let extensions = Extensions::read(leaf);
    signature.signer = signer(leaf, &extensions);
    signature.check(CheckId::Structure, Outcome::Pass, "well formed");
    verify(signature, signer_info, leaf, &parts.signed);
    let attestation = evidence(signer_info, leaf);
    let digest = Some(signed_digest(signer_info));
    certified(signature, &Certified { leaf, others: &others, digest, index: 0 }, &attestation, context);
    Ok(extensions)
}

fn verify(signature: &mut Signature, signer: &SignerInfo<'_>, leaf: &Certificate, signed: &[u8]) {
    match leaf.public_key() {
        Ok(key) => {
            let signed = Signed { content_type: Some(oid::DATA), content: Message::Bytes(signed) };
            signature.checks.extend(verify_signer(signer, signed, &key).checks);
            signature.digest_algorithm = signer.digest();
            signature.signature_algorithm = signer.scheme().map(|scheme| scheme.describe(&key));
        }
        Err(error) => signature.check(CheckId::Signature, Outcome::Undecided(Need::Algorithm), error.to_string()),
    }
}

/// What the log records as signed: the digest of the signed attributes.
fn signed_digest(signer: &SignerInfo<'_>) -> Digest {
    let attributes = signer.signed.as_ref().map(|attributes| attributes.signed_bytes()).unwrap_or_default();
    Digest::of(DigestAlgorithm::Sha256, &attributes)
}

/// Log entry and timestamps among the unsigned attributes.
fn evidence(signer: &SignerInfo<'_>, leaf: &Certificate) -> Attestation {
    let body = rebuilt(signer, leaf);
    let entries = signer.unsigned.values(oid::LOG_ENTRY).filter_map(|value| LogEntry::from_protobuf(value.content));
    let with_body = |mut entry: LogEntry| {
        let body = entry.body.get_or_insert_with(|| body.clone());
        let read: Result<Body, BodyError> = Body::parse(body, &entry.kind, &entry.version);
        (entry, Some(read))
    };
    Attestation {
        content: Content::Message { digest: None, signature: signer.signature.to_vec() },
        verifier: Verifier::Unsaid,
        entries: entries.map(with_body).collect(),
        timestamps: signer.unsigned.values(oid::TIMESTAMP_TOKEN).map(|value| value.raw.to_vec()).collect(),
        is_first_version: false,
        statement: None,
        apart: Vec::new(),
    }
}

/// The `hashedrekord` that the log must have recorded, in its canonical form.
fn rebuilt(signer: &SignerInfo<'_>, leaf: &Certificate) -> Vec<u8> {
    let hash = hex::encode(signed_digest(signer).as_bytes());
    let value = base64::encode(&signer.signature);
    let certificate = base64::encode(leaf_pem(leaf).as_bytes());
    format!(
        r#"{{"apiVersion":"0.0.1","kind":"hashedrekord","spec":{{"data":{{"hash":{{"algorithm":"sha256","value":"{hash}"}}}},"signature":{{"content":"{value}","publicKey":{{"content":"{certificate}"}}}}}}}}"#
    )
    .into_bytes()
}

/// The certificate as Go writes it: lines of 64 characters.
fn leaf_pem(leaf: &Certificate) -> String {
    let text = base64::encode(leaf.der());
    let mut lines = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        lines.push_str(&String::from_utf8_lossy(line));
        lines.push('\n');
    }
    lines.push_str("-----END CERTIFICATE-----\n");
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "045f683042529876c1fe28f97f416c1501ffa433";

    #[test]
    fn objects_are_known_by_their_first_two_lines() {
        assert!(detect(format!("tree {ID}\nparent {ID}\n").as_bytes()));
        assert!(detect(format!("tree {ID}\nauthor x\n").as_bytes()));
        assert!(detect(format!("object {ID}\ntype commit\n").as_bytes()));
        assert!(!detect(format!("tree {ID}\nsomething\n").as_bytes()));
        assert!(!detect(b"tree of life\nauthor unknown\n"));
        assert!(!detect(b""));
    }

    #[test]
    fn the_signature_is_taken_out_and_all_else_is_signed() {
        let commit =
            format!("tree {ID}\nauthor a\ngpgsig {BEGIN}\n AQ==\n -----END\nencoding x\n\ngpgsig {BEGIN}\n text\n");
        let parts = Parts::read(&commit).unwrap();
        assert_eq!(parts.pem, format!("{BEGIN}\nAQ==\n-----END\n"));
        let signed = format!("tree {ID}\nauthor a\nencoding x\n\ngpgsig {BEGIN}\n text\n");
        assert_eq!(String::from_utf8(parts.signed).unwrap(), signed);

        let tag = format!("object {ID}\ntype commit\n\nmessage\n{BEGIN}\nAQ==\n");
        let parts = Parts::read(&tag).unwrap();
        assert_eq!(parts.signed, format!("object {ID}\ntype commit\n\nmessage\n").as_bytes());
        assert!(Parts::read(&format!("tree {ID}\nauthor a\n\nno signature\n")).is_none());
    }
}
