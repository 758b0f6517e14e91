//! `policy explain`, `test`, `diff` and `learn`, run as their users run them.

#![allow(missing_docs)]

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use program::{Ran, run_in, write_owner_keys};
use tempfile::TempDir;

const POLICY: &str = r#"schema = 1
name = "acme"

[environment.production.signed]
intact = "required"
timestamp = "verified"

[environment.production.signer]
vouched = "by-anchor"
expected = { signer = "Microsoft Corporation" }

[environment.production.path]
provenance = "verified"

[environment.production]
effective_on = { provenance = 2027-06-01 }

[environment.lab]
inherits = "production"
warn = ["expected", "timestamp"]

[environment.lab.signer]
vouched = "by-anchor-or-itself"
"#;

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples").canonicalize().unwrap()
}

/// A folder with a policy and the samples of the project.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("acme.toml"), POLICY).unwrap();
    for name in ["conpty.dll", "conpty-tampered.dll", "self-signed.exe", "pypi_attestations-0.0.19.tar.gz"] {
        fs::copy(samples().join(name), folder.path().join(name)).unwrap();
    }
    for ending in ["publish", "slsa"] {
        let name = format!("pypi_attestations-0.0.19.tar.gz.{ending}.attestation");
        fs::copy(samples().join(&name), folder.path().join(&name)).unwrap();
    }
    folder
}

fn policy(folder: &TempDir, arguments: &[&str]) -> Ran {
    run_in(folder.path(), &[&["policy"], arguments].concat())
}

fn table(folder: &TempDir, cases: &str) {
    let text = format!("schema = 1\nat = 2026-11-23\n{cases}");
    fs::write(folder.path().join("acme.tests.toml"), text).unwrap();
}

#[test]
fn a_policy_is_explained() {
    let folder = folder();
    policy(&folder, &["explain", "acme.toml", "--environment", "lab", "--at", "2026-11-23T00:00:00Z"]).expect(0).says(
        &[
            "environment lab, inherits from production\n",
            "    intact = \"required\"\n",
            "      stated in production\n",
            "      only warned of until 2027-06-01T00:00:00Z, stated in production\n",
            "here: a self-signed certificate passes too, with a finding\n",
        ],
    );
    policy(&folder, &["explain"]).expect(0).says(&["policy built-in", "environment lab", "no waivers"]);
    policy(&folder, &["explain", "acme.toml", "--environment", "lba"]).expect(2).says(&["it has: lab, production"]);
}

#[test]
fn cases_come_out_as_expected_or_not() {
    let folder = folder();
    table(
        &folder,
        r#"
        [[case]]
        name = "signed"
        artifact = "conpty.dll"
        expect = { decision = "admit", signed = "yes", findings = ["requirement-warned"] }

        [[case]]
        name = "next year"
        artifact = "conpty.dll"
        at = 2027-06-01T00:00:00Z
        expect = { decision = "refuse-for-lack-of-evidence", path = "not-established" }

        [[case]]
        name = "changed"
        artifact = "conpty-tampered.dll"
        expect = { decision = "refuse", requirements = { intact = { answer = "no", reason = "digest-mismatch" } } }

        [[case]]
        name = "somebody else"
        artifact = "pypi_attestations-0.0.19.tar.gz"
        options = { no-discover = true, evidence = "pypi_attestations-0.0.19.tar.gz.publish.attestation" }
        expect = { decision = "refuse", requirements = { expected = "no", provenance = "not-established" } }

        [[case]]
        name = "on a desk"
        environment = "lab"
        artifact = "self-signed.exe"
        expect = { decision = "admit", requirements = { expected = "no" } }
        "#,
    );
    for file in ["acme.toml", "acme.tests.toml"] {
        policy(&folder, &["test", file]).expect(0).says(&[
            "5 cases: 5 as expected, 0 not\n",
            "production: 4 of 5 requirements and rules seen met, 5 seen failing\n    never met: provenance\n",
            "lab: 2 of 5 requirements and rules seen met, 3 seen failing\n",
        ]);
    }
    let text = fs::read_to_string(folder.path().join("acme.tests.toml")).unwrap();
    fs::write(folder.path().join("acme.tests.toml"), text.replacen("admit", "refuse", 1)).unwrap();
    policy(&folder, &["test", "acme.toml"])
        .expect(1)
        .says(&["FAIL  signed\n          decision: expected refuse, found admit\n", "4 as expected, 1 not"]);
    policy(&folder, &["test", "acme.toml", "--case", "next*"]).expect(0).says(&["1 cases: 1 as expected"]);
}

