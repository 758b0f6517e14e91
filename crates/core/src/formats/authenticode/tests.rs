use super::fixtures::{
    Authority, FIRST_CERTIFICATE, Publisher, Signing, attribute, entry, image_digest, indirect_data, page_hashes, pe,
};
use super::*;
use crate::artifact::{Artifact, Content, Source};
use crate::dossier::Dossier;
use crate::encoding::asn1::{encode, oid, tag};
use crate::evidence::{CheckId, Need, Outcome, Reason, Signature, State, TimeSource};
use crate::examine::examine;
use crate::finding::FindingId;
use crate::identity::Assurance;
use crate::material::{AcceptedKey, Material};
use crate::pki::minting::{Holder, Order, ca, usages};
use crate::trust::TrustBundle;

mod revocation;

const DURING: &str = "20200601000000Z";
const NOW: &str = "2026-11-23T00:00:00Z";

struct World {
    publisher: Publisher,
    stamps: Authority,
    material: Material,
}

fn world() -> World {
    world_with(Publisher::new(&[oid::CODE_SIGNING]), Authority::new(&[oid::TIME_STAMPING]))
}

fn world_with(publisher: Publisher, stamps: Authority) -> World {
    let anchors =
        TrustBundle::default().with_anchor(publisher.root.clone(), "test").with_anchor(stamps.root.clone(), "test");
    World { material: Material { anchors, ..Material::default() }, publisher, stamps }
}

impl World {
    /// A signing whose signature is stamped at this time.
    fn stamped(&self, time: &str) -> Signing<'_> {
        let mut signing = self.publisher.signing();
        signing.unsigned.push(self.stamps.stamp(&signing.signature(), time));
        signing
    }

    fn examine(&self, file: &dyn Source, at: &str) -> Dossier {
        look(file, &self.material, at, &Limits::default())
    }

    fn judge(&self, file: &dyn Source) -> Signature {
        let dossier = self.examine(file, NOW);
        assert_eq!(dossier.signatures.len(), 1, "{:?}", dossier.signatures);
        dossier.signatures.into_iter().next().unwrap()
    }
}

fn look(file: &dyn Source, material: &Material, at: &str, limits: &Limits) -> Dossier {
    let artifact = Artifact { name: "t.exe".into(), path: "t.exe".into(), content: Content::File(file) };
    examine(&artifact, material, at.parse().unwrap(), limits).unwrap()
}

fn verdict(signature: &Signature) -> (State, &'static str) {
    (signature.state(), signature.reason())
}

fn has(dossier: &Dossier, id: FindingId) -> bool {
    dossier.findings.iter().any(|finding| finding.id == id)
}

#[test]
fn a_timestamp_within_validity_keeps_a_signature_valid() {
    let world = world();
    let dossier = world.examine(&world.stamped(DURING).file(), NOW);
    let signature = &dossier.signatures[0];
    assert_eq!(verdict(signature), (State::Valid, "chains-to-anchor"), "{signature:#?}");
    assert_eq!(signature.time.trusted.unwrap().to_string(), "2020-06-01T00:00:00Z");
    assert_eq!(signature.time.source, TimeSource::Rfc3161);
    assert!(signature.coverage.uncovered.is_empty(), "{:?}", signature.coverage);
    assert!(has(&dossier, FindingId::SignedWithinValidity));
}

#[test]
fn without_a_timestamp_the_instant_of_appraisal_counts() {
    let world = world();
    let file = world.publisher.signing().file();
    assert_eq!(verdict(&world.judge(&file)), (State::Expired, "expired"));
    assert_eq!(world.examine(&file, "2020-06-01T00:00:00Z").signatures[0].state(), State::Valid);
    assert_eq!(verdict(&world.examine(&file, "2019-06-01T00:00:00Z").signatures[0]), (State::Expired, "not-yet-valid"));
}

#[test]
fn a_timestamp_outside_validity_does_not_help() {
    let world = world();
    assert_eq!(verdict(&world.judge(&world.stamped("20230601000000Z").file())), (State::Expired, "expired"));
}

#[test]
fn a_timestamp_of_the_future_proves_nothing() {
    let world = world();
    let file = world.stamped("20200901000000Z").file();
    let signature = &world.examine(&file, "2020-06-01T00:00:00Z").signatures[0];
    assert_eq!((signature.state(), signature.time.trusted), (State::Valid, None));
    assert_eq!(signature.outcome(CheckId::Timestamp), Some(Outcome::Fail(Reason::TimestampNotTrusted)));
}

