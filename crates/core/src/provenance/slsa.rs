//! SLSA provenance v0.1, v0.2 and v1 in one shape (<https://slsa.dev/spec/v1.2/provenance>).

use std::collections::BTreeMap;

use super::cloud_build;
use crate::claim::{Source, SourceNamedIn};
use crate::encoding::json::Json;
use crate::time::Time;

/// What a provenance statement says, whatever its version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Provenance {
    pub(super) builder: String,
    pub(super) build_type: Option<String>,
    pub(super) sources: Vec<Source>,
    pub(super) event: Option<String>,
    pub(super) runner: Option<String>,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) invocation: Option<String>,
    pub(super) started: Option<Time>,
    pub(super) finished: Option<Time>,
    pub(super) dependencies: Vec<(String, BTreeMap<String, String>)>,
}

/// Parameters that are kept. Real provenance has up to some dozens.
const MAX_PARAMETERS: usize = 1000;
/// Dependencies that are kept. Real provenance has up to some hundreds.
const MAX_DEPENDENCIES: usize = 10_000;

impl Provenance {
    /// Reads a predicate; `None` if it is no provenance, or names no builder.
    pub(super) fn read(predicate_type: &str, predicate: &Json) -> Option<Self> {
        match predicate_type {
            "https://slsa.dev/provenance/v1" | "https://slsa.dev/provenance/v1.0?draft" => Self::v1(predicate),
            "https://slsa.dev/provenance/v0.2" => Self::v0_2(predicate),
            "https://slsa.dev/provenance/v0.1" => Self::v0_1(predicate),
            _ => None,
        }
    }

    fn v1(predicate: &Json) -> Option<Self> {
        let definition = predicate.get("buildDefinition")?;
        let run = predicate.get("runDetails")?;
        let external = definition.get("externalParameters").unwrap_or(&Json::Null);
        let internal = definition.get("internalParameters").unwrap_or(&Json::Null);
        let materials = materials(definition.get("resolvedDependencies"));
        let metadata = run.get("metadata").unwrap_or(&Json::Null);
        let mut sources: Vec<Source> = trigger_v1(external).into_iter().collect();
        sources.extend(material_source(&materials));
        name_branch(&mut sources, internal);
        Some(Self {
            builder: builder(run)?,
            build_type: text(definition, "buildType"),
            sources,
            event: event(internal),
            runner: internal.text_at(&["github", "runner_environment"]).map(str::to_owned),
            parameters: parameters(&[("", external), ("event", inputs(internal))]),
            invocation: text(metadata, "invocationId").or_else(|| text(metadata, "invocationID")),
            started: instant(metadata, "startedOn"),
            finished: instant(metadata, "finishedOn"),
            dependencies: materials,
        })
    }

    fn v0_2(predicate: &Json) -> Option<Self> {
        let invocation = predicate.get("invocation").unwrap_or(&Json::Null);
        let environment = invocation.get("environment").unwrap_or(&Json::Null);
        let configuration = invocation.get("configSource").unwrap_or(&Json::Null);
        let materials = materials(predicate.get("materials"));
        let metadata = predicate.get("metadata").unwrap_or(&Json::Null);
        let mut sources: Vec<Source> = resource_source(configuration, SourceNamedIn::Trigger).into_iter().collect();
        sources.extend(material_source(&materials));
        name_branch(&mut sources, environment);
        Some(Self {
            builder: builder(predicate)?,
            build_type: text(predicate, "buildType"),
            sources,
            event: event(environment),
            runner: None,
            parameters: parameters(&[
                ("", invocation.get("parameters").unwrap_or(&Json::Null)),
                ("event", inputs(environment)),
            ]),
            invocation: text(metadata, "buildInvocationId").or_else(|| text(metadata, "buildInvocationID")),
            started: instant(metadata, "buildStartedOn"),
            finished: instant(metadata, "buildFinishedOn"),
            dependencies: materials,
        })
    }

    fn v0_1(predicate: &Json) -> Option<Self> {
        let recipe = predicate.get("recipe").unwrap_or(&Json::Null);
        let materials = materials(predicate.get("materials"));
        let metadata = predicate.get("metadata").unwrap_or(&Json::Null);
        let substitutions = recipe.at(&["arguments", "substitutions"]).unwrap_or(&Json::Null);
        Some(Self {
            builder: builder(predicate)?,
            build_type: text(recipe, "type"),
            sources: cloud_build::source(&materials, substitutions).into_iter().collect(),
            parameters: parameters(&[("", recipe.get("arguments").unwrap_or(&Json::Null))]),
            invocation: text(metadata, "buildInvocationId"),
            started: instant(metadata, "buildStartedOn"),
            finished: instant(metadata, "buildFinishedOn"),
            dependencies: materials,
            ..Self::default()
        })
    }
}

