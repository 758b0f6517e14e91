//! Matching: which identity of the registry made a signature.
//!
//! A key is proven by the signature that it made. Everything else in a certificate is worth what its issuer
//! is worth: it counts only if the signature is valid, and what a workload claims only if that is verified.

use super::{Credential, Identity, Made, Registry, Selector};
use crate::claim::Claims;
use crate::event::Text;
use crate::evidence::{Outcome, Signature, State};
use crate::identity::Assurance;
use crate::registry::KeyHash;

/// The identities that a signature can be of.
#[derive(Clone, Debug, Default)]
pub struct Matches<'a>(Vec<(&'a Identity, &'a Credential)>);

impl<'a> Matches<'a> {
    /// The identity with the credential that it is known by, if there is exactly one.
    #[must_use]
    pub fn one(&self) -> Option<(&'a Identity, &'a Credential)> {
        if let [one] = self.0.as_slice() { Some(*one) } else { None }
    }

    /// Every identity, by its name, with the credential that it is known by.
    #[must_use]
    pub fn all(&self) -> &[(&'a Identity, &'a Credential)] {
        &self.0
    }

    /// Whether the registry knows nobody who could have signed.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of them is compromised, and nothing proves that the signature is from before.
    #[must_use]
    pub fn is_compromised(&self, made: Made) -> bool {
        let mut since = self.0.iter().filter_map(|(identity, _)| Some(identity.compromised.as_ref()?.since));
        since.any(|since| !matches!(made, Made::By(at) if at < since))
    }

    /// Whether more than one identity could have signed.
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        self.0.len() > 1
    }
}

impl Registry {
    /// Which identities a signature is of.
    #[must_use]
    pub fn matching(&self, signature: &Signature, claims: &Claims) -> Matches<'_> {
        if self.is_empty() { Matches::default() } else { self.known_by(&selectors_of(signature, claims)) }
    }

    /// Which identities these selectors are of.
    pub(super) fn known_by(&self, selectors: &[Selector]) -> Matches<'_> {
        let mut found: Vec<(&Identity, &Credential)> = Vec::new();
        for selector in selectors {
            for identity in self.of_key(&selector.key()) {
                let Some(credential) = identity.credential(selector) else { continue };
                match found.iter_mut().find(|(known, _)| known.id == identity.id) {
                    // Of two credentials of one identity, the better counts.
                    Some(known) if credential.standing() > known.1.standing() => known.1 = credential,
                    Some(_) => {}
                    None => found.push((identity, credential)),
                }
            }
        }
        found.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        Matches(found)
    }
}

impl Identity {
    /// Whether a signature is of this identity, or could be of it among others.
    #[must_use]
    pub fn could_have_made(&self, signature: &Signature, claims: &Claims) -> bool {
        selectors_of_statement(signature, claims).iter().any(|selector| self.credential(selector).is_some())
    }

    /// Whether it is known by this selector.
    pub(super) fn has(&self, selector: &Selector) -> bool {
        self.credential(selector)
            .is_some_and(|credential| credential.approved.is_some() && credential.replaced.is_none())
    }

    fn credential(&self, selector: &Selector) -> Option<&Credential> {
        self.credentials.iter().find(|credential| credential.selector == *selector)
    }
}

impl Credential {
    /// Whether it is approved, and not replaced.
    fn standing(&self) -> (bool, bool) {
        (self.approved.is_some(), self.replaced.is_none())
    }
}

/// All selectors that a signature could be known by.
#[must_use]
pub fn selectors_of(signature: &Signature, claims: &Claims) -> Vec<Selector> {
    let holds = signature.integrity() == Outcome::Pass;
    if holds { selectors(signature, signature.state(), claims) } else { Vec::new() }
}

/// The same of a signature that may be about something behind the artifact: what was recorded of its run, its source or
/// its release. It proves as well whose it is.
#[must_use]
pub fn selectors_of_statement(signature: &Signature, claims: &Claims) -> Vec<Selector> {
    let holds = signature.integrity_of_statement() == Outcome::Pass;
    if holds { selectors(signature, signature.state_of_statement(), claims) } else { Vec::new() }
}

fn selectors(signature: &Signature, state: State, claims: &Claims) -> Vec<Selector> {
    let mut selectors: Vec<Selector> = key(signature).into_iter().collect();
    if state == State::Valid && is_certified(signature) {
        let signer = &signature.signer;
        selectors.extend(organization(signature));
        selectors.extend(signer.team_id.as_deref().and_then(text).map(Selector::TeamId));
        selectors.extend(signer.durable_ids.iter().filter_map(|id| text(id)).map(Selector::DurableId));
        selectors.extend(account(signature));
        selectors.extend(workload(signature, claims));
    }
    selectors
}

/// Whether an authority that the relying party accepts stands behind what the certificate says. Who accepts
/// a key does not thereby accept the names in a certificate that the key signed for itself.
pub(super) fn is_vouched_for(signature: &Signature) -> bool {
    signature.state() == State::Valid && is_certified(signature)
}

fn is_certified(signature: &Signature) -> bool {
    !signature.chain.is_empty() && !matches!(signature.assurance, Assurance::SelfSigned | Assurance::KeyOnly)
}

fn text(text: &str) -> Option<Text> {
    // A text that no event could carry is of no identity.
    Text::new(text).ok()
}

fn key(signature: &Signature) -> Option<Selector> {
    let digest = signature.signer.spki_sha256?;
    Some(Selector::Key { spki_sha256: KeyHash::of_bytes(digest.as_bytes())? })
}

fn organization(signature: &Signature) -> Option<Selector> {
    let entity = signature.signer.entity.as_ref()?;
    Some(Selector::Organization {
        name: text(&entity.name)?,
        number: entity.number.as_deref().and_then(text)?,
        country: entity.country.as_deref().and_then(text)?,
    })
}

/// The accounts that an OpenID Connect provider vouches for.
fn account(signature: &Signature) -> Vec<Selector> {
    let Some(issuer) = signature.signer.oidc_issuer.as_deref().and_then(text) else { return Vec::new() };
    let names = signature.signer.san.iter().filter(|name| is_email(name)).filter_map(|name| text(name));
    names.map(|email| Selector::Account { issuer: issuer.clone(), email }).collect()
}

/// Whether a subject alternative name has the form of an e-mail address; addresses of workflows have `/`.
fn is_email(name: &str) -> bool {
    name.contains('@') && !name.contains(['/', ':'])
}

/// The workload that a certificate authority vouches for, by the numbers of its provider.
fn workload(signature: &Signature, claims: &Claims) -> Option<Selector> {
    let names = claims.certified_workload(signature.id)?;
    let name = |name: &str| names.get(name).and_then(|value| text(value));
    Some(Selector::Workload {
        issuer: signature.signer.oidc_issuer.as_deref().and_then(text)?,
        repository_id: name("source-repository-identifier")?,
        owner_id: name("source-repository-owner-identifier")?,
    })
}
