//! Who held which duty, and in which order.

use countersign::evidence::{Signature, SignatureId};
use countersign::registry::Registry;
use countersign::verdict::Answer;

use crate::dossiers::{embedded, fulcio};
use crate::{NO, OPEN, YES, answer, asserted, day, digest, judge, observed, people, requirement};

/// An act for these bytes by an account, on a day and at an hour of it.
fn act(duty: &str, number: u32, when: (i64, i64), more: &str) -> String {
    let at = day(when.0).plus(when.1 * 3600);
    let digest = digest();
    format!(
        r#"{{"duty":"{duty}","by":{{"realm":"https://github.com","number":"{number}","name":"user-{number}"}},"at":"{at}","digest":"{digest}"{more}}}"#
    )
}

fn acts(acts: &[String]) -> String {
    format!(r#""acts":[{}]"#, acts.join(","))
}

fn separate(record: &str, duties: &str, registry: &Registry) -> (Answer, &'static str) {
    answer(observed(record), "separate", duties, registry)
}

#[test]
fn duties_are_separate_only_between_people_who_are_known_and_differ() {
    let registry = people(&[("1", "Jo"), ("2", "Kim"), ("3", "Jo")]);
    let record = |one: u32, two: u32| acts(&[act("approve", one, (9, 0), ""), act("publish", two, (11, 0), "")]);
    let both = r#"["approve", "publish"]"#;
    assert_eq!(separate(&record(1, 2), both, &registry), (YES, "duties-separated"));
    assert_eq!(separate(&record(1, 1), both, &registry), (NO, "duties-shared"));
    assert_eq!(separate(&record(1, 3), both, &registry), (NO, "duties-shared"), "one owner under two accounts");
    assert_eq!(separate(&record(1, 9), both, &registry), (OPEN, "actor-not-known"));
    assert_eq!(separate(&record(1, 2), r#"["approve", "publish", "deploy"]"#, &registry), (OPEN, "duty-not-known"));
    assert_eq!(separate(&record(1, 2), r#"["approve"]"#, &registry), (OPEN, "duty-not-known"), "one duty alone");
    let said = answer(asserted(&record(1, 2)), "separate", both, &registry);
    assert_eq!(said, (OPEN, "duty-not-known"), "nobody vouches for the record");
    assert_eq!(answer(asserted(&record(1, 3)), "separate", both, &registry), (NO, "duties-shared"));
}

#[test]
fn a_workflow_that_builds_and_signs_holds_both_duties() {
    let registry = people(&[("1", "Jo")]);
    let record = acts(&[act("approve", 1, (9, 0), "")]);
    assert_eq!(separate(&record, r#"["build", "sign"]"#, &registry), (NO, "duties-shared"));
    assert_eq!(separate(&record, r#"["approve", "sign"]"#, &registry), (YES, "duties-separated"));
}

#[test]
fn acts_for_other_bytes_say_nothing() {
    let registry = people(&[("1", "Jo"), ("2", "Kim")]);
    let record = acts(&[act("approve", 1, (9, 0), ""), act("publish", 2, (11, 0), "")]);
    let zeros = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    let other = record.replace(&digest().to_string(), zeros);
    assert_eq!(separate(&other, r#"["approve", "publish"]"#, &registry), (OPEN, "duty-not-known"));
}

fn order(record: &str, setting: &str) -> (Answer, &'static str) {
    answer(observed(record), "in-order", setting, &people(&[("1", "Jo"), ("2", "Kim")]))
}

const ESTABLISHED: &str = "\"established\"";

#[test]
fn approval_comes_before_signing_and_that_before_publishing() {
    let record = |approved: (i64, i64), published: (i64, i64)| {
        acts(&[act("approve", 1, approved, ""), act("publish", 2, published, "")])
    };
    assert_eq!(order(&record((9, 0), (11, 0)), ESTABLISHED), (YES, "in-order"));
    assert_eq!(order(&record((10, 5), (11, 0)), ESTABLISHED), (NO, "out-of-order"), "approved after it was signed");
    assert_eq!(order(&record((9, 0), (9, 12)), ESTABLISHED), (NO, "out-of-order"), "published before it was signed");
    let no_approval = acts(&[act("publish", 2, (11, 0), "")]);
    assert_eq!(order(&no_approval, ESTABLISHED), (NO, "approval-missing"));
    assert_eq!(order(&acts(&[act("approve", 1, (9, 0), "")]), ESTABLISHED), (OPEN, "order-not-known"));
}

#[test]
fn what_is_approved_in_an_emergency_is_approved_again_by_another_within_a_day() {
    let urgent = act("approve", 1, (9, 20), r#","emergency":true"#);
    let published = act("publish", 2, (11, 0), "");
    let with = |second: Option<String>| {
        acts(&[vec![urgent.clone(), published.clone()], second.into_iter().collect()].concat())
    };
    assert_eq!(order(&with(Some(act("approve", 2, (10, 10), ""))), ESTABLISHED), (YES, "in-order"));
    assert_eq!(order(&with(None), ESTABLISHED), (NO, "out-of-order"));
    assert_eq!(order(&with(Some(act("approve", 1, (10, 10), ""))), ESTABLISHED), (NO, "out-of-order"), "the same");
    assert_eq!(order(&with(Some(act("approve", 2, (12, 0), ""))), ESTABLISHED), (NO, "out-of-order"), "too late");
    assert_eq!(
        order(&with(Some(act("approve", 9, (10, 10), ""))), ESTABLISHED),
        (NO, "out-of-order"),
        "of nobody known"
    );
}

#[test]
fn what_is_known_of_duties_counts_whatever_the_policy_asks() {
    let own = acts(&[act("approve", 1, (9, 0), ""), act("sign", 1, (10, 0), ""), act("publish", 2, (11, 0), "")]);
    let verdict = judge(observed(&own), "");
    assert_eq!(requirement(&verdict, "separate"), Some((NO, "duties-shared")));
    assert_eq!(verdict.decision.exit_code(), 1);
    let good = acts(&[act("approve", 1, (9, 0), ""), act("sign", 2, (10, 0), ""), act("publish", 2, (11, 0), "")]);
    assert_eq!(judge(observed(&good), "").decision.exit_code(), 0);
}

#[test]
fn what_anybody_signs_separates_no_duties() {
    let registry = people(&[("1", "Jo")]);
    let both = r#"["build", "sign"]"#;
    let with = |signature: Signature| {
        let mut dossier = observed(&acts(&[]));
        dossier.signatures.push(Signature { id: SignatureId(1), ..signature });
        answer(dossier, "separate", both, &registry)
    };
    assert_eq!(with(embedded("Anybody")), (NO, "duties-shared"), "a certificate that anybody can buy");
    let mut stranger = fulcio("app", 0);
    stranger.signer.san = vec!["https://github.com/x/app/.github/workflows/release.yml@refs/heads/main".to_owned()];
    assert_eq!(with(stranger), (NO, "duties-shared"), "a workflow that nobody named");
    assert_eq!(with(fulcio("signer", 0)), (YES, "duties-separated"), "another pipeline that is named");
}

#[test]
fn an_approval_in_an_emergency_without_a_date_is_none() {
    let urgent = act("approve", 1, (9, 20), r#","emergency":true"#);
    let at = format!(r#""at":"{}","#, day(9).plus(20 * 3600));
    let undated = urgent.replace(&at, "");
    assert_ne!(urgent, undated);
    let published = act("publish", 2, (11, 0), "");
    assert_eq!(order(&acts(&[undated, published]), ESTABLISHED), (NO, "out-of-order"));
}
