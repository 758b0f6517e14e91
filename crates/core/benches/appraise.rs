//! Appraisal and the loading of policies: `cargo bench -p countersign --bench appraise`.
//!
//! The goals are two milliseconds with a policy; for ten attestations against 40 requirements, 50 µs without rules of the
//! policy's own and 500 µs with five of them; cryptography is not part of it.

#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

#[path = "../tests/described/mod.rs"]
mod described;
#[path = "../tests/dossiers/mod.rs"]
mod dossiers;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use std::hint::black_box;
use std::time::Duration;

use countersign::appraise::{Terms, appraise};
use countersign::claim::Fact;
use countersign::dossier::Dossier;
use countersign::policy::{BUILT_IN, Expectations, Policy};
use countersign::registry::Registry;
use countersign::requirements::{REQUIREMENTS, Section};
use countersign::time::Time;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};

const BUILDER: &str = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";

/// So many keyless signatures, each with a provenance.
fn dossier(signatures: usize) -> Dossier {
    let claims = (0..signatures).flat_map(|at| {
        let built_from = dossiers::built_from("https://github.com/acme/app", Some("refs/tags/v1.0.0"));
        [dossiers::claim(at, dossiers::built_by(BUILDER)), dossiers::claim(at, built_from)]
    });
    let claims = claims.collect();
    dossiers::dossier((0..signatures).map(|_| dossiers::fulcio("app", 0)).collect(), claims)
}

/// A policy with so many requirements, in the order of the table, and these rules.
fn policy_text(count: usize, rules: &[(&str, bool)]) -> String {
    let asked: Vec<_> = REQUIREMENTS.iter().take(count).collect();
    assert_eq!(asked.len(), count, "the table has too few");
    let mut text = "schema = 1\nname = \"measured\"\n".to_owned();
    for section in Section::ALL {
        let here: Vec<_> = asked.iter().filter(|known| known.section == section).collect();
        if !here.is_empty() {
            writeln!(text, "[environment.production.{}]", section.word()).unwrap();
        }
        here.iter().for_each(|known| writeln!(text, "{} = {}", known.id, described::example_value(known)).unwrap());
    }
    for (at, (cel, if_known)) in rules.iter().enumerate() {
        let if_known = if *if_known { "if_known = true\n" } else { "" };
        text +=
            &format!("[[environment.production.rule]]\nid = \"acme.r{at}\"\ncel = \"{cel}\"\nelse = \"e\"\n{if_known}");
    }
    text
}

/// Ten attestations: four with provenance, the rest other statements, each with its certificate's facts.
fn ten_attestations() -> Dossier {
    let claims = (0..10).flat_map(|at| {
        let names = BTreeMap::from([("source-repository-id".to_owned(), "1".to_owned())]);
        let built_from = dossiers::built_from("https://github.com/acme/app", Some("refs/tags/v1.0.0"));
        let of_build = [dossiers::built_by(BUILDER), built_from, Fact::TriggeredBy { event: "push".to_owned() }];
        let other = [Fact::Attested { predicate_type: format!("https://example.com/kind-{at}/v1") }];
        let facts = if at < 4 { of_build.to_vec() } else { other.to_vec() };
        let facts = facts.into_iter().chain([Fact::WorkflowIdentity(names)]);
        facts.map(move |fact| dossiers::claim(at, fact)).collect::<Vec<_>>()
    });
    let claims = claims.collect();
    dossiers::dossier((0..10).map(|_| dossiers::fulcio("app", 0)).collect(), claims)
}

fn expectations() -> Expectations {
    Expectations {
        signer: Some("https://github.com/acme/app/*".to_owned()),
        issuer: Some("https://token.actions.githubusercontent.com".to_owned()),
        source: Some("github.com/acme/app".to_owned()),
        builder: Some(BUILDER.to_owned()),
        ..Expectations::default()
    }
}

/// Five rules of a policy's own, as people write them, and whether they count only if known.
const RULES: [(&str, bool); 5] = [
    (
        "provenance.exists(p, p.source.uri == 'https://github.com/acme/app' && p.source.ref.glob('refs/tags/v*') \
         && signatures.exists(s, s.id == p.signature && s.signer.oidc_issuer.endsWith('.com')))",
        false,
    ),
    ("provenance.exists(p, p.builder.startsWith('https://github.com/acme/') && p.vouched_by.builder == 'ca')", false),
    ("provenance.all(p, p.trigger in ['push', 'release'] && size(p.contradicted) == 0)", true),
    ("signatures.all(s, s.signed_at <= now && now - s.signed_at < duration('2400h'))", true),
    ("requirements.exists(r, r.id == 'intact' && r.answer == 'yes') && !('md5' in artifact.digests)", false),
];

fn measure(criterion: &mut Criterion, name: &str, dossier: &Dossier, terms: &Terms<'_>) {
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(|| dossier.clone(), |dossier| black_box(appraise(dossier, terms)), BatchSize::SmallInput);
    });
}

/// Ten attestations against forty requirements, without and with rules.
fn forty(criterion: &mut Criterion) {
    let (expectations, registry, dossier) = (expectations(), Registry::default(), ten_attestations());
    for rules in [&RULES[..0], &RULES[..]] {
        let text = policy_text(40, rules);
        let (policy, count) = (Policy::parse(&text, "measured").unwrap(), rules.len());
        let terms = Terms {
            policy: &policy,
            environment: "production",
            expectations: &expectations,
            registry: &registry,
            at: Time::from_unix(0),
        };
        let verdict = appraise(dossier.clone(), &terms).unwrap();
        let holding = verdict.other.iter().filter(|one| one.reason == "rule-holds").count();
        assert_eq!(holding, count, "every rule is evaluated to its end");
        let name = format!("appraise 10 attestations: 40 requirements, {count} rules");
        measure(criterion, &name, &dossier, &terms);
        criterion.bench_function(&format!("load 40 requirements, {count} rules"), |bencher| {
            bencher.iter(|| Policy::parse(black_box(&text), "measured").unwrap());
        });
    }
}

fn benches(criterion: &mut Criterion) {
    let (policy, expectations, registry) = (Policy::built_in(), expectations(), Registry::default());
    let terms = Terms {
        policy: &policy,
        environment: "production",
        expectations: &expectations,
        registry: &registry,
        at: Time::from_unix(0),
    };
    // One signature is the usual case, sixty-four the limit.
    for signatures in [1, 64] {
        measure(criterion, &format!("appraise {signatures} signatures"), &dossier(signatures), &terms);
    }
    criterion.bench_function("load the built-in policy's text", |bencher| {
        bencher.iter(|| Policy::parse(black_box(BUILT_IN), "built-in").unwrap());
    });
}

criterion_group! {
    name = appraisal;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = benches, forty
}
criterion_main!(appraisal);
