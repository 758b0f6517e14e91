//! The JSON document of a verdict: `countersign/verdict/v1` of the contract, and the same without opinion.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::words::Word;
use crate::claim::{Claim, Fact, Standing, Voucher};
use crate::distrust::PackSummary;
use crate::dossier::{ArtifactFacts, Dossier, EvidenceFacts};
use crate::evidence::{Coverage, Origin, Outcome, Signature, State, TimeSource, Uncovered};
use crate::exports::{Export, ExportId};
use crate::finding::{Finding, Severity};
use crate::identity::{Assurance, KeyProtection, Signer};
use crate::time::Time;
use crate::verdict::{
    Answer, Appraised, BuildLevel, Decision, Levels, Mode, NotExamined, Question, QuestionVerdict, Verdict,
    WaiverEffect, WaiverUse,
};

/// The name and version of the verdict's form. Fields are added under the same name; a change of meaning
/// takes a new one.
pub(super) const VERDICT_SCHEMA: &str = "countersign/verdict/v1";

/// The same for what was found, without a verdict.
pub(super) const DOSSIER_SCHEMA: &str = "countersign/dossier/v1";

/// The verdict on one artifact. Readers ignore fields that they do not know.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(title = "countersign/verdict/v1"))]
pub struct VerdictDocument<'a> {
    /// Always `countersign/verdict/v1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = VERDICT_SCHEMA)))]
    schema: &'static str,
    /// What was judged.
    artifact: ArtifactDocument<'a>,
    /// The instant of appraisal: RFC 3339, UTC.
    at: Instant,
    /// The policy that was applied.
    policy: PolicyDocument<'a>,
    /// Whether the policy lets the artifact in.
    decision: Word<Decision>,
    /// The three questions.
    questions: QuestionsDocument<'a>,
    /// The SLSA levels that are established.
    levels: LevelsDocument<'a>,
    /// What the policy asks beyond the three questions.
    other: Vec<RequirementDocument<'a>>,
    /// The waivers of the policy that could be about the artifact.
    waivers: Vec<WaiverDocument<'a>>,
    /// Every file of evidence that was read.
    evidence: Vec<EvidenceDocument<'a>>,
    /// Every signature found.
    signatures: Vec<SignatureDocument<'a>>,
    /// Every claim of the signed documents, with its standing.
    claims: Vec<ClaimDocument>,
    /// Documents that nobody signed, about what is behind the artifact.
    exports: Vec<ExportDocument<'a>>,
    /// What a reader should know beyond the answers.
    findings: Vec<FindingDocument<'a>>,
    /// What no signature can say.
    not_examined: Vec<NotExaminedDocument<'a>>,
    /// How old the material is.
    material: MaterialDocument,
}

/// What was found, without opinion.
#[derive(Serialize)]
pub struct DossierDocument<'a> {
    schema: &'static str,
    artifact: ArtifactDocument<'a>,
    evidence: Vec<EvidenceDocument<'a>>,
    signatures: Vec<SignatureDocument<'a>>,
    claims: Vec<ClaimDocument>,
    exports: Vec<ExportDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
    material: MaterialDocument,
}

/// An instant: RFC 3339, UTC.
#[derive(Serialize)]
#[serde(transparent)]
struct Instant(Time);

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Instant {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Instant".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "format": "date-time" })
    }
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Artifact"))]
struct ArtifactDocument<'a> {
    /// As the user wrote it; `null` for a digest. Bytes that are not UTF-8 are written `\xNN`.
    path: Option<&'a str>,
    /// The last part of the path, or the digest.
    name: &'a str,
    /// Bytes, where they are at hand.
    size: Option<u64>,
    /// The kind of file by its content: `pe`, `directory`, `digest`, `data`.
    format: &'a str,
    /// Algorithm to hexadecimal digest of the whole artifact.
    digests: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Policy"))]
struct PolicyDocument<'a> {
    name: &'a str,
    /// SHA-256 of the policy's text.
    sha256: String,
    environment: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Questions"))]
struct QuestionsDocument<'a> {
    /// Is it signed?
    signed: QuestionDocument<'a>,
    /// Is the signer trusted?
    signer: QuestionDocument<'a>,
    /// Is the release path controlled?
    path: QuestionDocument<'a>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Question"))]
struct QuestionDocument<'a> {
    /// The worst answer of the requirements that are in force.
    answer: Word<Answer>,
    /// Whether the policy requires an answer.
    required: bool,
    /// What the policy asks under this question.
    requirements: Vec<RequirementDocument<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Requirement"))]
