//! What transparency logs prove: that the signature was made public, and when.

use super::bundle::{Attestation, Content};
use super::timestamps::Proven;
use crate::crypto::{Digest, SignatureError};
use crate::evidence::{CheckId, Need, Outcome, Reason, Signature, TimeSource};
use crate::time::Time;
use crate::tlog::checkpoint::Checkpoint;
use crate::tlog::entry::{Body, BodyError, InclusionProof, LogEntry, Logged, Verifier};
use crate::tlog::merkle::{self, Hash};
use crate::tlog::trusted_root::{Log, TrustedRoot};
use crate::tlog::witness;

/// What an entry must say about the signature.
pub(super) struct Expected<'a> {
    /// The certificate or key.
    pub(super) verifier: Verifier,
    /// The digest of the message, for a message signature that holds.
    pub(super) digest: Option<Digest>,
    pub(super) attestation: &'a Attestation,
}

/// Makes every check on the entries of an attestation; the times that promises prove, and the logs with the
/// times at which their keys must have been accepted.
pub(super) struct Logs<'a> {
    pub(super) proven: Vec<Proven>,
    used: Vec<&'a Log>,
}

impl<'a> Logs<'a> {
    pub(super) fn verify(signature: &mut Signature, expected: &Expected<'_>, roots: &[&'a TrustedRoot]) -> Self {
        let mut logs = Self { proven: Vec::new(), used: Vec::new() };
        for (entry, body) in &expected.attestation.entries {
            let (outcome, detail) = describes(body.as_ref(), expected);
            signature.check(CheckId::LogEntry, outcome, format!("entry {}: {detail}", entry.index));
            let known: Vec<_> = roots.iter().flat_map(|root| &root.logs).filter(|log| log.id == entry.log_id).collect();
            logs.entry(signature, entry, &known, expected.attestation.is_first_version);
        }
        let places: Vec<_> =
            expected.attestation.entries.iter().map(|(entry, _)| (&entry.log_id, entry.index)).collect();
        if places.iter().enumerate().any(|(index, place)| places.iter().take(index).any(|earlier| earlier == place)) {
            let detail = "the same entry is there twice, as if it were two";
            signature.check(CheckId::LogEntry, Outcome::Fail(Reason::TransparencyFailed), detail);
        }
        logs
    }

    fn entry(&mut self, signature: &mut Signature, entry: &LogEntry, known: &[&'a Log], promise_is_enough: bool) {
        signature.time.claimed = signature.time.claimed.or(entry.integrated);
        // A log may be listed several times, with one key per span of time.
        let at = |log: &&&Log| entry.integrated.is_none_or(|time| log.valid.contains(time));
        let log = known.iter().find(at).or(known.first()).copied();
        self.promise(signature, entry, log);
        Self::inclusion(signature, entry, log, promise_is_enough);
        self.used.extend(log);
    }

    fn promise(&mut self, signature: &mut Signature, entry: &LogEntry, log: Option<&Log>) {
        if entry.promise.is_none() {
            return;
        }
        let (outcome, detail) = match (log, entry.integrated) {
            (None, _) => unknown_log(entry),
            (Some(log), time) => match entry.verify_promise(log) {
                Err(SignatureError::Unsupported) => (Outcome::Undecided(Need::Algorithm), log.name.clone()),
                Err(_) => (Outcome::Fail(Reason::LogPromiseInvalid), format!("not by {}", log.name)),
                Ok(()) => match time {
                    Some(time) if !log.valid.contains(time) => {
                        let detail = format!("{time}, but the key of {} is accepted {}", log.name, log.valid);
                        (Outcome::Fail(Reason::LogPromiseInvalid), detail)
                    }
                    Some(time) => {
                        self.proven.push(Proven { time, source: TimeSource::TransparencyLog });
                        (Outcome::Pass, format!("{time} by {}", log.name))
                    }
                    None => (Outcome::Pass, format!("by {}, without a time", log.name)),
                },
            },
        };
        signature.check(CheckId::LogPromise, outcome, detail);
    }

    fn inclusion(signature: &mut Signature, entry: &LogEntry, log: Option<&Log>, promise_is_enough: bool) {
        let Some(proof) = &entry.proof else {
            let enough = promise_is_enough && signature.passes(CheckId::LogPromise);
            let need = if enough { Need::OptionalProof } else { Need::InclusionProof };
            signature.check(CheckId::LogInclusion, Outcome::Undecided(need), "no inclusion proof");
            return;
        };
        let leaf = entry.body.as_deref().map(merkle::leaf_hash);
        let root = leaf.and_then(|leaf| merkle::root_of_inclusion(proof.index, proof.size, leaf, &proof.path));
        let (outcome, detail) = included(entry, proof, root);
        signature.check(CheckId::LogInclusion, outcome, detail);
        let Some(text) = &proof.checkpoint else {
            let detail = "the proof has no checkpoint".to_owned();
            signature.check(CheckId::LogCheckpoint, Outcome::Undecided(Need::Checkpoint), detail);
            return;
        };
        match Checkpoint::parse(text) {
            Err(error) => {
                signature.check(CheckId::LogCheckpoint, Outcome::Fail(Reason::CheckpointInvalid), error.to_string());
            }
            Ok(checkpoint) => {
                let (outcome, detail) = vouches(&checkpoint, proof, root, entry, log);
                signature.check(CheckId::LogCheckpoint, outcome, detail);
                witnesses(signature, &checkpoint, log);
            }
        }
    }

    /// The keys of the logs must be accepted whenever the signature provably existed; a log without a time
    /// of its own has no other.
    pub(super) fn check_validity(&self, signature: &mut Signature, times: &[Proven]) {
        for log in &self.used {
            if let Some(other) = times.iter().find(|proven| !log.valid.contains(proven.time)) {
                let detail = format!("{}, but the key of {} is accepted {}", other.time, log.name, log.valid);
                signature.check(CheckId::LogCheckpoint, Outcome::Fail(Reason::CheckpointInvalid), detail);
            }
        }
    }
}

