//! Reads questions (one JSON object per line) and writes what sigstore-verify answers, in the same order.
//!
//! A question has `bundle` (its text), `trusted_root` and `key` (paths; the public-good root if the former is
//! absent), and `artifact` (path) or `digest` (`sha256:HEX`).

use std::error::Error;
use std::io::{BufRead, Write};

use serde::Deserialize;
use sigstore_trust_root::{SIGSTORE_PRODUCTION_TRUSTED_ROOT, TrustedRoot};
use sigstore_types::{Artifact, ArtifactDigest, Bundle, DerPublicKey, HashAlgorithm, Sha256Hash};
use sigstore_verify::{PublicKeyVerificationPolicy, VerificationPolicy, Verifier};

#[derive(Deserialize)]
struct Question {
    bundle: String,
    trusted_root: Option<String>,
    key: Option<String>,
    artifact: Option<String>,
    digest: Option<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let error = answer(&question).err().map(|error| error.to_string());
        writeln!(out, "{}", serde_json::json!({ "accepted": error.is_none(), "error": error }))?;
    }
    Ok(())
}

fn answer(question: &Question) -> Result<(), Box<dyn Error>> {
    let root = match &question.trusted_root {
        Some(path) => TrustedRoot::from_json(&std::fs::read_to_string(path)?)?,
        None => TrustedRoot::from_json(SIGSTORE_PRODUCTION_TRUSTED_ROOT)?,
    };
    let verifier = Verifier::new(&root)?;
    let bundle = Bundle::from_json(&question.bundle)?;
    let bytes = question.artifact.as_ref().map(std::fs::read).transpose()?;
    let artifact = || -> Result<Artifact<'_>, Box<dyn Error>> {
        match (&bytes, &question.digest) {
            (Some(bytes), _) => Ok(Artifact::from(bytes.as_slice())),
            (None, Some(digest)) => of_digest(digest),
            (None, None) => Err("nothing to verify".into()),
        }
    };
    if let Some(path) = &question.key {
        let key = DerPublicKey::from_pem(&std::fs::read_to_string(path)?)?;
        verifier.verify(artifact()?, &bundle, &PublicKeyVerificationPolicy::new(key))?;
        return Ok(());
    }
    let mut policy = VerificationPolicy::any_identity();
    // An instance without logs, as GitHub's for private repositories, cannot be asked for their evidence.
    if root.tlogs.is_empty() {
        policy = policy.skip_tlog_unsafe().skip_sct();
    }
    verifier.verify(artifact()?, &bundle, &policy)?;
    Ok(())
}

fn of_digest(text: &str) -> Result<Artifact<'static>, Box<dyn Error>> {
    match text.split_once(':') {
        Some(("sha256", hex)) => Ok(Artifact::from(Sha256Hash::from_hex(hex)?)),
        Some(("sha512", hex)) => {
            let octets = (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap_or("?"), 16));
            let value: Vec<u8> = octets.collect::<Result<_, _>>()?;
            Ok(Artifact::from(ArtifactDigest::new(HashAlgorithm::Sha2512, value)?))
        }
        _ => Err("a digest of an algorithm that is not asked about".into()),
    }
}
