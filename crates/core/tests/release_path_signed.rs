//! Statements of build platforms, signed with throw-away keys, from the file of evidence to the answer.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod keys;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claim, Fact, Standing, Voucher};
use countersign::crypto::SigningKey;
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::encoding::base64;
use countersign::encoding::dsse::{Envelope, IN_TOTO};
use countersign::evidence::{Check, Need, Outcome, State};
use countersign::examine::examine;
use countersign::finding::FindingId;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use countersign::verdict::{Decision, Verdict};
use serde_json::{Value, json};

const ARTIFACT: &[u8] = b"release";
/// The digest of an empty file.
const OTHER: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn key() -> SigningKey {
    keys::ed25519(1)
}

fn artifact_digest() -> Digest {
    Digest::of(DigestAlgorithm::Sha256, ARTIFACT)
}

fn statement(predicate_type: &str, predicate: &Value) -> Vec<u8> {
    let subject = json!([{ "name": "app", "digest": { "sha256": artifact_digest().hex() } }]);
    let statement = json!({ "_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": predicate_type, "predicate": predicate });
    statement.to_string().into_bytes()
}

fn signed(predicate_type: &str, predicate: &Value) -> Vec<u8> {
    Envelope::signed(IN_TOTO, statement(predicate_type, predicate), &key()).to_json()
}

fn examined(evidence: Vec<u8>, keys: &[&SigningKey]) -> Dossier {
    let accepted = |key: &&SigningKey| AcceptedKey {
        source: "key.pem".to_owned(),
        key: key.public_key().clone(),
        certificate: None,
    };
    let material = Material {
        keys: keys.iter().map(accepted).collect(),
        evidence: vec![EvidenceFile { path: "app.intoto.jsonl".to_owned(), bytes: evidence }],
        ..Material::default()
    };
    let artifact = Artifact { name: "app".into(), path: String::new(), content: Content::Digest(artifact_digest()) };
    examine(&artifact, &material, Time::from_unix(0), &Limits::default()).unwrap()
}

fn verdict(dossier: Dossier, policy: &str) -> Verdict {
    let text = format!("schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n{policy}\n");
    let policy = Policy::parse(&text, "p").unwrap();
    let (expectations, registry) = (Expectations::default(), Registry::default());
    let at = Time::from_unix(0);
    let terms =
        Terms { policy: &policy, environment: "production", expectations: &expectations, registry: &registry, at };
    appraise(dossier, &terms).unwrap()
}

fn admits(evidence: &[u8], policy: &str) -> bool {
    verdict(examined(evidence.to_vec(), &[&key()]), policy).decision == Decision::Admit
}

fn built_by(dossier: &Dossier) -> (&Claim, Option<(&str, u8)>) {
    let claims = dossier.claims.all().iter();
    let mut found = claims.filter_map(|claim| match &claim.fact {
        Fact::BuiltBy { graded, .. } => Some((claim, graded.as_ref().map(|graded| (graded.by.as_str(), graded.level)))),
        _ => None,
    });
    found.next().unwrap()
}

fn tekton() -> Vec<u8> {
    let definition =
        json!({ "name": "task", "uri": "git+https://github.com/catalogue/tasks", "digest": { "sha1": "d0" } });
    let built =
        json!({ "name": "inputs/result", "uri": "git+https://github.com/acme/app.git", "digest": { "sha1": "c0" } });
    signed(
        "https://slsa.dev/provenance/v1",
        &json!({
            "buildDefinition": {
                "buildType": "https://tekton.dev/chains/v2/slsa",
                "externalParameters": { "runSpec": { "params": [{ "name": "x", "value": "y" }] },
                    "buildConfigSource": { "repository": "git+https://github.com/catalogue/tasks", "ref": "sha1:d0", "path": "t.yaml" } },
                "resolvedDependencies": [definition, built],
            },
            "runDetails": { "builder": { "id": "https://tekton.dev/chains/v2" }, "metadata": { "invocationId": "1" } },
        }),
    )
}

