//! `source-controls`: the forge enforced what is asked when the commit that was built was pushed.

use super::provenance::Provenance;
use super::{Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind};
use crate::claim::Fact;
use crate::ground::Ground;
use crate::policy::Pattern;
use crate::release::push::Push;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "source-controls",
    section: Section::Of(Question::Path),
    title: "The forge enforced these controls on the source",
    meaning: "Somebody whom you name watched the commit of the provenance being pushed, to the branch that the \
              provenance names if it names one, and states which controls the forge enforced then (`source-provenance` \
              and `tag-provenance` of SLSA's source-tool). Every pattern of the list must fit one of them. What a \
              control lets some bypass, it does not say.",
    shape: Shape::Patterns(&[]),
    judge: Judge::Provenance(judge),
    fix: "obtain the provenance of the source (git notes, `refs/notes/commits`), give it with --evidence, and name its \
          signer under [witnesses]",
    controls: &[
        Control { framework: "SLSA", id: "Source L3" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-1" },
    ],
};

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let unknown = (Ground::SourceControlsNotKnown, "nobody watched the commit that was built being pushed");
    let said = Said::beside(context, provenance, |claim| match &claim.fact {
        Fact::Pushed(push) if is_of(provenance, push) => Some(weigh(push, setting.patterns())),
        _ => None,
    });
    behind(said.best(), setting, unknown).on(provenance.signature.id)
}

/// Whether it is the push of the commit that was built.
fn is_of(provenance: &Provenance<'_>, push: &Push) -> bool {
    provenance.is_of_commit(&push.repository, &push.commit) && provenance.may_be_at(&push.reference)
}

fn weigh(push: &Push, asked: &[Pattern]) -> Weighed {
    let place = format!("{} on `{}`", push.commit, push.reference);
    let is_met = |pattern: &&Pattern| push.in_force().any(|control| pattern.matches(control));
    match asked.iter().find(|pattern| !is_met(pattern)) {
        Some(lacking) => {
            Weighed::no(Ground::SourceControlLacking, format!("{place}: no control fits `{}`", lacking.as_str()))
                .with_fix("obtain a release of a commit that was pushed under these controls")
        }
        None => Weighed::yes(Ground::SourceControlled, place),
    }
}
