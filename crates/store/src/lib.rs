//! Where Countersign keeps what it must not forget: the registry's events, the records of verdicts, and what was
//! known of revocation.
//!
//! One trait of domain verbs, [`Store`], and one implementation that is embedded: [`SqliteStore`]. The store
//! has no opinion. It keeps documents under the sequence they were given, hands them back as they were, and
//! says so if they are not what they were. What an event means is decided in core.
//!
//! Rules that every implementation keeps, and that one suite checks (`tests/conformance`):
//!
//! - **Append-only.** An event or a record that was acknowledged is never changed and never lost.
//! - **All or nothing.** [`Store::append`], [`Store::record`], [`Store::take_inventory`] and
//!   [`Store::take_revocation`] do everything or nothing, whatever ends the process.
//! - **Compare and swap.** Whoever appends says what they have read. If that is no longer the last word,
//!   nothing is written ([`AppendError::Conflict`]).
//! - **Whole documents.** A document that is not the one that was written is an error, never an answer.

mod error;
pub mod ledger;
mod sqlite;
mod store;
pub mod verdicts;

pub use error::{StoreError, StoreErrorKind};
pub use sqlite::SqliteStore;
pub use store::{
    AppendError, Change, Conflict, Each, Flaw, Installed, NewEvent, NewRecord, PolicyText, RevocationKind,
    RevocationPiece, Sequence, Snapshot, Store, StoredEvent, StoredRecord,
};
