//! The checks on the signatures of one image.

use super::spc::{IndirectData, PageHashes};
use super::tree::Node;
use super::{ID, Paged, Signatures, coverage};
use crate::crypto::{Digest, Message};
use crate::encoding::asn1::{ErrorKind, oid, tag};
use crate::encoding::cms::{self, Signed, SignedData, SignerInfo};
use crate::encoding::hex;
use crate::encoding::pe::{Entry, Fault};
use crate::encoding::x509::Certificate;
use crate::evidence::{CheckId, Coverage, Need, Origin, Outcome, Reason, Signature, Uncovered};
use crate::finding::FindingId;
use crate::formats::{Context, Found, FoundFinding};
use crate::pki::anchor::Purpose;
use crate::pki::signer::{self, Bench, Claimed};

/// Judges every signature of the image.
pub(super) fn all(file: &Signatures, context: &Context<'_>) -> Found {
    let mut found = Found::default();
    for (number, entry) in (1..).zip(&file.table.entries) {
        let first = found.signatures.len();
        judge_entry(file, context, number, entry, &mut found);
        if let Some(signature) = found.signatures.get_mut(first) {
            file.report_faults(signature);
        }
    }
    judge_rest(file, &mut found);
    find_duplicates(file, &mut found);
    if file.table.cut || file.tree.cut {
        let detail = "more signatures than are examined; the rest was not read";
        found.signatures.push(file.undecided("beyond the limit", Need::Limit, detail));
    }
    report_uncovered(&mut found);
    found
}

fn judge_entry(file: &Signatures, context: &Context<'_>, number: usize, entry: &Entry, found: &mut Found) {
    let position = format!("certificate table entry {number}");
    if !entry.is_signed_data() {
        let detail = format!("revision 0x{:04x}, type {}: no PKCS #7 SignedData", entry.revision, entry.kind);
        found.signatures.push(file.broken(&position, Reason::EntryTypeUnsupported, &detail));
    } else if file.too_large.contains(&number) {
        let length = entry.range.end.saturating_sub(entry.range.start);
        let detail = format!("{length} bytes are more than are read into memory");
        found.signatures.push(file.undecided(&position, Need::Limit, &detail));
    } else {
        let nodes = file.tree.nodes.iter().filter(|node| node.path.first() == Some(&number));
        for node in nodes {
            judge_node(file, context, node, entry, found);
        }
    }
}

/// What stands in the table after its last entry, and tables without an entry.
fn judge_rest(file: &Signatures, found: &mut Found) {
    let Some(table) = &file.image.table else { return };
    if file.table.entries.is_empty() && !file.table.cut {
        let fault = file.table.fault.clone();
        let fault = fault.unwrap_or(Fault::EntryOutOfBounds { offset: table.start, length: 0, table_end: table.end });
        let mut signature = file.signature("certificate table");
        file.report_faults(&mut signature);
        signature.check(CheckId::Structure, Outcome::Fail(reason(&fault)), fault.to_string());
        found.signatures.push(signature);
        return;
    }
    let Some(last) = found.signatures.last_mut() else { return };
    if let Some(rest) = file.table.rest.clone() {
        let what = match &file.table.fault {
            Some(fault) => format!("bytes in the certificate table that are no entry: {fault}"),
            None => "zeros after the last entry of the certificate table".to_owned(),
        };
        last.coverage.uncovered.push(Uncovered { range: rest, what });
    }
    for entry in file.odd_alignment.iter().filter_map(|number| file.table.entries.get(number.checked_sub(1)?)) {
        let range = entry.range.end..entry.range.end.next_multiple_of(8);
        let what = "alignment of a table entry that is not zero".to_owned();
        last.coverage.uncovered.push(Uncovered { range, what });
    }
}

const fn reason(fault: &Fault) -> Reason {
    match fault {
        Fault::DirectoryOutOfBounds { .. } => Reason::DirectoryOutOfBounds,
        Fault::DirectoryOutsideHeader => Reason::Contradiction,
        Fault::TableOverlapsContent { .. } => Reason::TableOverlapsContent,
        Fault::EntryOutOfBounds { .. } => Reason::EntryOutOfBounds,
    }
}

impl Signatures {
    fn signature(&self, position: &str) -> Signature {
        let mut signature = Signature::new(ID, Origin::Embedded);
        signature.position = Some(position.to_owned());
        signature.coverage =
            Coverage { bytes: self.image.covered_bytes(), of: self.image.length, uncovered: Vec::new() };
        signature
    }

    fn broken(&self, position: &str, reason: Reason, detail: &str) -> Signature {
        let mut signature = self.signature(position);
        signature.check(CheckId::Structure, Outcome::Fail(reason), detail);
        signature
    }

    fn undecided(&self, position: &str, need: Need, detail: &str) -> Signature {
        let mut signature = self.signature(position);
        signature.check(CheckId::Structure, Outcome::Undecided(need), detail);
        signature
    }

