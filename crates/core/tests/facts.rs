//! The document of facts: it fits its schema whatever the evidence, and shows as support only what is verified.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unreachable,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

mod authenticode;
mod dossiers;
mod identities;
mod json_schema;
mod sigstore;

use std::collections::BTreeSet;
use std::path::Path;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claim, EvidenceId, Fact, Source, Standing, Summary, Voucher};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::event::{Change, Field, KeyHeld, KeyStore};
use countersign::evidence::{CheckId, Outcome, Reason};
use countersign::examine::examine;
use countersign::exports::ExportId;
use countersign::facts::{self, Member, Shape};
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::release::act::{Act, Duty};
use countersign::release::actor::Actor;
use countersign::release::released::TagRecord;
use countersign::release::review::{Approval, Review};
use countersign::release::run::{Conclusion, RunOutcome};
use countersign::time::Time;
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::tool::{ToolKind, ToolOutcome, ToolResult, ToolSeverity};
use countersign::trust::TrustBundle;
use identities::{DAY, START, active, day, declared, event, text};
use json_schema::mistakes;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const NOW: Time = Time::from_unix(START + 10 * DAY);

fn facts(dossier: &Dossier, registry: &Registry) -> Value {
    let (policy, expectations) = (Policy::built_in(), Expectations::default());
    let terms = Terms { policy: &policy, environment: "production", expectations: &expectations, registry, at: NOW };
    let verdict = appraise(dossier.clone(), &terms).unwrap();
    serde_json::from_str(&facts::json(&verdict, &terms)).unwrap()
}

fn schema() -> Value {
    serde_json::from_str(&facts::schema()).unwrap()
}

fn assert_fits(schema: &Value, dossier: &Dossier, what: &str) -> Value {
    let facts = facts(dossier, &Registry::default());
    assert_eq!(mistakes(schema, schema, &facts, "$"), Vec::<String>::new(), "{what}");
    facts
}

#[test]
fn the_facts_of_every_sample_fit_the_schema() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let schema = schema();
    let mut material = Material {
        anchors: TrustBundle::built_in(),
        sigstore: TrustedRoot::accepted_by_default(),
        ..Material::default()
    };
    for entry in std::fs::read_dir(&samples).unwrap() {
        let path = entry.unwrap().path();
        if path.to_str().unwrap().ends_with(".attestation") {
            material.evidence.push(EvidenceFile { path: String::new(), bytes: std::fs::read(&path).unwrap() });
        }
    }
    assert_eq!(material.evidence.len(), 2);
    let mut seen = BTreeSet::new();
    for entry in std::fs::read_dir(&samples).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        let bytes = std::fs::read(entry.path()).unwrap();
        let name = entry.file_name().into_string().unwrap();
        let artifact = Artifact { name: name.clone(), path: String::new(), content: Content::File(&bytes) };
        let dossier = examine(&artifact, &material, NOW, &Limits::default()).unwrap();
        let facts = assert_fits(&schema, &dossier, &name);
        let states =
            facts["signatures"].as_array().unwrap().iter().chain(facts["asserted"]["signatures"].as_array().unwrap());
        seen.extend(states.map(|signature| signature["state"].as_str().unwrap().to_owned()));
    }
    for state in ["valid", "bad", "untrusted"] {
        assert!(seen.contains(state), "{seen:?}");
    }
}

#[test]
fn the_facts_of_every_case_of_the_corpus_fit_the_schema() {
    let schema = schema();
    let mut examined = BTreeSet::new();
    for family in ["sigstore", "sigstore-conformance", "slsa", "vsa", "in-toto"] {
        for case in sigstore::cases(family) {
            // Many cases differ only in what is expected, which facts do not know.
            if !examined.insert((family, case.evidence(), case.artifact_path(), case.digest().map(|it| it.to_string())))
            {
                continue;
            }
            // Image layouts are directories, which the command line reads; some digests are numbers of a cloud.
            let has_subject = case.artifact_path().is_some() || case.digest().is_some();
            if !has_subject || case.evidence().iter().any(|path| path.is_dir()) {
                continue;
            }
            if let Ok(dossier) = case.examine() {
                assert_fits(&schema, &dossier, &format!("{family}/{}", case.id));
            }
        }
    }
    let Some(family) = authenticode::family() else { return };
    for case in authenticode::cases(&family) {
        assert_fits(&schema, &authenticode::dossier(&family, &case), &case["id"].to_string());
    }
}

