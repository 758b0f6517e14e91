//! What a Fulcio certificate says about the signer: names and the extensions 1.3.6.1.4.1.57264.1.*
//! (<https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md>).

use std::collections::BTreeMap;

use crate::encoding::asn1::{Reader, Rules, tag};
use crate::encoding::x509::{Certificate, GeneralName};
use crate::evidence::{CheckId, Outcome, Reason, Signature};
use crate::identity::{Assurance, Signer};
use crate::provenance::CertificateFacts;

/// `1.3.6.1.4.1.57264.1`, the arc of the extensions, as content octets.
const ARC: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x83, 0xbf, 0x30, 0x01];

/// Extension numbers and their names in claims. Those up to 6 are raw text, the others DER strings.
const EXTENSIONS: [(u8, &str); 23] = [
    (1, "issuer-v1"),
    (2, "github-workflow-trigger"),
    (3, "github-workflow-sha"),
    (4, "github-workflow-name"),
    (5, "github-workflow-repository"),
    (6, "github-workflow-ref"),
    (8, "issuer"),
    (9, "build-signer-uri"),
    (10, "build-signer-digest"),
    (11, "runner-environment"),
    (12, "source-repository-uri"),
    (13, "source-repository-digest"),
    (14, "source-repository-ref"),
    (15, "source-repository-identifier"),
    (16, "source-repository-owner-uri"),
    (17, "source-repository-owner-identifier"),
    (18, "build-config-uri"),
    (19, "build-config-digest"),
    (20, "build-trigger"),
    (21, "run-invocation-uri"),
    (22, "source-repository-visibility"),
    (23, "deployment-environment"),
    (24, "token-subject"),
];
const LAST_RAW: u8 = 6;

/// Old and new extensions that say the same thing.
const PAIRS: [(u8, u8); 4] = [(1, 8), (2, 20), (3, 13), (6, 14)];

/// Issuers of tokens for CI jobs. Equality only: an issuer of an enterprise begins like GitHub's own.
const CI_ISSUERS: [&str; 6] = [
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://agent.buildkite.com",
    "https://oidc.codefresh.io",
    "https://dotcom.releases.ci-signing.eclipse.org",
    "https://issuer.enforce.dev",
];

/// Extensions that Fulcio writes for CI jobs alone.
const BUILD_EXTENSIONS: [u8; 5] = [3, 9, 11, 18, 21];

/// What a certificate says about its holder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Extensions {
    values: BTreeMap<u8, String>,
    /// Extensions whose value is no text.
    unreadable: Vec<u8>,
}

impl Extensions {
    pub(in crate::formats) fn read(certificate: &Certificate) -> Self {
        let mut found = Self::default();
        for extension in certificate.extensions() {
            let Some(&[number]) = extension.oid.strip_prefix(ARC) else { continue };
            if !EXTENSIONS.iter().any(|(known, _)| *known == number) {
                continue;
            }
            match text(number, extension.value) {
                Some(text) => drop(found.values.insert(number, text)),
                None => found.unreadable.push(number),
            }
        }
        found
    }

    /// The value of extension `1.3.6.1.4.1.57264.1.NUMBER`.
    fn get(&self, number: u8) -> Option<&str> {
        self.values.get(&number).map(String::as_str)
    }

    /// The newer extension of a pair, else the older.
    fn either(&self, newer: u8, older: u8) -> Option<&str> {
        self.get(newer).or_else(|| self.get(older))
    }

    /// The issuer of the token that the certificate was given for.
    pub(super) fn issuer(&self) -> Option<&str> {
        self.either(8, 1)
    }

    /// The repository as a URI; certificates of 2022 name it only within GitHub.
    fn repository(&self) -> Option<String> {
        let old = || self.get(5).map(|name| format!("https://github.com/{name}"));
        self.get(12).map(str::to_owned).or_else(old)
    }

    /// Every value by its name.
    fn named(&self) -> BTreeMap<String, String> {
        let named = |(number, name): &(u8, &str)| Some(((*name).to_owned(), self.get(*number)?.to_owned()));
        EXTENSIONS.iter().filter_map(named).collect()
    }

    /// What the authority vouches for about the run that signed.
    pub(in crate::formats) fn facts(&self) -> CertificateFacts {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        CertificateFacts {
            issuer: owned(self.issuer()),
            signer: owned(self.get(9)),
            repository: self.repository(),
            commit: owned(self.either(13, 3)),
            reference: owned(self.either(14, 6)),
            trigger: owned(self.either(20, 2)),
            runner: owned(self.get(11)),
            invocation: owned(self.get(21)),
            names: self.named(),
        }
    }

