//! `runner`: the build ran on an accepted class of runner.

use super::provenance::{Provenance, agree};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::claim::Fact;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "runner",
    section: Section::Of(Question::Path),
    title: "The build ran on an accepted runner",
    meaning: "The class of the runner is one of those named, such as `github-hosted`. Certificates from before \
              2023 do not say it: then it is not established.",
    shape: Shape::Patterns(&[]),
    judge: Judge::Provenance(judge),
    fix: "obtain a release that was built on an accepted runner",
    controls: &[
        Control { framework: "SLSA", id: "Build L2" },
        Control { framework: "OWASP NHI Top 10", id: "NHI8:2025" },
    ],
};

fn judge(_: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let runners =
        provenance.all(|fact| if let Fact::RanOn { environment } = fact { Some(environment.as_str()) } else { None });
    let fits = |runner: &str| setting.patterns().iter().any(|pattern| pattern.matches(runner));
    let show = |runner: &str| format!("`{runner}`");
    agree(provenance, &runners, fits, show, (Ground::RunnerAccepted, Ground::RunnerNotAccepted))
}
