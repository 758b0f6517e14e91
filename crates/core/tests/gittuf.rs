//! Envelopes as gittuf writes them, signed with throw-away keys and certificates: each signature is judged with what came
//! with it, and every way to mix it up is told.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "sigstore/mutation.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, clippy::unreachable, reason = "shared with another test")]
mod mutation;

use std::collections::BTreeSet;

use countersign::artifact::{Artifact, Content};
use countersign::claim::Fact;
use countersign::crypto::{Digest, DigestAlgorithm, PublicKey};
use countersign::dossier::Dossier;
use countersign::encoding::asn1::{encode, encode_sequence, oid};
use countersign::encoding::dsse::pre_authentication_encoding;
use countersign::encoding::x509::Certificate;
use countersign::encoding::{base64, hex};
use countersign::evidence::{CheckId, Need, Outcome, Reason, Signature, State};
use countersign::examine::examine;
use countersign::identity::Assurance;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::pki::minting::{Holder, Key, Order, extension, oid_of, usages};
use countersign::time::Time;
use countersign::tlog::merkle;
use countersign::tlog::trusted_root::TrustedRoot;
use serde_json::{Value, json};

const TYPE: &str = "application/vnd.gittuf+json";
const EXTENSION: &str = "application/vnd.dev.sigstore.verificationmaterial;version=0.3";
const ARTIFACT: &[u8] = b"a release";

/// Within the validity of what is minted.
const SIGNED: &str = "2025-01-01T00:00:00Z";
const NOW: &str = "2026-01-01T00:00:00Z";

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn sha256(bytes: &[u8]) -> Digest {
    Digest::of(DigestAlgorithm::Sha256, bytes)
}

/// A statement about the artifact, in gittuf's spelling.
fn payload() -> Vec<u8> {
    let statement = json!({
        "type": "https://in-toto.io/Statement/v1",
        "subject": [{ "digest": { "sha256": sha256(ARTIFACT).hex() } }],
        "predicate_type": "https://gittuf.dev/reference-authorization/v0.2",
        "predicate": { "targetRef": "refs/heads/main" },
    });
    statement.to_string().into_bytes()
}

/// A Sigstore instance of our own.
struct Instance {
    authority: Holder,
    log: Key,
}

impl Instance {
    fn new() -> Self {
        Self { authority: Holder::new("Authority", 1), log: Key::Ed25519(2) }
    }

    fn root(&self) -> TrustedRoot {
        let always = json!({ "start": "2020-01-01T00:00:00Z" });
        let document = json!({
            "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            "tlogs": [{
                "baseUrl": "https://log.example",
                "publicKey": { "rawBytes": base64::encode(&self.log.spki()), "keyDetails": "PKIX_ED25519", "validFor": always },
                "logId": { "keyId": base64::encode(self.log_id().as_bytes()) },
            }],
            "certificateAuthorities": [{
                "uri": "https://authority.example",
                "certChain": { "certificates": [{ "rawBytes": base64::encode(self.authority.root().der()) }] },
                "validFor": always,
            }],
        });
        TrustedRoot::from_json("test", document.to_string().as_bytes()).unwrap()
    }

    fn log_id(&self) -> Digest {
        sha256(&self.log.spki())
    }

    /// A person who has just been certified.
    fn person(&self, address: &str, seed: u8) -> Person {
        let key = Holder::new("", seed);
        let names = extension(oid::SUBJECT_ALT_NAME, true, &encode_sequence(&[encode(0x81, address.as_bytes())]));
        let issuer = extension(&oid_of("1.3.6.1.4.1.57264.1.1"), false, b"https://login.example");
        let order = Order {
            serial: seed,
            from: "241231235900Z",
            until: "250101000900Z",
            ..Order::with(&[usages(&[oid::CODE_SIGNING]), names, issuer])
        };
        let certificate = self.authority.certify(&key, &order);
        Person { key, certificate }
    }

    /// The entry that the log makes of a signature: the first and only one in its tree.
    fn entry(&self, body: &[u8]) -> Value {
        let signed = time(SIGNED).unix();
        let (body_text, log_id) = (base64::encode(body), self.log_id());
        let promise = format!(
            r#"{{"body":"{body_text}","integratedTime":{signed},"logID":"{}","logIndex":0}}"#,
            hex::encode(log_id.as_bytes())
        );
        let sign = |text: &str| self.log.sign(DigestAlgorithm::Sha256, text.as_bytes());
        let root = base64::encode(&merkle::leaf_hash(body));
        let checkpoint = format!("log.example\n1\n{root}\n");
        let line = base64::encode(&[&log_id.as_bytes()[..4], &sign(&checkpoint)].concat());
        json!({
            "logIndex": "0",
            "logId": { "keyId": base64::encode(log_id.as_bytes()) },
            "kindVersion": { "kind": "hashedrekord", "version": "0.0.1" },
            "integratedTime": signed.to_string(),
            "inclusionPromise": { "signedEntryTimestamp": base64::encode(&sign(&promise)) },
            "inclusionProof": {
                "logIndex": "0", "treeSize": "1", "rootHash": root, "hashes": [],
                "checkpoint": { "envelope": format!("{checkpoint}\n\u{2014} log.example {line}\n") },
            },
            "canonicalizedBody": body_text,
        })
    }
}

