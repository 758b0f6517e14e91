//! What looks like an incident and is none, and the control.

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::asn1::oid;
use countersign::event::{Change, Event};
use countersign::formats::authenticode::fixtures::{Signing, attribute, image_digest, indirect_data};
use countersign::registry::{Product, Selector};

use crate::world::{
    Provenance, Publisher, Registered, Root, Seed, User, ago, durable, event, now, order, stamps, text,
};
use crate::{Replay, replay};

/// Every story of this file.
pub(crate) fn all(seed: Seed) -> Vec<Replay> {
    let stories: [fn(Seed) -> Vec<Replay>; 6] = [n05, n06, n07, n16, n18, c01];
    stories.iter().flat_map(|story| story(seed)).collect()
}

fn products(identity: &str, file: &str) -> Vec<Event> {
    let at = ago(crate::world::RECORDED - 1);
    vec![
        event(identity, at, "alice", Change::Expected { products: vec![Product::File(text(file))] }),
        event(identity, at.plus(60), "bob", Change::Approved {}),
    ]
}

/// A signing service that issues a certificate for three days, every day.
fn n05(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let (id, extensions) = durable(seed);
    let user = |publisher: &Publisher| {
        User::accepting(&[&root.certificate, &stamps.root])
            .knowing(root.list(&[]))
            .expecting(&publisher.common_name)
            .with_provenance(&Provenance::of(seed))
            .recording(Registered::new("service", vec![Selector::DurableId(text(&id))]).events())
    };
    let of_day = |serial: u8, day: i64| {
        let publisher =
            Publisher::with(seed, "daily", &root, order(serial, ago(day), ago(day - 3), extensions.clone()));
        let file = publisher.file(&stamps, Some(ago(day).plus(3_600)));
        replay("N05", None, &user(&publisher), "app.exe", &file, now())
    };
    vec![of_day(21, 40), of_day(22, 39), of_day(23, 2)]
}

/// A planned change of the CA, both certificates in the registry.
fn n06(seed: Seed) -> Vec<Replay> {
    let (old, new, stamps) = (Root::new(seed, "old root"), Root::new(seed, "new root"), stamps(seed));
    let before = Publisher::new(seed, "vendor", &old, 3, ago(900), ago(-30));
    let mut after = Publisher::new(seed, "vendor", &new, 8, ago(60), ago(-400));
    after.holder = countersign::pki::minting::Holder::named(after.holder.name.clone(), 201);
    after.certificate = new.holder.certify(&after.holder, &order(8, ago(60), ago(-400), crate::world::for_code()));
    let rotation = vec![
        event("vendor", ago(60), "alice", Change::RotationStarted { successors: vec![after.key()], until: ago(-30) }),
        event("vendor", ago(60).plus(60), "bob", Change::Approved {}),
    ];
    let user = User::accepting(&[&old.certificate, &new.certificate, &stamps.root])
        .knowing(old.list(&[]))
        .knowing(new.list(&[]))
        .expecting(&after.common_name)
        .with_provenance(&Provenance::of(seed))
        .recording(Registered::new("vendor", vec![before.key()]).events())
        .recording(rotation);
    let by =
        |publisher: &Publisher| replay("N06", None, &user, "app.exe", &publisher.file(&stamps, Some(ago(10))), now());
    vec![by(&before), by(&after)]
}

/// An old binary signed again when SHA-1 was retired.
fn n07(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(900), ago(-300));
    let user = User::accepting(&[&root.certificate, &stamps.root])
        .knowing(root.list(&[]))
        .expecting(&vendor.common_name)
        .with_provenance(&Provenance::of(seed))
        .recording(Registered::new("vendor", vec![vendor.key()]).events());
    vec![replay("N07", None, &user, "app-2011.exe", &vendor.file(&stamps, Some(ago(30))), now())]
}

/// CRL reasons (RFC 5280 §5.3.1): superseded and cessation of operation.
const RETIRED: [u8; 2] = [4, 5];

/// A certificate that was revoked because it was replaced.
fn n16(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(900), ago(-300));
    let revoked = ago(40 + i64::try_from(seed.pick("revoked", 100)).unwrap());
    let story = |reason: u8| {
        let user = User::accepting(&[&root.certificate, &stamps.root])
            .knowing(root.list(&[(3, revoked, reason)]))
            .expecting(&vendor.common_name)
            .with_provenance(&Provenance::of(seed));
        replay("N16", None, &user, "app.exe", &vendor.file(&stamps, Some(ago(300))), now())
    };
    RETIRED.map(story).to_vec()
}

/// A driver with a signature of its vendor (SHA-1, old) and one of the platform's laboratory (SHA-256).
fn n18(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(4_700), ago(3_300));
    let laboratory = Publisher::new(seed, "laboratory", &root, 4, ago(900), ago(-300));
    let nested = laboratory.stamped(&stamps, Some(ago(30))).content_info();
    let mut outer = Signing {
        content: indirect_data(&image_digest(DigestAlgorithm::Sha1), &[]),
        digest: DigestAlgorithm::Sha1,
        ..vendor.signing()
    };
    let token = stamps.stamp(&outer.signature(), "20150601000000Z");
    outer.unsigned.extend([token, attribute(oid::SPC_NESTED_SIGNATURE, &nested)]);
    let both = [
        Registered::new("vendor", vec![vendor.key()]).events(),
        products("vendor", "driver*.sys"),
        Registered::new("laboratory", vec![laboratory.key()]).events(),
        products("laboratory", "driver*.sys"),
    ];
    let user = User::accepting(&[&root.certificate, &stamps.root])
        .knowing(root.list(&[]))
        .expecting(&laboratory.common_name)
        .with_provenance(&Provenance::of(seed))
        .recording(both.concat());
    vec![replay("N18", None, &user, "driver-x64.sys", &outer.file(), now())]
}

/// CrowdStrike's channel file: signed, trusted, controlled, and harmful all the same.
fn c01(seed: Seed) -> Vec<Replay> {
    let (root, stamps) = (Root::new(seed, "root"), stamps(seed));
    let vendor = Publisher::new(seed, "vendor", &root, 3, ago(900), ago(-300));
    let user = User::accepting(&[&root.certificate, &stamps.root])
        .knowing(root.list(&[]))
        .expecting(&vendor.common_name)
        .with_provenance(&Provenance::of(seed))
        .recording(Registered::new("vendor", vec![vendor.key()]).events());
    let story = replay("C01", None, &user, "channel.sys", &vendor.file(&stamps, Some(ago(3))), now());
    assert!(
        story.verdict.not_examined.iter().any(|gap| gap.id == "run-time-behaviour"),
        "{:?}",
        story.verdict.not_examined
    );
    vec![story]
}
