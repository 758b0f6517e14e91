//! Rules of a policy's own: what is wrong with one is found when the policy is read, and what is not known is never
//! yes.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::arithmetic_side_effects)]

mod dossiers;
mod identities;

use countersign::appraise::{Terms, appraise};
use countersign::claim::{Claim, Claims, Fact, Standing, Voucher};
use countersign::condition::{MAX_BYTES, MAX_TOKENS};
use countersign::dossier::Dossier;
use countersign::evidence::{CheckId, Outcome, Reason, SignatureId};
use countersign::policy::{Expectations, MAX_RULES, Policy};
use countersign::registry::Registry;
use countersign::reports::{Form, REPORTS, explain};
use countersign::time::Time;
use countersign::verdict::{Answer, Appraised, Decision, Mode, Verdict};
use identities::{DAY, START};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

const NOW: Time = Time::from_unix(START + 10 * DAY);
const BUILDER: &str = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0";

const HEAD: &str = "schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n";

/// A policy with this rule. The condition stands in line 7, from column 8.
fn with_rule(cel: &str) -> String {
    format!("{HEAD}[[environment.production.rule]]\nid = \"acme.rule\"\ncel = '''{cel}'''\nelse = \"broken\"\n")
}

/// The same, which counts only if it is known: any condition may stand there.
fn with_rule_if_known(cel: &str) -> String {
    with_rule(cel) + "if_known = true\n"
}

fn errors(text: &str) -> String {
    Policy::parse(text, "p").map_or_else(|errors| errors.to_string(), |_| "no error".to_owned())
}

