//! `deny` and `trust import-distrust`: writing lists of what must not be trusted.

use std::path::Path;

use countersign::crypto::{DigestAlgorithm, SigningKey};
use countersign::distrust::import::import as read_list;
use countersign::distrust::{self, DistrustPack, Entry, PackError, Selector, Why};
use countersign::encoding::pem;

use crate::args::{Deny, ImportDistrust, ListOutput};
use crate::bring;
use crate::describe::print;
use crate::distrust::LARGEST;
use crate::examiner::now;
use crate::output::note;
use crate::source::{digest_of, read_whole};
use crate::trouble::{Trouble, path_text};
use crate::write::Replacement;

/// Runs `deny`.
pub(crate) fn deny(options: &Deny) -> Result<u8, Trouble> {
    let entry = Entry {
        since: options.since,
        note: options.note.clone(),
        reference: options.reference.clone(),
        ..Entry::new(selector(options)?, options.reason)
    };
    let path = &options.output.output;
    let key = signing_key(&options.output)?;
    let dated = options.output.dated.unwrap_or_else(now);
    let replacement = Replacement::begin(path, options.append)?;
    let list = match options.append {
        true => existing(path, key.as_ref())?.with(vec![entry], dated),
        false => DistrustPack::new(&options.name, "countersign deny", "", dated, vec![entry]),
    };
    let list = list.map_err(|error| Trouble::at(path, error.to_string()))?;
    replacement.finish(&bytes(&list, key.as_ref()))?;
    Ok(print(&summary(path, &list, key.as_ref())))
}

/// Runs `trust import-distrust`.
pub(crate) fn import(options: &ImportDistrust) -> Result<u8, Trouble> {
    let (mut entries, mut names, mut sources, mut oldest) = (Vec::new(), Vec::new(), Vec::new(), None);
    for path in &options.files {
        let (format, imported) =
            read_list(&read_whole(path, LARGEST)?).map_err(|error| Trouble::at(path, error.to_string()))?;
        for (why, count) in &imported.left_out {
            note(&format!("{}: left out {count}: {why}", path_text(path)));
        }
        oldest = [oldest, imported.dated].into_iter().flatten().min();
        push_new(&mut names, format.id.to_owned());
        push_new(&mut sources, format!("{} ({})", format.origin, path_text(path)));
        entries.extend(imported.entries);
    }
    let key = signing_key(&options.output)?;
    let path = &options.output.output;
    // What is joined is as old as its oldest part.
    let dated = options.output.dated.or(oldest).unwrap_or_else(now);
    let name = options.name.clone().unwrap_or_else(|| names.join(" + "));
    let list = DistrustPack::new(name, sources.join(", "), &options.licence, dated, entries);
    let list = list.map_err(|error| Trouble::at(path, error.to_string()))?;
    Replacement::begin(path, false)?.finish(&bytes(&list, key.as_ref()))?;
    Ok(print(&summary(path, &list, key.as_ref())))
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

/// What is to be denied.
fn selector(options: &Deny) -> Result<Selector, Trouble> {
    let named =
        |option: &str, result: Result<Selector, String>| result.map_err(|problem| Trouble::new(option, problem));
    if let Some(path) = &options.certificate {
        let certificates = pem::certificates(&read_whole(path, LARGEST)?);
        let certificates = certificates.map_err(|error| Trouble::at(path, error.to_string()))?;
        return match certificates.as_slice() {
            [one] => Ok(Selector::Certificate(one.fingerprint())),
            many => Err(Trouble::at(path, format!("holds {} certificates; give the one that is meant", many.len()))),
        };
    }
    if let (Some(issuer), Some(serial)) = (&options.issuer, &options.serial) {
        return named("--issuer", Selector::of_issuer_text(issuer, serial));
    }
    if let Some(hex) = &options.spki {
        return named("--spki", Selector::of_digest("spki_sha256", hex));
    }
    if let Some(path) = &options.file {
        return Ok(Selector::File(digest_of(path, DigestAlgorithm::Sha256)?));
    }
    if let Some(digest) = options.digest {
        return named("--digest", Selector::of_digest(&format!("file_{}", digest.algorithm()), &digest.hex()));
    }
    named("--identity", Selector::of_identity_json(options.identity.as_deref().unwrap_or_default()))
}

fn signing_key(output: &ListOutput) -> Result<Option<SigningKey>, Trouble> {
    output.key.as_deref().map(bring::signing_key).transpose()
}

/// The list that is extended. With a key it must be of that key: what others wrote is not signed unseen.
fn existing(path: &Path, key: Option<&SigningKey>) -> Result<DistrustPack, Trouble> {
    let bytes = read_whole(path, LARGEST)?;
    let keys: Vec<_> = key.map(|key| key.public_key().clone()).into_iter().collect();
    if key.is_none() && DistrustPack::from_json(&bytes).is_err() && distrust::open(&bytes, &[]).is_ok() {
        return Err(Trouble::at(path, "the list is signed").remedy("give the key that signed it with --key"));
    }
    distrust::open(&bytes, &keys).map_err(|error| match error {
        PackError::Signature(_) => Trouble::at(path, error.to_string())
            .remedy("to sign a list of others, look through it and use `countersign trust import-distrust`"),
        other => Trouble::at(path, other.to_string()),
    })
}

fn bytes(list: &DistrustPack, key: Option<&SigningKey>) -> Vec<u8> {
    key.map_or_else(|| list.to_json(), |key| distrust::sign(list, key))
}

fn summary(path: &Path, list: &DistrustPack, key: Option<&SigningKey>) -> String {
    let signed = key.map_or_else(
        || "not signed".to_owned(),
        |key| format!("signed by key {}", key.public_key().spki_sha256().hex()),
    );
    let mut text = format!("{}: {} entries, dated {}, {signed}\n", path_text(path), list.entries().len(), list.dated());
    for why in Why::ALL {
        let count = list.entries().iter().filter(|entry| entry.why == *why).count();
        if count > 0 {
            text.push_str(&format!("  {count} {}\n", why.word()));
        }
    }
    text
}
