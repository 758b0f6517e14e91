//! Fields and selectors as people write them.

use std::str::FromStr;

use countersign::event::{Field, FieldName, Source, Stated, Text};
use countersign::registry::{KeyHash, Selector};
use countersign::time::Time;
use serde_json::{Value, json};

use super::args::{Fields, Selectors};
use crate::trouble::Trouble;

/// `FIELD=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting(pub(crate) Field);

impl FromStr for Setting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("expected FIELD=VALUE")?;
        field(name.trim(), value.trim()).map(Self)
    }
}

/// The field of this name with this value.
pub(crate) fn field(name: &str, value: &str) -> Result<Field, String> {
    if FieldName::of_word(name).is_none() {
        let known: Vec<&str> = FieldName::ALL.iter().map(|name| name.word()).collect();
        return Err(format!("`{name}` is no field; the fields are: {}", known.join(", ")));
    }
    // What the value is follows from the field: the first reading that its type takes.
    let list: Vec<&str> = value.split(',').map(str::trim).filter(|item| !item.is_empty()).collect();
    let readings = [
        serde_json::from_str(value).ok().filter(Value::is_object),
        Some(json!(value)),
        Some(json!(list)),
        value.parse::<u64>().ok().map(|number| json!(number)),
        Some(json!({ "store": value })),
    ];
    let mut why = String::new();
    for reading in readings.into_iter().flatten() {
        match serde_json::from_value(json!({ name: reading })) {
            Ok(field) => return Ok(field),
            Err(error) if why.is_empty() => why = error.to_string(),
            Err(_) => {}
        }
    }
    Err(format!("`{value}` cannot stand in `{name}`: {why}"))
}

impl Fields {
    /// The fields with their source and date.
    pub(crate) fn stated(&self, at: Time) -> Vec<Stated> {
        let stated = |setting: &Setting| Stated { field: setting.0.clone(), source: self.source, observed_at: at };
        self.set.iter().map(stated).collect()
    }
}

/// A field that somebody responsible says.
pub(crate) const fn declared(field: Field, at: Time) -> Stated {
    Stated { field, source: Source::Declared, observed_at: at }
}

impl Selectors {
    /// Everything that is given.
    pub(crate) fn all(&self) -> Result<Vec<Selector>, Trouble> {
        let mut selectors = Vec::new();
        for text in &self.key {
            selectors.push(key(text).map_err(|problem| Trouble::new("--key", problem))?);
        }
        for three in self.organization.chunks_exact(3) {
            if let [country, number, name] = three {
                let (country, number, name) = (country.clone(), number.clone(), name.clone());
                selectors.push(Selector::Organization { name, number, country });
            }
        }
        selectors.extend(self.team_id.iter().cloned().map(Selector::TeamId));
        selectors.extend(self.durable_id.iter().cloned().map(Selector::DurableId));
        for three in self.workload.chunks_exact(3) {
            if let [issuer, repository_id, owner_id] = three {
                selectors.push(workload(issuer, repository_id, owner_id));
            }
        }
        for two in self.account.chunks_exact(2) {
            if let [issuer, email] = two {
                selectors.push(Selector::Account { issuer: issuer.clone(), email: email.clone() });
            }
        }
        for two in self.forge_account.chunks_exact(2) {
            if let [forge, number] = two {
                selectors.push(Selector::ForgeAccount { forge: forge.clone(), number: number.clone() });
            }
        }
        Ok(selectors)
    }
}

/// The selector of a key by its hash.
pub(crate) fn key(text: &str) -> Result<Selector, String> {
    let hash = text.trim_start_matches("sha256:").to_ascii_lowercase();
    let spki_sha256: KeyHash = hash.parse().map_err(|bad: countersign::registry::BadKeyHash| bad.to_string())?;
    Ok(Selector::Key { spki_sha256 })
}

fn workload(issuer: &Text, repository_id: &Text, owner_id: &Text) -> Selector {
    let (issuer, repository_id, owner_id) = (issuer.clone(), repository_id.clone(), owner_id.clone());
    Selector::Workload { issuer, repository_id, owner_id }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_field_is_read() {
        let read = |name: &str, value: &str| field(name, value).unwrap();
        assert_eq!(read("purpose", "signs releases, all of them").name(), FieldName::Purpose);
        let Field::Environments(list) = read("environments", "production, staging") else { panic!() };
        assert_eq!(list.len(), 2);
        assert_eq!(
            read("review-due", "2027-01-01T00:00:00Z"),
            Field::ReviewDue("2027-01-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(read("maximum-signatures", "40"), Field::MaximumSignatures(40));
        assert!(matches!(read("key", "hsm"), Field::Key(held) if held.store.is_hardware()));
        assert!(
            matches!(read("key", r#"{"store":"file","exportable":true}"#), Field::Key(held) if held.exportable == Some(true))
        );
        assert!(matches!(read("rights", "sign,publish"), Field::Rights(rights) if rights.len() == 2));
        for (name, value) in
            [("purpose", ""), ("rights", "everything"), ("key", "pocket"), ("colour", "blue"), ("review-due", "soon")]
        {
            assert!(field(name, value).is_err(), "{name}={value}");
        }
    }
}
