//! Witness collections: what attestors saw of one step, with the files before and after it
//! (<https://github.com/in-toto/go-witness>). The names of builders are those that Witness itself writes into SLSA
//! provenance; which one it is follows from the attestors, as there.

use super::slsa::{Dependency, Provenance, digest_set, instant, text};
use crate::claim::{Source, SourceNamedIn};
use crate::encoding::json::Json;

/// The predicate types of collections.
pub(super) const COLLECTIONS: [&str; 2] =
    ["https://witness.testifysec.com/attestation-collection/v0.1", "https://witness.dev/attestation-collection/v0.1"];

/// Attestations read from one collection; real ones have about ten.
const MAX_ATTESTATIONS: usize = 1000;
/// Remotes of all copies of the repository that are read, each with its reference and commit; a copy has one or two.
const MAX_REMOTES: usize = 100;
/// Bytes of a reference or commit: it is repeated for every remote.
const MAX_NAME: usize = 4_096;
/// Files before the step that are read: those of a large repository.
const MAX_MATERIALS: usize = 50_000;

/// Reads a collection.
pub(super) fn read(predicate_type: &str, predicate: &Json) -> Option<Provenance> {
    let attestations = predicate.get("attestations")?.as_array()?;
    let mut read = Provenance {
        builder: "https://witness.dev/witness-default-builder@v0.1".to_owned(),
        build_type: Some(predicate_type.to_owned()),
        is_beyond_limit: attestations.len() > MAX_ATTESTATIONS,
        ..Provenance::default()
    };
    for item in attestations.iter().take(MAX_ATTESTATIONS) {
        let seen = item.get("attestation").unwrap_or(&Json::Null);
        match item.text_at(&["type"]).and_then(attestor) {
            Some("git") => git(&mut read, seen),
            Some("github") => github(&mut read, seen),
            Some("gitlab") => gitlab(&mut read, seen),
            Some("jenkins") => {
                read.builder = "https://witness.dev/witness-jenkins-component-builder@v0.1".to_owned();
                read.invocation = text(seen, "pipelineurl");
            }
            Some("material") => materials(&mut read, seen),
            Some("command-run") => command(&mut read, item, seen),
            _ => {}
        }
    }
    Some(read)
}

/// `git` of `https://witness.dev/attestations/git/v0.1`.
fn attestor(kind: &str) -> Option<&str> {
    let (path, _version) = kind.rsplit_once('/')?;
    let (place, name) = path.rsplit_once('/')?;
    place.ends_with("/attestations").then_some(name)
}

/// The copy of the repository in which the step ran: its remotes, and the references that its commit has.
fn git(read: &mut Provenance, seen: &Json) {
    let names = |key: &str| seen.get(key).and_then(Json::as_array).unwrap_or_default().iter().filter_map(Json::as_str);
    let one = |prefix: &str| {
        let mut fitting = names("refs").filter(|name| name.starts_with(prefix));
        fitting.next().filter(|_| fitting.next().is_none()).map(str::to_owned)
    };
    let reference = one("refs/tags/").or_else(|| one("refs/heads/"));
    let commit = text(seen, "commithash");
    let is_long = [&reference, &commit].into_iter().flatten().any(|name| name.len() > MAX_NAME);
    let room = if is_long { 0 } else { MAX_REMOTES.saturating_sub(read.sources.len()) };
    read.is_beyond_limit |= names("remotes").count() > room;
    read.sources.extend(names("remotes").take(room).map(|remote| Source {
        repository: without_credentials(remote),
        reference: reference.clone(),
        commit: commit.clone(),
        branch: None,
        named_in: SourceNamedIn::Material,
    }));
}

fn github(read: &mut Provenance, seen: &Json) {
    let claim = |name: &str| seen.text_at(&["jwt", "claims", name]).filter(|text| !text.is_empty()).map(str::to_owned);
    read.builder = "https://witness.dev/witness-github-action-builder@v0.1".to_owned();
    read.invocation = text(seen, "pipelineurl");
    (read.event, read.runner) = (claim("event_name"), claim("runner_environment"));
    trigger(read, seen, claim("ref"), claim("sha"));
}

