//! Loading what the user brings: evidence, keys, anchors, revocation lists, trusted roots.

use std::path::{Path, PathBuf};

use countersign::crypto::{PublicKey, SigningKey};
use countersign::encoding::pem::{self, MaterialFileError};
use countersign::encoding::ssh;
use countersign::exports::ReadExport;
use countersign::in_toto::LayoutMaterial;
use countersign::key_attestation::KeyAttestation;
use countersign::material::{AcceptedKey, EvidenceFile, Limits, Material};
use countersign::pki::anchor::Anchor;
use countersign::pki::revocation::Source;
use countersign::pki::{crl, ocsp};
use countersign::tlog::trusted_root::TrustedRoot;
use countersign::trust::TrustBundle;

use crate::args::EvidenceOptions;
use crate::distrust;
use crate::layout;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};

/// Largest file with a key, in bytes: real ones have a few hundred.
const LARGEST_KEY: u64 = 64 << 10;

/// Everything that the options name, and the built-in trust.
pub(crate) fn material(options: &EvidenceOptions, limits: &Limits) -> Result<Material, Trouble> {
    refuse_what_is_not_read_yet(options)?;
    let mut material = Material {
        anchors: anchors(&options.anchor, limits)?,
        sigstore: sigstore(options, limits)?,
        distrust: distrust::lists(&options.distrust, &options.distrust_key)?,
        ..Material::default()
    };
    for path in &options.key {
        material.keys.extend(keys(path, limits)?);
    }
    bring_revocation(options, limits, &mut material)?;
    if let Some(path) = &options.layout {
        material.layout = Some(in_toto_layout(path, &options.layout_key, limits)?);
    }
    bring_key_attestations(options, limits, &mut material)?;
    for path in &options.evidence {
        material.evidence.extend(evidence(path, limits)?);
    }
    for path in &options.observed {
        let file = EvidenceFile { path: path_text(path), bytes: read_whole(path, limits.memory_bytes)? };
        material.observed.push(ReadExport::observed(&file)?);
    }
    Ok(material)
}

/// An option that is accepted and has no effect would be a promise that is not kept.
fn refuse_what_is_not_read_yet(options: &EvidenceOptions) -> Result<(), Trouble> {
    if options.online {
        let problem = "nothing here looks anything up in the network yet";
        return Err(Trouble::new("--online", problem).remedy("leave it out: verification is offline"));
    }
    Ok(())
}

/// Revocation lists and OCSP responses, each with the file that it came from.
fn bring_revocation(options: &EvidenceOptions, limits: &Limits, material: &mut Material) -> Result<(), Trouble> {
    let source = |path: &Path| Source::Given(path_text(path).into());
    for path in &options.crl {
        let lists = crl::read_all(&read_whole(path, limits.memory_bytes)?);
        let lists = lists.map_err(|error| {
            Trouble::at(path, error.to_string()).remedy("expected a certificate revocation list, PEM or DER")
        })?;
        material.crls.extend(lists.into_iter().map(|list| list.from_source(source(path))));
    }
    for path in &options.ocsp {
        let responses = ocsp::read_all(&read_whole(path, limits.memory_bytes)?);
        let responses = responses
            .map_err(|error| Trouble::at(path, error.to_string()).remedy("expected an OCSP response, PEM or DER"))?;
        material.ocsp.extend(responses.into_iter().map(|response| response.from_source(source(path))));
    }
    Ok(())
}

/// Statements about keys, and the anchors for them.
fn bring_key_attestations(options: &EvidenceOptions, limits: &Limits, material: &mut Material) -> Result<(), Trouble> {
    for path in &options.key_attestation {
        let bytes = read_whole(path, limits.memory_bytes)?;
        material.key_attestations.push(KeyAttestation::read(&path_text(path), &bytes)?);
    }
    for path in &options.attestation_anchor {
        let certificates = pem::certificates(&read_whole(path, limits.memory_bytes)?);
        let certificates = certificates.map_err(|error| Trouble::at(path, error.to_string()))?;
        let source = path_text(path);
        let anchors = certificates.into_iter().map(|certificate| Anchor::unlimited(certificate, source.as_str()));
        material.attestation_anchors.extend(anchors);
    }
    Ok(())
}