#[test]
fn tekton_counts_as_far_as_a_policy_says() {
    let dossier = examined(tekton(), &[&key()]);
    assert_eq!(dossier.signatures[0].state(), State::Valid);
    let (claim, graded) = built_by(&dossier);
    assert_eq!(
        (claim.vouched_by, claim.standing, graded),
        (Voucher::Tenant, Standing::Verified, Some(("tekton-chains", 2)))
    );

    let path = "[environment.production.path]\n";
    assert!(!admits(&tekton(), &format!("{path}provenance = \"verified\"")));
    assert!(admits(
        &tekton(),
        &format!("{path}provenance = {{ builder = \"tekton-chains\", level = 2, voucher = \"tenant\" }}")
    ));
    // The source is what the task says: it counts for those who accept that.
    let source = "source = { repo = \"https://github.com/acme/app\", commit = \"c0\" }";
    assert!(!admits(&tekton(), &format!("{path}{source}")));
    assert!(admits(&tekton(), &format!("{path}{}", source.replace(" }", ", voucher = \"tenant\" }"))));
    // Where the policy names whose Tekton it is, it may say what parameters the run may have.
    let own = format!(
        "[builders.tekton]\nid = \"https://tekton.dev/chains/v2\"\nsigner = {{ key = \"{}\" }}\nlevel = 2\n\
         parameters = {{ \"runSpec.*\" = \"*\" }}\n",
        key().public_key().spki_sha256().hex()
    );
    let asked = format!("{path}provenance = {{ builder = \"tekton\", level = 2, voucher = \"tenant\" }}");
    assert!(admits(&tekton(), &format!("{own}{asked}")));
    assert!(!admits(&tekton(), &format!("{}{asked}", own.replace("runSpec.*", "other.*"))));
}

#[test]
fn nobody_speaks_for_google_without_its_keys() {
    let predicate = json!({
        "buildDefinition": { "buildType": "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
            "externalParameters": { "buildConfigSource": { "repository": "git+https://github.com/acme/app", "ref": "refs/heads/main" } } },
        "runDetails": { "builder": { "id": "https://cloudbuild.googleapis.com/GoogleHostedWorker" } },
    });
    let evidence = signed("https://slsa.dev/provenance/v1", &predicate);
    let dossier = examined(evidence.clone(), &[&key()]);
    let (claim, graded) = built_by(&dossier);
    assert_eq!((claim.vouched_by, graded), (Voucher::Tenant, None));
    let path = "[environment.production.path]\n";
    assert!(!admits(&evidence, &format!("{path}provenance = {{ level = 1, voucher = \"tenant\" }}")));
    // A key that Google brings into use later is the policy's to name.
    let named = format!(
        "[builders.gcb]\nid = \"https://cloudbuild.googleapis.com/GoogleHostedWorker\"\nsigner = {{ key = \"{}\" }}\nlevel = 3\n",
        key().public_key().spki_sha256().hex()
    );
    let asked = "provenance = { builder = \"gcb\", level = 3 }\nsource = { repo = \"github.com/acme/app\", ref = \"refs/heads/main\" }\nparameters = \"known\"";
    assert!(admits(&evidence, &format!("{named}{path}{asked}")));
    assert!(!admits(&evidence, &format!("{}{path}{asked}", named.replace("HostedWorker\"", "HostedWorker@v0.3\""))));
}