struct RequirementDocument<'a> {
    id: &'a str,
    answer: Word<Answer>,
    /// A kebab-case word, see `countersign explain --reasons`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$")))]
    reason: &'a str,
    /// The facts of this case: free text.
    detail: &'a str,
    /// Ids of signatures.
    evidence: Vec<String>,
    /// What would change the answer.
    fix: Option<&'a str>,
    /// Whether the decision rests on it, it is only warned of, or the policy does not ask for it.
    mode: Word<Mode>,
    /// From when on the decision will rest on it, if that is still to come.
    effective_on: Option<Instant>,
    /// The id of the waiver that excuses it.
    waived_by: Option<&'a str>,
}

/// SLSA levels by track.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Levels"))]
struct LevelsDocument<'a> {
    /// What the table of builders grants the accepted provenance.
    build: Option<BuildLevelDocument<'a>>,
    /// The least level of the source that the policy accepts, once it is met.
    source: Option<u8>,
}

/// A SLSA Build level.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "BuildLevel"))]
struct BuildLevelDocument<'a> {
    /// 0 to 3.
    level: u8,
    /// The row of the table of builders.
    builder: &'a str,
    /// Id of the signature over the provenance.
    evidence: String,
}

/// A waiver that could be about the artifact.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Waiver"))]
struct WaiverDocument<'a> {
    id: &'a str,
    /// The requirement that it excuses from.
    requirement: &'a str,
    /// A digest, or a pattern of names.
    artifact: String,
    /// The only environment that it is for, if it is not for all.
    environment: Option<&'a str>,
    /// Who answers for it.
    owner: &'a str,
    /// Who approved it.
    approved_by: &'a [String],
    /// Why: free text.
    reason: &'a str,
    /// From when on it counts.
    granted: Instant,
    /// From when on it does not count any more.
    expires: Instant,
    /// What became of it.
    effect: Word<WaiverEffect>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Evidence"))]
struct EvidenceDocument<'a> {
    /// As the user wrote it; the `source` of the signatures in it.
    path: &'a str,
    /// Hexadecimal.
    sha256: String,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Signature"))]
struct SignatureDocument<'a> {
    id: String,
    /// The id of the format, see `countersign formats`.
    format: &'static str,
    /// `embedded`, or the path of the evidence file.
    source: &'a str,
    /// Where it stands among the signatures of its file.
    position: Option<&'a str>,
    state: Word<State>,
    /// A kebab-case word, see `countersign explain --reasons`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$")))]
    reason: &'static str,
    signer: SignerDocument<'a>,
    assurance: Word<Assurance>,
    key_protection: KeyProtectionDocument<'a>,
    algorithms: AlgorithmsDocument<'a>,
    time: TimeDocument,
    coverage: CoverageDocument<'a>,
    /// The certificates of the accepted path, leaf first, as names.
    chain: &'a [String],
    /// Every check, in the order made.
    checks: Vec<CheckDocument<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Signer"))]
struct SignerDocument<'a> {
    /// The certificate name as RFC 4514 text, or the name of a key.
    name: Option<&'a str>,
    issuer: Option<&'a str>,
    /// Hexadecimal.
    serial: Option<String>,
    spki_sha256: Option<String>,
    /// Subject alternative names.
    san: &'a [String],
    oidc_issuer: Option<&'a str>,
    fingerprint: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "KeyProtection"))]
struct KeyProtectionDocument<'a> {
    /// `attested` by hardware, `required-by-rule` and asserted by the CA, `declared` by the owner, or `unknown`.
    #[cfg_attr(feature = "schema", schemars(extend("enum" = ["attested", "required-by-rule", "declared", "unknown"])))]
    class: &'static str,
    /// Who says so.
    by: Option<&'a str>,
    detail: String,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Algorithms"))]
struct AlgorithmsDocument<'a> {
    digest: Option<String>,
    signature: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Time"))]
