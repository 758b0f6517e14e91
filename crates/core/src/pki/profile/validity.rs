//! Periods: section 6.3.2.
//!
//! Months are those of the calendar. The end counts as inside: the requirements do not say whether the last second of
//! a certificate (RFC 5280 §4.1.2.5 counts it) makes another day, and one second harms nobody.

use super::{AppliesTo, BEGINNING, Check, Checked, Day, LeafRole, Rule, Token, demand};
use crate::encoding::x509::Certificate;
use crate::finding::Severity;
use crate::time::Time;

/// Seconds of 460 days.
const MAX_SECONDS: i64 = 460 * Time::DAY;

pub(super) static RULES: &[Rule] = &[
    Rule {
        section: "6.3.2",
        id: "validity-max",
        applies_to: AppliesTo::CodeSigning,
        from: BEGINNING,
        until: Some(Day::new(2026, 2, 28)),
        demands: "a validity of at most 39 months",
        severity: Severity::Medium,
        check: Check::Certificate(at_most_39_months),
    },
    Rule {
        section: "6.3.2",
        id: "validity-max",
        applies_to: AppliesTo::CodeSigning,
        from: Day::new(2026, 3, 1),
        until: None,
        demands: "a validity of at most 460 days",
        severity: Severity::Medium,
        check: Check::Certificate(at_most_460_days),
    },
    Rule {
        section: "6.3.2",
        id: "tsa-validity-max",
        applies_to: AppliesTo::TimeStamping,
        from: BEGINNING,
        until: None,
        demands: "a validity of at most 135 months",
        severity: Severity::Medium,
        check: Check::Certificate(at_most_135_months),
    },
    Rule {
        section: "6.3.2",
        id: "tsa-key-use-max",
        applies_to: AppliesTo::TimeStamping,
        from: BEGINNING,
        until: None,
        demands: "no timestamp later than 15 months after its authority's certificate was issued",
        severity: Severity::Medium,
        check: Check::Token(key_used_at_most_15_months),
    },
];

fn within(certificate: &Certificate, months: i32, expected: &'static str) -> Checked {
    let (first, last) = (certificate.not_before(), certificate.not_after());
    let holds = first.plus_months(months).is_some_and(|end| last <= end);
    demand(holds, &format!("valid from {first} to {last}"), expected)
}

fn at_most_39_months(certificate: &Certificate, _: LeafRole) -> Checked {
    within(certificate, 39, "at most 39 months")
}

fn at_most_135_months(certificate: &Certificate, _: LeafRole) -> Checked {
    within(certificate, 135, "at most 135 months")
}

fn at_most_460_days(certificate: &Certificate, _: LeafRole) -> Checked {
    let (first, last) = (certificate.not_before(), certificate.not_after());
    let holds = last <= first.plus(MAX_SECONDS);
    demand(holds, &format!("valid from {first} to {last}"), "at most 460 days")
}

fn key_used_at_most_15_months(authority: &Certificate, token: &Token) -> Checked {
    let issued: Time = authority.not_before();
    let holds = issued.plus_months(15).is_some_and(|end| token.time <= end);
    demand(holds, &format!("a timestamp of {} with a key certified {issued}", token.time), "at most 15 months between")
}
