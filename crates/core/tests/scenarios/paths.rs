//! The incidents and look-alikes that the release path decides: runs, reviews, duties, tags, rebuilds, what was released
//! and how versions before were attested. What a forge, registry or gateway recorded is written down as they write it,
//! and read by the readers of exports.

use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claims, Fact, Source, SourceNamedIn};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::Dossier;
use countersign::event::{Change, Event};
use countersign::evidence::SignatureId;
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::finding::FindingId;
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::policy::BUILT_IN;
use countersign::registry::Selector;

use crate::Replay;
use crate::workloads::Project;
use crate::world::{Registered, Seed, User, add_claims, ago, event, now, text};

/// Every story of this file.
pub(crate) fn all(seed: Seed) -> Vec<Replay> {
    let stories: [fn(&Project) -> Vec<Replay>; 23] = [
        s03, s09, s10, s25, s26, s34, s37, s39, s40, s42, s43, s44, s45, s48, s49, s51, s52, n01, n03, n04, n10, n15,
        c01,
    ];
    let project = Project::new(seed);
    stories.iter().flat_map(|story| story(&project)).collect()
}

const FILE: &str = "app.tgz";
const BYTES: &[u8] = b"the release";
/// When the releases of the stories are signed, in days before the appraisal.
const SIGNED: i64 = 5;
const OTHER: &str = "sha256:00000000000000000000000000000000000000000000000000000000000000aa";

/// Beside each of these stories the same policy with a release in which nothing is wrong.
pub(crate) fn twins(seed: Seed) -> Vec<Replay> {
    let project = Project::new(seed);
    vec![n01_without_provenance(&project), s40_twin(&project), s49_twin(&project)]
}

/// What is known of a release.
struct Release<'a> {
    project: &'a Project,
    /// Whether it is signed by the project's workflow.
    signed: bool,
    /// Whether the signature is over provenance.
    provenance: bool,
    /// The event that set off the run.
    event: &'static str,
    reference: &'static str,
    /// The documents that the user obtained.
    observed: Vec<String>,
    /// The documents that came with the release.
    given: Vec<String>,
    /// Dependencies that the provenance names: URI, algorithm, digest.
    dependencies: Vec<(&'static str, &'static str, &'static str)>,
    /// What the user expects, and who is behind accounts.
    user: User,
}

impl<'a> Release<'a> {
    /// A release in which nothing is wrong and of which only its provenance is known.
    fn of(project: &'a Project) -> Self {
        Self {
            project,
            signed: true,
            provenance: true,
            event: "push",
            reference: "refs/tags/v1.0.0",
            observed: Vec::new(),
            given: Vec::new(),
            dependencies: Vec::new(),
            user: project.user().recording(project.registered(Vec::new())),
        }
    }

    fn knowing(mut self, document: String) -> Self {
        self.observed.push(document);
        self
    }

    fn given(mut self, document: String) -> Self {
        self.given.push(document);
        self
    }

    fn under(mut self, policy: String) -> Self {
        self.user = self.user.under(policy);
        self
    }

    fn unsigned(self) -> Self {
        Self { signed: false, provenance: false, ..self }
    }

    /// Who is behind the accounts: number and person.
    fn with_people(mut self, people: &[(u32, &str)]) -> Self {
        for (number, owner) in people {
            self.user = self.user.recording(person(*number, owner));
        }
        self
    }

    fn run(&self) -> String {
        format!("{}/actions/runs/7", self.project.repository)
    }

