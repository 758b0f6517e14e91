//! Every kind of mistake in a policy is an error of its own, with its place and what would be right.

mod mistakes;

use countersign::policy::Policy;

/// A policy that is right. Mistakes are added behind it, from line 5.
const GOOD: &str = "schema = 1\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n";

/// What stands behind [`GOOD`], and the error.
const ADDED: &[(&str, &str)] = &[
    ("coverge = \"complete\"", "p:5:1: unknown requirement `coverge` (did you mean `coverage`?)"),
    ("coverage = \"full\"", "p:5:12: unknown value of `coverage`: `full` (known: complete)"),
    ("coverage = true", "p:5:12: `coverage` must be a string, found: boolean"),
    ("coverage = [\"complete\"]", "p:5:12: `coverage` must be a string, found: array"),
    ("timestamp = \"optional\"", "p:5:13: unknown value of `timestamp`: `optional` (known: verified)"),
    (
        "self_signed = \"flag\"",
        "p:5:1: unknown requirement `self_signed` (known: intact, coverage, kinds, algorithms, timestamp, transparency)",
    ),
    ("kinds = \"authenticode\"", "p:5:9: `kinds` must be a list of words, found: string"),
    ("kinds = []", "p:5:9: `kinds` is an empty list, which nothing can meet (name at least one, or leave the key out)"),
    (
        "kinds = [\"authenticode\", \"authentycode\"]",
        "p:5:26: unknown value of `kinds`: `authentycode` (did you mean `authenticode`?)",
    ),
    ("kinds = [\"authenticode\", \"authenticode\"]", "p:5:26: `authenticode` is listed twice in `kinds`"),
    ("kinds = [\"authenticode\", 1]", "p:5:26: `kinds` must be a list of strings, found: integer"),
    ("intact = \"required\"", "p:5:1: duplicate key"),
    (
        "vouched = \"by-anchor\"",
        "p:5:1: `vouched` is no requirement of `signed` (it belongs under [environment.production.signer])",
    ),
    ("transparency = 1", "p:5:16: `transparency` must be a string, found: integer"),
    ("algorithms = \"weak\"", "p:5:14: unknown value of `algorithms`: `weak` (known: strong)"),
    ("[environment.production.signer]", "p:5:1: `signer` is empty (require something, or leave the section out)"),
    (
        "[environment.production.signer]\nvouched = \"anyone\"",
        "p:6:11: unknown value of `vouched`: `anyone` (known: by-anchor, by-anchor-or-itself)",
    ),
    (
        "[environment.production.signer]\nvoched = \"by-anchor\"",
        "p:6:1: unknown requirement `voched` (did you mean `vouched`?)",
    ),
    (
        "[environment.production.signer]\nnot_revoked = \"established\"",
        "p:6:1: unknown requirement `not_revoked` (did you mean `not-revoked`?)",
    ),
    (
        "[environment.production.signer]\nnot-revoked = \"maybe\"",
        "p:6:15: unknown value of `not-revoked`: `maybe` (known: established, nothing-known)",
    ),
    (
        "[environment.production.signer]\nexpected = \"anyone\"",
        "p:6:12: `expected` must be `as-given` or a table or a list of tables, found: string (write `expected = { signer = \"anyone\" }`)",
    ),
    (
        "[environment.production.signer]\nexpected = []",
        "p:6:12: `expected` is an empty list, which nothing can meet (name at least one, or leave the key out)",
    ),
    (
        "[environment.production.signer]\nexpected = {}",
        "p:6:12: `expected` is an empty table, which says nothing (known: signer, issuer)",
    ),
    (
        "[environment.production.signer]\nexpected = { issuer = \"https://a.example\" }",
        "p:6:12: a table of `expected` lacks `signer` (add `signer = \"…\"`: certificate name, alternative name or fingerprint)",
    ),
    (
        "[environment.production.signer]\nexpected = { signer = \"*\" }",
        "p:6:23: a pattern of `signer` accepts everything (say what is expected, or leave the key out)",
    ),
    (
        "[environment.production.signer]\nexpected = { signer = \"\" }",
        "p:6:23: a pattern of `signer` is empty (say what is expected, or leave the key out)",
    ),
    (
        "[environment.production.signer]\nexpected = [{ signer = \"a\", subject = \"b\" }]",
        "p:6:29: unknown field of `expected`: `subject` (known: signer, issuer)",
    ),
    (
        "[environment.production.signer]\nexpected = [{ signer = 1 }]",
        "p:6:24: `signer` must be a string, found: integer",
    ),
    (
        "[environment.production.signer]\nexpected = [\"Acme\"]",
        "p:6:13: `expected` must be a list of tables, found: string",
    ),
    (
        "[environment.production.signer]\nexpected = 1",
        "p:6:12: `expected` must be a table or a list of tables, found: integer",
    ),
    (
        "[environment.production.signer]\nassurance = [\"extended\"]",
        "p:6:14: unknown value of `assurance`: `extended` (known: extended-validation, organization-validated, individual-validated, platform, workload-oidc, person-oidc, web-of-trust, key-only, self-signed, test, unknown)",
    ),
    (
        "[environment.production.signer]\nintact = \"required\"",
        "p:6:1: `intact` is no requirement of `signer` (it belongs under [environment.production.signed])",
    ),
    (
        "[environment.production.path]\nprovenance = { level = 4 }",
        "p:6:24: `level` is no level: 4 (SLSA's build track has the levels 0 to 3)",
    ),
    (
        "[environment.production.path]\nprovenance = {}",
        "p:6:14: `provenance` is empty (require something, or leave the section out)",
    ),
    (
        "[environment.production.path]\nprovenance = { levl = 3 }",
        "p:6:16: unknown field of `provenance`: `levl` (did you mean `level`?)",
    ),
    (
        "[environment.production.path]\nprovenance = { level = \"3\" }",
        "p:6:24: `level` must be an integer, found: string",
    ),
    (
        "[environment.production.path]\nprovenance = { builder = \"tekton-chain\" }",
        "p:6:26: unknown builder `tekton-chain` (did you mean `tekton-chains`?)",
    ),
    (
        "[environment.production.path]\nprovenance = { voucher = \"plattform\" }",
        "p:6:26: unknown value of `voucher`: `plattform` (did you mean `platform`?)",
    ),
    (
        "[environment.production.path]\nprovenance = \"npm-cli-github\"",
        "p:6:14: `provenance` must be `verified` or `verified-or-as-given` or a table, found: string (write `provenance = { builder = \"npm-cli-github\", level = 3 }`)",
    ),
    (
        "[environment.production.path]\nprovenance = 3",
        "p:6:14: `provenance` must be a string or a table, found: integer",
    ),
    (
        "[environment.production.path]\nsource = { repo = \"github.com/a/b\", voucher = \"tennant\" }",
        "p:6:47: unknown value of `voucher`: `tennant` (did you mean `tenant`?)",
    ),
    (
        "[environment.production.path]\nparameters = {}",
        "p:6:14: `parameters` is an empty table, which says nothing (allow something, or leave the key out)",
    ),
    (
        "[environment.production.path]\nparameters = { inputs.x = \"y\" }",
        "p:6:16: `parameters` must be a table from paths to patterns, found: table (put the whole path in quotes: `\"inputs.…\" = \"…\"`)",
    ),
    (
        "[environment.production.path]\nparameters = { \"*\" = \"y\" }",
        "p:6:16: a pattern of `parameters` accepts everything (say what is expected, or leave the key out)",
    ),
    (
        "[environment.production.path]\nparameters = \"all\"",
        "p:6:14: `parameters` must be `known` or a table, found: string (write `parameters = { \"PATH\" = \"all\" }`)",
    ),
    (
        "[environment.production.path]\ndependencies = { uri = \"u\" }",
        "p:6:16: a table of `dependencies` lacks `digest` (add `digest = \"…\"`: algorithm and hexadecimal digest, `gitCommit:…` for a commit)",
    ),
    (
        "[builders.ci]\nid = \"b\"\nsigner = { key = \"00\" }",
        "p:7:18: `key` is no SHA-256 of a public key in hexadecimal (the verdict shows it as `spki_sha256` of the signer)",
    ),
    ("[builders.ci]", "p:5:1: `builders.ci` is empty (require something, or leave the section out)"),
    ("[builders]", "p:5:1: `builders` is empty (require something, or leave the section out)"),
    ("[builders]\nci = 1", "p:6:6: `builders.ci` must be a table, found: integer"),
    (
        "[environment.production.path]\nbuilder = \"https://b.example\"",
        "p:6:11: `builder` must be `as-given` or a list of patterns, found: string (write `builder = [\"https://b.example\"]`)",
    ),
    (
        "[environment.production.path]\nbuilder = [\"**\"]",
        "p:6:12: a pattern of `builder` accepts everything (say what is expected, or leave the key out)",
    ),
    ("[environment.production.path]\nbuilder = [[\"a\"]]", "p:6:12: `builder` must be a list of strings, found: array"),
    (
        "[environment.production.path]\nsource = { ref = \"refs/heads/main\" }",
        "p:6:10: a table of `source` lacks `repo` (add `repo = \"…\"`: URI of the repository)",
    ),
    (
        "[environment.production.path]\nsource = { repo = \"github.com/a/b\", review = \"two-party\" }",
        "p:6:37: unknown field of `source`: `review` (known: repo, ref, commit, voucher)",
    ),
    (
        "[environment.production.path]\ntrigger = \"push\"",
        "p:6:11: `trigger` must be a list of patterns, found: string (write `trigger = [\"push\"]`)",
    ),
    (
        "[environment.production.path]\ntrigger = []",
        "p:6:11: `trigger` is an empty list, which nothing can meet (name at least one, or leave the key out)",
    ),
    ("[environment.production.path]\nrunner = 3", "p:6:10: `runner` must be a list of patterns, found: integer"),
    (
        "[environment.production.path]\nref = \"refs/heads/main\"",
        "p:6:7: `ref` must be `as-given` or a list of patterns, found: string (write `ref = [\"refs/heads/main\"]`)",
    ),
    ("[environment.production.path]\ninputs = { a = \"b\" }", "p:6:10: `inputs` must be a string, found: table"),
    (
        "[environment.production.path]\nregistry = \"required\"",
        "p:6:1: unknown requirement `registry` (docs/policy.md lists what is known)",
    ),
    (
        "[environment.production.path]\ntrigger = [\"a\\u0000\"]",
        "p:6:12: a pattern of `trigger` has control characters (say what is expected, or leave the key out)",
    ),
    (
        "[environment.production.other]\nattested = \"sbom\"",
        "p:6:12: `attested` must be a list of patterns, found: string (write `attested = [\"sbom\"]`)",
    ),
    (
        "[environment.production.other]\ntool-results = \"clean\"",
        "p:6:16: `tool-results` must be a table or a list of tables, found: string (write `tool-results = { kind = \"clean\" }`)",
    ),
    (
        "[environment.production.other]\ntool-results = { kind = \"malwar\" }",
        "p:6:25: unknown value of `kind`: `malwar` (did you mean `malware`?)",
    ),
    (
        "[environment.production.other]\ntool-results = { kind = \"malware\", max-age = \"7 days\" }",
        "p:6:46: `max-age` is no span of time: `7 days` (write hours, days or weeks: `36h`, `7d`, `2w`)",
    ),
    (
        "[environment.production.other]\ntool-results = { tool = \"clamav\" }",
        "p:6:16: a table of `tool-results` lacks `kind` (add `kind = \"…\"`: what the tool looked at)",
    ),
    (
        "[environment.production.path]\nsource-compared = \"yes\"",
        "p:6:19: unknown value of `source-compared`: `yes` (known: established, nothing-known)",
    ),
    ("[environment.production.pth]\nprovenance = \"verified\"", "p:5:25: unknown section `pth` (did you mean `path`?)"),
    ("[environment.production]\nsigner = \"Acme\"", "p:6:10: `signer` must be a table, found: string"),
    (
        "[environment.production.path.source]\nrepository = \"a\"",
        "p:5:1: a table of `source` lacks `repo` (add `repo = \"…\"`: URI of the repository)\np:6:1: unknown field of `source`: `repository` (known: repo, ref, commit, voucher)",
    ),
    ("[environment.lab]", "p:5:1: `lab` is empty (require something, or leave the section out)"),
    (
        "[environment.lab.signer]\nvouched = \"by-anchor\"",
        "p:5:14: environment `lab` does not require that a signature holds (add `intact = \"required\"` under [environment.lab.signed])",
    ),
    (
        "[environment.Lab.signed]\nintact = \"required\"",
        "p:5:14: the name of an environment is a word (use lower-case letters, digits and `-`)",
    ),
    ("[environment.lab.signed]\nintact = \"no\"", "p:6:10: unknown value of `intact`: `no` (known: required)"),
    (
        "[environments.lab.signed]\nintact = \"required\"",
        "p:5:2: unknown key `environments` (did you mean `environment`?)",
    ),
    (
        "[[environment.production.rule]]\nid = \"x\"",
        "p:5:1: a rule lacks `cel` (add `cel = '…'`: the condition that must hold)\np:5:1: a rule lacks `else` (add `else = \"…\"`: what is said where it does not hold)",
    ),
    (
        "allow = \"unsigned\"",
        "p:5:1: unknown requirement `allow` (known: intact, coverage, kinds, algorithms, timestamp, transparency)",
    ),
    ("coverage = ", "p:5:12: string values must be quoted, expected literal string"),
    ("coverage = \"complete", "p:5:21: invalid basic string, expected `\"`"),
    ("[environment.production.signer", "p:5:31: unclosed table, expected `]`"),
    (
        "coverage = \"a\"\ntimestamp = \"b\"\n[environment.production.signer]\nexpcted = 1",
        "p:5:12: unknown value of `coverage`: `a` (known: complete)\np:6:13: unknown value of `timestamp`: `b` (known: verified)\np:8:1: unknown requirement `expcted` (did you mean `expected`?)",
    ),
    (
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx = 1",
        "p:5:1: unknown requirement `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` (known: intact, coverage, kinds, algorithms, timestamp, transparency)",
    ),
];

