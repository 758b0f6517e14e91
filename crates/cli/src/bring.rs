//! Loading what the user brings: evidence, keys, anchors, revocation lists, trusted roots.

use std::path::Path;

use countersign::encoding::pem::{self, MaterialFileError};
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::tlog::trusted_root::TrustedRoot;

use crate::args::EvidenceOptions;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// Everything that the options name, and the built-in trust.
pub(crate) fn material(options: &EvidenceOptions, limits: &Limits) -> Result<Material, Trouble> {
    refuse_what_is_not_read_yet(options)?;
    let mut material = Material::default();
    for path in &options.key {
        material.keys.extend(keys(path, limits)?);
    }
    for path in &options.evidence {
        material.evidence.push(evidence(path, limits)?);
    }
    if let Some(path) = &options.trusted_root {
        let bytes = read_whole(path, limits.memory_bytes)?;
        material.sigstore.push(TrustedRoot::from_json(&path_text(path), &bytes)?);
    }
    Ok(material)
}

/// An option that is accepted and has no effect would be a promise that is not kept.
fn refuse_what_is_not_read_yet(options: &EvidenceOptions) -> Result<(), Trouble> {
    if options.online {
        let problem = "nothing here looks anything up in the network yet";
        return Err(Trouble::new("--online", problem).remedy("leave it out: verification is offline"));
    }
    if let Some(path) = options.ocsp.first() {
        let problem = format!("{}: OCSP responses are not read yet", path_text(path));
        return Err(Trouble::new("--ocsp", problem).remedy("give a revocation list with --crl"));
    }
    if let Some(path) = options.crl.first() {
        return Err(Trouble::new("--crl", format!("{}: revocation lists are not read yet", path_text(path))));
    }
    if let Some(path) = options.anchor.first() {
        return Err(Trouble::new("--anchor", format!("{}: anchors are not read yet", path_text(path))));
    }
    Ok(())
}

fn evidence(path: &Path, limits: &Limits) -> Result<EvidenceFile, Trouble> {
    if path.join("oci-layout").is_file() {
        let trouble = Trouble::at(path, "is an OCI image layout: these are not read yet");
        return Err(trouble.remedy("give the attestation's file itself"));
    }
    Ok(EvidenceFile { path: path_text(path), bytes: read_whole(path, limits.memory_bytes)? })
}

/// The keys of a file: certificates, or a bare public key.
fn keys(path: &Path, limits: &Limits) -> Result<Vec<AcceptedKey>, Trouble> {
    let bytes = read_whole(path, limits.memory_bytes)?;
    let source = path_text(path);
    let unusable = |problem: String| Trouble::at(path, problem);
    match pem::certificates(&bytes) {
        Ok(certificates) => certificates
            .into_iter()
            .map(|certificate| {
                let key =
                    certificate.public_key().map_err(|error| unusable(format!("its key cannot be used: {error}")))?;
                Ok(AcceptedKey { source: source.clone(), key, certificate: Some(certificate) })
            })
            .collect(),
        Err(MaterialFileError::Nothing | MaterialFileError::Certificate(_)) => {
            let key = pem::public_key(&bytes)
                .map_err(|error| unusable(format!("{error}; expected a public key or a certificate, as PEM or DER")))?;
            Ok(vec![AcceptedKey { source, key, certificate: None }])
        }
        Err(error) => Err(unusable(error.to_string())),
    }
}
