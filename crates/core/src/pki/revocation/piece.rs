//! Pieces of revocation evidence: what kind, from whom, how old.

use std::fmt;
use std::sync::Arc;

use crate::time::Time;

/// What a piece is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A revocation list.
    List,
    /// An OCSP response.
    Response,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "revocation list",
            Self::Response => "OCSP response",
        })
    }
}

/// Who supplied a piece. It counts the same whoever did; a reader may weigh it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The relying party, as this file; empty if it did not say.
    Given(Arc<str>),
    /// The relying party, who keeps it in a store since then; from there.
    Kept(Arc<str>, Time),
    /// Whoever made the signature: it came with it, in this place.
    Producer(&'static str),
}

impl Default for Source {
    fn default() -> Self {
        Self::Given(Arc::from(""))
    }
}

impl Source {
    /// Whether the maker of the signature supplied it.
    #[must_use]
    pub const fn is_producer(&self) -> bool {
        matches!(self, Self::Producer(_))
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(file) if file.is_empty() => f.write_str("given"),
            Self::Given(file) => write!(f, "given as {file}"),
            Self::Kept(origin, since) => write!(f, "kept in the store since {since}, from {origin}"),
            Self::Producer(place) => write!(f, "supplied by the producer in {place}"),
        }
    }
}

/// One piece: a list, or one answer of a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// What it is.
    pub kind: Kind,
    /// Who supplied it.
    pub source: Source,
    /// When it was made; `None` if it does not say.
    pub this_update: Option<Time>,
    /// When the next one is due, where said.
    pub next_update: Option<Time>,
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind)?;
        if let Some(made) = self.this_update {
            write!(f, " of {made}")?;
        }
        if let Some(next) = self.next_update {
            write!(f, ", next due {next}")?;
        }
        write!(f, ", {}", self.source)
    }
}
