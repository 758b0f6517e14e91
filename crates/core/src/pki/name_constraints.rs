//! Name constraints (RFC 5280 §4.2.1.10): which names a CA may certify.

use crate::encoding::asn1::oid;
use crate::encoding::x509::{Certificate, CertificateError, GeneralName, NameConstraints, Subtree};

/// Comparisons of a name with a subtree that one search for paths may make. Real chains need a few dozen;
/// a hostile chain could ask for millions (CVE-2018-0734 and its kin).
pub(super) const MAX_COMPARISONS: usize = 100_000;

/// Why a certificate does not satisfy constraints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Violation {
    /// A name lies where it may not.
    Name(String),
    /// More comparisons than allowed.
    Budget,
}

/// The names of a certificate that constraints apply to: its name, its alternative names and, where no
/// alternative name is an e-mail address, the addresses in its name.
///
/// # Errors
/// If the alternative names are malformed.
pub(super) fn names_of(certificate: &Certificate) -> Result<Vec<GeneralName>, CertificateError> {
    let mut names = certificate.subject_alternative_names()?;
    let has_email = names.iter().any(|name| matches!(name, GeneralName::Email(_)));
    if !certificate.subject().is_empty() {
        names.push(GeneralName::Directory(certificate.subject().clone()));
    }
    if !has_email {
        let attributes = certificate.subject().attributes().filter(|a| a.oid == oid::EMAIL_ADDRESS);
        names.extend(attributes.map(|attribute| GeneralName::Email(attribute.text())));
    }
    Ok(names)
}

/// Checks names against the constraints of one CA. `left` is what remains of [`MAX_COMPARISONS`].
pub(super) fn check(names: &[GeneralName], constraints: &NameConstraints, left: &mut usize) -> Result<(), Violation> {
    for name in names {
        check_name(name, constraints, left)?;
    }
    Ok(())
}

fn check_name(name: &GeneralName, constraints: &NameConstraints, left: &mut usize) -> Result<(), Violation> {
    let comparisons = constraints.permitted.len().saturating_add(constraints.excluded.len());
    *left = left.checked_sub(comparisons).ok_or(Violation::Budget)?;
    for subtree in &constraints.excluded {
        match relation(name, subtree) {
            Relation::OtherForm | Relation::Outside => {}
            Relation::Inside | Relation::Partly => {
                return Err(Violation::Name(format!("the name {name} is excluded by {}", subtree.base)));
            }
            Relation::Unknown(why) => return Err(undecided(name, subtree, why)),
        }
    }
    let (mut of_form, mut inside) = (false, false);
    for subtree in &constraints.permitted {
        match relation(name, subtree) {
            Relation::OtherForm => {}
            Relation::Inside => (of_form, inside) = (true, true),
            Relation::Outside | Relation::Partly => of_form = true,
            Relation::Unknown(why) => return Err(undecided(name, subtree, why)),
        }
    }
    if of_form && !inside {
        return Err(Violation::Name(format!("the name {name} lies in no permitted subtree")));
    }
    Ok(())
}

fn undecided(name: &GeneralName, subtree: &Subtree, why: &str) -> Violation {
    Violation::Name(format!("the name {name} cannot be compared with the constraint {}: {why}", subtree.base))
}

/// How a name lies to a subtree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// The constraint is about another form of name.
    OtherForm,
    Inside,
    /// A wildcard that stands for names inside and outside.
    Partly,
    Outside,
    /// Cannot be decided, so the certificate is refused.
    Unknown(&'static str),
}

impl Relation {
    const fn when(inside: bool) -> Self {
        if inside { Self::Inside } else { Self::Outside }
    }
}

