//! Evidence: every signature found, each check made on it, and how each check ended.
//!
//! A format only makes checks. The [`State`] of a signature follows from them by one table
//! ([`Reason::state`]), so that no format can call itself valid.

mod reliance;

use std::ops::Range;

pub use reliance::{Reliance, ReliedOn, Role};
use serde::{Deserialize, Serialize};

use crate::crypto::{Digest, DigestAlgorithm};
use crate::ground::Ground;
use crate::identity::{Assurance, KeyProtection, Signer};
use crate::time::Time;
use crate::words::Word;

/// Names one signature of a verdict: `sig-0`, `sig-1`, ….
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignatureId(pub usize);

impl std::fmt::Display for SignatureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sig-{}", self.0)
    }
}

/// Where a signature was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Inside the artifact.
    Embedded,
    /// In this evidence file.
    File(String),
}

/// One signature with everything that was checked on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Its name in the verdict, given by examination.
    pub id: SignatureId,
    /// The `id` of its format's entry.
    #[serde(deserialize_with = "crate::formats::known_id")]
    pub format: Word,
    /// Where it was found.
    pub origin: Origin,
    /// Position among the signatures of its file, such as `certificate table entry 2, nested 1`.
    pub position: Option<String>,
    /// Who signed. Only to be shown as the signer if the signature verifies.
    pub signer: Signer,
    /// What stands behind the signer's name.
    pub assurance: Assurance,
    /// How its key is held, and who says so.
    pub key_protection: KeyProtection,
    /// Digest algorithm of the signed content.
    pub digest_algorithm: Option<DigestAlgorithm>,
    /// Signature algorithm, such as `rsa-pkcs1-3072`.
    pub signature_algorithm: Option<String>,
    /// When it was made.
    pub time: SigningTime,
    /// What it covers.
    pub coverage: Coverage,
    /// What it speaks about, where it names subjects by digest. Bound to the artifact in one place.
    pub subjects: Option<Vec<Subject>>,
    /// Every check, in the order made.
    pub checks: Vec<Check>,
    /// The certificates of the accepted path, leaf first, as names; empty if there is none.
    pub chain: Vec<String>,
    /// The certificates and keys that it rests on: the signer's first, then its issuers, then those behind the
    /// trusted time.
    pub rests_on: Vec<Reliance>,
    /// From when on the signer's certificate counts as revoked, where that is known; the signature may be older.
    pub revoked_from: Option<Time>,
}

impl Signature {
    /// A signature of this format about which nothing is known yet.
    #[must_use]
    pub fn new(format: &'static str, origin: Origin) -> Self {
        Self {
            id: SignatureId(0),
            format,
            origin,
            position: None,
            signer: Signer::default(),
            assurance: Assurance::Unknown,
            key_protection: KeyProtection::Unknown,
            digest_algorithm: None,
            signature_algorithm: None,
            time: SigningTime::default(),
            coverage: Coverage::default(),
            subjects: None,
            checks: Vec::new(),
            chain: Vec::new(),
            rests_on: Vec::new(),
            revoked_from: None,
        }
    }

    /// Records a check.
    pub fn check(&mut self, id: CheckId, outcome: Outcome, detail: impl Into<String>) {
        self.checks.push(Check { id, outcome, detail: detail.into() });
    }

    /// The outcome of the worst check of this kind, or `None` if it was not made.
    #[must_use]
    pub fn outcome(&self, id: CheckId) -> Option<Outcome> {
        let made = self.checks.iter().filter(|check| check.id == id);
        made.map(|check| check.outcome).max_by_key(|outcome| outcome.rank())
    }

    /// Whether this check was made and passed.
    #[must_use]
    pub fn passes(&self, id: CheckId) -> bool {
        self.outcome(id) == Some(Outcome::Pass)
    }

    /// The state, from the checks alone: the worst that any of them says, and `valid` only if every check
    /// that validity rests on was made and passed.
    #[must_use]
    pub fn state(&self) -> State {
        self.verdict().0
    }

