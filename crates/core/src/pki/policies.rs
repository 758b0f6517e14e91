//! Certificate policies (RFC 5280 §6.1) by the graph of RFC 9618, which stays small where the tree of
//! RFC 5280 can grow exponentially.

use std::collections::{BTreeMap, BTreeSet};

use crate::encoding::asn1::{self, Reader, Rules, oid};
use crate::encoding::x509::{Certificate, CertificateError, PolicyConstraints, PolicyMapping};

/// What the relying party asks of policies (RFC 5280 §6.1.1 (c), (e)–(g)). The default asks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyInputs {
    /// Policies of which one must be valid where one is required, as content octets; `None` for any.
    pub acceptable: Option<BTreeSet<Vec<u8>>>,
    /// Require a valid policy from the start.
    pub require_explicit: bool,
    /// Do not allow mappings.
    pub inhibit_mapping: bool,
    /// Do not take *any policy* for every policy.
    pub inhibit_any: bool,
}

/// What is wrong with the policies of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PolicyError {
    /// An extension is malformed (RFC 5280 §4.2.1.5 and others).
    Malformed,
    /// A valid policy is required and there is none.
    NoneValid,
}

impl From<CertificateError> for PolicyError {
    fn from(_: CertificateError) -> Self {
        Self::Malformed
    }
}

/// The policies that are valid after one certificate.
#[derive(Default)]
struct Level<'a> {
    nodes: BTreeMap<&'a [u8], Node<'a>>,
    any: bool,
}

/// A policy with the policies of the level above that lead to it; none stands for *any policy*.
#[derive(Default)]
struct Node<'a> {
    parents: BTreeSet<&'a [u8]>,
    mapped: bool,
}

/// Certificates left before a rule applies (RFC 5280 §6.1.2 (d)–(f)).
struct Counters {
    explicit: u64,
    mapping: u64,
    any: u64,
}

impl Counters {
    fn new(inputs: &PolicyInputs, length: u64) -> Self {
        let start = |at_once| if at_once { 0 } else { length.saturating_add(1) };
        Self {
            explicit: start(inputs.require_explicit),
            mapping: start(inputs.inhibit_mapping),
            any: start(inputs.inhibit_any),
        }
    }

    /// RFC 5280 §6.1.4 (h)–(j).
    fn prepare(&mut self, certificate: &Certificate) -> Result<(), PolicyError> {
        if !certificate.is_self_issued() {
            for counter in [&mut self.explicit, &mut self.mapping, &mut self.any] {
                *counter = counter.saturating_sub(1);
            }
        }
        if let Some(constraints) = constraints_of(certificate)? {
            lower(&mut self.explicit, constraints.require_explicit_policy);
            lower(&mut self.mapping, constraints.inhibit_policy_mapping);
        }
        lower(&mut self.any, certificate.read_extension(oid::INHIBIT_ANY_POLICY, read_skip)?);
        Ok(())
    }
}

fn lower(counter: &mut u64, to: Option<u64>) {
    *counter = to.map_or(*counter, |to| to.min(*counter));
}

fn read_skip(value: &[u8]) -> Result<u64, asn1::Error> {
    let mut reader = Reader::new(value, Rules::Ber);
    let skip = reader.u64()?;
    reader.finish()?;
    Ok(skip)
}

fn constraints_of(certificate: &Certificate) -> Result<Option<PolicyConstraints>, CertificateError> {
    certificate.read_extension(oid::POLICY_CONSTRAINTS, PolicyConstraints::read)
}

