//! Requirements of one environment that nothing can meet together. Such a policy admits nothing, which is safe; it is
//! an error all the same, because its author meant something else.

use super::{Demand, Enforcement, Pattern};
use crate::requirements::{Setting, assurance_at_least};

/// What contradicts each other, in words. What is only tried (`warn`) may contradict what is in force.
pub(super) fn among(demands: &[Demand]) -> Vec<String> {
    let setting = |id: &str| {
        let in_force = demands.iter().filter(|demand| demand.enforcement != Enforcement::Warn);
        in_force.into_iter().find(|demand| demand.requirement.id == id).map(|demand| &demand.setting)
    };
    let assurance =
        setting("assurance").zip(setting("assurance-at-least")).filter(|(kinds, least)| !meet(kinds, least));
    let references = setting("source").zip(setting("ref")).filter(|(source, reference)| !agree(source, reference));
    let of_assurance = assurance.map(|_| "no kind of `assurance` says as much as `assurance-at-least` asks".to_owned());
    let of_reference = references.map(|_| "no `ref` of `source` is one that `ref` asks for".to_owned());
    of_assurance.into_iter().chain(of_reference).collect()
}

/// Whether one of the kinds says at least that.
fn meet(kinds: &Setting, least: &Setting) -> bool {
    match (kinds, least) {
        (Setting::Words(kinds), Setting::Word(least)) => {
            kinds.iter().any(|kind| assurance_at_least::says_at_least(kind, least))
        }
        _ => true,
    }
}

/// Whether a reference could fit both. A table without a reference leaves it open.
fn agree(source: &Setting, reference: &Setting) -> bool {
    let (Setting::Tables(tables), Setting::Patterns(wanted)) = (source, reference) else { return true };
    let fits = |built: &Pattern| wanted.iter().any(|wanted| wanted.overlaps(built));
    let built = |table: &Vec<(&'static str, Pattern)>| table.iter().find(|(key, _)| *key == "ref").cloned();
    tables.iter().any(|table| built(table).is_none_or(|(_, built)| fits(&built)))
}
