//! Verification of a layout (in-toto specification v1.0, §5.2), sublayouts first.

use std::collections::{BTreeMap, BTreeSet};

use super::document::{Artifacts, Layout, Link, Step};
use super::functionary;
use super::glob::Budget;
use super::metadata::Signed;
use super::rules::{self, Violation};
use super::{LayoutMaterial, LayoutProblem, LayoutProblemKind as Kind, LayoutReport};
use crate::artifact::Digests;
use crate::crypto::{Digest, DigestAlgorithm, PublicKey};
use crate::material::EvidenceFile;
use crate::time::Time;

/// Layouts and sublayouts together; a release with more than a handful is unknown.
const MAX_LAYOUTS: usize = 32;

/// Documents that are looked at as links or sublayouts.
const MAX_DOCUMENTS: usize = 1_024;

/// Ways to choose among links that contradict each other, where each would have enough functionaries.
const MAX_CHOICES: usize = 64;

/// What is asked.
pub(crate) struct Asked<'a> {
    pub(crate) layout: &'a LayoutMaterial,
    pub(crate) evidence: &'a [EvidenceFile],
    /// The digests of the artifact.
    pub(crate) digests: &'a Digests,
    pub(crate) at: Time,
}

/// Verifies the layout with the links among the evidence.
pub(crate) fn verify(asked: &Asked<'_>) -> LayoutReport {
    let mut report = LayoutReport {
        source: asked.layout.source.clone(),
        expires: asked.layout.layout.expires,
        steps: Vec::new(),
        problems: Vec::new(),
    };
    let material = asked.layout;
    match material.owners.iter().find(|key| !material.signed.is_signed_by(key)) {
        Some(key) => {
            let detail = format!("no signature under the owner's key {}", key.spki_sha256());
            report.problems.push(problem(Kind::NotSignedByOwner, detail));
        }
        None => report.problems = against(asked),
    }
    if report.problems.iter().all(|problem| problem.kind == Kind::InspectionNotRun) {
        report.steps = material.layout.steps.iter().map(|step| step.name.clone()).collect();
    }
    report
}

fn problem(kind: Kind, detail: impl Into<String>) -> LayoutProblem {
    LayoutProblem { kind, detail: detail.into() }
}

/// Everything that stands against the layout's being followed to this artifact.
fn against(asked: &Asked<'_>) -> Vec<LayoutProblem> {
    let documents = Document::read_all(asked.evidence);
    let (nodes, complete) = Node::discover(asked.layout.layout.clone(), &documents, asked.at);
    let mut summaries: BTreeMap<usize, Link> = BTreeMap::new();
    let mut problems = Vec::new();
    // Children stand behind their parents.
    for (index, node) in nodes.iter().enumerate().rev() {
        let judged = Judged { asked, nodes: &nodes, documents: &documents, summaries: &summaries };
        match judged.node(index, node) {
            Ok(summary) => {
                summaries.insert(index, summary);
            }
            Err(found) => problems = found,
        }
    }
    if summaries.contains_key(&0) {
        // Of the layouts in it too: whoever follows them would run theirs.
        let followed = nodes.iter().enumerate().filter(|(index, _)| summaries.contains_key(index));
        problems = followed.flat_map(|(_, node)| inspections(&node.layout)).collect();
    }
    if !complete {
        problems.push(problem(Kind::Limit, format!("more than {MAX_LAYOUTS} layouts in layouts")));
    }
    problems
}

fn inspections(layout: &Layout) -> impl Iterator<Item = LayoutProblem> {
    layout.inspections.iter().map(|name| problem(Kind::InspectionNotRun, format!("inspection `{name}` is a command")))
}

/// A document of in-toto among the evidence.
struct Document<'a> {
    /// The folder part of its path.
    folder: &'a str,
    /// The file name.
    file: &'a str,
    signed: Signed,
    link: Option<Link>,
}

impl<'a> Document<'a> {
    fn read_all(evidence: &'a [EvidenceFile]) -> Vec<Self> {
        evidence.iter().filter_map(Self::read).take(MAX_DOCUMENTS).collect()
    }

    fn read(file: &'a EvidenceFile) -> Option<Self> {
        let signed = Signed::read(&file.bytes).ok()?;
        let link = match signed.kind()? {
            "link" => Some(Link::read(&signed.document).ok()?),
            "layout" => None,
            _ => return None,
        };
        let (folder, file) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        Some(Self { folder, file, signed, link })
    }

