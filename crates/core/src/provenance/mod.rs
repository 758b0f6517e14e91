//! From statements to claims: what is said about how an artifact came to be, and who stands behind it.
//!
//! A statement is worth what its author could not have forged. The certificate authority vouches for what is
//! in the certificate; an isolated build platform for what it writes out of reach of the job; whoever
//! controls the job for the rest. [`builders`] is the table of who is who; it never comes from the statement.

pub mod builders;
mod cloud_build;
mod forgeable;
mod gittuf;
mod parameters;
mod platforms;
mod publish;
mod slsa;
mod source_tool;
mod summary;
mod witness;

use std::collections::{BTreeMap, BTreeSet};

use crate::claim::{Fact, Graded, Source, SourceNamedIn, Summary, Voucher};
use crate::crypto::DigestAlgorithm;
use crate::encoding::json::{FieldError, Json};
use crate::encoding::statement::{Statement, StatementError};
use crate::evidence::{CheckId, Need, Outcome, Signature};
use crate::exports;
use crate::finding::FindingId;
use crate::formats::{Found, FoundClaim, FoundFinding};
use crate::identity::Assurance;
use crate::release::review::SourceSummary;
use builders::{Builder, GITHUB, Grade, HOSTED, Made};
use slsa::Provenance;
pub(crate) use summary::{SVR, VSA};

/// Commits that one summary is read to be about, each with a copy of it; real ones are about one.
const MAX_COMMITS: usize = 1_000;

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
    mut signature: Signature,
    certificate: &CertificateFacts,
) {
    let mut draft = Draft {
        signature: found.signatures.len(),
        claims: Vec::new(),
        contradictions: Vec::new(),
        certified_by: certified_by(&signature),
    };
    if !certificate.names.is_empty() {
        draft.claim(Fact::WorkflowIdentity(certificate.names.clone()), draft.certified_by, None);
    }
    if let Some(Ok(statement)) = statement {
        draft.statement(statement, &mut signature, certificate);
    }
    found.signatures.push(signature);
    found.claims.extend(draft.claims);
    found.findings.extend(draft.contradictions.into_iter().map(|message| FoundFinding {
        id: FindingId::StatementContradicted,
        message,
        signatures: vec![draft.signature],
    }));
}

/// A statement about a build, with who made it.
struct Told<'a> {
    provenance: &'a Provenance,
    predicate: &'a Json,
    signature: &'a Signature,
    certificate: &'a CertificateFacts,
    /// The row of the table of builders that fits.
    grade: Option<Grade<'a>>,
}

impl Told<'_> {
    fn builder(&self) -> Option<&Builder> {
        self.grade.map(|grade| grade.builder)
    }
}

/// Whether the identity in a certificate is what its issuer says: only an instance of Fulcio copies it from a token.
/// Any other authority could write what it likes. Keys are what the relying party accepted them as.
pub(crate) fn is_from_token(signature: &Signature) -> bool {
    signature.signer.oidc_issuer.is_none() || signature.assurance == Assurance::WorkloadOidc
}

/// Who stands behind what a certificate says of the run: its authority, if that copies it from a token. In a certificate
/// of any other, the holder may have had written what it likes.
fn certified_by(signature: &Signature) -> Voucher {
    match signature.assurance {
        Assurance::WorkloadOidc | Assurance::PersonOidc => Voucher::Ca,
        _ => Voucher::Tenant,
    }
}

struct Draft {
    signature: usize,
    claims: Vec<FoundClaim>,
    contradictions: Vec<String>,
    /// Who stands behind what the certificate says.
    certified_by: Voucher,
}

impl Draft {
    /// Adds a claim, refuted if something contradicts it.
    fn claim(&mut self, fact: Fact, vouched_by: Voucher, contradiction: Option<String>) {
        let refuted = contradiction.is_some();
        self.contradictions.extend(contradiction);
        self.claims.push(FoundClaim { signature: self.signature, fact, vouched_by, refuted });
    }

