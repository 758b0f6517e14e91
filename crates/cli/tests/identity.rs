//! The registry of signing identities, as its users see it: a whole life cycle, refusals, import and export,
//! recorded verdicts and what a compromise does to them.

#![allow(missing_docs)]

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use program::{Ran, run_in};
use tempfile::TempDir;

/// A directory with a store in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, content: &str) {
        fs::write(self.path(name), content).unwrap();
    }

    /// `countersign identity`, each word of `line` an argument, `_` in one standing for a space.
    fn identity(&self, line: &str) -> Ran {
        let words = line.split(' ').map(|word| word.replace('_', " "));
        let all: Vec<String> =
            ["identity", "--store", "store.db"].map(str::to_owned).into_iter().chain(words).collect();
        run_in(self.0.path(), &all)
    }

    /// The same with who and why, on this day of January 2026.
    fn change(&self, day: u32, actor: &str, line: &str) -> Ran {
        self.identity(&format!("{line} --actor {actor} --reason TICKET-1 --at 2026-01-{day:02}T00:00:00Z"))
    }

    fn verify(&self, arguments: &[&str]) -> Ran {
        let at = ["verify", "--store", "store.db", "--at", "2026-11-23T00:00:00Z", "--no-discover"];
        run_in(self.0.path(), &[&at[..], arguments].concat())
    }
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").join(name);
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// An identity from discovery to activity.
fn active(place: &Place) {
    let add = format!("add acme --kind x509-code-signing --name Acme_GmbH --key {KEY}");
    place.change(1, "scanner", &add).expect(0).says(&["acme: discovered (event 1"]);
    let fields = "--set purpose=releases --set environments=production --set review-due=2026-06-01T00:00:00Z \
                  --set end-of-life=end_of_product --set escalation=on-call";
    place.change(2, "alice", &format!("claim acme --owner olga --second-owner sam {fields}")).expect(0);
    place.change(3, "alice", "bind acme --proof certificate --repository-id 1000").expect(0).says(&["waits"]);
    place.change(4, "bob", "approve acme").expect(0).says(&["acme: approved"]);
    place.change(5, "alice", "activate acme").expect(0).says(&["acme: active (event 5; the registry is at event 5)"]);
}

#[test]
fn a_whole_life() {
    let place = Place::new();
    active(&place);
    place.change(6, "alice", "review acme --next 2026-07-01T00:00:00Z").expect(0);
    place.change(7, "alice", "rotate acme --until 2026-02-01T00:00:00Z").expect(0).says(&["acme: rotating"]);
    place.change(8, "alice", "rotate acme --finish --next-due 2026-12-01T00:00:00Z").expect(0).says(&["acme: active"]);
    place.change(9, "alice", "owner-left acme --who olga").expect(0).says(&["acme: suspended"]);
    place.change(10, "alice", "resume acme").expect(2).says(&["`olga` left", "claim acme"]);
    place.change(11, "alice", "claim acme --owner otto").expect(0);
    place.change(12, "alice", "resume acme").expect(0).says(&["acme: active"]);
    place.change(13, "alice", "retire acme").expect(0).says(&["acme: retired"]);
    place.change(14, "alice", "destroy acme --proof protocol").expect(0).says(&["acme: destroyed"]);
    place.change(15, "alice", "compromise acme --since 2026-01-06T00:00:00Z").expect(0).says(&["acme: compromised"]);
    place.identity("check").expect(0).says(&["whole: 14 events"]);
    let shown = place.identity("show acme --at 2026-08-01T00:00:00Z").expect(0);
    insta::assert_snapshot!(shown.stdout);
}

#[test]
fn an_identity_as_json() {
    let place = Place::new();
    active(&place);
    let shown = place.identity("show acme --format json --at 2026-06-02T00:00:00Z").expect(0);
    insta::assert_snapshot!(shown.stdout);
}

