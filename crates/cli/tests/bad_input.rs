//! What is wrong with the input: a clear message, the right exit code, bounded time and memory.

#![allow(missing_docs)]

mod program;

use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use program::{run, run_in};
use tempfile::TempDir;

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn an_empty_file_is_unsigned() {
    let folder = folder(&[("empty", b"")]);
    let ran = run_in(folder.path(), &["verify", "--format", "json", "empty"]).expect(1).within(5);
    assert_eq!(ran.json()["questions"]["signed"]["answer"], "no");
    assert_eq!(ran.json()["artifact"]["size"], 0);
}

#[test]
fn a_missing_file_cannot_be_judged() {
    run(&["verify", "no/such/file"]).expect(2).says(&["no/such/file", "no such file", "check the path"]);
}

#[test]
fn a_missing_file_among_others_makes_the_run_fail_and_the_others_are_judged() {
    let folder = folder(&[("a", b"x")]);
    let ran =
        run_in(folder.path(), &["verify", "--format", "json", "a", "missing"]).expect(2).says(&["missing: no such"]);
    assert_eq!(ran.json().as_array().unwrap().len(), 1);
}

#[test]
fn a_statement_about_a_key_that_is_none_cannot_be_used() {
    let folder = folder(&[("a", b"x"), ("tpm.json", br#"{"format":"countersign/tpm2-certify/v1"}"#), ("b", b"y")]);
    for file in ["tpm.json", "b"] {
        run_in(folder.path(), &["verify", "--key-attestation", file, "a"]).expect(2).says(&[file]);
        run_in(folder.path(), &["verify", "--attestation-anchor", file, "a"]).expect(2).says(&[file]);
    }
}

#[test]
fn a_directory_is_no_bundle() {
    let folder = folder(&[("a", b"x")]);
    fs::create_dir(folder.path().join("dir")).unwrap();
    run_in(folder.path(), &["verify", "-e", "dir", "a"])
        .expect(2)
        .says(&["dir: is a directory", "expected a regular file"]);
}

#[test]
fn a_truncated_bundle_is_named_and_admits_nothing() {
    let text =
        br#"{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"certificate":{"#;
    let folder = folder(&[("a", b"x"), ("a.sigstore.json", text)]);
    let ran = run_in(folder.path(), &["verify", "a"]).within(5).says(&["a.sigstore.json"]);
    assert!(matches!(ran.code, 1 | 3), "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn deep_nesting_ends_at_a_limit() {
    let json = [b"{\"a\":".repeat(100_000), b"1".to_vec(), b"}".repeat(100_000)].concat();
    let list = [b"[".repeat(1_000_000), b"]".repeat(1_000_000)].concat();
    // Each level is a SEQUENCE of indefinite length.
    let der = [0x30_u8, 0x80].repeat(500_000);
    for (name, bytes) in [("deep.json", &json), ("deep.list", &list), ("deep.der", &der)] {
        let folder = folder(&[("a", b"x"), (name, bytes)]);
        let evidence = run_in(folder.path(), &["verify", "-e", name, "a"]).within(10).says(&[name]);
        assert!(matches!(evidence.code, 1..=3), "{}{}", evidence.stdout, evidence.stderr);
        run_in(folder.path(), &["verify", name]).within(10).expect(1);
        for option in ["--key", "--anchor", "--trusted-root", "--policy"] {
            run_in(folder.path(), &["verify", option, name, "a"]).within(10).expect(2).says(&[name]);
        }
    }
}

/// A PE image (PE32) without sections, with this certificate table ([MS-PE] "The Attribute Certificate Table").
fn image_with_table(table: &[u8]) -> Vec<u8> {
    const HEADERS: usize = 0x200;
    let mut image = vec![0; HEADERS];
    let mut put = |at: usize, bytes: &[u8]| image[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, b"MZ");
    put(0x3c, &0x40_u32.to_le_bytes());
    put(0x40, b"PE\0\0");
    put(0x44, &0x14c_u16.to_le_bytes());
    put(0x54, &0xe0_u16.to_le_bytes());
    put(0x58, &0x10b_u16.to_le_bytes());
    put(0x58 + 60, &u32::try_from(HEADERS).unwrap().to_le_bytes());
    put(0x58 + 92, &16_u32.to_le_bytes());
    put(0x58 + 96 + 4 * 8, &u32::try_from(HEADERS).unwrap().to_le_bytes());
    put(0x58 + 96 + 4 * 8 + 4, &u32::try_from(table.len()).unwrap().to_le_bytes());
    image.extend_from_slice(table);
    image
}

#[test]
fn a_table_of_ten_thousand_signatures_ends_at_a_limit() {
    // Length 16, revision 2.0, type PKCS #7, and a SEQUENCE that is cut off.
    let entry = [16, 0, 0, 0, 0, 2, 2, 0, 0x30, 0x82, 0xff, 0xff, 6, 9, 0x2a, 0x86];
    let folder = folder(&[("many.exe", &image_with_table(&entry.repeat(10_000)))]);
    let ran = run_in(folder.path(), &["verify", "--format", "json", "many.exe"]).within(10);
    assert!(matches!(ran.code, 1 | 3), "{}", ran.stderr);
    let verdict = ran.json();
    assert_eq!(verdict["artifact"]["format"], "pe");
    let listed = verdict["signatures"].as_array().unwrap().len();
    assert!((1..=64).contains(&listed), "{listed} signatures listed");
    assert_ne!(verdict["questions"]["signed"]["answer"], "yes");
    if let Some(peak) = ran.peak_kib {
        assert!(peak <= 64 << 10, "{peak} KiB resident");
    }
}

#[test]
fn an_image_layout_that_is_not_whole_is_refused() {
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let index = |text: &str| {
        let folder = folder(&[("a", b"x"), ("oci-layout", b"{}"), ("index.json", text.as_bytes())]);
        fs::create_dir_all(folder.path().join("blobs/sha256")).unwrap();
        folder
    };
    let refused = |folder: &TempDir, words: &[&str]| {
        run_in(folder.path(), &["verify", "-e", ".", "a"]).expect(2).says(words);
    };
    refused(&index("{"), &["index.json"]);
    refused(&index(r#"{"manifests":[]}"#), &["without signatures or attestations"]);
    refused(&index(r#"{"manifests":[{"mediaType":"a","digest":"../../../etc/passwd"}]}"#), &["index.json", "digest"]);
    let leading = format!(
        r#"{{"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:{digest}"}}]}}"#
    );
    let folder = index(&leading);
    refused(&folder, &[digest, "no such file"]);
    fs::write(folder.path().join("blobs/sha256").join(digest), "other content").unwrap();
    refused(&folder, &[digest, "its content has the digest"]);
}

#[test]
fn evidence_beyond_the_memory_limit_is_refused() {
    let folder = folder(&[("a", b"x"), ("a.sig", &[b' '; 2_000])]);
    let arguments = ["verify", "--limit", "memory-bytes=1000", "a"];
    run_in(folder.path(), &arguments).expect(2).says(&[
        "a.sig",
        "2000 bytes",
        "limit of 1000",
        "--limit memory-bytes=",
    ]);
    run_in(folder.path(), &["verify", "--limit", "memory-bytes=1000", "--no-discover", "a"]).expect(1);
}

#[test]
fn what_is_no_key_is_named() {
    let folder = folder(&[("a", b"x"), ("key", b"untrusted comment: minisign public key\nRWQ")]);
    run_in(folder.path(), &["verify", "-k", "key", "a"])
        .expect(2)
        .says(&["key:", "expected a public key or a certificate"]);
}

/// An Ed25519 public key as OpenSSH writes it.
fn openssh_key() -> String {
    let blob = [&b"\0\0\0\x0bssh-ed25519\0\0\0\x20"[..], &[7; 32]].concat();
    format!("ssh-ed25519 {} who ever", countersign::encoding::base64::encode(&blob))
}

#[test]
fn keys_of_openssh_are_read_and_a_line_that_cannot_be_is_named() {
    let key = openssh_key();
    let several = format!("# ours\n\n{key}\r\n{key}\n");
    let options = format!("{key}\nno-pty {key}\n");
    let token = key.replace("ssh-ed25519", "sk-ssh-ed25519@openssh.com");
    let folder = folder(&[("a", b"x"), ("keys", several.as_bytes()), ("options", options.as_bytes())]);
    std::fs::write(folder.path().join("token"), token).unwrap();
    run_in(folder.path(), &["verify", "--key", "keys", "a"]).expect(1);
    run_in(folder.path(), &["verify", "--layout", "a", "--layout-key", "keys", "a"]).expect(2).says(&["a: "]);
    for option in [&["--key"][..], &["--layout", "a", "--layout-key"]] {
        let with = |file| run_in(folder.path(), &[&["verify"], option, &[file, "a"]].concat()).expect(2);
        with("options").says(&["options: line 2:", "no effect"]);
        with("token").says(&["token: line 1:"]);
    }
}

#[test]
fn a_private_key_given_by_mistake_is_named_and_not_repeated() {
    const SECRET: &str = "c2VjcmV0";
    for label in ["PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        for body in [SECRET.to_owned(), format!("Proc-Type: 4,ENCRYPTED\n\n{SECRET}")] {
            let text = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
            let folder = folder(&[("a", b"x"), ("key", text.as_bytes())]);
            let ran = run_in(folder.path(), &["verify", "-k", "key", "a"]).expect(2);
            assert!(!ran.stderr.contains(SECRET), "{}", ran.stderr);
            ran.says(&["key: holds a private key"]);
        }
    }
}

#[test]
fn a_misspelt_option_gets_a_suggestion() {
    run(&["verify", "--sginer", "x", "a"]).expect(2).says(&["--sginer", "--signer"]);
    run(&["verfy", "a"]).expect(2).says(&["verfy", "verify"]);
    run(&["verify", "--format", "jsn", "a"]).expect(2).says(&["jsn", "json"]);
    run(&["explain", "--question", "signd", "a"]).expect(2).says(&["signd", "signed"]);
}

#[test]
fn a_file_instead_of_a_command_gets_a_hint() {
    let folder = folder(&[("app.exe", b"x")]);
    run_in(folder.path(), &["app.exe"]).expect(2).says(&["countersign verify app.exe"]);
}

#[test]
fn options_that_are_not_supported_are_refused_and_never_ignored() {
    let folder = folder(&[("a", b"x")]);
    for arguments in [&["--online"][..], &["--vsa-verifier", "a"], &["--layout", "a"]] {
        let all = [&["verify"], arguments, &["a"]].concat();
        run_in(folder.path(), &all).expect(2).says(&[arguments[0]]);
    }
}

#[test]
fn values_that_mean_nothing_are_refused() {
    let folder = folder(&[("a", b"x")]);
    let bad: [(&[&str], &str); 9] = [
        (&["--at", "yesterday"], "RFC 3339"),
        (&["--at", "2026-13-01T00:00:00Z"], "RFC 3339"),
        (&["--limit", "bytes=1"], "artifact-bytes"),
        (&["--limit", "seconds=soon"], "no number"),
        (&["--workflow-input", "novalue"], "NAME=VALUE"),
        (&["--environment", "prodution"], "production"),
        (&["--trusted-root", "a"], "a"),
        (&["--ocsp", "a"], "OCSP response"),
        (&["--crl", "a"], "revocation list"),
    ];
    for (arguments, word) in bad {
        run_in(folder.path(), &[&["verify"], arguments, &["a"]].concat()).expect(2).says(&[word]);
    }
}

#[test]
fn a_bad_digest_is_refused() {
    for digest in ["sha256:00", "sha256", "sha3:00", "sha256:zz", ""] {
        run(&["verify", "--digest", digest]).expect(2).says(&["expected ALGORITHM:HEX"]);
    }
    let zeros = format!("sha256:{}", "0".repeat(64));
    run(&["verify", "--digest", &zeros, "a"]).expect(2).says(&["cannot be used with"]);
    assert_ne!(run(&["verify", "--digest", &zeros]).code, 0);
}

#[test]
fn a_broken_policy_is_reported_whole() {
    let policy = b"schema = 1\nname = \"x\"\n[environment.production.signd]\nintact = \"required\"\n";
    let folder = folder(&[("a", b"x"), ("p.toml", policy), ("q.toml", b"\xff\xfe")]);
    run_in(folder.path(), &["verify", "--policy", "p.toml", "a"]).expect(2).says(&["p.toml:3:", "signed"]);
    run_in(folder.path(), &["policy", "check", "p.toml"]).expect(2).says(&["p.toml:3:"]);
    run_in(folder.path(), &["policy", "check", "q.toml"]).expect(2).says(&["q.toml", "not UTF-8"]);
}

#[test]
fn an_expectation_is_judged_even_where_the_policy_asks_for_none() {
    let folder = folder(&[("a", b"x")]);
    let arguments = ["verify", "--format", "json", "--environment", "lab", "--signer", "Somebody", "a"];
    let ran = run_in(folder.path(), &arguments).expect(1);
    let requirements = ran.json()["questions"]["signer"]["requirements"].clone();
    let expected = requirements.as_array().unwrap().iter().find(|one| one["id"] == "expected").cloned();
    assert_ne!(expected.expect("the expectation is judged")["answer"], "yes");
}

#[test]
fn an_empty_directory_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    run(&[PathBuf::from("verify"), folder.path().into()]).expect(2).says(&["holds no file to judge"]);
}

#[test]
fn a_time_limit_is_evidence_and_not_a_crash() {
    let folder = folder(&[("a", &[0; 100_000])]);
    let ran = run_in(folder.path(), &["verify", "--format", "json", "--limit", "seconds=0", "a"]).within(5);
    assert!(matches!(ran.code, 1 | 3), "{}", ran.stderr);
    assert_eq!(ran.json()["artifact"]["digests"].as_object().unwrap().len(), 0);
}

#[test]
fn nothing_breaks_when_nobody_reads_the_output() {
    let mut child = program::command().args(["trust", "show"]).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_name_that_is_not_utf8_works_and_is_said_so() {
        let folder = tempfile::tempdir().unwrap();
        let name = OsStr::from_bytes(b"caf\xe9.bin");
        fs::write(folder.path().join(name), "x").unwrap();
        let arguments = [OsStr::new("verify"), OsStr::new("--format"), OsStr::new("json"), name];
        let ran = run_in(folder.path(), &arguments).expect(1).says(&["not UTF-8"]);
        assert_eq!(ran.json()["artifact"]["name"], "caf\\xe9.bin");
    }

    #[test]
    fn a_name_cannot_write_to_the_terminal() {
        let name = "a\u{1b}[2J\u{202e}exe.\u{9b}31m\n";
        let folder = folder(&[(name, b"x"), (&format!("{name}.sig"), b"y")]);
        for format in ["text", "json", "jsonl", "sarif"] {
            let ran = run_in(folder.path(), &["verify", "--format", format, name]).expect(1);
            for character in ['\u{1b}', '\u{202e}', '\u{9b}'] {
                assert!(!ran.stdout.contains(character), "{format}: {:?}", ran.stdout);
                assert!(!ran.stderr.contains(character), "{format}: {:?}", ran.stderr);
            }
        }
        let ran = run_in(folder.path(), &["verify", "--format", "json", name]);
        assert_eq!(ran.json()["artifact"]["path"], name);
        let missing = format!("missing{name}");
        assert!(!run(&["verify", &missing]).expect(2).stderr.contains('\u{1b}'));
    }

    #[test]
    fn an_unreadable_file_is_reported_and_counted() {
        let folder = folder(&[("a", b"x"), ("b", b"x")]);
        fs::set_permissions(folder.path().join("b"), fs::Permissions::from_mode(0o000)).unwrap();
        if File::open(folder.path().join("b")).is_ok() {
            eprintln!("SKIPPED: this user may read everything");
            return;
        }
        run_in(folder.path(), &["verify", "b"]).expect(2).says(&["b: permission denied"]);
        run_in(folder.path(), &["verify", "."]).expect(2).says(&["permission denied", "1 could not be judged"]);
    }

    #[test]
    fn a_pipe_is_refused_without_waiting() {
        let folder = folder(&[("a", b"x")]);
        let made = Command::new("mkfifo").arg(folder.path().join("pipe")).status();
        assert!(made.is_ok_and(|status| status.success()), "mkfifo of POSIX");
        run_in(folder.path(), &["verify", "pipe"]).expect(2).within(5).says(&["pipe: is a named pipe"]);
        run_in(folder.path(), &["verify", "-e", "pipe", "a"]).expect(2).within(5).says(&["pipe: is a named pipe"]);
        run_in(folder.path(), &["verify", "."]).expect(2).within(5).says(&["is a named pipe", "1 could not be judged"]);
        run(&["verify", "/dev/zero"]).expect(2).within(5).says(&["is a device"]);
    }

    #[test]
    fn a_huge_sparse_file_takes_little_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge");
        let file = File::create(&path).unwrap();
        file.set_len(5 << 30).unwrap();
        let ran = run_in(folder.path(), &["verify", "--format", "json", "huge"]).expect(1).within(300);
        assert_eq!(ran.json()["artifact"]["size"], 5_u64 << 30);
        match ran.peak_kib {
            Some(peak) => assert!(peak <= 64 << 10, "{peak} KiB resident"),
            None => eprintln!("SKIPPED: this system does not tell how much memory a process uses"),
        }
    }

    #[test]
    fn a_file_that_grows_while_it_is_read_cannot_be_judged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("growing");
        let mut file = File::create(&path).unwrap();
        file.set_len(1 << 30).unwrap();
        let writer = std::thread::spawn(move || {
            for _ in 0..200 {
                std::thread::sleep(Duration::from_millis(10));
                file.write_all(b"x").unwrap();
            }
        });
        run_in(folder.path(), &["verify", "growing"])
            .expect(2)
            .says(&["growing: the file changed while it was being read"]);
        writer.join().unwrap();
    }
}
