//! Signatures of `ssh-keygen -Y sign` with fresh keys, judged by us and by `ssh-keygen -Y verify`: good ones, changed in each
//! part, over another message and in another namespace.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "tests write files and run programs"
)]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use countersign::crypto::PublicKey;
use countersign::encoding::dsse::{GITTUF, pre_authentication_encoding};
use countersign::encoding::ssh::{SshSignature, public_keys};
use countersign::encoding::{base64, pem};

const NAMESPACE: &str = "git";

/// Kinds of keys: name, and options of `ssh-keygen`.
const KEYS: [(&str, &[&str]); 5] = [
    ("ed25519", &["-t", "ed25519"]),
    ("p256", &["-t", "ecdsa", "-b", "256"]),
    ("p384", &["-t", "ecdsa", "-b", "384"]),
    ("p521", &["-t", "ecdsa", "-b", "521"]),
    ("rsa", &["-t", "rsa", "-b", "3072"]),
];

/// Of each signature, one byte in so many is changed: a prime, so that over all keys most fields are met.
const STRIDE: usize = 7;

/// The last byte of the version. OpenSSH refuses higher ones alone; there is no version 0.
const VERSION: usize = 9;

/// A key that `ssh-keygen` made.
struct Pair {
    /// Its private half; the public one beside it ends in `.pub`.
    file: PathBuf,
    public: PublicKey,
}

fn is_here() -> bool {
    let found = Command::new("ssh-keygen").arg("-?").output().is_ok();
    if !found {
        eprintln!("SKIPPED: no ssh-keygen on this machine");
    }
    found
}

fn keygen() -> Command {
    let mut command = Command::new("ssh-keygen");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn pair(folder: &Path, name: &str, options: &[&str]) -> Pair {
    let file = folder.join(name);
    let made = keygen().args(["-q", "-N", "", "-C", "who ever", "-f"]).arg(&file).args(options).status();
    assert!(made.unwrap().success(), "{name}");
    let [public] = <[PublicKey; 1]>::try_from(public_keys(&public_text(&file)).unwrap()).unwrap();
    Pair { file, public }
}

fn public_text(file: &Path) -> Vec<u8> {
    fs::read(file.with_extension("pub")).unwrap()
}

fn message() -> Vec<u8> {
    pre_authentication_encoding(GITTUF, br#"{"type":"https://in-toto.io/Statement/v1"}"#)
}

fn sign(folder: &Path, pair: &Pair, namespace: &str, digest: &str) -> Vec<u8> {
    let file = folder.join("message");
    fs::write(&file, message()).unwrap();
    let signature = folder.join("message.sig");
    let _ = fs::remove_file(&signature);
    let option = format!("hashalg={digest}");
    let signed =
        keygen().args(["-Y", "sign", "-n", namespace, "-O", &option, "-f"]).arg(&pair.file).arg(&file).status();
    assert!(signed.unwrap().success(), "{}", pair.file.display());
    fs::read(signature).unwrap()
}

fn ours(pair: &Pair, signature: &[u8], message: &[u8]) -> bool {
    SshSignature::read(signature, NAMESPACE).is_ok_and(|signature| signature.verify(&pair.public, message).is_ok())
}

fn theirs(folder: &Path, pair: &Pair, signature: &[u8], message: &[u8]) -> bool {
    let (allowed, written, signed) = (folder.join("allowed"), folder.join("signature"), folder.join("signed"));
    fs::write(&allowed, [b"somebody ", &public_text(&pair.file)[..]].concat()).unwrap();
    fs::write(&written, signature).unwrap();
    fs::write(&signed, message).unwrap();
    let mut command = keygen();
    command.args(["-Y", "verify", "-I", "somebody", "-n", NAMESPACE, "-f"]).arg(allowed).arg("-s").arg(written);
    command.stdin(File::open(signed).unwrap()).status().unwrap().success()
}

/// The binary form in a text.
fn blob(text: &[u8]) -> Vec<u8> {
    pem::blocks(text).unwrap()[0].der.clone()
}

fn armoured(blob: &[u8]) -> Vec<u8> {
    let text = base64::encode(blob);
    let lines: Vec<_> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n")).into_bytes()
}

#[test]
fn good_and_changed_signatures_are_judged_alike() {
    if !is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let pairs: Vec<Pair> = KEYS.iter().map(|(name, options)| pair(folder, name, options)).collect();
    let (mut asked, mut held) = (0, 0);
    let mut agree = |pair: &Pair, signature: &[u8], message: &[u8], expected: bool, what: &str| {
        let (ours, theirs) = (ours(pair, signature, message), theirs(folder, pair, signature, message));
        assert_eq!((ours, theirs), (expected, expected), "{}: {what}", pair.file.display());
        asked += 1;
        held += u32::from(ours);
    };
    for (index, pair) in pairs.iter().enumerate() {
        for digest in ["sha256", "sha512"] {
            let signature = sign(folder, pair, NAMESPACE, digest);
            agree(pair, &signature, &message(), true, digest);
            agree(pair, &armoured(&blob(&signature)), &message(), true, "written again");
            agree(pair, &signature, &[&message()[..], b" "].concat(), false, "another message");
            let other = &pairs[(index + 1) % pairs.len()];
            agree(other, &signature, &message(), false, "another key");
        }
        let elsewhere = sign(folder, pair, "file", "sha512");
        agree(pair, &elsewhere, &message(), false, "another namespace");
        let good = blob(&sign(folder, pair, NAMESPACE, "sha512"));
        for position in (index..good.len()).step_by(STRIDE) {
            let mut changed = good.clone();
            changed[position] ^= 1;
            if position == VERSION {
                assert!(!ours(pair, &changed, &message()));
                continue;
            }
            agree(pair, &armoured(&changed), &message(), false, &format!("byte {position}"));
        }
        for end in [good.len() - 1, good.len() / 2, 6, 0] {
            agree(pair, &armoured(&good[..end]), &message(), false, "cut off");
        }
        agree(pair, &armoured(&[&good[..], b"\0"].concat()), &message(), false, "longer");
    }
    eprintln!("ssh-keygen: {asked} signatures judged alike, {held} of them good");
    assert_eq!(held, 20);
}

#[test]
fn keys_become_what_ssh_keygen_makes_of_them() {
    if !is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, options) in KEYS {
        let pair = pair(folder.path(), name, options);
        let mut export = Command::new("ssh-keygen");
        let export = export.args(["-e", "-m", "PKCS8", "-f"]).arg(pair.file.with_extension("pub")).output().unwrap();
        // It cannot write Ed25519 in this form.
        assert_eq!(export.status.success(), name != "ed25519", "{name}");
        if export.status.success() {
            assert_eq!(pem::public_key(&export.stdout).unwrap(), pair.public, "{name}");
        }
    }
}
