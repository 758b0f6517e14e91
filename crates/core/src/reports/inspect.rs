//! `inspect`: what is there, without policy and without opinion.

use super::Form;
use super::document::{DossierDocument, source, value};
use super::escape::to_json;
use super::page::{Page, Tone, counted, time_of};
use crate::dossier::Dossier;
use crate::evidence::Signature;
use crate::time::Time;

/// What was found, as JSON (`countersign/dossier/v1`).
#[must_use]
pub fn inspect_json(dossier: &Dossier) -> String {
    to_json(&DossierDocument::of(dossier), true)
}

/// What was found, for people.
#[must_use]
pub fn inspect_text(dossier: &Dossier, at: Time, form: &Form) -> String {
    let mut page = Page::new(form);
    artifact(&mut page, dossier);
    for signature in &dossier.signatures {
        page.line("");
        one(&mut page, signature, at);
    }
    claims(&mut page, dossier);
    for finding in &dossier.findings {
        page.line(format!("  noted: {}: {}", finding.id.word(), page.clean(&finding.message)));
    }
    page.finish()
}

fn artifact(page: &mut Page, dossier: &Dossier) {
    let facts = &dossier.artifact;
    let shown = if facts.path.is_empty() { &facts.name } else { &facts.path };
    let shown = page.clean(shown);
    page.line(page.word(&shown, 0, Tone::Strong));
    let size = facts.size.map_or_else(String::new, |size| format!(", {}", counted(size, "byte")));
    page.line(format!("  format {}{size}", facts.container));
    for (algorithm, digest) in &facts.digests {
        page.line(format!("  {algorithm} {}", digest.hex()));
    }
    page.line(format!("  {}", counted(dossier.signatures.len() as u64, "signature")));
}

pub(super) fn one(page: &mut Page, signature: &Signature, at: Time) {
    let position = signature.position.as_deref().map_or_else(String::new, |place| format!(", {}", page.clean(place)));
    let origin = page.clean(source(&signature.origin));
    let id = page.word(&signature.id.to_string(), 0, Tone::Strong);
    page.line(format!("  {id} {}, {origin}{position}", signature.format));
    signer(page, signature);
    let digest = signature.digest_algorithm.map_or("-", crate::crypto::DigestAlgorithm::name);
    let algorithm = page.clean(signature.signature_algorithm.as_deref().unwrap_or("-"));
    page.line(format!("    algorithms  digest {digest}, signature {algorithm}"));
    page.line(format!("    time        {}", time_of(signature, at)));
    let coverage = &signature.coverage;
    page.line(format!("    coverage    {} of {} bytes", coverage.bytes, coverage.of));
    for part in &coverage.uncovered {
        let (start, end) = (part.range.start, part.range.end);
        page.line(format!("    uncovered   {start:#x}..{end:#x} {}", page.clean(&part.what)));
    }
    for (depth, name) in signature.chain.iter().enumerate() {
        page.line(format!("    chain {depth:<5} {}", page.clean(name)));
    }
    checks(page, signature);
}

fn signer(page: &mut Page, signature: &Signature) {
    let signer = &signature.signer;
    let mut row = |label: &str, text: Option<&str>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            page.line(format!("    {label:<11} {}", page.clean(text)));
        }
    };
    row("name", signer.name.as_deref());
    for name in &signer.san {
        row("san", Some(name));
    }
    row("issuer", signer.issuer.as_deref());
    row("oidc issuer", signer.oidc_issuer.as_deref());
    row("serial", signer.serial_hex().as_deref());
    row("key sha256", signer.spki_sha256.map(|digest| digest.hex()).as_deref());
    row("fingerprint", signer.fingerprint.as_deref());
    row("assurance", Some(signature.assurance.word()));
    let held = &signature.key_protection;
    let by = held.by().map_or_else(String::new, |by| format!(" by {by}"));
    row("key held", Some(&format!("{}{by}: {}", held.word(), held.detail())));
}

/// Columns of the longest check, and of the longest outcome.
const CHECK_WIDTH: usize = 18;
const OUTCOME_WIDTH: usize = 9;

fn checks(page: &mut Page, signature: &Signature) {
    for check in &signature.checks {
        let outcome = page.word(check.outcome.word(), OUTCOME_WIDTH, Tone::of_outcome(check.outcome));
        let id = check.id.word();
        let detail = page.clean(&check.detail);
        page.line(format!("    check       {id:<CHECK_WIDTH$} {outcome} {}: {detail}", check.outcome.reason()));
    }
}

pub(super) fn claims(page: &mut Page, dossier: &Dossier) {
    if dossier.claims.all().is_empty() {
        return;
    }
    page.line("");
    page.line("  claims");
    for claim in dossier.claims.all() {
        let value = page.clean(&to_json(&value(&claim.fact), false));
        let (fact, standing, voucher) = (claim.fact.name(), claim.standing.word(), claim.vouched_by.word());
        page.line(format!("    {standing:<8} {fact} {value}  by {voucher}, {}", claim.evidence));
    }
}
