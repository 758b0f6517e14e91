//! `tag-unmoved`: the tag that was built points where it pointed then.

use super::provenance::Provenance;
use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind};
use crate::claim::Fact;
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::provenance::bare_repository;
use crate::release::released::TagRecord;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "tag-unmoved",
    section: Section::Of(Question::Path),
    title: "The tag was not moved",
    meaning: "What is recorded of the tag that the provenance names says that it points to the commit that was built, \
              and never pointed to another, unless it is meant to move. Who can move a tag can put other code behind a \
              version that users know.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Provenance(judge),
    fix: "record where the tag points and pointed, and give it with --observed (docs/release-path.md)",
    controls: &[
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" },
        Control { framework: "NIST SSDF SP 800-218", id: "PS.1.1" },
    ],
};

/// Whether something is at hand that could speak against the tag.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| matches!(claim.fact, Fact::Tagged(_)))
}

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let sources = provenance.sources();
    let is_of = |tag: &TagRecord| {
        sources.iter().any(|(_, source)| {
            source.reference.as_deref() == Some(tag.tag.as_str())
                && bare_repository(&source.repository) == bare_repository(&tag.repository)
        })
    };
    let unknown = (Ground::TagNotKnown, "nothing says where the tag points");
    let said = Said::beside(context, provenance, |claim| match &claim.fact {
        Fact::Tagged(tag) if is_of(tag) => Some(weigh(provenance, tag)),
        _ => None,
    });
    behind(said.unopposed(), setting, unknown).on(provenance.signature.id)
}

fn weigh(provenance: &Provenance<'_>, tag: &TagRecord) -> Weighed {
    let detail = format!("`{}` points to {}", tag.tag, tag.commit);
    let moved = |detail: String| {
        Weighed::no(Ground::TagMoved, detail)
            .with_fix("obtain a release of a tag that was not moved; ask the publisher why it was")
    };
    if tag.floating {
        return Weighed::yes(Ground::TagUnmoved, format!("{detail}; it is meant to move"));
    }
    if !tag.before.is_empty() {
        return moved(format!("{detail}, and pointed elsewhere"));
    }
    if provenance.is_of_commit(&tag.repository, &tag.commit) {
        return Weighed::yes(Ground::TagUnmoved, detail);
    }
    let names_none = provenance.sources().iter().all(|(_, source)| source.commit.is_none());
    if names_none || provenance.names_commit(&tag.repository, &tag.commit) {
        return Weighed::missing(
            Ground::TagNotKnown,
            format!("{detail}; the provenance does not say which commit it is of"),
        );
    }
    moved(format!("{detail}, the provenance names another commit"))
}
