//! Hints: names under which an identity could be imitated, and products that it is expected to sign.
//!
//! A name never makes a signature one of an identity. It only makes the registry speak up: a valid signature
//! that bears the name of a registered repository without its numbers is by somebody who took the name over.
//! A store keeps these beside the keys of selectors, so that it loads whoever could have something to say.

use std::collections::BTreeSet;

use super::drift::{Seen, without_reference};
use super::matching::{is_vouched_for, selectors_of_statement};
use super::{Binding, Identity, Product, Registry, Selector};
use crate::claim::{Claims, Fact};
use crate::dossier::Dossier;
use crate::evidence::Signature;
use crate::policy::Expectations;
use crate::time::Time;

/// Most characters of a pattern's beginning that stand in the index; longer ones are told apart afterwards.
const MAX_PREFIX: usize = 32;

/// The names that a signature bears, as keys.
fn names_of(signature: &Signature, claims: &Claims) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    if !is_vouched_for(signature) {
        return keys;
    }
    let seen = Seen::of(signature, claims);
    keys.extend(seen.name("source-repository-uri").map(repository));
    let workflows = ["build-signer-uri", "build-config-uri"].into_iter().filter_map(|name| seen.name(name));
    let san = signature.signer.san.iter().map(String::as_str);
    keys.extend(workflows.chain(san.clone()).map(without_reference).map(workflow));
    if signature.signer.oidc_issuer.is_some() {
        keys.extend(san.filter(|name| name.contains('@')).map(account));
    }
    keys
}

// Providers take names in any case, and addresses too: what imitates a name may differ in that alone.

fn repository(uri: &str) -> String {
    format!("name|repository|{}", uri.to_lowercase())
}

fn workflow(address: &str) -> String {
    format!("name|workflow|{}", address.to_lowercase())
}

fn account(email: &str) -> String {
    format!("name|account|{}", email.to_lowercase())
}

/// The names that a binding protects. A workflow of somebody else, such as a shared builder, is not its own.
fn names_of_binding(binding: &Binding) -> Vec<String> {
    let Some(own) = &binding.repository else { return Vec::new() };
    let inside = format!("{}/", own.as_str());
    let workflows = [&binding.workflow, &binding.signer].into_iter().flatten();
    let of_own = workflows.filter(|address| address.as_str().starts_with(&inside));
    std::iter::once(repository(own.as_str())).chain(of_own.map(|address| workflow(address.as_str()))).collect()
}

impl Identity {
    /// The names under which it could be imitated, as keys.
    fn names(&self) -> BTreeSet<String> {
        let bindings = self.bindings.iter().filter(|binding| binding.approved.is_some());
        let mut keys: BTreeSet<String> = bindings.flat_map(|binding| names_of_binding(&binding.what)).collect();
        keys.extend(self.credentials.iter().filter_map(|credential| match &credential.selector {
            Selector::Account { email, .. } => Some(account(email.as_str())),
            _ => None,
        }));
        keys
    }

    /// Every key that a store must find it by: its selectors, its names, and the products it is expected to
    /// sign.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<String> {
        let mut keys = self.names();
        keys.extend(self.credentials.iter().map(|credential| credential.selector.key()));
        keys.extend(self.expected().map(key_of_product));
        keys
    }
}

impl Registry {
    /// The identities whose name a signature bears without being of them.
    #[must_use]
    pub fn namesakes(&self, signature: &Signature, claims: &Claims) -> Vec<&Identity> {
        if self.is_empty() || !self.matching(signature, claims).is_none() {
            return Vec::new();
        }
        let mut found: Vec<&Identity> = Vec::new();
        for key in names_of(signature, claims) {
            for identity in self.of_key(&key) {
                if !found.iter().any(|known| known.id == identity.id) {
                    found.push(identity);
                }
            }
        }
        found
    }

