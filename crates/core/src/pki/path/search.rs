//! The search: depth first from the leaf, without recursion, within a budget.

use std::collections::{BTreeMap, BTreeSet};
use std::vec;

use super::{Candidate, Fault, MAX_REPORTED, Path, PathQuery, PathReport, PathWeakness, name_text, rules};
use crate::crypto::{PublicKey, SignatureError, Strength};
use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, GeneralName, NameConstraints};
use crate::evidence::{Need, Outcome, Reason};
use crate::pki::anchor::Anchor;
use crate::pki::name_constraints::{self, Violation};
use crate::pki::policies::{self, PolicyError};

/// A certificate that may stand in a path.
struct Node {
    certificate: Certificate,
    anchor: Option<Anchor>,
    key: Option<PublicKey>,
    names: Result<Vec<GeneralName>, String>,
    self_issued: bool,
}

impl Node {
    fn new(certificate: Certificate, anchor: Option<Anchor>) -> Self {
        let names = name_constraints::names_of(&certificate).map_err(|error| error.to_string());
        let key = certificate.public_key().ok();
        let self_issued = certificate.is_self_issued();
        Self { certificate, anchor, key, names, self_issued }
    }
}

/// Position in [`Search::nodes`].
type Id = usize;

/// The leaf's position.
const LEAF: Id = 0;

/// A certificate on the path being tried and the issuers still to try above it.
struct Frame {
    id: Id,
    issuers: vec::IntoIter<Id>,
    /// Faults of validity and usage found so far, this certificate included.
    faults: Vec<Fault>,
}

/// Which paths are followed, from the most wanted to the least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Without fault, and with no forgeable signature.
    Strong,
    /// Without fault.
    Strict,
    /// With faults of validity or usage, to report what else speaks against the leaf.
    Lenient,
}

struct Found {
    ids: Vec<Id>,
    faults: Vec<Fault>,
}

pub(super) struct Search<'a> {
    query: &'a PathQuery<'a>,
    nodes: Vec<Node>,
    issuers: BTreeMap<Id, Vec<Id>>,
    verified: BTreeMap<(Id, Id), Result<Strength, SignatureError>>,
    signatures_left: usize,
    candidates_left: usize,
    comparisons_left: usize,
    exhausted: Option<&'static str>,
    met_soft_fault: bool,
    met_weakness: bool,
    rejected: Vec<Candidate>,
    most_telling: Option<Fault>,
}

impl<'a> Search<'a> {
    pub(super) fn new(query: &'a PathQuery<'a>) -> Self {
        let mut search = Self {
            query,
            nodes: vec![Node::new(query.leaf.clone(), None)],
            issuers: BTreeMap::new(),
            verified: BTreeMap::new(),
            signatures_left: query.limits.signatures,
            candidates_left: query.limits.candidates,
            comparisons_left: name_constraints::MAX_COMPARISONS,
            exhausted: None,
            met_soft_fault: false,
            met_weakness: false,
            rejected: Vec::new(),
            most_telling: None,
        };
        search.add_intermediates();
        search
    }

    fn add_intermediates(&mut self) {
        let mut seen: BTreeSet<&[u8]> = BTreeSet::from([self.query.leaf.der()]);
        for certificate in self.query.intermediates {
            if !seen.insert(certificate.der()) {
                continue;
            }
            if self.nodes.len() > self.query.limits.certificates {
                self.exhausted = Some("more certificates than the limit");
                return;
            }
            self.nodes.push(Node::new(certificate.clone(), None));
        }
    }

    pub(super) fn run(mut self) -> PathReport {
        if let Some(report) = self.leaf_as_anchor() {
            return report;
        }
        let faults = rules::of_leaf(self.query, false);
        if let Some(fault) = faults.iter().find(|fault| fault.is_of_chain()) {
            self.reject(&[LEAF], fault.clone());
            return self.report(None);
        }
        let mut found = None;
        if faults.is_empty() {
            found = self.pass(Mode::Strong, &faults);
            if found.is_none() && self.met_weakness {
                found = self.pass(Mode::Strict, &faults);
            }
        }
        if found.is_none() && (self.met_soft_fault || !faults.is_empty()) {
            found = self.pass(Mode::Lenient, &faults);
        }
        self.report(found)
    }