struct Person {
    key: Holder,
    certificate: Certificate,
}

/// The body of an entry about a signature.
fn body(digest: &Digest, value: &[u8], certificate: &Certificate) -> Vec<u8> {
    let pem =
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", base64::encode(certificate.der()));
    let record = json!({
        "apiVersion": "0.0.1",
        "kind": "hashedrekord",
        "spec": {
            "data": { "hash": { "algorithm": "sha256", "value": digest.hex() } },
            "signature": { "content": base64::encode(value), "publicKey": { "content": base64::encode(pem.as_bytes()) } },
        },
    });
    record.to_string().into_bytes()
}

/// A message signature as gittuf puts it in place of a value.
fn message(digest: &Digest, value: &[u8]) -> String {
    let document = json!({
        "messageDigest": { "algorithm": "SHA2_256", "digest": base64::encode(digest.as_bytes()) },
        "signature": base64::encode(value),
    });
    base64::encode(document.to_string().as_bytes())
}

/// A signature by a person of the instance over the encoding of a payload.
fn by_person(instance: &Instance, person: &Person, payload: &[u8]) -> Value {
    let encoded = pre_authentication_encoding(TYPE, payload);
    let (digest, value) = (sha256(&encoded), person.key.sign_bytes(&encoded));
    let entry = instance.entry(&body(&digest, &value, &person.certificate));
    json!({
        "keyid": "somebody::https://login.example",
        "sig": message(&digest, &value),
        "extension": {
            "kind": EXTENSION,
            "ext": { "certificate": { "rawBytes": base64::encode(person.certificate.der()) }, "tlogEntries": [entry] },
        },
    })
}

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

fn strings(fields: &[&[u8]]) -> Vec<u8> {
    fields.iter().flat_map(|field| string(field)).collect()
}

fn public(key: &Key) -> PublicKey {
    PublicKey::from_spki(&key.spki()).unwrap()
}

/// A signature by an SSH key over the encoding of a payload.
fn by_ssh(key: &Key, namespace: &str, payload: &[u8]) -> Value {
    let message = Digest::of(DigestAlgorithm::Sha512, &pre_authentication_encoding(TYPE, payload));
    let signed = strings(&[namespace.as_bytes(), b"", b"sha512", message.as_bytes()]);
    let value = key.sign(DigestAlgorithm::Sha256, &[b"SSHSIG", &signed[..]].concat());
    let key = strings(&[b"ssh-ed25519", public(key).key_bits()]);
    let fields = strings(&[&key, namespace.as_bytes(), b"", b"sha512", &strings(&[b"ssh-ed25519", &value])]);
    let blob = base64::encode(&[b"SSHSIG\x00\x00\x00\x01", &fields[..]].concat());
    let text = format!("-----BEGIN SSH SIGNATURE-----\n{blob}\n-----END SSH SIGNATURE-----\n");
    json!({ "keyid": "SHA256:a hint", "sig": base64::encode(text.as_bytes()) })
}

fn envelope(payload: &[u8], signatures: &[Value]) -> Value {
    json!({ "payloadType": TYPE, "payload": base64::encode(payload), "signatures": signatures })
}

