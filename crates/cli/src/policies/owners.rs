//! Policies that their owners signed.

use std::fs;
use std::path::{Path, PathBuf};

use countersign::crypto::Digest;
use countersign::material::Limits;
use countersign::policy::owners::{Owners, OwnersError, sign as add_signature};

use super::args::PolicySign;
use super::{read, text_of};
use crate::args::OwnersOptions;
use crate::bring;
use crate::describe::print;
use crate::source::read_whole;
use crate::trouble::{Trouble, path_text};
use crate::write::Replacement;

/// The keys of the owners who signed the policy; none if nobody asked for owners.
///
/// Who applies a policy names its owners. The policy itself could not: whoever changes it would leave that out.
pub(super) fn confirm(options: &OwnersOptions, policy: Option<&Path>, text: &str) -> Result<Vec<Digest>, Trouble> {
    if options.policy_key.is_empty() {
        return Ok(Vec::new());
    }
    let Some(policy) = policy else {
        return Err(Trouble::new("--policy-key", "nobody signed the built-in policy").remedy("name one with --policy"));
    };
    let limits = Limits::default();
    let keys = bring::public_keys(&options.policy_key, &limits)?;
    let owners = Owners::new(keys, options.policy_threshold).map_err(|error| {
        let option = match error {
            OwnersError::Threshold { .. } => "--policy-threshold",
            _ => "--policy-key",
        };
        Trouble::new(option, error.to_string())
    })?;
    let place = options.policy_signatures.clone().unwrap_or_else(|| beside(policy));
    let signatures = read_whole(&place, limits.memory_bytes)
        .map_err(|trouble| trouble.remedy("have its owners sign it with `countersign policy sign`"))?;
    owners.confirm(text, &signatures).map_err(|error| not_confirmed(&place, &error))
}

fn not_confirmed(place: &Path, error: &OwnersError) -> Trouble {
    Trouble::at(place, error.to_string()).remedy(match error {
        OwnersError::OtherText { .. } => "sign this text of the policy, or apply the one that was signed",
        _ => "have its owners sign it with `countersign policy sign`",
    })
}

/// Where the signatures of a policy are, if nothing else is said.
fn beside(policy: &Path) -> PathBuf {
    let mut name = policy.as_os_str().to_owned();
    name.push(".dsse.json");
    PathBuf::from(name)
}

/// Runs `policy sign`. What cannot be used as a policy is not signed.
pub(super) fn sign(options: &PolicySign) -> Result<u8, Trouble> {
    let text = text_of(&options.file)?;
    let (policy, _) = read(&options.file)?;
    let key = bring::signing_key(&options.sign_key)?;
    let place = options.policy_signatures.clone().unwrap_or_else(|| beside(&options.file));
    let is_there = fs::symlink_metadata(&place).is_ok();
    let replacement = Replacement::begin(&place, is_there)?;
    let earlier = is_there.then(|| read_whole(&place, Limits::default().memory_bytes)).transpose()?;
    let signed = add_signature(&text, earlier.as_deref(), &key).map_err(|error| {
        Trouble::at(&place, error.to_string()).remedy("remove it if the policy was changed, and have it signed anew")
    })?;
    replacement.finish(&signed)?;
    let (place, owner) = (path_text(&place), key.public_key().spki_sha256());
    Ok(print(&format!("{place}: policy `{}` is signed by {owner}\n", policy.name())))
}