fn claim(fact: Fact, vouched_by: Voucher, standing: Standing) -> Claim {
    Claim { vouched_by, standing, ..dossiers::claim(0, fact) }
}

fn summary() -> Fact {
    Fact::Summarised(Summary {
        verifier: "https://v.example".to_owned(),
        resource: Some("pkg:x/y".to_owned()),
        passed: Some(true),
        levels: vec!["SLSA_BUILD_LEVEL_3".to_owned()],
        time: Some(NOW),
        policy: None,
    })
}

#[test]
fn a_signature_that_is_not_valid_supports_nothing() {
    let mut revoked = dossiers::fulcio("app", START);
    revoked.check(CheckId::Revocation, Outcome::Fail(Reason::Revoked), "");
    let built_by = claim(dossiers::built_by("https://b.example"), Voucher::Ca, Standing::Asserted);
    let facts = facts(&dossiers::dossier(vec![revoked], vec![built_by]), &Registry::default());
    assert_eq!((&facts["signatures"], &facts["provenance"]), (&json!([]), &json!([])));
    let asserted = &facts["asserted"];
    assert_eq!(asserted["signatures"][0]["state"], "revoked");
    assert_eq!(asserted["signatures"][0]["holds"], true);
    assert_eq!(asserted["claims"][0]["value"], json!({ "builder": "https://b.example" }));
    assert_eq!(asserted["claims"][0]["standing"], "asserted");
}

#[test]
fn what_stands_behind_a_claim_decides_where_it_is_shown() {
    let of = |fact: Fact, voucher, standing| {
        facts(
            &dossiers::dossier(vec![dossiers::fulcio("app", START)], vec![claim(fact, voucher, standing)]),
            &Registry::default(),
        )
    };
    let built_by = || dossiers::built_by("https://b.example");
    let facts = of(built_by(), Voucher::Platform, Standing::Verified);
    assert_eq!(facts["provenance"][0]["builder"], "https://b.example");
    assert_eq!(facts["provenance"][0]["vouched_by"], json!({ "builder": "platform" }));
    assert_eq!(facts["asserted"]["claims"], json!([]));
    let by_tenant = of(built_by(), Voucher::Tenant, Standing::Verified);
    assert_eq!((&by_tenant["provenance"], by_tenant["asserted"]["claims"].as_array().unwrap().len()), (&json!([]), 1));
    // Anybody can write a summary; whether its signer is that verifier is for the rule to say.
    assert_eq!(of(summary(), Voucher::Tool, Standing::Verified)["summaries"][0]["signature"], "sig-0");
    assert_eq!(of(summary(), Voucher::Tool, Standing::Asserted)["summaries"], json!([]));
}

const RUN: &str = "https://github.com/acme/app/actions/runs/7";

fn actor(name: &str, number: &str) -> Actor {
    Actor { realm: "https://github.com".to_owned(), number: Some(number.to_owned()), name: name.to_owned(), bot: false }
}

/// A verified provenance of the commit `c1`, made in the first attempt of the run.
fn provenance() -> Vec<Claim> {
    let source = Source {
        repository: "https://github.com/acme/app".to_owned(),
        commit: Some("c1".to_owned()),
        ..Source::default()
    };
    let run = Fact::BuiltIn { invocation: format!("{RUN}/attempts/1"), started: None, finished: None };
    [Fact::BuiltFrom(source), run].map(|fact| claim(fact, Voucher::Platform, Standing::Verified)).to_vec()
}

fn ended(invocation: &str) -> Fact {
    Fact::RunEnded(RunOutcome {
        invocation: invocation.to_owned(),
        conclusion: Conclusion::Success,
        event: Some("push".to_owned()),
        from_fork: Some(false),
        actor: None,
        commit: Some("c1".to_owned()),
        ended: None,
    })
}