    fn dossier(&self) -> Dossier {
        let file = |text: &String| EvidenceFile { path: "export.json".to_owned(), bytes: text.clone().into_bytes() };
        let observed = self.observed.iter().map(|text| ReadExport::observed(&file(text)).unwrap()).collect();
        let bytes = BYTES.to_vec();
        let artifact = Artifact { name: FILE.to_owned(), path: FILE.to_owned(), content: Content::File(&bytes) };
        let evidence = self.given.iter().map(file).collect();
        let material = Material { observed, evidence, ..Material::default() };
        let mut found = examine(&artifact, &material, now(), &Limits::default()).unwrap();
        if !self.signed {
            return found;
        }
        let mut run = self.project.run();
        self.reference.clone_into(&mut run.reference);
        let mut signed = run.dossier(ago(SIGNED));
        if self.provenance {
            self.add_build(&mut signed);
        }
        let is_kept = |fact: &Fact| self.provenance || matches!(fact, Fact::WorkflowIdentity(_));
        let claims = signed.claims.all().iter().filter(|claim| is_kept(&claim.fact));
        found.claims = Claims::new(claims.chain(found.claims.all()).cloned().collect());
        found.signatures = signed.signatures;
        found
    }

    fn add_build(&self, dossier: &mut Dossier) {
        let source = Source {
            repository: self.project.repository.clone(),
            reference: Some(self.reference.to_owned()),
            commit: Some("c0".to_owned()),
            branch: None,
            named_in: SourceNamedIn::Material,
        };
        let invocation = format!("{}/attempts/1", self.run());
        let mut facts = vec![
            Fact::BuiltFrom(source),
            Fact::TriggeredBy { event: self.event.to_owned() },
            Fact::BuiltIn { invocation, started: None, finished: Some(ago(SIGNED).plus(-60)) },
        ];
        facts.extend(self.dependencies.iter().map(|(uri, algorithm, digest)| Fact::DependsOn {
            uri: (*uri).to_owned(),
            digests: std::iter::once(((*algorithm).to_owned(), (*digest).to_owned())).collect(),
        }));
        add_claims(dossier, SignatureId(0), facts);
    }

    fn told(self, id: &'static str, when: Option<&'static str>) -> Replay {
        let verdict = self.user.verdict_on(self.dossier(), now());
        let alone = if self.signed { "valid" } else { "" };
        Replay { id, when, verdict, alone: alone.to_owned(), path: true }
    }
}

fn person(number: u32, owner: &str) -> Vec<Event> {
    let account = Selector::ForgeAccount { forge: text("https://github.com"), number: text(&number.to_string()) };
    let id = format!("account-{number}");
    let mut events = Registered::new(&id, vec![account]).events();
    for event in &mut events {
        if let Change::Claimed { owner: named, .. } = &mut event.change {
            *named = text(owner);
        }
    }
    events
}

fn digest() -> String {
    digest_of(BYTES)
}

fn digest_of(bytes: &[u8]) -> String {
    Digest::of(DigestAlgorithm::Sha256, bytes).to_string()
}

/// What came of comparing a file with its source.
pub(crate) fn compared(bytes: &[u8], outcome: &str, summary: &str) -> String {
    let (at, digest) = (ago(SIGNED - 1), digest_of(bytes));
    record(&format!(
        r#""tools":[{{"tool":"diffoscope","kind":"source-comparison","outcome":"{outcome}","at":"{at}",
            "digest":"{digest}","summary":"{summary}"}}]"#
    ))
}