fn unknown_log(entry: &LogEntry) -> (Outcome, String) {
    let id = crate::encoding::hex::encode(&entry.log_id);
    (Outcome::Undecided(Need::LogKey), format!("log {id} is not among the accepted ones"))
}

/// Whether the body speaks of this very signature, under this very verifier, over this very content.
fn describes(body: Option<&Result<Body, BodyError>>, expected: &Expected<'_>) -> (Outcome, String) {
    let mismatch = |detail: String| (Outcome::Fail(Reason::LogEntryMismatch), detail);
    let body = match body {
        None => return (Outcome::Undecided(Need::LogEntry), "its body is not in the bundle".to_owned()),
        Some(Err(error @ BodyError::Unsupported(_))) => {
            return (Outcome::Undecided(Need::Algorithm), error.to_string());
        }
        Some(Err(error)) => return mismatch(error.to_string()),
        Some(Ok(body)) => body,
    };
    let signatures = expected.attestation.signatures();
    let (content, logged) = match body {
        Body::Digest { digest, logged } => (expected.signs(digest), std::slice::from_ref(logged)),
        Body::Envelope { payload, logged } => (expected.carries(payload), logged.as_slice()),
        Body::Payload { payload, verifier } => return describes_payload(payload, verifier, expected),
    };
    if let Err(problem) = content {
        return mismatch(problem);
    }
    if logged.len() != signatures.len() {
        return mismatch(format!("it records {} signatures, the bundle has {}", logged.len(), signatures.len()));
    }
    let is_logged = |value: &[u8]| logged.iter().any(|logged: &Logged| logged.signature == value);
    if !signatures.iter().all(|value| is_logged(value)) {
        return mismatch("it records another signature value".to_owned());
    }
    if !logged.iter().all(|logged| logged.verifier == expected.verifier) {
        return mismatch("it records another certificate or key".to_owned());
    }
    (Outcome::Pass, "content, signature and key are those of the bundle".to_owned())
}

/// An entry without the signature value: another signature under the same key over the same payload would
/// say the same, so payload and key are enough.
fn describes_payload(payload: &Digest, verifier: &Verifier, expected: &Expected<'_>) -> (Outcome, String) {
    let mismatch = |detail: String| (Outcome::Fail(Reason::LogEntryMismatch), detail);
    match expected.carries(payload) {
        Err(problem) => mismatch(problem),
        Ok(()) if *verifier != expected.verifier => mismatch("it records another certificate or key".to_owned()),
        Ok(()) => (Outcome::Pass, "payload and key are those of the bundle; it records no signature value".to_owned()),
    }
}

