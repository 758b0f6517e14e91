//! `ref`: it was built from the expected tag, branch or other reference.

use super::provenance::{Provenance, Stand, agree_by};
use super::{AS_GIVEN, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_accepted};
use crate::claim::{Source, Standing, Voucher};
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "ref",
    section: Section::Of(Question::Path),
    title: "It was built from the expected reference",
    meaning: "The reference that was built is the expected tag, branch or full reference, wherever the evidence \
              names one. A versioned tag is compared as far as its parts are given: `v13` fits `v13.0.30`.",
    shape: Shape::Patterns(&[AS_GIVEN]),
    judge: Judge::Provenance(judge),
    fix: "say which reference is expected: --source-tag, --source-versioned-tag, --source-branch or --source-ref",
    controls: &[Control { framework: "S2C2F", id: "AUD-1" }],
};

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let given = context.expectations;
    let mut weighed = Vec::new();
    if let Some(full) = &given.source_ref {
        weighed.push(agree_on(provenance, None, |reference| reference == full));
    }
    if let Some(tag) = &given.source_tag {
        weighed.push(agree_on(provenance, None, |reference| reference.strip_prefix("refs/tags/") == Some(tag)));
    }
    if let Some(tag) = &given.source_versioned_tag {
        weighed.push(agree_on(provenance, None, |reference| {
            reference.strip_prefix("refs/tags/").is_some_and(|built| version_fits(tag, built))
        }));
    }
    if let Some(branch) = &given.source_branch {
        weighed.push(on_branch(provenance, branch));
    }
    if !setting.patterns().is_empty() {
        let fits = |reference: &str| setting.patterns().iter().any(|pattern| pattern.matches(reference));
        weighed.push(agree_on(provenance, None, fits));
    }
    let worst = weighed.into_iter().min_by_key(|weighed| weighed.answer);
    worst.unwrap_or_else(|| Weighed::missing(Ground::RefNotSaid, "").on(provenance.signature.id))
}

/// The answer about the references in a provenance.
pub(super) fn agree_on(provenance: &Provenance<'_>, least: Option<Voucher>, fits: impl Fn(&str) -> bool) -> Weighed {
    agree_in(provenance, &references(provenance), least, fits)
}

/// A tag is on a branch if a builder out of reach of the job says that it was made from there.
fn on_branch(provenance: &Provenance<'_>, branch: &str) -> Weighed {
    let sources = provenance.sources();
    let made_from = |tag: &str| {
        let is_it = |(stand, source): &&(Stand, &Source)| {
            source.reference.as_deref() == Some(tag)
                && stand.standing != Standing::Refuted
                && is_accepted(stand.voucher)
        };
        let mut named =
            sources.iter().filter(is_it).filter_map(|(stand, source)| Some((*stand, source.branch.as_deref()?)));
        named.next()
    };
    let references = references(provenance);
    let references: Vec<_> = references.into_iter().map(|(stand, r)| made_from(r).unwrap_or((stand, r))).collect();
    agree_in(provenance, &references, None, |reference| reference.strip_prefix("refs/heads/") == Some(branch))
}

fn references<'a>(provenance: &Provenance<'a>) -> Vec<(Stand, &'a str)> {
    let sources = provenance.sources().into_iter();
    sources.filter_map(|(stand, source)| Some((stand, source.reference.as_deref()?))).collect()
}

fn agree_in(
    provenance: &Provenance<'_>,
    references: &[(Stand, &str)],
    least: Option<Voucher>,
    fits: impl Fn(&str) -> bool,
) -> Weighed {
    let show = |reference: &str| format!("`{reference}`");
    agree_by(provenance, references, least, fits, show, (Ground::RefMatches, Ground::RefMismatch))
}

/// Whether the version of the tag fits the expected one in all parts that are expected. Parts that the
/// built tag lacks count as 0.
fn version_fits(expected: &str, built: &str) -> bool {
    let (Some(expected), Some(built)) = (Version::parse(expected), Version::parse(built)) else { return false };
    let zero = "0";
    let part = |version: &Version<'_>, index: usize| version.parts.get(index).copied().unwrap_or(zero).to_owned();
    let given = expected.parts.len();
    (0..given).all(|index| part(&expected, index) == part(&built, index))
        && (expected.pre_release == built.pre_release || (expected.pre_release.is_none() && given < 3))
}

/// A semantic version with up to three parts and the leading `v` that tags carry.
struct Version<'a> {
    parts: Vec<&'a str>,
    pre_release: Option<&'a str>,
}

impl<'a> Version<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let text = text.strip_prefix('v')?;
        let text = text.split_once('+').map_or(text, |(version, _build)| version);
        let (numbers, pre_release) =
            text.split_once('-').map_or((text, None), |(numbers, pre_release)| (numbers, Some(pre_release)));
        let parts: Vec<_> = numbers.split('.').collect();
        let complete = pre_release.is_none() || parts.len() == 3;
        (parts.len() <= 3 && complete && parts.iter().all(|part| is_number(part)))
            .then_some(Self { parts, pre_release })
    }
}

/// Decimal digits without a leading zero (Semantic Versioning 2.0.0 §2).
fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (part == "0" || !part.starts_with('0'))
}

#[cfg(test)]
mod tests {
    use super::version_fits;

    #[test]
    fn versions_are_compared_as_far_as_given() {
        for (expected, built, fits) in [
            ("v13", "v13.0.30", true),
            ("v13.0", "v13.0.30", true),
            ("v13.0.30", "v13.0.30", true),
            ("v13.0.29", "v13.0.30", false),
            ("v14.2.1", "v14.2", false),
            ("v14.2.0", "v14.2", true),
            ("v14", "v13.0.30", false),
            ("v1", "v13.0.30", false),
            ("13", "v13.0.30", false),
            ("v13", "13.0.30", false),
            ("v01", "v1.0.0", false),
            ("v1.2.3", "v1.2.3-rc1", false),
            ("v1.2.3-rc1", "v1.2.3-rc1", true),
            ("v1.2.3", "v1.2.3+build", true),
            ("main", "v1.2.3", false),
        ] {
            assert_eq!(version_fits(expected, built), fits, "{expected} {built}");
        }
    }
}
