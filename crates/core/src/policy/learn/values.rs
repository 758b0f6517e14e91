//! The values that occur in good artifacts: who signed, in which format, what built it from where.

use std::collections::BTreeMap;

use super::{Draft, Line};
use crate::claim::{Claim, Fact};
use crate::dossier::Dossier;
use crate::evidence::{Signature, SignatureId};
use crate::identity::Signer;
use crate::policy::Pattern;
use crate::requirements::{REQUIREMENTS, Setting, Shape};
use crate::verdict::Verdict;

/// A note on values that name a release.
const EXACT: &str = "exact, as it was seen: the next release may be named differently";

/// Said where nobody is expected: a policy that is silent about it would seem to ask for somebody.
const NAMELESS: &str = "a signer's name cannot be written as a pattern, so that anybody may have signed: say who must";

/// Requires what all good artifacts have in common, and of what differs one of the values seen.
pub(super) fn add(draft: &mut Draft<'_>) {
    of_signature(draft, "kinds", |signature| Some(signature.format.to_owned()));
    of_signature(draft, "assurance", |signature| Some(signature.assurance.word().to_owned()));
    signers(draft);
    if draft.demands.iter().any(|demand| demand.requirement.id == "provenance") {
        sources(draft);
        of_provenance(draft, "builder", |fact| match fact {
            Fact::BuiltBy { builder, .. } => Some(builder),
            _ => None,
        });
        of_provenance(draft, "trigger", |fact| match fact {
            Fact::TriggeredBy { event } => Some(event),
            _ => None,
        });
        of_provenance(draft, "runner", |fact| match fact {
            Fact::RanOn { environment } => Some(environment),
            _ => None,
        });
    }
    attested(draft);
}

/// A word of the signature that each artifact rests on.
fn of_signature(draft: &mut Draft<'_>, id: &'static str, word: impl Fn(&Signature) -> Option<String>) {
    let verdicts = draft.verdicts();
    let seen = count(verdicts.iter().filter_map(|verdict| word(relied_on(verdict, "vouched")?)));
    let choices = match REQUIREMENTS.iter().find(|known| known.id == id).map(|known| known.shape) {
        Some(Shape::Words(choices)) => choices(),
        _ => Vec::new(),
    };
    let words = seen.keys().filter_map(|word| choices.iter().find(|choice| choice.word == *word));
    let setting = Setting::Words(words.map(|choice| choice.word).collect());
    draft.value(id, setting, Line { values: seen.into_iter().collect(), ..Line::default() });
}

/// The signature that a requirement's answer rests on.
fn relied_on<'v>(verdict: &'v Verdict, requirement: &str) -> Option<&'v Signature> {
    let id = evidence_of(verdict, requirement)?;
    verdict.dossier.signatures.iter().find(|signature| signature.id == id)
}

fn evidence_of(verdict: &Verdict, requirement: &str) -> Option<SignatureId> {
    verdict.requirements().find(|one| one.id == requirement)?.evidence.first().copied()
}

fn count<T: Ord>(seen: impl Iterator<Item = T>) -> BTreeMap<T, usize> {
    let mut counts = BTreeMap::new();
    for value in seen {
        let count: &mut usize = counts.entry(value).or_default();
        *count = count.saturating_add(1);
    }
    counts
}

fn signers(draft: &mut Draft<'_>) {
    let verdicts = draft.verdicts();
    let seen = count(verdicts.iter().filter_map(|verdict| Some(identity(&relied_on(verdict, "vouched")?.signer))));
    // Somebody whose name cannot be written down is nobody to be expected.
    if seen.is_empty() || seen.keys().any(Vec::is_empty) {
        return draft.lines.push(Line { requirement: "expected", note: Some(NAMELESS), ..Line::default() });
    }
    let values = seen.iter().map(|(table, count)| (shown(table), *count)).collect();
    let note = seen.keys().flatten().any(|(_, pattern)| pattern.as_str().contains("@refs/")).then_some(EXACT);
    draft.value("expected", Setting::Tables(seen.into_keys().collect()), Line { values, note, ..Line::default() });
}

