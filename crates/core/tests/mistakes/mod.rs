//! Mistakes in what a policy says beside its requirements: waivers, inheritance, warnings and dates.

/// The fields of a waiver that is right.
const WAIVER: [(&str, &str); 8] = [
    ("id", "\"INC-1\""),
    ("requirement", "\"timestamp\""),
    ("artifact", "\"sha256:0000000000000000000000000000000000000000000000000000000000000000\""),
    ("owner", "\"j.doe@acme.example\""),
    ("approved_by", "[\"k.lee@acme.example\"]"),
    ("reason", "\"old build\""),
    ("granted", "2026-11-01"),
    ("expires", "2026-12-01"),
];

/// A waiver with one field changed: left out if the value is empty, added if it is none of the usual ones.
pub(crate) fn waiver(key: &str, value: &str) -> String {
    let changed = |field: &(&str, &str)| if field.0 == key { value.to_owned() } else { field.1.to_owned() };
    let added = WAIVER.iter().all(|(known, _)| *known != key).then(|| (key, value.to_owned()));
    let fields = WAIVER.iter().map(|field| (field.0, changed(field))).chain(added);
    let lines = fields.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key} = {value}\n"));
    format!("[[waiver]]\n{}", lines.collect::<String>())
}

/// The changed field of a waiver behind a good policy, and the error.
pub(crate) const WAIVERS: &[(&str, &str, &str)] = &[
    ("owner", "", "p:5:1: a waiver lacks `owner` (add `owner = \"…\"`: who answers for it)"),
    (
        "approved_by",
        "",
        "p:5:1: a waiver lacks `approved_by` (add `approved_by = [\"…\"]`: who approved it, never the owner)",
    ),
    ("reason", "", "p:5:1: a waiver lacks `reason` (add `reason = \"…\"`: why)"),
    (
        "expires",
        "",
        "p:5:1: a waiver lacks `expires` (add `expires = 2027-02-01`: from when on it does not count any more)",
    ),
    ("granted", "", "p:5:1: a waiver lacks `granted` (add `granted = 2026-11-01`: from when on it counts)"),
    ("id", "", "p:5:1: a waiver lacks `id` (add `id = \"…\"`: the ticket or incident, which stands in every report)"),
    ("requirement", "", "p:5:1: a waiver lacks `requirement` (add `requirement = \"…\"`: what it excuses from)"),
    ("artifact", "", "p:5:1: a waiver lacks `artifact` (add `artifact = \"sha256:…\"`: for what)"),
    ("requirement", "\"timestmp\"", "p:7:15: unknown requirement `timestmp` (did you mean `timestamp`?)"),
    (
        "requirement",
        "\"intact\"",
        "p:7:15: `intact` cannot be waived (integrity, revocation and distrust never are: leave the waiver out)",
    ),
    (
        "requirement",
        "\"coverage\"",
        "p:7:15: `coverage` cannot be waived (integrity, revocation and distrust never are: leave the waiver out)",
    ),
    (
        "requirement",
        "\"not-revoked\"",
        "p:7:15: `not-revoked` cannot be waived (integrity, revocation and distrust never are: leave the waiver out)",
    ),
    (
        "requirement",
        "\"not-distrusted\"",
        "p:7:15: `not-distrusted` cannot be waived (integrity, revocation and distrust never are: leave the waiver out)",
    ),
    ("requirement", "[\"timestamp\"]", "p:7:15: `requirement` must be a string, found: array"),
    ("requirement", "\"*\"", "p:7:15: unknown requirement `*` (docs/policy.md lists what is known)"),
    (
        "artifact",
        "\"*\"",
        "p:8:12: `artifact` fits almost everything (name at least four letters beside `*` and the ending, or write \"sha256:…\")",
    ),
    (
        "artifact",
        "\"*.tar.gz\"",
        "p:8:12: `artifact` fits almost everything (name at least four letters beside `*` and the ending, or write \"sha256:…\")",
    ),
    (
        "artifact",
        "\"a*b\"",
        "p:8:12: `artifact` fits almost everything (name at least four letters beside `*` and the ending, or write \"sha256:…\")",
    ),
    (
        "artifact",
        "\"a*b*c*d\"",
        "p:8:12: `artifact` has more than two `*` (name a file, with at most two `*`, or write \"sha256:…\")",
    ),
    (
        "artifact",
        "\"sha256:00\"",
        "p:8:12: `artifact` is no whole SHA-256 (write \"sha256:\" and 64 hexadecimal digits, or the name of a file)",
    ),
    (
        "artifact",
        "\"sha256:*\"",
        "p:8:12: `artifact` is no whole SHA-256 (write \"sha256:\" and 64 hexadecimal digits, or the name of a file)",
    ),
    (
        "artifact",
        "\"sha1:0000000000000000000000000000000000000000\"",
        "p:8:12: `artifact` is no whole SHA-256 (write \"sha256:\" and 64 hexadecimal digits, or the name of a file)",
    ),
    (
        "artifact",
        "\"dir/app.exe\"",
        "p:8:12: `artifact` is no name of a file: a path is never matched (name a file, with at most two `*`, or write \"sha256:…\")",
    ),
    ("artifact", "\"\"", "p:8:12: `artifact` is empty"),
    ("artifact", "[\"a\"]", "p:8:12: `artifact` must be a string, found: array"),
    ("owner", "\"k.lee@acme.example\"", "p:10:16: `approved_by` names the owner (somebody else must approve)"),
    ("owner", "\"K.Lee+ops@acme.example\"", "p:10:16: `approved_by` names the owner (somebody else must approve)"),
    (
        "approved_by",
        "[\"k.lee@acme.example\", \"j.d\\u043Ee@acme.example\"]",
        "p:10:38: `approved_by` names the owner (somebody else must approve)",
    ),
    ("approved_by", "\"k.lee@acme.example\"", "p:10:15: `approved_by` must be a list of strings, found: string"),
    (
        "approved_by",
        "[]",
        "p:10:15: `approved_by` names 0 people; 1 to 16 are possible (somebody else than the owner must approve)",
    ),
    ("approved_by", "[\"a@b\", \"A@b\"]", "p:10:23: `approved_by` names somebody twice"),
    ("approved_by", "[1]", "p:10:16: `approved_by` must be a list of strings, found: integer"),
    (
        "owner",
        "\"Jane Doe\"",
        "p:9:9: `owner` does not name somebody (write an account or address alone: `owner = \"j.doe@acme.example\"`)",
    ),
    (
        "owner",
        "\"J <j.doe@acme.example>\"",
        "p:9:9: `owner` does not name somebody (write an account or address alone: `owner = \"j.doe@acme.example\"`)",
    ),
    (
        "owner",
        "\"-\"",
        "p:9:9: `owner` does not name somebody (write an account or address alone: `owner = \"j.doe@acme.example\"`)",
    ),
    ("reason", "\" \"", "p:11:10: `reason` is empty"),
    ("reason", "\"a\\nb\"", "p:11:10: `reason` has control characters"),
    (
        "expires",
        "2027-11-03",
        "p:13:11: `expires` lies more than 366 days after `granted` (grant it anew when it ends, if it is still needed)",
    ),
    (
        "expires",
        "2026-11-01",
        "p:13:11: `expires` does not lie after `granted` (grant it anew when it ends, if it is still needed)",
    ),
    (
        "expires",
        "\"2026-12-01\"",
        "p:13:11: `expires` must be a date, found: string (write `expires = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    (
        "expires",
        "2026-12-01T00:00:00",
        "p:13:11: `expires` is no instant: a date, or a date and time with its offset, is expected (write `expires = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    (
        "granted",
        "12:00:00",
        "p:12:11: `granted` is no instant: a date, or a date and time with its offset, is expected (write `granted = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    (
        "expires",
        "true",
        "p:13:11: `expires` must be a date, found: boolean (write `expires = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    ("environment", "\"prod\"", "p:14:15: unknown environment `prod` (known: production)"),
    ("environment", "1", "p:14:15: `environment` must be a string, found: integer"),
    ("id", "\"INC 1\"", "p:6:6: the `id` of a waiver is a word (use letters, digits, `-`, `_` and `.`, at most 64)"),
    ("id", "7", "p:6:6: `id` must be a string, found: integer"),
    (
        "until",
        "2026-12-01",
        "p:14:1: unknown field of `waiver`: `until` (known: id, requirement, artifact, owner, approved_by, reason, granted, expires, environment)",
    ),
    (
        "approvers",
        "\"x\"",
        "p:14:1: unknown field of `waiver`: `approvers` (known: id, requirement, artifact, owner, approved_by, reason, granted, expires, environment)",
    ),
];