#[test]
fn the_earliest_timestamp_that_holds_counts() {
    let world = world();
    let mut signing = world.stamped("20200901000000Z");
    let value = signing.signature();
    signing.unsigned.push(world.stamps.countersign(&value, "200501000000Z"));
    signing.certificates.push(world.stamps.certificate.der().to_vec());
    let signature = world.judge(&signing.file());
    assert_eq!(signature.time.trusted.unwrap().to_string(), "2020-05-01T00:00:00Z");
    assert_eq!(signature.time.source, TimeSource::AuthenticodeCountersignature);
    assert!(signature.passes(CheckId::Timestamp) && signature.passes(CheckId::Countersignature));
    assert!(signature.coverage.uncovered.is_empty(), "{:?}", signature.coverage);
}

#[test]
fn a_timestamp_of_another_signature_is_without_effect() {
    let world = world();
    for stamp in [world.stamps.stamp(b"other", DURING), world.stamps.countersign(b"other", "200601000000Z")] {
        let mut signing = world.publisher.signing();
        signing.unsigned.push(stamp);
        signing.certificates.push(world.stamps.certificate.der().to_vec());
        let dossier = world.examine(&signing.file(), NOW);
        assert_eq!(verdict(&dossier.signatures[0]), (State::Expired, "expired"));
        assert!(has(&dossier, FindingId::TimestampWithoutEffect));
        let mismatch = Outcome::Fail(Reason::TimestampMismatch);
        assert!(dossier.signatures[0].checks.iter().any(|check| check.outcome == mismatch));
    }
}

#[test]
fn an_authority_must_be_for_time_stamping_and_nothing_else() {
    for purposes in [&[oid::CODE_SIGNING][..], &[oid::TIME_STAMPING, oid::CODE_SIGNING]] {
        let world = world_with(Publisher::new(&[oid::CODE_SIGNING]), Authority::new(purposes));
        let signature = world.judge(&world.stamped(DURING).file());
        assert_eq!(verdict(&signature), (State::Expired, "expired"));
        assert_eq!(signature.outcome(CheckId::Timestamp), Some(Outcome::Fail(Reason::TimestampNotTrusted)));
    }
}

#[test]
fn a_token_must_name_its_authoritys_certificate() {
    let world = world();
    let mut signing = world.publisher.signing();
    let named = &world.publisher.certificate;
    signing.unsigned.push(world.stamps.stamp_naming(&signing.signature(), DURING, named));
    assert_eq!(verdict(&world.judge(&signing.file())), (State::Expired, "expired"));
}

#[test]
fn an_authority_that_nobody_accepts_proves_no_time() {
    let mut world = world();
    world.material.anchors = TrustBundle::default().with_anchor(world.publisher.root.clone(), "test");
    assert_eq!(verdict(&world.judge(&world.stamped(DURING).file())), (State::Expired, "expired"));
}

#[test]
fn lifetime_signing_ends_with_the_certificate_though_timestamped() {
    let publisher = Publisher::new(&[oid::CODE_SIGNING, oid::LIFETIME_SIGNING]);
    let world = world_with(publisher, Authority::new(&[oid::TIME_STAMPING]));
    let file = world.stamped(DURING).file();
    assert_eq!(verdict(&world.judge(&file)), (State::Expired, "lifetime-signing"));
    assert_eq!(world.examine(&file, "2020-10-01T00:00:00Z").signatures[0].state(), State::Valid);
}

#[test]
fn a_certificate_for_tls_is_of_the_wrong_usage() {
    let world = world_with(Publisher::new(&[oid::SERVER_AUTH]), Authority::new(&[oid::TIME_STAMPING]));
    assert_eq!(world.judge(&world.stamped(DURING).file()).state(), State::WrongUsage);
}

#[test]
fn an_accepted_key_vouches_without_an_anchor() {
    let mut world = world();
    world.material.anchors = TrustBundle::default().with_anchor(world.stamps.root.clone(), "test");
    let file = world.stamped(DURING).file();
    assert_eq!(world.judge(&file).state(), State::Untrusted);
    let key = world.publisher.certificate.public_key().unwrap();
    world.material.keys.push(AcceptedKey { source: "key.pem".to_owned(), key, certificate: None });
    let signature = world.judge(&file);
    assert_eq!(verdict(&signature), (State::Valid, "made-by-accepted-key"));
    assert_eq!(signature.assurance, Assurance::KeyOnly);
}

