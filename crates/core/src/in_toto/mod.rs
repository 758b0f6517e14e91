//! in-toto layouts: was every step of the release made by those who may, and from what the step before made?
//!
//! Implements the verification of the in-toto specification v1.0 (§5.2) over metadata in both envelopes, with
//! sublayouts, thresholds, artifact rules and functionaries known by key or certificate. Two things differ on
//! purpose. Inspections are commands out of a file: they are never run, so that a layout with inspections is at
//! best not decided. And the artifact that is asked about must be a product of the last step: the reference
//! implementation judges the chain alone.

mod budget;
mod canonical;
mod document;
mod functionary;
mod glob;
mod key;
mod metadata;
mod rules;
mod verify;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::crypto::PublicKey;
use crate::material::MaterialError;
use crate::time::Time;

use document::Layout;
use metadata::Signed;
pub(crate) use verify::{Asked, verify};

/// A layout that the relying party wants followed.
#[derive(Clone, Debug)]
pub struct LayoutMaterial {
    source: String,
    signed: Signed,
    layout: Layout,
    owners: Vec<PublicKey>,
}

impl LayoutMaterial {
    /// Reads a layout. `source` is where it comes from; every one of the `owners` must have signed it.
    ///
    /// # Errors
    /// If it is no layout, or nobody is named as its owner.
    pub fn read(source: &str, bytes: &[u8], owners: Vec<PublicKey>) -> Result<Self, MaterialError> {
        let error = |problem: String| MaterialError { source: source.to_owned(), problem };
        if owners.is_empty() {
            return Err(error("no key of an owner of the layout was given".to_owned()));
        }
        let signed = Signed::read(bytes).map_err(|found| error(format!("no in-toto metadata: {found}")))?;
        if signed.kind() != Some("layout") {
            return Err(error("in-toto metadata, but no layout".to_owned()));
        }
        let layout = Layout::read(&signed.document).map_err(|found| error(format!("no in-toto layout: {found}")))?;
        Ok(Self { source: source.to_owned(), signed, layout, owners })
    }
}

/// Whether a file holds a link or a layout, which count only under a layout that the relying party names.
#[must_use]
pub fn is_metadata(bytes: &[u8]) -> bool {
    Signed::read(bytes).is_ok_and(|signed| matches!(signed.kind(), Some("link" | "layout")))
}

/// What became of a layout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutReport {
    /// Where the layout comes from.
    pub source: String,
    /// Until when it is in force.
    pub expires: Time,
    /// The steps that were made as the layout says, in its order.
    pub steps: Vec<String>,
    /// Everything that stands against it, or could not be decided.
    pub problems: Vec<LayoutProblem>,
}

/// One thing that stands against a layout's being followed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayoutProblem {
    /// What kind it is.
    pub kind: LayoutProblemKind,
    /// The facts: which step, which rule, which artifact.
    pub detail: String,
}

/// What can stand against a layout's being followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayoutProblemKind {
    /// An owner did not sign it.
    NotSignedByOwner,
    /// It is not in force any more.
    Expired,
    /// Too few functionaries say that they made a step.
    StepNotProven,
    /// What a step took or made is not what the layout says.
    RuleViolated,
    /// The artifact is not what the last step made.
    NotTheProduct,
    /// It asks for commands to be run.
    InspectionNotRun,
    /// A limit was reached.
    Limit,
}
