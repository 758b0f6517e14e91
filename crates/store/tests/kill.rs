//! `kill -9` at random points of a thousand writes: what was acknowledged is there, nothing is half-written, and
//! every snapshot is the fold over its events.
//!
//! The test is its own helper: run with [`CHILD`] in the environment it writes until it is killed.

#![allow(missing_docs)]

mod conformance;

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use conformance::{policy, record};
use countersign::time::Time;
use countersign_store::{Change, NewEvent, Sequence, SqliteStore, Store, StoredEvent};

const CHILD: &str = "COUNTERSIGN_KILL_TEST_STORE";

/// Writes that must be acknowledged before the test ends.
const WRITES: u64 = 1_000;

fn main() {
    if let Some(path) = std::env::var_os(CHILD) {
        return write_for_ever(Path::new(&path));
    }
    // What `cargo nextest` asks of a test without the usual harness.
    let arguments: Vec<String> = std::env::args().collect();
    if arguments.iter().any(|argument| argument == "--list") {
        if !arguments.iter().any(|argument| argument == "--ignored") {
            println!("kill_9: test");
        }
        return;
    }
    let start = Instant::now();
    let mut random = seed();
    println!("seed {random:#x}");
    let born = killed_while_being_made(&mut random);
    let (kills, events) = killed_while_writing(&mut random);
    let took = start.elapsed();
    println!("test kill_9 ... ok: {born} + {kills} kills, {WRITES} writes of {events} events, {took:.1?}");
}

/// A new store, killed in its first milliseconds.
fn killed_while_being_made(random: &mut u64) -> u32 {
    let rounds = 20;
    for _ in 0..rounds {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sub/store.db");
        let mut child = spawn(&path);
        std::thread::sleep(Duration::from_micros(below(random, 12_000)));
        let acknowledged = kill(&mut child);
        verify(&path, &acknowledged);
    }
    rounds
}

fn killed_while_writing(random: &mut u64) -> (u32, u64) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    let (mut kills, mut writes, mut events) = (0, 0, 0);
    while writes < WRITES {
        let mut child = spawn(&path);
        let first = wait_for_first(&mut child);
        std::thread::sleep(Duration::from_micros(below(random, 120_000)));
        let mut acknowledged = vec![first];
        acknowledged.extend(kill(&mut child));
        writes += acknowledged.len() as u64;
        events = verify(&path, &acknowledged).0;
        kills += 1;
    }
    (kills, events)
}

fn spawn(path: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.env(CHILD, path).stdout(Stdio::piped()).spawn().unwrap()
}

/// What the writer acknowledged: the registry's sequence and how many verdicts are recorded.
type Acknowledged = (u64, u64);

fn wait_for_first(child: &mut Child) -> Acknowledged {
    // Byte by byte: a buffered reader would swallow what comes after the first line.
    let mut line = Vec::new();
    let stdout = child.stdout.as_mut().unwrap();
    while line.last() != Some(&b'\n') {
        let mut byte = [0];
        std::io::Read::read_exact(stdout, &mut byte).expect("the writer ended by itself");
        line.push(byte[0]);
    }
    parse(std::str::from_utf8(&line).unwrap().trim_end()).unwrap()
}

/// Kills the writer and reads what it had acknowledged by then.
fn kill(child: &mut Child) -> Vec<Acknowledged> {
    let stdout = child.stdout.take().unwrap();
    child.kill().unwrap();
    let status = child.wait().unwrap();
    assert!(!status.success(), "the writer ended by itself");
    let lines = BufReader::new(stdout).split(b'\n').map(Result::unwrap);
    // The last line may be cut.
    lines.filter_map(|line| parse(std::str::from_utf8(&line).ok()?)).collect()
}

fn parse(line: &str) -> Option<Acknowledged> {
    let (sequence, recorded) = line.strip_prefix("done ")?.strip_suffix(" .")?.split_once(' ')?;
    Some((sequence.parse().ok()?, recorded.parse().ok()?))
}

