//! Claims: the one joint between signature formats and policy.
//!
//! A format says what a signed document claims; examination decides its standing in one place; policy sees
//! nothing else of the document. [`Fact`] is closed, so that a new kind of fact makes the compiler name
//! every place that must know it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::artifact::Digests;
use crate::crypto::Digest;
use crate::evidence::SignatureId;
use crate::exports::ExportId;
use crate::release::act::Act;
use crate::release::actor::Actor;
use crate::release::commit::Commit;
use crate::release::history::PublishedVersion;
use crate::release::push::Push;
use crate::release::released::{Rebuild, ReleasedFile, TagRecord};
use crate::release::review::{ApprovedBy, ChangeApproval, Review, SourceSummary};
use crate::release::run::RunOutcome;
use crate::time::Time;
use crate::tool::ToolResult;

/// One fact that somebody claims about a subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// What is claimed.
    pub fact: Fact,
    /// Who stands behind the fact.
    pub vouched_by: Voucher,
    /// Whether the claim is verified.
    pub standing: Standing,
    /// The digest of the artifact that the claim is about, once it is bound to it.
    pub subject: Option<Digest>,
    /// What it rests on.
    pub evidence: EvidenceId,
}

/// What a claim rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EvidenceId {
    /// The signature over the document that says so.
    Signature(SignatureId),
    /// A document that nobody signed, as a forge, a registry or a tool wrote it.
    Export(ExportId),
}

impl EvidenceId {
    /// The signature, if it is one.
    #[must_use]
    pub const fn signature(self) -> Option<SignatureId> {
        match self {
            Self::Signature(id) => Some(id),
            Self::Export(_) => None,
        }
    }
}

impl From<SignatureId> for EvidenceId {
    fn from(id: SignatureId) -> Self {
        Self::Signature(id)
    }
}

impl PartialEq<SignatureId> for EvidenceId {
    fn eq(&self, other: &SignatureId) -> bool {
        self.signature() == Some(*other)
    }
}

impl std::fmt::Display for EvidenceId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Signature(id) => id.fmt(f),
            Self::Export(id) => id.fmt(f),
        }
    }
}

/// Whether a claim may be relied on. Only verified claims support an answer; others may count against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// Contradicted by better evidence, or by a signature that does not hold.
    Refuted,
    /// Said, but by nobody we accept.
    Asserted,
    /// Said by somebody we accept, in a signature that holds and is about this artifact.
    Verified,
}

impl Standing {
    /// All of them, worst first.
    pub const ALL: [Self; 3] = [Self::Refuted, Self::Asserted, Self::Verified];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Refuted => "refuted",
            Self::Asserted => "asserted",
            Self::Verified => "verified",
        }
    }
}

/// Who stands behind a fact. A policy names the least it accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Voucher {
    /// Written inside the job that it describes: forgeable by whoever controls the job.
    Tenant,
    /// Another tool's result.
    Tool,
    /// A package registry.
    Registry,
    /// A build platform, out of reach of the job's steps.
    Platform,
    /// A transparency log.
    Log,
    /// A certificate authority, in a certificate extension.
    Ca,
    /// A Countersign signing gateway.
    Gateway,
}

impl Voucher {
    /// All of them, least first.
    pub const ALL: [Self; 7] =
        [Self::Tenant, Self::Tool, Self::Registry, Self::Platform, Self::Log, Self::Ca, Self::Gateway];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Tool => "tool",
            Self::Registry => "registry",
            Self::Platform => "platform",
            Self::Log => "log",
            Self::Ca => "ca",
            Self::Gateway => "gateway",
        }
    }
}

