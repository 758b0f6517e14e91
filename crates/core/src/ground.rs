//! Grounds: why appraisal gave an answer.
//!
//! Together with [`Reason`](crate::evidence::Reason) and [`Need`](crate::evidence::Need) these are all the
//! words that `reason` can have in a verdict.

macro_rules! grounds {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal;)*) => {
        /// Why a requirement has its answer: a closed set of words, never reused.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Ground { $($(#[doc = $doc])+ $name,)* }

        impl Ground {
            /// Every ground.
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
        }
    };
}

grounds! {
    // Is it signed?
    /// A signature covers the artifact and its mathematics hold.
    SignatureHolds = "signature-holds";
    /// No signature was found, in the artifact or in the evidence.
    Unsigned = "unsigned";
    /// No signature was found that is about this artifact.
    NoneAboutArtifact = "no-signature-about-artifact";
    /// Every byte of the artifact that is not the signature itself is covered.
    Covered = "covered";
    /// Bytes of the artifact are covered by no signature.
    BytesUncovered = "bytes-uncovered";
    /// The signature is of a kind that the policy asks for.
    KindAccepted = "kind-accepted";
    /// The signature is of another kind than the policy asks for.
    KindNotAccepted = "kind-not-accepted";
    /// A verified timestamp or log entry proves when the signature was made.
    TimeProven = "time-proven";
    /// Nothing verified proves when the signature was made.
    TimeNotProven = "time-not-proven";
    /// No algorithm of the signature can be forged.
    AlgorithmsStrong = "algorithms-strong";
    /// The strength of the algorithms was not judged.
    AlgorithmsNotJudged = "algorithms-not-judged";
    /// The signature is proven to be in a transparency log.
    Logged = "logged";
    /// No proof is there that the signature is in a transparency log.
    NotLogged = "not-logged";
    // Is the signer trusted?
    /// A path of certificates leads to an accepted anchor, and nothing stands against it.
    ChainsToAnchor = "chains-to-anchor";
    /// An accepted key made the signature.
    MadeByAcceptedKey = "made-by-accepted-key";
    /// The certificate vouches for itself, and the policy accepts that here.
    SelfSignedAccepted = "self-signed-accepted";
    /// The certificate is known not to be revoked at the time that counts.
    NotRevoked = "not-revoked";
    /// The certificate lives too short to be revoked, and was valid at the proven time.
    ShortLived = "certificate-short-lived";
    /// A key that the relying party accepts itself; nobody else could revoke it.
    KeyIsOurs = "key-accepted-here";
    /// Nothing says that the certificate was revoked, and the policy asks no more.
    NoRevocationKnown = "no-revocation-known";
    /// The identity behind the signature is the expected one.
    IdentityMatches = "identity-matches";
    /// The identity behind the signature is not the expected one.
    IdentityMismatch = "identity-mismatch";
    /// The issuer behind the identity is not the expected one.
    IssuerMismatch = "issuer-mismatch";
    /// The name is the expected one, but nobody said which provider must have vouched for it.
    IssuerNotSaid = "expected-issuer-not-said";
    /// The key that made the signature was named as expected.
    KeyMatches = "key-matches";
    /// Nobody said who should have signed.
    SignerNotSaid = "expected-signer-not-said";
    /// The assurance behind the name is of a kind that the policy asks for.
    AssuranceAccepted = "assurance-accepted";
    /// The assurance behind the name is of another kind than the policy asks for.
    AssuranceNotAccepted = "assurance-not-accepted";
    // What the registry says of the signer.
    /// The registry has the identity, and it may sign this.
    IdentityRegistered = "identity-registered";
    /// No registry of signing identities is at hand.
    RegistryNotAtHand = "registry-not-at-hand";
    /// Nothing in the registry speaks against the signer, and the policy asks no more.
    NothingKnownOfSigner = "nothing-known-of-signer";
    /// Nothing verified says who signed, so that the registry cannot be asked.
    SignerNotIdentified = "signer-not-identified";
    /// The registry does not have the signer.
    SignerNotRegistered = "signer-not-registered";
    /// More than one identity of the registry could have signed.
    SignerAmbiguous = "signer-ambiguous";
    /// The identity was never activated.
    IdentityNotActive = "identity-not-active";
    /// The identity was suspended or retired when it signed, or not active yet.
    IdentitySignsNoMore = "identity-signs-no-more";
    /// The key or certificate is proposed for the identity, and nobody approved it.
    CredentialNotApproved = "credential-not-approved";
    /// The key or certificate had been replaced when it signed.
    CredentialReplaced = "credential-replaced";
    /// The identity may not sign for this environment, in this format, or at that time.
    RightNotHeld = "right-not-held";
    /// Somebody answers for the identity.
    OwnerActive = "owner-active";
    /// The identity lacks an owner or second owner.
    OwnerNotKnown = "owner-not-known";
    /// The owner of the identity had left when it signed.
    OwnerLeft = "owner-left";
    /// The key was not due for replacement when it signed.
    RotationInTime = "rotation-in-time";
    /// The key had to be replaced before it signed.
    RotationOverdue = "rotation-overdue";
    /// Nobody says when the key must be replaced.
    RotationNotKnown = "rotation-not-known";
    /// The key is held in hardware, on evidence of the class that the policy asks for.
    KeyInHardware = "key-in-hardware";
    /// The key is held where it can be copied from.
    KeyNotInHardware = "key-not-in-hardware";
    /// The key is said to be held in hardware, on weaker evidence than the policy asks for.
    KeyEvidenceTooWeak = "key-evidence-too-weak";
    /// Nothing says how the key is held.
    KeyProtectionNotKnown = "key-protection-not-known";
    /// The entry of the identity is reviewed in time.
    EntryReviewed = "entry-reviewed";
    /// The entry of the identity had to be reviewed before now.
    ReviewOverdue = "review-overdue";
    /// Nobody says when the entry of the identity is reviewed next.
    ReviewNotKnown = "review-not-known";
    /// The use of the identity is watched.
    UseWatched = "use-watched";
    /// Nobody says where the use of the identity is watched.
    UseNotWatched = "use-not-watched";
    /// The identity signed from where it is bound to, or an approved change explains the difference.
    SignedFromBinding = "signed-from-binding";
    /// The identity signed from elsewhere than it is bound to, and nothing explains that.
    IdentityDrifted = "identity-drifted";
    /// The identity is bound to no place, or was not then.
    NoBinding = "no-binding";
    /// The signature does not say all that the binding names.
    DriftNotComparable = "drift-not-comparable";
    /// The signer bears the name of a registered identity under other numbers.
    NumberChangedUnderName = "number-changed-under-name";
    /// The registry expects the signer for this product.
    PublisherExpected = "publisher-expected";
    /// The registry expects others for this product.
    PublisherUnexpected = "publisher-unexpected";
    /// The registry expects nobody for this product.
    NoPublisherExpected = "no-publisher-expected";
    /// The identity is not known to be compromised.
    NotCompromised = "not-compromised";
    /// The identity was compromised when it signed.
    IdentityCompromised = "identity-compromised";
    /// The signature is proven to be older than the compromise of the identity.
    SignedBeforeCompromise = "signed-before-compromise";
    // Is the release path controlled?
    /// Verified provenance says what built the artifact.
    ProvenanceVerified = "provenance-verified";
    /// No provenance is there that is about this artifact.
    NoProvenance = "no-provenance";
    /// Provenance is there, but the signature under it does not verify fully.
    ProvenanceNotVerified = "provenance-not-verified";
    /// Provenance is there, but nobody stands behind it whom the policy accepts.
    VoucherNotAccepted = "voucher-not-accepted";
    /// The table of builders grants a lower level than is asked for.
    BuildLevelNotReached = "build-level-not-reached";
    /// The level that is asked for needs facts that the certificate does not show.
    BuildLevelNotShown = "build-level-not-shown";
    /// Every external parameter of the build is known or allowed.
    ParametersKnown = "parameters-known";
    /// The build had an external parameter that is neither known for its type nor allowed.
    ParameterUnknown = "parameter-unknown";
    /// An external parameter of the build has another value than is allowed.
    ParameterMismatch = "parameter-mismatch";
    /// Every dependency that was asked for has the expected digest.
    DependenciesMatch = "dependencies-match";
    /// A dependency has another digest than is expected.
    DependencyMismatch = "dependency-mismatch";
    /// Better evidence contradicts the claim.
    Contradicted = "claim-contradicted";
    /// The provenance does not say it.
    NotClaimed = "not-claimed";
    /// Nobody said which source is expected.
    SourceNotSaid = "expected-source-not-said";
    /// The source is the expected one wherever the evidence names it.
    SourceMatches = "source-matches";
    /// The source is not the expected one.
    SourceMismatch = "source-mismatch";
    /// Nobody said which builder is expected.
    BuilderNotSaid = "expected-builder-not-said";
    /// The builder is the expected one.
    BuilderMatches = "builder-matches";
    /// The builder is not the expected one.
    BuilderMismatch = "builder-mismatch";
    /// Nobody said which reference is expected.
    RefNotSaid = "expected-ref-not-said";
    /// It was built from the expected reference.
    RefMatches = "ref-matches";
    /// It was built from another reference.
    RefMismatch = "ref-mismatch";
    /// Nobody said which package is expected.
    PackageNotSaid = "expected-package-not-said";
    /// It was published as the expected package.
    PackageMatches = "package-matches";
    /// It was published as another package or version.
    PackageMismatch = "package-mismatch";
    /// Nobody said which inputs are expected.
    InputsNotSaid = "expected-inputs-not-said";
    /// The build ran with the expected inputs.
    InputsMatch = "inputs-match";
    /// The build ran with other inputs.
    InputsMismatch = "inputs-mismatch";
    /// The event that set off the build is one that the policy asks for.
    TriggerAccepted = "trigger-accepted";
    /// Another event set off the build.
    TriggerNotAccepted = "trigger-not-accepted";
    /// The build ran where the policy asks for.
    RunnerAccepted = "runner-accepted";
    /// The build ran elsewhere.
    RunnerNotAccepted = "runner-not-accepted";
    /// Every step was made as the layout says, and the last one made the artifact.
    LayoutFollowed = "layout-followed";
    /// No layout was given that the release must have followed.
    NoLayout = "no-layout";
    /// An owner of the layout did not sign it.
    LayoutNotSigned = "layout-not-signed-by-owner";
    /// The layout is not in force any more.
    LayoutExpired = "layout-expired";
    /// Too few functionaries of the layout say that they made a step.
    LayoutStepNotProven = "layout-step-not-proven";
    /// A step took or made something else than the layout says.
    LayoutRuleViolated = "layout-rule-violated";
    /// The artifact is not what the last step of the layout made.
    NotTheProduct = "not-the-product-of-the-layout";
    /// The layout asks for commands to be run, which is never done.
    InspectionNotRun = "layout-inspection-not-run";
    /// The expected verifier found the artifact good as the expected resource.
    SummaryMatches = "summary-matches";
    /// No summary of another verifier is there that is about this artifact.
    NoSummary = "no-summary";
    /// Nobody said whose summary about what is expected.
    SummaryNotSaid = "expected-summary-not-said";
    /// The summary does not say about which resource it is.
    SummaryNamesNoResource = "summary-names-no-resource";
    /// The summary is by another verifier, or about another resource.
    SummaryMismatch = "summary-mismatch";
    /// The verifier found the artifact not good.
    SummaryFailed = "summary-failed";
    /// The summary does not name a level that is expected.
    SummaryLevelNotReached = "summary-level-not-reached";
    /// The run that built the artifact ended well, and no outsider set it off.
    RunSucceeded = "run-succeeded";
    /// The run that built the artifact failed, or was stopped.
    RunFailed = "run-failed";
    /// The run that built the artifact has not ended, or in a way of which nothing follows.
    RunNotEnded = "run-not-ended";
    /// An outsider set off the run that built the artifact, or wrote what ran in it.
    RunOfOutsider = "run-of-outsider";
    /// Nothing says how the run that built the artifact ended.
    RunNotKnown = "run-not-known";
    /// Somebody says so in a document that nobody vouches for.
    NotVouchedFor = "not-vouched-for";
    /// Somebody else than its authors approved the source in its last revision.
    ReviewedByAnother = "reviewed-by-another";
    /// Nobody approved the source.
    NotReviewed = "not-reviewed";
    /// Only who wrote a part of the source approved it.
    ReviewedByAuthor = "reviewed-by-author";
    /// The source was changed after it was approved.
    ReviewOutdated = "review-outdated";
    /// Nobody says who is behind the accounts that wrote and approved.
    ReviewersNotKnown = "reviewers-not-known";
    /// Nothing is known of a review of the commit that was built.
    SourceReviewNotKnown = "source-review-not-known";
    /// A verifier of sources says that the commit reaches the level.
    SourceLevelReached = "source-level-reached";
    /// A verifier of sources says that the commit does not reach the level.
    SourceLevelNotReached = "source-level-not-reached";
    /// No summary of the verifier is there that is about the commit that was built.
    NoSourceSummary = "no-source-summary";
    /// The forge enforced what is asked when the commit that was built was pushed.
    SourceControlled = "source-controlled";
    /// The forge did not enforce what is asked when the commit that was built was pushed.
    SourceControlLacking = "source-control-lacking";
    /// Nobody states what the forge enforced when the commit that was built was pushed.
    SourceControlsNotKnown = "source-controls-not-known";
    /// Different people or pipelines hold the duties.
    DutiesSeparated = "duties-separated";
    /// One credential, person or pipeline holds two duties that must be separate.
    DutiesShared = "duties-shared";
    /// Nothing verified says who held a duty.
    DutyNotKnown = "duty-not-known";
    /// Nobody says who answers for somebody who held a duty.
    ActorNotKnown = "actor-not-known";
    /// It was built, approved, signed and published in that order.
    InOrder = "in-order";
    /// It was approved after it was signed, or published before.
    OutOfOrder = "out-of-order";
    /// Others recorded how it was signed or published, and no approval.
    ApprovalMissing = "approval-missing";
    /// Not all instants of the release are proven.
    OrderNotKnown = "order-not-known";
    /// The bytes are those that were released.
    AsReleased = "as-released";
    /// A file of this name was released with other bytes.
    ChangedSinceRelease = "changed-since-release";
    /// The file was released with a signature, and has none.
    StrippedSinceRelease = "stripped-since-release";
    /// The release was taken back.
    Withdrawn = "withdrawn";
    /// Nothing says which bytes were released.
    ReleaseNotKnown = "release-not-known";
    /// The tag points where it pointed when the artifact was built, or is meant to move.
    TagUnmoved = "tag-unmoved";
    /// The tag points to another commit than before.
    TagMoved = "tag-moved";
    /// Nothing says where the tag points.
    TagNotKnown = "tag-not-known";
    /// Somebody else built the same bytes from the same commit.
    Reproduced = "reproduced";
    /// Somebody else built other bytes from the same commit.
    NotReproduced = "not-reproduced";
    /// Nobody is known to have built the commit again.
    RebuildNotKnown = "rebuild-not-known";
    /// The version is as well attested as those before it.
    AsWellAttested = "as-well-attested";
    /// The version was published before the day from which on the policy counts downgrades.
    BeforeDowngradesCount = "before-downgrades-count";
    /// The version is less well attested than one before it.
    LessWellAttested = "less-well-attested";
    /// The version is less well attested than one before it, and somebody whom the relying party named says why.
    StepDownExplained = "step-down-explained";
    /// The history of the package is not at hand, or does not have this version.
    HistoryNotKnown = "history-not-known";
    /// The artifact contains what its source says.
    MatchesSource = "matches-source";
    /// The artifact contains something else than its source says.
    DiffersFromSource = "differs-from-source";
    /// Nobody is known to have compared the artifact with its source.
    SourceNotCompared = "source-not-compared";
    /// Nothing speaks against it, and the policy asks no more.
    NothingKnownAgainst = "nothing-known-against";
    // Rules of the policy's own.
    /// The rule of the policy holds on the facts.
    RuleHolds = "rule-holds";
    /// The rule of the policy does not hold on the facts.
    RuleViolated = "rule-violated";
    /// The rule of the policy asks for something that is not known, or looks at an empty list.
    RuleNotEvaluated = "rule-not-evaluated";
    // Other evidence.
    /// A verified statement of the type that the policy asks for is there.
    Attested = "attested";
    /// No verified statement of the type that the policy asks for is there.
    NotAttested = "not-attested";
    /// Every tool that the policy asks for looked at the artifact, lately enough, and says nothing against it.
    ToolsSatisfied = "tools-satisfied";
    /// A tool that the policy asks for found something bad.
    ToolFoundSomething = "tool-found-something";
    /// No verified result of a tool that the policy asks for is there.
    NoToolResult = "no-tool-result";
    /// A tool that the policy asks for came to no result.
    ToolUndecided = "tool-undecided";
    /// The result of a tool is older than the policy lets it become, or says no instant that could be true.
    ToolResultTooOld = "tool-result-too-old";
}

#[cfg(test)]
mod tests {
    use super::Ground;
    use crate::evidence::{Need, Reason};

    #[test]
    fn no_word_has_two_meanings() {
        let grounds = Ground::ALL.iter().map(|ground| ground.word());
        let reasons = Reason::ALL.iter().map(|reason| reason.word());
        let needs = Need::ALL.iter().map(|need| need.word());
        let mut words: Vec<_> = grounds.chain(reasons).chain(needs).collect();
        let count = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), count);
        assert!(words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }
}
