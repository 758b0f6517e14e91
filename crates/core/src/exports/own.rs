//! Countersign's own form for what gateways, logs and scripts record about a release (docs/release-path.md).

use super::{ExportFormat, MANY, Reader, at_most, has, instant, state, text};
use crate::claim::{Fact, Voucher};
use crate::crypto::Digest;
use crate::encoding::json::{Cursor, FieldError, Json, Problem};
use crate::release::act::{Act, Duty};
use crate::release::actor::Actor;
use crate::release::history::{PublishedHow, PublishedVersion};
use crate::release::released::{Rebuild, ReleasedFile, TagRecord};
use crate::release::review::{Approval, Review};
use crate::time::Time;
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// The entry of the table.
pub(super) static RECORD: ExportFormat =
    ExportFormat { id: "release-record", reader: Reader::Json { detect: is_record, read }, voucher: Voucher::Gateway };

const SCHEMA: &str = "countersign/release/v1";

type ReadItem = fn(&Cursor<'_>) -> Result<Fact, FieldError>;

/// Lists of a record, with what reads each of their items.
const LISTS: [(&str, ReadItem); 7] = [
    ("acts", act),
    ("files", file),
    ("rebuilds", rebuild),
    ("reviews", review),
    ("tags", tag),
    ("tools", tool),
    ("versions", version),
];

fn is_record(document: &Json) -> bool {
    has(document, &["schema"])
        && document.text_at(&["schema"]).is_some_and(|schema| schema.starts_with("countersign/release/"))
}

fn read(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let schema = document.field("schema")?;
    if schema.text()? != SCHEMA {
        return Err(schema.error(Problem::BadValue("a version of release records that is read here")));
    }
    only(document, &["schema", "acts", "files", "rebuilds", "reviews", "tags", "tools", "versions"])?;
    let mut facts = Vec::new();
    for (name, read) in LISTS {
        for item in at_most(document, name, MANY)? {
            state(&mut facts, read(&item)?, &item)?;
        }
    }
    Ok(facts)
}

/// A record is our own form: a member that is misspelt would be lost in silence.
fn only(place: &Cursor<'_>, names: &[&str]) -> Result<(), FieldError> {
    let members = place.value().as_object().ok_or_else(|| place.error(Problem::WrongType("object")))?;
    match members.keys().find(|name| !names.contains(&name.as_str())) {
        Some(unknown) => Err(place.field(unknown)?.error(Problem::BadValue("a member that is known here"))),
        None => Ok(()),
    }
}

fn required(of: &Cursor<'_>, name: &str) -> Result<String, FieldError> {
    let place = of.field(name)?;
    match place.text()? {
        "" => Err(place.error(Problem::BadValue("a text that says something"))),
        text => Ok(text.to_owned()),
    }
}

fn act(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["duty", "by", "at", "digest", "emergency"])?;
    let duty = place.field("duty")?;
    let known = Duty::of_word(duty.text()?);
    Ok(Fact::Acted(Act {
        duty: known.ok_or_else(|| {
            duty.error(Problem::BadValue("a duty: author, review, build, approve, sign, publish, deploy"))
        })?,
        by: actor(&place.field("by")?)?,
        at: instant(place, "at")?,
        digest: digest(&place.field("digest")?)?,
        emergency: flag(place, "emergency")?.unwrap_or(false),
    }))
}

fn actor(place: &Cursor<'_>) -> Result<Actor, FieldError> {
    only(place, &["realm", "number", "name", "bot"])?;
    Ok(Actor {
        realm: required(place, "realm")?,
        number: text(place, "number")?,
        name: required(place, "name")?,
        bot: flag(place, "bot")?.unwrap_or(false),
    })
}

fn file(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["name", "digests", "version", "published", "signed", "withdrawn"])?;
    Ok(Fact::Released(ReleasedFile {
        name: required(place, "name")?,
        digests: digests(place)?,
        version: text(place, "version")?,
        published: instant(place, "published")?,
        signed: flag(place, "signed")?,
        withdrawn: text(place, "withdrawn")?,
    }))
}

