//! Appraisal and the loading of policies: `cargo bench -p countersign --bench appraise`.
//!
//! The goal is two milliseconds with a policy (reference/provenance.md §7); cryptography is not part of it.

#![allow(missing_docs, clippy::indexing_slicing, clippy::unwrap_used)]

#[path = "../tests/dossiers/mod.rs"]
mod dossiers;

use std::hint::black_box;
use std::time::Duration;

use countersign::appraise::{Terms, appraise};
use countersign::dossier::Dossier;
use countersign::policy::{BUILT_IN, Expectations, Policy};
use countersign::registry::Registry;
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

fn expectations() -> Expectations {
    Expectations {
        signer: Some("https://github.com/acme/app/*".to_owned()),
        issuer: Some("https://token.actions.githubusercontent.com".to_owned()),
        source: Some("github.com/acme/app".to_owned()),
        builder: Some(BUILDER.to_owned()),
        ..Expectations::default()
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
        let dossier = dossier(signatures);
        criterion.bench_function(&format!("appraise {signatures} signatures"), |bencher| {
            bencher.iter_batched(
                || dossier.clone(),
                |dossier| black_box(appraise(dossier, &terms)),
                BatchSize::SmallInput,
            );
        });
    }
    criterion.bench_function("load the built-in policy's text", |bencher| {
        bencher.iter(|| Policy::parse(black_box(BUILT_IN), "built-in").unwrap());
    });
}

criterion_group! {
    name = appraisal;
    config = Criterion::default().measurement_time(Duration::from_secs(3));
    targets = benches
}
criterion_main!(appraisal);
