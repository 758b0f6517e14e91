//! `identity list`.

use countersign::registry::Identity;
use countersign::time::Time;
use countersign_store::{SqliteStore, ledger, verdicts};
use serde::Serialize;

use super::args::List;
use super::{at, card, clean, document};
use crate::describe::print;
use crate::output::{NOTHING_FOUND, note};
use crate::trouble::Trouble;

/// Seconds without a recorded signature after which an identity is stale: 90 days, the usual figure of programs
/// that look after non-human identities (governance figures of NHInsight).
const STALE: i64 = 90 * Time::DAY;

#[derive(Serialize)]
struct Listing {
    schema: &'static str,
    at: Time,
    total: u64,
    identities: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    id: String,
    name: String,
    kind: &'static str,
    state: &'static str,
    owner: Option<String>,
    last_event: Time,
    attention: Vec<String>,
}

/// Runs `identity list`. A filter that nothing fits is not success: exit code 3.
pub(crate) fn run(store: &SqliteStore, options: &List) -> Result<u8, Trouble> {
    let at = at(options.at);
    let (mut total, mut lines) = (0, Vec::new());
    ledger::identities(store, &mut |identity, _| {
        total += 1;
        if fits(&identity, options, at) && (!options.stale || is_stale(store, &identity, at)?) {
            lines.push(line(&identity, at));
        }
        Ok(())
    })?;
    let found = !lines.is_empty();
    let listing = Listing { schema: "countersign/identities/v1", at, total, identities: lines };
    print(&if options.format == "json" { document(&listing) } else { text(&listing) });
    if found {
        return Ok(0);
    }
    note(&format!("none of {total} identities fits"));
    Ok(NOTHING_FOUND)
}

fn fits(identity: &Identity, options: &List, at: Time) -> bool {
    let owners = || [identity.owner(), identity.second_owner()].into_iter().flatten();
    let is_overdue = || {
        let due = [identity.review_due(), identity.rotation_due(), identity.rotation.as_ref().map(|it| it.until)];
        due.into_iter().flatten().any(|due| due <= at)
    };
    (options.state.is_empty() || options.state.contains(&identity.state))
        && options.owner.as_ref().is_none_or(|name| owners().any(|owner| owner.is_same_person(name)))
        && (!options.overdue || is_overdue())
        && (!options.unowned || identity.is_orphan())
}

/// Whether it was recorded long enough ago, and no verdict since then was about a signature of it.
fn is_stale(store: &SqliteStore, identity: &Identity, at: Time) -> Result<bool, countersign_store::StoreError> {
    let since = at.plus(-STALE);
    let keys = verdicts::keys_of_identity(identity);
    let mut seen = identity.created > since;
    verdicts::of_keys(store, &keys, &mut |_, record| {
        let signed = record.dossier.signatures.iter().filter_map(|signature| signature.time.trusted).max();
        seen |= signed.unwrap_or(record.at) > since;
        Ok(())
    })?;
    Ok(!seen)
}

fn line(identity: &Identity, at: Time) -> Line {
    Line {
        id: identity.id.to_string(),
        name: identity.name.to_string(),
        kind: identity.kind.word(),
        state: identity.state.word(),
        owner: identity.owner().map(ToString::to_string),
        last_event: identity.last,
        attention: card::attention(identity, at),
    }
}

fn text(listing: &Listing) -> String {
    let width = listing.identities.iter().map(|line| line.id.len()).max().unwrap_or(0);
    let rows = listing.identities.iter().map(|line| {
        let owner = line.owner.as_deref().unwrap_or("nobody");
        let mut row = format!("{:<width$}  {:<11}  {}  {}\n", line.id, line.state, clean(owner), clean(&line.name));
        line.attention.iter().for_each(|what| row.push_str(&format!("{:width$}    {}\n", "", clean(what))));
        row
    });
    let rows: String = rows.collect();
    format!("{rows}{} of {} identities\n", listing.identities.len(), listing.total)
}
