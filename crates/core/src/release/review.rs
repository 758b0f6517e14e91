//! Reviews: who wrote a change, who approved it, and of which revision.

use serde::{Deserialize, Serialize};

use super::actor::{Actor, Same};
use crate::registry::Registry;
use crate::time::Time;

/// What a forge says about a change that was merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// The repository that it was merged into.
    pub repository: String,
    /// The commit that a build of it names.
    pub commit: String,
    /// The last commit of the change itself: what an approval must be about.
    pub revision: String,
    /// Everybody who wrote a part of it.
    pub authors: Vec<Actor>,
    /// When it was last changed.
    pub last_change: Option<Time>,
    /// What others said about it.
    pub approvals: Vec<Approval>,
    /// Who merged it.
    pub merged_by: Option<Actor>,
}

/// One approval of a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who approved.
    pub by: Actor,
    /// The commit that was looked at.
    pub revision: Option<String>,
    /// When.
    pub at: Option<Time>,
    /// Whether it was taken back.
    pub dismissed: bool,
}

impl Review {
    /// The approvals that stand: of the last revision, not taken back, by people.
    pub fn standing(&self) -> impl Iterator<Item = &Approval> {
        self.approvals.iter().filter(|approval| self.stands(approval))
    }

    /// What the approver has to do with the authors: one of them, somebody else than all, or nobody knows.
    pub(crate) fn relation(&self, approval: &Approval, registry: &Registry) -> Same {
        Same::worst(self.authors.iter().map(|author| approval.by.is_same_person(author, registry)))
    }

    /// Whether the approval is of the last revision, not taken back, by a person.
    pub(crate) fn stands(&self, approval: &Approval) -> bool {
        let is_late = self.last_change.zip(approval.at).is_none_or(|(change, approval)| change <= approval);
        let is_of_last = approval.revision.as_deref() == Some(self.revision.as_str());
        !approval.dismissed && !approval.by.bot && is_of_last && is_late
    }
}

/// Somebody approved that a reference comes to have a content, before there was a commit with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeApproval {
    /// The branch or tag, fully qualified.
    pub reference: String,
    /// The commit that it pointed to; `None` if there was no such reference.
    pub from: Option<String>,
    /// The tree that it is to have; for a tag the object that it is to point to.
    pub target: String,
    /// Who approved.
    pub by: ApprovedBy,
}

/// Who approved a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ApprovedBy {
    /// Whoever signed the statement.
    Signer,
    /// These accounts, as somebody else states who signed.
    Accounts {
        /// Who approves.
        approvers: Vec<Actor>,
        /// Who took an approval back.
        dismissed: Vec<Actor>,
    },
}

/// The summary of a verifier of sources about a commit (SLSA v1.2, source track: a verification summary whose subject
/// is a commit).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSummary {
    /// The commit.
    pub commit: String,
    /// The references that it was found on, fully qualified.
    pub references: Vec<String>,
    /// What the verifier says.
    pub summary: crate::claim::Summary,
}
