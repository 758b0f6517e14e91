//! Look-alike publishers and exact matching, measured on 2,072 real certificates that signed malware (NDSS 2026).

#![allow(
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod authenticode;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::PathBuf;

use countersign::distrust::import::import;
use countersign::distrust::{Distrust, DistrustPack, FoundHolder};
use countersign::encoding::asn1::oid;
use countersign::encoding::x509::Certificate;
use countersign::evidence::Role;
use countersign::lookalike::{self, Clusters, Letters, Member, Oddity, cluster};
use countersign::time::Time;

const PAIRS: &str = include_str!("data/look_alike_pairs.csv");

fn folder() -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/abused-certificates");
    if !path.is_dir() {
        eprintln!("SKIPPED: no abused certificates at {}", path.display());
        return None;
    }
    Some(path)
}

/// The certificates by the MD5 that is their file name.
fn certificates(folder: &std::path::Path) -> BTreeMap<String, Certificate> {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(folder.join("certs.zip")).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        if entry.is_file() {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            let name = entry.name().unwrap().into_owned();
            let stem = name.rsplit('/').next().unwrap().split('.').next().unwrap().to_owned();
            found.insert(stem, Certificate::from_der(&bytes).unwrap());
        }
    }
    found
}

/// The name that a reader takes for the publisher.
fn publisher(certificate: &Certificate) -> String {
    let subject = certificate.subject();
    subject.attribute(oid::COMMON_NAME).or_else(|| subject.attribute(oid::ORGANIZATION)).unwrap_or_default()
}

fn by_name(certificates: &BTreeMap<String, Certificate>) -> Clusters {
    cluster(certificates.values().map(|certificate| Some(lookalike::normalise(&publisher(certificate)))))
}

fn by_key(certificates: &BTreeMap<String, Certificate>) -> Clusters {
    cluster(certificates.values().map(|certificate| Some(FoundHolder::of(certificate).spki_sha256.hex())))
}

fn by_number(certificates: &BTreeMap<String, Certificate>) -> Clusters {
    cluster(certificates.values().map(|certificate| FoundHolder::of(certificate).number()))
}

#[test]
fn clusters_are_found_by_name_key_and_number() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    assert_eq!(certificates.len(), 2072);
    let names = by_name(&certificates);
    let exact = cluster(certificates.values().map(|certificate| Some(publisher(certificate))));
    let (keys, numbers) = (by_key(&certificates), by_number(&certificates));
    let eye = Letters::ALL.map(|letters| {
        cluster(certificates.values().map(|certificate| Some(lookalike::eye(&publisher(certificate), letters))))
    });
    let count = |clusters: &Clusters| (clusters.groups.len(), clusters.members());
    eprintln!(
        "clusters (certificates): exact name {:?}, normalised {:?}, to the eye {:?}, key {:?}, number {:?}",
        count(&exact),
        count(&names),
        eye.each_ref().map(count),
        count(&keys),
        count(&numbers)
    );
    assert_eq!(count(&exact), (114, 321));
    assert!(names.groups.len() >= 176 && names.members() >= 470, "{:?}", count(&names));
    assert_eq!(count(&keys), (4, 10));
    assert!(!numbers.groups.is_empty());
}

#[test]
fn deceptive_characters_are_counted() {
    let Some(folder) = folder() else { return };
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for certificate in certificates(&folder).values() {
        for oddity in lookalike::oddities(&publisher(certificate)) {
            let kind = match oddity {
                Oddity::Invisible(character) => format!("invisible U+{:04X}", u32::from(character)),
                Oddity::MixedScript { word, .. } => format!("mixed script: {word}"),
            };
            *found.entry(kind).or_default() += 1;
        }
    }
    eprintln!("deceptive characters: {found:?}");
}

#[test]
fn no_two_publishers_look_alike_in_some_letters_alone() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    let names: Vec<String> = certificates.values().map(publisher).collect();
    for letters in [Letters::AsWritten, Letters::Capital] {
        let groups = cluster(names.iter().map(|name| Some(lookalike::eye(name, letters)))).groups;
        for members in groups.values() {
            let small: BTreeSet<String> =
                members.iter().map(|Member(position)| lookalike::eye(&names[*position], Letters::Small)).collect();
            assert_eq!(small.len(), 1, "{letters:?}: {small:?}");
        }
    }
}

