//! From statements to claims: what is said about how an artifact came to be, and who stands behind it.
//!
//! A statement is worth what its author could not have forged. The certificate authority vouches for what is
//! in the certificate; an isolated build platform for what it writes out of reach of the job; whoever
//! controls the job for the rest. [`builders`] is the table of who is who; it never comes from the statement.

mod builders;
mod cloud_build;
mod publish;
mod slsa;
mod summary;

use std::collections::BTreeMap;

use crate::claim::{Fact, Source, SourceNamedIn, Voucher};
use crate::encoding::statement::{Statement, StatementError};
use crate::evidence::Signature;
use crate::finding::FindingId;
use crate::formats::{Found, FoundClaim, FoundFinding};
use builders::Builder;
use slsa::Provenance;

/// What a certificate authority vouches for about the run that signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CertificateFacts {
    /// The issuer of the token.
    pub(crate) issuer: Option<String>,
    /// The workflow that signed.
    pub(crate) signer: Option<String>,
    /// The repository whose run it was.
    pub(crate) repository: Option<String>,
    /// Its commit.
    pub(crate) commit: Option<String>,
    /// Its reference.
    pub(crate) reference: Option<String>,
    /// The event that set it off.
    pub(crate) trigger: Option<String>,
    /// The class of runner.
    pub(crate) runner: Option<String>,
    /// The run.
    pub(crate) invocation: Option<String>,
    /// Everything by name.
    pub(crate) names: BTreeMap<String, String>,
}

/// Adds a signature with what its statement and certificate claim.
pub(crate) fn claims(
    found: &mut Found,
    statement: Option<&Result<Statement, StatementError>>,
    signature: Signature,
    certificate: &CertificateFacts,
) {
    let mut draft = Draft { signature: found.signatures.len(), claims: Vec::new(), contradictions: Vec::new() };
    if !certificate.names.is_empty() {
        draft.claim(Fact::WorkflowIdentity(certificate.names.clone()), Voucher::Ca, None);
    }
    if let Some(Ok(statement)) = statement {
        draft.statement(statement, &signature, certificate);
    }
    found.signatures.push(signature);
    found.claims.extend(draft.claims);
    found.findings.extend(draft.contradictions.into_iter().map(|message| FoundFinding {
        id: FindingId::StatementContradicted,
        message,
        signatures: vec![draft.signature],
    }));
}

struct Draft {
    signature: usize,
    claims: Vec<FoundClaim>,
    contradictions: Vec<String>,
}

impl Draft {
    /// Adds a claim, refuted if something contradicts it.
    fn claim(&mut self, fact: Fact, vouched_by: Voucher, contradiction: Option<String>) {
        let refuted = contradiction.is_some();
        self.contradictions.extend(contradiction);
        self.claims.push(FoundClaim { signature: self.signature, fact, vouched_by, refuted });
    }

    fn statement(&mut self, statement: &Statement, signature: &Signature, certificate: &CertificateFacts) {
        if let Some(provenance) = Provenance::read(&statement.predicate_type, &statement.predicate) {
            let builder = builders::of(signature, certificate, &provenance);
            self.certificate(certificate, builder);
            self.provenance(&provenance, signature, certificate, builder);
            return;
        }
        match summary::fact(statement) {
            // Anybody can write a summary: who is accepted as its verifier is for the relying party to say.
            Some(Ok(fact)) => return self.claim(fact, Voucher::Tool, None),
            Some(Err(error)) => self.contradictions.push(format!("the summary cannot be read: {error}")),
            None => {}
        }
        let published = publish::facts(statement, signature, certificate);
        if published.is_empty() {
            let predicate_type = statement.predicate_type.clone();
            self.claim(Fact::Attested { predicate_type }, Voucher::Tenant, None);
        }
        for (fact, vouched_by) in published {
            self.claim(fact, vouched_by, None);
        }
    }

    /// A certificate by itself says who signed. Beside provenance, that is also who built, and from what.
    fn certificate(&mut self, certificate: &CertificateFacts, builder: Option<&Builder>) {
        // Where the statement is written inside the job under a fixed name, the workflow is not the builder.
        if let Some(signer) = certificate.signer.clone().filter(|_| builder.is_none_or(Builder::signs_as_itself)) {
            self.claim(Fact::BuiltBy { builder: signer, build_type: None }, Voucher::Ca, None);
        }
        if let Some(repository) = certificate.repository.clone() {
            let source = Source {
                repository,
                reference: certificate.reference.clone(),
                commit: certificate.commit.clone(),
                branch: None,
                named_in: SourceNamedIn::Certificate,
            };
            self.claim(Fact::BuiltFrom(source), Voucher::Ca, None);
        }
        if let Some(event) = certificate.trigger.clone() {
            self.claim(Fact::TriggeredBy { event }, Voucher::Ca, None);
        }
        if let Some(environment) = certificate.runner.clone() {
            self.claim(Fact::RanOn { environment }, Voucher::Ca, None);
        }
        if let Some(invocation) = certificate.invocation.clone() {
            self.claim(Fact::BuiltIn { invocation, started: None, finished: None }, Voucher::Ca, None);
        }
    }

