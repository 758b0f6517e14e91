//! What a statement says of a build, in one form whatever its kind; SLSA provenance v0.1, v0.2 and v1
//! (<https://slsa.dev/spec/v1.2/provenance>).

use std::collections::BTreeMap;

use super::{cloud_build, parameters, platforms, witness};
use crate::claim::{Source, SourceNamedIn};
use crate::encoding::json::{Cursor, Json};
use crate::time::Time;

/// What a statement says of a build.
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
    pub(super) dependencies: Vec<Dependency>,
    /// More parameters or dependencies than are read.
    pub(super) is_beyond_limit: bool,
}

/// What a build used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Dependency {
    /// Its URI, or its name where it has none.
    pub(super) uri: String,
    /// Its role, where one is given.
    pub(super) name: Option<String>,
    /// Algorithm to hexadecimal digest.
    pub(super) digests: BTreeMap<String, String>,
}

/// Dependencies that are read: every file of a large repository, as Witness lists them.
const MAX_DEPENDENCIES: usize = 50_000;

impl Provenance {
    /// Reads a predicate; `None` if it says nothing of a build, or names no builder.
    pub(super) fn read(predicate_type: &str, predicate: &Json) -> Option<Self> {
        let read = match predicate_type {
            "https://slsa.dev/provenance/v1"
            | "https://slsa.dev/provenance/v1.0"
            | "https://slsa.dev/provenance/v1.0?draft"
            | "https://slsa.dev/provenance/v1-rc1"
            | "https://slsa.dev/provenance/v1-rc2" => Self::v1(predicate),
            "https://slsa.dev/provenance/v0.2" => Self::v0_2(predicate),
            "https://slsa.dev/provenance/v0.1" => Self::v0_1(predicate),
            collection if witness::COLLECTIONS.contains(&collection) => witness::read(collection, predicate),
            _ => None,
        };
        read.map(platforms::adapted)
    }

    fn v1(predicate: &Json) -> Option<Self> {
        let definition = predicate.get("buildDefinition")?;
        let run = predicate.get("runDetails")?;
        let external = definition.get("externalParameters").unwrap_or(&Json::Null);
        let internal = definition.get("internalParameters").unwrap_or(&Json::Null);
        let metadata = run.get("metadata").unwrap_or(&Json::Null);
        let mut read = Self {
            builder: builder(run)?,
            build_type: text(definition, "buildType"),
            sources: triggers(external, internal),
            event: event(internal),
            runner: internal.text_at(&["github", "runner_environment"]).map(str::to_owned),
            invocation: text(metadata, "invocationId").or_else(|| text(metadata, "invocationID")),
            started: instant(metadata, "startedOn"),
            finished: instant(metadata, "finishedOn"),
            ..Self::default()
        };
        read.depends_on(definition.get("resolvedDependencies"));
        read.sources.extend(material_source(&read.dependencies));
        read.has_parameters(&[("", external), ("event.inputs", inputs(internal))]);
        name_branch(&mut read.sources, internal);
        Some(read)
    }

    fn v0_2(predicate: &Json) -> Option<Self> {
        let invocation = predicate.get("invocation").unwrap_or(&Json::Null);
        let environment = invocation.get("environment").unwrap_or(&Json::Null);
        let configuration = invocation.get("configSource").unwrap_or(&Json::Null);
        let metadata = predicate.get("metadata").unwrap_or(&Json::Null);
        let mut read = Self {
            builder: builder(predicate)?,
            build_type: text(predicate, "buildType"),
            sources: resource_source(configuration, SourceNamedIn::Trigger).into_iter().collect(),
            event: event(environment),
            invocation: text(metadata, "buildInvocationId").or_else(|| text(metadata, "buildInvocationID")),
            started: instant(metadata, "buildStartedOn"),
            finished: instant(metadata, "buildFinishedOn"),
            ..Self::default()
        };
        read.depends_on(predicate.get("materials"));
        read.sources.extend(material_source(&read.dependencies));
        let external = invocation.get("parameters").unwrap_or(&Json::Null);
        read.has_parameters(&[("", external), ("event.inputs", inputs(environment))]);
        name_branch(&mut read.sources, environment);
        Some(read)
    }

