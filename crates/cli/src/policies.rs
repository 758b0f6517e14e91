//! Policies: loading one.

use countersign::policy::Policy;

use crate::args::AppraisalOptions;
use crate::trouble::{Trouble, path_text};

/// The policy that the options name, with the environment in it.
pub(crate) fn load(options: &AppraisalOptions) -> Result<Policy, Trouble> {
    let policy = match &options.policy {
        None => Policy::built_in(),
        Some(path) => {
            return Err(Trouble::new("--policy", format!("{}: policy files are not read yet", path_text(path))));
        }
    };
    if policy.environment(&options.environment).is_none() {
        let known: Vec<&str> = policy.environments().collect();
        let problem = format!("the policy has no environment `{}`; it has: {}", options.environment, known.join(", "));
        return Err(Trouble::new("--environment", problem));
    }
    Ok(policy)
}