fn gitlab(read: &mut Provenance, seen: &Json) {
    let claim = |name: &str| seen.text_at(&["jwt", "claims", name]).filter(|text| !text.is_empty()).map(str::to_owned);
    read.builder = "https://witness.dev/witness-gitlab-component-builder@v0.1".to_owned();
    // As in certificates for GitLab's jobs.
    read.invocation = text(seen, "joburl").or_else(|| text(seen, "pipelineurl"));
    (read.event, read.runner) = (claim("pipeline_source"), claim("runner_environment"));
    let kind = match claim("ref_type").as_deref() {
        Some("tag") => Some("tags"),
        Some("branch") => Some("heads"),
        _ => None,
    };
    let reference = kind.zip(claim("ref")).map(|(kind, name)| format!("refs/{kind}/{name}"));
    trigger(read, seen, reference, claim("sha"));
}

fn trigger(read: &mut Provenance, seen: &Json, reference: Option<String>, commit: Option<String>) {
    let named_in = SourceNamedIn::Trigger;
    let source = |repository| Source { repository, reference, commit, branch: None, named_in };
    read.sources.extend(text(seen, "projecturl").map(source));
}

/// The files that were there before the step.
fn materials(read: &mut Provenance, seen: &Json) {
    let files = seen.as_object();
    read.is_beyond_limit |= files.is_some_and(|files| files.len() > MAX_MATERIALS);
    let files = files.into_iter().flatten().take(MAX_MATERIALS);
    let dependency = |(path, digests): (&String, &Json)| Dependency {
        uri: format!("file:{path}"),
        name: None,
        digests: digest_set(digests),
    };
    read.dependencies.extend(files.map(dependency));
}

/// The command of the step, and how long it ran.
fn command(read: &mut Provenance, item: &Json, seen: &Json) {
    let words: Vec<_> =
        seen.get("cmd").and_then(Json::as_array).unwrap_or_default().iter().filter_map(Json::as_str).collect();
    read.parameters.insert("command".to_owned(), words.join(" "));
    (read.started, read.finished) = (instant(item, "starttime"), instant(item, "endtime"));
}