    /// What contradicts itself in the image speaks against every signature in its table.
    fn report_faults(&self, signature: &mut Signature) {
        for fault in &self.image.faults {
            signature.check(CheckId::Structure, Outcome::Fail(reason(fault)), fault.to_string());
        }
    }

    fn bytes(&self, node: &Node) -> &[u8] {
        self.blobs.get(node.blob).and_then(|(_, bytes)| bytes.get(node.range.clone())).unwrap_or_default()
    }
}

fn judge_node(file: &Signatures, context: &Context<'_>, node: &Node, entry: &Entry, found: &mut Found) {
    let bytes = file.bytes(node);
    let mut signature = file.signature(&node.position());
    match SignedData::parse(bytes) {
        Err(error) => signature.check(CheckId::Structure, Outcome::Fail(malformed(error)), error.to_string()),
        Ok(signed) => {
            let offset = entry.certificate().start.saturating_add(node.range.start as u64);
            signature.coverage.uncovered = coverage::inside(&signed, bytes, offset);
            let index = found.signatures.len();
            let notes = judge_signed(&mut signature, file, context, &signed);
            let finding = |(id, message)| FoundFinding { id, message, signatures: vec![index] };
            found.findings.extend(notes.into_iter().map(finding));
        }
    }
    found.signatures.push(signature);
}

fn malformed(error: cms::Error) -> Reason {
    match error {
        cms::Error::Encoding(error) if error.kind == ErrorKind::Truncated => Reason::Truncated,
        cms::Error::NotSignedData => Reason::ContentTypeWrong,
        _ => Reason::Malformed,
    }
}

fn judge_signed(
    signature: &mut Signature,
    file: &Signatures,
    context: &Context<'_>,
    signed: &SignedData<'_>,
) -> signer::Notes {
    let (signer, data) = match structure(signed) {
        Ok(parts) => parts,
        Err((reason, detail)) => {
            signature.check(CheckId::Structure, Outcome::Fail(reason), detail);
            return Vec::new();
        }
    };
    signature.check(CheckId::Structure, Outcome::Pass, "one signer over SpcIndirectDataContent of a PE image");
    signature.digest_algorithm = data.digest_algorithm();
    check_digest(signature, file, context, &data);
    check_pages(signature, file, context, &data);
    let content = signed.content.octets.as_deref().unwrap_or_default();
    let certificates: Vec<Certificate> =
        signed.certificates.iter().filter_map(|element| Certificate::from_der(element.raw).ok()).collect();
    let claimed = Claimed {
        signer,
        signed: Signed { content_type: Some(oid::SPC_INDIRECT_DATA), content: Message::Bytes(content) },
        certificates: &certificates,
        crls: &signed.crls,
        purpose: Purpose::CodeSigning,
    };
    signer::judge(signature, &claimed, &Bench { material: context.material, at: context.at })
}

/// The parts that Authenticode demands, or what is wrong with them.
fn structure<'a>(signed: &'a SignedData<'a>) -> Result<(&'a SignerInfo<'a>, IndirectData<'a>), (Reason, String)> {
    let content = &signed.content;
    if content.content_type != oid::SPC_INDIRECT_DATA {
        let name = oid::dotted(content.content_type).unwrap_or_else(|| hex::encode(content.content_type));
        return Err((Reason::ContentTypeWrong, format!("content type {name}, not SPC_INDIRECT_DATA")));
    }
    if content.element.is_none_or(|element| element.tag != tag::SEQUENCE) {
        return Err((Reason::ContentTypeWrong, "the content is no SEQUENCE".to_owned()));
    }
    let octets = content.octets.as_deref().unwrap_or_default();
    let data =
        IndirectData::read(octets).map_err(|error| (Reason::Malformed, format!("SpcIndirectDataContent: {error}")))?;
    if data.kind != oid::SPC_PE_IMAGE_DATA {
        let name = oid::dotted(data.kind).unwrap_or_else(|| hex::encode(data.kind));
        return Err((Reason::ContentTypeWrong, format!("signed data of type {name}, not SPC_PE_IMAGE_DATA")));
    }
    let [signer] = signed.signers.as_slice() else {
        let detail = format!("{} signers; Authenticode has one", signed.signers.len());
        return Err((Reason::SignerCountWrong, detail));
    };
    check_versions(signed, signer)?;
    if signer.digest_algorithm != data.algorithm || !signed.digest_algorithms.contains(&signer.digest_algorithm) {
        let detail = "file, signed attributes and announcement name different digest algorithms";
        return Err((Reason::Contradiction, detail.to_owned()));
    }
    Ok((signer, data))
}

/// The versions that RFC 5652 §5.1 and §5.3 and RFC 2315 §9.1 define.
fn check_versions(signed: &SignedData<'_>, signer: &SignerInfo<'_>) -> Result<(), (Reason, String)> {
    if !matches!(signed.version, 1 | 3 | 4 | 5) || !matches!(signer.version, 1 | 3) {
        let detail = format!("SignedData of version {}, SignerInfo of version {}", signed.version, signer.version);
        return Err((Reason::VersionUnknown, detail));
    }
    Ok(())
}

