//! `package`: it was published as the expected package and version.

use super::provenance::Stand;
use super::{AS_GIVEN, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, best_claim};
use crate::claim::{Claim, Fact, Standing};
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "package",
    section: Section::Of(Question::Path),
    title: "It was published as the expected package",
    meaning: "A verified statement about this artifact names the expected package and version.",
    shape: Shape::Word(&[AS_GIVEN]),
    judge: Judge::Artifact(judge),
    fix: "obtain the publish attestation of the registry and give it with --evidence",
    controls: &[Control { framework: "S2C2F", id: "AUD-1" }],
};

fn judge(context: Context<'_>, _: &Setting) -> Weighed {
    if !context.expectations.names_package() {
        return Weighed::missing(Ground::PackageNotSaid, "nobody said which package is expected")
            .with_fix("say which package is expected: --package NAME (and --package-version VERSION)");
    }
    let weighed = best_claim(context, |claim| weigh(context, claim));
    weighed.unwrap_or_else(|| Weighed::missing(Ground::NotClaimed, "no statement names a package"))
}

fn weigh(context: Context<'_>, claim: &Claim) -> Option<Weighed> {
    let Fact::PublishedAs { package, version, .. } = &claim.fact else { return None };
    let given = context.expectations;
    let found = version.as_ref().map_or_else(|| package.clone(), |version| format!("{package} {version}"));
    let other_name = given.package.as_ref().is_some_and(|expected| !names_package(expected, package));
    let other_version = given.package_version.as_ref().is_some_and(|expected| Some(expected) != version.as_ref());
    let weighed = if other_name || other_version {
        Weighed::no(Ground::PackageMismatch, format!("found `{found}`"))
    } else if claim.standing == Standing::Refuted {
        Weighed::no(Ground::Contradicted, found)
    } else if Stand::of(claim).supports() {
        Weighed::yes(Ground::PackageMatches, found)
    } else {
        Weighed::missing(Ground::ProvenanceNotVerified, found)
    };
    Some(weighed.resting_on(claim))
}

/// Whether the package is the named one, which may be a package URL without its version.
fn names_package(expected: &str, found: &str) -> bool {
    expected == found || name_in_purl(found).is_some_and(|name| name == expected)
}

/// The name in `pkg:type/name@version`, with its namespace; `%40` is the `@` of an npm scope.
fn name_in_purl(purl: &str) -> Option<String> {
    let (_type, rest) = purl.strip_prefix("pkg:")?.split_once('/')?;
    let name = rest.split_once('@').map_or(rest, |(name, _)| name);
    Some(name.replace("%40", "@"))
}
