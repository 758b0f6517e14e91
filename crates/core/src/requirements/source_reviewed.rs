//! `source-reviewed`: somebody else than its authors approved the source that was built.

use super::provenance::Provenance;
use super::run::NOTHING_KNOWN;
use super::{Choice, Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind};
use crate::claim::Fact;
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::registry::Registry;
use crate::release::actor::Same;
use crate::release::review::{Approval, Review};
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "source-reviewed",
    section: Section::Of(Question::Path),
    title: "Somebody else reviewed the source",
    meaning: "The forge says who wrote and who approved the change that the provenance names by its commit. At least \
              one approval is of the last revision, was not taken back, and is by a person who wrote no part of it. \
              Accounts of one owner are one person; bots approve nothing. A commit signature or the name in a commit \
              says nothing of a review.",
    shape: Shape::Word(&[
        Choice {
            word: "two-party",
            meaning: "the registry must say that approver and authors are different people (`identity add \
                      --forge-account`)",
        },
        Choice {
            word: TWO_ACCOUNTS,
            meaning: "different accounts are enough where the registry does not know who is behind them; all of them \
                      must be known by their numbers, and commits of addresses without an account are nobody's",
        },
        NOTHING_KNOWN,
    ]),
    judge: Judge::Provenance(judge),
    fix: "obtain what the forge says of the change and give it with --observed (docs/release-path.md)",
    controls: &[
        Control { framework: "SLSA", id: "Source L4" },
        Control { framework: "NIST SSDF SP 800-218", id: "RV.1.2" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-1" },
    ],
};

const TWO_ACCOUNTS: &str = "two-accounts";

/// Whether something is at hand that could speak against a review.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| matches!(claim.fact, Fact::Reviewed(_)))
}

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let unknown = (Ground::SourceReviewNotKnown, "nothing says how the commit that was built was reviewed");
    // A commit may belong to several changes: that one of them was reviewed is enough.
    let said = Said::beside(context, provenance, |claim| match &claim.fact {
        Fact::Reviewed(review) if provenance.names_commit(&review.repository, &review.commit) => {
            let weighed = weigh(review, context.registry, setting.is(TWO_ACCOUNTS));
            let certain = provenance.is_of_commit(&review.repository, &review.commit);
            (certain || weighed.answer != Answer::Yes).then_some(weighed)
        }
        _ => None,
    });
    behind(said.best(), setting, unknown).on(provenance.signature.id)
}

fn weigh(review: &Review, registry: &Registry, accounts_suffice: bool) -> Weighed {
    let commit = &review.commit;
    if review.authors.is_empty() {
        return Weighed::missing(Ground::ReviewersNotKnown, format!("{commit}: nobody says who wrote it"));
    }
    let relations: Vec<_> = review.standing().map(|approval| (approval, review.relation(approval, registry))).collect();
    let found =
        |wanted: fn(Same) -> bool| relations.iter().find(|(_, same)| wanted(*same)).map(|(approval, _)| approval);
    if let Some(approval) = found(|same| same == Same::No) {
        return Weighed::yes(Ground::ReviewedByAnother, format!("{commit}: by {}", approval.by.called()));
    }
    if let Some(approval) = found(|same| same == Same::Unknown) {
        let by_accounts = || {
            let unknown = relations.iter().filter(|(_, same)| *same == Same::Unknown);
            unknown.map(|(approval, _)| *approval).find(|approval| is_by_another_account(review, approval))
        };
        return match by_accounts().filter(|_| accounts_suffice) {
            Some(approval) => Weighed::yes(Ground::ReviewedByAnother, format!("{commit}: by {}", approval.by.called())),
            None => not_known(review, approval),
        };
    }
    not_reviewed(review, relations.first().map(|(approval, _)| *approval))
}

/// Whether an approval is by another account than each of the authors'.
fn is_by_another_account(review: &Review, approval: &Approval) -> bool {
    review.authors.iter().all(|author| approval.by.is_another_account(author))
}

fn not_known(review: &Review, approval: &Approval) -> Weighed {
    let said = format!("{}: by {}", review.commit, approval.by.called());
    let by_nobody = review.authors.iter().chain([&approval.by]).find(|actor| actor.selector().is_none());
    match by_nobody {
        Some(nobody) => {
            let detail = format!("{said}; {} is no account that is known by its number", nobody.called());
            Weighed::missing(Ground::ReviewersNotKnown, detail).with_fix(
                "obtain a release all of whose commits are by accounts, and what the forge's interface says of it",
            )
        }
        None => Weighed::missing(Ground::ReviewersNotKnown, said)
            .with_fix("register who is behind the accounts: countersign identity add --forge-account"),
    }
}

fn not_reviewed(review: &Review, own: Option<&Approval>) -> Weighed {
    let commit = &review.commit;
    let (ground, detail) = match (own, review.approvals.first()) {
        (Some(own), _) => (Ground::ReviewedByAuthor, format!("{commit}: {} wrote a part of it", own.by.called())),
        (None, Some(old)) => {
            (Ground::ReviewOutdated, format!("{commit}: the approval by {} does not stand", old.by.called()))
        }
        (None, None) => (Ground::NotReviewed, format!("{commit}: nobody approved it")),
    };
    Weighed::no(ground, detail).with_fix("obtain a release whose source somebody else than its authors approved")
}
