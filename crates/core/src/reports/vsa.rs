//! `vsa`: a SLSA verification summary (<https://slsa.dev/spec/v1.2/verification_summary>), for those who accept us as a
//! verifier. Read back by `provenance/summary.rs`.

use super::statement;
use super::{Form, Report, Voice};
use crate::provenance::VSA;
use crate::verdict::{Decision, Verdict};

pub(super) static ENTRY: Report = Report {
    id: "vsa",
    title: "SLSA verification summary (in-toto statement), one per line",
    voice: Voice::Statement { about_resource: true },
    tells_failures: false,
    begin: |_| String::new(),
    verdict,
    between: |_| "",
    end: |_, _| String::new(),
};

/// The version of the specification that is followed.
const SLSA_VERSION: &str = "1.2";

fn verdict(verdict: &Verdict, form: &Form) -> String {
    let Some(verifier) = &form.verifier else { return String::new() };
    let Some(resource) = verifier.resource_of(&verdict.dossier.artifact) else { return String::new() };
    let mut who = statement::verifier(verifier);
    who.insert("version".to_owned(), serde_json::json!({ "countersign": env!("CARGO_PKG_VERSION") }));
    let mut predicate = statement::predicate(verdict, who.into());
    let mut put = |name: &str, value: serde_json::Value| predicate.insert(name.to_owned(), value);
    put("timeVerified", verdict.at.to_string().into());
    put("resourceUri", resource.into());
    put("policy", statement::policy(verdict));
    put("verificationResult", if verdict.decision == Decision::Admit { "PASSED" } else { "FAILED" }.into());
    put("verifiedLevels", levels(verdict).into());
    put("slsaVersion", SLSA_VERSION.into());
    if let Some(evidence) = statement::evidence(&verdict.dossier) {
        put("inputAttestations", evidence.into());
    }
    statement::line(verdict, VSA, predicate)
}

/// One level per track, and our own properties; nothing but that for what was refused.
fn levels(verdict: &Verdict) -> Vec<String> {
    if verdict.decision != Decision::Admit {
        return vec!["FAILED".to_owned()];
    }
    let level = |(track, level): (&str, Option<u8>)| match level {
        Some(level) => format!("SLSA_{track}_LEVEL_{level}"),
        None => format!("SLSA_{track}_LEVEL_UNEVALUATED"),
    };
    let tracks = statement::levels(verdict).map(level);
    tracks.into_iter().chain(statement::properties(verdict).map(str::to_owned)).collect()
}
