//! What others state of the source that was built, signed with throw-away keys: pushes, tags, approvals.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod identities;
mod keys;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::dsse::{Envelope, GITTUF, IN_TOTO};
use countersign::event::{Change, Event, Kind};
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::{KeyHash, Registry, Selector};
use countersign::reports::{Form, REPORTS};
use countersign::time::Time;
use countersign::verdict::{Answer, Verdict};
use serde_json::{Value, json};

use identities::person;
use keys::ed25519 as key;

const ARTIFACT: &[u8] = b"release";
const COMMIT: &str = "473686ea1a02748311a0180af9b28a43e5513764";
const REPOSITORY: &str = "https://github.com/acme/app";

const YES: Answer = Answer::Yes;
const NO: Answer = Answer::No;
const OPEN: Answer = Answer::NotEstablished;

/// The seed of the key that signs provenance, and that of who watches the source.
const BUILDER: u8 = 1;
const WATCHER: u8 = 2;

fn digest() -> Digest {
    Digest::of(DigestAlgorithm::Sha256, ARTIFACT)
}

fn signed(by: u8, subject: &Value, predicate_type: &str, predicate: &Value) -> EvidenceFile {
    let statement = json!({ "_type": "https://in-toto.io/Statement/v1", "subject": [subject],
        "predicateType": predicate_type, "predicate": predicate });
    let bytes = Envelope::signed(IN_TOTO, statement.to_string().into_bytes(), &key(by)).to_json();
    EvidenceFile { path: format!("{by}.intoto.jsonl"), bytes }
}

/// Provenance of a build of the commit, at this reference.
fn provenance(reference: &str) -> EvidenceFile {
    provenance_of(COMMIT, reference)
}

fn provenance_of(commit: &str, reference: &str) -> EvidenceFile {
    let source = json!({ "uri": format!("git+{REPOSITORY}@{reference}"), "digest": { "sha1": commit } });
    let predicate = json!({ "builder": { "id": "https://ci.example/builder" }, "buildType": "https://ci.example/type",
        "invocation": { "configSource": source }, "materials": [source] });
    let subject = json!({ "name": "app", "digest": { "sha256": digest().hex() } });
    signed(BUILDER, &subject, "https://slsa.dev/provenance/v0.2", &predicate)
}

/// What the policy asks of the path, beside provenance by the builder.
fn judge(evidence: Vec<EvidenceFile>, keys: &[u8], asked: &str) -> Verdict {
    judge_with(evidence, Vec::new(), keys, asked, &Registry::default())
}

fn judge_with(
    evidence: Vec<EvidenceFile>,
    observed: Vec<EvidenceFile>,
    keys: &[u8],
    asked: &str,
    registry: &Registry,
) -> Verdict {
    let accepted = |seed: &u8| AcceptedKey {
        source: format!("{seed}.pem"),
        key: key(*seed).public_key().clone(),
        certificate: None,
    };
    let observed = observed.iter().map(|file| ReadExport::observed(file).unwrap()).collect();
    let material = Material { keys: keys.iter().map(accepted).collect(), evidence, observed, ..Material::default() };
    let artifact = Artifact { name: "app".into(), path: String::new(), content: Content::Digest(digest()) };
    let at = "2026-02-01T00:00:00Z".parse::<Time>().unwrap();
    let dossier = examine(&artifact, &material, at, &Limits::default()).unwrap();
    let text = format!(
        "schema = 1\nname = \"p\"\n[builders.ci]\nid = \"https://ci.example/builder\"\n\
         signer = {{ key = \"{}\" }}\nlevel = 2\n[environment.production]\nsigned.intact = \"required\"\n\
         path.provenance = {{ builder = \"ci\", level = 2 }}\n{asked}\n",
        key(BUILDER).public_key().spki_sha256().hex()
    );
    let policy = Policy::parse(&text, "p").unwrap_or_else(|errors| panic!("{errors}"));
    let expectations = Expectations::default();
    let terms = Terms { policy: &policy, environment: "production", expectations: &expectations, registry, at };
    appraise(dossier, &terms).unwrap()
}

fn answer(verdict: &Verdict, id: &str) -> (Answer, &'static str) {
    let one = verdict.requirements().find(|one| one.id == id).unwrap_or_else(|| panic!("{id} is not judged"));
    (one.answer, one.reason)
}