#[test]
fn nobody_elses_key_signs_a_payload_itself_as_cloud_builds_regional_keys_do() {
    let describe = |keyid: &str, whole: bool, change: fn(&mut Value)| {
        let predicate = json!({ "builder": { "id": "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3" },
            "recipe": { "type": "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1" },
            "materials": [{ "uri": "https://github.com/acme/app", "digest": { "sha1": "c0" } }] });
        let payload = statement("https://slsa.dev/provenance/v0.1", &predicate);
        let mut readable: Value = serde_json::from_slice(&payload).unwrap();
        let members = readable.as_object_mut().unwrap();
        let predicate = members.remove("predicate").unwrap();
        members.insert("slsaProvenance".to_owned(), predicate);
        let message =
            if whole { Envelope::signed(IN_TOTO, payload.clone(), &key()).signed_bytes() } else { payload.clone() };
        let image = artifact_digest().to_string();
        let mut document = json!({
            "image_summary": { "digest": image, "fully_qualified_digest": format!("r.example/app@{image}") },
            "provenance_summary": { "provenance": [{ "kind": "BUILD", "resourceUri": format!("https://r.example/app@{image}"),
                "build": { "intotoStatement": readable },
                "envelope": { "payloadType": IN_TOTO, "payload": base64::encode(&payload),
                    "signatures": [{ "keyid": keyid, "sig": base64::encode(&key().sign(&message)) }] } }] },
        });
        change(&mut document);
        document.to_string().into_bytes()
    };
    let regional =
        "projects/verified-builder/locations/us-west2/keyRings/attestor/cryptoKeys/builtByGCB/cryptoKeyVersions/1";
    let global =
        "projects/verified-builder/locations/global/keyRings/attestor/cryptoKeys/provenanceSigner/cryptoKeyVersions/1";
    let state = |evidence| examined(evidence, &[&key()]).signatures[0].state();
    // The hint at the key is signed by nobody: whose key signs the payload itself is in the table of builders.
    assert_eq!(state(describe(regional, false, |_| {})), State::Bad);
    assert_eq!(state(describe(regional, true, |_| {})), State::Valid);
    assert_eq!(state(describe(global, true, |_| {})), State::Valid);
    assert_eq!(state(describe(global, false, |_| {})), State::Bad);
    assert_eq!(state(describe("", false, |_| {})), State::Bad);
    let other = |document: &mut Value| document["image_summary"]["digest"] = format!("sha256:{OTHER}").into();
    assert_eq!(state(describe(regional, true, other)), State::Broken);
}

#[test]
fn what_a_predicate_names_by_another_digest_is_compared_with_the_artifact() {
    const EXPORT: &str = "https://github.com/countersign/countersign/export/v1";
    let digest = Digest::of(DigestAlgorithm::Sha512, ARTIFACT);
    let release = |digest: Digest| json!({ "schema": "countersign/release/v1", "files": [{ "name": "other", "digests": [digest.to_string()] }] });
    let scan = json!({ "bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": { "component": {
        "name": "app", "hashes": [{ "alg": "SHA-512", "content": digest.hex() }] } } });
    let claims = |predicate_type: &str, predicate: &Value| {
        let material = Material {
            evidence: vec![EvidenceFile { path: "e".to_owned(), bytes: signed(predicate_type, predicate) }],
            ..Material::default()
        };
        let bytes = ARTIFACT.to_vec();
        let artifact = Artifact { name: "app".into(), path: String::new(), content: Content::File(&bytes) };
        let dossier = examine(&artifact, &material, Time::from_unix(0), &Limits::default()).unwrap();
        let named = |claim: &&Claim| matches!(claim.fact, Fact::Released(_) | Fact::ToolFound(_));
        dossier.claims.all().iter().filter(named).count()
    };
    assert_eq!(claims(EXPORT, &release(digest)), 1);
    assert_eq!(claims(EXPORT, &release(Digest::of(DigestAlgorithm::Sha512, b"other"))), 0);
    assert_eq!(claims("https://cyclonedx.org/bom", &scan), 1);
}

#[test]
fn a_summary_is_not_repeated_for_any_number_of_commits() {
    let summaries = |commits: usize| {
        let subject: Vec<_> =
            (0..commits).map(|number| json!({ "digest": { "gitCommit": format!("{number:040x}") } })).collect();
        let predicate = json!({ "verifier": { "id": "v" }, "resourceUri": "r", "verificationResult": "PASSED" });
        let statement = json!({ "_type": "https://in-toto.io/Statement/v1", "subject": subject,
            "predicateType": "https://slsa.dev/verification_summary/v1", "predicate": predicate });
        let envelope = Envelope::signed(IN_TOTO, statement.to_string().into_bytes(), &key());
        let dossier = examined(envelope.to_json(), &[&key()]);
        let is_summary = |claim: &&Claim| matches!(claim.fact, Fact::SourceSummarised(_));
        let is_limit = |check: &Check| check.outcome == Outcome::Undecided(Need::Limit);
        (dossier.claims.all().iter().filter(is_summary).count(), dossier.signatures[0].checks.iter().any(is_limit))
    };
    assert_eq!(summaries(1_000), (1_000, false));
    assert_eq!(summaries(1_001), (0, true));
}

