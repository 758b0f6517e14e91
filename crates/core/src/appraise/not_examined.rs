//! What no signature can say, and which other tool's evidence covers it.

use crate::claim::Fact;
use crate::dossier::Dossier;
use crate::time::Time;
use crate::tool::{ToolKind, ToolOutcome, ToolResult};
use crate::verdict::NotExamined;

/// One thing that no signature can say.
struct Beyond {
    id: &'static str,
    what: &'static str,
    /// Beginnings of the predicate types that say it; versions follow.
    covered_by: &'static [&'static str],
    /// Kinds of tools that look for it.
    looked_at_by: &'static [ToolKind],
}

const BEYOND: &[Beyond] = &[
    Beyond {
        id: "code-quality",
        what: "whether the code is correct, or harmful on purpose",
        covered_by: &["https://in-toto.io/attestation/test-result/", "https://in-toto.io/attestation/scai/"],
        looked_at_by: &[ToolKind::Tests, ToolKind::StaticAnalysis, ToolKind::Malware, ToolKind::SourceComparison],
    },
    Beyond {
        id: "run-time-behaviour",
        what: "what it does when it runs",
        covered_by: &["https://in-toto.io/attestation/runtime-trace/"],
        looked_at_by: &[ToolKind::Behaviour],
    },
    Beyond {
        id: "hidden-dependencies",
        what: "which other software is inside of it or will be loaded by it",
        covered_by: &["https://spdx.dev/Document", "https://cyclonedx.org/bom", "https://cyclonedx.org/schema"],
        looked_at_by: &[ToolKind::Sbom],
    },
    Beyond {
        id: "known-vulnerabilities",
        what: "whether flaws in it are known",
        covered_by: &[
            "https://in-toto.io/attestation/vulns/",
            "https://cosign.sigstore.dev/attestation/vuln/",
            "https://openvex.dev/ns",
        ],
        looked_at_by: &[ToolKind::Vulnerabilities, ToolKind::Vex],
    },
];

/// The list, with the verified statements of other tools that cover some of it.
pub(super) fn list(dossier: &Dossier, at: Time) -> Vec<NotExamined> {
    let of = |beyond: &Beyond| NotExamined {
        id: beyond.id,
        what: beyond.what,
        covered_by: by_result(beyond, dossier, at).or_else(|| by_statement(beyond, dossier)),
    };
    BEYOND.iter().map(of).collect()
}

/// The newest result of a tool that looks for it, with its age: what it says may be outdated.
fn by_result(beyond: &Beyond, dossier: &Dossier, at: Time) -> Option<String> {
    let results = dossier.claims.verified().filter_map(|claim| {
        let result = claim.tool_result(&dossier.artifact.digests)?;
        let is_result = result.outcome != ToolOutcome::Unknown && beyond.looked_at_by.contains(&result.kind);
        is_result.then_some((result, claim.evidence))
    });
    let (result, evidence) = results.max_by_key(|(result, _)| result.at)?;
    Some(format!("{result}, {} ({evidence})", age(result, at)))
}

fn age(result: &ToolResult, at: Time) -> String {
    let Some(then) = result.at else { return "undated".to_owned() };
    let days = at.unix().saturating_sub(then.unix()).checked_div(Time::DAY).unwrap_or_default();
    format!("{days} days old")
}

fn by_statement(beyond: &Beyond, dossier: &Dossier) -> Option<String> {
    dossier.claims.verified().find_map(|claim| match &claim.fact {
        Fact::Attested { predicate_type } if covers(beyond, predicate_type) => {
            Some(format!("{predicate_type} ({})", claim.evidence))
        }
        _ => None,
    })
}

fn covers(beyond: &Beyond, predicate_type: &str) -> bool {
    beyond.covered_by.iter().any(|beginning| predicate_type.starts_with(beginning))
}
