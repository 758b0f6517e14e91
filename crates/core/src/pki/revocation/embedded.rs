//! Revocation information that came with a CMS signature: supplied by the producer, verified like any other.
//!
//! Whoever made the signature chose what to put in, so its absence means nothing and its *good* is as old as it
//! is. Places: `SignedData.crls` (RFC 5652 §10.2.1, with OCSP responses by RFC 5940 §2.1), Adobe's signed
//! attribute `revocationInfoArchival` (ISO 32000-1 §12.8.3.3.2), the unsigned attribute `revocation-values`
//! (RFC 5126 §6.3.4), and the same places in timestamp tokens.

use super::{RevocationInfo, Source};
use crate::encoding::asn1::{self, Element, Reader, Rules, oid, tag};
use crate::encoding::cms::{SignedData, SignerInfo};
use crate::pki::crl::Crl;
use crate::pki::ocsp::OcspResponse;

/// Pieces that are read of one signature; real ones carry up to some dozens, for every certificate of two paths.
const MAX_PIECES: usize = 64;

const CMS: &str = "the signature's revocation lists";
const ARCHIVAL: &str = "revocationInfoArchival";
const VALUES: &str = "revocation-values";

/// What came with a signature.
#[derive(Clone, Debug, Default)]
pub struct Embedded {
    /// What could be read.
    pub info: RevocationInfo,
    /// What could not, in words.
    pub unreadable: Vec<String>,
}

impl Embedded {
    /// Reads what a signer and the structure around it carry: the `crls` of its `SignedData`, its attributes, and
    /// its timestamp tokens.
    #[must_use]
    pub fn read(crls: &[Element<'_>], signer: &SignerInfo<'_>) -> Self {
        let mut found = Self::default();
        found.add_choices(crls);
        found.add_attributes(signer);
        let kinds = [oid::SPC_RFC3161_TIMESTAMP, oid::TIMESTAMP_TOKEN];
        for token in kinds.iter().flat_map(|kind| signer.unsigned.values(kind)) {
            // One that cannot be read proves no time either; that is reported there.
            if let Ok(token) = SignedData::parse(token.raw) {
                found.add_choices(&token.crls);
                token.signers.iter().for_each(|signer| found.add_attributes(signer));
            }
        }
        found
    }

    fn add_attributes(&mut self, signer: &SignerInfo<'_>) {
        let signed = signer.signed.iter().flat_map(|attributes| attributes.values(oid::REVOCATION_INFO_ARCHIVAL));
        for value in signed {
            self.add_lists(value, OcspResponse::from_der, ARCHIVAL);
        }
        for value in signer.unsigned.values(oid::REVOCATION_VALUES) {
            self.add_lists(value, OcspResponse::from_basic_der, VALUES);
        }
    }

    /// `RevocationInfoChoices`.
    fn add_choices(&mut self, choices: &[Element<'_>]) {
        for choice in choices {
            match choice.tag {
                tag::SEQUENCE => self.add(|| Crl::from_der(choice.raw), Self::push_list, CMS),
                _ => match other_format(choice) {
                    Some(response) => self.add(|| OcspResponse::from_der(response), Self::push_response, CMS),
                    None => self.unreadable.push(format!("an entry of unknown kind in {CMS}")),
                },
            }
        }
    }

    /// `SEQUENCE { [0] lists, [1] responses, … }`, each an explicit SEQUENCE OF.
    fn add_lists<E: std::fmt::Display>(
        &mut self,
        value: &Element<'_>,
        read: fn(&[u8]) -> Result<OcspResponse, E>,
        place: &'static str,
    ) {
        let Ok((lists, responses)) = archival(value) else {
            self.unreadable.push(format!("{place} is broken"));
            return;
        };
        for list in lists {
            self.add(|| Crl::from_der(list.raw), Self::push_list, place);
        }
        for response in responses {
            self.add(|| read(response.raw), Self::push_response, place);
        }
    }

    fn add<T, E: std::fmt::Display>(
        &mut self,
        read: impl FnOnce() -> Result<T, E>,
        push: fn(&mut Self, T, Source),
        place: &'static str,
    ) {
        if self.info.crls.len().saturating_add(self.info.ocsp.len()) >= MAX_PIECES {
            self.unreadable.push(format!("more than {MAX_PIECES} pieces; the rest, in {place}, was not read"));
            return;
        }
        match read() {
            Ok(piece) => push(self, piece, Source::Producer(place)),
            Err(error) => self.unreadable.push(format!("{place}: {error}")),
        }
    }

    fn push_list(&mut self, list: Crl, source: Source) {
        self.info.crls.push(list.from_source(source));
    }

    fn push_response(&mut self, response: OcspResponse, source: Source) {
        self.info.ocsp.push(response.from_source(source));
    }
}

/// The response of an `OtherRevocationInfoFormat` that holds one.
fn other_format<'a>(choice: &Element<'a>) -> Option<&'a [u8]> {
    let mut fields = Reader::at(choice.content, choice.content_offset(), Rules::Ber);
    let kind = (choice.tag == 0xa1).then(|| fields.oid().ok()).flatten()?;
    let response = fields.any().ok().filter(|_| kind == oid::OCSP_RESPONSE_INFO)?;
    fields.finish().ok()?;
    Some(response.raw)
}

type Lists<'a> = (Vec<Element<'a>>, Vec<Element<'a>>);

