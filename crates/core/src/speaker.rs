//! Who made each signature, as far as the relying party knows: worked out once for a verdict, since every claim and every
//! requirement asks for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::appraise::Terms;
use crate::claim::{Claim, Claims, EvidenceId};
use crate::dossier::Dossier;
use crate::event::Kind;
use crate::evidence::{Outcome, Signature, SignatureId, State};
use crate::provenance::bare_repository;
use crate::registry::{Made, Recognition};
use crate::release::actor::{Principal, Same};
use crate::requirements::{Context, is_named};

/// Whoever made a signature.
#[derive(Clone, Debug)]
pub(crate) struct Speaker<'a> {
    /// The signature.
    of: SignatureId,
    /// Whether the signature is valid and about the artifact.
    pub(crate) is_valid: bool,
    /// What it acted by, and who answers for that.
    pub(crate) principal: Principal<'a>,
    /// What kind of identity the registry knows it as.
    pub(crate) kind: Option<Kind>,
    /// Whether the relying party named it on the command line: by its key or its name.
    pub(crate) is_named: bool,
    /// Whether anybody whom it could be is compromised, and nothing proves that it signed before.
    pub(crate) is_compromised: bool,
    /// Whether it signed what was recorded of a run, a source or a release, and not the artifact.
    pub(crate) is_recorder: bool,
    /// The repository in whose run it signed, as the certificate authority says.
    pub(crate) ran_in: Option<&'a str>,
}

/// What Fulcio calls the repository of a run.
const SOURCE: &str = "source-repository-uri";

impl<'a> Speaker<'a> {
    /// Of all signatures that were found.
    pub(crate) fn all(terms: &Terms<'a>, dossier: &'a Dossier) -> Vec<Self> {
        let claims = &dossier.claims;
        let repository = |claim: &'a Claim| Some((claim.evidence, claim.certified_workload()?.get(SOURCE)?.as_str()));
        let ran_in: BTreeMap<EvidenceId, &'a str> = claims.verified().filter_map(repository).collect();
        let recorded = claims.all().iter().filter(|claim| !claim.fact.is_about_artifact());
        let recorders: BTreeSet<EvidenceId> = recorded.map(|claim| claim.evidence).collect();
        let one = |signature: &'a Signature| {
            let id = signature.id.into();
            Self {
                is_recorder: recorders.contains(&id),
                ran_in: ran_in.get(&id).copied(),
                ..Self::of(terms, signature, claims)
            }
        };
        dossier.signatures.iter().map(one).collect()
    }

    fn of(terms: &Terms<'a>, signature: &'a Signature, claims: &Claims) -> Self {
        let (registry, made) = (terms.registry, Made::of(signature, terms.at));
        let matches = registry.matching_statement(signature, claims);
        let identity = match registry.fitting(&matches, signature, claims, made) {
            Recognition::Known(identity, _) => Some(identity),
            _ => None,
        };
        let workload =
            signature.signer.san.first().filter(|name| signature.signer.oidc_issuer.is_some() && name.contains("://"));
        let key = || signature.signer.spki_sha256.map_or_else(|| signature.id.to_string(), |digest| digest.to_string());
        Self {
            of: signature.id,
            is_valid: signature.state() == State::Valid && signature.integrity() == Outcome::Pass,
            principal: Principal {
                credential: workload.cloned().unwrap_or_else(key),
                identity: identity.map(|identity| identity.id.as_str()),
                owner: identity.and_then(|identity| identity.owner()),
                pipeline: workload.map(|name| pipeline(name).to_owned()),
            },
            kind: identity.map(|identity| identity.kind),
            is_named: is_named(terms.expectations, signature),
            is_compromised: matches.is_compromised(made),
            is_recorder: false,
            ran_in: None,
        }
    }

    /// Whether one who signs is the other: by one credential, under one identity or from one pipeline.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        let without_owner = |speaker: &Self| Principal { owner: None, ..speaker.principal.clone() };
        self.of == other.of || matches!(without_owner(self).is_same(&without_owner(other)), Same::Yes(_))
    }

    /// The repository from which a workflow of another one was called, if so. The workflow's name is in the certificate of
    /// everybody who calls it.
    pub(crate) fn called_from(&self) -> Option<&'a str> {
        let ran_in = self.ran_in?;
        let is_own = self.principal.pipeline.as_deref() == Some(bare_repository(ran_in));
        (!is_own).then_some(ran_in)
    }
}

impl<'a> Context<'a> {
    /// The signatures that are valid and about the artifact, and who made them.
    pub(crate) fn valid_signatures(&self) -> impl Iterator<Item = (&'a Signature, &'a Speaker<'a>)> {
        let signatures = self.dossier.signatures.iter().zip(self.speakers);
        signatures.filter(|(_, speaker)| speaker.is_valid)
    }

    /// Whoever made this signature.
    pub(crate) fn speaker(&self, signature: SignatureId) -> Option<&'a Speaker<'a>> {
        self.speakers.iter().find(|speaker| speaker.of == signature)
    }
}

/// What controls a workflow: its repository, or the address as it is.
pub(crate) fn pipeline(address: &str) -> &str {
    let plain = address.split_once('@').map_or(address, |(plain, _)| plain);
    let after_scheme = plain.find("://").map_or(0, |at| at.saturating_add("://".len()));
    let inner = plain.get(after_scheme..).unwrap_or_default();
    let at = inner.find("/.github/").or_else(|| inner.find("//"));
    at.and_then(|at| plain.get(..after_scheme.saturating_add(at))).unwrap_or(plain)
}
