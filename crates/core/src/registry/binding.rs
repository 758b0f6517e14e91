//! Bindings: from where an identity signs. Versioned, so that the past is judged by what held then.

use serde::{Deserialize, Serialize};

use crate::event::Text;
use crate::event::field::words;
use crate::policy::Pattern;
use crate::time::Time;

words! {
    /// A part of a binding.
    BindingField {
        /// The OpenID Connect issuer.
        Issuer = "issuer",
        /// The number of the repository's owner.
        OwnerId = "owner-id",
        /// The repository's number.
        RepositoryId = "repository-id",
        /// The repository's address.
        Repository = "repository",
        /// The workflow that is the entry of the run.
        Workflow = "workflow",
        /// The commit of that workflow.
        WorkflowDigest = "workflow-digest",
        /// The workflow that signed, where it is a reusable one.
        Signer = "signer",
        /// The reference that the run was for.
        Reference = "reference",
        /// The event that set off the run.
        Trigger = "trigger",
        /// The class of the runner.
        Runner = "runner",
        /// The deployment environment of the job.
        Environment = "environment",
    }
}

/// From where an identity signs, from an instant on. What it leaves open is not compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Binding {
    /// The OpenID Connect issuer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<Text>,
    /// The number of the repository's owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<Text>,
    /// The repository's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<Text>,
    /// The repository's address, as its provider writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Text>,
    /// The workflow that is the entry of the run, as its address without `@` and reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Text>,
    /// The commit of that workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_digest: Option<Text>,
    /// The workflow that signs, as its address without `@` and reference; another than `workflow` where
    /// it is a reusable one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<Text>,
    /// The references that it signs for; `*` stands for any characters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Text>,
    /// The events that set off its runs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub triggers: Vec<Text>,
    /// The class of its runners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runner: Option<Text>,
    /// The deployment environment of its jobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Text>,
    /// The alias of its key at a signing gateway. Nothing in an artifact says it: it is there for the
    /// gateway and whoever watches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gateway_key: Option<Text>,
    /// The first instant at which it counts.
    pub valid_from: Time,
}

impl Binding {
    /// A binding that leaves everything open.
    #[must_use]
    pub const fn open(valid_from: Time) -> Self {
        Self {
            issuer: None,
            owner_id: None,
            repository_id: None,
            repository: None,
            workflow: None,
            workflow_digest: None,
            signer: None,
            references: Vec::new(),
            triggers: Vec::new(),
            runner: None,
            environment: None,
            gateway_key: None,
            valid_from,
        }
    }

    /// Whether it leaves everything open: then it binds to nothing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::open(self.valid_from)
    }
}

/// What an identity is expected to sign: a package by its package URL, or a file by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// The name of the file; `*` stands for any characters.
    File(Text),
    /// The package URL or name; `*` stands for any characters.
    Package(Text),
}

impl Product {
    /// The pattern.
    #[must_use]
    pub const fn pattern(&self) -> &Text {
        match self {
            Self::File(pattern) | Self::Package(pattern) => pattern,
        }
    }

    /// Whether a file of this name is meant.
    #[must_use]
    pub fn is_file(&self, name: &str) -> bool {
        matches!(self, Self::File(pattern) if Pattern::new(pattern.as_str()).matches(name))
    }

    /// Whether this package is meant.
    #[must_use]
    pub fn is_package(&self, package: &str) -> bool {
        matches!(self, Self::Package(pattern) if Pattern::new(pattern.as_str()).matches(package))
    }

    /// Whether the pattern fits everything: then it says nothing.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.pattern().as_str().chars().all(|character| character == '*')
    }
}

impl std::fmt::Display for Product {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let what = if matches!(self, Self::File(_)) { "file" } else { "package" };
        write!(f, "{what} `{}`", self.pattern())
    }
}
