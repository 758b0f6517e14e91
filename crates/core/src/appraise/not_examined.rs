//! What no signature can say, and which other tool's evidence covers it.

use crate::claim::Fact;
use crate::dossier::Dossier;
use crate::verdict::NotExamined;

/// One thing that no signature can say.
struct Beyond {
    id: &'static str,
    what: &'static str,
    /// Beginnings of the predicate types that say it; versions follow.
    covered_by: &'static [&'static str],
}

const BEYOND: &[Beyond] = &[
    Beyond {
        id: "code-quality",
        what: "whether the code is correct, or harmful on purpose",
        covered_by: &["https://in-toto.io/attestation/test-result/", "https://in-toto.io/attestation/scai/"],
    },
    Beyond {
        id: "run-time-behaviour",
        what: "what it does when it runs",
        covered_by: &["https://in-toto.io/attestation/runtime-trace/"],
    },
    Beyond {
        id: "hidden-dependencies",
        what: "which other software is inside of it or will be loaded by it",
        covered_by: &["https://spdx.dev/Document", "https://cyclonedx.org/bom", "https://cyclonedx.org/schema"],
    },
    Beyond {
        id: "known-vulnerabilities",
        what: "whether flaws in it are known",
        covered_by: &[
            "https://in-toto.io/attestation/vulns/",
            "https://cosign.sigstore.dev/attestation/vuln/",
            "https://openvex.dev/ns",
        ],
    },
];

/// The list, with the verified statements of other tools that cover some of it.
pub(super) fn list(dossier: &Dossier) -> Vec<NotExamined> {
    let of = |beyond: &Beyond| NotExamined {
        id: beyond.id,
        what: beyond.what,
        covered_by: dossier.claims.verified().find_map(|claim| match &claim.fact {
            Fact::Attested { predicate_type } if covers(beyond, predicate_type) => {
                Some(format!("{predicate_type} ({})", claim.evidence))
            }
            _ => None,
        }),
    };
    BEYOND.iter().map(of).collect()
}

fn covers(beyond: &Beyond, predicate_type: &str) -> bool {
    beyond.covered_by.iter().any(|beginning| predicate_type.starts_with(beginning))
}
