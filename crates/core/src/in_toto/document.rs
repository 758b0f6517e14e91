//! Layouts and links as they are written (in-toto specification v1.0, §4.3 and §4.4).

use std::collections::BTreeMap;

use super::key;
use crate::crypto::PublicKey;
use crate::encoding::json::{Cursor, FieldError, Json, Problem};
use crate::encoding::pem;
use crate::encoding::x509::Certificate;
use crate::time::Time;

/// Steps of a layout. The largest published ones have about ten.
const MAX_STEPS: usize = 256;

/// Rules of one step.
const MAX_RULES: usize = 1_024;

/// Paths and the digests of what stands there, algorithm to lower-case hexadecimal.
pub(super) type Artifacts = BTreeMap<String, BTreeMap<String, String>>;

/// Who may do what, and in which order.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    pub(super) expires: Time,
    pub(super) steps: Vec<Step>,
    /// Names of the inspections: commands that a verifier would run.
    pub(super) inspections: Vec<String>,
    pub(super) intermediates: Vec<Certificate>,
}

/// One step of the supply chain.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) name: String,
    /// Functionaries that must agree.
    pub(super) threshold: usize,
    pub(super) functionaries: Vec<PublicKey>,
    /// Functionaries that are known by their certificates.
    pub(super) constraints: Vec<CertificateConstraint>,
    pub(super) materials: Vec<Rule>,
    pub(super) products: Vec<Rule>,
}

/// What a functionary's certificate must say. `*` permits anything, and no list nothing at all.
#[derive(Clone, Debug)]
pub(super) struct CertificateConstraint {
    pub(super) common_name: String,
    pub(super) dns_names: Vec<String>,
    pub(super) emails: Vec<String>,
    pub(super) organizations: Vec<String>,
    pub(super) uris: Vec<String>,
    /// The roots that may vouch, of those in the layout.
    pub(super) roots: Vec<Certificate>,
}

/// A rule about the artifacts of a step (§4.3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Create(String),
    Delete(String),
    Modify(String),
    Allow(String),
    Disallow(String),
    Require(String),
    Match(Match),
}

/// `MATCH pattern [IN prefix] WITH (MATERIALS|PRODUCTS) [IN prefix] FROM step`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) pattern: String,
    pub(super) source_prefix: String,
    /// Whether the products of the other step are meant; else its materials.
    pub(super) with_products: bool,
    pub(super) destination_prefix: String,
    pub(super) step: String,
}

/// What somebody says to have done in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) step: String,
    pub(super) materials: Artifacts,
    pub(super) products: Artifacts,
}

impl Layout {
    pub(super) fn read(document: &Json) -> Result<Self, FieldError> {
        let place = Cursor::new(document);
        let expires = place.field("expires")?;
        let keys = objects(&place, "keys", |key| key::read(key).map(Some))?;
        let roots = objects(&place, "rootcas", certificate)?;
        let steps = place.list("steps")?;
        if steps.len() > MAX_STEPS {
            return Err(place.error(Problem::BadValue("a layout of at most 256 steps")));
        }
        let steps: Vec<Step> = steps.iter().map(|step| Step::read(step, &keys, &roots)).collect::<Result<_, _>>()?;
        let names: std::collections::BTreeSet<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        if names.len() != steps.len() {
            return Err(place.error(Problem::BadValue("a layout whose steps have different names")));
        }
        let inspections = place.list("inspect")?;
        Ok(Self {
            expires: time(&expires)?,
            steps,
            inspections: inspections.iter().map(|item| text(item, "name")).collect::<Result<_, _>>()?,
            intermediates: objects(&place, "intermediatecas", certificate)?.into_values().collect(),
        })
    }
}

fn time(place: &Cursor<'_>) -> Result<Time, FieldError> {
    let text = place.text()?;
    // Unix seconds are no date of in-toto's, though our own reader takes them.
    let written = text.parse().ok().filter(|_| text.contains('T'));
    written.ok_or_else(|| place.error(Problem::BadValue("an instant of RFC 3339")))
}

fn text(place: &Cursor<'_>, name: &str) -> Result<String, FieldError> {
    Ok(place.field(name)?.text()?.to_owned())
}

