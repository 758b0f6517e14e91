//! `source`: it was built from the expected repository.

use super::provenance::{Provenance, agree, agree_by};
use super::{
    AS_GIVEN, Context, Control, Field, Form, Judge, Requirement, Section, Setting, Shape, VOUCHER, Weighed, voucher_of,
};
use crate::claim::{Source, Voucher};
use crate::ground::Ground;
use crate::policy::Pattern;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "source",
    section: Section::Of(Question::Path),
    title: "It was built from the expected source",
    meaning: "The repository is the expected one wherever the evidence names one: in the certificate, as the \
              trigger and as the material. Without a scheme, `https://` is meant; `git+`, `.git` and `@ref` in \
              the evidence make no difference.",
    shape: Shape::Tables(
        &[AS_GIVEN],
        &[
            Field { key: "repo", meaning: "URI of the repository", required: true, form: Form::Pattern },
            Field {
                key: "ref",
                meaning: "full reference that was built, such as `refs/tags/v*`",
                required: false,
                form: Form::Pattern,
            },
            Field {
                key: "commit",
                meaning: "commit that was built, in hexadecimal",
                required: false,
                form: Form::Pattern,
            },
            VOUCHER,
        ],
    ),
    judge: Judge::Provenance(judge),
    fix: "say which source is expected: --source URI",
    controls: &[
        Control { framework: "S2C2F", id: "AUD-1" },
        Control { framework: "NIST SSDF SP 800-218", id: "PS.3.2" },
    ],
};

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let given = context.expectations.source.as_deref().map(Pattern::new);
    let tables = setting.tables();
    let sources = provenance.sources();
    if given.is_none() && tables.is_empty() {
        let found = sources.first().map(|(_, source)| format!("; the evidence names `{}`", source.repository));
        let detail = format!("nobody said which source is expected{}", found.unwrap_or_default());
        return Weighed::missing(Ground::SourceNotSaid, detail).on(provenance.signature.id);
    }
    let show = |source: &Source| format!("`{}`", source.repository);
    let grounds = (Ground::SourceMatches, Ground::SourceMismatch);
    let given =
        given.map(|pattern| agree(provenance, &sources, |source| is_repository(&pattern, source), show, grounds));
    let tables = tables.iter().map(|table| in_table(provenance, table)).max_by_key(|weighed| weighed.answer);
    // What the policy names and what the command line names must both hold.
    let weighed = given.into_iter().chain(tables).min_by_key(|weighed| weighed.answer);
    weighed.unwrap_or_else(|| Weighed::missing(Ground::SourceNotSaid, ""))
}

fn in_table(provenance: &Provenance<'_>, table: &[(&'static str, Pattern)]) -> Weighed {
    let sources = provenance.sources();
    let least = voucher_of(table);
    let fields = table.iter().filter_map(|(key, pattern)| match *key {
        "repo" => {
            let grounds = (Ground::SourceMatches, Ground::SourceMismatch);
            let show = |source: &Source| format!("`{}`", source.repository);
            Some(agree_by(provenance, &sources, least, |source| is_repository(pattern, source), show, grounds))
        }
        "commit" => Some(commit(provenance, least, pattern)),
        "ref" => Some(super::r#ref::agree_on(provenance, least, |reference| pattern.matches(reference))),
        _ => None,
    });
    let worst = fields.min_by_key(|weighed| weighed.answer);
    worst.unwrap_or_else(|| Weighed::missing(Ground::SourceNotSaid, ""))
}

/// The commit must be the expected one wherever the evidence names one.
fn commit(provenance: &Provenance<'_>, least: Option<Voucher>, expected: &Pattern) -> Weighed {
    let sources = provenance.sources().into_iter();
    let commits: Vec<_> = sources.filter_map(|(stand, source)| Some((stand, source.commit.as_deref()?))).collect();
    let show = |commit: &str| format!("commit `{commit}`");
    let grounds = (Ground::SourceMatches, Ground::SourceMismatch);
    agree_by(provenance, &commits, least, |commit| expected.matches(commit), show, grounds)
}

fn is_repository(expected: &Pattern, source: &Source) -> bool {
    let expected = Pattern::new(with_scheme(expected.as_str()));
    expected.matches(&repository(&source.repository))
}

/// `git+` is a matter of transport, and without a scheme `https` is meant.
fn with_scheme(text: &str) -> String {
    let text = text.strip_prefix("git+").unwrap_or(text);
    let text = text.strip_suffix('/').unwrap_or(text);
    let text = text.strip_suffix(".git").unwrap_or(text);
    if text.contains("://") || text.starts_with('*') { text.to_owned() } else { format!("https://{text}") }
}

/// The repository that the evidence names, without the reference behind it.
pub(crate) fn repository(text: &str) -> String {
    let after_scheme = text.find("://").map_or(0, |position| position.saturating_add(3));
    let path = text.get(after_scheme..).and_then(|rest| rest.find('/')).map(|at| at.saturating_add(after_scheme));
    // An `@` before the path belongs to the host.
    let reference = path.and_then(|path| text.get(path..)?.find('@').map(|at| at.saturating_add(path)));
    with_scheme(reference.and_then(|at| text.get(..at)).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_is_compared_without_transport_and_reference() {
        for (expected, found, fits) in [
            ("github.com/acme/app", "https://github.com/acme/app", true),
            ("github.com/acme/app", "git+https://github.com/acme/app@refs/tags/v1", true),
            ("https://github.com/acme/app", "git+https://github.com/acme/app.git", true),
            ("git+https://github.com/acme/app", "https://github.com/acme/app@refs/heads/main", true),
            ("https://github.com/acme/*", "https://github.com/acme/app", true),
            ("https://github.com/acme/app", "https://github.com/acme/app-evil", false),
            ("https://github.com/acme/app", "http://github.com/acme/app", false),
            ("https://github.com/acme/app", "https://github.com@evil.example/acme/app", false),
            ("https://github.com/acme/app@abc", "https://github.com/acme/app@abc", false),
            ("acme/app", "https://github.com/acme/app", false),
        ] {
            let source = Source { repository: found.to_owned(), ..Source::default() };
            assert_eq!(is_repository(&Pattern::new(expected), &source), fits, "{expected} {found}");
        }
    }
}
