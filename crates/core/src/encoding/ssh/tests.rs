#![allow(clippy::disallowed_types, reason = "tests make keys and signatures")]

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self as lc, EcdsaKeyPair, KeyPair as _, RsaKeyPair};

use super::*;
use crate::crypto::{Digest, DigestAlgorithm, KeyKind, SignatureError, SignatureScheme, Strength};
use crate::encoding::asn1::{Reader, Rules};
use crate::pki::minting;

const MESSAGE: &[u8] = b"what is signed";
const NAMESPACE: &str = "purpose";

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn strings(fields: &[&[u8]]) -> Vec<u8> {
    fields.iter().flat_map(|field| string(field)).collect()
}

fn number(bytes: &[u8]) -> Vec<u8> {
    let bytes: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
    let zero = bytes.first().is_some_and(|first| first & 0x80 != 0);
    string(&[&[0][..usize::from(zero)], &bytes].concat())
}

/// Signs bytes.
type Sign = Box<dyn Fn(&[u8]) -> Vec<u8>>;

/// A key and what it signs.
struct Signer {
    /// The algorithm of its signatures.
    name: &'static str,
    /// The key in its binary form.
    key: Vec<u8>,
    sign: Sign,
}

fn ed25519(seed: u8) -> Signer {
    let key = minting::Key::Ed25519(seed);
    let public = PublicKey::from_spki(&key.spki()).unwrap();
    Signer {
        name: ED25519,
        key: strings(&[ED25519.as_bytes(), public.key_bits()]),
        sign: Box::new(move |bytes| key.sign(DigestAlgorithm::Sha256, bytes)),
    }
}

fn ecdsa(row: usize, algorithm: &'static lc::EcdsaSigningAlgorithm) -> Signer {
    let (name, curve, _) = CURVES[row];
    let pair = EcdsaKeyPair::generate(algorithm).unwrap();
    let key = strings(&[name.as_bytes(), curve.as_bytes(), pair.public_key().as_ref()]);
    let sign = move |bytes: &[u8]| {
        let der = pair.sign(&SystemRandom::new(), bytes).unwrap();
        let mut numbers = Reader::new(der.as_ref(), Rules::Der).sequence().unwrap();
        [number(numbers.unsigned().unwrap()), number(numbers.unsigned().unwrap())].concat()
    };
    Signer { name, key, sign: Box::new(sign) }
}

fn rsa(name: &'static str, padding: &'static lc::RsaSignatureEncoding) -> Signer {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let mut fields = Reader::new(pair.public_key().as_ref(), Rules::Der).sequence().unwrap();
    let (modulus, exponent) = (fields.unsigned().unwrap(), fields.unsigned().unwrap());
    let key = [string(RSA.as_bytes()), number(exponent), number(modulus)].concat();
    let sign = move |bytes: &[u8]| {
        let mut value = vec![0; pair.public_modulus_len()];
        pair.sign(padding, &SystemRandom::new(), bytes, &mut value).unwrap();
        value
    };
    Signer { name, key, sign: Box::new(sign) }
}

fn signers() -> Vec<Signer> {
    vec![
        ed25519(1),
        ecdsa(0, &lc::ECDSA_P256_SHA256_ASN1_SIGNING),
        ecdsa(1, &lc::ECDSA_P384_SHA384_ASN1_SIGNING),
        ecdsa(2, &lc::ECDSA_P521_SHA512_ASN1_SIGNING),
        rsa("rsa-sha2-256", &lc::RSA_PKCS1_SHA256),
        rsa("rsa-sha2-512", &lc::RSA_PKCS1_SHA512),
    ]
}

/// A signature with a field changed at will.
struct Written<'a> {
    version: u32,
    key: &'a [u8],
    namespace: &'a str,
    reserved: &'a [u8],
    digest: &'a str,
    name: &'a str,
    value: Option<Vec<u8>>,
}

impl<'a> Written<'a> {
    fn by(signer: &'a Signer) -> Self {
        let (key, name) = (signer.key.as_slice(), signer.name);
        Self { version: 1, key, namespace: NAMESPACE, reserved: b"", digest: "sha512", name, value: None }
    }

