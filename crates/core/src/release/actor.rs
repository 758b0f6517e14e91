//! Who did something, and whether two who did something are one.
//!
//! An account is not a person: one person may hold several accounts, and several may share one. Accounts are known by
//! the number that their forge never gives to another; who is behind them, by the registry's owner.

use serde::{Deserialize, Serialize};

use crate::event::Text;
use crate::registry::{Registry, Selector};
use crate::time::Time;

/// An account of a forge or of a provider of identities.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// The forge or provider that knows it, such as `https://github.com`.
    pub realm: String,
    /// The number that the realm never gives to another.
    #[serde(default)]
    pub number: Option<String>,
    /// What the realm calls it: a login, or an e-mail address that it vouches for.
    pub name: String,
    /// Whether it is no person.
    #[serde(default)]
    pub bot: bool,
}

/// Somebody who did something: as far as is known, who answers for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal<'a> {
    /// What it acted by: an account, a key, a workload. Equal texts are one credential.
    pub credential: String,
    /// The identity of the registry that has the credential.
    pub identity: Option<&'a str>,
    /// The person who answers for that identity.
    pub owner: Option<&'a Text>,
    /// The pipeline that controls it, where it is no person.
    pub pipeline: Option<String>,
}

/// Whether two principals are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// They share a credential, an identity, an owner or the pipeline that controls them.
    Yes(&'static str),
    /// Different people or pipelines answer for them.
    No,
    /// Nobody says who answers for one of them.
    Unknown,
}

impl Same {
    /// What one has to do with several: one of them, another than all, or nobody knows. With nobody at all, the last.
    pub(crate) fn worst(of_each: impl Iterator<Item = Self>) -> Self {
        let of_all = of_each.reduce(|worst, same| match (worst, same) {
            (Self::Yes(_), _) | (_, Self::No) => worst,
            (_, other) => other,
        });
        of_all.unwrap_or(Self::Unknown)
    }
}

impl Actor {
    /// By what the registry knows it. A login alone is no selector: it can be given to another.
    #[must_use]
    pub fn selector(&self) -> Option<Selector> {
        let text = |text: &str| Text::new(text).ok();
        match &self.number {
            Some(number) => Some(Selector::ForgeAccount { forge: text(&self.realm)?, number: text(number)? }),
            None if self.name.contains('@') => {
                Some(Selector::Account { issuer: text(&self.realm)?, email: text(&self.name)? })
            }
            None => None,
        }
    }

    /// Whether both are one account: by their numbers, or by their names where one has no number.
    #[must_use]
    pub fn is_same_account(&self, other: &Self) -> bool {
        let same = match (&self.number, &other.number) {
            (Some(one), Some(two)) => one == two,
            _ => self.name == other.name,
        };
        self.realm == other.realm && same
    }

    /// Whether both are accounts by what their realms know them for good, and two different ones. Of a login that may
    /// have been given to another, and of whoever has no account, nobody can say so.
    #[must_use]
    pub fn is_another_account(&self, other: &Self) -> bool {
        let is_comparable = self.realm != other.realm || self.number.is_some() == other.number.is_some();
        let both_known = self.selector().is_some() && other.selector().is_some();
        both_known && is_comparable && !self.is_same_account(other)
    }

    /// Whether one person is behind both, as far as the registry says.
    #[must_use]
    pub fn is_same_person(&self, other: &Self, registry: &Registry) -> Same {
        if self.is_same_account(other) {
            return Same::Yes("account");
        }
        self.principal(registry).is_same(&other.principal(registry))
    }

    /// Who is behind the account, as far as the registry says.
    #[must_use]
    pub fn principal<'a>(&self, registry: &'a Registry) -> Principal<'a> {
        let identity = self.selector().and_then(|selector| registry.of_selector(&selector));
        let credential = match &self.number {
            Some(number) => format!("{}#{number}", self.realm),
            None => format!("{}/{}", self.realm, self.name),
        };
        Principal {
            credential,
            identity: identity.map(|identity| identity.id.as_str()),
            owner: identity.and_then(|identity| identity.owner()),
            pipeline: None,
        }
    }

    /// Whether whoever is behind the account is compromised, and nothing says that it acted before.
    #[must_use]
    pub fn is_compromised(&self, registry: &Registry, at: Option<Time>) -> bool {
        let identity = self.selector().and_then(|selector| registry.of_selector(&selector));
        let since = identity.and_then(|identity| identity.compromised.as_ref()).map(|compromise| compromise.since);
        since.is_some_and(|since| at.is_none_or(|at| since <= at))
    }

    /// How it is called in a detail.
    #[must_use]
    pub fn called(&self) -> String {
        format!("`{}` at {}", self.name, self.realm)
    }
}

