//! Commits as Git stores them (<https://git-scm.com/docs/gitformat-pack>, `git cat-file commit`), or many in the form of
//! `git cat-file --batch`. The name of a commit is the digest of its bytes, so that they prove what they say whoever
//! passes them on. Author and committer are texts that anybody can write, and are not read.

use super::{ExportFormat, Reader};
use crate::claim::{Fact, Voucher};
use crate::crypto::{Digest, DigestAlgorithm, Hasher};
use crate::encoding::json::{FieldError, Problem};
use crate::release::commit::{Commit, NAME_LENGTHS, is_object_name};

/// The entry of the table.
pub(super) static COMMITS: ExportFormat =
    ExportFormat { id: "git-commits", reader: Reader::Bytes(read), voucher: Voucher::Tenant };

/// Commits that are read of one file: as many as of one change.
const MAX_COMMITS: usize = 1_000;

/// Commits before one commit that are read. Git itself merges some ten at once.
const MAX_PARENTS: usize = 100;

/// Reads one commit by itself, or a batch of them; `None` if it begins like neither.
fn read(bytes: &[u8]) -> Option<Result<Vec<Fact>, FieldError>> {
    if let Some(found) = first_line(bytes).and_then(named_by) {
        return Some(batch(bytes, found));
    }
    let tree = first_line(bytes).and_then(|line| name_behind(line, "tree "))?;
    Some(commit(bytes, tree.len()).map(|commit| vec![Fact::Committed(commit)]).ok_or_else(|| not_a_commit(1)))
}

fn first_line(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    std::str::from_utf8(bytes.get(..end)?).ok()
}

/// The name of an object behind a word.
fn name_behind<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix(word).filter(|name| is_object_name(name))
}

/// What the line before an object of a batch says: its name and length. Objects of other types are none.
fn named_by(line: &str) -> Option<(&str, usize)> {
    let (name, rest) = line.split_once(' ')?;
    let length = rest.strip_prefix("commit ")?.parse().ok()?;
    is_object_name(name).then_some((name, length))
}

fn batch(bytes: &[u8], first: (&str, usize)) -> Result<Vec<Fact>, FieldError> {
    let (mut facts, mut rest, mut header) = (Vec::new(), bytes, first);
    loop {
        let at = facts.len().saturating_add(1);
        if at > MAX_COMMITS {
            return Err(error("the file", "of at most 1,000 commits"));
        }
        let (found, behind) = one_of_batch(rest, header).ok_or_else(|| not_a_commit(at))?;
        facts.push(Fact::Committed(found));
        rest = behind;
        if rest.is_empty() {
            return Ok(facts);
        }
        let next = first_line(rest).and_then(named_by);
        header = next.ok_or_else(|| not_a_commit(at.saturating_add(1)))?;
    }
}

/// The commit behind its line, which must have the name that is said, and what follows it.
fn one_of_batch<'a>(bytes: &'a [u8], (name, length): (&str, usize)) -> Option<(Commit, &'a [u8])> {
    let start = bytes.iter().position(|byte| *byte == b'\n')?.checked_add(1)?;
    let end = start.checked_add(length)?;
    let found = commit(bytes.get(start..end)?, name.len())?;
    let rest = bytes.get(end..)?.strip_prefix(b"\n")?;
    (found.commit == name).then_some((found, rest))
}

/// A commit from its bytes; the names of objects are so long in its repository.
fn commit(bytes: &[u8], length: usize) -> Option<Commit> {
    let mut lines = bytes.split(|byte| *byte == b'\n').map_while(|line| std::str::from_utf8(line).ok());
    let is_of_length = |name: &&str| name.len() == length;
    let tree = name_behind(lines.next()?, "tree ").filter(is_of_length)?;
    let mut parents = Vec::new();
    let author = loop {
        let line = lines.next()?;
        let Some(parent) = name_behind(line, "parent ").filter(is_of_length) else { break line };
        parents.push(parent.to_owned());
    };
    let is_whole = author.starts_with("author ") && parents.len() <= MAX_PARENTS;
    is_whole.then(|| Commit { commit: name(bytes, length), tree: tree.to_owned(), parents })
}

/// The name of a commit: the digest of its bytes behind their type and length. Of bytes that were made to have the SHA-1
/// of others it is another.
fn name(bytes: &[u8], length: usize) -> String {
    let [sha1, _] = NAME_LENGTHS;
    let algorithm = if length == sha1 { DigestAlgorithm::Sha1 } else { DigestAlgorithm::Sha256 };
    let mut hasher = Hasher::new(algorithm);
    hasher.update(format!("commit {}\0", bytes.len()).as_bytes());
    hasher.update(bytes);
    let digest: Digest = hasher.finish();
    digest.hex()
}