/// What is wrong with a condition.
const MISTAKES: &[(&str, &str)] = &[
    ("provenence.exists(p, p.builder == \"a\")", "p:7:10: unknown fact `provenence` (did you mean `provenance`?)"),
    (
        "provenance.exists(p, p.bulider == \"a\")",
        "p:7:33: unknown field of Provenance: `bulider` (did you mean `builder`?)",
    ),
    ("provenance.all(p, p.source.url == \"a\")", "p:7:37: unknown field of BuildSource: `url` (did you mean `uri`?)"),
    (
        "signatures.exists(s, s.signer.nmae == \"a\" && s.holds)",
        "p:7:40: unknown field of Signer: `nmae` (did you mean `name`?)",
    ),
    (
        "signatures.exists(s, has(s.sigend_at))",
        "p:7:31: unknown field of Signature: `sigend_at` (did you mean `signed_at`?)",
    ),
    ("signatures.exists(s, s.state == \"vaild\")", "p:7:42: unknown word of State: `vaild` (did you mean `valid`?)"),
    (
        "requirements.exists(r, r.id == \"sorce\" && r.answer == \"yes\")",
        "p:7:41: unknown word of RequirementId: `sorce` (did you mean `source`?)",
    ),
    (
        "signatures.exists(s, s.state in [\"valid\", \"expird\"])",
        "p:7:52: unknown word of State: `expird` (did you mean `expired`?)",
    ),
    ("artifact.size == \"1\"", "p:7:24: a number cannot be compared with a text"),
    (
        "signatures.exists(s, s.signed_at < \"2026-01-01\")",
        "p:7:43: an instant cannot be compared with a text (write `timestamp(\"2026-12-31T00:00:00Z\")`)",
    ),
    ("artifact.size + artifact.name == 1", "p:7:24: `+` does not fit a number and a text"),
    ("artifact.size", "p:7:10: a rule is true or false, this is a number"),
    ("size(provenance) > 0 && artifact.size", "p:7:34: this must be true or false, and is a number"),
    ("!artifact.name", "p:7:11: this must be true or false, and is a text"),
    ("true || 1 == 1", "p:7:10: the rule looks at no fact"),
    (
        "provenance.builder == \"a\"",
        "p:7:21: a list has no field `builder` (look at its items: `.exists(x, …)`, `.all(x, …)`, `[0]`)",
    ),
    ("artifact.all(x, true)", "p:7:19: loops go over lists, this is a record (Artifact)"),
    ("artifact.digests.exists(x, x == \"a\")", "p:7:27: loops go over lists, this is texts by name"),
    (
        "size(provenance) == provenance",
        "p:7:27: a number cannot be compared with a list of record (Provenance) (look at its items: `.exists(x, …)`, `.all(x, …)`, `in`)",
    ),
    ("lenght(provenance) > 0", "p:7:10: unknown function `lenght` (docs/policy.md lists what is known)"),
    ("artifact.name.beginsWith(\"a\")", "p:7:24: unknown function `beginsWith` (docs/policy.md lists what is known)"),
    (
        "artifact.name.matches(\"a.*\")",
        "p:7:24: rules have no regular expressions (write `glob(\"…\")`, in which `*` stands for any characters)",
    ),
    (
        "artifact.size.startsWith(\"a\")",
        "p:7:24: `startsWith` does not fit a number and a text (write `uri.startsWith(\"https://\")`)",
    ),
    ("now < timestamp(\"2026-13-01T00:00:00Z\")", "p:7:26: `2026-13-01T00:00:00Z` is no instant in RFC 3339"),
    (
        "now - timestamp(\"2026-01-01T00:00:00Z\") < duration(\"3 days\")",
        "p:7:61: `3 days` is no span of time, such as `72h`",
    ),
    ("artifact.name.glob(\"**\")", "p:7:29: `**` fits everything"),
    ("artifact.name.startsWith(\"\")", "p:7:35: `` is empty, and fits everything"),
    ("provenance.all(x)", "p:7:21: `all` is written otherwise (write `list.all(x, …)`)"),
    ("provenance.all(now, true)", "p:7:21: `now` means something else already (give the item another name)"),
    (
        "provenance.all(p, provenance.all(p, p.builder == \"a\"))",
        "p:7:39: `p` means something else already (give the item another name)",
    ),
    (
        "signatures.all(a, signatures.all(b, signatures.all(c, signatures.all(d, a.id == d.id))))",
        "p:7:75: more than 3 loops in each other (make several rules of it)",
    ),
    (
        "provenance.map(p, p.builder).all(b, b == \"a\")",
        "p:7:39: this goes over a list that the rule made (put the conditions into one loop over the list itself)",
    ),
    (
        "signatures.exists(s, s.signed_at == null)",
        "p:7:46: facts have no null (ask with `has(…)` whether something is known)",
    ),
    ("artifact.size > 1.5", "p:7:26: numbers in rules are whole and have no suffix"),
    ("artifact.size > 1u", "p:7:26: numbers in rules are whole and have no suffix"),
    ("artifact.name == b\"a\"", "p:7:27: facts have no bytes (write a text without `b`)"),
    ("artifact.name in []", "p:7:27: an empty list: nothing is in it"),
    ("artifact.name in [\"a\", 1]", "p:7:33: the list begins with a text, this is a number"),
    ("{\"a\": 1}.a == 1", "p:7:10: rules make no records"),
    ("provenance.exists(p, has(p.dependencies))", "p:7:31: `dependencies` is always there (ask for `size(…) > 0`)"),
    (
        "has(artifact.digests.sha256)",
        "p:7:10: `has` asks for a field of a record, this is texts by name (write `\"NAME\" in …`)",
    ),
    ("has(artifact)", "p:7:14: the rule is no CEL: invalid argument to has() macro"),
    ("artifact.?size == 1", "p:7:18: the rule is no CEL: unsupported syntax `.?`"),
    ("artifact.size = 1", "p:7:24: the rule is no CEL: mismatched input `=` expecting <EOF>"),
    ("artifact.size == ", "p:7:27: the rule is no CEL: mismatched input `<EOF>` expecting expression"),
    ("(artifact.size == 1", "p:7:29: the rule is no CEL: expected `)`"),
    ("artifact.size == 1\n  && env =! \"x\"", "p:8:10: the rule is no CEL: mismatched input `=` expecting <EOF>"),
    (
        "env == \"x\" &&\n  // first\n  artifact.nam == \"a\"",
        "p:9:12: unknown field of Artifact: `nam` (did you mean `name`?)",
    ),
    ("", "p:7:10: the rule is no CEL: mismatched input `<EOF>` expecting expression"),
    ("env == 'x", "p:7:17: the rule is no CEL: unterminated string literal"),
    ("env == \"x\" && ünv == 1", "p:7:24: the rule is no CEL: unexpected character"),
    ("artifact.size / \"a\" > 1", "p:7:24: `/` does not fit a number and a text"),
    ("(artifact.size > 1 ? \"a\" : 2) == \"a\"", "p:7:29: `? :` gives a text or a number"),
    ("signatures[\"a\"].holds", "p:7:20: a list of record (Signature) has nothing under a text"),
    ("artifact[\"nam\"] == \"a\"", "p:7:18: unknown field of Artifact: `nam` (did you mean `name`?)"),
    (
        "size(asserted.claims) == 0",
        "p:7:15: rules do not look at `asserted` (what stands there supports nothing, and can be left out; requirements hold it against the artifact)",
    ),
    (
        "schema == \"countersign/facts/v2\"",
        "p:7:20: unknown word of Version: `countersign/facts/v2` (did you mean `countersign/facts/v1`?)",
    ),
];

#[test]
fn what_is_wrong_with_a_condition_is_found_when_the_policy_is_read() {
    let found: Vec<_> = MISTAKES.iter().map(|(cel, _)| errors(&with_rule(cel))).collect();
    let wrong: Vec<_> = MISTAKES.iter().zip(&found).filter(|((_, expected), found)| expected != *found).collect();
    let shown: Vec<_> =
        wrong.iter().map(|((cel, expected), found)| format!("{cel}\n  - {expected}\n  + {found}")).collect();
    assert!(wrong.is_empty(), "{}", shown.join("\n"));
}

/// Conditions that evidence more never takes away.
const NOTICE_WHAT_IS_LEFT_OUT: &[&str] = &[
    "env == 'x' || now > timestamp('2026-01-01T00:00:00Z')",
    "provenance.exists(p, p.builder == 'x' && !has(p.trigger))",
    "provenance.exists(p, p.dependencies.all(d, !('md5' in d.digests)) && size(p.contradicted) == 0)",
    "provenance.exists(p, signatures.exists(s, s.id == p.signature && s.signer.san.all(n, n != 'x')))",
    "!provenance.all(p, p.builder != 'x')",
    "!(provenance.all(p, p.builder != 'x') || size(statements) < 2)",
    "size(provenance) >= 2 && 1 < size(statements)",
    "size(signatures.filter(s, s.assurance == 'workload-oidc' && s.timestamped)) > 1",
    "'x' in statements.map(s, s.predicate_type)",
    "env == 'lab' ? true : provenance.exists(p, has(p.trigger) ? p.trigger == 'push' : p.builder == 'x')",
    "requirements.exists(r, r.id == 'timestamp' && r.answer == 'yes')",
    "artifact.name in ['a', 'b'] && !('md5' in artifact.digests) && !registry_at_hand",
];

