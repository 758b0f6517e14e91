//! Recognition: what the registry has to say about who made a signature.

use super::drift::{Drift, Seen};
use super::{Credential, Identity, Matches, Registry, selectors_of_statement};
use crate::claim::Claims;
use crate::evidence::Signature;
use crate::time::Time;

/// Who made a signature, as far as the registry knows.
#[derive(Clone, Debug)]
pub enum Recognition<'a> {
    /// No registry is at hand.
    NotAtHand,
    /// Nothing verified says who signed.
    Unidentified,
    /// An identity that the registry does not have.
    Nobody,
    /// An identity that the registry does not have, under a name that it has.
    Namesake(Vec<&'a Identity>),
    /// More than one identity of the registry could have signed.
    Several(Vec<&'a Identity>),
    /// This identity, known by this credential.
    Known(&'a Identity, &'a Credential),
}

/// When a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Made {
    /// At this instant or before it, as something trusted proves.
    By(Time),
    /// Nothing proves when: at this instant, the one of appraisal, it was there.
    Unproven(Time),
}

impl Made {
    /// When a signature was made, appraised at this instant.
    #[must_use]
    pub fn of(signature: &Signature, at: Time) -> Self {
        signature.time.trusted.map_or(Self::Unproven(at), Self::By)
    }

    /// The instant at which it is judged.
    #[must_use]
    pub const fn instant(self) -> Time {
        match self {
            Self::By(at) | Self::Unproven(at) => at,
        }
    }

    /// Whether something proves it.
    #[must_use]
    pub const fn is_proven(self) -> bool {
        matches!(self, Self::By(_))
    }
}

impl Registry {
    /// Who made a signature.
    ///
    /// Where several identities share what they are known by, such as two workflows of one repository, the
    /// one whose binding fits made it; if that is not exactly one, nobody is known to have.
    #[must_use]
    pub fn recognise(&self, signature: &Signature, claims: &Claims, made: Made) -> Recognition<'_> {
        if !self.is_at_hand() {
            return Recognition::NotAtHand;
        }
        let matches = self.matching(signature, claims);
        if matches.is_none() {
            let namesakes = self.namesakes(signature, claims);
            return match namesakes.is_empty() {
                false => Recognition::Namesake(namesakes),
                true if super::selectors_of(signature, claims).is_empty() => Recognition::Unidentified,
                true => Recognition::Nobody,
            };
        }
        self.fitting(&matches, signature, claims, made)
    }

    /// The identities that a signature over a statement is of, whether that is about the artifact or about what is behind
    /// it.
    #[must_use]
    pub fn matching_statement(&self, signature: &Signature, claims: &Claims) -> Matches<'_> {
        if self.is_empty() { Matches::default() } else { self.known_by(&selectors_of_statement(signature, claims)) }
    }

    /// Which of these identities made the signature: the only one, or the one of several whose binding fits.
    #[must_use]
    pub fn fitting<'a>(
        &self,
        matches: &Matches<'a>,
        signature: &Signature,
        claims: &Claims,
        made: Made,
    ) -> Recognition<'a> {
        if let Some((identity, credential)) = matches.one() {
            return Recognition::Known(identity, credential);
        }
        let seen = Seen::of(signature, claims);
        let fits = |identity: &Identity| {
            let drift = identity.drift(&seen, made.instant());
            drift.is_some_and(|Drift { unexplained, missing, .. }| unexplained.is_empty() && missing.is_empty())
        };
        let mut fitting = matches.all().iter().filter(|(identity, _)| fits(identity));
        match (fitting.next(), fitting.next()) {
            (Some((identity, credential)), None) => Recognition::Known(identity, credential),
            _ => Recognition::Several(matches.all().iter().map(|(identity, _)| *identity).collect()),
        }
    }

    /// Whether it has something to say about who made a signature.
    #[must_use]
    pub fn concerns(&self, signature: &Signature, claims: &Claims) -> bool {
        !self.matching(signature, claims).is_none() || !self.namesakes(signature, claims).is_empty()
    }
}
