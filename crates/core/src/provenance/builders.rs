//! Who builds: which signers write provenance out of reach of the job, and under which names.
//!
//! The table is `builders.toml` of the reference, as far as signers can be recognised in the evidence.

use super::CertificateFacts;
use super::slsa::Provenance;
use crate::claim::Voucher;
use crate::evidence::Signature;

/// One kind of builder.
#[derive(Debug)]
pub(crate) struct Builder {
    /// Who signs.
    signer: SignedBy,
    /// What the statement calls the builder.
    named: Named,
    /// The build types it writes; empty for any.
    build_types: &'static [&'static str],
    /// Who stands behind what it writes.
    pub(crate) voucher: Voucher,
}

/// Who signs for a builder.
#[derive(Debug)]
enum SignedBy {
    /// One of these workflows, in a release (`@refs/tags/vX.Y.Z`).
    Workflow(&'static [&'static str]),
    /// Any workflow on GitHub.
    AnyWorkflow,
    /// A key that the relying party accepts for it.
    Key,
}

/// What a statement calls the builder.
#[derive(Debug)]
enum Named {
    /// As its certificate does.
    AsSigner,
    /// As the workflow that the signer ran on its behalf.
    Delegated,
    /// By one of these fixed names.
    Fixed(&'static [&'static str]),
}

const GITHUB: &str = "https://token.actions.githubusercontent.com";

macro_rules! generator {
    ($file:literal) => {
        concat!("https://github.com/slsa-framework/slsa-github-generator/.github/workflows/", $file)
    };
}

static BUILDERS: &[Builder] = &[
    // slsa-github-generator
    Builder {
        signer: SignedBy::Workflow(&[
            generator!("generator_generic_slsa3.yml"),
            generator!("builder_go_slsa3.yml"),
            generator!("generator_container_slsa3.yml"),
            generator!("builder_container-based_slsa3.yml"),
        ]),
        named: Named::AsSigner,
        build_types: &[],
        voucher: Voucher::Platform,
    },
    // slsa-github-generator-byob
    Builder {
        signer: SignedBy::Workflow(&[
            generator!("delegator_generic_slsa3.yml"),
            generator!("delegator_lowperms-generic_slsa3.yml"),
        ]),
        named: Named::Delegated,
        build_types: &["https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"],
        voucher: Voucher::Platform,
    },
    // npm-cli-github
    Builder {
        signer: SignedBy::AnyWorkflow,
        named: Named::Fixed(&["https://github.com/actions/runner/github-hosted", "https://github.com/actions/runner"]),
        build_types: &[
            "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
            "https://github.com/npm/cli/gha/v2",
        ],
        voucher: Voucher::Tenant,
    },
    // npm-cli-github-early
    Builder {
        signer: SignedBy::AnyWorkflow,
        named: Named::Fixed(&["https://github.com/npm/cli@"]),
        build_types: &["https://github.com/npm/cli/gha@v1"],
        voucher: Voucher::Tenant,
    },
    // github-attest-build-provenance
    Builder {
        signer: SignedBy::AnyWorkflow,
        named: Named::AsSigner,
        build_types: &["https://actions.github.io/buildtypes/workflow/v1"],
        voucher: Voucher::Platform,
    },
    // google-cloud-build
    Builder {
        signer: SignedBy::Key,
        named: Named::Fixed(&[
            "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.2",
            "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3",
            "https://cloudbuild.googleapis.com/GoogleHostedWorker",
        ]),
        build_types: &[
            "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.2",
            "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1",
            "https://cloudbuild.googleapis.com/CloudBuildSteps@v0.1",
            "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
        ],
        voucher: Voucher::Platform,
    },
];

/// The builder whose signature and statement this is.
pub(super) fn of(
    signature: &Signature,
    certificate: &CertificateFacts,
    provenance: &Provenance,
) -> Option<&'static Builder> {
    let signer = signature.signer.san.first().map_or("", String::as_str);
    let issuer = certificate.issuer.as_deref();
    BUILDERS.iter().find(|builder| {
        builder.is_signed_by(issuer, signer)
            && builder.is_named(signer, &provenance.builder)
            && builder.writes(provenance)
    })
}

impl Builder {
    /// Whether the workflow in the certificate is the builder or its delegator, not the caller's own.
    pub(super) const fn signs_as_itself(&self) -> bool {
        !matches!((&self.signer, &self.named), (SignedBy::AnyWorkflow, Named::Fixed(_)))
    }

    /// Whether statement and certificate must name the same builder.
    pub(super) const fn is_named_in_certificate(&self) -> bool {
        matches!(self.named, Named::AsSigner)
    }

    fn is_signed_by(&self, issuer: Option<&str>, name: &str) -> bool {
        match self.signer {
            SignedBy::Key => issuer.is_none(),
            SignedBy::AnyWorkflow => issuer == Some(GITHUB),
            SignedBy::Workflow(files) => {
                let released = |file: &&str| name.strip_prefix(*file).is_some_and(is_release);
                issuer == Some(GITHUB) && files.iter().any(released)
            }
        }
    }

    fn is_named(&self, signer: &str, builder: &str) -> bool {
        match self.named {
            Named::AsSigner => signer == builder,
            Named::Delegated => {
                builder.split_once('@').is_some_and(|(_, reference)| is_release(&format!("@{reference}")))
            }
            Named::Fixed(names) => {
                names.iter().any(|name| *name == builder || (name.ends_with('@') && builder.starts_with(name)))
            }
        }
    }

    fn writes(&self, provenance: &Provenance) -> bool {
        let fits = |build_type: &String| self.build_types.contains(&build_type.as_str());
        self.build_types.is_empty() || provenance.build_type.as_ref().is_some_and(fits)
    }
}

/// `@refs/tags/vX.Y.Z`: a full release, no branch and no movable short tag.
fn is_release(reference: &str) -> bool {
    let Some(version) = reference.strip_prefix("@refs/tags/v") else { return false };
    // JReleaser's tags end in `-java`.
    let version = version.strip_suffix("-java").unwrap_or(version);
    let parts: Vec<_> = version.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_counts_in_full_releases_only() {
        assert!(is_release("@refs/tags/v1.2.3") && is_release("@refs/tags/v1.4.0-java"));
        for not in [
            "@refs/tags/v1.2",
            "@refs/tags/v1",
            "@refs/heads/main",
            "@v1.2.3",
            "",
            "@refs/tags/v1.2.3-rc.1",
            "@refs/tags/v1..3",
        ] {
            assert!(!is_release(not), "{not}");
        }
    }

    #[test]
    fn issuers_are_compared_whole() {
        let generator = &BUILDERS[0];
        let name = generator!("builder_go_slsa3.yml@refs/tags/v1.2.3");
        assert!(generator.is_signed_by(Some(GITHUB), name));
        assert!(!generator.is_signed_by(Some("https://token.actions.githubusercontent.com/x"), name));
        assert!(!generator.is_signed_by(None, name));
        assert!(!generator.is_signed_by(Some(GITHUB), generator!("builder_go_slsa3.yml@refs/heads/main")));
    }
}
