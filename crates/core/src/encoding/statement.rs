//! in-toto statements, v0.1 and v1 (<https://github.com/in-toto/attestation>), and how gittuf spells them.

use super::dsse::{Envelope, GITTUF};
use super::hex;
use super::json::{self, Cursor, FieldError, Json, Problem};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::evidence::Subject;

/// A statement: what is said (the predicate) about what (the subjects).
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// The kind of predicate, a URI.
    pub predicate_type: String,
    /// The predicate; `null` where the kind has no content.
    pub predicate: Json,
}

/// Why a payload is no statement that is read here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatementError {
    /// It is no JSON, or runs into a bound.
    Json(json::Error),
    /// A member is missing or of the wrong form.
    Field(FieldError),
}

impl std::fmt::Display for StatementError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Json(error) => write!(f, "statement: {error}"),
            Self::Field(error) => write!(f, "statement: {error}"),
        }
    }
}

impl std::error::Error for StatementError {}

const VERSIONS: [&str; 2] = ["https://in-toto.io/Statement/v1", "https://in-toto.io/Statement/v0.1"];

/// What the version of a statement starts with, whichever it is.
const ANY_VERSION: &str = "https://in-toto.io/Statement/";

/// The members that are not spelt alike everywhere, most usual spelling first.
struct Spelling {
    version: &'static [&'static str],
    predicate_type: &'static [&'static str],
}

/// What the specification demands.
const SPECIFIED: Spelling = Spelling { version: &["_type"], predicate_type: &["predicateType"] };

/// gittuf writes the structure of the protocol buffers with Go's own `encoding/json`, which takes the names of the fields
/// and not those of ProtoJSON. A later one may mend that, so that both spellings are read, but never beside each other:
/// readers would differ in which they take.
const OF_GITTUF: Spelling =
    Spelling { version: &["type", "_type"], predicate_type: &["predicate_type", "predicateType"] };

/// Subjects read from one statement: a release with a statement over ten thousand files is unheard of.
const MAX_SUBJECTS: usize = 100_000;

impl Statement {
    /// Reads a statement. Members that the specification does not know are ignored, as it demands.
    ///
    /// # Errors
    /// If it is no JSON, of another version, or lacks a member.
    pub fn parse(payload: &[u8]) -> Result<Self, StatementError> {
        let document = json::parse(payload).map_err(StatementError::Json)?;
        Self::from_json(&Cursor::new(&document), &SPECIFIED).map_err(StatementError::Field)
    }

    /// The statement that an envelope carries; `None` if the type of its payload says that it carries none, or may carry
    /// something else and does.
    #[must_use]
    pub fn of_envelope(envelope: &Envelope) -> Option<Result<Self, StatementError>> {
        if envelope.carries_statement() {
            return Some(Self::parse(&envelope.payload));
        }
        (envelope.payload_type == GITTUF).then(|| Self::of_gittuf(&envelope.payload).transpose()).flatten()
    }

    /// gittuf gives its policies the type of payload of its attestations: only those say that they are statements.
    fn of_gittuf(payload: &[u8]) -> Result<Option<Self>, StatementError> {
        let document = json::parse(payload).map_err(StatementError::Json)?;
        let says = |name: &&str| document.text_at(&[*name]).is_some_and(|version| version.starts_with(ANY_VERSION));
        if !OF_GITTUF.version.iter().any(says) {
            return Ok(None);
        }
        Self::from_json(&Cursor::new(&document), &OF_GITTUF).map(Some).map_err(StatementError::Field)
    }

    fn from_json(place: &Cursor<'_>, spelling: &Spelling) -> Result<Self, FieldError> {
        let version = spelt(place, spelling.version)?;
        if !VERSIONS.contains(&version.text()?) {
            return Err(version.error(Problem::BadValue("a version of in-toto statements that is read here")));
        }
        let subjects = place.field("subject")?;
        let items = subjects.items()?;
        if items.len() > MAX_SUBJECTS {
            return Err(subjects.error(Problem::BadValue("a list of at most 100,000 subjects")));
        }
        let predicate_type = spelt(place, spelling.predicate_type)?.text()?.to_owned();
        let predicate = place.optional("predicate")?.map_or(Json::Null, |value| value.value().clone());
        Ok(Self { subjects: items.iter().map(subject).collect::<Result<_, _>>()?, predicate_type, predicate })
    }
}

