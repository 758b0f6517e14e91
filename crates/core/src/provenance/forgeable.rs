//! Statements that the npm client writes inside of a job on GitHub: whoever controls the job could have written
//! anything. So everything in them must be in the certificate too, and what no certificate can confirm must not be
//! there at all.

use std::collections::BTreeMap;

use crate::encoding::json::Json;

/// Where a statement repeats what the certificate says: its name there, and the names of the certificate's values.
const REPEATED: [(&str, &[&str]); 10] = [
    ("GITHUB_EVENT_NAME", &["build-trigger", "github-workflow-trigger"]),
    ("GITHUB_REF", &REFERENCE),
    ("GITHUB_REPOSITORY", &["github-workflow-repository"]),
    ("GITHUB_REPOSITORY_ID", &["source-repository-identifier"]),
    ("GITHUB_REPOSITORY_OWNER_ID", &["source-repository-owner-identifier"]),
    ("GITHUB_SHA", &COMMIT),
    ("GITHUB_WORKFLOW_REF", &["build-config-uri"]),
    ("GITHUB_WORKFLOW_SHA", &["build-config-digest"]),
    ("GITHUB_RUN_ID", &[RUN]),
    ("GITHUB_RUN_ATTEMPT", &[RUN]),
];

/// The same in provenance v1.
const REPEATED_V1: [(&str, &str); 4] = [
    ("event_name", "build-trigger"),
    ("repository_id", "source-repository-identifier"),
    ("repository_owner_id", "source-repository-owner-identifier"),
    ("runner_environment", "runner-environment"),
];

const REFERENCE: [&str; 2] = ["source-repository-ref", "github-workflow-ref"];
const COMMIT: [&str; 2] = ["source-repository-digest", "github-workflow-sha"];
const RUN: &str = "run-invocation-uri";
const WEB: &str = "https://github.com/";

type Certificate = BTreeMap<String, String>;

/// What in the predicate contradicts the certificate, or cannot be confirmed by any.
pub(super) fn problem(predicate: &Json, certificate: &Certificate) -> Option<String> {
    match predicate.get("buildDefinition") {
        Some(definition) => v1(definition, predicate.get("runDetails").unwrap_or(&Json::Null), certificate),
        None => v0_2(predicate, certificate),
    }
}

fn v1(definition: &Json, run: &Json, certificate: &Certificate) -> Option<String> {
    let null = &Json::Null;
    let external = definition.get("externalParameters").unwrap_or(null);
    let internal = definition.get("internalParameters").unwrap_or(null);
    let workflow = external.get("workflow").unwrap_or(null);
    let metadata = run.get("metadata").unwrap_or(null);
    let said = internal.get("github").and_then(Json::as_object);
    let of_run = said.into_iter().flatten().find_map(|(name, value)| {
        let known = REPEATED_V1.iter().find(|(known, _)| known == name);
        known.map_or_else(|| unknown(name), |(_, of)| differs(name, value, certificate.get(*of)?))
    });
    of_run
        .or_else(|| only(internal, &["github"]))
        .or_else(|| only(external, &["workflow"]))
        .or_else(|| only(workflow, &["path", "ref", "repository"]))
        .or_else(|| wrong_workflow(workflow.text_at(&["path"]), certificate))
        .or_else(|| certified("ref", workflow.get("ref"), certificate, &REFERENCE))
        .or_else(|| repository(workflow.get("repository"), certificate))
        .or_else(|| materials(definition.get("resolvedDependencies")))
        .or_else(|| commit(definition.get("resolvedDependencies"), certificate))
        .or_else(|| only(metadata, &["invocationId", "startedOn", "finishedOn"]))
        .or_else(|| times(metadata, ["startedOn", "finishedOn"]))
        .or_else(|| certified("invocationId", metadata.get("invocationId"), certificate, &[RUN]))
        .or_else(|| run.get("builder").and_then(|builder| only(builder, &["id"])))
        .or_else(|| filled("byproducts", run.get("byproducts")))
}

/// What the statement says beside these members.
fn only(place: &Json, known: &[&str]) -> Option<String> {
    let members = place.as_object().into_iter().flatten();
    let mut others = members.filter(|(name, value)| !known.contains(&name.as_str()) && !is_empty(value));
    others.next().and_then(|(name, _)| unknown(name))
}

/// What the statement says in other words than the first of these values of the certificate.
fn certified(name: &str, said: Option<&Json>, certificate: &Certificate, of: &[&str]) -> Option<String> {
    let certified = of.iter().find_map(|name| certificate.get(*name))?;
    differs(name, said?, certified)
}

fn repository(said: Option<&Json>, certificate: &Certificate) -> Option<String> {
    let certified = format!("{WEB}{}", certificate.get("github-workflow-repository")?);
    differs("repository", said?, &certified)
}

/// The commit of the one dependency, which is the source.
fn commit(dependencies: Option<&Json>, certificate: &Certificate) -> Option<String> {
    let digest = dependencies?.as_array()?.first()?.get("digest")?;
    only(digest, &["gitCommit"]).or_else(|| certified("gitCommit", digest.get("gitCommit"), certificate, &COMMIT))
}

