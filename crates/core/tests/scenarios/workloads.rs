//! The incidents and look-alikes about workloads that sign through an OpenID Connect provider. What examination finds
//! in such a signature is written down here: the identity behind it is what these stories are about.

use std::collections::BTreeMap;

use countersign::claim::{Claims, Fact, Source, SourceNamedIn};
use countersign::crypto::{Digest, DigestAlgorithm};
use countersign::dossier::{ArtifactFacts, Dossier};
use countersign::event::{Change, Event, Field};
use countersign::evidence::SignatureId;
use countersign::material::MaterialDates;
use countersign::registry::{Binding, Selector};
use countersign::time::Time;

use crate::Replay;
use crate::world::{GITHUB, RECORDED, Registered, Seed, User, add_claims, ago, event, now, text, workload_signature};

/// Every story of this file.
pub(crate) fn all(seed: Seed) -> Vec<Replay> {
    let stories: [fn(&Project) -> Vec<Replay>; 4] = [s37, s50, s52, n08];
    let project = Project::new(seed);
    stories.iter().flat_map(|story| story(&project)).collect()
}

/// A project that releases by a workflow.
pub(crate) struct Project {
    owner: String,
    pub(crate) repository: String,
    repository_id: String,
    owner_id: String,
}

/// What a certificate says about the run that signed.
#[derive(Clone)]
pub(crate) struct Run {
    issuer: String,
    pub(crate) workflow: String,
    pub(crate) reference: String,
    repository: String,
    repository_id: String,
    owner_id: String,
    runner: String,
}

impl Project {
    pub(crate) fn new(seed: Seed) -> Self {
        let owner = seed.word("owner").to_lowercase().replace(' ', "-");
        let repository = format!("https://github.com/{owner}/app");
        let number = |purpose| (seed.pick(purpose, 900_000) + 1_000).to_string();
        Self { owner, repository, repository_id: number("repository id"), owner_id: number("owner id") }
    }

    pub(crate) fn run(&self) -> Run {
        Run {
            issuer: GITHUB.to_owned(),
            workflow: format!("{}/.github/workflows/release.yml", self.repository),
            reference: "refs/tags/v1.0.0".to_owned(),
            repository: self.repository.clone(),
            repository_id: self.repository_id.clone(),
            owner_id: self.owner_id.clone(),
            runner: "github-hosted".to_owned(),
        }
    }

    fn selector(&self) -> Selector {
        Selector::Workload {
            issuer: text(GITHUB),
            repository_id: text(&self.repository_id),
            owner_id: text(&self.owner_id),
        }
    }

    fn binding(&self, workflow: &str, from: Time) -> Binding {
        Binding {
            issuer: Some(text(GITHUB)),
            owner_id: Some(text(&self.owner_id)),
            repository_id: Some(text(&self.repository_id)),
            repository: Some(text(&self.repository)),
            workflow: Some(text(workflow)),
            signer: Some(text(workflow)),
            references: vec![text("refs/tags/v*")],
            runner: Some(text("github-hosted")),
            ..Binding::open(from)
        }
    }

    pub(crate) fn registered(&self, further: Vec<Field>) -> Vec<Event> {
        let binding = self.binding(&self.run().workflow, ago(RECORDED + 1));
        Registered { binding: Some(binding), further, ..Registered::new("release", vec![self.selector()]) }.events()
    }

    /// A user who says who signs, from what and by what it is built.
    pub(crate) fn user(&self) -> User {
        let mut user = User::default();
        user.expectations.signer = Some(format!("{}@refs/tags/*", self.run().workflow));
        user.expectations.issuer = Some(GITHUB.to_owned());
        user.expectations.source = Some(self.repository.clone());
        user.expectations.builder = Some(self.run().workflow);
        user
    }
}

impl Run {
    pub(crate) fn dossier(&self, signed: Time) -> Dossier {
        let digest = Digest::of(DigestAlgorithm::Sha256, b"app");
        let builder = format!("{}@{}", self.workflow, self.reference);
        let mut signature = workload_signature(&builder, signed);
        signature.signer.oidc_issuer = Some(self.issuer.clone());
        let mut dossier = Dossier {
            artifact: ArtifactFacts {
                name: "app.tgz".to_owned(),
                path: "app.tgz".to_owned(),
                size: Some(3),
                container: "data",
                digests: std::iter::once((DigestAlgorithm::Sha256, digest)).collect(),
            },
            signatures: vec![signature],
            claims: Claims::default(),
            findings: Vec::new(),
            evidence: Vec::new(),
            layout: None,
            exports: Vec::new(),
            material: MaterialDates::default(),
        };
        let names: BTreeMap<String, String> = [
            ("issuer", &self.issuer),
            ("source-repository-uri", &self.repository),
            ("source-repository-identifier", &self.repository_id),
            ("source-repository-owner-identifier", &self.owner_id),
            ("source-repository-ref", &self.reference),
            ("build-signer-uri", &builder),
            ("build-config-uri", &builder),
            ("runner-environment", &self.runner),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.clone()))
        .collect();
        let source = Source {
            repository: self.repository.clone(),
            reference: Some(self.reference.clone()),
            commit: None,
            branch: None,
            named_in: SourceNamedIn::Certificate,
        };
        let facts = vec![
            Fact::WorkflowIdentity(names),
            Fact::BuiltBy { builder: builder.clone(), build_type: None, graded: None },
            Fact::BuiltFrom(source),
            Fact::RanOn { environment: self.runner.clone() },
        ];
        add_claims(&mut dossier, SignatureId(0), facts);
        dossier
    }
}

