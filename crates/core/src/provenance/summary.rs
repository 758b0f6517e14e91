//! Verification summaries (SLSA VSA v1, <https://slsa.dev/spec/v1.2/verification_summary>): somebody else's verdict
//! about the artifact, for those who accept that verifier.

use crate::claim::{Fact, Summary};
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::statement::Statement;

/// The predicate type. Version 0.2 names its members differently and is not read.
const VSA: &str = "https://slsa.dev/verification_summary/v1";

/// Levels of one summary that are read; real ones have two or three.
const MAX_LEVELS: usize = 64;

/// What a summary claims; `None` for other statements.
pub(super) fn fact(statement: &Statement) -> Option<Result<Fact, FieldError>> {
    (statement.predicate_type == VSA).then(|| read(&Cursor::new(&statement.predicate)).map(Fact::Summarised))
}

fn read(predicate: &Cursor<'_>) -> Result<Summary, FieldError> {
    let levels = predicate.list("verifiedLevels")?;
    let levels = levels.iter().take(MAX_LEVELS).map(|level| level.text().map(str::to_owned));
    let time = predicate.optional("timeVerified")?;
    let time =
        time.map(|time| time.text()?.parse().map_err(|_| time.error(Problem::BadValue("an instant")))).transpose()?;
    let policy = predicate.optional("policy")?;
    let policy =
        policy.and_then(|policy| policy.optional("uri").ok().flatten()).map(|uri| uri.text().map(str::to_owned));
    Ok(Summary {
        verifier: filled(&predicate.field("verifier")?, "id")?,
        resource: filled(predicate, "resourceUri")?,
        passed: match predicate.field("verificationResult")?.text()? {
            "PASSED" => true,
            "FAILED" => false,
            _ => return Err(predicate.field("verificationResult")?.error(Problem::BadValue("PASSED or FAILED"))),
        },
        levels: levels.collect::<Result<_, _>>()?,
        time,
        policy: policy.transpose()?,
    })
}

/// A text that must not be empty: an empty expectation would fit it.
fn filled(place: &Cursor<'_>, name: &str) -> Result<String, FieldError> {
    let field = place.field(name)?;
    let text = field.text()?;
    if text.is_empty() { Err(field.error(Problem::BadValue("a text that is not empty"))) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json;

    fn summary(text: &str) -> Result<Summary, String> {
        read(&Cursor::new(&json::parse(text.as_bytes()).unwrap())).map_err(|error| error.to_string())
    }

    #[test]
    fn a_summary_is_read() {
        let read = summary(
            r#"{"verifier":{"id":"https://v.example"},"timeVerified":"2026-01-01T00:00:00Z","resourceUri":"pkg:x/y",
                "policy":{"uri":"https://p.example"},"verificationResult":"PASSED","verifiedLevels":["SLSA_BUILD_LEVEL_3"],
                "unknown":1}"#,
        )
        .unwrap();
        assert_eq!(
            (read.verifier.as_str(), read.resource.as_str(), read.passed),
            ("https://v.example", "pkg:x/y", true)
        );
        assert_eq!(
            (read.levels, read.policy.as_deref()),
            (vec!["SLSA_BUILD_LEVEL_3".to_owned()], Some("https://p.example"))
        );
        assert!(read.time.is_some());
    }

    #[test]
    fn what_the_specification_demands_must_be_there_and_not_empty() {
        let with = |verifier: &str, resource: &str, result: &str| {
            summary(&format!(
                r#"{{"verifier":{{"id":"{verifier}"}},"resourceUri":"{resource}","verificationResult":"{result}"}}"#
            ))
        };
        assert!(with("v", "r", "FAILED").is_ok_and(|summary| !summary.passed && summary.levels.is_empty()));
        assert_eq!(with("", "r", "PASSED").unwrap_err(), "`verifier.id` is not a text that is not empty");
        assert!(with("v", "", "PASSED").unwrap_err().starts_with("`resourceUri`"));
        assert!(with("v", "r", "passed").unwrap_err().starts_with("`verificationResult`"));
    }
}