fn relation(name: &GeneralName, subtree: &Subtree) -> Relation {
    let relation = match (name, &subtree.base) {
        (GeneralName::Directory(name), GeneralName::Directory(base)) => Relation::when(name.is_within(base)),
        (GeneralName::Dns(name), GeneralName::Dns(base)) => dns(name, base),
        (GeneralName::Email(name), GeneralName::Email(base)) => email(name, base),
        (GeneralName::Uri(name), GeneralName::Uri(base)) => uri(name, base),
        (GeneralName::Ip(name), GeneralName::Ip(base)) => ip(name, base),
        (GeneralName::Other { oid: name, .. }, GeneralName::Other { oid: base, .. }) if name == base => {
            Relation::Unknown("names of this type are not understood")
        }
        (GeneralName::RegisteredId(_), GeneralName::RegisteredId(_)) => {
            Relation::Unknown("registered identifiers are not understood")
        }
        (GeneralName::Unread(name, _), GeneralName::Unread(base, _)) if name == base => {
            Relation::Unknown("names of this form are not understood")
        }
        _ => Relation::OtherForm,
    };
    if subtree.has_bounds && relation != Relation::OtherForm {
        return Relation::Unknown("it has a minimum or maximum, which RFC 5280 does not define");
    }
    relation
}

/// A host name and a constraint: the base itself or anything with labels added on its left.
fn dns(name: &str, base: &str) -> Relation {
    let (wildcard, host) = match name.strip_prefix("*.") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    if !is_host(host) {
        return Relation::Unknown("it is no host name");
    }
    if base.is_empty() {
        return Relation::Inside;
    }
    if !is_host(base) {
        return Relation::Unknown("the constraint is no host name");
    }
    if is_below(host, base) {
        return Relation::Inside;
    }
    // `*.example.com` stands for `foo.example.com` among others.
    let parent = base.split_once('.').map(|(_, parent)| parent);
    if wildcard && parent.is_some_and(|parent| parent.eq_ignore_ascii_case(host)) {
        return Relation::Partly;
    }
    Relation::Outside
}

/// Whether `host` is `base` or ends with `.base`.
fn is_below(host: &str, base: &str) -> bool {
    let (host, base) = (host.to_ascii_lowercase(), base.to_ascii_lowercase());
    host == base || host.strip_suffix(&base).is_some_and(|front| front.ends_with('.'))
}

/// RFC 1123 §2.1, with the underscores that are in use: labels of 1 to 63 letters, digits, hyphens.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// A mailbox and a constraint: a mailbox, a host, or a domain with a leading period.
fn email(name: &str, base: &str) -> Relation {
    let Some((local, host)) = mailbox(name) else { return Relation::Unknown("it is no e-mail address") };
    if let Some((base_local, base_host)) = base.rsplit_once('@') {
        return Relation::when(local == base_local && host.eq_ignore_ascii_case(base_host));
    }
    host_in(host, base)
}

fn mailbox(name: &str) -> Option<(&str, &str)> {
    let (local, host) = name.rsplit_once('@')?;
    (!local.is_empty() && !local.contains(['@', ' ']) && is_host(host)).then_some((local, host))
}

/// A host and the constraint on e-mail and URI hosts: exactly this one, or with a leading period those below.
fn host_in(host: &str, base: &str) -> Relation {
    match base.strip_prefix('.') {
        Some(domain) => Relation::when(is_below(host, domain) && !host.eq_ignore_ascii_case(domain)),
        None if base.is_empty() => Relation::Inside,
        None => Relation::when(host.eq_ignore_ascii_case(base)),
    }
}

/// A URI, of which the host counts, and a constraint.
fn uri(name: &str, base: &str) -> Relation {
    match uri_host(name) {
        Some(host) => host_in(host, base),
        None => Relation::Unknown("the URI has no host name"),
    }
}

fn uri_host(uri: &str) -> Option<&str> {
    let (_, after) = uri.split_once("://")?;
    let authority = after.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let is_address = host.rsplit('.').next()?.bytes().all(|c| c.is_ascii_digit());
    (is_host(host) && !is_address).then_some(host)
}

/// An address and a constraint: a network with its mask.
fn ip(name: &[u8], base: &[u8]) -> Relation {
    if !matches!(name.len(), 4 | 16) {
        return Relation::Unknown("it is no address");
    }
    if !matches!(base.len(), 8 | 32) {
        return Relation::Unknown("the constraint is no network");
    }
    let Some((network, mask)) = base.split_at_checked(name.len()).filter(|(n, m)| n.len() == m.len()) else {
        return Relation::OtherForm;
    };
    if !is_prefix_mask(mask) {
        return Relation::Unknown("the constraint's mask is no prefix");
    }
    let inside = name.iter().zip(network).zip(mask).all(|((name, network), mask)| name & mask == network & mask);
    Relation::when(inside)
}