/// Conditions that leaving evidence out can make hold, and where.
const DO_NOT: &[(&str, usize)] = &[
    ("provenance.all(p, p.builder == 'x')", 21),
    ("!provenance.exists(p, p.builder == 'x')", 10),
    ("env == 'lab' || !summaries.exists(s, s.passed)", 26),
    ("provenance.exists_one(p, p.builder == 'x')", 21),
    ("size(provenance) == 1", 27),
    ("size(statements) < 3", 27),
    ("2 >= size(statements)", 12),
    ("size(statements) - 3 < 0", 27),
    ("!('x' in statements.map(s, s.predicate_type))", 10),
    // A trigger that is not known spoils the list, and a neighbour may lack it.
    ("'push' in provenance.map(p, p.trigger)", 31),
    ("size(provenance.filter(p, p.trigger == 'push')) > 0", 26),
    ("provenance[0].builder == 'x'", 20),
    ("provenance.exists(p, signatures.all(s, s.id == p.signature))", 42),
    ("requirements.exists(r, r.id == 'source' && r.answer != 'no')", 62),
    ("requirements.exists(r, r.id == 'source' && r.answer == 'not-established')", 62),
    ("requirements.exists(r, r.id == 'source' && r.mode == 'warned')", 55),
    ("requirements.all(r, r.answer == 'yes')", 23),
    ("findings.exists(f, f.message.contains('x'))", 31),
    ("(size(statements) > 1 ? env : artifact.name) == 'x'", 32),
    ("size(findings) == 0 || findings.all(f, f.severity != 'critical')", 25),
];

#[test]
fn what_leaving_evidence_out_can_make_hold_must_say_so() {
    for cel in NOTICE_WHAT_IS_LEFT_OUT {
        assert_eq!(errors(&with_rule(cel)), "no error", "{cel}");
    }
    let message = "whoever leaves evidence out can make this hold (ask with `exists` for what must be there; or write \
                   `if_known = true`: it then counts like a revocation, only where it is known)";
    let found: Vec<_> = DO_NOT.iter().map(|(cel, _)| errors(&with_rule(cel))).collect();
    let expected: Vec<_> = DO_NOT.iter().map(|(_, column)| format!("p:7:{column}: {message}")).collect();
    let wrong: Vec<_> = found.iter().zip(&expected).filter(|(found, expected)| found != expected).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    for (cel, _) in DO_NOT {
        assert_eq!(errors(&with_rule_if_known(cel)), "no error", "{cel}");
    }
    let refused = errors(&format!("{}if_known = false\n", with_rule("env == 'x'")));
    assert_eq!(refused, "p:9:12: `if_known` of a rule is `true` (write `if_known = true`, or leave it out)");
}

#[test]
fn what_is_beyond_a_limit_is_refused() {
    for (cel, says) in [
        (format!("env == \"{}\"", "a".repeat(MAX_BYTES)), "p:7:10: the rule is longer than 4096 bytes"),
        (vec!["env == 'a'"; MAX_TOKENS / 4].join("&&"), "p:7:10: the rule has more than 1024 words and signs"),
        (format!("{}env == 'a'{}", "(".repeat(60), ")".repeat(60)), "the rule is nested too deeply"),
        (format!("{}true == (env == 'a')", "!".repeat(100)), "the rule is nested too deeply"),
    ] {
        let errors = errors(&with_rule(&cel));
        assert!(errors.contains(says) && errors.starts_with("p:7:"), "{errors}");
    }
}

#[test]
fn mistakes_are_found_where_they_stand_in_the_file() {
    for (written, place) in [
        ("cel = \"env == \\\"x\\\" && artifact.nam == 'a'\"", "p:7:33"),
        ("cel = 'env == \"x\" && artifact.nam == \"a\"'", "p:7:31"),
        ("cel = \"\"\"\n  env == 'ä' &&\n  artifact.nam == 'a'\"\"\"", "p:9:12"),
        ("cel = \"\"\"env == 'x' && \\\n    artifact.nam == 'a'\"\"\"", "p:8:14"),
        ("cel = \"env == '\\u00e4\\t' && artifact.nam == 'a'\"", "p:7:38"),
    ] {
        let text = format!("{HEAD}[[environment.production.rule]]\nid = \"a\"\n{written}\nelse = \"e\"\n");
        assert_eq!(
            errors(&text),
            format!("{place}: unknown field of Artifact: `nam` (did you mean `name`?)"),
            "{written}"
        );
    }
}