/// The built-in anchors and those of the user.
fn anchors(paths: &[PathBuf], limits: &Limits) -> Result<TrustBundle, Trouble> {
    let mut anchors = TrustBundle::built_in();
    for path in paths {
        anchors = add_anchors(anchors, path, limits.memory_bytes)?;
    }
    Ok(anchors)
}

/// A bundle with the anchors of a file: certificates, which are accepted for every purpose, or a bundle with
/// its own terms.
pub(crate) fn add_anchors(anchors: TrustBundle, path: &Path, most: u64) -> Result<TrustBundle, Trouble> {
    let bytes = read_whole(path, most)?;
    if let Ok(bundle) = TrustBundle::from_der(&bytes) {
        return Ok(anchors.union(&bundle));
    }
    let certificates = pem::certificates(&bytes).map_err(|error| {
        Trouble::at(
            path,
            format!("{error}; expected certificates (PEM or DER), or a bundle of `countersign trust import`"),
        )
    })?;
    let origin = path_text(path);
    Ok(certificates.into_iter().fold(anchors, |anchors, certificate| anchors.with_anchor(certificate, &origin)))
}

/// The Sigstore trusted roots: the user's instead of the built-in ones.
fn sigstore(options: &EvidenceOptions, limits: &Limits) -> Result<Vec<TrustedRoot>, Trouble> {
    if let Some(path) = &options.trusted_root {
        let bytes = read_whole(path, limits.memory_bytes)?;
        return Ok(vec![TrustedRoot::from_json(&path_text(path), &bytes)?]);
    }
    Ok(TrustedRoot::accepted_by_default())
}

/// The evidence in a file, or in an image layout.
fn evidence(path: &Path, limits: &Limits) -> Result<Vec<EvidenceFile>, Trouble> {
    if layout::is_layout(path) {
        return layout::evidence(path, limits);
    }
    Ok(vec![EvidenceFile { path: path_text(path), bytes: read_whole(path, limits.memory_bytes)? }])
}

/// The bare keys of files.
pub(crate) fn public_keys(paths: &[PathBuf], limits: &Limits) -> Result<Vec<PublicKey>, Trouble> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(keys(path, limits)?.into_iter().map(|accepted| accepted.key));
    }
    Ok(found)
}

/// The in-toto layout, with the keys of its owners.
fn in_toto_layout(path: &Path, owners: &[PathBuf], limits: &Limits) -> Result<LayoutMaterial, Trouble> {
    let owners = public_keys(owners, limits)?;
    Ok(LayoutMaterial::read(&path_text(path), &read_whole(path, limits.memory_bytes)?, owners)?)
}

/// The key that signs what is written.
pub(crate) fn signing_key(path: &Path) -> Result<SigningKey, Trouble> {
    pem::signing_key(&read_whole(path, LARGEST_KEY)?).map_err(|error| {
        let problem = format!("{error}; expected an Ed25519 or ECDSA P-256 key, as PKCS #8 in PEM or DER");
        Trouble::at(path, problem).remedy("`openssl pkcs8 -topk8 -nodes` writes one of an older form")
    })
}

/// The keys of a file: certificates, or bare public keys.
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
            let bare = |key| AcceptedKey { source: source.clone(), key, certificate: None };
            Ok(bare_keys(path, &bytes)?.into_iter().map(bare).collect())
        }
        Err(_) if pem::holds_private_key(&bytes) => Err(private_key(path)),
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// Bare public keys: one in PEM or DER, or those of OpenSSH, one per line.
fn bare_keys(path: &Path, bytes: &[u8]) -> Result<Vec<PublicKey>, Trouble> {
    let is_binary = || std::str::from_utf8(bytes).is_err();
    let unusable = |problem: String| {
        let expected = "expected a public key or a certificate, as PEM or DER, or public keys of OpenSSH";
        Trouble::at(path, format!("{problem}; {expected}"))
    };
    match pem::public_key(bytes) {
        Ok(key) => Ok(vec![key]),
        Err(_) if pem::holds_private_key(bytes) => Err(private_key(path)),
        Err(MaterialFileError::Nothing) if !pem::is_pem(bytes) && !is_binary() => {
            ssh::public_keys(bytes).map_err(|error| unusable(error.to_string()))
        }
        Err(error) => Err(unusable(error.to_string())),
    }
}

/// A private key given by mistake. Nothing of it is repeated.
fn private_key(path: &Path) -> Trouble {
    Trouble::at(path, "holds a private key, which nobody else should see")
        .remedy("give the public key that belongs to it")
}
