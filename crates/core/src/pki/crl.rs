//! Certificate revocation lists (RFC 5280 §5).

use crate::time::Time;

/// A revocation list.
#[derive(Clone, Debug)]
pub struct Crl;

impl Crl {
    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> Time {
        Time::FOREVER
    }
}
