//! The laws of appraisal, over generated dossiers, policies and expectations.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod dossiers;

use std::collections::BTreeMap;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Claims, EvidenceId, Fact, Source, SourceNamedIn, Standing, Voucher};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::evidence::{CheckId, Need, Origin, Outcome, Reason, Signature, SignatureId, State, TimeSource};
use countersign::exports::ExportId;
use countersign::identity::{Assurance, Signer};
use countersign::policy::learn::Lessons;
use countersign::policy::{Expectations, Policy};
use countersign::record::{RecordedPolicy, Reliance, VerdictRecord};
use countersign::registry::Registry;
use countersign::release::act::{Act, Duty};
use countersign::release::actor::Actor;
use countersign::release::commit::Commit;
use countersign::release::history::{PublishedHow, PublishedVersion};
use countersign::release::push::{Control, Push};
use countersign::release::released::{Rebuild, ReleasedFile, TagRecord};
use countersign::release::review::{Approval, ApprovedBy, ChangeApproval, Review};
use countersign::release::run::{Conclusion, RunOutcome};
use countersign::reports::{Form, REPORTS, Verifier};
use countersign::time::Time;
use countersign::tool::{ToolKind, ToolOutcome, ToolResult};
use countersign::verdict::{Answer, Decision, Question, Verdict};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Enough that each of seven mistakes put into appraisal on purpose is noticed: the worst of detached
/// evidence decides, any embedded signature suffices, unverified claims support, unverified provenance
/// competes (twice), the first candidate is taken, a question is left out of the decision.
const CASES: u32 = 4_000;

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        8 => Just(Outcome::Pass),
        2 => select(Reason::ALL).prop_map(Outcome::Fail),
        1 => select(Need::ALL).prop_map(Outcome::Undecided),
    ]
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![1 => Just(Origin::Embedded), 2 => Just(Origin::File("evidence".to_owned()))]
}

/// Mostly complete, so that admissions occur, with any check left out, failed or undecided.
fn checks() -> impl Strategy<Value = Vec<(CheckId, Outcome)>> {
    let usual = [
        CheckId::Structure,
        CheckId::Signature,
        CheckId::Subject,
        CheckId::Chain,
        CheckId::Validity,
        CheckId::Revocation,
        CheckId::Strength,
        CheckId::LogEntry,
    ];
    let good = Just(usual.map(|id| (id, Outcome::Pass)).to_vec());
    let spoilt = (good.clone(), vec((any::<Index>(), outcome()), 1..3)).prop_map(|(mut checks, spoils)| {
        for (at, outcome) in spoils {
            let at = at.index(checks.len());
            checks[at].1 = outcome;
        }
        checks
    });
    let some = vec((select(CheckId::ALL), outcome()), 0..8);
    prop_oneof![4 => good, 2 => spoilt, 1 => some]
}

fn signer() -> impl Strategy<Value = Signer> {
    let name = option::of(select(&["CN=Acme,O=Acme Inc.", "CN=Other", ""][..]));
    let san = vec(select(&["https://ci.example/acme", "https://ci.example/other"][..]), 0..2);
    let oidc = option::of(select(&["https://issuer.example", "https://evil.example"][..]));
    let any = (name, san, oidc).prop_map(|(name, san, oidc)| Signer {
        name: name.map(str::to_owned),
        san: san.into_iter().map(str::to_owned).collect(),
        oidc_issuer: oidc.map(str::to_owned),
        ..Signer::default()
    });
    let acme = Signer {
        san: vec!["https://ci.example/acme".to_owned()],
        oidc_issuer: Some("https://issuer.example".to_owned()),
        validity: Some((Time::from_unix(0), Time::from_unix(600))),
        ..Signer::default()
    };
    prop_oneof![2 => Just(acme), 1 => any]
}

fn signature() -> impl Strategy<Value = Signature> {
    let parts = (origin(), signer(), checks(), any::<bool>(), any::<bool>(), select(Assurance::ALL));
    parts.prop_map(|(origin, signer, checks, chained, timed, assurance)| {
        let mut signature = Signature::new("sigstore", origin);
        signature.signer = signer;
        signature.assurance = assurance;
        signature.chain = if chained { vec!["leaf".to_owned(), "anchor".to_owned()] } else { Vec::new() };
        if timed {
            signature.time.trusted = Some(Time::from_unix(0));
            signature.time.source = TimeSource::TransparencyLog;
        }
        for (id, outcome) in checks {
            signature.check(id, outcome, "");
        }
        signature
    })
}