    fn statement(&mut self, statement: &Statement, signature: &mut Signature, certificate: &CertificateFacts) {
        if let Some(provenance) = Provenance::read(&statement.predicate_type, &statement.predicate) {
            if provenance.is_beyond_limit {
                let detail = "the statement names more parameters or dependencies than are read";
                signature.check(CheckId::Structure, Outcome::Undecided(Need::Limit), detail);
            }
            let predicate = &statement.predicate;
            let made = Made {
                issuer: certificate.issuer.as_deref(),
                signer: signature.signer.san.first().map_or("", String::as_str),
                key: signature.signer.spki_sha256,
                is_bare_key: signature.assurance == Assurance::KeyOnly,
                certificate: Some(&certificate.names),
                builder: &provenance.builder,
                build_type: provenance.build_type.as_deref(),
            };
            let grade = builders::grade(&[], &made);
            let told = Told { provenance: &provenance, predicate, signature, certificate, grade };
            self.certificate(certificate, told.builder());
            return self.provenance(&told);
        }
        if statement.predicate_type == exports::PREDICATE {
            return self.export(&statement.predicate);
        }
        let Statement { predicate_type, predicate, .. } = statement;
        for (facts, what) in [
            (exports::of_tool(predicate_type, predicate), "the tool's result"),
            (source_tool::of(statement), "the provenance of the source"),
            (gittuf::of(statement), "the approval"),
        ] {
            facts.into_iter().for_each(|facts| self.recorded(facts, what));
        }
        match summary::of(statement) {
            // Anybody can write a summary: who is accepted as its verifier is for the relying party to say.
            Some(Ok(summary)) => return self.summary(statement, &summary, signature),
            Some(Err(error)) => self.contradictions.push(format!("the summary cannot be read: {error}")),
            None => {}
        }
        let published = publish::facts(statement, signature, certificate, self.certified_by);
        if published.is_empty() {
            let predicate_type = statement.predicate_type.clone();
            self.claim(Fact::Attested { predicate_type }, Voucher::Tenant, None);
        }
        for (fact, vouched_by) in published {
            self.claim(fact, vouched_by, None);
        }
    }

    /// A summary is about the artifact, or about the commits that it names.
    fn summary(&mut self, statement: &Statement, summary: &Summary, signature: &mut Signature) {
        let commits = || statement.subjects.iter().filter_map(|subject| Some((subject, subject.commit.clone()?)));
        if commits().count() > MAX_COMMITS {
            let detail = format!("the summary is about more than {MAX_COMMITS} commits");
            signature.check(CheckId::Structure, Outcome::Undecided(Need::Limit), detail);
            return;
        }
        for (subject, commit) in commits() {
            let (references, summary) = (subject.references.clone(), summary.clone());
            let fact = Fact::SourceSummarised(SourceSummary { commit, references, summary });
            self.claim(fact, Voucher::Tool, None);
        }
        self.claim(Fact::Summarised(summary.clone()), Voucher::Tool, None);
    }

    /// What others recorded of the artifact or of what is behind it, beside that they stated something: policies ask for
    /// the one or the other.
    fn recorded(&mut self, facts: Result<Vec<Fact>, FieldError>, what: &str) {
        match facts {
            Ok(facts) => facts.into_iter().for_each(|fact| self.claim(fact, Voucher::Tool, None)),
            Err(error) => self.contradictions.push(format!("{what} cannot be read: {error}")),
        }
    }

    /// What somebody else wrote, under the signature of whoever passes it on.
    fn export(&mut self, predicate: &Json) {
        match exports::of_predicate(predicate) {
            Some(facts) => self.recorded(facts, "the export"),
            None => self.contradictions.push("the export is of no kind that is read here".to_owned()),
        }
    }

    /// A certificate by itself says who signed. Beside provenance, that is also who built, and from what.
    fn certificate(&mut self, certificate: &CertificateFacts, builder: Option<&Builder>) {
        // Where the statement is written inside the job under a fixed name, the workflow is not the builder; nor is what
        // the holder of another certificate calls itself.
        let is_builder = self.certified_by == Voucher::Ca && builder.is_none_or(Builder::signs_as_itself);
        if let Some(signer) = certificate.signer.clone().filter(|_| is_builder) {
            self.claim(Fact::BuiltBy { builder: signer, build_type: None, graded: None }, self.certified_by, None);
        }
        if let Some(repository) = certificate.repository.clone() {
            let source = Source {
                repository,
                reference: certificate.reference.clone(),
                commit: certificate.commit.clone(),
                branch: None,
                named_in: SourceNamedIn::Certificate,
            };
            self.claim(Fact::BuiltFrom(source), self.certified_by, None);
        }
        if let Some(event) = certificate.trigger.clone() {
            self.claim(Fact::TriggeredBy { event }, self.certified_by, None);
        }
        if let Some(environment) = certificate.runner.clone() {
            self.claim(Fact::RanOn { environment }, self.certified_by, None);
        }
        if let Some(invocation) = certificate.invocation.clone() {
            self.claim(Fact::BuiltIn { invocation, started: None, finished: None }, self.certified_by, None);
        }
    }

