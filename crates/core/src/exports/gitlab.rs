//! What GitLab says about pipelines and jobs: `glab api projects/ID/pipelines/ID` and `projects/ID/jobs/ID`
//! (<https://docs.gitlab.com/api/pipelines/>, <https://docs.gitlab.com/api/jobs/>).

use super::{ExportFormat, Reader, has, instant, text};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::release::run::{Conclusion, RunOutcome};

/// A pipeline, or a job of one.
pub(super) static PIPELINE: ExportFormat = ExportFormat {
    id: "gitlab-pipeline",
    reader: Reader::Json { detect: is_pipeline, read },
    voucher: Voucher::Platform,
};

fn is_pipeline(document: &Json) -> bool {
    has(document, &["web_url", "status", "ref"]) && (has(document, &["sha"]) || has(document, &["pipeline"]))
}

fn read(place: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let of_job = place.optional("pipeline")?;
    let source = text(of_job.as_ref().unwrap_or(place), "source")?;
    let commit = match place.optional("commit")? {
        Some(commit) => text(&commit, "id")?,
        None => text(place, "sha")?,
    };
    let user = place.optional("user")?;
    let conclusion = conclusion(place.field("status")?.text()?);
    Ok(vec![Fact::RunEnded(RunOutcome {
        invocation: place.field("web_url")?.text()?.to_owned(),
        conclusion,
        // Merge requests of forks run in the fork, with the fork's identity, unless a member starts them.
        from_fork: (source.as_deref() == Some("external_pull_request_event")).then_some(true),
        event: source,
        actor: user.map_or(Ok(None), |user| text(&user, "username"))?,
        commit,
        ended: if conclusion == Conclusion::NotYet { None } else { instant(place, "finished_at")? },
    })])
}

fn conclusion(status: &str) -> Conclusion {
    match status {
        "success" => Conclusion::Success,
        "failed" => Conclusion::Failure,
        "canceled" | "canceling" => Conclusion::Cancelled,
        "created" | "waiting_for_resource" | "preparing" | "pending" | "running" | "manual" | "scheduled" => {
            Conclusion::NotYet
        }
        _ => Conclusion::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    #[test]
    fn pipelines_and_jobs_are_read() {
        for (document, commit) in [
            (
                r#"{"id":1,"web_url":"https://gitlab.com/g/p/-/pipelines/1","status":"failed","ref":"v1","sha":"c0","source":"push"}"#,
                "c0",
            ),
            (
                r#"{"id":2,"web_url":"https://gitlab.com/g/p/-/jobs/2","status":"canceled","ref":"v1","commit":{"id":"c1"},
                "pipeline":{"id":1,"source":"push"}}"#,
                "c1",
            ),
        ] {
            let document = parse(document.as_bytes()).unwrap();
            assert!(is_pipeline(&document));
            let facts = read(&Cursor::new(&document)).unwrap();
            let [Fact::RunEnded(run)] = facts.as_slice() else { panic!("{facts:?}") };
            assert!(matches!(run.conclusion, Conclusion::Failure | Conclusion::Cancelled));
            assert_eq!((run.commit.as_deref(), run.event.as_deref()), (Some(commit), Some("push")));
        }
    }
}
