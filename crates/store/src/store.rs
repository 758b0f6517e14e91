//! The verbs of the store and the documents it keeps.

use std::fmt;

use countersign::crypto::Digest;
use countersign::time::Time;

use crate::error::StoreError;

/// How many events there are: of one identity, or of the whole registry. The first event makes it 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sequence(pub u64);

impl Sequence {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The sequence after this many more events.
    #[must_use]
    pub const fn after(self, events: u64) -> Self {
        Self(self.0.saturating_add(events))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An event to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEvent {
    /// When it took effect. Not when it was written: what was learnt late may have happened early.
    pub at: Time,
    /// The event as a JSON document.
    pub body: String,
}

/// What is appended to one identity, together with what it becomes by that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The identity.
    pub identity: String,
    /// How many events of it were read before this was decided.
    pub expected: Sequence,
    /// The events.
    pub events: Vec<NewEvent>,
    /// The fold over all of its events, these included, as a JSON document.
    pub snapshot: String,
    /// Everything that the identity is recognised by after this.
    pub keys: Vec<String>,
}

/// An event as it was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the registry.
    pub sequence: Sequence,
    /// The identity.
    pub identity: String,
    /// Its place in the identity.
    pub version: Sequence,
    /// When it took effect.
    pub at: Time,
    /// The event as a JSON document.
    pub body: String,
}

/// What an identity is after a number of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The identity.
    pub identity: String,
    /// After how many events.
    pub sequence: Sequence,
    /// The fold over its events as a JSON document.
    pub body: String,
}

/// A verdict to record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// The instant of appraisal.
    pub at: Time,
    /// Digests of the artifact.
    pub digests: Vec<Digest>,
    /// What identities could be recognised by in its evidence.
    pub keys: Vec<String>,
    /// SHA-256 of the policy's text.
    pub policy: Digest,
    /// The dossier without the path, as a JSON document. Kept once for all records of the same facts.
    pub facts: String,
    /// Everything else, as a JSON document.
    pub body: String,
}

/// A record as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Its number in this store.
    pub number: u64,
    /// The instant of appraisal.
    pub at: Time,
    /// SHA-256 of the policy's text.
    pub policy: Digest,
    /// The dossier without the path, as a JSON document.
    pub facts: String,
    /// Everything else, as a JSON document.
    pub body: String,
}

/// The text of a policy under its digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// SHA-256 of the text.
    pub sha256: Digest,
    /// The text.
    pub text: String,
}

/// A line of an inventory: this digest is installed there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Which artifact.
    pub digest: Digest,
    /// Where: a host, a cluster, a site.
    pub place: String,
    /// What it is called there.
    pub name: String,
    /// Its version; empty if the inventory does not say.
    pub version: String,
    /// When it was seen there.
    pub observed: Time,
    /// The inventory that says so.
    pub source: String,
}

/// Nothing was appended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AppendError {
    /// Somebody else was faster: read again, decide again.
    Conflict(Conflict),
    /// The store could not do it.
    Store(StoreError),
}

/// What was decided rests on something that is no longer the last word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The identity, or `None` for the registry as a whole.
    pub identity: Option<String>,
    /// How many events had been read.
    pub expected: Sequence,
    /// How many there are.
    pub found: Sequence,
}

impl From<StoreError> for AppendError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl fmt::Display for AppendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(error) => error.fmt(f),
            Self::Conflict(Conflict { identity, expected, found }) => {
                let of = identity.as_ref().map_or_else(|| "the registry".to_owned(), |id| format!("identity `{id}`"));
                write!(
                    f,
                    "{of} is at event {found}, expected {expected}: somebody else changed it; nothing was written"
                )
            }
        }
    }
}

impl std::error::Error for AppendError {}

/// What a piece of revocation information is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationKind {
    /// A certificate revocation list.
    List,
    /// An OCSP response.
    Response,
}

impl RevocationKind {
    /// The word under which it is kept.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Response => "response",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        [Self::List, Self::Response].into_iter().find(|kind| kind.word() == word)
    }
}

/// A revocation list or an OCSP response, with its dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationPiece {
    /// What it is.
    pub kind: RevocationKind,
    /// When it was made, where it says so.
    pub issued: Option<Time>,
    /// When the next one is due, where it says so.
    pub due: Option<Time>,
    /// When it came in.
    pub kept: Time,
    /// Where it came from: a path, or a URL that the user names.
    pub source: String,
    /// The shelves that it lies on (`countersign::pki::revocation::shelves_of`).
    pub shelves: Vec<String>,
    /// DER, as found.
    pub body: Vec<u8>,
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Where: an event, an identity, a table.
    pub place: String,
    /// Expected and found.
    pub detail: String,
}

/// What is done with each document that is handed out. An error ends the reading.
pub type Each<'a, T> = &'a mut dyn FnMut(T) -> Result<(), StoreError>;