    /// The leaf may itself be what the relying party accepts.
    fn leaf_as_anchor(&mut self) -> Option<PathReport> {
        let leaf = self.query.leaf;
        let anchor = self.query.anchors.named(leaf.subject()).into_iter().find(|a| a.certificate == *leaf)?;
        let mut faults = rules::of_leaf(self.query, true);
        faults.extend(rules::outside_terms(self.query, &anchor));
        if let Some(fault) = faults.iter().find(|fault| fault.is_of_chain()) {
            // It may still have an issuer that is accepted.
            self.reject(&[LEAF], fault.clone());
            return None;
        }
        let path = Path { certificates: vec![leaf.clone()], anchor, weaknesses: Vec::new() };
        Some(PathReport { path: Some(path), faults, rejected: Vec::new() })
    }

    fn report(mut self, found: Option<Found>) -> PathReport {
        if let Some(found) = found {
            let path = self.path(&found.ids);
            return PathReport { path, faults: found.faults, rejected: self.rejected };
        }
        if let Some(what) = self.exhausted {
            let fault = Fault::chain(Reason::PathBudgetExceeded, format!("the search for a path ended early: {what}"));
            self.most_telling = Some(fault);
        }
        let unknown = || Fault::chain(Reason::NoPathToAnchor, "no path");
        let fault = self.most_telling.take().unwrap_or_else(unknown);
        PathReport { path: None, faults: vec![fault], rejected: self.rejected }
    }

    fn path(&self, ids: &[Id]) -> Option<Path> {
        let (anchor, below) = ids.split_last()?;
        let anchor = self.nodes.get(*anchor)?.anchor.clone()?;
        let certificates = below.iter().filter_map(|id| Some(self.nodes.get(*id)?.certificate.clone())).collect();
        let weaknesses = ids.iter().zip(ids.iter().skip(1)).enumerate();
        let weaknesses =
            weaknesses.filter_map(|(position, (child, issuer))| match self.verified.get(&(*child, *issuer))? {
                Ok(Strength::Weak(weakness)) => Some(PathWeakness { position, weakness: *weakness }),
                _ => None,
            });
        Some(Path { certificates, anchor, weaknesses: weaknesses.collect() })
    }

    /// One pass over all paths: the first path without fault; in lenient mode the one with the fewest, of
    /// those that lead to an accepted anchor.
    fn pass(&mut self, mode: Mode, leaf_faults: &[Fault]) -> Option<Found> {
        self.rejected.clear();
        let mut best: Option<Found> = None;
        let mut stack = vec![Frame { id: LEAF, issuers: self.issuers_of(&[LEAF]), faults: leaf_faults.to_vec() }];
        while let Some(frame) = stack.last_mut() {
            let Some(issuer) = frame.issuers.next() else {
                stack.pop();
                continue;
            };
            let Some(left) = self.candidates_left.checked_sub(1) else {
                self.exhausted = Some("too many candidates");
                break;
            };
            self.candidates_left = left;
            let mut faults = frame.faults.clone();
            let mut ids: Vec<Id> = stack.iter().map(|frame| frame.id).collect();
            if self.repeats(&ids, issuer) {
                continue;
            }
            let found = self.extend(&ids, issuer);
            ids.push(issuer);
            let ends = found.iter().find(|fault| mode != Mode::Lenient || fault.is_of_chain());
            if let Some(fault) = ends {
                self.met_soft_fault |= !fault.is_of_chain();
                self.reject(&ids, fault.clone());
                continue;
            }
            if mode == Mode::Strong && self.is_weak(&ids) {
                self.met_weakness = true;
                continue;
            }
            faults.extend(found);
            if self.nodes.get(issuer).is_none_or(|node| node.anchor.is_none()) {
                let issuers = self.issuers_of(&ids);
                stack.push(Frame { id: issuer, issuers, faults });
            } else if let Some(fault) = self.policy_fault(&ids) {
                self.reject(&ids, fault);
            } else if faults.len() <= leaf_faults.len() {
                return Some(Found { ids, faults });
            } else if best.as_ref().is_none_or(|best| faults.len() < best.faults.len()) {
                best = Some(Found { ids, faults });
            }
        }
        best
    }

    /// Whether the signature by the last certificate on the one before could have been forged.
    fn is_weak(&self, ids: &[Id]) -> bool {
        let link = ids.iter().rev().nth(1).copied().zip(ids.last().copied());
        link.is_some_and(|link| matches!(self.verified.get(&link), Some(Ok(Strength::Weak(_)))))
    }