    /// The word for why the signature is in its state.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.verdict().1
    }

    /// The state as far as the signed statement goes, whether it is about the artifact or about what is behind it.
    #[must_use]
    pub fn state_of_statement(&self) -> State {
        self.weigh(|check| check.id != CheckId::Subject).0
    }

    fn verdict(&self) -> (State, &'static str) {
        self.weigh(|_| true)
    }

    fn weigh(&self, counts: impl Fn(&&Check) -> bool) -> (State, &'static str) {
        let checks = self.checks.iter().filter(counts);
        let worst = checks.filter_map(|check| check.outcome.against()).min_by_key(|(state, _)| *state);
        if let Some(worst) = worst {
            return worst;
        }
        let missing = CheckId::VALIDITY_RESTS_ON.iter().find(|id| !self.passes(**id));
        match missing {
            Some(id) => (State::Unknown, id.missing()),
            None => (State::Valid, self.accepted_by()),
        }
    }

    fn accepted_by(&self) -> &'static str {
        let ground = if self.chain.is_empty() { Ground::MadeByAcceptedKey } else { Ground::ChainsToAnchor };
        ground.word()
    }

    /// Whether its mathematics hold and it is about the artifact, whoever made it: `Pass` if all such
    /// checks passed, the first failure, or what is missing.
    #[must_use]
    pub fn integrity(&self) -> Outcome {
        self.integrity_by(CheckId::is_integrity)
    }

    /// The same as far as the signed statement goes, whether it is about the artifact or about what is behind it.
    #[must_use]
    pub fn integrity_of_statement(&self) -> Outcome {
        self.integrity_by(|id| id.is_integrity() && id != CheckId::Subject)
    }

    fn integrity_by(&self, counts: impl Fn(CheckId) -> bool) -> Outcome {
        let checks = self.checks.iter().filter(|check| counts(check.id));
        let worst = checks.map(|check| check.outcome).max_by_key(|outcome| outcome.rank());
        match worst {
            Some(Outcome::Pass) if !self.passes(CheckId::Signature) => Outcome::Undecided(Need::Key),
            Some(outcome) => outcome,
            None => Outcome::Undecided(Need::Key),
        }
    }
}

/// The contract's word for what became of a signature, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Cannot be parsed, is contradictory, or breaks a rule of its format.
    Broken,
    /// Parsed; digest or signature value does not match.
    Bad,
    /// On a distrust or abuse list, or made with what can be forged.
    Distrusted,
    /// Revoked with effect at or before the trusted time.
    Revoked,
    /// Usage does not permit this.
    WrongUsage,
    /// Outside validity at the trusted time.
    Expired,
    /// No accepted anchor vouches.
    Untrusted,
    /// Could not be decided.
    Unknown,
    /// Everything holds.
    Valid,
}

impl State {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Bad => "bad",
            Self::Distrusted => "distrusted",
            Self::Revoked => "revoked",
            Self::WrongUsage => "wrong-usage",
            Self::Expired => "expired",
            Self::Untrusted => "untrusted",
            Self::Unknown => "unknown",
            Self::Valid => "valid",
        }
    }
}

/// When a signature was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SigningTime {
    /// What the signer says; proves nothing.
    pub claimed: Option<Time>,
    /// What a verified timestamp or log entry proves: the signature existed at this instant.
    pub trusted: Option<Time>,
    /// Where the trusted time comes from.
    pub source: TimeSource,
}

/// Where a trusted time comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TimeSource {
    /// There is none.
    #[default]
    None,
    /// An RFC 3161 timestamp.
    Rfc3161,
    /// A PKCS #9 counter-signature by a timestamping authority.
    AuthenticodeCountersignature,
    /// A transparency log's promise or entry.
    TransparencyLog,
}

impl TimeSource {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::None, Self::Rfc3161, Self::AuthenticodeCountersignature, Self::TransparencyLog];

    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Rfc3161 => "rfc3161",
            Self::AuthenticodeCountersignature => "authenticode-countersignature",
            Self::TransparencyLog => "transparency-log",
        }
    }
}

/// Which bytes of the artifact a signature covers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coverage {
    /// Covered bytes.
    pub bytes: u64,
    /// Bytes of the artifact.
    pub of: u64,
    /// What it does not cover and that is not the signature itself.
    pub uncovered: Vec<Uncovered>,
}