#[test]
fn what_is_not_permitted_says_what_is_missing_and_what_supplies_it() {
    let place = Place::new();
    place.change(1, "alice", "suspend acme").expect(2).says(&["no identity `acme`", "identity add acme"]);
    place.change(1, "alice", "add acme --kind kms --name Acme").expect(2).says(&["selectors", "--key", "--team-id"]);
    place.change(1, "alice", "add acme --kind kms --name Acme --team-id A1").expect(0);
    place.change(1, "alice", "add acme --kind kms --name Acme --team-id A1").expect(2).says(&["recorded already"]);
    place.change(2, "alice", "activate acme").expect(2).says(&[
        "only if it is approved",
        "identity claim acme",
        "identity bind acme",
    ]);
    place.change(2, "alice", "claim acme --owner olga").expect(0);
    place.change(3, "alice", "bind acme --proof x").expect(0);
    place.change(4, "alice", "approve acme").expect(2).says(&["duties are separate", "--actor"]);
    place.change(4, "ALICE", "approve acme").expect(2).says(&["duties are separate"]);
    place.change(4, "bob", "approve acme").expect(0);
    place.change(5, "alice", "activate acme").expect(2).says(&["second-owner", "escalation", "identity claim acme"]);
    place
        .change(1, "alice", "review acme --next 2026-06-01T00:00:00Z")
        .expect(2)
        .says(&["before what was recorded last"]);
    place.identity("approve acme --actor bob").expect(2).says(&["--reason"]);
    place.identity("show nobody").expect(2).says(&["no identity of this name"]);
    place.change(6, "alice", "describe acme --expect 3 --set purpose=x").expect(2).says(&["at event 4, expected 3"]);
    place.change(6, "alice", "describe acme --expect 4 --set purpose=x").expect(0);
    place.change(6, "alice", "describe acme --set colour=blue").expect(2).says(&["is no field"]);
    place.change(6, "alice", "describe acme --set rotation-due=soon").expect(2).says(&["rotation-due"]);
    place.identity("check").expect(0);
}

#[test]
fn a_list_that_nothing_fits_is_no_success() {
    let place = Place::new();
    place.identity("list").expect(2).says(&["no store here"]);
    active(&place);
    place.change(6, "alice", "add other --kind ssh --name Other --team-id A1").expect(0);
    place.identity("list").expect(0).says(&["acme", "other", "2 of 2"]);
    assert!(!place.identity("list --state active").expect(0).stdout.contains("other"));
    place.identity("list --state retired").expect(3).says(&["0 of 2"]);
    place.identity("list --owner OLGA").expect(0).says(&["1 of 2"]);
    place.identity("list --owner nobody").expect(3);
    place.identity("list --unowned").expect(0).says(&["other", "1 of 2"]);
    place.identity("list --overdue --at 2026-05-31T00:00:00Z").expect(3);
    place.identity("list --overdue --at 2026-06-01T00:00:00Z").expect(0).says(&["acme", "review overdue"]);
    place.identity("list --stale --at 2026-03-01T00:00:00Z").expect(3);
    place.identity("list --stale --at 2026-06-01T00:00:00Z").expect(0).says(&["2 of 2"]);
    place.identity("list --state nonsense").expect(2);
    let json = place.identity("list --format json --state retired").expect(3).json();
    assert_eq!((json["total"].as_u64(), json["identities"].as_array().unwrap().len()), (Some(2), 0));
}

const CSV: &str = "\
id,kind,Key Hash,name,owner,second-owner,purpose,environments,workload
one,x509-code-signing,00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff,\"One, Inc.\",olga,sam,releases,\"production,staging\",
two,oidc-workload,,Two,,,,,https://ci.example|1000|20
";

