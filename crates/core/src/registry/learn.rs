//! Learning: proposals of identities, bindings and expectations from verified facts.
//!
//! What is learnt is a list of events for somebody to review and import. An identity that is learnt is merely
//! *discovered*: its binding and its products are proposals, and it signs for nobody until people have claimed and
//! approved it.

use std::collections::{BTreeMap, BTreeSet};

use super::drift::Seen;
use super::hints::packages_of;
use super::{Binding, Product, Selector, selectors_of};
use crate::dossier::Dossier;
use crate::event::{BadText, Change, Event, IdentityId, Kind, MAX_ITEMS, Text};
use crate::evidence::{Signature, State};
use crate::identity::Assurance;
use crate::time::Time;

/// Most characters of a proposed name of an identity; the rest of the 64 is room for a number.
const MAX_SLUG: usize = 48;

/// What was seen in any number of artifacts.
#[derive(Clone, Debug, Default)]
pub struct Learnt {
    /// By what stays, so that all artifacts of one identity are one proposal.
    identities: BTreeMap<Vec<Selector>, Proposal>,
}

/// What was seen of one identity.
#[derive(Clone, Debug)]
struct Proposal {
    kind: Kind,
    name: Text,
    found_in: Text,
    artifacts: u64,
    binding: Option<Binding>,
    products: BTreeSet<Product>,
}

impl Learnt {
    /// Takes in what was found in an artifact. Only signatures that are valid teach anything.
    pub fn take(&mut self, dossier: &Dossier) {
        for signature in dossier.signatures.iter().filter(|signature| signature.state() == State::Valid) {
            let selectors = what_stays(selectors_of(signature, &dossier.claims));
            if selectors.is_empty() {
                continue;
            }
            let Some(fresh) = Proposal::of(signature, dossier) else { continue };
            let known = self.identities.entry(selectors).or_insert(fresh);
            known.artifacts = known.artifacts.saturating_add(1);
            known.bind(&Seen::of(signature, &dossier.claims));
            known.products.extend(products(signature, dossier));
        }
    }

    /// Keeps only the identities of which `is_new` holds, given what they are known by. Returns how many went.
    pub fn retain(&mut self, mut is_new: impl FnMut(&[Selector]) -> bool) -> usize {
        let before = self.identities.len();
        self.identities.retain(|selectors, _| is_new(selectors));
        before.saturating_sub(self.identities.len())
    }

    /// What each identity is known by.
    pub fn selectors(&self) -> impl Iterator<Item = &[Selector]> {
        self.identities.keys().map(Vec::as_slice)
    }

    /// How many identities were seen.
    #[must_use]
    pub fn len(&self) -> usize {
        self.identities.len()
    }

    /// Whether none was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.identities.is_empty()
    }

    /// The proposals as events, in an order that does not depend on the order of the artifacts.
    ///
    /// # Errors
    /// If a text that is made here is none; that does not happen with names that were taken in.
    pub fn events(&self, actor: &Text, at: Time) -> Result<Vec<Event>, BadText> {
        let mut taken = BTreeMap::<String, u32>::new();
        let mut events = Vec::new();
        for (selectors, proposal) in &self.identities {
            let identity = IdentityId::new(numbered(slug(proposal.name.as_str()), &mut taken))?;
            let reason = Text::new(format!("learnt from {} artifacts", proposal.artifacts))?;
            let event =
                |change| Event { at, actor: actor.clone(), reason: reason.clone(), identity: identity.clone(), change };
            events.extend(proposal.changes(selectors).into_iter().map(event));
        }
        Ok(events)
    }
}

impl Proposal {
    fn of(signature: &Signature, dossier: &Dossier) -> Option<Self> {
        let name = signature.signer.display_name().and_then(|name| Text::new(name).ok())?;
        let found_in = Text::new(dossier.artifact.path.as_str()).or_else(|_| Text::new("an artifact")).ok()?;
        let products = BTreeSet::new();
        Some(Self { kind: kind(signature), name, found_in, artifacts: 0, binding: None, products })
    }

    /// Binds to what all signatures have in common.
    fn bind(&mut self, seen: &Seen<'_>) {
        if !seen.is_workload() {
            return;
        }
        let mut fresh = seen.binding(Time::from_unix(0));
        fresh.references = fresh.references.iter().map(any_tag).collect();
        self.binding = Some(match self.binding.take() {
            None => fresh,
            Some(known) => common(known, &fresh),
        });
    }

    fn changes(&self, selectors: &[Selector]) -> Vec<Change> {
        let mut changes = vec![Change::Discovered {
            kind: self.kind,
            name: self.name.clone(),
            selectors: selectors.to_vec(),
            found_in: self.found_in.clone(),
        }];
        let bound = self.binding.clone().filter(|binding| !binding.is_open());
        changes.extend(bound.map(|binding| Change::Bound {
            proof: self.found_in.clone(),
            selectors: Vec::new(),
            binding: Some(Box::new(binding)),
        }));
        let products: Vec<Product> = self.products.iter().take(MAX_ITEMS).cloned().collect();
        if !products.is_empty() {
            changes.push(Change::Expected { products });
        }
        changes
    }
}

/// Any release is tagged anew; a branch stays.
fn any_tag(reference: &Text) -> Text {
    let is_tag = reference.as_str().starts_with("refs/tags/");
    if is_tag { Text::new("refs/tags/*").unwrap_or_else(|_| reference.clone()) } else { reference.clone() }
}

