//! Who builds: which signers may speak for which builder, under which names, and what their word is worth.
//!
//! The table is `builders.toml`, shipped with the program; a policy may name more builders, which count before it
//! (`[builders.NAME]`). A level never comes from a statement (SLSA v1.2, "Verifying artifacts", step 1).

mod table;

use std::collections::BTreeMap;

pub(crate) use table::{HIGHEST, LISTED};
pub use table::{Record, publish_records, shipped};

use crate::claim::Voucher;
use crate::crypto::Digest;
use crate::policy::Pattern;

/// The OpenID Connect issuer of GitHub's workflows. Equality only: that of an enterprise begins alike.
pub(crate) const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// The class of GitHub's own machines.
pub(super) const HOSTED: &str = "github-hosted";

/// The level at which the steps of a build cannot reach what signs for it.
const ISOLATED: u8 = 3;

/// One kind of builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Builder {
    /// Its name in this table, or in the policy.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// What else is to be said about its level; may be empty.
    pub note: String,
    /// The highest SLSA Build level that it is granted, 0 to 3.
    pub level: u8,
    /// Who stands behind what its statements say.
    pub voucher: Voucher,
    pub(crate) signers: Vec<SignedBy>,
    pub(crate) named: Named,
    /// The build types it writes; empty for any.
    pub(crate) build_types: Vec<Pattern>,
    /// External parameters that are known.
    pub(crate) known: Vec<Pattern>,
    /// External parameters that a policy allows, with what they may be.
    pub(crate) allowed: Option<Vec<(Pattern, Pattern)>>,
    /// Whether a policy names it: then the certificate must show that it is no workflow of the caller's own.
    pub(crate) of_policy: bool,
}

/// Who signs for a builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedBy {
    /// This workflow, by its URI without the reference.
    Workflow { issuer: String, workflow: String, reference: Reference },
    /// Whatever this issuer vouches for.
    Anybody { issuer: String },
    /// One of these keys (SHA-256 of the `SubjectPublicKeyInfo`).
    Keys(Vec<Digest>),
    /// Any key that the relying party accepts.
    AnyKey,
}

/// The reference at which a workflow counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// A full release, `refs/tags/vX.Y.Z`: no branch, no tag that moves.
    Release,
    /// What fits this pattern.
    Fits(Pattern),
}

/// What a statement calls the builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// As its certificate does.
    AsSigner,
    /// As the workflow that the signer ran on its behalf, by one of these names, in a full release.
    Delegated(Vec<Pattern>),
    /// By one of these names.
    Fixed(Vec<Pattern>),
    /// As a policy says: this name, at this reference where it has one.
    AsSaid { id: Pattern, reference: Reference },
}

/// What is known about who made a statement, and what it says of the builder.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made<'a> {
    /// The issuer of the identity, where a certificate has one.
    pub(crate) issuer: Option<&'a str>,
    /// The first alternative name of the certificate.
    pub(crate) signer: &'a str,
    /// The key that signed.
    pub(crate) key: Option<Digest>,
    /// Whether it was accepted as it is, and not by a certificate.
    pub(crate) is_bare_key: bool,
    /// What the certificate says of the run, by the names of claims.
    pub(crate) certificate: Option<&'a BTreeMap<String, String>>,
    /// The builder that the statement names.
    pub(crate) builder: &'a str,
    /// The build type that it names.
    pub(crate) build_type: Option<&'a str>,
}

/// The level that a builder is granted in one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Grade<'a> {
    /// The row of the table.
    pub(crate) builder: &'a Builder,
    /// The level, 0 to 3.
    pub(crate) level: u8,
    /// Why it is lower than that of the row.
    pub(crate) lowered: Option<Lowered>,
}

/// Why a level is lower than that of its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lowered {
    /// The workflow that signed is the one that was started: its author could have written anything.
    OwnWorkflow,
    /// The runner is not one of GitHub's machines.
    OwnRunner,
    /// The certificate does not say it.
    NotShown,
    /// The statement is written inside of the job.
    Forgeable,
}

impl Lowered {
    /// In words.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::OwnWorkflow => "the workflow that signed is the caller's own",
            Self::OwnRunner => "the runner is not hosted by GitHub",
            Self::NotShown => "the certificate does not show the caller's workflow and the class of the runner",
            Self::Forgeable => "the statement is written inside of the job",
        }
    }
}

/// The row for a statement: of those of the policy that fit the one with the lowest level, else the first that fits
/// of the shipped ones.
pub(crate) fn grade<'a>(of_policy: &'a [Builder], made: &Made<'_>) -> Option<Grade<'a>> {
    let own = of_policy.iter().filter(|builder| builder.fits(made)).min_by_key(|builder| builder.level);
    own.or_else(|| shipped_for(made)).map(|builder| builder.grade(made))
}