/// What can be claimed about a software artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// The artifact was built by this builder.
    BuiltBy {
        /// The builder's identifier (SLSA `builder.id`, or the certificate's build signer URI).
        builder: String,
        /// SLSA `buildType`, where a statement gives it.
        build_type: Option<String>,
        /// What the shipped table of builders says of it; `None` for an unknown builder, and for certificates.
        #[serde(default)]
        graded: Option<Graded>,
    },
    /// It was built from this source.
    BuiltFrom(Source),
    /// This event set off the build.
    TriggeredBy {
        /// The event, such as `push` or `workflow_dispatch`.
        event: String,
    },
    /// The build ran with these external parameters, flattened to dotted paths.
    BuiltWith {
        /// Parameter path to its value as text.
        parameters: BTreeMap<String, String>,
    },
    /// The run that built it.
    BuiltIn {
        /// URI of the run.
        invocation: String,
        /// When it began, if said.
        started: Option<Time>,
        /// When it ended, if said.
        finished: Option<Time>,
    },
    /// The runner was of this class (`github-hosted`, `self-hosted`).
    RanOn {
        /// The class.
        environment: String,
    },
    /// The build used these dependencies.
    DependsOn {
        /// The dependency's URI.
        uri: String,
        /// Its digests, algorithm name to hex.
        digests: BTreeMap<String, String>,
    },
    /// It was published as this package.
    PublishedAs {
        /// Package URL or name.
        package: String,
        /// Version, where given.
        version: Option<String>,
        /// The registry or index.
        registry: Option<String>,
    },
    /// It was released from this repository by this party.
    PublishedBy {
        /// The publisher: workflow, account or registry.
        publisher: String,
    },
    /// A verifier has judged it.
    Summarised(Summary),
    /// A statement of this type exists about it. What it says is read further only where a tool states its result.
    Attested {
        /// The predicate type.
        predicate_type: String,
    },
    /// An identity in the certificate: immutable numbers and URIs of source, owner and workflow.
    WorkflowIdentity(BTreeMap<String, String>),
    /// How a run ended. It is about the run, and concerns an artifact that was built in it.
    RunEnded(RunOutcome),
    /// How a change of the source was reviewed. It is about the commit.
    Reviewed(Review),
    /// A change of the source was approved before it was a commit. It is about the content of one.
    ChangeApproved(ChangeApproval),
    /// A commit has this content and these parents, which its name proves.
    Committed(Commit),
    /// What a verifier of sources says about a commit.
    SourceSummarised(SourceSummary),
    /// A branch or tag was moved to a commit, and what was enforced then.
    Pushed(Push),
    /// Somebody did something for the release of the artifact that it names.
    Acted(Act),
    /// A file was released with these digests.
    Released(ReleasedFile),
    /// Where a tag points, and pointed.
    Tagged(TagRecord),
    /// The same source was built again.
    BuiltAgain(Rebuild),
    /// A version of a package was published.
    PublishedVersion(PublishedVersion),
    /// Another tool looked at it. It is about the digests that the result names, or else about the statement's subject.
    ToolFound(ToolResult),
}

/// What a fact is about.
enum About {
    /// How the artifact was built.
    Build,
    /// Anything else about the artifact.
    Artifact,
    /// A run, a commit or a release behind it.
    WhatIsBehind,
}

/// The names of the facts about what is behind an artifact that somebody may bear witness of.
pub(crate) const RECORDED: [&str; 11] = [
    "run-ended",
    "reviewed",
    "change-approved",
    "source-summarised",
    "pushed",
    "acted",
    "released",
    "tagged",
    "built-again",
    "published-version",
    "tool-found",
];

/// The level that a table of builders grants, never one that a statement claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// The name of the row.
    pub by: String,
    /// The highest SLSA Build level, 0 to 3.
    pub level: u8,
}

/// The verdict of another verifier, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Who judged.
    pub verifier: String,
    /// What was judged: the same bytes may be good as one thing and not as another. A result (SVR) does not say.
    pub resource: Option<String>,
    /// Whether it was found good; a result (SVR) says only what passed.
    pub passed: Option<bool>,
    /// The levels that it reaches, such as `SLSA_BUILD_LEVEL_3`, or the properties that passed.
    pub levels: Vec<String>,
    /// When it was judged.
    pub time: Option<Time>,
    /// Under which policy, or policies with a space between them.
    pub policy: Option<String>,
}

/// Where something was built from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Repository URI, as found.
    pub repository: String,
    /// Fully qualified reference (`refs/tags/v1`), where given.
    pub reference: Option<String>,
    /// Commit, where given.
    pub commit: Option<String>,
    /// The branch that a tag was made from, where the event that set off the build says so.
    #[serde(default)]
    pub branch: Option<String>,
    /// Where in the evidence it was named.
    pub named_in: SourceNamedIn,
}

/// Where in the evidence a source is named. All of them must agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceNamedIn {
    /// A certificate extension.
    Certificate,
    /// The trigger or configuration source of a statement.
    Trigger,
    /// A material or resolved dependency of a statement.
    #[default]
    Material,
}

impl SourceNamedIn {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Certificate, Self::Trigger, Self::Material];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Trigger => "trigger",
            Self::Material => "material",
        }
    }
}

