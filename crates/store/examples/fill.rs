//! Fills a new store for measurements (docs/performance.md).
//!
//! `cargo run --release -p countersign-store --example fill -- STORE IDENTITIES VERDICTS`
//!
//! Every identity goes from discovery to activity. The verdicts are those of the Authenticode sample, judged without
//! trust anchors, each artifact with digest, signer and time of its own, and relied on in four places. One verdict in a hundred is of identity
//! `id-0`, so that there is one whose compromise concerns many.

use std::path::Path;
use std::process::ExitCode;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::event::{Change, Event, Field, IdentityId, Kind, Source, Stated, Text};
use countersign::examine::examine;
use countersign::material::{Limits, Material};
use countersign::policy::{BUILT_IN, Expectations, Policy};
use countersign::record::{Reliance, VerdictRecord};
use countersign::registry::{KeyHash, Registry, Selector};
use countersign::time::Time;
use countersign_store::{NewRecord, PolicyText, SqliteStore, Store as _, ledger, verdicts};

/// 2026-01-01T00:00:00Z.
const START: i64 = 1_767_225_600;
/// Rows of a transaction.
const BATCH: u64 = 10_000;
/// Places in which each artifact is relied on.
const PLACES: u64 = 4;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fill: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, identities, records] = arguments.as_slice() else {
        return Err("usage: fill STORE IDENTITIES VERDICTS".into());
    };
    let (identities, records): (u64, u64) = (identities.parse()?, records.parse()?);
    let mut store = SqliteStore::open(Path::new(path))?;
    for first in (0..identities).step_by(usize::try_from(BATCH / 5)?) {
        let all = first..identities.min(first + BATCH / 5);
        let events: Result<Vec<Vec<Event>>, _> = all.map(life).collect();
        ledger::append(&mut store, None, None, &events?.concat())?;
    }
    eprintln!("{identities} identities");
    let template = template()?;
    let policy = PolicyText { sha256: digest(BUILT_IN.as_bytes()), text: BUILT_IN.to_owned() };
    for first in (0..records).step_by(usize::try_from(BATCH)?) {
        let all = first..records.min(first + BATCH);
        let new: Vec<NewRecord> = all.map(|number| verdict(&template, number, identities)).collect();
        store.record(std::slice::from_ref(&policy), &new)?;
    }
    eprintln!("{records} verdicts");
    Ok(())
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::of(DigestAlgorithm::Sha256, bytes)
}

fn key(identity: u64) -> Digest {
    digest(format!("key of {identity}").as_bytes())
}

fn life(number: u64) -> Result<Vec<Event>, Box<dyn std::error::Error>> {
    let text = |text: &str| Text::new(text);
    let at = Time::from_unix(START);
    let stated = |field| Stated { field, source: Source::Declared, observed_at: at };
    let spki_sha256 = KeyHash::of_bytes(key(number).as_bytes()).ok_or("no hash")?;
    let organization = Selector::Organization {
        name: text(&format!("Company {number} GmbH"))?,
        number: text(&format!("HRB {number}"))?,
        country: text("DE")?,
    };
    let changes = [
        (
            "scanner",
            Change::Discovered {
                kind: Kind::Certificate,
                name: text(&format!("Company {number} GmbH"))?,
                selectors: vec![Selector::Key { spki_sha256 }, organization],
                found_in: text("fill")?,
            },
        ),
        (
            "alice",
            Change::Claimed {
                owner: text(&format!("owner-{}", number % 500))?,
                second_owner: Some(text("sam")?),
                fields: vec![
                    stated(Field::Purpose(text("signs releases")?)),
                    stated(Field::Environments(vec![text("production")?])),
                    stated(Field::ReviewDue(Time::from_unix(START + 400 * Time::DAY))),
                    stated(Field::EndOfLife(text("end of the product")?)),
                    stated(Field::Escalation(text("on-call, then CISO after 30 minutes")?)),
                ],
            },
        ),
        ("alice", Change::Bound { proof: text("certificate")?, selectors: Vec::new(), binding: None }),
        ("bob", Change::Approved {}),
        ("alice", Change::Activated { since: None }),
    ];
    let identity = IdentityId::new(format!("id-{number}"))?;
    let reason = text("fill")?;
    let event = |(actor, change): (&str, Change)| {
        Ok(Event { at, actor: text(actor)?, reason: reason.clone(), identity: identity.clone(), change })
    };
    changes.into_iter().map(event).collect()
}

/// The verdict on the Authenticode sample.
fn template() -> Result<VerdictRecord, Box<dyn std::error::Error>> {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/conpty.dll");
    let bytes = std::fs::read(sample)?;
    let artifact =
        Artifact { name: "conpty.dll".to_owned(), path: "conpty.dll".to_owned(), content: Content::File(&bytes) };
    let at = Time::from_unix(START + 30 * Time::DAY);
    let dossier = examine(&artifact, &Material::default(), at, &Limits::default())?;
    let (policy, expectations, registry) = (Policy::built_in(), Expectations::default(), Registry::default());
    let terms =
        Terms { policy: &policy, environment: "production", expectations: &expectations, registry: &registry, at };
    Ok(VerdictRecord::new(&appraise(dossier, &terms)?, &expectations, None, Reliance::default()))
}

fn verdict(template: &VerdictRecord, number: u64, identities: u64) -> NewRecord {
    let mut record = template.clone();
    let artifact = number / PLACES;
    let identity = if artifact.is_multiple_of(100) { 0 } else { artifact % identities.max(1) };
    let value = digest(format!("artifact {artifact}").as_bytes());
    record.dossier.artifact.digests.insert(DigestAlgorithm::Sha256, value);
    record.dossier.artifact.name = format!("product-{artifact}.dll");
    record.dossier.artifact.path = format!("/opt/products/product-{artifact}.dll");
    let days = i64::try_from(artifact % 300).unwrap_or(0);
    record.reliance = Reliance { party: "deployer".to_owned(), place: format!("host-{}", number % 5_000) };
    record.at = Time::from_unix(START + (days + 30) * Time::DAY);
    for signature in &mut record.dossier.signatures {
        signature.signer.spki_sha256 = Some(key(identity));
        signature.time.trusted = Some(Time::from_unix(START + days * Time::DAY));
    }
    verdicts::documents(&record)
}
