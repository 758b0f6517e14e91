//! `policy test`: the cases of a table, judged as `verify` would judge them.

use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser};
use countersign::dossier::Dossier;
use countersign::material::Limits;
use countersign::policy::cases::{Case, CaseTable, Coverage, Seen, Subject};
use countersign::policy::{Pattern, Policy};
use countersign::verdict::Verdict;

use super::args::PolicyTest;
use super::{mistakes, read, require, text_of};
use crate::args::{AppraisalOptions, EvidenceOptions};
use crate::examiner::{Judge, Target, cores};
use crate::output::{CANNOT_RUN, Output, REFUSED, complain};
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// What the name of a table ends with.
const ENDING: &str = ".tests.toml";

/// What a case says itself and not by an option.
const SAID_OTHERWISE: [&str; 3] = ["policy", "environment", "at"];

/// The options of a case: those of `verify` that bring evidence, or say how it is weighed.
#[derive(Parser)]
#[command(no_binary_name = true, disable_help_flag = true)]
struct CaseOptions {
    #[command(flatten)]
    evidence: EvidenceOptions,
    #[command(flatten)]
    appraisal: AppraisalOptions,
}

/// Runs `policy test`: 0 if all comes out as expected, 1 if something does not, 2 if a case cannot be judged.
pub(crate) fn run(options: &PolicyTest) -> Result<u8, Trouble> {
    let filter = options.case.as_deref().map(Pattern::new);
    let mut output = Output::new();
    let mut total = Tally::default();
    for file in &options.files {
        match one_table(file, filter.as_ref(), &mut output) {
            Ok(tally) => total.add(&tally),
            Err(trouble) => {
                complain(&trouble);
                total.failed += 1;
            }
        }
    }
    if let (Some(filter), 0) = (&filter, total.cases()) {
        return Err(Trouble::new("--case", format!("no case is called like `{filter}`: nothing was tested")));
    }
    output.put(&format!("{} cases: {} as expected, {} not", total.cases(), total.passed, total.differing));
    output.put(&if total.failed > 0 { format!(", {} could not be judged\n", total.failed) } else { "\n".to_owned() });
    Ok(output.finish(total.exit_code()))
}

/// What became of the cases.
#[derive(Default)]
struct Tally {
    passed: u64,
    differing: u64,
    failed: u64,
}

impl Tally {
    const fn cases(&self) -> u64 {
        self.passed + self.differing + self.failed
    }

    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.differing += other.differing;
        self.failed += other.failed;
    }

    const fn exit_code(&self) -> u8 {
        match (self.failed, self.differing) {
            (0, 0) => 0,
            (0, _) => REFUSED,
            _ => CANNOT_RUN,
        }
    }
}

fn one_table(file: &Path, filter: Option<&Pattern>, output: &mut Output) -> Result<Tally, Trouble> {
    let (path, table) = table(file)?;
    let base = path.parent().unwrap_or(Path::new(""));
    let policy_path = table.policy.as_ref().map_or_else(|| beside(&path), |policy| Ok(base.join(policy)))?;
    let (policy, _) = read(&policy_path)?;
    output.put(&format!("{}: policy {} ({})\n", path_text(&path), path_text(&policy_path), policy.name()));
    let (mut coverage, mut tally) = (Coverage::of(&policy), Tally::default());
    for case in table.cases.iter().filter(|case| filter.is_none_or(|filter| filter.matches(&case.name))) {
        match judged(case, base, &policy, &policy_path) {
            Ok(verdict) => {
                coverage.take(&verdict);
                output.put(&told(case, &verdict, &mut tally));
            }
            Err(trouble) => {
                output.put(&format!("  ERROR {}\n", clean(&case.name)));
                complain(&trouble);
                tally.failed += 1;
            }
        }
    }
    if filter.is_none() {
        output.put(&covered(&coverage));
    }
    Ok(tally)
}

/// The table of a file: itself, or the one beside a policy.
fn table(file: &Path) -> Result<(PathBuf, CaseTable), Trouble> {
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let path = match name.strip_suffix(".toml") {
        Some(_) if name.ends_with(ENDING) => file.to_owned(),
        Some(stem) => file.with_file_name(format!("{stem}{ENDING}")),
        None => {
            let problem = format!("is neither a table of cases (NAME{ENDING}) nor a policy (NAME.toml)");
            return Err(Trouble::at(file, problem));
        }
    };
    let command = CaseOptions::command();
    let names = command.get_arguments().filter_map(|argument| argument.get_long());
    let names: Vec<&str> = names.filter(|name| !SAID_OTHERWISE.contains(name)).collect();
    let table = CaseTable::parse(&text_of(&path)?, &path_text(&path), &names);
    table.map(|table| (path, table)).map_err(|errors| mistakes("cases", &errors))
}

/// The policy beside a table: `NAME.toml` of `NAME.tests.toml`.
fn beside(table: &Path) -> Result<PathBuf, Trouble> {
    let name = table.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(ENDING));
    let name = name.ok_or_else(|| Trouble::at(table, "names no policy").remedy("add `policy = \"…\"`"))?;
    Ok(table.with_file_name(format!("{name}.toml")))
}

