//! `svr`: an in-toto simple verification result
//! (<https://github.com/in-toto/attestation/blob/main/spec/predicates/svr.md>, v0.2). Read back by
//! `provenance/summary.rs`.

use super::statement;
use super::{Form, Report, Voice};
use crate::provenance::SVR;
use crate::verdict::{Decision, Verdict};

pub(super) static ENTRY: Report = Report {
    id: "svr",
    title: "in-toto simple verification result (in-toto statement), one per line",
    voice: Voice::Statement { about_resource: false },
    tells_failures: false,
    begin: |_| String::new(),
    verdict,
    between: |_| "",
    end: |_, _| String::new(),
};

/// The property of what the policy lets in.
const ADMITTED: &str = "COUNTERSIGN_ADMITTED";

fn verdict(verdict: &Verdict, form: &Form) -> String {
    let Some(verifier) = &form.verifier else { return String::new() };
    let mut who = statement::verifier(verifier);
    who.insert("policies".to_owned(), vec![statement::policy(verdict)].into());
    let mut predicate = statement::predicate(verdict, who.into());
    predicate.insert("timeCreated".to_owned(), verdict.at.to_string().into());
    predicate.insert("properties".to_owned(), properties(verdict).into());
    statement::line(verdict, SVR, predicate)
}

/// What passed. A result has no other place to say that the artifact was refused: then it has no property.
fn properties(verdict: &Verdict) -> Vec<String> {
    if verdict.decision != Decision::Admit {
        return Vec::new();
    }
    let own = std::iter::once(ADMITTED).chain(statement::properties(verdict)).map(str::to_owned);
    let tracks = statement::levels(verdict).into_iter();
    let levels = tracks.filter_map(|(track, level)| level.map(|level| format!("SLSA_{track}_LEVEL_{level}")));
    own.chain(levels).collect()
}