#[test]
fn witness_gitlab_and_jenkins_come_to_the_same_facts() {
    let witness = json!({ "name": "build", "attestations": [
        { "type": "https://witness.dev/attestations/git/v0.1",
          "attestation": { "commithash": "c0", "refs": ["refs/heads/main"], "remotes": ["https://ci:secret@git.example/acme/app.git"] } },
        { "type": "https://witness.dev/attestations/command-run/v0.1", "attestation": { "cmd": ["make"] } } ] });
    let gitlab = json!({ "builder": { "id": "https://git.example/acme/app/-/runners/1" },
        "buildType": "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v16.0.0/PROVENANCE.md",
        "invocation": { "configSource": { "uri": "https://git.example/acme/app", "digest": { "sha256": "f0582e2c9a16b5cc2cde90e8be8f1b50fd67c631" },
            "entryPoint": "build" }, "parameters": { "CI": "", "CI_COMMIT_BRANCH": "main" } },
        "materials": [] });
    let jenkins = json!({ "builder": { "id": "https://gitlab.eclipse.org/eclipsefdn/security/slsa-jenkins-plugin@v1.0" },
        "buildType": "https://gitlab.eclipse.org/eclipsefdn/security/slsa-jenkins-plugin@v1.0",
        "invocation": { "configSource": { "uri": "git+https://git.example/acme/app.git@origin/main", "digest": { "sha1": "c0" } } } });
    for (row, predicate_type, predicate) in [
        ("witness", "https://witness.testifysec.com/attestation-collection/v0.1", witness),
        ("gitlab-runner", "https://slsa.dev/provenance/v0.2", gitlab),
        ("jenkins-slsa-plugin", "https://slsa.dev/provenance/v0.2", jenkins),
    ] {
        let dossier = examined(signed(predicate_type, &predicate), &[&key()]);
        assert_eq!(built_by(&dossier).1, Some((row, 1)));
        let sources = dossier.claims.all().iter().filter_map(|claim| match &claim.fact {
            Fact::BuiltFrom(source) => Some((
                source.repository.trim_start_matches("git+").trim_end_matches(".git"),
                source.reference.as_deref(),
            )),
            _ => None,
        });
        let sources: Vec<_> = sources.collect();
        assert_eq!(sources, [("https://git.example/acme/app", Some("refs/heads/main"))], "{row}");
        let asked = format!(
            "[environment.production.path]\nprovenance = {{ builder = \"{row}\", level = 1, voucher = \"tenant\" }}"
        );
        assert!(admits(&signed(predicate_type, &predicate), &asked), "{row}");
        assert!(!admits(&signed(predicate_type, &predicate), &asked.replace("level = 1", "level = 2")), "{row}");
    }
}

#[test]
fn a_statement_without_a_signature_proves_nothing_and_that_is_said() {
    let predicate = json!({ "builder": { "id": "https://git.example/acme/app/-/runners/1" } });
    let dossier = examined(statement("https://slsa.dev/provenance/v0.2", &predicate), &[&key()]);
    assert_eq!((dossier.signatures.len(), dossier.claims.all().len()), (0, 0));
    assert_eq!(dossier.findings[0].id, FindingId::EvidenceNotRead);
    assert!(dossier.findings[0].message.contains("a statement without a signature"), "{}", dossier.findings[0].message);
}

#[test]
fn what_is_beyond_a_limit_is_not_established() {
    let parameters: serde_json::Map<_, _> = (0..=10_000).map(|i| (format!("p{i}"), json!(1))).collect();
    let predicate = json!({ "builder": { "id": "https://tekton.dev/chains/v2" }, "buildType": "tekton.dev/v1/TaskRun",
        "invocation": { "parameters": parameters } });
    let dossier = examined(signed("https://slsa.dev/provenance/v0.2", &predicate), &[&key()]);
    assert_eq!((dossier.signatures[0].state(), dossier.signatures[0].reason()), (State::Unknown, "limit-reached"));
    assert_eq!(dossier.claims.verified().count(), 0);
}
