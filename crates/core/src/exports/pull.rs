//! What GitHub says about a change that was merged: three documents of its interface in one object (`pull`, `reviews`,
//! `commits`; docs/release-path.md shows the command), or `gh pr view N --json …`
//! (<https://docs.github.com/en/rest/pulls>).

use std::collections::BTreeMap;

use super::change::{MAX_AUTHORS, MAX_COMMITS, NOBODY, add, nobody};
use super::{AtMost, ExportFormat, Reader, at_most, has, instant, repeated, text};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json, Problem};
use crate::release::actor::{Actor, is_bot, realm_of};
use crate::release::review::{Approval, Review};
use crate::time::Time;

/// The documents of the interface, together.
pub(super) static PULL: ExportFormat = ExportFormat {
    id: "github-pull",
    reader: Reader::Json { detect: is_pull, read: pull },
    voucher: Voucher::Platform,
};

/// The document of the command line.
pub(super) static PULL_VIEW: ExportFormat = ExportFormat {
    id: "github-pull-view",
    reader: Reader::Json { detect: is_view, read: view },
    voucher: Voucher::Platform,
};

fn is_pull(document: &Json) -> bool {
    has(document, &["pull", "reviews", "commits"])
}

fn is_view(document: &Json) -> bool {
    has(document, &["mergeCommit", "headRefOid", "reviews", "commits", "url"])
}

/// Reviews that are read of one change.
const MAX_REVIEWS: AtMost = AtMost { items: 10_000, expected: "a list of at most 10,000 reviews" };

/// The lengths of a page of the forge: unless asked otherwise, and at most. So long a list may be the first of several.
const PAGES: [usize; 2] = [30, 100];

fn pull(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let pull = document.field("pull")?;
    let commit = pull.field("merge_commit_sha")?.text()?.to_owned();
    if pull.optional("merged_at")?.is_none() {
        return Err(pull.error(Problem::BadValue("a change that was merged")));
    }
    let repository = pull.field("base")?.field("repo")?.field("html_url")?;
    let repository = repeated(&repository, repository.text()?)?;
    let realm = realm_of(repository);
    let actor = |place: &Cursor<'_>| account(place, realm, Some("id"));
    let commits = at_most(document, "commits", MAX_COMMITS)?;
    let revision = pull.field("head")?.field("sha")?.text()?.to_owned();
    all_commits(document, &pull, &commits)?;
    ends_with(document, &commits, "sha", &revision)?;
    let mut authors = vec![pull.optional("user")?.map_or_else(|| Ok(nobody(realm)), |user| actor(&user))?];
    for place in &commits {
        let who = |role: &str| place.optional(role)?.map(|by| actor(&by)).transpose();
        // The forge itself commits what is edited or merged in the browser, and writes nothing: who is called by its
        // address as the author hides behind it.
        let author = who("author")?.filter(|author| author.name != WEB);
        add(&mut authors, author.unwrap_or_else(|| nobody(realm)), place)?;
        match who("committer")? {
            Some(committer) if committer.name == WEB => {}
            committer => add(&mut authors, committer.unwrap_or_else(|| nobody(realm)), place)?,
        }
    }
    let changed: Vec<Option<Time>> = commits
        .iter()
        .map(|place| instant(&place.field("commit")?.field("committer")?, "date"))
        .collect::<Result<_, _>>()?;
    let said = |review: &Cursor<'_>| {
        let by = review.optional("user")?.map(|by| actor(&by)).transpose()?;
        Said::of(review, by, text(review, "commit_id")?, instant(review, "submitted_at")?)
    };
    let reviews = all_reviews(document)?.iter().map(said).collect::<Result<_, _>>()?;
    Ok(vec![Fact::Reviewed(Review {
        repository: repository.to_owned(),
        commit,
        revision,
        authors,
        last_change: changed.into_iter().flatten().max(),
        approvals: last_of_each(reviews),
        merged_by: pull.optional("merged_by")?.map(|by| actor(&by)).transpose()?,
    })])
}

