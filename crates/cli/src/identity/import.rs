//! `identity import`: CSV of identities, or JSON lines of events. All of it or nothing, and everything that is wrong
//! in one run, with line numbers.

use std::collections::BTreeMap;

use countersign::event::{Change, Event, FieldName, IdentityId, Kind, Text};
use countersign::material::Limits;
use countersign::registry::{Registry, Selector};
use countersign::time::Time;
use countersign_store::SqliteStore;
use countersign_store::ledger::{self, LedgerError};

use super::args::Import;
use super::fields::{declared, field, key};
use super::{actor, at};
use crate::describe::print;
use crate::source::read_whole;
use crate::store::StoreOptions;
use crate::trouble::{Trouble, path_text};

/// The columns beside the fields. Several selectors of one class are separated by `;`, their parts by `|`, as in
/// `organization`: `DE|HRB 1|Acme GmbH`.
pub(super) const COLUMNS: [&str; 10] =
    ["id", "kind", "name", "found-in", "spki", "organization", "team-id", "durable-id", "workload", "account"];

/// Columns that `export` writes and that say nothing about what is to be done.
const IGNORED: [&str; 1] = ["state"];

/// Mistakes listed at most: whoever mapped a column wrong has one per line.
const MOST: usize = 100;

/// Bytes of a file to import at most: 100,000 identities with ten events each take about half of it.
const LARGEST: u64 = 1 << 30;

/// A line with what it says.
type Numbered = (u64, Vec<Event>);

/// Mistakes by line.
type Mistakes = BTreeMap<u64, Vec<String>>;

/// Runs `identity import`.
pub(crate) fn run(store: &StoreOptions, options: &Import) -> Result<u8, Trouble> {
    let bytes = read_whole(&options.file, Limits::default().memory_bytes.max(LARGEST))?;
    let path = path_text(&options.file);
    let text = std::str::from_utf8(&bytes)
        .map_err(|error| Trouble::new(&path, format!("is not UTF-8 at byte {}", error.valid_up_to())))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (lines, mut mistakes) = if text.trim_start().starts_with('{') { events(text) } else { rows(text, options)? };
    let known = store.open_if_there()?;
    refused(&lines, known.as_ref(), &mut mistakes)?;
    if !mistakes.is_empty() {
        return Err(listed(&path, &mistakes));
    }
    let events: Vec<Event> = lines.into_iter().flat_map(|(_, events)| events).collect();
    let count = events.iter().map(|event| &event.identity).collect::<std::collections::BTreeSet<_>>().len();
    if events.is_empty() {
        return Err(Trouble::new(&path, "holds nothing to import"));
    }
    if options.dry_run {
        return Ok(print(&format!("{path}: {} events of {count} identities can be imported\n", events.len())));
    }
    let mut store = store.open()?;
    let sequence =
        ledger::append(&mut store, None, None, &events).map_err(|error| Trouble::new(&path, error.to_string()))?;
    Ok(print(&format!("{path}: {} events of {count} identities; the registry is at event {sequence}\n", events.len())))
}

fn listed(path: &str, mistakes: &Mistakes) -> Trouble {
    let all: Vec<String> = mistakes
        .iter()
        .flat_map(|(line, these)| these.iter().map(move |mistake| format!("{path}:{line}: {mistake}")))
        .collect();
    let count = all.len();
    let plural = if count == 1 { "" } else { "s" };
    let more = (count > MOST).then(|| format!("and {} more", count - MOST));
    Trouble::new(path, format!("{count} mistake{plural}; nothing was imported"))
        .with_list(all.into_iter().take(MOST).chain(more))
}

/// Everything that the life cycle refuses, on top of what is recorded already.
fn refused(lines: &[Numbered], store: Option<&SqliteStore>, mistakes: &mut Mistakes) -> Result<(), Trouble> {
    let mut registries: BTreeMap<&IdentityId, Registry> = BTreeMap::new();
    for (line, events) in lines {
        for event in events {
            if !registries.contains_key(&event.identity) {
                let before = store.map(|store| ledger::identity(store, &event.identity)).transpose()?.flatten();
                registries.insert(&event.identity, Registry::of(before.map(|(identity, _)| identity)));
            }
            let Some(registry) = registries.get_mut(&event.identity) else { continue };
            if let Err(refused) = registry.apply(event) {
                mistakes.entry(*line).or_default().push(format!("{}: {refused}", event.identity));
                break;
            }
        }
    }
    Ok(())
}