#[test]
fn sha1_is_accepted_of_old_signatures_alone() {
    let order = |from, until| Order { from, until, ..Order::with(&[usages(&[oid::CODE_SIGNING])]) };
    let mut world = world();
    world.publisher.certificate =
        world.publisher.authority.certify(&world.publisher.holder, &order("100101000000Z", "300101000000Z"));
    let root = Order { from: "000101000000Z", until: "400101000000Z", ..Order::with(&[ca(None)]) };
    world.publisher.root = world.publisher.authority.certify(&world.publisher.authority, &root);
    let stamp_root = Holder::new("Stamp Root", 70);
    world.stamps.root = stamp_root.certify(&stamp_root, &root);
    let usage = usages(&[oid::TIME_STAMPING]);
    world.stamps.certificate =
        stamp_root.certify(&world.stamps.holder, &Order { from: "100101000000Z", ..Order::with(&[usage]) });
    let world = world_with(world.publisher, world.stamps);
    let sha1 = |time: Option<&str>| {
        let digest = image_digest(DigestAlgorithm::Sha1);
        let mut signing = Signing {
            content: indirect_data(&digest, &[]),
            digest: DigestAlgorithm::Sha1,
            ..world.publisher.signing()
        };
        if let Some(time) = time {
            signing.unsigned.push(world.stamps.stamp(&signing.signature(), time));
        }
        let dossier = world.examine(&signing.file(), NOW);
        let state = dossier.signatures[0].state();
        let tolerated = state == State::Valid;
        assert_eq!(has(&dossier, FindingId::WeakAlgorithm), !tolerated);
        assert_eq!(has(&dossier, FindingId::WeakAlgorithmTolerated), tolerated);
        state
    };
    assert_eq!(sha1(Some("20151231235959Z")), State::Valid);
    assert_eq!(sha1(Some("20160101000000Z")), State::Distrusted);
    assert_eq!(sha1(None), State::Distrusted);
}

#[test]
fn nested_signatures_are_judged_on_their_own() {
    let world = world();
    let good = world.stamped(DURING).content_info();
    let mut wrong = world.stamped(DURING);
    wrong.content = indirect_data(&crate::crypto::Digest::of(DigestAlgorithm::Sha256, b"other file"), &[]);
    let wrong = wrong.content_info();
    let mut outer = world.stamped(DURING);
    outer.unsigned.push(attribute(oid::SPC_NESTED_SIGNATURE, &[good, wrong].concat()));
    let dossier = world.examine(&outer.file(), NOW);
    let found: Vec<_> = dossier.signatures.iter().map(|s| (s.position.clone().unwrap(), s.state())).collect();
    assert_eq!(found[0], ("certificate table entry 1".to_owned(), State::Valid));
    assert_eq!(found[1], ("certificate table entry 1, nested 1".to_owned(), State::Valid));
    assert_eq!(found[2].1, State::Bad);
    assert!(has(&dossier, FindingId::MixedSignatures));
}

#[test]
fn page_hashes_are_checked_beside_the_digest() {
    let world = world();
    let digest = image_digest(DigestAlgorithm::Sha256);
    let judge = |pages: Vec<u8>| {
        let mut signing = Signing { content: indirect_data(&digest, &pages), ..world.publisher.signing() };
        signing.unsigned.push(world.stamps.stamp(&signing.signature(), DURING));
        world.judge(&signing.file())
    };
    let right = judge(page_hashes(|_| {}));
    assert!(right.passes(CheckId::PageHashes) && right.state() == State::Valid, "{right:#?}");
    let flipped = judge(page_hashes(|table| table[36 + 5] ^= 1));
    assert_eq!(verdict(&flipped), (State::Bad, "page-hash-mismatch"));
    assert!(flipped.passes(CheckId::Digest));
    let shifted = judge(page_hashes(|table| table[36] ^= 1));
    assert_eq!(verdict(&shifted), (State::Bad, "page-hash-mismatch"));
    let missing = judge(page_hashes(|table| drop(table.drain(36..72))));
    assert_eq!(verdict(&missing), (State::Bad, "page-hash-mismatch"));
    assert_eq!(judge(page_hashes(|table| table.truncate(table.len() - 1))).state(), State::Broken);
}