/// What the forge recorded of a file: who published it, and whether somebody approved it before it was signed.
pub(crate) fn let_out(bytes: &[u8], approved: bool) -> String {
    let one = |duty: &str, account: u32, days: i64| {
        let (at, digest) = (ago(days), digest_of(bytes));
        let by = format!(r#"{{"realm":"https://github.com","number":"{account}","name":"user-{account}"}}"#);
        format!(r#"{{"duty":"{duty}","by":{by},"at":"{at}","digest":"{digest}"}}"#)
    };
    let approval = approved.then(|| one("approve", 1, 11));
    acts(&approval.into_iter().chain([one("publish", 2, 9)]).collect::<Vec<_>>())
}

pub(crate) fn record(lists: &str) -> String {
    format!(r#"{{"schema":"countersign/release/v1",{lists}}}"#)
}

fn run_of(project: &Project, attempt: u32, conclusion: &str, event: &str) -> String {
    let repository = project.repository.trim_start_matches("https://github.com/");
    format!(
        r#"{{"html_url":"{}/actions/runs/7","run_attempt":{attempt},"status":"completed","conclusion":"{conclusion}",
            "head_sha":"c0","event":"{event}","updated_at":"{}","repository":{{"full_name":"{repository}"}},
            "head_repository":{{"full_name":"{repository}"}}}}"#,
        project.repository,
        ago(SIGNED).plus(600),
    )
}

/// One act: duty, account, hours from the signature.
fn act(duty: &str, account: u32, hours: i64, more: &str) -> String {
    format!(
        r#"{{"duty":"{duty}","by":{{"realm":"https://github.com","number":"{account}","name":"user-{account}"}},
            "at":"{}","digest":"{}"{more}}}"#,
        ago(SIGNED).plus(hours * 3600),
        digest()
    )
}

