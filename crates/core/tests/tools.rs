//! What other tools say about an artifact: from their documents to answers, findings and what is not examined.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod dossiers;
mod identities;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::{Digest, DigestAlgorithm, SigningKey};
use countersign::dossier::Dossier;
use countersign::encoding::dsse::Envelope;
use countersign::encoding::hex;
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::finding::Severity;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::verdict::{Answer, Question, Verdict};

use dossiers::{dossier, fulcio};
use identities::day;

const ARTIFACT: &[u8] = b"artifact";
const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
/// The day on which the artifact is judged.
const NOW: i64 = 20;

const YES: Answer = Answer::Yes;
const NO: Answer = Answer::No;
const OPEN: Answer = Answer::NotEstablished;

fn ours() -> String {
    Digest::of(DigestAlgorithm::Sha256, ARTIFACT).to_string()
}

/// One result of a release record.
fn said(tool: &str, kind: &str, outcome: &str, on: i64, digest: &str) -> String {
    let at = day(on);
    format!(r#"{{"tool":"{tool}","kind":"{kind}","outcome":"{outcome}","at":"{at}","digest":"{digest}"}}"#)
}

fn record(results: &[String]) -> String {
    format!(r#"{{"schema":"countersign/release/v1","tools":[{}]}}"#, results.join(","))
}

/// Documents as the relying party obtained them, or as anybody gave them.
fn dossier_with(observed: &[String], given: &[String]) -> Dossier {
    let file = |text: &String| EvidenceFile { path: "results.json".to_owned(), bytes: text.clone().into_bytes() };
    let material = Material {
        observed: observed.iter().map(|text| ReadExport::observed(&file(text)).unwrap()).collect(),
        evidence: given.iter().map(file).collect(),
        ..Material::default()
    };
    let bytes = ARTIFACT.to_vec();
    let artifact = Artifact { name: "app".to_owned(), path: "app".to_owned(), content: Content::File(&bytes) };
    let found = examine(&artifact, &material, day(NOW), &Limits::default()).unwrap();
    let signature = fulcio("app", day(NOW).unix());
    Dossier {
        artifact: found.artifact,
        claims: found.claims,
        exports: found.exports,
        findings: found.findings,
        ..dossier(vec![signature], Vec::new())
    }
}

fn observed(results: &[String]) -> Dossier {
    dossier_with(&[record(results)], &[])
}

fn judge(dossier: Dossier, demand: &str) -> Verdict {
    let text = format!("schema = 1\nname = \"p\"\n[environment.production]\nsigned.intact = \"required\"\n{demand}\n");
    let terms = Terms {
        policy: &Policy::parse(&text, "test").unwrap(),
        environment: "production",
        expectations: &Expectations::default(),
        registry: &Registry::default(),
        at: day(NOW),
    };
    appraise(dossier, &terms).unwrap()
}

/// The answer to these tables.
fn asked(dossier: Dossier, tables: &str) -> (Answer, &'static str) {
    let verdict = judge(dossier, &format!("other.tool-results = {tables}"));
    (verdict.other[0].answer, verdict.other[0].reason)
}

const MALWARE: &str = r#"{ kind = "malware", max-age = "7d" }"#;

#[test]
fn a_good_result_about_these_bytes_is_met_while_it_is_fresh() {
    let scanned = |outcome: &str, on: i64, digest: &str| {
        asked(observed(&[said("clamav", "malware", outcome, on, digest)]), MALWARE)
    };
    assert_eq!(scanned("clean", NOW - 7, &ours()), (YES, "tools-satisfied"));
    assert_eq!(scanned("clean", NOW - 8, &ours()), (OPEN, "tool-result-too-old"));
    assert_eq!(scanned("clean", NOW + 1, &ours()), (OPEN, "tool-result-too-old"), "from the future");
    assert_eq!(scanned("unknown", NOW, &ours()), (OPEN, "tool-undecided"));
    assert_eq!(scanned("found", NOW - 100, &ours()), (NO, "tool-found-something"), "however old");
    assert_eq!(scanned("clean", NOW, OTHER), (OPEN, "no-tool-result"));
    assert_eq!(asked(observed(&[]), MALWARE), (OPEN, "no-tool-result"));
}

#[test]
fn a_result_without_an_instant_is_not_fresh() {
    let undated = format!(r#"{{"tool":"t","kind":"malware","outcome":"clean","digest":"{}"}}"#, ours());
    assert_eq!(asked(observed(std::slice::from_ref(&undated)), MALWARE), (OPEN, "tool-result-too-old"));
    assert_eq!(asked(observed(&[undated]), r#"{ kind = "malware" }"#), (YES, "tools-satisfied"));
}

#[test]
fn every_table_must_be_met_by_the_tool_that_it_names() {
    let results = [said("clamav", "malware", "clean", NOW, &ours()), said("junit", "tests", "failed", NOW, &ours())];
    let of = |tables: &str| asked(observed(&results), tables);
    assert_eq!(of(r#"{ kind = "malware", tool = "clam*" }"#).0, YES);
    assert_eq!(of(r#"{ kind = "malware", tool = "defender" }"#), (OPEN, "no-tool-result"));
    assert_eq!(of(r#"[{ kind = "malware" }, { kind = "sbom" }]"#), (OPEN, "no-tool-result"));
    assert_eq!(of(r#"[{ kind = "malware" }, { kind = "sbom" }, { kind = "tests" }]"#), (NO, "tool-found-something"));
}

#[test]
fn of_each_tool_the_newest_result_counts_and_of_several_the_worst() {
    let of = |results: &[String]| asked(observed(results), r#"{ kind = "malware" }"#).0;
    let (found, cleared) =
        (said("a", "malware", "found", NOW - 3, &ours()), said("a", "malware", "clean", NOW - 1, &ours()));
    assert_eq!(of(&[found.clone(), cleared.clone()]), YES);
    assert_eq!(of(&[said("a", "malware", "found", NOW, &ours()), cleared.clone()]), NO);
    assert_eq!(of(&[found, said("b", "malware", "clean", NOW, &ours())]), NO, "another tool clears nothing");
    let undated = format!(r#"{{"tool":"a","kind":"malware","outcome":"found","digest":"{}"}}"#, ours());
    assert_eq!(of(&[undated, cleared]), NO, "nobody knows which is newer");
}

#[test]
fn what_nobody_vouches_for_only_counts_against() {
    let given = |outcome: &str| {
        let record = record(&[said("a", "malware", outcome, NOW, &ours())]);
        asked(dossier_with(&[], &[record]), MALWARE)
    };
    assert_eq!(given("clean"), (OPEN, "not-vouched-for"));
    assert_eq!(given("found"), (NO, "tool-found-something"));
    let beside = |vouched: &str, on: i64, other: &str, other_on: i64| {
        let of = |outcome: &str, on: i64| record(&[said("a", "malware", outcome, on, &ours())]);
        asked(dossier_with(&[of(vouched, on)], &[of(other, other_on)]), MALWARE)
    };
    assert_eq!(beside("clean", NOW - 1, "found", NOW).0, NO, "a good one hides no bad one");
    assert_eq!(beside("found", NOW - 1, "clean", NOW).0, NO, "and is superseded by no newer one of nobody");
    assert_eq!(beside("clean", NOW, "found", NOW - 1).0, YES, "the tool looked again");
}

#[test]
fn malware_is_a_finding_whatever_the_policy_asks() {
    let found = record(&[said("a", "malware", "found", NOW, &ours())]);
    for dossier in [dossier_with(std::slice::from_ref(&found), &[]), dossier_with(&[], std::slice::from_ref(&found))] {
        let verdict = judge(dossier, "");
        let critical = verdict.findings.iter().find(|finding| finding.id.severity() == Severity::Critical).unwrap();
        assert_eq!(critical.id.word(), "malware-reported");
    }
    let other = judge(observed(&[said("a", "malware", "found", NOW, OTHER)]), "");
    let words: Vec<_> = other.findings.iter().map(|finding| finding.id.word()).collect();
    assert_eq!(words, ["evidence-about-another"]);
}

#[test]
fn a_difference_from_the_source_counts_whatever_the_policy_asks() {
    let compared = |outcome: &str| {
        let verdict = judge(observed(&[said("diffoscope", "source-comparison", outcome, NOW, &ours())]), "");
        let path = verdict.questions.iter().find(|of| of.question == Question::Path).unwrap();
        let judged = path.requirements.iter().find(|known| known.id == "source-compared").unwrap();
        (judged.answer, judged.reason)
    };
    assert_eq!(compared("failed"), (NO, "differs-from-source"));
    assert_eq!(compared("passed"), (YES, "matches-source"));
    let asked = judge(observed(&[]), "path.source-compared = \"established\"");
    assert_eq!(asked.questions[2].requirements[0].reason, "source-not-compared");
}

#[test]
fn results_cover_what_no_signature_can_say() {
    let results = [
        said("clamav", "malware", "clean", NOW - 2, &ours()),
        said("sandbox", "behaviour", "unknown", NOW, &ours()),
        said("grype", "vulnerabilities", "found", NOW - 3, &ours()),
    ];
    let covered = |dossier: Dossier| -> Vec<_> {
        judge(dossier, "").not_examined.into_iter().map(|beyond| (beyond.id, beyond.covered_by)).collect()
    };
    let expected = [
        ("code-quality", Some("`clamav`: malware clean, 2 days old (export-0)".to_owned())),
        ("run-time-behaviour", None),
        ("hidden-dependencies", None),
        ("known-vulnerabilities", Some("`grype`: vulnerabilities found, 3 days old (export-0)".to_owned())),
    ];
    assert_eq!(covered(observed(&results)), expected);
    let given = covered(dossier_with(&[], &[record(&results)]));
    assert!(given.iter().all(|(_, covered_by)| covered_by.is_none()), "nobody vouches for it");
}

/// The first key of RFC 8032 §7.1, as PKCS #8.
const KEY: &str = "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// A statement under a key that the relying party accepts, or does not.
fn stated(subject: &str, predicate_type: &str, predicate: &str, is_accepted: bool) -> Dossier {
    let key = SigningKey::from_pkcs8(&hex::decode(KEY).unwrap()).unwrap();
    let digest = subject.trim_start_matches("sha256:");
    let statement = format!(
        r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"app","digest":{{"sha256":"{digest}"}}}}],
            "predicateType":"{predicate_type}","predicate":{predicate}}}"#
    );
    let envelope = Envelope::signed("application/vnd.in-toto+json", statement.into_bytes(), &key);
    let accepted = AcceptedKey { source: "ci.pub".to_owned(), key: key.public_key().clone(), certificate: None };
    let material = Material {
        keys: if is_accepted { vec![accepted] } else { Vec::new() },
        evidence: vec![EvidenceFile { path: "ci.intoto.json".to_owned(), bytes: envelope.to_json() }],
        ..Material::default()
    };
    let bytes = ARTIFACT.to_vec();
    let artifact = Artifact { name: "app".to_owned(), path: "app".to_owned(), content: Content::File(&bytes) };
    examine(&artifact, &material, day(NOW), &Limits::default()).unwrap()
}

const TESTS: &str = "https://in-toto.io/attestation/test-result/v0.1";
const PASSED: &str = r#"{"result":"PASSED","configuration":[{"name":"ci.yml"}],"passedTests":["a"]}"#;

#[test]
fn a_result_in_a_signed_statement_is_about_its_subject() {
    let of = |subject: &str, predicate: &str, is_accepted: bool| {
        asked(stated(subject, TESTS, predicate, is_accepted), r#"{ kind = "tests", tool = "ci.yml" }"#)
    };
    assert_eq!(of(&ours(), PASSED, true), (YES, "tools-satisfied"));
    assert_eq!(of(&ours(), &PASSED.replace("PASSED", "FAILED"), true), (NO, "tool-found-something"));
    assert_eq!(of(&ours(), PASSED, false), (OPEN, "not-vouched-for"), "nobody accepted the key");
    assert_eq!(of(OTHER, PASSED, true), (OPEN, "no-tool-result"), "a valid statement for something else");
}

#[test]
fn a_signed_document_about_other_digests_says_nothing_of_its_subject() {
    let bom = |digest: &str| {
        let digest = digest.trim_start_matches("sha256:");
        format!(
            r#"{{"bomFormat":"CycloneDX","specVersion":"1.6","metadata":{{"component":{{"name":"app","hashes":[{{"alg":"SHA-256","content":"{digest}"}}]}}}}}}"#
        )
    };
    let of =
        |digest: &str| asked(stated(&ours(), "https://cyclonedx.org/bom", &bom(digest), true), r#"{ kind = "sbom" }"#);
    assert_eq!(of(&ours()), (YES, "tools-satisfied"));
    assert_eq!(of(OTHER), (OPEN, "no-tool-result"));
    let attested = judge(
        stated(&ours(), "https://cyclonedx.org/bom", &bom(&ours()), true),
        "other.attested = [\"https://cyclonedx.org/bom\"]",
    );
    assert_eq!(attested.other[0].answer, YES, "that it was stated is still a fact");
}

#[test]
fn a_result_that_cannot_be_read_is_a_finding() {
    let dossier = stated(&ours(), TESTS, r#"{"result":7}"#, true);
    let words: Vec<_> = dossier.findings.iter().map(|finding| finding.id.word()).collect();
    assert!(words.contains(&"statement-contradicted"), "{words:?}");
    assert_eq!(asked(dossier, r#"{ kind = "tests" }"#), (OPEN, "no-tool-result"));
}

#[test]
fn digests_of_other_algorithms_are_computed_where_a_tool_names_them() {
    let by_sha512 = Digest::of(DigestAlgorithm::Sha512, ARTIFACT).to_string();
    let results = [said("a", "allow-list", "listed", NOW, &by_sha512)];
    assert_eq!(asked(observed(&results), r#"{ kind = "allow-list" }"#).0, YES);
    let by_sha1 = Digest::of(DigestAlgorithm::Sha1, ARTIFACT).to_string();
    let results = [said("a", "allow-list", "listed", NOW, &by_sha1)];
    assert_eq!(asked(observed(&results), r#"{ kind = "allow-list" }"#).0, OPEN, "two files can share it");
}
