//! What was recorded is judged again without the file, and gives the same verdict, byte for byte.

#![allow(missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::examine::examine;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::{BUILT_IN, Expectations, Policy};
use countersign::record::{RecordedPolicy, Reliance, VerdictRecord};
use countersign::registry::Registry;
use countersign::reports::{Form, REPORTS, Verifier};
use countersign::time::Time;
use countersign::verdict::Verdict;
use countersign_store::{PolicyText, SqliteStore, Store, verdicts};

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// The material of a default run: what lies beside the file.
fn material(path: &Path) -> Material {
    let prefix = format!("{}.", path.file_name().unwrap().to_str().unwrap());
    let beside =
        samples().into_iter().filter(|other| other.file_name().unwrap().to_str().unwrap().starts_with(&prefix));
    let evidence = beside.map(|path| EvidenceFile {
        bytes: fs::read(&path).unwrap(),
        path: path.file_name().unwrap().to_str().unwrap().to_owned(),
    });
    Material { evidence: evidence.collect(), ..Material::default() }
}

fn judge(path: &Path, expectations: &Expectations, at: Time) -> Verdict {
    let bytes = fs::read(path).unwrap();
    let name = path.file_name().unwrap().to_str().unwrap().to_owned();
    let artifact = Artifact { path: format!("samples/{name}"), name, content: Content::File(&bytes) };
    let dossier = examine(&artifact, &material(path), at, &Limits::default()).unwrap();
    appraise(dossier, &terms(&Policy::built_in(), expectations, at)).unwrap()
}

fn terms<'a>(policy: &'a Policy, expectations: &'a Expectations, at: Time) -> Terms<'a> {
    static NONE: std::sync::LazyLock<Registry> = std::sync::LazyLock::new(Registry::default);
    Terms { policy, environment: "production", expectations, registry: &NONE, at }
}

fn verifier() -> Verifier {
    Verifier::new("https://verify.example.com", Some("https://example.com/{name}")).unwrap()
}

fn written(verdict: &Verdict) -> Vec<String> {
    let form = Form { verifier: Some(verifier()), ..Form::default() };
    REPORTS.iter().map(|report| (report.verdict)(verdict, &form)).collect()
}

#[test]
fn every_sample_gives_the_same_verdict_from_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteStore::open(&folder.path().join("store.db")).unwrap();
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    let sha256 = Digest::of(DigestAlgorithm::Sha256, BUILT_IN.as_bytes());
    let policies = [PolicyText { sha256, text: BUILT_IN.to_owned() }];
    let expectations = Expectations {
        signer: Some("*Microsoft*".to_owned()),
        workflow_inputs: vec![("a".to_owned(), "b".to_owned())],
        ..Expectations::default()
    };
    let samples = samples();
    assert!(samples.len() > 5);
    for path in &samples {
        let verdict = judge(path, &expectations, at);
        let reliance = Reliance { party: "olga".to_owned(), place: "build-7".to_owned() };
        let record = VerdictRecord::new(&verdict, &expectations, None, reliance);
        store.record(&policies, &[verdicts::documents(&record)]).unwrap();

        let policy = RecordedPolicy::read(&store.policy_text(&sha256).unwrap().unwrap()).unwrap();
        let digest = verdict.dossier.artifact.digests[&DigestAlgorithm::Sha256];
        let mut again = Vec::new();
        verdicts::about(&store, &digest, &mut |_, record| {
            again.push(record);
            Ok(())
        })
        .unwrap();
        let [read] = again.as_slice() else { panic!("{} records of {}", again.len(), path.display()) };
        assert_eq!(read.reliance, record.reliance);
        assert_eq!(read.decided, record.decided);
        let again = read.appraise(&policy, &Registry::default(), read.at).unwrap();
        assert_eq!(written(&again), written(&verdict), "{}", path.display());
    }
    assert_eq!(store.recorded().unwrap(), samples.len() as u64);
    assert_eq!(store.check().unwrap(), []);
}