/// Whole policies, and the error.
const WHOLE: &[(&str, &str)] = &[
    (
        "",
        "p:1:1: `schema` is missing (write `schema = 1`)\np:1:1: `name` is missing (write `name = \"…\"`: it stands in every verdict)\np:1:1: the policy has no environment (add [environment.production.signed])",
    ),
    (
        "schema = 1",
        "p:1:1: `name` is missing (write `name = \"…\"`: it stands in every verdict)\np:1:1: the policy has no environment (add [environment.production.signed])",
    ),
    (
        "schema = 2\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n",
        "p:1:10: schema 2 is not known here (write `schema = 1`)",
    ),
    (
        "schema = \"1\"\nname = \"p\"\n[environment.production.signed]\nintact = \"required\"\n",
        "p:1:10: `schema` must be an integer, found: string",
    ),
    (
        "name = \"p\"\n[environment.production.signed]\nintact = \"required\"\n",
        "p:1:1: `schema` is missing (write `schema = 1`)",
    ),
    (
        "schema = 1\nname = \"\"\n[environment.production.signed]\nintact = \"required\"\n",
        "p:2:8: `name` is empty or has control characters (write `name = \"…\"`: it stands in every verdict)",
    ),
    (
        "schema = 1\nname = 7\n[environment.production.signed]\nintact = \"required\"\n",
        "p:2:8: `name` must be a string, found: integer",
    ),
    ("schema = 1\nname = \"p\"\nenvironment = \"production\"", "p:3:15: `environment` must be a table, found: string"),
    (
        "schema = 1\nname = \"p\"\n[environment]",
        "p:3:1: `environment` is empty (require something, or leave the section out)",
    ),
    (
        "schema = 1\nname = \"p\"\n[environment.production.path]\nprovenance = \"verified\"\n",
        "p:3:14: environment `production` does not require that a signature holds (add `intact = \"required\"` under [environment.production.signed])",
    ),
    (
        "\u{feff}schema = 1\r\nname = \"p\"\r\n[environment.production.signed]\r\nintect = \"required\"\r\n",
        "p:3:14: environment `production` does not require that a signature holds (add `intact = \"required\"` under [environment.production.signed])\np:4:1: unknown requirement `intect` (did you mean `intact`?)",
    ),
];