#[test]
fn csv_is_taken_as_a_whole_or_not_at_all() {
    let place = Place::new();
    place.put("good.csv", CSV);
    place.identity("import good.csv --reason first --actor alice").expect(2).says(&["`Key Hash` is not known"]);
    let import =
        |file: &str| place.identity(&format!("import {file} --reason first --actor alice --map Key_Hash=spki"));
    let bad = CSV.replace("oidc-workload", "nonsense").replace("https://ci.example|1000|20", "https://ci.example")
        + "One,ssh,,x,,,,,\nthree,ssh,zz,x,,,,,\none,ssh\n";
    place.put("bad.csv", &bad);
    import("bad.csv").expect(2).says(&[
        "bad.csv:3: kind",
        "bad.csv:3: workload",
        "bad.csv:4: id",
        "bad.csv:5: spki",
        "bad.csv:6",
        "nothing was imported",
    ]);
    place.put("twice.csv", &format!("{CSV}one,ssh,{KEY},x,,,,,\n"));
    import("twice.csv").expect(2).says(&["twice.csv:4", "recorded already"]);
    assert!(!place.path("store.db").exists());
    import("good.csv --dry-run").expect(0).says(&["can be imported"]);
    assert!(!place.path("store.db").exists());
    import("good.csv").expect(0).says(&["3 events of 2 identities"]);
    import("good.csv").expect(2).says(&["good.csv:2", "good.csv:3"]);
    place.identity("show one").expect(0).says(&[
        "One, Inc.",
        "owner: olga",
        "environments: production, staging",
        "key sha256:00112233",
    ]);
    place.identity("show two").expect(0).says(&["repository 1000 of owner 20"]);
}

#[test]
fn an_export_is_imported_again() {
    let place = Place::new();
    active(&place);
    let events = place.identity("export").expect(0).stdout;
    assert_eq!(events.lines().count(), 5);
    let other = Place::new();
    other.put("events.jsonl", &events);
    other.identity("import events.jsonl --reason move --actor alice").expect(0).says(&["5 events of 1"]);
    assert_eq!(other.identity("export").expect(0).stdout, events);
    let shown = |place: &Place| place.identity("show acme --at 2026-06-02T00:00:00Z").expect(0).stdout;
    assert_eq!(shown(&other), shown(&place));
    other.put("cut.jsonl", &events.replace("Acme", "Acme\u{202e}"));
    other.identity("import cut.jsonl --reason move").expect(2).says(&["cut.jsonl:1"]);
    let csv = place.identity("export --format csv").expect(0).stdout;
    assert!(
        csv.lines().nth(1).unwrap().contains(&format!("acme,x509-code-signing,Acme GmbH,command line,{KEY}")),
        "{csv}"
    );
}

/// The key of the Authenticode sample.
fn key_of_sample(place: &Place) -> String {
    let inspected = run_in(place.0.path(), &["inspect", "--format", "json", &sample("conpty.dll")]).expect(0).json();
    inspected["signatures"][0]["signer"]["spki_sha256"].as_str().unwrap().to_owned()
}

#[test]
fn recording_changes_nothing_that_is_said() {
    let place = Place::new();
    let in_home = |more: &[&str]| {
        let mut command = program::command();
        command.env("XDG_DATA_HOME", place.path("data")).env("HOME", place.0.path());
        let at = ["verify", "--at", "2026-11-23T00:00:00Z", "--no-discover"];
        command.args(at).args(more).arg(sample("conpty.dll")).output().unwrap()
    };
    for format in ["text", "json", "jsonl", "sarif"] {
        let (plain, recorded) = (in_home(&["--format", format]), in_home(&["--format", format, "--record"]));
        assert_eq!((plain.status.code(), plain.stdout), (recorded.status.code(), recorded.stdout), "{format}");
    }
    #[cfg(target_os = "linux")]
    assert!(place.path("data/countersign/store.db").exists());
    active(&place);
    for format in ["text", "json", "jsonl", "sarif"] {
        let asked = place.verify(&["--format", format, &sample("conpty.dll")]);
        let recorded = place.verify(&["--record", "--place", "host-1", "--format", format, &sample("conpty.dll")]);
        assert_eq!((asked.code, asked.stdout), (recorded.code, recorded.stdout), "{format}");
    }
    place.identity("check").expect(0).says(&["4 verdicts"]);
}