fn mostly(likely: &'static str, other: &'static str) -> impl Strategy<Value = &'static str> + Clone {
    prop_oneof![4 => Just(likely), 1 => Just(other)]
}

fn fact() -> impl Strategy<Value = Fact> {
    let builder = mostly("https://b.example/acme@refs/tags/v1.0.0", "https://b.example/other");
    let repository = mostly("https://git.example/acme", "https://git.example/other");
    let reference = option::weighted(0.8, mostly("refs/tags/v1.0.0", "refs/heads/main"));
    prop_oneof![
        3 => builder.prop_map(dossiers::built_by),
        3 => (repository, reference).prop_map(|(repository, reference)| Fact::BuiltFrom(Source {
            repository: repository.to_owned(),
            reference: reference.map(str::to_owned),
            commit: reference.map(|_| COMMIT.to_owned()),
            branch: None,
            named_in: SourceNamedIn::Trigger,
        })),
        1 => select(&["push", "issue_comment"][..]).prop_map(|event| Fact::TriggeredBy { event: event.to_owned() }),
        1 => select(&["acme", "other"][..]).prop_map(|name| Fact::PublishedAs {
            package: name.to_owned(), version: None, registry: None,
        }),
        1 => Just(Fact::Attested { predicate_type: "https://spdx.dev/Document".to_owned() }),
        1 => Just(Fact::BuiltIn { invocation: RUN.to_owned(), started: None, finished: None }),
    ]
}

/// What documents that nobody signed say of runs, releases and duties.
fn behind() -> impl Strategy<Value = Fact> {
    let digest =
        || select(&["artifact", "other"][..]).prop_map(|text| Digest::of(DigestAlgorithm::Sha256, text.as_bytes()));
    let actor = || {
        select(&["1", "2"][..]).prop_map(|number| Actor {
            realm: "https://git.example".to_owned(),
            number: Some(number.to_owned()),
            name: number.to_owned(),
            bot: false,
        })
    };
    let of_source = (actor(), any::<bool>(), digest()).prop_map(|(author, approved, digest)| {
        let by = Actor { number: Some("2".to_owned()), name: "2".to_owned(), ..author.clone() };
        let by_again = by.clone();
        let approval = Approval { by, revision: Some("r".to_owned()), at: None, dismissed: false };
        [
            Fact::Reviewed(Review {
                repository: REPOSITORY.to_owned(),
                commit: COMMIT.to_owned(),
                revision: "r".to_owned(),
                authors: vec![author],
                last_change: None,
                approvals: approved.then_some(approval).into_iter().collect(),
                merged_by: None,
            }),
            Fact::Tagged(TagRecord {
                repository: REPOSITORY.to_owned(),
                tag: "refs/tags/v1.0.0".to_owned(),
                commit: COMMIT.to_owned(),
                before: (!approved).then(|| "c1".to_owned()).into_iter().collect(),
                floating: false,
            }),
            Fact::BuiltAgain(Rebuild {
                repository: REPOSITORY.to_owned(),
                commit: COMMIT.to_owned(),
                name: "app".to_owned(),
                digest,
                by: "second".to_owned(),
            }),
            Fact::Pushed(Push {
                repository: REPOSITORY.to_owned(),
                reference: "refs/heads/main".to_owned(),
                commit: COMMIT.to_owned(),
                before: None,
                by: None,
                activity: None,
                at: Time::from_unix(9),
                controls: vec![Control { name: "REVIEW".to_owned(), since: approved.then(|| Time::from_unix(0)) }],
            }),
            Fact::ChangeApproved(ChangeApproval {
                reference: "refs/heads/main".to_owned(),
                from: Some("c9".to_owned()),
                target: "t0".to_owned(),
                by: ApprovedBy::Accounts {
                    approvers: vec![by_again.clone()],
                    dismissed: (!approved).then_some(by_again).into_iter().collect(),
                },
            }),
            Fact::Committed(Commit {
                commit: COMMIT.to_owned(),
                tree: "t0".to_owned(),
                parents: vec!["c9".to_owned()],
            }),
        ]
    });
    let tool = (select(ToolKind::ALL), select(ToolOutcome::ALL), 0_i64..9, digest()).prop_map(
        |(kind, outcome, at, digest)| {
            Fact::ToolFound(ToolResult {
                tool: "tool".to_owned(),
                version: None,
                kind,
                outcome,
                at: Some(Time::from_unix(at)),
                digests: vec![digest],
                severities: BTreeMap::new(),
                summary: String::new(),
            })
        },
    );
    prop_oneof![
        (of_source, any::<Index>()).prop_map(|(facts, at)| facts[at.index(facts.len())].clone()),
        tool,
        (select(Conclusion::ALL), any::<bool>()).prop_map(|(conclusion, fork)| Fact::RunEnded(RunOutcome {
            invocation: RUN.to_owned(),
            conclusion,
            event: None,
            from_fork: Some(fork),
            actor: None,
            commit: None,
            ended: None,
        })),
        (digest(), any::<bool>()).prop_map(|(digest, withdrawn)| Fact::Released(ReleasedFile {
            name: "app".to_owned(),
            digests: vec![digest],
            version: None,
            published: Some(Time::from_unix(10)),
            signed: None,
            withdrawn: withdrawn.then(|| "broken".to_owned()),
        })),
        (select(Duty::ALL), actor(), 0_i64..20).prop_map(|(duty, by, at)| Fact::Acted(Act {
            duty,
            by,
            at: Some(Time::from_unix(at.saturating_mul(1_000))),
            digest: Digest::of(DigestAlgorithm::Sha256, b"artifact"),
            emergency: false,
        })),
        (select(&["1.0.0", "1.0.1"][..]), digest(), select(PublishedHow::ALL), 0_i64..9).prop_map(
            |(version, digest, how, at)| Fact::PublishedVersion(PublishedVersion {
                package: "acme".to_owned(),
                version: version.to_owned(),
                published: Time::from_unix(at),
                how,
                digests: vec![digest],
                withdrawn: None,
                explained: None,
            })
        ),
    ]
}

