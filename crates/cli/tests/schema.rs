//! The JSON Schema that is shipped is the one of the code, and real verdicts fit it.

#![allow(missing_docs)]

#[path = "../../core/tests/json_schema/mod.rs"]
mod json_schema;
mod program;

use std::fs;
use std::path::Path;

use json_schema::mistakes;
use program::{run, run_in};
use serde_json::Value;

fn shipped(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_shipped_schema_is_the_one_of_the_code() {
    for (document, file) in [("verdict", "verdict-v1.json"), ("facts", "facts-v1.json")] {
        let now = run(&["schema", document]).expect(0);
        assert_eq!(now.json(), shipped(file), "run: cargo xtask schema");
    }
}

#[test]
fn verdicts_fit_the_schema() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "x").unwrap();
    let bundle = br#"{"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"AA=="}]}"#;
    fs::write(folder.path().join("a.intoto.jsonl"), bundle).unwrap();
    let schema = shipped("verdict-v1.json");
    let zeros = format!("sha256:{}", "0".repeat(64));
    for arguments in [&["a"][..], &["--environment", "lab", "a"], &["--digest", &zeros], &["--no-discover", "a"]] {
        let verdict = run_in(folder.path(), &[&["verify", "--format", "json"], arguments].concat()).json();
        assert_eq!(mistakes(&schema, &schema, &verdict, "$"), Vec::<String>::new());
    }
}

#[test]
fn facts_are_explained_one_by_one_or_as_a_list() {
    let schema = shipped("facts-v1.json");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples");
    let one = run_in(&samples, &["explain", "--facts", "conpty.dll"]).expect(0).json();
    assert_eq!(mistakes(&schema, &schema, &one, "$"), Vec::<String>::new());
    assert_eq!(one["artifact"]["name"], "conpty.dll");
    let options = ["--at", "2026-11-01T00:00:00Z", "--environment", "lab"];
    let several = ["explain", "--facts", "conpty.dll", "pypi_attestations-0.0.19.tar.gz"];
    let list = run_in(&samples, &[&several[..], &options].concat()).expect(0).json();
    let facts = list.as_array().unwrap();
    assert_eq!(facts.len(), 2);
    for one in facts {
        assert_eq!(mistakes(&schema, &schema, one, "$"), Vec::<String>::new());
        assert_eq!((&one["now"], &one["env"]), (&Value::from("2026-11-01T00:00:00Z"), &Value::from("lab")));
    }
    assert_eq!(facts[1]["provenance"][0]["vouched_by"]["source"], "ca");
    run_in(&samples, &["explain", "--facts", "--question", "path", "conpty.dll"]).expect(2);
}

#[test]
fn the_check_notices_what_does_not_fit() {
    let schema = shipped("verdict-v1.json");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a"), "x").unwrap();
    let verdict = run_in(folder.path(), &["verify", "--format", "json", "a"]).json();
    let spoilt = |spoil: fn(&mut Value)| {
        let mut copy = verdict.clone();
        spoil(&mut copy);
        mistakes(&schema, &schema, &copy, "$")
    };
    assert_eq!(spoilt(|v| v["decision"] = "allow".into()).len(), 1);
    assert_eq!(spoilt(|v| v["schema"] = "countersign/verdict/v2".into()).len(), 1);
    assert_ne!(spoilt(|v| v["artifact"]["size"] = "1".into()).len(), 0);
    assert_eq!(spoilt(|v| drop(v.as_object_mut().unwrap().remove("claims"))).len(), 1);
    assert_eq!(spoilt(|v| v["questions"]["signed"]["requirements"][0]["reason"] = "Free text".into()).len(), 1);
}
