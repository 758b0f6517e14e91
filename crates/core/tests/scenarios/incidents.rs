//! The incidents whose answer question 2 gives, replayed with certificates of code-signing CAs.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::distrust::{DistrustPack, Entry, Selector as Listed, Why};
use countersign::encoding::asn1::oid;
use countersign::event::{Change, Event, Field};
use countersign::finding::FindingId;
use countersign::formats::authenticode::fixtures::{Authority, Signing, image_digest, indirect_data};
use countersign::pki::minting::{Holder, Key, ca, extension, name, oid_of, oids};
use countersign::registry::Product;
use countersign::time::Time;

use crate::world::{Publisher, Registered, Root, Seed, User, ago, claimed_time, event, now, order, stamps, text};
use crate::{Replay, paths, replay};

/// Every incident of this file.
pub(crate) fn all(seed: Seed) -> Vec<Replay> {
    let stories: [fn(Seed) -> Vec<Replay>; 13] = [s01, s02, s05, s14, s16, s17, s18, s21, s23, s29, s31, s40, s46];
    stories.iter().flat_map(|story| story(seed)).collect()
}

/// Beside each of these stories the same policy with a release in which nothing is wrong.
pub(crate) fn twins(seed: Seed) -> Vec<Replay> {
    vec![s31_twin(seed)]
}

/// CRL reasons (RFC 5280 §5.3.1).
const KEY_COMPROMISE: u8 = 1;

fn years(number: i64) -> i64 {
    number * 365
}

fn product(identity: &str, file: &str) -> Vec<Event> {
    let at = ago(crate::world::RECORDED - 1);
    vec![
        event(identity, at, "alice", Change::Expected { products: vec![Product::File(text(file))] }),
        event(identity, at.plus(60), "bob", Change::Approved {}),
    ]
}

fn pack(user: &mut User, entries: Vec<Entry>) {
    user.material.distrust.add(DistrustPack::new("abused", "a public list", "", now(), entries).unwrap());
}

/// Stuxnet: drivers signed with stolen keys of two publishers.
fn s01(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let a = Publisher::new(seed, "a", &root, 3, ago(years(4)), ago(-300));
    let signed = ago(60 + i64::try_from(seed.pick("signed", 200)).unwrap());
    let file = a.file(&stamps, Some(signed));
    let user = || {
        User::accepting(&[&root.certificate, &stamps.root])
            .expecting(&a.common_name)
            .recording(Registered::new("drivers", vec![a.key()]).events())
            .recording(product("drivers", "rtl*.sys"))
    };
    let known_good = user().knowing(root.list(&[]));
    let compromised = Change::Compromised { since: signed.plus(-Time::DAY) };
    let told =
        user().knowing(root.list(&[])).recording(vec![event("drivers", signed.plus(Time::DAY), "olga", compromised)]);
    let revoked = user().knowing(root.list(&[(3, signed.plus(-Time::DAY), KEY_COMPROMISE)]));
    vec![
        replay("S01", Some("first file, nothing known yet"), &known_good, "mrxcls.sys", &file, signed.plus(3_600)),
        replay("S01", Some("compromise recorded by its owner"), &told, "mrxcls.sys", &file, now()),
        replay(
            "S01",
            Some("revoked weeks later, effective before the timestamp"),
            &revoked,
            "mrxcls.sys",
            &file,
            now(),
        ),
    ]
}

/// An RSA key for certificates that are signed with MD5: Ed25519 signs without a digest.
fn rsa() -> Key {
    Key::rsa(include_bytes!("../../../../tools/codesigning-limbo/keys/throw-away-code-ca.der"))
}

