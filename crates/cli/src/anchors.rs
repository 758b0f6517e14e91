//! `trust show` and `trust import`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use countersign::crypto::DigestAlgorithm;
use countersign::encoding::pem;
use countersign::encoding::x509::Certificate;
use countersign::material::Limits;
use countersign::reports::{for_terminal, to_json};
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::trust::{AnchorListing, AnchorSourceInfo, BundleListing, CertificateSet, TrustBundle, import_stl};

use crate::args::{TrustImport, TrustShow};
use crate::bring::add_anchors;
use crate::describe::print;
use crate::output::note;
use crate::revocation;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// Runs `trust show`.
pub(crate) fn show(options: &TrustShow) -> Result<u8, Trouble> {
    if options.revocation {
        return revocation::show(&options.store, &options.format);
    }
    if options.store.store.is_some() {
        return Err(
            Trouble::new("--store", "no anchors are kept in a store").remedy("add --revocation, or leave it out")
        );
    }
    let bundle = match &options.file {
        None => TrustBundle::built_in(),
        Some(path) => add_anchors(TrustBundle::default(), path, Limits::default().memory_bytes)?,
    };
    Ok(print(&listing(&bundle, &options.format)))
}

/// Runs `trust import`.
pub(crate) fn import(options: &TrustImport) -> Result<u8, Trouble> {
    let most = Limits::default().memory_bytes;
    let mut lists = Vec::new();
    let mut certificates = Vec::new();
    let mut roots = String::new();
    for path in &options.files {
        match read_file(path, &read_whole(path, most)?)? {
            Read::List(stl) => lists.push((path, stl)),
            Read::Certificates(found) => certificates.push((path, found)),
            Read::SigstoreRoot(summary) => roots.push_str(&summary),
        }
    }
    let bundle = if lists.is_empty() { given(certificates) } else { listed(&lists, certificates)? };
    if let Some(path) = &options.output {
        write(path, &bundle)?;
    }
    Ok(print(&(listing(&bundle, &options.format) + &roots)))
}

/// What a file of anchors is.
enum Read {
    /// A signed root list.
    List(Vec<u8>),
    /// Certificates.
    Certificates(Vec<Certificate>),
    /// A Sigstore trusted root, in words.
    SigstoreRoot(String),
}

fn read_file(path: &Path, bytes: &[u8]) -> Result<Read, Trouble> {
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let root = TrustedRoot::from_json(&path_text(path), bytes)?;
        return Ok(Read::SigstoreRoot(format!(
            "{}: Sigstore trusted root: {} certificate authorities, {} timestamp authorities, {} logs; accept it with \
             --trusted-root\n",
            path_text(path),
            root.certificate_authorities.len(),
            root.timestamp_authorities.len(),
            root.logs.len(),
        )));
    }
    match pem::certificates(bytes) {
        Ok(certificates) => Ok(Read::Certificates(certificates)),
        Err(_) if bytes.first() == Some(&0x30) => Ok(Read::List(bytes.to_vec())),
        Err(error) => Err(Trouble::at(path, error.to_string())),
    }
}

/// Certificates that the user accepts as they are.
fn given(certificates: Vec<(&PathBuf, Vec<Certificate>)>) -> TrustBundle {
    let each = certificates.into_iter().flat_map(|(path, found)| found.into_iter().map(move |one| (path, one)));
    each.fold(TrustBundle::default(), |bundle, (path, certificate)| bundle.with_anchor(certificate, &path_text(path)))
}

/// The anchors of signed lists, for which the certificates are only the supply.
fn listed(
    lists: &[(&PathBuf, Vec<u8>)],
    certificates: Vec<(&PathBuf, Vec<Certificate>)>,
) -> Result<TrustBundle, Trouble> {
    let supply: CertificateSet = certificates.into_iter().flat_map(|(_, found)| found).collect();
    let mut bundle = TrustBundle::default();
    for (path, stl) in lists {
        let source = AnchorSourceInfo {
            name: "signed root list".to_owned(),
            origin: path_text(path),
            licence: String::new(),
            dated: None,
        };
        let imported = import_stl(stl, &supply, &TrustBundle::built_in(), source);
        let (found, missing) = imported.map_err(|error| Trouble::at(path, error.to_string()))?;
        if !missing.is_empty() {
            let count = missing.len();
            note(&format!("{}: {count} roots left out, because no certificate was given for them", path_text(path)));
        }
        bundle = bundle.union(&found);
    }
    Ok(bundle)
}

/// Writes a bundle, never over an existing file.
fn write(path: &Path, bundle: &TrustBundle) -> Result<(), Trouble> {
    let open = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
    let written = open.and_then(|mut file| file.write_all(&bundle.to_der()));
    written.map_err(|error| Trouble::io(path, &error))
}

fn listing(bundle: &TrustBundle, format: &str) -> String {
    let listing = bundle.listing();
    if format == "json" { to_json(&listing, true) + "\n" } else { text(&listing) }
}

fn text(listing: &BundleListing) -> String {
    let dated = listing.dated.map_or_else(|| "not dated".to_owned(), |time| format!("dated {time}"));
    let mut text = format!("{} anchors, {dated}\n", listing.anchors.len());
    for source in &listing.sources {
        text.push_str(&format!("from {}: {}\n", clean(&source.name), clean(&source.origin)));
    }
    listing.anchors.iter().for_each(|anchor| text.push_str(&row(anchor)));
    text
}

fn row(anchor: &AnchorListing) -> String {
    let mut row = format!("\n{}\n  {}\n", clean(&anchor.name), clean(&anchor.certificate_name));
    row.push_str(&format!("  {} {}\n", DigestAlgorithm::Sha256, anchor.sha256));
    row.push_str(&format!("  valid {} to {}\n", anchor.not_before, anchor.not_after));
    row.push_str(&format!("  for {}\n", anchor.purposes.join(", ")));
    if let Some(limit) = &anchor.issued_before {
        row.push_str(&format!("  only certificates issued before {} ({})\n", limit.at, limit.purposes.join(", ")));
    }
    if let Some(limit) = &anchor.disallowed_since {
        row.push_str(&format!("  nothing since {} ({})\n", limit.at, limit.purposes.join(", ")));
    }
    row
}

fn clean(text: &str) -> String {
    for_terminal(text, false).into_owned()
}
