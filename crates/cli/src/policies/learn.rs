//! `policy learn`: a first policy from what is known to be good, to be reviewed.

use std::path::Path;

use countersign::policy::learn::{Lesson, Lessons};

use super::args::PolicyLearn;
use crate::describe::print;
use crate::examiner::Examiner;
use crate::output::{CANNOT_RUN, NOTHING_FOUND, note};
use crate::tree::examine_all;
use crate::trouble::{Trouble, path_text};
use crate::write::Replacement;

/// Runs `policy learn`: 0 if a policy is written, 3 if nothing verifies, 2 if not all could be read.
pub(crate) fn run(options: &PolicyLearn) -> Result<u8, Trouble> {
    let examiner = Examiner::new(&options.evidence)?;
    let mut lessons = Lessons::default();
    let all = examine_all(&examiner, &options.artifacts, |dossier| {
        lessons.take(dossier, examiner.at).map_err(|error| Trouble::new("learn", error.to_string()))
    })?;
    let lesson = match lessons.learn(&options.name, examiner.at) {
        Ok(lesson) => lesson,
        Err(nothing) => {
            note(&nothing.to_string());
            return Ok(if all { NOTHING_FOUND } else { CANNOT_RUN });
        }
    };
    let code = written(options.output.as_deref(), &lesson)?;
    let (good, left_out) = (lesson.artifacts, lesson.left_out);
    note(&format!("learnt from {good} artifacts, {left_out} were left out; review it, then: countersign policy check"));
    Ok(if all { code } else { CANNOT_RUN })
}

fn written(path: Option<&Path>, lesson: &Lesson) -> Result<u8, Trouble> {
    let Some(path) = path else { return Ok(print(&lesson.text)) };
    Replacement::begin(path, false)?.finish(lesson.text.as_bytes())?;
    Ok(print(&format!("{}: written\n", path_text(path))))
}
