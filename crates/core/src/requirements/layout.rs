//! `layout`: every step of the release was made by those who may, as an in-toto layout says.

use super::{AS_GIVEN, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::Need;
use crate::ground::Ground;
use crate::in_toto::{LayoutProblem, LayoutProblemKind as Kind, LayoutReport};
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(crate) static ENTRY: Requirement = Requirement {
    id: "layout",
    section: Section::Of(Question::Path),
    title: "The in-toto layout was followed",
    meaning: "The layout given with `--layout` is signed by all of its owners and in force; enough of its \
              functionaries vouch for every step; every step took and made what its rules say; and the artifact is \
              a product of the last step. The commands of inspections are never run: a layout with inspections is at \
              best not established.",
    shape: Shape::Word(&[AS_GIVEN]),
    judge: Judge::Artifact(judge),
    fix: "give the layout with --layout, its owners' keys with --layout-key and the links with --evidence",
    controls: &[
        Control { framework: "NIST SSDF SP 800-218", id: "PS.3.2" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" },
    ],
};

fn judge(context: Context<'_>, _: &Setting) -> Weighed {
    match &context.dossier.layout {
        Some(report) => weigh(report),
        None => Weighed::missing(Ground::NoLayout, "no layout was given"),
    }
}

/// The worst problem decides; of several equally bad ones the first.
pub(crate) fn weigh(report: &LayoutReport) -> Weighed {
    let against = |problem: &&LayoutProblem| answer(problem.kind);
    let Some(worst) = report.problems.iter().min_by_key(against) else {
        let steps = report.steps.join("`, `");
        return Weighed::yes(Ground::LayoutFollowed, format!("{}: steps `{steps}`", report.source));
    };
    Weighed::new(answer(worst.kind), word(worst.kind), format!("{}: {}", report.source, worst.detail))
}

/// What is missing is not established; what speaks against the release is a *no*.
const fn answer(kind: Kind) -> Answer {
    match kind {
        Kind::Expired | Kind::RuleViolated | Kind::NotTheProduct => Answer::No,
        Kind::NotSignedByOwner | Kind::StepNotProven | Kind::InspectionNotRun | Kind::Limit => Answer::NotEstablished,
    }
}

const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::NotSignedByOwner => Ground::LayoutNotSigned.word(),
        Kind::Expired => Ground::LayoutExpired.word(),
        Kind::StepNotProven => Ground::LayoutStepNotProven.word(),
        Kind::RuleViolated => Ground::LayoutRuleViolated.word(),
        Kind::NotTheProduct => Ground::NotTheProduct.word(),
        Kind::InspectionNotRun => Ground::InspectionNotRun.word(),
        Kind::Limit => Need::Limit.word(),
    }
}
