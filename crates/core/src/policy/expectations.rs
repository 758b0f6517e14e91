//! Expectations: what the relying party says on the command line about this artifact.

use serde::{Deserialize, Serialize};

/// What is expected of the artifact. Each one that is given is a demand, whatever the policy says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expectations {
    /// The signer: certificate name, alternative name or fingerprint; `*` stands for any characters.
    pub signer: Option<String>,
    /// The OpenID Connect issuer or the certificate's issuer; `*` stands for any characters.
    pub issuer: Option<String>,
    /// The source repository. Without a scheme, `https://` is meant.
    pub source: Option<String>,
    /// The full reference that was built (`refs/heads/main`).
    pub source_ref: Option<String>,
    /// The tag that was built, exactly.
    pub source_tag: Option<String>,
    /// The tag that was built, as far as its version parts are given (`v13` fits `v13.0.30`).
    pub source_versioned_tag: Option<String>,
    /// The branch that was built.
    pub source_branch: Option<String>,
    /// The builder. Without `@`, any release of it; `@v1.2.3` means `@refs/tags/v1.2.3`.
    pub builder: Option<String>,
    /// The package that it was published as.
    pub package: Option<String>,
    /// The version that it was published as.
    pub package_version: Option<String>,
    /// Inputs that the build was started with.
    pub workflow_inputs: Vec<(String, String)>,
    /// The summary of another verifier.
    pub summary: Option<SummaryExpectation>,
}

/// Whose verification summary about what is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummaryExpectation {
    /// The verifier's identifier, whole.
    pub verifier: String,
    /// The resource, whole. Without it a summary that names one (VSA) is not accepted.
    pub resource: Option<String>,
    /// Levels that must be reached, all of them. Without any, a summary that says no more than what passed (SVR) is not
    /// accepted.
    pub levels: Vec<String>,
}

impl Expectations {
    /// Whether anything is said about who signed.
    #[must_use]
    pub const fn names_signer(&self) -> bool {
        self.signer.is_some() || self.issuer.is_some()
    }

    /// Whether anything is said about the reference that was built.
    #[must_use]
    pub const fn names_ref(&self) -> bool {
        self.source_ref.is_some()
            || self.source_tag.is_some()
            || self.source_versioned_tag.is_some()
            || self.source_branch.is_some()
    }

    /// Whether anything is said about the package.
    #[must_use]
    pub const fn names_package(&self) -> bool {
        self.package.is_some() || self.package_version.is_some()
    }

    /// The requirements that these expectations demand, by their names.
    pub(crate) fn demands(&self) -> impl Iterator<Item = &'static str> {
        let demands = [
            ("expected", self.names_signer()),
            ("source", self.source.is_some()),
            ("ref", self.names_ref()),
            ("builder", self.builder.is_some()),
            ("package", self.names_package()),
            ("inputs", !self.workflow_inputs.is_empty()),
            ("summary", self.summary.is_some()),
        ];
        demands.into_iter().filter(|(_, given)| *given).map(|(id, _)| id)
    }
}
