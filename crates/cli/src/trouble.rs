//! What is wrong with the run: exit code 2. It says nothing about any artifact.

use std::fmt;
use std::io;
use std::path::Path;

use countersign::artifact::ReadError;
use countersign::material::MaterialError;

/// Where, what, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    /// The path or option concerned.
    pub(crate) place: String,
    /// What is wrong: expected and found.
    pub(crate) problem: String,
    /// What to do about it, if something can be done.
    pub(crate) remedy: Option<&'static str>,
    /// The single mistakes, if there are several.
    pub(crate) list: Vec<String>,
}

impl Trouble {
    pub(crate) fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { place: place.into(), problem: problem.into(), remedy: None, list: Vec::new() }
    }

    pub(crate) fn at(path: &Path, problem: impl Into<String>) -> Self {
        Self::new(path_text(path), problem)
    }

    pub(crate) const fn remedy(mut self, remedy: &'static str) -> Self {
        self.remedy = Some(remedy);
        self
    }

    /// The same with a list of single mistakes, one per line.
    pub(crate) fn with_list(mut self, list: impl IntoIterator<Item = String>) -> Self {
        self.list = list.into_iter().collect();
        self
    }

    /// The operating system refused.
    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        let trouble = Self::at(path, io_text(error));
        match error.kind() {
            io::ErrorKind::NotFound => trouble.remedy("check the path"),
            io::ErrorKind::PermissionDenied => trouble.remedy("give this user the right to read it"),
            _ => trouble,
        }
    }

    /// Reading an artifact failed.
    pub(crate) fn read(path: &Path, error: &ReadError) -> Self {
        Self::at(path, error.to_string())
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.problem)?;
        match self.remedy {
            Some(remedy) => write!(f, " ({remedy})"),
            None => Ok(()),
        }
    }
}

impl From<MaterialError> for Trouble {
    fn from(error: MaterialError) -> Self {
        Self::new(error.source, error.problem)
    }
}

/// The system's words in small letters and without the number.
fn io_text(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    text.to_lowercase()
}

/// A path as text. What is not UTF-8 is written `\xNN`, so that two names never look the same.
pub(crate) fn path_text(path: &Path) -> String {
    let mut text = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\\x{byte:02x}")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_says_where_what_and_what_to_do() {
        let missing = Trouble::io(Path::new("a/b"), &io::Error::from_raw_os_error(2));
        assert_eq!(missing.to_string(), "a/b: no such file or directory (check the path)");
    }

    #[cfg(unix)]
    #[test]
    fn names_that_are_not_utf8_stay_distinct() {
        use std::os::unix::ffi::OsStrExt as _;
        let text = |bytes: &[u8]| path_text(Path::new(std::ffi::OsStr::from_bytes(bytes)));
        assert_eq!(text(b"caf\xe9"), "caf\\xe9");
        assert_ne!(text(b"caf\xe9"), text(b"caf\xe8"));
        assert_eq!(text("café".as_bytes()), "café");
    }
}