    fn provenance(
        &mut self,
        provenance: &Provenance,
        signature: &Signature,
        certificate: &CertificateFacts,
        builder: Option<&Builder>,
    ) {
        let voucher = builder.map_or(Voucher::Tenant, |builder| builder.voucher);
        let built_by = Fact::BuiltBy { builder: provenance.builder.clone(), build_type: provenance.build_type.clone() };
        let forged = wrong_builder(provenance, signature, certificate, builder)
            .or_else(|| wrong_runner(provenance, certificate, builder));
        let of_builder = if is_certified_runner(certificate, builder) { Voucher::Ca } else { voucher };
        self.claim(built_by, of_builder, forged);
        for source in &provenance.sources {
            self.claim(Fact::BuiltFrom(source.clone()), voucher, wrong_source(source, certificate));
        }
        if let Some(event) = provenance.event.clone() {
            let wrong = differs("event", &event, certificate.trigger.as_deref());
            self.claim(Fact::TriggeredBy { event }, voucher, wrong);
        }
        if let Some(environment) = provenance.runner.clone() {
            let wrong = differs("runner", &environment, certificate.runner.as_deref());
            self.claim(Fact::RanOn { environment }, voucher, wrong);
        }
        if !provenance.parameters.is_empty() {
            self.claim(Fact::BuiltWith { parameters: provenance.parameters.clone() }, voucher, None);
        }
        if let Some(invocation) = provenance.invocation.clone() {
            let (started, finished) = (provenance.started, provenance.finished);
            // Only whole URIs are comparable: some builders write a bare number.
            let uri = invocation.contains("://").then_some(certificate.invocation.as_deref()).flatten();
            let wrong = differs("run", &invocation, uri);
            self.claim(Fact::BuiltIn { invocation, started, finished }, voucher, wrong);
        }
        for (uri, digests) in &provenance.dependencies {
            self.claim(Fact::DependsOn { uri: uri.clone(), digests: digests.clone() }, voucher, None);
        }
    }
}

/// A builder that signs as itself must be the one whose name is in the certificate.
fn wrong_builder(
    provenance: &Provenance,
    signature: &Signature,
    certificate: &CertificateFacts,
    builder: Option<&Builder>,
) -> Option<String> {
    // Keys name nobody, and who signs for others is in the table of builders.
    if certificate.issuer.is_none() || builder.is_some_and(|builder| !builder.is_named_in_certificate()) {
        return None;
    }
    let named = signature.signer.san.contains(&provenance.builder);
    let signer = signature.signer.san.first().map_or("nobody", String::as_str);
    (!named)
        .then(|| format!("the statement names the builder `{}`, the certificate names `{signer}`", provenance.builder))
}

/// The name under which npm states that GitHub's own machines built.
const HOSTED: &str = "github-hosted";

/// Where a statement names no workflow but the runner as the builder (npm), the certificate says which class
/// of runner it was.
fn is_certified_runner(certificate: &CertificateFacts, builder: Option<&Builder>) -> bool {
    certificate.runner.is_some() && builder.is_some_and(|builder| !builder.signs_as_itself())
}

fn wrong_runner(provenance: &Provenance, certificate: &CertificateFacts, builder: Option<&Builder>) -> Option<String> {
    let claims_hosted = provenance.builder.strip_suffix(HOSTED).is_some_and(|rest| rest.ends_with('/'));
    let named = claims_hosted && is_certified_runner(certificate, builder);
    if named { differs("runner", HOSTED, certificate.runner.as_deref()) } else { None }
}

fn wrong_source(source: &Source, certificate: &CertificateFacts) -> Option<String> {
    let repository = certificate.repository.as_deref()?;
    if bare_repository(&source.repository) != bare_repository(repository) {
        return Some(format!("the statement names the source `{}`, the certificate `{repository}`", source.repository));
    }
    let commit = source.commit.as_deref().and_then(|commit| differs("commit", commit, certificate.commit.as_deref()));
    let reference =
        || source.reference.as_deref().and_then(|r| differs("reference", r, certificate.reference.as_deref()));
    commit.or_else(reference)
}

fn differs(what: &str, said: &str, certified: Option<&str>) -> Option<String> {
    let certified = certified.filter(|certified| *certified != said)?;
    Some(format!("the statement names the {what} `{said}`, the certificate `{certified}`"))
}

/// A repository without what only says how to fetch it.
fn bare_repository(uri: &str) -> &str {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.strip_suffix('/').unwrap_or(uri);
    uri.strip_suffix(".git").unwrap_or(uri)
}
