use serde_json::{Value, json};

use super::{Asked, LayoutMaterial, LayoutProblemKind as Kind, LayoutReport, canonical, verify};
use crate::crypto::{Digest, DigestAlgorithm, PublicKey};
use crate::encoding::asn1::oid;
use crate::encoding::dsse::pre_authentication_encoding;
use crate::encoding::x509::Certificate;
use crate::encoding::{base64, hex, json as own_json};
use crate::material::EvidenceFile;
use crate::pki::minting::{Holder, Order, name};
use crate::time::Time;

const OWNER: u8 = 1;
const ALICE: u8 = 2;
const BOB: u8 = 3;
const CAROL: u8 = 4;

fn holder(seed: u8) -> Holder {
    Holder::new("functionary", seed)
}

fn public(seed: u8) -> PublicKey {
    PublicKey::from_spki(&holder(seed).key.spki()).unwrap()
}

/// The id of a key: any text will do, but the layout must know it.
fn id(seed: u8) -> String {
    format!("key-{seed}")
}

fn key(seed: u8) -> Value {
    let public = hex::encode(public(seed).key_bits());
    json!({ "keyid": id(seed), "keytype": "ed25519", "scheme": "ed25519", "keyval": { "public": public } })
}

fn pem_of(certificate: &Certificate) -> String {
    let text = base64::encode(certificate.der());
    format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
}

fn sign(document: &Value, by: &[u8]) -> Vec<u8> {
    let message = canonical::encode(&own_json::parse(document.to_string().as_bytes()).unwrap()).unwrap();
    let signature = |seed: &u8| json!({ "keyid": id(*seed), "sig": hex::encode(&holder(*seed).sign_bytes(&message)) });
    let signatures: Vec<Value> = by.iter().map(signature).collect();
    json!({ "signed": document, "signatures": signatures }).to_string().into_bytes()
}

fn digest(text: &str) -> Value {
    json!({ "sha256": Digest::of(DigestAlgorithm::Sha256, text.as_bytes()).hex() })
}

fn step(name: &str, by: &[u8], threshold: usize, materials: Value, products: Value) -> Value {
    let keys: Vec<String> = by.iter().map(|seed| id(*seed)).collect();
    json!({ "_type": "step", "name": name, "threshold": threshold, "pubkeys": keys,
            "expected_materials": materials, "expected_products": products })
}

fn layout(steps: &[Value]) -> Value {
    let keys: serde_json::Map<String, Value> =
        [ALICE, BOB, CAROL].map(|seed| (id(seed), key(seed))).into_iter().collect();
    json!({ "_type": "layout", "expires": "2030-01-01T00:00:00Z", "keys": keys, "steps": steps, "inspect": [] })
}

/// Alice writes `app.c`, Bob makes `app` of it.
fn two_steps() -> Value {
    layout(&[
        step("write", &[ALICE], 1, json!([["DISALLOW", "*"]]), json!([["CREATE", "app.c"], ["DISALLOW", "*"]])),
        step(
            "build",
            &[BOB],
            1,
            json!([["MATCH", "*", "WITH", "PRODUCTS", "FROM", "write"], ["DISALLOW", "*"]]),
            json!([["CREATE", "app"], ["ALLOW", "app.c"], ["DISALLOW", "*"]]),
        ),
    ])
}

fn link(step: &str, materials: Value, products: Value) -> Value {
    json!({ "_type": "link", "name": step, "materials": materials, "products": products })
}

fn file(path: &str, bytes: Vec<u8>) -> EvidenceFile {
    EvidenceFile { path: path.to_owned(), bytes }
}

fn write_link(by: &[u8]) -> EvidenceFile {
    file("write.link", sign(&link("write", json!({}), json!({ "app.c": digest("source") })), by))
}

fn build_link(source: &str, by: &[u8]) -> EvidenceFile {
    let products = json!({ "app": digest("program"), "app.c": digest(source) });
    file("build.link", sign(&link("build", json!({ "app.c": digest(source) }), products), by))
}

