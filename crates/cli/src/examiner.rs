//! From a path to a dossier or a verdict: opening, finding evidence, asking core.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content, TreeFile};
use countersign::crypto::Digest;
use countersign::dossier::Dossier;
use countersign::examine::examine;
use countersign::formats;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::pki::revocation::RevocationInfo;
use countersign::policy::{Expectations, Policy};
use countersign::record::{Reliance, VerdictRecord};
use countersign::registry::{Registry, keys_of_artifact};
use countersign::time::Time;
use countersign::verdict::Verdict;
use countersign_store::{NewRecord, PolicyText, SqliteStore, Store as _, ledger, verdicts};

use crate::args::{AppraisalOptions, EvidenceOptions};
use crate::discover::{self, Listing};
use crate::limits::Bounds;
use crate::source::{Deadline, FileSource, TreeSource, read_whole};
use crate::trouble::{Trouble, path_text};
use crate::walk::{Met, Walk};
use crate::{bring, policies, revocation};

/// What is to be judged.
#[derive(Clone)]
pub(crate) enum Target {
    /// A file; with the names beside it, if they are known already.
    File(PathBuf, Option<Arc<Listing>>),
    /// A directory that is signed as a whole.
    Tree(PathBuf),
    /// A digest that stands for a file.
    Digest(Digest),
}

impl Target {
    /// What it is called in messages.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::File(path, _) | Self::Tree(path) => path_text(path),
            Self::Digest(digest) => digest.to_string(),
        }
    }

    /// Its path as text, if that is not how the file is really called.
    pub(crate) fn unprintable(&self) -> Option<String> {
        match self {
            Self::File(path, _) | Self::Tree(path) if path.to_str().is_none() => Some(self.text()),
            _ => None,
        }
    }
}

/// Gathers facts.
#[derive(Clone)]
pub(crate) struct Examiner {
    material: Material,
    bounds: Bounds,
    discover: bool,
    /// Where the given evidence is, so that it is not judged where it lies in a tree.
    given: Vec<PathBuf>,
    /// The instant of appraisal.
    pub(crate) at: Time,
}

/// How long the rest may take once the time for an artifact is over: enough to say what is known without its
/// bytes.
const GRACE: Duration = Duration::from_secs(5);

impl Examiner {
    /// Loads what the user brings.
    pub(crate) fn new(options: &EvidenceOptions) -> Result<Self, Trouble> {
        let bounds = Bounds::of(&options.limit);
        let material = bring::material(options, &bounds.limits)?;
        let given =
            options.evidence.iter().chain(&options.observed).filter_map(|path| path.canonicalize().ok()).collect();
        Ok(Self { material, bounds, discover: !options.no_discover, given, at: options.at.unwrap_or_else(now) })
    }

    /// The same with more revocation information.
    fn with_revocation(&self, more: RevocationInfo) -> Self {
        let mut richer = self.clone();
        richer.material.crls.extend(more.crls);
        richer.material.ocsp.extend(more.ocsp);
        richer
    }

    /// What a path given by the user is, if it is to be judged as one artifact: a directory only if evidence
    /// speaks about it as a whole.
    pub(crate) fn whole(&self, path: &Path) -> Result<Option<Target>, Trouble> {
        if !path.is_dir() {
            return Ok(Some(Target::File(path.to_owned(), None)));
        }
        let signs_tree = |file: &EvidenceFile| formats::signs_tree(&file.bytes);
        let signed = self.material.evidence.iter().any(signs_tree) || self.beside(path)?.iter().any(signs_tree);
        Ok(signed.then(|| Target::Tree(path.to_owned())))
    }

    /// Whether a file met in a tree is evidence about its neighbour, or was given as evidence.
    pub(crate) fn is_evidence(&self, path: &Path, listing: &Listing) -> Result<bool, Trouble> {
        if self.is_given(path) {
            return Ok(true);
        }
        let named = self.discover && path.file_name().is_some_and(|name| listing.names_evidence(name));
        if !named {
            return Ok(false);
        }
        // By its content too: nobody hides a program by calling it `x.sig`.
        let bytes = read_whole(path, self.bounds.limits.memory_bytes)?;
        Ok(formats::of_evidence(&bytes).is_some())
    }

    fn is_given(&self, path: &Path) -> bool {
        !self.given.is_empty() && path.canonicalize().is_ok_and(|real| self.given.contains(&real))
    }