    /// Whether the same name and key are on the path already: then it goes round in a circle.
    fn repeats(&self, ids: &[Id], issuer: Id) -> bool {
        let Some(issuer) = self.nodes.get(issuer) else { return true };
        let same = |node: &Node| {
            node.certificate.spki() == issuer.certificate.spki()
                && node.certificate.subject() == issuer.certificate.subject()
        };
        // The leaf may share name and key with its issuer only if it is another certificate of the same CA.
        ids.iter().skip(1).filter_map(|id| self.nodes.get(*id)).any(same)
            || ids.first().and_then(|id| self.nodes.get(*id)).is_some_and(|leaf| leaf.certificate == issuer.certificate)
    }

    /// What speaks against setting `issuer` on top of the path `ids`.
    fn extend(&mut self, ids: &[Id], issuer: Id) -> Vec<Fault> {
        let intermediates = ids.iter().skip(1).filter_map(|id| self.nodes.get(*id));
        let below = intermediates.filter(|node| !node.self_issued).count();
        let Some(node) = self.nodes.get(issuer) else { return Vec::new() };
        let mut faults = rules::of_issuer(self.query, &node.certificate, node.anchor.as_ref(), below);
        let counts = node.anchor.is_none() && !node.self_issued;
        if counts && below >= self.query.limits.intermediates {
            let most = self.query.limits.intermediates;
            faults.insert(0, Fault::chain(Reason::PathBudgetExceeded, format!("more than {most} intermediates")));
        }
        // The cheap rules first: a path that they forbid is not worth a signature.
        if !faults.iter().any(Fault::is_of_chain) {
            faults.extend(self.constraint_fault(ids, issuer));
        }
        if !faults.iter().any(Fault::is_of_chain) {
            faults.extend(ids.last().and_then(|child| self.signature_fault(*child, issuer)));
        }
        faults
    }

    fn constraint_fault(&mut self, ids: &[Id], issuer: Id) -> Option<Fault> {
        let certificate = &self.nodes.get(issuer)?.certificate;
        let name = || name_text(certificate.subject());
        let violated = |what: String| Some(Fault::chain(Reason::PathConstraintViolated, format!("{}: {what}", name())));
        let constraints = match certificate.read_extension(oid::NAME_CONSTRAINTS, NameConstraints::read) {
            Ok(None) => return None,
            Ok(Some(constraints)) => constraints,
            Err(error) => return violated(error.to_string()),
        };
        for (position, id) in ids.iter().enumerate() {
            let node = self.nodes.get(*id)?;
            // Self-issued intermediates are exempt (RFC 5280 §6.1.3 (b)), so that keys can be rolled over.
            if position > 0 && node.self_issued {
                continue;
            }
            let names = match &node.names {
                Ok(names) => names,
                Err(error) => return violated(format!("the names below it are malformed: {error}")),
            };
            match name_constraints::check(names, &constraints, &mut self.comparisons_left) {
                Ok(()) => {}
                Err(Violation::Name(what)) => return violated(what),
                Err(Violation::Budget) => {
                    self.exhausted = Some("too many comparisons of names");
                    return violated("too many comparisons of names".to_owned());
                }
            }
        }
        None
    }

    fn signature_fault(&mut self, child: Id, issuer: Id) -> Option<Fault> {
        let detail = |search: &Self, what: &dyn std::fmt::Display| {
            let name = |id: Id| search.nodes.get(id).map(|node| name_text(node.certificate.subject()));
            let (child, issuer) = (name(child).unwrap_or_default(), name(issuer).unwrap_or_default());
            format!("{child}: its signature by {issuer}: {what}")
        };
        match self.verify(child, issuer)? {
            Ok(_) => None,
            Err(error @ SignatureError::Mismatch) => {
                Some(Fault::chain(Reason::CertificateSignatureMismatch, detail(self, &error)))
            }
            Err(error) => Some(Fault {
                check: crate::evidence::CheckId::Chain,
                outcome: Outcome::Undecided(Need::Algorithm),
                detail: detail(self, &error),
            }),
        }
    }

    /// Verifies once and remembers. Out of budget counts as a mismatch: the path is not followed.
    fn verify(&mut self, child: Id, issuer: Id) -> Option<Result<Strength, SignatureError>> {
        if let Some(known) = self.verified.get(&(child, issuer)) {
            return Some(*known);
        }
        let Some(left) = self.signatures_left.checked_sub(1) else {
            self.exhausted = Some("too many signatures to verify");
            return Some(Err(SignatureError::Mismatch));
        };
        self.signatures_left = left;
        let certificate = &self.nodes.get(child)?.certificate;
        let result = match &self.nodes.get(issuer)?.key {
            Some(key) => certificate.verify_signed_by(key),
            None => Err(SignatureError::Unsupported),
        };
        self.verified.insert((child, issuer), result);
        Some(result)
    }

