//! Who reviewed the commit that was built, and where its tag points.

use countersign::claim::{Claim, Claims, EvidenceId, Fact, Standing, Voucher};
use countersign::dossier::Dossier;
use countersign::evidence::SignatureId;
use countersign::registry::Registry;

use crate::dossiers::fulcio;
use crate::identities::day;
use crate::{NO, OPEN, WORKFLOW, YES, answer, asserted, digest, observed, people, requirement, under};

fn actor(number: u32) -> String {
    format!(r#"{{"realm":"https://github.com","number":"{number}","name":"user-{number}"}}"#)
}

/// A review of commit `c0` by the authors, with one approval of revision `revision`.
fn review(authors: &[u32], approver: Option<u32>, revision: &str) -> String {
    let authors: Vec<String> = authors.iter().map(|number| actor(*number)).collect();
    let approval = approver.map(|by| format!(r#"{{"by":{},"revision":"{revision}"}}"#, actor(by))).unwrap_or_default();
    format!(
        r#""reviews":[{{"repository":"https://github.com/acme/app.git","commit":"c0","revision":"r1","authors":[{}],"approvals":[{approval}]}}]"#,
        authors.join(",")
    )
}

const TWO: &str = "\"two-party\"";

fn reviewed(record: &str, registry: &Registry) -> (countersign::verdict::Answer, &'static str) {
    answer(observed(record), "source-reviewed", TWO, registry)
}

#[test]
fn another_person_must_have_approved_the_last_revision() {
    let registry = people(&[("1", "Jo"), ("2", "Kim"), ("3", "Jo")]);
    assert_eq!(reviewed(&review(&[1], Some(2), "r1"), &registry), (YES, "reviewed-by-another"));
    assert_eq!(reviewed(&review(&[1], Some(2), "r0"), &registry), (NO, "review-outdated"));
    assert_eq!(reviewed(&review(&[1], None, "r1"), &registry), (NO, "not-reviewed"));
    assert_eq!(reviewed(&review(&[1], Some(1), "r1"), &registry), (NO, "reviewed-by-author"));
    assert_eq!(reviewed(&review(&[1], Some(3), "r1"), &registry), (NO, "reviewed-by-author"), "an alias");
    assert_eq!(reviewed(&review(&[1, 2], Some(2), "r1"), &registry), (NO, "reviewed-by-author"), "turned author");
}

#[test]
fn an_account_of_nobody_known_is_not_another_person() {
    let registry = people(&[("1", "Jo")]);
    let record = review(&[1], Some(2), "r1");
    assert_eq!(reviewed(&record, &registry), (OPEN, "reviewers-not-known"));
    assert_eq!(reviewed(&record, &Registry::default()), (OPEN, "reviewers-not-known"));
    let accounts = answer(observed(&record), "source-reviewed", "\"two-accounts\"", &registry);
    assert_eq!(accounts, (YES, "reviewed-by-another"));
    assert_eq!(reviewed(&review(&[], Some(2), "r1"), &registry), (OPEN, "reviewers-not-known"));
}

#[test]
fn who_has_no_account_is_not_another() {
    let registry = people(&[("1", "Jo"), ("2", "Kim")]);
    let demands = [TWO, "\"two-accounts\""];
    let (author, approver) = (actor(1), actor(2));
    let nobody = r#"{"realm":"https://github.com","name":"an address without an account"}"#;
    let login = r#"{"realm":"https://github.com","name":"kim"}"#;
    let record = review(&[1], Some(2), "r1");
    let with_nobody = record.replace(&format!("[{author}]"), &format!("[{author},{nobody}]"));
    for (record, what) in [(with_nobody, "an author"), (record.replace(&approver, login), "an approver by login")] {
        for demand in demands {
            let answered = answer(observed(&record), "source-reviewed", demand, &registry);
            assert_eq!(answered, (OPEN, "reviewers-not-known"), "{what}, {demand}");
        }
    }
    // Who approves under an author's name is an author, with a number or without.
    let own = record.replace(&approver, r#"{"realm":"https://github.com","name":"user-1"}"#);
    assert_eq!(reviewed(&own, &registry), (NO, "reviewed-by-author"));
}

#[test]
fn a_review_of_which_nobody_vouches_only_counts_against() {
    let registry = people(&[("1", "Jo"), ("2", "Kim")]);
    let good = review(&[1], Some(2), "r1");
    assert_eq!(answer(asserted(&good), "source-reviewed", TWO, &registry), (OPEN, "not-vouched-for"));
    assert_eq!(answer(asserted(&good), "source-reviewed", "\"nothing-known\"", &registry).0, YES);
    let none = review(&[1], None, "r1");
    assert_eq!(answer(asserted(&none), "source-reviewed", TWO, &registry), (NO, "not-reviewed"));
    let other = good.replace("\"c0\"", "\"c9\"");
    assert_eq!(reviewed(&other, &registry), (OPEN, "source-review-not-known"));
}

/// A record under the signature of somebody else than the builder.
fn signed_by(san: &str, record: &str) -> Dossier {
    let mut dossier = observed(record);
    let mut signature = fulcio("forge", day(9).unix());
    signature.id = SignatureId(dossier.signatures.len());
    signature.signer.san = vec![san.to_owned()];
    let by = signature.id;
    let passed_on = |claim: &Claim| match claim.evidence {
        EvidenceId::Export(_) => Claim { evidence: by.into(), vouched_by: Voucher::Tool, ..claim.clone() },
        EvidenceId::Signature(_) => claim.clone(),
    };
    dossier.claims = Claims::new(dossier.claims.all().iter().map(passed_on).collect());
    dossier.signatures.push(signature);
    dossier
}

#[test]
fn a_witness_of_the_policy_speaks_for_what_it_is_named_for() {
    const FORGE: &str = "https://forge.example/app";
    let registry = people(&[("1", "Jo"), ("2", "Kim")]);
    let reviewed = |san: &str, witness: &str| {
        let asked = format!("path.source-reviewed = {TWO}\n{witness}");
        let verdict = under(signed_by(san, &review(&[1], Some(2), "r1")), &asked, &registry);
        requirement(&verdict, "source-reviewed").unwrap()
    };
    let witness = |signer: &str, issuer: &str, says: &str| {
        format!("[witnesses.forge]\nsigner = \"{signer}\"\nissuer = \"{issuer}\"\nsays = [\"{says}\"]")
    };
    let issuer = "https://token.actions.githubusercontent.com";
    assert_eq!(reviewed(FORGE, ""), (OPEN, "not-vouched-for"));
    assert_eq!(reviewed(FORGE, &witness(FORGE, issuer, "reviewed")), (YES, "reviewed-by-another"));
    assert_eq!(reviewed(FORGE, &witness(FORGE, issuer, "tagged")), (OPEN, "not-vouched-for"), "of something else");
    assert_eq!(reviewed(FORGE, &witness(FORGE, "https://i.example", "reviewed")), (OPEN, "not-vouched-for"));
    assert_eq!(reviewed("https://forge.example/other", &witness(FORGE, issuer, "reviewed")).0, OPEN);
    let builder = format!("{WORKFLOW}@refs/tags/v1.0.0");
    let about_itself = reviewed(&builder, &witness(&builder, issuer, "reviewed"));
    assert_eq!(about_itself, (OPEN, "not-vouched-for"), "nobody bears witness to the own build");
}

#[test]
fn the_own_pipeline_says_of_nobody_that_they_approved() {
    let registry = people(&[("1", "Jo"), ("2", "Kim")]);
    let approved = format!(r#""acts":[{{"duty":"approve","by":{},"digest":"{}"}}]"#, actor(2), digest());
    let separate = |san: &str| {
        let verdict = under(signed_by(san, &approved), "path.separate = [\"approve\", \"build\"]", &registry);
        requirement(&verdict, "separate").unwrap()
    };
    assert_eq!(separate("https://github.com/acme/gateway"), (YES, "duties-separated"));
    assert_eq!(separate(&format!("{WORKFLOW}@refs/tags/v1.0.0")), (OPEN, "duty-not-known"));
}

#[test]
fn a_workflow_that_others_may_call_speaks_for_the_repository_that_called_it() {
    const REUSABLE: &str = "https://forge.example/tools/.github/workflows/attest.yml@refs/heads/main";
    let registry = people(&[("1", "Jo"), ("2", "Kim")]);
    let reviewed = |caller: &str, more: &str| {
        let mut dossier = signed_by(REUSABLE, &review(&[1], Some(2), "r1"));
        let by = dossier.signatures.last().unwrap().id;
        let names = std::iter::once(("source-repository-uri".to_owned(), caller.to_owned())).collect();
        let identity = Claim {
            fact: Fact::WorkflowIdentity(names),
            vouched_by: Voucher::Ca,
            standing: Standing::Verified,
            subject: None,
            evidence: by.into(),
        };
        dossier.claims = Claims::new(dossier.claims.all().iter().cloned().chain([identity]).collect());
        let issuer = "https://token.actions.githubusercontent.com";
        let asked = format!(
            "path.source-reviewed = {TWO}\n[witnesses.forge]\nsigner = \"{REUSABLE}\"\nissuer = \"{issuer}\"\n\
             says = [\"reviewed\"]\n{more}"
        );
        requirement(&under(dossier, &asked, &registry), "source-reviewed").unwrap()
    };
    assert_eq!(reviewed("https://github.com/acme/app", ""), (YES, "reviewed-by-another"));
    assert_eq!(reviewed("https://github.com/evil/app", ""), (OPEN, "not-vouched-for"));
    let named = "repository = \"https://github.com/acme/*\"";
    assert_eq!(reviewed("https://github.com/acme/other", named), (YES, "reviewed-by-another"));
    assert_eq!(reviewed("https://github.com/evil/app", named), (OPEN, "not-vouched-for"));
    assert_eq!(reviewed("https://forge.example/tools", ""), (YES, "reviewed-by-another"), "its own run");
}

#[test]
fn a_tag_stays_where_it_was_or_is_meant_to_move() {
    let tag = |commit: &str, more: &str| {
        format!(
            r#""tags":[{{"repository":"https://github.com/acme/app","tag":"refs/tags/v1.0.0","commit":"{commit}"{more}}}]"#
        )
    };
    let unmoved = |record: &str| answer(observed(record), "tag-unmoved", "\"established\"", &Registry::default());
    assert_eq!(unmoved(&tag("c0", "")), (YES, "tag-unmoved"));
    assert_eq!(unmoved(&tag("c9", "")), (NO, "tag-moved"));
    assert_eq!(unmoved(&tag("c0", r#","before":["c8"]"#)), (NO, "tag-moved"));
    assert_eq!(unmoved(&tag("c9", r#","floating":true"#)), (YES, "tag-unmoved"));
    assert_eq!(unmoved(&tag("c9", "").replace("v1.0.0", "v2")), (OPEN, "tag-not-known"));
    let both = tag("c0", "").replace("]", &tag("c0", r#","before":["c8"]"#).replace(r#""tags":["#, ","));
    assert_eq!(unmoved(&both), (NO, "tag-moved"), "a good record hides no bad one");
}
