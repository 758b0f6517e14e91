//! What GitLab says about a merge request that was merged: three documents of its REST interface (`merge_request`,
//! `approvals`, `versions`) and the answers to one GraphQL query (`pages`) in one object; docs/release-path.md shows the
//! command (<https://docs.gitlab.com/api/merge_requests/>, <https://docs.gitlab.com/api/graphql/reference/>).
//!
//! Neither interface is enough alone: REST knows no accounts of commits and no bots, GraphQL neither when somebody
//! approved nor which commit a squash left.

use std::collections::{BTreeMap, BTreeSet};

use super::change::{MAX_COMMITS, add, nobody};
use super::{AtMost, ExportFormat, Reader, at_most, has, repeated};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json, Problem};
use crate::release::actor::{Actor, realm_of};
use crate::release::review::{Approval, Review};
use crate::time::Time;

/// The documents of both interfaces, together.
pub(super) static MERGE_REQUEST: ExportFormat = ExportFormat {
    id: "gitlab-merge-request",
    reader: Reader::Json { detect: is_merge_request, read },
    voucher: Voucher::Platform,
};

fn is_merge_request(document: &Json) -> bool {
    has(document, &["merge_request", "approvals", "versions", "pages"])
}

/// Approvals that are read of one merge request: as many as GraphQL lists without being asked for more.
const MAX_APPROVALS: AtMost = AtMost { items: 100, expected: "a list of at most 100 approvals" };

/// Versions that are read of one merge request; GitLab makes no more of one.
const MAX_VERSIONS: AtMost = AtMost { items: 1_000, expected: "a list of at most 1,000 versions" };

fn read(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let request = document.field("merge_request")?;
    was_merged(&request)?;
    let repository = repository(&request)?;
    let realm = realm_of(repository);
    let revision = request.field("sha")?.text()?;
    let pages = pages(document, &request, revision)?;
    let first = pages.first().ok_or_else(|| missing_pages(document))?;
    let commits = all_commits(document, &pages, revision)?;
    let pushed = pushed(document, &request, revision)?;
    Ok(vec![Fact::Reviewed(Review {
        repository: repository.to_owned(),
        commit: landed(&request, revision)?,
        revision: revision.to_owned(),
        authors: authors(first, &commits, realm)?,
        last_change: Some(pushed),
        approvals: approvals(document, first, realm, revision, pushed)?,
        merged_by: member(first, "mergeUser", realm)?,
    })])
}

/// It must have been merged, and here: into whatever is imported, whoever imports it can write approvals.
fn was_merged(request: &Cursor<'_>) -> Result<(), FieldError> {
    let state = request.field("state")?;
    if state.text()? != "merged" {
        return Err(state.error(Problem::BadValue("`merged`")));
    }
    if request.value().get("imported") == Some(&Json::Bool(true)) {
        return Err(request.error(Problem::BadValue("a merge request that was made at this forge: it was imported")));
    }
    Ok(())
}

/// The project that it was merged into.
fn repository<'a>(request: &Cursor<'a>) -> Result<&'a str, FieldError> {
    let url = request.field("web_url")?;
    let (project, _) = repeated(&url, url.text()?)?
        .split_once("/-/merge_requests/")
        .ok_or_else(|| url.error(Problem::BadValue("the address of a merge request")))?;
    Ok(project)
}

/// The commit that a build of the target branch names: a fast-forward leaves neither a merge nor a squash behind.
fn landed(request: &Cursor<'_>, revision: &str) -> Result<String, FieldError> {
    let commit = match request.optional("merge_commit_sha")? {
        Some(merge) => Some(merge),
        None => request.optional("squash_commit_sha")?,
    };
    Ok(commit.map_or(Ok(revision), |commit| commit.text())?.to_owned())
}