fn not_a_commit(at: usize) -> FieldError {
    error(&format!("object {at}"), "a commit with the name that is said: obtain it with `git cat-file`")
}

fn error(path: &str, expected: &'static str) -> FieldError {
    FieldError { path: path.to_owned(), problem: Problem::BadValue(expected) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    const PARENT: &str = "0123456789abcdef0123456789abcdef01234567";

    /// A commit, and its name as `git hash-object -t commit --stdin` prints it.
    const OBJECT: &str = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor Jo <jo@acme.example> 1767225600 +0000\n\
                          committer Jo <jo@acme.example> 1767225600 +0000\n\nBegin\n";
    const NAME: &str = "f7cbebd4d9588019efa7b8fd58300ac591776840";

    fn commits(bytes: &[u8]) -> Result<Vec<Commit>, String> {
        let facts = read(bytes).unwrap().map_err(|error| error.to_string())?;
        let commit = |fact| if let Fact::Committed(commit) = fact { commit } else { panic!("{fact:?}") };
        Ok(facts.into_iter().map(commit).collect())
    }

    fn batched(object: &str) -> String {
        format!("{} commit {}\n{object}\n", name(object.as_bytes(), 40), object.len())
    }

    #[test]
    fn a_commit_has_the_name_that_git_gives_it() {
        let read = commits(OBJECT.as_bytes()).unwrap();
        assert_eq!(read, [Commit { commit: NAME.to_owned(), tree: TREE.to_owned(), parents: Vec::new() }]);
        let merge = OBJECT.replace("author", &format!("parent {PARENT}\nparent {TREE}\nauthor"));
        assert_eq!(commits(merge.as_bytes()).unwrap()[0].parents, [PARENT, TREE]);
        let latin = [OBJECT.as_bytes(), b"\xe4\n"].concat();
        assert_eq!(commits(&latin).unwrap()[0].tree, TREE, "the message may be in any encoding");
        let sha256 = OBJECT.replace(TREE, &"ab".repeat(32));
        assert_eq!(commits(sha256.as_bytes()).unwrap()[0].commit.len(), 64);
    }

    #[test]
    fn a_batch_is_read_to_its_end_and_every_name_compared() {
        let other = OBJECT.replace("Begin", "commit 1\n\nGo on");
        let both = batched(OBJECT) + &batched(&other);
        assert_eq!(commits(both.as_bytes()).unwrap().len(), 2);
        assert_eq!(commits(both.as_bytes()).unwrap()[0].commit, NAME);
        for (text, at) in [
            (both.replace("Go on", "Go in"), 2),
            (both.replace("Begin", "begin"), 1),
            (both.replace("commit 1\n", "commit 12\n"), 2),
            (both.trim_end().to_owned(), 2),
            (format!("{both}{TREE} missing\n"), 3),
            (format!("{both}{TREE} blob 1\na\n"), 3),
            (format!("{NAME} commit {}\n{OBJECT}\n", usize::MAX), 1),
        ] {
            assert_eq!(
                commits(text.as_bytes()).unwrap_err(),
                format!("`object {at}` is not a commit with the name that is said: obtain it with `git cat-file`"),
                "{text}"
            );
        }
        let many = batched(OBJECT).repeat(MAX_COMMITS + 1);
        assert_eq!(commits(many.as_bytes()).unwrap_err(), "`the file` is not of at most 1,000 commits");
        assert_eq!(commits(batched(OBJECT).repeat(MAX_COMMITS).as_bytes()).unwrap().len(), MAX_COMMITS);
    }

    #[test]
    fn what_is_no_whole_commit_is_refused() {
        for text in [
            OBJECT.replace("author", "writer"),
            OBJECT.replace("author", &format!("parent {}\nauthor", "ab".repeat(32))),
            OBJECT.replace("author", &format!("{}author", format!("parent {PARENT}\n").repeat(MAX_PARENTS + 1))),
            format!("tree {TREE}\n"),
        ] {
            assert!(read(text.as_bytes()).unwrap().is_err(), "{text}");
        }
        for text in ["", "tree\n", "tree of life\nauthor unknown\n", "x commit 1\na\n", &TREE.to_uppercase()] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }
}
