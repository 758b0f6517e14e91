//! The suite that is checked in is the one that the generator makes: the same bytes of JSON, every time.

use std::io::Read as _;
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/codesigning-limbo")
}

/// The JSON is compared, not its compression: another version of the compressor may pack it otherwise.
#[test]
fn what_is_checked_in_is_what_is_generated() {
    let packed = std::fs::read(folder().join("limbo.json.xz")).unwrap();
    let mut checked_in = String::new();
    lzma_rust2::XzReader::new(packed.as_slice(), false).read_to_string(&mut checked_in).unwrap();
    let generated = codesigning_limbo::json();
    let line = checked_in.lines().zip(generated.lines()).position(|(left, right)| left != right);
    assert!(checked_in == generated, "they differ from line {line:?} on: run `cargo run -p codesigning-limbo -- DIR`");
    let schema = std::fs::read_to_string(folder().join("limbo-schema.json")).unwrap();
    assert_eq!(schema, codesigning_limbo::schema());
}
