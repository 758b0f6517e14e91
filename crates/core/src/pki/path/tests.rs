//! What the public suites do not test: purposes of software signing, terms of anchors, reports of failures.

use super::*;
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};
use crate::evidence::Need;
use crate::pki::anchor::Terms;
use crate::pki::minting::{Holder, Order, ca, extension, time, usages};

const AT: &str = "2025-06-01T00:00:00Z";

/// A root, an intermediate under it, and a leaf under that.
struct Chain {
    root: Holder,
    issuer: Holder,
    holder: Holder,
    intermediates: Vec<Certificate>,
    leaf: Certificate,
}

fn code_signing() -> Order {
    Order::with(&[usages(&[oid::CODE_SIGNING])])
}

impl Chain {
    fn new(intermediate: &Order, leaf: &Order) -> Self {
        let (root, issuer, holder) = (Holder::new("Root", 1), Holder::new("Issuer", 2), Holder::new("Holder", 3));
        let intermediates = vec![root.certify(&issuer, intermediate)];
        let leaf = issuer.certify(&holder, leaf);
        Self { root, issuer, holder, intermediates, leaf }
    }

    fn usual() -> Self {
        Self::new(&Order::with(&[ca(None)]), &code_signing())
    }

    fn anchor(&self) -> Vec<Anchor> {
        vec![Anchor::unlimited(self.root.root(), "given")]
    }

    fn report(&self, anchors: &[Anchor], at: &str) -> PathReport {
        build_path(&PathQuery::new(&self.leaf, &self.intermediates, &anchors, Purpose::CodeSigning, time(at)))
    }

    fn reason(&self, anchors: &[Anchor], at: &str) -> Option<Outcome> {
        self.report(anchors, at).reason()
    }
}

fn fails(reason: Reason) -> Option<Outcome> {
    Some(Outcome::Fail(reason))
}

#[test]
fn a_path_is_found_and_named_from_leaf_to_anchor() {
    let chain = Chain::usual();
    let report = chain.report(&chain.anchor(), AT);
    let path = report.accepted().unwrap();
    assert_eq!(path.names(), ["CN=Holder", "CN=Issuer", "CN=Root"]);
    assert_eq!(path.issuer(), &chain.intermediates[0]);
    assert_eq!((path.weaknesses.len(), report.faults().len()), (0, 0));
    let checks: Vec<_> = report.checks().into_iter().map(|check| (check.id, check.outcome)).collect();
    let pass = |id| (id, Outcome::Pass);
    assert_eq!(checks, [pass(CheckId::Chain), pass(CheckId::Validity), pass(CheckId::Usage)]);
}

#[test]
fn expired_under_an_accepted_anchor_is_expired_and_under_another_untrusted() {
    let chain = Chain::usual();
    let late = "2031-01-01T00:00:00Z";
    let report = chain.report(&chain.anchor(), late);
    assert_eq!(report.reason(), fails(Reason::Expired));
    assert!(report.accepted().is_none() && report.leading().is_some());
    let outcomes: Vec<_> = report.checks().into_iter().map(|check| check.outcome).collect();
    assert_eq!(outcomes, [Outcome::Pass, Outcome::Fail(Reason::Expired), Outcome::Pass]);
    assert_eq!(chain.reason(&chain.anchor(), "2019-01-01T00:00:00Z"), fails(Reason::NotYetValid));

    let other = vec![Anchor::unlimited(Holder::new("Other", 9).root(), "given")];
    let report = chain.report(&other, late);
    assert_eq!(report.reason(), fails(Reason::NoPathToAnchor));
    assert_eq!(report.checks().len(), 1, "dates of whom nobody vouches for are not judged");
}