const RUN: &str = "https://git.example/acme/actions/runs/1";
const REPOSITORY: &str = "https://git.example/acme";
const COMMIT: &str = "c0";

fn voucher() -> impl Strategy<Value = Voucher> {
    prop_oneof![4 => Just(Voucher::Ca), 1 => select(&[Voucher::Platform, Voucher::Registry, Voucher::Tenant, Voucher::Tool][..])]
}

fn unverified() -> impl Strategy<Value = Standing> {
    select(&[Standing::Refuted, Standing::Asserted][..])
}

fn of_commit(mut fact: Fact) -> Fact {
    if let Fact::BuiltFrom(source) = &mut fact {
        source.commit = Some(COMMIT.to_owned());
    }
    fact
}

/// A signature and claims in which nothing is missing.
fn complete() -> (Signature, Vec<Fact>) {
    let facts = vec![
        dossiers::built_by("https://b.example/acme@refs/tags/v1.0.0"),
        of_commit(dossiers::built_from(REPOSITORY, Some("refs/tags/v1.0.0"))),
        Fact::TriggeredBy { event: "push".to_owned() },
        Fact::PublishedAs { package: "acme".to_owned(), version: None, registry: None },
        Fact::Attested { predicate_type: "https://spdx.dev/Document".to_owned() },
    ];
    let mut signature = dossiers::fulcio("acme", 0);
    signature.signer.san = vec!["https://ci.example/acme".to_owned()];
    signature.signer.oidc_issuer = Some("https://issuer.example".to_owned());
    signature.check(CheckId::Strength, Outcome::Pass, "");
    (signature, facts)
}

/// Claims as examination leaves them: verified only under a valid signature. Often with one complete
/// provenance, so that admissions occur.
fn dossier() -> impl Strategy<Value = Dossier> {
    let claim = (any::<Index>(), fact(), voucher(), option::weighted(0.1, unverified()));
    (any::<bool>(), vec(signature(), 0..4), vec(claim, 0..7)).prop_map(|(with_complete, mut signatures, claims)| {
        let (complete, facts) = complete();
        let mut all = Vec::new();
        if with_complete {
            all.extend(facts.into_iter().map(|fact| dossiers::claim(signatures.len(), fact)));
            signatures.push(complete);
        }
        let claims = if signatures.is_empty() { Vec::new() } else { claims };
        all.extend(claims.into_iter().map(|(at, fact, vouched_by, standing)| {
            let at = at.index(signatures.len());
            let best = if signatures[at].state() == State::Valid { Standing::Verified } else { Standing::Asserted };
            Claim { vouched_by, standing: standing.unwrap_or(best), ..dossiers::claim(at, fact) }
        }));
        dossiers::dossier(signatures, all)
    })
}

