//! `cargo xtask schema`: the JSON Schema of the verdict, generated from its types. That it is up to date is
//! a test of the command line.

use crate::process::{Failure, root, write};

pub(crate) fn run_chore(_: &[String]) -> Result<(), Failure> {
    let schema = countersign::reports::schema();
    write(&root().join("docs/schema/verdict-v1.json"), format!("{}\n", schema.trim_end()).as_bytes())
}