#[test]
fn validity_includes_both_ends_and_an_anchors_own_does_not_count() {
    let chain = Chain::usual();
    assert_eq!(chain.reason(&chain.anchor(), "2020-01-01T00:00:00Z"), None);
    assert_eq!(chain.reason(&chain.anchor(), "2030-01-01T00:00:00Z"), None);
    assert_eq!(chain.reason(&chain.anchor(), "2030-01-01T00:00:01Z"), fails(Reason::Expired));
    let short = Order { until: "210101000000Z", ..Order::with(&[ca(None)]) };
    let old_root = chain.root.certify(&chain.root, &short);
    assert_eq!(chain.reason(&[Anchor::unlimited(old_root, "given")], AT), None);
}

#[test]
fn an_expired_intermediate_is_expired_unless_another_one_leads_up() {
    let short = Order { until: "210101000000Z", ..Order::with(&[ca(None)]) };
    let mut chain = Chain::new(&short, &code_signing());
    assert_eq!(chain.reason(&chain.anchor(), AT), fails(Reason::Expired));
    chain.intermediates.push(chain.root.certify(&chain.issuer, &Order::with(&[ca(None)])));
    assert_eq!(chain.reason(&chain.anchor(), AT), None);
}

#[test]
fn the_usage_must_be_named_by_the_leaf_and_not_denied_above_it() {
    let of = |leaf: &[Vec<u8>]| {
        let chain = Chain::new(&Order::with(&[ca(None)]), &Order::with(leaf));
        chain.reason(&chain.anchor(), AT)
    };
    let wrong = fails(Reason::UsageNotPermitted);
    assert_eq!(of(&[usages(&[oid::SERVER_AUTH])]), wrong);
    assert_eq!(of(&[usages(&[oid::ANY_EXTENDED_KEY_USAGE])]), wrong);
    assert_eq!(of(&[]), wrong);
    assert_eq!(of(&[usages(&[oid::SERVER_AUTH, oid::CODE_SIGNING])]), None);
    let key_encipherment = extension(oid::KEY_USAGE, true, &[3, 2, 5, 0x20]);
    assert_eq!(of(&[usages(&[oid::CODE_SIGNING]), key_encipherment]), wrong);

    let above = |purposes: &[&[u8]]| {
        let chain = Chain::new(&Order::with(&[ca(None), usages(purposes)]), &code_signing());
        chain.reason(&chain.anchor(), AT)
    };
    assert_eq!(above(&[oid::SERVER_AUTH]), wrong);
    assert_eq!(above(&[oid::CODE_SIGNING]), None);
    assert_eq!(above(&[oid::ANY_EXTENDED_KEY_USAGE]), None);
}

#[test]
fn a_time_stamping_key_stamps_times_and_nothing_else() {
    let of = |purposes: &[&[u8]]| {
        let chain = Chain::new(&Order::with(&[ca(None)]), &Order::with(&[usages(purposes)]));
        let anchors = chain.anchor();
        let query = PathQuery::new(&chain.leaf, &chain.intermediates, &anchors, Purpose::TimeStamping, time(AT));
        build_path(&query).reason()
    };
    assert_eq!(of(&[oid::TIME_STAMPING]), None);
    assert_eq!(of(&[oid::TIME_STAMPING, oid::CODE_SIGNING]), fails(Reason::UsageNotPermitted));
    assert_eq!(of(&[oid::CODE_SIGNING]), fails(Reason::UsageNotPermitted));
}

#[test]
fn an_end_entity_is_no_issuer() {
    let chain = Chain::new(&code_signing(), &code_signing());
    let report = chain.report(&chain.anchor(), AT);
    assert_eq!(report.reason(), fails(Reason::PathConstraintViolated));
    assert!(report.faults()[0].detail.contains("no CA"), "{:?}", report.faults());
    let limited = Order::with(&[ca(Some(0))]);
    let (sub, holder) = (Holder::new("Sub", 4), Holder::new("Holder", 3));
    let mut chain = Chain::new(&limited, &code_signing());
    chain.intermediates.push(chain.issuer.certify(&sub, &Order::with(&[ca(None)])));
    chain.leaf = sub.certify(&holder, &code_signing());
    assert_eq!(chain.reason(&chain.anchor(), AT), fails(Reason::PathConstraintViolated));
}