/// Where the registry's events and the records of verdicts are kept.
///
/// Two sequences guard an append. An identity's own is always compared, because every rule of the life cycle
/// rests on the identity's events. The registry's is compared only if it is given: for decisions that rest on
/// *other* identities too, such as that no other one has this key.
pub trait Store {
    /// Appends to all of these identities, or to none, and returns the registry's sequence after that.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] if one of the identities, or the registry if `registry` is given, is not
    /// where it was when the change was decided.
    fn append(&mut self, registry: Option<Sequence>, changes: &[Change]) -> Result<Sequence, AppendError>;

    /// How many events there are in all.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn sequence(&self) -> Result<Sequence, StoreError>;

    /// What an identity is now, or `None` if there is none of this id.
    ///
    /// # Errors
    /// If the store cannot be read, or the snapshot is damaged.
    fn identity(&self, id: &str) -> Result<Option<Snapshot>, StoreError>;

    /// Every identity as it is now, in the order of their ids.
    ///
    /// # Errors
    /// If the store cannot be read, a snapshot is damaged, or `each` fails.
    fn identities(&self, each: Each<'_, Snapshot>) -> Result<(), StoreError>;

    /// The identities that have one of these keys: all that could be behind a signature with these keys.
    ///
    /// # Errors
    /// If the store cannot be read, or a snapshot is damaged.
    fn candidates(&self, keys: &[String]) -> Result<Vec<Snapshot>, StoreError>;

    /// The events of one identity, in order.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn events_of(&self, id: &str) -> Result<Vec<StoredEvent>, StoreError>;

    /// Every event after this place in the registry, in order.
    ///
    /// # Errors
    /// If the store cannot be read, or `each` fails.
    fn events_after(&self, sequence: Sequence, each: Each<'_, StoredEvent>) -> Result<(), StoreError>;

    /// Keeps these verdicts, all or none, and the policies that they were reached under.
    ///
    /// # Errors
    /// If they cannot be written, or a policy is neither given nor known.
    fn record(&mut self, policies: &[PolicyText], records: &[NewRecord]) -> Result<(), StoreError>;

    /// The records whose evidence has one of these keys, in the order in which they were written.
    ///
    /// # Errors
    /// If the store cannot be read, a record is damaged, or `each` fails.
    fn records_of(&self, keys: &[String], each: Each<'_, StoredRecord>) -> Result<(), StoreError>;

    /// The records about an artifact with this digest, in the order in which they were written.
    ///
    /// # Errors
    /// If the store cannot be read, a record is damaged, or `each` fails.
    fn records_about(&self, digest: &Digest, each: Each<'_, StoredRecord>) -> Result<(), StoreError>;

    /// Every record, in the order in which they were written.
    ///
    /// # Errors
    /// If the store cannot be read, a record is damaged, or `each` fails.
    fn records(&self, each: Each<'_, StoredRecord>) -> Result<(), StoreError>;

    /// How many verdicts are recorded.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn recorded(&self) -> Result<u64, StoreError>;

    /// The text of the policy with this digest, or `None` if no verdict was recorded under it.
    ///
    /// # Errors
    /// If the store cannot be read, or the text is damaged.
    fn policy_text(&self, sha256: &Digest) -> Result<Option<String>, StoreError>;

    /// Takes the lines of an inventory, all or none. A line that is known already is seen again.
    ///
    /// # Errors
    /// If they cannot be written.
    fn take_inventory(&mut self, lines: &[Installed]) -> Result<(), StoreError>;

    /// Where artifacts with this digest are installed, by the inventories, in the order of the places.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn installed(&self, digest: &Digest) -> Result<Vec<Installed>, StoreError>;

    /// Keeps these pieces of revocation information, all or none. One that is known already stays as it is.
    ///
    /// # Errors
    /// If they cannot be written.
    fn take_revocation(&mut self, pieces: &[RevocationPiece]) -> Result<(), StoreError>;

    /// The pieces on a shelf, in the order in which they came in. Their own shelves are not read back.
    ///
    /// # Errors
    /// If the store cannot be read, or a piece is damaged.
    fn revocation_on(&self, shelf: &str) -> Result<Vec<RevocationPiece>, StoreError>;

    /// Every piece of revocation information, in the order in which they came in.
    ///
    /// # Errors
    /// If the store cannot be read, or a piece is damaged.
    fn revocation(&self) -> Result<Vec<RevocationPiece>, StoreError>;

    /// Looks at everything that is kept: whether it is whole, and the chain of events unbroken. Whether the
    /// snapshots are the fold over the events is not for the store to say.
    ///
    /// # Errors
    /// If the store cannot be read at all.
    fn check(&self) -> Result<Vec<Flaw>, StoreError>;
}