fn reviewed(commit: &str) -> Fact {
    let approval =
        |by, revision: &str| Approval { by, revision: Some(revision.to_owned()), at: None, dismissed: false };
    Fact::Reviewed(Review {
        repository: "https://github.com/acme/app".to_owned(),
        commit: commit.to_owned(),
        revision: "r2".to_owned(),
        authors: vec![actor("ann", "1")],
        last_change: None,
        approvals: vec![approval(actor("ann2", "1"), "r2"), approval(actor("bob", "2"), "r1")],
        merged_by: Some(actor("bob", "2")),
    })
}

fn acted(on: &[u8]) -> Fact {
    let digest = Digest::of(DigestAlgorithm::Sha256, on);
    Fact::Acted(Act { duty: Duty::Approve, by: actor("bob", "2"), at: Some(NOW), digest, emergency: false })
}

fn scanned(outcome: ToolOutcome, at: Option<Time>) -> Fact {
    Fact::ToolFound(ToolResult {
        tool: "scan".to_owned(),
        version: None,
        kind: ToolKind::Vulnerabilities,
        outcome,
        at,
        digests: vec![Digest::of(DigestAlgorithm::Sha256, b"artifact")],
        severities: std::iter::once((ToolSeverity::Critical, 2)).collect(),
        summary: "two".to_owned(),
    })
}

/// What somebody recorded, in a document that the relying party obtained.
fn observed(fact: Fact) -> Claim {
    let evidence = EvidenceId::Export(ExportId { export: 0 });
    Claim { evidence, subject: None, ..claim(fact, Voucher::Platform, Standing::Verified) }
}

fn with_recorded(recorded: Vec<Claim>) -> Value {
    let claims = provenance().into_iter().chain(recorded).collect();
    facts(&dossiers::dossier(vec![dossiers::fulcio("app", START)], claims), &Registry::default())
}

#[test]
fn what_others_recorded_is_joined_with_the_artifact() {
    let tag = Fact::Tagged(TagRecord {
        repository: "https://github.com/acme/app".to_owned(),
        tag: "v1".to_owned(),
        commit: "c1".to_owned(),
        before: vec!["c0".to_owned()],
        floating: false,
    });
    let recorded = [
        ended(&format!("{RUN}/attempts/1")),
        reviewed("c1"),
        acted(b"artifact"),
        scanned(ToolOutcome::Found, Some(NOW)),
        scanned(ToolOutcome::Clean, Some(NOW.plus(-60))),
        scanned(ToolOutcome::Found, None),
        scanned(ToolOutcome::Clean, None),
        tag,
    ];
    let facts = with_recorded(recorded.map(observed).to_vec());
    assert_eq!(mistakes(&schema(), &schema(), &facts, "$"), Vec::<String>::new());
    assert_eq!(facts["asserted"]["claims"], json!([]));
    let run = &facts["runs"][0];
    assert_eq!((&run["evidence"], &run["provenance"]), (&json!("export-0"), &json!("sig-0")));
    assert_eq!((&run["conclusion"], &run["vouched_by"]), (&json!("success"), &json!("platform")));
    let approvals = &facts["reviews"][0]["approvals"];
    assert_eq!((&approvals[0]["by_author"], &approvals[0]["stands"]), (&json!("yes"), &json!(true)));
    assert_eq!((&approvals[1]["by_author"], &approvals[1]["stands"]), (&json!("not-known"), &json!(false)));
    assert_eq!((&facts["duties"][0]["duty"], &facts["duties"][0]["by"]["number"]), (&json!("approve"), &json!("2")));
    let superseded: Vec<_> =
        facts["tools"].as_array().unwrap().iter().map(|tool| tool["superseded"].as_bool().unwrap()).collect();
    // Nothing supersedes what speaks against the artifact without a date.
    assert_eq!(superseded, [false, true, false, true]);
    assert_eq!(facts["tools"][0]["found"]["critical"], 2);
    assert_eq!((&facts["records"][0]["fact"], &facts["records"][0]["value"]["tag"]), (&json!("tagged"), &json!("v1")));
}

