//! Commits: which content a commit has, and which commits come before it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::review::ChangeApproval;

/// A commit of Git, whose bytes have the digest that it is named by: nobody has to vouch for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commit {
    /// Its name.
    pub commit: String,
    /// The name of its tree: all files at this commit.
    pub tree: String,
    /// The commits before it.
    pub parents: Vec<String>,
}

/// Hexadecimal digits of the names of Git's objects: SHA-1, and SHA-256 in repositories that are made so.
pub(crate) const NAME_LENGTHS: [usize; 2] = [40, 64];

/// Whether a text is the whole name of an object of Git, as Git writes it.
pub(crate) fn is_object_name(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    NAME_LENGTHS.contains(&text.len()) && text.bytes().all(is_digit)
}

/// Whether a name of an object is the one by which Git says that there is none.
pub(crate) fn is_no_object(name: &str) -> bool {
    name.bytes().all(|digit| digit == b'0')
}

/// Commits by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ancestry<'a>(BTreeMap<&'a str, &'a Commit>);

impl<'a> FromIterator<&'a Commit> for Ancestry<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Commit>>(commits: T) -> Self {
        Self(commits.into_iter().map(|commit| (commit.commit.as_str(), commit)).collect())
    }
}

impl Ancestry<'_> {
    /// Whether the approved change led to this commit: it has the approved content, and came out of the commit that the
    /// approver saw before it. What was approved for a reference that did not exist has nothing before it.
    pub(crate) fn is_of(&self, change: &ChangeApproval, commit: &str) -> bool {
        let known = self.0.get(commit);
        let is_content = known.is_some_and(|known| known.tree == change.target);
        match &change.from {
            Some(from) => is_content && self.came_out_of(commit, from),
            None => change.target == commit || (is_content && known.is_some_and(|known| known.parents.is_empty())),
        }
    }

    /// Whether a commit came out of another, as far as the commits between them are known. They are the first parents: a
    /// merge goes on where it is made. A content that was left is not come back to by an approval from before: that would
    /// be one of a version that was replaced.
    fn came_out_of(&self, commit: &str, before: &str) -> bool {
        let (mut seen, mut was_left) = (BTreeSet::new(), false);
        let content = self.0.get(commit).map(|commit| &commit.tree);
        let mut name = commit;
        while let Some(known) = self.0.get(name).filter(|_| seen.insert(name)) {
            let has_content = Some(&known.tree) == content;
            if was_left && has_content {
                return false;
            }
            was_left = !has_content;
            match known.parents.first() {
                Some(parent) if parent == before => return true,
                Some(parent) => name = parent,
                None => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::release::review::ApprovedBy;

    fn commit(name: &str, tree: &str, parents: &[&str]) -> Commit {
        let parents = parents.iter().map(|parent| (*parent).to_owned()).collect();
        Commit { commit: name.to_owned(), tree: tree.to_owned(), parents }
    }

    fn change(from: Option<&str>, target: &str) -> ChangeApproval {
        ChangeApproval {
            reference: "refs/heads/main".to_owned(),
            from: from.map(str::to_owned),
            target: target.to_owned(),
            by: ApprovedBy::Signer,
        }
    }

    #[test]
    fn content_and_what_came_before_must_be_the_approved_ones() {
        // Two commits of a branch and their merge; then a fix, and a commit that goes back to the content before it.
        let commits = [
            commit("root", "t0", &[]),
            commit("c1", "t1", &["c0"]),
            commit("c2", "t2", &["c1"]),
            commit("m", "t2", &["c0", "c2"]),
            commit("fix", "t3", &["m"]),
            commit("back", "t2", &["fix"]),
        ];
        let ancestry: Ancestry<'_> = commits.iter().collect();
        assert!(ancestry.is_of(&change(Some("c0"), "t2"), "m"), "a merge");
        assert!(ancestry.is_of(&change(Some("c0"), "t2"), "c2"), "two commits at once");
        assert!(ancestry.is_of(&change(None, "m"), "m"), "a tag");
        assert!(ancestry.is_of(&change(None, "t0"), "root"), "a new branch");
        assert!(ancestry.is_of(&change(Some("fix"), "t2"), "back"), "going back, as approved");
        assert!(!ancestry.is_of(&change(None, "t2"), "m"), "a new branch on top of others");
        assert!(!ancestry.is_of(&change(Some("c0"), "t2"), "back"), "going back by an approval from before");
        assert!(!ancestry.is_of(&change(Some("c0"), "t1"), "m"), "another content");
        assert!(!ancestry.is_of(&change(Some("c2"), "t2"), "m"), "the other side of a merge");
        assert!(!ancestry.is_of(&change(Some("c2"), "t2"), "c2"), "no change");
        assert!(!ancestry.is_of(&change(Some("fix"), "t1"), "c1"), "what came later");
        assert!(!ancestry.is_of(&change(Some("c0"), "t2"), "unknown"));
        let without: Ancestry<'_> = commits.iter().filter(|commit| commit.commit != "c1").collect();
        assert!(!without.is_of(&change(Some("c0"), "t2"), "c2"), "a commit between them is not known");
    }

    #[test]
    fn a_circle_comes_to_an_end() {
        // No digest allows one; a recorded dossier could have it.
        let commits = [commit("a", "t", &["b"]), commit("b", "t", &["a"])];
        let ancestry: Ancestry<'_> = commits.iter().collect();
        assert!(!ancestry.is_of(&change(Some("nowhere"), "t"), "a"));
    }
}