fn examined(instance: &Instance, keys: &[&Key], envelope: &Value) -> Dossier {
    let keys = keys.iter().map(|key| AcceptedKey { source: "test".to_owned(), key: public(key), certificate: None });
    let evidence = EvidenceFile { path: "gittuf".to_owned(), bytes: envelope.to_string().into_bytes() };
    let material = Material {
        sigstore: vec![instance.root()],
        keys: keys.collect(),
        evidence: vec![evidence],
        ..Material::default()
    };
    let bytes = ARTIFACT.to_vec();
    let artifact = Artifact { name: "a".to_owned(), path: "a".to_owned(), content: Content::File(&bytes) };
    examine(&artifact, &material, time(NOW), &Limits::default()).unwrap()
}

/// The only signature.
fn only(dossier: &Dossier) -> &Signature {
    let [signature] = dossier.signatures.as_slice() else { panic!("{:?}", dossier.signatures) };
    signature
}

fn fails(signature: &Signature, check: CheckId, reason: Reason) {
    let found = signature.checks.iter().any(|one| one.id == check && one.outcome == Outcome::Fail(reason));
    assert!(found, "{}: {:?}", reason.word(), signature.checks);
    assert_ne!(signature.state(), State::Valid);
}

/// The signatures on which the claim rests that something was attested.
fn attested_by(dossier: &Dossier) -> Vec<String> {
    let claims = dossier.claims.all().iter().filter(|claim| matches!(claim.fact, Fact::Attested { .. }));
    claims.map(|claim| format!("{:?}", claim.evidence)).collect()
}

#[test]
fn a_signature_with_its_own_certificate_and_log_entry_is_valid() {
    let instance = Instance::new();
    let person = instance.person("ann@example.org", 3);
    let dossier = examined(&instance, &[], &envelope(&payload(), &[by_person(&instance, &person, &payload())]));
    let signature = only(&dossier);
    assert_eq!(signature.state(), State::Valid, "{:?}", signature.checks);
    assert_eq!(signature.assurance, Assurance::PersonOidc);
    assert_eq!(signature.signer.san, ["ann@example.org"]);
    assert_eq!(signature.time.trusted, Some(time(SIGNED)));
    assert!(signature.passes(CheckId::LogEntry) && signature.passes(CheckId::LogCheckpoint));
    assert_eq!(attested_by(&dossier).len(), 1);
}

#[test]
fn a_changed_payload_is_told_by_every_check_that_sees_it() {
    let instance = Instance::new();
    let signature = by_person(&instance, &instance.person("ann@example.org", 3), &payload());
    let changed = String::from_utf8(payload()).unwrap().replace("main", "evil");
    let dossier = examined(&instance, &[], &envelope(changed.as_bytes(), &[signature]));
    fails(only(&dossier), CheckId::Signature, Reason::SignatureMismatch);
    fails(only(&dossier), CheckId::LogEntry, Reason::LogEntryMismatch);
    fails(only(&dossier), CheckId::Consistency, Reason::Contradiction);
}

#[test]
fn the_entry_of_the_log_must_be_about_this_digest_value_and_certificate() {
    let instance = Instance::new();
    let (ann, bob) = (instance.person("ann@example.org", 3), instance.person("bob@example.org", 4));
    let encoded = pre_authentication_encoding(TYPE, &payload());
    let (digest, value) = (sha256(&encoded), ann.key.sign_bytes(&encoded));
    let with = |body: Vec<u8>| {
        let mut signature = by_person(&instance, &ann, &payload());
        signature["extension"]["ext"]["tlogEntries"] = json!([instance.entry(&body)]);
        examined(&instance, &[], &envelope(&payload(), &[signature]))
    };
    assert_eq!(only(&with(body(&digest, &value, &ann.certificate))).state(), State::Valid);
    for wrong in [
        // The payload itself is what nobody signed.
        body(&sha256(&payload()), &value, &ann.certificate),
        body(&sha256(ARTIFACT), &value, &ann.certificate),
        body(&digest, &bob.key.sign_bytes(&encoded), &ann.certificate),
        body(&digest, &value, &bob.certificate),
        // What stands in the envelope in place of the value is none.
        body(&digest, &base64::decode(&message(&digest, &value)).unwrap(), &ann.certificate),
    ] {
        let dossier = with(wrong);
        assert!(only(&dossier).passes(CheckId::Signature));
        fails(only(&dossier), CheckId::LogEntry, Reason::LogEntryMismatch);
    }
}