#[test]
fn what_is_about_something_else_or_by_nobody_who_was_named_supports_nothing() {
    let about_others =
        [ended(&format!("{RUN}/attempts/2")), ended(RUN), reviewed("c2"), acted(b"other")].map(observed).to_vec();
    let nobodys = [ended(&format!("{RUN}/attempts/1")), reviewed("c1"), acted(b"artifact")];
    let by_anybody = nobodys.clone().map(|fact| claim(fact, Voucher::Platform, Standing::Verified)).to_vec();
    let unsigned = nobodys.map(|fact| Claim { standing: Standing::Asserted, ..observed(fact) }).to_vec();
    let facts = with_recorded([about_others, by_anybody, unsigned].concat());
    for list in ["reviews", "duties", "tools", "records"] {
        assert_eq!(facts[list], json!([]), "{list}");
    }
    // The name of all attempts means the first, as long as nobody knows of a second.
    assert_eq!(facts["runs"].as_array().unwrap().len(), 1);
    assert_eq!(facts["runs"][0]["invocation"], RUN);
    assert_eq!(facts["asserted"]["claims"].as_array().unwrap().len(), 9);
}

#[test]
fn the_registry_tells_who_signed() {
    let signature = dossiers::fulcio("app", START + DAY);
    let mut signature = signature;
    signature.signer.spki_sha256 = Some(Digest::of(DigestAlgorithm::Sha256, b"key"));
    let key = signature.signer.spki_sha256.unwrap();
    let selector = countersign::registry::Selector::Key { spki_sha256: key.hex().parse().unwrap() };
    let mut events = active("acme", vec![selector], "production", None);
    let held = KeyHeld { store: KeyStore::Hsm, exportable: Some(false), evidence: None };
    for field in [Field::Key(held), Field::RotationDue(day(90)), Field::Logs(vec![text("rekor")])] {
        events.push(event(
            "acme",
            day(0).plus(600),
            "dora",
            Change::Described { fields: vec![declared(field, day(0))] },
        ));
    }
    let facts = facts(&dossiers::dossier(vec![signature], vec![]), &identities::registry(&events));
    let identity = &facts["identities"][0];
    assert_eq!(
        (&identity["id"], &identity["status"], &identity["owner"]),
        (&json!("acme"), &json!("active"), &json!("olga"))
    );
    assert_eq!(identity["rotation_due"], day(90).to_string());
    assert_eq!(
        identity["key_protection"],
        json!({ "store": "hsm", "in_hardware": true, "source": "declared", "evidenced": false })
    );
    assert_eq!((&identity["monitored"], &identity["drift"]), (&json!(true), &json!("no-binding")));
    assert_eq!(facts["registry_at_hand"], true);
}

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/facts.md");
const BEGIN: &str = "<!-- fields: generated, see crates/core/tests/facts.rs -->\n";
const END: &str = "<!-- /fields -->";

/// The records of a shape, each once, in the order in which a reader meets them.
fn records<'a>(shape: &'a Shape, found: &mut Vec<(&'a str, &'a [Member])>) {
    match shape {
        Shape::List(item) => records(item, found),
        Shape::Record(name, members) if found.iter().all(|(known, _)| known != name) => {
            found.push((name, members));
            members.iter().for_each(|member| records(&member.shape, found));
        }
        _ => {}
    }
}

fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Flag => "true or false".to_owned(),
        Shape::Number => "number".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Instant => "instant".to_owned(),
        Shape::Word(_, words) if words.len() > 12 => "word".to_owned(),
        Shape::Word(_, words) => words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Shape::List(item) => format!("list of {}", kind(item)),
        Shape::Map => "texts by name".to_owned(),
        Shape::Record(name, _) => format!("[{name}](#{})", name.to_ascii_lowercase()),
    }
}

fn fields() -> String {
    let mut found = Vec::new();
    records(facts::shape(), &mut found);
    let mut text = String::new();
    for (name, members) in found {
        text += &format!("\n### {name}\n| Field | Holds | Meaning |\n|---|---|---|\n");
        for member in members {
            let optional = if member.optional { "?" } else { "" };
            text += &format!("| `{}`{optional} | {} | {} |\n", member.name, kind(&member.shape), member.meaning);
        }
    }
    text + "\n"
}

#[test]
fn the_fields_of_the_page_are_those_of_the_document() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).unwrap();
    let (shown, after) = rest.split_once(END).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{}{END}{after}", fields())).unwrap();
        return;
    }
    assert_eq!(shown, fields(), "run with UPDATE=1");
}

