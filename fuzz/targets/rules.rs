//! Rules of a policy's own: any text as a condition, read, checked and evaluated over facts.

#![no_main]

#[path = "../../crates/core/tests/dossiers/mod.rs"]
mod dossiers;

use std::sync::LazyLock;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Fact, Summary};
use countersign::dossier::Dossier;
use countersign::policy::{Expectations, Policy};
use countersign::registry::Registry;
use countersign::time::Time;
use countersign::verdict::Answer;
use libfuzzer_sys::fuzz_target;

const AT: Time = Time::from_unix(1_795_392_000);

/// More and more evidence: nothing, one signature with its statements, and several.
static DOSSIERS: LazyLock<[Dossier; 3]> = LazyLock::new(|| {
    let statements = |at: usize| {
        let parameters = std::iter::once(("jobs".to_owned(), "2".to_owned())).collect();
        let digests = std::iter::once(("sha256".to_owned(), "00".to_owned())).collect();
        let summary = Summary {
            verifier: "v".to_owned(),
            resource: Some("r".to_owned()),
            passed: Some(true),
            levels: vec!["SLSA_BUILD_LEVEL_3".to_owned()],
            time: Some(AT),
            policy: None,
        };
        [
            dossiers::built_by("https://b.example"),
            dossiers::built_from("https://git.example/a", Some("refs/tags/v1")),
            Fact::BuiltWith { parameters },
            Fact::DependsOn { uri: "pkg:npm/x".to_owned(), digests },
            Fact::Summarised(summary),
            Fact::Attested { predicate_type: "https://spdx.dev/Document".to_owned() },
        ]
        .map(|fact| dossiers::claim(at, fact))
    };
    let of = |count: usize| {
        let signatures = (0..count).map(|_| dossiers::fulcio("app", 0)).collect();
        dossiers::dossier(signatures, (0..count).flat_map(statements).collect())
    };
    [of(0), of(1), of(12)]
});

/// What rules are made of, so that most of what is tried means something.
const WORDS: &[&str] = &[
    "provenance",
    "signatures",
    "identities",
    "summaries",
    "statements",
    "requirements",
    "findings",
    "tools",
    "runs",
    "asserted.claims",
    "artifact",
    "env",
    "now",
    ".all(x, ",
    ".exists(y, ",
    ".exists_one(z, ",
    ".filter(x, ",
    ".map(y, ",
    "x",
    "y",
    "z",
    ".builder",
    ".source.uri",
    ".source.ref",
    ".dependencies",
    ".digests",
    ".parameters",
    ".signed_at",
    ".signer.san",
    ".state",
    ".id",
    ".signature",
    ".answer",
    ".levels",
    ".passed",
    ".holds",
    ".name",
    ".size",
    ".workload",
    ")",
    "(",
    "[0]",
    "[1]",
    "[\"a\"]",
    "[x.size()]",
    " == ",
    " != ",
    " < ",
    " >= ",
    " in ",
    " && ",
    " || ",
    "!",
    " - ",
    " + ",
    " / ",
    " % ",
    " * ",
    " ? ",
    " : ",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "9223372036854775807",
    "-9223372036854775808",
    "\"a\"",
    "'valid'",
    "\"yes\"",
    "has(",
    "size(",
    "timestamp(",
    "duration(",
    "\"72h\"",
    "\"2026-01-01T00:00:00Z\"",
    ".startsWith(",
    ".endsWith(",
    ".contains(",
    ".glob(",
    "\"*a\"",
    ".getDayOfWeek()",
    ".getMonth()",
    "[",
    "]",
    ", ",
    "{",
    "}",
    "null",
    "1u",
    "1.5",
    "b\"a\"",
    "r\"\\\"",
    "'''",
    "\"\"\"",
    "\n",
    "// a\n",
    ".",
    "?",
    "_",
    "@some",
    "\u{e9}",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let condition = match kind % 2 {
        0 => String::from_utf8_lossy(rest).into_owned(),
        _ => rest.iter().filter_map(|byte| WORDS.get(usize::from(*byte) % WORDS.len())).copied().collect(),
    };
    let if_known = kind % 4 < 2;
    let Ok(written) = serde_json::to_string(&condition) else { return };
    let text = format!(
        "schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n\
         [[environment.production.rule]]\nid = \"r\"\ncel = {written}\nelse = \"e\"\n{}",
        if if_known { "if_known = true\n" } else { "" }
    );
    let policy = match Policy::parse(&text, "p") {
        Ok(policy) => policy,
        Err(errors) => {
            for problem in errors.problems {
                assert!(problem.span.start <= text.len() && text.is_char_boundary(problem.span.start));
            }
            return;
        }
    };
    let mut held = false;
    for dossier in DOSSIERS.iter() {
        let terms = Terms {
            policy: &policy,
            environment: "production",
            expectations: &Expectations::default(),
            registry: &Registry::default(),
            at: AT,
        };
        let verdict = appraise(dossier.clone(), &terms).expect("the environment is there");
        let rule = verdict.other.iter().find(|one| one.id == "r").expect("every rule is answered");
        // Checking leaves only what nobody can know beforehand.
        assert_ne!(rule.detail, "the rule could not be evaluated", "{condition}");
        assert!(rule.answer != Answer::Yes || rule.reason == "rule-holds");
        // What holds on less evidence holds on more, unless that is more than is looked at.
        let holds = rule.answer == Answer::Yes || rule.reason == "limit-reached";
        assert!(if_known || holds || !held, "{condition}");
        held |= rule.answer == Answer::Yes;
    }
});