/// Flame: an MD5 collision under a CA that was not for code.
fn s02(seed: Seed) -> Vec<Replay> {
    let root = Root::of(Holder { name: name(&[(oid::COMMON_NAME, &seed.word("md5 root"))]), key: rsa() });
    let licensing = Holder::named(name(&[(oid::COMMON_NAME, "Licensing CA")]), 33);
    let mut forged = order(4, ago(years(9)), ago(-years(9)), vec![ca(None)]);
    forged.digest = DigestAlgorithm::Md5;
    let intermediate = Root { certificate: root.holder.certify(&licensing, &forged), holder: licensing };
    let unknown = extension(&oid_of("1.3.6.1.4.1.311.18"), true, &[5, 0]);
    let licence = extension(oid::EXTENDED_KEY_USAGE, false, &oids(&[oid::CLIENT_AUTH]));
    let victim = |extensions| Publisher::with(seed, "md5", &intermediate, order(5, ago(400), ago(-400), extensions));
    let user = User::accepting(&[&root.certificate]);
    let file = |publisher: &Publisher| {
        let mut signing = publisher.signing();
        signing.certificates.push(intermediate.certificate.der().to_vec());
        signing.file()
    };
    let (unread, wrong) = (victim(vec![unknown, licence.clone()]), victim(vec![licence]));
    let for_code = victim(crate::world::for_code());
    vec![
        replay("S02", Some("MD5 in the chain, unknown critical extension"), &user, "update.exe", &file(&unread), now()),
        replay("S02", Some("MD5 in the chain, wrong usage"), &user, "update.exe", &file(&wrong), now()),
        replay("S02", Some("MD5 in the chain, usage fits"), &user, "update.exe", &file(&for_code), now()),
    ]
}

/// KeRanger: the product of one developer, signed by another.
fn s05(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(400), ago(-300));
    let other = Publisher::new(seed, "other", &root, 4, ago(400), ago(-300));
    let user = || User::accepting(&[&root.certificate, &stamps.root]).knowing(root.list(&[]));
    let registered = || {
        let vendor = Registered::new("vendor", vec![vendor.key()]).events();
        [vendor, product("vendor", "transmission*")].concat()
    };
    let file = other.file(&stamps, Some(ago(2)));
    vec![
        replay(
            "S05",
            Some("expected on the command line"),
            &user().expecting(&vendor.common_name),
            "transmission.dmg",
            &file,
            now(),
        ),
        replay(
            "S05",
            Some("expected by the registry"),
            &user().recording(registered()),
            "transmission.dmg",
            &file,
            now(),
        ),
    ]
}

/// NVIDIA: leaked certificates that had long expired.
fn s14(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let expired = years(2 + i64::try_from(seed.pick("expired", 8)).unwrap());
    let leaked = Publisher::new(seed, "leaked", &root, 3, ago(expired + 1_000), ago(expired));
    let file = leaked.file(&stamps, None);
    let user = || User::accepting(&[&root.certificate, &stamps.root]).expecting(&leaked.common_name);
    let mut listed = user();
    let entry = Listed::IssuerSerial { issuer: leaked.certificate.issuer().clone(), serial: vec![3] };
    pack(&mut listed, vec![Entry::new(entry, Why::Malware)]);
    vec![
        replay("S14", Some("no list at hand"), &user(), "driver.sys", &file, now()),
        replay("S14", Some("issuer and serial on a list"), &listed, "driver.sys", &file, now()),
    ]
}

/// GitHub Desktop: certificates exfiltrated at E, revoked with effect from D.
fn s16(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let d = 100 + i64::try_from(seed.pick("revoked", 200)).unwrap();
    let (revoked, exposed) = (ago(d), ago(d + 60));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(d + 900), ago(-300));
    let provenance = crate::world::Provenance::of(seed);
    let user = |events: Vec<Event>, entries: &[(u8, Time, u8)]| {
        User::accepting(&[&root.certificate, &stamps.root])
            .expecting(&vendor.common_name)
            .with_provenance(&provenance)
            .knowing(root.list(entries))
            .recording(Registered::new("desktop", vec![vendor.key()]).events())
            .recording(events)
    };
    let exposure = || vec![event("desktop", exposed.plus(Time::DAY), "olga", Change::Compromised { since: exposed })];
    let after = user(exposure(), &[(3, revoked, KEY_COMPROMISE)]);
    let before = user(Vec::new(), &[]);
    let story = |when, user: &User, signed: Option<Time>, at| {
        replay("S16", Some(when), user, "desktop.exe", &vendor.file(&stamps, signed), at)
    };
    vec![
        story("signed D-1y, before E, trusted timestamp", &after, Some(ago(d + 365)), now()),
        story("signed between E and D, trusted timestamp", &after, Some(ago(d + 30)), now()),
        story("signed D+1d, trusted timestamp", &after, Some(ago(d - 1)), now()),
        story("any time, no trusted timestamp", &after, None, now()),
        story("appraised before the exposure is registered", &before, Some(ago(d + 365)), exposed),
    ]
}

