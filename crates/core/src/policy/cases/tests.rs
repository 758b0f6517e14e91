use super::*;

const GOOD: &str =
    "schema = 1\nat = 2026-11-23\n[[case]]\nname = \"a\"\nartifact = \"app\"\nexpect = { decision = \"admit\" }\n";

fn errors(text: &str) -> String {
    let table = CaseTable::parse(text, "t", &["signer", "key"]);
    table.map_or_else(|errors| errors.to_string(), |table| format!("{} cases", table.cases.len()))
}

#[test]
fn a_case_says_what_is_judged_and_what_comes_out() {
    let text = format!(
        "{GOOD}[[case]]\nname = \"b\"\nenvironment = \"lab\"\ndossier = \"d.json\"\nat = 2026-01-01T00:00:00Z\n\
         options = {{ signer = \"Acme\", key = [\"a\", \"b\"] }}\n[case.expect]\ndecision = \"refuse\"\nsigner = \"no\"\n\
         findings = [\"self-signed\"]\n[case.expect.requirements]\nvouched = \"no\"\n\
         timestamp = {{ answer = \"not-established\", reason = \"time-not-proven\", waived_by = \"W\" }}\n"
    );
    let table = CaseTable::parse(&text, "t", &["signer", "key"]).unwrap();
    let [first, second] = table.cases.as_slice() else { panic!("{table:?}") };
    assert_eq!(first.subject, Subject::Artifact("app".to_owned()));
    assert_eq!((first.environment.as_str(), first.at.to_string().as_str()), ("production", "2026-11-23T00:00:00Z"));
    assert_eq!(second.subject, Subject::Dossier("d.json".to_owned()));
    assert_eq!(second.options[0].values, ["a", "b"]);
    assert_eq!(second.expected.answers, [(Question::Signer, Answer::No)]);
    assert_eq!(second.expected.requirements[0].waived_by.as_deref(), Some("W"));
    assert_eq!(second.expected.findings, [FindingId::SelfSigned]);
}

#[test]
fn every_mistake_has_its_place() {
    let mut wrong = Vec::new();
    for (text, error) in [
        ("schema = 1\n", "t:1:1: there is no case (add [[case]]: a table without cases tests nothing)"),
        ("schema = 1\ncase = []\n", "t:2:8: 0 cases; 1 to 10000 are possible"),
        ("schema = 1\ncase = 1\n", "t:2:8: `case` must be a list of tables, each under [[case]], found: integer"),
        (
            "schema = 1\n[[cases]]\nname = \"a\"\n",
            "t:1:1: there is no case (add [[case]]: a table without cases tests nothing)\nt:2:3: unknown key `cases` (did you mean `case`?)",
        ),
        (&GOOD.replace("at = 2026-11-23\n", ""), "t:2:1: a case lacks `at` (add `at = 2026-11-23T00:00:00Z`)"),
        (
            &GOOD.replace("2026-11-23", "\"today\""),
            "t:2:6: `at` must be a date, found: string (write `at = 2027-01-31`, which begins at 00:00 UTC)",
        ),
        (
            &GOOD.replace("artifact = \"app\"\n", ""),
            "t:3:1: it is not clear what is judged (name one of `artifact`, `digest` and `dossier`)",
        ),
        (
            &GOOD.replace("artifact = \"app\"", "artifact = \"app\"\ndossier = \"d\""),
            "t:3:1: it is not clear what is judged (name one of `artifact`, `digest` and `dossier`)",
        ),
        (
            &GOOD.replace("artifact = \"app\"", "digest = \"sha256:00\""),
            "t:5:10: `sha256:00` is no digest: expected ALGORITHM:HEX with sha256, sha384, sha512, sha1 or md5",
        ),
        (
            &GOOD.replace("artifact", "artefact"),
            "t:3:1: it is not clear what is judged (name one of `artifact`, `digest` and `dossier`)\nt:5:1: unknown key of a case: `artefact` (did you mean `artifact`?)",
        ),
        (
            &GOOD.replace("expect = { decision = \"admit\" }\n", ""),
            "t:3:1: a case lacks `expect` (add `expect = { decision = \"admit\" }`)",
        ),
        (
            &GOOD.replace("decision = \"admit\"", ""),
            "t:6:10: `expect` is empty (require something, or leave the section out)",
        ),
        (
            &GOOD.replace("decision = \"admit\"", "signed = \"yes\""),
            "t:6:10: a case lacks `decision` (add `decision = \"admit\"`)",
        ),
        (
            &GOOD.replace("\"admit\"", "\"admitted\""),
            "t:6:23: unknown value of `decision`: `admitted` (known: admit, refuse, refuse-for-lack-of-evidence)",
        ),
        (
            &GOOD.replace("\"admit\"", "\"admit\", signer = \"maybe\""),
            "t:6:41: unknown value of `signer`: `maybe` (known: no, not-established, yes)",
        ),
        (
            &GOOD.replace("\"admit\"", "\"admit\", requirements = { voched = \"yes\" }"),
            "t:6:49: unknown requirement `voched` (did you mean `vouched`?)",
        ),
        (
            &GOOD.replace(
                "\"admit\"",
                "\"admit\", requirements = { vouched = { answer = \"no\", reason = \"self-singed\" } }",
            ),
            "t:6:85: \"self-singed\" is no reason of a verdict (did you mean `self-signed`?)",
        ),
        (
            &GOOD.replace("\"admit\"", "\"admit\", findings = [\"self-singed\"]"),
            "t:6:44: unknown finding `self-singed` (did you mean `self-signed`?)",
        ),
        (
            &format!("{GOOD}options = {{ singer = \"x\" }}\n"),
            "t:7:13: unknown option `singer` (did you mean `signer`?)",
        ),
        (
            &format!("{GOOD}options = {{ signer = 7 }}\n"),
            "t:7:22: `signer` must be a string, a list of strings or `true`, found: integer",
        ),
        (
            &format!("{GOOD}options = {{ signer = false }}\n"),
            "t:7:22: `signer` must be a string, a list of strings or `true`, found: boolean",
        ),
    ] {
        if errors(text) != error {
            wrong.push((error, errors(text)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(errors(GOOD), "1 cases");
}