fn expectations() -> impl Strategy<Value = Expectations> {
    let text = |likely: &'static str, other: &'static str| {
        option::weighted(0.8, mostly(likely, other).prop_map(str::to_owned))
    };
    let signer = text("https://ci.example/acme", "Acme");
    let issuer = text("https://issuer.example", "https://evil.example");
    let source = text("git.example/acme", "git.example/other");
    let builder = text("https://b.example/acme", "https://b.example/other");
    let rest = (option::weighted(0.1, Just("v1".to_owned())), option::weighted(0.1, Just("acme".to_owned())));
    let some =
        (signer, issuer, source, builder, rest).prop_map(|(signer, issuer, source, builder, rest)| Expectations {
            signer,
            issuer,
            source,
            builder,
            source_versioned_tag: rest.0,
            package: rest.1,
            ..Expectations::default()
        });
    prop_oneof![1 => Just(Expectations::default()), 3 => some]
}

/// What a policy may say beside `intact`.
const DEMANDS: &[(&str, &str)] = &[
    ("signed", "coverage = \"complete\""),
    ("signed", "timestamp = \"verified\""),
    ("signed", "algorithms = \"strong\""),
    ("signer", "vouched = \"by-anchor\""),
    ("signer", "vouched = \"by-anchor-or-itself\""),
    ("signer", "not-revoked = \"established\""),
    ("signer", "not-revoked = \"nothing-known\""),
    ("signer", "expected = \"as-given\""),
    (
        "signer",
        "expected = [{ signer = \"Acme\" }, { signer = \"https://ci.example/acme\", issuer = \"https://issuer.example\" }]",
    ),
    ("signer", "assurance = [\"workload-oidc\", \"organization-validated\", \"self-signed\"]"),
    ("path", "provenance = \"verified\""),
    ("path", "source = \"as-given\""),
    ("path", "source = { repo = \"git.example/acme\", ref = \"refs/tags/*\" }"),
    ("path", "builder = [\"https://b.example/acme\"]"),
    ("path", "ref = [\"refs/tags/*\"]"),
    ("path", "trigger = [\"push\"]"),
    ("path", "run = \"established\""),
    ("path", "as-released = \"established\""),
    ("path", "separate = [\"approve\", \"publish\"]"),
    ("path", "separate = [\"build\", \"sign\"]"),
    ("path", "separate-or-isolated = [\"author\", \"build\", \"sign\"]"),
    ("path", "in-order = \"established\""),
    ("path", "source-reviewed = \"two-accounts\""),
    ("path", "source-reviewed = \"nothing-known\""),
    ("path", "source-controls = [\"REVIEW\"]"),
    ("path", "tag-unmoved = \"established\""),
    ("path", "reproduced = \"established\""),
    ("path", "source-compared = \"established\""),
    ("other", "tool-results = [{ kind = \"malware\" }]"),
    ("path", "not-downgraded = \"established\""),
    ("other", "attested = [\"https://spdx.dev/*\"]"),
];

fn demands() -> impl Strategy<Value = Vec<usize>> {
    vec(0..DEMANDS.len(), 0..4)
}

fn policy(demands: &[usize]) -> Policy {
    Policy::parse(&policy_text(demands), "generated").unwrap()
}

/// The policy of these demands; of two with one key the first counts.
fn policy_text(demands: &[usize]) -> String {
    // Versions are published within the first nine seconds.
    let mut text = "schema = 1\nname = \"p\"\nenvironment.production.signed.intact = \"required\"\n\
                    environment.production.downgrades_since = 1970-01-01T00:00:03Z\n\
                    witnesses.other = { signer = \"https://ci.example/other\", issuer = \"https://evil.example\", \
                    says = [\"run-ended\", \"reviewed\", \"pushed\", \"change-approved\", \"tagged\", \"acted\", \"published-version\"] }\n"
        .to_owned();
    let mut keys = vec!["intact"];
    for (section, demand) in demands.iter().map(|at| DEMANDS[*at]) {
        let key = demand.split(' ').next().unwrap();
        if !keys.contains(&key) {
            keys.push(key);
            text.push_str(&format!("environment.production.{section}.{demand}\n"));
        }
    }
    text
}

fn judge(dossier: &Dossier, policy: &Policy, expectations: &Expectations) -> Verdict {
    let terms = Terms {
        policy,
        environment: "production",
        expectations,
        registry: &Registry::default(),
        at: Time::from_unix(0),
    };
    appraise(dossier.clone(), &terms).unwrap()
}