/// What stands behind [`HEAD`], and the error.
const SURFACE: &[(&str, &str)] = &[
    (
        "rule = 1",
        "p:5:1: unknown requirement `rule` (known: intact, coverage, kinds, algorithms, timestamp, transparency)",
    ),
    (
        "[environment.production]\nrule = 1",
        "p:6:8: `rule` must be a list of tables, each under [[environment.production.rule]], found: integer",
    ),
    (
        "[environment.production.rule]\nid = \"a\"",
        "p:5:1: `rule` must be a list of tables, each under [[environment.production.rule]], found: table",
    ),
    (
        "[[environment.production.rule]]\nid = \"a\"\ncel = \"env == 'x'\"",
        "p:5:1: a rule lacks `else` (add `else = \"…\"`: what is said where it does not hold)",
    ),
    (
        "[[environment.production.rule]]\nid = \"a\"\ncell = \"env == 'x'\"\nelse = \"e\"",
        "p:5:1: a rule lacks `cel` (add `cel = '…'`: the condition that must hold)\np:7:1: unknown field of `rule`: `cell` (did you mean `cel`?)",
    ),
    (
        "[[environment.production.rule]]\ncel = \"env == 'x'\"\nelse = \"e\"",
        "p:5:1: a rule lacks `id` (add `id = \"acme.no-friday\"`: its name, which stands in every report)",
    ),
    (
        "[[environment.production.rule]]\nid = \"source\"\ncel = \"env == 'x'\"\nelse = \"e\"",
        "p:6:6: `source` is a requirement (give the rule a name of its own, such as `acme.…`)",
    ),
    (
        "[[environment.production.rule]]\nid = \"Acme Rule\"\ncel = \"env == 'x'\"\nelse = \"e\"",
        "p:6:6: the `id` of a rule is a name such as `acme.no-friday` (use words of lower-case letters and digits, with `-` and `.` between, at most 64)",
    ),
    (
        "[[environment.production.rule]]\nid = \"a..b\"\ncel = \"env == 'x'\"\nelse = \"e\"",
        "p:6:6: the `id` of a rule is a name such as `acme.no-friday` (use words of lower-case letters and digits, with `-` and `.` between, at most 64)",
    ),
    ("[[environment.production.rule]]\nid = \"a\"\ncel = \"env == 'x'\"\nelse = \"\"", "p:8:8: `else` is empty"),
    (
        "[[environment.production.rule]]\nid = \"a\"\nquestion = \"pth\"\ncel = \"env == 'x'\"\nelse = \"e\"",
        "p:7:12: unknown value of `question`: `pth` (did you mean `path`?)",
    ),
    (
        "[[environment.production.rule]]\nid = \"a\"\ncel = true\nelse = \"e\"",
        "p:7:7: `cel` must be a string, found: boolean",
    ),
    (
        "[[environment.production.rule]]\nid = \"a\"\ncel = \"env == 'x'\"\nelse = \"e\"\nwarn = false",
        "p:9:8: `warn` of a rule is `true` (write `warn = true`, or leave it out)",
    ),
    (
        "[[environment.production.rule]]\nid = \"a\"\ncel = \"env == 'x'\"\nelse = \"e\"\nwarn = true\neffective_on = 2027-01-01",
        "p:9:8: the rule is put out of force twice (name `warn` or `effective_on`)",
    ),
    (
        "[[environment.production.rule]]\nid = \"a\"\ncel = \"env == 'x'\"\nelse = \"e\"\n[[environment.production.rule]]\nid = \"a\"\ncel = \"env == 'y'\"\nelse = \"e\"",
        "p:10:6: two rules have this id (give each its own: a report names a rule by its id)",
    ),
    (
        "[[waiver]]\nid = \"w\"\nrequirement = \"acme.rul\"\nartifact = \"app.exe\"\nowner = \"a\"\napproved_by = [\"b\"]\nreason = \"r\"\ngranted = 2026-01-01\nexpires = 2026-02-01\n[[environment.production.rule]]\nid = \"acme.rule\"\ncel = \"env == 'x'\"\nelse = \"e\"",
        "p:7:15: unknown requirement `acme.rul` (did you mean `acme.rule`?)",
    ),
];

#[test]
fn what_is_wrong_with_the_table_of_a_rule_is_found() {
    let found: Vec<_> = SURFACE.iter().map(|(added, _)| errors(&format!("{HEAD}{added}\n"))).collect();
    let wrong: Vec<_> = SURFACE.iter().zip(&found).filter(|((_, expected), found)| expected != *found).collect();
    let shown: Vec<_> =
        wrong.iter().map(|((added, expected), found)| format!("{added}\n  - {expected}\n  + {found}")).collect();
    assert!(wrong.is_empty(), "{}", shown.join("\n"));
    let rule =
        |at: usize| format!("[[environment.production.rule]]\nid = \"r{at}\"\ncel = \"env == 'x'\"\nelse = \"e\"\n");
    let many: String = (0..=MAX_RULES).map(rule).collect();
    assert!(errors(&format!("{HEAD}{many}")).contains("`rule` has 65 entries; 1 to 64 are possible"));
}

