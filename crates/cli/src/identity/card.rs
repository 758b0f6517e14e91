//! `identity show`: the card of one identity.

use countersign::event::{Event, Field, Source};
use countersign::registry::{Credential, Identity, Proposed};
use countersign::time::Time;
use countersign_store::{Sequence, SqliteStore, ledger};
use serde::Serialize;

use super::args::Show;
use super::{at, clean, document, unknown};
use crate::describe::print;
use crate::trouble::Trouble;

#[derive(Serialize)]
struct Card<'a> {
    schema: &'static str,
    at: Time,
    sequence: u64,
    identity: &'a Identity,
    attention: &'a [String],
    timeline: &'a [Event],
}

/// Runs `identity show`.
pub(crate) fn run(store: &SqliteStore, options: &Show) -> Result<u8, Trouble> {
    let (identity, sequence) = ledger::identity(store, &options.id)?.ok_or_else(|| unknown(&options.id))?;
    let timeline = ledger::events_of(store, &options.id)?;
    let at = at(options.at);
    let attention = attention(&identity, at);
    let Sequence(number) = sequence;
    Ok(print(&if options.format == "json" {
        document(&Card {
            schema: "countersign/identity/v1",
            at,
            sequence: number,
            identity: &identity,
            attention: &attention,
            timeline: &timeline,
        })
    } else {
        text(&identity, number, &attention, &timeline)
    }))
}

/// What somebody should look at.
pub(super) fn attention(identity: &Identity, at: Time) -> Vec<String> {
    let mut list = Vec::new();
    let lacking: Vec<&str> = identity.lacking().iter().map(|field| field.word()).collect();
    if !lacking.is_empty() {
        list.push(format!("not established: {}", lacking.join(", ")));
    }
    if let Some(due) = identity.review_due().filter(|due| *due <= at) {
        list.push(format!("review overdue since {due}"));
    }
    if let Some(due) = identity.rotation_due().filter(|due| *due <= at) {
        list.push(format!("rotation overdue since {due}"));
    }
    if let Some(rotation) = identity.rotation.as_ref().filter(|rotation| rotation.until <= at) {
        list.push(format!("the rotation begun {} was to be done by {}", rotation.started, rotation.until));
    }
    let left = identity.left.iter().filter(|(who, _)| {
        [identity.owner(), identity.second_owner()].into_iter().flatten().any(|owner| owner.is_same_person(who))
    });
    list.extend(left.map(|(who, when)| format!("`{who}` left, recorded {when}")));
    if let Some(compromise) = &identity.compromised {
        list.push(format!("compromised since {}: {}", compromise.since, compromise.reason));
    }
    list
}

fn text(identity: &Identity, sequence: u64, attention: &[String], timeline: &[Event]) -> String {
    let mut text = format!("{}   {}   {}\n", identity.id, clean(identity.name.as_str()), identity.kind);
    text.push_str(&format!("  state       {} (event {sequence})\n", identity.state));
    section(&mut text, "attention", attention.iter().cloned());
    section(&mut text, "known by", identity.credentials.iter().map(credential));
    section(&mut text, "signs from", (1..).zip(&identity.bindings).map(|(number, it)| binding(number, it)));
    section(&mut text, "signs", identity.products.iter().map(|it| proposed(&it.what.to_string(), it)));
    section(
        &mut text,
        "also right",
        identity.changes.iter().map(|it| {
            format!("{} may be {} from {}{}: {}", it.field, it.to, it.valid.from, until(it.valid.until), it.reference)
        }),
    );
    section(
        &mut text,
        "fields",
        identity.fields.values().map(|stated| {
            let source = match stated.source {
                Source::Attested => "attested",
                Source::Declared => "declared",
                Source::Discovered => "discovered",
            };
            format!("{}: {}   ({source} {})", stated.field.name(), value(&stated.field), stated.observed_at)
        }),
    );
    section(&mut text, "signed", identity.signing.iter().map(|span| format!("{}{}", span.from, until(span.until))));
    section(
        &mut text,
        "timeline",
        timeline
            .iter()
            .map(|event| format!("{}  {}  by {}: {}", event.at, event.change.name(), event.actor, event.reason)),
    );
    text
}

fn section(text: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut title = title;
    for line in lines {
        text.push_str(&format!("  {title:<11} {}\n", clean(&line)));
        title = "";
    }
}

fn until(end: Option<Time>) -> String {
    end.map_or_else(|| " until today".to_owned(), |end| format!(" until {end}"))
}

fn credential(held: &Credential) -> String {
    let mut line = held.selector.to_string();
    match &held.approved {
        Some(approval) => line.push_str(&format!("   (approved by {} {})", approval.by, approval.at)),
        None => line.push_str("   (not approved)"),
    }
    if let Some(replaced) = held.replaced {
        line.push_str(&format!(" (replaced {replaced})"));
    }
    line
}

fn proposed<T>(what: &str, it: &Proposed<T>) -> String {
    match &it.approved {
        Some(approval) => format!("{what}   (approved by {} {})", approval.by, approval.at),
        None => format!("{what}   (proposed by {}, not approved)", it.by),
    }
}

fn binding(number: usize, it: &Proposed<countersign::registry::Binding>) -> String {
    let json = serde_json::to_value(&it.what).unwrap_or_default();
    let parts = json.as_object().into_iter().flatten().map(|(name, value)| format!("{name} {}", plain(value)));
    proposed(&format!("version {number}: {}", parts.collect::<Vec<_>>().join(", ")), it)
}

/// The value of a field in words.
pub(super) fn value(field: &Field) -> String {
    let json = serde_json::to_value(field).unwrap_or_default();
    json.as_object().and_then(|object| object.values().next()).map(plain).unwrap_or_default()
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        serde_json::Value::Object(object) => {
            let parts = object.iter().map(|(name, value)| format!("{name} {}", plain(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