const BRANCH: &str = "https://github.com/slsa-framework/slsa-source-poc/source-provenance/v1-draft";
const TAG: &str = "https://github.com/slsa-framework/slsa-source-poc/tag-provenance/v1-draft";

/// What source-tool states of a push to `main`, with these controls in force.
fn push(commit: &str, controls: &[&str]) -> Value {
    let controls: Vec<_> =
        controls.iter().map(|name| json!({ "name": name, "since": "2025-01-01T00:00:00Z" })).collect();
    json!({ "subject": { "digest": { "gitCommit": commit } }, "predicate": { "activity_type": "pr_merge",
        "actor": "octocat", "branch": "refs/heads/main", "tag": "refs/tags/v1.0.0", "controls": controls,
        "created_on": "2025-05-31T21:52:36Z", "prev_commit": "a224aa2d55884ef0cef78ccb498c3561ca240808",
        "repo_uri": REPOSITORY } })
}

fn stated(by: u8, kind: &str, push: &Value) -> EvidenceFile {
    signed(by, &push["subject"], kind, &push["predicate"])
}

#[test]
fn every_control_must_have_been_in_force_when_the_commit_was_pushed() {
    let asked = "path.source-controls = [\"CONTINUITY_ENFORCED\", \"*TWO_PARTY_REVIEW*\"]";
    let with = |statement: EvidenceFile, keys: &[u8]| {
        let evidence = vec![provenance("refs/heads/main"), statement];
        answer(&judge(evidence, keys, asked), "source-controls")
    };
    let both = push(COMMIT, &["CONTINUITY_ENFORCED", "SLSA_SOURCE_SCS_TWO_PARTY_REVIEW"]);
    let good = || stated(WATCHER, BRANCH, &both);
    assert_eq!(with(good(), &[BUILDER, WATCHER]), (YES, "source-controlled"));
    assert_eq!(with(good(), &[BUILDER]), (OPEN, "source-controls-not-known"), "a key that nobody named");
    assert_eq!(with(stated(BUILDER, BRANCH, &both), &[BUILDER]), (OPEN, "not-vouched-for"), "the builder about itself");
    let one = stated(WATCHER, BRANCH, &push(COMMIT, &["CONTINUITY_ENFORCED"]));
    assert_eq!(with(one, &[BUILDER, WATCHER]), (NO, "source-control-lacking"));
    let mut late = both.clone();
    late["predicate"]["controls"][1]["since"] = json!("2025-12-31T00:00:00Z");
    assert_eq!(with(stated(WATCHER, BRANCH, &late), &[BUILDER, WATCHER]), (NO, "source-control-lacking"));
    let other = push(&COMMIT.replace('4', "5"), &["CONTINUITY_ENFORCED", "TWO_PARTY_REVIEW"]);
    let another = stated(WATCHER, BRANCH, &other);
    assert_eq!(with(another, &[BUILDER, WATCHER]), (OPEN, "source-controls-not-known"), "another commit");
    let mut elsewhere = both.clone();
    elsewhere["predicate"]["branch"] = json!("refs/heads/unguarded");
    let elsewhere = stated(WATCHER, BRANCH, &elsewhere);
    assert_eq!(with(elsewhere, &[BUILDER, WATCHER]), (OPEN, "source-controls-not-known"), "another branch");
}

#[test]
fn the_provenance_of_a_tag_says_where_it_points_and_stays() {
    let asked = "path.tag-unmoved = \"established\"";
    let with = |commit: &str, control: &str, before: &str| {
        let mut push = push(commit, &[control]);
        push["predicate"]["prev_commit"] = json!(before);
        let evidence = vec![provenance("refs/tags/v1.0.0"), stated(WATCHER, TAG, &push)];
        answer(&judge(evidence, &[BUILDER, WATCHER], asked), "tag-unmoved")
    };
    assert_eq!(with(COMMIT, "TAG_HYGIENE", ""), (YES, "tag-unmoved"));
    assert_eq!(with(COMMIT, "TAG_HYGIENE", &"0".repeat(40)), (YES, "tag-unmoved"));
    assert_eq!(with(&COMMIT.replace('4', "5"), "TAG_HYGIENE", ""), (NO, "tag-moved"));
    assert_eq!(with(COMMIT, "TAG_HYGIENE", OLD), (NO, "tag-moved"));
    assert_eq!(with(COMMIT, "CONTINUITY_ENFORCED", ""), (OPEN, "tag-not-known"), "it can be moved");
}