/// Bytes that a signature does not cover.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uncovered {
    /// Where, in the artifact.
    pub range: Range<u64>,
    /// What stands there, in a few words.
    pub what: String,
}

/// Something that a signed statement speaks about (in-toto `subject`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its name in the statement; never used to match.
    pub name: String,
    /// Its digests of algorithms that we know.
    pub digests: Vec<Digest>,
    /// The commit that it is, in hexadecimal (`gitCommit`). No digest of a file: nothing is bound to it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// The references on which the commit was found (SLSA v1.2, source track: `annotations.sourceRefs`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// One check on one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// What was checked.
    pub id: CheckId,
    /// How it ended.
    pub outcome: Outcome,
    /// The facts: expected and found, names, offsets.
    pub detail: String,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds.
    Pass,
    /// It does not hold, and why.
    Fail(Reason),
    /// It could not be decided, and what would settle it.
    Undecided(Need),
}

impl Outcome {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail(_) => "fail",
            Self::Undecided(_) => "undecided",
        }
    }

    /// The word for why, or `holds`.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Pass => "holds",
            Self::Fail(reason) => reason.word(),
            Self::Undecided(need) => need.word(),
        }
    }

    /// What this outcome makes of a signature, if it counts against it.
    const fn against(self) -> Option<(State, &'static str)> {
        match self {
            Self::Pass => None,
            Self::Fail(reason) => match reason.state() {
                Some(state) => Some((state, reason.word())),
                None => None,
            },
            Self::Undecided(need) if need.is_decisive() => Some((State::Unknown, need.word())),
            Self::Undecided(_) => None,
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Pass => 0,
            Self::Undecided(_) => 1,
            Self::Fail(_) => 2,
        }
    }
}

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $integrity:literal;)*) => {
        /// What is checked on a signature.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum CheckId { $($(#[doc = $doc])+ $name,)* }

        impl CheckId {
            /// Every check.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kebab-case word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it asks, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }

            /// Whether it is part of integrity: question 1.
            #[must_use]
            pub const fn is_integrity(self) -> bool {
                match self { $(Self::$name => $integrity,)* }
            }
        }
    };
}

checks! {
    /// Does the signature follow the rules of its format?
    Structure = "structure", true;
    /// Does the signed digest equal the digest of the artifact?
    Digest = "digest", true;
    /// Do the page digests equal those of the artifact's pages?
    PageHashes = "page-hashes", true;
    /// Do the signed attributes carry the digest of the signed content?
    MessageDigest = "message-digest", true;
    /// Does the signature value hold under the signer's key?
    Signature = "signature", true;
    /// Is the artifact a subject of the signed statement?
    Subject = "subject", true;
    /// Does an accepted anchor vouch for the signer's certificate or key?
    Chain = "chain", false;
    /// Was the certificate within its validity at the trusted time?
    Validity = "validity", false;
    /// May the certificate be used for this?
    Usage = "usage", false;
    /// Was the certificate revoked?
    Revocation = "revocation", false;
    /// Is the signer, an issuer, the file or the authority behind its time on a list of what must not be trusted?
    Distrust = "distrust", false;
    /// Can the algorithms be forged?
    Strength = "strength", false;
    /// Does an RFC 3161 timestamp over this signature hold?
    Timestamp = "timestamp", false;
    /// Does a counter-signature over this signature hold?
    Countersignature = "countersignature", false;
    /// Does the transparency log's entry describe this signature, key and artifact?
    LogEntry = "log-entry", false;
    /// Does the log's signed promise of inclusion hold?
    LogPromise = "log-promise", false;
    /// Does the inclusion proof lead to the log's root?
    LogInclusion = "log-inclusion", false;
    /// Is the log's checkpoint signed by the log?
    LogCheckpoint = "log-checkpoint", false;
    /// Did witnesses cosign the checkpoint?
    LogWitness = "log-witness", false;
    /// Was the certificate itself logged (signed certificate timestamp)?
    CertificateLogged = "certificate-logged", false;
    /// Does the certificate's own account of a fact agree with itself and with the statement?
    Consistency = "consistency", false;
}