struct TimeDocument {
    /// What the signer says; proves nothing.
    claimed: Option<Instant>,
    /// The signature provably existed at this instant.
    trusted: Option<Instant>,
    source: Word<TimeSource>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Coverage"))]
struct CoverageDocument<'a> {
    /// Covered bytes.
    bytes: u64,
    /// Bytes of the artifact.
    of: u64,
    /// Offset, length and kind of what is not covered and is not the signature itself.
    uncovered: Vec<(u64, u64, &'a str)>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Check"))]
struct CheckDocument<'a> {
    /// What was checked, see `countersign explain --reasons`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$")))]
    id: &'static str,
    outcome: Word<Outcome>,
    /// A kebab-case word, see `countersign explain --reasons`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$")))]
    reason: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Claim"))]
struct ClaimDocument {
    /// What kind of fact is claimed.
    fact: &'static str,
    /// The fact: an object whose fields depend on its kind.
    value: Value,
    /// Who stands behind it.
    vouched_by: Word<Voucher>,
    /// Only `verified` claims support an answer.
    standing: Word<Standing>,
    /// The digest of the artifact that it is about, once bound.
    subject: Option<String>,
    /// Id of the signature or export it rests on.
    evidence: String,
}

/// A document that nobody signed.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Export"))]
struct ExportDocument<'a> {
    /// Its name in this verdict.
    id: String,
    /// Where it comes from.
    source: &'a str,
    /// What kind of document it is.
    kind: &'a str,
    /// Whether the relying party obtained it itself, so that its claims are verified.
    observed: bool,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Finding"))]
struct FindingDocument<'a> {
    /// What kind of finding it is, see `countersign explain --reasons`.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$")))]
    id: &'static str,
    question: Option<Word<Question>>,
    severity: Word<Severity>,
    message: &'a str,
    /// Ids of signatures.
    evidence: Vec<String>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "NotExamined"))]
struct NotExaminedDocument<'a> {
    id: &'a str,
    /// The claim of another tool that covers it.
    covered_by: Option<&'a str>,
}

#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Material"))]
struct MaterialDocument {
    /// The date of the trust anchors.
    anchors_dated: Option<Instant>,
    /// The date of the newest revocation list.
    revocation_dated: Option<Instant>,
    /// The lists of what must not be trusted that were asked; empty if none was given.
    distrust: Vec<DistrustDocument>,
}

/// A list of what must not be trusted.
#[derive(Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DistrustList"))]
struct DistrustDocument {
    /// Its name.
    name: String,
    /// Where its entries come from.
    source: String,
    /// Its date.
    dated: Instant,
    /// Number of its entries.
    entries: usize,
    /// SHA-256 of the key whose signature over it was verified, in hexadecimal; `null` if none was.
    signed_by: Option<String>,
}

impl<'a> VerdictDocument<'a> {
    /// The document of a verdict.
    #[must_use]
    pub fn of(verdict: &'a Verdict) -> Self {
        let dossier = &verdict.dossier;
        Self {
            schema: VERDICT_SCHEMA,
            artifact: ArtifactDocument::of(&dossier.artifact),
            at: Instant(verdict.at),
            policy: PolicyDocument {
                name: &verdict.policy.name,
                sha256: verdict.policy.sha256.hex(),
                environment: &verdict.policy.environment,
            },
            decision: Word(verdict.decision),
            questions: QuestionsDocument {
                signed: QuestionDocument::of(verdict, Question::Signed),
                signer: QuestionDocument::of(verdict, Question::Signer),
                path: QuestionDocument::of(verdict, Question::Path),
            },
            levels: LevelsDocument::of(&verdict.levels),
            other: verdict.other.iter().map(RequirementDocument::of).collect(),
            waivers: verdict.waivers.iter().map(WaiverDocument::of).collect(),
            evidence: dossier.evidence.iter().map(EvidenceDocument::of).collect(),
            signatures: dossier.signatures.iter().map(SignatureDocument::of).collect(),
            claims: dossier.claims.all().iter().map(ClaimDocument::of).collect(),
            exports: exports(dossier),
            findings: verdict.findings.iter().map(FindingDocument::of).collect(),
            not_examined: verdict.not_examined.iter().map(NotExaminedDocument::of).collect(),
            material: MaterialDocument::of(dossier),
        }
    }
}

impl<'a> DossierDocument<'a> {
    /// The document of a dossier.
    #[must_use]
    pub fn of(dossier: &'a Dossier) -> Self {
        Self {
            schema: DOSSIER_SCHEMA,
            artifact: ArtifactDocument::of(&dossier.artifact),
            evidence: dossier.evidence.iter().map(EvidenceDocument::of).collect(),
            signatures: dossier.signatures.iter().map(SignatureDocument::of).collect(),
            claims: dossier.claims.all().iter().map(ClaimDocument::of).collect(),
            exports: exports(dossier),
            findings: dossier.findings.iter().map(FindingDocument::of).collect(),
            material: MaterialDocument::of(dossier),
        }
    }
}

impl<'a> ArtifactDocument<'a> {
    fn of(facts: &'a ArtifactFacts) -> Self {
        Self {
            path: Some(facts.path.as_str()).filter(|path| !path.is_empty()),
            name: &facts.name,
            size: facts.size,
            format: facts.container,
            digests: facts.digests.iter().map(|(algorithm, digest)| (algorithm.name(), digest.hex())).collect(),
        }
    }
}

