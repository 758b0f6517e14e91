//! Witnesses: who may say something of what is behind a release, beside the keys and the signer of the command line.
//!
//! They stand beside the environments and not in a requirement: to ask for more must never let more people speak. What
//! each may bear witness of is named, so that a scanner's key says nothing of a review.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::Loader;
use super::{Pattern, write};
use crate::claim::RECORDED;
use crate::requirements::{Choice, Setting};

/// The key of the table.
pub(super) const WITNESSES: &str = "witnesses";

/// The fields of a witness.
const FIELDS: [&str; 4] = ["signer", "issuer", "repository", "says"];

/// Somebody whose signed records count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name in the policy.
    pub name: String,
    /// The name of the signer, as `expected` matches it.
    pub signer: Pattern,
    /// Who must have vouched for that name.
    pub issuer: Pattern,
    /// The repository whose run must have signed, where a workflow is called from others.
    pub repository: Option<Pattern>,
    /// The kinds of facts that it may bear witness of.
    pub says: Vec<&'static str>,
}

impl Witness {
    /// What the policy says of it, as TOML on one line.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let says: Vec<String> = self.says.iter().map(|fact| write::quoted(fact)).collect();
        let (signer, issuer) = (write::quoted(self.signer.as_str()), write::quoted(self.issuer.as_str()));
        let repository = |it: &Pattern| format!("repository = {}, ", write::quoted(it.as_str()));
        let repository = self.repository.as_ref().map_or_else(String::new, repository);
        format!("{{ signer = {signer}, issuer = {issuer}, {repository}says = [{}] }}", says.join(", "))
    }
}

impl Loader<'_> {
    /// `[witnesses.NAME]`.
    pub(super) fn witnesses(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<Witness> {
        let Some(table) = self.table(value, WITNESSES) else { return Vec::new() };
        let mut witnesses = Vec::new();
        for (name, value) in table {
            self.named_by_a_word(name, "a witness");
            let key = format!("{WITNESSES}.{}", name.get_ref());
            if let Some(table) = self.table(value, &key) {
                witnesses.extend(self.witness(name.get_ref(), table, value.span()));
            }
        }
        witnesses
    }

    fn witness(&mut self, name: &str, table: &DeTable<'_>, span: Range<usize>) -> Option<Witness> {
        self.only(table, "field of a witness:", &FIELDS);
        let of = ("a witness", table, &span);
        let signer = self.required(of, "signer", "the name in its certificate", Self::one_pattern);
        let issuer = self.required(of, "issuer", "who vouches for that name", Self::one_pattern);
        let repository = self.optional(table, "repository", Self::one_pattern);
        let says = self.required(of, "says", "the facts that it may bear witness of", Self::says);
        let name = name.to_owned();
        Some(Witness { name, signer: signer?, issuer: issuer?, repository: repository?, says: says? })
    }

    fn says(&mut self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Vec<&'static str>> {
        let DeValue::Array(list) = value.get_ref() else {
            return self.wrong_type_of(value.span(), key, "a list of kinds of facts", value.get_ref());
        };
        match self.words(key, &RECORDED.map(|word| Choice { word, meaning: "" }), list, value.span())? {
            Setting::Words(words) => Some(words),
            _ => None,
        }
    }
}
