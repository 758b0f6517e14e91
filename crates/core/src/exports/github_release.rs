//! A release of GitHub with its files: `gh api repos/OWNER/REPO/releases/tags/TAG`
//! (<https://docs.github.com/en/rest/releases/releases>).

use super::{ExportFormat, Reader, has, instant, text};
use crate::claim::{Fact, Voucher};
use crate::encoding::json::{Cursor, FieldError, Json};
use crate::release::released::ReleasedFile;

/// The entry of the table.
pub(super) static RELEASE: ExportFormat = ExportFormat {
    id: "github-release",
    reader: Reader::Json { detect: is_release, read },
    voucher: Voucher::Platform,
};

fn is_release(document: &Json) -> bool {
    has(document, &["tag_name", "assets", "published_at"])
}

fn read(release: &Cursor<'_>) -> Result<Vec<Fact>, FieldError> {
    let version = text(release, "tag_name")?;
    let assets = release.list("assets")?;
    assets.iter().map(|asset| file(asset, version.clone())).collect()
}

fn file(asset: &Cursor<'_>, version: Option<String>) -> Result<Fact, FieldError> {
    // Files from before June 2025 have no digest.
    let digest = text(asset, "digest")?.and_then(|digest| digest.parse().ok());
    Ok(Fact::Released(ReleasedFile {
        name: asset.field("name")?.text()?.to_owned(),
        digests: digest.into_iter().collect(),
        version,
        published: instant(asset, "created_at")?,
        signed: None,
        withdrawn: None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    #[test]
    fn files_have_the_digests_of_the_forge() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!(
            r#"{{"tag_name":"v1","published_at":"2026-01-01T00:00:00Z","assets":[
                {{"name":"a.zip","digest":"sha256:{hex}","created_at":"2026-01-01T00:00:00Z"}},
                {{"name":"old.zip","digest":null,"created_at":"2024-01-01T00:00:00Z"}}]}}"#
        );
        let document = parse(text.as_bytes()).unwrap();
        assert!(is_release(&document));
        let facts = read(&Cursor::new(&document)).unwrap();
        let [Fact::Released(new), Fact::Released(old)] = facts.as_slice() else { panic!("{facts:?}") };
        assert_eq!((new.digests[0].hex().as_str(), new.version.as_deref()), (hex, Some("v1")));
        assert!(old.digests.is_empty());
    }
}