#[test]
fn what_is_missing_or_contradicts_itself_is_no_evidence() {
    type Change = fn(&mut Value);
    let instance = Instance::new();
    let with = |change: Change| {
        let mut signature = by_person(&instance, &instance.person("ann@example.org", 3), &payload());
        change(&mut signature);
        examined(&instance, &[], &envelope(&payload(), &[signature]))
    };
    let failures: [(Change, CheckId, Reason); 7] = [
        (|s| s["extension"]["ext"]["certificate"] = Value::Null, CheckId::Structure, Reason::CertificateMissing),
        (|s| s["extension"]["ext"] = Value::Null, CheckId::Structure, Reason::Malformed),
        (|s| s["extension"]["kind"] = 1.into(), CheckId::Structure, Reason::Malformed),
        (
            |s| s["extension"]["kind"] = EXTENSION.replace("0.3", "0.4").into(),
            CheckId::Structure,
            Reason::VersionUnknown,
        ),
        (|s| s["sig"] = base64::encode(b"not JSON").into(), CheckId::Structure, Reason::Malformed),
        (|s| s["sig"] = base64::encode(b"{}").into(), CheckId::Structure, Reason::Malformed),
        (|s| s["sig"] = message(&sha256(b"x"), &[1; 64]).into(), CheckId::Consistency, Reason::Contradiction),
    ];
    for (change, check, reason) in failures {
        fails(only(&with(change)), check, reason);
    }
    let unlogged = with(|s| s["extension"]["ext"]["tlogEntries"] = json!([]));
    assert_eq!(only(&unlogged).outcome(CheckId::LogEntry), Some(Outcome::Undecided(Need::LogEntry)));
    assert_eq!(only(&unlogged).state(), State::Unknown);
    // Of what another extension says, nothing is known: the signature is one by some key.
    let other = with(|s| s["extension"]["kind"] = "application/example".into());
    assert_eq!(only(&other).outcome(CheckId::Signature), Some(Outcome::Undecided(Need::Key)));
}

#[test]
fn each_signer_is_judged_by_what_came_with_the_own_signature() {
    let instance = Instance::new();
    let (ann, bob) = (instance.person("ann@example.org", 3), instance.person("bob@example.org", 4));
    let (known, stranger) = (Key::Ed25519(5), Key::Ed25519(6));
    let all = [
        by_person(&instance, &ann, &payload()),
        by_ssh(&known, "git", &payload()),
        by_person(&instance, &bob, &payload()),
        by_ssh(&stranger, "git", &payload()),
    ];
    let dossier = examined(&instance, &[&known], &envelope(&payload(), &all));
    let states: Vec<_> = dossier.signatures.iter().map(Signature::state).collect();
    assert_eq!(states, [State::Valid, State::Valid, State::Valid, State::Unknown]);
    assert_eq!(dossier.signatures[3].outcome(CheckId::Signature), Some(Outcome::Undecided(Need::Key)));
    let positions: Vec<_> = dossier.signatures.iter().filter_map(|signature| signature.position.as_deref()).collect();
    assert_eq!(positions, [1, 2, 3, 4].map(|number| format!("signature {number} of 4")));
    let names: Vec<_> = dossier.signatures.iter().map(|signature| signature.signer.san.join("")).collect();
    assert_eq!(names, ["ann@example.org", "", "bob@example.org", ""]);
    assert_eq!(attested_by(&dossier).len(), 4);
    assert_eq!(attested_by(&dossier).into_iter().collect::<BTreeSet<_>>().len(), 4);
}

#[test]
fn evidence_of_one_signer_is_none_for_another() {
    let instance = Instance::new();
    let (ann, bob) = (instance.person("ann@example.org", 3), instance.person("bob@example.org", 4));
    let (mut first, mut second) = (by_person(&instance, &ann, &payload()), by_person(&instance, &bob, &payload()));
    std::mem::swap(&mut first["extension"], &mut second["extension"]);
    let known = Key::Ed25519(5);
    let dossier =
        examined(&instance, &[&known], &envelope(&payload(), &[first, second, by_ssh(&known, "git", &payload())]));
    // That another signature holds makes nobody a stranger whose certificate is there.
    for signature in &dossier.signatures[..2] {
        fails(signature, CheckId::Signature, Reason::SignatureMismatch);
        fails(signature, CheckId::LogEntry, Reason::LogEntryMismatch);
    }
    assert_eq!(dossier.signatures[2].state(), State::Valid);
}

