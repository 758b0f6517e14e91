//! What is there and supports nothing: to count against an artifact, never for it.

use std::borrow::Cow;

use serde_json::Value;

use super::behind::Behind;
use super::provenance::supports;
use super::shape::{Texts, records};
use super::signature::Signature;
use crate::claim::{Claim, Fact, Standing, Voucher};
use crate::evidence::State;
use crate::reports::fact_value;
use crate::reports::words::Word;

records! {
    /// What supports nothing: signatures that are not valid, and what nobody says whom a rule may believe.
    Asserted<'a> = "Asserted" {
        /// The signatures that are not valid.
        signatures: Vec<Signature<'a>>,
        /// The claims that are not verified, that only the build itself or a tool stands behind, or that are about
        /// something behind the artifact and by nobody whom the relying party named.
        claims: Vec<AssertedClaim<'a>>,
    }

    /// A claim that supports nothing.
    AssertedClaim<'a> = "AssertedClaim" {
        /// What it rests on.
        evidence: String,
        /// What kind of fact is claimed.
        fact: &'a str,
        /// The fact: its parts by dotted path.
        value: Texts<'a>,
        /// Whether it may be relied on.
        standing: Word<Standing>,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }
}

impl<'a> Asserted<'a> {
    /// Nothing, where nobody looks.
    pub(super) const fn nothing() -> Self {
        Self { signatures: Vec::new(), claims: Vec::new() }
    }

    pub(super) fn of(behind: &Behind<'a, '_>) -> Self {
        let dossier = behind.context.dossier;
        let invalid = dossier.signatures.iter().filter(|signature| signature.state() != State::Valid);
        let idle = dossier.claims.all().iter().filter(|claim| !is_elsewhere(claim, behind));
        Self {
            signatures: invalid.map(|signature| Signature::of(signature, &dossier.claims)).collect(),
            claims: idle.map(AssertedClaim::of).collect(),
        }
    }
}

/// Whether the claim stands where rules look for support.
fn is_elsewhere<'a>(claim: &'a Claim, behind: &Behind<'a, '_>) -> bool {
    match &claim.fact {
        // Whoever signed them says so, which is for the rule to judge.
        Fact::Summarised(_) | Fact::Attested { .. } => claim.standing == Standing::Verified,
        fact if fact.is_about_build() => {
            let mut provenances = behind.provenances.iter();
            let provenance = provenances.find(|provenance| claim.evidence == provenance.signature.id);
            provenance.is_some_and(|provenance| provenance.stand(claim).supports())
        }
        fact if !fact.is_about_artifact() => behind.holds(claim),
        _ => supports(claim),
    }
}

impl<'a> AssertedClaim<'a> {
    fn of(claim: &'a Claim) -> Self {
        Self {
            evidence: claim.evidence.to_string(),
            fact: claim.fact.name(),
            value: parts(&fact_value(&claim.fact)),
            standing: Word(claim.standing),
            vouched_by: Word(claim.vouched_by),
        }
    }
}

/// The parts of a value by dotted path, as text.
pub(super) fn parts(value: &Value) -> Texts<'static> {
    let mut parts = Texts::new();
    // A list of what is left to visit instead of recursion.
    let mut left = vec![(String::new(), value)];
    while let Some((path, value)) = left.pop() {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Value::Object(members) => left.extend(members.iter().map(|(name, value)| (below(name), value))),
            Value::Array(items) => {
                left.extend(items.iter().enumerate().map(|(at, item)| (below(&at.to_string()), item)));
            }
            Value::Null => {}
            Value::String(text) => drop(parts.insert(Cow::Owned(path), Cow::Owned(text.clone()))),
            Value::Bool(_) | Value::Number(_) => drop(parts.insert(Cow::Owned(path), Cow::Owned(value.to_string()))),
        }
    }
    parts
}
