//! OpenSSF model signing (<https://github.com/sigstore/model-transparency>): a statement over every file of a
//! directory.
//!
//! The subject is no file, but the digest over the digests of the resources; so the resources are compared
//! with the directory, one by one, and anything in the directory that is not among them fails.

use std::collections::BTreeMap;

use crate::artifact::{Content, Digests};
use crate::crypto::{Digest, DigestAlgorithm, Hasher};
use crate::encoding::hex;
use crate::encoding::json::{Cursor, FieldError, Problem};
use crate::encoding::statement::Statement;
use crate::evidence::{CheckId, Need, Outcome, Reason, Signature};
use crate::formats::Context;

const SIGNATURE: &str = "https://model_signing/signature/v1.0";
/// Before v1.0, the subjects of the statement were the files.
const DIGESTS: &str = "https://model_signing/Digests/v0.1";

/// Whether a statement is about a directory.
pub(super) fn is_model(statement: &Statement) -> bool {
    [SIGNATURE, DIGESTS].contains(&statement.predicate_type.as_str())
}

/// The algorithms in which the digests of the files are needed.
pub(super) fn algorithms(statement: &Statement) -> Vec<DigestAlgorithm> {
    if !is_model(statement) {
        return Vec::new();
    }
    Manifest::read(statement)
        .map_or_else(|_| Vec::new(), |manifest| manifest.files.values().map(|digest| digest.algorithm()).collect())
}

/// Compares the directory with the signed list of files, if the statement is one of these and the artifact a
/// directory; says whether it did.
pub(super) fn check(signature: &mut Signature, statement: &Statement, context: &Context<'_>) -> bool {
    if !is_model(statement) || !matches!(context.artifact.content, Content::Tree(_)) {
        return false;
    }
    match Manifest::read(statement) {
        Err(error) => signature.check(CheckId::Structure, Outcome::Fail(Reason::Malformed), error.to_string()),
        Ok(manifest) => {
            if let Some(problem) = manifest.contradiction(statement) {
                signature.check(CheckId::Structure, Outcome::Fail(Reason::Contradiction), problem);
            }
            let (outcome, detail) = manifest.compare(context.tree);
            signature.check(CheckId::Subject, outcome, detail);
        }
    }
    true
}

/// The signed list of files.
struct Manifest {
    files: BTreeMap<String, Digest>,
    /// The digests in the order of the statement, over which the subject is.
    order: Vec<Digest>,
    ignored: Vec<String>,
    /// Whether the digests are of whole files.
    whole_files: bool,
}

impl Manifest {
    fn read(statement: &Statement) -> Result<Self, FieldError> {
        if statement.predicate_type == DIGESTS {
            return Ok(Self::of_subjects(statement));
        }
        let place = Cursor::new(&statement.predicate);
        let serialization = place.field("serialization")?;
        let method = serialization.field("method")?.text()?;
        let hash = serialization.optional("hash_type")?.map_or(Ok("sha256"), |hash| hash.text())?.to_owned();
        let ignored = serialization.list("ignore_paths")?;
        let mut manifest = Self {
            files: BTreeMap::new(),
            order: Vec::new(),
            ignored: ignored.iter().map(|path| path.text().map(str::to_owned)).collect::<Result<_, _>>()?,
            whole_files: method == "files",
        };
        for resource in place.field("resources")?.items()? {
            let name = resource.field("name")?;
            let digest = resource_digest(&resource, &hash)?;
            manifest.order.push(digest);
            if manifest.files.insert(name.text()?.to_owned(), digest).is_some() {
                return Err(name.error(Problem::BadValue("listed once")));
            }
        }
        Ok(manifest)
    }

    fn of_subjects(statement: &Statement) -> Self {
        let named = |subject: &crate::evidence::Subject| Some((subject.name.clone(), *subject.digests.iter().max()?));
        let files: BTreeMap<_, _> = statement.subjects.iter().filter_map(named).collect();
        let whole_files = files.len() == statement.subjects.len();
        Self { files, order: Vec::new(), ignored: Vec::new(), whole_files }
    }

    /// What in the statement contradicts the list: its subject must be the digest over it.
    fn contradiction(&self, statement: &Statement) -> Option<String> {
        if self.order.is_empty() {
            return None;
        }
        let [subject] = statement.subjects.as_slice() else { return Some("not exactly one subject".to_owned()) };
        let over = |algorithm| {
            let mut hasher = Hasher::new(algorithm);
            self.order.iter().for_each(|digest| hasher.update(digest.as_bytes()));
            hasher.finish()
        };
        let fits = |digest: &Digest| !digest.algorithm().is_broken() && over(digest.algorithm()) == *digest;
        let holds = subject.digests.iter().any(fits);
        (!holds).then(|| "the subject is not the digest over the listed files".to_owned())
    }

