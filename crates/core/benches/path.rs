//! Certificates and paths, on the real three-certificate chain of x509-limbo (`cryptographydotio-chain`), beside
//! rustls-webpki on the same chain: `cargo bench -p countersign --bench path`.

#![allow(missing_docs, clippy::disallowed_methods, clippy::indexing_slicing, clippy::print_stderr, clippy::unwrap_used)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Duration;

use countersign::encoding::pem;
use countersign::encoding::x509::Certificate;
use countersign::pki::anchor::{Anchor, Purpose};
use countersign::pki::path::{PathQuery, build_path};
use countersign::time::Time;
use criterion::{Criterion, criterion_group, criterion_main};
use rustls_pki_types::{CertificateDer, UnixTime};

struct Chain {
    anchors: Vec<Anchor>,
    intermediates: Vec<Certificate>,
    leaf: Certificate,
    at: Time,
}

fn chain() -> Option<Chain> {
    let path =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/pki/x509-limbo/limbo-nobtls.json");
    let Ok(text) = std::fs::read(&path) else {
        eprintln!("SKIPPED: no x509-limbo at {}", path.display());
        return None;
    };
    let suite: serde_json::Value = serde_json::from_slice(&text).unwrap();
    let cases = suite["testcases"].as_array().unwrap();
    let case = cases.iter().find(|case| case["id"] == "webpki::cryptographydotio-chain").unwrap();
    let one = |text: &serde_json::Value| pem::certificates(text.as_str().unwrap().as_bytes()).unwrap().remove(0);
    let all = |field: &str| case[field].as_array().unwrap().iter().map(one).collect::<Vec<_>>();
    Some(Chain {
        anchors: all("trusted_certs").into_iter().map(|certificate| Anchor::unlimited(certificate, "limbo")).collect(),
        intermediates: all("untrusted_intermediates"),
        leaf: one(&case["peer_certificate"]),
        at: case["validation_time"].as_str().unwrap().parse().unwrap(),
    })
}

fn benches(criterion: &mut Criterion) {
    let Some(chain) = chain() else { return };
    criterion.bench_function("parse one certificate", |bencher| {
        bencher.iter(|| Certificate::from_der(black_box(chain.leaf.der())).unwrap());
    });
    let query = PathQuery::new(&chain.leaf, &chain.intermediates, &chain.anchors, Purpose::ServerAuth, chain.at);
    assert!(build_path(&query).accepted().is_some(), "{:?}", build_path(&query).faults());
    criterion.bench_function("validate a chain of three", |bencher| {
        bencher.iter(|| assert!(build_path(black_box(&query)).accepted().is_some()));
    });
    webpki_beside(criterion, &chain);
}

/// The peer on the same chain, anchors and parsed intermediates made ready outside of the loop as above.
fn webpki_beside(criterion: &mut Criterion, chain: &Chain) {
    let der = |certificate: &Certificate| CertificateDer::from(certificate.der().to_vec());
    let (leaf, roots) = (der(&chain.leaf), chain.anchors.iter().map(|a| der(&a.certificate)).collect::<Vec<_>>());
    let intermediates: Vec<_> = chain.intermediates.iter().map(der).collect();
    let anchors: Vec<_> = roots.iter().map(|root| webpki::anchor_from_trusted_cert(root).unwrap()).collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(chain.at.unix().try_into().unwrap()));
    criterion.bench_function("validate a chain of three, rustls-webpki", |bencher| {
        bencher.iter(|| {
            let leaf = webpki::EndEntityCert::try_from(black_box(&leaf)).unwrap();
            let usage = webpki::KeyUsage::server_auth();
            let algorithms = webpki::ALL_VERIFICATION_ALGS;
            leaf.verify_for_usage(algorithms, &anchors, &intermediates, at, usage, None, None).unwrap();
        });
    });
}

criterion_group!(path, benches);
criterion_main!(path);
