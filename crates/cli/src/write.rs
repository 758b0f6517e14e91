//! Writing a file so that it is there whole, or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::trouble::{Trouble, path_text};

/// A file about to be written: beside its place, until it is complete. While it is there no other run writes to
/// the same place.
pub(crate) struct Replacement {
    target: PathBuf,
    beside: PathBuf,
    file: Option<File>,
    placed: bool,
}

impl Replacement {
    /// Begins to write to a place; an existing file is only replaced if that is meant.
    pub(crate) fn begin(target: &Path, replace: bool) -> Result<Self, Trouble> {
        let mut name = std::ffi::OsString::from(".");
        name.push(target.file_name().ok_or_else(|| Trouble::at(target, "is no name of a file"))?);
        name.push(".new");
        let beside = target.with_file_name(name);
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).open(&beside).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                let problem = format!("{} is there: another run writes this file, or was ended", path_text(&beside));
                Trouble::at(target, problem).remedy("wait, or remove it if no other run is at work")
            }
            _ => Trouble::io(&beside, &error),
        })?;
        let begun = Self { target: target.to_owned(), beside, file: Some(file), placed: false };
        match fs::symlink_metadata(target) {
            Ok(metadata) if !metadata.is_file() => Err(Trouble::at(target, "is no regular file")),
            Ok(_) if !replace => Err(Trouble::at(target, "is there already").remedy("name another file, or extend it")),
            Err(error) if replace => Err(Trouble::io(target, &error)),
            _ => Ok(begun),
        }
    }

    /// Writes it to the disk, then puts it in its place.
    pub(crate) fn finish(mut self, bytes: &[u8]) -> Result<(), Trouble> {
        let written = self.file.take().map_or(Ok(()), |mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        let placed = written.and_then(|()| fs::rename(&self.beside, &self.target));
        placed.map_err(|error| Trouble::io(&self.target, &error))?;
        self.placed = true;
        sync_directory(&self.target).map_err(|error| Trouble::io(&self.target, &error))
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        // Once it is in its place, the name beside it may be that of another run.
        if !self.placed {
            let _ = fs::remove_file(&self.beside);
        }
    }
}

/// A name is only as durable as its directory.
#[cfg(unix)]
fn sync_directory(target: &Path) -> std::io::Result<()> {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    File::open(parent.unwrap_or_else(|| Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_: &Path) -> std::io::Result<()> {
    Ok(())
}
