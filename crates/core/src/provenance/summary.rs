//! Verification summaries: somebody else's verdict about the artifact, for those who accept that verifier.
//!
//! SLSA VSA v1 (<https://slsa.dev/spec/v1.2/verification_summary>) and in-toto simple verification results
//! (<https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md>), v0.2 and v0.1. Conforma's own type
//! (`https://conforma.dev/verification_summary/v1`) has no specification, and one constant for every verifier: it is a
//! statement like any other.

use crate::claim::Summary;
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::statement::Statement;

/// The predicate type of SLSA's summaries. Version 0.2 names its members differently and is not read.
pub(crate) const VSA: &str = "https://slsa.dev/verification_summary/v1";

/// The predicate type of simple verification results.
pub(crate) const SVR: &str = "https://in-toto.io/attestation/svr/v0.2";

/// The first version, in which policies were an extension.
const SVR_0_1: &str = "https://in-toto.io/attestation/svr/v0.1";

/// Levels or properties of one summary that are read; real ones have a handful, one per rule of a policy at most.
const MAX_LEVELS: usize = 1_000;

/// Bytes of all texts of one summary: it is repeated for every commit that it is about.
const MAX_BYTES: usize = 64 << 10;

/// Policies of one result that are read; real ones have one.
const MAX_POLICIES: usize = 100;

/// What a summary claims; `None` for other statements.
pub(super) fn of(statement: &Statement) -> Option<Result<Summary, FieldError>> {
    let predicate = Cursor::new(&statement.predicate);
    let summary = match statement.predicate_type.as_str() {
        VSA => verification_summary(&predicate),
        SVR | SVR_0_1 => verification_result(&predicate, statement.predicate_type == SVR),
        _ => return None,
    };
    Some(summary.and_then(|summary| match size(&summary) {
        size if size > MAX_BYTES => Err(predicate.error(Problem::BadValue("a summary of at most 64 KiB"))),
        _ => Ok(summary),
    }))
}

/// Bytes of its texts.
fn size(summary: &Summary) -> usize {
    let Summary { verifier, resource, levels, policy, passed: _, time: _ } = summary;
    let texts = levels.iter().chain([verifier]).chain(resource).chain(policy);
    texts.fold(0, |sum, text| sum.saturating_add(text.len()))
}

fn verification_summary(predicate: &Cursor<'_>) -> Result<Summary, FieldError> {
    let result = predicate.field("verificationResult")?;
    let passed = match result.text()? {
        "PASSED" => true,
        "FAILED" => false,
        _ => return Err(result.error(Problem::BadValue("PASSED or FAILED"))),
    };
    let policy = predicate.optional("policy")?;
    let policy = policy.map(|policy| policy.optional("uri")).transpose()?.flatten();
    Ok(Summary {
        verifier: filled(&predicate.field("verifier")?, "id")?,
        resource: Some(filled(predicate, "resourceUri")?),
        passed: Some(passed),
        levels: texts(predicate, "verifiedLevels")?,
        time: predicate.optional("timeVerified")?.map(|time| time.instant()).transpose()?,
        policy: policy.map(|uri| uri.text().map(str::to_owned)).transpose()?,
    })
}

/// A result names neither resource nor outcome: only properties that passed.
fn verification_result(predicate: &Cursor<'_>, names_policies: bool) -> Result<Summary, FieldError> {
    let verifier = predicate.field("verifier")?;
    let policies = if names_policies { verifier.field("policies")?.items()? } else { Vec::new() };
    let of_first_version = if names_policies { None } else { verifier.optional("policy")? };
    if policies.len() > MAX_POLICIES {
        return Err(verifier.field("policies")?.error(Problem::BadValue("a list of at most 100 policies")));
    }
    let uris = policies.iter().chain(&of_first_version).map(|policy| policy.optional("uri"));
    let uris: Vec<Option<Cursor<'_>>> = uris.collect::<Result<_, _>>()?;
    let uris: Vec<&str> = uris.iter().flatten().map(Cursor::text).collect::<Result<_, _>>()?;
    predicate.field("properties")?;
    Ok(Summary {
        verifier: filled(&verifier, "id")?,
        resource: None,
        passed: None,
        levels: texts(predicate, "properties")?,
        time: Some(predicate.field("timeCreated")?.instant()?),
        policy: Some(uris.join(" ")).filter(|uris| !uris.is_empty()),
    })
}