fn report(layout: &Value, evidence: &[EvidenceFile], artifact: &str, at: &str) -> LayoutReport {
    let layout = LayoutMaterial::read("root.layout", &sign(layout, &[OWNER]), vec![public(OWNER)]).unwrap();
    let digest = Digest::of(DigestAlgorithm::Sha256, artifact.as_bytes());
    let digests = [(DigestAlgorithm::Sha256, digest)].into_iter().collect();
    verify(&Asked { layout: &layout, evidence, digests: &digests, at: at.parse().unwrap() })
}

fn problems(layout: &Value, evidence: &[EvidenceFile]) -> Vec<Kind> {
    let report = report(layout, evidence, "program", "2026-01-01T00:00:00Z");
    assert_eq!(report.steps.is_empty(), !report.problems.is_empty(), "{report:?}");
    report.problems.iter().map(|problem| problem.kind).collect()
}

#[test]
fn a_layout_is_followed_step_by_step_to_the_artifact() {
    assert_eq!(problems(&two_steps(), &[write_link(&[ALICE]), build_link("source", &[BOB])]), []);
}

#[test]
fn a_step_counts_only_by_its_own_functionaries() {
    let build = build_link("source", &[BOB]);
    assert_eq!(problems(&two_steps(), std::slice::from_ref(&build)), [Kind::StepNotProven]);
    assert_eq!(problems(&two_steps(), &[write_link(&[BOB]), build.clone()]), [Kind::StepNotProven]);
    let mut altered = write_link(&[ALICE]);
    altered.bytes = String::from_utf8(altered.bytes).unwrap().replace("app.c", "app.d").into_bytes();
    assert_eq!(problems(&two_steps(), &[altered, build]), [Kind::StepNotProven]);
}

#[test]
fn what_a_step_took_must_be_what_the_step_before_made() {
    assert_eq!(problems(&two_steps(), &[write_link(&[ALICE]), build_link("other", &[BOB])]), [Kind::RuleViolated]);
}

#[test]
fn the_artifact_must_be_a_product_of_the_last_step() {
    let evidence = [write_link(&[ALICE]), build_link("source", &[BOB])];
    let kinds = |artifact, at| -> Vec<Kind> {
        report(&two_steps(), &evidence, artifact, at).problems.iter().map(|problem| problem.kind).collect()
    };
    // The source is a product of the last step too, as it left it there.
    assert_eq!(kinds("source", "2026-01-01T00:00:00Z"), []);
    assert_eq!(kinds("implant", "2026-01-01T00:00:00Z"), [Kind::NotTheProduct]);
    assert_eq!(kinds("program", "2030-01-01T00:00:00Z"), []);
    assert_eq!(kinds("program", "2030-01-01T00:00:01Z"), [Kind::Expired]);
}

#[test]
fn no_digest_of_the_product_may_be_that_of_something_else() {
    let of = |algorithm, text: &str| (algorithm, Digest::of(algorithm, text.as_bytes()));
    let judge = |named: &[(DigestAlgorithm, Digest)]| -> Vec<Kind> {
        let named: serde_json::Map<String, Value> =
            named.iter().map(|(algorithm, digest)| (algorithm.name().to_owned(), json!(digest.hex()))).collect();
        let account = sign(&link("build", json!({}), json!({ "app": named })), &[ALICE]);
        let signed = sign(&reviewed(1), &[OWNER]);
        let layout = LayoutMaterial::read("root.layout", &signed, vec![public(OWNER)]).unwrap();
        let digests = DigestAlgorithm::ALL.map(|algorithm| of(algorithm, "program")).into_iter().collect();
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let report = verify(&Asked { layout: &layout, evidence: &[file("a.link", account)], digests: &digests, at });
        report.problems.iter().map(|problem| problem.kind).collect()
    };
    let [md5, sha1, sha256, sha384, sha512] = DigestAlgorithm::ALL;
    assert_eq!(judge(&[of(sha256, "program"), of(sha512, "program")]), []);
    assert_eq!(judge(&[of(sha256, "program"), of(sha512, "other")]), [Kind::NotTheProduct]);
    assert_eq!(judge(&[of(sha256, "other"), of(sha384, "program")]), [Kind::NotTheProduct]);
    assert_eq!(judge(&[of(sha256, "program"), of(md5, "other")]), [Kind::NotTheProduct]);
    assert_eq!(judge(&[of(sha1, "program"), of(md5, "program")]), [Kind::NotTheProduct]);
}

