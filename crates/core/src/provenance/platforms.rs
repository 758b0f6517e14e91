//! Where build platforms put what SLSA provenance has other places for.

use super::slsa::{self, Dependency, Provenance};
use crate::claim::SourceNamedIn;

/// The same, with what its platform means.
pub(super) fn adapted(mut provenance: Provenance) -> Provenance {
    let build_type = provenance.build_type.clone().unwrap_or_default();
    if ["tekton.dev/", "https://tekton.dev/"].iter().any(|prefix| build_type.starts_with(prefix)) {
        tekton(&mut provenance);
    } else if build_type.ends_with("/PROVENANCE.md") || build_type.contains("/gitlab/v0alpha1") {
        gitlab(&mut provenance);
    } else if build_type.contains("/slsa-jenkins-plugin@") {
        jenkins(&mut provenance);
    }
    provenance
}

/// The roles of dependencies by which Tekton Chains names definitions of tasks
/// (<https://tekton.dev/docs/chains/slsa-provenance/>).
const TEKTON_DEFINITIONS: [&str; 3] = ["pipeline", "task", "pipelineTask"];

/// The configuration that Tekton Chains names is the definition of the task, from a catalogue of tasks. What was
/// built is a dependency: with the role `inputs/result`, where roles are given.
fn tekton(provenance: &mut Provenance) {
    let definition = provenance.sources.iter().find(|source| source.named_in == SourceNamedIn::Trigger).cloned();
    let is_definition = |of: &Dependency| match (&of.name, &definition) {
        (Some(name), _) => TEKTON_DEFINITIONS.contains(&name.as_str()),
        // Without roles, the definition stands among the materials like everything else.
        (None, Some(definition)) => {
            let source = slsa::source(&of.uri, &of.digests, SourceNamedIn::Material);
            (source.repository, source.commit) == (definition.repository.clone(), definition.commit.clone())
        }
        (None, None) => false,
    };
    let built: Vec<_> = provenance.dependencies.iter().filter(|of| !is_definition(of)).cloned().collect();
    provenance.sources = slsa::material_source(&built).into_iter().collect();
}

/// GitLab keeps the reference among the variables of the job.
fn gitlab(provenance: &mut Provenance) {
    let variable = |name: &str| {
        let parameters = &provenance.parameters;
        let value = parameters.get(&format!("variables.{name}")).or_else(|| parameters.get(name));
        value.filter(|value| !value.is_empty())
    };
    let tag = variable("CI_COMMIT_TAG").map(|tag| format!("refs/tags/{tag}"));
    let reference = tag.or_else(|| variable("CI_COMMIT_BRANCH").map(|branch| format!("refs/heads/{branch}")));
    for source in provenance.sources.iter_mut().filter(|source| source.reference.is_none()) {
        source.reference.clone_from(&reference);
    }
}

