//! What every forge's account of a change has: who wrote it, and how long it may be.

use super::AtMost;
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::release::actor::Actor;

/// Whoever has no account at the forge: the author of a commit whose e-mail address is nobody's there. Who that is,
/// nobody knows, least of all that it is somebody else.
pub(super) const NOBODY: &str = "an address without an account";

/// Commits that are read of one change; GitHub lists 250.
pub(super) const MAX_COMMITS: AtMost = AtMost { items: 1_000, expected: "a list of at most 1,000 commits" };

/// Authors that are read of one commit, and of one change; each is compared with all others.
pub(super) const MAX_AUTHORS: AtMost = AtMost { items: 100, expected: "a list of at most 100 authors" };

/// Adds an author, once.
pub(super) fn add(authors: &mut Vec<Actor>, by: Actor, commit: &Cursor<'_>) -> Result<(), FieldError> {
    if authors.contains(&by) {
        return Ok(());
    }
    if authors.len() >= MAX_AUTHORS.items {
        return Err(commit.error(Problem::BadValue("a commit of a change with at most 100 authors")));
    }
    authors.push(by);
    Ok(())
}

/// Somebody of whom the forge knows no account.
pub(super) fn nobody(realm: &str) -> Actor {
    Actor { realm: realm.to_owned(), number: None, name: NOBODY.to_owned(), bot: false }
}
