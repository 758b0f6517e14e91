//! One Sigstore bundle in process: reading, every check, binding to the artifact. Prints the median.
//!
//! `cargo bench -p countersign --bench sigstore`; needs the public cases at `../shared/corpus`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    dead_code,
    missing_docs,
    unreachable_pub
)]

#[path = "../tests/sigstore/mod.rs"]
mod sigstore;

use std::fs;
use std::hint::black_box;
use std::time::Instant;

use countersign::evidence::State;
use countersign::material::EvidenceFile;
use countersign::tlog::trusted_root::TrustedRoot;
use sigstore::cases;

const ROUNDS: usize = 300;

const BUNDLES: [(&str, &str); 5] = [
    ("happy-path-v0.3", "keyless, hashedrekord 0.0.1"),
    ("happy-path-intoto-in-dsse-v3", "keyless, statement, dsse 0.0.1"),
    ("intoto-with-custom-trust-root", "keyless, statement, intoto 0.0.2, timestamp"),
    ("rekor2-timestamp-with-embedded-cert", "keyless, Rekor v2, timestamp"),
    ("managed-key-happy-path", "key, hashedrekord 0.0.1, timestamp"),
];

fn median(mut work: impl FnMut()) -> f64 {
    let mut times: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[ROUNDS / 2]
}

fn main() {
    let roots = median(|| drop(black_box(TrustedRoot::accepted_by_default())));
    println!("{roots:8.3} ms  reading the built-in trusted roots");
    for (id, what) in BUNDLES {
        let Some(case) = cases("sigstore-conformance").into_iter().find(|case| case.id == id) else { return };
        let mut material = case.material().unwrap();
        let bytes = fs::read(&case.evidence()[0]).unwrap();
        material.evidence.push(EvidenceFile { path: id.to_owned(), bytes });
        assert_eq!(case.examine_with(&material).signatures[0].state(), State::Valid);
        let time = median(|| drop(black_box(case.examine_with(&material))));
        println!("{time:8.3} ms  {id}: {what}");
    }
}