fn rebuild(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["repository", "commit", "name", "digest", "by"])?;
    Ok(Fact::BuiltAgain(Rebuild {
        repository: required(place, "repository")?,
        commit: required(place, "commit")?,
        name: required(place, "name")?,
        digest: digest(&place.field("digest")?)?,
        by: required(place, "by")?,
    }))
}

fn review(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["repository", "commit", "revision", "authors", "last_change", "approvals", "merged_by"])?;
    let commit = required(place, "commit")?;
    Ok(Fact::Reviewed(Review {
        repository: required(place, "repository")?,
        revision: text(place, "revision")?.unwrap_or_else(|| commit.clone()),
        commit,
        authors: place.list("authors")?.iter().map(actor).collect::<Result<_, _>>()?,
        last_change: instant(place, "last_change")?,
        approvals: place.list("approvals")?.iter().map(approval).collect::<Result<_, _>>()?,
        merged_by: place.optional("merged_by")?.map(|by| actor(&by)).transpose()?,
    }))
}

fn approval(place: &Cursor<'_>) -> Result<Approval, FieldError> {
    only(place, &["by", "revision", "at", "dismissed"])?;
    Ok(Approval {
        by: actor(&place.field("by")?)?,
        revision: text(place, "revision")?,
        at: instant(place, "at")?,
        dismissed: flag(place, "dismissed")?.unwrap_or(false),
    })
}

fn tag(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["repository", "tag", "commit", "before", "floating"])?;
    let before = place.list("before")?;
    Ok(Fact::Tagged(TagRecord {
        repository: required(place, "repository")?,
        tag: required(place, "tag")?,
        commit: required(place, "commit")?,
        before: before.iter().map(|commit| commit.text().map(str::to_owned)).collect::<Result<_, _>>()?,
        floating: flag(place, "floating")?.unwrap_or(false),
    }))
}

fn tool(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["tool", "version", "kind", "outcome", "at", "digest", "summary"])?;
    let (kind, outcome) = (place.field("kind")?, place.field("outcome")?);
    let known_kind = ToolKind::of_word(kind.text()?);
    let known_outcome = ToolOutcome::of_word(outcome.text()?);
    let result = ToolResult::new(
        required(place, "tool")?,
        known_kind.ok_or_else(|| kind.error(Problem::BadValue(KINDS)))?,
        known_outcome.ok_or_else(|| outcome.error(Problem::BadValue(OUTCOMES)))?,
    );
    Ok(Fact::ToolFound(ToolResult {
        version: text(place, "version")?,
        at: instant(place, "at")?,
        digests: vec![digest(&place.field("digest")?)?],
        summary: text(place, "summary")?.unwrap_or_default(),
        ..result
    }))
}

const KINDS: &str = "a kind: sbom, vulnerabilities, vex, malware, behaviour, tests, static-analysis, source-comparison, \
                     allow-list";
const OUTCOMES: &str = "an outcome: clean, found, passed, failed, listed, unknown";

fn version(place: &Cursor<'_>) -> Result<Fact, FieldError> {
    only(place, &["package", "version", "published", "how", "digests", "withdrawn", "explained"])?;
    let how = place.field("how")?;
    let known = PublishedHow::of_word(how.text()?);
    Ok(Fact::PublishedVersion(PublishedVersion {
        package: required(place, "package")?,
        version: required(place, "version")?,
        published: published(place)?,
        how: known.ok_or_else(|| how.error(Problem::BadValue("unattested, attested or trusted-publisher")))?,
        digests: digests(place)?,
        withdrawn: text(place, "withdrawn")?,
        explained: explained(place)?,
    }))
}

/// Who explains nothing leaves the member out: an empty explanation is a mistake.
fn explained(place: &Cursor<'_>) -> Result<Option<String>, FieldError> {
    place.optional("explained")?.map(|_| required(place, "explained")).transpose()
}