#[test]
fn every_field_says_what_it_means_and_has_a_name_that_rules_can_write() {
    /// What CEL keeps for itself (cel-spec, "Syntax").
    const RESERVED: &[&str] = &[
        "true",
        "false",
        "null",
        "in",
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ];
    let mut found = Vec::new();
    records(facts::shape(), &mut found);
    for (record, members) in &found {
        for member in *members {
            if let Shape::Word(set, _) = &member.shape {
                assert!(found.iter().all(|(name, _)| name != set), "{set} is a record and a set of words");
            }
            assert!(member.meaning.ends_with('.'), "{record}.{}", member.name);
            assert!(!RESERVED.contains(&member.name), "{record}.{}", member.name);
            assert!(member.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'));
        }
    }
}

#[test]
fn the_example_of_the_page_runs() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let command = page.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let filter = command.split('\'').nth(1).unwrap();
    let Ok(mut jq) = std::process::Command::new("jq")
        .args(["-e", filter])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
    else {
        eprintln!("SKIPPED: jq is not there");
        return;
    };
    let digests = std::iter::once(("sha256".to_owned(), "00".to_owned())).collect();
    let pinned = claim(Fact::DependsOn { uri: "pkg:x/y".to_owned(), digests }, Voucher::Platform, Standing::Verified);
    let dossier = dossiers::dossier(vec![dossiers::fulcio("app", START)], vec![pinned]);
    let text = facts(&dossier, &Registry::default()).to_string();
    std::io::Write::write_all(&mut jq.stdin.take().unwrap(), text.as_bytes()).unwrap();
    let output = jq.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(0), &b"true\n"[..]));
}

/// Everything that a rule could take as support, item by item.
fn support(facts: &Value) -> BTreeSet<String> {
    let lists = ["signatures", "identities", "provenance", "summaries", "statements", "publications"];
    let mut found = BTreeSet::new();
    for list in lists {
        for item in facts[list].as_array().unwrap() {
            let of = item["signature"].as_str().or_else(|| item["id"].as_str()).unwrap();
            let fields = item.as_object().unwrap().iter().filter(|(name, _)| *name != "contradicted");
            found.extend(fields.map(|(name, value)| format!("{list} {of} {name} {value}")));
        }
    }
    found
}

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        select(&["https://b.example/1", "https://b.example/2"][..]).prop_map(dossiers::built_by),
        select(&["https://git.example/1", "https://git.example/2"][..])
            .prop_map(|repository| dossiers::built_from(repository, Some("refs/tags/v1"))),
        select(&["push", "issue_comment"][..]).prop_map(|event| Fact::TriggeredBy { event: event.to_owned() }),
        Just(Fact::Attested { predicate_type: "https://spdx.dev/Document".to_owned() }),
        Just(summary()),
        Just(Fact::PublishedBy { publisher: "acme".to_owned() }),
    ]
}

fn claims(standing: &'static [Standing]) -> impl Strategy<Value = Vec<Claim>> {
    let one = (0..2usize, fact(), select(&Voucher::ALL[..]), select(standing));
    vec(one, 0..8).prop_map(|claims| {
        let of = |(at, fact, vouched_by, standing)| Claim { vouched_by, standing, ..dossiers::claim(at, fact) };
        claims.into_iter().map(of).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever can add statements that do not verify can take support away, and never give it.
    #[test]
    fn what_is_not_verified_adds_no_support(
        verified in claims(&[Standing::Verified]),
        others in claims(&[Standing::Asserted, Standing::Refuted]),
    ) {
        let signatures = || vec![dossiers::fulcio("app", START), dossiers::fulcio("other", START)];
        let without = facts(&dossiers::dossier(signatures(), verified.clone()), &Registry::default());
        let all = verified.into_iter().chain(others).collect();
        let with = facts(&dossiers::dossier(signatures(), all), &Registry::default());
        let (without, with) = (support(&without), support(&with));
        let vouched = |line: &&String| !line.contains(" vouched_by ");
        let added: Vec<_> = with.difference(&without).filter(vouched).collect();
        prop_assert!(added.is_empty(), "{added:?}");
    }
}