/// A list of texts, all of it or an error: what is left out could be what matters.
fn texts(place: &Cursor<'_>, name: &str) -> Result<Vec<String>, FieldError> {
    let items = place.list(name)?;
    match place.optional(name)? {
        Some(list) if items.len() > MAX_LEVELS => Err(list.error(Problem::BadValue("a list of at most 1,000 texts"))),
        _ => items.iter().map(|item| item.text().map(str::to_owned)).collect(),
    }
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

    fn read(predicate_type: &str, predicate: &str) -> Result<Summary, String> {
        let predicate = json::parse(predicate.as_bytes()).unwrap();
        let statement = Statement { subjects: Vec::new(), predicate_type: predicate_type.to_owned(), predicate };
        of(&statement).unwrap().map_err(|error| error.to_string())
    }

    fn summary(text: &str) -> Result<Summary, String> {
        read(VSA, text)
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
            (read.verifier.as_str(), read.resource.as_deref(), read.passed),
            ("https://v.example", Some("pkg:x/y"), Some(true))
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
        assert!(
            with("v", "r", "FAILED").is_ok_and(|summary| summary.passed == Some(false) && summary.levels.is_empty())
        );
        assert_eq!(with("", "r", "PASSED").unwrap_err(), "`verifier.id` is not a text that is not empty");
        assert!(with("v", "", "PASSED").unwrap_err().starts_with("`resourceUri`"));
        assert!(with("v", "r", "passed").unwrap_err().starts_with("`verificationResult`"));
    }

    #[test]
    fn nothing_is_left_out_in_silence() {
        let with = |more: &str| {
            summary(&format!(r#"{{"verifier":{{"id":"v"}},"resourceUri":"r","verificationResult":"PASSED",{more}}}"#))
        };
        let levels = |count: usize| format!(r#""verifiedLevels":[{}]"#, vec![r#""L""#; count].join(","));
        assert_eq!(with(&levels(MAX_LEVELS)).unwrap().levels.len(), MAX_LEVELS);
        let long = format!(r#""verifiedLevels":["{}"]"#, "L".repeat(MAX_BYTES));
        assert_eq!(with(&long).unwrap_err(), "`the document` is not a summary of at most 64 KiB");
        assert_eq!(with(&levels(MAX_LEVELS + 1)).unwrap_err(), "`verifiedLevels` is not a list of at most 1,000 texts");
        assert_eq!(with(r#""policy":"p""#).unwrap_err(), "`policy` is no object");
        assert_eq!(with(r#""policy":{"uri":1}"#).unwrap_err(), "`policy.uri` is no string");
        assert_eq!(with(r#""verifiedLevels":["L",1]"#).unwrap_err(), "`verifiedLevels[1]` is no string");
        assert_eq!(with(r#""policy":{}"#).unwrap().policy, None);
    }

    #[test]
    fn results_of_both_versions_are_read() {
        let second = r#"{"verifier":{"id":"v","policies":[{"uri":"p"},{"digest":{}},{"uri":"q"}]},
                         "timeCreated":"2026-01-01T00:00:00Z","properties":["A","B"]}"#;
        let summary = read(SVR, second).unwrap();
        assert_eq!((summary.resource, summary.passed, summary.policy.as_deref()), (None, None, Some("p q")));
        assert_eq!(summary.levels, ["A", "B"]);
        let first =
            r#"{"verifier":{"id":"v","policy":{"uri":"p"}},"timeCreated":"2026-01-01T00:00:00Z","properties":[]}"#;
        assert_eq!(read(SVR_0_1, first).unwrap().policy.as_deref(), Some("p"));
        assert_eq!(read(SVR, first).unwrap_err(), "`verifier.policies` is missing");
        let without = |name: &str| read(SVR, &second.replace(name, "other")).unwrap_err();
        assert_eq!(without("properties"), "`properties` is missing");
        assert_eq!(without("timeCreated"), "`timeCreated` is missing");
        assert_eq!(without("id"), "`verifier.id` is missing");
    }

    #[test]
    fn other_statements_are_none() {
        for predicate_type in
            ["https://slsa.dev/verification_summary/v0.2", "https://conforma.dev/verification_summary/v1"]
        {
            let predicate_type = predicate_type.to_owned();
            let statement = Statement { subjects: Vec::new(), predicate_type, predicate: json::parse(b"{}").unwrap() };
            assert!(of(&statement).is_none());
        }
    }
}
