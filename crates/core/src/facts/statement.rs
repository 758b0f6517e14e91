//! Statements beside provenance: summaries of other verifiers, publication, and anything else that is attested.

use super::shape::records;
use crate::claim::{Claim, Fact, Voucher};
use crate::dossier::Dossier;
use crate::reports::words::Word;
use crate::time::Time;

records! {
    /// The verdict of another verifier, in its own words, under a signature that is valid. Anybody can write one: it
    /// says nothing before its signer is known to be that verifier.
    Summary<'a> = "Summary" {
        /// The signature that it rests on.
        signature: String,
        /// Who judged, as the summary says.
        verifier: &'a str,
        /// What was judged: the same bytes may be good as one thing and not as another. A result (SVR) does not say.
        resource: Option<&'a str>,
        /// Whether it was found good; a result (SVR) says only what passed.
        passed: Option<bool>,
        /// The levels that it reaches: `SLSA_BUILD_LEVEL_3`.
        levels: Vec<&'a str>,
        /// When it was judged.
        time: Option<Time>,
        /// Under which policy.
        policy: Option<&'a str>,
    }

    /// A verified statement about the artifact whose content is not read further.
    Statement<'a> = "Statement" {
        /// The signature that it rests on.
        signature: String,
        /// The predicate type.
        predicate_type: &'a str,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }

    /// Where the artifact was published, as somebody says who is out of reach of the build.
    Publication<'a> = "Publication" {
        /// The signature that it rests on.
        signature: String,
        /// Package URL or name.
        name: Option<&'a str>,
        /// The version.
        version: Option<&'a str>,
        /// The registry or index.
        registry: Option<&'a str>,
        /// The party that published: workflow, account or registry.
        publisher: Option<&'a str>,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }
}

/// The verified summaries.
pub(super) fn summaries(dossier: &Dossier) -> Vec<Summary<'_>> {
    let read = |claim: &'_ Claim| claim.evidence.to_string();
    let verified = dossier.claims.verified();
    let summaries = verified.filter_map(|claim| match &claim.fact {
        Fact::Summarised(summary) => Some(Summary {
            signature: read(claim),
            verifier: &summary.verifier,
            resource: summary.resource.as_deref(),
            passed: summary.passed,
            levels: summary.levels.iter().map(String::as_str).collect(),
            time: summary.time,
            policy: summary.policy.as_deref(),
        }),
        _ => None,
    });
    summaries.collect()
}

/// The verified statements of other types.
pub(super) fn statements(dossier: &Dossier) -> Vec<Statement<'_>> {
    let statements = dossier.claims.verified().filter_map(|claim| match &claim.fact {
        Fact::Attested { predicate_type } => Some(Statement {
            signature: claim.evidence.to_string(),
            predicate_type,
            vouched_by: Word(claim.vouched_by),
        }),
        _ => None,
    });
    statements.collect()
}

/// Where it was published.
pub(super) fn publications(dossier: &Dossier) -> Vec<Publication<'_>> {
    let supporting = dossier.claims.verified().filter(|claim| super::provenance::supports(claim));
    supporting.filter_map(publication).collect()
}

fn publication(claim: &Claim) -> Option<Publication<'_>> {
    let open = Publication {
        signature: claim.evidence.to_string(),
        name: None,
        version: None,
        registry: None,
        publisher: None,
        vouched_by: Word(claim.vouched_by),
    };
    match &claim.fact {
        Fact::PublishedAs { package, version, registry } => Some(Publication {
            name: Some(package),
            version: version.as_deref(),
            registry: registry.as_deref(),
            ..open
        }),
        Fact::PublishedBy { publisher } => Some(Publication { publisher: Some(publisher), ..open }),
        _ => None,
    }
}
