//! What every implementation of the store must do, written once against the trait.

#![allow(dead_code, reason = "every test file uses another part of it")]

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::time::Time;
use countersign_store::{
    AppendError, Change, Conflict, Installed, NewEvent, NewRecord, PolicyText, RevocationKind, RevocationPiece,
    Sequence, Store, StoreError,
};

/// A store to try, made empty for each case.
pub(crate) trait Maker {
    type Store: Store;
    fn make(&self) -> Self::Store;
}

/// Every rule, each on an empty store.
pub(crate) fn all(maker: &impl Maker) {
    what_was_appended_is_read_back(maker.make());
    a_stale_change_is_refused(maker.make());
    a_stale_view_of_the_registry_is_refused(maker.make());
    many_changes_are_made_or_none(maker.make());
    identities_are_found_by_their_keys(maker.make());
    keys_that_an_identity_lost_no_longer_find_it(maker.make());
    events_are_handed_out_in_order(maker.make());
    records_are_found_by_key_and_digest(maker.make());
    the_same_facts_are_kept_once(maker.make());
    long_texts_come_back_as_they_were(maker.make());
    a_record_needs_its_policy(maker.make());
    an_inventory_is_seen_again(maker.make());
    the_first_time_a_piece_of_revocation_information_comes_in_counts(maker.make());
    the_reader_can_end_it(maker.make());
    odd_texts_are_kept_as_they_are(maker.make());
    what_was_written_is_whole(maker.make());
}

