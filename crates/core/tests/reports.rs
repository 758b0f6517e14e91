//! Reports on evidence that an attacker wrote: nothing in it reaches a terminal as it is, and no report
//! loses it.

#![allow(missing_docs, clippy::arithmetic_side_effects, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Claims, Fact, Standing, Voucher};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::{ArtifactFacts, Dossier};
use countersign::evidence::{CheckId, Need, Origin, Outcome, Reason, Signature, SignatureId, Uncovered};
use countersign::finding::{Finding, FindingId};
use countersign::material::MaterialDates;
use countersign::policy::{Concerned, Expectations, Policy, Waiver};
use countersign::registry::Registry;
use countersign::reports::{Failure, Form, REPORTS, Tally, Verifier, Voice, explain, inspect_json, inspect_text};
use countersign::time::Time;
use countersign::verdict::{Answer, Decision, Question, Verdict, WaiverEffect, WaiverUse};

/// Clears the screen, reorders the line, hides, ends the line.
const HOSTILE: &str = "Evil\u{1b}[2J\u{9b}0m\u{202e}gnp.exe\u{200b}\u{7}\r\nadmitted (exit 0)";

fn signature() -> Signature {
    let mut signature = Signature::new("authenticode", Origin::File(HOSTILE.to_owned()));
    signature.position = Some(HOSTILE.to_owned());
    signature.signer.name = Some(HOSTILE.to_owned());
    signature.signer.issuer = Some(HOSTILE.to_owned());
    signature.signer.oidc_issuer = Some(HOSTILE.to_owned());
    signature.signer.san = vec![HOSTILE.to_owned()];
    signature.signer.fingerprint = Some(HOSTILE.to_owned());
    signature.signature_algorithm = Some(HOSTILE.to_owned());
    signature.chain = vec![HOSTILE.to_owned()];
    signature.coverage.uncovered = vec![Uncovered { range: 1..3, what: HOSTILE.to_owned() }];
    signature.check(CheckId::Signature, Outcome::Pass, HOSTILE);
    signature.check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), HOSTILE);
    signature.check(CheckId::Revocation, Outcome::Undecided(Need::RevocationStatus), HOSTILE);
    signature
}

fn verdict() -> Verdict {
    let sha256 = Digest::of(DigestAlgorithm::Sha256, b"x");
    let claim = Claim {
        fact: Fact::BuiltBy { builder: HOSTILE.to_owned(), build_type: None, graded: None },
        vouched_by: Voucher::Tenant,
        standing: Standing::Asserted,
        subject: Some(sha256),
        evidence: SignatureId(0).into(),
    };
    let finding =
        Finding { id: FindingId::UncoveredBytes, message: HOSTILE.to_owned(), signatures: vec![SignatureId(0)] };
    let dossier = Dossier {
        artifact: ArtifactFacts {
            name: HOSTILE.to_owned(),
            path: HOSTILE.to_owned(),
            size: Some(1),
            container: "data",
            digests: BTreeMap::from([(DigestAlgorithm::Sha256, sha256)]),
        },
        signatures: vec![signature()],
        claims: Claims::new(vec![claim]),
        findings: vec![finding],
        evidence: Vec::new(),
        layout: None,
        exports: Vec::new(),
        material: MaterialDates::default(),
    };
    let expectations = Expectations { signer: Some(HOSTILE.to_owned()), ..Expectations::default() };
    let terms = Terms {
        policy: &Policy::built_in(),
        environment: "production",
        expectations: &expectations,
        registry: &Registry::default(),
        at: Time::from_unix(0),
    };
    appraise(dossier, &terms).unwrap()
}

/// What may stand in a text for people: printable characters and line ends.
fn is_harmless(text: &str) -> bool {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    !text.chars().any(|c| (c.is_control() && c != '\n') || hidden(c))
}

#[test]
fn nothing_hostile_reaches_the_terminal() {
    let verdict = verdict();
    let verifier = Some(verifier());
    for form in [
        Form { verifier: verifier.clone(), ..Form::default() },
        Form { many: true, verifier: verifier.clone(), ..Form::default() },
        Form { ascii: true, verifier, ..Form::default() },
    ] {
        let mut texts: Vec<String> = REPORTS.iter().map(|report| (report.verdict)(&verdict, &form)).collect();
        texts.push(explain(&verdict, None, &form));
        texts.extend(Question::ALL.map(|question| explain(&verdict, Some(question), &form)));
        texts.push(inspect_text(&verdict.dossier, verdict.at, &form));
        texts.push(inspect_json(&verdict.dossier));
        for text in texts {
            assert!(is_harmless(&text), "{text:?}");
            assert!(!text.lines().any(|line| line.starts_with("admitted")), "{text}");
            assert!(!text.is_empty() && (!form.ascii || text.is_ascii() || text.contains('{')), "{text}");
        }
    }
}

