//! The document as a whole.

use super::Basis;
use super::answer::{Finding, Requirement};
use super::artifact::{AppliedPolicy, Artifact};
use super::asserted::Asserted;
use super::behind::{Behind, Duty, Record, Review, Run, Tool};
use super::identity::SigningIdentity;
use super::provenance::Provenance;
use super::shape::{OneOf, WordSet, records};
use super::signature::Signature;
use super::statement::{Publication, Statement, Summary};
use super::{SCHEMA, identity, provenance, statement};
use crate::evidence::State;
use crate::requirements::{Context, Section};
use crate::time::Time;
use crate::verdict::Appraised;

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
        /// How the runs ended that verified provenance names.
        runs: Vec<Run<'a>>,
        /// How the commits were reviewed that verified provenance names.
        reviews: Vec<Review<'a>>,
        /// Who did what for the release of this artifact.
        duties: Vec<Duty<'a>>,
        /// What tools say about these bytes.
        tools: Vec<Tool<'a>>,
        /// What else was recorded by somebody whom the relying party named.
        records: Vec<Record<'a>>,
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

/// The fields that rest on the verified provenances.
const NEED_PROVENANCE: [&str; 4] = ["provenance", "runs", "reviews", "asserted"];

impl<'a> Facts<'a> {
    /// The document, in which the lists that are not wanted are empty.
    pub(super) fn of(basis: &Basis<'a>, wanted: impl Fn(&str) -> bool) -> Self {
        let Basis { context, policy, appraised, findings } = *basis;
        let Context { dossier, registry, environment, at, .. } = context;
        let provenances = when(NEED_PROVENANCE.iter().any(|name| wanted(name)), || provenance::verified(context));
        let behind = Behind { context, provenances: &provenances };
        let valid = || dossier.signatures.iter().filter(|signature| signature.state() == State::Valid);
        let signature = |signature| Signature::of(signature, &dossier.claims);
        let requirement = |(section, one): &(Section, Appraised)| Requirement::of(*section, one);
        let findings = || findings.iter().filter(|finding| !finding.id.is_about_policy());
        Self {
            schema: OneOf::new(SCHEMA),
            env: environment,
            now: at,
            policy: AppliedPolicy::of(policy),
            artifact: Artifact::of(&dossier.artifact),
            signatures: when(wanted("signatures"), || valid().map(signature).collect()),
            registry_at_hand: registry.is_at_hand(),
            identities: when(wanted("identities"), || identity::of(valid(), dossier, registry, at)),
            provenance: when(wanted("provenance"), || provenance::of(&provenances)),
            summaries: when(wanted("summaries"), || statement::summaries(dossier)),
            statements: when(wanted("statements"), || statement::statements(dossier)),
            publications: when(wanted("publications"), || statement::publications(dossier)),
            runs: when(wanted("runs"), || behind.runs()),
            reviews: when(wanted("reviews"), || behind.reviews()),
            duties: when(wanted("duties"), || behind.duties()),
            tools: when(wanted("tools"), || behind.tools()),
            records: when(wanted("records"), || behind.records()),
            requirements: when(wanted("requirements"), || appraised.iter().filter_map(requirement).collect()),
            findings: when(wanted("findings"), || findings().map(Finding::of).collect()),
            asserted: if wanted("asserted") { Asserted::of(&behind) } else { Asserted::nothing() },
        }
    }
}

fn when<T: Default>(wanted: bool, make: impl FnOnce() -> T) -> T {
    if wanted { make() } else { T::default() }
}