/// A commit with this tree and these parents, with its name.
fn commit(tree: &str, parents: &[&str]) -> (String, String) {
    let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
    let by = "Jo <jo@acme.example> 1767225600 +0000";
    let object = format!("tree {tree}\n{parents}author {by}\ncommitter {by}\n\nGo on\n");
    let named = format!("commit {}\0{object}", object.len());
    (Digest::of(DigestAlgorithm::Sha1, named.as_bytes()).hex(), object)
}

/// What `git cat-file --batch` prints of commits.
fn batch(commits: &[&(String, String)]) -> EvidenceFile {
    let one = |(name, object): &(String, String)| format!("{name} commit {}\n{object}\n", object.len());
    EvidenceFile {
        path: "commits".to_owned(),
        bytes: commits.iter().map(|it| one(it)).collect::<String>().into_bytes(),
    }
}

const OLD: &str = "a224aa2d55884ef0cef78ccb498c3561ca240808";
const TREE: &str = "719646c7b318e5ba2ab96fc784a1927d2854d6ed";

/// What gittuf keeps of a change of `main`, signed by this key.
fn gittuf(by: u8, kind: &str, mut more: Value) -> EvidenceFile {
    more["targetRef"] = json!("refs/heads/main");
    let statement = json!({ "type": "https://in-toto.io/Statement/v1", "subject": [{ "digest": { "gitTree": TREE } }],
        "predicate_type": format!("https://gittuf.dev/{kind}"), "predicate": more });
    let bytes = Envelope::signed(GITTUF, statement.to_string().into_bytes(), &key(by)).to_json();
    EvidenceFile { path: format!("{kind}.{by}"), bytes }
}

fn approved_on_github(approvers: &[&str], dismissed: &[&str]) -> EvidenceFile {
    let more =
        json!({ "fromRevisionID": OLD, "targetTreeID": TREE, "approvers": approvers, "dismissedApprovers": dismissed });
    gittuf(WATCHER, "github-pull-request-approval/v0.1", more)
}

fn authorized_by(seed: u8) -> EvidenceFile {
    gittuf(seed, "reference-authorization/v0.2", json!({ "fromID": OLD, "targetID": TREE }))
}

/// What the forge says of the change that the commit came out of: who wrote it, and no approval.
fn written_by(number: &str, commit: &str) -> EvidenceFile {
    let author = json!({ "realm": "https://github.com", "number": number, "name": "author" });
    let review = json!({ "repository": REPOSITORY, "commit": commit, "authors": [author], "approvals": [] });
    let record = json!({ "schema": "countersign/release/v1", "reviews": [review] });
    EvidenceFile { path: "record.json".to_owned(), bytes: record.to_string().into_bytes() }
}

/// The seed of the key of somebody who approves.
const KIM: u8 = 3;

/// Jo and Kim by their accounts, and Kim by her key as well.
fn people() -> Vec<Event> {
    let account = |number: &str| Selector::ForgeAccount {
        forge: identities::text("https://github.com"),
        number: identities::text(number),
    };
    let own = key_selector(KIM);
    [
        person("jo", "Jo", account("1"), Kind::Person),
        person("kim", "Kim", account("2"), Kind::Person),
        person("key", "Kim", own, Kind::Ssh),
    ]
    .concat()
}

fn key_selector(seed: u8) -> Selector {
    let digest = key(seed).public_key().spki_sha256();
    Selector::Key { spki_sha256: KeyHash::new(digest.as_bytes().try_into().unwrap()) }
}

/// The answer about the review of a commit with this tree behind `main`, by these approvals; its author is `author`.
fn reviewed(author: &str, approvals: Vec<EvidenceFile>) -> (Answer, &'static str) {
    let built = commit(TREE, &[OLD]);
    with_history(author, &built.0, approvals, batch(&[&built]))
}

fn with_history(
    author: &str,
    built: &str,
    approvals: Vec<EvidenceFile>,
    commits: EvidenceFile,
) -> (Answer, &'static str) {
    let evidence = [approvals, vec![provenance_of(built, "refs/heads/main"), commits]].concat();
    let observed = vec![written_by(author, built)];
    let asked = "path.source-reviewed = \"two-party\"";
    let verdict = judge_with(evidence, observed, &[BUILDER, WATCHER, KIM], asked, &identities::registry(&people()));
    answer(&verdict, "source-reviewed")
}