/// Whether GitHub calls an account so because it is no person.
pub(crate) fn is_bot(login: &str) -> bool {
    login.ends_with("[bot]")
}

/// The forge that a repository is at.
pub(crate) fn realm_of(repository: &str) -> &str {
    let host = repository.find("://").and_then(|at| repository.get(at.saturating_add(3)..)).unwrap_or(repository);
    let path = host.find('/').map_or(0, |at| host.len().saturating_sub(at));
    repository.get(..repository.len().saturating_sub(path)).unwrap_or(repository)
}

impl Principal<'_> {
    /// Whether this one and another are one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> Same {
        let both = |one: Option<&str>, two: Option<&str>| one.zip(two).is_some_and(|(one, two)| one == two);
        if self.credential == other.credential {
            return Same::Yes("credential");
        }
        if both(self.identity, other.identity) {
            return Same::Yes("identity");
        }
        if self.owner.zip(other.owner).is_some_and(|(one, two)| one.is_same_person(two)) {
            return Same::Yes("owner");
        }
        if both(self.pipeline.as_deref(), other.pipeline.as_deref()) {
            return Same::Yes("pipeline");
        }
        if self.is_known() && other.is_known() { Same::No } else { Same::Unknown }
    }

    /// Whether somebody answers for it: a person, or a pipeline with an address of its own.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.owner.is_some() || self.pipeline.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn principal(credential: &str, owner: Option<&'static Text>, pipeline: Option<&str>) -> Principal<'static> {
        Principal { credential: credential.to_owned(), identity: None, owner, pipeline: pipeline.map(str::to_owned) }
    }

    #[test]
    fn an_unknown_account_is_neither_the_same_nor_another() {
        let (jo, kim) = (Box::leak(Box::new(Text::new("Jo").unwrap())), Box::leak(Box::new(Text::new("Kim").unwrap())));
        let one = principal("a", Some(jo), None);
        assert_eq!(one.is_same(&principal("b", Some(jo), None)), Same::Yes("owner"));
        assert_eq!(one.is_same(&principal("b", Some(kim), None)), Same::No);
        assert_eq!(one.is_same(&principal("b", None, None)), Same::Unknown);
        assert_eq!(one.is_same(&principal("a", Some(kim), None)), Same::Yes("credential"));
        let pipeline = principal("c", None, Some("p"));
        assert_eq!(pipeline.is_same(&principal("d", None, Some("p"))), Same::Yes("pipeline"));
        assert_eq!(pipeline.is_same(&one), Same::No);
    }

    fn actor(number: Option<&str>, name: &str) -> Actor {
        let realm = "https://github.com".to_owned();
        Actor { realm, number: number.map(str::to_owned), name: name.to_owned(), bot: false }
    }

    #[test]
    fn only_what_stays_with_accounts_tells_them_apart() {
        let (one, two) = (actor(Some("1"), "a"), actor(Some("2"), "b"));
        assert!(one.is_another_account(&two) && !one.is_another_account(&one));
        assert!(!one.is_another_account(&actor(None, "b")), "a login");
        assert!(!one.is_another_account(&actor(None, "an address without an account")));
        let mail = actor(None, "jo@acme.example");
        assert!(!one.is_another_account(&mail), "a number and an address are not comparable");
        assert!(mail.is_another_account(&actor(None, "kim@acme.example")));
        assert!(one.is_another_account(&Actor { realm: "https://git.example".to_owned(), ..mail }));
    }

    #[test]
    fn a_login_is_no_selector() {
        assert_eq!(actor(None, "octocat").selector(), None);
        assert!(matches!(actor(Some("583231"), "octocat").selector(), Some(Selector::ForgeAccount { .. })));
        assert!(matches!(actor(None, "jo@acme.example").selector(), Some(Selector::Account { .. })));
    }
}