fn archival<'a>(value: &Element<'a>) -> Result<Lists<'a>, asn1::Error> {
    let mut fields = Reader::new(value.raw, Rules::Ber).sequence()?;
    Ok((elements(&mut fields, 0xa0)?, elements(&mut fields, 0xa1)?))
}

fn elements<'a>(fields: &mut Reader<'a>, context: u8) -> Result<Vec<Element<'a>>, asn1::Error> {
    let Some(wrapper) = fields.optional(context)? else { return Ok(Vec::new()) };
    let mut list = fields.within(&wrapper).sequence()?;
    let mut found = Vec::new();
    // One more than are read, so that what is left out is noticed.
    while !list.is_empty() && found.len() <= MAX_PIECES {
        found.push(list.any()?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{encode, encode_sequence};
    use crate::encoding::x509::Certificate;
    use crate::pki::minting::Holder;
    use crate::pki::minting::ocsp::{Answer, Response};

    struct Pieces {
        list: Vec<u8>,
        response: Vec<u8>,
        basic: Vec<u8>,
    }

    fn pieces() -> Pieces {
        let issuer = Holder::new("Issuer", 1);
        let authority: Certificate = issuer.root();
        let response = Response::new(&issuer, Answer::about(&authority, &authority));
        Pieces { list: issuer.revoke(&[], &[]).der().to_vec(), response: response.der(), basic: response.basic() }
    }

    fn attribute(kind: &[u8], value: &[u8]) -> Vec<u8> {
        encode_sequence(&[encode(tag::OID, kind), encode(tag::SET, value)])
    }

    /// A `SignerInfo` with these attributes; nothing in it is verified here.
    fn signer(signed: &[u8], unsigned: &[u8]) -> Vec<u8> {
        let algorithm = || encode_sequence(&[encode(tag::OID, oid::SHA256)]);
        let optional = |tag, list: &[u8]| if list.is_empty() { Vec::new() } else { encode(tag, list) };
        encode_sequence(&[
            vec![2, 1, 3],
            encode(0x80, b"key"),
            algorithm(),
            optional(0xa0, signed),
            algorithm(),
            encode(tag::OCTET_STRING, b"value"),
            optional(0xa1, unsigned),
        ])
    }

    fn read(crls: &[Vec<u8>], signer: &[u8]) -> Embedded {
        let element = |bytes: &'static [u8]| Reader::new(bytes, Rules::Ber).any().unwrap();
        let leak = |bytes: &[u8]| -> &'static [u8] { Vec::leak(bytes.to_vec()) };
        let crls: Vec<Element<'_>> = crls.iter().map(|bytes| element(leak(bytes))).collect();
        Embedded::read(&crls, &SignerInfo::read(&element(leak(signer))).unwrap())
    }

    fn lists(lists: &[u8], responses: &[u8]) -> Vec<u8> {
        encode_sequence(&[
            encode(0xa0, &encode_sequence(&[lists.to_vec()])),
            encode(0xa1, &encode_sequence(&[responses.to_vec()])),
        ])
    }

    fn counts(found: &Embedded) -> (usize, usize, usize) {
        (found.info.crls.len(), found.info.ocsp.len(), found.unreadable.len())
    }

    #[test]
    fn every_place_is_read() {
        let Pieces { list, response, basic } = pieces();
        let plain = signer(&[], &[]);
        let other = |kind: &[u8]| encode(0xa1, &[encode(tag::OID, kind), response.clone()].concat());
        assert_eq!(counts(&read(&[list.clone(), other(oid::OCSP_RESPONSE_INFO)], &plain)), (1, 1, 0));
        let archival = attribute(oid::REVOCATION_INFO_ARCHIVAL, &lists(&list, &response));
        assert_eq!(counts(&read(&[], &signer(&archival, &[]))), (1, 1, 0));
        let values = attribute(oid::REVOCATION_VALUES, &lists(&list, &basic));
        assert_eq!(counts(&read(&[], &signer(&[], &values))), (1, 1, 0));
        let found = read(&[list], &plain);
        assert_eq!(found.info.crls[0].piece().source, Source::Producer(CMS));
    }

    #[test]
    fn what_cannot_be_read_is_said_and_never_counted() {
        let Pieces { list, response, .. } = pieces();
        let plain = signer(&[], &[]);
        let other = |kind: &[u8]| encode(0xa1, &[encode(tag::OID, kind), response.clone()].concat());
        assert_eq!(counts(&read(&[other(oid::SHA256), encode_sequence(&[])], &plain)), (0, 0, 2));
        let swapped = attribute(oid::REVOCATION_INFO_ARCHIVAL, &lists(&response, &list));
        assert_eq!(counts(&read(&[], &signer(&swapped, &[]))), (0, 0, 2));
        let broken = attribute(oid::REVOCATION_INFO_ARCHIVAL, &[5, 0]);
        assert_eq!(counts(&read(&[], &signer(&broken, &[]))), (0, 0, 1));
        let unsigned = attribute(oid::REVOCATION_INFO_ARCHIVAL, &lists(&list, &response));
        assert_eq!(counts(&read(&[], &signer(&[], &unsigned))), (0, 0, 0), "Adobe's attribute is a signed one");
    }

    #[test]
    fn the_number_of_pieces_is_bounded() {
        let Pieces { list, .. } = pieces();
        let many = vec![list; MAX_PIECES + 2];
        let found = read(&many, &signer(&[], &[]));
        assert_eq!((found.info.crls.len(), found.unreadable.len()), (MAX_PIECES, 2));
    }
}
