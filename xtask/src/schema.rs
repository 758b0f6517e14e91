//! `cargo xtask schema`: the JSON Schemas of verdict and facts, generated from the code. That they are up to date is
//! a test of the command line.

use crate::process::{Failure, root, write};

pub(crate) fn run_chore(_: &[String]) -> Result<(), Failure> {
    let documents =
        [("verdict-v1.json", countersign::reports::schema()), ("facts-v1.json", countersign::facts::schema())];
    documents.into_iter().try_for_each(|(name, schema)| {
        write(&root().join("docs/schema").join(name), format!("{}\n", schema.trim_end()).as_bytes())
    })
}
