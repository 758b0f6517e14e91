//! Whether the bytes are those that were released, built again, and as well attested as before.

use countersign::registry::Registry;
use countersign::verdict::Answer;

use base64::Engine as _;
use countersign::claim::Fact;
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::material::EvidenceFile;

use crate::{ARTIFACT, NO, OPEN, Release, YES, answer, asserted, digest, judge, observed, requirement};

const ESTABLISHED: &str = "\"established\"";
const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

fn asked(record: &str, id: &str) -> (Answer, &'static str) {
    answer(observed(record), id, ESTABLISHED, &Registry::default())
}

fn released(name: &str, digest: &str, more: &str) -> String {
    format!(r#"{{"name":"{name}","digests":["{digest}"]{more}}}"#)
}

fn files(files: &[String]) -> String {
    format!(r#""files":[{}]"#, files.join(","))
}

#[test]
fn the_bytes_are_compared_with_those_that_were_released() {
    let ours = digest().to_string();
    assert_eq!(asked(&files(&[released("app", &ours, "")]), "as-released"), (YES, "as-released"));
    assert_eq!(asked(&files(&[released("renamed", &ours, "")]), "as-released"), (YES, "as-released"));
    assert_eq!(asked(&files(&[released("app", OTHER, "")]), "as-released"), (NO, "changed-since-release"));
    assert_eq!(asked(&files(&[released("other", OTHER, "")]), "as-released"), (OPEN, "release-not-known"));
    let versions = files(&[released("app", OTHER, ""), released("app", &ours, "")]);
    assert_eq!(asked(&versions, "as-released"), (YES, "as-released"), "one name in two versions");
    let withdrawn = files(&[released("app", &ours, r#","withdrawn":"stolen token""#)]);
    assert_eq!(asked(&withdrawn, "as-released"), (NO, "withdrawn"));
}

#[test]
fn a_signature_that_is_gone_was_stripped() {
    let record = files(&[released("app", OTHER, r#","signed":true"#)]);
    let mut unsigned = observed(&record);
    unsigned.signatures.clear();
    let verdict = judge(unsigned, "");
    assert_eq!(requirement(&verdict, "as-released"), Some((NO, "stripped-since-release")));
    assert_eq!(asked(&record, "as-released"), (NO, "changed-since-release"), "it still has one");
}

#[test]
fn a_list_of_which_nobody_vouches_only_counts_against() {
    let ours = files(&[released("app", &digest().to_string(), "")]);
    let said = |record: &str| answer(asserted(record), "as-released", ESTABLISHED, &Registry::default());
    assert_eq!(said(&ours), (OPEN, "not-vouched-for"));
    assert_eq!(said(&files(&[released("app", OTHER, "")])), (NO, "changed-since-release"));
}

#[test]
fn a_second_builder_gets_the_same_bytes() {
    let rebuilt = |commit: &str, digest: &str| {
        format!(
            r#""rebuilds":[{{"repository":"https://github.com/acme/app","commit":"{commit}","name":"app","digest":"{digest}","by":"second"}}]"#
        )
    };
    assert_eq!(asked(&rebuilt("c0", &digest().to_string()), "reproduced"), (YES, "reproduced"));
    assert_eq!(asked(&rebuilt("c0", OTHER), "reproduced"), (NO, "not-reproduced"));
    assert_eq!(asked(&rebuilt("c9", OTHER), "reproduced"), (OPEN, "rebuild-not-known"));
    let good = rebuilt("c0", &digest().to_string());
    let both = good.replace(']', &rebuilt("c0", OTHER).replace("\"rebuilds\":[", ","));
    assert_eq!(asked(&both, "reproduced"), (NO, "not-reproduced"), "a good one hides no bad one");
}

/// A version published on a day of January, with the bytes of the artifact if it is `1.0.5` or `0.30.4`.
fn version(number: &str, day: u32, how: &str) -> String {
    let digests = if ["1.0.5", "0.30.4"].contains(&number) { format!("\"{}\"", digest()) } else { String::new() };
    format!(
        r#"{{"package":"app","version":"{number}","published":"2026-01-{day:02}T00:00:00Z","how":"{how}","digests":[{digests}]}}"#
    )
}

fn history(versions: &[String]) -> (Answer, &'static str) {
    asked(&format!(r#""versions":[{}]"#, versions.join(",")), "not-downgraded")
}

#[test]
fn a_version_is_not_less_attested_than_those_before_it() {
    let ladder = |before: &str, how: &str| history(&[version("1.0.4", 1, before), version("1.0.5", 2, how)]);
    assert_eq!(ladder("attested", "attested"), (YES, "as-well-attested"));
    assert_eq!(ladder("attested", "unattested"), (NO, "less-well-attested"));
    assert_eq!(ladder("trusted-publisher", "attested"), (NO, "less-well-attested"));
    assert_eq!(ladder("unattested", "trusted-publisher"), (YES, "as-well-attested"));
    assert_eq!(history(&[version("1.0.4", 1, "attested")]), (OPEN, "history-not-known"));
    let any_before =
        [version("1.0.3", 1, "attested"), version("1.0.4", 2, "unattested"), version("1.0.5", 3, "unattested")];
    assert_eq!(history(&any_before), (NO, "less-well-attested"), "any version before counts");
    assert_eq!(
        history(&[version("1.0.5", 1, "unattested"), version("1.0.6", 2, "attested")]).0,
        YES,
        "later ones do not"
    );
}

#[test]
fn a_step_down_is_explained_by_somebody_who_is_named_and_about_these_bytes() {
    let explained = |of: &str| {
        let last = version("1.0.5", 2, "unattested");
        let why = last.replace('}', r#","explained":"configuration of the registry"}"#);
        let versions = [version("1.0.4", 1, "attested"), last, why.replace(&digest().to_string(), of)];
        format!(r#""versions":[{}]"#, versions.join(","))
    };
    let ours = digest().to_string();
    assert_eq!(asked(&explained(&ours), "not-downgraded"), (OPEN, "step-down-explained"));
    assert_eq!(asked(&explained(OTHER), "not-downgraded"), (NO, "less-well-attested"), "of another file");
    let by_anybody = answer(asserted(&explained(&ours)), "not-downgraded", ESTABLISHED, &Registry::default());
    assert_eq!(by_anybody, (NO, "less-well-attested"), "by anybody");
    let unasked = judge(observed(&explained(&ours)), "");
    assert_eq!(requirement(&unasked, "not-downgraded"), Some((YES, "nothing-known-against")));
}

#[test]
fn downgrades_before_the_day_that_the_policy_names_do_not_count() {
    let record = |versions: &[String]| format!(r#""versions":[{}]"#, versions.join(","));
    let step_down = record(&[version("1.0.4", 1, "attested"), version("1.0.5", 9, "unattested")]);
    let since = |day: u32, dossier: Dossier, path: &str| {
        requirement(&judge(dossier, &format!("downgrades_since = 2026-01-{day:02}\n{path}")), "not-downgraded")
    };
    let asked = "path.not-downgraded = \"established\"";
    assert_eq!(since(10, observed(&step_down), asked), Some((YES, "before-downgrades-count")));
    assert_eq!(since(9, observed(&step_down), asked), Some((NO, "less-well-attested")), "the day itself counts");
    assert_eq!(since(10, observed(&step_down), "").map(|(answer, _)| answer), Some(YES), "whether asked or not");
    assert_eq!(since(10, asserted(&step_down), asked), Some((NO, "less-well-attested")), "the day is said by anybody");
    let twice = record(&[
        version("1.0.4", 1, "attested"),
        version("1.0.5", 9, "unattested"),
        version("1.0.5", 11, "unattested"),
    ]);
    assert_eq!(since(10, observed(&twice), asked), Some((NO, "less-well-attested")), "the later of two records counts");
    let renamed = |first: &str, second: &str| {
        let two = [version("1.0.5", 9, "unattested"), version("1.0.5", 11, "unattested").replace("1.0.5", "1.0.9")];
        let [old, new] = &two;
        let order = if first < second { [old.clone(), new.clone()] } else { [new.clone(), old.clone()] };
        since(10, observed(&record(&[[version("1.0.4", 1, "attested")].to_vec(), order.to_vec()].concat())), asked)
    };
    assert_eq!(renamed("a", "b"), renamed("b", "a"), "in any order");
    assert_eq!(renamed("a", "b"), Some((NO, "less-well-attested")), "the same bytes as a later version");
}

#[test]
fn of_two_records_of_a_version_the_worse_counts() {
    let twice = [version("1.0.4", 1, "attested"), version("1.0.5", 2, "attested"), version("1.0.5", 2, "unattested")];
    assert_eq!(history(&twice), (NO, "less-well-attested"));
}

#[test]
fn older_lines_and_pre_releases_are_compared_with_their_own() {
    let old_line =
        [version("0.30.3", 1, "unattested"), version("1.0.4", 2, "attested"), version("0.30.4", 3, "unattested")];
    assert_eq!(history(&old_line).0, YES);
    let new_line = [version("0.30.3", 1, "attested"), version("1.0.5", 3, "unattested")];
    assert_eq!(history(&new_line), (NO, "less-well-attested"), "a new line has no history of its own");
    let second =
        [version("0.30.3", 1, "attested"), version("1.0.4", 2, "unattested"), version("1.0.5", 3, "unattested")];
    assert_eq!(history(&second), (NO, "less-well-attested"), "nor has its second version");
}

/// What is said by a document as its registry or publisher writes it.
fn by(document: String, id: &str) -> (Answer, &'static str) {
    let file = EvidenceFile { path: "document".to_owned(), bytes: document.into_bytes() };
    let dossier = Release { observed: vec![file], ..Release::default() }.dossier();
    answer(dossier, id, ESTABLISHED, &Registry::default())
}

#[test]
fn files_are_known_by_whatever_strong_digest_is_named() {
    let sha512 = Digest::of(DigestAlgorithm::Sha512, ARTIFACT);
    let integrity = base64::engine::general_purpose::STANDARD.encode(sha512.as_bytes());
    let package = |attestations: &str| {
        format!(
            r#"{{"name":"app","dist-tags":{{}},"time":{{"1.0.0":"2026-01-01T00:00:00Z","1.0.1":"2026-01-02T00:00:00Z"}},
            "versions":{{"1.0.0":{{"dist":{{"attestations":{{"url":"u"}}}}}},
            "1.0.1":{{"dist":{{"integrity":"sha512-{integrity}"{attestations}}}}}}}}}"#
        )
    };
    assert_eq!(by(package(""), "not-downgraded"), (NO, "less-well-attested"));
    assert_eq!(by(package(r#","attestations":{"url":"u"}"#), "not-downgraded"), (YES, "as-well-attested"));
    assert_eq!(by(package(""), "as-released"), (YES, "as-released"));
    assert_eq!(by(format!("{}  app\n", sha512.hex()), "as-released"), (YES, "as-released"));
    assert_eq!(by(format!("{}  app\n", "0".repeat(128)), "as-released"), (NO, "changed-since-release"));
}

#[test]
fn what_is_said_of_other_files_is_left_out() {
    let record =
        files(&[released("a", OTHER, ""), released("app", &digest().to_string(), ""), released("b", OTHER, "")]);
    let names: Vec<_> = observed(&record)
        .claims
        .all()
        .iter()
        .filter_map(|claim| if let Fact::Released(file) = &claim.fact { Some(file.name.clone()) } else { None })
        .collect();
    assert_eq!(names, ["app"]);
    let others = observed(&files(&[released("a", OTHER, "")]));
    assert_eq!(others.findings[0].id.word(), "evidence-about-another");
}
