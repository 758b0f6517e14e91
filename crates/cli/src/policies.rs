//! Policies: loading one, and `policy check`.

use std::path::Path;

use countersign::material::Limits;
use countersign::policy::{self, Policy};
use countersign::verdict::Question;

use crate::args::AppraisalOptions;
use crate::describe::print;
use crate::examiner::now;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// The policy that the options name, with the environment in it, and its text.
pub(crate) fn load(options: &AppraisalOptions) -> Result<(Policy, String), Trouble> {
    let built_in = || Ok((Policy::built_in(), policy::BUILT_IN.to_owned()));
    let (policy, text) = options.policy.as_deref().map_or_else(built_in, read)?;
    if policy.environment(&options.environment).is_none() {
        let known: Vec<&str> = policy.environments().collect();
        let problem = format!("the policy has no environment `{}`; it has: {}", options.environment, known.join(", "));
        return Err(Trouble::new("--environment", problem));
    }
    Ok((policy, text))
}

fn read(path: &Path) -> Result<(Policy, String), Trouble> {
    let bytes = read_whole(path, Limits::default().memory_bytes)?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Trouble::at(path, format!("is not UTF-8 at byte {at}: a policy is TOML text"))
    })?;
    let parsed = Policy::parse(&text, &path_text(path)).map_err(|errors| {
        let count = errors.problems.len();
        let plural = if count == 1 { "" } else { "s" };
        Trouble::new("policy", format!("{count} mistake{plural}")).with_list(errors.problems.iter().map(|problem| {
            let help = problem.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
            format!("{}:{}:{}: {}{help}", errors.source, problem.line, problem.column, problem.message)
        }))
    });
    parsed.map(|policy| (policy, text))
}

/// Runs `policy check`: exit code 0 if the policy can be used, 2 if not.
pub(crate) fn check(path: Option<&Path>) -> Result<u8, Trouble> {
    let Some(path) = path else {
        return Ok(print(policy::BUILT_IN));
    };
    let (policy, _) = read(path)?;
    let mut text = format!("{}: policy `{}` can be used\n", path_text(path), policy.name());
    for name in policy.environments() {
        let Some(environment) = policy.environment(name) else { continue };
        let asked = Question::ALL.into_iter().filter(|question| environment.asks(*question, now())).map(Question::word);
        let asked: Vec<&str> = asked.collect();
        let count = environment.demands().len();
        text.push_str(&format!("  {name}: {count} requirements; asks: {}\n", asked.join(", ")));
    }
    Ok(print(&text))
}