/// The verdict on a case.
fn judged(case: &Case, base: &Path, policy: &Policy, policy_path: &Path) -> Result<Verdict, Trouble> {
    require(policy, &case.environment)?;
    let (evidence, appraisal) = options(case, base, policy_path)?;
    let judge = match appraisal.store.store {
        // What the environment names would make the outcome depend on the machine.
        None => Judge::without_registry(&evidence, &appraisal)?,
        Some(_) => Judge::new(&evidence, &appraisal)?,
    };
    let target = match &case.subject {
        Subject::Dossier(file) => return judge.weigh(dossier(&base.join(file))?).map(|(verdict, _)| verdict),
        Subject::Digest(digest) => Target::Digest(*digest),
        Subject::Artifact(file) => {
            let path = base.join(file);
            let whole = judge.examiner.whole(&path)?;
            whole.ok_or_else(|| Trouble::at(&path, "is a directory that no evidence signs as a whole"))?
        }
    };
    judge.judge(&target, cores())
}

fn options(case: &Case, base: &Path, policy: &Path) -> Result<(EvidenceOptions, AppraisalOptions), Trouble> {
    let mut arguments = Vec::new();
    for option in &case.options {
        let name = format!("--{}", option.name);
        match option.values.as_slice() {
            [] => arguments.push(name),
            values => arguments.extend(values.iter().map(|value| format!("{name}={value}"))),
        }
    }
    let parsed = CaseOptions::try_parse_from(arguments).map_err(|error| {
        let problem = error.to_string();
        let first = problem.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        Trouble::new(format!("case `{}`", case.name), first)
    })?;
    let (mut evidence, mut appraisal) = (parsed.evidence.below(base), parsed.appraisal.below(base));
    evidence.at = Some(case.at);
    appraisal.policy = Some(policy.to_owned());
    appraisal.environment.clone_from(&case.environment);
    Ok((evidence, appraisal))
}

/// A dossier that `inspect --format dossier` wrote.
fn dossier(path: &Path) -> Result<Dossier, Trouble> {
    let bytes = read_whole(path, Limits::default().memory_bytes)?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Trouble::at(path, format!("is no dossier: {error}")).remedy("`countersign inspect --format dossier` writes one")
    })
}

fn told(case: &Case, verdict: &Verdict, tally: &mut Tally) -> String {
    let differences = case.expected.differences(verdict);
    let name = clean(&case.name);
    if differences.is_empty() {
        tally.passed += 1;
        return format!("  ok    {name}\n");
    }
    tally.differing += 1;
    let lines = differences.iter().map(|difference| format!("          {}\n", clean(difference)));
    format!("  FAIL  {name}\n{}", lines.collect::<String>())
}

fn clean(text: &str) -> String {
    countersign::reports::for_terminal(text, false).into_owned()
}

/// What the cases have seen of the policy.
fn covered(coverage: &Coverage) -> String {
    let mut text = String::new();
    for (environment, seen) in coverage.environments() {
        let count = |is: fn(&Seen) -> bool| seen.values().filter(|one| is(one)).count();
        let (met, unmet) = (count(|one| one.met), count(|one| one.unmet));
        let of = seen.len();
        text.push_str(&format!(
            "  {environment}: {met} of {of} requirements and rules seen met, {unmet} seen failing\n"
        ));
        let missing = |is: fn(&Seen) -> bool| {
            let ids: Vec<&str> = seen.iter().filter(|(_, one)| !is(one)).map(|(id, _)| id.as_str()).collect();
            ids.join(", ")
        };
        let (never_met, never_unmet) = (missing(|one| one.met), missing(|one| one.unmet));
        if !never_met.is_empty() {
            text.push_str(&format!("    never met: {never_met}\n"));
        }
        if !never_unmet.is_empty() {
            text.push_str(&format!("    never failed: {never_unmet}\n"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An option that names a file and is not taken relative to the table would test something else.
    #[test]
    fn every_file_of_a_case_is_relative_to_its_table() {
        let command = CaseOptions::command();
        let is_file =
            |argument: &&clap::Arg| argument.get_value_names().is_some_and(|names| names.contains(&"FILE".into()));
        let files: Vec<&str> = command.get_arguments().filter(is_file).filter_map(|it| it.get_long()).collect();
        assert!(files.len() > 8, "{files:?}");
        let arguments = files.iter().map(|name| format!("--{name}=x"));
        let parsed = CaseOptions::try_parse_from(arguments).unwrap();
        let (evidence, appraisal) = (parsed.evidence.below(Path::new("/b")), parsed.appraisal.below(Path::new("/b")));
        let text = format!("{evidence:?}{appraisal:?}");
        assert_eq!(text.matches("\"/b/x\"").count(), files.len(), "{text}");
        assert!(!text.contains("\"x\""), "{text}");
    }
}