    /// The facts about a target.
    pub(crate) fn examine(&self, target: &Target, hash_threads: usize) -> Result<Dossier, Trouble> {
        let limits = Limits { hash_threads, ..self.bounds.limits.clone() };
        match target {
            Target::File(path, listing) => self.file(path, listing.as_deref(), &limits),
            Target::Tree(path) => self.tree(path, &limits),
            Target::Digest(digest) => {
                let artifact =
                    Artifact { name: digest.to_string(), path: String::new(), content: Content::Digest(*digest) };
                examine(&artifact, &self.material, self.at, &limits)
                    .map_err(|error| Trouble::new(digest.to_string(), error.to_string()))
            }
        }
    }

    fn file(&self, path: &Path, listing: Option<&Listing>, limits: &Limits) -> Result<Dossier, Trouble> {
        let deadline = Deadline::after(self.bounds.time);
        let source = FileSource::open(path, deadline)?;
        let evidence = match listing {
            Some(listing) => self.read_all(&self.neighbours(path, listing))?,
            None => self.beside(path)?,
        };
        let material = self.with(evidence);
        let found = self.read(path, &source, &material, limits);
        if found.is_err() && deadline.is_over() {
            // A limit is evidence: say what is known without the digests of the bytes.
            let source = FileSource::open(path, Deadline::after(Some(GRACE)))?;
            return self.read(path, &source, &material, &Limits { artifact_bytes: 0, ..limits.clone() });
        }
        found
    }

    fn read(&self, path: &Path, source: &FileSource, with: &Material, limits: &Limits) -> Result<Dossier, Trouble> {
        let artifact = Artifact { name: name_of(path), path: path_text(path), content: Content::File(source) };
        let dossier = examine(&artifact, with, self.at, limits).map_err(|error| Trouble::read(path, &error))?;
        source.unchanged().map_err(|error| Trouble::read(path, &error))?;
        Ok(dossier)
    }

    fn tree(&self, path: &Path, limits: &Limits) -> Result<Dossier, Trouble> {
        let material = self.with(self.beside(path)?);
        let sources = self.tree_sources(path)?;
        let mut files: Vec<TreeFile<'_>> =
            sources.iter().map(|(name, source)| TreeFile { path: name.clone(), bytes: source }).collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let artifact = Artifact { name: name_of(path), path: path_text(path), content: Content::Tree(&files) };
        examine(&artifact, &material, self.at, limits).map_err(|error| Trouble::read(path, &error))
    }

    fn tree_sources(&self, root: &Path) -> Result<Vec<(String, TreeSource)>, Trouble> {
        let deadline = Deadline::after(self.bounds.time);
        let mut sources = Vec::new();
        for met in Walk::strict(root) {
            match met {
                Met::File(path, _) if self.is_given(&path) => {}
                Met::File(path, _) => {
                    let below = path.strip_prefix(root).unwrap_or(&path);
                    let parts: Vec<String> = below.iter().map(|part| path_text(Path::new(part))).collect();
                    sources.push((parts.join("/"), TreeSource::note(path.clone(), deadline)?));
                }
                Met::Trouble(trouble) => return Err(trouble),
            }
        }
        Ok(sources)
    }

    fn neighbours(&self, path: &Path, listing: &Listing) -> Vec<PathBuf> {
        match path.file_name() {
            Some(name) if self.discover => listing.evidence_of(name),
            _ => Vec::new(),
        }
    }

    fn beside(&self, path: &Path) -> Result<Vec<EvidenceFile>, Trouble> {
        if !self.discover {
            return Ok(Vec::new());
        }
        let found = discover::beside(path).map_err(|error| Trouble::io(path, &error))?;
        self.read_all(&found)
    }

    /// Reads files of evidence, all of them together within the memory limit.
    fn read_all(&self, paths: &[PathBuf]) -> Result<Vec<EvidenceFile>, Trouble> {
        let mut room = self.bounds.limits.memory_bytes;
        let files = paths.iter().filter(|path| !path.is_dir() && !self.is_given(path));
        files
            .map(|path| {
                let bytes = read_whole(path, room)?;
                room = room.saturating_sub(bytes.len() as u64);
                Ok(EvidenceFile { path: path_text(path), bytes })
            })
            .collect()
    }

    fn with(&self, evidence: Vec<EvidenceFile>) -> Cow<'_, Material> {
        if evidence.is_empty() {
            return Cow::Borrowed(&self.material);
        }
        let mut material = self.material.clone();
        material.evidence.extend(evidence);
        Cow::Owned(material)
    }
}