/// A remote as others name the repository: over HTTPS, without who fetches it.
fn without_credentials(remote: &str) -> String {
    if let Some((user, rest)) = remote.split_once('@')
        && let Some((host, path)) = rest.split_once(':')
        && !user.contains("//")
        && !host.contains('/')
    {
        return format!("https://{host}/{path}");
    }
    let Some((scheme, rest)) = remote.split_once("://") else { return remote.to_owned() };
    let (authority, path) = rest.split_once('/').map_or((rest, None), |(authority, path)| (authority, Some(path)));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let scheme = if matches!(scheme, "ssh" | "git+ssh" | "git") { "https" } else { scheme };
    path.map_or_else(|| format!("{scheme}://{host}"), |path| format!("{scheme}://{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    const COLLECTION: &str = r#"{"name":"build","attestations":[
        {"type":"https://witness.dev/attestations/environment/v0.1","attestation":{"os":"linux","variables":{"A":"b"}}},
        {"type":"https://witness.dev/attestations/git/v0.1","attestation":{"commithash":"c0","refs":["HEAD","refs/heads/main"],
            "remotes":["git@github.com:acme/app.git"]}},
        {"type":"https://witness.dev/attestations/github/v0.1","attestation":{"pipelineurl":"https://github.com/acme/app/actions/runs/7",
            "projecturl":"https://github.com/acme/app","jwt":{"claims":{"ref":"refs/heads/main","sha":"c0","event_name":"push",
            "runner_environment":"github-hosted"}}}},
        {"type":"https://witness.dev/attestations/material/v0.1","attestation":{"main.go":{"sha256":"00","gitoid:sha1":"x"}}},
        {"type":"https://witness.dev/attestations/command-run/v0.1","attestation":{"cmd":["go","build"],"exitcode":0},
            "starttime":"2026-01-01T00:00:00Z","endtime":"2026-01-01T00:01:00Z"},
        {"type":"https://witness.dev/attestations/product/v0.1","attestation":{"app":{"mime_type":"x","digest":{"sha256":"01"}}}}]}"#;

    #[test]
    fn a_collection_comes_to_the_same_shape() {
        let read = read(COLLECTIONS[1], &parse(COLLECTION.as_bytes()).unwrap()).unwrap();
        assert_eq!(read.builder, "https://witness.dev/witness-github-action-builder@v0.1");
        assert_eq!((read.event.as_deref(), read.runner.as_deref()), (Some("push"), Some("github-hosted")));
        assert_eq!(read.invocation.as_deref(), Some("https://github.com/acme/app/actions/runs/7"));
        let sources: Vec<_> = read
            .sources
            .iter()
            .map(|source| {
                (source.repository.as_str(), source.reference.as_deref(), source.commit.as_deref(), source.named_in)
            })
            .collect();
        assert_eq!(
            sources,
            [
                ("https://github.com/acme/app.git", Some("refs/heads/main"), Some("c0"), SourceNamedIn::Material),
                ("https://github.com/acme/app", Some("refs/heads/main"), Some("c0"), SourceNamedIn::Trigger),
            ]
        );
        assert_eq!(read.parameters.get("command").map(String::as_str), Some("go build"));
        assert_eq!((read.dependencies.len(), read.dependencies[0].uri.as_str()), (1, "file:main.go"));
        assert!(read.started < read.finished);
    }

    #[test]
    fn gitlabs_claims_name_the_kind_of_reference() {
        let text = r#"{"attestations":[{"type":"https://witness.dev/attestations/gitlab/v0.1","attestation":{"joburl":"j","pipelineurl":"p",
            "projecturl":"https://gitlab.com/o/r","jwt":{"claims":{"ref":"v1","ref_type":"tag","sha":"c0"}}}}]}"#;
        let read = read(COLLECTIONS[0], &parse(text.as_bytes()).unwrap()).unwrap();
        assert_eq!(
            (read.sources[0].reference.as_deref(), read.invocation.as_deref()),
            (Some("refs/tags/v1"), Some("j"))
        );
    }

    #[test]
    fn remotes_are_not_read_beyond_measure() {
        let collection = |count: usize, commit: &str| {
            let remotes = vec![r#""https://git.example/o/r""#; count].join(",");
            let text = format!(
                r#"{{"attestations":[{{"type":"https://witness.dev/attestations/git/v0.1","attestation":
                    {{"commithash":"{commit}","remotes":[{remotes}]}}}}]}}"#
            );
            let read = read(COLLECTIONS[0], &parse(text.as_bytes()).unwrap()).unwrap();
            (read.sources.len(), read.is_beyond_limit)
        };
        assert_eq!(collection(MAX_REMOTES, "c0"), (MAX_REMOTES, false));
        assert_eq!(collection(MAX_REMOTES + 1, "c0"), (MAX_REMOTES, true));
        assert_eq!(collection(1, &"c".repeat(MAX_NAME + 1)), (0, true));
    }

    #[test]
    fn remotes_are_named_as_others_name_them() {
        for (remote, expected) in [
            ("git@github.com:acme/app.git", "https://github.com/acme/app.git"),
            ("ssh://git@github.com/acme/app", "https://github.com/acme/app"),
            ("https://ci:secret@gitlab.com/o/r.git", "https://gitlab.com/o/r.git"),
            ("https://github.com@evil.example/acme/app", "https://evil.example/acme/app"),
            ("https://github.com/acme/app", "https://github.com/acme/app"),
            ("/srv/git/app", "/srv/git/app"),
        ] {
            assert_eq!(without_credentials(remote), expected);
        }
    }

    #[test]
    fn what_is_no_collection_is_none() {
        assert_eq!(read(COLLECTIONS[0], &parse(b"{}").unwrap()), None);
        assert_eq!(attestor("https://witness.dev/attestations/git/v0.1"), Some("git"));
        assert_eq!(attestor("https://witness.dev/git"), None);
    }
}
