//! `parameters`: nobody influenced the build by a parameter that nobody allowed.

use std::collections::BTreeMap;

use super::provenance::{Provenance, Stand};
use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, unverified};
use crate::claim::{Fact, Standing, Voucher};
use crate::ground::Ground;
use crate::policy::Pattern;
use crate::provenance::builders::Grade;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "parameters",
    section: Section::Of(Question::Path),
    title: "No unknown parameter influenced the build",
    meaning: "Every external parameter of the build is one that the table of builders knows for its build type, because \
              other requirements judge it or it follows from the source, or one that the policy allows with its value. \
              A parameter that is named without `*` must be there. Names with a dot in them stand in quotes.",
    shape: Shape::Map(
        &[Choice { word: "known", meaning: "none but those that are known for the build type" }],
        "a table from the path of a parameter to what it may be, such as `\"inputs.channel\" = \"stable\"`",
    ),
    judge: Judge::Provenance(judge),
    fix: "find out what the parameter does, and allow it in the policy if it is meant to be there",
    controls: &[Control { framework: "SLSA", id: "Build L3" }],
};

fn judge(_: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    weigh(provenance, provenance.grade(), None, setting.map())
}

type Parameters<'a> = &'a BTreeMap<String, String>;

/// Weighs the parameters of a build against what is known and allowed.
pub(super) fn weigh(
    provenance: &Provenance<'_>,
    grade: Option<Grade<'_>>,
    least: Option<Voucher>,
    allowed: &[(Pattern, Pattern)],
) -> Weighed {
    let id = provenance.signature.id;
    let Some(statement) = provenance.statement() else {
        return Weighed::missing(Ground::NotClaimed, "no statement says how it was built").on(id);
    };
    let groups: Vec<(Stand, Parameters<'_>)> =
        provenance.all(|fact| if let Fact::BuiltWith { parameters } = fact { Some(parameters) } else { None });
    let of_policy = grade.and_then(|grade| grade.builder.allowed.as_deref()).unwrap_or_default();
    let allowed: Vec<_> = allowed.iter().chain(of_policy).collect();
    let known = |path: &str| grade.is_some_and(|grade| grade.builder.knows(provenance.build_type(), path));
    for (path, value) in groups.iter().flat_map(|(_, parameters)| parameters.iter()) {
        if let Some(weighed) = against(path, value, &allowed, known) {
            return weighed.on(id);
        }
    }
    let is_there = |path: &str| groups.iter().any(|(_, parameters)| parameters.contains_key(path));
    if let Some((path, _)) = allowed.iter().find(|(path, _)| !path.as_str().contains('*') && !is_there(path.as_str())) {
        return Weighed::missing(Ground::NotClaimed, format!("`{path}` is not among the parameters")).on(id);
    }
    let stands: Vec<_> = groups.iter().map(|(stand, _)| *stand).chain([statement]).collect();
    let count: usize = groups.iter().map(|(_, parameters)| parameters.len()).sum();
    supported(provenance, &stands, least, count).on(id)
}

/// What of a parameter is neither known nor as allowed. What the policy says of a parameter counts for known ones too.
fn against(path: &str, value: &str, allowed: &[&(Pattern, Pattern)], known: impl Fn(&str) -> bool) -> Option<Weighed> {
    let mut fitting = allowed.iter().filter(|(pattern, _)| pattern.matches(path)).peekable();
    if fitting.peek().is_none() {
        let detail = || format!("`{path}` is neither known for the build type nor allowed");
        return (!known(path)).then(|| Weighed::no(Ground::ParameterUnknown, detail()));
    }
    let wrong = fitting.find(|(_, expected)| !expected.matches(value))?;
    Some(Weighed::no(Ground::ParameterMismatch, format!("`{path}` is `{value}`, expected `{}`", wrong.1)))
}

/// Whether somebody who is accepted says which parameters there were.
fn supported(provenance: &Provenance<'_>, stands: &[Stand], least: Option<Voucher>, count: usize) -> Weighed {
    if stands.iter().any(|stand| stand.standing == Standing::Refuted) {
        return Weighed::no(Ground::Contradicted, "the statement is contradicted");
    }
    if stands.iter().all(|stand| stand.supports_by(least)) {
        return Weighed::yes(Ground::ParametersKnown, format!("{count} parameters"));
    }
    match stands.iter().find(|stand| stand.standing == Standing::Verified) {
        Some(stand) => Weighed::missing(
            Ground::VoucherNotAccepted,
            format!("the parameters are vouched for by {}", stand.voucher.word()),
        ),
        None => unverified(provenance.signature),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weighed(path: &str, value: &str, allowed: &[(&str, &str)]) -> Option<&'static str> {
        let allowed: Vec<_> = allowed.iter().map(|(path, value)| (Pattern::new(*path), Pattern::new(*value))).collect();
        let known = |path: &str| path.starts_with("workflow.");
        against(path, value, &allowed.iter().collect::<Vec<_>>(), known).map(|weighed| weighed.reason)
    }

    #[test]
    fn a_parameter_is_known_or_allowed_with_its_value() {
        assert_eq!(weighed("workflow.path", "any", &[]), None);
        assert_eq!(weighed("workflow.path", "x", &[("workflow.path", "y")]), Some("parameter-mismatch"));
        assert_eq!(weighed("inputs.channel", "stable", &[]), Some("parameter-unknown"));
        assert_eq!(weighed("inputs.channel", "stable", &[("inputs.channel", "stable")]), None);
        assert_eq!(weighed("inputs.channel", "nightly", &[("inputs.channel", "stable")]), Some("parameter-mismatch"));
        assert_eq!(weighed("inputs.other", "stable", &[("inputs.channel", "stable")]), Some("parameter-unknown"));
        assert_eq!(weighed("inputs.other", "", &[("inputs.*", "*")]), None);
    }

    #[test]
    fn of_several_that_fit_all_must_hold() {
        let allowed = [("inputs.*", "*"), ("inputs.channel", "stable")];
        assert_eq!(weighed("inputs.channel", "nightly", &allowed), Some("parameter-mismatch"));
    }
}