fn builder(of: &Json) -> Option<String> {
    of.text_at(&["builder", "id"]).filter(|id| !id.is_empty()).map(str::to_owned)
}

fn text(of: &Json, name: &str) -> Option<String> {
    of.text_at(&[name]).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn instant(of: &Json, name: &str) -> Option<Time> {
    // A bare number would be read as Unix seconds, which no provenance means.
    of.text_at(&[name]).filter(|text| text.contains('T'))?.parse().ok()
}

/// The event of a GitHub run, as each builder spells it.
fn event(environment: &Json) -> Option<String> {
    let spellings: [&[&str]; 3] = [&["GITHUB_EVENT_NAME"], &["github_event_name"], &["github", "event_name"]];
    spellings.iter().find_map(|path| environment.text_at(path)).filter(|event| !event.is_empty()).map(str::to_owned)
}

/// The payload of a GitHub event, as each builder spells its name.
fn payload(environment: &Json) -> &Json {
    let spellings = ["GITHUB_EVENT_PAYLOAD", "github_event_payload"];
    spellings.iter().find_map(|name| environment.get(name)).unwrap_or(&Json::Null)
}

/// The inputs of a manual start. The rest of the payload is no parameter: it describes the repository.
fn inputs(environment: &Json) -> &Json {
    payload(environment).get("inputs").unwrap_or(&Json::Null)
}

/// Says of tags from which branch they were made, where the event says so: a push of a tag at the head of a branch,
/// or a release for which a branch was chosen.
fn name_branch(sources: &mut [Source], environment: &Json) {
    let payload = payload(environment);
    let branch = match event(environment).as_deref() {
        Some("push") => payload.text_at(&["base_ref"]).map(str::to_owned),
        Some("release") => payload.text_at(&["release", "target_commitish"]).map(|name| format!("refs/heads/{name}")),
        _ => None,
    };
    let is_tag = |source: &&mut Source| source.reference.as_ref().is_some_and(|r| r.starts_with("refs/tags/"));
    for source in sources.iter_mut().filter(is_tag) {
        source.branch.clone_from(&branch);
    }
}

/// The trigger of v1: the workflow (GitHub), the configuration (Cloud Build), or the source (generator).
fn trigger_v1(external: &Json) -> Option<Source> {
    if let Some(source) = external.get("source") {
        return resource_source(source.get("artifact").unwrap_or(source), SourceNamedIn::Trigger);
    }
    let named = external.get("workflow").or_else(|| external.get("buildConfigSource"))?;
    let repository = text(named, "repository")?;
    Some(Source {
        repository,
        reference: text(named, "ref"),
        commit: None,
        branch: None,
        named_in: SourceNamedIn::Trigger,
    })
}

fn resource_source(resource: &Json, named_in: SourceNamedIn) -> Option<Source> {
    let uri = resource.text_at(&["uri"]).filter(|uri| !uri.is_empty())?;
    Some(source(uri, &digests(resource), named_in))
}

/// The material that is the source: the first one that lies in a version control system.
pub(super) fn material_source(materials: &[(String, BTreeMap<String, String>)]) -> Option<Source> {
    let has_commit =
        |digests: &BTreeMap<String, String>| digests.contains_key("gitCommit") || digests.contains_key("sha1");
    let is_source =
        |(uri, digests): &&(String, BTreeMap<String, String>)| uri.starts_with("git+") || has_commit(digests);
    materials.iter().find(is_source).map(|(uri, digests)| source(uri, digests, SourceNamedIn::Material))
}

/// A source from its URI, whose reference follows an `@` in the path.
pub(super) fn source(uri: &str, digests: &BTreeMap<String, String>, named_in: SourceNamedIn) -> Source {
    let path = uri.find("://").map_or(0, |at| at.saturating_add(3));
    let slash = uri.get(path..).and_then(|rest| rest.find('/')).map_or(uri.len(), |at| path.saturating_add(at));
    let at = uri.get(slash..).and_then(|rest| rest.find('@')).map(|at| slash.saturating_add(at));
    let (repository, reference) = match at.and_then(|at| uri.split_at_checked(at)) {
        Some((repository, reference)) => (repository, reference.strip_prefix('@')),
        None => (uri, None),
    };
    let commit = digests.get("gitCommit").or_else(|| digests.get("sha1")).cloned();
    Source {
        repository: repository.to_owned(),
        reference: reference.map(str::to_owned),
        commit,
        branch: None,
        named_in,
    }
}

fn materials(list: Option<&Json>) -> Vec<(String, BTreeMap<String, String>)> {
    let items = list.and_then(Json::as_array).unwrap_or_default();
    let read = |item: &Json| Some((text(item, "uri")?, digests(item)));
    items.iter().take(MAX_DEPENDENCIES).filter_map(read).collect()
}

fn digests(of: &Json) -> BTreeMap<String, String> {
    let members = of.get("digest").and_then(Json::as_object);
    let texts =
        members.into_iter().flatten().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    texts.collect()
}

/// Parameters, flattened to dotted paths under a prefix each.
fn parameters(groups: &[(&str, &Json)]) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    // A list of what is left to visit instead of recursion: the depth is the document's.
    let mut left: Vec<(String, &Json)> = Vec::new();
    for (prefix, json) in groups {
        // Inputs of an event keep the name that the policy asks for.
        let path = if prefix.is_empty() { String::new() } else { format!("{prefix}.inputs") };
        left.push((path, json));
    }
    while let Some((path, value)) = left.pop() {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        match value {
            Json::Object(members) => left.extend(members.iter().map(|(name, value)| (below(name), value))),
            Json::Array(items) => {
                left.extend(items.iter().enumerate().map(|(i, value)| (below(&i.to_string()), value)));
            }
            Json::Null => {}
            _ if flat.len() >= MAX_PARAMETERS => break,
            Json::String(text) => drop(flat.insert(path, text.clone())),
            Json::Bool(value) => drop(flat.insert(path, value.to_string())),
            Json::Number(number) => drop(flat.insert(path, number.to_string())),
        }
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn read(version: &str, text: &str) -> Option<Provenance> {
        Provenance::read(&format!("https://slsa.dev/provenance/{version}"), &parse(text.as_bytes()).unwrap())
    }

    #[test]
    fn all_versions_come_to_one_shape() {
        let v1 = read("v1", r#"{"buildDefinition":{"buildType":"t","externalParameters":{"workflow":{"ref":"refs/heads/main",
            "repository":"https://github.com/o/r"},"inputs":{"n":1,"b":true,"list":["x"]}},"internalParameters":{"github":
            {"event_name":"push","runner_environment":"github-hosted"}},"resolvedDependencies":[
            {"uri":"git+https://github.com/o/r@refs/heads/main","digest":{"gitCommit":"c0"}}]},
            "runDetails":{"builder":{"id":"b"},"metadata":{"invocationId":"i","startedOn":"2025-01-01T00:00:00Z"}}}"#).unwrap();
        assert_eq!(
            (v1.builder.as_str(), v1.event.as_deref(), v1.runner.as_deref()),
            ("b", Some("push"), Some("github-hosted"))
        );
        assert_eq!(v1.parameters.get("inputs.n").map(String::as_str), Some("1"));
        assert_eq!(v1.parameters.get("inputs.list.0").map(String::as_str), Some("x"));
        assert_eq!(v1.started, Some("2025-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(v1.sources[0].reference.as_deref(), Some("refs/heads/main"));
        assert_eq!(
            (v1.sources[1].repository.as_str(), v1.sources[1].commit.as_deref()),
            ("git+https://github.com/o/r", Some("c0"))
        );

        let v0_2 = read(
            "v0.2",
            r#"{"builder":{"id":"b"},"buildType":"t","invocation":{"configSource":{"uri":
            "git+https://github.com/o/r@refs/tags/v1","digest":{"sha1":"c0"}},"environment":{"github_event_name":"push",
            "github_event_payload":{"inputs":{"k":"v"},"repository":{"id":1}}}},"materials":[]}"#,
        )
        .unwrap();
        assert_eq!(v0_2.parameters.get("event.inputs.k").map(String::as_str), Some("v"));
        assert_eq!((v0_2.parameters.len(), v0_2.sources.len()), (1, 1));
        assert_eq!(v0_2.sources[0].reference.as_deref(), Some("refs/tags/v1"));

        let v0_1 = read("v0.1", r#"{"builder":{"id":"b"},"recipe":{"type":"t"},"materials":[{"uri":"https://github.com/o/r","digest":{"sha1":"c0"}}]}"#).unwrap();
        assert_eq!(v0_1.sources[0].commit.as_deref(), Some("c0"));
    }

    #[test]
    fn without_a_builder_it_is_no_provenance() {
        assert_eq!(read("v1", r#"{"buildDefinition":{},"runDetails":{"builder":{"id":""}}}"#), None);
        assert_eq!(read("v0.2", "{}"), None);
        assert_eq!(read("v9", r#"{"builder":{"id":"b"}}"#), None);
    }

    #[test]
    fn an_at_in_the_host_is_no_reference() {
        let host = source("https://user@example.com/o/r", &BTreeMap::new(), SourceNamedIn::Material);
        assert_eq!((host.repository.as_str(), host.reference), ("https://user@example.com/o/r", None));
    }
}