#[test]
fn a_tree_is_recorded() {
    let place = Place::new();
    let ran = place.verify(&["--record", "--format", "jsonl", &sample(".")]);
    assert!(ran.code == 1 || ran.code == 3, "{}", ran.stderr);
    let verdicts = ran.stdout.lines().count();
    assert!(verdicts > 4);
    place.identity("check").expect(0).says(&[&format!("{verdicts} verdicts")]);
}

#[test]
fn a_verdict_is_never_lost_to_the_store() {
    let place = Place::new();
    place.put("store.db", &"this is no database at all. ".repeat(200));
    let ran = place.verify(&["--record", "--format", "json", &sample("conpty.dll")]).expect(2);
    assert_eq!(ran.json()["decision"], "refuse");
    ran.says(&["is not a store of Countersign"]);
    // Without --record a registry that cannot be asked means that there is no verdict.
    let ran = place.verify(&["--format", "json", &sample("conpty.dll")]).expect(2);
    assert_eq!(ran.stdout, "");
}

/// As if the disk were full: no file may grow beyond 64 KiB.
#[cfg(unix)]
#[test]
fn a_full_disk_leaves_nothing_half_written() {
    let place = Place::new();
    active(&place);
    let before = place.identity("export").expect(0).stdout;
    let program = env!("CARGO_BIN_EXE_countersign");
    let line = format!(
        "trap '' XFSZ; ulimit -f 64; exec {program} identity --store store.db import big.csv --reason x --actor alice"
    );
    let rows =
        (0..2_000).map(|number| format!("id-{number},ssh,{},team-{number}\n", "name ".repeat(40))).collect::<String>();
    place.put("big.csv", &format!("id,kind,name,team-id\n{rows}"));
    let ran = std::process::Command::new("bash").args(["-c", &line]).current_dir(place.0.path()).output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(ran.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("no room left") || stderr.contains("cannot be opened or written"), "{stderr}");
    assert_eq!(place.identity("export").expect(0).stdout, before);
    place.identity("check").expect(0);
}