/// The shipped row that fits.
pub(crate) fn shipped_for(made: &Made<'_>) -> Option<&'static Builder> {
    shipped().iter().find(|builder| builder.fits(made))
}

/// The builder of this name, in the policy or in the shipped table.
pub(crate) fn by_name<'a>(of_policy: &'a [Builder], name: &str) -> Option<&'a Builder> {
    of_policy.iter().chain(shipped()).find(|builder| builder.name == name)
}

impl Builder {
    /// Whether this builder made the statement.
    pub(crate) fn fits(&self, made: &Made<'_>) -> bool {
        self.signers.iter().any(|signer| signer.fits(made))
            && self.named.fits(made)
            && (self.build_types.is_empty() || made.build_type.is_some_and(|found| any(&self.build_types, found)))
    }

    /// Who signs for it, in words.
    #[must_use]
    pub fn signed_by(&self) -> String {
        self.signers.iter().map(SignedBy::text).collect::<Vec<_>>().join("; ")
    }

    /// The level that it is granted here.
    pub(crate) fn grade(&self, made: &Made<'_>) -> Grade<'_> {
        let is_forgeable = || shipped_for(made).is_some_and(|shipped| shipped.voucher == Voucher::Tenant);
        let forgeable = (self.level >= ISOLATED && is_forgeable()).then_some(Lowered::Forgeable);
        let lowered = forgeable.or_else(|| self.lowered(made));
        let level = if lowered.is_some() { self.level.min(ISOLATED.saturating_sub(1)) } else { self.level };
        Grade { builder: self, level, lowered }
    }

    /// On GitHub, what signs is out of reach only of another workflow's steps, on GitHub's machines.
    fn lowered(&self, made: &Made<'_>) -> Option<Lowered> {
        if self.level < ISOLATED || made.issuer != Some(GITHUB) {
            return None;
        }
        match made.certified("runner-environment") {
            Some(HOSTED) => {}
            Some(_) => return Some(Lowered::OwnRunner),
            // The shipped workflows choose their runner themselves, and older certificates do not name it.
            None if self.of_policy => return Some(Lowered::NotShown),
            None => {}
        }
        if !self.of_policy {
            return None;
        }
        match (made.certified("build-signer-uri"), made.certified("build-config-uri")) {
            (Some(signer), Some(caller)) if path(signer) == path(caller) => Some(Lowered::OwnWorkflow),
            (Some(_), Some(_)) => None,
            _ => Some(Lowered::NotShown),
        }
    }

    /// Whether the workflow in the certificate is the builder or its delegator, not the caller's own.
    pub(super) const fn signs_as_itself(&self) -> bool {
        !matches!(self.named, Named::Fixed(_))
    }

    /// Whether the signer ran another workflow on its behalf, which the statement names.
    pub(crate) const fn is_delegated(&self) -> bool {
        matches!(self.named, Named::Delegated(_))
    }

    /// The external parameters that are known for what it writes: its own, or for a builder of a policy those of the
    /// shipped builders that write the same type.
    pub(crate) fn knows(&self, build_type: Option<&str>, path: &str) -> bool {
        if !self.of_policy {
            return any(&self.known, path);
        }
        let writes = |builder: &&Builder| build_type.is_some_and(|found| any(&builder.build_types, found));
        shipped().iter().filter(writes).any(|builder| any(&builder.known, path))
    }

    /// Whether statement and certificate must name the same builder.
    pub(super) const fn is_named_in_certificate(&self) -> bool {
        matches!(self.named, Named::AsSigner)
    }
}

impl Made<'_> {
    fn certified(&self, name: &str) -> Option<&str> {
        self.certificate?.get(name).map(String::as_str)
    }
}

impl SignedBy {
    fn text(&self) -> String {
        match self {
            Self::Workflow { workflow, .. } => format!("`{workflow}` in a full release"),
            Self::Anybody { issuer } => format!("anybody whom `{issuer}` vouches for"),
            Self::Keys(keys) if keys.len() == 1 => "one key that is listed".to_owned(),
            Self::Keys(keys) => format!("one of {} keys that are listed", keys.len()),
            Self::AnyKey => "any key that you accept".to_owned(),
        }
    }

