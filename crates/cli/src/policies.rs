//! Policies: loading one, and the commands on them.

pub(crate) mod args;
mod diff;
mod explain;
mod learn;
mod owners;
mod test;

use std::path::Path;

use countersign::material::Limits;
use countersign::policy::{self, Policy, PolicyErrors};
use countersign::verdict::Question;

use self::args::Policy as Command;
use crate::args::{AppraisalOptions, OwnersOptions};
use crate::describe::print;
use crate::examiner::now;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// The policy that the options name, with the environment in it, and its text.
pub(crate) fn load(options: &AppraisalOptions) -> Result<(Policy, String), Trouble> {
    let built_in = || Ok((Policy::built_in(), policy::BUILT_IN.to_owned()));
    let (policy, text) = options.policy.as_deref().map_or_else(built_in, read)?;
    owners::confirm(&options.owners, options.policy.as_deref(), &text)?;
    require(&policy, &options.environment)?;
    Ok((policy, text))
}

/// Runs the command and returns its exit code.
pub(crate) fn run(command: &Command) -> Result<u8, Trouble> {
    match command {
        Command::Check { file, owners } => check(file.as_deref(), owners),
        Command::Sign(options) => owners::sign(options),
        Command::Explain(options) => explain::run(options),
        Command::Test(options) => test::run(options),
        Command::Diff(options) => diff::run(options),
        Command::Learn(options) => learn::run(options),
    }
}

/// Whether the policy has an environment of this name.
fn require(policy: &Policy, environment: &str) -> Result<(), Trouble> {
    if policy.environment(environment).is_some() {
        return Ok(());
    }
    let known: Vec<&str> = policy.environments().collect();
    let problem = format!("the policy has no environment `{environment}`; it has: {}", known.join(", "));
    Err(Trouble::new("--environment", problem))
}

/// The policy in a file, and its text.
fn read(path: &Path) -> Result<(Policy, String), Trouble> {
    let text = text_of(path)?;
    let parsed = Policy::parse(&text, &path_text(path)).map_err(|errors| mistakes("policy", &errors));
    parsed.map(|policy| (policy, text))
}

/// The text of a file.
fn text_of(path: &Path) -> Result<String, Trouble> {
    String::from_utf8(read_whole(path, Limits::default().memory_bytes)?).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Trouble::at(path, format!("is not UTF-8 at byte {at}: TOML text is expected"))
    })
}

/// Everything that is wrong with a file, one per line.
fn mistakes(what: &str, errors: &PolicyErrors) -> Trouble {
    let count = errors.problems.len();
    let plural = if count == 1 { "" } else { "s" };
    Trouble::new(what, format!("{count} mistake{plural}")).with_list(errors.problems.iter().map(|problem| {
        let help = problem.help.as_ref().map_or_else(String::new, |help| format!(" ({help})"));
        format!("{}:{}:{}: {}{help}", errors.source, problem.line, problem.column, problem.message)
    }))
}

/// Runs `policy check`: exit code 0 if the policy can be used, 2 if not.
fn check(path: Option<&Path>, owners: &OwnersOptions) -> Result<u8, Trouble> {
    let Some(path) = path else {
        owners::confirm(owners, None, policy::BUILT_IN)?;
        return Ok(print(policy::BUILT_IN));
    };
    let (policy, source) = read(path)?;
    let signed = owners::confirm(owners, Some(path), &source)?;
    let mut text = format!("{}: policy `{}` can be used\n", path_text(path), policy.name());
    for name in policy.environments() {
        let Some(environment) = policy.environment(name) else { continue };
        let asked = Question::ALL.into_iter().filter(|question| environment.asks(*question, now())).map(Question::word);
        let asked: Vec<&str> = asked.collect();
        let count = environment.demands().len();
        text.push_str(&format!("  {name}: {count} requirements; asks: {}\n", asked.join(", ")));
        for rule in environment.rules() {
            text.push_str(&format!("    rule {} ({}): {}\n", rule.id(), rule.section().word(), rule.otherwise()));
        }
    }
    if !policy.waivers().is_empty() {
        text.push_str(&format!("  waivers: {}\n", policy.waivers().len()));
    }
    if !signed.is_empty() {
        let keys: Vec<String> = signed.iter().map(ToString::to_string).collect();
        text.push_str(&format!("  signed by {} owners: {}\n", signed.len(), keys.join(", ")));
    }
    Ok(print(&text))
}
