//! What is behind the artifact, as others than its builder recorded it: the runs that made it, how its source was
//! reviewed, who did what for its release, and what tools found.
//!
//! It stands here only if it concerns the artifact (by what verified provenance names, or by a digest) and if the
//! relying party named whoever says so. Anything else is in `asserted`.

use super::shape::{OneOf, Texts, WordSet, records};
use crate::artifact::is_among;
use crate::claim::{Claim, Fact, Voucher};
use crate::release::act::{Act, Duty as Kind};
use crate::release::actor::{Actor as Account, Same};
use crate::release::review::{Approval as Approved, Review as Reviewed};
use crate::release::run::{Conclusion, RunId, RunOutcome};
use crate::reports::words::Word;
use crate::requirements::{Context, Provenance, is_vouched_beside, is_vouched_for, runs_named_by};
use crate::time::Time;
use crate::tool::{ToolKind, ToolOutcome, ToolResult, ToolSeverity};

records! {
    /// How a run ended that a provenance names, as somebody recorded it. One entry for each provenance that names it.
    Run<'a> = "Run" {
        /// What says so: a signature, or a document that the relying party obtained (`export-0`).
        evidence: String,
        /// The signature of the provenance that names the run.
        provenance: String,
        /// URI of the run, with its attempt where that is known.
        invocation: &'a str,
        /// How it ended.
        conclusion: Word<Conclusion>,
        /// The event that set it off.
        event: Option<&'a str>,
        /// Whether what ran was of another repository: code that outsiders write.
        from_fork: Option<bool>,
        /// The account that set it off, as the forge calls it.
        actor: Option<&'a str>,
        /// The commit that it ran on.
        commit: Option<&'a str>,
        /// When it ended.
        ended: Option<Time>,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }

    /// How the change was reviewed that made the commit which a provenance names. One entry for each such provenance.
    Review<'a> = "Review" {
        /// What says so.
        evidence: String,
        /// The signature of the provenance that names the commit.
        provenance: String,
        /// The repository that it was merged into.
        repository: &'a str,
        /// The commit.
        commit: &'a str,
        /// The last commit of the change itself.
        revision: &'a str,
        /// Everybody who wrote a part of it.
        authors: Vec<Actor<'a>>,
        /// When it was last changed.
        last_change: Option<Time>,
        /// What others said about it.
        approvals: Vec<Approval<'a>>,
        /// Who merged it.
        merged_by: Option<Actor<'a>>,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }

    /// One approval of a change.
    Approval<'a> = "Approval" {
        /// Who approved.
        by: Actor<'a>,
        /// Whether that is one of the authors, as far as the registry knows who is behind the accounts.
        by_author: OneOf<Relations>,
        /// Whether it stands: of the last revision, not taken back, by a person.
        stands: bool,
        /// The commit that was looked at.
        revision: Option<&'a str>,
        /// When.
        at: Option<Time>,
        /// Whether it was taken back.
        dismissed: bool,
    }

    /// An account of a forge or of a provider of identities.
    Actor<'a> = "Actor" {
        /// The forge or provider that knows it, such as `https://github.com`.
        realm: &'a str,
        /// The number that the realm never gives to another.
        number: Option<&'a str>,
        /// What the realm calls it, which it can give to another.
        name: &'a str,
        /// Whether it is no person.
        bot: bool,
    }

    /// Something that somebody did for the release of this artifact.
    Duty<'a> = "Act" {
        /// What says so.
        evidence: String,
        /// What was done.
        duty: Word<Kind>,
        /// Who did it.
        by: Actor<'a>,
        /// When, by the clock of whoever recorded it.
        at: Option<Time>,
        /// Whether it was done under the rules for emergencies.
        emergency: bool,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }

    /// What a tool says about these bytes.
    Tool<'a> = "Tool" {
        /// What says so.
        evidence: String,
        /// The tool, as it names itself.
        tool: &'a str,
        /// Its version.
        version: Option<&'a str>,
        /// What it looked at.
        kind: Word<ToolKind>,
        /// What came of it.
        outcome: Word<ToolOutcome>,
        /// When; the older of the result and of the database that it rests on.
        at: Option<Time>,
        /// Whether a newer result of the same tool and kind is at hand.
        superseded: bool,
        /// How much was found, by severity.
        found: Severities,
        /// The result in one line.
        summary: &'a str,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }

    /// How much a tool found, by severity.
    Severities = "Severities" {
        /// CVSS 9.0 and more.
        critical: i64,
        /// CVSS 7.0 to 8.9; *important*, *error*.
        high: i64,
        /// CVSS 4.0 to 6.9; *moderate*, *warning*.
        medium: i64,
        /// CVSS below 4.0; *negligible*, *note*.
        low: i64,
        /// The tool does not say how bad it is.
        unknown: i64,
    }

    /// Anything else that is recorded: what was released, where tags point, rebuilds, the history of the package, what
    /// a verifier says of a source. Whether it concerns the artifact is for the rule to judge.
    Record<'a> = "Record" {
        /// What says so.
        evidence: String,
        /// What kind of fact it is.
        fact: &'a str,
        /// The fact: its parts by dotted path.
        value: Texts<'a>,
        /// Who stands behind it.
        vouched_by: Word<Voucher>,
    }
}

