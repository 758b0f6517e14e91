-- The registry of signing identities: events are the truth, everything else about identities follows from them.
CREATE TABLE identity (
    number   INTEGER PRIMARY KEY,
    id       TEXT    NOT NULL UNIQUE,
    sequence INTEGER NOT NULL,          -- how many events it has
    snapshot TEXT    NOT NULL,          -- JSON: the fold over its events
    sum      BLOB    NOT NULL           -- SHA-256 of id, sequence and snapshot
) STRICT;

CREATE TABLE event (
    sequence INTEGER PRIMARY KEY,       -- the registry's: 1, 2, 3 … without a gap
    identity INTEGER NOT NULL REFERENCES identity (number),
    version  INTEGER NOT NULL,          -- the identity's: 1, 2, 3 … without a gap
    at       INTEGER NOT NULL,          -- when it took effect, Unix seconds
    body     TEXT    NOT NULL,          -- JSON
    chain    BLOB    NOT NULL,          -- SHA-256 over the chain so far and this event
    UNIQUE (identity, version)
) STRICT;

CREATE TRIGGER event_stays BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER event_is_kept BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;

-- What identities are recognised by, and what was seen in the evidence of verdicts: one dictionary for both.
CREATE TABLE key (
    number INTEGER PRIMARY KEY,
    text   TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE selector (
    key      INTEGER NOT NULL REFERENCES key (number),
    identity INTEGER NOT NULL REFERENCES identity (number),
    PRIMARY KEY (key, identity)
) STRICT, WITHOUT ROWID;
CREATE INDEX selector_by_identity ON selector (identity);

-- Recorded verdicts. Facts and policies are kept once, however often somebody relied on them.
CREATE TABLE policy (
    number INTEGER PRIMARY KEY,
    sha256 BLOB    NOT NULL UNIQUE,
    text   TEXT    NOT NULL
) STRICT;

CREATE TABLE facts (
    number INTEGER PRIMARY KEY,
    prefix INTEGER NOT NULL,            -- the first 8 bytes of `sum`, to find it by: small beside 32 random bytes
    sum    BLOB    NOT NULL,            -- SHA-256 of the JSON document
    body   TEXT    NOT NULL             -- the dossier without name and path; the number of a part between two U+0001
) STRICT;
CREATE INDEX facts_by_prefix ON facts (prefix);

-- Long texts that many facts share, such as certificates.
CREATE TABLE part (
    number INTEGER PRIMARY KEY,
    prefix INTEGER NOT NULL,
    sum    BLOB    NOT NULL,            -- SHA-256 of `text`
    text   TEXT    NOT NULL
) STRICT;
CREATE INDEX part_by_prefix ON part (prefix);

CREATE TABLE facts_key (
    key   INTEGER NOT NULL REFERENCES key (number),
    facts INTEGER NOT NULL REFERENCES facts (number),
    PRIMARY KEY (key, facts)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts_digest (
    prefix INTEGER NOT NULL,            -- the first 8 bytes of a digest of the artifact
    facts  INTEGER NOT NULL REFERENCES facts (number),
    PRIMARY KEY (prefix, facts)
) STRICT, WITHOUT ROWID;

CREATE TABLE record (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,            -- the instant of appraisal, Unix seconds
    facts  INTEGER NOT NULL REFERENCES facts (number),
    policy INTEGER NOT NULL REFERENCES policy (number),
    body   TEXT    NOT NULL,            -- JSON: who relied on it, where, the answers
    sum    BLOB    NOT NULL             -- SHA-256 of at, facts, policy and body
) STRICT;
CREATE INDEX record_by_facts ON record (facts);

CREATE TRIGGER record_stays BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'records are append-only'); END;
CREATE TRIGGER facts_stay BEFORE UPDATE ON facts BEGIN SELECT RAISE(ABORT, 'facts are append-only'); END;

-- Inventories: which digest is installed where.
CREATE TABLE installed (
    number   INTEGER PRIMARY KEY,
    prefix   INTEGER NOT NULL,          -- the first 8 bytes of the digest
    digest   TEXT    NOT NULL,          -- sha256:…
    place    TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    version  TEXT    NOT NULL,          -- empty if not said
    observed INTEGER NOT NULL,          -- Unix seconds
    source   TEXT    NOT NULL           -- the file it was imported from
) STRICT;
CREATE UNIQUE INDEX installed_once ON installed (prefix, digest, place, name, version);

-- Revocation lists and OCSP responses, by whose certificates they are about.
CREATE TABLE revocation (
    number INTEGER PRIMARY KEY,
    kind   TEXT    NOT NULL,            -- list or response
    sum    BLOB    NOT NULL UNIQUE,     -- SHA-256 of `body`
    issued INTEGER,                     -- its own date, Unix seconds
    due    INTEGER,                     -- when the next one is due, where said
    kept   INTEGER NOT NULL,            -- when it came in
    source TEXT    NOT NULL,            -- where it came from
    body   BLOB    NOT NULL             -- DER, as found
) STRICT;

CREATE TABLE revocation_shelf (
    shelf      TEXT    NOT NULL,
    revocation INTEGER NOT NULL REFERENCES revocation (number),
    PRIMARY KEY (shelf, revocation)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER revocation_stays BEFORE UPDATE ON revocation BEGIN SELECT RAISE(ABORT, 'pieces are append-only'); END;