fn is_prefix_mask(mask: &[u8]) -> bool {
    let partial = mask.iter().skip_while(|byte| **byte == 0xff);
    let mut rest = partial.copied();
    let first = rest.next().unwrap_or(0);
    first.leading_ones().saturating_add(first.trailing_zeros()) >= 8 && rest.all(|byte| byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: GeneralName, base: GeneralName) -> Relation {
        relation(&name, &Subtree { base, has_bounds: false })
    }

    #[test]
    fn hosts_lie_below_their_domain_and_wildcards_may_lie_partly_in_it() {
        let dns = |name: &str, base: &str| of(GeneralName::Dns(name.into()), GeneralName::Dns(base.into()));
        assert_eq!(dns("a.Example.com", "example.COM"), Relation::Inside);
        assert_eq!(dns("example.com", "example.com"), Relation::Inside);
        assert_eq!(dns("notexample.com", "example.com"), Relation::Outside);
        assert_eq!(dns("*.example.com", "example.com"), Relation::Inside);
        assert_eq!(dns("*.example.com", "a.example.com"), Relation::Partly);
        assert_eq!(dns("*.example.com", "b.a.example.com"), Relation::Outside);
        assert_eq!(dns("x", ""), Relation::Inside);
        assert!(matches!(dns("a..b", "b"), Relation::Unknown(_)) && matches!(dns("a.b", ".b"), Relation::Unknown(_)));
    }

    #[test]
    fn mailboxes_hosts_and_domains() {
        let email = |name: &str, base: &str| of(GeneralName::Email(name.into()), GeneralName::Email(base.into()));
        assert_eq!(email("a@Example.com", "a@example.com"), Relation::Inside);
        assert_eq!(email("A@example.com", "a@example.com"), Relation::Outside);
        assert_eq!(email("a@example.com", "example.com"), Relation::Inside);
        assert_eq!(email("a@x.example.com", "example.com"), Relation::Outside);
        assert_eq!(email("a@x.example.com", ".example.com"), Relation::Inside);
        assert_eq!(email("a@example.com", ".example.com"), Relation::Outside);
        assert_eq!(email("b@example.com", "*@example.com"), Relation::Outside);
        assert!(matches!(email("example.com", "example.com"), Relation::Unknown(_)));
    }

    #[test]
    fn of_a_uri_the_host_counts() {
        let uri = |name: &str, base: &str| of(GeneralName::Uri(name.into()), GeneralName::Uri(base.into()));
        assert_eq!(uri("https://u@a.example.com:8080/x", ".example.com"), Relation::Inside);
        assert_eq!(uri("https://example.com?x@evil", "example.com"), Relation::Inside);
        assert_eq!(uri("https://evil.com/example.com", "example.com"), Relation::Outside);
        assert!(matches!(uri("urn:x", "x"), Relation::Unknown(_)));
        assert!(matches!(uri("https://192.0.2.1/", "example.com"), Relation::Unknown(_)));
    }

    #[test]
    fn addresses_lie_in_networks_of_their_family() {
        let ip = |name: &[u8], base: &[u8]| of(GeneralName::Ip(name.into()), GeneralName::Ip(base.into()));
        let network = [192, 0, 2, 0, 255, 255, 255, 0];
        assert_eq!(ip(&[192, 0, 2, 9], &network), Relation::Inside);
        assert_eq!(ip(&[192, 0, 3, 9], &network), Relation::Outside);
        assert_eq!(ip(&[0; 16], &network), Relation::OtherForm);
        assert_eq!(ip(&[1, 2, 3, 4], &[0; 8]), Relation::Inside);
        assert!(matches!(ip(&[1, 2, 3, 4], &[1, 2, 3, 4, 255, 0, 255, 0]), Relation::Unknown(_)));
        assert!(matches!(ip(&[1, 2, 3], &network), Relation::Unknown(_)));
    }

    #[test]
    fn a_hostile_number_of_comparisons_ends() {
        let subtree = Subtree { base: GeneralName::Dns("a".into()), has_bounds: false };
        let constraints = NameConstraints { permitted: Vec::new(), excluded: vec![subtree; 10] };
        let mut left = 25;
        let names = vec![GeneralName::Dns("b".into()); 3];
        assert_eq!(check(&names, &constraints, &mut left), Err(Violation::Budget));
    }
}
