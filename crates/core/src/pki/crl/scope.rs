//! Which certificates a list covers: its extensions (RFC 5280 §5.2).

use super::{CrlError, Extension, GeneralName, Name};
use crate::encoding::asn1::{self, Element, Reader, Rules, oid, tag};
use crate::encoding::x509::{Certificate, general_names};

/// Distribution points read of one certificate; real ones have up to three.
const MAX_POINTS: usize = 64;

/// What a list covers.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// It has a number, as RFC 5280 §5.2.3 demands of version 2.
    pub(super) numbered: bool,
    /// It lists only changes to another list.
    pub(super) delta: bool,
    /// It covers certificates of other issuers too.
    pub(super) indirect: bool,
    /// It covers certain reasons alone.
    pub(super) some_reasons: bool,
    /// It has a critical extension that is not understood.
    pub(super) not_understood: bool,
    only: Only,
    /// The distribution point that it is of, if it is of one.
    point: Option<Vec<GeneralName>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Only {
    #[default]
    Everything,
    Users,
    Authorities,
    Attributes,
}

impl Scope {
    pub(super) fn read(mut wrapper: Reader<'_>, issuer: &Name) -> Result<Self, CrlError> {
        let mut scope = Self::default();
        let mut list = wrapper.sequence()?;
        wrapper.finish()?;
        while !list.is_empty() {
            let offset = list.offset();
            let extension = Extension::read(&mut list)?;
            match extension.oid {
                oid::CRL_NUMBER => {
                    scope.numbered = true;
                    // RFC 5280 §5.2.3 has it non-critical; a critical one asks for what is not known here.
                    scope.not_understood |= extension.critical;
                }
                oid::DELTA_CRL_INDICATOR => scope.delta = true,
                oid::ISSUING_DISTRIBUTION_POINT => {
                    let problem = "malformed issuing distribution point";
                    scope.restrict(extension.value, issuer).map_err(|_| CrlError { offset, problem })?;
                }
                _ => scope.not_understood |= extension.critical,
            }
        }
        Ok(scope)
    }

    /// `IssuingDistributionPoint` (RFC 5280 §5.2.5).
    fn restrict(&mut self, value: &[u8], issuer: &Name) -> Result<(), asn1::Error> {
        let mut outer = Reader::new(value, Rules::Der);
        let mut fields = outer.sequence()?;
        outer.finish()?;
        while !fields.is_empty() {
            let field = fields.any()?;
            let set = field.content.first().is_some_and(|byte| *byte != 0);
            match field.tag {
                0xa0 => self.point = Some(read_point(fields.within(&field), issuer)?),
                0x81 if set => self.only = Only::Users,
                0x82 if set => self.only = Only::Authorities,
                0x83 => self.some_reasons = true,
                0x84 => self.indirect |= set,
                0x85 if set => self.only = Only::Attributes,
                0x81 | 0x82 | 0x85 => {}
                _ => return Err(fields.error(asn1::ErrorKind::BadValue)),
            }
        }
        Ok(())
    }

    /// Whether the list is about certificates like this one.
    pub(super) fn covers(&self, certificate: &Certificate) -> bool {
        let of_kind = match self.only {
            Only::Everything => true,
            Only::Users => !certificate.is_ca(),
            Only::Authorities => certificate.is_ca(),
            Only::Attributes => false,
        };
        of_kind && self.point.as_ref().is_none_or(|list| shares_point(list, certificate))
    }
}

/// Whether the certificate names the list's distribution point as one of its own.
fn shares_point(list: &[GeneralName], certificate: &Certificate) -> bool {
    let read = |value| distribution_points(value, certificate.issuer());
    let own = certificate.read_extension(oid::CRL_DISTRIBUTION_POINTS, read);
    match own {
        Ok(Some(own)) => own.iter().any(|point| list.contains(point)),
        // A certificate that names no point is not covered by the list of one.
        Ok(None) | Err(_) => false,
    }
}

/// The names in `CRLDistributionPoints` (RFC 5280 §4.2.1.13) of points for every reason, of the issuer's own.
fn distribution_points(value: &[u8], own_issuer: &Name) -> Result<Vec<GeneralName>, asn1::Error> {
    let mut outer = Reader::new(value, Rules::Ber);
    let mut list = outer.sequence()?;
    outer.finish()?;
    let mut points = Vec::new();
    while !list.is_empty() && points.len() < MAX_POINTS {
        let mut fields = list.sequence()?;
        let name = fields.optional(0xa0)?;
        let (reasons, issuer) = (fields.optional(0x81)?, fields.optional(0xa2)?);
        if let (Some(name), None, None) = (name, reasons, issuer) {
            points.extend(read_point(fields.within(&name), own_issuer)?);
        }
    }
    Ok(points)
}

/// `DistributionPointName`: in full, or as what follows the issuer's name.
fn read_point(mut inner: Reader<'_>, issuer: &Name) -> Result<Vec<GeneralName>, asn1::Error> {
    let choice: Element<'_> = inner.any()?;
    inner.finish()?;
    match choice.tag {
        0xa0 => general_names(&asn1::encode(tag::SEQUENCE, choice.content)),
        0xa1 => {
            let names = Reader::new(issuer.der(), Rules::Ber).sequence()?;
            let full = [names.rest(), &asn1::encode(tag::SET, choice.content)].concat();
            Ok(vec![GeneralName::Directory(Name::from_der(&asn1::encode(tag::SEQUENCE, &full))?)])
        }
        _ => Err(inner.error(asn1::ErrorKind::BadValue)),
    }
}