#[test]
fn the_example_of_the_documentation_comes_out_as_it_says() {
    let docs = samples().join("../docs/examples");
    run_in(&docs, &["policy", "test", "policy-windows.toml"]).expect(0).says(&["3 cases: 3 as expected, 0 not\n"]);
}

#[test]
fn what_tests_nothing_is_no_success() {
    let folder = folder();
    table(&folder, "");
    policy(&folder, &["test", "acme.toml"]).expect(2).says(&["there is no case"]);
    let case = "[[case]]\nname = \"a\"\nartifact = \"conpty.dll\"\nexpect = { decision = \"admit\" }\n";
    table(&folder, case);
    policy(&folder, &["test", "acme.toml", "--case", "b*"]).expect(2).says(&["no case is called like `b*`"]);
    policy(&folder, &["test", "other.toml"]).expect(2).says(&["other.tests.toml: no such file"]);
    policy(&folder, &["test", "conpty.dll"]).expect(2).says(&["is neither a table of cases"]);
    table(&folder, &case.replace("conpty.dll", "missing.dll"));
    policy(&folder, &["test", "acme.toml"]).expect(2).says(&[
        "ERROR a\n",
        "missing.dll: no such file",
        "1 could not be judged",
    ]);
    table(&folder, &case.replace("expect", "envronment = \"lab\"\nexpect"));
    policy(&folder, &["test", "acme.toml"])
        .expect(2)
        .says(&["acme.tests.toml:6:1: unknown key of a case: `envronment` (did you mean `environment`?)"]);
    table(&folder, &case.replace("expect", "environment = \"moon\"\nexpect"));
    policy(&folder, &["test", "acme.toml"]).expect(2).says(&["no environment `moon`"]);
    table(&folder, &case.replace("expect", "options = { policy = \"x\" }\nexpect"));
    policy(&folder, &["test", "acme.toml"]).expect(2).says(&["unknown option `policy`"]);
    table(&folder, &case.replace("expect", "options = { limit = \"speed=1\" }\nexpect"));
    policy(&folder, &["test", "acme.toml"]).expect(2).says(&["case `a`: ", "speed"]);
}

#[test]
fn a_dossier_is_judged_without_its_artifact() {
    let folder = folder();
    let dossier =
        run_in(folder.path(), &["inspect", "conpty.dll", "--format", "dossier", "--at", "2026-11-23T00:00:00Z"]);
    fs::write(folder.path().join("conpty.json"), dossier.expect(0).stdout).unwrap();
    let case =
        "[[case]]\nname = \"a\"\ndossier = \"conpty.json\"\nexpect = { decision = \"admit\", signed = \"yes\" }\n";
    table(&folder, case);
    fs::remove_file(folder.path().join("conpty.dll")).unwrap();
    policy(&folder, &["test", "acme.toml"]).expect(0);
    fs::write(folder.path().join("conpty.json"), "{}").unwrap();
    policy(&folder, &["test", "acme.toml"]).expect(2).says(&["conpty.json: is no dossier"]);
}