#[test]
fn a_name_without_its_key_leads_nowhere() {
    let mut chain = Chain::usual();
    chain.leaf = Holder::new("Issuer", 8).certify(&chain.holder, &code_signing());
    let report = chain.report(&chain.anchor(), AT);
    assert_eq!(report.reason(), fails(Reason::CertificateSignatureMismatch));
    assert_eq!(report.rejected()[0].names, ["CN=Holder", "CN=Issuer"]);
}

#[test]
fn critical_extensions_need_somebody_who_knows_them() {
    let vendor: &[u8] = &[0x2a, 3];
    let leaf = Order::with(&[usages(&[oid::CODE_SIGNING]), extension(vendor, true, &[5, 0])]);
    let chain = Chain::new(&Order::with(&[ca(None)]), &leaf);
    let anchors = chain.anchor();
    let mut query = PathQuery::new(&chain.leaf, &chain.intermediates, &anchors, Purpose::CodeSigning, time(AT));
    assert_eq!(build_path(&query).reason(), fails(Reason::PathConstraintViolated));
    query.accepted_critical = &[&[0x2a, 3]];
    assert_eq!(build_path(&query).reason(), None);
    let odd_ca = Order::with(&[ca(None), extension(vendor, true, &[5, 0])]);
    let chain = Chain::new(&odd_ca, &code_signing());
    let query = PathQuery { accepted_critical: &[&[0x2a, 3]], leaf: &chain.leaf, ..query };
    let query = PathQuery { intermediates: &chain.intermediates, ..query };
    assert_eq!(build_path(&query).reason(), fails(Reason::PathConstraintViolated), "accepted of leaves alone");
}

#[test]
fn an_anchor_may_be_an_intermediate_or_the_very_leaf_but_not_its_namesake() {
    let chain = Chain::usual();
    let anchors = vec![Anchor::unlimited(chain.intermediates[0].clone(), "given")];
    let query = PathQuery::new(&chain.leaf, &[], &anchors, Purpose::CodeSigning, time(AT));
    assert_eq!(build_path(&query).accepted().unwrap().names(), ["CN=Holder", "CN=Issuer"]);

    let itself = vec![Anchor::unlimited(chain.leaf.clone(), "given")];
    let query = PathQuery::new(&chain.leaf, &[], &itself, Purpose::CodeSigning, time(AT));
    assert_eq!(build_path(&query).accepted().unwrap().names(), ["CN=Holder"]);

    let namesake = Holder::new("Holder", 7);
    let namesake = vec![Anchor::unlimited(namesake.certify(&namesake, &code_signing()), "given")];
    assert_eq!(chain.reason(&namesake, AT), fails(Reason::NoPathToAnchor));
}

#[test]
fn a_self_signed_leaf_is_named_as_such_and_accepted_only_itself() {
    let holder = Holder::new("Self", 5);
    let leaf = holder.certify(&holder, &code_signing());
    let none: Vec<Anchor> = Vec::new();
    let report = build_path(&PathQuery::new(&leaf, &[], &none, Purpose::CodeSigning, time(AT)));
    assert_eq!(report.reason(), fails(Reason::SelfSigned));
    let bag = [leaf.clone()];
    let report = build_path(&PathQuery::new(&leaf, &bag, &none, Purpose::CodeSigning, time(AT)));
    assert_eq!(report.reason(), fails(Reason::SelfSigned));
}