impl CheckId {
    /// What `valid` rests on: if one of these was not made, the state is `unknown`.
    const VALIDITY_RESTS_ON: &'static [Self] = &[Self::Signature, Self::Chain, Self::Validity];

    const fn missing(self) -> &'static str {
        match self {
            Self::Chain => Need::Anchor.word(),
            Self::Validity => Need::TrustedTime.word(),
            _ => Need::Key.word(),
        }
    }
}

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $state:expr, $fix:literal;)*) => {
        /// Why a check failed: a closed set of words, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Reason { $($(#[doc = $doc])+ $name,)* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kebab-case word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }

            /// The state it puts a signature in; `None` where it only weakens other evidence.
            #[must_use]
            pub const fn state(self) -> Option<State> {
                match self { $(Self::$name => $state,)* }
            }

            /// What would change it.
            #[must_use]
            pub const fn fix(self) -> &'static str {
                match self { $(Self::$name => $fix,)* }
            }
        }
    };
}

const BROKEN: Option<State> = Some(State::Broken);
const BAD: Option<State> = Some(State::Bad);
const DISTRUSTED: Option<State> = Some(State::Distrusted);
const UNTRUSTED: Option<State> = Some(State::Untrusted);
const UNKNOWN: Option<State> = Some(State::Unknown);
const EXPIRED: Option<State> = Some(State::Expired);
const WRONG_USAGE: Option<State> = Some(State::WrongUsage);

