//! What GitHub says about runs: `gh api repos/OWNER/REPO/actions/runs/ID` (or the list of runs), and
//! `gh run view ID --json …` (<https://docs.github.com/en/rest/actions/workflow-runs>).

use super::{ExportFormat, MANY, Reader, at_most, has, instant, text};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::release::run::{Conclusion, RunOutcome};

/// Runs as the interface of the forge writes them.
pub(super) static RUN: ExportFormat =
    ExportFormat { id: "github-run", reader: Reader::Json { detect: is_run, read: runs }, voucher: Voucher::Platform };

/// Runs as the command line of the forge writes them.
pub(super) static RUN_VIEW: ExportFormat = ExportFormat {
    id: "github-run-view",
    reader: Reader::Json { detect: is_view, read: view },
    voucher: Voucher::Platform,
};

fn is_run(document: &Json) -> bool {
    has(document, &["workflow_runs"]) || has(document, &["run_attempt", "html_url", "status", "head_sha"])
}

fn is_view(document: &Json) -> bool {
    has(document, &["url", "conclusion", "status", "headSha"])
}

fn runs(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    match document.optional("workflow_runs")? {
        Some(_) => at_most(document, "workflow_runs", MANY)?.iter().map(run).collect(),
        None => Ok(vec![run(document)?]),
    }
}

fn run(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    let run = run_of(place.field("html_url")?.text()?);
    let attempt = place.field("run_attempt")?.integer()?;
    let actor = place.optional("triggering_actor")?.or(place.optional("actor")?);
    let conclusion = conclusion(&text(place, "status")?, &text(place, "conclusion")?);
    Ok(Fact::RunEnded(RunOutcome {
        invocation: format!("{run}/attempts/{attempt}"),
        conclusion,
        event: text(place, "event")?,
        from_fork: is_from_fork(place)?,
        actor: actor.map_or(Ok(None), |actor| text(&actor, "login"))?,
        commit: text(place, "head_sha")?,
        ended: if conclusion == Conclusion::NotYet { None } else { instant(place, "updated_at")? },
    }))
}

/// Whether what ran was of another repository, if the document says so.
fn is_from_fork(place: &Cursor<'_>) -> Result<Option<bool>, FieldError> {
    // A fork that was deleted since; a repository that is there names itself.
    if place.value().get("head_repository") == Some(&Json::Null) {
        return Ok(Some(true));
    }
    let repository = |name: &str| -> Result<Option<String>, FieldError> {
        place.optional(name)?.map_or(Ok(None), |repository| text(&repository, "full_name"))
    };
    Ok(repository("repository")?.zip(repository("head_repository")?).map(|(own, head)| own != head))
}

/// The address of a run without that of its attempt.
fn run_of(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.split_once("/attempts/").map_or(url, |(run, _)| run)
}

fn view(place: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let run = run_of(place.field("url")?.text()?);
    let attempt = place.optional("attempt")?.map(|attempt| attempt.integer()).transpose()?;
    let conclusion = conclusion(&text(place, "status")?, &text(place, "conclusion")?);
    Ok(vec![Fact::RunEnded(RunOutcome {
        invocation: attempt.map_or_else(|| run.to_owned(), |attempt| format!("{run}/attempts/{attempt}")),
        conclusion,
        event: text(place, "event")?,
        from_fork: None,
        actor: None,
        commit: text(place, "headSha")?,
        ended: if conclusion == Conclusion::NotYet { None } else { instant(place, "updatedAt")? },
    })])
}

fn conclusion(status: &Option<String>, conclusion: &Option<String>) -> Conclusion {
    match (status.as_deref(), conclusion.as_deref()) {
        (Some("completed"), Some("success")) => Conclusion::Success,
        (Some("completed"), Some("failure" | "startup_failure")) => Conclusion::Failure,
        (Some("completed"), Some("cancelled")) => Conclusion::Cancelled,
        (Some("completed"), Some("timed_out")) => Conclusion::TimedOut,
        (Some("completed"), _) => Conclusion::Other,
        _ => Conclusion::NotYet,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn outcomes(text: &str) -> Vec<RunOutcome> {
        let document = parse(text.as_bytes()).unwrap();
        let (_, read) = super::super::of(&document).unwrap();
        let facts = super::super::facts(read, &Cursor::new(&document)).unwrap();
        facts.into_iter().map(|fact| if let Fact::RunEnded(run) = fact { run } else { panic!("{fact:?}") }).collect()
    }

    #[test]
    fn a_run_is_read_with_its_attempt_and_origin() {
        let run = r#"{"id":7,"run_attempt":2,"html_url":"https://github.com/o/r/actions/runs/7","status":"completed",
            "conclusion":"failure","event":"push","head_sha":"c0","updated_at":"2026-05-11T10:00:00Z",
            "repository":{"full_name":"o/r"},"head_repository":{"full_name":"x/r"},"triggering_actor":{"login":"a"}}"#;
        let [read] = <[RunOutcome; 1]>::try_from(outcomes(run)).unwrap();
        assert_eq!(read.invocation, "https://github.com/o/r/actions/runs/7/attempts/2");
        assert_eq!((read.conclusion, read.from_fork), (Conclusion::Failure, Some(true)));
        assert_eq!((read.actor.as_deref(), read.commit.as_deref()), (Some("a"), Some("c0")));
        assert!(read.ended.is_some());
        assert_eq!(outcomes(&format!(r#"{{"total_count":2,"workflow_runs":[{run},{run}]}}"#)).len(), 2);
    }

    #[test]
    fn what_ran_of_a_fork_that_is_gone_is_still_a_forks() {
        let run = |more: &str| {
            outcomes(&format!(
                r#"{{"run_attempt":1,"html_url":"https://github.com/o/r/actions/runs/7","status":"completed","head_sha":"c0",
                    "conclusion":"success"{more}}}"#
            ))[0]
            .from_fork
        };
        assert_eq!(run(r#","repository":{"full_name":"o/r"},"head_repository":null"#), Some(true));
        assert_eq!(run(r#","repository":{"full_name":"o/r"},"head_repository":{"full_name":"o/r"}"#), Some(false));
        assert_eq!(run(r#","repository":{"full_name":"o/r"}"#), None);
    }

    #[test]
    fn a_run_that_goes_on_has_not_ended() {
        let run = |status: &str, conclusion: &str| {
            outcomes(&format!(
                r#"{{"url":"https://github.com/o/r/actions/runs/7","attempt":1,"headSha":"c0","status":"{status}",
                    "conclusion":"{conclusion}","updatedAt":"2026-05-11T10:00:00Z"}}"#
            ))
        };
        let running = &run("in_progress", "")[0];
        assert_eq!((running.conclusion, running.ended), (Conclusion::NotYet, None));
        assert_eq!(run("completed", "success")[0].conclusion, Conclusion::Success);
        assert_eq!(run("completed", "neutral")[0].conclusion, Conclusion::Other);
    }
}