#[test]
fn approvals_that_gittuf_keeps_count_beside_those_of_the_forge() {
    assert_eq!(reviewed("1", vec![]), (NO, "not-reviewed"));
    assert_eq!(reviewed("1", vec![approved_on_github(&["kim+2"], &[])]), (YES, "reviewed-by-another"));
    assert_eq!(reviewed("2", vec![approved_on_github(&["kim+2"], &[])]), (NO, "reviewed-by-author"));
    assert_eq!(reviewed("1", vec![approved_on_github(&["kim"], &[])]), (OPEN, "reviewers-not-known"), "a login");
    assert_eq!(reviewed("1", vec![approved_on_github(&["kim+2"], &["kim+2"])]), (NO, "not-reviewed"));
    let taken_back = vec![approved_on_github(&["kim+2"], &[]), approved_on_github(&[], &["kim+2"])];
    assert_eq!(reviewed("1", taken_back), (NO, "not-reviewed"), "in a later statement");
}

#[test]
fn whoever_signs_an_authorization_approves() {
    assert_eq!(reviewed("1", vec![authorized_by(KIM)]), (YES, "reviewed-by-another"));
    assert_eq!(reviewed("2", vec![authorized_by(KIM)]), (NO, "reviewed-by-author"), "the key of the author");
    assert_eq!(reviewed("1", vec![authorized_by(WATCHER)]), (OPEN, "reviewers-not-known"), "whose key it is");
    assert_eq!(reviewed("1", vec![authorized_by(BUILDER)]), (NO, "not-reviewed"), "the builder of the own build");
    assert_eq!(reviewed("1", vec![authorized_by(9)]), (NO, "not-reviewed"), "a key that nobody gave");
}

#[test]
fn a_compromised_key_approves_nothing() {
    let built = commit(TREE, &[OLD]);
    let evidence = vec![authorized_by(KIM), provenance_of(&built.0, "refs/heads/main"), batch(&[&built])];
    let asked = "path.source-reviewed = \"two-party\"";
    let observed = vec![written_by("1", &built.0)];
    let verdict =
        judge_with(evidence, observed, &[BUILDER, KIM], asked, &identities::registry(&with_compromised("key")));
    assert_eq!(answer(&verdict, "source-reviewed"), (NO, "not-reviewed"));
}

/// The people, of whom one identity is compromised from the first day on.
fn with_compromised(name: &str) -> Vec<Event> {
    let compromised = Change::Compromised { since: identities::day(0) };
    [people(), vec![identities::event(name, identities::day(1), "carol", compromised)]].concat()
}

#[test]
fn a_compromised_account_approves_nothing() {
    let built = commit(TREE, &[OLD]);
    let evidence =
        vec![approved_on_github(&["kim+2"], &[]), provenance_of(&built.0, "refs/heads/main"), batch(&[&built])];
    let asked = "path.source-reviewed = \"two-party\"";
    let registry = identities::registry(&with_compromised("kim"));
    let verdict = judge_with(evidence, vec![written_by("1", &built.0)], &[BUILDER, WATCHER], asked, &registry);
    assert_eq!(answer(&verdict, "source-reviewed"), (NO, "not-reviewed"));
}

#[test]
fn no_key_of_a_service_and_none_that_signs_the_artifact_approves() {
    let built = commit(TREE, &[OLD]);
    let subject = json!({ "name": "app", "digest": { "sha256": digest().hex() } });
    let signs = || signed(KIM, &subject, "https://example.com/signed/v1", &json!({}));
    let with = |of: Kind, more: Vec<EvidenceFile>| {
        let others = people().into_iter().filter(|event| event.identity != identities::id("key"));
        let events = [others.collect::<Vec<_>>(), person("key", "Kim", key_selector(KIM), of)].concat();
        let evidence = [vec![authorized_by(KIM), provenance_of(&built.0, "refs/heads/main"), batch(&[&built])], more];
        let asked = "path.source-reviewed = \"two-party\"";
        let observed = vec![written_by("1", &built.0)];
        let registry = identities::registry(&events);
        let verdict = judge_with(evidence.concat(), observed, &[BUILDER, KIM], asked, &registry);
        answer(&verdict, "source-reviewed")
    };
    assert_eq!(with(Kind::GitKey, vec![]), (YES, "reviewed-by-another"));
    assert_eq!(with(Kind::Kms, vec![]), (NO, "not-reviewed"));
    assert_eq!(with(Kind::GitKey, vec![signs()]), (NO, "not-reviewed"));
}

