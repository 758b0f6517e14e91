//! Groups of names that are one publisher, or pass for one.

use std::collections::BTreeMap;

/// One thing that is grouped, by its position in the caller's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member(pub usize);

/// Groups of at least two members, by what they share.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Clusters {
    /// What is shared, and by whom.
    pub groups: BTreeMap<String, Vec<Member>>,
}

impl Clusters {
    /// Number of members in all groups.
    #[must_use]
    pub fn members(&self) -> usize {
        self.groups.values().map(Vec::len).sum()
    }
}

/// Groups things that share a key: a normalised name, a public key, a registration number with its country.
/// What has no key, or an empty one, is in no group.
#[must_use]
pub fn cluster(keys: impl IntoIterator<Item = Option<String>>) -> Clusters {
    let mut groups: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for (position, key) in keys.into_iter().enumerate() {
        if let Some(key) = key.filter(|key| !key.is_empty()) {
            groups.entry(key).or_default().push(Member(position));
        }
    }
    groups.retain(|_, members| members.len() > 1);
    Clusters { groups }
}
