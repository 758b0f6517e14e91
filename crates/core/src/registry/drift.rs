//! Identity drift: a valid signature by the same identity from elsewhere than it is bound to.
//!
//! Every part of the binding is compared by itself and graded by what its change lets an attacker do. A
//! departure is explained by the version of the binding that counts at the time of the signature, or by a
//! change that somebody approved; else it is a finding.

use std::collections::BTreeMap;

use super::{ApprovedChange, Binding, BindingField, Identity};
use crate::claim::Claims;
use crate::event::Text;
use crate::evidence::Signature;
use crate::finding::Severity;
use crate::policy::Pattern;
use crate::time::Time;

/// Events that people outside of a project can set off: with them, a stranger chooses what is signed.
const TRIGGERS_OF_STRANGERS: [&str; 8] = [
    "pull_request",
    "pull_request_target",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "fork",
    "workflow_run",
];

/// The class of runners whose machine belongs to whoever runs the job.
const SELF_HOSTED: &str = "self-hosted";

/// What a verified signature says about where it was made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen<'a> {
    issuer: Option<&'a str>,
    names: Option<&'a BTreeMap<String, String>>,
}

impl<'a> Seen<'a> {
    /// What a signature says, as far as a certificate authority vouches for it.
    #[must_use]
    pub fn of(signature: &'a Signature, claims: &'a Claims) -> Self {
        let names = claims.certified_workload(signature.id);
        Self { issuer: signature.signer.oidc_issuer.as_deref(), names }
    }

    pub(super) fn name(&self, name: &str) -> Option<&'a str> {
        self.names.and_then(|names| names.get(name)).map(String::as_str)
    }

    /// The value of a part, as it is compared.
    #[must_use]
    pub fn field(&self, field: BindingField) -> Option<&'a str> {
        match field {
            BindingField::Issuer => self.issuer,
            BindingField::OwnerId => self.name("source-repository-owner-identifier"),
            BindingField::RepositoryId => self.name("source-repository-identifier"),
            BindingField::Repository => self.name("source-repository-uri"),
            BindingField::Workflow => self.name("build-config-uri").map(without_reference),
            BindingField::WorkflowDigest => self.name("build-config-digest"),
            BindingField::Signer => self.name("build-signer-uri").map(without_reference),
            BindingField::Reference => self.name("source-repository-ref"),
            BindingField::Trigger => self.name("build-trigger"),
            BindingField::Runner => self.name("runner-environment"),
            BindingField::Environment => self.name("deployment-environment"),
        }
    }

    /// Whether it says anything about a workload.
    #[must_use]
    pub const fn is_workload(&self) -> bool {
        self.names.is_some()
    }

    /// A binding to what is seen, as a proposal.
    #[must_use]
    pub fn binding(&self, valid_from: Time) -> Binding {
        let text = |field| self.field(field).and_then(|value| Text::new(value).ok());
        Binding {
            issuer: text(BindingField::Issuer),
            owner_id: text(BindingField::OwnerId),
            repository_id: text(BindingField::RepositoryId),
            repository: text(BindingField::Repository),
            workflow: text(BindingField::Workflow),
            workflow_digest: None,
            signer: text(BindingField::Signer),
            references: text(BindingField::Reference).into_iter().collect(),
            triggers: text(BindingField::Trigger).into_iter().collect(),
            runner: text(BindingField::Runner),
            environment: text(BindingField::Environment),
            gateway_key: None,
            valid_from,
        }
    }
}

/// The address of a workflow without the reference that it was taken from.
pub(super) fn without_reference(uri: &str) -> &str {
    uri.split_once('@').map_or(uri, |(address, _)| address)
}

/// One part that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDrift {
    /// Which.
    pub field: BindingField,
    /// How much it matters.
    pub severity: Severity,
    /// What the binding says.
    pub expected: String,
    /// What the signature says.
    pub found: Option<String>,
}

impl std::fmt::Display for FieldDrift {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { field, expected, .. } = self;
        match &self.found {
            Some(found) => write!(f, "{field}: bound to `{expected}`, found `{found}`"),
            None => write!(f, "{field}: bound to `{expected}`, found none"),
        }
    }
}

/// How a signature compares with the binding of its identity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// The version of the binding that it was compared with, from 1.
    pub version: usize,
    /// What differs and nothing explains, worst first.
    pub unexplained: Vec<FieldDrift>,
    /// What differs and is right, with the reference of the decision.
    pub explained: Vec<(FieldDrift, Text)>,
    /// What the binding names and the signature does not say.
    pub missing: Vec<BindingField>,
}

impl Drift {
    /// The severity of the worst that nothing explains.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.unexplained.iter().map(|drift| drift.severity).max()
    }
}

