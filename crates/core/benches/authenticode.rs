//! Authenticode inside one process: reading alone, and the whole examination with every check.
//! Whole processes are measured against openssl and osslsigncode by `cargo xtask bench`.

#![allow(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    missing_docs,
    reason = "benchmarks read files"
)]

use std::hint::black_box;
use std::path::Path;

use countersign::artifact::{Artifact, Content};
use countersign::encoding::cms::SignedData;
use countersign::encoding::pe::{Image, Table};
use countersign::examine::examine;
use countersign::material::{Limits, Material};
use countersign::trust::TrustBundle;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn sample() -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/conpty.dll")).unwrap()
}

fn reading(criterion: &mut Criterion) {
    let file = sample();
    let image = Image::open(&file).unwrap().unwrap();
    let place = Table::read(&image, &file, 64).unwrap().entries.remove(0).certificate();
    let blob = &file[usize::try_from(place.start).unwrap()..usize::try_from(place.end).unwrap()];
    criterion.bench_function("pe: open image and table", |bencher| {
        bencher.iter(|| Table::read(&Image::open(black_box(&file)).unwrap().unwrap(), &file, 64));
    });
    criterion.bench_function("cms: parse SignedData", |bencher| bencher.iter(|| SignedData::parse(black_box(blob))));
}

fn examining(criterion: &mut Criterion) {
    let file = sample();
    let material = Material { anchors: TrustBundle::built_in(), ..Material::default() };
    let at = "2026-11-23T00:00:00Z".parse().unwrap();
    let mut group = criterion.benchmark_group("authenticode");
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("examine conpty.dll", |bencher| {
        bencher.iter(|| {
            let artifact = Artifact { name: String::new(), path: String::new(), content: Content::File(&file) };
            examine(black_box(&artifact), &material, at, &Limits::default()).unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, reading, examining);
criterion_main!(benches);