    fn v0_1(predicate: &Json) -> Option<Self> {
        let recipe = predicate.get("recipe").unwrap_or(&Json::Null);
        let metadata = predicate.get("metadata").unwrap_or(&Json::Null);
        let arguments = recipe.get("arguments").unwrap_or(&Json::Null);
        let mut read = Self {
            builder: builder(predicate)?,
            build_type: text(recipe, "type"),
            invocation: text(metadata, "buildInvocationId"),
            started: instant(metadata, "buildStartedOn"),
            finished: instant(metadata, "buildFinishedOn"),
            ..Self::default()
        };
        read.depends_on(predicate.get("materials"));
        read.sources.extend(cloud_build::source(&read.dependencies, arguments));
        read.has_parameters(&[("", arguments)]);
        Some(read)
    }

    /// Keeps the dependencies, or that there are too many.
    pub(super) fn depends_on(&mut self, list: Option<&Json>) {
        let items = list.and_then(Json::as_array).unwrap_or_default();
        self.is_beyond_limit |= items.len() > MAX_DEPENDENCIES;
        self.dependencies = items.iter().take(MAX_DEPENDENCIES).filter_map(dependency).collect();
    }

    /// Keeps the parameters, or that there are too many.
    pub(super) fn has_parameters(&mut self, groups: &[(&str, &Json)]) {
        match parameters::flatten(groups) {
            Some(flat) => self.parameters = flat,
            None => self.is_beyond_limit = true,
        }
    }
}