#[test]
fn every_owner_must_have_signed() {
    let signed = sign(&two_steps(), &[OWNER]);
    let layout = LayoutMaterial::read("root.layout", &signed, vec![public(OWNER), public(CAROL)]).unwrap();
    let digests = [].into_iter().collect();
    let report = verify(&Asked { layout: &layout, evidence: &[], digests: &digests, at: Time::from_unix(0) });
    assert_eq!(report.problems[0].kind, Kind::NotSignedByOwner);
    assert!(LayoutMaterial::read("root.layout", &signed, vec![]).is_err());
    let link = write_link(&[ALICE]).bytes;
    assert!(LayoutMaterial::read("write.link", &link, vec![public(ALICE)]).is_err());
}

fn reviewed(threshold: usize) -> Value {
    layout(&[step("build", &[ALICE, BOB, CAROL], threshold, json!([]), json!([["DISALLOW", "implant"]]))])
}

fn review(path: &str, product: &str, by: &[u8]) -> EvidenceFile {
    file(path, sign(&link("build", json!({}), json!({ "app": digest(product) })), by))
}

#[test]
fn a_threshold_counts_keys_that_say_the_same() {
    let (alice, bob) = (review("a.link", "program", &[ALICE]), review("b.link", "program", &[BOB]));
    assert_eq!(problems(&reviewed(2), &[alice.clone(), bob.clone()]), []);
    assert_eq!(problems(&reviewed(3), &[alice.clone(), bob.clone()]), [Kind::StepNotProven]);
    assert_eq!(
        problems(&reviewed(2), &[alice.clone(), review("copy.link", "program", &[ALICE])]),
        [Kind::StepNotProven]
    );
    assert_eq!(problems(&reviewed(2), &[alice.clone(), review("b.link", "other", &[BOB])]), [Kind::StepNotProven]);
    // A third who says something else takes nothing away.
    assert_eq!(problems(&reviewed(2), &[review("0.link", "other", &[CAROL]), alice, bob]), []);
}

#[test]
fn of_several_accounts_that_are_proven_one_must_lead_to_the_artifact() {
    let evidence = [review("a.link", "other", &[ALICE]), review("b.link", "program", &[BOB])];
    assert_eq!(problems(&reviewed(1), &evidence), []);
}

#[test]
fn accounts_that_were_not_tried_leave_open_whether_the_rules_were_followed() {
    let accounts = |count: usize| -> Vec<EvidenceFile> {
        (0..count).map(|number| review(&format!("{number}.link"), &format!("other {number}"), &[ALICE])).collect()
    };
    assert_eq!(problems(&reviewed(1), &accounts(64)), [Kind::NotTheProduct]);
    assert_eq!(problems(&reviewed(1), &accounts(65)), [Kind::Limit]);
}

#[test]
fn an_inspection_leaves_the_layout_undecided() {
    let mut layout = reviewed(1);
    layout["inspect"] = json!([{ "_type": "inspection", "name": "untar", "run": ["rm", "-rf", "/"] }]);
    let report = report(&layout, &[review("a.link", "program", &[ALICE])], "program", "2026-01-01T00:00:00Z");
    assert_eq!(report.problems[0].kind, Kind::InspectionNotRun);
    assert_eq!(report.steps, ["build"]);
}

