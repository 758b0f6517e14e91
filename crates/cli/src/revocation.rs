//! Revocation information in the store: `trust import-revocation`, `trust show --revocation`, and what a verdict takes
//! from it.

use std::path::PathBuf;

use clap::Args;
use countersign::dossier::Dossier;
use countersign::evidence::{CheckId, Need, Outcome, Reliance};
use countersign::material::Limits;
use countersign::pki::crl::{self, Crl};
use countersign::pki::ocsp::{self, OcspResponse};
use countersign::pki::revocation::{RevocationInfo, Source, shelves_of};
use countersign::reports::{for_terminal, to_json};
use countersign_store::{RevocationKind, RevocationPiece, SqliteStore, Store as _};
use serde::Serialize;

use crate::describe::print;
use crate::examiner::now;
use crate::source::read_whole;
use crate::store::StoreOptions;
use crate::trouble::{Trouble, path_text};

/// What `trust import-revocation` is asked.
#[derive(Args)]
pub(crate) struct ImportRevocation {
    /// Certificate revocation lists and OCSP responses (PEM or DER)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Where they were obtained, such as a URL; default: the file's path
    #[arg(long, value_name = "TEXT")]
    pub(crate) source: Option<String>,
    /// How to show what is kept
    #[arg(long, value_name = "NAME", default_value = "text", value_parser = ["text", "json"])]
    pub(crate) format: String,
    #[command(flatten)]
    pub(crate) store: StoreOptions,
}

/// Runs `trust import-revocation`: every file is read before any is kept.
pub(crate) fn import(options: &ImportRevocation) -> Result<u8, Trouble> {
    let mut pieces = Vec::new();
    for path in &options.files {
        let source = options.source.clone().unwrap_or_else(|| path_text(path));
        pieces.extend(read(path, &source)?);
    }
    let mut store = options.store.open()?;
    store.take_revocation(&pieces)?;
    Ok(print(&listing(&pieces, &options.format)))
}

/// What is kept, as `trust show --revocation` shows it.
pub(crate) fn show(store: &StoreOptions, format: &str) -> Result<u8, Trouble> {
    Ok(print(&listing(&store.open_to_read()?.revocation()?, format)))
}

fn read(path: &std::path::Path, source: &str) -> Result<Vec<RevocationPiece>, Trouble> {
    let bytes = read_whole(path, Limits::default().memory_bytes)?;
    if let Ok(lists) = crl::read_all(&bytes) {
        return Ok(lists.iter().map(|list| of_list(list, source)).collect());
    }
    let responses = ocsp::read_all(&bytes).map_err(|_| {
        Trouble::at(path, "neither a certificate revocation list nor an OCSP response")
            .remedy("expected PEM or DER; get the list from the address in the certificate's CRL distribution point")
    })?;
    Ok(responses.iter().map(|response| of_response(response, source)).collect())
}

fn of_list(list: &Crl, source: &str) -> RevocationPiece {
    RevocationPiece {
        kind: RevocationKind::List,
        issued: Some(list.this_update()),
        due: list.next_update(),
        kept: now(),
        source: source.to_owned(),
        shelves: vec![list.shelf()],
        body: list.der().to_vec(),
    }
}

fn of_response(response: &OcspResponse, source: &str) -> RevocationPiece {
    RevocationPiece {
        kind: RevocationKind::Response,
        issued: response.this_update(),
        due: None,
        kept: now(),
        source: source.to_owned(),
        shelves: response.shelves(),
        body: response.der().to_vec(),
    }
}

/// One piece, as it is shown.
#[derive(Serialize)]
struct Listed<'a> {
    kind: &'static str,
    issued: Option<String>,
    due: Option<String>,
    kept: String,
    source: &'a str,
    bytes: usize,
}

fn listing(pieces: &[RevocationPiece], format: &str) -> String {
    let listed: Vec<Listed<'_>> = pieces.iter().map(Listed::of).collect();
    if format == "json" {
        return to_json(&listed, true) + "\n";
    }
    let line = |piece: &Listed<'_>| {
        let issued = piece.issued.as_deref().unwrap_or("not dated");
        let due = piece.due.as_deref().map(|due| format!(", next due {due}")).unwrap_or_default();
        format!("{:8}  {issued}{due}  kept {}  {}\n", piece.kind, piece.kept, for_terminal(piece.source, false))
    };
    let lines: String = listed.iter().map(line).collect();
    if lines.is_empty() { "no revocation information is kept\n".to_owned() } else { lines }
}

impl<'a> Listed<'a> {
    fn of(piece: &'a RevocationPiece) -> Self {
        Self {
            kind: piece.kind.word(),
            issued: piece.issued.map(|at| at.to_string()),
            due: piece.due.map(|at| at.to_string()),
            kept: piece.kept.to_string(),
            source: &piece.source,
            bytes: piece.body.len(),
        }
    }
}

/// What the store has about the certificates that a dossier could not decide on; `None` if that is nothing.
pub(crate) fn needed(store: &SqliteStore, dossier: &Dossier) -> Result<Option<RevocationInfo>, Trouble> {
    let undecided = dossier
        .signatures
        .iter()
        .filter(|signature| signature.outcome(CheckId::Revocation) == Some(Outcome::Undecided(Need::RevocationStatus)));
    let certificates = undecided.flat_map(|signature| &signature.rests_on).filter_map(Reliance::as_certificate);
    let mut shelves: Vec<String> = certificates.flat_map(|certificate| shelves_of(certificate.issuer())).collect();
    shelves.sort_unstable();
    shelves.dedup();
    let mut info = RevocationInfo::default();
    for shelf in &shelves {
        for piece in store.revocation_on(shelf)? {
            add(&mut info, piece)?;
        }
    }
    Ok((!info.crls.is_empty() || !info.ocsp.is_empty()).then_some(info))
}

fn add(info: &mut RevocationInfo, piece: RevocationPiece) -> Result<(), Trouble> {
    let source = Source::Kept(piece.source.as_str().into(), piece.kept);
    let damaged = |error: String| Trouble::new("--store", format!("a piece of revocation information: {error}"));
    match piece.kind {
        RevocationKind::List => {
            let list = Crl::from_der(&piece.body).map_err(|error| damaged(error.to_string()))?;
            info.crls.push(list.from_source(source));
        }
        RevocationKind::Response => {
            let response = OcspResponse::from_der(&piece.body).map_err(|error| damaged(error.to_string()))?;
            info.ocsp.push(response.from_source(source));
        }
    }
    Ok(())
}