/// POORTRY: a trusted signer signs for an unknown submitter.
fn s17(seed: Seed) -> Vec<Replay> {
    let stamps = stamps(seed);
    let root = Root::of(Holder::new("Third Party Component CA", 44));
    let usage =
        extension(oid::EXTENDED_KEY_USAGE, false, &oids(&[&oid_of("1.3.6.1.4.1.311.10.3.5.1"), oid::CODE_SIGNING]));
    let submitter = Publisher::with(seed, "submitter", &root, order(6, ago(500), ago(-200), vec![usage]));
    let file = submitter.file(&stamps, Some(ago(90)));
    let user = || User::accepting(&[&root.certificate, &stamps.root]).knowing(root.list(&[]));
    let pinned = user().expecting(&seed.word("vendor of the driver"));
    let mut listed = user().expecting(&submitter.common_name);
    let tbs = Digest::of(DigestAlgorithm::Sha256, submitter.certificate.tbs());
    pack(&mut listed, vec![Entry::new(Listed::Signed(tbs), Why::Malware)]);
    vec![
        replay("S17", None, &pinned, "driver.sys", &file, now()),
        replay("S17", Some("no pin"), &user(), "driver.sys", &file, now()),
        replay("S17", Some("signed part on a list"), &listed, "driver.sys", &file, now()),
    ]
}

/// HookSignTool: an expired certificate and a signing time of its own making.
fn s18(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let expired = Publisher::new(seed, "expired", &root, 3, ago(years(14)), ago(years(11)));
    let user = User::accepting(&[&root.certificate, &stamps.root]).expecting(&expired.common_name);
    let claim = || claimed_time(ago(years(12)));
    let sha256 = Signing { signed: vec![claim()], ..expired.signing() };
    let sha1 = Signing {
        content: indirect_data(&image_digest(DigestAlgorithm::Sha1), &[]),
        digest: DigestAlgorithm::Sha1,
        signed: vec![claim()],
        ..expired.signing()
    };
    let mut foreign = expired.signing();
    let forger = crate::world::stamps(Seed(seed.0 + 1_000));
    let token = forger.stamp(&foreign.signature(), "20140601000000Z");
    foreign.unsigned.push(token);
    let story = |when, signing: &Signing<'_>| replay("S18", Some(when), &user, "driver.sys", &signing.file(), now());
    vec![
        story("signing time claimed in an attribute", &sha256),
        story("the same with SHA-1 alone", &sha1),
        story("timestamp of an authority that nobody accepts", &foreign),
    ]
}

/// Storm-0558: a key used outside of its scope and past its planned end.
fn s21(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let lab = Publisher::new(seed, "lab", &root, 3, ago(900), ago(-300));
    let file = lab.file(&stamps, Some(ago(5)));
    let user =
        || User::accepting(&[&root.certificate, &stamps.root]).knowing(root.list(&[])).expecting(&lab.common_name);
    let scoped = Registered { environment: "lab", ..Registered::new("lab-key", vec![lab.key()]) };
    let overdue =
        Registered { further: vec![Field::RotationDue(ago(400))], ..Registered::new("lab-key", vec![lab.key()]) };
    let retired = || {
        let events = Registered::new("lab-key", vec![lab.key()]).events();
        [events, vec![event("lab-key", ago(400), "olga", Change::Retired {})]].concat()
    };
    vec![
        replay("S21", Some("registered for the lab"), &user().recording(scoped.events()), "token.exe", &file, now()),
        replay("S21", Some("past its rotation"), &user().recording(overdue.events()), "token.exe", &file, now()),
        replay("S21", Some("retired before"), &user().recording(retired()), "token.exe", &file, now()),
    ]
}