    fn compare(&self, tree: &[(String, Digests)]) -> (Outcome, String) {
        let mismatch = |detail| (Outcome::Fail(Reason::SubjectMismatch), detail);
        if !self.whole_files {
            let detail = "the files were signed in shards, which are not read here".to_owned();
            return (Outcome::Undecided(Need::Algorithm), detail);
        }
        let found: BTreeMap<&str, &Digests> = tree.iter().map(|(path, digests)| (path.as_str(), digests)).collect();
        for (name, digest) in &self.files {
            match found.get(name.as_str()).map(|digests| digests.get(&digest.algorithm())) {
                None => return mismatch(format!("`{name}` is missing")),
                Some(None) => return (Outcome::Undecided(Need::Limit), format!("no digest of `{name}`")),
                Some(Some(ours)) if ours != digest => return mismatch(format!("`{name}` was changed: {ours}")),
                Some(Some(_)) => {}
            }
        }
        let mut extra = found.keys().filter(|path| !self.files.contains_key(**path) && !self.ignores(path));
        match extra.next() {
            Some(path) => mismatch(format!("`{path}` is not among the signed files")),
            None if self.files.is_empty() => mismatch("no file is listed".to_owned()),
            None => (Outcome::Pass, format!("all {} files", self.files.len())),
        }
    }

    /// Paths that the signer left out, and what is below them.
    fn ignores(&self, path: &str) -> bool {
        let covers = |ignored: &String| {
            let ignored = ignored.trim_end_matches('/');
            path.strip_prefix(ignored).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.ignored.iter().any(covers)
    }
}

fn resource_digest(place: &Cursor<'_>, default: &str) -> Result<Digest, FieldError> {
    let name = place.optional("algorithm")?.map_or(Ok(default), |name| name.text())?;
    let value = place.field("digest")?;
    let algorithm = DigestAlgorithm::ALL.into_iter().find(|algorithm| algorithm.name() == name);
    let bytes = value.value().as_str().and_then(hex::decode);
    let digest = algorithm.filter(|a| !a.is_broken()).zip(bytes).and_then(|(a, bytes)| Digest::new(a, &bytes));
    digest.ok_or_else(|| value.error(Problem::BadValue("a digest of an algorithm that is read here")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(content: &[u8]) -> Digest {
        Digest::of(DigestAlgorithm::Sha256, content)
    }

    fn statement(ignored: &str) -> Statement {
        let (a, b) = (file(b"a"), file(b"b"));
        let subject = file(&[a.as_bytes(), b.as_bytes()].concat());
        let text = format!(
            r#"{{"_type":"https://in-toto.io/Statement/v1","subject":[{{"name":"m","digest":{{"sha256":"{}"}}}}],
            "predicateType":"{SIGNATURE}","predicate":{{"serialization":{{"method":"files","hash_type":"sha256",
            "ignore_paths":[{ignored}]}},"resources":[{{"name":"a","digest":"{}"}},{{"name":"d/b","digest":"{}"}}]}}}}"#,
            subject.hex(),
            a.hex(),
            b.hex()
        );
        Statement::parse(text.as_bytes()).unwrap()
    }

    fn tree(files: &[(&str, &[u8])]) -> Vec<(String, Digests)> {
        let digests = |content: &[u8]| std::iter::once((DigestAlgorithm::Sha256, file(content))).collect();
        files.iter().map(|(path, content)| ((*path).to_owned(), digests(content))).collect()
    }

    fn compare(ignored: &str, files: &[(&str, &[u8])]) -> Outcome {
        Manifest::read(&statement(ignored)).unwrap().compare(&tree(files)).0
    }

    const MISMATCH: Outcome = Outcome::Fail(Reason::SubjectMismatch);

    #[test]
    fn the_directory_must_be_exactly_the_signed_one() {
        assert_eq!(compare("", &[("a", b"a"), ("d/b", b"b")]), Outcome::Pass);
        assert_eq!(compare("", &[("a", b"a")]), MISMATCH);
        assert_eq!(compare("", &[("a", b"a"), ("d/b", b"x")]), MISMATCH);
        assert_eq!(compare("", &[("a", b"a"), ("d/b", b"b"), ("c", b"c")]), MISMATCH);
    }

    #[test]
    fn left_out_paths_may_exist_with_all_below_them_and_nothing_beside_them() {
        let files = |extra| [("a", &b"a"[..]), ("d/b", b"b"), (extra, b"c")];
        assert_eq!(compare(r#"".git""#, &files(".git")), Outcome::Pass);
        assert_eq!(compare(r#"".git/""#, &files(".git/config")), Outcome::Pass);
        assert_eq!(compare(r#"".git""#, &files(".gitx")), MISMATCH);
    }

    #[test]
    fn the_subject_must_be_the_digest_over_the_list() {
        let mut statement = statement("");
        assert_eq!(Manifest::read(&statement).unwrap().contradiction(&statement), None);
        statement.subjects[0].digests = vec![file(b"other")];
        assert!(Manifest::read(&statement).unwrap().contradiction(&statement).is_some());
    }
}