/// The pages of the answer, each of the same revision of the same merge request as the other documents.
fn pages<'a>(document: &Cursor<'a>, request: &Cursor<'_>, revision: &str) -> Result<Vec<Cursor<'a>>, FieldError> {
    let url = request.field("web_url")?.text()?;
    let of_page = |page: &Cursor<'a>| {
        let page = page.field("data")?.field("project")?.field("mergeRequest")?;
        if page.field("webUrl")?.text()? == url && page.field("diffHeadSha")?.text()? == revision {
            return Ok(page);
        }
        Err(page
            .error(Problem::BadValue("the merge request of `merge_request`, at the same `sha`: obtain them together")))
    };
    at_most(document, "pages", MAX_COMMITS)?.iter().map(of_page).collect()
}

fn missing_pages(document: &Cursor<'_>) -> FieldError {
    document.error(Problem::BadValue("complete: `pages` must be what `glab api graphql --paginate` answers"))
}

/// All of the commits must be there, as many different ones as the forge counts, and the head among them: who wrote one
/// that is left out could approve the rest.
fn all_commits<'a>(document: &Cursor<'a>, pages: &[Cursor<'a>], revision: &str) -> Result<Vec<Cursor<'a>>, FieldError> {
    let mut commits = Vec::new();
    for page in pages {
        commits.extend(at_most(&page.field("commits")?, "nodes", MAX_COMMITS)?);
        if commits.len() > MAX_COMMITS.items {
            return Err(page.error(Problem::BadValue(MAX_COMMITS.expected)));
        }
    }
    let names: BTreeSet<_> =
        commits.iter().map(|commit| commit.field("sha")?.text()).collect::<Result<_, FieldError>>()?;
    let counted = pages.first().map_or(Ok(0), |page| page.field("commitCount")?.integer())?;
    let is_whole = i64::try_from(names.len()) == Ok(counted) && names.len() == commits.len();
    if is_whole && names.contains(revision) {
        return Ok(commits);
    }
    let problem = "the list of all commits, as many as `commitCount` says and the head among them: obtain it with \
                   `glab api graphql --paginate`";
    Err(document.field("pages")?.error(Problem::BadValue(problem)))
}

/// When the last revision was pushed, by the clock of the forge: the dates in commits are their authors'. The forge
/// lists the latest version first, so that its first page is enough.
fn pushed(document: &Cursor<'_>, request: &Cursor<'_>, revision: &str) -> Result<Time, FieldError> {
    let versions = at_most(document, "versions", MAX_VERSIONS)?;
    let first = versions.first().ok_or_else(|| of_versions(document))?;
    let at = first.field("created_at")?.instant()?;
    let id = request.field("id")?.integer()?;
    for version in &versions {
        let is_of_this = version.field("merge_request_id")?.integer()? == id;
        if !is_of_this || version.field("created_at")?.instant()? > at {
            return Err(of_versions(document));
        }
    }
    let is_last = first.field("head_commit_sha")?.text()? == revision;
    if is_last { Ok(at) } else { Err(of_versions(document)) }
}

fn of_versions(document: &Cursor<'_>) -> FieldError {
    let problem = "complete: `versions` must be those of `merge_request`, and begin with the latest, of its `sha`: obtain \
                   them together";
    document.error(Problem::BadValue(problem))
}

/// Everybody who wrote a part of it.
fn authors(request: &Cursor<'_>, commits: &[Cursor<'_>], realm: &str) -> Result<Vec<Actor>, FieldError> {
    let by = |place: &Cursor<'_>| Ok(member(place, "author", realm)?.unwrap_or_else(|| nobody(realm)));
    let mut authors = vec![by(request)?];
    for commit in commits {
        add(&mut authors, by(commit)?, commit)?;
        if !is_of_committer(commit)? || has_more_authors(commit)? {
            add(&mut authors, nobody(realm), commit)?;
        }
    }
    Ok(authors)
}

/// Whether author and committer are one address. The forge names no account of a committer, so that any other is
/// nobody's.
fn is_of_committer(commit: &Cursor<'_>) -> Result<bool, FieldError> {
    let (author, committer) = (commit.field("authorEmail")?.text()?, commit.field("committerEmail")?.text()?);
    Ok(!author.is_empty() && author.eq_ignore_ascii_case(committer))
}