/// A builder that is right, which production asks for.
const BUILDER: &str = "[environment.production.path]\nprovenance = { builder = \"ci\" }\n[builders.ci]\n\
                       id = \"https://github.com/a/b/.github/workflows/w.yml\"\n\
                       signer = { issuer = \"https://token.actions.githubusercontent.com\", workflow = \"a/b/.github/workflows/w.yml\" }\n\
                       level = 2\nref = \"refs/tags/v*\"\nbuild_types = [\"t\"]\nparameters = { \"inputs.x\" = \"*\" }\n";

/// What of [`BUILDER`] is replaced by what, and the beginning of the error.
const OF_BUILDER: &[(&str, &str, &str)] = &[
    ("level = 2", "levell = 2", "p:10:1: unknown field of a builder: `levell` (did you mean `level`?)"),
    ("level = 2", "level = -1", "p:10:9: `level` is no level: -1"),
    ("level = 2", "level = 0x2", "p:10:9: `level` is no level: 2"),
    ("level = 2", "level = 2.0", "p:10:9: `level` must be an integer, found: float"),
    ("id = \"https", "idd = \"https", "p:7:1: a builder lacks `id`"),
    ("signer = {", "signed = {", "p:7:1: a builder lacks `signer`"),
    ("ref = \"refs/tags/v*\"", "ref = \"*\"", "p:11:7: a pattern of `ref` accepts everything"),
    ("ref = \"refs/tags/v*\"", "ref = []", "p:11:7: `ref` must be a string, found: array"),
    ("build_types = [\"t\"]", "build_types = []", "p:12:15: `build_types` is an empty list"),
    (
        "build_types = [\"t\"]",
        "build_types = \"t\"",
        "p:12:15: `build_types` must be a list of patterns, found: string",
    ),
    ("{ \"inputs.x\" = \"*\" }", "{}", "p:13:14: `parameters` is an empty table"),
    ("{ \"inputs.x\" = \"*\" }", "1", "p:13:14: `parameters` must be a table, found: integer"),
    (
        "workflow = \"a/b/.github/workflows/w.yml\"",
        "workflow = \"w.yml\"",
        "p:9:79: the workflow is not as in certificates",
    ),
    (
        "workflow = \"a/b/.github/workflows/w.yml\"",
        "workflow = \"a/b/w.yml@main\"",
        "p:9:79: the reference of a workflow belongs into `ref`",
    ),
    ("workflow = \"a/b/.github/workflows/w.yml\"", "workflow = \"a/b/*\"", "p:9:79: one workflow signs for a builder"),
    ("issuer = \"https://token", "issuer = \"token", "p:9:21: the issuer is no `https://` URL"),
    ("issuer = \"https", "isuer = \"https", "p:9:10: `signer` is neither a workflow nor a key"),
    ("[builders.ci]", "[builders.Ci]", "p:6:26: unknown builder `ci` (did you mean `Ci`?)"),
    (
        "provenance = { builder = \"ci\" }",
        "provenance = \"verified\"",
        "p:7:11: no environment asks for the builder `ci`",
    ),
];

