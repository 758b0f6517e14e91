//! Files of checksums, as `sha256sum` and `shasum` write them: plain, and with the names of algorithms (`--tag`).

use super::{ExportFormat, Reader};
use crate::claim::{Fact, Voucher};
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::hex;
use crate::release::released::ReleasedFile;

/// The entry of the table.
pub(super) static SUMS: ExportFormat =
    ExportFormat { id: "checksums", reader: Reader::Text(read), voucher: Voucher::Registry };

/// Lines that are read: a distribution's list has some ten thousand.
const MAX_LINES: usize = 100_000;

/// The files of a list of checksums; `None` if a line is of another kind, or only weak algorithms are used.
fn read(text: &str) -> Option<Vec<Fact>> {
    let lines = text.lines().map(str::trim_end).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut files = Vec::new();
    for line in lines {
        let (name, digest) = plain(line).or_else(|| tagged(line))?;
        files.push(Fact::Released(ReleasedFile {
            name: name.rsplit('/').next().unwrap_or(name).to_owned(),
            digests: vec![digest],
            version: None,
            published: None,
            signed: None,
            withdrawn: None,
        }));
        if files.len() > MAX_LINES {
            return None;
        }
    }
    (!files.is_empty()).then_some(files)
}

/// `HEX  NAME`, or `HEX *NAME`.
fn plain(line: &str) -> Option<(&str, Digest)> {
    let (value, name) = line.split_once(' ')?;
    let name = name.strip_prefix([' ', '*'])?;
    let algorithm = match value.len() {
        64 => DigestAlgorithm::Sha256,
        96 => DigestAlgorithm::Sha384,
        128 => DigestAlgorithm::Sha512,
        _ => return None,
    };
    Some((name, Digest::new(algorithm, &hex::decode(value)?)?))
}

/// `SHA256 (NAME) = HEX`.
fn tagged(line: &str) -> Option<(&str, Digest)> {
    let (algorithm, rest) = line.split_once(" (")?;
    let (name, value) = rest.rsplit_once(") = ")?;
    let algorithm = match algorithm {
        "SHA256" => DigestAlgorithm::Sha256,
        "SHA384" => DigestAlgorithm::Sha384,
        "SHA512" => DigestAlgorithm::Sha512,
        _ => return None,
    };
    Some((name, Digest::new(algorithm, &hex::decode(value)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_and_nothing_else() {
        let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let text = format!("# sums\n{hex}  dist/app.tgz\n{hex} *b.zip\nSHA256 (c (1).zip) = {hex}\n");
        let names: Vec<_> = read(&text)
            .unwrap()
            .into_iter()
            .map(|fact| if let Fact::Released(file) = fact { file.name } else { panic!("{fact:?}") })
            .collect();
        assert_eq!(names, ["app.tgz", "b.zip", "c (1).zip"]);
        for other in ["", "hello world", "d41d8cd98f00b204e9800998ecf8427e  weak.zip", &format!("{hex}  a\nrest")] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
