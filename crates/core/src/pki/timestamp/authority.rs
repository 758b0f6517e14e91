//! A timestamping authority that the relying party names by its chain, as Sigstore's trusted roots do.

use crate::encoding::x509::Certificate;
use crate::time::Time;

/// Steps of a path; real ones have at most four.
const MAX_STEPS: usize = 8;

/// A timestamping authority: its chain, and when the relying party accepts it.
#[derive(Clone, Debug, Default)]
pub struct Authority {
    /// Leaf first, root last. The leaf and intermediates may be missing if the token carries them.
    pub chain: Vec<Certificate>,
    /// Since when it is accepted.
    pub valid_from: Option<Time>,
    /// Until when it is accepted.
    pub valid_until: Option<Time>,
}

impl Authority {
    /// Follows the issuers of `leaf` to the root of this authority, at an instant. Fits
    /// [`super::Vouching`].
    ///
    /// # Errors
    /// Why it does not vouch, in words.
    pub fn vouch(&self, leaf: &Certificate, others: &[Certificate], at: Time) -> Result<Vec<Certificate>, String> {
        self.accepts(at)?;
        let root = self.chain.last().ok_or("the authority has no certificate")?;
        let mut path = vec![leaf.clone()];
        let mut current = leaf;
        for _ in 0..MAX_STEPS {
            if !current.is_valid_at(at) {
                return Err(format!("{} was not valid at {at}", current.subject()));
            }
            if current == root {
                return Ok(path);
            }
            current = self.issuer(current, others)?;
            path.push(current.clone());
        }
        Err(format!("no root after {MAX_STEPS} certificates"))
    }

    fn accepts(&self, at: Time) -> Result<(), String> {
        let too_early = self.valid_from.is_some_and(|from| at < from);
        let too_late = self.valid_until.is_some_and(|until| at > until);
        if too_early || too_late { Err(format!("the authority is not accepted at {at}")) } else { Ok(()) }
    }

    fn issuer<'a>(&'a self, of: &Certificate, others: &'a [Certificate]) -> Result<&'a Certificate, String> {
        let signed_by = |candidate: &&Certificate| {
            candidate.is_ca()
                && candidate.subject() == of.issuer()
                && candidate.public_key().is_ok_and(|key| of.verify_signed_by(&key).is_ok())
        };
        let mut candidates = self.chain.iter().chain(others);
        candidates.find(signed_by).ok_or_else(|| format!("no issuer of {} is known", of.subject()))
    }
}
