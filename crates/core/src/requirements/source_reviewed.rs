//! `source-reviewed`: somebody else than its authors approved the source that was built.

use std::collections::BTreeSet;

use super::provenance::Provenance;
use super::run::NOTHING_KNOWN;
use super::{
    Choice, Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind, is_vouched_beside,
    signature_of,
};
use crate::claim::{Claim, Fact};
use crate::dossier::Dossier;
use crate::event::Kind;
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::registry::Registry;
use crate::release::actor::{Actor, Principal, Same};
use crate::release::commit::Ancestry;
use crate::release::review::{Approval, ApprovedBy, ChangeApproval, Review};
use crate::time::Time;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "source-reviewed",
    section: Section::Of(Question::Path),
    title: "Somebody else reviewed the source",
    meaning: "The forge says who wrote and who approved the change that the provenance names by its commit. At least \
              one approval is of the last revision, was not taken back, and is by a person who wrote no part of it. \
              Accounts of one owner are one person; bots approve nothing. Approvals that gittuf keeps count beside those \
              of the forge, if the commit is at hand that shows that they are of its content. A commit signature or the \
              name in a commit says nothing of a review.",
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
    let approvers = approvers(context, provenance);
    let also: Vec<_> = approvers.iter().filter(|(_, accepted)| *accepted).map(|(approver, _)| approver).collect();
    let accounts_suffice = setting.is(TWO_ACCOUNTS);
    // A commit may belong to several changes: that one of them was reviewed is enough.
    let said = Said::beside(context, provenance, |claim| match &claim.fact {
        Fact::Reviewed(review) if provenance.names_commit(&review.repository, &review.commit) => {
            let certain = provenance.is_of_commit(&review.repository, &review.commit);
            let also = if certain { also.as_slice() } else { &[] };
            let weighed = Change { review, also, registry: context.registry }.weigh(accounts_suffice);
            (certain || weighed.answer != Answer::Yes).then_some(weighed)
        }
        _ => None,
    });
    let unknown = (Ground::SourceReviewNotKnown, "nothing says how the commit that was built was reviewed");
    let known = said.best().or_else(|| also.first().map(|approver| written_by_nobody(approver)));
    behind(known, setting, unknown).on(provenance.signature.id)
}

/// What is said where only approvals are at hand.
fn written_by_nobody(approver: &Approver<'_>) -> Weighed {
    let detail = format!("approved by {}; nobody says who wrote it", approver.called);
    Weighed::missing(Ground::ReviewersNotKnown, detail)
        .with_fix("obtain what the forge says of the change, too, and give it with --observed")
}

/// Somebody who approved a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Approver<'a> {
    pub(super) principal: Principal<'a>,
    /// The account that approved; none if it was by a signature.
    account: Option<&'a Actor>,
    /// Whether the forge of the repository says so itself.
    of_forge: bool,
    called: String,
}

impl<'a> Approver<'a> {
    /// An account, unless whoever is behind it is compromised.
    fn of_account(account: &'a Actor, at: Option<Time>, of_forge: bool, registry: &'a Registry) -> Option<Self> {
        let (principal, called) = (account.principal(registry), account.called());
        let found = Self { principal, account: Some(account), of_forge, called };
        (!account.is_compromised(registry, at)).then_some(found)
    }

    /// Whoever made a signature, if it may be a person: no pipeline and no key of a service approves anything, nor does one
    /// that signs the artifact as well.
    fn of_signer(context: Context<'a>, signature: &Signature) -> Option<Self> {
        let speaker = context.speaker(signature.id)?;
        let principal = speaker.principal.clone();
        let may_be_person = principal.pipeline.is_none() && speaker.kind.is_none_or(|kind| OF_PEOPLE.contains(&kind));
        let mut signing = context.valid_signatures().map(|(_, other)| other);
        let called = match principal.owner {
            Some(owner) => format!("{owner}, who signed {}", signature.id),
            None => format!("whoever signed {} ({})", signature.id, principal.credential),
        };
        let may_approve = may_be_person && !signing.any(|other| other.is_same(speaker));
        may_approve.then_some(Self { principal, account: None, of_forge: false, called })
    }

    /// What this one has to do with an author.
    fn is_same(&self, author: &Actor, registry: &Registry) -> Same {
        match self.account {
            Some(account) => account.is_same_person(author, registry),
            None => self.principal.is_same(&author.principal(registry)),
        }
    }
}

/// The kinds of identities that people sign with.
const OF_PEOPLE: [Kind; 4] = [Kind::Person, Kind::Openpgp, Kind::Ssh, Kind::GitKey];

/// Approvers of one commit that are looked at. They only support an answer, so that who is beyond it is not missed.
const MAX_APPROVERS: usize = 100;

/// Who approved the commit that was built before it was one, and whether somebody says so whom the relying party named.
pub(super) fn approvers<'a>(context: Context<'a>, provenance: &Provenance<'a>) -> Vec<(Approver<'a>, bool)> {
    let changes = changes(context, provenance);
    let of_accounts = |change: &'a ChangeApproval| match &change.by {
        ApprovedBy::Accounts { approvers, dismissed } => (approvers.as_slice(), dismissed.as_slice()),
        ApprovedBy::Signer => (&[][..], &[][..]),
    };
    // Numbers of accounts are those of one forge; another may have given the same.
    let forge = provenance.forge();
    // Who took an approval back is in a later statement, of which nothing proves that it is later.
    let dismissed: BTreeSet<_> = changes.iter().flat_map(|(_, change)| of_accounts(change).1).map(key_of).collect();
    let mut found: Vec<(Approver<'a>, bool)> = Vec::new();
    for (claim, change) in &changes {
        let accepted = is_vouched_beside(context, provenance, claim);
        let accounts = of_accounts(change)
            .0
            .iter()
            .filter(|by| Some(by.realm.as_str()) == forge && !by.bot && !dismissed.contains(&key_of(by)));
        let accounts = accounts.filter_map(|account| Approver::of_account(account, None, false, context.registry));
        let signer = signature_of(context, claim).filter(|_| change.by == ApprovedBy::Signer);
        let signer = signer.and_then(|signature| Approver::of_signer(context, signature));
        for approver in accounts.chain(signer).map(|approver| (approver, accepted)) {
            if found.len() >= MAX_APPROVERS {
                return found;
            }
            if !found.contains(&approver) {
                found.push(approver);
            }
        }
    }
    found
}