impl Identity {
    /// Compares with the version of the binding that counts at this instant; none if there is no such.
    #[must_use]
    pub fn drift(&self, seen: &Seen<'_>, at: Time) -> Option<Drift> {
        let (version, binding) = self.binding_at(at)?;
        let mut drift = Drift { version, ..Drift::default() };
        for field in BindingField::ALL {
            let expected = expected(binding, *field);
            if expected.is_empty() {
                continue;
            }
            match compare(*field, &expected, seen) {
                Compared::Equal => {}
                Compared::Missing => drift.missing.push(*field),
                Compared::Differs(differs) => match self.explanation(&differs, &expected, at) {
                    Some(change) => drift.explained.push((differs, change.reference.clone())),
                    None => drift.unexplained.push(differs),
                },
            }
        }
        drift.unexplained.sort_by_key(|drift| std::cmp::Reverse(drift.severity));
        Some(drift)
    }

    /// The change that explains a departure at this instant.
    fn explanation(&self, drift: &FieldDrift, expected: &[&str], at: Time) -> Option<&ApprovedChange> {
        let found = drift.found.as_deref()?;
        self.changes.iter().find(|change| {
            change.field == drift.field
                && change.valid.holds(at)
                && change.from.as_ref().is_none_or(|from| expected.contains(&from.as_str()))
                && fits(change.field, change.to.as_str(), found)
        })
    }
}

enum Compared {
    Equal,
    Missing,
    Differs(FieldDrift),
}

/// What a binding says about one of its parts: any of these; nothing if it leaves the part open.
fn expected(binding: &Binding, field: BindingField) -> Vec<&str> {
    let texts: &[Text] = match field {
        BindingField::Issuer => binding.issuer.as_slice(),
        BindingField::OwnerId => binding.owner_id.as_slice(),
        BindingField::RepositoryId => binding.repository_id.as_slice(),
        BindingField::Repository => binding.repository.as_slice(),
        BindingField::Workflow => binding.workflow.as_slice(),
        BindingField::WorkflowDigest => binding.workflow_digest.as_slice(),
        BindingField::Signer => binding.signer.as_slice(),
        BindingField::Reference => &binding.references,
        BindingField::Trigger => &binding.triggers,
        BindingField::Runner => binding.runner.as_slice(),
        BindingField::Environment => binding.environment.as_slice(),
    };
    texts.iter().map(Text::as_str).collect()
}

/// Only references are patterns: everything else is one thing, letter by letter.
fn fits(field: BindingField, expected: &str, found: &str) -> bool {
    match field {
        BindingField::Reference => Pattern::new(expected).matches(found),
        _ => expected == found,
    }
}

fn compare(field: BindingField, expected: &[&str], seen: &Seen<'_>) -> Compared {
    let found = seen.field(field);
    match found {
        Some(found) if expected.iter().any(|expected| fits(field, expected, found)) => Compared::Equal,
        // A job has no deployment environment unless it names one: then none is another. All else may only
        // be missing because the certificate is older than the extension.
        None if field != BindingField::Environment || !seen.is_workload() => Compared::Missing,
        _ => Compared::Differs(FieldDrift {
            field,
            severity: severity(field, expected, found),
            expected: expected.join("`, `"),
            found: found.map(str::to_owned),
        }),
    }
}

/// How much a difference matters, by what it takes to make it.
fn severity(field: BindingField, expected: &[&str], found: Option<&str>) -> Severity {
    let found = found.unwrap_or_default();
    match field {
        // Numbers are given once: another number is somebody else, whatever the name.
        BindingField::Issuer | BindingField::OwnerId | BindingField::RepositoryId => Severity::Critical,
        // Whoever can run jobs in the repository can add a workflow.
        BindingField::Workflow | BindingField::Signer => Severity::High,
        BindingField::Runner if found == SELF_HOSTED => Severity::High,
        BindingField::Runner => Severity::Medium,
        // The protection of an environment is that it has to be named.
        BindingField::Environment if found.is_empty() => Severity::High,
        BindingField::Environment => Severity::Medium,
        BindingField::Trigger if TRIGGERS_OF_STRANGERS.contains(&found) => Severity::High,
        BindingField::Trigger => Severity::Medium,
        BindingField::Reference if expected.iter().all(|it| class_of(it) != class_of(found)) => Severity::High,
        BindingField::Reference => Severity::Medium,
        // With the same number it was renamed; every commit changes the digest.
        BindingField::Repository | BindingField::WorkflowDigest => Severity::Low,
    }
}

/// What kind of reference it is: `refs/tags`, `refs/heads`, `refs/pull`.
fn class_of(reference: &str) -> &str {
    let kind = reference.strip_prefix("refs/").and_then(|rest| rest.split('/').next());
    kind.unwrap_or(reference)
}