    fn policy_fault(&self, ids: &[Id]) -> Option<Fault> {
        let (_, below) = ids.split_last()?;
        let path = below.iter().rev().filter_map(|id| Some(&self.nodes.get(*id)?.certificate));
        let what = match policies::check(&path.collect::<Vec<_>>(), &self.query.policies) {
            Ok(()) => return None,
            Err(PolicyError::Malformed) => "the policies of the path are malformed",
            Err(PolicyError::NoneValid) => "the path requires a certificate policy, and none is valid",
        };
        Some(Fault::chain(Reason::PathConstraintViolated, what))
    }

    /// Candidates to have issued the last certificate of the path, most likely first. If there is none, the
    /// path is recorded as a dead end.
    fn issuers_of(&mut self, ids: &[Id]) -> vec::IntoIter<Id> {
        let Some(child) = ids.last().copied() else { return Vec::new().into_iter() };
        if !self.issuers.contains_key(&child) {
            let found = self.find_issuers(child);
            self.issuers.insert(child, found);
        }
        let found = self.issuers.get(&child).cloned().unwrap_or_default();
        let others = found.iter().any(|id| !self.repeats(ids, *id));
        if !others {
            self.dead_end(ids, child);
        }
        found.into_iter()
    }

    fn find_issuers(&mut self, child: Id) -> Vec<Id> {
        let Some(certificate) = self.nodes.get(child).map(|node| node.certificate.clone()) else { return Vec::new() };
        let wanted = certificate.issuer();
        let mut found: Vec<Id> = Vec::new();
        for anchor in self.query.anchors.named(wanted) {
            found.push(self.intern(anchor));
        }
        let others = self.nodes.iter().enumerate();
        let others = others.filter(|(_, node)| node.anchor.is_none() && node.certificate.subject() == wanted);
        found.extend(others.map(|(id, _)| id).filter(|id| *id != LEAF));
        let key_id = certificate.authority_key_id().and_then(|aki| aki.key_id.map(<[u8]>::to_vec));
        found.sort_by_key(|id| self.unlikeliness(*id, key_id.as_deref()));
        found
    }

    /// An identifier of keys is a hint, no proof: it orders candidates and excludes none.
    fn unlikeliness(&self, id: Id, key_id: Option<&[u8]>) -> (bool, bool, bool) {
        let Some(node) = self.nodes.get(id) else { return (true, true, true) };
        let other_key = match (key_id, node.certificate.subject_key_id()) {
            (Some(wanted), Some(found)) => wanted != found,
            _ => false,
        };
        (other_key, node.anchor.is_none(), !node.certificate.is_valid_at(self.query.at))
    }

    fn intern(&mut self, anchor: Anchor) -> Id {
        let same = |node: &Node| node.anchor.as_ref() == Some(&anchor);
        match self.nodes.iter().position(same) {
            Some(id) => id,
            None => {
                self.nodes.push(Node::new(anchor.certificate.clone(), Some(anchor)));
                self.nodes.len().saturating_sub(1)
            }
        }
    }

    fn dead_end(&mut self, ids: &[Id], top: Id) {
        let Some(node) = self.nodes.get(top) else { return };
        let issuer = name_text(node.certificate.issuer());
        let signs_itself =
            node.self_issued && node.key.as_ref().is_some_and(|key| node.certificate.verify_signed_by(key).is_ok());
        let fault = match (signs_itself, top) {
            (true, LEAF) => Fault::chain(Reason::SelfSigned, "the certificate signed itself and is not accepted"),
            (true, _) => Fault::chain(Reason::NoPathToAnchor, format!("the root {issuer} is not accepted")),
            _ => Fault::chain(Reason::NoPathToAnchor, format!("no certificate of the issuer {issuer} is at hand")),
        };
        self.reject(ids, fault);
    }

    fn reject(&mut self, ids: &[Id], fault: Fault) {
        if self.most_telling.as_ref().is_none_or(|known| known.precision() < fault.precision()) {
            self.most_telling = Some(fault.clone());
        }
        if self.rejected.len() >= MAX_REPORTED {
            return;
        }
        let nodes = ids.iter().filter_map(|id| self.nodes.get(*id));
        let names = nodes.map(|node| name_text(node.certificate.subject())).collect();
        self.rejected.push(Candidate { names, fault });
    }
}