/// A part that differs from signature to signature is left open; references and triggers add up.
fn common(known: Binding, fresh: &Binding) -> Binding {
    let same = |known: Option<Text>, fresh: &Option<Text>| known.filter(|known| Some(known) == fresh.as_ref());
    let union = |mut known: Vec<Text>, fresh: &[Text]| {
        let room = MAX_ITEMS.saturating_sub(known.len());
        let new: Vec<Text> = fresh.iter().filter(|text| !known.contains(text)).take(room).cloned().collect();
        known.extend(new);
        known
    };
    Binding {
        issuer: same(known.issuer, &fresh.issuer),
        owner_id: same(known.owner_id, &fresh.owner_id),
        repository_id: same(known.repository_id, &fresh.repository_id),
        repository: same(known.repository, &fresh.repository),
        workflow: same(known.workflow, &fresh.workflow),
        workflow_digest: None,
        signer: same(known.signer, &fresh.signer),
        references: union(known.references, &fresh.references),
        triggers: union(known.triggers, &fresh.triggers),
        runner: same(known.runner, &fresh.runner),
        environment: same(known.environment, &fresh.environment),
        gateway_key: None,
        valid_from: known.valid_from,
    }
}

/// What stays when a certificate is renewed, where there is such a thing; else the key.
fn what_stays(mut selectors: Vec<Selector>) -> Vec<Selector> {
    let is_key = |selector: &Selector| matches!(selector, Selector::Key { .. });
    if !selectors.iter().all(is_key) {
        selectors.retain(|selector| !is_key(selector));
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
        _ if signature.signer.team_id.is_some() => Kind::AppleTeam,
        _ => Kind::Certificate,
    }
}

/// What the artifact is, without its version.
fn products(signature: &Signature, dossier: &Dossier) -> Vec<Product> {
    let pattern = |name: &str| Text::new(without_versions(name)).ok();
    let file = pattern(&dossier.artifact.name).map(Product::File);
    let packages =
        packages_of(signature, &dossier.claims).into_iter().filter_map(|name| pattern(name).map(Product::Package));
    file.into_iter().chain(packages).filter(|product| !product.is_open()).collect()
}

/// The name with `*` for every number with a dot in it: `app-1.2.3.exe` becomes `app-*.exe`.
fn without_versions(name: &str) -> String {
    let mut pattern = String::new();
    let mut rest = name;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, digits) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let end = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
        let (run, after) = digits.split_at_checked(end).unwrap_or((digits, ""));
        // A dot at the end belongs to what follows: `app-1.2.exe`.
        let number = run.trim_end_matches('.');
        pattern.push_str(before);
        pattern.push_str(if number.contains('.') { "*" } else { number });
        pattern.push_str(run.strip_prefix(number).unwrap_or_default());
        rest = after;
    }
    pattern.push_str(rest);
    pattern
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
    let edges = ['-', '.', '_'];
    let slug: String = slug.trim_matches(edges).chars().take(MAX_SLUG).collect();
    let slug = slug.trim_end_matches(edges);
    if slug.is_empty() { "identity".to_owned() } else { slug.to_owned() }
}

/// The name, with a number behind it if it is taken.
fn numbered(slug: String, taken: &mut BTreeMap<String, u32>) -> String {
    let mut name = slug.clone();
    let mut number = taken.get(&slug).copied().unwrap_or(1);
    while taken.contains_key(&name) {
        number = number.saturating_add(1);
        name = format!("{slug}-{number}");
    }
    taken.insert(slug, number);
    taken.insert(name.clone(), 1);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_become_patterns_and_other_numbers_stay() {
        for (name, pattern) in [
            ("app-1.2.3.exe", "app-*.exe"),
            ("app_1.10.tar.gz", "app_*.tar.gz"),
            ("7z2301-x64.exe", "7z2301-x64.exe"),
            ("pkg:npm/left-pad@1.3.0", "pkg:npm/left-pad@*"),
            ("app", "app"),
            ("1.2.3", "*"),
            ("v1..2", "v*"),
        ] {
            assert_eq!(without_versions(name), pattern);
        }
    }

    #[test]
    fn names_of_identities_are_told_apart() {
        assert_eq!(slug("CN=Acme GmbH,O=Acme"), "acme-gmbh");
        assert_eq!(
            slug("https://github.com/acme/app/.github/workflows/r.yml@refs/tags/v1"),
            "github.com-acme-app-.github-workflows-r.yml-refs"
        );
        assert_eq!(slug("Ω"), "identity");
        let mut taken = BTreeMap::new();
        let names = ["a", "a", "a-2", "a"].map(|name| numbered(name.to_owned(), &mut taken));
        assert_eq!(names, ["a", "a-2", "a-2-2", "a-3"]);
    }

    #[test]
    fn only_what_is_common_is_bound() {
        let text = |text: &str| Text::new(text).unwrap();
        let binding = |runner: &str, trigger: &str| Binding {
            runner: Some(text(runner)),
            repository: Some(text("r")),
            triggers: vec![text(trigger)],
            ..Binding::open(Time::from_unix(0))
        };
        let both = common(binding("a", "push"), &binding("b", "release"));
        assert_eq!((both.runner, both.repository), (None, Some(text("r"))));
        assert_eq!(both.triggers, [text("push"), text("release")]);
    }
}