#[test]
fn blast_finds_what_was_relied_on() {
    let place = Place::new();
    let key = key_of_sample(&place);
    place.change(1, "alice", &format!("add contoso --kind x509-code-signing --name Signer --key {key}")).expect(0);
    place.verify(&["--record", "--place", "host-1", &sample("conpty.dll")]);
    place.verify(&["--record", "--place", "host-2", &sample("conpty.dll")]);
    place.verify(&["--record", "--place", "host-2", &sample("conpty-tampered.dll"), &sample("self-signed.exe")]);
    let digest = run_in(place.0.path(), &["inspect", "--format", "json", &sample("conpty.dll")]).json();
    let digest = digest["artifact"]["digests"]["sha256"].as_str().unwrap().to_owned();
    place.put("inventory.csv", &format!("place,digest,version\nhost-9,{digest},1.2.3\nhost-9,{},\n", "0".repeat(64)));
    place.identity("import-inventory inventory.csv --at 2026-05-05T00:00:00Z").expect(0).says(&["2 lines"]);
    place.put("bad.json", r#"[{"place":"x","digest":"zz"},{"place":"","digest":"00"}]"#);
    place.identity("import-inventory bad.json").expect(2).says(&["bad.json:1", "bad.json:2"]);

    place.identity("blast contoso").expect(2).says(&["--since"]);
    let lost = place.identity("blast contoso --since 2020-01-01T00:00:00Z --format json").expect(0).json();
    assert_eq!((&lost["totals"]["lost"], &lost["totals"]["verdicts"]), (&1.into(), &2.into()), "{lost}");
    assert_eq!(lost["totals"]["places"], 3);
    let artifact = &lost["artifacts"][0];
    assert_eq!((artifact["effect"].as_str(), artifact["versions"][0].as_str()), (Some("lost"), Some("1.2.3")));
    let places: Vec<&str> =
        artifact["places"].as_array().unwrap().iter().map(|at| at["place"].as_str().unwrap()).collect();
    assert_eq!(places, ["host-1", "host-2", "host-9"]);

    place.change(2, "alice", "compromise contoso --since 2026-01-01T00:00:00Z").expect(0);
    let saved = place.identity("blast contoso").expect(0);
    saved.says(&["1 saved", "0 lost", "conpty.dll", "host-9"]);
}

#[test]
fn a_compromise_reaches_every_verdict() {
    let place = Place::new();
    let key = key_of_sample(&place);
    place.change(1, "scanner", &format!("add contoso --kind x509-code-signing --name Signer --key {key}")).expect(0);
    let fields = "--set purpose=releases --set environments=lab,production --set review-due=2027-06-01T00:00:00Z \
                  --set end-of-life=end_of_product --set escalation=on-call";
    place.change(2, "alice", &format!("claim contoso --owner olga --second-owner sam {fields}")).expect(0);
    place.change(3, "alice", "bind contoso --proof certificate").expect(0);
    place.change(4, "bob", "approve contoso").expect(0);
    place.change(5, "alice", "activate contoso --since 2025-01-01T00:00:00Z").expect(0);
    let lab = |more: &[&str]| place.verify(&[&["--environment", "lab"], more, &[&sample("conpty.dll")]].concat());
    lab(&["--record", "--place", "host-1"]).expect(0);
    let blast = |since: &str| place.identity(&format!("blast contoso --since {since} --format json")).expect(0).json();
    let (before, after) = (blast("2025-10-09T00:00:00Z"), blast("2025-10-10T00:00:00Z"));
    assert_eq!(
        (&before["totals"]["lost"], &before["totals"]["admitted_no_longer"]),
        (&1.into(), &1.into()),
        "{before}"
    );
    assert_eq!((&after["totals"]["saved"], &after["totals"]["admitted_no_longer"]), (&1.into(), &0.into()), "{after}");
    // Asking what would be changes nothing; recording it does.
    lab(&[]).expect(0);
    place.change(6, "alice", "compromise contoso --since 2025-10-10T00:00:00Z").expect(0);
    lab(&[]).expect(0).says(&["before `contoso` was compromised"]);
    place.change(7, "alice", "compromise contoso --since 2025-10-09T00:00:00Z").expect(0);
    lab(&[]).expect(1);
}

#[test]
fn what_was_learnt_is_proposed_and_never_taken_silently() {
    let place = Place::new();
    let learnt = run_in(
        place.0.path(),
        &["identity", "--store", "store.db", "learn", &sample("."), "-o", "new.jsonl", "--actor", "alice"],
    );
    learnt.expect(0).says(&["identities proposed", "review the file"]);
    assert!(!place.path("store.db").exists());
    let proposals = fs::read_to_string(place.path("new.jsonl")).unwrap();
    let events = proposals.lines().count();
    let count = proposals.lines().filter(|line| line.contains(r#""discovered":"#)).count();
    assert!(count >= 1 && events > count);
    assert!(proposals.contains(r#""bound":"#) && proposals.contains(r#""expected":"#));
    place.identity("import new.jsonl --reason reviewed --actor bob").expect(0).says(&[&format!("{events} events")]);
    place.identity("list --state discovered").expect(0).says(&[&format!("{count} of {count}")]);
    let again = run_in(
        place.0.path(),
        &["identity", "--store", "store.db", "learn", &sample("."), "-o", "again.jsonl", "--actor", "alice"],
    );
    again.expect(3).says(&[&format!("0 identities proposed, {count} known already")]);
    assert!(!place.path("again.jsonl").exists());
}
