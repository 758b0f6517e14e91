//! Walking a directory: lazily, in a stable order, never through a symbolic link.

use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::discover::Listing;
use crate::source;
use crate::trouble::Trouble;

/// One thing met on the way.
pub(crate) enum Met {
    /// A regular file, with the names beside it.
    File(PathBuf, Arc<Listing>),
    /// Something that is not judged, and why.
    Trouble(Trouble),
}

/// A walk over a directory: depth first, names in the order of their bytes.
pub(crate) struct Walk {
    root: PathBuf,
    open: Vec<(Arc<Listing>, usize)>,
    start: Option<Trouble>,
    strict: bool,
}

impl Walk {
    /// Starts at a directory.
    pub(crate) fn new(root: &Path) -> Self {
        let real = root.canonicalize().unwrap_or_else(|_| root.to_owned());
        let mut walk = Self { root: real, open: Vec::new(), start: None, strict: false };
        walk.start = walk.enter(root.to_owned()).err();
        walk
    }

    /// The same for a directory that is signed as a whole: every symbolic link is reported, because no format
    /// here signs links.
    pub(crate) fn strict(root: &Path) -> Self {
        Self { strict: true, ..Self::new(root) }
    }

    fn enter(&mut self, path: PathBuf) -> Result<(), Trouble> {
        let listing = Listing::of(path.clone()).map_err(|error| Trouble::io(&path, &error))?;
        self.open.push((Arc::new(listing), 0));
        Ok(())
    }

    /// What stands at this path: `None` if it leads on, or needs no word.
    fn meet(&mut self, path: PathBuf, listing: Arc<Listing>) -> Option<Met> {
        let metadata = match std::fs::symlink_metadata(&path) {
            Ok(metadata) => metadata,
            Err(error) => return Some(Met::Trouble(Trouble::io(&path, &error))),
        };
        if metadata.is_file() {
            Some(Met::File(path, listing))
        } else if metadata.is_dir() {
            self.enter(path).err().map(Met::Trouble)
        } else if metadata.is_symlink() {
            self.refuse_link(&path).map(Met::Trouble)
        } else {
            Some(Met::Trouble(special(&path, &metadata)))
        }
    }

    /// A link to something in the tree needs no word, because that is met by itself. Any other is reported:
    /// what it leads to is part of what a user of the tree sees, and is not judged.
    fn refuse_link(&self, path: &Path) -> Option<Trouble> {
        match path.canonicalize() {
            Ok(_) if self.strict => {
                Some(Trouble::at(path, "symbolic link in a signed directory: not covered by its signature"))
            }
            Ok(target) if target.starts_with(&self.root) => None,
            Ok(target) => {
                let text =
                    format!("symbolic link out of the tree, to {}: not followed", crate::trouble::path_text(&target));
                Some(Trouble::at(path, text).remedy("name its target too"))
            }
            Err(error) => Some(Trouble::at(
                path,
                format!("symbolic link that leads nowhere: {}", Trouble::io(path, &error).problem),
            )),
        }
    }
}

fn special(path: &Path, metadata: &Metadata) -> Trouble {
    Trouble::at(path, format!("is {}, expected a regular file", source::kind(metadata)))
}

impl Iterator for Walk {
    type Item = Met;

    fn next(&mut self) -> Option<Met> {
        if let Some(trouble) = self.start.take() {
            return Some(Met::Trouble(trouble));
        }
        while let Some((listing, next)) = self.open.last_mut() {
            let listing = Arc::clone(listing);
            let Some(name) = listing.name(*next) else {
                self.open.pop();
                continue;
            };
            *next += 1;
            let path = listing.path().join(name);
            if let Some(met) = self.meet(path, listing) {
                return Some(met);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(root: &Path) -> (Vec<String>, Vec<String>) {
        let (mut files, mut troubles) = (Vec::new(), Vec::new());
        for met in Walk::new(root) {
            match met {
                Met::File(path, _) => files.push(path.strip_prefix(root).unwrap().display().to_string()),
                Met::Trouble(trouble) => troubles.push(trouble.problem),
            }
        }
        (files, troubles)
    }

    #[test]
    fn files_come_in_a_stable_order() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b/2", "b/1", "c", "a"] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, name).unwrap();
        }
        assert_eq!(walked(folder.path()).0, ["a", "b/1", "b/2", "c"]);
    }

    #[test]
    fn a_deep_tree_is_walked_without_recursion() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d/".repeat(1_000));
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(deep.join("f"), "x").unwrap();
        assert_eq!(walked(folder.path()).0.len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed_and_those_that_lead_out_are_reported() {
        let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        std::fs::write(folder.path().join("file"), "x").unwrap();
        let link = |target: &Path, name: &str| std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        link(folder.path(), "cycle");
        link(&folder.path().join("file"), "inside");
        link(outside.path(), "outside");
        link(Path::new("loop-b"), "loop-a");
        link(Path::new("loop-a"), "loop-b");
        link(Path::new("missing"), "dangling");
        let (files, troubles) = walked(folder.path());
        assert_eq!(files, ["file"]);
        assert_eq!(troubles.len(), 4, "{troubles:?}");
        assert_eq!(troubles.iter().filter(|text| text.contains("out of the tree")).count(), 1);
        assert_eq!(troubles.iter().filter(|text| text.contains("leads nowhere")).count(), 3);
    }
}