    fn fits(&self, made: &Made<'_>) -> bool {
        match self {
            Self::Workflow { issuer, workflow, reference } => {
                let at = made.signer.strip_prefix(workflow.as_str()).and_then(|rest| rest.strip_prefix('@'));
                made.issuer == Some(issuer) && at.is_some_and(|found| reference.fits(made.signer, found))
            }
            Self::Anybody { issuer } => made.issuer == Some(issuer),
            Self::Keys(keys) => made.key.is_some_and(|key| keys.contains(&key)),
            // Whoever has a certificate is not whom the relying party accepted by a key.
            Self::AnyKey => made.is_bare_key && made.key.is_some(),
        }
    }
}

impl Named {
    fn fits(&self, made: &Made<'_>) -> bool {
        match self {
            Self::AsSigner => made.signer == made.builder,
            Self::Delegated(ids) => any(ids, made.builder) && in_release(made.builder),
            Self::Fixed(ids) => any(ids, made.builder),
            Self::AsSaid { id, reference } => {
                let (name, found) = parts(made.builder);
                // A pattern must not reach into the reference, of which `ref` says what it may be, unless all of the
                // reference stands in the id.
                match parts(id.as_str()) {
                    (of_name, Some(of_reference)) => {
                        let is_left_open = of_reference.contains('*');
                        Pattern::new(of_name).matches(name)
                            && found.is_some_and(|found| {
                                Pattern::new(of_reference).matches(found)
                                    && (!is_left_open || reference.fits(made.builder, found))
                            })
                    }
                    (_, None) => id.matches(name) && found.is_none_or(|found| reference.fits(made.builder, found)),
                }
            }
        }
    }
}

impl Reference {
    fn fits(&self, name: &str, reference: &str) -> bool {
        match self {
            Self::Release => is_release(name, reference),
            Self::Fits(pattern) => pattern.matches(reference),
        }
    }
}

fn any(patterns: &[Pattern], text: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(text))
}

/// The name of a builder, and its reference where it has one.
fn parts(builder: &str) -> (&str, Option<&str>) {
    builder.split_once('@').map_or((builder, None), |(name, reference)| (name, Some(reference)))
}

/// The rows of Google's keys that may sign the payload itself, in place of what DSSE demands.
const BEFORE_DSSE: &str = "google-cloud-build-yaml";

/// Whether a key is one of those that sign the payload of an envelope itself. Anybody else's would be taken at its word
/// for what it signed with another type.
pub(crate) fn signs_payload(key: Digest) -> bool {
    let signers = by_name(&[], BEFORE_DSSE).map_or(&[][..], |builder| &builder.signers);
    signers.iter().any(|signer| matches!(signer, SignedBy::Keys(keys) if keys.contains(&key)))
}

/// A workflow without its reference.
fn path(workflow: &str) -> &str {
    workflow.split_once('@').map_or(workflow, |(path, _)| path)
}

fn in_release(workflow: &str) -> bool {
    workflow.split_once('@').is_some_and(|(_, reference)| is_release(workflow, reference))
}

/// The only builder whose releases end otherwise.
const JRELEASER: &str = "https://github.com/jreleaser/";

