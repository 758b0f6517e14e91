//! Evidence beside the artifact, by the names of the contract.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

/// What is appended to the artifact's name.
const SUFFIXES: [&str; 11] = [
    ".sigstore.json",
    ".sigstore",
    ".bundle",
    ".intoto.jsonl",
    ".intoto.json",
    ".asc",
    ".sig",
    ".minisig",
    ".p7s",
    ".publish.attestation",
    ".slsa.attestation",
];
/// What is appended and may go on: `NAME.att`, `NAME.attestation`, `NAME.att.1`.
const OPEN_SUFFIX: &str = ".att";

/// The names in one directory, sorted by their bytes.
pub(crate) struct Listing {
    path: PathBuf,
    names: Vec<OsString>,
}

impl Listing {
    /// Lists a directory.
    pub(crate) fn of(path: PathBuf) -> io::Result<Self> {
        let shown = if path.as_os_str().is_empty() { Path::new(".") } else { &path };
        let names = std::fs::read_dir(shown)?.map(|entry| Ok(entry?.file_name()));
        let mut names = names.collect::<io::Result<Vec<_>>>()?;
        names.sort_unstable();
        Ok(Self { path, names })
    }

    /// The directory.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The name at this position.
    pub(crate) fn name(&self, index: usize) -> Option<&OsStr> {
        self.names.get(index).map(OsString::as_os_str)
    }

    fn holds(&self, name: &[u8]) -> bool {
        self.names.binary_search_by(|known| known.as_encoded_bytes().cmp(name)).is_ok()
    }

    /// The paths of what may be evidence about the file of this name.
    pub(crate) fn evidence_of(&self, name: &OsStr) -> Vec<PathBuf> {
        let mut prefix = name.as_encoded_bytes().to_vec();
        prefix.push(b'.');
        let first = self.names.partition_point(|known| known.as_encoded_bytes() < prefix.as_slice());
        let near = self.names.iter().skip(first).take_while(|known| known.as_encoded_bytes().starts_with(&prefix));
        let fits = |known: &&OsString| is_suffix(&known.as_encoded_bytes()[prefix.len() - 1..]);
        near.filter(fits).map(|known| self.path.join(known)).collect()
    }

    /// Whether the name says that the file is evidence about another file here.
    pub(crate) fn names_evidence(&self, name: &OsStr) -> bool {
        let bytes = name.as_encoded_bytes();
        let dots = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'.').map(|(at, _)| at);
        dots.filter(|at| *at > 0 && is_suffix(&bytes[*at..])).any(|at| self.holds(&bytes[..at]))
    }
}

fn is_suffix(suffix: &[u8]) -> bool {
    SUFFIXES.iter().any(|known| known.as_bytes() == suffix) || suffix.starts_with(OPEN_SUFFIX.as_bytes())
}

/// The paths of what may be evidence about this file or directory.
pub(crate) fn beside(path: &Path) -> io::Result<Vec<PathBuf>> {
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok(Vec::new());
    };
    Ok(Listing::of(parent.to_owned())?.evidence_of(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(names: &[&str]) -> Listing {
        let mut names: Vec<OsString> = names.iter().map(OsString::from).collect();
        names.sort_unstable();
        Listing { path: PathBuf::from("d"), names }
    }

    fn evidence(names: &[&str], of: &str) -> Vec<String> {
        let found = listing(names).evidence_of(OsStr::new(of));
        found.iter().map(|path| path.display().to_string()).collect()
    }

    #[test]
    fn evidence_is_found_by_the_names_of_the_contract() {
        let names = ["app", "app.sig", "app.sigstore.json", "app.att.2", "app.txt", "apple.sig", "app2.sig"];
        assert_eq!(evidence(&names, "app"), ["d/app.att.2", "d/app.sig", "d/app.sigstore.json"]);
        assert!(evidence(&names, "app.txt").is_empty());
    }

    #[test]
    fn every_suffix_is_found() {
        for suffix in SUFFIXES {
            assert_eq!(evidence(&["a.b", &format!("a.b{suffix}")], "a.b").len(), 1, "{suffix}");
        }
    }

    #[test]
    fn a_name_is_evidence_only_beside_what_it_is_about() {
        assert!(listing(&["app", "app.sig"]).names_evidence(OsStr::new("app.sig")));
        assert!(!listing(&["app.sig"]).names_evidence(OsStr::new("app.sig")));
        assert!(!listing(&["app", "app.exe"]).names_evidence(OsStr::new("app.exe")));
        assert!(
            listing(&["a.whl", "a.whl.publish.attestation"]).names_evidence(OsStr::new("a.whl.publish.attestation"))
        );
        assert!(!listing(&["", ".sig"]).names_evidence(OsStr::new(".sig")));
    }
}
