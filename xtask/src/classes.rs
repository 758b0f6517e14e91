//! Whether a refusal names the same class of failure as the reference verifier.
//!
//! The cases of the corpus say in their reason what slsa-verifier or in-toto said (`refused upstream (ErrorMismatchTag)`,
//! `reference: fail, LayoutExpiredError`). Each of these has words of ours that say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::process::{Failure, read};

/// A class of failure as the reference verifier calls it, and our words for it: one must be among the reasons of a case.
const CLASSES: &[(&str, &[&str])] = &[
    ("ErrorInvalidBuilderID", &["builder-mismatch"]),
    ("ErrorMismatchBuilderID", &["builder-mismatch"]),
    ("ErrorUntrustedReusableWorkflow", &["builder-mismatch"]),
    ("ErrorVerifierNotSupported", &["builder-mismatch"]),
    // What the verifier cannot judge for this builder, the case also expects of another builder or branch.
    ("ErrorNotSupported", &["builder-mismatch", "ref-mismatch"]),
    // Without an entry in the log it searches by the artifact; here the evidence at hand is judged.
    ("ErrorRekorSearch", &["source-mismatch", "builder-mismatch"]),
    ("ErrorInvalidRef", &["ref-mismatch"]),
    ("ErrorMismatchBranch", &["ref-mismatch"]),
    ("ErrorMismatchTag", &["ref-mismatch"]),
    ("ErrorMismatchVersionedTag", &["ref-mismatch"]),
    ("ErrorMismatchSource", &["source-mismatch"]),
    ("ErrorMismatchWorkflowInputs", &["inputs-mismatch"]),
    ("ErrorMismatchPackageName", &["package-mismatch"]),
    ("ErrorMismatchPackageVersion", &["package-mismatch"]),
    // An envelope or statement that is none of its kind is no evidence about the artifact.
    ("ErrorInvalidDssePayload", &["malformed", "no-provenance", "voucher-not-accepted", "subject-mismatch"]),
    ("ErrorInvalidFormat", &["contradiction", "malformed"]),
    ("ErrorMismatchIntoto", &["contradiction"]),
    ("ErrorMismatchHash", &["subject-mismatch", "contradiction", "voucher-not-accepted"]),
    ("ErrorMissingSubjectDigest", &["subject-mismatch"]),
    ("ErrorInvalidSignature", &["no-provenance", "voucher-not-accepted", "not-claimed"]),
    ("ErrorNoValidSignature", &["signature-mismatch", "contradiction", "subject-mismatch", "malformed"]),
    ("ErrorEmptyRequiredField", &["no-summary"]),
    ("ErrorInvalidSLSALevel", &["summary-level-not-reached"]),
    ("ErrorMismatchVerifiedLevels", &["summary-level-not-reached"]),
    ("ErrorInvalidVerificationResult", &["summary-failed"]),
    ("ErrorMismatchResourceURI", &["summary-mismatch"]),
    ("LayoutExpiredError", &["layout-expired"]),
    ("LinkNotFoundError", &["layout-step-not-proven"]),
    ("ThresholdVerificationError", &["layout-step-not-proven"]),
    ("RuleVerificationError", &["layout-rule-violated", "not-the-product-of-the-layout"]),
    ("SignatureVerificationError", &["layout-not-signed-by-owner"]),
];

/// Compares the classes of one family, and says how many agree.
pub(crate) fn compare(binary: &Path, family: &Path) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(&read(&family.join("cases.jsonl"))?).into_owned();
    let (mut agree, mut differ) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for line in text.lines() {
        let case: Value = serde_json::from_str(line).map_err(|error| Failure(error.to_string()))?;
        let reason = case["reason"].as_str().unwrap_or_default();
        let Some(class) = class_of(reason).filter(|_| case["disputed"] != true) else { continue };
        let Some((class, ours)) = CLASSES.iter().find(|(known, _)| *known == class) else {
            differ.push(format!("{}: nothing says what `{class}` is called here", case["id"]));
            continue;
        };
        let found = reasons(binary, family, &case)?;
        if ours.iter().any(|word| found.contains(*word)) {
            *agree.entry(*class).or_default() += 1;
        } else {
            differ.push(format!("{}: `{class}` there, here {found:?}", case["id"]));
        }
    }
    let name = family.file_name().unwrap_or_default().to_string_lossy();
    println!("{name}: {} refusals of the same class, {} of another", agree.values().sum::<usize>(), differ.len());
    if differ.is_empty() { Ok(()) } else { Err(Failure(differ.join("\n"))) }
}

/// The name of an error in the reason of a case.
fn class_of(reason: &str) -> Option<&str> {
    let is_of_name = |character: char| character.is_ascii_alphanumeric();
    let mut names = reason.split(|character| !is_of_name(character));
    names.find(|name| {
        name.starts_with("Error") && name.len() > "Error".len() || name.ends_with("Error") && name.len() > 5
    })
}

/// The reasons of everything under the first and third question that is not met.
fn reasons(binary: &Path, family: &Path, case: &Value) -> Result<BTreeSet<String>, Failure> {
    let texts = |key: &str| case[key].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
    let folder = family.display().to_string();
    let mut verify = Command::new(binary);
    verify.current_dir(family).args(["verify", "--format", "json", "--no-discover"]);
    texts("evidence").for_each(|file| {
        verify.arg("--evidence").arg(file);
    });
    verify.args(texts("args").map(|argument| argument.replace("{dir}", &folder)));
    if let Some(at) = case["at"].as_str() {
        verify.args(["--at", at]);
    }
    match (case["artifact"].as_str(), case["digest"].as_str()) {
        (Some(artifact), _) => verify.arg(artifact),
        (None, Some(digest)) => verify.args(["--digest", digest]),
        (None, None) => return Err(Failure(format!("{}: names no artifact", case["id"]))),
    };
    let output = verify.output().map_err(|error| Failure(format!("{}: {error}", binary.display())))?;
    let verdict: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| Failure(format!("{}: {error}: {}", case["id"], String::from_utf8_lossy(&output.stderr))))?;
    let of = |question: &str| verdict["questions"][question]["requirements"].as_array().cloned().unwrap_or_default();
    let open = [of("signed"), of("path")].concat().into_iter().filter(|one| one["answer"] != "yes");
    Ok(open.filter_map(|one| one["reason"].as_str().map(str::to_owned)).collect())
}