/// `refs/tags/vX.Y.Z`: a full release, no branch and no movable short tag.
fn is_release(workflow: &str, reference: &str) -> bool {
    let Some(version) = reference.strip_prefix("refs/tags/v") else { return false };
    let java = version.strip_suffix("-java").filter(|_| workflow.starts_with(JRELEASER));
    let parts: Vec<_> = java.unwrap_or(version).split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLER: &str = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";
    const ATTEST: &str = "https://actions.github.io/buildtypes/workflow/v1";

    fn generator(file: &str) -> String {
        format!("https://github.com/slsa-framework/slsa-github-generator/.github/workflows/{file}")
    }

    fn by<'a>(signer: &'a str, builder: &'a str, build_type: &'a str) -> Made<'a> {
        let build_type = Some(build_type);
        Made { issuer: Some(GITHUB), signer, key: None, is_bare_key: false, certificate: None, builder, build_type }
    }

    fn row(made: &Made<'_>) -> Option<(String, u8)> {
        grade(&[], made).map(|grade| (grade.builder.name.clone(), grade.level))
    }

    #[test]
    fn a_builder_counts_in_full_releases_only() {
        assert!(is_release("w", "refs/tags/v1.2.3"));
        for not in [
            "refs/tags/v1.2",
            "refs/tags/v1",
            "refs/heads/main",
            "v1.2.3",
            "",
            "refs/tags/v1.2.3-rc.1",
            "refs/tags/v1..3",
        ] {
            assert!(!is_release("w", not), "{not}");
        }
        assert!(is_release("https://github.com/jreleaser/release-action/x.yml", "refs/tags/v1.4.0-java"));
        assert!(!is_release("https://github.com/evil/jreleaser/x.yml", "refs/tags/v1.4.0-java"));
    }

    #[test]
    fn the_level_follows_signer_builder_and_build_type_together() {
        let go = generator("builder_go_slsa3.yml@refs/tags/v1.2.3");
        let go_type = "https://github.com/slsa-framework/slsa-github-generator/go@v1";
        assert_eq!(row(&by(&go, &go, go_type)), Some(("slsa-github-generator-go".to_owned(), 3)));
        assert_eq!(row(&by(&go, &go, "https://example.com/other")), None);
        assert_eq!(row(&by(CALLER, &go, go_type)), None);
        let main = generator("builder_go_slsa3.yml@refs/heads/main");
        assert_eq!(row(&by(&main, &main, go_type)), None);
        let near = Made { issuer: Some("https://token.actions.githubusercontent.com/x"), ..by(&go, &go, go_type) };
        assert_eq!(row(&near), None);
        assert_eq!(row(&Made { issuer: None, ..by(&go, &go, go_type) }), None);
    }

    #[test]
    fn a_workflow_of_ones_own_has_level_2_and_npm_never_more() {
        assert_eq!(row(&by(CALLER, CALLER, ATTEST)), Some(("github-attest-build-provenance".to_owned(), 2)));
        let npm = "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1";
        let hosted = "https://github.com/actions/runner/github-hosted";
        assert_eq!(row(&by(CALLER, hosted, npm)), Some(("npm-cli-github".to_owned(), 2)));
        assert_eq!(
            row(&by(CALLER, "https://github.com/npm/cli@9.5.0", "https://github.com/npm/cli/gha@v1")).unwrap().1,
            1
        );
    }

    #[test]
    fn whose_tool_the_delegator_ran_makes_a_difference() {
        let delegator = generator("delegator_generic_slsa3.yml@refs/tags/v2.0.0");
        let of = |tool: &str| {
            row(&by(&delegator, tool, "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0"))
        };
        assert_eq!(of(&generator("builder_maven_slsa3.yml@refs/tags/v2.0.0")).unwrap().1, 3);
        assert_eq!(of("https://github.com/acme/tool/.github/workflows/b.yml@refs/tags/v1.0.0").unwrap().1, 2);
        assert_eq!(of("https://github.com/acme/tool/.github/workflows/b.yml@refs/heads/main"), None);
    }

    #[test]
    fn googles_keys_are_known_and_nobody_elses_key_speaks_for_google() {
        let id = "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.3";
        let key = |hex: &str| Some(format!("sha256:{hex}").parse().unwrap());
        let of = |hex: &str, id, build_type| {
            row(&Made {
                issuer: None,
                signer: "",
                key: key(hex),
                is_bare_key: true,
                certificate: None,
                builder: id,
                build_type: Some(build_type),
            })
        };
        let regional = "aceb8d450900d79a89b54b689fc749f10954be3a1fa8660b12d698a86f4a9e4a";
        let yaml = "https://cloudbuild.googleapis.com/CloudBuildYaml@v0.1";
        assert_eq!(of(regional, id, yaml), Some(("google-cloud-build-yaml".to_owned(), 3)));
        assert_eq!(of(&"00".repeat(32), id, yaml), None);
        assert_eq!(of(regional, "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.2", yaml), None);
        assert_eq!(of(regional, "https://cloudbuild.googleapis.com/GoogleHostedWorker@v0.1", yaml), None);
        assert_eq!(of(&"00".repeat(32), "https://tekton.dev/chains/v2", "tekton.dev/v1/TaskRun").unwrap().1, 2);
    }

    #[test]
    fn any_key_is_no_certificate() {
        let by = |is_bare_key| Made {
            issuer: None,
            key: Some(format!("sha256:{}", "00".repeat(32)).parse().unwrap()),
            is_bare_key,
            ..by("", "https://tekton.dev/chains/v2", "tekton.dev/v1/TaskRun")
        };
        assert!(row(&by(true)).is_some());
        assert_eq!(row(&by(false)), None);
    }

    #[test]
    fn only_googles_early_keys_sign_the_payload_itself() {
        let key = |hex: &str| format!("sha256:{hex}").parse().unwrap();
        assert!(signs_payload(key("aceb8d450900d79a89b54b689fc749f10954be3a1fa8660b12d698a86f4a9e4a")));
        assert!(!signs_payload(key("3fe6dfada209606798e976322c8b69acae580a6708b7112f0f7a053a5b96d675")));
        assert!(!signs_payload(key(&"00".repeat(32))));
    }

    fn named(level: u8) -> Builder {
        Builder {
            name: "release".to_owned(),
            title: String::new(),
            note: String::new(),
            level,
            voucher: Voucher::Platform,
            signers: vec![SignedBy::Workflow {
                issuer: GITHUB.to_owned(),
                workflow: "https://github.com/acme/build/.github/workflows/release.yml".to_owned(),
                reference: Reference::Fits(Pattern::new("refs/tags/v*")),
            }],
            named: Named::AsSaid {
                id: Pattern::new("https://github.com/acme/build/.github/workflows/release.yml"),
                reference: Reference::Fits(Pattern::new("refs/tags/v*")),
            },
            build_types: vec![Pattern::new(ATTEST)],
            known: Vec::new(),
            allowed: None,
            of_policy: true,
        }
    }

    fn certificate(signer: &str, caller: &str, runner: &str) -> BTreeMap<String, String> {
        let pairs = [("build-signer-uri", signer), ("build-config-uri", caller), ("runner-environment", runner)];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn level_3_of_a_named_workflow_must_show_in_the_certificate() {
        let builders = [named(3)];
        let signer = "https://github.com/acme/build/.github/workflows/release.yml@refs/tags/v2";
        let of = |caller: &str, runner: &str| {
            let certificate = certificate(signer, caller, runner);
            let made = Made { certificate: Some(&certificate), ..by(signer, signer, ATTEST) };
            grade(&builders, &made).map(|grade| (grade.builder.name.clone(), grade.level, grade.lowered)).unwrap()
        };
        let release = || "release".to_owned();
        assert_eq!(of(CALLER, HOSTED), (release(), 3, None));
        assert_eq!(of(CALLER, "self-hosted"), (release(), 2, Some(Lowered::OwnRunner)));
        assert_eq!(of(CALLER, ""), (release(), 2, Some(Lowered::NotShown)));
        assert_eq!(of("", HOSTED), (release(), 2, Some(Lowered::NotShown)));
        assert_eq!(of(signer, HOSTED), (release(), 2, Some(Lowered::OwnWorkflow)));
        let other_ref = "https://github.com/acme/build/.github/workflows/release.yml@refs/heads/main";
        assert_eq!(of(other_ref, HOSTED), (release(), 2, Some(Lowered::OwnWorkflow)));
    }

    #[test]
    fn the_reference_of_a_named_builder_counts_whatever_its_name_fits() {
        let signer = "https://github.com/acme/build/.github/workflows/release.yml@refs/tags/v2";
        let fits = |id: &str, builder: &str| {
            let id = Pattern::new(id);
            let builders = [Builder {
                named: Named::AsSaid { id, reference: Reference::Fits(Pattern::new("refs/tags/*")) },
                ..named(1)
            }];
            grade(&builders, &by(signer, builder, ATTEST)).is_some_and(|grade| grade.builder.of_policy)
        };
        assert!(fits("https://ci.example/*", "https://ci.example/w@refs/tags/v1"));
        assert!(fits("https://ci.example/*", "https://ci.example/w"));
        assert!(!fits("https://ci.example/*", "https://ci.example/w@refs/heads/main"));
        assert!(fits("https://ci.example/w@refs/heads/main", "https://ci.example/w@refs/heads/main"));
        assert!(fits("https://ci.example/w@*", "https://ci.example/w@refs/tags/v1"));
        assert!(!fits("https://ci.example/w@*", "https://ci.example/w@refs/heads/main"));
        assert!(!fits("https://ci.example/*@refs/*", "https://ci.example/w@refs/heads/main"));
        let twice = "https://ci.example/w@refs/heads/x@refs/heads/main";
        assert!(!fits("https://ci.example/*@refs/heads/main", twice), "the name ends at the first");
        assert!(!fits("https://ci.example/w@refs/heads/main", "https://ci.example/w"));
    }

    #[test]
    fn what_a_policy_names_counts_before_the_table_and_the_lowest_of_several() {
        let signer = "https://github.com/acme/build/.github/workflows/release.yml@refs/tags/v2";
        let level = |builders: &[Builder]| grade(builders, &by(signer, signer, ATTEST)).unwrap().level;
        assert_eq!(level(&[named(1)]), 1);
        assert_eq!(level(&[named(2), named(0)]), 0);
        assert_eq!(level(&[]), 2);
        let branch = "https://github.com/acme/build/.github/workflows/release.yml@refs/heads/main";
        assert_eq!(
            grade(&[named(1)], &by(branch, branch, ATTEST)).unwrap().builder.name,
            "github-attest-build-provenance"
        );
    }
}
