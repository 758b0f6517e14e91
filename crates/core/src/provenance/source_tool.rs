//! What SLSA's source-tool states of pushes (<https://github.com/slsa-framework/source-tool>): `source-provenance` of a
//! branch, `tag-provenance` of a tag. Neither is a judgement of the commit: that is in its verification summaries.

use crate::claim::Fact;
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::statement::Statement;
use crate::release::actor::{Actor, is_bot, realm_of};
use crate::release::commit::is_no_object;
use crate::release::push::{Control, Push};
use crate::release::released::TagRecord;

/// The types of the one, before and after the tool had a repository of its own.
const BRANCH: [&str; 2] = [
    "https://github.com/slsa-framework/slsa-source-poc/source-provenance/v1-draft",
    "https://github.com/slsa-framework/source-tool/source-provenance/v1",
];

/// The types of the other.
const TAG: [&str; 2] = [
    "https://github.com/slsa-framework/slsa-source-poc/tag-provenance/v1-draft",
    "https://github.com/slsa-framework/source-tool/tag-provenance/v1",
];

/// Controls of one push that are read; a forge has some ten, and one for each check that it demands.
const MAX_CONTROLS: usize = 1_000;

/// What a statement says of a push; `None` for other statements.
pub(super) fn of(statement: &Statement) -> Option<Result<Vec<Fact>, FieldError>> {
    let kind = statement.predicate_type.as_str();
    let predicate = Cursor::new(&statement.predicate);
    if BRANCH.contains(&kind) {
        return Some(push(statement, &predicate, "branch").map(|push| vec![Fact::Pushed(push)]));
    }
    TAG.contains(&kind).then(|| push(statement, &predicate, "tag").map(of_tag))
}

/// The control by which a forge lets nobody move or delete a tag.
const HYGIENE: &str = "TAG_HYGIENE";

/// A tag that is made points to its commit, and goes on to only where nobody can move it: whoever moves one gets another
/// such statement.
fn of_tag(push: Push) -> Vec<Fact> {
    let is_kept = push.in_force().any(|control| control == HYGIENE);
    let tag = is_kept.then(|| {
        Fact::Tagged(TagRecord {
            repository: push.repository.clone(),
            tag: push.reference.clone(),
            commit: push.commit.clone(),
            before: push.before.iter().cloned().collect(),
            floating: false,
        })
    });
    tag.into_iter().chain([Fact::Pushed(push)]).collect()
}

fn push(statement: &Statement, predicate: &Cursor<'_>, reference: &str) -> Result<Push, FieldError> {
    let [subject] = statement.subjects.as_slice() else {
        return Err(predicate.error(Problem::BadValue("of a statement about exactly one commit")));
    };
    let commit = subject.commit.clone();
    let commit = commit.ok_or_else(|| predicate.error(Problem::BadValue("of a statement about a commit")))?;
    let repository = filled(predicate, "repo_uri", member(predicate, ["repo_uri", "repoUri"])?)?;
    let by = text(predicate.optional("actor")?)?.map(|name| account(&repository, name));
    let at = member(predicate, ["created_on", "createdOn"])?.map_or_else(|| predicate.field("created_on"), Ok)?;
    let before = text(member(predicate, ["prev_commit", "prevCommit"])?)?;
    Ok(Push {
        reference: qualified(predicate, reference)?,
        commit,
        before: before.filter(|name| !is_no_object(name)),
        by,
        activity: text(member(predicate, ["activity_type", "activityType"])?)?,
        at: at.instant()?,
        controls: controls(predicate)?,
        repository,
    })
}

/// The account that pushed, by the name that the forge has for it: it has no number here.
fn account(repository: &str, name: String) -> Actor {
    let bot = is_bot(&name);
    Actor { realm: realm_of(repository).to_owned(), number: None, name, bot }
}

fn qualified(predicate: &Cursor<'_>, name: &str) -> Result<String, FieldError> {
    let reference = filled(predicate, name, predicate.optional(name)?)?;
    if reference.starts_with("refs/") {
        return Ok(reference);
    }
    Err(predicate.field(name)?.error(Problem::BadValue("a fully qualified reference")))
}

fn controls(predicate: &Cursor<'_>) -> Result<Vec<Control>, FieldError> {
    let list = predicate.list("controls")?;
    if list.len() > MAX_CONTROLS {
        return Err(predicate.field("controls")?.error(Problem::BadValue("a list of at most 1,000 controls")));
    }
    let control = |place: &Cursor<'_>| {
        let since = place.optional("since")?.map(|since| since.instant()).transpose()?;
        Ok(Control { name: filled(place, "name", place.optional("name")?)?, since })
    };
    list.iter().map(control).collect()
}

/// The member by one of the names that the tool has had for it: as its protobuf calls it, and as ProtoJSON does.
fn member<'a>(place: &Cursor<'a>, names: [&str; 2]) -> Result<Option<Cursor<'a>>, FieldError> {
    place.either(names, "named once")
}