reasons! {
    // Structure.
    /// The signature cannot be parsed.
    Malformed = "malformed", BROKEN, "obtain the file again from its publisher";
    /// The signature ends early.
    Truncated = "truncated", BROKEN, "obtain the file again from its publisher";
    /// The certificate directory points outside of the file, or its size is impossible.
    DirectoryOutOfBounds = "directory-out-of-bounds", BROKEN, "obtain the file again from its publisher";
    /// The certificate table overlaps headers or sections.
    TableOverlapsContent = "table-overlaps-content", BROKEN, "obtain the file again from its publisher";
    /// An entry of the certificate table is longer than the table, or shorter than its header.
    EntryOutOfBounds = "entry-out-of-bounds", BROKEN, "obtain the file again from its publisher";
    /// An entry of the certificate table is of a revision or type that does not carry Authenticode.
    EntryTypeUnsupported = "entry-type-unsupported", BROKEN, "sign again with a current tool";
    /// The signed content is of another type than the format demands.
    ContentTypeWrong = "content-type-wrong", BROKEN, "sign again with a current tool";
    /// The structure has another number of signers than the format allows.
    SignerCountWrong = "signer-count-wrong", BROKEN, "sign again with a current tool";
    /// Two places that must agree name different algorithms or values.
    Contradiction = "contradiction", BROKEN, "sign again with a current tool";
    /// The document is of a version that its format does not define.
    VersionUnknown = "version-unknown", BROKEN, "check for a newer Countersign, or sign again";
    /// The certificate that the signature needs is not there, and the format demands it.
    CertificateMissing = "certificate-missing", BROKEN, "sign again, with the certificate included";
    // Mathematics.
    /// The digest of the artifact is not the signed one.
    DigestMismatch = "digest-mismatch", BAD, "the file was changed after signing, or the signature belongs to another file";
    /// A page digest is not the signed one.
    PageHashMismatch = "page-hash-mismatch", BAD, "the file was changed after signing";
    /// The signed attributes carry another digest than the signed content has.
    MessageDigestMismatch = "message-digest-mismatch", BAD, "the signature was changed after signing";
    /// The signature value does not hold under the key.
    SignatureMismatch = "signature-mismatch", BAD, "the signature was changed, or made with another key";
    /// The artifact is not among the subjects of the statement.
    SubjectMismatch = "subject-mismatch", BAD, "give the evidence of this artifact";
    // Who vouches.
    /// No path of certificates leads to an accepted anchor.
    NoPathToAnchor = "no-path-to-anchor", UNTRUSTED, "accept the root with --anchor, if you have reason to";
    /// The certificate vouches for itself.
    SelfSigned = "self-signed", UNTRUSTED, "accept the certificate with --key, if you have reason to";
    /// The key is not among those accepted.
    KeyNotAccepted = "key-not-accepted", UNTRUSTED, "accept the key with --key, if you have reason to";
    /// A certificate's signature by its issuer does not hold.
    CertificateSignatureMismatch = "certificate-signature-mismatch", UNTRUSTED, "obtain the certificate again";
    /// A path exists, but a constraint of a certificate in it forbids it.
    PathConstraintViolated = "path-constraint-violated", UNTRUSTED, "the CA did not permit this certificate";
    /// The anchor was not accepted any more, or not yet, at the trusted time.
    AnchorNotAccepted = "anchor-not-accepted", UNTRUSTED, "the root programme ended its trust";
    /// Building paths hit a limit.
    PathBudgetExceeded = "path-budget-exceeded", UNKNOWN, "raise the limits, if you trust the file's origin";
    /// The certificate was outside of its validity at the trusted time.
    Expired = "expired", EXPIRED, "a timestamp from within the validity would prove the signature older";
    /// The certificate was not valid yet at the trusted time.
    NotYetValid = "not-yet-valid", EXPIRED, "check the instant of appraisal";
    /// The certificate ends its signatures with its own validity, timestamp or not.
    LifetimeSigning = "lifetime-signing", EXPIRED, "obtain a newer signature from the publisher";
    /// The certificate was revoked with effect at or before the trusted time.
    Revoked = "revoked", Some(State::Revoked), "do not use; ask the publisher what happened";
    /// A key usage, extended key usage or policy does not permit this use.
    UsageNotPermitted = "usage-not-permitted", WRONG_USAGE, "sign with a certificate issued for this use";
    /// The signature verifies under a weak algorithm: one that can be forged.
    WeakAlgorithm = "weak-algorithm", DISTRUSTED, "obtain a newer signature from the publisher";
    /// The signature verifies under a weak algorithm, accepted because it is proven old enough or no forgery is known.
    WeakAlgorithmTolerated = "weak-algorithm-tolerated", None, "obtain a newer signature from the publisher";
    /// On a list of what must not be trusted.
    Distrusted = "distrusted", DISTRUSTED, "do not use; see the entry of the list";
    // Time and transparency.
    /// The timestamp is about something else.
    TimestampMismatch = "timestamp-mismatch", None, "obtain a timestamp over this signature";
    /// The timestamp does not hold, or nobody accepted made it.
    TimestampNotTrusted = "timestamp-not-trusted", None, "accept its authority with --anchor or --trusted-root, if you have reason to";
    /// Evidence that its format demands does not hold: a timestamp, or a proof of the log.
    TransparencyFailed = "transparency-failed", UNKNOWN, "obtain the bundle again from its publisher";
    /// The log's entry is about another signature, key or artifact.
    LogEntryMismatch = "log-entry-mismatch", UNKNOWN, "obtain the bundle again from its publisher";
    /// The log's promise does not hold.
    LogPromiseInvalid = "log-promise-invalid", UNKNOWN, "obtain the bundle again from its publisher";
    /// The inclusion proof does not lead to the log's root.
    InclusionProofInvalid = "inclusion-proof-invalid", UNKNOWN, "obtain the bundle again from its publisher";
    /// The checkpoint is not signed by the log, or of another root.
    CheckpointInvalid = "checkpoint-invalid", UNKNOWN, "obtain the bundle again from its publisher";
    /// The certificate's own log entry does not hold.
    CertificateLogInvalid = "certificate-log-invalid", UNKNOWN, "obtain the bundle again from its publisher";
    /// The evidence brings a root certificate along, which only the relying party may name.
    RootIncluded = "root-included", UNKNOWN, "obtain a bundle without the root from its publisher";
    /// The certificate contradicts itself or the statement.
    CertificateContradiction = "certificate-contradiction", UNKNOWN, "do not use; ask the publisher what happened";
}

