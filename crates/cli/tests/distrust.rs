//! Lists of what must not be trusted: written by one run, honoured by another.

#![allow(missing_docs)]

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use countersign::crypto::SigningKey;
use countersign::encoding::base64;
use program::{command, run_in, watch};
use tempfile::TempDir;

/// An Ed25519 key with this seed as PKCS #8, and its public key.
fn keys(folder: &Path, name: &str, seed: u8) {
    let head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let der = [&head[..], &[seed; 32]].concat();
    let public = SigningKey::from_pkcs8(&der).unwrap().public_key().spki().to_vec();
    for (kind, label, der) in [("key", "PRIVATE KEY", der), ("pub", "PUBLIC KEY", public)] {
        let pem = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64::encode(&der));
        fs::write(folder.join(format!("{name}.{kind}")), pem).unwrap();
    }
}

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/conpty.dll")
}

fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(sample(), folder.path().join("a.dll")).unwrap();
    keys(folder.path(), "ours", 7);
    keys(folder.path(), "theirs", 8);
    folder
}

const AT: [&str; 2] = ["--at", "2026-11-25T00:00:00Z"];

fn verify(folder: &Path, options: &[&str]) -> program::Ran {
    run_in(folder, &[&["verify", "--format", "json", "a.dll"], &AT[..], options].concat())
}

#[test]
fn a_denied_file_is_distrusted_and_the_list_is_named() {
    let folder = folder();
    let deny = ["deny", "--file", "a.dll", "--reason", "malware", "--note", "dropper", "--key", "ours.key"];
    run_in(folder.path(), &[&deny[..], &["--dated", "2026-11-01T00:00:00Z", "-o", "deny.json"]].concat())
        .expect(0)
        .says(&["1 entries", "signed by key"]);
    let ran = verify(folder.path(), &["--distrust", "deny.json", "--distrust-key", "ours.pub"]).expect(1);
    let verdict = ran.json();
    assert_eq!(verdict["signatures"][0]["state"], "distrusted");
    assert_eq!(verdict["questions"]["signed"]["answer"], "yes");
    assert_eq!(verdict["questions"]["signer"]["answer"], "no");
    let list = &verdict["material"]["distrust"][0];
    assert_eq!((&list["name"], &list["dated"]), (&"deny list".into(), &"2026-11-01T00:00:00Z".into()));
    assert_eq!(list["signed_by"].as_str().map(str::len), Some(64));
    let text = run_in(folder.path(), &["verify", "a.dll", "--distrust", "deny.json"]).expect(1);
    text.says(&["known-abused", "dropper", "distrust list `deny list`"]);
}

#[test]
fn lists_that_are_not_signed_as_they_must_be_end_the_run() {
    let folder = folder();
    let deny = ["deny", "--file", "a.dll", "--reason", "malware", "-o"];
    run_in(folder.path(), &[&deny[..], &["plain.json"]].concat()).expect(0);
    run_in(folder.path(), &[&deny[..], &["theirs.json", "--key", "theirs.key"]].concat()).expect(0);
    for list in ["plain.json", "theirs.json"] {
        verify(folder.path(), &["--distrust", list]).expect(1);
        verify(folder.path(), &["--distrust", list, "--distrust-key", "ours.pub"])
            .expect(2)
            .says(&[list, "signature is not accepted"]);
    }
    verify(folder.path(), &["--distrust", "theirs.json", "--distrust-key", "ours.pub", "--distrust-key", "theirs.pub"])
        .expect(1);
    let spoilt = fs::read_to_string(folder.path().join("theirs.json")).unwrap().replace("\"sig\":\"", "\"sig\":\"AAAA");
    fs::write(folder.path().join("theirs.json"), spoilt).unwrap();
    verify(folder.path(), &["--distrust", "theirs.json", "--distrust-key", "theirs.pub"]).expect(2);
    verify(folder.path(), &["--distrust-key", "ours.pub"]).expect(2).says(&["no list is given"]);
    verify(folder.path(), &["--distrust", "a.dll"]).expect(2).says(&["a.dll", "no distrust list"]);
    verify(folder.path(), &["--distrust", "missing.json"]).expect(2).says(&["missing.json"]);
}