/// The member that has one of these names.
fn spelt<'a>(place: &Cursor<'a>, names: &[&str]) -> Result<Cursor<'a>, FieldError> {
    let is_there = |name: &&&str| place.value().get(name).is_some();
    let mut there = names.iter().filter(is_there);
    let member = place.field(there.next().or(names.first()).unwrap_or(&""))?;
    match there.next() {
        Some(_) => Err(member.error(Problem::BadValue("the only spelling of its name"))),
        None => Ok(member),
    }
}

fn subject(place: &Cursor<'_>) -> Result<Subject, FieldError> {
    let name = place.optional("name")?.map_or(Ok(""), |name| name.text())?.to_owned();
    let digests = place.optional("digest")?.map_or_else(|| Ok(Vec::new()), |set| digest_set(&set))?;
    Ok(Subject { name, digests, commit: commit(place)?, references: references(place)? })
}

/// The commit that a subject is (in-toto attestation, `DigestSet`: `gitCommit`).
fn commit(subject: &Cursor<'_>) -> Result<Option<String>, FieldError> {
    let digests = subject.optional("digest")?;
    let commit = digests.map_or(Ok(None), |digests| digests.optional("gitCommit"))?;
    let text = commit.map(|commit| commit.text()).transpose()?;
    Ok(text.filter(|text| hex::decode(text).is_some()).map(str::to_ascii_lowercase))
}

/// The references of a commit, under both names that are in use.
fn references(subject: &Cursor<'_>) -> Result<Vec<String>, FieldError> {
    let Some(annotations) = subject.optional("annotations")? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for name in ["sourceRefs", "source_refs"] {
        for reference in annotations.list(name)? {
            found.push(reference.text()?.to_owned());
        }
    }
    Ok(found)
}

/// The digests of a `DigestSet` whose algorithms we know; others are ignored, as the specification demands.
fn digest_set(place: &Cursor<'_>) -> Result<Vec<Digest>, FieldError> {
    let members = place.value().as_object().ok_or_else(|| place.error(Problem::WrongType("object")))?;
    let known = DigestAlgorithm::ALL.into_iter().filter(|algorithm| members.contains_key(algorithm.name()));
    known.map(|algorithm| digest(place, algorithm)).collect()
}