/// The trailer that names a further author.
const CO_AUTHOR: &str = "co-authored-by";

/// Whether the message names further authors, by addresses of which the forge names no account.
fn has_more_authors(commit: &Cursor<'_>) -> Result<bool, FieldError> {
    let names = |line: &str| {
        let key = line.trim_start().get(..CO_AUTHOR.len());
        key.is_some_and(|key| key.eq_ignore_ascii_case(CO_AUTHOR))
    };
    Ok(commit.field("message")?.text()?.lines().any(names))
}

/// Who approves now: whoever took it back is not there any more. When says REST, and whether it is a person GraphQL; both
/// must name the same accounts.
fn approvals(
    document: &Cursor<'_>,
    page: &Cursor<'_>,
    realm: &str,
    revision: &str,
    pushed: Time,
) -> Result<Vec<Approval>, FieldError> {
    let place = document.field("approvals")?;
    let apart = || place.error(Problem::BadValue("by the accounts of `approvedBy` in `pages`: obtain them together"));
    // An error of the interface has no such member, and must not pass for a list without approvals.
    place.field("approved_by")?;
    let mut people = approvers(page, realm)?;
    let mut approvals = Vec::new();
    for approval in at_most(&place, "approved_by", MAX_APPROVALS)? {
        let number = approval.field("user")?.field("id")?.integer()?.to_string();
        let by = people.remove(&number).ok_or_else(apart)?;
        let at = approval.field("approved_at")?.instant()?;
        // Instants are whole seconds here: one in the second of the push may be before it. An approval by an account
        // that is gone is nobody's.
        let of_last = (at > pushed).then(|| revision.to_owned());
        if by.number.is_some() {
            approvals.push(Approval { by, revision: of_last, at: Some(at), dismissed: false });
        }
    }
    if people.is_empty() { Ok(approvals) } else { Err(apart()) }
}

/// Those who approve, by their numbers.
fn approvers(page: &Cursor<'_>, realm: &str) -> Result<BTreeMap<String, Actor>, FieldError> {
    let nodes = at_most(&page.field("approvedBy")?, "nodes", MAX_APPROVALS)?;
    nodes.iter().map(|place| Ok((number(place)?, actor(place, realm)?))).collect()
}

/// The account of this name, if there is one.
fn member(of: &Cursor<'_>, name: &str, realm: &str) -> Result<Option<Actor>, FieldError> {
    of.optional(name)?.map(|place| actor(&place, realm)).transpose()
}

/// An account. What those did whose accounts are gone, the forge moves to one that is nobody's.
fn actor(place: &Cursor<'_>, realm: &str) -> Result<Actor, FieldError> {
    let kind = place.field("type")?.text()?;
    if kind == "GHOST" {
        return Ok(nobody(realm));
    }
    let name = place.field("username")?;
    let name = repeated(&name, name.text()?)?.to_owned();
    // Beside people there are bots of many types: tokens of projects and groups, services, what was imported.
    Ok(Actor { realm: realm.to_owned(), number: Some(number(place)?), name, bot: kind != "HUMAN" })
}

/// What an account is called in all of the forge.
const ACCOUNT: &str = "gid://gitlab/User/";

