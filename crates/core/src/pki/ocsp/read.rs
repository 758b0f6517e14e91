//! Reading an OCSP response (RFC 6960 §4.2.1).

use std::sync::OnceLock;

use super::{
    Answer, AnswerStatus, Basic, CertificateId, Fields, MAX_ANSWERS, MAX_CERTIFICATES, MAX_OCSP, OcspError,
    ResponderId, ResponseStatus,
};
use crate::crypto::DigestAlgorithm;
use crate::encoding::asn1::{Element, ErrorKind, Reader, Rules, oid, tag};
use crate::encoding::x509::{Certificate, Extension, Name, read_time};
use crate::pki::revocation::{Entry, RevocationReason};
use crate::time::Time;

impl Fields {
    pub(super) fn read(der: &[u8]) -> Result<Self, OcspError> {
        let mut response = whole(der)?;
        let status = response.expect(tag::ENUMERATED)?;
        let [status] = status.content else { return Err(response.error(ErrorKind::BadValue).into()) };
        let status = ResponseStatus(*status);
        let bytes = response.optional(0xa0)?;
        response.finish()?;
        let basic = match bytes {
            Some(bytes) => read_bytes(response.within(&bytes))?,
            None if status == ResponseStatus::SUCCESSFUL => {
                return Err(OcspError {
                    offset: response.offset(),
                    problem: "a successful response without an answer",
                });
            }
            None => None,
        };
        Ok(Self { der: der.into(), status, basic: basic.filter(|_| status == ResponseStatus::SUCCESSFUL) })
    }

    pub(super) fn read_basic(der: &[u8]) -> Result<Self, OcspError> {
        let basic = Basic::read(whole(der)?)?;
        Ok(Self { der: der.into(), status: ResponseStatus::SUCCESSFUL, basic: Some(basic) })
    }
}

/// The fields of the one SEQUENCE that these bytes are.
fn whole(der: &[u8]) -> Result<Reader<'_>, OcspError> {
    if der.len() > MAX_OCSP {
        return Err(OcspError { offset: MAX_OCSP, problem: "the OCSP response is too long" });
    }
    let mut outer = Reader::new(der, Rules::Der);
    let fields = outer.sequence()?;
    outer.finish()?;
    Ok(fields)
}

/// `ResponseBytes`; `None` if they are of a type that is not known.
fn read_bytes(mut wrapper: Reader<'_>) -> Result<Option<Basic>, OcspError> {
    let mut fields = wrapper.sequence()?;
    wrapper.finish()?;
    let kind = fields.oid()?;
    let octets = fields.expect(tag::OCTET_STRING)?;
    fields.finish()?;
    if kind != oid::OCSP_BASIC {
        return Ok(None);
    }
    let mut inner = fields.within(&octets);
    let basic = inner.sequence()?;
    inner.finish()?;
    Basic::read(basic).map(Some)
}

const fn span(element: &Element<'_>) -> (usize, usize) {
    (element.offset, element.offset.saturating_add(element.raw.len()))
}

impl Basic {
    fn read(mut fields: Reader<'_>) -> Result<Self, OcspError> {
        let tbs = fields.expect(tag::SEQUENCE)?;
        let algorithm = fields.expect(tag::SEQUENCE)?;
        let bits = fields.expect(tag::BIT_STRING)?;
        if bits.content.first() != Some(&0) {
            return Err(OcspError { offset: bits.offset, problem: "broken encoding" });
        }
        let certificates = match fields.optional(0xa0)? {
            Some(wrapper) => read_certificates(fields.within(&wrapper))?,
            None => Vec::new(),
        };
        fields.finish()?;
        let data = Data::read(fields.within(&tbs))?;
        Ok(Self {
            tbs: span(&tbs),
            algorithm: span(&algorithm),
            signature: (bits.content_offset().saturating_add(1), span(&bits).1),
            responder: data.responder,
            produced_at: data.produced_at,
            answers: data.answers,
            certificates,
            not_understood: data.not_understood,
            verified: OnceLock::new(),
        })
    }
}

fn read_certificates(mut wrapper: Reader<'_>) -> Result<Vec<Certificate>, OcspError> {
    let mut list = wrapper.sequence()?;
    wrapper.finish()?;
    let mut found = Vec::new();
    while !list.is_empty() {
        let element = list.any()?;
        if found.len() < MAX_CERTIFICATES {
            found.extend(Certificate::from_der(element.raw));
        }
    }
    Ok(found)
}

/// `ResponseData`.
struct Data {
    responder: ResponderId,
    produced_at: Time,
    answers: Vec<Answer>,
    not_understood: bool,
}

impl Data {
    fn read(mut fields: Reader<'_>) -> Result<Self, OcspError> {
        read_version(&mut fields)?;
        let responder = read_responder(&mut fields)?;
        let produced_at = time(&mut fields)?;
        let mut list = fields.sequence()?;
        let extensions = Extensions::read(&mut fields, 0xa1)?;
        fields.finish()?;
        let mut answers = Vec::new();
        while !list.is_empty() {
            if answers.len() >= MAX_ANSWERS {
                return Err(OcspError { offset: list.offset(), problem: "more answers than are read" });
            }
            let answer = Answer::read(list.sequence()?)?;
            answers.push(Answer { archive_cutoff: answer.archive_cutoff.or(extensions.archive_cutoff), ..answer });
        }
        Ok(Self { responder, produced_at, answers, not_understood: extensions.not_understood })
    }
}