#[test]
fn the_environment_names_lists_too() {
    let folder = folder();
    run_in(folder.path(), &["deny", "--file", "a.dll", "--reason", "malware", "-o", "deny.json"]).expect(0);
    let ran = watch(
        command()
            .current_dir(folder.path())
            .env("COUNTERSIGN_DISTRUST", "deny.json")
            .args(["verify", "--format", "json", "a.dll"]),
    );
    assert_eq!(ran.expect(1).json()["signatures"][0]["state"], "distrusted");
}

#[test]
fn a_list_is_extended_whole_or_not_at_all() {
    let folder = folder();
    let deny =
        |what: &[&str]| run_in(folder.path(), &[&["deny", "--reason", "stolen-key", "-o", "d.json"], what].concat());
    let serial = ["--issuer", "CN=Some CA, O=Some", "--serial", "00ab"];
    deny(&[&serial[..], &["--key", "ours.key"]].concat()).expect(0);
    let before = fs::read(folder.path().join("d.json")).unwrap();
    deny(&serial).expect(2).says(&["is there already"]);
    deny(&[&serial[..], &["--append"]].concat()).expect(2).says(&["the list is signed"]);
    deny(&[&serial[..], &["--append", "--key", "theirs.key"]].concat()).expect(2).says(&["signature is not accepted"]);
    deny(&["--spki", "00", "--append", "--key", "ours.key"]).expect(2).says(&["--spki"]);
    fs::write(folder.path().join(".d.json.new"), "").unwrap();
    deny(&["--spki", &"0".repeat(64), "--append", "--key", "ours.key"]).expect(2).says(&["another run"]);
    fs::remove_file(folder.path().join(".d.json.new")).unwrap();
    assert_eq!(fs::read(folder.path().join("d.json")).unwrap(), before, "what failed left nothing behind");
    deny(&["--spki", &"0".repeat(64), "--append", "--key", "ours.key"]).expect(0).says(&["2 entries"]);
    // What is named again takes the place of what was there.
    deny(&[&serial[..], &["--append", "--key", "ours.key", "--since", "2026-01-01T00:00:00Z"]].concat())
        .expect(0)
        .says(&["2 entries"]);
    deny(&["--identity", r#"{"team-id":"ABCDE12345"}"#, "--append", "--key", "ours.key"])
        .expect(0)
        .says(&["3 entries"]);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{names:?}");
    deny(&["--serial", "00"]).expect(2);
    deny(&["--spki", &"0".repeat(64), "--serial", "00", "--issuer", "CN=x"]).expect(2);
}

#[test]
fn lists_of_others_are_imported_and_what_is_left_out_is_told() {
    let folder = folder();
    let md5 = "ab".repeat(16);
    let text = format!(
        "Cert MD5,Serial,Subject,Issuer,Country,Valid From,Valid To,Sample,Abuse Type\n{md5},1,Foo,CA,CN,,,,Steal Certificate Key\nbad,2,Foo,CA,CN,,,,Unspecified\n"
    );
    fs::write(folder.path().join("a.csv"), text).unwrap();
    let import = ["trust", "import-distrust", "a.csv", "--key", "ours.key", "-o", "list.json"];
    run_in(folder.path(), &import).expect(0).says(&["1 entries", "1 stolen-key", "left out 1", "signed by key"]);
    verify(folder.path(), &["--distrust", "list.json", "--distrust-key", "ours.pub"]);
    run_in(folder.path(), &["trust", "import-distrust", "list.json", "-o", "again.json"])
        .expect(0)
        .says(&["1 entries"]);
    run_in(folder.path(), &["trust", "import-distrust", "a.dll", "-o", "x.json"])
        .expect(2)
        .says(&["no list that is read"]);
    assert!(!folder.path().join("x.json").exists());
}
