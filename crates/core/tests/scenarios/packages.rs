//! The incidents of package registries: what a registry says of its packages, as it says it, and what came of comparing
//! a package with its repository.

use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::encoding::base64;
use countersign::time::Time;

use crate::Replay;
use crate::paths::compared;
use crate::world::{Seed, User, ago, now};

/// Every story of this file.
pub(crate) fn all(seed: Seed) -> Vec<Replay> {
    [s08(), s36(seed)].concat()
}

/// Beside each of these stories the same policy with packages in which nothing is wrong.
pub(crate) fn twins(seed: Seed) -> Vec<Replay> {
    [vec![s08_twin()], s36_twins(seed)].concat()
}

/// Packages are as well attested as before, and like their repository. They are unsigned, and no policy for production can
/// do without a signature: none of them is ever admitted, and it is the answer about the path that tells them apart.
const POLICY: &str = "schema = 1\nname = \"packages\"\n[environment.production]\nsigned.intact = \"required\"\n\
                      path.as-released = \"established\"\npath.not-downgraded = \"established\"\n\
                      path.source-compared = \"established\"\n";

/// How the registry says that a version came to it.
#[derive(Clone, Copy)]
enum How {
    /// By the token of this account.
    Account(&'static str),
    TrustedPublisher,
}

/// A version of a package, and the versions before it.
#[derive(Clone)]
struct Package {
    name: String,
    before: Vec<(&'static str, Time, How)>,
    version: &'static str,
    published: Time,
    how: How,
    deprecated: Option<&'static str>,
}

impl Package {
    fn bytes(&self) -> Vec<u8> {
        format!("{} {}", self.name, self.version).into_bytes()
    }

    /// The registry's document about the package.
    fn packument(&self) -> String {
        let sha512 = base64::encode(Digest::of(DigestAlgorithm::Sha512, &self.bytes()).as_bytes());
        let deprecated = self.deprecated.map(|why| format!(r#","deprecated":"{why}""#)).unwrap_or_default();
        let before = self.before.iter().map(|(version, _, how)| entry(version, *how, "", ""));
        let this = entry(self.version, self.how, &format!(r#""integrity":"sha512-{sha512}","#), &deprecated);
        let versions: Vec<_> = before.chain([this]).collect();
        let times = self.before.iter().map(|(version, at, _)| (*version, *at)).chain([(self.version, self.published)]);
        let times: Vec<_> = times.map(|(version, at)| format!(r#""{version}":"{at}""#)).collect();
        let (name, latest) = (&self.name, self.version);
        format!(
            r#"{{"name":"{name}","dist-tags":{{"latest":"{latest}"}},"time":{{{}}},"versions":{{{}}}}}"#,
            times.join(","),
            versions.join(",")
        )
    }

    /// What was compared, and the story of it.
    fn told(&self, id: &'static str, when: &'static str, comparison: Option<(&str, &str)>) -> Replay {
        let user = User::default().under(POLICY.to_owned()).observing(&self.packument());
        let user = match comparison {
            Some((outcome, summary)) => user.observing(&compared(&self.bytes(), outcome, summary)),
            None => user,
        };
        let verdict = user.verdict(&format!("{}.tgz", self.name), &self.bytes(), now());
        Replay { id, when: Some(when), verdict, alone: String::new(), path: true }
    }
}

fn entry(version: &str, how: How, integrity: &str, more: &str) -> String {
    let (user, attestations) = match how {
        How::Account(name) => (format!(r#"{{"name":"{name}"}}"#), ""),
        How::TrustedPublisher => (
            r#"{"name":"GitHub Actions","trustedPublisher":{"id":"github"}}"#.to_owned(),
            r#""attestations":{"url":"https://registry.npmjs.org/-/npm/v1/attestations/p"},"#,
        ),
    };
    format!(
        r#""{version}":{{"name":"p","version":"{version}","_npmUser":{user},
            "dist":{{{integrity}{attestations}"shasum":"00"}}{more}}}"#
    )
}

/// Versions by one account, and one by an account that never published it.
fn handed_over() -> Package {
    let first = How::Account("first-maintainer");
    Package {
        name: "event-stream".to_owned(),
        before: vec![("3.3.4", ago(700), first), ("3.3.5", ago(100), first)],
        version: "3.3.6",
        published: ago(60),
        how: How::Account("second-maintainer"),
        deprecated: None,
    }
}

/// event-stream: handed over to somebody who adds a dependency, whose package is not what its repository has.
fn s08() -> Vec<Replay> {
    let added = Package {
        name: "flatmap-stream".to_owned(),
        before: vec![("0.1.0", ago(62), How::Account("second-maintainer"))],
        version: "0.1.1",
        ..handed_over()
    };
    vec![
        handed_over().told("S08", "the registry's history alone", None),
        added.told(
            "S08",
            "the added dependency was compared with its repository",
            Some(("failed", "index.min.js is not made from index.js")),
        ),
    ]
}

fn s08_twin() -> Replay {
    handed_over().told("S08", "a new maintainer, a package like its repository", Some(("passed", "")))
}

/// Forty packages of nine owners, published within half an hour.
fn burst(seed: Seed, how: How) -> impl Iterator<Item = (Package, bool)> {
    (0..40_u8).map(move |number| {
        let was_attested = seed.pick(&format!("attested {number}"), 2) == 0;
        let before = if was_attested { How::TrustedPublisher } else { How::Account("owner") };
        let package = Package {
            name: format!("owner-{}-package-{number}", number % 9),
            before: vec![("1.0.0", ago(300), before), ("1.0.1", ago(40), before)],
            version: "1.0.2",
            published: ago(5).plus(i64::from(number) * 45),
            how,
            deprecated: None,
        };
        (package, was_attested)
    })
}

/// Shai-Hulud: whoever installs a package publishes the next ones, with the tokens that lie there.
fn s36(seed: Seed) -> Vec<Replay> {
    let stories = burst(seed, How::Account("owner")).flat_map(|(package, was_attested)| {
        let alone = if was_attested { "versions before were attested" } else { "versions before were not attested" };
        let added = Some(("failed", "bundle.js is not in the repository, and no tag has this version"));
        let no_tag = Some(("unknown", "no tag has this version"));
        let taken_back = Package { deprecated: Some("published by a worm"), ..package.clone() };
        vec![
            package.told("S36", alone, None),
            package.told("S36", "compared with its repository", added),
            package.told("S36", if was_attested { "attested before, and no tag" } else { "no tag" }, no_tag),
            taken_back.told("S36", "its owner took it back", Some(("passed", ""))),
        ]
    });
    stories.collect()
}

/// A release of many packages at once, out of one run.
fn s36_twins(seed: Seed) -> Vec<Replay> {
    let told = |(package, _): (Package, bool)| {
        package.told("S36", "forty packages of one release within half an hour", Some(("passed", "")))
    };
    burst(seed, How::TrustedPublisher).map(told).collect()
}