#[test]
fn terms_of_an_anchor_hold() {
    let chain = Chain::usual();
    let under = |terms: Vec<Terms>, at: &str| {
        let anchors = vec![Anchor { terms, ..chain.anchor()[0].clone() }];
        chain.reason(&anchors, at)
    };
    let refused = fails(Reason::AnchorNotAccepted);
    let limit = Some(time("2025-01-01T00:00:00Z"));
    assert_eq!(under(Vec::new(), AT), refused);
    assert_eq!(under(vec![Terms { purpose: Some(Purpose::TimeStamping), ..Terms::default() }], AT), refused);
    assert_eq!(under(vec![Terms { purpose: Some(Purpose::CodeSigning), ..Terms::default() }], AT), None);
    let until = vec![Terms { accepted_until: limit, ..Terms::default() }];
    assert_eq!(under(until.clone(), AT), refused);
    assert_eq!(under(until, "2024-12-31T00:00:00Z"), None);
    let from = vec![Terms { accepted_from: limit, ..Terms::default() }];
    assert_eq!(under(from.clone(), "2024-12-31T00:00:00Z"), refused);
    assert_eq!(under(from, AT), None);
    let issued = |until: &str| vec![Terms { issued_until: Some(time(until)), ..Terms::default() }];
    assert_eq!(under(issued("2019-12-31T00:00:00Z"), AT), refused);
    assert_eq!(under(issued("2020-01-01T00:00:00Z"), AT), None);
}

#[test]
fn of_two_anchors_the_accepted_one_is_found() {
    let chain = Chain::usual();
    let refused = Anchor { terms: Vec::new(), ..chain.anchor()[0].clone() };
    let second = chain.root.certify(&chain.root, &Order { serial: 9, ..Order::with(&[ca(None)]) });
    let anchors = vec![refused, Anchor::unlimited(second, "second")];
    let report = chain.report(&anchors, AT);
    assert_eq!(&*report.accepted().unwrap().anchor.source, "second");
    assert_eq!(report.rejected()[0].fault.outcome, Outcome::Fail(Reason::AnchorNotAccepted));
}

#[test]
fn unknown_algorithms_are_undecided_not_forged() {
    let mut chain = Chain::usual();
    // Ed448 (1.3.101.113) in place of Ed25519, in the leaf's two names of the algorithm.
    let from = encode_sequence(&[encode(tag::OID, oid::ED25519)]);
    let to = encode_sequence(&[encode(tag::OID, &[0x2b, 0x65, 0x71])]);
    let mut der = chain.leaf.der().to_vec();
    let places: Vec<usize> = der.windows(from.len()).enumerate().filter(|(_, w)| *w == from).map(|(i, _)| i).collect();
    for place in places {
        der[place..place + to.len()].copy_from_slice(&to);
    }
    chain.leaf = Certificate::from_der(&der).unwrap();
    assert_eq!(chain.reason(&chain.anchor(), AT), Some(Outcome::Undecided(Need::Algorithm)));
}

#[test]
fn budgets_end_a_search_and_say_so() {
    let chain = Chain::usual();
    let anchors = chain.anchor();
    let of = |limits| {
        let query = PathQuery::new(&chain.leaf, &chain.intermediates, &anchors, Purpose::CodeSigning, time(AT));
        build_path(&PathQuery { limits, ..query }).reason()
    };
    let usual = PathLimits::default();
    assert_eq!(of(PathLimits { signatures: 1, ..usual }), fails(Reason::PathBudgetExceeded));
    assert_eq!(of(PathLimits { candidates: 1, ..usual }), fails(Reason::PathBudgetExceeded));
    assert_eq!(of(PathLimits { certificates: 0, ..usual }), fails(Reason::PathBudgetExceeded));
    assert_eq!(of(PathLimits { intermediates: 0, ..usual }), fails(Reason::PathBudgetExceeded));
    assert_eq!(of(PathLimits { signatures: 2, candidates: 2, certificates: 1, intermediates: 1 }), None);
}

#[test]
fn a_thousand_namesakes_end_within_the_budget() {
    let mut chain = Chain::usual();
    chain.intermediates = (0..200)
        .map(|n| {
            let (a, b) = (Holder::new("Issuer", n), Holder::new("Issuer", n + 1));
            a.certify(&b, &Order { serial: n, ..Order::with(&[ca(None)]) })
        })
        .collect();
    let report = chain.report(&[], AT);
    assert!(report.accepted().is_none());
    assert!(report.rejected().len() <= MAX_REPORTED);
}