fn events(text: &str) -> (Vec<Numbered>, Mistakes) {
    let (mut lines, mut mistakes) = (Vec::new(), Mistakes::new());
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        match Event::from_json(line) {
            Ok(event) => lines.push((number, vec![event])),
            Err(bad) => mistakes.entry(number).or_default().push(bad.to_string()),
        }
    }
    (lines, mistakes)
}

fn rows(text: &str, options: &Import) -> Result<(Vec<Numbered>, Mistakes), Trouble> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let columns = columns(&mut reader, options)?;
    let by = By { actor: actor(options.actor.as_ref())?, reason: options.reason.clone(), at: at(options.at) };
    let (mut lines, mut mistakes) = (Vec::new(), Mistakes::new());
    for row in reader.records() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                mistakes.entry(line).or_default().push(error.to_string());
                continue;
            }
        };
        let line = row.position().map_or(0, csv::Position::line);
        let mut cells = Cells { columns: &columns, row: &row, mistakes: Vec::new() };
        let events = cells.events(&by);
        if cells.mistakes.is_empty() {
            lines.push((line, events));
        } else {
            mistakes.insert(line, cells.mistakes);
        }
    }
    Ok((lines, mistakes))
}

/// What the columns mean, by their position.
fn columns(reader: &mut csv::Reader<&[u8]>, options: &Import) -> Result<Vec<String>, Trouble> {
    let mut mapped = BTreeMap::new();
    for pair in &options.map {
        let (column, meaning) =
            pair.split_once('=').ok_or_else(|| Trouble::new("--map", format!("`{pair}`: expected COLUMN=FIELD")))?;
        mapped.insert(column.trim(), meaning.trim());
    }
    let header = reader.headers().map_err(|error| Trouble::at(&options.file, error.to_string()))?;
    let columns: Vec<String> = header.iter().map(|name| (*mapped.get(name).unwrap_or(&name)).to_owned()).collect();
    let is_known =
        |name: &str| COLUMNS.contains(&name) || IGNORED.contains(&name) || FieldName::of_word(name).is_some();
    let mut wrong: Vec<String> =
        columns.iter().filter(|name| !is_known(name)).map(|name| format!("column `{name}` is not known")).collect();
    wrong.extend(
        mapped
            .keys()
            .filter(|name| !header.iter().any(|known| known == **name))
            .map(|name| format!("--map: there is no column `{name}`")),
    );
    wrong.extend(
        ["id", "kind"]
            .iter()
            .filter(|name| !columns.iter().any(|known| known == *name))
            .map(|name| format!("column `{name}` is missing")),
    );
    if wrong.is_empty() {
        return Ok(columns);
    }
    let fields: Vec<&str> = COLUMNS.iter().copied().chain(FieldName::ALL.iter().map(|name| name.word())).collect();
    wrong.push(format!("columns are: {}", fields.join(", ")));
    Err(Trouble::new(path_text(&options.file), "line 1: the columns are not understood").with_list(wrong))
}

struct By {
    actor: Text,
    reason: Text,
    at: Time,
}

/// One row, and what is wrong with it.
struct Cells<'a> {
    columns: &'a [String],
    row: &'a csv::StringRecord,
    mistakes: Vec<String>,
}

