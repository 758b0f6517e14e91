//! `inputs`: the build was started with the expected inputs.

use std::collections::BTreeMap;

use super::provenance::{Provenance, Stand, agree};
use super::{AS_GIVEN, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::claim::Fact;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "inputs",
    section: Section::Of(Question::Path),
    title: "The build was started with the expected inputs",
    meaning: "Every input that is named on the command line has the named value in the provenance.",
    shape: Shape::Word(&[AS_GIVEN]),
    judge: Judge::Provenance(judge),
    fix: "say which inputs are expected: --workflow-input NAME=VALUE",
    controls: &[Control { framework: "S2C2F", id: "AUD-1" }],
};

fn judge(context: Context<'_>, provenance: &Provenance<'_>, _: &Setting) -> Weighed {
    let parameters =
        provenance.all(|fact| if let Fact::BuiltWith { parameters } = fact { Some(parameters) } else { None });
    let wanted = context.expectations.workflow_inputs.iter();
    let weighed = wanted.map(|(name, value)| weigh(provenance, &parameters, name, value));
    let worst = weighed.min_by_key(|weighed| weighed.answer);
    worst.unwrap_or_else(|| Weighed::missing(Ground::InputsNotSaid, "").on(provenance.signature.id))
}

fn weigh(
    provenance: &Provenance<'_>,
    parameters: &[(Stand, &BTreeMap<String, String>)],
    name: &str,
    expected: &str,
) -> Weighed {
    let named: Vec<(Stand, Option<&str>)> =
        parameters.iter().map(|(stand, parameters)| (*stand, input(parameters, name))).collect();
    let show = |value: Option<&str>| match value {
        Some(value) => format!("`{name}` is `{value}`"),
        None => format!("`{name}` is not among the inputs"),
    };
    agree(provenance, &named, |value| value == Some(expected), show, (Ground::InputsMatch, Ground::InputsMismatch))
}

/// The value of an input, under the path that the build type keeps inputs at.
fn input<'a>(parameters: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    let is_it = |path: &str| {
        let parent = path.strip_suffix(name).and_then(|parent| parent.strip_suffix('.'));
        parent.is_some_and(|parent| parent == "inputs" || parent.ends_with(".inputs"))
    };
    parameters.iter().find(|(path, _)| is_it(path)).map(|(_, value)| value.as_str())
}