impl Fact {
    /// The kebab-case name of the contract.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::BuiltBy { .. } => "built-by",
            Self::BuiltFrom(_) => "built-from",
            Self::TriggeredBy { .. } => "triggered-by",
            Self::BuiltWith { .. } => "built-with",
            Self::BuiltIn { .. } => "built-in",
            Self::RanOn { .. } => "ran-on",
            Self::DependsOn { .. } => "depends-on",
            Self::PublishedAs { .. } => "published-as",
            Self::PublishedBy { .. } => "published-by",
            Self::Summarised(_) => "summarised",
            Self::Attested { .. } => "attested",
            Self::WorkflowIdentity(_) => "workflow-identity",
            Self::RunEnded(_) => "run-ended",
            Self::Reviewed(_) => "reviewed",
            Self::ChangeApproved(_) => "change-approved",
            Self::Committed(_) => "committed",
            Self::SourceSummarised(_) => "source-summarised",
            Self::Pushed(_) => "pushed",
            Self::Acted(_) => "acted",
            Self::Released(_) => "released",
            Self::Tagged(_) => "tagged",
            Self::BuiltAgain(_) => "built-again",
            Self::PublishedVersion(_) => "published-version",
            Self::ToolFound(_) => "tool-found",
        }
    }

    /// Everybody who did something by this fact.
    pub(crate) fn actors(&self) -> Vec<&Actor> {
        match self {
            Self::Reviewed(review) => {
                let approvers = review.approvals.iter().map(|approval| &approval.by);
                review.authors.iter().chain(approvers).chain(&review.merged_by).collect()
            }
            Self::ChangeApproved(ChangeApproval { by: ApprovedBy::Accounts { approvers, dismissed }, .. }) => {
                approvers.iter().chain(dismissed).collect()
            }
            Self::Pushed(push) => push.by.iter().collect(),
            Self::Acted(act) => vec![&act.by],
            _ => Vec::new(),
        }
    }

    /// The digests of files that it is about, where it names any itself.
    pub(crate) fn digests(&self) -> &[Digest] {
        match self {
            Self::Released(file) => &file.digests,
            Self::PublishedVersion(version) => &version.digests,
            Self::Acted(act) => std::slice::from_ref(&act.digest),
            Self::BuiltAgain(rebuild) => std::slice::from_ref(&rebuild.digest),
            Self::ToolFound(result) => &result.digests,
            _ => &[],
        }
    }

    /// Whether it is about how the artifact was built.
    pub(crate) const fn is_about_build(&self) -> bool {
        matches!(self.about(), About::Build)
    }

    /// Whether it is about the artifact itself. Others are about what is behind it (a run, a commit, a release), and
    /// are joined with it by what verified provenance names.
    #[must_use]
    pub const fn is_about_artifact(&self) -> bool {
        matches!(self.about(), About::Build | About::Artifact)
    }

    const fn about(&self) -> About {
        match self {
            Self::BuiltBy { .. }
            | Self::BuiltFrom(_)
            | Self::TriggeredBy { .. }
            | Self::BuiltWith { .. }
            | Self::BuiltIn { .. }
            | Self::RanOn { .. }
            | Self::DependsOn { .. } => About::Build,
            Self::PublishedAs { .. }
            | Self::PublishedBy { .. }
            | Self::Summarised(_)
            | Self::Attested { .. }
            | Self::WorkflowIdentity(_) => About::Artifact,
            Self::RunEnded(_)
            | Self::Reviewed(_)
            | Self::ChangeApproved(_)
            | Self::Committed(_)
            | Self::SourceSummarised(_)
            | Self::Pushed(_)
            | Self::Acted(_)
            | Self::Released(_)
            | Self::Tagged(_)
            | Self::BuiltAgain(_)
            | Self::PublishedVersion(_)
            | Self::ToolFound(_) => About::WhatIsBehind,
        }
    }

    /// The repository that it is about, where it names one itself.
    pub(crate) fn repository(&self) -> Option<&str> {
        match self {
            Self::Reviewed(review) => Some(&review.repository),
            Self::Pushed(push) => Some(&push.repository),
            Self::Tagged(tag) => Some(&tag.repository),
            Self::BuiltAgain(rebuild) => Some(&rebuild.repository),
            Self::SourceSummarised(said) => said.summary.resource.as_deref(),
            Self::RunEnded(run) => run.invocation.split_once("/actions/runs/").map(|(repository, _)| repository),
            _ => None,
        }
    }

    /// Whether nobody has to vouch for it: it is what its own name is the digest of.
    #[must_use]
    pub const fn proves_itself(&self) -> bool {
        matches!(self, Self::Committed(_))
    }
}

impl Claim {
    /// What a certificate authority vouches for about the workload that signed, by the names of Fulcio's extensions.
    pub(crate) fn certified_workload(&self) -> Option<&BTreeMap<String, String>> {
        match &self.fact {
            Fact::WorkflowIdentity(names) if self.vouched_by == Voucher::Ca => Some(names),
            _ => None,
        }
    }

    /// The result of a tool about the artifact with these digests, if that is what is claimed.
    #[must_use]
    pub fn tool_result(&self, artifact: &Digests) -> Option<&ToolResult> {
        match &self.fact {
            Fact::ToolFound(result) if result.is_about(artifact, self.subject.is_some()) => Some(result),
            _ => None,
        }
    }
}

/// Claims, with the unverified ones out of easy reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Claims(Vec<Claim>);

impl Claims {
    /// Takes claims whose standing has been decided.
    #[must_use]
    pub const fn new(claims: Vec<Claim>) -> Self {
        Self(claims)
    }

    /// The claims that may support an answer.
    pub fn verified(&self) -> impl Iterator<Item = &Claim> {
        self.0.iter().filter(|claim| claim.standing == Standing::Verified)
    }

    /// The claims that something may be concluded from: what the verified ones support, and what any of them says against
    /// the artifact.
    pub fn not_refuted(&self) -> impl Iterator<Item = &Claim> {
        self.0.iter().filter(|claim| claim.standing != Standing::Refuted)
    }

    /// What a certificate authority verifiably vouches for about the workload that made a signature.
    pub(crate) fn certified_workload(&self, signature: SignatureId) -> Option<&BTreeMap<String, String>> {
        self.verified().filter(|claim| claim.evidence == signature).find_map(Claim::certified_workload)
    }

    /// Every claim, to report it or to hold it against the artifact, never to support an answer.
    #[must_use]
    pub fn all(&self) -> &[Claim] {
        &self.0
    }
}