/// Opens what was left behind and looks at all of it.
fn verify(path: &Path, acknowledged: &[Acknowledged]) -> (u64, u64) {
    let store = SqliteStore::open(path).expect("the store opens");
    assert_eq!(store.check().unwrap(), []);
    let found = (store.sequence().unwrap().0, store.recorded().unwrap());
    for (sequence, recorded) in acknowledged {
        assert!(found.0 >= *sequence && found.1 >= *recorded, "{found:?} after {sequence} {recorded}");
    }
    let mut identities = 0;
    store
        .identities(&mut |snapshot| {
            identities += 1;
            let events = store.events_of(&snapshot.identity)?;
            let folded = events.iter().fold(String::new(), |so_far, event| folded(&so_far, &event.body));
            assert_eq!(snapshot.body, folded, "{}", snapshot.identity);
            whole_writes(&events);
            Ok(())
        })
        .unwrap();
    let mut events = 0;
    let count = &mut |_: StoredEvent| {
        events += 1;
        Ok(())
    };
    store.events_after(Sequence::START, count).unwrap();
    assert_eq!(events, found.0);
    found
}

/// What one write appended to one identity is there together or not at all: each event says how many come with it.
fn whole_writes(events: &[StoredEvent]) {
    let mut rest = events;
    while let Some(first) = rest.first() {
        let (write, together) = first.body.split_once('/').unwrap();
        let together: usize = together.parse().unwrap();
        assert!(rest.len() >= together, "half of a write: {first:?}");
        assert!(rest[..together].iter().all(|event| event.body.starts_with(write)), "{rest:?}");
        rest = &rest[together..];
    }
}

/// The fold of this test: order and content of every event are in it.
fn folded(so_far: &str, event: &str) -> String {
    policy(&format!("{so_far}\n{event}")).sha256.hex()
}

/// The writer: changes to a few identities at once, every third with a verdict, each acknowledged once done.
fn write_for_ever(path: &Path) {
    let mut store = SqliteStore::open(path).unwrap();
    let mut random = seed();
    let under = policy("policy");
    loop {
        let now = store.sequence().unwrap();
        let write = below(&mut random, u64::MAX);
        let first = below(&mut random, 40);
        let changes: Vec<Change> = (0..=below(&mut random, 3))
            .map(|offset| next(&store, &format!("identity-{}", first + offset), write, &mut random))
            .collect();
        let sequence = store.append(Some(now), &changes).unwrap();
        if write.is_multiple_of(3) {
            let key = format!("key-{first}");
            let records = [record(1, &write.to_string(), &[&key], &under), record(2, "same", &[&key], &under)];
            store.record(std::slice::from_ref(&under), &records).unwrap();
        }
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "done {sequence} {} .", store.recorded().unwrap()).unwrap();
        stdout.flush().unwrap();
    }
}

fn next(store: &SqliteStore, id: &str, write: u64, random: &mut u64) -> Change {
    let before = store.identity(id).unwrap();
    let (expected, mut snapshot) = before.map_or((Sequence::START, String::new()), |it| (it.sequence, it.body));
    let together = 1 + below(random, 4);
    // A page or two, so that a write is many pages.
    let padding = "x".repeat(usize::try_from(below(random, 6_000)).unwrap());
    let events: Vec<NewEvent> = (0..together)
        .map(|_| NewEvent { at: Time::from_unix(0), body: format!("{write}{padding}/{together}") })
        .collect();
    for event in &events {
        snapshot = folded(&snapshot, &event.body);
    }
    let keys = vec![format!("key-{}", below(random, 100)), id.to_owned()];
    Change { identity: id.to_owned(), expected, events, snapshot, keys }
}

fn seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::from(now.subsec_nanos()) << 32 | u64::from(std::process::id()) | 1
}

/// xorshift64*. Where a kill hits is up to the scheduler anyway, so the seed is only printed.
fn below(random: &mut u64, end: u64) -> u64 {
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    (random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 8) % end
}