/// Shell companies that buy certificates: a new name, and one legal entity with several certificates.
fn s23(seed: Seed) -> Vec<Replay> {
    let (root, second, stamps) = (Root::new(seed, "root"), Root::new(seed, "second root"), stamps(seed));
    let shell = Publisher::new(seed, "shell", &root, 3, ago(20), ago(-300));
    // The same legal entity at another CA, already listed.
    let sibling = Publisher::new(seed, "shell", &second, 9, ago(200), ago(-100));
    let file = shell.file(&stamps, Some(ago(3)));
    let user = || User::accepting(&[&root.certificate, &second.certificate, &stamps.root]).knowing(root.list(&[]));
    let listing = |certificate: &countersign::encoding::x509::Certificate| {
        let digest = Digest::of(DigestAlgorithm::Sha256, certificate.der());
        vec![Entry::new(Listed::Certificate(digest), Why::Malware)]
    };
    let (mut near, mut hit) = (user(), user());
    pack(&mut near, listing(&sibling.certificate));
    pack(&mut hit, listing(&shell.certificate));
    vec![
        replay("S23", Some("first seen, nobody expects it"), &user(), "setup.exe", &file, now()),
        replay("S23", Some("another certificate of the entity is listed"), &near, "setup.exe", &file, now()),
        replay("S23", Some("the certificate is listed"), &hit, "setup.exe", &file, now()),
    ]
}

/// CircleCI: forty keys, three not replaced by the deadline.
fn s29(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let late = seed.pick("late", 37);
    let mut stories = Vec::new();
    for number in 0..40_u8 {
        let purpose = format!("key {number}");
        let key = Publisher::new(seed, &purpose, &root, number + 10, ago(900), ago(-300));
        let is_late = (late..late + 3).contains(&u64::from(number));
        let due = if is_late { ago(30) } else { ago(-330) };
        let entry = Registered { further: vec![Field::RotationDue(due)], ..Registered::new("key", vec![key.key()]) };
        let user = User::accepting(&[&root.certificate, &stamps.root])
            .knowing(root.list(&[]))
            .expecting(&key.common_name)
            .recording(entry.events());
        let when = if is_late { "not replaced by the deadline" } else { "replaced in time" };
        stories.push(replay("S29", Some(when), &user, "app.exe", &key.file(&stamps, Some(ago(10))), now()));
    }
    stories
}

/// An archive of xz, signed by its second maintainer.
struct Xz {
    root: Root,
    stamps: Authority,
    maintainers: [Publisher; 2],
    file: Vec<u8>,
}

impl Xz {
    fn new(seed: Seed) -> Self {
        let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
        let maintainer = |purpose, serial| Publisher::new(seed, purpose, &root, serial, ago(900), ago(-300));
        let maintainers = [maintainer("k1", 3), maintainer("k2", 4)];
        let file = maintainers[1].file(&stamps, Some(ago(10)));
        Self { root, stamps, maintainers, file }
    }

    fn user(&self) -> User {
        User::accepting(&[&self.root.certificate, &self.stamps.root]).knowing(self.root.list(&[]))
    }

    /// A user whose registry has both: since fifteen days the second maintainer signs, too.
    fn registered(&self) -> User {
        let [first, second] = &self.maintainers;
        let joined = ago(15);
        let expected = Change::Expected { products: vec![Product::File(text("xz-*"))] };
        let both = [
            Registered::new("k1", vec![first.key()]).events(),
            product("k1", "xz-*"),
            Registered::new("k2", vec![second.key()]).events(),
            vec![event("k2", joined, "alice", expected), event("k2", joined.plus(60), "bob", Change::Approved {})],
        ];
        self.user().expecting(&second.common_name).recording(both.concat())
    }

