//! What is stated about an identity, each field with its source and date.

use serde::{Deserialize, Serialize};

use super::text::{IdentityId, Text};
use crate::time::Time;

/// A closed set of words: an enum whose variants are written as these words, in JSON too.
macro_rules! words {
    ($(#[doc = $about:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $word:literal,)* }) => {
        $(#[doc = $about])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[doc = $doc])+ #[serde(rename = $word)] $variant,)* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The kebab-case word of the contract.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)* }
            }

            /// The one of this word.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.word() == word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Where a field comes from. A field without a source is not established.
    Source {
        /// Found by looking: in artifacts, logs or directories.
        Discovered = "discovered",
        /// Somebody responsible says so.
        Declared = "declared",
        /// Evidence that can be checked says so: a key attestation, an audit letter.
        Attested = "attested",
    }
}

words! {
    /// What kind of signing identity it is.
    Kind {
        /// A code-signing certificate of a CA.
        Certificate = "x509-code-signing",
        /// A workload that signs through an OpenID Connect provider.
        Workload = "oidc-workload",
        /// A person who signs through an OpenID Connect provider.
        Person = "oidc-person",
        /// An OpenPGP key.
        Openpgp = "openpgp",
        /// An SSH key.
        Ssh = "ssh",
        /// A minisign or signify key.
        Minisign = "minisign",
        /// A key of a key management service.
        Kms = "kms",
        /// A role of The Update Framework.
        TufRole = "tuf-role",
        /// An Apple developer team.
        AppleTeam = "apple-team",
        /// An Android app signing key.
        AndroidKey = "android-key",
        /// A trusted publisher of a package registry.
        TrustedPublisher = "trusted-publisher",
        /// A key that signs commits or tags.
        GitKey = "git-key",
    }
}

words! {
    /// Where a private key is held.
    KeyStore {
        /// A hardware security module.
        Hsm = "hsm",
        /// A trusted platform module.
        Tpm = "tpm",
        /// A smart card or token.
        SmartCard = "smart-card",
        /// A key management service that says it is backed by hardware.
        CloudHsm = "cloud-hsm",
        /// A key management service in software.
        CloudKms = "cloud-kms",
        /// Made for one signature and thrown away.
        Ephemeral = "ephemeral",
        /// A file.
        File = "file",
    }
}

impl KeyStore {
    /// Whether the key cannot be copied out of where it is.
    #[must_use]
    pub const fn is_hardware(self) -> bool {
        matches!(self, Self::Hsm | Self::Tpm | Self::SmartCard | Self::CloudHsm)
    }
}

words! {
    /// How much depends on the identity.
    Criticality {
        /// A nuisance if abused.
        Low = "low",
        /// Harm to some users.
        Medium = "medium",
        /// Harm to many users.
        High = "high",
        /// Harm to whoever relies on the organisation.
        Critical = "critical",
    }
}

words! {
    /// What an identity may do.
    Right {
        /// Build artifacts.
        Build = "build",
        /// Approve releases.
        Approve = "approve",
        /// Sign artifacts.
        Sign = "sign",
        /// Publish artifacts.
        Publish = "publish",
        /// Deploy artifacts.
        Deploy = "deploy",
        /// Change who may do what.
        Administer = "administer",
    }
}

macro_rules! fields {
    ($($(#[doc = $doc:literal])+ $variant:ident($type:ty) = $word:literal,)*) => {
        words! {
            /// The name of a field.
            FieldName { $($(#[doc = $doc])+ $variant = $word,)* }
        }

        /// A field with its value. The names are those of [`FieldName`].
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Field { $($(#[doc = $doc])+ #[serde(rename = $word)] $variant($type),)* }

        impl Field {
            /// Its name.
            #[must_use]
            pub const fn name(&self) -> FieldName {
                match self { $(Self::$variant(_) => FieldName::$variant,)* }
            }
        }
    };
}

fields! {
    // Ownership.
    /// The person who answers for it.
    Owner(Text) = "owner",
    /// The person who answers for it when the owner cannot.
    SecondOwner(Text) = "second-owner",
    /// The team that it belongs to.
    Team(Text) = "team",
    /// What it signs, and for what.
    Purpose(Text) = "purpose",
    /// How much depends on it.
    Criticality(Criticality) = "criticality",
    /// Who is called when it is abused, in what order, after what wait.
    Escalation(Text) = "escalation",
    /// The ticket of its approval.
    Ticket(Text) = "ticket",
    // Rights.
    /// The environments that it may sign for.
    Environments(Vec<Text>) = "environments",
    /// What it may do.
    Rights(Vec<Right>) = "rights",
    /// The formats of signature that it makes, by their ids.
    Formats(Vec<Text>) = "formats",
    /// When it may sign.
    Window(Window) = "window",
    /// Most signatures that it is meant to make.
    MaximumSignatures(u64) = "maximum-signatures",
    // Key protection.
    /// How its key is held.
    Key(KeyHeld) = "key",
    /// The slot or alias of its key.
    Slot(Text) = "slot",
    /// Who could use or restore its key.
    Custodians(Vec<Text>) = "custodians",
    /// Where a copy of its key is kept, and how.
    Backup(Text) = "backup",
    // The credential.
    /// The kind of assurance behind its name, by our words.
    Assurance(Text) = "assurance",
    /// The authority that issues its certificates, as a name (RFC 4514).
    IssuedBy(Text) = "issued-by",
    /// When its certificate ends.
    CertificateEnd(Time) = "certificate-end",
    // Life cycle.
    /// When its key must have been replaced.
    RotationDue(Time) = "rotation-due",
    /// When it must be looked at again.
    ReviewDue(Time) = "review-due",
    /// What ends its life.
    EndOfLife(Text) = "end-of-life",
    /// The identity that came before.
    Supersedes(IdentityId) = "supersedes",
    /// The identity that came after.
    SupersededBy(IdentityId) = "superseded-by",
    // Monitoring.
    /// The logs in which its use is watched.
    Logs(Vec<Text>) = "logs",
    /// The feeds of known abuse that are watched for it.
    Feeds(Vec<Text>) = "feeds",
    /// The rules that are on for it.
    Detectors(Vec<Text>) = "detectors",
    /// The regular signature that proves the watch awake.
    Canary(Text) = "canary",
}

/// A span of time, with its first instant and without its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Window {
    /// The first instant.
    pub from: Time,
    /// The first instant after it; without one it does not end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
}

impl Window {
    /// Whether the instant lies in it.
    #[must_use]
    pub fn holds(&self, at: Time) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

/// How a key is held.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct KeyHeld {
    /// Where.
    pub store: KeyStore,
    /// Whether it can leave from there, if anybody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exportable: Option<bool>,
    /// What says so: an attestation, a statement of the CA, an audit letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Text>,
}

/// A field with where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Stated {
    /// The field.
    pub field: Field,
    /// Where it comes from.
    pub source: Source,
    /// When it was seen or said.
    pub observed_at: Time,
}

impl Field {
    /// The list in it, if it is one.
    fn list(&self) -> Option<usize> {
        match self {
            Self::Environments(list)
            | Self::Formats(list)
            | Self::Custodians(list)
            | Self::Logs(list)
            | Self::Feeds(list)
            | Self::Detectors(list) => Some(list.len()),
            Self::Rights(list) => Some(list.len()),
            _ => None,
        }
    }

    /// Items of the longest list in it; an empty list says nothing.
    pub(super) fn is_well_formed(&self, most: usize) -> bool {
        self.list().is_none_or(|length| (1..=most).contains(&length))
    }

    /// The instants in it.
    pub(super) fn times(&self) -> Vec<Time> {
        match self {
            Self::CertificateEnd(time) | Self::RotationDue(time) | Self::ReviewDue(time) => vec![*time],
            Self::Window(window) => std::iter::once(window.from).chain(window.until).collect(),
            _ => Vec::new(),
        }
    }
}