/// What stands behind a good policy, and the error.
pub(crate) const AROUND: &[(&str, &str)] = &[
    ("[waiver]\nid = 1", "p:5:1: `waiver` must be a list of tables, each under [[waiver]], found: table"),
    (
        "[witnesses.forge]\nsigner = \"a\"\nissuer = \"b\"",
        "p:5:1: a witness lacks `says` (add `says`: the facts that it may bear witness of)",
    ),
    (
        "[witnesses.forge]\nsigner = \"a\"\nsays = [\"reviewed\"]",
        "p:5:1: a witness lacks `issuer` (add `issuer`: who vouches for that name)",
    ),
    (
        "[witnesses.forge]\nsigner = \"a\"\nissuer = \"b\"\nsays = []",
        "p:8:8: `says` is an empty list, which nothing can meet (name at least one, or leave the key out)",
    ),
    (
        "[witnesses.forge]\nsigner = \"a\"\nissuer = \"b\"\nsays = [\"review\"]",
        "p:8:9: unknown value of `says`: `review` (did you mean `reviewed`?)",
    ),
    (
        "[witnesses.forge]\nsigner = \"a\"\nissuer = \"b\"\nsays = [\"built-by\"]",
        "p:8:9: unknown value of `says`: `built-by` (known: run-ended, reviewed, change-approved, source-summarised, pushed, acted, released, tagged, built-again, published-version, tool-found)",
    ),
    (
        "[witnesses.forge]\nsigner = \"*\"\nissuer = \"b\"\nsays = [\"reviewed\"]",
        "p:6:10: a pattern of `signer` accepts everything (say what is expected, or leave the key out)",
    ),
    (
        "[witnesses.forge]\nsigner = \"a\"\nissuer = \"b\"\nsays = [\"reviewed\"]\nkey = \"c\"",
        "p:9:1: unknown field of a witness: `key` (known: signer, issuer, repository, says)",
    ),
    ("[witnesses]", "p:5:1: `witnesses` is empty (require something, or leave the section out)"),
    ("[[waivers]]\nid = \"x\"", "p:5:3: unknown key `waivers` (did you mean `waiver`?)"),
    (
        "[[waiver]]\nid = \"x\"",
        "p:5:1: a waiver lacks `requirement` (add `requirement = \"…\"`: what it excuses from)\np:5:1: a waiver lacks `artifact` (add `artifact = \"sha256:…\"`: for what)\np:5:1: a waiver lacks `owner` (add `owner = \"…\"`: who answers for it)\np:5:1: a waiver lacks `approved_by` (add `approved_by = [\"…\"]`: who approved it, never the owner)\np:5:1: a waiver lacks `reason` (add `reason = \"…\"`: why)\np:5:1: a waiver lacks `granted` (add `granted = 2026-11-01`: from when on it counts)\np:5:1: a waiver lacks `expires` (add `expires = 2027-02-01`: from when on it does not count any more)",
    ),
    (
        "[[waiver]]",
        "p:5:1: a waiver lacks `id` (add `id = \"…\"`: the ticket or incident, which stands in every report)\np:5:1: a waiver lacks `requirement` (add `requirement = \"…\"`: what it excuses from)\np:5:1: a waiver lacks `artifact` (add `artifact = \"sha256:…\"`: for what)\np:5:1: a waiver lacks `owner` (add `owner = \"…\"`: who answers for it)\np:5:1: a waiver lacks `approved_by` (add `approved_by = [\"…\"]`: who approved it, never the owner)\np:5:1: a waiver lacks `reason` (add `reason = \"…\"`: why)\np:5:1: a waiver lacks `granted` (add `granted = 2026-11-01`: from when on it counts)\np:5:1: a waiver lacks `expires` (add `expires = 2027-02-01`: from when on it does not count any more)",
    ),
    (
        "[[waiver]]\nid = \"INC-1\"\nrequirement = \"vouched\"\nartifact = \"app.exe\"\nowner = \"j.doe@acme.example\"\napproved_by = [\"k.lee@acme.example\"]\nreason = \"old build\"\ngranted = 2026-11-01\nexpires = 2026-12-01",
        "p:8:12: `vouched` is waived for exact bytes alone: whoever makes a file also names it (write `artifact = \"sha256:…\"`)",
    ),
    (
        "[[waiver]]\nid = \"INC-1\"\nrequirement = \"timestamp\"\nartifact = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\nowner = \"j.doe@acme.example\"\napproved_by = [\"k.lee@acme.example\"]\nreason = \"old build\"\ngranted = 2026-11-01\nexpires = 2026-12-01\n[[waiver]]\nid = \"INC-1\"\nrequirement = \"timestamp\"\nartifact = \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"\nowner = \"j.doe@acme.example\"\napproved_by = [\"k.lee@acme.example\"]\nreason = \"old build\"\ngranted = 2026-11-01\nexpires = 2026-12-01",
        "p:15:6: two waivers have this id (give each its own: a report names a waiver by its id)",
    ),
    (
        "[environment.lab]\ninherits = \"prodction\"",
        "p:6:12: unknown environment `prodction` (did you mean `production`?)",
    ),
    (
        "[environment.lab]\ninherits = \"lab\"",
        "p:6:12: environment `lab` inherits from itself (let one of them say what it requires itself)",
    ),
    (
        "[environment.a]\ninherits = \"b\"\n[environment.b]\ninherits = \"a\"",
        "p:6:12: environment `a` inherits from itself (let one of them say what it requires itself)\np:8:12: environment `b` inherits from itself (let one of them say what it requires itself)",
    ),
    (
        "[environment.a]\ninherits = \"b\"\n[environment.b]\ninherits = \"b\"",
        "p:8:12: environment `b` inherits from itself (let one of them say what it requires itself)",
    ),
    (
        "[environment.a]\ninherits = [\"production\", \"b\"]",
        "p:6:12: `inherits` must be the name of one environment, found: array",
    ),
    (
        "[environment.lab]\ninherit = \"production\"",
        "p:5:14: environment `lab` does not require that a signature holds (add `intact = \"required\"` under [environment.lab.signed])\np:6:1: unknown section `inherit` (did you mean `inherits`?)",
    ),
    (
        "[environment.lab.signer]\ninherits = \"production\"",
        "p:5:14: environment `lab` does not require that a signature holds (add `intact = \"required\"` under [environment.lab.signed])\np:6:1: unknown requirement `inherits` (known: vouched, not-revoked, expected, assurance, assurance-at-least, registered, owner-active, rotation-not-overdue, key-in-hardware, reviewed, monitored, no-drift, expected-publisher, not-distrusted)",
    ),
    (
        "[environment.e0]\ninherits = \"production\"\n[environment.e1]\ninherits = \"e0\"\n[environment.e2]\ninherits = \"e1\"\n[environment.e3]\ninherits = \"e2\"\n[environment.e4]\ninherits = \"e3\"\n[environment.e5]\ninherits = \"e4\"\n[environment.e6]\ninherits = \"e5\"\n[environment.e7]\ninherits = \"e6\"",
        "p:20:12: more than 8 environments inherit from each other in a line (say what is required where it is required)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = [\"vuched\"]",
        "p:8:9: unknown requirement `vuched` (did you mean `vouched`?)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = [\"intact\"]",
        "p:8:9: `intact` is always in force (take it out of the list: without it no other requirement means anything)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = [\"timestamp\"]",
        "p:8:9: environment `production` does not ask for `timestamp` (ask for it, or take it out here)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = \"vouched\"",
        "p:8:8: `warn` must be a list of requirements, found: string",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = []",
        "p:8:8: `warn` is an empty list, which nothing can meet (name at least one, or leave the key out)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = [\"vouched\", \"vouched\"]",
        "p:8:20: `vouched` is put out of force twice (name it once: under `warn`, or with its date under `effective_on`)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = [\"vouched\"]\neffective_on = { vouched = 2027-01-01 }",
        "p:9:18: `vouched` is put out of force twice (name it once: under `warn`, or with its date under `effective_on`)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarn = [1]",
        "p:8:9: `warn` must be a list of strings, found: integer",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\nwarned = [\"vouched\"]",
        "p:8:1: unknown section `warned` (known: signed, signer, path, other, rule, inherits, warn, effective_on, downgrades_since)",
    ),
    (
        "[environment.production.signer]\nvouched = { mode = \"warn\" }",
        "p:6:11: `vouched` must be a string, found: table",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = 2027-01-01",
        "p:8:16: `effective_on` must be a table of requirements, found: datetime (write `effective_on = { provenance = 2027-01-31 }`)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = {}",
        "p:8:16: `effective_on` is empty (name a requirement and its date, or leave the key out)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = { vouched = \"2027-01-01\" }",
        "p:8:28: `vouched` must be a date, found: string (write `vouched = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = { vouched = 2027-01-01T00:00:00 }",
        "p:8:28: `vouched` is no instant: a date, or a date and time with its offset, is expected (write `vouched = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = { vouchd = 2027-01-01 }",
        "p:8:18: unknown requirement `vouchd` (did you mean `vouched`?)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = { intact = 2027-01-01 }",
        "p:8:18: `intact` is always in force (take it out of the list: without it no other requirement means anything)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective-on = { vouched = 2027-01-01 }",
        "p:8:1: unknown section `effective-on` (did you mean `effective_on`?)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\neffective_on = { timestamp = 2027-01-01 }",
        "p:8:18: environment `production` does not ask for `timestamp` (ask for it, or take it out here)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\ndowngrades_since = \"2026-01-01\"",
        "p:8:20: `downgrades_since` must be a date, found: string (write `downgrades_since = 2027-01-31`, which begins at 00:00 UTC)",
    ),
    (
        "[environment.production.signer]\nvouched = \"by-anchor\"\n[environment.production]\ndowngrade_since = 2026-01-01",
        "p:8:1: unknown section `downgrade_since` (did you mean `downgrades_since`?)",
    ),
    (
        "[environment.production.signer]\nassurance = [\"self-signed\"]\nassurance-at-least = \"extended-validation\"",
        "p:3:14: environment `production` can admit nothing: no kind of `assurance` says as much as `assurance-at-least` asks (change one of the two)",
    ),
    (
        "[environment.production.signer]\nassurance = [\"workload-oidc\"]\n[environment.strict]\ninherits = \"production\"\nsigner = { assurance-at-least = \"organization-validated\" }",
        "p:7:14: environment `strict` can admit nothing: no kind of `assurance` says as much as `assurance-at-least` asks (change one of the two)",
    ),
    (
        "[environment.production.path]\nsource = { repo = \"github.com/a/b\", ref = \"refs/tags/*\" }\nref = [\"refs/heads/main\"]",
        "p:3:14: environment `production` can admit nothing: no `ref` of `source` is one that `ref` asks for (change one of the two)",
    ),
    (
        "[environment.lab]\ninherits = \"production\"\nsigned = { intact = \"no\" }",
        "p:7:21: unknown value of `intact`: `no` (known: required)",
    ),
];
