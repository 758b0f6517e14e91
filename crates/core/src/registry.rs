//! What is known about the identities that sign: who owns each, what it may do, how its key is held.

/// The registry of signing identities.
#[derive(Clone, Debug, Default)]
pub struct Registry {}
