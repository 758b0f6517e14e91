//! Who states a verdict, and about what: the names under which others rely on it.

use std::fmt;

use super::escape::percent_encoded;
use crate::dossier::ArtifactFacts;

/// In a resource, stands for the name of the artifact.
const NAME: &str = "{name}";

/// A verifier as others know it, and the resource as which it judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    id: String,
    resource: Option<String>,
}

/// A name of a verifier or resource that is no URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadVerifier(String);

impl fmt::Display for BadVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no URI: expected a scheme, `:` and characters of RFC 3986", self.0)
    }
}

impl std::error::Error for BadVerifier {}

impl Verifier {
    /// The verifier of this URI, about the resource of this URI; in the resource `{name}` stands for the artifact's
    /// name, percent-encoded.
    ///
    /// # Errors
    /// If one is no URI (in-toto field types `TypeURI` and `ResourceURI`).
    pub fn new(id: &str, resource: Option<&str>) -> Result<Self, BadVerifier> {
        let without_place = resource.map(|resource| resource.replace(NAME, ""));
        for text in std::iter::once(id).chain(without_place.as_deref()) {
            if !is_uri(text) {
                return Err(BadVerifier(text.to_owned()));
            }
        }
        Ok(Self { id: id.to_owned(), resource: resource.map(str::to_owned) })
    }

    /// Whether the resource is another for every name: one resource for several artifacts would let one of them pass
    /// for the other.
    #[must_use]
    pub fn tells_artifacts_apart(&self) -> bool {
        self.resource.as_ref().is_none_or(|resource| resource.contains(NAME))
    }

    /// Its identifier.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The resource that an artifact is.
    pub(super) fn resource_of(&self, artifact: &ArtifactFacts) -> Option<String> {
        self.resource.as_ref().map(|resource| resource.replace(NAME, &percent_encoded(&artifact.name, "")))
    }
}

/// Whether a text is a URI, as far as its characters tell (RFC 3986 §3.1 and §2).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let in_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    let in_uri = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(in_scheme)
        && !rest.is_empty()
        && rest.chars().all(in_uri)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_uris() {
        for good in ["https://v.example/x?y#z", "pkg:pypi/a@1.0", "git+https://h/r", "urn:x:y"] {
            assert!(Verifier::new(good, Some(good)).is_ok(), "{good}");
        }
        for bad in ["", "v.example", "https:", "https://a b", "1x:y", "x:\u{202e}", "x:{y}", "x:<y>", "x:\n"] {
            assert!(Verifier::new(bad, None).is_err() && Verifier::new("x:y", Some(bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_the_resource() {
        let facts = ArtifactFacts {
            name: "../{name}?#/a b\\ü".to_owned(),
            path: String::new(),
            size: None,
            container: "data",
            digests: crate::artifact::Digests::new(),
        };
        let verifier = Verifier::new("x:y", Some("https://h/{name}")).unwrap();
        assert!(verifier.tells_artifacts_apart());
        let resource = verifier.resource_of(&facts).unwrap();
        assert_eq!(resource, "https://h/..%2F%7Bname%7D%3F%23%2Fa%20b%5C%C3%BC");
        assert!(is_uri(&resource));
        assert!(!Verifier::new("x:y", Some("https://h/one")).unwrap().tells_artifacts_apart());
    }
}
