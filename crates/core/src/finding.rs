//! Findings: what a reader should know beyond the answers.

use serde::{Deserialize, Serialize};

use crate::evidence::SignatureId;
use crate::verdict::Question;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness without present harm.
    Low,
    /// A weakness that an attacker could use.
    Medium,
    /// Probably an attack, or a broken control.
    High,
    /// Evidence of an attack.
    Critical,
}

impl Severity {
    /// The word of the contract.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// One thing a reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What kind of finding it is.
    pub id: FindingId,
    /// One sentence with the facts of this case.
    pub message: String,
    /// The signatures it is about.
    pub signatures: Vec<SignatureId>,
}

macro_rules! findings {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $severity:ident, $question:expr;)*) => {
        /// The kinds of findings. Their words are never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingId { $($(#[doc = $doc])+ $name,)* }

        impl FindingId {
            /// Every kind.
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

            /// How much it matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// The question it belongs to, if it belongs to one.
            #[must_use]
            pub const fn question(self) -> Option<Question> {
                match self { $(Self::$name => $question,)* }
            }
        }
    };
}

impl FindingId {
    /// Whether it is about what the policy does with the answers, and not about what was found.
    #[must_use]
    pub const fn is_about_policy(self) -> bool {
        matches!(
            self,
            Self::RequirementWarned
                | Self::WaiverUnused
                | Self::WaiverRefused
                | Self::WaiverExpired
                | Self::WaiverNotYetInForce
        )
    }
}

