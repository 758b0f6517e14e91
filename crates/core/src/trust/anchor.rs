//! One trust anchor, and what it may vouch for.

use super::AnchorSourceInfo;
use crate::encoding::asn1::oid;
use crate::encoding::x509::Certificate;
use crate::pki::anchor as pki;
use crate::time::Time;

/// A certificate that is trusted beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAnchor {
    /// The certificate: name and key of the anchor.
    pub certificate: Certificate,
    /// What it may vouch for.
    pub purposes: Purposes,
    /// Certificates issued from this instant on are not trusted (Microsoft's *NotBefore*).
    pub issued_before: Option<Limit>,
    /// Nothing is trusted that was signed from this instant on (Microsoft's *Disallowed*).
    pub disallowed_since: Option<Limit>,
    /// Its friendly name.
    pub name: String,
    /// Where it comes from.
    pub source: AnchorSourceInfo,
}

/// An instant that limits an anchor for some purposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The instant.
    pub at: Time,
    /// The purposes that it limits.
    pub purposes: Purposes,
}

impl ListedAnchor {
    /// An anchor without limits, as a user gives it.
    #[must_use]
    pub(super) fn for_every_purpose(certificate: Certificate, source: AnchorSourceInfo) -> Self {
        let name = certificate.subject().to_string();
        Self { certificate, purposes: Purposes::ALL, issued_before: None, disallowed_since: None, name, source }
    }

    /// As path validation sees it: terms for each purpose that it validates for.
    pub(super) fn for_validation(self) -> pki::Anchor {
        let source = format!("{} ({})", self.source.name, self.source.origin);
        if self.purposes == Purposes::ALL {
            return pki::Anchor::unlimited(self.certificate, source);
        }
        let permitted = VALIDATED.iter().filter(|(listed, _)| self.purposes.contains(*listed));
        let terms = permitted.map(|(listed, purpose)| pki::Terms {
            purpose: Some(*purpose),
            accepted_from: None,
            accepted_until: last_before(self.disallowed_since, *listed),
            issued_until: last_before(self.issued_before, *listed),
        });
        let public = PUBLIC_PROGRAMMES.contains(&self.source.name.as_str());
        pki::Anchor { terms: terms.collect(), certificate: self.certificate, source: source.into(), public }
    }
}

/// Sources of anchors whose CAs are bound by the CA/Browser Forum's requirements, by the name of the source.
const PUBLIC_PROGRAMMES: [&str; 1] = ["Microsoft Trusted Root Program"];

/// The purposes that paths are validated for.
const VALIDATED: [(ListedPurpose, pki::Purpose); 4] = [
    (ListedPurpose::CodeSigning, pki::Purpose::CodeSigning),
    (ListedPurpose::TimeStamping, pki::Purpose::TimeStamping),
    (ListedPurpose::ServerAuthentication, pki::Purpose::ServerAuth),
    (ListedPurpose::ClientAuthentication, pki::Purpose::ClientAuth),
];

/// The last instant before a limit that counts for `purpose`.
fn last_before(limit: Option<Limit>, purpose: ListedPurpose) -> Option<Time> {
    limit.filter(|limit| limit.purposes.contains(purpose)).map(|limit| limit.at.plus(-1))
}

macro_rules! purposes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal, $usages:expr;)*) => {
        /// What an anchor may vouch for. The order is that of the bundle's file format: only add at the end.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum ListedPurpose { $($(#[doc = $doc])+ $name,)* }

        impl ListedPurpose {
            /// Every purpose.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its kebab-case word.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The extended key usages that stand for it, as content octets of object identifiers.
            #[must_use]
            pub const fn usages(self) -> &'static [&'static [u8]] {
                match self { $(Self::$name => $usages,)* }
            }
        }
    };
}

purposes! {
    /// Signing software.
    CodeSigning = "code-signing", &[oid::CODE_SIGNING];
    /// Signing timestamps.
    TimeStamping = "time-stamping", &[oid::TIME_STAMPING];
    /// Naming web servers.
    ServerAuthentication = "server-authentication", &[oid::SERVER_AUTH];
    /// Naming clients.
    ClientAuthentication = "client-authentication", &[oid::CLIENT_AUTH];
    /// Signing and encrypting mail.
    EmailProtection = "email-protection", &[oid::EMAIL_PROTECTION];
    /// Signing documents.
    DocumentSigning = "document-signing", &[oid::DOCUMENT_SIGNING];
    /// Answering for revocation.
    OcspSigning = "ocsp-signing", &[oid::OCSP_SIGNING];
    /// Encrypting files.
    FileEncryption = "file-encryption", &[oid::FILE_ENCRYPTION];
    /// Naming ends of tunnels.
    Tunnel = "tunnel", &[oid::IPSEC_END_SYSTEM, oid::IPSEC_TUNNEL, oid::IPSEC_USER, oid::IPSEC_IKE];
    /// Any usage that has no word of its own here.
    OtherUsage = "other-usage", &[];
    /// Signing kernel modules.
    KernelModules = "kernel-modules", &[];
    /// Signing what firmware loads.
    Uefi = "uefi", &[];
}