/// Decisions as answers: refusals are ordered too.
fn rank(verdict: &Verdict) -> Answer {
    match verdict.decision {
        Decision::Refuse => Answer::No,
        Decision::RefuseForLackOfEvidence => Answer::NotEstablished,
        Decision::Admit => Answer::Yes,
    }
}

fn path(verdict: &Verdict) -> Answer {
    verdict.questions.iter().find(|of| of.question == Question::Path).unwrap().answer
}

/// The dossier without one signature and all that rests on it.
fn without(dossier: &Dossier, gone: SignatureId) -> Dossier {
    let mut rest = dossier.clone();
    rest.signatures.retain(|signature| signature.id != gone);
    rest.claims = Claims::new(dossier.claims.all().iter().filter(|claim| claim.evidence != gone).cloned().collect());
    rest
}

fn with_claims(dossier: &Dossier, claims: Vec<Claim>) -> Dossier {
    Dossier { claims: Claims::new(claims), ..dossier.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn taking_evidence_away_never_admits(d in dossier(), p in demands(), e in expectations()) {
        let (policy, refused) = (policy(&p), |v: &Verdict| v.decision != Decision::Admit);
        if refused(&judge(&d, &policy, &e)) {
            for signature in d.signatures.iter().filter(|signature| signature.origin != Origin::Embedded) {
                prop_assert!(refused(&judge(&without(&d, signature.id), &policy, &e)), "{}", signature.id);
            }
        }
    }

    #[test]
    fn unverified_claims_never_raise_an_answer(
        d in dossier(), p in demands(), e in expectations(),
        added in (any::<Index>(), fact(), voucher(), unverified()),
    ) {
        if d.signatures.is_empty() {
            return Ok(());
        }
        let (policy, (at, fact, vouched_by, standing)) = (policy(&p), added);
        let claim = Claim { vouched_by, standing, ..dossiers::claim(at.index(d.signatures.len()), fact) };
        let more = with_claims(&d, d.claims.all().iter().cloned().chain([claim]).collect());
        let (before, after) = (judge(&d, &policy, &e), judge(&more, &policy, &e));
        prop_assert!(rank(&after) <= rank(&before));
        prop_assert!(path(&after) <= path(&before));
    }

    #[test]
    fn documents_of_which_nobody_vouches_never_raise_an_answer(
        d in dossier(), p in demands(), e in expectations(), known in vec(behind(), 0..4), added in behind(),
    ) {
        let said = |(at, fact): (usize, Fact), standing| Claim {
            fact,
            vouched_by: Voucher::Platform,
            standing,
            subject: None,
            evidence: EvidenceId::Export(ExportId { export: at }),
        };
        let observed = known.into_iter().enumerate().map(|known| said(known, Standing::Verified));
        let base: Vec<Claim> = d.claims.all().iter().cloned().chain(observed).collect();
        let with = [base.clone(), vec![said((9, added), Standing::Asserted)]].concat();
        let policy = policy(&p);
        let (before, after) = (judge(&with_claims(&d, base), &policy, &e), judge(&with_claims(&d, with), &policy, &e));
        prop_assert!(rank(&after) <= rank(&before));
        prop_assert!(path(&after) <= path(&before));
    }

    #[test]
    fn a_witness_may_be_named_for_all_that_is_recorded_and_does_not_prove_itself(fact in behind()) {
        let text = format!(
            "{}witnesses.more = {{ signer = \"s\", issuer = \"i\", says = [\"{}\"] }}\n", policy_text(&[]), fact.name()
        );
        prop_assert!(!fact.is_about_artifact());
        prop_assert_eq!(Policy::parse(&text, "generated").is_ok(), !fact.proves_itself());
    }

    #[test]
    fn losing_its_verification_never_makes_a_claim_better(
        d in dossier(), p in demands(), e in expectations(), at in any::<Index>(), standing in unverified(),
    ) {
        if d.claims.all().is_empty() {
            return Ok(());
        }
        let policy = policy(&p);
        let mut claims = d.claims.all().to_vec();
        let at = at.index(claims.len());
        claims[at].standing = standing.min(claims[at].standing);
        let (before, after) = (judge(&d, &policy, &e), judge(&with_claims(&d, claims), &policy, &e));
        prop_assert!(rank(&after) <= rank(&before));
        prop_assert!(path(&after) <= path(&before));
    }

    #[test]
    fn a_check_that_passed_never_stood_in_the_way(
        d in dossier(), p in demands(), e in expectations(), which in any::<Index>(),
    ) {
        if d.signatures.is_empty() {
            return Ok(());
        }
        let policy = policy(&p);
        let mut less = d.clone();
        let at = which.index(d.signatures.len());
        let passed = less.signatures[at].checks.iter().position(|check| check.outcome == Outcome::Pass);
        if passed.is_none() {
            return Ok(());
        }
        less.signatures[at].checks.remove(passed.unwrap());
        if judge(&less, &policy, &e).decision == Decision::Admit {
            prop_assert_eq!(judge(&d, &policy, &e).decision, Decision::Admit);
        }
    }

    #[test]
    fn a_requirement_more_never_admits_more(
        d in dossier(), p in demands(), more in 0..DEMANDS.len(), e in expectations(),
    ) {
        let before = judge(&d, &policy(&p), &e);
        let after = judge(&d, &policy(&[p, vec![more]].concat()), &e);
        prop_assert!(rank(&after) <= rank(&before));
    }

    #[test]
    fn the_same_input_gives_the_same_output(d in dossier(), p in demands(), e in expectations()) {
        let once = format!("{:?}", judge(&d, &policy(&p), &e));
        prop_assert_eq!(once, format!("{:?}", judge(&d, &policy(&p), &e)));
    }

    #[test]
    fn a_record_gives_the_same_verdict_again(d in dossier(), p in demands(), e in expectations()) {
        let verdict = judge(&d, &policy(&p), &e);
        let reliance = Reliance { party: "somebody".to_owned(), place: "somewhere".to_owned() };
        let (facts, body) = VerdictRecord::new(&verdict, &e, Some(7), reliance).to_documents();
        let read = VerdictRecord::from_documents(&facts, &body).unwrap();
        prop_assert_eq!(read.to_documents(), (facts, body));
        let recorded = RecordedPolicy::read(&policy_text(&p)).unwrap();
        let again = read.appraise(&recorded, &Registry::default(), read.at).unwrap();
        prop_assert_eq!(format!("{again:?}"), format!("{verdict:?}"));
        prop_assert_eq!(written(&again), written(&verdict));
    }

    #[test]
    fn the_order_of_evidence_decides_nothing(d in dossier(), p in demands(), e in expectations()) {
        let mut turned = d.clone();
        turned.signatures.reverse();
        let (policy, mut claims) = (policy(&p), d.claims.all().to_vec());
        claims.reverse();
        let (before, after) = (judge(&d, &policy, &e), judge(&with_claims(&turned, claims), &policy, &e));
        prop_assert_eq!(before.decision, after.decision);
        prop_assert_eq!(path(&before), path(&after));
    }

    #[test]
    fn what_is_admitted_holds_in_every_part_inside_and_somewhere(d in dossier(), p in demands(), e in expectations()) {
        let verdict = judge(&d, &policy(&p), &e);
        if verdict.decision == Decision::Admit {
            let holds = |signature: &&Signature| signature.integrity() == Outcome::Pass;
            let fails = |signature: &&Signature| matches!(signature.integrity(), Outcome::Fail(_));
            prop_assert!(d.signatures.iter().any(|signature| holds(&signature)));
            prop_assert!(!d.signatures.iter().filter(|s| s.origin == Origin::Embedded).any(|s| fails(&s)));
            for of in verdict.questions.iter().filter(|of| of.required) {
                prop_assert_eq!(of.answer, Answer::Yes);
            }
        }
    }

    #[test]
    fn the_built_in_production_policy_admits_only_with_everything(d in dossier(), e in expectations()) {
        let verdict = judge(&d, &Policy::built_in(), &e);
        if verdict.decision == Decision::Admit {
            prop_assert!(e.source.is_some() && e.builder.is_some());
            prop_assert!(d.signatures.iter().any(|signature| signature.state() == State::Valid));
            let verified = |name: &str| d.claims.verified().any(|claim| claim.fact.name() == name);
            prop_assert!(verified("built-by") && verified("built-from"));
        }
    }

    #[test]
    fn every_answer_that_is_not_yes_says_what_would_change_it(d in dossier(), p in demands(), e in expectations()) {
        let verdict = judge(&d, &policy(&p), &e);
        for appraised in verdict.questions.iter().flat_map(|of| &of.requirements).chain(&verdict.other) {
            prop_assert!(appraised.answer == Answer::Yes || !appraised.fix.is_empty(), "{appraised:?}");
            prop_assert!(is_known(appraised.reason), "{}", appraised.reason);
        }
    }
}

/// What may be waived for the artifact of all dossiers here.
const WAIVABLE: &[&str] =
    &["timestamp", "algorithms", "vouched", "expected", "assurance", "provenance", "source", "builder", "attested"];

fn waived() -> impl Strategy<Value = Vec<&'static str>> {
    vec(select(WAIVABLE), 0..4)
}

