//! Question 3 beyond provenance: runs, reviews, duties, and what was released, from the documents that say so to the
//! answers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]

#[path = "../dossiers/mod.rs"]
mod dossiers;
mod duties;
#[path = "../identities/mod.rs"]
mod identities;
mod merge_request;
mod released;
mod run;
mod source;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claims, Fact};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::event::{Event, Kind};
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::{Expectations, Policy};
use countersign::registry::{Registry, Selector};
use countersign::time::Time;
use countersign::verdict::{Answer, Question, Verdict};

use dossiers::{built_by, built_from, claim, dossier, fulcio};
use identities::{day, text};

const ARTIFACT: &[u8] = b"artifact";
const REPOSITORY: &str = "https://github.com/acme/app";
const WORKFLOW: &str = "https://github.com/acme/app/.github/workflows/release.yml";
const RUN: &str = "https://github.com/acme/app/actions/runs/7";
/// The day on which the release is signed.
const SIGNED: i64 = 10;
/// The day on which it is judged.
const NOW: i64 = 20;

/// A release with provenance out of the first attempt of a run on commit `c0`, and what is said about it.
struct Release {
    observed: Vec<EvidenceFile>,
    evidence: Vec<EvidenceFile>,
    repository: &'static str,
    event: &'static str,
    reference: &'static str,
}

impl Default for Release {
    fn default() -> Self {
        let (observed, evidence) = (Vec::new(), Vec::new());
        Self { observed, evidence, repository: REPOSITORY, event: "push", reference: "refs/tags/v1.0.0" }
    }
}

impl Release {
    fn dossier(&self) -> Dossier {
        let material = Material {
            observed: self.observed.iter().map(|file| ReadExport::observed(file).unwrap()).collect(),
            evidence: self.evidence.clone(),
            ..Material::default()
        };
        let bytes = ARTIFACT.to_vec();
        let artifact = Artifact { name: "app".to_owned(), path: "app".to_owned(), content: Content::File(&bytes) };
        let found = examine(&artifact, &material, day(NOW), &Limits::default()).unwrap();
        let mut source = built_from(self.repository, Some(self.reference));
        if let Fact::BuiltFrom(source) = &mut source {
            source.commit = Some("c0".to_owned());
        }
        let facts = vec![
            built_by(&format!("{WORKFLOW}@{}", self.reference)),
            source,
            Fact::TriggeredBy { event: self.event.to_owned() },
            Fact::BuiltIn { invocation: format!("{RUN}/attempts/1"), started: None, finished: Some(day(SIGNED)) },
        ];
        let claims = facts.into_iter().map(|fact| claim(0, fact)).chain(found.claims.all().iter().cloned()).collect();
        Dossier {
            claims: Claims::new(claims),
            artifact: found.artifact,
            exports: found.exports,
            findings: found.findings,
            ..dossier(vec![fulcio("app", day(SIGNED).unix())], Vec::new())
        }
    }
}

/// A release about which this record says something.
fn observed(record: &str) -> Dossier {
    Release { observed: vec![file(record)], ..Release::default() }.dossier()
}

/// The same record, of which nobody vouches.
fn asserted(record: &str) -> Dossier {
    Release { evidence: vec![file(record)], ..Release::default() }.dossier()
}

fn file(record: &str) -> EvidenceFile {
    let text = format!(r#"{{"schema":"countersign/release/v1",{record}}}"#);
    EvidenceFile { path: "record.json".to_owned(), bytes: text.into_bytes() }
}

fn digest() -> Digest {
    Digest::of(DigestAlgorithm::Sha256, ARTIFACT)
}

/// A registry of accounts: the number, and who owns it.
fn people(accounts: &[(&str, &str)]) -> Registry {
    people_at("https://github.com", accounts)
}

fn people_at(forge: &str, accounts: &[(&str, &str)]) -> Registry {
    let events = accounts.iter().flat_map(|(number, owner)| person(forge, number, owner)).collect::<Vec<_>>();
    Registry::replay(&events).unwrap()
}

fn person(forge: &str, number: &str, owner: &str) -> Vec<Event> {
    let account = Selector::ForgeAccount { forge: text(forge), number: text(number) };
    identities::person(&format!("account-{number}"), owner, account, Kind::Workload)
}

fn under(dossier: Dossier, demand: &str, registry: &Registry) -> Verdict {
    let text = format!(
        "schema = 1\nname = \"p\"\n[environment.production]\nsigned.intact = \"required\"\npath.provenance = \"verified\"\n\
         {demand}"
    );
    let expectations = Expectations {
        signer: Some("https://github.com/acme/*".to_owned()),
        issuer: Some("https://token.actions.githubusercontent.com".to_owned()),
        ..Expectations::default()
    };
    let terms = Terms {
        policy: &Policy::parse(&text, "test").unwrap(),
        environment: "production",
        expectations: &expectations,
        registry,
        at: day(NOW),
    };
    appraise(dossier, &terms).unwrap()
}

fn judge(dossier: Dossier, demand: &str) -> Verdict {
    under(dossier, demand, &Registry::default())
}

fn requirement(verdict: &Verdict, id: &str) -> Option<(Answer, &'static str)> {
    let path = verdict.questions.iter().find(|of| of.question == Question::Path).unwrap();
    path.requirements.iter().find(|known| known.id == id).map(|known| (known.answer, known.reason))
}

/// The answer to one requirement.
fn answer(dossier: Dossier, id: &str, setting: &str, registry: &Registry) -> (Answer, &'static str) {
    requirement(&under(dossier, &format!("path.{id} = {setting}"), registry), id).unwrap()
}

const YES: Answer = Answer::Yes;
const NO: Answer = Answer::No;
const OPEN: Answer = Answer::NotEstablished;

#[test]
fn a_policy_that_does_not_ask_about_the_path_is_not_decided_by_it() {
    let failed = format!(r#""acts":[{{"duty":"sign","by":{{"realm":"r","name":"a"}},"digest":"{}"}}]"#, digest());
    let text = "schema = 1\nname = \"p\"\n[environment.lab]\nsigned.intact = \"required\"";
    let terms = Terms {
        policy: &Policy::parse(text, "test").unwrap(),
        environment: "lab",
        expectations: &Expectations::default(),
        registry: &Registry::default(),
        at: Time::from_unix(0),
    };
    let verdict = appraise(observed(&failed), &terms).unwrap();
    assert_eq!(verdict.decision.exit_code(), 0);
    assert_eq!(requirement(&verdict, "in-order"), Some((NO, "approval-missing")));
}
