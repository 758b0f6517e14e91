//! Facts: what was found and established about one artifact, as a document that other engines can judge, and that
//! rules of a policy are evaluated over.
//!
//! The document separates by its shape what may support a decision from what may not. Everything outside of
//! `asserted` is verified: signatures that are valid, and what is said under them by somebody whom a rule may believe.
//! What is not known is left out; there is no null. One description of the shape makes the JSON Schema, the
//! documentation and the checks of rules, so that they cannot differ.
//!
//! To add a group of facts: a file here with its `records!`, and a field of `document::Facts`.

mod answer;
mod artifact;
mod asserted;
mod behind;
mod document;
mod identity;
mod provenance;
mod schema;
mod shape;
mod signature;
mod statement;

use std::collections::BTreeSet;
use std::sync::LazyLock;

pub use schema::schema;
pub use shape::{Datum, Member, Shape};

use self::document::Facts;
use self::shape::Described as _;
use crate::appraise::Terms;
use crate::policy::PolicyId;
use crate::requirements::{Context, Section};
use crate::speaker::Speaker;
use crate::verdict::{Appraised, Verdict};

/// The name and version of the document. Fields are added under the same name; a change of meaning takes a new one.
pub const SCHEMA: &str = "countersign/facts/v1";

/// What the document is made of: everything that appraisal knows before it weighs rules.
#[derive(Clone, Copy)]
pub(crate) struct Basis<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) policy: &'a PolicyId,
    pub(crate) appraised: &'a [(Section, Appraised)],
    pub(crate) findings: &'a [crate::finding::Finding],
}

/// The shape of the document.
#[must_use]
pub fn shape() -> &'static Shape {
    static SHAPE: LazyLock<Shape> = LazyLock::new(Facts::shape);
    &SHAPE
}

/// The facts that a verdict rests on, as pretty JSON. The terms are those that it was given under.
#[must_use]
pub fn json(verdict: &Verdict, terms: &Terms<'_>) -> String {
    let of_questions = verdict
        .questions
        .iter()
        .flat_map(|on| on.requirements.iter().map(|appraised| (Section::Of(on.question), appraised.clone())));
    let other = verdict.other.iter().map(|appraised| (Section::Other, appraised.clone()));
    let appraised: Vec<_> = of_questions.chain(other).collect();
    let speakers = Speaker::all(terms, &verdict.dossier);
    let basis = Basis {
        context: terms.context(&verdict.dossier, &speakers),
        policy: &verdict.policy,
        appraised: &appraised,
        findings: &verdict.findings,
    };
    let facts = Facts::of(&basis, |_| true);
    crate::reports::to_json(&facts.datum(), true)
}

/// A document with these fields alone, to evaluate rules over.
pub(crate) struct Part<'a, 'w> {
    facts: Facts<'a>,
    wanted: &'w BTreeSet<&'static str>,
}

impl<'a, 'w> Part<'a, 'w> {
    pub(crate) fn of(basis: &Basis<'a>, wanted: &'w BTreeSet<&'static str>) -> Self {
        Self { facts: Facts::of(basis, |name| wanted.contains(name)), wanted }
    }

    /// Its fields, as far as they are known.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Datum<'_>)> {
        self.facts.fields(|name| self.wanted.contains(name))
    }
}