/// The members of an object of this name, read one by one; nothing if it is not there.
fn objects<T>(
    place: &Cursor<'_>,
    name: &str,
    read: impl Fn(&Cursor<'_>) -> Result<Option<T>, FieldError>,
) -> Result<BTreeMap<String, T>, FieldError> {
    let Some(place) = place.optional(name)? else { return Ok(BTreeMap::new()) };
    let members = place.value().as_object().ok_or_else(|| place.error(Problem::WrongType("object")))?;
    let mut found = BTreeMap::new();
    for id in members.keys() {
        if let Some(value) = read(&place.field(id)?)? {
            found.insert(id.clone(), value);
        }
    }
    Ok(found)
}

fn certificate(place: &Cursor<'_>) -> Result<Option<Certificate>, FieldError> {
    let text = place.field("keyval")?.field("certificate")?;
    let found = pem::certificates(text.text()?.as_bytes()).ok().and_then(|list| list.into_iter().next());
    found.map(Some).ok_or_else(|| text.error(Problem::BadValue("a certificate")))
}

impl Step {
    fn read(
        place: &Cursor<'_>,
        keys: &BTreeMap<String, PublicKey>,
        roots: &BTreeMap<String, Certificate>,
    ) -> Result<Self, FieldError> {
        let threshold = place.field("threshold")?;
        let count = usize::try_from(threshold.integer()?).ok().filter(|count| *count > 0);
        let key_of = |id: &Cursor<'_>| {
            let known = keys.get(id.text()?).cloned();
            known.ok_or_else(|| id.error(Problem::BadValue("the id of a key in the layout")))
        };
        let constraints = place.list("cert_constraints")?;
        Ok(Self {
            name: text(place, "name")?,
            threshold: count.ok_or_else(|| threshold.error(Problem::BadValue("a number of at least one")))?,
            functionaries: place.list("pubkeys")?.iter().map(key_of).collect::<Result<_, _>>()?,
            constraints: constraints
                .iter()
                .map(|constraint| CertificateConstraint::read(constraint, roots))
                .collect::<Result<_, _>>()?,
            materials: rules(place, "expected_materials")?,
            products: rules(place, "expected_products")?,
        })
    }
}

impl CertificateConstraint {
    fn read(place: &Cursor<'_>, known: &BTreeMap<String, Certificate>) -> Result<Self, FieldError> {
        let ids = texts(place, "roots")?;
        let permitted = |id: &String| ids.iter().any(|permitted| permitted == id || permitted == "*");
        Ok(Self {
            common_name: text(place, "common_name")?,
            dns_names: texts(place, "dns_names")?,
            emails: texts(place, "emails")?,
            organizations: texts(place, "organizations")?,
            uris: texts(place, "uris")?,
            roots: known.iter().filter(|(id, _)| permitted(id)).map(|(_, root)| root.clone()).collect(),
        })
    }
}

fn texts(place: &Cursor<'_>, name: &str) -> Result<Vec<String>, FieldError> {
    place.list(name)?.iter().map(|item| item.text().map(str::to_owned)).collect()
}

fn rules(place: &Cursor<'_>, name: &str) -> Result<Vec<Rule>, FieldError> {
    let list = place.list(name)?;
    if list.len() > MAX_RULES {
        return Err(place.error(Problem::BadValue("a step of at most 1,024 rules")));
    }
    list.iter().map(Rule::read).collect()
}

impl Rule {
    fn read(place: &Cursor<'_>) -> Result<Self, FieldError> {
        let words = place.items()?;
        let words: Vec<&str> = words.iter().map(Cursor::text).collect::<Result<_, _>>()?;
        Self::of(&words).ok_or_else(|| place.error(Problem::BadValue("a rule of in-toto")))
    }