fn v0_2(predicate: &Json, certificate: &Certificate) -> Option<String> {
    let invocation = predicate.get("invocation").unwrap_or(&Json::Null);
    let metadata = predicate.get("metadata").unwrap_or(&Json::Null);
    let said = invocation.get("environment").and_then(Json::as_object);
    let of_run = said.into_iter().flatten().find_map(|(name, value)| {
        let known = REPEATED.iter().find(|(known, _)| known == name);
        known.map_or_else(|| unknown(name), |(name, of)| repeated(name, value, of, certificate))
    });
    of_run
        .or_else(|| wrong_workflow(invocation.text_at(&["configSource", "entryPoint"]), certificate))
        .or_else(|| materials(predicate.get("materials")))
        .or_else(|| times(metadata, ["buildStartedOn", "buildFinishedOn"]))
        .or_else(|| promises(metadata))
        .or_else(|| filled("parameters", invocation.get("parameters")))
        .or_else(|| filled("buildConfig", predicate.get("buildConfig")))
}

fn repeated(name: &str, said: &Json, of: &[&str], certificate: &Certificate) -> Option<String> {
    let certified = of.iter().find_map(|name| certificate.get(*name))?;
    match name {
        "GITHUB_WORKFLOW_REF" => differs(name, said, certified.strip_prefix(WEB).unwrap_or(certified)),
        "GITHUB_RUN_ID" => differs(name, said, run_of(certified)?.0),
        "GITHUB_RUN_ATTEMPT" => differs(name, said, run_of(certified)?.1),
        _ => differs(name, said, certified),
    }
}

/// The run and its attempt, out of `…/actions/runs/RUN/attempts/ATTEMPT`.
pub(super) fn run_of(uri: &str) -> Option<(&str, &str)> {
    let (_, tail) = uri.rsplit_once("/actions/runs/")?;
    tail.split_once("/attempts/")
}

