//! Reading the shipped table of builders.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Builder, Named, Reference, SignedBy};
use crate::claim::Voucher;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::policy::Pattern;

const TEXT: &str = include_str!("../builders.toml");

/// The level of a builder that is listed without one.
pub(crate) const LISTED: u8 = 1;

/// The highest level of SLSA's build track.
pub(crate) const HIGHEST: u8 = 3;

/// A kind of statement about publication, which says nothing about the build.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// What it is, in words.
    pub title: String,
    /// What it proves.
    pub note: String,
}

/// The builders that are known without a policy, in the order in which they are tried.
#[must_use]
pub fn shipped() -> &'static [Builder] {
    &TABLE.0
}

/// The kinds of statements about publication, which have no build level.
#[must_use]
pub fn publish_records() -> &'static [Record] {
    &TABLE.1
}

/// Without a table, nobody is known, and every level is 0. That it can be read is tested.
static TABLE: LazyLock<(Vec<Builder>, Vec<Record>)> = LazyLock::new(|| read(TEXT).unwrap_or_default());

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema: u8,
    issuers: BTreeMap<String, String>,
    keys: BTreeMap<String, Vec<String>>,
    builder: Vec<Row>,
    record: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    title: String,
    signers: Vec<Signer>,
    named: Naming,
    #[serde(default)]
    ids: Vec<String>,
    build_types: Vec<String>,
    level: Option<u8>,
    voucher: String,
    #[serde(default)]
    parameters: Vec<String>,
    #[serde(default)]
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signer {
    issuer: Option<String>,
    workflow: Option<String>,
    key: Option<String>,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Naming {
    AsSigner,
    Delegated,
    Fixed,
}

fn read(text: &str) -> Result<(Vec<Builder>, Vec<Record>), String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    if file.schema != 1 {
        return Err(format!("schema {} is not known here", file.schema));
    }
    let builders = file.builder.iter().map(|row| builder(row, &file)).collect::<Result<_, _>>()?;
    Ok((builders, file.record))
}

fn builder(row: &Row, file: &File) -> Result<Builder, String> {
    let bad = |what: &str| format!("{}: {what}", row.name);
    let patterns = |texts: &[String]| texts.iter().map(Pattern::new).collect::<Vec<_>>();
    let named = match (row.named, row.ids.is_empty()) {
        (Naming::AsSigner, true) => Named::AsSigner,
        (Naming::Delegated, false) => Named::Delegated(patterns(&row.ids)),
        (Naming::Fixed, false) => Named::Fixed(patterns(&row.ids)),
        _ => return Err(bad("`ids` go with `delegated` and `fixed`, and only with them")),
    };
    let level = row.level.unwrap_or(LISTED);
    if level > HIGHEST || row.signers.is_empty() || row.build_types.is_empty() {
        return Err(bad("a level from 0 to 3, a signer and a build type are needed"));
    }
    let voucher = [Voucher::Platform, Voucher::Tenant].into_iter().find(|voucher| voucher.word() == row.voucher);
    Ok(Builder {
        name: row.name.clone(),
        title: row.title.clone(),
        note: row.note.clone(),
        level,
        voucher: voucher.ok_or_else(|| bad("`voucher` is `platform` or `tenant`"))?,
        signers: row
            .signers
            .iter()
            .map(|signer| signed_by(signer, file).ok_or_else(|| bad("unknown signer")))
            .collect::<Result<_, _>>()?,
        named,
        build_types: patterns(&row.build_types),
        known: patterns(&row.parameters),
        allowed: None,
        of_policy: false,
    })
}

fn signed_by(signer: &Signer, file: &File) -> Option<SignedBy> {
    let issuer = |name: &String| file.issuers.get(name).cloned();
    match (&signer.issuer, &signer.workflow, &signer.key) {
        (Some(name), Some(workflow), None) if name == "github" => Some(SignedBy::Workflow {
            issuer: issuer(name)?,
            workflow: format!("https://github.com/{workflow}"),
            reference: Reference::Release,
        }),
        (Some(name), None, None) => Some(SignedBy::Anybody { issuer: issuer(name)? }),
        (None, None, Some(key)) if key == "any" => Some(SignedBy::AnyKey),
        (None, None, Some(key)) => {
            let keys = file.keys.get(key)?.iter();
            keys.map(|key| Digest::new(DigestAlgorithm::Sha256, &hex::decode(key)?))
                .collect::<Option<_>>()
                .map(SignedBy::Keys)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_table_can_be_read() {
        let (builders, records) = read(TEXT).unwrap();
        assert_eq!((builders.len(), records.len()), (20, 3));
        let mut names: Vec<_> =
            builders.iter().map(|builder| &builder.name).chain(records.iter().map(|r| &r.name)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), builders.len() + records.len());
        for builder in &builders {
            let is_name =
                builder.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b));
            assert!(is_name && !builder.title.is_empty(), "{}", builder.name);
            // Whoever controls the job can forge its statement: that is level 2 at best.
            assert!(builder.voucher == Voucher::Platform || builder.level < 3, "{}", builder.name);
        }
    }

    #[test]
    fn mistakes_in_the_table_are_errors() {
        let with = |row: &str| {
            read(&format!(
                "schema = 1\nrecord = []\n[issuers]\ngithub = \"g\"\n[keys]\nk = [\"00\"]\n[[builder]]\n{row}\n"
            ))
        };
        let good = "name = \"a\"\ntitle = \"A\"\nsigners = [{ key = \"any\" }]\nnamed = \"fixed\"\nids = [\"i\"]\nbuild_types = [\"t\"]\nvoucher = \"tenant\"";
        assert_eq!(with(good).unwrap().0[0].level, LISTED);
        for (from, to) in [
            ("ids = [\"i\"]\n", ""),
            ("\"fixed\"", "\"as-signer\""),
            ("\"fixed\"", "\"other\""),
            ("{ key = \"any\" }", "{ key = \"k\" }"),
            ("{ key = \"any\" }", "{ key = \"none\" }"),
            ("{ key = \"any\" }", "{ issuer = \"gitlab\" }"),
            ("{ key = \"any\" }", "{ workflow = \"w\" }"),
            ("[{ key = \"any\" }]", "[]"),
            ("[\"t\"]", "[]"),
            ("\"tenant\"", "\"ca\""),
            ("voucher = \"tenant\"", "voucher = \"tenant\"\nlevel = 4"),
            ("voucher = \"tenant\"", "voucher = \"tenant\"\nextra = 1"),
        ] {
            assert!(with(&good.replace(from, to)).is_err(), "{to}");
        }
    }
}