/// A keyless signature with provenance of a tag.
fn signed() -> Dossier {
    let digests = std::iter::once(("sha256".to_owned(), "00".to_owned())).collect();
    let claims = vec![
        dossiers::claim(0, dossiers::built_by(BUILDER)),
        dossiers::claim(0, dossiers::built_from("https://github.com/acme/app", Some("refs/tags/v1.0.0"))),
        dossiers::claim(0, Fact::TriggeredBy { event: "push".to_owned() }),
        dossiers::claim(0, Fact::DependsOn { uri: "pkg:npm/x".to_owned(), digests }),
        dossiers::claim(
            0,
            Fact::BuiltWith { parameters: std::iter::once(("jobs".to_owned(), "2".to_owned())).collect() },
        ),
    ];
    dossiers::dossier(vec![dossiers::fulcio("app", START)], claims)
}

fn judge(dossier: &Dossier, policy: &str) -> Verdict {
    let policy = Policy::parse(policy, "p").unwrap();
    let (expectations, registry) = (Expectations::default(), Registry::default());
    let terms =
        Terms { policy: &policy, environment: "production", expectations: &expectations, registry: &registry, at: NOW };
    appraise(dossier.clone(), &terms).unwrap()
}

fn answer(dossier: &Dossier, cel: &str) -> Appraised {
    let verdict = judge(dossier, &with_rule_if_known(cel));
    verdict.other.into_iter().find(|one| one.id == "acme.rule").unwrap()
}

#[test]
fn a_rule_that_holds_is_yes_and_one_that_does_not_is_no() {
    for (cel, holds) in [
        ("provenance.exists(p, p.source.uri == 'https://github.com/acme/app')", true),
        ("provenance.exists(p, p.source.uri == 'https://github.com/acme/other')", false),
        ("provenance.all(p, p.source.ref.glob('refs/tags/v*') && p.trigger in ['push', 'release'])", true),
        ("provenance.all(p, p.source.ref.glob('refs/heads/*'))", false),
        ("provenance.exists_one(p, p.builder.startsWith('https://github.com/acme/'))", true),
        ("provenance[0].dependencies.all(d, 'sha256' in d.digests)", true),
        ("provenance[0].dependencies.filter(d, d.uri.startsWith('pkg:npm/')).all(d, size(d.digests) > 0)", true),
        ("size(provenance.map(p, p.builder)) == 1 && provenance.size() == 1", true),
        ("provenance[0].builder in provenance.map(p, p.builder)", true),
        ("provenance[0].parameters['jobs'] == '2' && provenance[0].parameters.jobs == '2'", true),
        ("signatures.exists(s, s.id == provenance[0].signature && s.signer.oidc_issuer.endsWith('.com'))", true),
        ("signatures.all(s, now - s.signed_at < duration('240h30m') && s.signed_at < now)", true),
        ("signatures.all(s, now - s.signed_at < duration('72h'))", false),
        ("signatures.all(s, s.signed_at > timestamp('2026-01-02T00:00:00Z'))", false),
        ("signatures.all(s, timestamp(s.signed_at) + duration('-1h') < timestamp(now))", true),
        // 2026-01-11 was a Sunday.
        ("now.getDayOfWeek() == 0 && now.getFullYear() == 2026 && now.getMonth() == 0 && now.getDate() == 11", true),
        ("signatures.exists(s, s.assurance == 'workload-oidc' && s.state == 'valid' && s.timestamped)", true),
        ("requirements.exists(r, r.id == 'intact' && r.answer == 'yes')", true),
        ("artifact.size * 2 - 1 == 15 && artifact.size % 3 == 2 && -artifact.size < 0", true),
        ("(env == 'production' ? artifact.name : 'x') + '.exe' == 'app.exe'", true),
        ("artifact['name'] == 'app' && has(artifact.size)", true),
        ("size(findings) == 0 || findings.all(f, f.severity != 'critical')", true),
        ("size(statements) == 0 && !registry_at_hand", true),
    ] {
        let answer = answer(&signed(), cel);
        let expected = if holds { (Answer::Yes, "rule-holds") } else { (Answer::No, "rule-violated") };
        assert_eq!((answer.answer, answer.reason), expected, "{cel}: {}", answer.detail);
        assert_eq!(answer.detail, if holds { "" } else { "broken" });
    }
}