/// Processes the policies of a path, first the certificate under the anchor, last the leaf.
pub(super) fn check(path: &[&Certificate], inputs: &PolicyInputs) -> Result<(), PolicyError> {
    let length = u64::try_from(path.len()).unwrap_or(u64::MAX);
    let mut counters = Counters::new(inputs, length);
    let mut levels: Vec<Level<'_>> = Vec::with_capacity(path.len());
    let mut level = Level { nodes: BTreeMap::new(), any: true };
    for (index, certificate) in path.iter().enumerate() {
        let last = index.saturating_add(1) == path.len();
        let any_allowed = counters.any > 0 || (!last && certificate.is_self_issued());
        apply_policies(certificate, &mut level, any_allowed)?;
        if counters.explicit == 0 && level.nodes.is_empty() && !level.any {
            return Err(PolicyError::NoneValid);
        }
        if last {
            counters.explicit = counters.explicit.saturating_sub(1);
            // RFC 5280 §6.1.5 (b).
            if constraints_of(certificate)?.and_then(|c| c.require_explicit_policy) == Some(0) {
                counters.explicit = 0;
            }
            levels.push(std::mem::take(&mut level));
        } else {
            let next = apply_mappings(certificate, &mut level, counters.mapping > 0)?;
            levels.push(std::mem::replace(&mut level, next));
            counters.prepare(certificate)?;
        }
    }
    if counters.explicit > 0 || has_acceptable(&levels, inputs.acceptable.as_ref()) {
        Ok(())
    } else {
        Err(PolicyError::NoneValid)
    }
}

/// RFC 5280 §6.1.3 (d)–(e).
fn apply_policies<'a>(
    certificate: &'a Certificate,
    level: &mut Level<'a>,
    any_allowed: bool,
) -> Result<(), PolicyError> {
    let Some(policies) = certificate.policies()? else {
        *level = Level::default();
        return Ok(());
    };
    let keeps_any = any_allowed && policies.contains(oid::ANY_POLICY);
    let had_any = level.any;
    let named: BTreeSet<&[u8]> = policies.oids.into_iter().filter(|policy| *policy != oid::ANY_POLICY).collect();
    if !keeps_any {
        level.nodes.retain(|policy, _| named.contains(policy));
        level.any = false;
    }
    if had_any {
        for policy in named {
            level.nodes.entry(policy).or_default();
        }
    }
    Ok(())
}

/// RFC 5280 §6.1.4 (a)–(b): the level that the next certificate starts from.
fn apply_mappings<'a>(
    certificate: &'a Certificate,
    level: &mut Level<'a>,
    allowed: bool,
) -> Result<Level<'a>, PolicyError> {
    let mut mappings = certificate.read_extension(oid::POLICY_MAPPINGS, PolicyMapping::read_all)?.unwrap_or_default();
    if mappings.iter().any(|m| m.issuer == oid::ANY_POLICY || m.subject == oid::ANY_POLICY) {
        return Err(PolicyError::Malformed);
    }
    if !allowed {
        for mapping in mappings.drain(..) {
            level.nodes.remove(mapping.issuer);
        }
    }
    for mapping in &mappings {
        if level.any {
            level.nodes.entry(mapping.issuer).or_default();
        }
        if let Some(node) = level.nodes.get_mut(mapping.issuer) {
            node.mapped = true;
        }
    }
    let mut next = Level { nodes: BTreeMap::new(), any: level.any };
    let unmapped = level.nodes.iter().filter(|(_, node)| !node.mapped).map(|(policy, _)| (*policy, *policy));
    let mapped = mappings.iter().filter(|m| level.nodes.contains_key(m.issuer)).map(|m| (m.issuer, m.subject));
    for (parent, policy) in unmapped.chain(mapped) {
        next.nodes.entry(policy).or_default().parents.insert(parent);
    }
    Ok(next)
}

/// Whether a policy of the leaf leads back to one that the relying party accepts (RFC 9618 §5.4).
fn has_acceptable(levels: &[Level<'_>], acceptable: Option<&BTreeSet<Vec<u8>>>) -> bool {
    let accepts = |policy: &[u8]| match acceptable {
        None => true,
        Some(set) => set.contains(policy) || set.contains(oid::ANY_POLICY),
    };
    let Some(last) = levels.last() else { return false };
    if last.any {
        return acceptable.is_none_or(|set| !set.is_empty());
    }
    let mut reached: BTreeSet<&[u8]> = last.nodes.keys().copied().collect();
    for level in levels.iter().rev() {
        let mut above: BTreeSet<&[u8]> = BTreeSet::new();
        for policy in reached {
            match level.nodes.get(policy) {
                Some(node) if node.parents.is_empty() && accepts(policy) => return true,
                Some(node) => above.extend(&node.parents),
                None => {}
            }
        }
        reached = above;
    }
    false
}
