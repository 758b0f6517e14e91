//! Writing what a policy says, as it stands in a file.

use std::fmt::Write as _;

use super::{Demand, Pattern};
use crate::provenance::builders::{Builder, Named, Reference, SignedBy};
use crate::requirements::{GradeDemand, Setting};

impl Setting {
    /// The value as TOML on one line.
    #[must_use]
    pub fn to_toml(&self) -> String {
        match self {
            Self::Word(word) => quoted(word),
            Self::Words(words) => list(words.iter().map(|word| quoted(word))),
            Self::Patterns(patterns) => list(patterns.iter().map(|pattern| quoted(pattern.as_str()))),
            Self::Tables(tables) => match tables.as_slice() {
                [one] => table(one),
                many => list(many.iter().map(|one| table(one))),
            },
            Self::Graded(asked) => graded(asked),
            Self::Map(map) => map_of(map),
        }
    }
}

impl Demand {
    /// The line of the policy: key and value.
    #[must_use]
    pub fn to_toml(&self) -> String {
        format!("{} = {}", self.requirement.id, self.setting.to_toml())
    }
}

fn graded(asked: &GradeDemand) -> String {
    let builder = asked.builder.iter().map(|name| format!("builder = {}", quoted(name)));
    let level = (asked.level > 0).then(|| format!("level = {}", asked.level));
    let voucher = asked.voucher.map(|least| format!("voucher = {}", quoted(least.word())));
    inline(builder.chain(level).chain(voucher))
}

fn map_of(map: &[(Pattern, Pattern)]) -> String {
    inline(map.iter().map(|(path, value)| format!("{} = {}", quoted(path.as_str()), quoted(value.as_str()))))
}

fn inline(fields: impl Iterator<Item = String>) -> String {
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

/// What a policy says of a builder, as TOML on one line.
pub(crate) fn builder(builder: &Builder) -> String {
    let id = match &builder.named {
        Named::AsSaid { id, reference } => Some((id, reference)),
        Named::AsSigner | Named::Delegated(_) | Named::Fixed(_) => None,
    };
    let reference = id.and_then(|(_, reference)| match reference {
        Reference::Fits(pattern) => Some(format!("ref = {}", quoted(pattern.as_str()))),
        Reference::Release => None,
    });
    let id = id.map(|(id, _)| format!("id = {}", quoted(id.as_str())));
    let signers = builder.signers.iter().map(|signer| format!("signer = {}", signed_by(signer)));
    let level = Some(format!("level = {}", builder.level));
    let types = (!builder.build_types.is_empty())
        .then(|| format!("build_types = {}", list(builder.build_types.iter().map(|of| quoted(of.as_str())))));
    let parameters = builder.allowed.as_ref().map(|allowed| format!("parameters = {}", map_of(allowed)));
    inline(id.into_iter().chain(reference).chain(signers).chain(level).chain(types).chain(parameters))
}

fn signed_by(signer: &SignedBy) -> String {
    match signer {
        SignedBy::Workflow { issuer, workflow, .. } => {
            format!("{{ issuer = {}, workflow = {} }}", quoted(issuer), quoted(workflow))
        }
        SignedBy::Anybody { issuer } => format!("{{ issuer = {} }}", quoted(issuer)),
        // A policy names one key; the shipped table may name several.
        SignedBy::Keys(keys) => match keys.as_slice() {
            [one] => format!("{{ key = {} }}", quoted(&one.to_string())),
            several => format!("{{ key = {} }}", list(several.iter().map(|key| quoted(&key.to_string())))),
        },
        SignedBy::AnyKey => "{ }".to_owned(),
    }
}

fn table(fields: &[(&'static str, Pattern)]) -> String {
    inline(fields.iter().map(|(key, value)| format!("{key} = {}", quoted(value.as_str()))))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A basic string of TOML (v1.0.0, "String").
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            _ if character.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\u{:04X}", u32::from(character));
            }
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quoted;
    use crate::policy::Policy;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["", "plain", "a \"b\" \\c", "tab\tnul\u{0}del\u{7f}\u{85}", "ü\u{202e}"] {
            let document: toml::Table = format!("a = {}", quoted(text)).parse().unwrap();
            assert_eq!(document["a"].as_str(), Some(text), "{text:?}");
        }
    }

    #[test]
    fn a_policy_that_is_written_line_by_line_is_the_same_policy() {
        let builders = "builders.release = { id = \"https://b.example/w\", ref = \"refs/tags/v*\", signer = { issuer = \"https://i.example\", workflow = \"https://b.example/w\" }, level = 3, build_types = [\"https://t.example/*\"], parameters = { \"a.b\" = \"c*\" } }";
        let text = "[environment.production.signed]\nintact = \"required\"\nkinds = [\"dsse\", \"pep740\"]\n\
                    [environment.production.signer]\nexpected = [{ signer = \"A \\\"B\\\"\" }, { signer = \"c\", issuer = \"d\" }]\n\
                    [environment.production.path]\nsource = { repo = \"github.com/a/b\", ref = \"refs/tags/*\" }\ntrigger = [\"push\"]\n\
                    provenance = { builder = \"release\", level = 3, voucher = \"platform\" }\nparameters = { \"x\" = \"y\" }\n";
        let head = format!("schema = 1\nname = \"p\"\n{builders}\n");
        let policy = Policy::parse(&format!("{head}{text}"), "p").unwrap();
        assert_eq!(format!("builders.release = {}", super::builder(&policy.builders()[0])), builders);
        let mut written = head;
        for demand in policy.environment("production").unwrap().demands() {
            let section = demand.requirement.section.word();
            written.push_str(&format!("environment.production.{section}.{}\n", demand.to_toml()));
        }
        let again = Policy::parse(&written, "p").unwrap();
        let debug = |policy: &Policy| format!("{:#?}", policy.environment("production"));
        assert_eq!(debug(&again), debug(&policy));
    }

    #[test]
    fn a_builder_that_is_known_by_its_key_is_read_back() {
        let head = "schema = 1\nname = \"p\"\nenvironment.production.signed.intact = \"required\"\n\
                    environment.production.path.provenance = { builder = \"ours\" }\n";
        let key = format!("sha256:{}", "ab".repeat(32));
        let builder =
            format!("builders.ours = {{ id = \"https://b.example/w\", signer = {{ key = \"{key}\" }}, level = 2 }}");
        let policy = Policy::parse(&format!("{head}{builder}\n"), "p").unwrap();
        assert_eq!(format!("builders.ours = {}", super::builder(&policy.builders()[0])), builder);
    }
}
