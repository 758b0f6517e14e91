//! Reading files by range: never mapped, never whole, and only if they hold still.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use countersign::artifact::{HashJob, ReadError, ReadErrorKind, Source, hash_pass};
use countersign::crypto::{Digest, DigestAlgorithm};

use crate::trouble::Trouble;

/// When reading has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    end: Option<Instant>,
}

impl Deadline {
    /// Ends after `time` from now, or never.
    pub(crate) fn after(time: Option<Duration>) -> Self {
        Self { end: time.and_then(|time| Instant::now().checked_add(time)) }
    }

    /// Whether it has passed.
    pub(crate) fn is_over(self) -> bool {
        self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn check(self, offset: u64) -> Result<(), ReadError> {
        if self.is_over() {
            let words = "the time limit was reached: raise it with --limit seconds=";
            return Err(ReadError { offset, kind: ReadErrorKind::Failed(words.to_owned()) });
        }
        Ok(())
    }
}

/// What must stay the same while a file is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    length: u64,
    #[cfg(unix)]
    inode: (u64, u64),
    #[cfg(unix)]
    times: [(i64, i64); 2],
    #[cfg(not(unix))]
    modified: Option<std::time::SystemTime>,
}

impl Identity {
    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Self { length: metadata.len(), inode: (metadata.dev(), metadata.ino()), times: [modified, changed] }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        Self { length: metadata.len(), modified: metadata.modified().ok() }
    }
}

/// An open file.
pub(crate) struct FileSource {
    file: File,
    identity: Identity,
    deadline: Deadline,
}

impl FileSource {
    /// Opens a regular file; a directory, a pipe, a socket or a device is refused without waiting for it.
    pub(crate) fn open(path: &Path, deadline: Deadline) -> Result<Self, Trouble> {
        let (file, metadata) = open_regular(path)?;
        Ok(Self { file, identity: Identity::of(&metadata), deadline })
    }

    /// Whether the file is still what it was when it was opened.
    pub(crate) fn unchanged(&self) -> Result<(), ReadError> {
        let now = self.file.metadata().map_err(|error| failed(0, &error))?;
        if Identity::of(&now) == self.identity { Ok(()) } else { Err(changed(0)) }
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.identity.length
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.deadline.check(offset)?;
        read_exact(&self.file, self.identity.length, offset, buffer)
    }
}

/// A file of a signed directory: opened for each read, because a tree has more files than a process has
/// descriptors.
pub(crate) struct TreeSource {
    path: PathBuf,
    identity: Identity,
    deadline: Deadline,
}

impl TreeSource {
    /// Notes what the file is now. Every later read demands the same file.
    pub(crate) fn note(path: PathBuf, deadline: Deadline) -> Result<Self, Trouble> {
        let (_, metadata) = open_regular(&path)?;
        Ok(Self { path, identity: Identity::of(&metadata), deadline })
    }
}

impl Source for TreeSource {
    fn len(&self) -> u64 {
        self.identity.length
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
        self.deadline.check(offset)?;
        let words = |trouble: Trouble| ReadError { offset, kind: ReadErrorKind::Failed(trouble.to_string()) };
        let (file, before) = open_regular(&self.path).map_err(words)?;
        if Identity::of(&before) != self.identity {
            return Err(changed(offset));
        }
        read_exact(&file, self.identity.length, offset, buffer)?;
        let after = file.metadata().map_err(|error| failed(offset, &error))?;
        if Identity::of(&after) == self.identity { Ok(()) } else { Err(changed(offset)) }
    }
}

/// Reads a whole small file: evidence, keys, policies.
pub(crate) fn read_whole(path: &Path, most: u64) -> Result<Vec<u8>, Trouble> {
    let source = FileSource::open(path, Deadline::after(None))?;
    if source.len() > most {
        let problem = format!("{} bytes, more than the limit of {most} bytes", source.len());
        return Err(Trouble::at(path, problem).remedy("raise it with --limit memory-bytes=, if you trust its origin"));
    }
    let mut bytes = vec![0; usize::try_from(source.len()).unwrap_or(0)];
    source.read_exact_at(0, &mut bytes).map_err(|error| Trouble::read(path, &error))?;
    source.unchanged().map_err(|error| Trouble::read(path, &error))?;
    Ok(bytes)
}

/// A digest of the bytes of a regular file, of any size.
pub(crate) fn digest_of(path: &Path, algorithm: DigestAlgorithm) -> Result<Digest, Trouble> {
    let source = FileSource::open(path, Deadline::after(None))?;
    let values = hash_pass(&source, &[HashJob::whole(algorithm, source.len())], 1);
    let values = values.map_err(|error| Trouble::read(path, &error))?;
    source.unchanged().map_err(|error| Trouble::read(path, &error))?;
    values.into_iter().next().ok_or_else(|| Trouble::at(path, "has no digest"))
}

