//! Trust anchors by purpose.

use crate::time::Time;

/// Anchors.
#[derive(Clone, Debug, Default)]
pub struct TrustBundle;

impl TrustBundle {
    /// The date of the bundle.
    #[must_use]
    pub fn dated(&self) -> Option<Time> {
        None
    }
}