#[test]
fn no_step_proves_nothing() {
    assert_eq!(problems(&layout(&[]), &[]), [Kind::StepNotProven]);
}

#[test]
fn a_sublayout_stands_for_its_step() {
    let inner = layout(&[step("compile", &[CAROL], 1, json!([]), json!([]))]);
    let outer = layout(&[step("build", &[BOB], 1, json!([]), json!([["REQUIRE", "app"]]))]);
    let sublayout = |by| file("build.abcd.link", sign(&inner, by));
    let compile = |folder: &str, by| {
        file(
            &format!("{folder}/compile.link"),
            sign(&link("compile", json!({}), json!({ "app": digest("program") })), by),
        )
    };
    assert_eq!(problems(&outer, &[sublayout(&[BOB]), compile("build.abcd", &[CAROL])]), []);
    assert_eq!(problems(&outer, &[sublayout(&[CAROL]), compile("build.abcd", &[CAROL])]), [Kind::StepNotProven]);
    assert_eq!(problems(&outer, &[sublayout(&[BOB]), compile("build.abcd", &[BOB])]), [Kind::StepNotProven]);
    assert_eq!(problems(&outer, &[sublayout(&[BOB]), compile("elsewhere", &[CAROL])]), [Kind::StepNotProven]);
}

#[test]
fn an_inspection_of_a_sublayout_leaves_the_layout_undecided() {
    let mut inner = layout(&[step("compile", &[CAROL], 1, json!([]), json!([]))]);
    inner["inspect"] = json!([{ "_type": "inspection", "name": "scan", "run": ["true"] }]);
    let outer = layout(&[step("build", &[BOB, CAROL], 1, json!([]), json!([["REQUIRE", "app"]]))]);
    let compile = link("compile", json!({}), json!({ "app": digest("program") }));
    let evidence =
        |by| [file("build.abcd.link", sign(&inner, by)), file("build.abcd/compile.link", sign(&compile, &[CAROL]))];
    let report = report(&outer, &evidence(&[BOB]), "program", "2026-01-01T00:00:00Z");
    let problems: Vec<_> = report.problems.iter().map(|found| (found.kind, found.detail.as_str())).collect();
    assert_eq!(problems, [(Kind::InspectionNotRun, "inspection `scan` is a command")]);
    assert_eq!(report.steps, ["build"]);
    // Nobody follows a layout that no functionary signed: it proves nothing, and says nothing either.
    assert_eq!(self::problems(&outer, &evidence(&[ALICE])), [Kind::StepNotProven]);
}

/// A comparison of some 40 million steps with a path of 10,000 letters.
fn costly_rules() -> Value {
    json!([["ALLOW", format!("*{}b", "a".repeat(5_000))]])
}

#[test]
fn all_layouts_of_one_verification_share_its_work() {
    let inner = layout(&[step("compile", &[CAROL], 1, json!([]), costly_rules())]);
    let products = json!({ "app": digest("program"), "a".repeat(10_000): digest("other") });
    let compile = sign(&link("compile", json!({}), products), &[CAROL]);
    let evidence = |functionaries: &[u8]| -> Vec<EvidenceFile> {
        let files = |by: &u8| {
            let folder = format!("build.{by}");
            [
                file(&format!("{folder}.link"), sign(&inner, &[*by])),
                file(&format!("{folder}/compile.link"), compile.clone()),
            ]
        };
        functionaries.iter().flat_map(files).collect()
    };
    let outer = |threshold| layout(&[step("build", &[ALICE, BOB, CAROL], threshold, json!([]), json!([]))]);
    assert_eq!(problems(&outer(1), &evidence(&[ALICE])), []);
    assert_eq!(problems(&outer(3), &evidence(&[ALICE, BOB, CAROL])), [Kind::StepNotProven, Kind::Limit]);
}