#[test]
fn each_mistake_in_a_builder_is_a_clear_error() {
    let text = format!("{GOOD}{BUILDER}");
    assert_eq!(errors(&text), "no error");
    for (from, to, expected) in OF_BUILDER {
        assert!(text.contains(from), "{from}");
        let found = errors(&text.replacen(from, to, 1));
        assert!(found.lines().any(|line| line.starts_with(expected)), "expected {expected}\nfound {found}");
    }
}

fn errors(text: &str) -> String {
    Policy::parse(text, "p").map_or_else(|errors| errors.to_string(), |_| "no error".to_owned())
}

#[test]
fn each_mistake_is_a_clear_error() {
    let added = ADDED.iter().map(|(added, error)| (format!("{GOOD}{added}"), *error));
    let around = mistakes::AROUND.iter().map(|(added, error)| (format!("{GOOD}{added}"), *error));
    let waivers =
        mistakes::WAIVERS.iter().map(|(key, value, error)| (format!("{GOOD}{}", mistakes::waiver(key, value)), *error));
    let whole = WHOLE.iter().map(|(whole, error)| ((*whole).to_owned(), *error));
    for (text, error) in added.chain(around).chain(waivers).chain(whole) {
        assert_eq!(errors(&text), error, "in:\n{text}");
    }
}

#[test]
fn what_the_mistakes_are_added_to_is_right() {
    assert_eq!(errors(GOOD), "no error");
    assert_eq!(errors(&format!("{GOOD}{}", mistakes::waiver("environment", "\"production\""))), "no error");
}
