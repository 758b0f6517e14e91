//! VirusTotal's report on a file, API v3 (`curl -H "x-apikey: …" https://www.virustotal.com/api/v3/files/SHA256`): what
//! engines and sandboxes say.

use super::tools::digest_of;
use super::{ExportFormat, Reader, has};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::time::Time;
use crate::tool::{ToolKind, ToolOutcome, ToolResult};

/// The entry of the table.
pub(super) static FILE: ExportFormat =
    ExportFormat { id: "virustotal-file", reader: Reader::Json { detect: is_file, read }, voucher: Voucher::Tool };

/// Engines that must agree. One or two of seventy misjudge good files every day, and neither is a result then.
const MIN_ENGINES: i64 = 3;

fn is_file(document: &Json) -> bool {
    document.text_at(&["data", "type"]) == Some("file")
        && document.at(&["data", "attributes"]).is_some_and(|of| has(of, &["sha256", "last_analysis_stats"]))
}

fn read(document: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let attributes = document.field("data")?.field("attributes")?;
    let mut base = ToolResult::new("virustotal", ToolKind::Malware, ToolOutcome::Unknown);
    base.digests = digest_of("sha256", attributes.field("sha256")?.text()?).into_iter().collect();
    if base.digests.is_empty() {
        let expected = crate::encoding::json::Problem::BadValue("the SHA-256 of a file");
        return Err(attributes.field("sha256")?.error(expected));
    }
    let at = attributes.optional("last_analysis_date")?.map(|date| date.integer()).transpose()?;
    base.at = at.map(Time::from_unix);
    let sandboxes = sandboxes(&attributes, &base)?;
    let engines = engines(&attributes.field("last_analysis_stats")?, base)?;
    Ok(std::iter::once(engines).chain(sandboxes).map(Fact::ToolFound).collect())
}

fn engines(stats: &Cursor<'_>, base: ToolResult) -> Result<ToolResult, FieldError> {
    let count = |name: &str| stats.optional(name)?.map_or(Ok(0), |count| count.integer()).map(|count| count.max(0));
    let (malicious, suspicious) = (count("malicious")?, count("suspicious")?);
    let bad = malicious.saturating_add(suspicious);
    let all = bad.saturating_add(count("harmless")?).saturating_add(count("undetected")?);
    let outcome = match bad {
        _ if malicious >= MIN_ENGINES => ToolOutcome::Found,
        0 if all > 0 => ToolOutcome::Clean,
        _ => ToolOutcome::Unknown,
    };
    Ok(ToolResult { outcome, summary: format!("{malicious} of {all} engines, {suspicious} suspicious"), ..base })
}

/// What sandboxes say that ran it, if any did.
fn sandboxes(attributes: &Cursor<'_>, base: &ToolResult) -> Result<Option<ToolResult>, FieldError> {
    let Some(verdicts) = attributes.optional("sandbox_verdicts")? else { return Ok(None) };
    let categories = verdicts.value().as_object().into_iter().flatten();
    let categories: Vec<_> = categories.filter_map(|(_, verdict)| verdict.text_at(&["category"])).collect();
    let is_harmless = |category: &&str| matches!(*category, "harmless" | "undetected");
    let outcome = if categories.contains(&"malicious") {
        ToolOutcome::Found
    } else if !categories.is_empty() && categories.iter().all(is_harmless) {
        ToolOutcome::Clean
    } else {
        ToolOutcome::Unknown
    };
    let summary = format!("{} sandboxes", categories.len());
    Ok(Some(ToolResult { kind: ToolKind::Behaviour, outcome, summary, ..base.clone() }))
}

#[cfg(test)]
mod tests {
    use super::super::tools::tests::{HEX, read as results};
    use super::*;

    fn report(malicious: u32, undetected: u32, sandboxes: &str) -> Vec<ToolResult> {
        results(&format!(
            r#"{{"data":{{"type":"file","id":"{HEX}","attributes":{{"sha256":"{HEX}","last_analysis_date":1767225600,
                "last_analysis_stats":{{"malicious":{malicious},"undetected":{undetected}}}{sandboxes}}}}}}}"#
        ))
    }

    #[test]
    fn several_engines_must_agree() {
        let outcome = |malicious, undetected| report(malicious, undetected, "")[0].outcome;
        assert_eq!(outcome(0, 70), ToolOutcome::Clean);
        assert_eq!(outcome(2, 68), ToolOutcome::Unknown);
        assert_eq!(outcome(3, 67), ToolOutcome::Found);
        assert_eq!(outcome(0, 0), ToolOutcome::Unknown);
        assert_eq!(report(0, 1, "")[0].at, Some("2026-01-01T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn sandboxes_say_what_it_does() {
        let outcome = |verdicts: &str| {
            let read = report(0, 70, &format!(r#","sandbox_verdicts":{{{verdicts}}}"#));
            assert_eq!(read[1].kind, ToolKind::Behaviour);
            read[1].outcome
        };
        assert_eq!(outcome(r#""a":{"category":"harmless"}"#), ToolOutcome::Clean);
        assert_eq!(outcome(r#""a":{"category":"harmless"},"b":{"category":"malicious"}"#), ToolOutcome::Found);
        assert_eq!(outcome(r#""a":{"category":"suspicious"}"#), ToolOutcome::Unknown);
    }
}
