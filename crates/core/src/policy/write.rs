//! Writing what a policy says, as it stands in a file.

use std::fmt::Write as _;

use super::{Demand, Pattern};
use crate::requirements::Setting;

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

fn table(fields: &[(&'static str, Pattern)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key} = {}", quoted(value.as_str()))).collect();
    format!("{{ {} }}", fields.join(", "))
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
        let text = "schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\nkinds = [\"dsse\", \"pep740\"]\n\
                    [environment.production.signer]\nexpected = [{ signer = \"A \\\"B\\\"\" }, { signer = \"c\", issuer = \"d\" }]\n\
                    [environment.production.path]\nsource = { repo = \"github.com/a/b\", ref = \"refs/tags/*\" }\ntrigger = [\"push\"]\n";
        let policy = Policy::parse(text, "p").unwrap();
        let mut written = "schema = 1\nname = \"p\"\n".to_owned();
        for demand in policy.environment("production").unwrap().demands() {
            let section = demand.requirement.section.word();
            written.push_str(&format!("environment.production.{section}.{}\n", demand.to_toml()));
        }
        let again = Policy::parse(&written, "p").unwrap();
        let debug = |policy: &Policy| format!("{:#?}", policy.environment("production"));
        assert_eq!(debug(&again), debug(&policy));
    }
}
