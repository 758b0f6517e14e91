//! `builder`: the expected builder built it.

use super::provenance::{Builder, Provenance, Stand, agree};
use super::{AS_GIVEN, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::claim::Voucher;
use crate::ground::Ground;
use crate::policy::Pattern;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "builder",
    section: Section::Of(Question::Path),
    title: "The expected builder built it",
    meaning: "The builder is the expected one in the certificate and in the statement. Without `@`, any release \
              of the builder fits (never a branch); `@v1.2.3` means `@refs/tags/v1.2.3`.",
    shape: Shape::Patterns(&[AS_GIVEN]),
    judge: Judge::Provenance(judge),
    fix: "say which builder is expected: --builder ID",
    controls: &[
        Control { framework: "SLSA", id: "Build L2" },
        Control { framework: "OWASP NHI Top 10", id: "NHI8:2025" },
    ],
};

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let builders = provenance.builders();
    let mut weighed = Vec::new();
    if let Some(expected) = &context.expectations.builder {
        weighed.push(compare(provenance, &builders, |builder| fits(expected, builder)));
    }
    if !setting.patterns().is_empty() {
        let any = |builder: &str| setting.patterns().iter().any(|pattern| fits_pattern(pattern, builder));
        weighed.push(compare(provenance, &builders, any));
    }
    let worst = weighed.into_iter().min_by_key(|weighed| weighed.answer);
    worst.unwrap_or_else(|| {
        let found = builders.first().map(|(_, builder)| format!("; the evidence names `{}`", builder.name));
        let detail = format!("nobody said which builder is expected{}", found.unwrap_or_default());
        Weighed::missing(Ground::BuilderNotSaid, detail).on(provenance.signature.id)
    })
}

/// Every place must name the expected builder; a delegator's certificate names the delegator.
fn compare(provenance: &Provenance<'_>, builders: &[(Stand, Builder<'_>)], expected: impl Fn(&str) -> bool) -> Weighed {
    let is_delegator = |(stand, _): &(Stand, Builder<'_>)| stand.voucher == Voucher::Ca && provenance.is_delegated();
    let delegated = builders.iter().any(|(_, builder)| builder.is(&expected));
    let named: Vec<_> = builders.iter().filter(|builder| !(delegated && is_delegator(builder))).copied().collect();
    let show = |builder: Builder<'_>| format!("`{}`", builder.name);
    agree(provenance, &named, |builder| builder.is(&expected), show, (Ground::BuilderMatches, Ground::BuilderMismatch))
}

fn fits_pattern(pattern: &Pattern, builder: &str) -> bool {
    if pattern.as_str().contains('*') { pattern.matches(builder) } else { fits(pattern.as_str(), builder) }
}

/// Whether the builder is the expected one, in the expected release or in any.
fn fits(expected: &str, builder: &str) -> bool {
    let (expected_name, expected_release) = split(expected);
    let (name, release) = split(builder);
    let same_release = match (expected_release, release) {
        (None, None) => true,
        (Some(expected), Some(release)) => full(expected) == full(release),
        (None, Some(release)) => is_release(release),
        (Some(_), None) => false,
    };
    expected_name == name && same_release
}

fn split(builder: &str) -> (&str, Option<&str>) {
    builder.split_once('@').map_or((builder, None), |(name, release)| (name, Some(release)))
}

/// `v1.2.3` is short for its tag.
fn full(release: &str) -> String {
    if is_version(release) { format!("refs/tags/{release}") } else { release.to_owned() }
}

fn is_release(release: &str) -> bool {
    is_version(release.strip_prefix("refs/tags/").unwrap_or(release))
}

/// `v` and one to three numbers, with or without a pre-release.
fn is_version(text: &str) -> bool {
    let Some(text) = text.strip_prefix('v') else { return false };
    let numbers = text.split_once('-').map_or(text, |(numbers, _)| numbers);
    let mut parts = numbers.split('.');
    numbers.split('.').count() <= 3 && parts.all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_builder_fits_in_its_release() {
        for (expected, builder, fit) in [
            ("https://b.example/w.yml", "https://b.example/w.yml@refs/tags/v1.2.3", true),
            ("https://b.example/w.yml", "https://b.example/w.yml@refs/heads/main", false),
            ("https://b.example/w.yml", "https://b.example/w.yml@refs/tags/latest", false),
            ("https://b.example/w.yml@v1.2.3", "https://b.example/w.yml@refs/tags/v1.2.3", true),
            ("https://b.example/w.yml@refs/tags/v1.2.3", "https://b.example/w.yml@refs/tags/v1.2.3", true),
            ("https://b.example/w.yml@v1.2", "https://b.example/w.yml@refs/tags/v1.2.3", false),
            ("https://b.example/w.yml@refs/heads/main", "https://b.example/w.yml@refs/heads/main", true),
            ("https://b.example/worker@v0.3", "https://b.example/worker@v0.3", true),
            ("https://b.example/worker", "https://b.example/worker@v0.3", true),
            ("https://b.example/worker", "https://b.example/worker", true),
            ("https://b.example/worker@v0.3", "https://b.example/worker", false),
            ("https://b.example/w", "https://b.example/w.yml@refs/tags/v1.2.3", false),
        ] {
            assert_eq!(fits(expected, builder), fit, "{expected} {builder}");
        }
    }
}