/// Jenkins names a branch as its copy of the repository does: `origin/main`.
fn jenkins(provenance: &mut Provenance) {
    for reference in provenance.sources.iter_mut().filter_map(|source| source.reference.as_mut()) {
        if !reference.starts_with("refs/") {
            let branch = reference.strip_prefix("origin/").unwrap_or(reference);
            *reference = format!("refs/heads/{branch}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn read(version: &str, text: &str) -> Provenance {
        Provenance::read(&format!("https://slsa.dev/provenance/{version}"), &parse(text.as_bytes()).unwrap()).unwrap()
    }

    fn sources(provenance: &Provenance) -> Vec<(&str, Option<&str>, Option<&str>)> {
        let parts = provenance.sources.iter();
        parts
            .map(|source| (source.repository.as_str(), source.reference.as_deref(), source.commit.as_deref()))
            .collect()
    }

    #[test]
    fn tektons_definition_of_a_task_is_not_what_was_built() {
        let v1 = read(
            "v1",
            r#"{"buildDefinition":{"buildType":"https://tekton.dev/chains/v2/slsa","externalParameters":
            {"runSpec":{"params":[]},"buildConfigSource":{"repository":"git+https://github.com/catalogue/tasks","ref":"sha1:d0","path":"t.yaml"}},
            "resolvedDependencies":[
            {"name":"task","uri":"git+https://github.com/catalogue/tasks","digest":{"sha1":"d0"}},
            {"uri":"oci://registry/image","digest":{"sha256":"00"}},
            {"name":"inputs/result","uri":"git+https://github.com/acme/app.git","digest":{"sha1":"c0"}}]},
            "runDetails":{"builder":{"id":"https://tekton.dev/chains/v2"},"metadata":{}}}"#,
        );
        assert_eq!(sources(&v1), [("git+https://github.com/acme/app.git", None, Some("c0"))]);
        assert_eq!(v1.dependencies.len(), 3);

        let v0_2 = |materials: &str| {
            read(
                "v0.2",
                &format!(
                    r#"{{"builder":{{"id":"https://tekton.dev/chains/v2"}},"buildType":"tekton.dev/v1beta1/TaskRun",
            "invocation":{{"configSource":{{"uri":"git+https://github.com/catalogue/tasks","digest":{{"sha1":"d0"}}}}}},"materials":[{materials}]}}"#
                ),
            )
        };
        let built = r#"{"uri":"git+https://github.com/acme/app.git","digest":{"sha1":"c0"}}"#;
        let definition = r#"{"uri":"git+https://github.com/catalogue/tasks","digest":{"sha1":"d0"}}"#;
        assert_eq!(sources(&v0_2(built)), [("git+https://github.com/acme/app.git", None, Some("c0"))]);
        assert_eq!(sources(&v0_2(definition)), []);
    }

    #[test]
    fn gitlabs_reference_is_among_the_variables() {
        let runner = "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v16/PROVENANCE.md";
        let v1 = read(
            "v1",
            &format!(
                r#"{{"buildDefinition":{{"buildType":"{runner}","externalParameters":{{"source":"https://gitlab.com/o/r",
            "entryPoint":"build","variables":{{"CI_COMMIT_BRANCH":"main","CI_COMMIT_TAG":""}}}},"resolvedDependencies":[
            {{"uri":"https://gitlab.com/o/r","digest":{{"sha256":"f0582e2c9a16b5cc2cde90e8be8f1b50fd67c631"}}}}]}},
            "runDetails":{{"builder":{{"id":"https://gitlab.com/o/r/-/runners/1"}}}}}}"#
            ),
        );
        assert_eq!(
            sources(&v1),
            [
                ("https://gitlab.com/o/r", Some("refs/heads/main"), None),
                ("https://gitlab.com/o/r", Some("refs/heads/main"), Some("f0582e2c9a16b5cc2cde90e8be8f1b50fd67c631")),
            ]
        );
        let npm = read(
            "v0.2",
            r#"{"builder":{"id":"https://gitlab.com/o/r/-/runners/1"},"buildType":"https://github.com/npm/cli/gitlab/v0alpha1",
            "invocation":{"configSource":{"uri":"git+https://gitlab.com/o/r","digest":{"sha1":"c0"}},"parameters":{"CI_COMMIT_TAG":"v1"}}}"#,
        );
        assert_eq!(sources(&npm), [("git+https://gitlab.com/o/r", Some("refs/tags/v1"), Some("c0"))]);
    }

    #[test]
    fn jenkins_names_branches_as_its_copy_does() {
        let of = |reference: &str| {
            let read = read(
                "v0.2",
                &format!(
                    r#"{{"builder":{{"id":"b"}},"buildType":"https://gitlab.eclipse.org/eclipsefdn/security/slsa-jenkins-plugin@v1",
                "materials":[{{"uri":"git+https://github.com/o/r.git@{reference}","digest":{{"sha1":"c0"}}}}]}}"#
                ),
            );
            read.sources[0].reference.clone().unwrap()
        };
        assert_eq!(of("origin/main"), "refs/heads/main");
        assert_eq!(of("feature/x"), "refs/heads/feature/x");
        assert_eq!(of("refs/tags/v1"), "refs/tags/v1");
    }
}
