//! The profile of publicly trusted code-signing and time-stamping certificates: the CA/Browser Forum's code-signing
//! baseline requirements (CSBR) v3.10, as far as a certificate or a timestamp itself shows whether it keeps them.
//!
//! One table of rules, each with its section and with the days of issue to which it applies. A breach says that the
//! CA did not do as it promised. It is a finding, and never changes the state of a signature: what forgers can use is
//! refused where it is used (paths, usages, strengths), whoever issued the certificate.
//!
//! The requirements bind CAs that are publicly trusted. A private CA promised nothing, and neither did a platform
//! vendor for its own products, so nothing is said of certificates whose path ends elsewhere ([`applies_to`]).
//! What only an audit can see (validation, key storage, logging) is not among the rules, nor is what the
//! requirements merely recommend.

mod extensions;
mod hardware;
mod keys;
mod usage;
mod validity;

use std::fmt;

pub use hardware::key_protection;
pub(super) use keys::SHA1_LAST;

use crate::crypto::Weakness;
use crate::encoding::x509::Certificate;
use crate::finding::{FindingId, Severity};
use crate::pki::assurance;
use crate::pki::path::Path;
use crate::time::Time;

/// What a certificate is used for here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafRole {
    /// It signed code.
    CodeSigning,
    /// It signed a timestamp.
    TimeStamping,
}

/// A timestamp, as far as rules ask about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The time that it names (`genTime`).
    pub time: Time,
    /// What makes its signature or imprint forgeable.
    pub weakness: Option<Weakness>,
}

/// One rule of the profile.
#[derive(Debug)]
pub struct Rule {
    /// The section of CSBR v3.10.
    pub section: &'static str,
    /// Its kebab-case name.
    pub id: &'static str,
    /// The certificates that it is about.
    pub applies_to: AppliesTo,
    /// First day of issue (`notBefore`, UTC) to which it applies.
    pub from: Day,
    /// Last day of issue to which it applies.
    pub until: Option<Day>,
    /// What it demands, in words.
    pub demands: &'static str,
    /// How much a breach matters.
    pub severity: Severity,
    /// The check.
    check: Check,
}

/// The certificates that a rule is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppliesTo {
    /// Leaves that sign code.
    CodeSigning,
    /// Leaves that sign timestamps.
    TimeStamping,
    /// Both.
    Leaf,
}

impl AppliesTo {
    fn covers(self, role: LeafRole) -> bool {
        match self {
            Self::CodeSigning => role == LeafRole::CodeSigning,
            Self::TimeStamping => role == LeafRole::TimeStamping,
            Self::Leaf => true,
        }
    }
}

/// A calendar day, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Year, month, day.
    pub date: (i16, i8, i8),
}

impl Day {
    const fn new(year: i16, month: i8, day: i8) -> Self {
        Self { date: (year, month, day) }
    }

    /// Its first second. A day that does not exist has none, and lies after all others.
    fn begins(self) -> Time {
        Time::from_civil(self.date, (0, 0, 0)).unwrap_or(Time::FOREVER)
    }

    /// The first second after it.
    pub(super) fn ends(self) -> Time {
        self.begins().plus(Time::DAY)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date;
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// From this day on platforms demanded the first version of the requirements ("minimum requirements", 2016): a
/// certificate issued before it broke no rule.
const BEGINNING: Day = Day::new(2017, 2, 1);

/// What was found where something else was expected.
struct Deviation {
    found: String,
    expected: &'static str,
}

type Checked = Result<(), Deviation>;

enum Check {
    /// Of a certificate.
    Certificate(fn(&Certificate, LeafRole) -> Checked),
    /// Of a timestamp, with the certificate of its authority.
    Token(fn(&Certificate, &Token) -> Checked),
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Certificate(_) => "of a certificate",
            Self::Token(_) => "of a timestamp",
        })
    }
}

fn deviation(found: impl Into<String>, expected: &'static str) -> Checked {
    Err(Deviation { found: found.into(), expected })
}

fn demand(holds: bool, found: &str, expected: &'static str) -> Checked {
    if holds { Ok(()) } else { deviation(found, expected) }
}

/// A rule that is not kept.
#[derive(Clone, Debug)]
pub struct Breach {
    /// The rule.
    pub rule: &'static Rule,
    /// What was found and what the rule expects.
    pub detail: String,
}

impl Breach {
    /// The kind of finding that it is.
    #[must_use]
    pub const fn finding(&self) -> FindingId {
        match self.rule.severity {
            Severity::Critical | Severity::High => FindingId::ProfileBreachHigh,
            Severity::Medium => FindingId::ProfileBreach,
            Severity::Low | Severity::Info => FindingId::ProfileBreachLow,
        }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {} (CSBR)", self.rule.section, self.rule.id, self.detail)
    }
}

/// Every rule, by section within each group.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [keys::RULES, validity::RULES, usage::RULES, extensions::RULES].into_iter().flatten()
}

/// Whether the requirements bind the issuer of a path's leaf: its anchor is of a public root programme, and it is not
/// a platform vendor's certificate for the vendor's own use.
#[must_use]
pub fn applies_to(path: &Path) -> bool {
    let own = path.certificates.first().is_some_and(|leaf| assurance::is_of_platform_vendor(leaf, path));
    path.anchor.public && !own
}

/// The rules that a leaf breaks.
#[must_use]
pub fn of_certificate(certificate: &Certificate, role: LeafRole) -> Vec<Breach> {
    let issued = certificate.not_before();
    breaches(role, issued, |check| match check {
        Check::Certificate(check) => check(certificate, role),
        Check::Token(_) => Ok(()),
    })
}

/// The rules that a timestamp breaks, which this authority made.
#[must_use]
pub fn of_token(authority: &Certificate, token: &Token) -> Vec<Breach> {
    breaches(LeafRole::TimeStamping, authority.not_before(), |check| match check {
        Check::Token(check) => check(authority, token),
        Check::Certificate(_) => Ok(()),
    })
}

fn breaches(role: LeafRole, issued: Time, check: impl Fn(&Check) -> Checked) -> Vec<Breach> {
    let in_force = |rule: &&Rule| {
        rule.applies_to.covers(role)
            && rule.from.begins() <= issued
            && rule.until.is_none_or(|until| issued < until.ends())
    };
    let broken = |rule: &'static Rule| {
        let Deviation { found, expected } = check(&rule.check).err()?;
        Some(Breach { rule, detail: format!("{found}; expected {expected}") })
    };
    rules().filter(in_force).filter_map(broken).collect()
}

#[cfg(test)]
mod tests;
