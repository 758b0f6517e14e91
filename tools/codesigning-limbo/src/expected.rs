//! What is right about a scene. Written by the sections that a case names, never by what a verifier says.

use countersign::evidence::State;
use countersign::time::Time;

use crate::model::ExpectedDocument;
use crate::names::on;
use crate::stamp::Kind;

/// What is known about revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revocation {
    /// No path leads to an anchor: nobody's lists count.
    NotAsked,
    Good,
    Unknown,
    Revoked,
    /// Revoked with effect after the signature was provably made.
    Since,
    /// The same, for a reason that only puts the certificate out of use.
    RetiredSince,
}

/// The right answer to a case.
#[derive(Clone, Debug)]
pub(crate) struct Expected {
    states: Vec<State>,
    trusted: Option<(Time, Kind)>,
    revocation: Revocation,
    assurance: Option<&'static str>,
    findings: Vec<&'static str>,
    features: Vec<&'static str>,
    /// Only an anchor is missing: nothing speaks against the signer.
    anchor_missing: bool,
    importance: &'static str,
}

impl Expected {
    pub(crate) fn new(state: State) -> Self {
        let no_path = matches!(state, State::Untrusted | State::Broken);
        Self {
            states: vec![state],
            trusted: None,
            revocation: if no_path { Revocation::NotAsked } else { Revocation::Unknown },
            assurance: None,
            findings: Vec::new(),
            features: Vec::new(),
            anchor_missing: false,
            importance: "high",
        }
    }

    /// Another state that is right as well, because no section decides between them.
    pub(crate) fn or(mut self, state: State) -> Self {
        self.states.push(state);
        self
    }

    /// The time that is proven, and by what.
    pub(crate) fn proven(self, kind: Kind, time: Time) -> Self {
        Self { trusted: Some((time, kind)), ..self }
    }

    pub(crate) fn revocation(self, revocation: Revocation) -> Self {
        Self { revocation, ..self }
    }

    pub(crate) fn assurance(self, word: &'static str) -> Self {
        Self { assurance: Some(word), ..self }
    }

    pub(crate) fn finding(mut self, finding: &'static str) -> Self {
        self.findings.push(finding);
        self
    }

    /// Signed while the certificate was valid, appraised after it expired.
    pub(crate) fn expired_since(self) -> Self {
        self.finding("signed-within-validity")
    }

    /// The timestamps prove nothing.
    pub(crate) fn stamp_without_effect(self) -> Self {
        self.finding("timestamp-without-effect")
    }

    /// Only an algorithm that can be forged stands behind it.
    fn weak(mut self) -> Self {
        self.features.push("weak-algorithm");
        self.finding("weak-algorithm")
    }

    /// A weak algorithm, accepted for the time of signing.
    pub(crate) fn tolerated(mut self) -> Self {
        self.features.push("weak-algorithm");
        self.finding("weak-algorithm-tolerated")
    }

    /// The letter of the section would refuse; what publishers and Windows do outweighs it. README lists them.
    pub(crate) fn lenient(mut self) -> Self {
        self.features.push("lenient");
        self.low()
    }

    pub(crate) fn low(self) -> Self {
        Self { importance: "low", ..self }
    }

    pub(crate) fn critical(self) -> Self {
        Self { importance: "critical", ..self }
    }

    pub(crate) fn importance(&self) -> &'static str {
        self.importance
    }

    pub(crate) fn features(&self) -> Vec<&'static str> {
        self.features.clone()
    }

    fn state(&self) -> State {
        self.states.first().copied().unwrap_or(State::Unknown)
    }

    pub(crate) fn result(&self) -> &'static str {
        if self.state() == State::Valid { "SUCCESS" } else { "FAILURE" }
    }

    pub(crate) fn document(&self) -> ExpectedDocument {
        let mut findings = self.findings.clone();
        findings.extend(match self.revocation {
            Revocation::Unknown => Some("revocation-unknown"),
            Revocation::Since => Some("revoked-since"),
            Revocation::RetiredSince => Some("retired-since"),
            Revocation::NotAsked | Revocation::Good | Revocation::Revoked => None,
        });
        findings.sort_unstable();
        findings.dedup();
        ExpectedDocument {
            states: self.states.iter().map(|state| state.word()).collect(),
            trusted_time: self.trusted.map(|(time, _)| time.to_string()),
            time_source: self.trusted.map_or("none", |(_, kind)| kind.source()),
            revocation: match self.revocation {
                Revocation::NotAsked => None,
                Revocation::Good => Some("good"),
                Revocation::Unknown => Some("unknown"),
                Revocation::Revoked => Some("revoked"),
                Revocation::Since | Revocation::RetiredSince => Some("revoked-since"),
            },
            signed: if matches!(self.state(), State::Bad | State::Broken) { "no" } else { "yes" },
            signer: self.signer(),
            assurance: self.assurance,
            findings,
        }
    }

    /// The signer is trusted if the state is valid and revocation is known good; not established if something
    /// is only missing: an anchor, or word about revocation.
    fn signer(&self) -> &'static str {
        match (self.state(), self.revocation) {
            (State::Valid, Revocation::Good | Revocation::Since | Revocation::RetiredSince | Revocation::NotAsked) => {
                "yes"
            }
            (State::Valid | State::Unknown, _) => "not-established",
            (State::Untrusted, _) if self.anchor_missing => "not-established",
            _ => "no",
        }
    }
}

pub(crate) fn valid() -> Expected {
    Expected::new(State::Valid)
}

/// Valid, as proven by a timestamp although the certificate has expired since.
pub(crate) fn valid_by(kind: Kind, time: &str) -> Expected {
    valid().proven(kind, on(time)).expired_since()
}

pub(crate) fn wrong_usage() -> Expected {
    Expected::new(State::WrongUsage)
}

pub(crate) fn untrusted() -> Expected {
    Expected::new(State::Untrusted)
}

/// Nobody who is accepted vouches, and nothing speaks against the signer.
pub(crate) fn unknown_root() -> Expected {
    Expected { anchor_missing: true, ..untrusted() }
}

pub(crate) fn expired() -> Expected {
    Expected::new(State::Expired)
}

pub(crate) fn revoked() -> Expected {
    Expected::new(State::Revoked).revocation(Revocation::Revoked).critical()
}

pub(crate) fn distrusted() -> Expected {
    Expected::new(State::Distrusted).weak()
}