pub(crate) fn change(identity: &str, expected: u64, events: u64, keys: &[&str]) -> Change {
    let numbered = |number| NewEvent {
        at: Time::from_unix(i64::try_from(1_000 + number).unwrap()),
        body: format!(r#"{{"event":{number}}}"#),
    };
    Change {
        identity: identity.to_owned(),
        expected: Sequence(expected),
        events: (expected + 1..=expected + events).map(numbered).collect(),
        snapshot: format!(r#"{{"of":"{identity}","after":{}}}"#, expected + events),
        keys: keys.iter().map(|&key| key.to_owned()).collect(),
    }
}

fn keys(keys: &[&str]) -> Vec<String> {
    keys.iter().map(|&key| key.to_owned()).collect()
}

fn names(store: &impl Store, found: &[&str]) -> Vec<String> {
    store.candidates(&keys(found)).unwrap().into_iter().map(|snapshot| snapshot.identity).collect()
}

fn what_was_appended_is_read_back(mut store: impl Store) {
    assert_eq!(store.sequence().unwrap(), Sequence::START);
    assert_eq!(store.identity("a").unwrap(), None);
    assert_eq!(store.append(None, &[change("a", 0, 2, &[])]).unwrap(), Sequence(2));
    assert_eq!(store.append(None, &[change("a", 2, 1, &[])]).unwrap(), Sequence(3));
    let snapshot = store.identity("a").unwrap().unwrap();
    assert_eq!((snapshot.sequence, snapshot.body.as_str()), (Sequence(3), r#"{"of":"a","after":3}"#));
    let events = store.events_of("a").unwrap();
    assert_eq!(events.iter().map(|event| event.version.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!((events[2].at, events[2].body.as_str()), (Time::from_unix(1_003), r#"{"event":3}"#));
}

fn a_stale_change_is_refused(mut store: impl Store) {
    store.append(None, &[change("a", 0, 2, &["k"])]).unwrap();
    for expected in [0, 1, 3] {
        let conflict = Conflict { identity: Some("a".to_owned()), expected: Sequence(expected), found: Sequence(2) };
        let stale = store.append(None, &[change("a", expected, 1, &["other"])]);
        assert_eq!(stale, Err(AppendError::Conflict(conflict)));
    }
    assert_eq!(store.sequence().unwrap(), Sequence(2));
    assert_eq!(names(&store, &["k", "other"]), ["a"]);
    assert_eq!(names(&store, &["other"]), [""; 0]);
}

fn a_stale_view_of_the_registry_is_refused(mut store: impl Store) {
    store.append(Some(Sequence::START), &[change("a", 0, 1, &[])]).unwrap();
    let conflict = Conflict { identity: None, expected: Sequence::START, found: Sequence(1) };
    let stale = store.append(Some(Sequence::START), &[change("b", 0, 1, &[])]);
    assert_eq!(stale, Err(AppendError::Conflict(conflict)));
    assert_eq!(store.identity("b").unwrap(), None);
    store.append(Some(Sequence(1)), &[change("b", 0, 1, &[])]).unwrap();
}

fn many_changes_are_made_or_none(mut store: impl Store) {
    store.append(None, &[change("c", 0, 1, &[])]).unwrap();
    let all = [change("a", 0, 2, &["k"]), change("b", 0, 1, &[]), change("c", 0, 1, &[])];
    assert!(matches!(store.append(None, &all), Err(AppendError::Conflict(_))));
    assert_eq!(store.identity("a").unwrap(), None);
    assert_eq!(store.events_of("a").unwrap(), []);
    assert_eq!(names(&store, &["k"]), [""; 0]);
    assert_eq!(store.append(None, &all[..2]).unwrap(), Sequence(4));
    // The same identity twice in one go: the second change goes on from the first.
    let twice = [change("d", 0, 1, &[]), change("d", 1, 1, &[])];
    assert_eq!(store.append(None, &twice).unwrap(), Sequence(6));
    assert_eq!(store.identity("d").unwrap().unwrap().sequence, Sequence(2));
}

fn identities_are_found_by_their_keys(mut store: impl Store) {
    store.append(None, &[change("a", 0, 1, &["team:1", "spki:9"]), change("b", 0, 1, &["spki:9"])]).unwrap();
    store.append(None, &[change("c", 0, 1, &["team:2"]), change("d", 0, 1, &[])]).unwrap();
    assert_eq!(names(&store, &["spki:9"]), ["a", "b"]);
    assert_eq!(names(&store, &["team:1", "team:2", "nothing"]), ["a", "c"]);
    assert_eq!(names(&store, &[]), [""; 0]);
    assert_eq!(names(&store, &["SPKI:9"]), [""; 0]);
    let mut all = Vec::new();
    store
        .identities(&mut |snapshot| {
            all.push(snapshot.identity);
            Ok(())
        })
        .unwrap();
    assert_eq!(all, ["a", "b", "c", "d"]);
}

fn keys_that_an_identity_lost_no_longer_find_it(mut store: impl Store) {
    store.append(None, &[change("a", 0, 1, &["old", "kept", "kept"])]).unwrap();
    store.append(None, &[change("a", 1, 1, &["kept", "new"])]).unwrap();
    assert_eq!(names(&store, &["old"]), [""; 0]);
    assert_eq!(names(&store, &["kept"]), ["a"]);
    assert_eq!(names(&store, &["new"]), ["a"]);
}

fn events_are_handed_out_in_order(mut store: impl Store) {
    store.append(None, &[change("a", 0, 1, &[]), change("b", 0, 2, &[])]).unwrap();
    store.append(None, &[change("a", 1, 1, &[])]).unwrap();
    let mut seen = Vec::new();
    store
        .events_after(Sequence(1), &mut |event| {
            seen.push((event.sequence.0, event.identity, event.version.0));
            Ok(())
        })
        .unwrap();
    let expected = [(2, "b", 1), (3, "b", 2), (4, "a", 2)];
    assert_eq!(seen, expected.map(|(sequence, id, version)| (sequence, id.to_owned(), version)));
}

pub(crate) fn policy(text: &str) -> PolicyText {
    PolicyText { sha256: Digest::of(DigestAlgorithm::Sha256, text.as_bytes()), text: text.to_owned() }
}

pub(crate) fn record(at: i64, artifact: &str, keys_of: &[&str], under: &PolicyText) -> NewRecord {
    NewRecord {
        at: Time::from_unix(at),
        digests: vec![Digest::of(DigestAlgorithm::Sha256, artifact.as_bytes())],
        keys: keys(keys_of),
        policy: under.sha256,
        facts: format!(r#"{{"facts of":"{artifact}"}}"#),
        body: format!(r#"{{"relied on at":{at}}}"#),
    }
}

fn times_of(store: &impl Store, found: &[&str]) -> Vec<i64> {
    let mut times = Vec::new();
    let each = &mut |record: countersign_store::StoredRecord| {
        times.push(record.at.unix());
        Ok(())
    };
    store.records_of(&keys(found), each).unwrap();
    times
}

fn records_are_found_by_key_and_digest(mut store: impl Store) {
    let under = policy("[production]");
    let all = [record(1, "x", &["k1", "k2"], &under), record(2, "y", &["k2"], &under), record(3, "z", &[], &under)];
    store.record(std::slice::from_ref(&under), &all).unwrap();
    assert_eq!(times_of(&store, &["k1", "k2"]), [1, 2]);
    assert_eq!(times_of(&store, &["k1"]), [1]);
    assert_eq!(times_of(&store, &["nothing"]), [0; 0]);
    let mut about = Vec::new();
    let each = &mut |record: countersign_store::StoredRecord| {
        about.push(record);
        Ok(())
    };
    store.records_about(&all[1].digests[0], each).unwrap();
    assert_eq!(about.len(), 1);
    assert_eq!((&about[0].facts, &about[0].body, about[0].policy), (&all[1].facts, &all[1].body, under.sha256));
    assert_eq!(store.policy_text(&under.sha256).unwrap(), Some(under.text));
    assert_eq!(store.policy_text(&policy("another").sha256).unwrap(), None);
    assert_eq!(store.recorded().unwrap(), 3);
    let mut each = Vec::new();
    let all_of_them = &mut |record: countersign_store::StoredRecord| {
        each.push((record.number, record.at.unix(), record.facts));
        Ok(())
    };
    store.records(all_of_them).unwrap();
    let expected = all.iter().zip([1, 2, 3]).map(|(new, number)| (number, new.at.unix(), new.facts.clone()));
    assert_eq!(each, expected.collect::<Vec<_>>());
}

fn the_same_facts_are_kept_once(mut store: impl Store) {
    let under = policy("[production]");
    store.record(std::slice::from_ref(&under), &[record(1, "x", &["k"], &under)]).unwrap();
    // The policy is known by now.
    store.record(&[], &[record(2, "x", &["k"], &under), record(3, "x", &["k"], &under)]).unwrap();
    assert_eq!(times_of(&store, &["k"]), [1, 2, 3]);
}

fn long_texts_come_back_as_they_were(mut store: impl Store) {
    let under = policy("[production]");
    let long = "QUJD".repeat(400);
    let facts = [
        format!(r#"{{"a":"{long}","b":["{long}","x{long}",""],"c":"{long} {long}"}}"#),
        format!(r#"{{"a":"\"{long}\"","b":"\\{long}","é":"{}"}}"#, "é".repeat(400)),
        format!("\"{long}"),
        long,
    ];
    for facts in &facts {
        let new = NewRecord { facts: facts.clone(), ..record(1, "x", &["k"], &under) };
        store.record(std::slice::from_ref(&under), &[new]).unwrap();
    }
    let mut read = Vec::new();
    let each = &mut |record: countersign_store::StoredRecord| {
        read.push(record.facts);
        Ok(())
    };
    store.records_of(&keys(&["k"]), each).unwrap();
    assert_eq!(read, facts);
    assert_eq!(store.check().unwrap(), []);
}

fn a_record_needs_its_policy(mut store: impl Store) {
    let (known, unknown) = (policy("known"), policy("unknown"));
    let all = [record(1, "x", &["k"], &known), record(2, "y", &["k"], &unknown)];
    assert!(store.record(std::slice::from_ref(&known), &all).is_err());
    let forged = PolicyText { sha256: unknown.sha256, text: "another text".to_owned() };
    assert!(store.record(&[known, forged], &all).is_err());
    assert_eq!(store.recorded().unwrap(), 0);
    assert_eq!(times_of(&store, &["k"]), [0; 0]);
}

fn an_inventory_is_seen_again(mut store: impl Store) {
    let digest = policy("an artifact").sha256;
    let line = |place: &str, observed| Installed {
        digest,
        place: place.to_owned(),
        name: "app".to_owned(),
        version: String::new(),
        observed: Time::from_unix(observed),
        source: format!("inventory of {observed}"),
    };
    store.take_inventory(&[line("host-b", 5), line("host-a", 5)]).unwrap();
    store.take_inventory(&[line("host-a", 9), line("host-b", 3)]).unwrap();
    let found = store.installed(&digest).unwrap();
    assert_eq!(found, [line("host-a", 9), line("host-b", 5)]);
    assert_eq!(store.installed(&policy("another").sha256).unwrap(), []);
}

pub(crate) fn piece(body: &str, kept: i64, shelves: &[&str]) -> RevocationPiece {
    RevocationPiece {
        kind: RevocationKind::List,
        issued: Some(Time::from_unix(1)),
        due: None,
        kept: Time::from_unix(kept),
        source: "https://ca.example/crl".to_owned(),
        shelves: shelves.iter().map(|shelf| (*shelf).to_owned()).collect(),
        body: body.as_bytes().to_vec(),
    }
}

fn the_first_time_a_piece_of_revocation_information_comes_in_counts(mut store: impl Store) {
    store.take_revocation(&[piece("one", 5, &["a", "b"]), piece("two", 6, &["b"])]).unwrap();
    store.take_revocation(&[piece("one", 9, &["a", "b"])]).unwrap();
    let bare = |body, kept| piece(body, kept, &[]);
    assert_eq!(store.revocation_on("a").unwrap(), [bare("one", 5)]);
    assert_eq!(store.revocation_on("b").unwrap(), [bare("one", 5), bare("two", 6)]);
    assert_eq!(store.revocation_on("c").unwrap(), []);
    assert_eq!(store.revocation().unwrap(), [bare("one", 5), bare("two", 6)]);
}

fn the_reader_can_end_it(mut store: impl Store) {
    store.append(None, &[change("a", 0, 3, &[])]).unwrap();
    let enough = StoreError {
        place: "reader".to_owned(),
        kind: countersign_store::StoreErrorKind::Refused,
        detail: "enough".to_owned(),
    };
    let mut seen = 0;
    let ended = store.events_after(Sequence::START, &mut |_| {
        seen += 1;
        Err(enough.clone())
    });
    assert_eq!((ended, seen), (Err(enough), 1));
    store.append(None, &[change("a", 3, 1, &[])]).unwrap();
}

fn odd_texts_are_kept_as_they_are(mut store: impl Store) {
    for id in ["", " ", "a'b\"; --", "e\u{301}", "é", "\u{202e}x", &"x".repeat(100_000), "nul\0inside"] {
        store.append(None, &[change(id, 0, 1, &[id])]).unwrap();
        assert_eq!(names(&store, &[id]), [id]);
        assert_eq!(store.identity(id).unwrap().unwrap().identity, id);
        assert_eq!(store.events_of(id).unwrap()[0].identity, id);
    }
}

fn what_was_written_is_whole(mut store: impl Store) {
    store.append(None, &[change("a", 0, 3, &["k"]), change("b", 0, 1, &[])]).unwrap();
    let under = policy("[production]");
    store.record(std::slice::from_ref(&under), &[record(1, "x", &["k"], &under)]).unwrap();
    assert_eq!(store.check().unwrap(), []);
}