#[test]
fn what_is_not_known_is_never_yes() {
    for (cel, detail) in [
        // An empty list satisfies nothing, and neither does its opposite.
        ("summaries.all(s, s.passed)", "`summaries` is empty, and an empty list satisfies nothing"),
        ("!summaries.all(s, s.passed)", "`summaries` is empty, and an empty list satisfies nothing"),
        ("summaries.exists(s, s.passed)", "`summaries` is empty, and an empty list satisfies nothing"),
        ("!summaries.exists(s, !s.passed)", "`summaries` is empty, and an empty list satisfies nothing"),
        ("!summaries.exists_one(s, s.passed)", "`summaries` is empty, and an empty list satisfies nothing"),
        (
            "!('x' in signatures[0].signer.san.filter(n, n == 'y'))",
            "`the list` is empty, and an empty list satisfies nothing",
        ),
        (
            "!('debug' in signatures[0].workload)",
            "`signatures[…].workload` is empty, and an empty list satisfies nothing",
        ),
        (
            "provenance.filter(p, p.trigger == 'release').all(p, false)",
            "`the list` is empty, and an empty list satisfies nothing",
        ),
        (
            "provenance.all(p, provenance.all(q, q.contradicted.all(c, false)))",
            "`q.contradicted` is empty, and an empty list satisfies nothing",
        ),
        ("provenance.all(p, p.runner == 'github-hosted')", "nothing is known of `runner`"),
        ("provenance.all(p, p.runner != 'self-hosted')", "nothing is known of `runner`"),
        ("provenance.all(p, !(p.source.commit == 'x'))", "nothing is known of `commit`"),
        ("provenance[0].parameters['debug'] != 'true'", "nothing is known of `debug`"),
        ("provenance[1].builder == 'x'", "a list has no item of that number"),
        ("provenance[-1].builder == 'x'", "a list has no item of that number"),
        ("artifact.size / (size(provenance) - 1) == 1", "a number cannot be computed"),
        ("artifact.size % 0 == 0", "a number cannot be computed"),
        ("9223372036854775807 + artifact.size > 0", "a number cannot be computed"),
        ("now < timestamp(artifact.name)", "`app` is no instant"),
        ("now - now < duration(artifact.name)", "`app` is no span of time"),
        ("now + duration('2562047788015h') > now || env == 'x'", ""),
    ] {
        let answer = answer(&signed(), cel);
        if detail.is_empty() {
            assert_ne!(answer.answer, Answer::No, "{cel}");
            continue;
        }
        let expected = (Answer::NotEstablished, "rule-not-evaluated", detail);
        assert_eq!((answer.answer, answer.reason, answer.detail.as_str()), expected, "{cel}");
        assert_eq!(answer.fix, "broken");
    }
    // What is known decides, whatever else is not.
    assert_eq!(answer(&signed(), "summaries.all(s, s.passed) || env == 'production'").answer, Answer::Yes);
    assert_eq!(answer(&signed(), "summaries.all(s, s.passed) && env == 'lab'").answer, Answer::No);
}

#[test]
fn a_rule_counts_and_alone_answers_no_question() {
    let rule = |question: &str, cel: &str| {
        format!(
            "{HEAD}[[environment.production.rule]]\nid = \"r\"\nquestion = \"{question}\"\ncel = \"{cel}\"\nelse = \"e\"\n"
        )
    };
    let verdict = judge(&signed(), &rule("path", "env == 'production'"));
    let path = &verdict.questions[2];
    assert_eq!((path.answer, path.required), (Answer::NotEstablished, true));
    assert!(path.requirements.iter().any(|one| one.id == "source" && one.mode == Mode::Informative));
    assert_eq!(verdict.decision, Decision::Admit);
    let verdict = judge(&signed(), &rule("signed", "env == 'lab'"));
    assert_eq!((verdict.questions[0].answer, verdict.decision), (Answer::No, Decision::Refuse));
    let verdict = judge(&signed(), &rule("signer", "summaries.exists(s, s.passed)"));
    assert_eq!(verdict.decision, Decision::RefuseForLackOfEvidence);
    let warned = format!("{}warn = true\n", rule("other", "env == 'lab'"));
    let verdict = judge(&signed(), &warned);
    assert_eq!((verdict.other[0].mode, verdict.decision), (Mode::Warned, Decision::Admit));
    assert!(verdict.findings.iter().any(|finding| finding.message.starts_with("`r` is no (rule-violated): e")));
    let later = format!("{}effective_on = 2027-01-01\n", rule("other", "env == 'lab'"));
    assert_eq!(judge(&signed(), &later).other[0].effective_on.unwrap().to_string(), "2027-01-01T00:00:00Z");
}

#[test]
fn rules_are_inherited_replaced_and_waived() {
    let rule = |environment: &str, cel: &str| {
        format!("[[environment.{environment}.rule]]\nid = \"r\"\ncel = \"{cel}\"\nelse = \"e\"\n")
    };
    let base = "schema = 1\nname = \"p\"\n[environment.base.signed]\nintact = \"required\"\n";
    let child = "[environment.production]\ninherits = \"base\"\n";
    let inherited = format!("{base}{}{child}", rule("base", "env == 'lab'"));
    assert_eq!(judge(&signed(), &inherited).decision, Decision::Refuse);
    let replaced = format!("{inherited}{}", rule("production", "env == 'production'"));
    assert_eq!(judge(&signed(), &replaced).decision, Decision::Admit);
    let waiver = "[[waiver]]\nid = \"w\"\nrequirement = \"r\"\nartifact = \"app*name\"\nowner = \"a\"\napproved_by = [\"b\"]\n\
                  reason = \"r\"\ngranted = 2026-01-01\nexpires = 2026-02-01\n";
    let mut named = signed();
    named.artifact.name = "app-of-some-name".to_owned();
    let verdict = judge(&named, &format!("{inherited}{waiver}"));
    assert_eq!((verdict.decision, verdict.other[0].answer), (Decision::Admit, Answer::No));
}