    /// The identities that are expected to sign a file of this name, or one of these packages.
    #[must_use]
    pub fn expecting(&self, file: &str, packages: &[&str]) -> Vec<&Identity> {
        if self.is_empty() {
            return Vec::new();
        }
        let of_file = prefixes("file", file).into_iter();
        let of_packages = packages.iter().flat_map(|package| prefixes("package", package));
        let mut found: Vec<&Identity> = Vec::new();
        for key in of_file.chain(of_packages).collect::<BTreeSet<_>>() {
            for identity in self.of_key(&key) {
                let expects = || identity.expects(file, packages);
                if !found.iter().any(|known| known.id == identity.id) && expects() {
                    found.push(identity);
                }
            }
        }
        found
    }
}

impl Identity {
    /// Whether it is expected to sign a file of this name, or one of these packages.
    #[must_use]
    pub fn expects(&self, file: &str, packages: &[&str]) -> bool {
        self.expected().any(|product| is_meant(product, file, packages))
    }

    /// Since when it is expected to sign a file of this name, or one of these packages.
    pub(super) fn expected_since(&self, file: &str, packages: &[&str]) -> Option<Time> {
        let meant = self.products.iter().filter(|product| is_meant(&product.what, file, packages));
        meant.filter_map(|product| product.approved.as_ref().map(|approval| approval.at)).min()
    }
}

fn is_meant(product: &Product, file: &str, packages: &[&str]) -> bool {
    product.is_file(file) || packages.iter().any(|package| product.is_package(package))
}

/// The part of a pattern before its first `*`: what everything that fits begins with.
fn key_of_product(product: &Product) -> String {
    let (kind, pattern) = match product {
        Product::File(pattern) => ("file", pattern),
        Product::Package(pattern) => ("package", pattern),
    };
    let beginning = pattern.as_str().split('*').next().unwrap_or_default();
    product_key(kind, &beginning.chars().take(MAX_PREFIX).collect::<String>())
}

/// The keys of all patterns that could fit this name.
fn prefixes(kind: &str, name: &str) -> Vec<String> {
    let ends = name.char_indices().map(|(end, _)| end).chain([name.len()]).take(MAX_PREFIX.saturating_add(1));
    ends.filter_map(|end| name.get(..end)).map(|beginning| product_key(kind, beginning)).collect()
}

fn product_key(kind: &str, beginning: &str) -> String {
    format!("product|{kind}|{beginning}")
}

/// The keys of everything that a registry could have to say about a signature.
#[must_use]
pub fn keys_of(signature: &Signature, claims: &Claims) -> Vec<String> {
    let selectors = selectors_of_statement(signature, claims).into_iter().map(|selector| selector.key());
    let packages = packages_of(signature, claims);
    let products = packages.iter().flat_map(|package| prefixes("package", package));
    let keys: BTreeSet<String> = selectors.chain(names_of(signature, claims)).chain(products).collect();
    keys.into_iter().collect()
}

/// The keys of everything that a registry could have to say about an artifact: what a store must load to
/// judge it.
#[must_use]
pub fn keys_of_artifact(dossier: &Dossier, expectations: &Expectations) -> BTreeSet<String> {
    let mut keys: BTreeSet<String> = prefixes("file", &dossier.artifact.name).into_iter().collect();
    keys.extend(expectations.package.iter().flat_map(|package| prefixes("package", package)));
    keys.extend(dossier.signatures.iter().flat_map(|signature| keys_of(signature, &dossier.claims)));
    let actors = dossier.claims.all().iter().flat_map(|claim| claim.fact.actors());
    keys.extend(actors.filter_map(|actor| actor.selector()).map(|selector| selector.key()));
    keys
}

/// The packages that a signature says, and is believed, the artifact was published as.
pub(crate) fn packages_of<'a>(signature: &Signature, claims: &'a Claims) -> Vec<&'a str> {
    let of_signature = claims.verified().filter(|claim| claim.evidence == signature.id);
    let packages = of_signature.filter_map(|claim| match &claim.fact {
        Fact::PublishedAs { package, .. } => Some(package.as_str()),
        _ => None,
    });
    packages.collect()
}