#[test]
fn json_keeps_what_was_found_as_it_was() {
    let verdict = verdict();
    let (report, form) = (REPORTS.iter().find(|report| report.id == "json").unwrap(), Form::default());
    let document: serde_json::Value = serde_json::from_str(&(report.verdict)(&verdict, &form)).unwrap();
    let signature = &document["signatures"][0];
    assert_eq!(signature["signer"]["name"], HOSTILE);
    assert_eq!(signature["checks"][1]["detail"], HOSTILE);
    assert_eq!(signature["coverage"]["uncovered"], serde_json::json!([[1, 2, HOSTILE]]));
    assert_eq!(signature["state"], "untrusted");
    assert_eq!(document["claims"][0]["value"]["builder"], HOSTILE);
    assert_eq!(document["claims"][0]["standing"], "asserted");
    assert_eq!(document["findings"][0]["question"], "signed");
}

#[test]
fn sarif_is_one_document_with_a_rule_for_every_result() {
    let (verdict, form) = (verdict(), Form::default());
    let report = REPORTS.iter().find(|report| report.id == "sarif").unwrap();
    let mut tally = Tally::default();
    tally.count(verdict.decision);
    let text = (report.begin)(&form) + &(report.verdict)(&verdict, &form) + &(report.end)(&form, &tally);
    let run = serde_json::from_str::<serde_json::Value>(&text).unwrap()["runs"][0].clone();
    let rules: Vec<&str> =
        run["tool"]["driver"]["rules"].as_array().unwrap().iter().filter_map(|rule| rule["id"].as_str()).collect();
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 3);
    for result in results {
        assert!(rules.contains(&result["rule"]["id"].as_str().unwrap()), "{result}");
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(uri.starts_with("Evil%1B%5B2J") && uri.is_ascii(), "{uri}");
    }
    assert_eq!(run["invocations"][0]["exitCode"], verdict.decision.exit_code());
}

fn verifier() -> Verifier {
    Verifier::new("https://verify.example", Some("https://example.com/{name}")).unwrap()
}

/// The whole report on one verdict, in a run in which something else could not be judged.
fn whole(id: &str, verdict: &Verdict, many: bool) -> String {
    let report = REPORTS.iter().find(|report| report.id == id).unwrap();
    let form = Form { many, verifier: Some(verifier()), ..Form::default() };
    let failure = Failure { path: verdict.dossier.artifact.path.clone(), problem: HOSTILE.to_owned() };
    let mut tally = Tally { failures: vec![failure], ..Tally::default() };
    tally.count(verdict.decision);
    (report.begin)(&form) + &(report.verdict)(verdict, &form) + &(report.end)(&form, &tally)
}

#[test]
fn statements_are_written_only_in_somebodys_name_and_about_what_has_a_digest() {
    let verdict = verdict();
    let mut nameless = verdict.clone();
    nameless.dossier.artifact.digests =
        BTreeMap::from([(DigestAlgorithm::Sha1, Digest::of(DigestAlgorithm::Sha1, b"x"))]);
    let statements = REPORTS.iter().filter(|report| report.voice != Voice::Report);
    assert_eq!(statements.clone().count(), 2);
    let form = Form { verifier: Some(verifier()), ..Form::default() };
    for report in statements {
        assert_eq!((report.verdict)(&verdict, &Form::default()), "");
        assert_eq!((report.verdict)(&nameless, &form), "");
        let text = (report.verdict)(&verdict, &form);
        let statement: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(statement["subject"][0]["name"], HOSTILE);
        assert!(text.ends_with('\n') && text.lines().count() == 1);
    }
}

/// What would end an attribute, an element, a comment or a section, and what no XML document may hold.
const OF_XML: &str = "\"><failure/>' & ]]> --> \u{0}\u{8}\u{fffe}\u{ffff}<!DOCTYPE x>";