fn check_digest(signature: &mut Signature, file: &Signatures, context: &Context<'_>, data: &IndirectData<'_>) {
    let Some(algorithm) = data.digest_algorithm() else {
        let name = oid::dotted(data.algorithm).unwrap_or_else(|| hex::encode(data.algorithm));
        return signature.check(CheckId::Digest, Outcome::Undecided(Need::Algorithm), name);
    };
    let position = file.algorithms.iter().position(|known| *known == algorithm);
    let Some(actual) = position.and_then(|position| context.hashed.get(position)) else {
        return signature.check(CheckId::Digest, Outcome::Undecided(context.lacking), "the image was not hashed");
    };
    let (outcome, detail) = if actual.as_bytes() == data.digest {
        (Outcome::Pass, actual.to_string())
    } else {
        let detail = format!("signed {algorithm}:{}, image {actual}", hex::encode(data.digest));
        (Outcome::Fail(Reason::DigestMismatch), detail)
    };
    signature.check(CheckId::Digest, outcome, detail);
}

fn check_pages(signature: &mut Signature, file: &Signatures, context: &Context<'_>, data: &IndirectData<'_>) {
    let (outcome, detail) = match data.page_hashes() {
        Ok(None) => return,
        Err(error) => (Outcome::Fail(Reason::Malformed), format!("page hashes: {error}")),
        Ok(Some(hashes)) => match file.hashed_pages(&hashes, context.hashed) {
            Some((paged, digests)) => compare_pages(&hashes, paged, digests),
            None if context.hashed.is_empty() => {
                (Outcome::Undecided(context.lacking), "the image was not hashed".to_owned())
            }
            None => (Outcome::Undecided(Need::Limit), format!("the image has {} pages", file.image.page_count())),
        },
    };
    signature.check(CheckId::PageHashes, outcome, detail);
}

impl Signatures {
    /// The pages of the image and their digests by the algorithm of these page hashes.
    fn hashed_pages<'a>(&'a self, hashes: &PageHashes, hashed: &'a [Digest]) -> Option<(&'a Paged, &'a [Digest])> {
        let mut start = self.algorithms.len();
        for paged in &self.paged {
            let end = start.checked_add(paged.pages.len())?;
            if paged.algorithm == hashes.algorithm {
                return Some((paged, hashed.get(start..end)?));
            }
            start = end;
        }
        None
    }
}

fn compare_pages(hashes: &PageHashes, paged: &Paged, digests: &[Digest]) -> (Outcome, String) {
    let fail = |detail| (Outcome::Fail(Reason::PageHashMismatch), detail);
    let (signed, found) = (hashes.pages.len(), paged.pages.len());
    if signed != found || hashes.end != paged.end {
        return fail(format!(
            "signed are {signed} pages up to {}, the image has {found} up to {}",
            hashes.end, paged.end
        ));
    }
    let pairs = hashes.pages.iter().zip(paged.pages.iter().zip(digests));
    let mut differing = pairs.filter(|((offset, digest), (page, actual))| *offset != page.offset || digest != *actual);
    match differing.next() {
        Some(((offset, _), _)) => fail(format!("the page at {offset} differs")),
        None => (Outcome::Pass, format!("{found} pages with {}", hashes.algorithm)),
    }
}

/// Entries that repeat an earlier one byte for byte.
fn find_duplicates(file: &Signatures, found: &mut Found) {
    let entries: Vec<&Node> = file.tree.nodes.iter().filter(|node| node.is_entry()).collect();
    for (index, node) in entries.iter().enumerate() {
        let earlier = entries.iter().take(index).find(|earlier| file.bytes(earlier) == file.bytes(node));
        let Some(earlier) = earlier else { continue };
        let at = |position: String| {
            found.signatures.iter().position(|signature| signature.position.as_ref() == Some(&position))
        };
        let message = format!("{} repeats {}", node.position(), earlier.position());
        let signatures = [at(earlier.position()), at(node.position())].into_iter().flatten().collect();
        found.findings.push(FoundFinding { id: FindingId::DuplicateSignature, message, signatures });
    }
}

/// A finding for everything uncovered.
fn report_uncovered(found: &mut Found) {
    for (index, signature) in found.signatures.iter().enumerate() {
        for uncovered in &signature.coverage.uncovered {
            let id = if uncovered.what.starts_with("unsigned attribute") {
                FindingId::UnauthenticatedAttribute
            } else {
                FindingId::UncoveredBytes
            };
            let length = uncovered.range.end.saturating_sub(uncovered.range.start);
            let message = format!("{length} bytes at {}: {}", uncovered.range.start, uncovered.what);
            found.findings.push(FoundFinding { id, message, signatures: vec![index] });
        }
    }
}