    /// The folder in which the links of this sublayout lie (`STEP.KEYID`, specification §5.2).
    fn own_folder(&self) -> String {
        let stem = self.file.strip_suffix(".link").unwrap_or(self.file);
        if self.folder.is_empty() { stem.to_owned() } else { format!("{}/{stem}", self.folder) }
    }

    /// The functionaries of a step that signed it, told apart by their keys.
    fn signers(&self, step: &Step, layout: &Layout, at: Time) -> BTreeSet<Digest> {
        let known = step.functionaries.iter().filter(|key| self.signed.is_signed_by(key)).map(PublicKey::spki_sha256);
        let certified = self.signed.signing_certificates().filter(|certificate| {
            step.constraints.iter().any(|asked| functionary::is_permitted(certificate, asked, layout, at))
        });
        let of_certificate =
            |certificate: &crate::encoding::x509::Certificate| Digest::of(DigestAlgorithm::Sha256, certificate.spki());
        known.chain(certified.map(of_certificate)).collect()
    }
}

/// A layout, or one that stands for a step of another.
struct Node {
    layout: Layout,
    /// The folder of its links; the root has none of its own.
    folder: Option<String>,
    stands_for: Option<StandsFor>,
}

/// The step that a sublayout stands for.
struct StandsFor {
    parent: usize,
    step: String,
    by: Digest,
}

impl Node {
    /// All layouts, parents first, and whether that is all of them.
    fn discover(root: Layout, documents: &[Document<'_>], at: Time) -> (Vec<Self>, bool) {
        let mut nodes = vec![Self { layout: root, folder: None, stands_for: None }];
        let mut next = 0;
        while let Some(node) = nodes.get(next) {
            let children = node.children(next, documents, at);
            if nodes.len().saturating_add(children.len()) > MAX_LAYOUTS {
                return (nodes, false);
            }
            nodes.extend(children);
            next = next.saturating_add(1);
        }
        (nodes, true)
    }

    fn children(&self, index: usize, documents: &[Document<'_>], at: Time) -> Vec<Self> {
        let mut children = Vec::new();
        for (step, document) in self.layout.steps.iter().flat_map(|step| documents.iter().map(move |d| (step, d))) {
            let named = document.file.strip_prefix(step.name.as_str()).is_some_and(|rest| rest.starts_with('.'));
            if document.link.is_some() || !named || !self.holds(document) {
                continue;
            }
            let Ok(layout) = Layout::read(&document.signed.document) else { continue };
            children.extend(document.signers(step, &self.layout, at).into_iter().map(|by| Self {
                layout: layout.clone(),
                folder: Some(document.own_folder()),
                stands_for: Some(StandsFor { parent: index, step: step.name.clone(), by }),
            }));
        }
        children
    }

    /// Whether a document is among the links of this layout.
    fn holds(&self, document: &Document<'_>) -> bool {
        self.folder.as_deref().is_none_or(|folder| folder == document.folder)
    }
}

/// What a layout is judged with.
struct Judged<'a> {
    asked: &'a Asked<'a>,
    nodes: &'a [Node],
    documents: &'a [Document<'a>],
    /// What the layouts behind this one come to.
    summaries: &'a BTreeMap<usize, Link>,
}

/// Links that say the same, with those who say it.
type Groups<'a> = BTreeMap<(&'a Artifacts, &'a Artifacts), (&'a Link, BTreeSet<Digest>)>;