fn published(place: &Cursor<'_>) -> Result<Time, FieldError> {
    instant(place, "published")?.ok_or_else(|| place.error(Problem::BadValue("a version with the instant `published`")))
}

fn digests(place: &Cursor<'_>) -> Result<Vec<Digest>, FieldError> {
    place.list("digests")?.iter().map(digest).collect()
}

fn digest(place: &Cursor<'_>) -> Result<Digest, FieldError> {
    place.text()?.parse().map_err(|_| place.error(Problem::BadValue("a digest, ALGORITHM:HEX")))
}

fn flag(of: &Cursor<'_>, name: &str) -> Result<Option<bool>, FieldError> {
    let Some(place) = of.optional(name)? else { return Ok(None) };
    match place.value() {
        Json::Bool(flag) => Ok(Some(*flag)),
        _ => Err(place.error(Problem::WrongType("boolean"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn facts(text: &str) -> Result<Vec<Fact>, String> {
        let document = parse(text.as_bytes()).unwrap();
        assert!(is_record(&document));
        read(&Cursor::new(&document)).map_err(|error| error.to_string())
    }

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn every_list_is_read() {
        let text = format!(
            r#"{{"schema":"countersign/release/v1",
            "acts":[{{"duty":"approve","by":{{"realm":"https://git.example","number":"7","name":"jo"}},
                "at":"2026-01-01T00:00:00Z","digest":"{DIGEST}","emergency":true}}],
            "files":[{{"name":"app.tgz","digests":["{DIGEST}"],"withdrawn":"broken"}}],
            "rebuilds":[{{"repository":"r","commit":"c0","name":"app.tgz","digest":"{DIGEST}","by":"second builder"}}],
            "reviews":[{{"repository":"r","commit":"c0","authors":[{{"realm":"f","name":"a"}}],
                "approvals":[{{"by":{{"realm":"f","name":"b"}},"revision":"c0"}}]}}],
            "tags":[{{"repository":"r","tag":"refs/tags/v1","commit":"c1","before":["c0"],"floating":true}}],
            "tools":[{{"tool":"clamav","version":"1.4","kind":"malware","outcome":"clean","at":"2026-01-01T00:00:00Z",
                "digest":"{DIGEST}","summary":"nothing"}}],
            "versions":[{{"package":"p","version":"1.0.0","published":"2026-01-01T00:00:00Z","how":"attested",
                "explained":"why"}}]}}"#
        );
        let names: Vec<_> = facts(&text).unwrap().iter().map(Fact::name).collect();
        assert_eq!(
            names,
            ["acted", "released", "built-again", "reviewed", "tagged", "tool-found", "published-version"]
        );
    }

    #[test]
    fn what_is_misspelt_or_missing_is_an_error_with_its_place() {
        let record = |rest: &str| facts(&format!(r#"{{"schema":"countersign/release/v1",{rest}}}"#)).unwrap_err();
        assert_eq!(record(r#""act":[]"#), "`act` is not a member that is known here");
        assert_eq!(record(r#""files":[{"digests":[]}]"#), "`files[0].name` is missing");
        assert_eq!(record(r#""files":[{"name":""}]"#), "`files[0].name` is not a text that says something");
        let version = r#""versions":[{"package":"p","version":"1","published":"2026-01-01T00:00:00Z","how":"attested""#;
        let unexplained = record(&format!(r#"{version},"explained":""}}]"#));
        assert_eq!(unexplained, "`versions[0].explained` is not a text that says something");
        assert!(record(r#""acts":[{"duty":"bless"}]"#).starts_with("`acts[0].duty` is not a duty"));
        assert!(record(r#""tools":[{"tool":"t","kind":"virus"}]"#).contains("outcome"));
        let virus = record(r#""tools":[{"tool":"t","kind":"virus","outcome":"clean"}]"#);
        assert!(virus.starts_with("`tools[0].kind` is not a kind: sbom"), "{virus}");
        assert!(facts(r#"{"schema":"countersign/release/v2"}"#).is_err());
    }
}
