//! Lists of what must not be trusted: reading them for a verdict.

use std::path::{Path, PathBuf};

use countersign::crypto::PublicKey;
use countersign::distrust::{self, Distrust, DistrustPack};
use countersign::encoding::pem::{self, MaterialFileError};

use crate::source::read_whole;
use crate::trouble::Trouble;

/// Names further lists, separated as in `PATH`.
const VARIABLE: &str = "COUNTERSIGN_DISTRUST";

/// Largest list read, in bytes: a million entries have some 250 bytes each.
pub(crate) const LARGEST: u64 = 256 << 20;

/// The lists that options and environment name. With keys, each must be signed by one of them.
pub(crate) fn lists(files: &[PathBuf], keys: &[PathBuf]) -> Result<Distrust, Trouble> {
    let keys = keys.iter().map(|path| public_key(path)).collect::<Result<Vec<_>, _>>()?;
    let mut distrust = Distrust::default();
    for path in files.iter().cloned().chain(of_environment()) {
        distrust.add(list(&path, &keys)?);
    }
    if distrust.is_empty() && !keys.is_empty() {
        let problem = "no list is given that it could have signed";
        return Err(Trouble::new("--distrust-key", problem).remedy("give the list with --distrust"));
    }
    Ok(distrust)
}

fn of_environment() -> Vec<PathBuf> {
    let named = std::env::var_os(VARIABLE).unwrap_or_default();
    std::env::split_paths(&named).filter(|path| !path.as_os_str().is_empty()).collect()
}

/// One list, plain or signed.
pub(crate) fn list(path: &Path, keys: &[PublicKey]) -> Result<DistrustPack, Trouble> {
    let bytes = read_whole(path, LARGEST)?;
    distrust::open(&bytes, keys).map_err(|error| Trouble::at(path, error.to_string()))
}

fn public_key(path: &Path) -> Result<PublicKey, Trouble> {
    let bytes = read_whole(path, LARGEST)?;
    let of_certificate = |error: MaterialFileError| {
        let certificate = pem::certificates(&bytes).ok()?.into_iter().next();
        certificate.and_then(|certificate| certificate.public_key().ok()).ok_or(error).ok()
    };
    let key = pem::public_key(&bytes).or_else(|error| of_certificate(error.clone()).ok_or(error));
    key.map_err(|error| Trouble::at(path, format!("{error}; expected a public key or a certificate, as PEM or DER")))
}
