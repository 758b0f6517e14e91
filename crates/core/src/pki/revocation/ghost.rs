//! Unrevocable certificates ("ghosts"): nobody can change their status any more.
//!
//! A revocation is a list or response that the issuer signs. When the issuer's own certificate has expired or was
//! revoked, no new one can be signed that anybody accepts, so abuse that becomes known from now on cannot be
//! revoked; signatures with a timestamp stay valid for ever. Only the relying party's own lists can end them.

use super::PathStatus;
use crate::encoding::x509::Certificate;
use crate::pki::path::Path;
use crate::time::Time;

/// Why the status of a path's leaf cannot change any more, as a timeline, or `None` if it can.
///
/// An anchor that the relying party itself brought is its own to take back, so that what it issued is no ghost.
#[must_use]
pub fn unrevocable(path: &Path, status: &PathStatus, now: Time) -> Option<String> {
    let leaf = path.certificates.first()?;
    let gone = issuers(path).zip(1..).find_map(|(issuer, position)| gone(issuer, position, status, now))?;
    let last = status.leaf().and_then(|known| known.by.as_ref());
    let last = match last.and_then(|piece| piece.this_update.map(|made| (piece, made))) {
        Some((piece, made)) => {
            let due = piece.next_update.filter(|due| *due < now);
            let due = due.map(|due| format!(", the next one was due {due}")).unwrap_or_default();
            format!("the last {} at hand is of {made}{due}", piece.kind)
        }
        None => "nothing about its revocation is at hand".to_owned(),
    };
    let name = leaf.subject();
    Some(format!("{name} (valid {} to {}): {gone}; {last}", leaf.not_before(), leaf.not_after()))
}

/// Those who would have to sign: the issuers above the leaf. The anchor only if a public programme vouches for it
/// and no other issuer is there: its own validity never counts for paths, but it ends its lists.
fn issuers(path: &Path) -> impl Iterator<Item = &Certificate> {
    let intermediates = path.certificates.iter().skip(1);
    let anchor = Some(&path.anchor).filter(|anchor| path.certificates.len() == 1 && anchor.public);
    let above_leaf = |certificate: &&Certificate| path.certificates.first() != Some(*certificate);
    intermediates.chain(anchor.map(|anchor| &anchor.certificate)).filter(above_leaf)
}

/// Why an issuer can sign nothing any more.
fn gone(issuer: &Certificate, position: usize, status: &PathStatus, now: Time) -> Option<String> {
    let name = issuer.subject();
    let known = status.certificates.get(position).and_then(|(_, known)| known.status.entry());
    match known {
        Some(entry) => Some(format!("its issuer {name} was revoked with effect from {}", entry.effective())),
        None if issuer.not_after() < now => Some(format!("its issuer {name} expired {}", issuer.not_after())),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::asn1::{encode, oid, tag};
    use crate::pki::anchor::{Anchor, Purpose};
    use crate::pki::minting::{Holder, Order, ca, extension, time};
    use crate::pki::path::{PathQuery, build_path};
    use crate::pki::revocation::{Instant, RevocationInfo};

    const SIGNED: &str = "2022-01-01T00:00:00Z";
    const NOW: &str = "2025-01-15T00:00:00Z";

    /// Root, an issuer that ends here, and a leaf; the path as of the signing.
    fn path(issuer_until: &'static str) -> (Path, Holder) {
        let (root, issuer, holder) = (Holder::new("Root", 1), Holder::new("Issuer", 2), Holder::new("Holder", 3));
        let order = Order { serial: 4, until: issuer_until, ..Order::with(&[ca(None)]) };
        let intermediates = [root.certify(&issuer, &order)];
        let leaf = issuer.certify(&holder, &Order { until: "230101000000Z", ..Order::default() });
        let anchors = [Anchor::unlimited(root.root(), "given")];
        let report = build_path(&PathQuery::new(&leaf, &intermediates, &anchors, Purpose::Any, time(SIGNED)));
        (report.accepted().unwrap().clone(), root)
    }

    fn ghost(path: &Path, info: &RevocationInfo) -> Option<String> {
        let status = PathStatus::of(path, info, Instant::Proven(time(SIGNED)));
        unrevocable(path, &status, time(NOW))
    }

    #[test]
    fn an_expired_issuer_makes_a_ghost_and_a_living_one_does_not() {
        let text = ghost(&path("240101000000Z").0, &RevocationInfo::default()).unwrap();
        assert!(text.contains("its issuer CN=Issuer expired 2024-01-01T00:00:00Z"), "{text}");
        assert!(text.ends_with("nothing about its revocation is at hand"), "{text}");
        assert_eq!(ghost(&path("300101000000Z").0, &RevocationInfo::default()), None);
    }

    #[test]
    fn an_issuer_that_was_revoked_later_makes_a_ghost() {
        let (path, root) = path("300101000000Z");
        let reason = extension(oid::CRL_REASON, false, &encode(tag::ENUMERATED, &[5]));
        let revoked = root.revoke(&[(4, "240601000000Z", vec![reason])], &[]);
        let text = ghost(&path, &RevocationInfo::of_lists(&[revoked])).unwrap();
        assert!(text.contains("its issuer CN=Issuer was revoked with effect from 2024-06-01T00:00:00Z"), "{text}");
    }

    #[test]
    fn an_anchor_of_the_relying_party_is_its_own_to_take_back() {
        let issuer = Holder::new("Issuer", 2);
        let leaf = issuer.certify(&Holder::new("Holder", 3), &Order::default());
        let order = Order { until: "240101000000Z", ..Order::with(&[ca(None)]) };
        let root = issuer.certify(&issuer, &order);
        let judge = |public: bool| {
            let anchors = [Anchor { public, ..Anchor::unlimited(root.clone(), "given") }];
            let report = build_path(&PathQuery::new(&leaf, &[], &anchors, Purpose::Any, time(SIGNED)));
            ghost(report.accepted().unwrap(), &RevocationInfo::default())
        };
        assert_eq!(judge(false), None);
        assert!(judge(true).is_some());
    }
}