fn differs(name: &str, said: &Json, certified: &str) -> Option<String> {
    let said = match said {
        Json::Number(number) => number.to_string(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    (said != certified).then(|| format!("the statement says `{name}` is `{said}`, the certificate `{certified}`"))
}

fn wrong_workflow(said: Option<&str>, certificate: &Certificate) -> Option<String> {
    let certified = certificate.get("build-config-uri")?;
    let (certified, _) = certified.split_once('@')?;
    let said = said?;
    // Early releases name the whole workflow with its reference, later ones the path in the repository.
    let path = said.split_once('@').map_or(said, |(path, _)| path);
    let whole = certified.strip_prefix(WEB).unwrap_or(certified);
    let in_repository = whole.splitn(3, '/').nth(2);
    let is_it = whole == path || in_repository == Some(path);
    (!is_it).then(|| format!("the statement names the workflow `{said}`, the certificate `{certified}`"))
}

fn unknown(name: &str) -> Option<String> {
    Some(format!("the statement says `{name}`, which no certificate confirms"))
}

fn materials(list: Option<&Json>) -> Option<String> {
    let count = list.and_then(Json::as_array).unwrap_or_default().len();
    (count != 1).then(|| format!("the statement names {count} materials, of which a certificate confirms one"))
}

fn times(metadata: &Json, names: [&str; 2]) -> Option<String> {
    let said = names.iter().find(|name| metadata.text_at(&[name]).is_some_and(|text| !text.is_empty()))?;
    Some(format!("the statement says `{said}`, which no certificate confirms"))
}

/// Completeness and reproducibility.
fn promises(metadata: &Json) -> Option<String> {
    let is_true = |value: &Json| *value == Json::Bool(true);
    let completeness = metadata.get("completeness").and_then(Json::as_object);
    let complete = completeness.is_some_and(|parts| parts.values().any(is_true));
    let promised = complete || metadata.get("reproducible").is_some_and(is_true);
    promised.then(|| "the statement promises completeness or reproducibility, which no certificate confirms".to_owned())
}

fn filled(name: &str, value: Option<&Json>) -> Option<String> {
    (!value.is_none_or(is_empty)).then(|| format!("the statement fills `{name}`, which no certificate confirms"))
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Object(members) => members.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn certificate() -> Certificate {
        [
            ("build-trigger", "push"),
            ("source-repository-identifier", "1"),
            ("source-repository-owner-identifier", "2"),
            ("source-repository-ref", "refs/heads/main"),
            ("github-workflow-repository", "o/r"),
            ("source-repository-digest", "c0"),
            ("build-config-uri", "https://github.com/o/r/.github/workflows/w.yml@refs/heads/main"),
            ("build-config-digest", "c0"),
            ("runner-environment", "github-hosted"),
            ("run-invocation-uri", "https://github.com/o/r/actions/runs/7/attempts/1"),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    const V0_2: &str = r#"{"invocation":{"configSource":{"entryPoint":".github/workflows/w.yml"},"parameters":{},"environment":{
        "GITHUB_EVENT_NAME":"push","GITHUB_REF":"refs/heads/main","GITHUB_REPOSITORY":"o/r","GITHUB_REPOSITORY_ID":"1",
        "GITHUB_REPOSITORY_OWNER_ID":"2","GITHUB_SHA":"c0","GITHUB_WORKFLOW_REF":"o/r/.github/workflows/w.yml@refs/heads/main",
        "GITHUB_WORKFLOW_SHA":"c0","GITHUB_RUN_ID":"7","GITHUB_RUN_ATTEMPT":"1"}},
        "metadata":{"completeness":{"parameters":false},"reproducible":false},"materials":[{"uri":"u"}]}"#;
    const V1: &str = r#"{"buildDefinition":{"externalParameters":{"workflow":{"path":".github/workflows/w.yml",
        "ref":"refs/heads/main","repository":"https://github.com/o/r"}},
        "internalParameters":{"github":{"event_name":"push","repository_id":"1","repository_owner_id":"2"}},
        "resolvedDependencies":[{"uri":"u","digest":{"gitCommit":"c0"}}]},"runDetails":{"builder":{"id":"b"},
        "metadata":{"invocationId":"https://github.com/o/r/actions/runs/7/attempts/1"}}}"#;

    fn of(text: &str) -> Option<String> {
        problem(&parse(text.as_bytes()).unwrap(), &certificate())
    }

    #[test]
    fn what_the_certificate_confirms_is_no_problem() {
        assert_eq!((of(V0_2), of(V1)), (None, None));
        assert_eq!(problem(&parse(V0_2.as_bytes()).unwrap(), &Certificate::new()), None);
    }

    #[test]
    fn every_value_must_be_the_certificates_and_nothing_more_be_said() {
        for (from, to) in [
            ("\"GITHUB_EVENT_NAME\":\"push\"", "\"GITHUB_EVENT_NAME\":\"release\""),
            ("\"GITHUB_REPOSITORY_ID\":\"1\"", "\"GITHUB_REPOSITORY_ID\":\"3\""),
            ("\"GITHUB_RUN_ID\":\"7\"", "\"GITHUB_RUN_ID\":\"8\""),
            ("\"GITHUB_RUN_ATTEMPT\":\"1\"", "\"GITHUB_RUN_ATTEMPT\":\"2\""),
            ("\"GITHUB_SHA\":\"c0\"", "\"GITHUB_SHA\":[]"),
            ("\"GITHUB_REPOSITORY\":\"o/r\"", "\"GITHUB_REPOSITORY\":\"o/r\",\"GITHUB_TOKEN\":\"x\""),
            ("\"entryPoint\":\".github/workflows/w.yml\"", "\"entryPoint\":\".github/workflows/x.yml\""),
            ("\"materials\":[{\"uri\":\"u\"}]", "\"materials\":[{\"uri\":\"u\"},{\"uri\":\"v\"}]"),
            ("\"materials\":[{\"uri\":\"u\"}]", "\"materials\":[]"),
            ("\"reproducible\":false", "\"reproducible\":true"),
            ("\"parameters\":false", "\"parameters\":true"),
            ("\"reproducible\":false", "\"buildStartedOn\":\"2026-01-01T00:00:00Z\""),
            ("\"parameters\":{}", "\"parameters\":{\"a\":1}"),
            ("\"metadata\"", "\"buildConfig\":{\"a\":1},\"metadata\""),
        ] {
            assert!(V0_2.contains(from) && of(&V0_2.replace(from, to)).is_some(), "{to}");
        }
        for (from, to) in [
            ("\"repository_id\":\"1\"", "\"repository_id\":\"3\""),
            ("\"repository_id\":\"1\"", "\"actor\":\"x\""),
            (".github/workflows/w.yml", "w.yml/../x.yml"),
            (".github/workflows/w.yml", "w.yml"),
            ("{\"uri\":\"u\",", "{\"uri\":\"v\"},{\"uri\":\"u\","),
            ("\"gitCommit\":\"c0\"", "\"gitCommit\":\"c1\""),
            ("\"gitCommit\":\"c0\"", "\"gitCommit\":\"c0\",\"sha1\":\"c1\""),
            ("\"ref\":\"refs/heads/main\"", "\"ref\":\"refs/tags/v1\""),
            ("\"ref\":\"refs/heads/main\"", "\"ref\":\"refs/heads/main\",\"inputs\":\"x\""),
            ("https://github.com/o/r\"}}", "https://github.com/o/x\"}}"),
            ("\"externalParameters\":{", "\"externalParameters\":{\"inputs\":{\"a\":1},"),
            ("\"internalParameters\":{", "\"internalParameters\":{\"other\":1,"),
            ("{\"id\":\"b\"}", "{\"id\":\"b\",\"version\":{\"x\":\"1\"}}"),
            ("runs/7/attempts/1", "runs/8/attempts/1"),
            ("\"metadata\":{", "\"byproducts\":[{}],\"metadata\":{"),
            ("\"metadata\":{", "\"metadata\":{\"finishedOn\":\"2026-01-01T00:00:00Z\","),
        ] {
            assert!(V1.contains(from) && of(&V1.replace(from, to)).is_some(), "{to}");
        }
    }
}