/// A set of purposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Purposes(u32);

impl Purposes {
    /// None.
    pub const NONE: Self = Self(0);

    /// Every purpose there is, or will be.
    pub const ALL: Self = Self(u32::MAX);

    /// Those that these extended key usages stand for.
    #[must_use]
    pub fn of_usages<'a>(usages: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let stands_for = |usage: &'a [u8], purpose: &ListedPurpose| purpose.usages().contains(&usage);
        let purpose = |usage| ListedPurpose::ALL.iter().copied().find(|purpose| stands_for(usage, purpose));
        usages.into_iter().map(|usage| purpose(usage).unwrap_or(ListedPurpose::OtherUsage)).collect()
    }

    /// Those that an extended key usage stands for: what a list that restricts nothing can have meant.
    #[must_use]
    pub fn of_any_usage() -> Self {
        let has_usage = |purpose: &ListedPurpose| !purpose.usages().is_empty() || *purpose == ListedPurpose::OtherUsage;
        ListedPurpose::ALL.iter().copied().filter(has_usage).collect()
    }

    /// Whether `purpose` is one of them.
    #[must_use]
    pub fn contains(self, purpose: ListedPurpose) -> bool {
        self.0 & Self::bit(purpose) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = ListedPurpose> {
        ListedPurpose::ALL.iter().copied().filter(move |purpose| self.contains(*purpose))
    }

    /// The words of each of them; `any` for all.
    #[must_use]
    pub fn words(self) -> Vec<&'static str> {
        if self == Self::ALL { vec!["any"] } else { self.iter().map(ListedPurpose::word).collect() }
    }

    /// The set as bits, in the order of [`ListedPurpose::ALL`].
    pub(super) const fn bits(self) -> u32 {
        self.0
    }

    pub(super) const fn from_bits(bits: u32) -> Self {
        Self(bits)
    }

    fn bit(purpose: ListedPurpose) -> u32 {
        let position = ListedPurpose::ALL.iter().position(|other| *other == purpose);
        position
            .and_then(|position| u32::try_from(position).ok())
            .and_then(|shift| 1_u32.checked_shl(shift))
            .unwrap_or(0)
    }
}

impl FromIterator<ListedPurpose> for Purposes {
    fn from_iter<I: IntoIterator<Item = ListedPurpose>>(purposes: I) -> Self {
        Self(purposes.into_iter().fold(0, |bits, purpose| bits | Self::bit(purpose)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trust::TrustBundle;

    #[test]
    fn each_limit_counts_from_its_instant_and_for_its_purposes() {
        let mut anchor = TrustBundle::built_in().anchors().next().unwrap();
        let code = Purposes::from_iter([ListedPurpose::CodeSigning]);
        anchor.purposes = [ListedPurpose::CodeSigning, ListedPurpose::TimeStamping].into_iter().collect();
        anchor.issued_before = Some(Limit { at: Time::from_unix(100), purposes: code });
        anchor.disallowed_since = Some(Limit { at: Time::from_unix(200), purposes: Purposes::of_any_usage() });
        let validated = anchor.for_validation();
        let code = validated.terms_for(pki::Purpose::CodeSigning).unwrap();
        assert_eq!((code.issued_until, code.accepted_until), (Some(Time::from_unix(99)), Some(Time::from_unix(199))));
        let time = validated.terms_for(pki::Purpose::TimeStamping).unwrap();
        assert_eq!((time.issued_until, time.accepted_until), (None, Some(Time::from_unix(199))));
        assert_eq!(validated.terms_for(pki::Purpose::ServerAuth), None);
    }

    #[test]
    fn every_purpose_has_a_bit_of_its_own() {
        for purpose in ListedPurpose::ALL {
            let alone = Purposes::from_iter([*purpose]);
            assert_eq!(alone.iter().collect::<Vec<_>>(), [*purpose]);
            assert!(Purposes::ALL.contains(*purpose) && !Purposes::NONE.contains(*purpose));
        }
    }
}