#[test]
fn numbers_of_accounts_are_those_of_their_forge() {
    let built = commit(TREE, &[OLD]);
    let elsewhere = |file: EvidenceFile| EvidenceFile {
        bytes: String::from_utf8(file.bytes)
            .unwrap()
            .replace("https://github.com/acme", "https://git.acme.example/acme")
            .into_bytes(),
        ..file
    };
    let record = elsewhere(written_by("1", &built.0));
    let source =
        json!({ "uri": "git+https://git.acme.example/acme/app@refs/heads/main", "digest": { "sha1": built.0 } });
    let predicate = json!({ "builder": { "id": "https://ci.example/builder" }, "buildType": "https://ci.example/type",
        "invocation": { "configSource": source }, "materials": [source] });
    let subject = json!({ "name": "app", "digest": { "sha256": digest().hex() } });
    let built_there = signed(BUILDER, &subject, "https://slsa.dev/provenance/v0.2", &predicate);
    let evidence = vec![approved_on_github(&["kim+2"], &[]), built_there, batch(&[&built])];
    for demand in ["two-party", "two-accounts"] {
        let asked = format!("path.source-reviewed = \"{demand}\"");
        let registry = identities::registry(&people());
        let verdict = judge_with(evidence.clone(), vec![record.clone()], &[BUILDER, WATCHER], &asked, &registry);
        assert_eq!(answer(&verdict, "source-reviewed"), (NO, "not-reviewed"), "{demand}");
    }
}

#[test]
fn accounts_that_nobody_knows_are_not_enough_where_another_than_the_forge_names_them() {
    let built = commit(TREE, &[OLD]);
    let evidence =
        vec![approved_on_github(&["ann+77"], &[]), provenance_of(&built.0, "refs/heads/main"), batch(&[&built])];
    let asked = "path.source-reviewed = \"two-accounts\"";
    let registry = identities::registry(&people());
    let verdict = judge_with(evidence, vec![written_by("1", &built.0)], &[BUILDER, WATCHER], asked, &registry);
    assert_eq!(answer(&verdict, "source-reviewed"), (OPEN, "reviewers-not-known"), "it may be of a fork");
}

#[test]
fn an_approval_is_for_a_reference() {
    let built = commit(TREE, &[OLD]);
    let approved_for = |approved: &str, built_from: &str| {
        let mut statement = json!({ "fromID": OLD, "targetID": TREE, "targetRef": approved });
        statement = json!({ "type": "https://in-toto.io/Statement/v1", "subject": [{ "digest": { "gitTree": TREE } }],
            "predicate_type": "https://gittuf.dev/reference-authorization/v0.2", "predicate": statement });
        let bytes = Envelope::signed(GITTUF, statement.to_string().into_bytes(), &key(KIM)).to_json();
        let approval = EvidenceFile { path: "authorization".to_owned(), bytes };
        let evidence = vec![approval, provenance_of(&built.0, built_from), batch(&[&built])];
        let asked = "path.source-reviewed = \"two-party\"";
        let observed = vec![written_by("1", &built.0)];
        let registry = identities::registry(&people());
        answer(&judge_with(evidence, observed, &[BUILDER, KIM], asked, &registry), "source-reviewed").0
    };
    assert_eq!(approved_for("refs/heads/main", "refs/heads/main"), YES);
    assert_eq!(approved_for("refs/heads/main", "refs/tags/v1.0.0"), YES, "a tag of the branch");
    assert_eq!(approved_for("refs/heads/other", "refs/heads/main"), NO);
    assert_eq!(approved_for("refs/pull/5/head", "refs/heads/main"), NO);
    assert_eq!(approved_for("refs/tags/v0.9.0", "refs/tags/v1.0.0"), NO);
    assert_eq!(approved_for("refs/tags/v1.0.0", "refs/heads/main"), NO);
}