/// `version [0] EXPLICIT INTEGER DEFAULT v1`: there is no other.
fn read_version(fields: &mut Reader<'_>) -> Result<(), OcspError> {
    let Some(wrapper) = fields.optional(0xa0)? else { return Ok(()) };
    let mut inner = fields.within(&wrapper);
    let version = inner.u64()?;
    inner.finish()?;
    if version == 0 { Ok(()) } else { Err(OcspError { offset: wrapper.offset, problem: "unknown version of OCSP" }) }
}

fn read_responder(fields: &mut Reader<'_>) -> Result<ResponderId, OcspError> {
    let choice = fields.any()?;
    let mut inner = fields.within(&choice);
    let responder = match choice.tag {
        0xa1 => ResponderId::Name(Name::read(&mut inner)?),
        0xa2 => ResponderId::Key(inner.octet_string()?.to_vec()),
        _ => return Err(OcspError { offset: choice.offset, problem: "no name of a responder" }),
    };
    inner.finish()?;
    Ok(responder)
}

impl Answer {
    fn read(mut fields: Reader<'_>) -> Result<Self, OcspError> {
        let id = CertificateId::read(fields.sequence()?)?;
        let choice = fields.any()?;
        let this_update = time(&mut fields)?;
        let next_update = match fields.optional(0xa0)? {
            Some(wrapper) => Some(one_time(fields.within(&wrapper))?),
            None => None,
        };
        let extensions = Extensions::read(&mut fields, 0xa1)?;
        fields.finish()?;
        let status = match choice.tag {
            0x80 => AnswerStatus::Good,
            0xa1 => AnswerStatus::Revoked(read_revoked(fields.within(&choice), &extensions)?),
            0x82 => AnswerStatus::Unknown,
            _ => return Err(OcspError { offset: choice.offset, problem: "no status of a certificate" }),
        };
        let (archive_cutoff, not_understood) = (extensions.archive_cutoff, extensions.not_understood);
        Ok(Self { id, status, this_update, next_update, archive_cutoff, not_understood })
    }
}

impl CertificateId {
    fn read(mut fields: Reader<'_>) -> Result<Self, OcspError> {
        let algorithm = DigestAlgorithm::from_oid(fields.sequence()?.oid()?);
        let (issuer_name, issuer_key) = (fields.octet_string()?.to_vec(), fields.octet_string()?.to_vec());
        let serial = fields.expect(tag::INTEGER)?.content.to_vec();
        fields.finish()?;
        // With MD5 two issuers can be made that have the same digests.
        let algorithm = algorithm.filter(|algorithm| *algorithm != DigestAlgorithm::Md5);
        Ok(Self { algorithm, issuer_name, issuer_key, serial })
    }
}

/// `RevokedInfo`. The reason and the invalidity date may also be extensions, as in lists (§4.4.5).
fn read_revoked(mut fields: Reader<'_>, extensions: &Extensions) -> Result<Entry, OcspError> {
    let revoked = time(&mut fields)?;
    let reason = match fields.optional(0xa0)? {
        Some(wrapper) => Some(RevocationReason::read(fields.within(&wrapper))?),
        None => extensions.reason,
    };
    fields.finish()?;
    Ok(Entry { revoked, reason, invalid_since: extensions.invalid_since })
}

/// What the extensions of a response or of one answer say.
#[derive(Default)]
struct Extensions {
    archive_cutoff: Option<Time>,
    reason: Option<RevocationReason>,
    invalid_since: Option<Time>,
    not_understood: bool,
}

impl Extensions {
    fn read(fields: &mut Reader<'_>, context: u8) -> Result<Self, OcspError> {
        let mut found = Self::default();
        let Some(wrapper) = fields.optional(context)? else { return Ok(found) };
        let mut inner = fields.within(&wrapper);
        let mut list = inner.sequence()?;
        inner.finish()?;
        while !list.is_empty() {
            let extension = Extension::read(&mut list)?;
            let value = Reader::new(extension.value, Rules::Der);
            match extension.oid {
                oid::OCSP_ARCHIVE_CUTOFF => found.archive_cutoff = Some(one_time(value)?),
                oid::CRL_REASON => found.reason = Some(RevocationReason::read(value)?),
                oid::INVALIDITY_DATE => found.invalid_since = Some(one_time(value)?),
                oid::OCSP_NONCE | oid::OCSP_CRL_REFERENCES | oid::OCSP_EXTENDED_REVOKE => {}
                _ => found.not_understood |= extension.critical,
            }
        }
        Ok(found)
    }
}

fn one_time(mut reader: Reader<'_>) -> Result<Time, OcspError> {
    let time = time(&mut reader)?;
    reader.finish()?;
    Ok(time)
}

fn time(reader: &mut Reader<'_>) -> Result<Time, OcspError> {
    let (time, _) = read_time(reader).map_err(|error| OcspError { offset: error.offset, problem: "no such time" })?;
    Ok(time)
}