/// What an account is known by in one forge.
fn key_of(account: &Actor) -> &str {
    account.number.as_deref().unwrap_or(&account.name)
}

/// The approved changes that led to the commit that was built.
fn changes<'a>(context: Context<'a>, provenance: &Provenance<'a>) -> Vec<(&'a Claim, &'a ChangeApproval)> {
    let of_claim = |claim: &'a Claim| match &claim.fact {
        Fact::ChangeApproved(change) => Some((claim, change)),
        _ => None,
    };
    let mut said = context.dossier.claims.not_refuted().filter_map(of_claim).peekable();
    let Some(commit) = provenance.commit().filter(|_| said.peek().is_some()) else { return Vec::new() };
    let proven = context.dossier.claims.verified().filter_map(|claim| match &claim.fact {
        Fact::Committed(commit) => Some(commit),
        _ => None,
    });
    let ancestry: Ancestry<'_> = proven.collect();
    let commit = commit.to_ascii_lowercase();
    said.filter(|(_, change)| provenance.may_be_at(&change.reference) && ancestry.is_of(change, &commit)).collect()
}

/// A change that was merged, and who else approved it.
struct Change<'r> {
    review: &'r Review,
    also: &'r [&'r Approver<'r>],
    registry: &'r Registry,
}

impl<'r> Change<'r> {
    fn weigh(&self, accounts_suffice: bool) -> Weighed {
        let Self { review, also, .. } = self;
        let commit = &review.commit;
        if review.authors.is_empty() {
            return Weighed::missing(Ground::ReviewersNotKnown, format!("{commit}: nobody says who wrote it"));
        }
        let of_forge = |it: &'r Approval| Approver::of_account(&it.by, it.at, true, self.registry);
        let standing: Vec<_> = review.standing().filter_map(of_forge).collect();
        let all = standing.iter().map(|approver| (approver, self.relation(approver)));
        let all: Vec<_> = all.chain(also.iter().map(|approver| (*approver, self.relation(approver)))).collect();
        let by = |approver: &Approver<'_>| {
            Weighed::yes(Ground::ReviewedByAnother, format!("{commit}: by {}", approver.called))
        };
        if let Some((approver, _)) = all.iter().find(|(_, same)| *same == Same::No) {
            return by(approver);
        }
        let mut unknown =
            all.iter().filter(|(_, same)| *same == Same::Unknown).map(|(approver, _)| *approver).peekable();
        if let Some(first) = unknown.peek().copied() {
            let another = unknown.find(|approver| self.is_another_account(approver)).filter(|_| accounts_suffice);
            return another.map_or_else(|| self.not_known(first), by);
        }
        not_reviewed(review, all.first().map(|(approver, _)| *approver))
    }

    /// What the approver has to do with the authors: one of them, somebody else than all, or nobody knows.
    fn relation(&self, approver: &Approver<'_>) -> Same {
        Same::worst(self.review.authors.iter().map(|author| approver.is_same(author, self.registry)))
    }

    /// Whether an approval is by another account than each of the authors'. What others state of accounts is of no
    /// repository: it may have been approved in a fork.
    fn is_another_account(&self, approver: &Approver<'_>) -> bool {
        let account = approver.account.filter(|_| approver.of_forge);
        account.is_some_and(|account| self.review.authors.iter().all(|author| account.is_another_account(author)))
    }

    fn not_known(&self, approver: &Approver<'_>) -> Weighed {
        let said = format!("{}: by {}", self.review.commit, approver.called);
        let mut actors = self.review.authors.iter().chain(approver.account);
        match actors.find(|actor| actor.selector().is_none()) {
            Some(nobody) => {
                let detail = format!("{said}; {} is no account that is known by its number", nobody.called());
                Weighed::missing(Ground::ReviewersNotKnown, detail).with_fix(
                    "obtain a release all of whose commits are by accounts, and what the forge's interface says of it",
                )
            }
            None => {
                let fix = match approver.account {
                    Some(_) => "register who is behind the accounts: countersign identity add --forge-account",
                    None => {
                        "register whose key that is, and who is behind the accounts: countersign identity add --key, \
                         --forge-account"
                    }
                };
                Weighed::missing(Ground::ReviewersNotKnown, said).with_fix(fix)
            }
        }
    }
}

fn not_reviewed(review: &Review, own: Option<&Approver<'_>>) -> Weighed {
    let commit = &review.commit;
    let (ground, detail) = match (own, review.approvals.first()) {
        (Some(own), _) => (Ground::ReviewedByAuthor, format!("{commit}: {} wrote a part of it", own.called)),
        (None, Some(old)) => {
            (Ground::ReviewOutdated, format!("{commit}: the approval by {} does not stand", old.by.called()))
        }
        (None, None) => (Ground::NotReviewed, format!("{commit}: nobody approved it")),
    };
    Weighed::no(ground, detail).with_fix("obtain a release whose source somebody else than its authors approved")
}