#[test]
fn facts_beyond_a_limit_are_not_evaluated() {
    let mut dossier = signed();
    let depends = |at: usize| Fact::DependsOn { uri: format!("pkg:npm/{at}"), digests: std::iter::empty().collect() };
    let mut claims = dossier.claims.all().to_vec();
    claims.extend((0..2_000).map(|at| dossiers::claim(0, depends(at))));
    dossier.claims = Claims::new(claims.clone());
    let nested = "provenance.all(p, p.dependencies.all(a, p.dependencies.exists(b, a.uri == b.uri)))";
    let found = answer(&dossier, nested);
    assert_eq!((found.answer, found.reason), (Answer::NotEstablished, "limit-reached"));
    assert_eq!(
        answer(&dossier, "provenance.all(p, p.dependencies.all(a, a.uri.startsWith('pkg:')))").answer,
        Answer::Yes
    );
    claims
        .push(dossiers::claim(0, Fact::DependsOn { uri: "x".repeat(100_000), digests: std::iter::empty().collect() }));
    dossier.claims = Claims::new(claims);
    let found = answer(&dossier, "provenance.exists(p, p.dependencies.exists(a, a.uri == 'x'))");
    assert_eq!((found.answer, found.reason), (Answer::NotEstablished, "limit-reached"));
    assert_eq!(answer(&dossier, "env == 'production'").answer, Answer::Yes);
}

#[test]
fn every_report_shows_a_rule() {
    let verdict = judge(&signed(), &with_rule_if_known("provenance.all(p, p.trigger == 'release')"));
    // Statements to others name what is established, not the rules of the house.
    for report in REPORTS.iter().filter(|report| !["vsa", "svr"].contains(&report.id)) {
        let text = (report.verdict)(&verdict, &Form::default());
        assert!(text.contains("acme.rule") && text.contains("broken"), "{}: {text}", report.id);
    }
    assert!(explain(&verdict, None, &Form::default()).contains("acme.rule: no, rule-violated"));
}

/// Conditions over what is verified, of many shapes.
const CONDITIONS: &[&str] = &[
    "provenance.exists(p, p.builder == 'https://b.example/1')",
    "provenance.all(p, p.builder == 'https://b.example/1')",
    "provenance.all(p, p.source.uri == 'https://git.example/1' && p.trigger == 'push')",
    "provenance.exists_one(p, p.trigger == 'push')",
    "'push' in provenance.map(p, p.trigger)",
    "statements.exists(s, s.predicate_type == 'https://spdx.dev/Document')",
    "publications.exists(p, p.publisher == 'acme')",
    "signatures.exists(s, s.assurance == 'workload-oidc')",
    "provenance.filter(p, has(p.builder)).all(p, p.builder.startsWith('https://b.example/'))",
    "provenance.exists(p, has(p.trigger) ? p.trigger == 'push' : p.builder == 'https://b.example/1')",
];

fn fact() -> impl Strategy<Value = Fact> {
    prop_oneof![
        select(&["https://b.example/1", "https://b.example/2"][..]).prop_map(dossiers::built_by),
        select(&["https://git.example/1", "https://git.example/2"][..]).prop_map(|uri| dossiers::built_from(uri, None)),
        select(&["push", "issue_comment"][..]).prop_map(|event| Fact::TriggeredBy { event: event.to_owned() }),
        Just(Fact::Attested { predicate_type: "https://spdx.dev/Document".to_owned() }),
        Just(Fact::PublishedBy { publisher: "acme".to_owned() }),
    ]
}

fn claims(standings: &'static [Standing]) -> impl Strategy<Value = Vec<Claim>> {
    let one = (0..2usize, fact(), select(&Voucher::ALL[..]), select(standings));
    vec(one, 0..6).prop_map(|claims| {
        let of = |(at, fact, vouched_by, standing)| Claim { vouched_by, standing, ..dossiers::claim(at, fact) };
        claims.into_iter().map(of).collect()
    })
}

/// Two signatures, of which the second may be revoked.
fn dossier(revoked: bool, claims: Vec<Claim>) -> Dossier {
    let (first, mut second) = (dossiers::fulcio("app", START), dossiers::fulcio("other", START));
    if revoked {
        second.check(CheckId::Revocation, Outcome::Fail(Reason::Revoked), "");
    }
    let usual = |claim: &Claim| !revoked || claim.evidence == SignatureId(0) || claim.standing != Standing::Verified;
    dossiers::dossier(vec![first, second], claims.into_iter().filter(usual).collect())
}

fn policy(conditions: &[&str]) -> String {
    let rule = |(at, cel): (usize, &&str)| {
        format!("[[environment.production.rule]]\nid = \"r{at}\"\ncel = \"{cel}\"\nelse = \"e\"\nif_known = true\n")
    };
    format!("{HEAD}{}", conditions.iter().enumerate().map(rule).collect::<String>())
}

fn rank(decision: Decision) -> u8 {
    match decision {
        Decision::Refuse => 0,
        Decision::RefuseForLackOfEvidence => 1,
        Decision::Admit => 2,
    }
}

/// What conditions are combined of.
const ATOMS: &[&str] = &[
    "env == 'lab'",
    "provenance.exists(p, p.builder == 'https://b.example/1')",
    "provenance.exists(p, has(p.trigger) && p.trigger != 'push')",
    "provenance.exists(p, !has(p.builder))",
    "provenance.exists(p, p.source.uri == 'https://git.example/2' && statements.exists(s, s.signature == p.signature))",
    "provenance.exists(p, statements.all(s, s.signature == p.signature))",
    "provenance.all(p, p.trigger == 'push')",
    "provenance.all(p, publications.exists(q, q.signature == p.signature))",
    "provenance.exists_one(p, p.trigger == 'push')",
    "size(statements) > 1",
    "size(signatures) < 3",
    "size(provenance) == 2",
    "size(provenance.filter(p, has(p.trigger))) > 1",
    "size(provenance.filter(p, p.trigger == 'push')) > 0",
    "'push' in provenance.map(p, p.trigger)",
    "'https://spdx.dev/Document' in statements.map(s, s.predicate_type)",
    "provenance[0].trigger == 'push'",
    "requirements.exists(r, r.id == 'provenance' && r.answer == 'no')",
    "requirements.exists(r, r.id == 'intact' && r.answer == 'yes')",
    "findings.all(f, f.severity == 'info')",
];