impl Cells<'_> {
    fn events(&mut self, by: &By) -> Vec<Event> {
        if self.row.len() != self.columns.len() {
            self.mistakes.push(format!("{} cells, expected {}", self.row.len(), self.columns.len()));
            return Vec::new();
        }
        let id = self.id();
        let kind = self.kind();
        let name = self.text("name").or_else(|| Text::new(self.cell("id")).ok());
        let found_in = self.text("found-in").or_else(|| Text::new("import").ok());
        let selectors = self.selectors();
        let rest = self.stated(by);
        let (Some(id), Some(kind), Some(name), Some(found_in)) = (id, kind, name, found_in) else {
            return Vec::new();
        };
        let discovered = Change::Discovered { kind, name, selectors, found_in };
        let event = |change| Event {
            at: by.at,
            actor: by.actor.clone(),
            reason: by.reason.clone(),
            identity: id.clone(),
            change,
        };
        std::iter::once(discovered).chain(rest).map(event).collect()
    }

    fn cell(&self, column: &str) -> &str {
        let position = self.columns.iter().position(|name| name == column);
        position.and_then(|position| self.row.get(position)).unwrap_or_default()
    }

    fn take<T>(&mut self, column: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|problem| self.mistakes.push(format!("{column}: {problem}"))).ok()
    }

    fn id(&mut self) -> Option<IdentityId> {
        let read = IdentityId::new(self.cell("id")).map_err(|bad| bad.to_string());
        self.take("id", read)
    }

    fn kind(&mut self) -> Option<Kind> {
        let cell = self.cell("kind");
        let read = Kind::of_word(cell).ok_or_else(|| format!("`{cell}` is no kind of identity"));
        self.take("kind", read)
    }

    fn text(&mut self, column: &str) -> Option<Text> {
        let cell = self.cell(column).to_owned();
        if cell.is_empty() {
            return None;
        }
        self.take(column, Text::new(cell).map_err(|bad| bad.to_string()))
    }

    fn selectors(&mut self) -> Vec<Selector> {
        let mut selectors = Vec::new();
        for class in COLUMNS.iter().skip(4) {
            let cell = self.cell(class).to_owned();
            for one in cell.split(';').map(str::trim).filter(|one| !one.is_empty()) {
                let read = selector(class, one);
                selectors.extend(self.take(class, read));
            }
        }
        selectors
    }

    /// Who answers for it and what else is said.
    fn stated(&mut self, by: &By) -> Option<Change> {
        let (owner, second_owner) = (self.text("owner"), self.text("second-owner"));
        let mut fields = Vec::new();
        for name in FieldName::ALL.iter().filter(|name| !matches!(name, FieldName::Owner | FieldName::SecondOwner)) {
            let cell = self.cell(name.word()).to_owned();
            if !cell.is_empty() {
                fields.extend(self.take(name.word(), field(name.word(), &cell)).map(|field| declared(field, by.at)));
            }
        }
        match owner {
            Some(owner) => Some(Change::Claimed { owner, second_owner, fields }),
            None if fields.is_empty() => None,
            None => Some(Change::Described { fields }),
        }
    }
}

/// A selector as [`Selector::key`] writes it, without its class.
fn selector(class: &str, text: &str) -> Result<Selector, String> {
    let parts: Result<Vec<Text>, String> = text
        .split('|')
        .map(|part| Text::new(part.replace("%7C", "|").replace("%25", "%")).map_err(|bad| bad.to_string()))
        .collect();
    match (class, parts?.as_slice()) {
        ("spki", [hash]) => key(hash.as_str()),
        ("team-id", [team]) => Ok(Selector::TeamId(team.clone())),
        ("durable-id", [oid]) => Ok(Selector::DurableId(oid.clone())),
        ("organization", [country, number, name]) => {
            Ok(Selector::Organization { name: name.clone(), number: number.clone(), country: country.clone() })
        }
        ("workload", [issuer, repository_id, owner_id]) => Ok(Selector::Workload {
            issuer: issuer.clone(),
            repository_id: repository_id.clone(),
            owner_id: owner_id.clone(),
        }),
        ("account", [issuer, email]) => Ok(Selector::Account { issuer: issuer.clone(), email: email.clone() }),
        ("forge-account", [forge, number]) => {
            Ok(Selector::ForgeAccount { forge: forge.clone(), number: number.clone() })
        }
        ("organization", _) => Err("expected COUNTRY|NUMBER|NAME".to_owned()),
        ("workload", _) => Err("expected ISSUER|REPOSITORY-ID|OWNER-ID".to_owned()),
        ("forge-account", _) => Err("expected FORGE|NUMBER".to_owned()),
        ("account", _) => Err("expected ISSUER|EMAIL".to_owned()),
        _ => Err(format!("`{text}` is no {class}")),
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Store(error) => error.into(),
            other => Self::new("registry", other.to_string()),
        }
    }
}
