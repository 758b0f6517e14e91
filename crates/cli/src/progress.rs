//! Progress on a terminal: files per second, bytes per second, time left.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::time::Duration;

use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::walk::{Met, Walk};

/// A bar on standard error, or nothing if that is no terminal.
pub(crate) struct Progress {
    bar: ProgressBar,
    bytes: u64,
}

impl Progress {
    /// Counts what is to be done in the background, and shows how much of it is.
    pub(crate) fn over(paths: Vec<PathBuf>) -> Self {
        if !io::stderr().is_terminal() {
            return Self { bar: ProgressBar::hidden(), bytes: 0 };
        }
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(8));
        bar.set_style(style());
        let counted = bar.clone();
        std::thread::spawn(move || count(paths, &counted));
        Self { bar, bytes: 0 }
    }

    /// One artifact is done.
    pub(crate) fn done(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_add(bytes);
        let seconds = self.bar.elapsed().max(Duration::from_millis(1)).as_secs_f64();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "shown, not used"
        )]
        let rate = (self.bytes as f64 / seconds) as u64;
        self.bar.set_message(format!("{}/s", HumanBytes(rate)));
        self.bar.inc(1);
    }

    /// Does something that writes to the terminal, without the bar in its way.
    pub(crate) fn aside<T>(&self, work: impl FnOnce() -> T) -> T {
        self.bar.suspend(work)
    }

    /// Whether there is a bar that output could get in the way of.
    pub(crate) fn is_shown(&self) -> bool {
        !self.bar.is_hidden()
    }

    /// Takes the bar away.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    let template = "{bar:30} {pos}/{len} files  {rate}  {msg}  {eta} left";
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ").with_key("rate", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        let _ = write!(text, "{:.0} files/s", state.per_sec());
    })
}

/// Raises the bar's length to the number of files.
fn count(paths: Vec<PathBuf>, bar: &ProgressBar) {
    for path in paths {
        if !path.is_dir() {
            bar.inc_length(1);
            continue;
        }
        for met in Walk::new(&path) {
            if bar.is_finished() {
                return;
            }
            if matches!(met, Met::File(..)) {
                bar.inc_length(1);
            }
        }
    }
}