/// The policy of these demands with waivers of these requirements, in force at the instant of all appraisals here.
fn with_waivers(demands: &[usize], waived: &[&str]) -> Policy {
    let digest = Digest::of(DigestAlgorithm::Sha256, b"artifact");
    let waivers = waived.iter().enumerate().map(|(number, requirement)| {
        format!(
            "[[waiver]]\nid = \"w{number}\"\nrequirement = \"{requirement}\"\nartifact = \"{digest}\"\nowner = \"o@a\"\n\
             approved_by = [\"k@a\"]\nreason = \"r\"\ngranted = 1969-12-01\nexpires = 1970-12-01\n"
        )
    });
    Policy::parse(&(policy_text(demands) + &waivers.collect::<String>()), "generated").unwrap()
}

/// The policy of these demands, of which these are only warned of.
fn with_warnings(demands: &[usize], warned: &[usize]) -> Policy {
    let key = |at: &usize| DEMANDS[*at].1.split(' ').next().unwrap().to_owned();
    let mut keys: Vec<String> = warned.iter().map(key).collect();
    keys.sort();
    keys.dedup();
    let all = policy_text(&[warned, demands].concat());
    let list = if keys.is_empty() { String::new() } else { format!("environment.production.warn = {keys:?}\n") };
    Policy::parse(&(all + &list), "generated").unwrap()
}

