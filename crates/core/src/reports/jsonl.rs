//! `jsonl`: one verdict per line, for pipelines over many artifacts.

use super::document::VerdictDocument;
use super::escape::to_json;
use super::{Form, Report, Voice};
use crate::verdict::Verdict;

pub(super) static ENTRY: Report = Report {
    id: "jsonl",
    title: "one JSON verdict per line",
    voice: Voice::Report,
    tells_failures: false,
    begin: |_| String::new(),
    verdict,
    between: |_| "",
    end: |_, _| String::new(),
};

fn verdict(verdict: &Verdict, _: &Form) -> String {
    let mut line = to_json(&VerdictDocument::of(verdict), false);
    line.push('\n');
    line
}
