//! How verdicts are written: the report, its form, and who signs it where it is a statement.

use countersign::crypto::SigningKey;
use countersign::encoding::dsse::{Envelope, IN_TOTO};
use countersign::reports::{Form, Report, Verifier, Voice};
use countersign::verdict::Verdict;

use crate::args::{StatementOptions, Verify};
use crate::bring;
use crate::output::{self, note};
use crate::trouble::Trouble;

/// What writes verdicts.
pub(crate) struct Writer {
    pub(crate) report: &'static Report,
    pub(crate) form: Form,
    key: Option<SigningKey>,
}

impl Writer {
    /// The one that the options ask for, for one artifact or several.
    pub(crate) fn new(options: &Verify, many: bool) -> Result<Self, Trouble> {
        let (report, statement) = (options.format, &options.statement);
        let verifier = verifier(report, statement, many)?;
        let key = statement.sign_key.as_deref().map(bring::signing_key).transpose()?;
        if verifier.is_some() && key.is_none() {
            note("what is written is not signed: nobody can rely on it; --sign-key FILE signs it");
        }
        Ok(Self { report, form: Form { verifier, ..output::form(many) }, key })
    }

    /// A verdict, written down.
    pub(crate) fn write(&self, verdict: &Verdict) -> Result<String, Trouble> {
        let piece = (self.report.verdict)(verdict, &self.form);
        if self.report.voice == Voice::Report {
            return Ok(piece);
        }
        if piece.is_empty() {
            let problem = "cannot be named in a statement: none of its digests is at hand that is strong enough";
            return Err(Trouble::new(&verdict.dossier.artifact.name, problem));
        }
        let Some(key) = &self.key else { return Ok(piece) };
        let envelope = Envelope::signed(IN_TOTO, piece.trim_end().as_bytes().to_vec(), key);
        Ok(String::from_utf8_lossy(&envelope.to_json()).into_owned())
    }
}

/// In whose name a statement is written. An option that has no effect would be a promise that is not kept.
fn verifier(report: &Report, options: &StatementOptions, many: bool) -> Result<Option<Verifier>, Trouble> {
    let Voice::Statement { about_resource } = report.voice else {
        let given = [
            ("--as-verifier", options.as_verifier.is_some()),
            ("--as-resource", options.as_resource.is_some()),
            ("--sign-key", options.sign_key.is_some()),
        ];
        let misplaced = given.iter().find(|(_, given)| *given);
        let problem = |option: &str| {
            Trouble::new(option, format!("has no effect on `{}`", report.id)).remedy("use --format vsa or svr")
        };
        return misplaced.map_or(Ok(None), |(option, _)| Err(problem(option)));
    };
    let lacking = |option: &str, remedy| Trouble::new(option, format!("is needed for `{}`", report.id)).remedy(remedy);
    let id = options.as_verifier.as_deref();
    let id =
        id.ok_or_else(|| lacking("--as-verifier", "say who states the verdict, as those know you who rely on it"))?;
    let resource = options.as_resource.as_deref();
    match resource {
        None if about_resource => {
            return Err(lacking(
                "--as-resource",
                "say as what the artifact is released, such as where it is fetched from",
            ));
        }
        Some(_) if !about_resource => {
            return Err(
                Trouble::new("--as-resource", format!("has no place in `{}`", report.id)).remedy("leave it out")
            );
        }
        _ => {}
    }
    let named =
        |option: &str, resource| Verifier::new(id, resource).map_err(|error| Trouble::new(option, error.to_string()));
    let verifier = named("--as-verifier", None).and_then(|_| named("--as-resource", resource))?;
    if many && !verifier.tells_artifacts_apart() {
        let problem = "would be the resource of every artifact, so that one could pass for another";
        return Err(
            Trouble::new("--as-resource", problem).remedy("put {name} into it, which stands for the artifact's name")
        );
    }
    Ok(Some(verifier))
}
