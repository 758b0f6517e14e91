//! The run that built an artifact: how it ended, and who set it off.
//!
//! Valid provenance says that a workflow ran, not that it ended well: in May 2026, 84 npm artifacts with genuine
//! provenance came out of runs that had failed. The forge knows how a run ended; the number of the run joins what it
//! says with the provenance.

use serde::{Deserialize, Serialize};

use crate::event::field::words;
use crate::time::Time;

words! {
    /// How a run ended.
    Conclusion {
        /// It did what it should.
        Success = "success",
        /// Something in it failed.
        Failure = "failure",
        /// Somebody stopped it.
        Cancelled = "cancelled",
        /// It took too long.
        TimedOut = "timed-out",
        /// It has not ended yet.
        NotYet = "not-yet",
        /// Something else, of which nothing follows.
        Other = "other",
    }
}

/// What somebody says about a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunOutcome {
    /// URI of the run, with its attempt where that is known.
    pub invocation: String,
    /// How it ended.
    pub conclusion: Conclusion,
    /// The event that set it off.
    pub event: Option<String>,
    /// Whether what ran was of another repository: code that outsiders write.
    pub from_fork: Option<bool>,
    /// The account that set it off, as the forge calls it.
    pub actor: Option<String>,
    /// The commit that it ran on.
    pub commit: Option<String>,
    /// When it ended, if it has.
    pub ended: Option<Time>,
}

/// Events that anybody can cause who has an account at the forge, and that run with the rights of the repository.
const OF_OUTSIDERS: [&str; 9] = [
    "discussion",
    "discussion_comment",
    "fork",
    "issue_comment",
    "issues",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "watch",
];

/// Whether an event that sets off a run can be caused by outsiders.
#[must_use]
pub fn is_of_outsiders(event: &str) -> bool {
    OF_OUTSIDERS.contains(&event)
}

/// The name of a run, so that two documents about one run can be joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId {
    /// What stays the same over all attempts.
    run: String,
    /// Which attempt it is, from 1, if that is said.
    attempt: Option<u64>,
}

impl RunId {
    /// The run of this name. GitHub's old provenance names it `NUMBER-ATTEMPT`, other provenance by its number alone,
    /// which mean something only together with the repository.
    #[must_use]
    pub fn of(invocation: &str, repository: Option<&str>) -> Self {
        let invocation = invocation.trim_end_matches('/');
        if let Some((run, attempt)) = invocation.split_once("/attempts/") {
            return Self { run: run.to_owned(), attempt: attempt.parse().ok() };
        }
        let (run, attempt) = invocation.split_once('-').map_or((invocation, None), |(run, of)| (run, Some(of)));
        let bare = number(run).filter(|_| attempt.is_none_or(|attempt| number(attempt).is_some()));
        match (bare, repository) {
            (Some(run), Some(repository)) => {
                Self { run: format!("{repository}/actions/runs/{run}"), attempt: attempt.and_then(number) }
            }
            _ => Self { run: invocation.to_owned(), attempt: None },
        }
    }

    /// Whether both may name one run: what is said against the one counts against the other.
    #[must_use]
    pub fn may_be(&self, other: &Self) -> bool {
        let differ = |(one, two)| one != two;
        self.run == other.run && !self.attempt.zip(other.attempt).is_some_and(differ)
    }

    /// Whether both name one run for certain: a run is not meant by the name of all of its attempts once there is a
    /// second one.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        const FIRST: u64 = 1;
        self.run == other.run && self.attempt.unwrap_or(FIRST) == other.attempt.unwrap_or(FIRST)
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "https://github.com/o/r/actions/runs/7";

    #[test]
    fn attempts_of_one_run_are_told_apart() {
        let of = |text: &str| RunId::of(text, Some("https://github.com/o/r"));
        let (first, second, bare) = (of(&format!("{RUN}/attempts/1")), of(&format!("{RUN}/attempts/2")), of(RUN));
        assert!(first.is(&bare) && bare.is(&first) && first.may_be(&bare));
        assert!(!second.is(&bare) && second.may_be(&bare));
        assert!(!first.is(&second) && !first.may_be(&second));
        assert!(of("7-2").is(&second) && of(&format!("{RUN}/attempts/2/")).is(&second));
        assert!(of("7").may_be(&second) && of("7").is(&first) && !of("7").is(&second) && !of("8").may_be(&second));
        assert!(!of("").may_be(&first) && !of("7-").may_be(&first) && !of("-7").may_be(&first));
        assert!(!of("https://github.com/o/r/actions/runs/71").may_be(&first));
        assert!(!RunId::of("7-2", None).may_be(&second));
        assert!(!RunId::of(&format!("{RUN}/attempts/x"), None).is(&second));
    }

    #[test]
    fn events_of_outsiders_are_known() {
        assert!(is_of_outsiders("issue_comment") && is_of_outsiders("pull_request_target"));
        for own in ["push", "release", "workflow_dispatch", "schedule", "Issue_comment"] {
            assert!(!is_of_outsiders(own), "{own}");
        }
    }
}