/// What is recorded, and the verified provenances that join it with the artifact.
pub(super) struct Behind<'a, 'p> {
    pub(super) context: Context<'a>,
    pub(super) provenances: &'p [Provenance<'a>],
}

impl<'a> Behind<'a, '_> {
    /// What somebody recorded whom the relying party named.
    fn vouched(&self) -> impl Iterator<Item = &'a Claim> + '_ {
        let context = self.context;
        let behind = context.dossier.claims.verified().filter(|claim| !claim.fact.is_about_artifact());
        behind.filter(move |claim| is_vouched_for(context, claim))
    }

    /// Whether it stands in one of these groups.
    pub(super) fn holds(&self, claim: &'a Claim) -> bool {
        is_vouched_for(self.context, claim)
            && match &claim.fact {
                Fact::RunEnded(run) => self.beside(claim).any(|provenance| is_run_of(provenance, run)),
                Fact::Reviewed(review) => self.beside(claim).any(|provenance| is_review_of(provenance, review)),
                Fact::Acted(act) => self.concerns(act),
                Fact::ToolFound(_) => self.result(claim).is_some(),
                fact => is_other(fact),
            }
    }

    /// The provenances of which this claim may say something: nobody bears witness to the own build.
    fn beside<'s>(&'s self, claim: &'s Claim) -> impl Iterator<Item = &'s Provenance<'a>> {
        self.provenances.iter().filter(|provenance| is_vouched_beside(self.context, provenance, claim))
    }

    pub(super) fn runs(&self) -> Vec<Run<'a>> {
        let run = |claim: &'a Claim| if let Fact::RunEnded(run) = &claim.fact { Some((claim, run)) } else { None };
        let named = |(claim, run)| {
            let naming = self.beside(claim).filter(move |provenance| is_run_of(provenance, run));
            naming.map(move |provenance| Run::of(claim, run, provenance))
        };
        self.vouched().filter_map(run).flat_map(named).collect()
    }

    pub(super) fn reviews(&self) -> Vec<Review<'a>> {
        let review = |claim: &'a Claim| if let Fact::Reviewed(it) = &claim.fact { Some((claim, it)) } else { None };
        let named = |(claim, review)| {
            let naming = self.beside(claim).filter(move |provenance| is_review_of(provenance, review));
            naming.map(move |provenance| Review::of(claim, review, provenance, self.context))
        };
        self.vouched().filter_map(review).flat_map(named).collect()
    }

    pub(super) fn duties(&self) -> Vec<Duty<'a>> {
        let duty = |claim: &'a Claim| match &claim.fact {
            Fact::Acted(act) if self.concerns(act) => Some(Duty::of(claim, act)),
            _ => None,
        };
        self.vouched().filter_map(duty).collect()
    }

    pub(super) fn tools(&self) -> Vec<Tool<'a>> {
        let results: Vec<_> = self.vouched().filter_map(|claim| Some((claim, self.result(claim)?))).collect();
        let newest = newest_of_each(&results);
        // What speaks against the artifact without a date is superseded by nothing.
        let is_open = |result: &ToolResult| result.at.is_none() && result.outcome.speaks_for() == Some(false);
        let superseded = |result: &ToolResult| {
            !is_open(result)
                && newest.get(&(result.tool.as_str(), result.kind)).is_some_and(|newest| *newest > result.at)
        };
        results.iter().map(|(claim, result)| Tool::of(claim, result, superseded(result))).collect()
    }

    pub(super) fn records(&self) -> Vec<Record<'a>> {
        self.vouched().filter(|claim| is_other(&claim.fact)).map(Record::of).collect()
    }

    fn concerns(&self, act: &Act) -> bool {
        is_among(&self.context.dossier.artifact.digests, std::slice::from_ref(&act.digest))
    }

    fn result(&self, claim: &'a Claim) -> Option<&'a ToolResult> {
        claim.tool_result(&self.context.dossier.artifact.digests)
    }
}

/// Whether it stands under `records`, having no group of its own.
fn is_other(fact: &Fact) -> bool {
    let has_group = matches!(fact, Fact::RunEnded(_) | Fact::Reviewed(_) | Fact::Acted(_) | Fact::ToolFound(_));
    !fact.is_about_artifact() && !has_group
}