impl Attestation {
    fn signatures(&self) -> Vec<&[u8]> {
        match &self.content {
            Content::Message { signature, .. } => vec![signature],
            Content::Envelope(envelope) => envelope.signatures.iter().map(|s| s.sig.as_slice()).collect(),
        }
    }
}

impl Expected<'_> {
    /// A digest entry is over the message, or over the encoding of the envelope (Rekor v2).
    fn signs(&self, logged: &Digest) -> Result<(), String> {
        let ours = match &self.attestation.content {
            Content::Message { digest, .. } => self.digest.or(*digest),
            Content::Envelope(envelope) => Some(Digest::of(logged.algorithm(), &envelope.signed_bytes())),
        };
        match ours {
            Some(ours) if ours == *logged => Ok(()),
            Some(ours) => Err(format!("it records {logged}, signed is {ours}")),
            None => Err(format!("it records {logged}, and nothing is known to be signed")),
        }
    }

    fn carries(&self, payload: &Digest) -> Result<(), String> {
        let Content::Envelope(envelope) = &self.attestation.content else {
            return Err("it records an envelope, the bundle has a message signature".to_owned());
        };
        let ours = Digest::of(payload.algorithm(), &envelope.payload);
        if ours == *payload { Ok(()) } else { Err(format!("it records the payload {payload}, the bundle has {ours}")) }
    }
}

fn included(entry: &LogEntry, proof: &InclusionProof, root: Option<Hash>) -> (Outcome, String) {
    let invalid = |detail: String| (Outcome::Fail(Reason::InclusionProofInvalid), detail);
    if entry.body.is_none() {
        return (Outcome::Undecided(Need::LogEntry), "the body of the entry is not in the bundle".to_owned());
    }
    // A tree of the second generation is the whole log, so there is one position only.
    if entry.is_second_generation() && entry.index != proof.index {
        return invalid(format!("the entry is number {}, the proof is for number {}", entry.index, proof.index));
    }
    match root {
        None => invalid(format!("no proof of this length exists for entry {} of {}", proof.index, proof.size)),
        Some(root) if root != proof.root => invalid("it does not lead to the root that it states".to_owned()),
        Some(_) => (Outcome::Pass, format!("entry {} of {}", proof.index, proof.size)),
    }
}

fn vouches(
    checkpoint: &Checkpoint<'_>,
    proof: &InclusionProof,
    root: Option<Hash>,
    entry: &LogEntry,
    log: Option<&Log>,
) -> (Outcome, String) {
    let invalid = |detail: String| (Outcome::Fail(Reason::CheckpointInvalid), detail);
    if checkpoint.size != proof.size {
        return invalid(format!("it is of a tree of {}, the proof of {}", checkpoint.size, proof.size));
    }
    if root.is_some_and(|root| root != checkpoint.root) {
        return invalid("it is of another root than the proof leads to".to_owned());
    }
    let Some(log) = log else { return unknown_log(entry) };
    match checkpoint.verify(log) {
        Ok(()) => (Outcome::Pass, format!("{} at {}", checkpoint.origin, checkpoint.size)),
        Err(error) => invalid(error.to_string()),
    }
}

/// Cosignatures are told, whoever made them: no policy of witnesses exists in Sigstore yet.
fn witnesses(signature: &mut Signature, checkpoint: &Checkpoint<'_>, log: Option<&Log>) {
    let own = log.map_or("", |log| log.name.as_str());
    let names: Vec<_> = witness::claimed(checkpoint).into_iter().filter(|name| *name != own).collect();
    if !names.is_empty() {
        let detail = format!("not verified: {}", names.join(", "));
        signature.check(CheckId::LogWitness, Outcome::Undecided(Need::OptionalKey), detail);
    }
}

/// Nothing can have been signed later than now, by the clock that the relying party goes by. Clocks of
/// authorities and of relying parties differ by a little.
pub(super) const CLOCK_SKEW: i64 = 300;

/// Whether an instant is in the future of another.
pub(super) fn is_after(time: Time, now: Time) -> bool {
    time > now.plus(CLOCK_SKEW)
}