#[test]
fn recorded_verdicts_that_another_policy_changes_are_listed() {
    let folder = folder();
    for (artifact, code) in [("conpty.dll", 0), ("conpty-tampered.dll", 1)] {
        let at = ["--at", "2026-11-23T00:00:00Z"];
        let record = ["verify", artifact, "--policy", "acme.toml", "--record", "--store", "s.db", "--place", "here"];
        run_in(folder.path(), &[&record[..], &at].concat()).expect(code);
    }
    let stricter =
        POLICY.replace("effective_on = { provenance = 2027-06-01 }", "effective_on = { provenance = 2026-06-01 }");
    fs::write(folder.path().join("new.toml"), &stricter).unwrap();
    policy(&folder, &["diff", "acme.toml", "acme.toml", "--store", "s.db"]).expect(0).says(&[
        "both policies say the same\n",
        "2 recorded verdicts\n         1 stay admitted\n         1 stay refused\n",
    ]);
    let ran = policy(&folder, &["diff", "acme.toml", "new.toml", "--store", "s.db"]).expect(1);
    ran.says(&[
        "~ production.path.provenance = \"verified\", in force from 2026-06-01T00:00:00Z on (was \"verified\", in force from 2027-06-01T00:00:00Z on)\n",
        "1 admitted -> refused for lack of evidence\n",
        "conpty.dll sha256:7c743063",
        "    provenance not-established (no-provenance)\n",
    ]);
    let json =
        policy(&folder, &["diff", "acme.toml", "new.toml", "--store", "s.db", "--format", "json"]).expect(1).json();
    assert_eq!(json["recorded"]["changed"][0]["because"][0]["requirement"], "provenance");
    assert_eq!(json["recorded"]["decisions"][0]["after"], "refuse-for-lack-of-evidence");
    assert_eq!(json["differences"].as_array().unwrap().len(), 2);
    // Without a store only what they say is compared.
    policy(&folder, &["diff", "acme.toml", "new.toml", "--environment", "lab"])
        .expect(1)
        .says(&["~ lab.path.provenance"]);
    policy(&folder, &["diff", "acme.toml", "acme.toml"]).expect(0);
    policy(&folder, &["diff", "acme.toml", "new.toml", "--store", "none.db"])
        .expect(2)
        .says(&["there is no store here"]);
    // A store without verdicts shows nothing.
    let add = "identity --store empty.db add acme --kind kms --name Acme --key \
               0000000000000000000000000000000000000000000000000000000000000000 --actor alice --reason T-1";
    run_in(folder.path(), &add.split_whitespace().collect::<Vec<_>>()).expect(0);
    policy(&folder, &["diff", "acme.toml", "new.toml", "--store", "empty.db"]).expect(3);
    let renamed = POLICY.replace("environment.production", "environment.prod").replace("\"production\"", "\"prod\"");
    fs::write(folder.path().join("renamed.toml"), renamed).unwrap();
    policy(&folder, &["diff", "acme.toml", "renamed.toml", "--store", "s.db"])
        .expect(1)
        .says(&["2 are of an environment"]);
}

#[test]
fn a_first_policy_is_learnt_and_admits_what_it_was_learnt_from() {
    let folder = folder();
    let at = ["--at", "2026-11-23T00:00:00Z"];
    let learn = |arguments: &[&str]| policy(&folder, &[&["learn"], arguments, &at].concat());
    let good = "pypi_attestations-0.0.19.tar.gz";
    learn(&[good, "-o", "learnt.toml", "--name", "tools"])
        .expect(0)
        .says(&["learnt.toml: written", "learnt from 1 artifacts"]);
    policy(&folder, &["check", "learnt.toml"]).expect(0).says(&["policy `tools` can be used"]);
    let verify =
        |artifact: &str| run_in(folder.path(), &[&["verify", artifact, "--policy", "learnt.toml"], &at[..]].concat());
    verify(good).expect(0);
    verify("conpty.dll").expect(1);
    // Never over a file that is there, and never from what does not verify.
    learn(&[good, "-o", "learnt.toml"]).expect(2).says(&["is there already"]);
    learn(&["conpty-tampered.dll", "-o", "bad.toml"]).expect(3).says(&["in none of the artifacts"]);
    assert!(!folder.path().join("bad.toml").exists());
    let all = learn(&["."]).expect(0);
    for words in [
        "# Learnt from 2 artifacts",
        "#   conpty-tampered.dll (intact: digest-mismatch)",
        "# `provenance` is not met by 1 of 2:",
    ] {
        assert!(all.stdout.contains(words), "{words}: {}", all.stdout);
    }
}