fn replay(id: &'static str, when: Option<&'static str>, user: &User, run: &Run, signed: Time) -> Replay {
    let verdict = user.verdict_on(run.dossier(signed), now());
    Replay { id, when, verdict, alone: "valid".to_owned(), path: false }
}

/// Trivy: a credential that was missed in a rotation moves tags.
fn s37(project: &Project) -> Vec<Replay> {
    let overdue = project.user().recording(project.registered(vec![Field::RotationDue(ago(20))]));
    let moved = Run { reference: "refs/heads/patch-1".to_owned(), ..project.run() };
    vec![
        replay("S37", Some("credential past its rotation"), &overdue, &project.run(), ago(5)),
        replay("S37", Some("and from a branch"), &overdue, &moved, ago(5)),
    ]
}

/// Near misses of an expected identity.
fn s50(project: &Project) -> Vec<Replay> {
    let run = || project.run();
    let at = |repository: String, workflow: &str| Run {
        workflow: format!("{repository}/.github/workflows/{workflow}"),
        repository,
        repository_id: "77".to_owned(),
        owner_id: "78".to_owned(),
        ..run()
    };
    let owner = &project.owner;
    let homoglyph = owner.replacen('a', "\u{430}", 1).replacen('e', "\u{435}", 1);
    let misses: [(&'static str, Run); 12] = [
        ("another issuer under a name that begins alike", Run { issuer: format!("{GITHUB}.example.net"), ..run() }),
        ("an issuer of another provider", Run { issuer: "https://gitlab.com".to_owned(), ..run() }),
        ("an owner whose name begins alike", at(format!("https://github.com/{owner}-inc/app"), "release.yml")),
        ("a repository whose name begins alike", at(format!("https://github.com/{owner}/app2"), "release.yml")),
        ("the name in other case", at(format!("https://github.com/{}/app", owner.to_uppercase()), "release.yml")),
        ("a name with a confusable letter", at(format!("https://github.com/{homoglyph}/app"), "release.yml")),
        ("another host", at(format!("https://github.com.example.net/{owner}/app"), "release.yml")),
        (
            "the name inside of another",
            at(format!("https://example.net/https://github.com/{owner}/app"), "release.yml"),
        ),
        ("another workflow", Run { workflow: format!("{}/.github/workflows/ci.yml", project.repository), ..run() }),
        ("a branch", Run { reference: "refs/heads/main".to_owned(), ..run() }),
        ("a pull request", Run { reference: "refs/pull/7/merge".to_owned(), ..run() }),
        (
            "the same name with other numbers",
            Run { repository_id: "77".to_owned(), owner_id: "78".to_owned(), ..run() },
        ),
    ];
    let user = || project.user().recording(project.registered(Vec::new()));
    let mut stories: Vec<Replay> =
        misses.iter().map(|(when, run)| replay("S50", Some(when), &user(), run, ago(5))).collect();
    // A reusable workflow of somebody else, called from the right repository.
    let reusable =
        Run { workflow: "https://github.com/someone/actions/.github/workflows/release.yml".to_owned(), ..run() };
    stories.push(replay("S50", Some("a reusable workflow of somebody else"), &user(), &reusable, ago(5)));
    stories
}

/// The class of the runner changes without a change record.
fn s52(project: &Project) -> Vec<Replay> {
    let user = project.user().recording(project.registered(Vec::new()));
    let mut elsewhere = project.user().recording(project.registered(Vec::new()));
    elsewhere.expectations.builder = Some(format!("{}/.github/workflows/build.yml", project.repository));
    let own_runner = Run { runner: "self-hosted".to_owned(), ..project.run() };
    vec![
        replay("S52", Some("runner of the project's own"), &user, &own_runner, ago(5)),
        replay("S52", Some("and another builder than expected"), &elsewhere, &own_runner, ago(5)),
    ]
}

/// A migration of the release workflow with a change record.
fn n08(project: &Project) -> Vec<Replay> {
    let renamed = Run { workflow: format!("{}/.github/workflows/publish.yml", project.repository), ..project.run() };
    let binding = project.binding(&renamed.workflow, ago(30));
    let bound = Change::Bound { proof: text("run 2"), selectors: Vec::new(), binding: Some(Box::new(binding)) };
    let mut user = project.user().recording(project.registered(Vec::new())).recording(vec![
        event("release", ago(30), "alice", bound),
        event("release", ago(30).plus(60), "bob", Change::Approved {}),
    ]);
    user.expectations.signer = Some(format!("{}@refs/tags/*", renamed.workflow));
    user.expectations.builder = Some(renamed.workflow.clone());
    vec![replay("N08", None, &user, &renamed, ago(5))]
}
