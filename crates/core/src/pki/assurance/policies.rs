//! Certificate policies that say what a CA checked.
//!
//! The reserved ones are those of the CA/Browser Forum's code-signing requirements (7.1.6.1). The others are
//! the CAs' own, counted on 2,063 real certificates in `../shared/reference/data/oids.csv`; each counts only
//! in a certificate issued by its CA. Policies whose meaning is not established are left out.

use const_oid::ObjectIdentifier;

/// What was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// That the organisation, or the person, exists.
    Standard,
    /// Extended validation.
    Extended,
}

struct OwnPolicy {
    oid: ObjectIdentifier,
    level: Level,
    /// Organisation names of the issuers.
    issuers: &'static [&'static str],
}

const fn own(dotted: &str, level: Level, issuers: &'static [&'static str]) -> OwnPolicy {
    OwnPolicy { oid: ObjectIdentifier::new_unwrap(dotted), level, issuers }
}

const RESERVED_EXTENDED: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.3");
const RESERVED_STANDARD: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.23.140.1.4.1");

const SECTIGO: &[&str] = &["COMODO CA Limited", "Sectigo Limited", "The USERTRUST Network"];
const DIGICERT: &[&str] = &["DigiCert Inc", "DigiCert, Inc."];
const SYMANTEC: &[&str] = &["VeriSign, Inc.", "Symantec Corporation"];
const CERTUM: &[&str] = &["SSL Corp", "Unizeto Technologies S.A.", "Asseco Data Systems S.A."];

static OWN: [OwnPolicy; 16] = [
    own("1.3.6.1.4.1.6449.1.2.1.3.2", Level::Standard, SECTIGO),
    own("1.3.6.1.4.1.6449.1.2.1.6.1", Level::Extended, SECTIGO),
    own("2.16.840.1.114412.3.2", Level::Extended, DIGICERT),
    own("2.16.840.1.114412.3.1", Level::Standard, DIGICERT),
    own("2.16.840.1.113733.1.7.23.3", Level::Standard, SYMANTEC),
    own("2.16.840.1.113733.1.7.23.6", Level::Extended, SYMANTEC),
    own("2.16.840.1.113733.1.7.48.2", Level::Standard, &["thawte, Inc.", "Thawte, Inc."]),
    own("1.2.616.1.113527.2.5.1.7", Level::Extended, CERTUM),
    own("1.2.616.1.113527.2.5.1.4", Level::Standard, CERTUM),
    own("1.3.6.1.4.1.4146.1.2", Level::Extended, &["GlobalSign nv-sa"]),
    own("1.3.6.1.4.1.4146.1.50", Level::Standard, &["GlobalSign nv-sa"]),
    own("1.3.6.1.4.1.38064.1.3.3.2", Level::Extended, &["SSL Corp"]),
    own("1.3.6.1.4.1.38064.1.3.3.1", Level::Standard, &["SSL Corp"]),
    own("2.16.840.1.114413.1.7.23.2", Level::Standard, &["GoDaddy.com, Inc."]),
    own("2.16.840.1.114414.1.7.23.2", Level::Standard, &["Starfield Technologies, Inc."]),
    own("1.3.6.1.4.1.36305.1.3.3", Level::Standard, &["WoSign CA Limited"]),
];

/// The level that a policy (content octets) stands for in a certificate of this issuer.
pub(super) fn level(policy: &[u8], issuer: Option<&str>) -> Option<Level> {
    match policy {
        policy if policy == RESERVED_EXTENDED.as_bytes() => return Some(Level::Extended),
        policy if policy == RESERVED_STANDARD.as_bytes() => return Some(Level::Standard),
        _ => {}
    }
    let known = OWN.iter().find(|known| known.oid.as_bytes() == policy)?;
    known.issuers.contains(&issuer?).then_some(known.level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cas_own_policy_counts_under_its_name_alone() {
        let oid = ObjectIdentifier::new_unwrap("2.16.840.1.114412.3.2");
        assert_eq!(level(oid.as_bytes(), Some("DigiCert Inc")), Some(Level::Extended));
        assert_eq!(level(oid.as_bytes(), Some("Sectigo Limited")), None);
        assert_eq!(level(oid.as_bytes(), None), None);
        assert_eq!(level(RESERVED_STANDARD.as_bytes(), None), Some(Level::Standard));
    }
}
