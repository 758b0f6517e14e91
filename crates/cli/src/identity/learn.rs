//! `identity learn`: proposals from the signatures in a tree, to be reviewed and imported.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use countersign::dossier::Dossier;
use countersign::event::{Change, Event, IdentityId, Kind, Text};
use countersign::evidence::{Signature, State};
use countersign::identity::Assurance;
use countersign::registry::{Selector, selectors_of};
use countersign::time::Time;
use countersign_store::{SqliteStore, Store as _};

use super::actor;
use super::args::Learn;
use crate::describe::print;
use crate::examiner::{Examiner, Target, cores};
use crate::output::{NOTHING_FOUND, complain, note};
use crate::store::StoreOptions;
use crate::trouble::Trouble;
use crate::walk::{Met, Walk};

/// Runs `identity learn`. It writes a file and nothing else: nothing is taken into the registry silently.
pub(crate) fn run(store: &StoreOptions, options: &Learn) -> Result<u8, Trouble> {
    let by = actor(options.actor.as_ref())?;
    let examiner = Examiner::new(&options.evidence)?;
    let mut learnt = Learnt::default();
    for path in &options.artifacts {
        match examiner.whole(path)? {
            Some(target) => learnt.take(&examiner, &target),
            None => learnt.walk(&examiner, path),
        }
    }
    // What is recorded already is not proposed again.
    let known = match store.path().map(|path| SqliteStore::open_to_read(&path)) {
        Ok(Ok(store)) => learnt.drop_known(&store)?,
        _ => 0,
    };
    let events = learnt.events(&by, examiner.at)?;
    let (proposed, seen) = (events.len(), learnt.seen);
    let summary = format!("{seen} artifacts: {proposed} identities proposed, {known} known already\n");
    if events.is_empty() {
        print(&summary);
        note("no valid signature of an identity that is not recorded yet");
        return Ok(if learnt.failed { crate::output::CANNOT_RUN } else { NOTHING_FOUND });
    }
    write(&options.output, &events)?;
    let code = print(&format!(
        "{summary}review the file, then: countersign identity import {} --reason TEXT\n",
        options.output.display()
    ));
    Ok(if learnt.failed { crate::output::CANNOT_RUN } else { code })
}

/// What was seen of one identity.
struct Seen {
    selectors: Vec<Selector>,
    kind: Kind,
    name: Text,
    found_in: Text,
    artifacts: u64,
}

#[derive(Default)]
struct Learnt {
    /// By the selectors, so that all artifacts of one identity are one proposal.
    identities: BTreeMap<Vec<Selector>, Seen>,
    seen: u64,
    failed: bool,
}

impl Learnt {
    fn walk(&mut self, examiner: &Examiner, root: &Path) {
        for met in Walk::new(root) {
            match met {
                Met::Trouble(trouble) => self.fail(&trouble),
                Met::File(path, listing) => match examiner.is_evidence(&path, &listing) {
                    Ok(true) => {}
                    Ok(false) => self.take(examiner, &Target::File(path, Some(listing))),
                    Err(trouble) => self.fail(&trouble),
                },
            }
        }
    }

    fn fail(&mut self, trouble: &Trouble) {
        complain(trouble);
        self.failed = true;
    }

    fn take(&mut self, examiner: &Examiner, target: &Target) {
        match examiner.examine(target, cores()) {
            Ok(dossier) => self.learn(&dossier),
            Err(trouble) => self.fail(&trouble),
        }
    }

    fn learn(&mut self, dossier: &Dossier) {
        self.seen += 1;
        for signature in dossier.signatures.iter().filter(|signature| signature.state() == State::Valid) {
            let selectors = durable(selectors_of(signature, &dossier.claims));
            let name = signature.signer.display_name().and_then(|name| Text::new(name).ok());
            let found_in = Text::new(&dossier.artifact.path).or_else(|_| Text::new("tree"));
            let (Some(name), Ok(found_in), false) = (name, found_in, selectors.is_empty()) else { continue };
            let seen = self.identities.entry(selectors.clone());
            let seen = seen.or_insert_with(|| Seen { kind: kind(signature), selectors, name, found_in, artifacts: 0 });
            seen.artifacts += 1;
        }
    }

    fn drop_known(&mut self, store: &SqliteStore) -> Result<usize, Trouble> {
        let before = self.identities.len();
        let mut kept = BTreeMap::new();
        for (selectors, seen) in std::mem::take(&mut self.identities) {
            let keys: Vec<String> = selectors.iter().map(Selector::key).collect();
            if store.candidates(&keys)?.is_empty() {
                kept.insert(selectors, seen);
            }
        }
        self.identities = kept;
        Ok(before - self.identities.len())
    }

    fn events(&self, by: &Text, at: Time) -> Result<Vec<Event>, Trouble> {
        let mut ids = BTreeMap::<String, u32>::new();
        let mut events = Vec::new();
        for seen in self.identities.values() {
            let slug = slug(seen.name.as_str());
            let count = ids.entry(slug.clone()).or_default();
            *count += 1;
            let id = if *count == 1 { slug } else { format!("{slug}-{count}") };
            let reason = format!("learnt from {} artifacts, the first {}", seen.artifacts, seen.found_in);
            let reason = Text::new(reason)
                .or_else(|_| Text::new("learnt"))
                .map_err(|bad| Trouble::new("learn", bad.to_string()))?;
            let identity = IdentityId::new(id).map_err(|bad| Trouble::new("learn", bad.to_string()))?;
            let change = Change::Discovered {
                kind: seen.kind,
                name: seen.name.clone(),
                selectors: seen.selectors.clone(),
                found_in: seen.found_in.clone(),
            };
            events.push(Event { at, actor: by.clone(), reason, identity, change });
        }
        Ok(events)
    }
}

/// What stays when a certificate is renewed, where there is such a thing; else the key.
fn durable(mut selectors: Vec<Selector>) -> Vec<Selector> {
    if selectors.iter().any(|selector| !matches!(selector, Selector::Key { .. })) {
        selectors.retain(|selector| !matches!(selector, Selector::Key { .. }));
    }
    selectors.sort();
    selectors.dedup();
    selectors
}

const fn kind(signature: &Signature) -> Kind {
    match signature.assurance {
        Assurance::WorkloadOidc => Kind::Workload,
        Assurance::PersonOidc => Kind::Person,
        Assurance::WebOfTrust => Kind::Openpgp,
        _ => Kind::Certificate,
    }
}

/// The name as the name of an identity.
fn slug(name: &str) -> String {
    let common = name.split(',').find_map(|part| part.trim().strip_prefix("CN=")).unwrap_or(name);
    let common = common.split_once("://").map_or(common, |(_, rest)| rest);
    let mut slug = String::new();
    for character in common.to_lowercase().chars() {
        match character {
            'a'..='z' | '0'..='9' | '.' | '_' => slug.push(character),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    // Room for a number behind it (IdentityId: 64 bytes).
    let slug: String = slug.trim_matches(['-', '.', '_']).chars().take(48).collect();
    if slug.is_empty() { "identity".to_owned() } else { slug.trim_end_matches(['-', '.', '_']).to_owned() }
}

/// Writes the proposals, never over an existing file.
fn write(path: &Path, events: &[Event]) -> Result<(), Trouble> {
    let mut text = String::new();
    for event in events {
        text.push_str(&serde_json::to_string(event).map_err(|error| Trouble::new("learn", error.to_string()))?);
        text.push('\n');
    }
    let open = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = open.and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| Trouble::io(path, &error))
}
