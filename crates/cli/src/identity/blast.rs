//! `identity blast`: what changes if an identity is compromised.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::record::blast::{Effect, decided_again, effect};
use countersign::record::{NotAppraised, RecordedPolicy, VerdictRecord};
use countersign::registry::{Compromise, Identity, Registry, State};
use countersign::time::Time;
use countersign::verdict::Answer;
use countersign_store::{SqliteStore, Store as _, ledger, verdicts};
use serde::Serialize;

use super::args::Blast;
use super::{at, clean, document, unknown};
use crate::describe::print;
use crate::trouble::Trouble;

#[derive(Serialize)]
struct Report {
    schema: &'static str,
    identity: String,
    since: Time,
    at: Time,
    totals: Totals,
    artifacts: Vec<Artifact>,
}

/// How many artifacts and recorded verdicts, and in how many places.
#[derive(Default, Serialize)]
struct Totals {
    verdicts: u64,
    artifacts: usize,
    lost: usize,
    undecided: usize,
    saved: usize,
    admitted_no_longer: u64,
    places: usize,
}

/// One artifact that somebody relied on, or that is installed.
#[derive(Clone, Serialize)]
struct Artifact {
    digest: String,
    names: Vec<String>,
    versions: Vec<String>,
    effect: &'static str,
    signed: Option<Time>,
    verdicts: u64,
    admitted_before: u64,
    admitted_now: u64,
    not_appraised: Option<String>,
    places: Vec<Place>,
    #[serde(skip)]
    worst: Option<Effect>,
}

#[derive(Clone, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    place: String,
    /// `verdict`, or the inventory that says so.
    by: String,
    last: Time,
}

/// Runs `identity blast`.
pub(crate) fn run(store: &SqliteStore, options: &Blast) -> Result<u8, Trouble> {
    let (identity, _) = ledger::identity(store, &options.id)?.ok_or_else(|| unknown(&options.id))?;
    let at = at(options.at);
    let known = identity.compromised.as_ref().map(|compromise| compromise.since);
    let since = options.since.or(known).ok_or_else(|| {
        let problem = format!("`{}` is not recorded as compromised: say since when it would be", identity.id);
        Trouble::new("--since", problem)
    })?;
    let mut found = Found::new(identity, since, at);
    let keys = verdicts::keys_of_identity(&found.identity);
    let mut problem = None;
    verdicts::of_keys(store, &keys, &mut |_, record| {
        if problem.is_none() {
            problem = found.take(store, &record).err();
        }
        Ok(())
    })?;
    if let Some(problem) = problem {
        return Err(problem);
    }
    let report = found.report(store)?;
    Ok(print(&if options.format == "json" { document(&report) } else { text(&report) }))
}

struct Found {
    identity: Identity,
    since: Time,
    at: Time,
    /// What the registry knows once the compromise is recorded.
    registry: Registry,
    policies: BTreeMap<Digest, Result<RecordedPolicy, NotAppraised>>,
    artifacts: BTreeMap<Digest, Artifact>,
    verdicts: u64,
}

impl Found {
    fn new(identity: Identity, since: Time, at: Time) -> Self {
        let registry = Registry::of([compromised(&identity, since)]);
        Self { identity, since, at, registry, policies: BTreeMap::new(), artifacts: BTreeMap::new(), verdicts: 0 }
    }

    fn take(&mut self, store: &SqliteStore, record: &VerdictRecord) -> Result<(), Trouble> {
        let effect = effect(record, &self.identity, self.since);
        if effect == Effect::NotConcerned {
            return Ok(());
        }
        self.verdicts += 1;
        let now = self.decided_now(store, record)?;
        let facts = &record.dossier.artifact;
        let Some(digest) = best_digest(&facts.digests) else { return Ok(()) };
        let artifact = self.artifacts.entry(digest).or_insert_with(|| Artifact::new(digest));
        artifact.worsen(effect);
        artifact.verdicts += 1;
        artifact.admitted_before += u64::from(record.decided == Answer::Yes);
        match now {
            Ok(now) => artifact.admitted_now += u64::from(now == Answer::Yes),
            Err(why) => artifact.not_appraised = Some(why),
        }
        add(&mut artifact.names, &facts.name);
        artifact.seen(Place { place: record.reliance.place.clone(), by: "verdict".to_owned(), last: record.at });
        Ok(())
    }

    fn decided_now(&mut self, store: &SqliteStore, record: &VerdictRecord) -> Result<Result<Answer, String>, Trouble> {
        let sha256 = record.policy.sha256;
        if let Entry::Vacant(unread) = self.policies.entry(sha256) {
            unread.insert(RecordedPolicy::read(&store.policy_text(&sha256)?.unwrap_or_default()));
        }
        let again = match self.policies.get(&sha256) {
            Some(Ok(policy)) => decided_again(record, policy, &self.registry, self.at),
            Some(Err(why)) => Err(why.clone()),
            None => return Ok(Err("its policy is not there".to_owned())),
        };
        Ok(again.map_err(|why| why.to_string()))
    }