    fn blob(&self, signer: &Signer) -> Vec<u8> {
        let algorithm = DigestAlgorithm::ALL.into_iter().find(|one| one.name() == self.digest);
        let hashed = Digest::of(algorithm.unwrap_or(DigestAlgorithm::Sha512), MESSAGE);
        let (namespace, digest) = (self.namespace.as_bytes(), self.digest.as_bytes());
        let value = self.value.clone().unwrap_or_else(|| {
            (signer.sign)(&[b"SSHSIG", &strings(&[namespace, self.reserved, digest, hashed.as_bytes()])[..]].concat())
        });
        let value = strings(&[self.name.as_bytes(), &value]);
        let fields = strings(&[self.key, namespace, self.reserved, digest, &value]);
        [b"SSHSIG", &self.version.to_be_bytes()[..], &fields].concat()
    }
}

fn armoured(blob: &[u8]) -> Vec<u8> {
    let text = base64::encode(blob);
    let lines: Vec<_> = text.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n")).into_bytes()
}

fn read(blob: &[u8]) -> Result<SshSignature, SshSignatureError> {
    SshSignature::read(blob, NAMESPACE)
}

fn malformed(blob: &[u8]) -> &'static str {
    match read(blob) {
        Err(SshSignatureError::Malformed(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_algorithm_signs_and_names_its_key() {
    for signer in signers() {
        let (_, key) = public_key(&signer.key).unwrap();
        for digest in ["sha256", "sha512"] {
            let blob = Written { digest, ..Written::by(&signer) }.blob(&signer);
            for written in [armoured(&blob), blob] {
                assert!(SshSignature::is_one(&written));
                let signature = read(&written).unwrap();
                assert_eq!(signature.key(), &key, "{}", signer.name);
                assert_eq!(signature.verify(&key, MESSAGE).map(|(_, strength)| strength), Ok(Strength::Strong));
                assert_eq!(signature.verify(&key, b"another"), Err(SignatureError::Mismatch));
            }
        }
    }
}

#[test]
fn a_signature_counts_under_the_key_that_it_names_alone() {
    let [one, other] = [ed25519(1), ed25519(2)];
    let key = |signer: &Signer| public_key(&signer.key).unwrap().1;
    let renamed = Written { key: &other.key, ..Written::by(&one) }.blob(&one);
    for accepted in [key(&one), key(&other)] {
        assert_eq!(read(&renamed).unwrap().verify(&accepted, MESSAGE), Err(SignatureError::Mismatch));
    }
    let blob = Written::by(&one).blob(&one);
    assert_eq!(read(&blob).unwrap().verify(&key(&other), MESSAGE), Err(SignatureError::Mismatch));
}

#[test]
fn the_purpose_must_be_the_expected_one() {
    let signer = ed25519(1);
    for namespace in ["", "file", "purpose ", "purposes", "Purpose"] {
        let blob = Written { namespace, ..Written::by(&signer) }.blob(&signer);
        assert_eq!(read(&blob), Err(SshSignatureError::OtherNamespace(namespace.to_owned())));
        assert!(SshSignature::read(&blob, namespace).is_ok());
    }
    let long = "x".repeat(5_000);
    let blob = Written { namespace: &long, ..Written::by(&signer) }.blob(&signer);
    let Err(SshSignatureError::OtherNamespace(shown)) = read(&blob) else { panic!() };
    assert_eq!(shown.len(), 100);
}

#[test]
fn other_versions_digests_and_reserved_fields_are_refused() {
    let signer = ed25519(1);
    for version in [0, 2, u32::MAX] {
        assert!(malformed(&Written { version, ..Written::by(&signer) }.blob(&signer)).contains("version 1"));
    }
    for digest in ["sha1", "sha384", "SHA512", ""] {
        assert!(malformed(&Written { digest, ..Written::by(&signer) }.blob(&signer)).contains("neither SHA-256"));
    }
    assert!(malformed(&Written { reserved: b"x", ..Written::by(&signer) }.blob(&signer)).contains("reserved"));
}

#[test]
fn the_algorithm_of_the_signature_must_be_one_of_the_key() {
    let signer = rsa("ssh-rsa", &lc::RSA_PKCS1_SHA256);
    assert!(malformed(&Written::by(&signer).blob(&signer)).contains("SHA-1"));
    for name in ["ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-384", ""] {
        assert!(malformed(&Written { name, ..Written::by(&signer) }.blob(&signer)).contains("not one of the key's"));
    }
    let signer = ecdsa(0, &lc::ECDSA_P256_SHA256_ASN1_SIGNING);
    let name = "ecdsa-sha2-nistp384";
    assert!(malformed(&Written { name, ..Written::by(&signer) }.blob(&signer)).contains("not one of the key's"));
    // What is said to be by SHA-256 is verified as that.
    let signer = rsa("rsa-sha2-512", &lc::RSA_PKCS1_SHA512);
    let other = Written { name: "rsa-sha2-256", ..Written::by(&signer) }.blob(&signer);
    let signature = read(&other).unwrap();
    assert_eq!(signature.verify(signature.key(), MESSAGE), Err(SignatureError::Mismatch));
}

#[test]
fn keys_of_security_tokens_are_named_and_not_read() {
    let signer = ed25519(1);
    let key = strings(&[b"sk-ssh-ed25519@openssh.com", &[7; 32], b"ssh:"]);
    let blob = Written { key: &key, ..Written::by(&signer) }.blob(&signer);
    assert_eq!(read(&blob), Err(SshSignatureError::Unsupported("sk-ssh-ed25519@openssh.com".to_owned())));
}

#[test]
fn every_prefix_and_every_longer_signature_is_refused() {
    for signer in [ed25519(1), ecdsa(2, &lc::ECDSA_P521_SHA512_ASN1_SIGNING)] {
        let blob = Written::by(&signer).blob(&signer);
        for end in 0..blob.len() {
            assert!(read(&blob[..end]).is_err(), "{end}");
        }
        assert!(read(&[&blob[..], b"x"].concat()).is_err());
        let text = armoured(&blob);
        for end in 0..text.len() - 1 {
            assert!(read(&text[..end]).is_err(), "{end}");
        }
        assert!(read(&[&text[..], &text[..]].concat()).is_err());
        assert!(read(&[b"-----BEGIN X-----\n-----END X-----\n", &text[..]].concat()).is_err());
    }
}

#[test]
fn no_changed_byte_is_overlooked() {
    let signer = ed25519(1);
    let (blob, (_, key)) = (Written::by(&signer).blob(&signer), public_key(&signer.key).unwrap());
    for position in 0..blob.len() {
        let mut changed = blob.clone();
        changed[position] ^= 1;
        let holds = read(&changed).is_ok_and(|signature| signature.verify(&key, MESSAGE).is_ok());
        assert!(!holds, "byte {position}");
    }
}

#[test]
fn lengths_beyond_the_end_and_beyond_the_bounds_are_refused() {
    let signer = ed25519(1);
    let blob = Written::by(&signer).blob(&signer);
    let mut changed = blob;
    changed[10..14].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(malformed(&changed).contains("fields"));
    let huge = "x".repeat(MAX_BLOB);
    let blob = Written { namespace: &huge, ..Written::by(&signer) }.blob(&signer);
    assert!(malformed(&blob).contains("fields"));
    assert!(malformed(&armoured(&vec![0; 3 * MAX_BLOB])).contains("block"));
    assert_eq!(public_key(&strings(&[ED25519.as_bytes(), &vec![1; MAX_BLOB]])), Err(KeyError::Unsupported));
}

#[test]
fn values_are_written_in_one_form() {
    let signer = ecdsa(0, &lc::ECDSA_P256_SHA256_ASN1_SIGNING);
    for value in [
        strings(&[&[0x80], &[1]]),
        strings(&[&[0, 1], &[1]]),
        strings(&[&[0], &[1]]),
        strings(&[&[1]]),
        strings(&[&[1], &[1], &[1]]),
    ] {
        let blob = Written { value: Some(value), ..Written::by(&signer) }.blob(&signer);
        assert!(malformed(&blob).contains("value"));
    }
    let value = Some(strings(&[&[0, 0x80], &[1]]));
    let signature = read(&Written { value, ..Written::by(&signer) }.blob(&signer)).unwrap();
    assert_eq!(signature.verify(signature.key(), MESSAGE), Err(SignatureError::Mismatch));
}

fn line(signer: &Signer) -> String {
    let name = if signer.name.starts_with("rsa") { RSA } else { signer.name };
    format!("{name} {}", base64::encode(&signer.key))
}

#[test]
fn keys_are_read_among_comments_and_blank_lines() {
    let signers = signers();
    let lines: Vec<String> = signers.iter().map(|signer| format!("\t{} who ever\r\n", line(signer))).collect();
    let file = format!("# ours\n\n{}  # theirs\n", lines.join("\n"));
    let keys = public_keys(file.as_bytes()).unwrap();
    assert_eq!(keys, signers.iter().map(|signer| public_key(&signer.key).unwrap().1).collect::<Vec<_>>());
    let kinds: Vec<_> = keys.iter().map(PublicKey::kind).collect();
    assert_eq!(kinds[..2], [KeyKind::Ed25519, KeyKind::Ec(Curve::P256)]);
    assert_eq!(kinds[5], KeyKind::Rsa { bits: 2048 });
    assert_eq!(public_keys(b"\n# nothing\n"), Err(KeyFileError::Nothing));
}

#[test]
fn a_line_that_cannot_be_used_is_named() {
    let good = line(&ed25519(1));
    let (_, blob) = good.split_once(' ').unwrap();
    let other = |name: &str, rest: &[u8]| {
        format!("{name} {}", base64::encode(&[string(name.as_bytes()), rest.to_vec()].concat()))
    };
    use LineProblem::{Key, NoKey, NotAlone, NotBase64, OtherName};
    for (line, problem) in [
        ("hello".to_owned(), NoKey),
        ("\u{e4}".to_owned(), NoKey),
        (format!("command=\"ls -l\",no-pty {good}"), NotAlone),
        (format!("alice@example.org namespaces=\"git\" {good}"), NotAlone),
        (format!("host.example.org {good}"), NotAlone),
        (format!("cert-authority {good}"), NotAlone),
        (ED25519.to_owned(), NotBase64),
        (format!("{ED25519} ???"), NotBase64),
        (format!("{ED25519} AAAA"), Key(KeyError::Malformed)),
        (format!("{RSA} {blob}"), OtherName),
        (other("sk-ssh-ed25519@openssh.com", &string(b"x")), Key(KeyError::Unsupported)),
        (other("ssh-dss", &string(b"x")), Key(KeyError::Unsupported)),
        (other("ssh-ed25519-cert-v01@openssh.com", &string(b"x")), Key(KeyError::Unsupported)),
        (other(ED25519, &string(&[1; 31])), Key(KeyError::Malformed)),
        (other(ED25519, &[string(&[1; 32]), vec![0]].concat()), Key(KeyError::Malformed)),
        (other(RSA, &strings(&[&[1, 0, 1], &[0x80; 256]])), Key(KeyError::Malformed)),
        (other(RSA, &strings(&[&[1, 0, 1], &[]])), Key(KeyError::Malformed)),
        (other("ecdsa-sha2-nistp256", &strings(&[b"nistp384", &[4; 97]])), Key(KeyError::Malformed)),
        (other("ecdsa-sha2-nistp256", &strings(&[b"nistp256", &[2; 33]])), Key(KeyError::Malformed)),
        (other("ecdsa-sha2-nistp256", &strings(&[b"nistp256", &[4; 64]])), Key(KeyError::Malformed)),
    ] {
        let file = format!("# a comment\n{good}\n{line}\n");
        assert_eq!(public_keys(file.as_bytes()), Err(KeyFileError::Line(3, problem)), "{line}");
    }
}

#[test]
fn keys_of_one_file_are_bounded() {
    let good = format!("{}\n", line(&ed25519(1)));
    assert_eq!(public_keys(good.repeat(MAX_KEYS).as_bytes()).unwrap().len(), MAX_KEYS);
    let problem = KeyFileError::Line(MAX_KEYS + 1, LineProblem::TooMany);
    assert_eq!(public_keys(good.repeat(MAX_KEYS + 1).as_bytes()), Err(problem));
}

#[test]
fn schemes_are_those_of_the_names() {
    let schemes: Vec<_> = signers()
        .iter()
        .map(|signer| {
            let signature = read(&Written::by(signer).blob(signer)).unwrap();
            signature.verify(signature.key(), MESSAGE).unwrap().0
        })
        .collect();
    use DigestAlgorithm::{Sha256, Sha384, Sha512};
    use SignatureScheme::{Ecdsa, Ed25519, RsaPkcs1};
    assert_eq!(schemes, [Ed25519, Ecdsa(Sha256), Ecdsa(Sha384), Ecdsa(Sha512), RsaPkcs1(Sha256), RsaPkcs1(Sha512)]);
}