impl<'a> QuestionDocument<'a> {
    fn of(verdict: &'a Verdict, question: Question) -> Self {
        let Some(judged) = verdict.questions.iter().find(|judged| judged.question == question) else {
            return Self { answer: Word(Answer::NotEstablished), required: false, requirements: Vec::new() };
        };
        Self::judged(judged)
    }

    fn judged(judged: &'a QuestionVerdict) -> Self {
        Self {
            answer: Word(judged.answer),
            required: judged.required,
            requirements: judged.requirements.iter().map(RequirementDocument::of).collect(),
        }
    }
}

impl<'a> RequirementDocument<'a> {
    fn of(appraised: &'a Appraised) -> Self {
        Self {
            id: &appraised.id,
            answer: Word(appraised.answer),
            reason: appraised.reason,
            detail: &appraised.detail,
            evidence: appraised.evidence.iter().map(ToString::to_string).collect(),
            fix: Some(appraised.fix.as_str()).filter(|fix| !fix.is_empty()),
            mode: Word(appraised.mode),
            effective_on: appraised.effective_on.map(Instant),
            waived_by: appraised.waived_by.as_deref(),
        }
    }
}

impl<'a> LevelsDocument<'a> {
    fn of(levels: &'a Levels) -> Self {
        Self { build: levels.build.as_ref().map(BuildLevelDocument::of), source: levels.source }
    }
}

impl<'a> BuildLevelDocument<'a> {
    fn of(of: &'a BuildLevel) -> Self {
        Self { level: of.level, builder: &of.builder, evidence: of.evidence.to_string() }
    }
}

impl<'a> WaiverDocument<'a> {
    fn of(WaiverUse { waiver, effect }: &'a WaiverUse) -> Self {
        Self {
            id: &waiver.id,
            requirement: &waiver.requirement,
            artifact: waiver.artifact.to_string(),
            environment: waiver.environment.as_deref(),
            owner: &waiver.owner,
            approved_by: &waiver.approved_by,
            reason: &waiver.reason,
            granted: Instant(waiver.granted),
            expires: Instant(waiver.expires),
            effect: Word(*effect),
        }
    }
}

impl<'a> EvidenceDocument<'a> {
    fn of(facts: &'a EvidenceFacts) -> Self {
        Self { path: &facts.path, sha256: facts.sha256.hex() }
    }
}

impl<'a> SignatureDocument<'a> {
    fn of(signature: &'a Signature) -> Self {
        Self {
            id: signature.id.to_string(),
            format: signature.format,
            source: source(&signature.origin),
            position: signature.position.as_deref(),
            state: Word(signature.state()),
            reason: signature.reason(),
            signer: SignerDocument::of(&signature.signer),
            assurance: Word(signature.assurance),
            key_protection: KeyProtectionDocument::of(&signature.key_protection),
            algorithms: AlgorithmsDocument {
                digest: signature.digest_algorithm.map(|algorithm| algorithm.name().to_owned()),
                signature: signature.signature_algorithm.as_deref(),
            },
            time: TimeDocument {
                claimed: signature.time.claimed.map(Instant),
                trusted: signature.time.trusted.map(Instant),
                source: Word(signature.time.source),
            },
            coverage: CoverageDocument::of(&signature.coverage),
            chain: &signature.chain,
            checks: signature.checks.iter().map(CheckDocument::of).collect(),
        }
    }
}

/// Where a signature was found, in the contract's words.
pub(super) fn source(origin: &Origin) -> &str {
    match origin {
        Origin::Embedded => "embedded",
        Origin::File(path) => path,
    }
}

impl<'a> SignerDocument<'a> {
    fn of(signer: &'a Signer) -> Self {
        Self {
            name: signer.name.as_deref(),
            issuer: signer.issuer.as_deref(),
            serial: signer.serial_hex(),
            spki_sha256: signer.spki_sha256.map(|digest| digest.hex()),
            san: &signer.san,
            oidc_issuer: signer.oidc_issuer.as_deref(),
            fingerprint: signer.fingerprint.as_deref(),
        }
    }
}

impl<'a> KeyProtectionDocument<'a> {
    fn of(held: &'a KeyProtection) -> Self {
        Self { class: held.word(), by: held.by(), detail: held.detail() }
    }
}

impl<'a> CoverageDocument<'a> {
    fn of(coverage: &'a Coverage) -> Self {
        let row = |part: &'a Uncovered| {
            (part.range.start, part.range.end.saturating_sub(part.range.start), part.what.as_str())
        };
        Self { bytes: coverage.bytes, of: coverage.of, uncovered: coverage.uncovered.iter().map(row).collect() }
    }
}

