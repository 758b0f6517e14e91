//! Revocation of the signer's certificates and of those behind its timestamps.

use super::{Bench, Claimed, Notes};
use crate::evidence::{Need, Outcome, Signature, State};
use crate::finding::FindingId;
use crate::pki::path::Path;
use crate::pki::profile;
use crate::pki::revocation::{
    Effect, Embedded, Entry, Instant, Knowledge, PathStatus, RevocationInfo, Status, long_period, stale, unrevocable,
};
use crate::time::Time;

/// Everything at hand: what the relying party brings, and what came with the signature.
pub(super) fn at_hand(claimed: &Claimed<'_>, bench: &Bench<'_>, notes: &mut Notes) -> RevocationInfo {
    let embedded = Embedded::read(claimed.crls, claimed.signer);
    let unread = embedded.unreadable.into_iter();
    notes.extend(unread.map(|what| (FindingId::EvidenceNotRead, format!("revocation information: {what}"))));
    let mut info = bench.material.revocation();
    info.crls.extend(embedded.info.crls);
    info.ocsp.extend(embedded.info.ocsp);
    info
}

/// What is known about the revocation of the signer's path, as a check.
pub(super) fn check(
    signature: &mut Signature,
    notes: &mut Notes,
    path: &Path,
    info: &RevocationInfo,
    (trusted, now): (Option<Time>, Time),
) -> PathStatus {
    let status = PathStatus::of(path, info, trusted.map_or(Instant::Now(now), Instant::Proven));
    let check = status.check();
    if check.outcome == Outcome::Undecided(Need::RevocationStatus) {
        notes.push((FindingId::RevocationUnknown, check.detail.clone()));
    }
    notes.extend(status.revoked_since().map(|(name, known)| revoked_since(name, known)));
    notes.extend(status.certificates.iter().filter_map(|(name, known)| gap(name, known, trusted)));
    for (certificate, (_, known)) in path.certificates.iter().zip(&status.certificates) {
        notes.extend(stale(certificate, known, now).map(|message| (FindingId::RevocationStale, message)));
        let piece = known.by.as_ref().filter(|_| profile::applies_to(path));
        let long = piece.and_then(|piece| long_period(certificate, piece));
        notes.extend(long.map(|message| (FindingId::RevocationPeriodLong, message)));
    }
    signature.checks.push(check);
    signature.revoked_from = status.leaf().and_then(|known| known.status.entry()).map(Entry::effective);
    status
}

/// That a certificate was revoked after the signature was made. One that was only put out of use says nothing
/// against what was signed before.
fn revoked_since(name: &str, known: &Knowledge) -> (FindingId, String) {
    let retired = matches!(known.status, Status::RevokedSince(entry) if entry.is_retirement());
    let id = if retired { FindingId::RetiredSince } else { FindingId::RevokedSince };
    (id, format!("{name}: {}", known.words()))
}

/// That the revocation date alone would let this signature pass, although the CA knows of earlier abuse.
fn gap(name: &str, known: &Knowledge, trusted: Option<Time>) -> Option<(FindingId, String)> {
    let Status::Revoked(entry) = known.status else { return None };
    let effect = Effect::of_entry(&entry, trusted).filter(Effect::spares_signature)?;
    let message = format!(
        "{name}: by its revocation date alone this signature would stay valid; its invalidity date is counted \
         here: {effect}"
    );
    Some((FindingId::IneffectiveRevocation, message))
}

/// That the status of a certificate cannot change any more, if the signature is relied on.
pub(super) fn note_ghost(signature: &Signature, notes: &mut Notes, path: &Path, status: &PathStatus, now: Time) {
    if signature.state() == State::Valid {
        let ghost = unrevocable(path, status, now);
        notes.extend(ghost.map(|message| (FindingId::UnrevocableCertificate, message)));
    }
}

/// Whether revocation takes the effect of a timestamp made at this time by the leaf of this path; else what a
/// reader should know about later revocations.
///
/// RFC 3161 §4.1: of an authority that was put out of use for a harmless reason the earlier timestamps stay good;
/// of one revoked for any other reason, or without one, none is good any more. A revocation with effect at or
/// before the timestamp always takes its effect.
pub(super) fn of_authority(path: &Path, info: &RevocationInfo, at: Time) -> Result<Notes, String> {
    let status = PathStatus::of(path, info, Instant::Proven(at));
    let mut notes = Notes::new();
    for (name, known) in &status.certificates {
        match &known.status {
            Status::Revoked(_) => return Err(format!("{name}: {}", known.words())),
            Status::RevokedSince(entry) if !entry.leaves_timestamps() => {
                return Err(format!("{name}: {}, for a reason that ends all of its timestamps", known.words()));
            }
            Status::RevokedSince(_) => notes.push(revoked_since(name, known)),
            Status::Good { .. } | Status::Unknown(_) => {}
        }
    }
    // A check of the signer's own path has this name; these are about its timestamp.
    notes.iter_mut().for_each(|(_, message)| message.insert_str(0, "of the timestamp: "));
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{encode, oid, tag};
    use crate::pki::anchor::{Anchor, Purpose};
    use crate::pki::minting::{Holder, Order, extension, time, usages};
    use crate::pki::path::{PathQuery, build_path};

    /// Whether a timestamp of 2022 keeps its effect, if these lists say that its authority, number 9, was revoked:
    /// when, and for which reason.
    fn keeps_its_effect(revocations: &[(&str, Option<u8>)]) -> bool {
        let (root, authority) = (Holder::new("Root", 1), Holder::new("Authority", 2));
        let order = Order { serial: 9, ..Order::with(&[usages(&[oid::TIME_STAMPING])]) };
        let leaf = root.certify(&authority, &order);
        let anchors = [Anchor::unlimited(root.root(), "given")];
        let at = time("2022-01-01T00:00:00Z");
        let report = build_path(&PathQuery::new(&leaf, &[], &anchors, Purpose::TimeStamping, at));
        let list = |(date, reason): &(&str, Option<u8>)| {
            let reason = reason.map(|code| extension(oid::CRL_REASON, false, &encode(tag::ENUMERATED, &[code])));
            root.revoke(&[(9, date, reason.into_iter().collect())], &[])
        };
        let lists: Vec<_> = revocations.iter().map(list).collect();
        of_authority(report.accepted().unwrap(), &RevocationInfo::of_lists(&lists), at).is_ok()
    }

    #[test]
    fn of_an_authority_the_worst_reason_counts_in_either_order_and_at_any_date() {
        const EARLY: &str = "230601000000Z";
        const LATE: &str = "240601000000Z";
        for harmless in [0, 3, 4, 5] {
            assert!(keeps_its_effect(&[(EARLY, Some(harmless))]), "{harmless}");
            for harmful in [Some(1), Some(2), Some(9), None] {
                for (one, other) in [(EARLY, EARLY), (EARLY, LATE), (LATE, EARLY)] {
                    assert!(!keeps_its_effect(&[(one, Some(harmless)), (other, harmful)]), "{harmless} {harmful:?}");
                    assert!(!keeps_its_effect(&[(other, harmful), (one, Some(harmless))]), "{harmful:?} {harmless}");
                }
            }
        }
    }
}