#[test]
fn two_keys_of_one_identity_are_one_witness() {
    let both =
        |selectors: Vec<Selector>| identities::registry(&identities::active("ci", selectors, "production", None));
    let evidence = || {
        let push = push(COMMIT, &["CONTINUITY_ENFORCED"]);
        vec![provenance("refs/heads/main"), stated(WATCHER, BRANCH, &push)]
    };
    let asked = "path.source-controls = [\"CONTINUITY_ENFORCED\"]";
    let with = |selectors: Vec<Selector>| {
        let verdict = judge_with(evidence(), Vec::new(), &[BUILDER, WATCHER], asked, &both(selectors));
        answer(&verdict, "source-controls")
    };
    assert_eq!(with(vec![key_selector(BUILDER)]), (YES, "source-controlled"));
    assert_eq!(with(vec![key_selector(BUILDER), key_selector(WATCHER)]), (OPEN, "not-vouched-for"));
}

#[test]
fn the_signature_over_a_record_is_not_told_as_a_bad_one_of_the_artifact() {
    let built = commit(TREE, &[OLD]);
    let evidence = vec![provenance_of(&built.0, "refs/heads/main"), batch(&[&built]), authorized_by(KIM)];
    let registry = identities::registry(&people());
    let asked = "path.source-reviewed = \"two-party\"";
    let text = REPORTS.iter().find(|report| report.id == "text").unwrap();
    let observed = || vec![written_by("1", &built.0)];
    let told = |keys: &[u8]| {
        let verdict = judge_with(evidence.clone(), observed(), keys, asked, &registry);
        (text.verdict)(&verdict, &Form::default())
    };
    let good = told(&[BUILDER, KIM]);
    for words in [
        "1 of 1 hold",
        "sig-1 dsse, reference-authorization/v0.2.3: valid (about what is behind the artifact)\n      signer ",
        "by Kim, who signed sig-1",
    ] {
        assert!(good.contains(words), "{words}: {good}");
    }
    let unknown = told(&[BUILDER]);
    assert!(unknown.contains("sig-1 dsse, reference-authorization/v0.2.3: bad"), "{unknown}");
}

#[test]
fn an_approval_is_of_a_content_behind_a_commit() {
    let approvals = || vec![approved_on_github(&["kim+2"], &[])];
    let (first, other) = (commit(&TREE.replace('7', "8"), &[OLD]), commit(TREE, &[&OLD.replace('a', "b")]));
    let second = commit(TREE, &[&first.0]);
    let of = |built: &(String, String), known: &[&(String, String)]| {
        with_history("1", &built.0, approvals(), batch(known)).0
    };
    assert_eq!(of(&second, &[&second, &first]), YES, "two commits");
    assert_eq!(of(&second, &[&second]), NO, "a commit between them is not at hand");
    assert_eq!(of(&first, &[&first]), NO, "another content");
    assert_eq!(of(&other, &[&other]), NO, "the same content behind another commit");
    let built = commit(TREE, &[OLD]);
    let claims = judge(vec![batch(&[&built])], &[], "").dossier.claims;
    assert_eq!(claims.verified().count(), 1, "a commit proves itself, whoever brings it");
}

#[test]
fn without_a_record_of_the_change_nobody_knows_who_wrote_it() {
    let built = commit(TREE, &[OLD]);
    let evidence =
        vec![approved_on_github(&["kim+2"], &[]), provenance_of(&built.0, "refs/heads/main"), batch(&[&built])];
    let asked = "path.source-reviewed = \"two-party\"";
    let verdict = judge_with(evidence, Vec::new(), &[BUILDER, WATCHER], asked, &identities::registry(&people()));
    assert_eq!(answer(&verdict, "source-reviewed"), (OPEN, "reviewers-not-known"));
}

#[test]
fn whoever_approves_holds_the_duty_of_the_reviewer() {
    let built = commit(TREE, &[OLD]);
    let separate = |approvers: &[&str]| {
        let evidence =
            vec![approved_on_github(approvers, &[]), provenance_of(&built.0, "refs/heads/main"), batch(&[&built])];
        let asked = "path.separate = [\"author\", \"review\"]";
        let observed = vec![written_by("1", &built.0)];
        let verdict = judge_with(evidence, observed, &[BUILDER, WATCHER], asked, &identities::registry(&people()));
        answer(&verdict, "separate")
    };
    assert_eq!(separate(&["kim+2"]), (YES, "duties-separated"));
    assert_eq!(separate(&["jo+1"]), (NO, "duties-shared"));
    assert_eq!(separate(&[]), (OPEN, "duty-not-known"));
    assert_eq!(separate(&["kim+2", "ann+77"]), (YES, "duties-separated"), "who approves beside takes nothing away");
    assert_eq!(separate(&["ann+77"]), (OPEN, "actor-not-known"));
}