    fn report(mut self, store: &SqliteStore) -> Result<Report, Trouble> {
        for (digest, artifact) in &mut self.artifacts {
            for installed in store.installed(digest)? {
                add(&mut artifact.names, &installed.name);
                add(&mut artifact.versions, &installed.version);
                artifact.seen(Place { place: installed.place, by: installed.source, last: installed.observed });
            }
        }
        let mut artifacts: Vec<Artifact> = self.artifacts.into_values().collect();
        artifacts.sort_by_key(|artifact| (order(artifact.effect), artifact.names.clone(), artifact.digest.clone()));
        Ok(Report {
            schema: "countersign/blast/v1",
            identity: self.identity.id.to_string(),
            since: self.since,
            at: self.at,
            totals: totals(&artifacts, self.verdicts),
            artifacts,
        })
    }
}

/// The identity as it is once the compromise is recorded.
fn compromised(identity: &Identity, since: Time) -> Identity {
    let mut identity = identity.clone();
    let earlier = identity.compromised.as_ref().is_none_or(|known| since < known.since);
    if let (true, Some(compromise)) = (earlier, hypothetical(&identity, since)) {
        identity.compromised = Some(compromise);
        identity.state = State::Compromised;
    }
    identity
}

fn hypothetical(identity: &Identity, since: Time) -> Option<Compromise> {
    let by = identity.owner().cloned().unwrap_or_else(|| identity.name.clone());
    let recorded = countersign::registry::Approval { by, at: identity.last };
    Some(Compromise { since, reason: "blast".parse().ok()?, recorded })
}

fn best_digest(digests: &BTreeMap<DigestAlgorithm, Digest>) -> Option<Digest> {
    digests.get(&DigestAlgorithm::Sha256).or_else(|| digests.values().next()).copied()
}

fn add(list: &mut Vec<String>, text: &str) {
    if !text.is_empty() && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

impl Artifact {
    fn new(digest: Digest) -> Self {
        Self {
            digest: digest.to_string(),
            names: Vec::new(),
            versions: Vec::new(),
            effect: Effect::NotConcerned.word(),
            signed: None,
            verdicts: 0,
            admitted_before: 0,
            admitted_now: 0,
            not_appraised: None,
            places: Vec::new(),
            worst: None,
        }
    }

    fn worsen(&mut self, effect: Effect) {
        if self.worst.is_none_or(|known| order(effect.word()) < order(known.word())) {
            self.worst = Some(effect);
            self.effect = effect.word();
            self.signed = match effect {
                Effect::Saved(time) | Effect::Lost(time) => Some(time),
                Effect::NotConcerned | Effect::Undecided => None,
            };
        }
    }

    fn seen(&mut self, place: Place) {
        match self.places.iter_mut().find(|known| known.place == place.place && known.by == place.by) {
            Some(known) => known.last = known.last.max(place.last),
            None => self.places.push(place),
        }
    }
}

/// The worst first.
fn order(word: &str) -> u8 {
    match word {
        "lost" => 0,
        "undecided" => 1,
        "saved" => 2,
        _ => 3,
    }
}

fn totals(artifacts: &[Artifact], verdicts: u64) -> Totals {
    let count = |word: &str| artifacts.iter().filter(|artifact| artifact.effect == word).count();
    let concerned = artifacts.iter().filter(|artifact| artifact.effect != "saved");
    let places = concerned.clone().flat_map(|artifact| artifact.places.iter().map(|place| place.place.as_str()));
    Totals {
        verdicts,
        artifacts: artifacts.len(),
        lost: count("lost"),
        undecided: count("undecided"),
        saved: count("saved"),
        admitted_no_longer: artifacts.iter().map(|it| it.admitted_before.saturating_sub(it.admitted_now)).sum(),
        places: places.collect::<std::collections::BTreeSet<_>>().len(),
    }
}

fn text(report: &Report) -> String {
    let Totals { verdicts, artifacts, lost, undecided, saved, admitted_no_longer, places } = &report.totals;
    let mut text = format!(
        "{}: compromised since {}\n  {artifacts} artifacts in {verdicts} recorded verdicts\n  \
         {lost} lost: signed at or after that\n  \
         {undecided} cannot be decided: no trusted time says when they were signed\n  \
         {saved} saved: a trusted time lies before it\n  \
         {admitted_no_longer} verdicts that admitted would not admit today\n  \
         {places} places have an artifact that is lost or cannot be decided\n",
        report.identity, report.since
    );
    for artifact in &report.artifacts {
        let signed = artifact.signed.map_or_else(String::new, |time| format!(", signed {time}"));
        let names = artifact.names.iter().map(|name| clean(name)).collect::<Vec<_>>().join(", ");
        let versions = artifact.versions.iter().map(|version| format!(" {}", clean(version))).collect::<String>();
        text.push_str(&format!("\n{}{signed}: {names}{versions}\n  {}\n", artifact.effect, artifact.digest));
        if let Some(why) = &artifact.not_appraised {
            text.push_str(&format!("  could not be appraised again: {}\n", clean(why)));
        }
        for place in &artifact.places {
            text.push_str(&format!("  {}   ({}, {})\n", clean(&place.place), clean(&place.by), place.last));
        }
    }
    if report.artifacts.is_empty() {
        text.push_str("no recorded verdict rests on a signature of it\n");
    }
    text
}