fn text(member: Option<Cursor<'_>>) -> Result<Option<String>, FieldError> {
    let text = member.map(|value| value.text().map(str::to_owned)).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

/// The text of a member, which is called so where it is missing.
fn filled(place: &Cursor<'_>, name: &str, member: Option<Cursor<'_>>) -> Result<String, FieldError> {
    let member = member.map_or_else(|| place.field(name), Ok)?;
    let empty = member.error(Problem::BadValue("a text that says something"));
    text(Some(member))?.ok_or(empty)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "473686ea1a02748311a0180af9b28a43e5513764";

    fn read(kind: &str, subjects: &str, predicate: &str) -> Result<Vec<Fact>, String> {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{subjects}],"predicateType":"{kind}","predicate":{predicate}}}"#
        );
        of(&Statement::parse(text.as_bytes()).unwrap()).unwrap().map_err(|error| error.to_string())
    }

    fn subject() -> String {
        format!(r#"{{"digest":{{"gitCommit":"{COMMIT}"}}}}"#)
    }

    const OF_BRANCH: &str = r#"{"activity_type":"pr_merge","actor":"octocat","branch":"refs/heads/main",
        "controls":[{"name":"CONTINUITY_ENFORCED","since":"2025-01-26T02:23:18.106Z"},
            {"name":"TAG_HYGIENE","since":"2025-06-25T17:27:49Z"},{"name":"UNDATED"}],
        "created_on":"2025-05-31T21:52:36.665624162Z","prev_commit":"a224aa2d55884ef0cef78ccb498c3561ca240808",
        "repo_uri":"https://github.com/acme/app"}"#;

    fn of_branch(predicate: &str) -> Result<Push, String> {
        match read(BRANCH[0], &subject(), predicate)?.pop() {
            Some(Fact::Pushed(push)) => Ok(push),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_push_to_a_branch_is_read_under_both_spellings() {
        let push = of_branch(OF_BRANCH).unwrap();
        assert_eq!((push.commit.as_str(), push.reference.as_str()), (COMMIT, "refs/heads/main"));
        let by = push.by.clone().unwrap();
        assert_eq!((by.realm.as_str(), by.name.as_str(), by.number), ("https://github.com", "octocat", None));
        let protojson = OF_BRANCH
            .replace("activity_type", "activityType")
            .replace("created_on", "createdOn")
            .replace("prev_commit", "prevCommit")
            .replace("repo_uri", "repoUri");
        assert_eq!(of_branch(&protojson), Ok(push));
        let both = OF_BRANCH.replace(r#""repo_uri""#, r#""repoUri":"https://github.com/acme/other","repo_uri""#);
        assert_eq!(of_branch(&both).unwrap_err(), "`repoUri` is not named once");
    }

    #[test]
    fn a_control_is_in_force_from_its_day_on() {
        let push = of_branch(OF_BRANCH).unwrap();
        assert_eq!(push.in_force().collect::<Vec<_>>(), ["CONTINUITY_ENFORCED"]);
    }

    #[test]
    fn a_tag_points_to_its_commit() {
        let moved = OF_BRANCH.replace(r#""branch":"refs/heads/main""#, r#""tag":"refs/tags/v1.1.5""#);
        assert_eq!(read(TAG[0], &subject(), &moved).unwrap().len(), 1, "without a control it may be moved any day");
        let predicate = moved.replace("CONTINUITY_ENFORCED", HYGIENE);
        let facts = read(TAG[1], &subject(), &predicate).unwrap();
        let [Fact::Tagged(tag), Fact::Pushed(push)] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((tag.tag.as_str(), tag.commit.as_str()), ("refs/tags/v1.1.5", COMMIT));
        assert_eq!(push.reference, "refs/tags/v1.1.5");
        assert_eq!(tag.before, ["a224aa2d55884ef0cef78ccb498c3561ca240808"], "it was moved");
    }

    #[test]
    fn what_cannot_be_joined_is_refused() {
        let without = |name: &str| of_branch(&OF_BRANCH.replace(name, "other")).unwrap_err();
        assert_eq!(without("repo_uri"), "`repo_uri` is missing");
        assert_eq!(without("created_on"), "`created_on` is missing");
        assert_eq!(without("branch"), "`branch` is missing".to_owned());
        assert_eq!(without("refs/heads/main"), "`branch` is not a fully qualified reference");
        let about = |subjects: &str| read(BRANCH[0], subjects, OF_BRANCH).unwrap_err();
        assert_eq!(about(""), "`the document` is not of a statement about exactly one commit");
        assert!(about(&[subject(), subject()].join(",")).contains("exactly one commit"));
        assert!(about(r#"{"digest":{"gitTree":"ab"}}"#).ends_with("about a commit"));
        let many = vec![r#"{"name":"a"}"#; MAX_CONTROLS + 1].join(",");
        let many = OF_BRANCH.replace(r#"{"name":"UNDATED"}"#, &many);
        assert!(of_branch(&many).unwrap_err().contains("at most 1,000 controls"));
    }

    #[test]
    fn other_statements_are_none() {
        let text = r#"{"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"https://slsa.dev/x"}"#;
        assert!(of(&Statement::parse(text.as_bytes()).unwrap()).is_none());
    }
}