/// All of the commits must be there, as many as the forge counts: who wrote one that is left out could approve the rest.
fn all_commits(document: &Cursor<'_>, pull: &Cursor<'_>, commits: &[Cursor<'_>]) -> Result<(), FieldError> {
    let counted = pull.field("commits")?.integer()?;
    if i64::try_from(commits.len()) == Ok(counted) {
        return Ok(());
    }
    let problem = "the list of all commits, as many as `pull.commits` counts: obtain it with `gh api --paginate`";
    Err(document.field("commits")?.error(Problem::BadValue(problem)))
}

/// The last commit must be the revision that was merged: else the list is of another time than the rest, or cut off.
fn ends_with(document: &Cursor<'_>, commits: &[Cursor<'_>], name: &str, revision: &str) -> Result<(), FieldError> {
    if commits.last().and_then(|last| last.value().text_at(&[name])) == Some(revision) {
        return Ok(());
    }
    let problem = "a list of commits that ends with the head of the change: obtain it with `gh api --paginate`";
    Err(document.field("commits")?.error(Problem::BadValue(problem)))
}

/// The reviews. The forge does not count them; a later one that is left out could take an approval back.
fn all_reviews<'a>(document: &Cursor<'a>) -> Result<Vec<Cursor<'a>>, FieldError> {
    let reviews = at_most(document, "reviews", MAX_REVIEWS)?;
    if PAGES.contains(&reviews.len()) {
        let problem = "certain to be the list of all reviews: it is as long as a page of the forge";
        return Err(document.field("reviews")?.error(Problem::BadValue(problem)));
    }
    Ok(reviews)
}

/// The account under which the forge commits by itself.
const WEB: &str = "web-flow";

fn account(place: &Cursor<'_>, realm: &str, number: Option<&str>) -> Result<Actor, FieldError> {
    let name = text(place, "login")?.unwrap_or_else(|| NOBODY.to_owned());
    let number = number.map_or(Ok(None), |number| place.optional(number))?;
    let number = number.map(|number| number.integer()).transpose()?.map(|number| number.to_string());
    let says_bot =
        text(place, "type")?.as_deref() == Some("Bot") || place.value().get("is_bot") == Some(&Json::Bool(true));
    let bot = says_bot || is_bot(&name);
    Ok(Actor { realm: realm.to_owned(), number, name, bot })
}

/// One word of a reviewer: whether it approves, or takes an approval back.
struct Said {
    approval: Approval,
    approves: bool,
    comments: bool,
}

impl Said {
    /// What a review says that is by this account, of this revision. An approval by an account that is gone is nobody's.
    fn of(
        review: &Cursor<'_>,
        by: Option<Actor>,
        revision: Option<String>,
        at: Option<Time>,
    ) -> Result<Self, FieldError> {
        let state = review.field("state")?.text()?;
        let by = by.unwrap_or_else(|| nobody(""));
        let comments = matches!(state, "COMMENTED" | "PENDING") || by.name == NOBODY;
        let approval = Approval { by, revision, at, dismissed: state == "DISMISSED" };
        Ok(Self { approval, approves: state == "APPROVED", comments })
    }
}

/// The last word of each reviewer, where it approves: who asks for changes later approves no more.
fn last_of_each(said: Vec<Said>) -> Vec<Approval> {
    let mut last: BTreeMap<(Option<String>, String), Said> = BTreeMap::new();
    for word in said.into_iter().filter(|word| !word.comments) {
        let key = (word.approval.by.number.clone(), word.approval.by.name.clone());
        let is_later = last.get(&key).is_none_or(|known| known.approval.at <= word.approval.at);
        if is_later {
            last.insert(key, word);
        }
    }
    last.into_values().filter(|word| word.approves || word.approval.dismissed).map(|word| word.approval).collect()
}

