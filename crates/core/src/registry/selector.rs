//! Selectors: by what a signature is known to be of an identity.
//!
//! A name alone is no selector. Certificates are renewed, so that thumbprints and serial numbers change under
//! an identity that stays the same; what stays is the legal entity with its number, the key, or the numbers
//! that a provider never reuses.

use serde::{Deserialize, Serialize};

use crate::encoding::hex;
use crate::event::Text;

/// One way to know an identity by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Selector {
    /// The legal entity in a certificate of a CA. All three must be equal: numbers are unique only within
    /// one register, of which a country may have many.
    Organization {
        /// The organisation (`O`), letter by letter.
        name: Text,
        /// Its registration number (`serialNumber`, or `organizationIdentifier`).
        number: Text,
        /// The country whose register it is (two letters).
        country: Text,
    },
    /// An Apple developer team.
    TeamId(Text),
    /// The durable identity of a signing service that issues certificates for days: an extended key usage
    /// under 1.3.6.1.4.1.311.97.
    DurableId(Text),
    /// The key itself.
    Key {
        /// SHA-256 of its `SubjectPublicKeyInfo`.
        spki_sha256: KeyHash,
    },
    /// A workload of a repository, by the numbers that its provider never gives to another.
    Workload {
        /// The OpenID Connect issuer.
        issuer: Text,
        /// The repository's number.
        repository_id: Text,
        /// The number of the repository's owner.
        owner_id: Text,
    },
    /// An account of an OpenID Connect provider.
    Account {
        /// The OpenID Connect issuer.
        issuer: Text,
        /// The e-mail address that it vouches for.
        email: Text,
    },
    /// An account of a forge, by the number that it never gives to another. No signature is known by it; it says who
    /// wrote, reviewed or approved.
    ForgeAccount {
        /// The forge, such as `https://github.com`.
        forge: Text,
        /// The account's number.
        number: Text,
    },
}

impl Selector {
    /// What class of identity it is for.
    #[must_use]
    pub const fn class(&self) -> &'static str {
        match self {
            Self::Organization { .. } => "organization",
            Self::TeamId(_) => "team-id",
            Self::DurableId(_) => "durable-id",
            Self::Key { .. } => "key",
            Self::Workload { .. } => "workload",
            Self::Account { .. } => "account",
            Self::ForgeAccount { .. } => "forge-account",
        }
    }

    /// A text that stands for this selector and no other, for the index of a store. It is stable: a change
    /// would orphan what is stored.
    #[must_use]
    pub fn key(&self) -> String {
        let parts: Vec<String> = match self {
            Self::Organization { name, number, country } => vec![escape(country), escape(number), escape(name)],
            Self::TeamId(text) | Self::DurableId(text) => vec![escape(text)],
            Self::Key { spki_sha256 } => vec![spki_sha256.hex()],
            Self::Workload { issuer, repository_id, owner_id } => {
                vec![escape(issuer), escape(repository_id), escape(owner_id)]
            }
            Self::Account { issuer, email } => vec![escape(issuer), escape(email)],
            Self::ForgeAccount { forge, number } => vec![escape(forge), escape(number)],
        };
        format!("{}|{}", self.class(), parts.join("|"))
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Organization { name, number, country } => write!(f, "organisation `{name}`, {country} {number}"),
            Self::TeamId(team) => write!(f, "team {team}"),
            Self::DurableId(oid) => write!(f, "durable identity {oid}"),
            Self::Key { spki_sha256 } => write!(f, "key sha256:{}", spki_sha256.hex()),
            Self::Workload { issuer, repository_id, owner_id } => {
                write!(f, "repository {repository_id} of owner {owner_id} at {issuer}")
            }
            Self::Account { issuer, email } => write!(f, "{email} at {issuer}"),
            Self::ForgeAccount { forge, number } => write!(f, "account {number} at {forge}"),
        }
    }
}

/// The text without the character that separates the parts of a key.
fn escape(text: &Text) -> String {
    text.as_str().replace('%', "%25").replace('|', "%7C")
}

/// SHA-256 of a `SubjectPublicKeyInfo`, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyHash([u8; 32]);

/// A text that is no SHA-256 in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadKeyHash;

impl KeyHash {
    /// The hash of these 32 bytes.
    #[must_use]
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash with these bytes, if there are 32.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// In lower-case hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(&self.0)
    }
}

impl std::fmt::Debug for KeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

impl std::fmt::Display for BadKeyHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("expected SHA-256 of a SubjectPublicKeyInfo: 64 hexadecimal digits")
    }
}

impl std::error::Error for BadKeyHash {}

impl std::str::FromStr for KeyHash {
    type Err = BadKeyHash;

    fn from_str(text: &str) -> Result<Self, BadKeyHash> {
        hex::decode(text).and_then(|bytes| Self::of_bytes(&bytes)).ok_or(BadKeyHash)
    }
}

impl TryFrom<String> for KeyHash {
    type Error = BadKeyHash;

    fn try_from(text: String) -> Result<Self, BadKeyHash> {
        text.parse()
    }
}

impl From<KeyHash> for String {
    fn from(hash: KeyHash) -> Self {
        hash.hex()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Text {
        Text::new(text).unwrap()
    }

    #[test]
    fn keys_are_stable_and_different() {
        let organization = |name: &str, number: &str| Selector::Organization {
            name: text(name),
            number: text(number),
            country: text("DE"),
        };
        assert_eq!(organization("Acme GmbH", "HRB 1").key(), "organization|DE|HRB 1|Acme GmbH");
        assert_ne!(organization("b", "1|a").key(), organization("a|b", "1").key());
        assert_ne!(organization("a%7Cb", "1").key(), organization("a|b", "1").key());
        let workload =
            Selector::Workload { issuer: text("https://i.example"), repository_id: text("1"), owner_id: text("2") };
        assert_eq!(workload.key(), "workload|https://i.example|1|2");
        assert_ne!(Selector::TeamId(text("X")).key(), Selector::DurableId(text("X")).key());
    }

    #[test]
    fn json_is_closed() {
        let json = r#"{"key":{"spki-sha256":"0000000000000000000000000000000000000000000000000000000000000000"}}"#;
        let key: Selector = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), json);
        for bad in [
            r#"{"name":"Acme"}"#,
            r#"{"serial":"00"}"#,
            r#"{"account":{"issuer":"https://i.example","email":"a@b","name":"x"}}"#,
            r#"{"account":{"email":"a@b"}}"#,
            r#"{"key":{"spki-sha256":"00"}}"#,
        ] {
            assert!(serde_json::from_str::<Selector>(bad).is_err(), "{bad}");
        }
    }
}