/// Verdicts on pairs that the clusters put together, made by looking at both certificates: the same publisher
/// as far as name, country, place and number tell (`same`), or two that only share a name (`other`).
#[test]
fn pairs_that_were_reviewed_by_hand_are_rarely_wrong() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    let (mut reviewed, mut wrong) = (0, Vec::new());
    for line in PAIRS.lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split(',').collect();
        let [a, b, verdict] = cells.as_slice() else { panic!("{line}") };
        let (left, right) = (&certificates[*a], &certificates[*b]);
        let (left, right) = (publisher(left), publisher(right));
        assert_eq!(lookalike::normalise(&left), lookalike::normalise(&right), "{left} / {right}");
        reviewed += 1;
        match *verdict {
            "same" => {}
            "other" => wrong.push(format!("{left} / {right}")),
            verdict => panic!("{verdict}"),
        }
    }
    eprintln!("{reviewed} pairs reviewed, {} wrong: {wrong:?}", wrong.len());
    assert_eq!(reviewed, 200);
    assert!(wrong.len() * 50 <= reviewed, "more than 2 % are wrong: {wrong:?}");
}

/// Prints pairs for a review: consecutive members of each cluster whose names differ as written come first.
#[test]
#[ignore = "prints pairs for a person"]
fn print_pairs() {
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    let all: Vec<(&String, &Certificate)> = certificates.iter().collect();
    let mut pairs = Vec::new();
    for members in by_name(&certificates).groups.values() {
        for pair in members.windows(2) {
            pairs.push((all[pair[0].0], all[pair[1].0]));
        }
    }
    pairs.sort_by_key(|((name, a), (_, b))| (publisher(a) == publisher(b), (*name).clone()));
    let subject = |certificate: &Certificate| certificate.subject().to_string();
    for ((a, left), (b, right)) in pairs.into_iter().take(200) {
        eprintln!("PAIR {a},{b}\n  {}\n  {}", subject(left), subject(right));
    }
}

fn list(folder: &std::path::Path) -> Distrust {
    let (format, imported) = import(&std::fs::read(folder.join("CS_Dataset.csv")).unwrap()).unwrap();
    assert_eq!((format.id, imported.left_out.len()), ("xingtu", 0));
    let pack = DistrustPack::new("NDSS 2026", format.origin, "MIT", Time::from_unix(0), imported.entries).unwrap();
    let mut distrust = Distrust::default();
    distrust.add(DistrustPack::from_json(&pack.to_json()).unwrap());
    distrust
}

#[test]
fn every_certificate_of_the_set_matches_the_list_made_of_it() {
    let Some(folder) = folder() else { return };
    let list = list(&folder);
    let certificates = certificates(&folder);
    let matched = certificates.values().filter(|one| list.on_certificate(one).len() == 1).count();
    eprintln!("{matched} of {} certificates match exactly", certificates.len());
    assert_eq!(matched, 2072);
}

#[test]
fn no_signer_elsewhere_in_the_corpus_is_on_the_list() {
    let Some(folder) = folder() else { return };
    let list = list(&folder);
    let Some(family) = authenticode::family() else { return };
    let (mut signers, mut listed) = (0, Vec::new());
    for case in authenticode::cases(&family) {
        let dossier = authenticode::dossier(&family, &case);
        let resting = dossier.signatures.iter().flat_map(|signature| &signature.rests_on);
        for certificate in resting.filter(|one| one.role == Role::Signer).filter_map(|one| one.as_certificate()) {
            signers += 1;
            if let Some(hit) = list.on_certificate(certificate).first() {
                listed.push(format!("{}: {} {}", case["id"], certificate.subject(), hit.words()));
            }
        }
    }
    eprintln!("{signers} signers, {} on the list: {listed:?}", listed.len());
    assert!(signers > 0);
    assert_eq!(listed, Vec::<String>::new());
}

/// A list of 100,000 entries is loaded and asked without being noticed. The times are printed, not held: they are
/// those of a debug build on a shared machine.
#[test]
fn a_hundred_thousand_entries_are_cheap() {
    let entry = |number: usize| {
        let holder = format!(r#"{{"name":"Publisher {number} Ltd","registration":"{number}","country":"GB"}}"#);
        format!(r#"{{"match":{{"certificate_sha1":"{number:040x}"}},"reason":"malware","holder":{holder}}}"#)
    };
    let entries: Vec<String> = (0..100_000).map(entry).collect();
    let head =
        r#"{"schema":"countersign/distrust/v1","name":"n","source":"s","dated":"2026-11-25T00:00:00Z","entries":["#;
    let text = format!("{head}{}]}}", entries.join(","));
    let began = std::time::Instant::now();
    let mut distrust = Distrust::default();
    distrust.add(DistrustPack::from_json(text.as_bytes()).unwrap());
    let loaded = began.elapsed();
    let Some(folder) = folder() else { return };
    let certificates = certificates(&folder);
    let began = std::time::Instant::now();
    let hits: usize = certificates.values().map(|one| distrust.on_certificate(one).len()).sum();
    let asked = began.elapsed() / u32::try_from(certificates.len()).unwrap();
    eprintln!("100,000 entries ({} bytes) loaded in {loaded:?}, one certificate asked in {asked:?}", text.len());
    assert_eq!(hits, 0);
}
