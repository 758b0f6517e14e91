//! `dependencies`: the build used the expected dependencies.

use std::collections::BTreeMap;

use super::provenance::{Provenance, Stand, agree_by};
use super::{Context, Control, Field, Form, Judge, Requirement, Section, Setting, Shape, VOUCHER, Weighed, voucher_of};
use crate::claim::Fact;
use crate::ground::Ground;
use crate::policy::Pattern;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "dependencies",
    section: Section::Of(Question::Path),
    title: "The build used the expected dependencies",
    meaning: "For each of the tables, the provenance names a dependency of this URI, and every one that it names has the \
              digest (`sha256:…`, `gitCommit:…`). All of the tables must be met.",
    shape: Shape::Tables(
        &[],
        &[
            Field {
                key: "uri",
                meaning: "URI of the dependency, with its reference as the provenance writes it",
                required: true,
                form: Form::Pattern,
            },
            Field {
                key: "digest",
                meaning: "algorithm and hexadecimal digest, `gitCommit:…` for a commit",
                required: true,
                form: Form::Pattern,
            },
            VOUCHER,
        ],
    ),
    judge: Judge::Provenance(judge),
    fix: "find out which dependencies the build used, and why others than expected",
    controls: &[Control { framework: "S2C2F", id: "AUD-1" }],
};

fn judge(_: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let weighed = setting.tables().iter().map(|table| weigh(provenance, table));
    let worst = weighed.min_by_key(|weighed| weighed.answer);
    worst.unwrap_or_else(|| Weighed::missing(Ground::NotClaimed, "nobody said which dependencies are expected"))
}

type Digests<'a> = &'a BTreeMap<String, String>;

fn weigh(provenance: &Provenance<'_>, table: &[(&'static str, Pattern)]) -> Weighed {
    let field = |key: &str| table.iter().find(|(name, _)| *name == key).map(|(_, pattern)| pattern);
    let (Some(uri), Some(digest)) = (field("uri"), field("digest")) else {
        return Weighed::missing(Ground::NotClaimed, "").on(provenance.signature.id);
    };
    let named: Vec<(Stand, Digests<'_>)> = provenance.all(|fact| match fact {
        Fact::DependsOn { uri: found, digests } if uri.matches(found) => Some(digests),
        _ => None,
    });
    if named.is_empty() {
        return Weighed::missing(Ground::NotClaimed, format!("no dependency `{uri}`")).on(provenance.signature.id);
    }
    let show = |digests: Digests<'_>| format!("`{uri}` with {}", shown(digests));
    let grounds = (Ground::DependenciesMatch, Ground::DependencyMismatch);
    agree_by(provenance, &named, voucher_of(table), |digests| has(digests, digest), show, grounds)
}

fn has(digests: Digests<'_>, expected: &Pattern) -> bool {
    digests.iter().any(|(algorithm, value)| expected.matches(&format!("{algorithm}:{value}")))
}

fn shown(digests: Digests<'_>) -> String {
    let each: Vec<_> = digests.iter().map(|(algorithm, value)| format!("{algorithm}:{value}")).collect();
    if each.is_empty() { "no digest".to_owned() } else { each.join(", ") }
}