    fn provenance(&mut self, told: &Told<'_>) {
        let Told { provenance, signature, certificate, grade, .. } = told;
        let grade = grade.filter(|_| is_from_token(signature));
        let voucher = grade.map_or(Voucher::Tenant, |grade| grade.builder.voucher);
        let built_by = Fact::BuiltBy {
            builder: provenance.builder.clone(),
            build_type: provenance.build_type.clone(),
            graded: grade.map(|grade| Graded { by: grade.builder.name.clone(), level: grade.level }),
        };
        let of_builder = if is_certified_runner(told) { self.certified_by } else { voucher };
        self.claim(built_by, of_builder, refutation(told));
        for source in &provenance.sources {
            self.claim(Fact::BuiltFrom(source.clone()), voucher, wrong_source(source, told));
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
            let wrong = wrong_run(&invocation, certificate.invocation.as_deref());
            self.claim(Fact::BuiltIn { invocation, started, finished }, voucher, wrong);
        }
        for of in &provenance.dependencies {
            self.claim(Fact::DependsOn { uri: of.uri.clone(), digests: of.digests.clone() }, voucher, None);
        }
    }
}

/// Why the signer may not say what the statement says of the builder.
fn refutation(told: &Told<'_>) -> Option<String> {
    wrong_builder(told).or_else(|| wrong_runner(told)).or_else(|| wrong_project(told)).or_else(|| forged(told))
}

/// A builder that signs as itself must be the one whose name is in the certificate.
fn wrong_builder(told: &Told<'_>) -> Option<String> {
    let Told { provenance, signature, certificate, .. } = told;
    // Keys name nobody, and who signs for others is in the table of builders.
    if certificate.issuer.is_none() || told.builder().is_some_and(|builder| !builder.is_named_in_certificate()) {
        return None;
    }
    let named = signature.signer.san.contains(&provenance.builder);
    (!named).then(|| speaks_for_another(signature, &provenance.builder))
}

/// What is said of a statement whose signer is not the builder that it names, and may not speak for it.
pub(crate) fn speaks_for_another(signature: &Signature, builder: &str) -> String {
    let signer = signature.signer.san.first().map_or("nobody", String::as_str);
    format!("the statement names the builder `{builder}`, the certificate names `{signer}`")
}

/// What the npm client calls the builder: a runner, and its class where it says so.
const RUNNER: &str = "https://github.com/actions/runner";

/// Where a statement names no workflow but the runner as the builder (npm), the certificate says which class
/// of runner it was.
fn is_certified_runner(told: &Told<'_>) -> bool {
    told.certificate.runner.is_some() && told.builder().is_some() && told.provenance.builder.starts_with(RUNNER)
}

fn wrong_runner(told: &Told<'_>) -> Option<String> {
    let claims_hosted = told.provenance.builder.strip_suffix(HOSTED).is_some_and(|rest| rest.ends_with('/'));
    let named = claims_hosted && is_certified_runner(told);
    if named { differs("runner", HOSTED, told.certificate.runner.as_deref()) } else { None }
}

fn wrong_project(told: &Told<'_>) -> Option<String> {
    other_project(&told.provenance.builder, told.certificate.repository.as_deref())
}

/// GitLab names a builder by the project in whose job it ran, which must be that of the certificate.
pub(crate) fn other_project(builder: &str, certified: Option<&str>) -> Option<String> {
    let (project, _runner) = builder.split_once("/-/runners/")?;
    differs("project", project, certified)
}

/// What the npm client writes on GitHub can be forged by the job; the first releases wrote more than can be checked.
fn forged(told: &Told<'_>) -> Option<String> {
    let on_github = told.certificate.issuer.as_deref() == Some(GITHUB);
    let is_npm = told.builder().is_some_and(|builder| !builder.signs_as_itself() && builder.level > 1);
    if on_github && is_npm { forgeable::problem(told.predicate, &told.certificate.names) } else { None }
}

fn wrong_source(source: &Source, told: &Told<'_>) -> Option<String> {
    let certificate = told.certificate;
    let repository = certificate.repository.as_deref()?;
    if bare_repository(&source.repository) != bare_repository(repository) {
        return Some(format!("the statement names the source `{}`, the certificate `{repository}`", source.repository));
    }
    // A workflow that a delegator runs may commit, and build what it committed.
    let is_own_commit = source.reference.is_none() && told.builder().is_some_and(Builder::is_delegated);
    let commit = source.commit.as_deref().filter(|_| !is_own_commit);
    let commit = commit.and_then(|commit| differs("commit", commit, certificate.commit.as_deref()));
    let reference =
        || source.reference.as_deref().and_then(|r| differs("reference", r, certificate.reference.as_deref()));
    commit.or_else(reference)
}

