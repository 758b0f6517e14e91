//! Where provenance of Google Cloud Build departs from SLSA provenance v0.1.

use super::slsa::{self, Dependency};
use crate::claim::{Source, SourceNamedIn};
use crate::encoding::json::Json;

/// The source of a build. Before v0.3 of the builder, the commit stood in the URI of the material
/// (`…/commit/COMMIT`); the generation of an object in a bucket follows a `#`. The tag or branch is among the
/// substitutions of the build.
pub(super) fn source(materials: &[Dependency], arguments: &Json) -> Option<Source> {
    let first = || materials.first().map(|of| slsa::source(&of.uri, &of.digests, SourceNamedIn::Material));
    let mut source = slsa::material_source(materials).or_else(first)?;
    let of = |name: &str| arguments.text_at(&["substitutions", name]).filter(|text| !text.is_empty());
    let tag = of("TAG_NAME").map(|tag| format!("refs/tags/{tag}"));
    let reference = tag.or_else(|| of("BRANCH_NAME").map(|branch| format!("refs/heads/{branch}")));
    source.reference = source.reference.or(reference);
    if let Some((repository, generation)) = source.repository.split_once('#') {
        // A bucket's generation is no commit of a repository.
        let commit = (!repository.starts_with("gs://")).then(|| generation.to_owned());
        (source.commit, source.repository) = (source.commit.or(commit), repository.to_owned());
    }
    if let Some((repository, commit)) = source.repository.split_once("/commit/") {
        let commit = commit.to_owned();
        (source.commit, source.repository) = (source.commit.or(Some(commit)), repository.to_owned());
    }
    Some(source)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn of(uri: &str, substitutions: &str) -> (String, Option<String>, Option<String>) {
        let materials = [Dependency { uri: uri.to_owned(), ..Dependency::default() }];
        let arguments = format!(r#"{{"substitutions":{substitutions}}}"#);
        let source = source(&materials, &parse(arguments.as_bytes()).unwrap()).unwrap();
        (source.repository, source.reference, source.commit)
    }

    #[test]
    fn commits_and_generations_are_no_part_of_the_repository() {
        let repository = |text: &str| text.to_owned();
        assert_eq!(
            of("https://github.com/o/r/commit/c0", "{}"),
            (repository("https://github.com/o/r"), None, Some("c0".to_owned()))
        );
        assert_eq!(
            of("https://github.com/o/r#c0", "{}"),
            (repository("https://github.com/o/r"), None, Some("c0".to_owned()))
        );
        assert_eq!(of("gs://bucket/a.tgz#166", "{}"), (repository("gs://bucket/a.tgz"), None, None));
    }

    #[test]
    fn the_tag_counts_before_the_branch() {
        let reference = |substitutions: &str| of("https://github.com/o/r", substitutions).1;
        assert_eq!(reference(r#"{"TAG_NAME":"v1","BRANCH_NAME":"main"}"#).as_deref(), Some("refs/tags/v1"));
        assert_eq!(reference(r#"{"BRANCH_NAME":"main"}"#).as_deref(), Some("refs/heads/main"));
        assert_eq!(reference(r#"{"TAG_NAME":7,"BRANCH_NAME":""}"#), None);
    }
}