fn answers(verdict: &Verdict) -> Vec<(&str, Answer, &'static str)> {
    verdict.requirements().map(|one| (&*one.id, one.answer, one.reason)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_waiver_changes_no_answer(d in dossier(), p in demands(), e in expectations(), w in waived()) {
        let (before, after) = (judge(&d, &policy(&p), &e), judge(&d, &with_waivers(&p, &w), &e));
        prop_assert!(rank(&after) >= rank(&before));
        // With several signatures the answers may rest on another one, whose shortcomings are waived.
        if d.signatures.len() < 2 || after.applied_waivers().next().is_none() {
            prop_assert_eq!(answers(&after), answers(&before));
        }
        if after.decision == Decision::Admit {
            prop_assert!(after.requirements().all(|one| !one.stands_in_the_way()));
        }
    }

    #[test]
    fn what_can_never_be_waived_is_not(d in dossier(), p in demands(), e in expectations(), w in waived()) {
        let verdict = judge(&d, &with_waivers(&p, &w), &e);
        for one in verdict.requirements().filter(|one| one.waived_by.is_some()) {
            prop_assert!(w.contains(&&*one.id) && one.answer != Answer::Yes);
            let state = Reason::ALL.iter().find(|reason| reason.word() == one.reason).and_then(|it| it.state());
            let never = [State::Bad, State::Broken, State::Revoked, State::Distrusted];
            prop_assert!(state.is_none_or(|state| !never.contains(&state)), "{}", one.reason);
        }
    }

    #[test]
    fn taking_evidence_away_never_admits_under_waivers(
        d in dossier(), p in demands(), e in expectations(), w in waived(),
    ) {
        let policy = with_waivers(&p, &w);
        if judge(&d, &policy, &e).decision != Decision::Admit {
            for signature in d.signatures.iter().filter(|signature| signature.origin != Origin::Embedded) {
                let less = judge(&without(&d, signature.id), &policy, &e);
                prop_assert!(less.decision != Decision::Admit, "{}", signature.id);
            }
        }
    }

    #[test]
    fn the_order_of_evidence_decides_nothing_under_waivers(
        d in dossier(), p in demands(), e in expectations(), w in waived(),
    ) {
        let mut turned = d.clone();
        turned.signatures.reverse();
        let policy = with_waivers(&p, &w);
        prop_assert_eq!(judge(&d, &policy, &e).decision, judge(&turned, &policy, &e).decision);
    }

    #[test]
    fn a_requirement_more_never_admits_more_under_waivers(
        d in dossier(), p in demands(), more in 0..DEMANDS.len(), e in expectations(), w in waived(),
    ) {
        let before = judge(&d, &with_waivers(&p, &w), &e);
        let after = judge(&d, &with_waivers(&[p, vec![more]].concat(), &w), &e);
        prop_assert!(rank(&after) <= rank(&before));
    }

    #[test]
    fn what_is_only_warned_of_decides_nothing(d in dossier(), p in demands(), e in expectations(), w in demands()) {
        let key = |at: &usize| DEMANDS[*at].1.split(' ').next().unwrap();
        let p: Vec<usize> = p.into_iter().filter(|at| !w.iter().any(|warned| key(warned) == key(at))).collect();
        let (before, tried) = (judge(&d, &policy(&p), &e), judge(&d, &with_warnings(&p, &w), &e));
        prop_assert_eq!(before.decision, tried.decision);
        let in_force = judge(&d, &policy(&[w, p].concat()), &e);
        prop_assert!(rank(&in_force) <= rank(&tried));
    }
}

/// The signer whom a verdict rests on.
fn relied_on(verdict: &Verdict) -> Option<(Vec<String>, Option<String>)> {
    let id = *verdict.requirements().find(|one| one.id == "vouched")?.evidence.first()?;
    let signer = &verdict.dossier.signatures.iter().find(|signature| signature.id == id)?.signer;
    Some((signer.san.clone(), signer.oidc_issuer.clone()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES / 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_learnt_policy_admits_what_it_was_learnt_from_and_nobody_else(
        seen in vec(dossier(), 1..4), other in dossier(),
    ) {
        let (at, nothing) = (Time::from_unix(0), Expectations::default());
        let mut lessons = Lessons::default();
        seen.iter().for_each(|dossier| lessons.take(dossier.clone(), at).unwrap());
        let Ok(lesson) = lessons.learn("p", at) else { return Ok(()) };
        let policy = Policy::parse(&lesson.text, "learnt").map_err(|errors| TestCaseError::fail(errors.to_string()))?;
        let judged: Vec<Verdict> = seen.iter().map(|dossier| judge(dossier, &policy, &nothing)).collect();
        let admitted: Vec<&Verdict> = judged.iter().filter(|verdict| verdict.decision == Decision::Admit).collect();
        prop_assert_eq!(admitted.len(), lesson.artifacts, "{}", lesson.text);
        let verdict = judge(&other, &policy, &nothing);
        if verdict.decision == Decision::Admit && lesson.text.contains("\nexpected = ") {
            let known: Vec<_> = admitted.into_iter().map(relied_on).collect();
            prop_assert!(known.contains(&relied_on(&verdict)), "{}", lesson.text);
        }
    }
}

/// The verdict in every form of report.
fn written(verdict: &Verdict) -> Vec<String> {
    let verifier = Verifier::new("https://verify.example", Some("https://example.com/{name}")).unwrap();
    let form = Form { verifier: Some(verifier), ..Form::default() };
    REPORTS.iter().map(|report| (report.verdict)(verdict, &form)).collect()
}

fn is_known(word: &str) -> bool {
    use countersign::ground::Ground;
    Ground::ALL.iter().any(|ground| ground.word() == word)
        || Reason::ALL.iter().any(|reason| reason.word() == word)
        || Need::ALL.iter().any(|need| need.word() == word)
}

/// Without admissions the laws would hold of nothing.
#[test]
fn generated_dossiers_are_admitted_often_enough() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut admitted, mut built_in, mut excused) = (0_u32, 0_u32, 0_u32);
    for _ in 0..CASES {
        let generated = (dossier(), demands(), expectations()).new_tree(&mut runner).unwrap().current();
        let (dossier, demands, expectations) = generated;
        let admits = |policy: &Policy| judge(&dossier, policy, &expectations).decision == Decision::Admit;
        admitted = admitted.saturating_add(u32::from(admits(&policy(&demands))));
        built_in = built_in.saturating_add(u32::from(admits(&Policy::built_in())));
        let by_waiver = !admits(&policy(&demands)) && admits(&with_waivers(&demands, WAIVABLE));
        excused = excused.saturating_add(u32::from(by_waiver));
    }
    assert!(admitted > CASES / 20, "{admitted} of {CASES}");
    assert!(built_in > 0, "none of {CASES}");
    assert!(excused > CASES / 40, "{excused} of {CASES}");
}
