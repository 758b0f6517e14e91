//! What the policy only warns of: judged like everything else, and a finding where it is not met.

use crate::finding::{Finding, FindingId};
use crate::requirements::Section;
use crate::verdict::{Answer, Appraised, Mode};

/// A finding for each requirement that is only warned of and not met.
pub(super) fn findings(appraised: &[(Section, Appraised)]) -> impl Iterator<Item = Finding> {
    let unmet = |one: &&Appraised| one.mode == Mode::Warned && one.answer != Answer::Yes;
    appraised.iter().map(|(_, one)| one).filter(unmet).map(|one| Finding {
        id: FindingId::RequirementWarned,
        message: message(one),
        signatures: one.evidence.clone(),
    })
}

fn message(one: &Appraised) -> String {
    let detail = if one.detail.is_empty() { String::new() } else { format!(": {}", one.detail) };
    let when = one.effective_on.map_or_else(String::new, |date| format!("; from {date} on this refuses"));
    format!("`{}` is {} ({}){detail}{when}", one.id, one.answer.word(), one.reason)
}
