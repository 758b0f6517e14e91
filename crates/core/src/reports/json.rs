//! `json`: one document for one artifact, an array for several.

use super::document::VerdictDocument;
use super::escape::to_json;
use super::{Form, Report, Voice};
use crate::verdict::Verdict;

pub(super) static ENTRY: Report = Report {
    id: "json",
    title: "one JSON verdict, or an array of them for several artifacts",
    voice: Voice::Report,
    tells_failures: false,
    begin: |form| if form.many { "[\n".to_owned() } else { String::new() },
    verdict,
    between: |_| ",\n",
    end: |form, _| if form.many { "\n]\n".to_owned() } else { "\n".to_owned() },
};

fn verdict(verdict: &Verdict, _: &Form) -> String {
    to_json(&VerdictDocument::of(verdict), true)
}