#[test]
fn what_breaks_a_rule_of_the_format_is_named() {
    let world = world();
    let verdict_of = |change: &dyn Fn(&mut Signing<'_>)| {
        let mut signing = world.stamped(DURING);
        change(&mut signing);
        verdict(&world.judge(&signing.file()))
    };
    assert_eq!(verdict_of(&|signing| signing.signers = 2), (State::Broken, "signer-count-wrong"));
    assert_eq!(verdict_of(&|signing| signing.signers = 0), (State::Broken, "signer-count-wrong"));
    assert_eq!(verdict_of(&|signing| signing.content_type = oid::TST_INFO), (State::Broken, "content-type-wrong"));
    assert_eq!(verdict_of(&|signing| signing.content_tag = tag::OCTET_STRING), (State::Broken, "content-type-wrong"));
    assert_eq!(verdict_of(&|signing| signing.digest = DigestAlgorithm::Sha384), (State::Broken, "contradiction"));
    assert_eq!(verdict_of(&|signing| signing.certificates.clear()), (State::Broken, "certificate-missing"));
    assert_eq!(verdict_of(&|signing| signing.content.truncate(20)), (State::Broken, "malformed"));
}

#[test]
fn entries_of_other_revisions_and_types_are_no_signatures() {
    let world = world();
    let certificate = world.stamped(DURING).content_info();
    for (at, byte) in [(5, 1), (6, 1), (6, 0xf0)] {
        let mut table = entry(&certificate);
        table[at] = byte;
        assert_eq!(verdict(&world.judge(&pe(&table))), (State::Broken, "entry-type-unsupported"));
    }
}

#[test]
fn whatever_no_signature_covers_is_listed() {
    let world = world();
    let uncovered = |file: Vec<u8>| {
        let dossier = world.examine(&file, NOW);
        assert!(dossier.signatures.iter().any(|signature| signature.state() == State::Valid));
        let all = dossier.signatures.iter().flat_map(|signature| signature.coverage.uncovered.clone());
        let all: Vec<_> =
            all.map(|part| (usize::try_from(part.range.end - part.range.start).unwrap(), part.what)).collect();
        (all, dossier)
    };
    let certificate = world.stamped(DURING).content_info();
    let length = certificate.len();

    let (parts, dossier) = uncovered(pe(&entry(&[certificate.clone(), b"payload".to_vec()].concat())));
    assert_eq!(parts, [(7, "data after the signature in its table entry".to_owned())]);
    assert!(has(&dossier, FindingId::UncoveredBytes));
    let (parts, _) = uncovered(pe(&entry(&[certificate.clone(), vec![0; 64]].concat())));
    assert_eq!(parts, [(64, "zeros after the signature in its table entry".to_owned())]);
    let (parts, _) = uncovered(pe(&entry(&[certificate.clone(), vec![0; 7]].concat())));
    assert!(parts.is_empty());
    let (parts, _) = uncovered(pe(&[entry(&certificate), vec![0xee; 16]].concat()));
    assert_eq!(parts.len(), 1);
    assert!(parts[0].0 == 16 && parts[0].1.starts_with("bytes in the certificate table that are no entry"));

    let mut tagged = world.stamped(DURING);
    tagged.unsigned.push(attribute(&[0x2a, 3], &encode(tag::OCTET_STRING, b"tag")));
    let (parts, dossier) = uncovered(tagged.file());
    assert_eq!(parts[0].1, "unsigned attribute 1.2.3");
    assert!(has(&dossier, FindingId::UnauthenticatedAttribute));

    let mut stuffed = world.stamped(DURING);
    stuffed.certificates.push(world.stamps.root.der().to_vec());
    assert!(uncovered(stuffed.file()).0.is_empty());
    let stranger = Holder::new("Somebody else", 99);
    stuffed.certificates.push(stranger.root().der().to_vec());
    stuffed.certificates.push(encode(tag::SEQUENCE, b"tag"));
    let (parts, _) = uncovered(stuffed.file());
    let what: Vec<_> = parts.iter().map(|(_, what)| what.as_str()).collect();
    assert_eq!(
        what,
        ["certificate that no signer of the file needs", "no readable certificate among the certificates"]
    );
    assert!(length > 500);
}