impl<'a> CheckDocument<'a> {
    fn of(check: &'a crate::evidence::Check) -> Self {
        Self {
            id: check.id.word(),
            outcome: Word(check.outcome),
            reason: check.outcome.reason(),
            detail: &check.detail,
        }
    }
}

fn exports(dossier: &Dossier) -> Vec<ExportDocument<'_>> {
    dossier.exports.iter().enumerate().map(|(position, export)| ExportDocument::of(position, export)).collect()
}

impl<'a> ExportDocument<'a> {
    fn of(position: usize, export: &'a Export) -> Self {
        let id = ExportId { export: position }.to_string();
        Self { id, source: &export.source, kind: export.kind, observed: export.observed }
    }
}

impl ClaimDocument {
    fn of(claim: &Claim) -> Self {
        Self {
            fact: claim.fact.name(),
            value: value(&claim.fact),
            vouched_by: Word(claim.vouched_by),
            standing: Word(claim.standing),
            subject: claim.subject.map(|digest| digest.to_string()),
            evidence: claim.evidence.to_string(),
        }
    }
}

/// The value of a fact: an object with the names of the contract.
pub(crate) fn value(fact: &Fact) -> Value {
    match fact {
        Fact::BuiltBy { builder, build_type, graded } => json!({
            "builder": builder,
            "build_type": build_type,
            "level": graded.as_ref().map(|graded| graded.level),
            "graded_by": graded.as_ref().map(|graded| &graded.by),
        }),
        Fact::BuiltFrom(source) => json!({
            "repository": source.repository,
            "reference": source.reference,
            "commit": source.commit,
            "branch": source.branch,
            "named_in": source.named_in.word(),
        }),
        Fact::TriggeredBy { event } => json!({ "event": event }),
        Fact::BuiltWith { parameters } => json!({ "parameters": parameters }),
        Fact::BuiltIn { invocation, started, finished } => {
            json!({ "invocation": invocation, "started": started, "finished": finished })
        }
        Fact::RanOn { environment } => json!({ "environment": environment }),
        Fact::DependsOn { uri, digests } => json!({ "uri": uri, "digests": digests }),
        Fact::PublishedAs { package, version, registry } => {
            json!({ "package": package, "version": version, "registry": registry })
        }
        Fact::PublishedBy { publisher } => json!({ "publisher": publisher }),
        Fact::Summarised(summary) => json!(summary),
        Fact::Attested { predicate_type } => json!({ "predicate_type": predicate_type }),
        Fact::WorkflowIdentity(parts) => json!(parts),
        Fact::RunEnded(run) => json!(run),
        Fact::Reviewed(review) => json!(review),
        Fact::ChangeApproved(change) => json!(change),
        Fact::Committed(commit) => json!(commit),
        Fact::SourceSummarised(summary) => json!(summary),
        Fact::Pushed(push) => json!(push),
        Fact::Acted(act) => json!(act),
        Fact::Released(file) => json!(file),
        Fact::Tagged(tag) => json!(tag),
        Fact::BuiltAgain(rebuild) => json!(rebuild),
        Fact::PublishedVersion(version) => json!(version),
        Fact::ToolFound(result) => json!(result),
    }
}

impl<'a> FindingDocument<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self {
            id: finding.id.word(),
            question: finding.id.question().map(Word),
            severity: Word(finding.id.severity()),
            message: &finding.message,
            evidence: finding.signatures.iter().map(ToString::to_string).collect(),
        }
    }
}

impl<'a> NotExaminedDocument<'a> {
    fn of(gap: &'a NotExamined) -> Self {
        Self { id: gap.id, covered_by: gap.covered_by.as_deref() }
    }
}

impl MaterialDocument {
    fn of(dossier: &Dossier) -> Self {
        Self {
            anchors_dated: dossier.material.anchors.map(Instant),
            revocation_dated: dossier.material.revocation.map(Instant),
            distrust: dossier.material.distrust.iter().map(DistrustDocument::of).collect(),
        }
    }
}

impl DistrustDocument {
    fn of(list: &PackSummary) -> Self {
        Self {
            name: list.name.clone(),
            source: list.source.clone(),
            dated: Instant(list.dated),
            entries: list.entries,
            signed_by: list.signed_by.map(|key| key.hex()),
        }
    }
}

/// The JSON Schema of [`VerdictDocument`], as pretty JSON.
#[cfg(feature = "schema")]
pub(super) fn schema() -> String {
    let mut schema = schemars::schema_for!(VerdictDocument<'static>);
    schema.insert("$id".to_owned(), json!(VERDICT_SCHEMA));
    let mut text = super::escape::to_json(&schema, true);
    text.push('\n');
    text
}
