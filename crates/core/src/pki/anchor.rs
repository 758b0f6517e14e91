//! Trust anchors as path validation sees them (RFC 5280 §6.1.1 (d), RFC 5914).

use std::sync::Arc;

use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, Name};
use crate::time::Time;

/// What a certificate is asked to be good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Signing software. Sigstore's certificates serve the same purpose under anchors of their own.
    CodeSigning,
    /// Signing timestamps.
    TimeStamping,
    /// TLS server; only the public test suites ask for it.
    ServerAuth,
    /// TLS client; only the public test suites ask for it.
    ClientAuth,
    /// Anything: usages are not looked at.
    Any,
}

impl Purpose {
    /// The extended key usage that permits it, as content octets, or `None` if none is asked for.
    #[must_use]
    pub const fn extended_key_usage(self) -> Option<&'static [u8]> {
        match self {
            Self::CodeSigning => Some(oid::CODE_SIGNING),
            Self::TimeStamping => Some(oid::TIME_STAMPING),
            Self::ServerAuth => Some(oid::SERVER_AUTH),
            Self::ClientAuth => Some(oid::CLIENT_AUTH),
            Self::Any => None,
        }
    }

    /// What it is, in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CodeSigning => "code signing",
            Self::TimeStamping => "time stamping",
            Self::ServerAuth => "TLS server authentication",
            Self::ClientAuth => "TLS client authentication",
            Self::Any => "any purpose",
        }
    }
}

/// Under which terms an anchor is accepted for a purpose. Absent dates do not limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// The purpose; `None` for every purpose.
    pub purpose: Option<Purpose>,
    /// Nothing before this instant is accepted (the start of a Sigstore authority's `validFor`).
    pub accepted_from: Option<Time>,
    /// Nothing after this instant is accepted, timestamped or not (Microsoft's *disallowed* date, the end of
    /// `validFor`).
    pub accepted_until: Option<Time>,
    /// Certificates whose own validity begins after this instant are not accepted; older ones still are
    /// (Microsoft's *not before* date).
    pub issued_until: Option<Time>,
}

/// A certificate that is trusted beforehand.
///
/// Its own validity does not count: RFC 5280 §6.1.1 (d) takes an anchor as a name and a key, and old
/// timestamps would end with the roots of their time. What limits it are its [`Terms`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The certificate: self-signed or not, a root or any other.
    pub certificate: Certificate,
    /// Under which terms it is accepted. Without terms it is accepted for nothing.
    pub terms: Vec<Terms>,
    /// Who says that it is trusted, such as the name of a root programme or a path.
    pub source: Arc<str>,
    /// Whether a public root programme lists it, so that its CAs are bound by the public requirements.
    pub public: bool,
}

impl Anchor {
    /// An anchor that is accepted for every purpose at any time, as a user gives it.
    #[must_use]
    pub fn unlimited(certificate: Certificate, source: impl Into<Arc<str>>) -> Self {
        Self { certificate, terms: vec![Terms::default()], source: source.into(), public: false }
    }

    /// The terms for this purpose, if it is accepted for it at all.
    #[must_use]
    pub fn terms_for(&self, purpose: Purpose) -> Option<&Terms> {
        let exact = self.terms.iter().find(|terms| terms.purpose == Some(purpose));
        let fits = |terms: &&Terms| terms.purpose.is_none() || purpose == Purpose::Any;
        exact.or_else(|| self.terms.iter().find(fits))
    }
}

/// Where anchors come from. They are asked for by name, so that a large bundle can read only those that an
/// artifact needs.
pub trait AnchorSource {
    /// Every anchor whose certificate name is `name`, in the sense of [`Name`]'s equality, whatever its terms.
    fn named(&self, name: &Name) -> Vec<Anchor>;
}

impl AnchorSource for [Anchor] {
    fn named(&self, name: &Name) -> Vec<Anchor> {
        self.iter().filter(|anchor| anchor.certificate.subject() == name).cloned().collect()
    }
}

impl AnchorSource for &[Anchor] {
    fn named(&self, name: &Name) -> Vec<Anchor> {
        (**self).named(name)
    }
}

impl AnchorSource for Vec<Anchor> {
    fn named(&self, name: &Name) -> Vec<Anchor> {
        self.as_slice().named(name)
    }
}

impl<const N: usize> AnchorSource for [Anchor; N] {
    fn named(&self, name: &Name) -> Vec<Anchor> {
        self.as_slice().named(name)
    }
}

/// Several sources as one: the anchors of all of them.
impl AnchorSource for [&dyn AnchorSource] {
    fn named(&self, name: &Name) -> Vec<Anchor> {
        self.iter().flat_map(|source| source.named(name)).collect()
    }
}