macro_rules! needs {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $decisive:literal, $settle:literal;)*) => {
        /// What a check lacked: what would settle it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Need { $($(#[doc = $doc])+ $name,)* }

        impl Need {
            /// Every need.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The kebab-case word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii(),)* }
            }

            /// What would settle it.
            #[must_use]
            pub const fn settled_by(self) -> &'static str {
                match self { $(Self::$name => $settle,)* }
            }

            /// Whether a signature cannot be valid without it.
            const fn is_decisive(self) -> bool {
                match self { $(Self::$name => $decisive,)* }
            }
        }
    };
}

needs! {
    /// The signer's key or certificate is not at hand.
    Key = "key-not-at-hand", true, "give the key with --key";
    /// No accepted anchor is at hand for this kind of certificate.
    Anchor = "anchor-not-at-hand", true, "give an anchor with --anchor or --trusted-root";
    /// The bytes of the artifact are not at hand, only a digest that the check cannot use.
    ArtifactBytes = "artifact-bytes-not-at-hand", true, "give the file itself";
    /// The algorithm is not supported.
    Algorithm = "algorithm-not-supported", true, "check for a newer Countersign";
    /// A limit was reached.
    Limit = "limit-reached", true, "raise the limit with --limit, if you trust the file's origin";
    /// Nothing proves when the signature was made.
    TrustedTime = "time-not-provable", true, "obtain a bundle with a timestamp or a log entry";
    /// The log that made the entry is not known.
    LogKey = "log-key-not-at-hand", true, "give the Sigstore trusted root with --trusted-root";
    /// The log promised to include the entry, but no proof is there.
    InclusionProof = "inclusion-proof-not-at-hand", true, "obtain a bundle with an inclusion proof";
    /// The log promised to include the entry, which is all that this old format demands; no proof is there.
    OptionalProof = "optional-proof-not-at-hand", false, "obtain a newer bundle, with an inclusion proof";
    /// No signed checkpoint is there to tie the proof to the log.
    Checkpoint = "checkpoint-not-at-hand", true, "obtain a bundle with a checkpoint";
    /// No entry of a transparency log is there.
    LogEntry = "log-entry-not-at-hand", true, "obtain a bundle with a log entry";
    /// Nothing recent is known about revocation.
    RevocationStatus = "revocation-not-known", false, "give a revocation list with --crl or an OCSP response with --ocsp";
    /// The key of the authority or witness is not known, and the check is not needed.
    OptionalKey = "optional-key-not-at-hand", false, "nothing: other evidence carries the answer";
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(checks: &[(CheckId, Outcome)]) -> Signature {
        let mut signature = Signature::new("test", Origin::Embedded);
        for (id, outcome) in checks {
            signature.check(*id, *outcome, "");
        }
        signature
    }

    const GOOD: [(CheckId, Outcome); 3] =
        [(CheckId::Signature, Outcome::Pass), (CheckId::Chain, Outcome::Pass), (CheckId::Validity, Outcome::Pass)];

    #[test]
    fn valid_needs_every_check_it_rests_on() {
        assert_eq!(signature(&GOOD).state(), State::Valid);
        for left_out in 0..GOOD.len() {
            let mut checks = GOOD.to_vec();
            checks.remove(left_out);
            assert_eq!(signature(&checks).state(), State::Unknown);
        }
        assert_eq!(signature(&[]).state(), State::Unknown);
    }

    #[test]
    fn any_failed_check_that_has_a_state_forbids_valid() {
        for reason in Reason::ALL {
            let mut checks = GOOD.to_vec();
            checks.push((CheckId::Consistency, Outcome::Fail(*reason)));
            let state = signature(&checks).state();
            assert_eq!(state, reason.state().unwrap_or(State::Valid), "{}", reason.word());
        }
    }

    #[test]
    fn the_worst_check_decides() {
        let mut checks = GOOD.to_vec();
        checks.push((CheckId::Validity, Outcome::Fail(Reason::Expired)));
        checks.push((CheckId::Digest, Outcome::Fail(Reason::DigestMismatch)));
        assert_eq!(signature(&checks).state(), State::Bad);
        assert_eq!(signature(&checks).reason(), "digest-mismatch");
    }

    #[test]
    fn words_are_unique() {
        let mut words: Vec<&str> =
            Reason::ALL.iter().map(|r| r.word()).chain(Need::ALL.iter().map(|n| n.word())).collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
    }
}
