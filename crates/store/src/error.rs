//! What keeps the store from doing its work. It says nothing about any artifact: exit code 2.

use std::fmt;

/// The store could not do what it was asked. Nothing was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    /// Which store: the path of its file.
    pub place: String,
    /// What kind of problem it is.
    pub kind: StoreErrorKind,
    /// The facts: expected and found.
    pub detail: String,
}

/// What kind of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// There is none.
    Missing,
    /// The operating system refuses.
    Refused,
    /// It may be read, but not written.
    ReadOnly,
    /// There is no room left.
    Full,
    /// Others held it for too long.
    Busy,
    /// The file is something else.
    Foreign,
    /// A later version of Countersign made it.
    TooNew,
    /// An earlier version of Countersign made it, or nothing was ever written into it.
    TooOld,
    /// What is in it is not what was written.
    Damaged,
}

impl StoreErrorKind {
    /// What is wrong, in words.
    #[must_use]
    pub const fn problem(self) -> &'static str {
        match self {
            Self::Missing => "there is no store here",
            Self::Refused => "the store cannot be opened or written",
            Self::ReadOnly => "the store cannot be written",
            Self::Full => "there is no room left for the store",
            Self::Busy => "other processes held the store for too long",
            Self::Foreign => "the file is not a store of Countersign",
            Self::TooNew => "a later version of Countersign made this store",
            Self::TooOld => "the store is not yet made, or by an earlier version",
            Self::Damaged => "the store is damaged",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Missing => "name the right file with --store, or make one with `countersign identity add`",
            Self::Refused => "check the path and this user's rights",
            Self::ReadOnly => "give this user the right to write the file and its directory, or use another --store",
            Self::Full => "make room and run it again: nothing was half-written",
            Self::Busy => "run it again",
            Self::Foreign => "name another file with --store; this one was left as it is",
            Self::TooNew => "use that version; this one would not understand everything in it",
            Self::TooOld => "run a command that writes, such as `verify --record`: it brings the store up to date",
            Self::Damaged => "restore a backup; `countersign identity check` says what is wrong",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.kind.problem())?;
        if !self.detail.is_empty() {
            write!(f, ": {}", self.detail)?;
        }
        write!(f, " ({})", self.kind.remedy())
    }
}

impl std::error::Error for StoreError {}