#[test]
fn ssh_signatures_count_under_accepted_keys_and_in_the_namespace_of_git_alone() {
    let instance = Instance::new();
    let (known, stranger) = (Key::Ed25519(5), Key::Ed25519(6));
    let examined = |signature: Value| examined(&instance, &[&known], &envelope(&payload(), &[signature]));
    let dossier = examined(by_ssh(&known, "git", &payload()));
    assert_eq!(only(&dossier).state(), State::Valid);
    assert_eq!(only(&dossier).assurance, Assurance::KeyOnly);
    for namespace in ["", "file", "gittuf", "Git"] {
        let dossier = examined(by_ssh(&known, namespace, &payload()));
        fails(only(&dossier), CheckId::Structure, Reason::ContentTypeWrong);
        fails(only(&dossier), CheckId::Signature, Reason::SignatureMismatch);
    }
    fails(only(&examined(by_ssh(&stranger, "git", &payload()))), CheckId::Signature, Reason::SignatureMismatch);
    fails(only(&examined(by_ssh(&known, "git", b"{}"))), CheckId::Signature, Reason::SignatureMismatch);
    let token = strings(&[&strings(&[b"sk-ssh-ed25519@openssh.com"]), b"git", b"", b"sha512", b""]);
    let token = [b"SSHSIG\x00\x00\x00\x01", &token[..]].concat();
    let dossier = examined(json!({ "sig": base64::encode(&token) }));
    assert_eq!(only(&dossier).outcome(CheckId::Structure), Some(Outcome::Undecided(Need::Algorithm)));
    assert_eq!(only(&dossier).state(), State::Unknown);
    let broken = json!({ "sig": base64::encode(b"SSHSIG\x00\x00\x00\x02") });
    fails(only(&examined(broken)), CheckId::Structure, Reason::Malformed);
}

/// Members that may change without effect, by the end of their path, what was done, and why.
const WITHOUT_EFFECT: &[(&str, &str, &str)] = &[
    (".keyid", "*", "a hint at a key that nobody signed"),
    (".inclusionProof.hashes", "*", "a tree of one"),
    (".logIndex", "removed", "is zero"),
    ("signatures", "doubled", "each signature is judged by itself; people are counted by who they are"),
];

#[test]
fn no_change_to_a_member_that_matters_leaves_a_valid_signature() {
    let instance = Instance::new();
    let (person, known) = (instance.person("ann@example.org", 3), Key::Ed25519(5));
    let is_valid = |envelope: &Value| {
        examined(&instance, &[&known], envelope).signatures.iter().any(|signature| signature.state() == State::Valid)
    };
    let mut tried = 0;
    for signature in [by_person(&instance, &person, &payload()), by_ssh(&known, "git", &payload())] {
        let good = envelope(&payload(), &[signature]);
        assert!(is_valid(&good));
        let allowed = |mutation: &mutation::Mutation| {
            let fits = |(end, what, _): &&(&str, &str, &str)| {
                mutation.path.ends_with(end) && (*what == "*" || *what == mutation.what)
            };
            WITHOUT_EFFECT.iter().any(|row| fits(&row))
        };
        let mutations = mutation::mutations(&good);
        tried += mutations.len();
        let survived: Vec<_> = mutations
            .iter()
            .filter(|one| !allowed(one) && is_valid(&one.document))
            .map(|one| (&one.path, one.what))
            .collect();
        assert!(survived.is_empty(), "{survived:?}");
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_policy_of_gittuf_is_signed_and_says_nothing_about_the_artifact() {
    let instance = Instance::new();
    let known = Key::Ed25519(5);
    let policy = br#"{"type":"root","schemaVersion":"https://gittuf.dev/policy/root/v0.2"}"#;
    let dossier = examined(&instance, &[&known], &envelope(policy, &[by_ssh(&known, "git", policy)]));
    assert!(only(&dossier).passes(CheckId::Signature));
    fails(only(&dossier), CheckId::Subject, Reason::SubjectMismatch);
    assert!(dossier.claims.all().is_empty());
}