/// Links with as many signatures as are read, none of which holds.
fn unsigned(links: usize) -> Vec<EvidenceFile> {
    let account = link("build", json!({}), json!({ "app": digest("program") }));
    let signatures = vec![json!({ "keyid": "", "sig": "00".repeat(64) }); 64];
    let bytes = json!({ "signed": account, "signatures": signatures }).to_string().into_bytes();
    (0..links).map(|number| file(&format!("{number}.link"), bytes.clone())).collect()
}

#[test]
fn signatures_are_verified_once_and_only_so_many() {
    // Three keys and 64 signatures: 192 in each.
    assert_eq!(problems(&reviewed(1), &unsigned(21)), [Kind::StepNotProven]);
    assert_eq!(problems(&reviewed(1), &unsigned(22)), [Kind::Limit]);
}

#[test]
fn layouts_in_layouts_are_bounded() {
    // A layout that stands for its own step, signed by the functionary: without a bound it would never end.
    let own = layout(&[step("build", &[BOB], 1, json!([]), json!([]))]);
    let mut folder = String::new();
    let mut evidence = Vec::new();
    for _ in 0..40 {
        evidence.push(file(&format!("{folder}build.x.link"), sign(&own, &[BOB])));
        folder.push_str("build.x/");
    }
    assert_eq!(problems(&own, &evidence), [Kind::StepNotProven, Kind::Limit]);
}

#[test]
fn a_functionary_may_be_known_by_certificate() {
    let (root, carol) = (Holder::new("root", 9), Holder::named(name(&[(oid::COMMON_NAME, "carol")]), CAROL));
    let certificate = |order: &Order| pem_of(&root.certify(&carol, order));
    let constraint = |common_name: &str| {
        json!([{ "common_name": common_name, "dns_names": [], "emails": [], "organizations": [], "uris": [],
                 "roots": ["*"] }])
    };
    let mut layout = layout(&[step("build", &[], 1, json!([]), json!([]))]);
    layout["rootcas"] = json!({ "r": { "keyval": { "certificate": pem_of(&root.root()) } } });
    let account = link("build", json!({}), json!({ "app": digest("program") }));
    let message = canonical::encode(&own_json::parse(account.to_string().as_bytes()).unwrap()).unwrap();
    let signature = hex::encode(&carol.sign_bytes(&message));
    let signed = |certificate: String| {
        let signatures = json!([{ "keyid": "", "sig": signature, "cert": certificate }]);
        file("build.link", json!({ "signed": account, "signatures": signatures }).to_string().into_bytes())
    };
    layout["steps"][0]["cert_constraints"] = constraint("carol");
    assert_eq!(problems(&layout, &[signed(certificate(&Order::default()))]), []);
    let expired = Order { until: "210101000000Z", ..Order::default() };
    assert_eq!(problems(&layout, &[signed(certificate(&expired))]), [Kind::StepNotProven]);
    layout["steps"][0]["cert_constraints"] = constraint("dave");
    assert_eq!(problems(&layout, &[signed(certificate(&Order::default()))]), [Kind::StepNotProven]);
    // Every constraint is work of its own.
    layout["steps"][0]["cert_constraints"] = vec![constraint("dave")[0].clone(); 5_000].into();
    assert_eq!(problems(&layout, &[signed(certificate(&Order::default()))]), [Kind::Limit]);
}

#[test]
fn links_in_envelopes_are_the_same() {
    let payload = link("build", json!({}), json!({ "app": digest("program") })).to_string();
    let message = pre_authentication_encoding("application/vnd.in-toto+json", payload.as_bytes());
    let signature = base64::encode(&holder(ALICE).sign_bytes(&message));
    let envelope = json!({ "payloadType": "application/vnd.in-toto+json", "payload": base64::encode(payload.as_bytes()),
                           "signatures": [{ "keyid": "", "sig": signature }] });
    assert_eq!(problems(&reviewed(1), &[file("a.link", envelope.to_string().into_bytes())]), []);
}
