//! `policy explain`: a policy in words.

use countersign::policy::Policy;
use countersign::reports::explain_policy;

use super::args::PolicyExplain;
use super::{read, require};
use crate::describe::print;
use crate::examiner::now;
use crate::output;
use crate::trouble::Trouble;

/// Runs `policy explain`.
pub(crate) fn run(options: &PolicyExplain) -> Result<u8, Trouble> {
    let policy = match &options.file {
        Some(path) => read(path)?.0,
        None => Policy::built_in(),
    };
    if let Some(name) = &options.environment {
        require(&policy, name)?;
    }
    let at = options.at.unwrap_or_else(now);
    Ok(print(&explain_policy(&policy, options.environment.as_deref(), at, &output::form(false))))
}