    /// Whether the holder is a CI job.
    pub(super) fn is_workload(&self) -> bool {
        let issuer = self.issuer().is_some_and(|issuer| CI_ISSUERS.contains(&issuer));
        issuer || BUILD_EXTENSIONS.iter().any(|number| self.values.contains_key(number))
    }

    /// Where the certificate contradicts itself.
    fn contradiction(&self) -> Option<String> {
        if let Some(number) = self.unreadable.first() {
            return Some(format!("extension .{number} is no text"));
        }
        for (old, new) in PAIRS {
            if let (Some(a), Some(b)) = (self.get(old), self.get(new))
                && a != b
            {
                return Some(format!("extension .{old} says `{a}`, .{new} says `{b}`"));
            }
        }
        match (self.get(5), self.get(12)) {
            (Some(name), Some(uri)) if !uri.ends_with(&format!("/{name}")) => {
                Some(format!("extension .5 says `{name}`, .12 says `{uri}`"))
            }
            _ => None,
        }
    }

    /// Records whether the certificate agrees with itself.
    pub(in crate::formats) fn check(&self, signature: &mut Signature) {
        if self.values.is_empty() && self.unreadable.is_empty() {
            return;
        }
        let (outcome, detail) = match self.contradiction() {
            None => (Outcome::Pass, format!("{} extensions agree", self.values.len())),
            Some(problem) => (Outcome::Fail(Reason::CertificateContradiction), problem),
        };
        signature.check(CheckId::Consistency, outcome, detail);
    }
}

fn text(number: u8, value: &[u8]) -> Option<String> {
    let content = if number <= LAST_RAW {
        value
    } else {
        let mut reader = Reader::new(value, Rules::Der);
        let content = reader.expect(tag::UTF8_STRING).ok()?.content;
        reader.finish().ok()?;
        content
    };
    std::str::from_utf8(content).ok().map(str::to_owned)
}

/// The identity in a certificate.
pub(in crate::formats) fn signer(certificate: &Certificate, extensions: &Extensions) -> Signer {
    Signer { oidc_issuer: extensions.issuer().map(str::to_owned), ..Signer::of_certificate(certificate) }
}

/// What stands behind the name in a certificate of a Sigstore instance.
pub(super) fn assurance(certificate: &Certificate, extensions: &Extensions) -> Assurance {
    let names = certificate.subject_alternative_names().unwrap_or_default();
    match names.first() {
        _ if extensions.is_workload() => Assurance::WorkloadOidc,
        Some(GeneralName::Email(address)) if address.ends_with(".gserviceaccount.com") => Assurance::WorkloadOidc,
        Some(GeneralName::Email(_) | GeneralName::Other { .. }) => Assurance::PersonOidc,
        Some(GeneralName::Uri(uri)) if uri.starts_with("spiffe://") => Assurance::WorkloadOidc,
        _ => Assurance::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extensions(values: &[(u8, &str)]) -> Extensions {
        let values = values.iter().map(|(number, value)| (*number, (*value).to_owned())).collect();
        Extensions { values, unreadable: Vec::new() }
    }

    #[test]
    fn old_and_new_extensions_must_agree() {
        assert_eq!(extensions(&[(1, "i"), (8, "i"), (5, "o/r"), (12, "https://github.com/o/r")]).contradiction(), None);
        for (old, new) in PAIRS {
            assert!(extensions(&[(old, "a"), (new, "b")]).contradiction().is_some(), ".{old}");
            assert_eq!(extensions(&[(old, "a")]).contradiction(), None);
        }
        assert!(extensions(&[(5, "o/r"), (12, "https://github.com/x/o/r2")]).contradiction().is_some());
    }

    #[test]
    fn old_extensions_are_raw_and_new_ones_der() {
        assert_eq!(text(1, b"https://x").as_deref(), Some("https://x"));
        assert_eq!(text(8, &[0x0c, 1, b'x']).as_deref(), Some("x"));
        assert_eq!(text(8, b"x"), None);
        assert_eq!(text(8, &[0x0c, 1, b'x', 0]), None);
        assert_eq!(text(1, &[0xff]), None);
    }

    #[test]
    fn a_ci_job_is_known_by_its_issuer_or_by_what_only_jobs_have() {
        assert!(extensions(&[(8, "https://token.actions.githubusercontent.com")]).is_workload());
        assert!(!extensions(&[(8, "https://token.actions.githubusercontent.com/hammer-time")]).is_workload());
        assert!(extensions(&[(8, "https://example.com"), (11, "self-hosted")]).is_workload());
        assert!(!extensions(&[(8, "https://accounts.google.com")]).is_workload());
    }
}