    /// Such a user, who lets archives be made by hand if somebody compared them with their tag.
    fn by_hand(&self, outcome: &str, summary: &str) -> User {
        let policy = paths::policy("path.source-compared = \"established\"\n");
        self.registered().under(policy).observing(&paths::compared(&self.file, outcome, summary))
    }

    fn told(&self, user: &User, when: &'static str) -> Replay {
        let story = replay("S31", Some(when), user, "xz-5.6.0", &self.file, now());
        let first_use = |finding: &countersign::finding::Finding| finding.id == FindingId::FirstSeenSigner;
        let is_said = user.events.is_empty() || story.verdict.findings.iter().any(first_use);
        assert!(is_said, "{:?}", story.verdict.findings);
        story
    }

    fn told_of_path(&self, user: &User, when: &'static str) -> Replay {
        Replay { path: true, ..self.told(user, when) }
    }
}

/// What archives honestly have that their tag has not.
const GENERATED: &str = "only what autoconf generates differs, and it generates the same again";

/// xz: a release by another maintainer than before, made by hand.
fn s31(seed: Seed) -> Vec<Replay> {
    let xz = Xz::new(seed);
    let differs = xz.by_hand("failed", "m4/build-to-host.m4 is not in the tag");
    let unapproved = xz.by_hand("passed", GENERATED).observing(&paths::let_out(&xz.file, false));
    vec![
        xz.told(&xz.user(), "nobody said who signs"),
        xz.told(&xz.registered(), "a registered co-maintainer"),
        xz.told_of_path(&differs, "the archive was compared with its tag"),
        xz.told_of_path(&unapproved, "published by its maker, approved by nobody"),
    ]
}

fn s31_twin(seed: Seed) -> Replay {
    let xz = Xz::new(seed);
    let user = xz.by_hand("passed", GENERATED).observing(&paths::let_out(&xz.file, true));
    xz.told_of_path(&user, "a new maintainer, an archive like its tag, approved by the first")
}

/// A signing secret in a job that runs what it downloads.
fn s40(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(900), ago(-300));
    let exposed = ago(60);
    let user = |events: Vec<Event>| {
        User::accepting(&[&root.certificate, &stamps.root])
            .knowing(root.list(&[]))
            .expecting(&vendor.common_name)
            .recording(Registered::new("mac", vec![vendor.key()]).events())
            .recording(events)
    };
    let told = || vec![event("mac", ago(50), "olga", Change::Compromised { since: exposed })];
    let file = |signed| vendor.file(&stamps, signed);
    vec![
        replay("S40", Some("signed after the exposure"), &user(told()), "app.dmg", &file(Some(ago(55))), now()),
        replay("S40", Some("no trusted time"), &user(told()), "app.dmg", &file(None), now()),
    ]
}

/// A CA whose intermediate is in other hands since D.
fn s46(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let lost = Holder::new(&format!("{} Issuing CA", seed.word("lost")), 66);
    let order_of_ca = order(7, ago(3_000), ago(-2_000), vec![ca(None)]);
    let intermediate = Root { certificate: root.holder.certify(&lost, &order_of_ca), holder: lost };
    let victim = Publisher::new(seed, "victim", &intermediate, 3, ago(900), ago(-300));
    let d = ago(100);
    let mut user = User::accepting(&[&root.certificate, &stamps.root])
        .expecting(&victim.common_name)
        .knowing(root.list(&[]))
        .knowing(intermediate.list(&[]));
    let digest = Digest::of(DigestAlgorithm::Sha256, intermediate.certificate.der());
    let entry = Entry { since: Some(d), ..Entry::new(Listed::Certificate(digest), Why::Compromised) };
    pack(&mut user, vec![entry]);
    let story = |when, signed| {
        let mut signing = victim.stamped(&stamps, signed);
        signing.certificates.push(intermediate.certificate.der().to_vec());
        replay("S46", Some(when), &user, "app.exe", &signing.file(), now())
    };
    vec![
        story("trusted signing time before D, CA not known to be compromised then", Some(ago(200))),
        story("trusted signing time after D", Some(ago(50))),
        story("no trusted time", None),
    ]
}