fn digest(set: &Cursor<'_>, algorithm: DigestAlgorithm) -> Result<Digest, FieldError> {
    let place = set.field(algorithm.name())?;
    let bytes = hex::decode(place.text()?);
    let digest = bytes.and_then(|bytes| Digest::new(algorithm, &bytes));
    digest.ok_or_else(|| place.error(Problem::BadValue("the hexadecimal digest of its algorithm")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn with(version: &str, subject: &str) -> Result<Statement, StatementError> {
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/{version}","subject":{subject},"predicateType":"p","x":1}}"#
        );
        Statement::parse(text.as_bytes())
    }

    #[test]
    fn both_versions_are_read_and_unknown_members_and_algorithms_ignored() {
        for version in ["v1", "v0.1"] {
            let subject = format!(r#"[{{"name":"a","digest":{{"sha256":"{EMPTY}","blake9":"?"}}}},{{"uri":"u"}}]"#);
            let statement = with(version, &subject).unwrap();
            assert_eq!(statement.subjects[0].digests, [Digest::of(DigestAlgorithm::Sha256, b"")]);
            assert!(statement.subjects[1].digests.is_empty());
            assert_eq!(statement.subjects[1].commit, None);
            assert_eq!((statement.predicate_type.as_str(), statement.predicate), ("p", Json::Null));
        }
    }

    #[test]
    fn a_commit_is_a_subject_but_no_digest_of_a_file() {
        let subject = r#"[{"digest":{"gitCommit":"AB01"},"annotations":{"sourceRefs":["refs/heads/main"]}},{"digest":{"gitCommit":"x"}}]"#;
        let statement = with("v1", subject).unwrap();
        let first = &statement.subjects[0];
        assert_eq!((first.commit.as_deref(), first.digests.as_slice()), (Some("ab01"), &[][..]));
        assert_eq!(first.references, ["refs/heads/main"]);
        assert_eq!(statement.subjects[1].commit, None);
    }

    fn enveloped(payload_type: &str, payload: &str) -> Option<Result<Statement, StatementError>> {
        let payload = payload.as_bytes().to_vec();
        Statement::of_envelope(&Envelope { payload_type: payload_type.to_owned(), payload, signatures: Vec::new() })
    }

    #[test]
    fn the_spelling_of_gittuf_is_read_under_its_type_of_payload_alone() {
        let text = r#"{"type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"gitTree":"ab"}}],"predicate_type":"p","predicate":{"a":1}}"#;
        let statement = enveloped(GITTUF, text).unwrap().unwrap();
        assert_eq!(statement.predicate_type, "p");
        assert!(statement.subjects[0].digests.is_empty());
        assert!(statement.predicate.get("a").is_some());
        assert!(enveloped(crate::encoding::dsse::IN_TOTO, text).unwrap().is_err());
        assert!(enveloped("application/json", text).is_none());
        let specified = text.replace("\"type", "\"_type").replace("predicate_type", "predicateType");
        assert_eq!(enveloped(GITTUF, &specified).unwrap().unwrap(), statement);
        assert_eq!(enveloped(crate::encoding::dsse::IN_TOTO, &specified).unwrap().unwrap(), statement);
    }

    #[test]
    fn what_gittuf_signs_beside_statements_is_none() {
        for text in [r#"{"type":"root","subject":[]}"#, r#"{"schemaVersion":"v"}"#, r#"{"type":1}"#, "[]"] {
            assert_eq!(enveloped(GITTUF, text), None, "{text}");
        }
        assert!(matches!(enveloped(GITTUF, "{"), Some(Err(StatementError::Json(_)))));
        let later = r#"{"type":"https://in-toto.io/Statement/v2","subject":[],"predicate_type":"p"}"#;
        assert!(matches!(enveloped(GITTUF, later), Some(Err(StatementError::Field(_)))));
    }

    #[test]
    fn a_member_in_both_spellings_is_refused() {
        const V1: &str = "https://in-toto.io/Statement/v1";
        for (names, place) in [
            (format!(r#""type":"{V1}","_type":"{V1}","predicate_type":"p""#), "type"),
            (format!(r#""type":"root","_type":"{V1}","predicate_type":"p""#), "type"),
            (format!(r#""type":"{V1}","predicate_type":"p","predicateType":"p""#), "predicate_type"),
            (format!(r#""type":"{V1}","predicate_type":"p","predicateType":null"#), "predicate_type"),
        ] {
            let read = enveloped(GITTUF, &format!(r#"{{{names},"subject":[]}}"#));
            let Some(Err(StatementError::Field(error))) = read else { panic!("{names}") };
            assert_eq!(error.path, place);
        }
    }

    #[test]
    fn wrong_versions_digests_and_doubled_names_are_refused() {
        assert!(with("v2", "[]").is_err());
        assert!(with("v1", "{}").is_err());
        assert!(with("v1", r#"[{"digest":{"sha256":"00"}}]"#).is_err());
        assert!(with("v1", r#"[{"digest":{"sha256":1}}]"#).is_err());
        let doubled = format!(r#"[{{"digest":{{"sha256":"{EMPTY}","sha256":"{EMPTY}"}}}}]"#);
        assert!(matches!(with("v1", &doubled), Err(StatementError::Json(_))));
    }
}