fn open_regular(path: &Path) -> Result<(File, Metadata), Trouble> {
    // Asked before opening, because opening a device may act on it; and after, because the name may have
    // come to mean something else in between.
    let metadata = std::fs::metadata(path).map_err(|error| Trouble::io(path, &error))?;
    refuse_special(path, &metadata)?;
    let file = open_without_waiting(path).map_err(|error| Trouble::io(path, &error))?;
    let metadata = file.metadata().map_err(|error| Trouble::io(path, &error))?;
    refuse_special(path, &metadata)?;
    Ok((file, metadata))
}

fn refuse_special(path: &Path, metadata: &Metadata) -> Result<(), Trouble> {
    if metadata.is_file() {
        return Ok(());
    }
    let problem = format!("is {}, expected a regular file", kind(metadata));
    let remedy = if metadata.is_dir() { "name a file in it" } else { "copy its content into a file first" };
    Err(Trouble::at(path, problem).remedy(remedy))
}

/// What kind of thing it is, in words.
pub(crate) fn kind(metadata: &Metadata) -> &'static str {
    let kind = metadata.file_type();
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        if kind.is_fifo() {
            return "a named pipe";
        }
        if kind.is_socket() {
            return "a socket";
        }
        if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if kind.is_dir() {
        "a directory"
    } else if kind.is_symlink() {
        "a symbolic link"
    } else {
        "a special file"
    }
}

#[cfg(unix)]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}

#[cfg(not(unix))]
fn open_without_waiting(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

fn read_exact(file: &File, length: u64, offset: u64, buffer: &mut [u8]) -> Result<(), ReadError> {
    let end = offset.checked_add(buffer.len() as u64).filter(|end| *end <= length);
    if end.is_none() {
        return Err(ReadError { offset, kind: ReadErrorKind::Truncated });
    }
    let mut done = 0;
    while done < buffer.len() {
        let at = offset + done as u64;
        match read_at(file, &mut buffer[done..], at) {
            // The file had this many bytes when it was opened.
            Ok(0) => return Err(changed(at)),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(failed(at, &error)),
        }
    }
    Ok(())
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}

const fn changed(offset: u64) -> ReadError {
    ReadError { offset, kind: ReadErrorKind::Changed }
}

fn failed(offset: u64, error: &io::Error) -> ReadError {
    ReadError { offset, kind: ReadErrorKind::Failed(error.to_string()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    const NEVER: Deadline = Deadline { end: None };

    #[test]
    fn reads_ranges_and_nothing_beyond_the_end() {
        let file = file(b"0123456789");
        let source = FileSource::open(file.path(), NEVER).unwrap();
        let mut buffer = [0; 4];
        source.read_exact_at(3, &mut buffer).unwrap();
        assert_eq!(&buffer, b"3456");
        assert_eq!(source.read_exact_at(7, &mut buffer).unwrap_err().kind, ReadErrorKind::Truncated);
        assert_eq!(source.read_exact_at(u64::MAX, &mut buffer).unwrap_err().kind, ReadErrorKind::Truncated);
        source.unchanged().unwrap();
    }

    #[test]
    fn a_file_that_grows_or_shrinks_is_noticed() {
        let mut file = file(b"0123456789");
        let source = FileSource::open(file.path(), NEVER).unwrap();
        let tree = TreeSource::note(file.path().to_owned(), NEVER).unwrap();
        file.write_all(b"more").unwrap();
        assert_eq!(source.unchanged().unwrap_err().kind, ReadErrorKind::Changed);
        assert_eq!(tree.read_exact_at(0, &mut [0]).unwrap_err().kind, ReadErrorKind::Changed);
        file.as_file().set_len(2).unwrap();
        assert_eq!(source.read_exact_at(0, &mut [0; 4]).unwrap_err().kind, ReadErrorKind::Changed);
    }

    #[test]
    fn a_deadline_ends_reading() {
        let file = file(b"0123456789");
        let source = FileSource::open(file.path(), Deadline::after(Some(Duration::ZERO))).unwrap();
        assert!(source.read_exact_at(0, &mut [0]).is_err());
        let source = FileSource::open(file.path(), Deadline::after(Some(Duration::from_secs(60)))).unwrap();
        source.read_exact_at(0, &mut [0]).unwrap();
    }

    #[test]
    fn a_whole_read_is_bounded() {
        let file = file(b"0123456789");
        assert_eq!(read_whole(file.path(), 10).unwrap(), b"0123456789");
        assert!(read_whole(file.path(), 9).unwrap_err().to_string().contains("memory-bytes"));
    }

    #[test]
    fn a_directory_is_not_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let trouble = read_whole(folder.path(), 10).unwrap_err();
        assert!(trouble.problem.starts_with("is a directory"), "{trouble}");
    }
}
