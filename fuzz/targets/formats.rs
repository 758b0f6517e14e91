//! The table of formats: any bytes as an artifact, and as evidence beside it, judged with the built-in
//! material and written down. A new format is fuzzed as soon as it is in the table.

#![no_main]

use std::sync::LazyLock;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::examine::examine;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::reports::{self, Form, REPORTS, Verifier};
use countersign::time::Time;
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::trust::{SIGSTORE_ROOTS, TrustBundle};
use libfuzzer_sys::fuzz_target;

static BUILT_IN: LazyLock<Material> = LazyLock::new(|| Material {
    anchors: TrustBundle::built_in(),
    sigstore: SIGSTORE_ROOTS.iter().filter_map(|(name, json)| TrustedRoot::from_json(name, json).ok()).collect(),
    ..Material::default()
});

static POLICY: LazyLock<Policy> = LazyLock::new(Policy::built_in);

static VERIFIER: LazyLock<Verifier> =
    LazyLock::new(|| Verifier::new("https://verify.example", Some("https://example.com/{name}")).expect("URIs"));

/// 2026-11-23T00:00:00Z: results must not depend on the day.
const AT: Time = Time::from_unix(1_795_392_000);

fuzz_target!(|bytes: &[u8]| {
    let evidence = EvidenceFile { path: "evidence".to_owned(), bytes: bytes.to_vec() };
    let material = Material { evidence: vec![evidence], ..BUILT_IN.clone() };
    let artifact =
        Artifact { name: "artifact".to_owned(), path: "artifact".to_owned(), content: Content::File(&bytes.to_vec()) };
    let dossier = examine(&artifact, &material, AT, &Limits::default()).expect("a slice can be read");
    let terms = Terms {
        policy: &POLICY,
        environment: "production",
        expectations: &Expectations::default(),
        registry: &Registry::empty(),
        at: AT,
    };
    let verdict = appraise(dossier, &terms).expect("built-in");
    for report in REPORTS {
        let form = Form { verifier: Some(VERIFIER.clone()), ..Form::default() };
        let text = [(report.begin)(&form), (report.verdict)(&verdict, &form)].concat();
        assert!(!text.contains('\u{1b}'), "{} lets the file talk to the terminal", report.id);
        if ["json", "jsonl", "vsa", "svr"].contains(&report.id) {
            serde_json::from_str::<serde_json::Value>(&text).expect("the report is JSON");
        }
    }
    let _ = reports::explain(&verdict, None, &Form::default());
});