fn builder(of: &Json) -> Option<String> {
    of.text_at(&["builder", "id"]).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// A member that is a text and not empty.
pub(super) fn text(of: &Json, name: &str) -> Option<String> {
    of.text_at(&[name]).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A member that is an instant.
pub(super) fn instant(of: &Json, name: &str) -> Option<Time> {
    Cursor::new(of.get(name)?).instant().ok()
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

/// What v1 names as the trigger: the source (generators), the workflow (GitHub), the configuration and, where it
/// is another one, the source that it built (Cloud Build). Where parameters name none, the workflow that GitHub ran.
fn triggers(external: &Json, internal: &Json) -> Vec<Source> {
    if let Some(source) = external.get("source") {
        let source = source.get("artifact").unwrap_or(source);
        let named = source.as_str().map(|uri| self::source(uri, &BTreeMap::new(), SourceNamedIn::Trigger));
        return named.or_else(|| resource_source(source, SourceNamedIn::Trigger)).into_iter().collect();
    }
    let named = ["workflow", "buildConfigSource", "sourceToBuild"].into_iter();
    let named: Vec<_> = named.filter_map(|name| repository_source(external.get(name)?)).collect();
    if named.is_empty() { workflow_source(internal).into_iter().collect() } else { named }
}

/// A repository with a reference; Cloud Build writes a commit in its place where the trigger named one.
fn repository_source(of: &Json) -> Option<Source> {
    let (reference, commit) = match text(of, "ref") {
        Some(commit) if is_commit(&commit) => (None, Some(commit)),
        reference => (reference, None),
    };
    let named_in = SourceNamedIn::Trigger;
    Some(Source { repository: text(of, "repository")?, reference, commit, branch: None, named_in })
}

/// `OWNER/REPOSITORY/PATH@REFERENCE`, as GitHub names the workflow that it started.
fn workflow_source(internal: &Json) -> Option<Source> {
    let (workflow, reference) = internal.text_at(&["GITHUB_WORKFLOW_REF"])?.split_once('@')?;
    let mut parts = workflow.splitn(3, '/');
    let (owner, name) = (parts.next()?, parts.next()?);
    Some(Source {
        repository: format!("https://github.com/{owner}/{name}"),
        reference: Some(reference.to_owned()),
        commit: None,
        branch: None,
        named_in: SourceNamedIn::Trigger,
    })
}

fn resource_source(of: &Json, named_in: SourceNamedIn) -> Option<Source> {
    Some(source(&text(of, "uri")?, &digests(of), named_in))
}

/// The dependency that is the source: the first one that lies in a version control system.
pub(super) fn material_source(dependencies: &[Dependency]) -> Option<Source> {
    let is_source = |of: &&Dependency| of.uri.starts_with("git+") || commit(&of.digests).is_some();
    dependencies.iter().find(is_source).map(|of| source(&of.uri, &of.digests, SourceNamedIn::Material))
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
    Source {
        repository: repository.to_owned(),
        reference: reference.map(str::to_owned),
        commit: commit(digests),
        branch: None,
        named_in,
    }
}

/// The commit among digests. GitLab's runner once labelled it as SHA-256.
fn commit(digests: &BTreeMap<String, String>) -> Option<String> {
    let mislabelled = || digests.get("sha256").filter(|value| is_commit(value));
    digests.get("gitCommit").or_else(|| digests.get("sha1")).or_else(mislabelled).cloned()
}

/// As long as a commit's SHA-1 name.
fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn dependency(item: &Json) -> Option<Dependency> {
    let name = text(item, "name");
    let uri = text(item, "uri").or_else(|| name.clone())?;
    Some(Dependency { uri, name, digests: digests(item) })
}

fn digests(of: &Json) -> BTreeMap<String, String> {
    digest_set(of.get("digest").unwrap_or(&Json::Null))
}

/// Algorithm to hexadecimal digest.
pub(super) fn digest_set(of: &Json) -> BTreeMap<String, String> {
    let members = of.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
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
            "github_event_payload":{"base_ref":"refs/heads/main","inputs":{"k":"v"},"repository":{"id":1}}}},"materials":[]}"#,
        )
        .unwrap();
        assert_eq!(v0_2.parameters.get("event.inputs.k").map(String::as_str), Some("v"));
        assert_eq!((v0_2.parameters.len(), v0_2.sources.len()), (1, 1));
        assert_eq!(v0_2.sources[0].reference.as_deref(), Some("refs/tags/v1"));
        assert_eq!(v0_2.sources[0].branch.as_deref(), Some("refs/heads/main"));

        let v0_1 = read("v0.1", r#"{"builder":{"id":"b"},"recipe":{"type":"t"},"materials":[{"uri":"https://github.com/o/r","digest":{"sha1":"c0"}}]}"#).unwrap();
        assert_eq!(v0_1.sources[0].commit.as_deref(), Some("c0"));
    }

    #[test]
    fn without_a_builder_it_is_no_provenance() {
        assert_eq!(read("v1", r#"{"buildDefinition":{},"runDetails":{"builder":{"id":""}}}"#), None);
        assert_eq!(read("v0.2", "{}"), None);
        assert_eq!(read("v9", r#"{"builder":{"id":"b"}}"#), None);
    }

    fn v1_with(external: &str, internal: &str) -> Provenance {
        let text = format!(
            r#"{{"buildDefinition":{{"buildType":"t","externalParameters":{external},"internalParameters":{internal}}},
            "runDetails":{{"builder":{{"id":"b"}}}}}}"#
        );
        read("v1", &text).unwrap()
    }

    #[test]
    fn a_configuration_from_elsewhere_and_the_source_are_both_triggers() {
        let both = r#"{"buildConfigSource":{"repository":"https://a","ref":"refs/heads/main"},
            "sourceToBuild":{"repository":"https://b","ref":"0123456789012345678901234567890123456789"}}"#;
        let sources = v1_with(both, "{}").sources;
        assert_eq!(
            sources.iter().map(|source| source.repository.as_str()).collect::<Vec<_>>(),
            ["https://a", "https://b"]
        );
        assert_eq!((sources[1].reference.as_deref(), sources[1].commit.as_deref().map(str::len)), (None, Some(40)));
    }

    #[test]
    fn a_source_may_be_a_text_or_only_the_workflow_that_ran() {
        assert_eq!(
            v1_with(r#"{"source":"https://gitlab.com/o/r"}"#, "{}").sources[0].repository,
            "https://gitlab.com/o/r"
        );
        let workflow = r#"{"GITHUB_WORKFLOW_REF":"o/r/.github/workflows/x.yml@refs/tags/v1"}"#;
        let source = &v1_with(r#"{"inputs":{}}"#, workflow).sources[0];
        assert_eq!(
            (source.repository.as_str(), source.reference.as_deref()),
            ("https://github.com/o/r", Some("refs/tags/v1"))
        );
        assert_eq!(v1_with("{}", r#"{"GITHUB_WORKFLOW_REF":"o"}"#).sources, []);
    }

    #[test]
    fn too_many_dependencies_are_said() {
        let list = vec![r#"{"uri":"u"}"#; MAX_DEPENDENCIES + 1].join(",");
        let many = read("v0.2", &format!(r#"{{"builder":{{"id":"b"}},"materials":[{list}]}}"#)).unwrap();
        assert!(many.is_beyond_limit && many.dependencies.len() == MAX_DEPENDENCIES);
    }

    #[test]
    fn an_at_in_the_host_is_no_reference() {
        let host = source("https://user@example.com/o/r", &BTreeMap::new(), SourceNamedIn::Material);
        assert_eq!((host.repository.as_str(), host.reference), ("https://user@example.com/o/r", None));
    }
}