fn acts(acts: &[String]) -> String {
    record(&format!(r#""acts":[{}]"#, acts.join(",")))
}

fn file(digest: &str, more: &str) -> String {
    record(&format!(r#""files":[{{"name":"{FILE}","digests":["{digest}"]{more}}}]"#))
}

fn rebuild(project: &Project, digest: &str) -> String {
    let repository = &project.repository;
    record(&format!(
        r#""rebuilds":[{{"repository":"{repository}","commit":"c0","name":"{FILE}","digest":"{digest}","by":"second builder"}}]"#
    ))
}

/// What the forge says of the change: its author, and who approved it.
fn pull(project: &Project, author: u32, approver: Option<u32>, merged_by: u32) -> String {
    let user = |number: u32| format!(r#"{{"login":"user-{number}","id":{number},"type":"User"}}"#);
    let review = approver.map(|by| {
        format!(
            r#"{{"user":{},"state":"APPROVED","commit_id":"c2","submitted_at":"{}"}}"#,
            user(by),
            ago(SIGNED).plus(-3600)
        )
    });
    format!(
        r#"{{"pull":{{"merge_commit_sha":"c0","merged_at":"{merged}","user":{author},"head":{{"sha":"c2"}},
            "base":{{"repo":{{"html_url":"{repository}"}}}},"commits":1,"merged_by":{merger}}},
            "reviews":[{reviews}],"commits":[{{"sha":"c2","author":{author},"committer":{author},
            "commit":{{"committer":{{"date":"{changed}"}}}}}}]}}"#,
        merged = ago(SIGNED).plus(-1800),
        author = user(author),
        repository = project.repository,
        merger = user(merged_by),
        reviews = review.unwrap_or_default(),
        changed = ago(SIGNED).plus(-7200),
    )
}

/// The registry's history: each version with its age in days and whether it was attested; the last one is this release.
fn history(versions: &[(&str, i64, &str)]) -> String {
    let last = versions.len().saturating_sub(1);
    let one = |(at, (version, days, how)): (usize, &(&str, i64, &str))| {
        let digests = if at == last { format!("\"{}\"", digest()) } else { String::new() };
        format!(
            r#"{{"package":"app","version":"{version}","published":"{}","how":"{how}","digests":[{digests}]}}"#,
            ago(*days)
        )
    };
    let versions: Vec<_> = versions.iter().enumerate().map(one).collect();
    record(&format!(r#""versions":[{}]"#, versions.join(",")))
}

/// Adobe, Bit9, Opera: the signing host signs without build or approval.
fn s03(project: &Project) -> Vec<Replay> {
    let release = Release { provenance: false, ..Release::of(project) };
    vec![release.knowing(acts(&[act("sign", 66, 0, "")])).told("S03", None)]
}

/// SolarWinds: a second builder gets something else from the same commit.
fn s09(project: &Project) -> Vec<Replay> {
    let weak = || Release { provenance: false, ..Release::of(project) };
    vec![
        weak().told("S09", Some("before the rebuild")),
        Release::of(project).knowing(rebuild(project, OTHER)).told("S09", Some("after the rebuild")),
    ]
}

/// Codecov: what is served is not what was released.
fn s10(project: &Project) -> Vec<Replay> {
    vec![Release::of(project).unsigned().knowing(format!("{}  {FILE}\n", &OTHER[7..])).told("S10", None)]
}

/// DAEMON Tools: the vendor signs components that its source does not give.
fn s25(project: &Project) -> Vec<Replay> {
    vec![
        Release::of(project)
            .knowing(rebuild(project, OTHER))
            .told("S25", Some("a component changed without its source")),
        Release::of(project)
            .knowing(acts(&[act("sign", 66, 0, ""), act("publish", 66, 1, "")]))
            .told("S25", Some("no approval")),
    ]
}

/// CPUID: the download page serves another package.
fn s26(project: &Project) -> Vec<Replay> {
    vec![Release::of(project).unsigned().knowing(file(OTHER, r#","signed":true"#)).told("S26", None)]
}

/// nx: versions with provenance, then without.
fn s34(project: &Project) -> Vec<Replay> {
    let versions = [("1.0.0", 90, "attested"), ("1.0.1", 40, "attested"), ("1.0.2", 5, "unattested")];
    let release = || Release::of(project).unsigned().knowing(history(&versions));
    vec![
        release().told("S34", None),
        release().given(explanation()).told("S34", Some("an explanation comes with the package")),
    ]
}

/// What somebody says of this release being less well attested than those before it.
fn explanation() -> String {
    let version = format!(r#""package":"app","version":"1.0.2","published":"{}""#, ago(SIGNED));
    let why = "the registry takes no attestations of this line until its publisher is set up again";
    let digest = digest();
    record(&format!(r#""versions":[{{{version},"how":"unattested","digests":["{digest}"],"explained":"{why}"}}]"#))
}

/// A release line without provenance, because of how the registry was set up: the maintainers said so, and the user
/// wrote it down.
fn line_without_provenance(project: &Project) -> Release<'_> {
    let versions =
        [("1.0.0", 90, "trusted-publisher"), ("1.0.1", 40, "trusted-publisher"), ("1.0.2", SIGNED, "unattested")];
    let release = Release { provenance: false, ..Release::of(project) };
    release.knowing(history(&versions)).knowing(explanation())
}

/// react-querybuilder: the policy asks for provenance, and nobody can have it.
fn n01(project: &Project) -> Vec<Replay> {
    vec![line_without_provenance(project).told("N01", None), n01_without_provenance(project)]
}

/// The same where the policy asks that these are the bytes that were released, and for no provenance.
fn n01_without_provenance(project: &Project) -> Replay {
    let policy = policy("path.as-released = \"established\"\n");
    let mut release = line_without_provenance(project).under(policy);
    release.user.expectations.source = None;
    release.user.expectations.builder = None;
    release.told("N01", Some("where the policy asks for no provenance"))
}

/// The built-in demands on signature and signer, and these.
pub(crate) fn policy(demands: &str) -> String {
    format!(
        "schema = 1\nname = \"story\"\n[environment.production]\nsigned.intact = \"required\"\n\
         signer.vouched = \"by-anchor\"\nsigner.not-revoked = \"established\"\nsigner.expected = \"as-given\"\n{demands}"
    )
}

const AXIOS: &str = "pkg:npm/axios@1.14.1";
const PINNED_PACKAGE: &str = "5f0b7e";
const CHECKOUT: &str = "git+https://github.com/actions/checkout@refs/tags/v4";
const PINNED_ACTION: &str = "11bd71901bbe5b1630ceea73d27597364c9af683";

/// What signs is out of reach of what is installed, and all that is installed is pinned.
fn hardened() -> String {
    let pinned = |uri: &str, digest: &str| format!("{{ uri = \"{uri}\", digest = \"{digest}\" }}");
    let package = pinned("pkg:npm/axios@*", &format!("sha512:{PINNED_PACKAGE}"));
    let action = pinned("git+https://github.com/actions/checkout@*", &format!("gitCommit:{PINNED_ACTION}"));
    policy(&format!(
        "path.provenance = \"verified\"\npath.source = \"as-given\"\npath.builder = \"as-given\"\n\
         path.separate-or-isolated = [\"build\", \"sign\"]\npath.dependencies = [{package}, {action}]\n"
    ))
}

/// A release by a job that somebody hardened: a gateway signs what another person approved.
fn of_hardened_job(project: &Project) -> Release<'_> {
    let signed_apart = acts(&[act("approve", 2, -1, ""), act("sign", 66, 0, "")]);
    let dependencies = vec![(AXIOS, "sha512", PINNED_PACKAGE), (CHECKOUT, "gitCommit", PINNED_ACTION)];
    let release = Release { dependencies, ..Release::of(project) };
    release.with_people(&[(2, "Kim"), (66, "Lee")]).knowing(signed_apart).under(hardened())
}

/// OpenAI: the job that holds the signing key installs packages from the internet, and an action by a floating tag.
fn s40(project: &Project) -> Vec<Replay> {
    let told = |mut release: Release<'_>, when| {
        // It was told weeks later that the key lay open.
        let exposed = Change::Compromised { since: ago(60) };
        release.user = release.user.recording(vec![event("release", ago(1), "olga", exposed)]);
        release.told("S40", Some(when))
    };
    let one_job = Release { observed: Vec::new(), ..of_hardened_job(project) };
    let package = vec![(AXIOS, "sha512", "bad0"), (CHECKOUT, "gitCommit", PINNED_ACTION)];
    let action = vec![(AXIOS, "sha512", PINNED_PACKAGE), (CHECKOUT, "gitCommit", "bad0")];
    vec![
        told(one_job, "one job installs, builds and signs"),
        told(Release { dependencies: package, ..of_hardened_job(project) }, "another package than the pinned one"),
        told(Release { dependencies: action, ..of_hardened_job(project) }, "the tag of an action was moved"),
    ]
}

fn s40_twin(project: &Project) -> Replay {
    of_hardened_job(project).told("S40", Some("a gateway signs, and all that is installed is pinned"))
}

/// The built-in policy with waivers of provenance for this file.
fn waiving(granted: &str, expires: &str, more: &str) -> String {
    let waiver = |requirement: &str| {
        format!(
            "[[waiver]]\nid = \"INC-{requirement}\"\nrequirement = \"{requirement}\"\nartifact = \"{}\"\n\
             reason = \"rebuilt next week\"\ngranted = {granted}\nexpires = {expires}\n{more}\n",
            digest()
        )
    };
    ["provenance", "source", "builder"].iter().fold(BUILT_IN.to_owned(), |policy, id| policy + "\n" + &waiver(id))
}

const ANSWERED_FOR: &str = "owner = \"jo@acme.example\"\napproved_by = [\"kim@acme.example\"]\n";

/// A release without provenance, and waivers that excuse nothing.
fn s49(project: &Project) -> Vec<Replay> {
    let told = |policy, when, finding: Option<FindingId>| {
        let release = Release { provenance: false, ..Release::of(project) };
        let story = release.under(policy).told("S49", Some(when));
        let is_said = |wanted| story.verdict.findings.iter().any(|finding| finding.id == wanted);
        assert!(finding.is_none_or(is_said), "{when}: {:?}", story.verdict.findings);
        story
    };
    let lab = format!("{ANSWERED_FOR}environment = \"lab\"\n");
    let (expired, later) = (FindingId::WaiverExpired, FindingId::WaiverNotYetInForce);
    vec![
        told(waiving("2026-01-01", "2026-11-01", ANSWERED_FOR), "expired", Some(expired)),
        told(waiving("2026-12-01", "2026-12-31", ANSWERED_FOR), "granted for later", Some(later)),
        told(waiving("2026-11-01", "2026-12-31", &lab), "granted for the lab", None),
    ]
}

/// Waivers that are none: the kind, what the policy is refused for, and the policy.
pub(crate) fn broken_waivers() -> [(&'static str, &'static str, String); 4] {
    let until_christmas = |more: &str| waiving("2026-11-01", "2026-12-24", more);
    let own = ANSWERED_FOR.replace("kim", "Jo+release");
    [
        ("nobody owns it", "a waiver lacks `owner`", until_christmas("approved_by = [\"kim@acme.example\"]\n")),
        ("nobody approved it", "a waiver lacks `approved_by`", until_christmas("owner = \"jo@acme.example\"\n")),
        ("its owner approved it", "approve", until_christmas(&own)),
        ("for longer than a year", "more than 366 days", waiving("2026-01-01", "2027-12-31", ANSWERED_FOR)),
    ]
}

fn s49_twin(project: &Project) -> Replay {
    let release = Release { provenance: false, ..Release::of(project) };
    let policy = waiving("2026-11-01", "2026-12-31", ANSWERED_FOR);
    release.under(policy).told("S49", Some("a waiver that another approved, in its time"))
}

/// Trivy: tags are moved to other commits.
fn s37(project: &Project) -> Vec<Replay> {
    let mut release = Release::of(project).knowing(tag(project, "c9", r#","before":["c0"]"#));
    let overdue = vec![countersign::event::Field::RotationDue(ago(20))];
    release.user = project.user().recording(project.registered(overdue));
    vec![release.told("S37", Some("tag moved by force"))]
}

fn tag(project: &Project, commit: &str, more: &str) -> String {
    let repository = &project.repository;
    record(&format!(r#""tags":[{{"repository":"{repository}","tag":"refs/tags/v1.0.0","commit":"{commit}"{more}}}]"#))
}

/// axios: both lines at once, without provenance.
fn s39(project: &Project) -> Vec<Replay> {
    let current =
        [("1.13.0", 60, "trusted-publisher"), ("1.14.0", 30, "trusted-publisher"), ("1.14.1", 5, "unattested")];
    let old = [("0.30.3", 60, "trusted-publisher"), ("1.14.0", 30, "trusted-publisher"), ("0.30.4", 5, "unattested")];
    let told = |versions, when| Release::of(project).unsigned().knowing(history(versions)).told("S39", Some(when));
    vec![told(&current, "current line"), told(&old, "older line")]
}

/// TanStack: valid provenance out of a run that failed.
fn s42(project: &Project) -> Vec<Replay> {
    vec![
        Release::of(project).knowing(run_of(project, 1, "failure", "push")).told("S42", Some("the run failed")),
        Release::of(project).knowing(run_of(project, 1, "cancelled", "push")).told("S42", Some("the run was stopped")),
    ]
}

/// AntV: hundreds of packages by a stolen account.
fn s43(project: &Project) -> Vec<Replay> {
    let versions = [("4.9.0", 200, "attested"), ("4.9.1", 5, "unattested")];
    vec![Release::of(project).unsigned().knowing(history(&versions)).told("S43", None)]
}

/// keyv: the project's own workflow signs a commit that nobody reviewed.
fn s44(project: &Project) -> Vec<Replay> {
    let release =
        || Release::of(project).with_people(&[(1, "Jo"), (2, "Jo")]).knowing(run_of(project, 1, "success", "push"));
    vec![
        release().knowing(pull(project, 1, None, 1)).told("S44", Some("no approval, author merges")),
        release().knowing(pull(project, 1, Some(2), 1)).told("S44", Some("approved by the author's other account")),
    ]
}

/// openapi-react-query-codegen: a comment publishes.
fn s45(project: &Project) -> Vec<Replay> {
    let commented = || Release { event: "issue_comment", reference: "refs/tags/v1.0.0", ..Release::of(project) };
    vec![
        commented().told("S45", Some("the certificate names the event")),
        commented().knowing(run_of(project, 1, "success", "issue_comment")).told("S45", Some("and so does the forge")),
    ]
}

/// One person asks for a signature and approves it, or approves afterwards.
fn s48(project: &Project) -> Vec<Replay> {
    let people = [(1, "Jo"), (2, "Kim"), (3, "Jo")];
    let with = |list: &[String]| Release::of(project).with_people(&people).knowing(acts(list));
    vec![
        with(&[act("approve", 1, -2, ""), act("sign", 1, 0, "")]).told("S48", Some("one account")),
        with(&[act("approve", 1, -2, ""), act("sign", 3, 0, "")]).told("S48", Some("two accounts of one person")),
        with(&[act("sign", 1, 0, ""), act("approve", 2, 5, "")]).told("S48", Some("approved after signing")),
    ]
}

/// Changed after it was signed.
fn s51(project: &Project) -> Vec<Replay> {
    let told = |document: String, when| Release::of(project).unsigned().knowing(document).told("S51", Some(when));
    vec![
        told(file(OTHER, ""), "packed again"),
        told(file(OTHER, r#","signed":true"#), "signature stripped"),
        told(file(&digest(), r#","withdrawn":"tag moved""#), "taken back"),
    ]
}

/// Another builder than expected.
fn s52(project: &Project) -> Vec<Replay> {
    let mut release = Release::of(project);
    release.user.expectations.builder = Some(format!("{}/.github/workflows/build.yml", project.repository));
    release.user.expectations.signer = Some(format!("{}/.github/workflows/build.yml@refs/tags/*", project.repository));
    vec![release.told("S52", Some("another workflow builds and signs"))]
}

/// A failed run, and a later one of the same tag that published.
fn n03(project: &Project) -> Vec<Replay> {
    let failed = run_of(project, 1, "failure", "push").replace("runs/7", "runs/6");
    let release = Release::of(project).knowing(failed).knowing(run_of(project, 1, "success", "push"));
    vec![release.told("N03", None)]
}

/// A monorepo releases many packages out of one run.
fn n04(project: &Project) -> Vec<Replay> {
    let versions = [("1.0.0", 90, "trusted-publisher"), ("1.0.1", 5, "trusted-publisher")];
    let release = Release::of(project).knowing(run_of(project, 1, "success", "push")).knowing(history(&versions));
    vec![release.told("N04", None)]
}

/// A hot-fix at night: approved in an emergency, and again by another.
fn n10(project: &Project) -> Vec<Replay> {
    let list = [act("approve", 1, -1, r#","emergency":true"#), act("publish", 3, 1, ""), act("approve", 2, 8, "")];
    let release = Release::of(project).with_people(&[(1, "Jo"), (2, "Kim"), (3, "Lee")]).knowing(acts(&list));
    vec![release.told("N10", None)]
}

/// The floating tag of an action moves on purpose.
fn n15(project: &Project) -> Vec<Replay> {
    let floating = tag(project, "c9", r#","before":["c0"],"floating":true"#);
    vec![Release::of(project).knowing(floating).told("N15", None)]
}

/// Everything is known, and nothing speaks against it.
fn c01(project: &Project) -> Vec<Replay> {
    let people = [(1, "Jo"), (2, "Kim"), (3, "Lee")];
    let release = Release::of(project)
        .with_people(&people)
        .knowing(run_of(project, 1, "success", "push"))
        .knowing(pull(project, 1, Some(2), 2))
        .knowing(acts(&[act("approve", 2, -1, ""), act("publish", 3, 1, "")]))
        .knowing(file(&digest(), ""))
        .knowing(rebuild(project, &digest()))
        .knowing(history(&[("1.0.0", 90, "attested"), ("1.0.1", 4, "trusted-publisher")]));
    vec![release.told("C01", Some("the whole path is known"))]
}