/// Gathers facts and weighs them.
pub(crate) struct Judge {
    /// The one that gathers them.
    pub(crate) examiner: Examiner,
    policy: Policy,
    /// The policy's text.
    text: String,
    environment: String,
    expectations: Expectations,
    /// The registry that is asked, if one is, as it was at the beginning.
    registry: Option<Mutex<SqliteStore>>,
}

impl Judge {
    /// Loads policy and material, and opens the registry if one is named.
    pub(crate) fn new(evidence: &EvidenceOptions, appraisal: &AppraisalOptions) -> Result<Self, Trouble> {
        let mut judge = Self::without_registry(evidence, appraisal)?;
        judge.registry = appraisal.store.registry(judge.policy.environment(&judge.environment))?.map(Mutex::new);
        Ok(judge)
    }

    /// Loads policy and material.
    pub(crate) fn without_registry(evidence: &EvidenceOptions, appraisal: &AppraisalOptions) -> Result<Self, Trouble> {
        let (policy, text) = policies::load(appraisal)?;
        let expectations = appraisal.expectations();
        let examiner = Examiner::new(evidence)?;
        let environment = appraisal.environment.clone();
        Ok(Self { examiner, policy, text, environment, expectations, registry: None })
    }

    /// The verdict on a target.
    pub(crate) fn judge(&self, target: &Target, hash_threads: usize) -> Result<Verdict, Trouble> {
        self.judge_with_registry(target, hash_threads).map(|(verdict, _)| verdict)
    }

    /// The verdict on a target, with the part of the registry that it was given under.
    pub(crate) fn judge_with_registry(
        &self,
        target: &Target,
        hash_threads: usize,
    ) -> Result<(Verdict, Registry), Trouble> {
        let dossier = self.examiner.examine(target, hash_threads)?;
        let dossier = match self.kept_revocation(&dossier)? {
            Some(kept) => self.examiner.with_revocation(kept).examine(target, hash_threads)?,
            None => dossier,
        };
        self.weigh(dossier)
    }

    /// Under what artifacts are judged, with this part of the registry.
    pub(crate) fn terms<'a>(&'a self, registry: &'a Registry) -> Terms<'a> {
        Terms {
            policy: &self.policy,
            environment: &self.environment,
            expectations: &self.expectations,
            registry,
            at: self.examiner.at,
        }
    }

    /// The verdict on what was found, with the part of the registry that it was given under.
    pub(crate) fn weigh(&self, dossier: Dossier) -> Result<(Verdict, Registry), Trouble> {
        let registry = self.known(&dossier)?;
        let verdict = appraise(dossier, &self.terms(&registry))
            .map_err(|error| Trouble::new("--environment", error.to_string()))?;
        Ok((verdict, registry))
    }

    /// What the store has on the revocation of certificates that nothing else decided.
    fn kept_revocation(&self, dossier: &Dossier) -> Result<Option<RevocationInfo>, Trouble> {
        let Some(store) = &self.registry else { return Ok(None) };
        revocation::needed(&store.lock().unwrap_or_else(PoisonError::into_inner), dossier)
    }

    /// What the registry could have to say: of those who could be behind the signatures, of those whose name they
    /// bear, and of those who are expected to sign this.
    fn known(&self, dossier: &Dossier) -> Result<Registry, Trouble> {
        let Some(store) = &self.registry else { return Ok(Registry::default()) };
        let store = store.lock().unwrap_or_else(PoisonError::into_inner);
        let keys: Vec<String> = keys_of_artifact(dossier, &self.expectations).into_iter().collect();
        Ok(ledger::registry_of(&*store, &keys)?)
    }

    /// The record of a verdict.
    pub(crate) fn record(&self, verdict: &Verdict, reliance: &Reliance) -> Result<NewRecord, Trouble> {
        let registry = self.registry.as_ref().map(|store| store.lock().unwrap_or_else(PoisonError::into_inner));
        let sequence = registry.map(|store| store.sequence()).transpose()?.map(|sequence| sequence.0);
        let record = VerdictRecord::new(verdict, &self.expectations, sequence, reliance.clone());
        Ok(verdicts::documents(&record))
    }

    /// The policy's text under its digest.
    pub(crate) fn policy(&self) -> PolicyText {
        PolicyText { sha256: self.policy.sha256(), text: self.text.clone() }
    }
}

fn name_of(path: &Path) -> String {
    match path.file_name() {
        Some(name) => path_text(Path::new(name)),
        None => path_text(path),
    }
}

/// The one place where the clock is read.
pub(crate) fn now() -> Time {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Time::from_unix(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

/// Threads of this machine.
pub(crate) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