type Table = Vec<(&'static str, Pattern)>;

/// The name of an account with its provider, the whole name of a certificate with its issuer, or the key.
fn identity(signer: &Signer) -> Table {
    let of_account = signer.oidc_issuer.as_deref().zip(signer.san.first().map(String::as_str));
    let of_certificate = || signer.issuer.as_deref().zip(signer.name.as_deref());
    if let Some((issuer, name)) = of_account.or_else(of_certificate)
        && let (Some(issuer), Some(name)) = (exact(issuer), exact(name))
    {
        return vec![("signer", name), ("issuer", issuer)];
    }
    let key = signer.spki_sha256.map(|digest| digest.hex()).or_else(|| signer.fingerprint.clone());
    key.as_deref().and_then(exact).map_or_else(Vec::new, |key| vec![("signer", key)])
}

/// A pattern that nothing but this text fits, if there is one: `*` has no other meaning in a pattern.
fn exact(text: &str) -> Option<Pattern> {
    let plain = !text.is_empty() && !text.contains('*') && !text.chars().any(char::is_control);
    plain.then(|| Pattern::new(text))
}

fn shown(table: &Table) -> String {
    table.iter().map(|(_, pattern)| pattern.as_str()).collect::<Vec<_>>().join(" by ")
}

fn sources(draft: &mut Draft<'_>) {
    let verdicts = draft.verdicts();
    let seen = count(verdicts.iter().filter_map(source));
    if seen.is_empty() {
        return;
    }
    let values = seen.iter().map(|(table, count)| (shown(table), *count)).collect();
    let named = seen.keys().flatten().any(|(key, _)| *key == "ref");
    let line = Line { values, note: named.then_some(EXACT), ..Line::default() };
    draft.value("source", Setting::Tables(seen.into_keys().collect()), line);
}

/// The repository of the provenance that an artifact rests on, with the reference where one is named.
fn source(verdict: &Verdict) -> Option<Table> {
    let sources: Vec<_> = claims(verdict)
        .filter_map(|claim| match &claim.fact {
            Fact::BuiltFrom(source) => Some(source),
            _ => None,
        })
        .collect();
    let repository = exact(&sources.first()?.repository)?;
    let reference = sources.iter().find_map(|source| exact(source.reference.as_deref()?));
    Some([("repo", repository)].into_iter().chain(reference.map(|reference| ("ref", reference))).collect())
}

/// The verified claims of the provenance that an artifact rests on.
fn claims(verdict: &Verdict) -> impl Iterator<Item = &Claim> {
    let id = evidence_of(verdict, "provenance");
    verdict.dossier.claims.verified().filter(move |claim| id.is_some_and(|id| claim.evidence == id))
}

/// A value of the provenance that each artifact rests on.
fn of_provenance(draft: &mut Draft<'_>, id: &'static str, value: impl Fn(&Fact) -> Option<&String>) {
    let verdicts = draft.verdicts();
    let of_one = |verdict| claims(verdict).filter_map(|claim| exact(value(&claim.fact)?)).collect::<Vec<_>>();
    let mut seen = BTreeMap::new();
    for verdict in &verdicts {
        let mut values = of_one(verdict);
        values.sort();
        values.dedup();
        if values.is_empty() {
            // Not every provenance says it: then it cannot be required.
            return;
        }
        for value in values {
            let count: &mut usize = seen.entry(value).or_default();
            *count = count.saturating_add(1);
        }
    }
    let note = seen.keys().any(|pattern: &Pattern| pattern.as_str().contains("@refs/")).then_some(EXACT);
    let values = seen.iter().map(|(pattern, count)| (pattern.to_string(), *count)).collect();
    draft.value(id, Setting::Patterns(seen.into_keys().collect()), Line { values, note, ..Line::default() });
}

/// The types of statements that there are of every artifact.
fn attested(draft: &mut Draft<'_>) {
    let of_one = |dossier: &Dossier| -> Vec<Pattern> {
        let types = dossier.claims.verified().filter_map(|claim| match &claim.fact {
            Fact::Attested { predicate_type } => exact(predicate_type),
            _ => None,
        });
        types.collect()
    };
    let mut all = draft.good.iter().map(of_one);
    let mut common = all.next().unwrap_or_default();
    all.for_each(|types| common.retain(|kind| types.contains(kind)));
    common.sort();
    common.dedup();
    if !common.is_empty() {
        draft.value("attested", Setting::Patterns(common), Line::default());
    }
}