fn view(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let url = document.field("url")?;
    let url = repeated(&url, url.text()?)?;
    let repository = url.split_once("/pull/").map_or(url, |(repository, _)| repository);
    let realm = realm_of(repository);
    // What is called `id` there is not the account's number.
    let actor = |place: &Cursor<'_>| account(place, realm, None);
    let mut authors = document.optional("author")?.map(|by| actor(&by)).transpose()?.into_iter().collect::<Vec<_>>();
    let commits = at_most(document, "commits", MAX_COMMITS)?;
    let revision = document.field("headRefOid")?.text()?.to_owned();
    ends_with(document, &commits, "oid", &revision)?;
    let mut changed = Vec::new();
    for place in &commits {
        changed.push(instant(place, "committedDate")?);
        for by in at_most(place, "authors", MAX_AUTHORS)? {
            add(&mut authors, actor(&by)?, place)?;
        }
    }
    let said = |review: &Cursor<'_>| {
        let by = review.optional("author")?.map(|by| actor(&by)).transpose()?;
        let revision = review.optional("commit")?.map_or(Ok(None), |commit| text(&commit, "oid"))?;
        Said::of(review, by, revision, instant(review, "submittedAt")?)
    };
    let reviews = at_most(document, "reviews", MAX_REVIEWS)?.iter().map(said).collect::<Result<_, _>>()?;
    Ok(vec![Fact::Reviewed(Review {
        repository: repository.to_owned(),
        commit: document.field("mergeCommit")?.field("oid")?.text()?.to_owned(),
        revision,
        authors,
        last_change: changed.into_iter().flatten().max(),
        approvals: last_of_each(reviews),
        merged_by: document.optional("mergedBy")?.map(|by| actor(&by)).transpose()?,
    })])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    fn review(read: fn(&Cursor<'_>) -> Result<Vec<Fact>, FieldError>, text: &str) -> Review {
        let document = parse(text.as_bytes()).unwrap();
        match read(&Cursor::new(&document)).unwrap().pop() {
            Some(Fact::Reviewed(review)) => review,
            other => panic!("{other:?}"),
        }
    }

    fn documents(reviews: &str) -> String {
        format!(
            r#"{{"pull":{{"merge_commit_sha":"c9","merged_at":"2026-01-03T00:00:00Z","user":{{"login":"a","id":1,"type":"User"}},"commits":2,
            "head":{{"sha":"c2"}},"base":{{"repo":{{"html_url":"https://github.com/o/r"}}}},
            "merged_by":{{"login":"b","id":2,"type":"User"}}}},"reviews":[{reviews}],
            "commits":[{{"sha":"c1","author":{{"login":"c","id":3}},"committer":{{"login":"web-flow","id":19864447}},
                "commit":{{"committer":{{"date":"2026-01-01T00:00:00Z"}}}}}},
              {{"sha":"c2","author":null,"committer":{{"login":"a","id":1,"type":"User"}},
                "commit":{{"committer":{{"date":"2026-01-02T00:00:00Z"}}}}}}]}}"#
        )
    }

    fn word(login: &str, id: u32, state: &str, commit: &str, day: u32) -> String {
        format!(
            r#"{{"user":{{"login":"{login}","id":{id}}},"state":"{state}","commit_id":"{commit}","submitted_at":"2026-01-0{day}T12:00:00Z"}}"#
        )
    }

    #[test]
    fn everybody_who_wrote_a_part_is_an_author() {
        let review = review(pull, &documents(&word("b", 2, "APPROVED", "c2", 2)));
        let names: Vec<_> = review.authors.iter().map(|author| author.name.as_str()).collect();
        assert_eq!(names, ["a", "c", NOBODY]);
        assert_eq!((review.commit.as_str(), review.revision.as_str()), ("c9", "c2"));
        assert_eq!(review.authors[0].realm, "https://github.com");
        assert_eq!(review.standing().count(), 1);
    }

    #[test]
    fn an_approval_stands_until_the_next_change_or_word() {
        let standing = |words: &[String]| review(pull, &documents(&words.join(","))).standing().count();
        assert_eq!(standing(&[word("b", 2, "APPROVED", "c1", 1)]), 0, "an earlier revision");
        assert_eq!(standing(&[word("b", 2, "DISMISSED", "c2", 2)]), 0);
        assert_eq!(standing(&[word("b", 2, "APPROVED", "c2", 2), word("b", 2, "CHANGES_REQUESTED", "c2", 3)]), 0);
        assert_eq!(standing(&[word("b", 2, "APPROVED", "c2", 2), word("b", 2, "COMMENTED", "c2", 3)]), 1);
        assert_eq!(standing(&[word("renovate[bot]", 9, "APPROVED", "c2", 2)]), 0, "a bot");
    }

    #[test]
    fn the_document_of_the_command_line_is_read() {
        let text = r#"{"url":"https://github.com/o/r/pull/5","headRefOid":"c2","mergeCommit":{"oid":"c9"},
            "author":{"login":"a","id":"U_1","is_bot":false},"mergedBy":{"login":"b","id":"U_2"},
            "commits":[{"oid":"c2","authors":[{"login":"a","id":"U_1"},{"login":"","email":"x@y"}],"committedDate":"2026-01-01T00:00:00Z"}],
            "reviews":[{"author":{"login":"b"},"state":"APPROVED","submittedAt":"2026-01-02T00:00:00Z","commit":{"oid":"c2"}}]}"#;
        assert!(is_view(&parse(text.as_bytes()).unwrap()));
        let review = review(view, text);
        assert_eq!(review.repository, "https://github.com/o/r");
        assert_eq!((review.authors.len(), review.standing().count()), (2, 1));
    }
    fn refused(text: &str) -> String {
        pull(&Cursor::new(&parse(text.as_bytes()).unwrap())).unwrap_err().to_string()
    }

    #[test]
    fn a_page_of_commits_or_reviews_is_not_all_of_them() {
        let whole = documents(&word("b", 2, "APPROVED", "c2", 2));
        let first_page = whole.replace(r#""commits":2"#, r#""commits":45"#);
        assert!(refused(&first_page).starts_with("`commits` is not the list of all commits"));
        let before_a_push = whole.replace(r#""head":{"sha":"c2"}"#, r#""head":{"sha":"c3"}"#);
        assert!(refused(&before_a_push).contains("ends with the head of the change"));
        let page = |count| documents(&vec![word("b", 2, "APPROVED", "c2", 2); count].join(","));
        assert!(refused(&page(30)).contains("as long as a page"));
        assert_eq!(review(pull, &page(31)).standing().count(), 1);
    }

    #[test]
    fn nobody_hides_behind_the_forge() {
        let hidden = documents("").replace(r#"{"login":"c","id":3}"#, r#"{"login":"web-flow","id":19864447}"#);
        let names: Vec<_> = review(pull, &hidden).authors.into_iter().map(|author| author.name).collect();
        assert_eq!(names, ["a", NOBODY]);
    }

    #[test]
    fn an_account_that_is_gone_approves_nothing() {
        let gone = word("b", 2, "APPROVED", "c2", 2).replace(r#"{"login":"b","id":2}"#, "null");
        assert!(review(pull, &documents(&gone)).approvals.is_empty());
    }
    #[test]
    fn a_change_has_a_bounded_number_of_authors_at_a_forge_with_a_short_name() {
        let with = |authors: usize, url: &str| {
            let commits: Vec<_> =
                (1..authors).map(|id| format!(r#"{{"oid":"c2","authors":[{{"login":"u{id}"}}]}}"#)).collect();
            let text = format!(
                r#"{{"url":"{url}","headRefOid":"c2","mergeCommit":{{"oid":"c9"}},"author":{{"login":"a"}},
                    "commits":[{}],"reviews":[]}}"#,
                commits.join(",")
            );
            view(&Cursor::new(&parse(text.as_bytes()).unwrap())).map_err(|error| error.to_string())
        };
        let url = "https://github.com/o/r/pull/5";
        assert!(with(MAX_AUTHORS.items, url).is_ok());
        assert!(with(MAX_AUTHORS.items + 1, url).unwrap_err().contains("at most 100 authors"));
        assert!(with(2, &format!("https://{}/o/r/pull/5", "a".repeat(300))).unwrap_err().contains("256 bytes"));
    }
}
