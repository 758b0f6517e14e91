//! Standard output and standard error: the result on one, the rest on the other.

use std::io::{self, IsTerminal as _, Write};

use countersign::reports::{Form, for_terminal};

use crate::trouble::Trouble;

/// How text is to look on standard output.
pub(crate) fn form(many: bool) -> Form {
    let stdout = io::stdout();
    let colour = anstream::AutoStream::choice(&stdout) != anstream::ColorChoice::Never;
    Form { many, colour, ascii: stdout.is_terminal() && !speaks_utf8(), verifier: None }
}

/// Whether the terminal's character set is UTF-8, as far as its locale says (POSIX: `LC_ALL` before `LC_CTYPE`
/// before `LANG`).
fn speaks_utf8() -> bool {
    if cfg!(windows) {
        return true;
    }
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = variables.iter().filter_map(std::env::var_os).find(|value| !value.is_empty());
    locale.is_some_and(|value| {
        let value = value.to_string_lossy().to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

/// Standard output, buffered. A reader that goes away is remembered, not an error to shout about.
pub(crate) struct Output {
    stream: io::BufWriter<anstream::AutoStream<io::StdoutLock<'static>>>,
    problem: Option<io::Error>,
}

impl Output {
    pub(crate) fn new() -> Self {
        let stream = anstream::AutoStream::auto(io::stdout()).lock();
        Self { stream: io::BufWriter::with_capacity(64 << 10, stream), problem: None }
    }

    /// Writes text.
    pub(crate) fn put(&mut self, text: &str) {
        if self.problem.is_none() && !text.is_empty() {
            self.problem = self.stream.write_all(text.as_bytes()).err();
        }
    }

    /// Shows what was written so far.
    pub(crate) fn flush(&mut self) {
        if self.problem.is_none() {
            self.problem = self.stream.flush().err();
        }
    }

    /// Whether nobody reads any more.
    pub(crate) const fn is_broken(&self) -> bool {
        self.problem.is_some()
    }

    /// Ends with this exit code, or with 2 if the result could not be written.
    pub(crate) fn finish(mut self, exit_code: u8) -> u8 {
        self.flush();
        match self.problem.take() {
            None => exit_code,
            Some(error) if error.kind() == io::ErrorKind::BrokenPipe => CANNOT_RUN,
            Some(error) => {
                complain(&Trouble::new("standard output", error.to_string()));
                CANNOT_RUN
            }
        }
    }
}

/// The exit code of a run that could not be done.
pub(crate) const CANNOT_RUN: u8 = 2;

/// The exit code of a question that was answered with no.
pub(crate) const REFUSED: u8 = 1;

/// The exit code of a question to which nothing was found.
pub(crate) const NOTHING_FOUND: u8 = 3;

/// Says on standard error what went wrong.
pub(crate) fn complain(trouble: &Trouble) {
    say("error", &trouble.to_string());
    for mistake in &trouble.list {
        let _ = writeln!(io::stderr().lock(), "  {}", for_terminal(mistake, false));
    }
}

/// Says something on standard error.
pub(crate) fn note(text: &str) {
    say("note", text);
}

fn say(word: &str, text: &str) {
    // Standard error may be closed: then there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "countersign: {word}: {}", for_terminal(text, false));
}
