//! Who reviewed the commit that was built, by what GitLab says of the merge request.

use countersign::dossier::Dossier;
use countersign::material::EvidenceFile;
use countersign::registry::Registry;
use countersign::verdict::Answer;

use crate::{NO, OPEN, Release, YES, answer, day, people_at};

const FORGE: &str = "https://gitlab.example.com";
const PROJECT: &str = "https://gitlab.example.com/acme/app";

/// A merge request of user 1, whose last revision was pushed on the second day.
struct MergeRequest {
    /// What it left on the target branch.
    landed: &'static str,
    /// Number, kind and day of each approval.
    approvals: Vec<(u32, &'static str, i64)>,
    /// Whose the only commit is, and who committed it.
    commit: (u32, &'static str),
}

impl Default for MergeRequest {
    fn default() -> Self {
        let landed = r#""sha":"c2","merge_commit_sha":"c0","squash_commit_sha":null"#;
        Self { landed, approvals: vec![(2, "HUMAN", 3)], commit: (1, "user-1@a") }
    }
}

impl MergeRequest {
    fn file(&self) -> EvidenceFile {
        let user = |(number, kind): (u32, &str)| {
            format!(r#"{{"id":"gid://gitlab/User/{number}","username":"user-{number}","type":"{kind}"}}"#)
        };
        let list = |one: &dyn Fn(&(u32, &'static str, i64)) -> String| {
            self.approvals.iter().map(one).collect::<Vec<_>>().join(",")
        };
        let approvals = list(&|(by, _, at)| format!(r#"{{"user":{{"id":{by}}},"approved_at":"{}"}}"#, day(*at)));
        let approvers = list(&|(by, kind, _)| user((*by, kind)));
        let url = format!("{PROJECT}/-/merge_requests/5");
        let head = if self.landed.contains(r#""sha":"c2""#) { "c2" } else { "c0" };
        let (by, committer) = self.commit;
        let (landed, pushed, author) = (self.landed, day(2), user((by, "HUMAN")));
        let text = format!(
            r#"{{"merge_request":{{"id":500,"state":"merged","web_url":"{url}",{landed}}},
                "approvals":{{"approved_by":[{approvals}]}},
                "versions":[{{"merge_request_id":500,"head_commit_sha":"{head}","created_at":"{pushed}"}}],
                "pages":[{{"data":{{"project":{{"mergeRequest":{{"webUrl":"{url}","diffHeadSha":"{head}","commitCount":1,
                    "author":{},"mergeUser":null,"approvedBy":{{"nodes":[{approvers}]}},
                    "commits":{{"nodes":[{{"sha":"{head}","message":"fix","author":{author},
                        "authorEmail":"user-{by}@a","committerEmail":"{committer}"}}]}}}}}}}}}}]}}"#,
            user((1, "HUMAN")),
        );
        EvidenceFile { path: "merge-request.json".to_owned(), bytes: text.into_bytes() }
    }

    fn observed(&self) -> Dossier {
        Release { observed: vec![self.file()], repository: PROJECT, ..Release::default() }.dossier()
    }

    fn answer(&self, demand: &str, registry: &Registry) -> (Answer, &'static str) {
        answer(self.observed(), "source-reviewed", demand, registry)
    }
}

const TWO: &str = "\"two-party\"";
const ACCOUNTS: &str = "\"two-accounts\"";

fn three() -> Registry {
    people_at(FORGE, &[("1", "Jo"), ("2", "Kim"), ("3", "Jo")])
}

#[test]
fn another_person_must_have_approved_what_was_merged() {
    let by = |approvals: &[(u32, &'static str, i64)]| {
        MergeRequest { approvals: approvals.to_vec(), ..MergeRequest::default() }.answer(TWO, &three())
    };
    assert_eq!(by(&[(2, "HUMAN", 3)]), (YES, "reviewed-by-another"));
    assert_eq!(by(&[(1, "HUMAN", 3)]), (NO, "reviewed-by-author"));
    assert_eq!(by(&[(3, "HUMAN", 3)]), (NO, "reviewed-by-author"), "an alias");
    assert_eq!(by(&[(2, "HUMAN", 1)]), (NO, "review-outdated"), "before the last push");
    assert_eq!(by(&[(2, "HUMAN", 2)]), (NO, "review-outdated"), "in its second");
    assert_eq!(by(&[(2, "PROJECT_BOT", 3)]), (NO, "review-outdated"), "a bot");
    assert_eq!(by(&[]), (NO, "not-reviewed"));
    assert_eq!(by(&[(1, "HUMAN", 3), (2, "HUMAN", 3)]), (YES, "reviewed-by-another"));
    let own = MergeRequest { commit: (2, "user-2@a"), ..MergeRequest::default() };
    assert_eq!(own.answer(TWO, &three()), (NO, "reviewed-by-author"), "who approves wrote the commit");
}

#[test]
fn accounts_that_nobody_registered_are_two_by_their_numbers() {
    let request = MergeRequest::default();
    assert_eq!(request.answer(TWO, &Registry::default()), (OPEN, "reviewers-not-known"));
    assert_eq!(request.answer(ACCOUNTS, &Registry::default()), (YES, "reviewed-by-another"));
    // The same numbers at another forge are others.
    let elsewhere = people_at("https://gitlab.com", &[("1", "Jo"), ("2", "Kim")]);
    assert_eq!(request.answer(TWO, &elsewhere), (OPEN, "reviewers-not-known"));
}

#[test]
fn who_committed_under_another_address_is_nobody() {
    let committed = MergeRequest { commit: (1, "noreply@gitlab.example.com"), ..MergeRequest::default() };
    for demand in [TWO, ACCOUNTS] {
        assert_eq!(committed.answer(demand, &three()), (OPEN, "reviewers-not-known"), "{demand}");
    }
}

#[test]
fn a_build_names_the_merge_the_squash_or_the_head() {
    for landed in [
        r#""sha":"c2","merge_commit_sha":"c0","squash_commit_sha":"c8""#,
        r#""sha":"c2","merge_commit_sha":null,"squash_commit_sha":"c0""#,
        r#""sha":"c0","merge_commit_sha":null,"squash_commit_sha":null"#,
    ] {
        let answered = MergeRequest { landed, ..MergeRequest::default() }.answer(TWO, &three());
        assert_eq!(answered, (YES, "reviewed-by-another"), "{landed}");
    }
    let landed = r#""sha":"c2","merge_commit_sha":"c9","squash_commit_sha":"c0""#;
    let other = MergeRequest { landed, ..MergeRequest::default() };
    assert_eq!(other.answer(TWO, &three()), (OPEN, "source-review-not-known"));
}

#[test]
fn a_merge_request_of_which_nobody_vouches_only_counts_against() {
    let given = |request: MergeRequest| {
        let release = Release { evidence: vec![request.file()], repository: PROJECT, ..Release::default() };
        answer(release.dossier(), "source-reviewed", TWO, &three())
    };
    assert_eq!(given(MergeRequest::default()), (OPEN, "not-vouched-for"));
    let unapproved = MergeRequest { approvals: Vec::new(), ..MergeRequest::default() };
    assert_eq!(given(unapproved), (NO, "not-reviewed"));
    let elsewhere = Release { observed: vec![MergeRequest::default().file()], ..Release::default() }.dossier();
    let answered = answer(elsewhere, "source-reviewed", TWO, &three());
    assert_eq!(answered, (OPEN, "source-review-not-known"), "another project");
}