/// The number of an account.
fn number(place: &Cursor<'_>) -> Result<String, FieldError> {
    let id = place.field("id")?;
    let number = id.text()?.strip_prefix(ACCOUNT).and_then(|number| number.parse::<u64>().ok());
    let number = number.ok_or_else(|| id.error(Problem::BadValue("the global ID of an account")))?;
    Ok(number.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;
    use crate::exports::change::{MAX_AUTHORS, NOBODY};

    const URL: &str = "https://gitlab.example.com/acme/app/-/merge_requests/5";

    /// The documents of a merge request, as their texts.
    struct Documents {
        request: String,
        approvals: Vec<String>,
        versions: Vec<String>,
        approvers: Vec<String>,
        /// The commits of each page.
        pages: Vec<Vec<String>>,
        /// How many the forge counts.
        count: usize,
        author: String,
    }

    impl Documents {
        /// Two commits of Jo, approved by Kim after the last push, and merged by her.
        fn new() -> Self {
            Self {
                request: request(r#""merge_commit_sha":"c9","squash_commit_sha":"c8""#),
                approvals: vec![approval(2, "2026-01-02T12:00:01.000Z")],
                versions: vec![version("c2", "2026-01-02T12:00:00.500Z"), version("c1", "2026-01-01T00:00:00.000Z")],
                approvers: vec![user(2, "HUMAN")],
                pages: vec![vec![
                    commit("c2", &user(1, "HUMAN"), "jo@a", "fix"),
                    commit("c1", &user(1, "HUMAN"), "jo@a", "fix"),
                ]],
                count: 2,
                author: user(1, "HUMAN"),
            }
        }

        fn text(&self) -> String {
            let pages: Vec<_> = self.pages.iter().map(|commits| self.page(&commits.join(","))).collect();
            format!(
                r#"{{"merge_request":{},"approvals":{{"approved":true,"approved_by":[{}]}},"versions":[{}],"pages":[{}]}}"#,
                self.request,
                self.approvals.join(","),
                self.versions.join(","),
                pages.join(",")
            )
        }

        fn page(&self, commits: &str) -> String {
            let (author, approvers, merger) = (&self.author, self.approvers.join(","), user(2, "HUMAN"));
            format!(
                r#"{{"data":{{"project":{{"mergeRequest":{{"webUrl":"{URL}","diffHeadSha":"c2","commitCount":{},
                    "author":{author},"mergeUser":{merger},"approvedBy":{{"nodes":[{approvers}]}},
                    "commits":{{"nodes":[{commits}],"pageInfo":{{"hasNextPage":false,"endCursor":"Mg"}}}}}}}}}}}}"#,
                self.count
            )
        }

        fn with_commits(commits: Vec<String>) -> Self {
            Self { count: commits.len(), pages: vec![commits], ..Self::new() }
        }

        fn review(&self) -> Review {
            review(&self.text())
        }

        fn refused(&self) -> String {
            refused(&self.text())
        }
    }

    fn request(landed: &str) -> String {
        format!(r#"{{"id":500,"iid":5,"state":"merged","web_url":"{URL}","sha":"c2","imported":false,{landed}}}"#)
    }

    fn user(number: u32, kind: &str) -> String {
        format!(r#"{{"id":"gid://gitlab/User/{number}","username":"user-{number}","type":"{kind}"}}"#)
    }

    fn approval(number: u32, at: &str) -> String {
        format!(r#"{{"user":{{"id":{number},"username":"user-{number}"}},"approved_at":"{at}"}}"#)
    }

    fn version(head: &str, at: &str) -> String {
        format!(r#"{{"id":1,"head_commit_sha":"{head}","created_at":"{at}","merge_request_id":500}}"#)
    }

    /// A commit that its author committed.
    fn commit(sha: &str, author: &str, email: &str, message: &str) -> String {
        format!(
            r#"{{"sha":"{sha}","message":"{message}","author":{author},"authorEmail":"{email}","committerEmail":"{email}"}}"#
        )
    }

    fn facts(text: &str) -> Result<Vec<Fact>, FieldError> {
        let document = parse(text.as_bytes()).unwrap();
        assert!(is_merge_request(&document));
        read(&Cursor::new(&document))
    }

    fn review(text: &str) -> Review {
        match facts(text).unwrap().pop() {
            Some(Fact::Reviewed(review)) => review,
            other => panic!("{other:?}"),
        }
    }

    fn refused(text: &str) -> String {
        facts(text).unwrap_err().to_string()
    }

    fn names(review: &Review) -> Vec<&str> {
        review.authors.iter().map(|author| author.name.as_str()).collect()
    }

    #[test]
    fn a_merge_request_is_read_with_its_accounts() {
        let review = Documents::new().review();
        assert_eq!(review.repository, "https://gitlab.example.com/acme/app");
        assert_eq!((review.commit.as_str(), review.revision.as_str()), ("c9", "c2"));
        let jo = Actor {
            realm: "https://gitlab.example.com".to_owned(),
            number: Some("1".to_owned()),
            name: "user-1".to_owned(),
            bot: false,
        };
        let kim = Actor { number: Some("2".to_owned()), name: "user-2".to_owned(), ..jo.clone() };
        assert_eq!(review.authors, std::slice::from_ref(&jo));
        assert_eq!(review.merged_by.as_ref(), Some(&kim));
        assert_eq!(review.standing().map(|approval| &approval.by).collect::<Vec<_>>(), [&kim]);
        assert!(kim.is_another_account(&jo));
    }

    #[test]
    fn the_commit_of_the_target_branch_is_named() {
        let landed = |members: &str| Documents { request: request(members), ..Documents::new() }.review().commit;
        assert_eq!(landed(r#""merge_commit_sha":"c9","squash_commit_sha":null"#), "c9");
        assert_eq!(landed(r#""merge_commit_sha":null,"squash_commit_sha":"c8""#), "c8");
        assert_eq!(landed(r#""merge_commit_sha":null,"squash_commit_sha":null"#), "c2", "a fast-forward");
    }

    #[test]
    fn what_was_not_merged_here_is_refused() {
        let text = Documents::new().text();
        let refused = |from: &str, to: &str| {
            assert!(text.contains(from));
            refused(&text.replace(from, to))
        };
        for state in ["opened", "closed", "locked"] {
            assert!(refused(r#""state":"merged""#, &format!(r#""state":"{state}""#)).contains("is not `merged`"));
        }
        assert!(refused(r#""imported":false"#, r#""imported":true"#).contains("it was imported"));
        let elsewhere = format!(r#""web_url":"{}""#, URL.replace("/-/merge_requests", "/pull"));
        assert!(refused(&format!(r#""web_url":"{URL}""#), &elsewhere).contains("the address of a merge request"));
    }

    #[test]
    fn an_approval_is_of_the_last_revision_if_it_is_later_than_its_push() {
        let standing = |at: &str| {
            let review = Documents { approvals: vec![approval(2, at)], ..Documents::new() }.review();
            assert_eq!(review.approvals.len(), 1);
            review.standing().count()
        };
        assert_eq!(standing("2026-01-01T12:00:00Z"), 0, "before the last push");
        assert_eq!(standing("2026-01-02T12:00:00.100Z"), 0, "in its second, and before it");
        assert_eq!(standing("2026-01-02T12:00:01Z"), 1);
        let unknown = Documents::new().text().replace("approved_at", "at");
        assert_eq!(refused(&unknown), "`approvals.approved_by[0].approved_at` is missing", "an older GitLab");
    }

    #[test]
    fn the_last_revision_is_the_latest_version() {
        let versions = |versions: &[(&str, &str)]| {
            let versions = versions.iter().map(|(head, at)| version(head, at)).collect();
            Documents { versions, ..Documents::new() }
        };
        let (early, late) = ("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z");
        // The same head again, onto another branch: what was approved before is another change.
        let again = versions(&[("c2", late), ("c2", early)]).review();
        assert_eq!(again.standing().count(), 0);
        for wrong in
            [&[][..], &[("c1", late), ("c2", early)], &[("c2", early), ("c1", late)], &[("c2", early), ("c2", late)]]
        {
            assert!(versions(wrong).refused().contains("begin with the latest"), "{wrong:?}");
        }
        let of_another = Documents::new().text().replacen(r#""merge_request_id":500"#, r#""merge_request_id":501"#, 1);
        assert!(refused(&of_another).contains("those of `merge_request`"));
    }

    #[test]
    fn who_took_an_approval_back_approves_no_more() {
        let nobody = Documents { approvals: Vec::new(), approvers: Vec::new(), ..Documents::new() };
        assert!(nobody.review().approvals.is_empty());
        let before = Documents { approvals: Vec::new(), ..Documents::new() };
        assert!(before.refused().contains("obtain them together"), "the documents are of different times");
        let after = Documents { approvers: Vec::new(), ..Documents::new() };
        assert!(after.refused().contains("obtain them together"));
    }

    #[test]
    fn no_bot_and_no_account_that_is_gone_approves() {
        let by = |kind: &str| Documents { approvers: vec![user(2, kind)], ..Documents::new() }.review();
        for bot in ["PROJECT_BOT", "SERVICE_ACCOUNT", "SUPPORT_BOT", "PLACEHOLDER", "whatever comes next"] {
            let review = by(bot);
            assert_eq!((review.approvals.len(), review.standing().count()), (1, 0), "{bot}");
        }
        assert!(by("GHOST").approvals.is_empty());
        let untold = Documents::new().text().replace(r#","type":"HUMAN""#, "");
        assert!(refused(&untold).contains("type` is missing"));
    }

    #[test]
    fn everybody_who_wrote_a_part_is_an_author() {
        let own = Documents::with_commits(vec![commit("c2", &user(2, "HUMAN"), "kim@a", "fix")]).review();
        assert_eq!(names(&own), ["user-1", "user-2"]);
        assert!(own.approvals[0].by.is_same_account(&own.authors[1]), "an approval of one's own commit");
        let authors = |commit: String| names(&Documents::with_commits(vec![commit]).review()).join(", ");
        let of_jo = commit("c2", &user(1, "HUMAN"), "jo@a", "fix");
        assert_eq!(authors(of_jo.clone()), "user-1");
        assert_eq!(authors(of_jo.replace(r#""committerEmail":"jo@a""#, r#""committerEmail":"JO@a""#)), "user-1");
        let with_nobody = format!("user-1, {NOBODY}");
        assert_eq!(authors(of_jo.replace(r#""committerEmail":"jo@a""#, r#""committerEmail":"kim@a""#)), with_nobody);
        assert_eq!(authors(commit("c2", &user(1, "HUMAN"), "", "fix")), with_nobody);
        assert_eq!(authors(commit("c2", "null", "unknown@a", "fix")), with_nobody);
        assert_eq!(authors(commit("c2", &user(7, "GHOST"), "gone@a", "fix")), with_nobody);
        assert_eq!(
            authors(commit("c2", &user(1, "HUMAN"), "jo@a", r"fix\n\n Co-Authored-By: Kim <kim@a>")),
            with_nobody
        );
        let of_ghost = Documents { author: user(7, "GHOST"), ..Documents::new() };
        assert_eq!(names(&of_ghost.review()), [NOBODY, "user-1"]);
        let of_gone = Documents { author: "null".to_owned(), ..Documents::new() };
        assert_eq!(names(&of_gone.review()), [NOBODY, "user-1"]);
        assert_eq!(of_gone.review().authors[0].realm, "https://gitlab.example.com");
    }

    #[test]
    fn all_commits_must_be_there() {
        let one = |sha: &str| commit(sha, &user(1, "HUMAN"), "jo@a", "fix");
        let of = |pages: Vec<Vec<String>>, count| Documents { pages, count, ..Documents::new() };
        assert_eq!(of(vec![vec![one("c2")], vec![one("c1")]], 2).review().standing().count(), 1, "two pages");
        for (pages, count) in [
            (vec![vec![one("c2")]], 2),
            (vec![vec![one("c2")], vec![one("c2")]], 2),
            (vec![vec![one("c2"), one("c2")]], 1),
            (vec![vec![one("c1")]], 1),
            (vec![Vec::new()], 0),
        ] {
            let refused = of(pages, count).refused();
            assert!(refused.starts_with("`pages` is not the list of all commits"), "{refused}");
        }
        assert!(of(Vec::new(), 0).refused().contains("--paginate"));
    }

    #[test]
    fn the_documents_must_be_of_one_merge_request() {
        let text = Documents::new().text();
        for (from, to) in [(r#""diffHeadSha":"c2""#, r#""diffHeadSha":"c1""#), (r#""webUrl":"h"#, r#""webUrl":"g"#)] {
            assert!(text.contains(from));
            assert!(refused(&text.replace(from, to)).contains("obtain them together"));
        }
    }

    #[test]
    fn lists_are_bounded() {
        let one = |number: usize| {
            let sha = if number == 0 { "c2".to_owned() } else { format!("d{number}") };
            commit(&sha, &user(u32::try_from(number).unwrap(), "HUMAN"), "a@a", "fix")
        };
        let commits = |count: usize| Documents::with_commits((0..count).map(one).collect());
        assert!(commits(MAX_AUTHORS.items + 1).refused().contains("at most 100 authors"));
        assert!(commits(MAX_COMMITS.items + 1).refused().contains("at most 1,000 commits"));
        let halves = commits(MAX_COMMITS.items + 1).pages.remove(0).chunks(600).map(<[_]>::to_vec).collect();
        let in_pages = Documents { pages: halves, count: MAX_COMMITS.items + 1, ..Documents::new() };
        assert!(in_pages.refused().contains("at most 1,000 commits"));
        let versions = vec![version("c2", "2026-01-01T00:00:00Z"); MAX_VERSIONS.items + 1];
        assert!(Documents { versions, ..Documents::new() }.refused().contains("at most 1,000 versions"));
        let approvals = vec![approval(2, "2026-01-03T00:00:00Z"); MAX_APPROVALS.items + 1];
        assert!(Documents { approvals, ..Documents::new() }.refused().contains("at most 100 approvals"));
        let twice = vec![approval(2, "2026-01-03T00:00:00Z"); 2];
        assert!(Documents { approvals: twice, ..Documents::new() }.refused().contains("obtain them together"));
        let long = Documents::new().text().replace("user-2", &"u".repeat(300));
        assert!(refused(&long).contains("at most 256 bytes"));
    }

    #[test]
    fn an_error_of_the_interface_is_no_answer() {
        let text = Documents::new().text();
        let without = |member: &str, value: &str| {
            let mut document = serde_json::from_str::<serde_json::Value>(&text).unwrap();
            document[member] = serde_json::from_str(value).unwrap();
            facts(&document.to_string()).unwrap_err().to_string()
        };
        let error = r#"{"message":"404 Not found"}"#;
        assert_eq!(without("merge_request", error), "`merge_request.state` is missing");
        assert_eq!(without("approvals", error), "`approvals.approved_by` is missing");
        assert_eq!(without("approvals", "[]"), "`approvals` is no object");
        assert_eq!(without("versions", error), "`versions` is no array");
        assert_eq!(without("pages", r#"[{"errors":[{"message":"x"}]}]"#), "`pages[0].data` is missing");
        assert_eq!(without("pages", r#"[{"data":{"project":null}}]"#), "`pages[0].data.project` is missing");
        assert_eq!(without("pages", "{}"), "`pages` is no array");
        for (from, to) in [
            (r#""sha":"c2","imported""#, r#""sha":2,"imported""#),
            ("gid://gitlab/User/1", "gid://gitlab/Group/1"),
            ("gid://gitlab/User/1", "gid://gitlab/User/-1"),
            (r#""id":500"#, r#""id":"x""#),
            (r#""committerEmail":"jo@a""#, r#""committerEmail":null"#),
            (r#""message":"fix""#, r#""message":null"#),
        ] {
            assert!(text.contains(from), "{from}");
            refused(&text.replace(from, to));
        }
    }

    #[test]
    fn a_pipeline_is_no_merge_request() {
        let pipeline =
            parse(br#"{"web_url":"https://gitlab.com/g/p/-/pipelines/1","status":"failed","ref":"v1","sha":"c0"}"#);
        assert!(!is_merge_request(&pipeline.unwrap()));
    }
}