findings! {
    /// Bytes of the file that no signature covers.
    UncoveredBytes = "uncovered-bytes", Medium, Some(Question::Signed);
    /// A signature carries attributes that its signer did not sign and that no format uses.
    UnauthenticatedAttribute = "unauthenticated-attribute", Low, Some(Question::Signed);
    /// Two entries of the certificate table are byte for byte the same.
    DuplicateSignature = "duplicate-signature", Low, Some(Question::Signed);
    /// One of several signatures does not hold although another does.
    MixedSignatures = "mixed-signatures", High, Some(Question::Signed);
    /// The signature verifies under a weak algorithm: one that can be forged.
    WeakAlgorithm = "weak-algorithm", Medium, Some(Question::Signer);
    /// The signature verifies under a weak algorithm, accepted because it is proven old enough or no forgery is known.
    WeakAlgorithmTolerated = "weak-algorithm-tolerated", Low, Some(Question::Signer);
    /// A timestamp is present, but proves nothing about this signature.
    TimestampWithoutEffect = "timestamp-without-effect", Medium, Some(Question::Signer);
    /// The signature was made within the validity of a certificate that has expired since.
    SignedWithinValidity = "signed-within-validity", Info, Some(Question::Signer);
    /// A certificate asks that its signatures end with it, timestamp or not.
    LifetimeSigning = "lifetime-signing", Info, Some(Question::Signer);
    /// The certificate was revoked after the signature was made.
    RevokedSince = "revoked-since", Medium, Some(Question::Signer);
    /// The file, or what its signature rests on, is on a list of what is known to be abused.
    KnownAbused = "known-abused", Critical, Some(Question::Signer);
    /// The signer is on a list of what is abused, since a time after this signature was made.
    DistrustedSince = "distrusted-since", Medium, Some(Question::Signer);
    /// The signer shares its key, number or name with something on a list of what is abused: it may be the victim.
    NearDistrusted = "near-distrusted", Medium, Some(Question::Signer);
    /// The certificate was superseded or put out of use after the signature was made, for no bad reason.
    RetiredSince = "retired-since", Low, Some(Question::Signer);
    /// What says that the certificate was not revoked is older than the code-signing requirements let it become.
    RevocationStale = "revocation-stale", Info, Some(Question::Signer);
    /// A revocation list or OCSP response is valid for longer than the code-signing requirements allow.
    RevocationPeriodLong = "revocation-period-long", Low, Some(Question::Signer);
    /// The revocation date lies after the first known abuse, so that bad signatures from in between stay valid.
    IneffectiveRevocation = "ineffective-revocation", High, Some(Question::Signer);
    /// The issuer expired or was revoked, so that the certificate can never be revoked any more.
    UnrevocableCertificate = "unrevocable-certificate", Medium, Some(Question::Signer);
    /// The signer's name looks like the expected one, and is another's.
    LookAlikePublisher = "look-alike-publisher", High, Some(Question::Signer);
    /// The signer's name has characters that a reader does not see, or letters of several scripts in one word.
    DeceptiveName = "deceptive-name", Medium, Some(Question::Signer);
    /// Nothing is known about the revocation of the certificate.
    RevocationUnknown = "revocation-unknown", Info, Some(Question::Signer);
    /// The signature is by a self-signed certificate: it names nobody.
    SelfSigned = "self-signed", Medium, Some(Question::Signer);
    /// An encoding departs from its standard in a way that is tolerated.
    LenientEncoding = "lenient-encoding", Info, Some(Question::Signed);
    /// Evidence was given that does not verify; it counts for nothing.
    EvidenceDoesNotVerify = "evidence-does-not-verify", Medium, Some(Question::Signed);
    /// Evidence was given that is about another artifact; it counts for nothing.
    EvidenceAboutAnother = "evidence-about-another", Low, Some(Question::Signed);
    /// Evidence was given in a format that nothing here reads.
    EvidenceNotRead = "evidence-not-read", Low, None;
    /// The file name does not fit the content.
    MisleadingName = "misleading-name", Low, None;
    /// A statement names facts that its signer cannot vouch for, or that the certificate contradicts.
    StatementContradicted = "statement-contradicted", High, Some(Question::Path);
    /// The certificate or timestamp breaks a rule of the code-signing baseline requirements that forgers could use.
    ProfileBreachHigh = "profile-breach-high", High, Some(Question::Signer);
    /// The certificate or timestamp breaks a rule of the code-signing baseline requirements.
    ProfileBreach = "profile-breach", Medium, Some(Question::Signer);
    /// The certificate or timestamp lacks a formality of the code-signing baseline requirements.
    ProfileBreachLow = "profile-breach-low", Low, Some(Question::Signer);
    /// A statement about a key was given that attests another key than the signer's; it counts for nothing.
    KeyAttestationAboutAnother = "key-attestation-about-another", Low, Some(Question::Signer);
    /// A statement about the signer's key was given that does not hold; it counts for nothing.
    KeyAttestationDoesNotVerify = "key-attestation-does-not-verify", Medium, Some(Question::Signer);
    /// The identity signed from elsewhere than it is bound to: another owner, repository or issuer.
    IdentityDriftCritical = "identity-drift-critical", Critical, Some(Question::Signer);
    /// The identity signed from elsewhere than it is bound to, in a way that attackers use.
    IdentityDriftHigh = "identity-drift-high", High, Some(Question::Signer);
    /// The identity signed from elsewhere than it is bound to.
    IdentityDrift = "identity-drift", Medium, Some(Question::Signer);
    /// Something moved where the identity signs.
    IdentityDriftLow = "identity-drift-low", Low, Some(Question::Signer);
    /// The identity signed from elsewhere than it is bound to, and an approved change explains that.
    IdentityDriftExplained = "identity-drift-explained", Info, Some(Question::Signer);
    /// The signer bears the name of a registered identity and has other numbers: somebody took the name over.
    NameKeptIdChanged = "name-kept-id-changed", Critical, Some(Question::Signer);
    /// One key is that of several identities.
    KeyReused = "key-reused", Medium, Some(Question::Signer);
    /// One key is that of identities of different environments.
    KeyReusedAcrossEnvironments = "key-reused-across-environments", High, Some(Question::Signer);
    /// The identity has another kind of certificate, or another issuer, than is known, without a rotation.
    CredentialChanged = "credential-changed", Medium, Some(Question::Signer);
    /// The signer is new for a product that others are expected to sign.
    FirstSeenSigner = "first-seen-signer", Medium, Some(Question::Signer);
    /// The signature was made before the identity was compromised.
    SignedBeforeCompromise = "signed-before-compromise", Medium, Some(Question::Signer);
    /// A review or rotation of the identity was overdue when it signed.
    LifecycleOverdue = "lifecycle-overdue", Medium, Some(Question::Signer);
    /// The identity signed although nobody answers for it.
    SignedWithoutOwner = "signed-without-owner", High, Some(Question::Signer);
    /// A malware scanner holds the artifact for malware.
    MalwareReported = "malware-reported", Critical, None;
    /// A requirement that the policy only warns of is not met.
    RequirementWarned = "requirement-warned", Medium, None;
    /// A waiver that could be about the artifact excuses nothing.
    WaiverUnused = "waiver-unused", Low, None;
    /// A waiver that could be about the artifact has expired.
    WaiverExpired = "waiver-expired", Medium, None;
    /// A waiver that could be about the artifact does not count yet.
    WaiverNotYetInForce = "waiver-not-yet-in-force", Info, None;
    /// A waiver was given for what can never be waived: a changed file, a revoked or distrusted signer.
    WaiverRefused = "waiver-refused", High, None;
}