#[test]
fn an_entry_given_twice_is_a_finding() {
    let world = world();
    let entry = entry(&world.stamped(DURING).content_info());
    let dossier = world.examine(&pe(&entry.repeat(2)), NOW);
    assert_eq!(dossier.signatures.len(), 2);
    assert!(has(&dossier, FindingId::DuplicateSignature));
}

#[test]
fn ten_thousand_entries_end_at_the_limit_said_once() {
    let world = world();
    let file = pe(&entry(&world.publisher.signing().content_info()).repeat(10_000));
    let dossier = world.examine(&file, NOW);
    let limits: Vec<_> = dossier
        .signatures
        .iter()
        .filter(|signature| signature.outcome(CheckId::Structure) == Some(Outcome::Undecided(Need::Limit)))
        .collect();
    assert_eq!((dossier.signatures.len(), limits.len()), (Limits::default().signatures, 1));
}

#[test]
fn nesting_without_end_and_entries_beyond_memory_are_undecided() {
    let world = world();
    let mut deep = world.publisher.signing().content_info();
    for _ in 0..40 {
        let mut outer = world.publisher.signing();
        outer.unsigned.push(attribute(oid::SPC_NESTED_SIGNATURE, &deep));
        deep = outer.content_info();
    }
    let dossier = world.examine(&pe(&entry(&deep)), NOW);
    let last = dossier.signatures.last().unwrap();
    assert_eq!(last.outcome(CheckId::Structure), Some(Outcome::Undecided(Need::Limit)));
    let limits = Limits { memory_bytes: 100, ..Limits::default() };
    let small = look(&world.stamped(DURING).file(), &world.material, NOW, &limits);
    assert_eq!(verdict(&small.signatures[0]), (State::Unknown, "limit-reached"));
}

#[test]
fn directories_that_lie_break_every_signature() {
    let world = world();
    let file = world.stamped(DURING).file();
    let directory = 0x58 + 96 + 32;
    let judge = |offset: u32, size: u32| {
        let mut file = file.clone();
        file[directory..directory + 4].copy_from_slice(&offset.to_le_bytes());
        file[directory + 4..directory + 8].copy_from_slice(&size.to_le_bytes());
        let dossier = world.examine(&file, NOW);
        assert!(!dossier.signatures.is_empty());
        assert!(dossier.signatures.iter().all(|signature| signature.integrity() != Outcome::Pass));
        verdict(&dossier.signatures[0])
    };
    let size = u32::try_from(file.len()).unwrap() - 5632;
    assert_eq!(judge(u32::MAX - 7, size), (State::Broken, "directory-out-of-bounds"));
    assert_eq!(judge(5632, size + 8), (State::Broken, "directory-out-of-bounds"));
    assert_eq!(judge(5632, 0), (State::Broken, "directory-out-of-bounds"));
    assert_eq!(judge(5632, size - 8), (State::Broken, "entry-out-of-bounds"));
    assert_eq!(judge(5624, size), (State::Broken, "table-overlaps-content"));
}

/// The law behind all of this: whatever byte is changed, the signature ends to hold, unless the byte is
/// one of those that the format leaves out.
#[test]
fn no_changed_byte_goes_unnoticed() {
    let world = world();
    let signing = world.stamped(DURING);
    let file = signing.file();
    let checksum = 0x58 + 64..0x58 + 68;
    let blob = signing.content_info();
    let stamp = &signing.unsigned[0];
    let unsigned = blob.windows(stamp.len()).position(|window| window == stamp).unwrap() + FIRST_CERTIFICATE;
    let at = "2020-06-01T00:00:00Z";
    let intact = |file: &Vec<u8>| {
        let dossier = world.examine(file, at);
        dossier.signatures.len() == 1
            && dossier
                .signatures
                .iter()
                .all(|signature| signature.state() == State::Valid && signature.coverage.uncovered.is_empty())
    };
    assert!(intact(&file));
    let mut unnoticed = Vec::new();
    for position in (0..1024).chain(file.len() - blob.len() - 16..file.len()) {
        let mut changed = file.clone();
        changed[position] ^= 0x10;
        let left_out = checksum.contains(&position) || (unsigned..unsigned + stamp.len()).contains(&position);
        if intact(&changed) && !left_out {
            unnoticed.push(position);
        }
    }
    assert!(unnoticed.is_empty(), "{unnoticed:?} of {}", file.len());
}
