use super::*;
use crate::artifact::Digests;
use crate::claim::Claims;
use crate::crypto::DigestAlgorithm;
use crate::dossier::ArtifactFacts;
use crate::material::MaterialDates;
use crate::policy::BUILT_IN;

fn record(path: &str) -> VerdictRecord {
    let digest = Digest::of(DigestAlgorithm::Sha256, b"artifact");
    let digests: Digests = std::iter::once((DigestAlgorithm::Sha256, digest)).collect();
    let name = path.rsplit('/').next().unwrap().to_owned();
    let artifact = ArtifactFacts { name, path: path.to_owned(), size: Some(8), container: "data", digests };
    let dossier = Dossier {
        artifact,
        signatures: Vec::new(),
        claims: Claims::default(),
        findings: Vec::new(),
        evidence: Vec::new(),
        layout: None,
        exports: Vec::new(),
        material: MaterialDates::default(),
    };
    let expectations = Expectations { signer: Some("Acme".to_owned()), ..Expectations::default() };
    let terms = Terms {
        policy: &Policy::built_in(),
        environment: "production",
        expectations: &expectations,
        registry: &Registry::default(),
        at: Time::from_unix(1_000),
    };
    VerdictRecord::new(&appraise(dossier, &terms).unwrap(), &expectations, None, Reliance::default())
}

#[test]
fn copies_of_a_file_have_the_same_facts() {
    let (here, there) = (record("/opt/here/app").to_documents(), record("/srv/there/other-name").to_documents());
    assert_eq!(here.0, there.0);
    assert_ne!(here.1, there.1);
    let read = VerdictRecord::from_documents(&there.0, &there.1).unwrap();
    assert_eq!((read.dossier.artifact.name.as_str(), read.decided), ("other-name", Answer::No));
}

#[test]
fn another_policy_is_not_taken_for_the_recorded_one() {
    let record = record("app");
    let again = |text: &str| {
        record.appraise(&RecordedPolicy::read(text).unwrap(), &Registry::default(), record.at).map(|it| it.decision)
    };
    assert_eq!(again(BUILT_IN), Ok(Decision::Refuse));
    let other = again(&format!("{BUILT_IN}\n# another digest\n"));
    assert!(matches!(other, Err(NotAppraised::OtherPolicy { .. })), "{other:?}");
    assert!(matches!(RecordedPolicy::read("schema = 99"), Err(NotAppraised::Policy(_))));
}

#[test]
fn what_is_not_known_is_refused() {
    let (facts, body) = record("app").to_documents();
    let refused = |facts: &str, body: &str| VerdictRecord::from_documents(facts, body).unwrap_err().to_string();
    assert!(refused(&facts, &body.replace("record/v1", "record/v9")).contains("record/v9"));
    assert!(refused(&facts, &body.replacen('{', "{\"extra\":1,", 1)).contains("extra"));
    assert!(refused(&facts.replacen('{', "{\"extra\":1,", 1), &body).contains("extra"));
    assert!(refused(&facts, &body.replace("not-established", "perhaps")).contains("perhaps"));
}