/// Whether the provenance names this run for certain, and not perhaps another attempt of it.
fn is_run_of(provenance: &Provenance<'_>, run: &RunOutcome) -> bool {
    let id = RunId::of(&run.invocation, None);
    runs_named_by(provenance).iter().any(|named| named.is(&id))
}

fn is_review_of(provenance: &Provenance<'_>, review: &Reviewed) -> bool {
    provenance.is_of_commit(&review.repository, &review.commit)
}

type Newest<'a> = std::collections::BTreeMap<(&'a str, ToolKind), Option<Time>>;

fn newest_of_each<'a>(results: &[(&'a Claim, &'a ToolResult)]) -> Newest<'a> {
    let mut newest = Newest::new();
    for (_, result) in results {
        let known = newest.entry((result.tool.as_str(), result.kind)).or_insert(result.at);
        *known = (*known).max(result.at);
    }
    newest
}

impl<'a> Run<'a> {
    fn of(claim: &Claim, run: &'a RunOutcome, provenance: &Provenance<'_>) -> Self {
        Self {
            evidence: claim.evidence.to_string(),
            provenance: provenance.signature.id.to_string(),
            invocation: &run.invocation,
            conclusion: Word(run.conclusion),
            event: run.event.as_deref(),
            from_fork: run.from_fork,
            actor: run.actor.as_deref(),
            commit: run.commit.as_deref(),
            ended: run.ended,
            vouched_by: Word(claim.vouched_by),
        }
    }
}

impl<'a> Review<'a> {
    fn of(claim: &Claim, review: &'a Reviewed, provenance: &Provenance<'_>, context: Context<'_>) -> Self {
        let approval = |approval| Approval::of(approval, review, context);
        Self {
            evidence: claim.evidence.to_string(),
            provenance: provenance.signature.id.to_string(),
            repository: &review.repository,
            commit: &review.commit,
            revision: &review.revision,
            authors: review.authors.iter().map(Actor::of).collect(),
            last_change: review.last_change,
            approvals: review.approvals.iter().map(approval).collect(),
            merged_by: review.merged_by.as_ref().map(Actor::of),
            vouched_by: Word(claim.vouched_by),
        }
    }
}

impl<'a> Approval<'a> {
    fn of(approval: &'a Approved, review: &Reviewed, context: Context<'_>) -> Self {
        Self {
            by: Actor::of(&approval.by),
            by_author: OneOf::new(match review.relation(approval, context.registry) {
                Same::Yes(_) => "yes",
                Same::No => "no",
                Same::Unknown => "not-known",
            }),
            stands: review.stands(approval),
            revision: approval.revision.as_deref(),
            at: approval.at,
            dismissed: approval.dismissed,
        }
    }
}

impl<'a> Actor<'a> {
    fn of(account: &'a Account) -> Self {
        Self { realm: &account.realm, number: account.number.as_deref(), name: &account.name, bot: account.bot }
    }
}

impl<'a> Duty<'a> {
    fn of(claim: &Claim, act: &'a Act) -> Self {
        Self {
            evidence: claim.evidence.to_string(),
            duty: Word(act.duty),
            by: Actor::of(&act.by),
            at: act.at,
            emergency: act.emergency,
            vouched_by: Word(claim.vouched_by),
        }
    }
}

impl<'a> Tool<'a> {
    fn of(claim: &Claim, result: &'a ToolResult, superseded: bool) -> Self {
        Self {
            evidence: claim.evidence.to_string(),
            tool: &result.tool,
            version: result.version.as_deref(),
            kind: Word(result.kind),
            outcome: Word(result.outcome),
            at: result.at,
            superseded,
            found: Severities::of(result),
            summary: &result.summary,
            vouched_by: Word(claim.vouched_by),
        }
    }
}

impl Severities {
    fn of(result: &ToolResult) -> Self {
        let count = |severity| {
            let count = result.severities.get(&severity).copied().unwrap_or(0);
            i64::try_from(count).unwrap_or(i64::MAX)
        };
        Self {
            critical: count(ToolSeverity::Critical),
            high: count(ToolSeverity::High),
            medium: count(ToolSeverity::Medium),
            low: count(ToolSeverity::Low),
            unknown: count(ToolSeverity::Unknown),
        }
    }
}

impl<'a> Record<'a> {
    fn of(claim: &'a Claim) -> Self {
        Self {
            evidence: claim.evidence.to_string(),
            fact: claim.fact.name(),
            value: super::asserted::parts(&crate::reports::fact_value(&claim.fact)),
            vouched_by: Word(claim.vouched_by),
        }
    }
}

/// Whether one is another.
#[derive(Clone, Debug)]
pub(super) enum Relations {}

impl WordSet for Relations {
    const NAME: &'static str = "Relation";

    fn words() -> Vec<&'static str> {
        vec!["yes", "no", "not-known"]
    }
}
