//! The readers of predicates: any document as the predicate of each kind of signed statement that is read, and as an
//! export that the relying party obtained itself, judged under a policy that asks for what they say. Signed here, so that
//! no input must find its way through an envelope first.

#![no_main]

use std::sync::LazyLock;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::SigningKey;
use countersign::encoding::dsse::{Envelope, IN_TOTO};
use countersign::encoding::json;
use countersign::examine::examine;
use countersign::exports::{PREDICATE, ReadExport};
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use libfuzzer_sys::fuzz_target;

/// One predicate type for each reader.
const PREDICATES: [&str; 14] = [
    PREDICATE,
    "https://slsa.dev/provenance/v1",
    "https://slsa.dev/provenance/v0.2",
    "https://slsa.dev/provenance/v0.1",
    "https://witness.dev/attestation-collection/v0.1",
    "https://slsa.dev/verification_summary/v1",
    "https://in-toto.io/attestation/svr/v0.2",
    "https://in-toto.io/attestation/vulns/v0.2",
    "https://in-toto.io/attestation/test-result/v0.1",
    "https://in-toto.io/attestation/scai/v0.3",
    "https://cosign.sigstore.dev/attestation/vuln/v1",
    "https://cyclonedx.org/bom",
    "https://github.com/npm/attestation/tree/main/specs/publish/v0.1",
    "https://docs.pypi.org/attestations/publish/v1",
];

const ARTIFACT: &[u8] = b"artifact";

/// 2026-11-23T00:00:00Z: results must not depend on the day.
const AT: Time = Time::from_unix(1_795_392_000);

/// Some Ed25519 key (RFC 8410 §7).
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    SigningKey::from_pkcs8(&[&head[..], &[1; 32]].concat()).expect("a key")
});

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let text = "schema = 1\nname = \"fuzz\"\n[environment.production.signed]\nintact = \"required\"\n\
                [environment.production.path]\nprovenance = { level = 1, voucher = \"tenant\" }\nrun = \"established\"\n\
                parameters = \"known\"\nsource-reviewed = \"two-accounts\"\nas-released = \"established\"\n\
                not-downgraded = \"established\"\nin-order = \"established\"\nseparate = [\"author\", \"review\"]\n\
                [environment.production.other]\ntool-results = [{ kind = \"vulnerabilities\", max-age = \"7d\" }]";
    Policy::parse(text, "fuzz").expect("a policy")
});

fuzz_target!(|bytes: &[u8]| {
    let file = |bytes: Vec<u8>| EvidenceFile { path: "evidence".to_owned(), bytes };
    if let Ok(read) = ReadExport::observed(&file(bytes.to_vec())) {
        judge(Material { observed: vec![read], ..Material::default() });
    }
    let (Ok(text), Ok(_)) = (std::str::from_utf8(bytes), json::parse(bytes)) else { return };
    let evidence = PREDICATES.map(|predicate_type| {
        let statement = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"a","digest":{{"sha256":
                "c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c","gitCommit":"c0"}}}}],
                "predicateType":"{predicate_type}","predicate":{text}}}"#
        );
        file(Envelope::signed(IN_TOTO, statement.into_bytes(), &KEY).to_json())
    });
    let key = AcceptedKey { source: "key".to_owned(), key: KEY.public_key().clone(), certificate: None };
    judge(Material { evidence: evidence.to_vec(), keys: vec![key], ..Material::default() });
});

fn judge(material: Material) {
    let artifact = Artifact { name: "a".to_owned(), path: "a".to_owned(), content: Content::File(&ARTIFACT.to_vec()) };
    let dossier = examine(&artifact, &material, AT, &Limits::default()).expect("a slice can be read");
    let terms = Terms {
        policy: &POLICY,
        environment: "production",
        expectations: &Expectations::default(),
        registry: &Registry::empty(),
        at: AT,
    };
    appraise(dossier, &terms).expect("the environment is there");
}
