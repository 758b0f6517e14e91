//! `inspect`, `explain` and `formats`: what is there, and why.

use std::path::{Path, PathBuf};

use countersign::crypto::Digest;
use countersign::facts;
use countersign::formats::{FORMATS, Reader};
use countersign::reports::{explain as explain_verdict, inspect_json, inspect_text, to_json, vocabulary};

use crate::args::{Explain, Inspect};
use crate::examiner::{Examiner, Judge, Target, cores};
use crate::output::{self, Output};
use crate::trouble::Trouble;

/// Runs `inspect`.
pub(crate) fn inspect(options: &Inspect) -> Result<u8, Trouble> {
    let examiner = Examiner::new(&options.evidence)?;
    let target = target(&examiner, options.artifact.as_ref(), options.digest)?;
    let dossier = examiner.examine(&target, cores())?;
    let text = match options.format.as_str() {
        "json" => inspect_json(&dossier) + "\n",
        "dossier" => to_json(&dossier, true) + "\n",
        _ => inspect_text(&dossier, examiner.at, &output::form(false)),
    };
    Ok(print(&text))
}

/// Runs `explain`. Its exit code says that the explanation was given, not what the verdict is.
pub(crate) fn explain(options: &Explain) -> Result<u8, Trouble> {
    let form = output::form(false);
    if options.reasons {
        return Ok(print(&vocabulary(&form)));
    }
    let judge = Judge::new(&options.evidence, &options.appraisal)?;
    let targets = match options.digest {
        Some(digest) => vec![Target::Digest(digest)],
        None => options.artifacts.iter().map(|path| whole(&judge.examiner, path)).collect::<Result<_, _>>()?,
    };
    let mut output = Output::new();
    let several = options.facts && targets.len() > 1;
    output.put(if several { "[\n" } else { "" });
    for (position, target) in targets.iter().enumerate() {
        let between = if options.facts { ",\n" } else { "\n" };
        output.put(if position > 0 { between } else { "" });
        let (verdict, registry) = judge.judge_with_registry(target, cores())?;
        let text = match options.facts {
            true => facts::json(&verdict, &judge.terms(&registry)),
            false => explain_verdict(&verdict, options.question, &form),
        };
        output.put(&text);
    }
    output.put(match options.facts {
        true if several => "\n]\n",
        true => "\n",
        false => "",
    });
    Ok(output.finish(0))
}

fn target(examiner: &Examiner, path: Option<&PathBuf>, digest: Option<Digest>) -> Result<Target, Trouble> {
    if let Some(digest) = digest {
        return Ok(Target::Digest(digest));
    }
    whole(examiner, path.ok_or_else(|| Trouble::new("ARTIFACT", "is missing"))?)
}

fn whole(examiner: &Examiner, path: &Path) -> Result<Target, Trouble> {
    let whole = examiner.whole(path)?;
    whole.ok_or_else(|| {
        Trouble::at(path, "is a directory that no evidence signs as a whole").remedy("name one file in it")
    })
}

/// Runs `formats`: the table, generated.
pub(crate) fn formats() -> u8 {
    let width = FORMATS.iter().map(|format| format.id.len()).max().unwrap_or(0);
    let rows = FORMATS.iter().map(|format| {
        let place = match format.reader {
            Reader::Embedded { container, .. } => format!("inside {container}"),
            Reader::Detached { .. } => "own file".to_owned(),
        };
        format!("{:<width$}  {place:<12}  {} ({})\n", format.id, format.title, format.specification)
    });
    print(&rows.collect::<String>())
}

/// Writes text to standard output.
pub(crate) fn print(text: &str) -> u8 {
    let mut output = Output::new();
    output.put(text);
    output.finish(0)
}
