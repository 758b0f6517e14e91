//! Examining everything that paths lead to, to learn from it.

use std::path::PathBuf;

use countersign::dossier::Dossier;

use crate::examiner::{Examiner, Target, cores};
use crate::output::complain;
use crate::trouble::Trouble;
use crate::walk::{Met, Walk};

/// Examines each artifact and hands out what was found. Returns whether all could be read; what could not is told.
///
/// Only a path that does not exist, and what `take` fails with, end the run.
pub(crate) fn examine_all(
    examiner: &Examiner,
    paths: &[PathBuf],
    mut take: impl FnMut(Dossier) -> Result<(), Trouble>,
) -> Result<bool, Trouble> {
    let mut all = true;
    let mut one = |found: Result<Option<Target>, Trouble>| {
        let found = found.and_then(|target| target.map(|target| examiner.examine(&target, cores())).transpose());
        match found {
            Ok(dossier) => dossier.map_or(Ok(()), &mut take),
            Err(trouble) => {
                complain(&trouble);
                all = false;
                Ok(())
            }
        }
    };
    for path in paths {
        match examiner.whole(path)? {
            Some(target) => one(Ok(Some(target)))?,
            None => Walk::new(path).try_for_each(|met| one(target(examiner, met)))?,
        }
    }
    Ok(all)
}

/// What was met, unless it is evidence of its neighbour.
fn target(examiner: &Examiner, met: Met) -> Result<Option<Target>, Trouble> {
    match met {
        Met::Trouble(trouble) => Err(trouble),
        Met::File(path, listing) if examiner.is_evidence(&path, &listing)? => Ok(None),
        Met::File(path, listing) => Ok(Some(Target::File(path, Some(listing)))),
    }
}
