//! When a signature was made: the earliest instant that a timestamp proves.

use super::{Bench, Claimed, Notes, revocation};
use crate::crypto::Weakness;
use crate::encoding::asn1::{Element, oid};
use crate::encoding::x509::Certificate;
use crate::evidence::{CheckId, Outcome, Reliance, Role, Signature, TimeSource};
use crate::finding::FindingId;
use crate::pki::anchor::Purpose;
use crate::pki::path::{PathQuery, build_path};
use crate::pki::profile::{self, Breach, LeafRole, Token};
use crate::pki::revocation::RevocationInfo;
use crate::pki::timestamp::{Timestamp, Vouched, verify_countersignature, verify_token};
use crate::time::Time;

/// Timestamps of one signature that are verified; real ones have one, rarely two.
const MAX_TIMESTAMPS: usize = 16;

/// How far an authority's clock may be ahead of ours, in seconds. A later time would be one of the future.
const CLOCK_AHEAD: i64 = 300;

/// The timestamps of one signature.
pub(super) struct TimeOfSigning {
    timestamps: Vec<Timestamp>,
    left_out: usize,
}

impl TimeOfSigning {
    /// Verifies every timestamp over the signature value.
    pub(super) fn establish(claimed: &Claimed<'_>, bench: &Bench<'_>, info: &RevocationInfo) -> Self {
        let vouching = |leaf: &Certificate, others: &[Certificate], at: Time| vouch((bench, info), leaf, others, at);
        let stamped = claimed.signer.signature.as_ref();
        let certificates = claimed.certificates;
        let token = |value: &Element<'_>| verify_token(value.raw, stamped, certificates, &vouching);
        let counter = |value: &Element<'_>| verify_countersignature(value, stamped, certificates, &vouching);
        let values = |kind| claimed.signer.unsigned.values(kind);
        let tokens = values(oid::SPC_RFC3161_TIMESTAMP).chain(values(oid::TIMESTAMP_TOKEN)).map(token);
        let all = tokens.chain(values(oid::COUNTERSIGNATURE).map(counter));
        let count = [oid::SPC_RFC3161_TIMESTAMP, oid::TIMESTAMP_TOKEN, oid::COUNTERSIGNATURE]
            .iter()
            .fold(0_usize, |sum, kind| sum.saturating_add(values(kind).count()));
        Self { timestamps: all.take(MAX_TIMESTAMPS).collect(), left_out: count.saturating_sub(MAX_TIMESTAMPS) }
    }

    fn earliest(&self) -> Option<&Timestamp> {
        let proven = self.timestamps.iter().filter_map(|timestamp| Some((timestamp.proves()?, timestamp)));
        proven.min_by_key(|(time, _)| *time).map(|(_, timestamp)| timestamp)
    }

    /// The trusted time: the earliest that is proven.
    pub(super) fn trusted(&self) -> Option<Time> {
        self.earliest().and_then(Timestamp::proves)
    }

    /// What makes the trusted time forgeable.
    pub(super) fn weakness(&self) -> Option<Weakness> {
        self.earliest().and_then(|timestamp| timestamp.weakness)
    }

    /// The instant at which the certificate is judged.
    pub(super) fn instant(&self, at: Time) -> Time {
        self.trusted().unwrap_or(at)
    }

    /// Leaves time and checks in the signature.
    pub(super) fn record(&self, signature: &mut Signature, notes: &mut Notes) {
        if let Some(earliest) = self.earliest() {
            signature.time.trusted = earliest.proves();
            signature.time.source = earliest.source;
            let path = earliest.path.iter().cloned();
            signature.rests_on.extend(path.map(|certificate| Reliance::certificate(Role::Timestamp, certificate)));
        }
        for timestamp in &self.timestamps {
            let id = match timestamp.source {
                TimeSource::AuthenticodeCountersignature => CheckId::Countersignature,
                _ => CheckId::Timestamp,
            };
            signature.check(id, timestamp.outcome, timestamp.detail.clone());
            if timestamp.outcome != Outcome::Pass {
                notes.push((FindingId::TimestampWithoutEffect, timestamp.detail.clone()));
            }
        }
        notes.extend(self.timestamps.iter().flat_map(|timestamp| timestamp.notes.clone()));
        for breach in self.timestamps.iter().flat_map(breaches) {
            notes.push((breach.finding(), format!("{breach}, of the timestamp")));
        }
        if self.left_out > 0 {
            let message = format!("{} further timestamps were not looked at", self.left_out);
            notes.push((FindingId::TimestampWithoutEffect, message));
        }
    }
}

/// What a timestamp and its authority's certificate break of the public requirements, if these bind the authority.
fn breaches(timestamp: &Timestamp) -> Vec<Breach> {
    let (Some(authority), Some(time)) = (&timestamp.profiled, timestamp.proves()) else { return Vec::new() };
    let token = Token { time, weakness: timestamp.weakness };
    let mut found = profile::of_certificate(authority, LeafRole::TimeStamping);
    found.extend(profile::of_token(authority, &token));
    found
}

/// Whether an anchor vouches for a timestamping certificate at the instant that it claims.
fn vouch(
    (bench, info): (&Bench<'_>, &RevocationInfo),
    leaf: &Certificate,
    others: &[Certificate],
    at: Time,
) -> Result<Vouched, String> {
    if at > bench.at.plus(CLOCK_AHEAD) {
        return Err(format!("the timestamp is of the future, as seen from {}", bench.at));
    }
    let report = build_path(&PathQuery::new(leaf, others, &bench.material.anchors, Purpose::TimeStamping, at));
    match report.accepted() {
        Some(path) => Ok(Vouched {
            notes: revocation::of_authority(path, info, at)?,
            path: path.with_anchor().cloned().collect(),
            profiled: profile::applies_to(path),
        }),
        None => {
            let problem = report.checks().into_iter().find(|check| check.outcome != Outcome::Pass);
            Err(problem.map_or_else(|| "no path".to_owned(), |check| check.detail))
        }
    }
}