#[test]
fn a_waiver_admits_and_says_so() {
    let folder = folder();
    let waived = format!(
        "{}\n[[waiver]]\nid = \"INC-1\"\nrequirement = \"provenance\"\nartifact = \"sha256:7c7430632052ff703540b68371ec43821820aa1335d8e11dfbcd9ff00e9daaed\"\nowner = \"a@x.example\"\n\
         approved_by = [\"b@x.example\"]\nreason = \"none to be had\"\ngranted = 2026-11-01\nexpires = 2027-01-01\n",
        POLICY.replace("effective_on = { provenance = 2027-06-01 }", "effective_on = { provenance = 2026-06-01 }")
    );
    fs::write(folder.path().join("waived.toml"), waived).unwrap();
    let verify = |at: &str, format: &str| {
        run_in(folder.path(), &["verify", "conpty.dll", "--policy", "waived.toml", "--at", at, "--format", format])
    };
    let now = "2026-11-23T00:00:00Z";
    verify(now, "text")
        .expect(0)
        .says(&["admitted under 1 waiver (exit 0)", "provenance by INC-1 until 2027-01-01T00:00:00Z: none to be had"]);
    let json = verify(now, "json").expect(0).json();
    assert_eq!(json["questions"]["path"]["answer"], "not-established");
    assert_eq!(json["questions"]["path"]["requirements"][0]["waived_by"], "INC-1");
    let sarif = verify(now, "sarif").expect(0).json();
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["status"], "accepted");
    verify("2027-01-01T00:00:00Z", "text").expect(3).says(&["waiver-expired"]);
}

#[test]
fn a_policy_counts_only_with_the_signatures_of_its_owners() {
    let folder = folder();
    write_owner_keys(folder.path());
    let owned = ["--policy-key", "jo.pub", "--policy-key", "kim.pub", "--policy-key", "lee.pub"];
    let two = [&owned[..], &["--policy-threshold", "2"]].concat();
    let check = |options: &[&str]| policy(&folder, &[&["check", "acme.toml"], options].concat());
    let sign = |name: &str| policy(&folder, &["sign", "acme.toml", "--sign-key", &format!("{name}.pem")]);
    check(&two).expect(2).says(&["acme.toml.dsse.json", "policy sign"]);
    sign("jo").expect(0).says(&["policy `acme` is signed by sha256:"]);
    sign("jo").expect(0);
    check(&two).expect(2).says(&["1 of the 2 owners that are needed"]);
    sign("lee").expect(0);
    check(&two).expect(0).says(&["signed by 2 owners"]);
    check(&owned).expect(2).says(&["2 of the 3 owners that are needed"]);
    check(&["--policy-threshold", "1"]).expect(2);
    let verify = |policy: &[&str]| {
        let given = ["verify", "conpty.dll", "--at", "2026-11-23T00:00:00Z"];
        run_in(folder.path(), &[&given, policy, &two].concat())
    };
    verify(&["--policy", "acme.toml"]).expect(0);
    verify(&[]).expect(2).says(&["nobody signed the built-in policy"]);
    // A change that keeps it a policy, and would admit more.
    fs::write(
        folder.path().join("acme.toml"),
        POLICY.replace("timestamp = \"verified\"\n", "").replace(", \"timestamp\"", ""),
    )
    .unwrap();
    verify(&["--policy", "acme.toml"]).expect(2).says(&["signs another text"]);
    sign("kim").expect(2).says(&["signs another text", "have it signed anew"]);
    fs::write(folder.path().join("acme.toml"), "schema = 1").unwrap();
    sign("kim").expect(2).says(&["mistake"]);
}