impl Judged<'_> {
    /// What the layout comes to: the materials of its first step and the products of its last.
    fn node(&self, index: usize, node: &Node) -> Result<Link, Vec<LayoutProblem>> {
        let layout = &node.layout;
        if self.asked.at > layout.expires {
            return Err(vec![problem(Kind::Expired, format!("the layout was in force until {}", layout.expires))]);
        }
        let proven: Vec<Vec<&Link>> = layout.steps.iter().map(|step| self.proven(index, node, step)).collect();
        let lacking = layout.steps.iter().zip(&proven).filter(|(_, links)| links.is_empty());
        let mut problems: Vec<LayoutProblem> = lacking.map(|(step, _)| self.lacking(index, node, step)).collect();
        if layout.steps.is_empty() {
            problems.push(problem(Kind::StepNotProven, "the layout has no step"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut budget = Budget::new();
        let mut first = None;
        for choice in choices(&proven) {
            match self.chain(layout, &choice, index == 0, &mut budget) {
                Ok(summary) => return Ok(summary),
                Err(found) => first = first.or(Some(found)),
            }
        }
        Err(first.into_iter().collect())
    }

    /// Who says what about a step.
    fn groups(&self, index: usize, node: &Node, step: &Step) -> Groups<'_> {
        let mut groups = Groups::new();
        for document in self.documents.iter().filter(|document| node.holds(document)) {
            if let Some(link) = document.link.as_ref().filter(|link| link.step == step.name) {
                let by = document.signers(step, &node.layout, self.asked.at);
                groups.entry((&link.materials, &link.products)).or_insert_with(|| (link, BTreeSet::new())).1.extend(by);
            }
        }
        for (child, summary) in self.summaries {
            let stands_for = self.nodes.get(*child).and_then(|node| node.stands_for.as_ref());
            if let Some(by) = stands_for.filter(|by| by.parent == index && by.step == step.name) {
                let entry = groups.entry((&summary.materials, &summary.products));
                entry.or_insert_with(|| (summary, BTreeSet::new())).1.insert(by.by);
            }
        }
        groups
    }

    /// Links that enough functionaries agree on.
    fn proven(&self, index: usize, node: &Node, step: &Step) -> Vec<&Link> {
        let groups = self.groups(index, node, step).into_values();
        groups.filter(|(_, by)| by.len() >= step.threshold).map(|(link, _)| link).collect()
    }

    fn lacking(&self, index: usize, node: &Node, step: &Step) -> LayoutProblem {
        let most = self.groups(index, node, step).into_values().map(|(_, by)| by.len()).max().unwrap_or(0);
        let detail = format!("step `{}`: {most} functionaries agree, {} must", step.name, step.threshold);
        problem(Kind::StepNotProven, detail)
    }

    /// Whether the chosen links follow the rules and, for the root, lead to the artifact.
    fn chain(
        &self,
        layout: &Layout,
        choice: &[&Link],
        leads_to_artifact: bool,
        budget: &mut Budget,
    ) -> Result<Link, LayoutProblem> {
        let names = layout.steps.iter().map(|step| step.name.as_str());
        let links: BTreeMap<&str, &Link> = names.zip(choice.iter().copied()).collect();
        for step in &layout.steps {
            rules::check(step, &links, budget).map_err(|(of, violation)| violated(step, of, &violation))?;
        }
        let (Some(first), Some(last)) = (choice.first(), choice.last()) else {
            return Err(problem(Kind::StepNotProven, "the layout has no step"));
        };
        if leads_to_artifact && !last.products.values().any(|digests| self.is_artifact(digests)) {
            let step = &last.step;
            return Err(problem(Kind::NotTheProduct, format!("no product of the last step, `{step}`, has its digest")));
        }
        Ok(Link { step: String::new(), materials: first.materials.clone(), products: last.products.clone() })
    }

    fn is_artifact(&self, digests: &BTreeMap<String, String>) -> bool {
        let strong = self.asked.digests.iter().filter(|(algorithm, _)| !algorithm.is_broken());
        strong.into_iter().any(|(algorithm, digest)| digests.get(algorithm.name()) == Some(&digest.hex()))
    }
}

fn violated(step: &Step, of: &str, violation: &Violation) -> LayoutProblem {
    let name = &step.name;
    match violation {
        Violation::Disallowed { pattern, artifact } => problem(
            Kind::RuleViolated,
            format!("step `{name}`, {of}: `{artifact}` is explained by no rule before DISALLOW `{pattern}`"),
        ),
        Violation::Required { artifact } => {
            problem(Kind::RuleViolated, format!("step `{name}`, {of}: `{artifact}` is required and not there"))
        }
        Violation::Limit => problem(Kind::Limit, format!("step `{name}`, {of}: too many comparisons")),
    }
}

/// One link for every step, in every way, up to a bound.
fn choices<'a>(proven: &[Vec<&'a Link>]) -> Vec<Vec<&'a Link>> {
    let mut choices: Vec<Vec<&Link>> = vec![Vec::new()];
    for links in proven {
        let longer = choices.iter().flat_map(|choice| {
            links.iter().map(move |link| choice.iter().copied().chain(std::iter::once(*link)).collect())
        });
        choices = longer.take(MAX_CHOICES).collect();
    }
    choices
}