/// A run is named by its URI, with its attempt or without; on GitHub also by its number and attempt (`RUN-ATTEMPT`).
/// Other platforms' numbers are not comparable.
fn wrong_run(said: &str, certified: Option<&str>) -> Option<String> {
    let certified = certified?;
    let is_it = match forgeable::run_of(certified) {
        _ if said.contains("://") => {
            let rest = certified.strip_prefix(said);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("/attempts/"))
        }
        Some((run, attempt)) if is_run_number(said) => said == run || said == format!("{run}-{attempt}"),
        _ => true,
    };
    (!is_it).then(|| format!("the statement names the run `{said}`, the certificate `{certified}`"))
}

fn is_run_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn differs(what: &str, said: &str, certified: Option<&str>) -> Option<String> {
    let certified = certified.filter(|certified| *certified != said)?;
    Some(format!("the statement names the {what} `{said}`, the certificate `{certified}`"))
}

/// The algorithms of the digests by which the predicate of a statement names files: a tool's result or a release may be
/// about the artifact, whatever the subject of the statement is.
pub(crate) fn algorithms(statement: &Statement) -> BTreeSet<DigestAlgorithm> {
    let read = match statement.predicate_type.as_str() {
        exports::PREDICATE => exports::of_predicate(&statement.predicate),
        kind => exports::of_tool(kind, &statement.predicate),
    };
    let facts = read.and_then(Result::ok).unwrap_or_default();
    let named = facts.iter().flat_map(Fact::digests).map(|digest| digest.algorithm());
    named.filter(|algorithm| !algorithm.is_broken()).collect()
}

/// Whether a source is this commit of this repository.
pub(crate) fn is_commit(source: &Source, repository: &str, commit: &str) -> bool {
    let is_it = source.commit.as_deref().is_some_and(|named| named.eq_ignore_ascii_case(commit));
    is_it && bare_repository(&source.repository) == bare_repository(repository)
}

/// A repository without what only says how to fetch it.
pub(crate) fn bare_repository(uri: &str) -> &str {
    let uri = uri.strip_prefix("git+").unwrap_or(uri);
    let uri = uri.strip_suffix('/').unwrap_or(uri);
    uri.strip_suffix(".git").unwrap_or(uri)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Origin;

    /// Who stands behind each of the facts under a certificate with Fulcio's extensions.
    fn vouchers(assurance: Assurance) -> Vec<(&'static str, Voucher)> {
        let mut signature = Signature::new("dsse", Origin::File("e".to_owned()));
        signature.assurance = assurance;
        let text = |text: &str| Some(text.to_owned());
        let certificate = CertificateFacts {
            signer: text("https://github.com/o/r/.github/workflows/w.yml@refs/tags/v1.0.0"),
            repository: text("https://github.com/o/r"),
            names: std::iter::once(("build-trigger".to_owned(), "push".to_owned())).collect(),
            ..CertificateFacts::default()
        };
        let predicate = r#"{"builder":{"id":"b"},"buildType":"t"}"#;
        let statement = Statement {
            subjects: Vec::new(),
            predicate_type: "https://slsa.dev/provenance/v0.2".to_owned(),
            predicate: crate::encoding::json::parse(predicate.as_bytes()).unwrap(),
        };
        let mut found = Found::default();
        claims(&mut found, Some(&Ok(statement)), signature, &certificate);
        found.claims.iter().map(|claim| (claim.fact.name(), claim.vouched_by)).collect()
    }

    #[test]
    fn only_fulcio_vouches_for_what_its_extensions_say() {
        let (ca, tenant) = (Voucher::Ca, Voucher::Tenant);
        let of_fulcio = [("workflow-identity", ca), ("built-by", ca), ("built-from", ca), ("built-by", tenant)];
        assert_eq!(vouchers(Assurance::WorkloadOidc), of_fulcio);
        // Of another authority, nobody knows that it copied them from a token.
        let of_another = [("workflow-identity", tenant), ("built-from", tenant), ("built-by", tenant)];
        assert_eq!(vouchers(Assurance::OrganizationValidated), of_another);
    }
}
