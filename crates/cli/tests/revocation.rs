//! Revocation lists that are kept in the store: one run keeps them, another asks for them.

#![allow(missing_docs)]

mod program;

use std::path::{Path, PathBuf};

use program::{Ran, run_in};

/// Signed by a certificate that its issuer's list revokes from 2023-06-01 on; needs the shared corpus.
fn corpus() -> Option<PathBuf> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/authenticode").canonicalize().ok();
    if corpus.is_none() {
        println!("SKIPPED: ../shared/corpus is not there");
    }
    corpus
}

fn verify(folder: &Path, corpus: &Path, file: &str, more: &[&str]) -> Ran {
    let at = |path: &str| corpus.join(path).to_str().unwrap().to_owned();
    let (file, root, stamps) =
        (at(&format!("pe-synth/{file}")), at("anchors/test-root.crt"), at("anchors/test-tsaroot.crt"));
    let fixed =
        ["verify", &file, "--anchor", &root, "--anchor", &stamps, "--format", "json", "--at", "2026-11-23T20:00:00Z"];
    run_in(folder, &[&fixed[..], more].concat())
}

fn state(ran: &Ran) -> String {
    ran.json()["signatures"][0]["state"].as_str().unwrap().to_owned()
}

#[test]
fn a_list_in_the_store_revokes_what_it_would_revoke_if_it_were_given() {
    let Some(corpus) = corpus() else { return };
    let folder = tempfile::tempdir().unwrap();
    let list = corpus.join("anchors/inter.crl.pem");
    let kept =
        ["trust", "import-revocation", list.to_str().unwrap(), "--source", "https://ca.test/crl", "--store", "s.db"];
    run_in(folder.path(), &kept).expect(0).says(&["list", "next due", "https://ca.test/crl"]);
    run_in(folder.path(), &["trust", "show", "--revocation", "--store", "s.db"])
        .expect(0)
        .says(&["https://ca.test/crl"]);
    let ask = |file: &str, more: &[&str]| verify(folder.path(), &corpus, file, more);
    let (late, early) = ("revoked_ts_after.exe", "revoked_ts_before.exe");
    assert_eq!(state(&ask(late, &[])), "valid");
    let with_store = ask(late, &["--store", "s.db"]).says(&["kept in the store since", "from https://ca.test/crl"]);
    assert_eq!(state(&with_store), "revoked");
    assert_eq!(state(&ask(late, &["--crl", list.to_str().unwrap()])), "revoked");
    // Made before the revocation, as a timestamp proves.
    let before = ask(early, &["--store", "s.db"]).says(&["revoked-since"]);
    assert_eq!(state(&before), "valid");
}

#[test]
fn what_is_no_revocation_information_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.crl"), "no list").unwrap();
    let import = ["trust", "import-revocation", "x.crl", "--store", "s.db"];
    run_in(folder.path(), &import)
        .expect(2)
        .says(&["x.crl", "neither a certificate revocation list nor an OCSP response"]);
    assert!(!folder.path().join("s.db").exists());
    run_in(folder.path(), &["trust", "show", "--revocation", "--store", "s.db"])
        .expect(2)
        .says(&["there is no store here"]);
}

#[test]
fn a_store_has_no_anchors_to_show() {
    let folder = tempfile::tempdir().unwrap();
    run_in(folder.path(), &["trust", "show", "--store", "s.db"]).expect(2).says(&["--store", "--revocation"]);
}
