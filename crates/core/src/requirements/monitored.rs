//! `monitored`: somebody would notice if the identity were abused.

use super::registered::{ESTABLISHED, Known, NOTHING_KNOWN, ask};
use super::{Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::event::{Field, FieldName};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "monitored",
    section: Section::Of(Question::Signer),
    title: "The identity's use is watched",
    meaning: "The registry names the logs in which the identity's use is watched. Feeds of known abuse alone do \
              not count: they speak long after the first abuse.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Signature(judge),
    fix: "watch the logs in which the identity's signatures appear, and record them",
    controls: &[
        Control { framework: "NIST CSF", id: "DE.CM-09" },
        Control { framework: "EU CRA", id: "Annex I Part I (2)(l)" },
    ],
};

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let Known { identity, .. } = match ask(context, signature, setting) {
        Ok(known) => known,
        Err(weighed) => return weighed,
    };
    match identity.stated(FieldName::Logs) {
        Some(stated) => {
            let Field::Logs(logs) = &stated.field else { return unknown(setting, identity.id.as_str()) };
            let logs: Vec<_> = logs.iter().map(ToString::to_string).collect();
            Weighed::yes(Ground::UseWatched, format!("{} ({}, {})", logs.join(", "), stated.source, stated.observed_at))
        }
        None => unknown(setting, identity.id.as_str()),
    }
}

fn unknown(setting: &Setting, id: &str) -> Weighed {
    let detail = format!("nobody says where the use of `{id}` is watched");
    if setting.is(NOTHING_KNOWN.word) {
        Weighed::yes(Ground::NothingKnownOfSigner, detail)
    } else {
        Weighed::missing(Ground::UseNotWatched, detail)
    }
}
