//! `trigger`: an accepted event set off the build.

use super::provenance::{Provenance, agree};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::claim::Fact;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "trigger",
    section: Section::Of(Question::Path),
    title: "An accepted event set off the build",
    meaning: "The event that set off the build is one of those named, such as `push` or `release`. Events that \
              outsiders can cause (`issue_comment`, `pull_request_target`) do not belong on a release path.",
    shape: Shape::Patterns(&[]),
    judge: Judge::Provenance(judge),
    fix: "find out why this release was set off by another event",
    controls: &[Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-4" }],
};

fn judge(_: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let events =
        provenance.all(|fact| if let Fact::TriggeredBy { event } = fact { Some(event.as_str()) } else { None });
    let fits = |event: &str| setting.patterns().iter().any(|pattern| pattern.matches(event));
    let show = |event: &str| format!("`{event}`");
    agree(provenance, &events, fits, show, (Ground::TriggerAccepted, Ground::TriggerNotAccepted))
}