    /// Key words may be of either case, as the reference implementation reads them.
    fn of(words: &[&str]) -> Option<Self> {
        let (keyword, rest) = words.split_first()?;
        let keyword = keyword.to_ascii_uppercase();
        if keyword == "MATCH" {
            return Match::of(rest).map(Self::Match);
        }
        let [pattern] = rest else { return None };
        let pattern = (*pattern).to_owned();
        Some(match keyword.as_str() {
            "CREATE" => Self::Create(pattern),
            "DELETE" => Self::Delete(pattern),
            "MODIFY" => Self::Modify(pattern),
            "ALLOW" => Self::Allow(pattern),
            "DISALLOW" => Self::Disallow(pattern),
            "REQUIRE" => Self::Require(pattern),
            _ => return None,
        })
    }
}

impl Match {
    fn of(words: &[&str]) -> Option<Self> {
        let is = |word: &str, keyword: &str| word.eq_ignore_ascii_case(keyword);
        let (pattern, rest) = words.split_first()?;
        let (source_prefix, rest) = prefix(rest);
        let (with, rest) = rest.split_first()?;
        let (what, rest) = rest.split_first()?;
        let (destination_prefix, rest) = prefix(rest);
        let [from, step] = rest else { return None };
        let with_products = is(what, "PRODUCTS");
        let known = is(with, "WITH") && is(from, "FROM") && (with_products || is(what, "MATERIALS"));
        known.then(|| Self {
            pattern: (*pattern).to_owned(),
            source_prefix: directory(source_prefix),
            with_products,
            destination_prefix: directory(destination_prefix),
            step: (*step).to_owned(),
        })
    }
}

/// `IN prefix`, where it stands.
fn prefix<'a>(words: &'a [&'a str]) -> (&'a str, &'a [&'a str]) {
    match words {
        [keyword, prefix, rest @ ..] if keyword.eq_ignore_ascii_case("IN") => (prefix, rest),
        _ => ("", words),
    }
}

/// A prefix always ends a part of a path.
fn directory(prefix: &str) -> String {
    if prefix.is_empty() { String::new() } else { format!("{}/", prefix.trim_end_matches('/')) }
}

impl Link {
    pub(super) fn read(document: &Json) -> Result<Self, FieldError> {
        let place = Cursor::new(document);
        Ok(Self {
            step: text(&place, "name")?,
            materials: artifacts(&place, "materials")?,
            products: artifacts(&place, "products")?,
        })
    }
}

fn artifacts(place: &Cursor<'_>, name: &str) -> Result<Artifacts, FieldError> {
    objects(place, name, |artifact| {
        let digest = |value: &Cursor<'_>| Ok(Some(value.text()?.to_ascii_lowercase()));
        let members = artifact.value().as_object().ok_or_else(|| artifact.error(Problem::WrongType("object")))?;
        let digests = members.keys().map(|algorithm| Ok((algorithm.clone(), digest(&artifact.field(algorithm)?)?)));
        let digests: Vec<(String, Option<String>)> = digests.collect::<Result<_, FieldError>>()?;
        Ok(Some(digests.into_iter().filter_map(|(algorithm, value)| Some((algorithm, value?))).collect()))
    })
}

#[cfg(test)]
mod tests {
    use super::{Match, Rule};

    #[test]
    fn rules_are_read_as_the_specification_writes_them() {
        let full = ["match", "*.c", "IN", "src/", "WITH", "products", "IN", "out", "FROM", "checkout"];
        let expected = Match {
            pattern: "*.c".to_owned(),
            source_prefix: "src/".to_owned(),
            with_products: true,
            destination_prefix: "out/".to_owned(),
            step: "checkout".to_owned(),
        };
        assert_eq!(Rule::of(&full), Some(Rule::Match(expected)));
        assert_eq!(Rule::of(&["ALLOW", "*"]), Some(Rule::Allow("*".to_owned())));
    }

    #[test]
    fn what_is_no_rule_is_refused() {
        for words in [
            &["ALLOW"][..],
            &["ALLOW", "a", "b"],
            &["PERMIT", "*"],
            &[],
            &["MATCH", "*"],
            &["MATCH", "*", "WITH", "RESULTS", "FROM", "x"],
            &["MATCH", "*", "WITH", "PRODUCTS", "FROM"],
            &["MATCH", "*", "IN", "WITH", "PRODUCTS", "FROM", "x"],
        ] {
            assert_eq!(Rule::of(words), None, "{words:?}");
        }
    }
}
