//! Which certificates a list covers: its extensions (RFC 5280 §5.2).

use super::{CrlError, Extension, GeneralName, Name};
use crate::encoding::asn1::{self, Element, Reader, Rules, oid, tag};
use crate::encoding::x509::{Certificate, general_names};

/// Distribution points read of one certificate; real ones have up to three.
const MAX_POINTS: usize = 64;

/// Reasons for a revocation, a bit each (`ReasonFlags`, RFC 5280 §4.2.1.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reasons(u16);

impl Reasons {
    /// keyCompromise (bit 1) to aACompromise (bit 8), the first bit of a BIT STRING being the highest here.
    pub(super) const ALL: Self = Self(0b0111_1111_1000_0000);
    pub(super) const NONE: Self = Self(0);

    /// From the content of a BIT STRING.
    fn read(content: &[u8]) -> Self {
        let byte = |position| content.get(position).copied().unwrap_or_default();
        Self(u16::from_be_bytes([byte(1), byte(2)]) & Self::ALL.0)
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(super) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// What a list covers.
#[derive(Debug)]
pub(super) struct Scope {
    /// Its number, which RFC 5280 §5.2.3 demands of version 2.
    pub(super) number: Option<Vec<u8>>,
    /// It lists only changes, to a list of this number or a later one.
    pub(super) changes_to: Option<Vec<u8>>,
    /// It covers certificates of other issuers too.
    pub(super) indirect: bool,
    /// It has a critical extension that is not understood.
    pub(super) not_understood: bool,
    reasons: Reasons,
    only: Only,
    /// The distribution point that it is of, if it is of one.
    point: Option<Vec<GeneralName>>,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            number: None,
            changes_to: None,
            indirect: false,
            not_understood: false,
            reasons: Reasons::ALL,
            only: Only::Everything,
            point: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
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
                    scope.number = Some(read_number(extension.value)?);
                    // RFC 5280 §5.2.3 has it non-critical; a critical one asks for what is not known here.
                    scope.not_understood |= extension.critical;
                }
                oid::DELTA_CRL_INDICATOR => scope.changes_to = Some(read_number(extension.value)?),
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
                0x83 => self.reasons = Reasons::read(field.content),
                0x84 => self.indirect |= set,
                0x85 if set => self.only = Only::Attributes,
                0x81 | 0x82 | 0x85 => {}
                _ => return Err(fields.error(asn1::ErrorKind::BadValue)),
            }
        }
        Ok(())
    }

    /// For which reasons the list speaks about certificates like this one (RFC 5280 §6.3.3 (b) to (d)), which has
    /// these `points`.
    pub(super) fn covers(&self, certificate: &Certificate, points: &[Point], list_issuer: &Name) -> Reasons {
        let of_kind = match self.only {
            Only::Everything => true,
            Only::Users => !certificate.is_ca(),
            Only::Authorities => certificate.is_ca(),
            Only::Attributes => false,
        };
        if !of_kind {
            return Reasons::NONE;
        }
        let own = certificate.issuer();
        let fitting = points.iter().filter(|point| self.is_of(point, own, list_issuer));
        fitting.fold(Reasons::NONE, |all, point| all.or(point.reasons.and(self.reasons)))
    }

    /// Whether the list is one of this distribution point of a certificate.
    fn is_of(&self, point: &Point, own: &Name, list_issuer: &Name) -> bool {
        let issued_so = match point.issuers.as_slice() {
            [] => list_issuer == own,
            named => self.indirect && named.iter().any(|name| is_name(name, list_issuer)),
        };
        let Some(list) = &self.point else { return issued_so };
        let names = if point.names.is_empty() { &point.issuers } else { &point.names };
        issued_so && names.iter().any(|name| list.contains(name))
    }

    /// Whether a list of changes belongs to this complete one: the same restrictions, and numbers that follow.
    pub(super) fn is_changed_by(&self, delta: &Self) -> bool {
        let (Some(own), Some(base), Some(new)) = (&self.number, &delta.changes_to, &delta.number) else { return false };
        let same = self.point == delta.point && self.only == delta.only && self.reasons == delta.reasons;
        same && self.indirect == delta.indirect && is_at_most(base, own) && !is_at_most(new, own)
    }
}

fn is_name(name: &GeneralName, wanted: &Name) -> bool {
    matches!(name, GeneralName::Directory(name) if name == wanted)
}

/// An INTEGER that is not negative, without leading zeros.
fn read_number(value: &[u8]) -> Result<Vec<u8>, asn1::Error> {
    let mut reader = Reader::new(value, Rules::Der);
    let number = reader.unsigned()?.to_vec();
    reader.finish()?;
    Ok(number)
}

fn is_at_most(one: &[u8], other: &[u8]) -> bool {
    (one.len(), one) <= (other.len(), other)
}

/// A distribution point of a certificate (RFC 5280 §4.2.1.13).
pub(super) struct Point {
    names: Vec<GeneralName>,
    reasons: Reasons,
    /// Who issues the lists there, if not the certificate's issuer.
    issuers: Vec<GeneralName>,
}

/// The points that a certificate names, and the one of its issuer's name that RFC 5280 §6.3.3 adds to them.
pub(super) fn points_of(certificate: &Certificate) -> Vec<Point> {
    let read = |value| distribution_points(value, certificate.issuer());
    let named = certificate.read_extension(oid::CRL_DISTRIBUTION_POINTS, read);
    let mut points = named.ok().flatten().unwrap_or_default();
    let names = vec![GeneralName::Directory(certificate.issuer().clone())];
    points.push(Point { names, reasons: Reasons::ALL, issuers: Vec::new() });
    points
}

/// `CRLDistributionPoints`.
fn distribution_points(value: &[u8], own_issuer: &Name) -> Result<Vec<Point>, asn1::Error> {
    let mut outer = Reader::new(value, Rules::Ber);
    let mut list = outer.sequence()?;
    outer.finish()?;
    let mut points = Vec::new();
    while !list.is_empty() && points.len() < MAX_POINTS {
        let mut fields = list.sequence()?;
        let name = fields.optional(0xa0)?;
        let reasons = fields.optional(0x81)?.map_or(Reasons::ALL, |reasons| Reasons::read(reasons.content));
        let issuers = match fields.optional(0xa2)? {
            Some(issuers) => general_names(&asn1::encode(tag::SEQUENCE, issuers.content))?,
            None => Vec::new(),
        };
        let relative_to = match issuers.first() {
            Some(GeneralName::Directory(issuer)) => issuer,
            _ => own_issuer,
        };
        let names = name.map(|name| read_point(fields.within(&name), relative_to)).transpose()?;
        points.push(Point { names: names.unwrap_or_default(), reasons, issuers });
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
