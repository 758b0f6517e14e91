//! What others state of the source that was built, signed with throw-away keys: pushes, tags, approvals.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::{Digest, DigestAlgorithm, SigningKey};
use countersign::encoding::dsse::{Envelope, IN_TOTO};
use countersign::examine::examine;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use countersign::verdict::{Answer, Verdict};
use serde_json::{Value, json};

const ARTIFACT: &[u8] = b"release";
const COMMIT: &str = "473686ea1a02748311a0180af9b28a43e5513764";

const YES: Answer = Answer::Yes;
const NO: Answer = Answer::No;
const OPEN: Answer = Answer::NotEstablished;

/// An Ed25519 key whose seed is this octet (PKCS #8, RFC 8410 §7).
fn key(seed: u8) -> SigningKey {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    SigningKey::from_pkcs8(&[head.as_slice(), &[seed; 32]].concat()).unwrap()
}

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
    let source = json!({ "uri": format!("git+https://github.com/acme/app@{reference}"), "digest": { "sha1": COMMIT } });
    let predicate = json!({ "builder": { "id": "https://ci.example/builder" }, "buildType": "https://ci.example/type",
        "invocation": { "configSource": source }, "materials": [source] });
    let subject = json!({ "name": "app", "digest": { "sha256": digest().hex() } });
    signed(BUILDER, &subject, "https://slsa.dev/provenance/v0.2", &predicate)
}

/// What the policy asks of the path, beside provenance by the builder.
fn judge(evidence: Vec<EvidenceFile>, keys: &[u8], asked: &str) -> Verdict {
    let accepted = |seed: &u8| AcceptedKey {
        source: format!("{seed}.pem"),
        key: key(*seed).public_key().clone(),
        certificate: None,
    };
    let material = Material { keys: keys.iter().map(accepted).collect(), evidence, ..Material::default() };
    let artifact = Artifact { name: "app".into(), path: String::new(), content: Content::Digest(digest()) };
    let at = "2026-01-01T00:00:00Z".parse::<Time>().unwrap();
    let dossier = examine(&artifact, &material, at, &Limits::default()).unwrap();
    let text = format!(
        "schema = 1\nname = \"p\"\n[builders.ci]\nid = \"https://ci.example/builder\"\n\
         signer = {{ key = \"{}\" }}\nlevel = 2\n[environment.production]\nsigned.intact = \"required\"\n\
         path.provenance = {{ builder = \"ci\", level = 2 }}\n{asked}\n",
        key(BUILDER).public_key().spki_sha256().hex()
    );
    let policy = Policy::parse(&text, "p").unwrap_or_else(|errors| panic!("{errors}"));
    let (expectations, registry) = (Expectations::default(), Registry::default());
    let terms =
        Terms { policy: &policy, environment: "production", expectations: &expectations, registry: &registry, at };
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
        "repo_uri": "https://github.com/acme/app" } })
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
fn the_provenance_of_a_tag_says_where_it_points() {
    let asked = "path.tag-unmoved = \"established\"";
    let with = |commit: &str| {
        let evidence = vec![provenance("refs/tags/v1.0.0"), stated(WATCHER, TAG, &push(commit, &["TAG_HYGIENE"]))];
        answer(&judge(evidence, &[BUILDER, WATCHER], asked), "tag-unmoved")
    };
    assert_eq!(with(COMMIT), (YES, "tag-unmoved"));
    assert_eq!(with(&COMMIT.replace('4', "5")), (NO, "tag-moved"));
}