/// An element of the schema of Jenkins' xUnit plugin (`junit-10.xsd`): the attributes that it must and may have, and what
/// may stand in it.
type Element = (&'static str, &'static [&'static str], &'static [&'static str], &'static [&'static str]);

const SUITE: &[&str] = &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"];

const SCHEMA: [Element; 10] = [
    ("testsuites", &[], &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name", "tests", "failures", "errors"],
        SUITE,
        &["testsuite", "properties", "testcase", "system-out", "system-err"],
    ),
    ("properties", &[], &[], &["property"]),
    ("property", &["name", "value"], &[], &[]),
    (
        "testcase",
        &["name"],
        &["classname", "time", "group"],
        &["skipped", "error", "failure", "system-out", "system-err"],
    ),
    ("failure", &[], &["type", "message"], &[]),
    ("error", &[], &["type", "message"], &[]),
    ("skipped", &[], &["type", "message"], &[]),
    ("system-out", &[], &[], &[]),
    ("system-err", &[], &[], &[]),
];

/// Reads a report as XML and holds it against the schema.
fn junit(text: &str) -> (usize, usize) {
    let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    for node in document.descendants().filter(roxmltree::Node::is_element) {
        let name = node.tag_name().name();
        let (_, demanded, permitted, children) = SCHEMA.iter().find(|(known, ..)| *known == name).unwrap();
        assert!(demanded.iter().all(|attribute| node.attribute(*attribute).is_some()), "{name}: {text}");
        let known = |attribute: &str| demanded.contains(&attribute) || permitted.contains(&attribute);
        assert!(node.attributes().all(|attribute| known(attribute.name())), "{name}: {text}");
        let mut below = node.children().filter(roxmltree::Node::is_element);
        assert!(below.all(|child| children.contains(&child.tag_name().name())), "{name}: {text}");
    }
    let count = |name: &str| document.descendants().filter(|node| node.has_tag_name(name)).count();
    for suite in document.descendants().filter(|node| node.has_tag_name("testsuite")) {
        let below = |name: &str| suite.descendants().filter(|node| node.has_tag_name(name)).count().to_string();
        for (attribute, element) in
            [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
        {
            assert_eq!(suite.attribute(attribute), Some(below(element).as_str()), "{attribute}: {text}");
        }
    }
    (count("failure"), count("error"))
}

/// The verdict with another text wherever one comes from the artifact.
fn with(text: &str) -> Verdict {
    let mut verdict = verdict();
    let artifact = &mut verdict.dossier.artifact;
    (artifact.name, artifact.path) = (text.to_owned(), text.to_owned());
    for asked in verdict.questions.iter_mut().flat_map(|judged| &mut judged.requirements) {
        (asked.detail, asked.fix) = (text.to_owned(), text.to_owned());
    }
    for finding in &mut verdict.findings {
        finding.message = text.to_owned();
    }
    verdict.policy.name = text.to_owned();
    verdict
}

#[test]
fn junit_keeps_to_its_schema_and_fails_where_the_policy_refuses() {
    let verdict = with(OF_XML);
    let (failures, errors) = junit(&whole("junit", &verdict, true));
    let answers = |wanted| {
        let asked = verdict.questions.iter().filter(|judged| judged.required).flat_map(|judged| &judged.requirements);
        asked.filter(|asked| asked.answer == wanted).count()
    };
    // One more error is what could not be judged.
    assert_eq!((failures, errors), (answers(Answer::No), answers(Answer::NotEstablished) + 1));
}

#[test]
fn junit_fails_even_if_the_policy_asks_nothing() {
    let mut verdict = verdict();
    for judged in &mut verdict.questions {
        judged.requirements.clear();
    }
    for (decision, ended) in
        [(Decision::Refuse, (1, 1)), (Decision::RefuseForLackOfEvidence, (0, 2)), (Decision::Admit, (0, 1))]
    {
        verdict.decision = decision;
        assert_eq!(junit(&whole("junit", &verdict, false)), ended);
    }
}

/// Texts that would be a link, an image, a mention, markup, a cell, a row or a heading.
const OF_MARKDOWN: [&str; 8] = [
    "[x](https://evil.example) ![x](https://evil.example/x.png)",
    "`` ` ``` | a | b |\n\n# admitted\n",
    "<img src=x onerror=alert(1)> <!-- --> <details>",
    "@security-team #1 https://evil.example www.evil.example a@b.example :tada:",
    "\\| \\` \\\\| \\",
    "[^1]: x [[x]] ~~x~~ $x$ {{x}}",
    "&lt;b&gt; &#124; &#96;",
    " ",
];

/// Reads a summary as GitHub Flavored Markdown: only our own elements may be in it.
fn markdown(text: &str) {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    let mut cells: Vec<usize> = Vec::new();
    for event in Parser::new_ext(text, Options::all()) {
        match event {
            Event::Start(Tag::Heading { .. } | Tag::Paragraph | Tag::Strong | Tag::TableCell) | Event::SoftBreak => {
                if let (Event::Start(Tag::TableCell), Some(row)) = (&event, cells.last_mut()) {
                    *row += 1;
                }
            }
            Event::Start(Tag::Table(_)) | Event::End(_) | Event::Code(_) => {}
            Event::Start(Tag::TableHead | Tag::TableRow) => cells.push(0),
            Event::Text(own) => assert!(!own.contains("evil") && !own.contains('`'), "{own}: {text}"),
            other => panic!("{other:?}: {text}"),
        }
    }
    assert!(cells.len() > 4 && cells.iter().all(|count| [2, 3, 5, 6].contains(count)), "{cells:?}: {text}");
}

/// The verdict in which a waiver excuses everything, with a text wherever one comes from the policy.
fn waived(text: &str) -> Verdict {
    let mut verdict = with(text);
    for asked in verdict.questions.iter_mut().flat_map(|judged| &mut judged.requirements) {
        asked.waived_by = Some(text.to_owned());
    }
    verdict.decision = Decision::Admit;
    let waiver = Waiver {
        id: text.to_owned(),
        requirement: text.to_owned(),
        artifact: Concerned::Digest(Digest::of(DigestAlgorithm::Sha256, b"x")),
        environment: None,
        owner: text.to_owned(),
        approved_by: vec![text.to_owned()],
        reason: text.to_owned(),
        granted: Time::from_unix(0),
        expires: Time::from_unix(1),
    };
    verdict.waivers = vec![WaiverUse { waiver, effect: WaiverEffect::Applied }];
    verdict
}

#[test]
fn what_is_waived_fails_nothing_and_is_told() {
    let verdict = waived(HOSTILE);
    // What could not be judged is still an error.
    assert_eq!(junit(&whole("junit", &verdict, false)), (0, 1));
    let statement: serde_json::Value = serde_json::from_str(&whole("vsa", &verdict, false)).unwrap();
    assert_eq!(statement["predicate"]["verificationResult"], "PASSED");
    let answers = &statement["predicate"]["https://github.com/countersign/countersign/answers/v1"];
    assert_eq!(answers["waived"], serde_json::json!([{ "id": HOSTILE, "requirement": HOSTILE }]));
    assert_ne!(answers["signer"], "yes");
    let summary = whole("markdown", &verdict, true);
    markdown(&summary);
    assert!(summary.contains("| Waiver |") && summary.contains("waived by"));
}

#[test]
fn markdown_has_no_elements_but_its_own() {
    for hostile in OF_MARKDOWN {
        for many in [false, true] {
            markdown(&whole("markdown", &with(hostile), many));
            markdown(&whole("markdown", &waived(hostile), many));
        }
    }
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(256))]

    #[test]
    fn any_text_stays_in_its_place(text in "\\PC{0,40}|[`|\\\\\\[\\]()<>!@#&;:*_~$\n\r\t x-]{0,40}") {
        let verdict = with(&text);
        markdown(&whole("markdown", &verdict, true));
        junit(&whole("junit", &verdict, true));
    }
}

#[test]
fn ansi_colours_come_only_when_asked_for() {
    let verdict = verdict();
    let report = REPORTS.iter().find(|report| report.id == "text").unwrap();
    let plain = (report.verdict)(&verdict, &Form::default());
    let coloured = (report.verdict)(&verdict, &Form { colour: true, ..Form::default() });
    assert!(!plain.contains('\u{1b}'));
    let mut stripped = coloured;
    for sequence in ["\u{1b}[32m", "\u{1b}[31m", "\u{1b}[33m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m"] {
        stripped = stripped.replace(sequence, "");
    }
    let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(squeeze(&stripped), squeeze(&plain));
}
