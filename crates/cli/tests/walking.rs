//! Directories: everything in them is judged or reported, in a stable order, within bounds.

#![allow(missing_docs)]

mod program;

use std::fs;

use program::run_in;

#[test]
fn a_directory_gives_one_verdict_per_file_in_a_stable_order() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..1_500 {
        let place = folder.path().join(format!("{:02}", number % 20));
        fs::create_dir_all(&place).unwrap();
        fs::write(place.join(format!("{number:04}")), number.to_string()).unwrap();
    }
    let first = run_in(folder.path(), &["verify", "--format", "jsonl", "--at", "1795392000", "."]).expect(1).within(60);
    let paths: Vec<String> = first.stdout.lines().map(path_of).collect();
    assert_eq!(paths.len(), 1_500);
    assert!(paths.is_sorted());
    let second = run_in(folder.path(), &["verify", "--format", "jsonl", "--at", "1795392000", "."]);
    assert_eq!(first.stdout, second.stdout);
    if let Some(peak) = first.peak_kib {
        assert!(peak <= 150 << 10, "{peak} KiB resident");
    }
}

fn path_of(line: &str) -> String {
    let verdict: serde_json::Value = serde_json::from_str(line).unwrap();
    verdict["artifact"]["path"].as_str().unwrap().to_owned()
}

#[test]
fn a_program_cannot_hide_behind_the_name_of_a_signature() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("app"), "x").unwrap();
    fs::write(folder.path().join("app.sig"), "#!/bin/sh\nrm -rf /\n").unwrap();
    let ran = run_in(folder.path(), &["verify", "--format", "jsonl", "."]).expect(1);
    assert_eq!(ran.stdout.lines().map(path_of).collect::<Vec<_>>(), ["./app", "./app.sig"]);
}

#[test]
fn every_format_is_one_whole_document() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "b", "c"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let json = run_in(folder.path(), &["verify", "--format", "json", "."]).expect(1);
    assert_eq!(json.json().as_array().unwrap().len(), 3);
    let sarif = run_in(folder.path(), &["verify", "--format", "sarif", ".", "missing"]).expect(2).json();
    let notes = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert_eq!(notes.as_array().unwrap().len(), 1);
    assert!(sarif["runs"][0]["results"].as_array().unwrap().len() >= 9);
    let text = run_in(folder.path(), &["verify", "a", "b"]).expect(1);
    assert!(text.stdout.ends_with("2 artifacts: 0 admitted, 2 refused, 0 refused for lack of evidence (exit 1)\n"));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_tree_is_reported_and_not_followed() {
    let (outside, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(outside.path().join("secret"), "x").unwrap();
    fs::write(folder.path().join("a"), "x").unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
    std::os::unix::fs::symlink(folder.path(), folder.path().join("cycle")).unwrap();
    let ran =
        run_in(folder.path(), &["verify", "--format", "jsonl", "."]).expect(2).says(&["symbolic link out of the tree"]);
    assert_eq!(ran.stdout.lines().map(path_of).collect::<Vec<_>>(), ["./a"]);
}
