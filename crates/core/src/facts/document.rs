//! The document as a whole.

use super::Basis;
use super::answer::{Finding, Requirement};
use super::artifact::{AppliedPolicy, Artifact};
use super::asserted::Asserted;
use super::identity::SigningIdentity;
use super::provenance::Provenance;
use super::shape::{OneOf, WordSet, records};
use super::signature::Signature;
use super::statement::{Publication, Statement, Summary};
use super::{SCHEMA, identity, provenance, statement};
use crate::evidence::State;
use crate::time::Time;

records! {
    /// What was found and established about one artifact.
    Facts<'a> = "Facts" {
        /// Always `countersign/facts/v1`.
        schema: OneOf<Version>,
        /// The environment of the policy.
        env: &'a str,
        /// The instant of appraisal.
        now: Time,
        /// The policy that is applied.
        policy: AppliedPolicy<'a>,
        /// What is judged.
        artifact: Artifact<'a>,
        /// The signatures that are valid. Others are in `asserted.signatures`.
        signatures: Vec<Signature<'a>>,
        /// Whether a registry of signing identities was asked.
        registry_at_hand: bool,
        /// The identities of the registry that made the valid signatures.
        identities: Vec<SigningIdentity<'a>>,
        /// How the artifact came to be, one entry for each valid signature that says so.
        provenance: Vec<Provenance<'a>>,
        /// The verdicts of other verifiers. Who signed them is for the rule to judge.
        summaries: Vec<Summary<'a>>,
        /// Verified statements of types that are not read further. Who signed them is for the rule to judge.
        statements: Vec<Statement<'a>>,
        /// Where the artifact was published.
        publications: Vec<Publication<'a>>,
        /// How the policy's requirements were answered, and those that are usual where it asks nothing.
        requirements: Vec<Requirement>,
        /// What a reader should know beyond the answers.
        findings: Vec<Finding<'a>>,
        /// What is there and supports nothing.
        asserted: Asserted<'a>,
    }
}

/// The one word of `schema`.
#[derive(Clone, Debug)]
pub(super) enum Version {}

impl WordSet for Version {
    const NAME: &'static str = "Version";

    fn words() -> Vec<&'static str> {
        vec![SCHEMA]
    }
}

impl<'a> Facts<'a> {
    pub(super) fn of(basis: &Basis<'a>) -> Self {
        let Basis { dossier, registry, environment, at, policy, appraised, findings } = *basis;
        let valid = || dossier.signatures.iter().filter(|signature| signature.state() == State::Valid);
        Self {
            schema: OneOf::new(SCHEMA),
            env: environment,
            now: at,
            policy: AppliedPolicy::of(policy),
            artifact: Artifact::of(&dossier.artifact),
            signatures: valid().map(|signature| Signature::of(signature, &dossier.claims)).collect(),
            registry_at_hand: registry.is_at_hand(),
            identities: identity::of(valid(), dossier, registry, at),
            provenance: provenance::of(dossier),
            summaries: statement::summaries(dossier),
            statements: statement::statements(dossier),
            publications: statement::publications(dossier),
            requirements: appraised.iter().filter_map(|(section, it)| Requirement::of(*section, it)).collect(),
            findings: findings.iter().map(Finding::of).collect(),
            asserted: Asserted::of(dossier),
        }
    }
}