/// Conditions of atoms, of which many are accepted without `if_known`.
fn combined() -> impl Strategy<Value = String> {
    let atom = select(ATOMS).prop_map(str::to_owned);
    atom.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| format!("!({one})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) && ({other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) || ({other})")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("env == 'lab' ? ({one}) : ({other})")),
        ]
    })
}

/// Those that are.
fn accepted() -> impl Strategy<Value = String> {
    combined().prop_filter("it needs `if_known`", |cel| Policy::parse(&policy_of_one(cel), "p").is_ok())
}

fn policy_of_one(cel: &str) -> String {
    format!("{HEAD}[[environment.production.rule]]\nid = \"r\"\ncel = \"{cel}\"\nelse = \"e\"\n")
}

fn claims_of_three() -> impl Strategy<Value = Vec<Claim>> {
    let one = (0..3usize, fact()).prop_map(|(at, fact)| dossiers::claim(at, fact));
    vec(one, 0..7)
}

/// Three signatures beside the artifact, of which one may be left out with all that it says.
fn of_three(claims: &[Claim], left_out: Option<usize>) -> Dossier {
    let stays = |at: usize| left_out != Some(at);
    let signatures = (0..3).map(|_| dossiers::fulcio("app", START)).collect();
    let mut dossier = dossiers::dossier(signatures, claims.to_vec());
    dossier.signatures =
        dossier.signatures.into_iter().enumerate().filter(|(at, _)| stays(*at)).map(|it| it.1).collect();
    let of_left_out = |claim: &&Claim| left_out.is_none_or(|at| claim.evidence != SignatureId(at));
    dossier.claims = Claims::new(claims.iter().filter(of_left_out).cloned().collect());
    dossier
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rule_more_never_admits_more(
        conditions in vec(select(CONDITIONS), 0..4),
        more in select(CONDITIONS),
        claims in claims(&[Standing::Verified]),
        revoked: bool,
    ) {
        let dossier = dossier(revoked, claims);
        let before = judge(&dossier, &policy(&conditions)).decision;
        let after = judge(&dossier, &policy(&[&conditions[..], &[more]].concat())).decision;
        prop_assert!(rank(after) <= rank(before), "{conditions:?} and {more}");
    }

    /// Evidence that does not verify changes no answer, whatever a rule asks of what is verified.
    #[test]
    fn unverified_evidence_changes_no_answer(
        condition in select(CONDITIONS),
        negated: bool,
        verified in claims(&[Standing::Verified]),
        others in claims(&[Standing::Asserted, Standing::Refuted]),
    ) {
        let condition = if negated { format!("!({condition})") } else { condition.to_owned() };
        let without = dossier(false, verified);
        let mut with = without.clone();
        let mut bad = dossiers::fulcio("evil", START);
        bad.id = SignatureId(2);
        bad.check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), "");
        with.signatures.push(bad);
        let of_bad = others.into_iter().map(|claim| Claim { evidence: SignatureId(2).into(), ..claim });
        with.claims = Claims::new(without.claims.all().iter().cloned().chain(of_bad).collect());
        let policy = policy(&[&condition]);
        let (without, with) = (judge(&without, &policy), judge(&with, &policy));
        prop_assert_eq!(without.other[0].answer, with.other[0].answer, "{}", condition);
    }

    /// What a document says against itself can take an answer away, and never makes one better, unless the rule asks
    /// what is not known.
    #[test]
    fn refuted_claims_never_raise_an_answer(
        condition in select(CONDITIONS),
        verified in claims(&[Standing::Verified]),
        refuted in claims(&[Standing::Refuted]),
    ) {
        prop_assume!(!condition.contains("has("));
        let without = dossier(false, verified.clone());
        let with = dossier(false, verified.into_iter().chain(refuted).collect());
        let (without, with) = (judge(&without, &policy(&[condition])), judge(&with, &policy(&[condition])));
        prop_assert!(with.other[0].answer != Answer::Yes || without.other[0].answer == Answer::Yes, "{condition}");
    }

    /// Of whatever is accepted without `if_known`, nothing holds by leaving evidence out.
    #[test]
    fn leaving_evidence_out_makes_no_rule_hold(condition in accepted(), claims in claims_of_three(), left_out in 0..3usize) {
        let policy = policy_of_one(&condition);
        let with = of_three(&claims, None);
        let without = of_three(&claims, Some(left_out));
        let (with, without) = (judge(&with, &policy), judge(&without, &policy));
        prop_assert!(
            with.other[0].answer == Answer::Yes || without.other[0].answer != Answer::Yes,
            "{}: {} {}", condition, with.other[0].reason, with.other[0].detail
        );
        prop_assert!(with.decision == Decision::Admit || without.decision != Decision::Admit, "{condition}");
    }
}
