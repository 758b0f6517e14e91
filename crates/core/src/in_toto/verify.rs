//! Verification of a layout (in-toto specification v1.0, §5.2), sublayouts first.

use std::collections::{BTreeMap, BTreeSet};

use super::budget::{Budget, Exhausted};
use super::document::{Artifacts, Layout, Link, Step};
use super::functionary;
use super::metadata::Signed;
use super::rules::{self, Violation};
use super::{LayoutMaterial, LayoutProblem, LayoutProblemKind as Kind, LayoutReport};
use crate::artifact::Digests;
use crate::crypto::{Digest, DigestAlgorithm, PublicKey};
use crate::encoding::x509::Certificate;
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
    let mut budget = Budget::new();
    report.problems = match unsigned_by(asked.layout, &mut budget) {
        Ok(Some(key)) => {
            let detail = format!("no signature under the owner's key {}", key.spki_sha256());
            vec![problem(Kind::NotSignedByOwner, detail)]
        }
        Ok(None) => against(asked, &mut budget),
        Err(exhausted) => vec![exhausted.into()],
    };
    if report.problems.iter().all(|problem| problem.kind == Kind::InspectionNotRun) {
        report.steps = asked.layout.layout.steps.iter().map(|step| step.name.clone()).collect();
    }
    report
}

/// An owner who did not sign the layout.
fn unsigned_by<'a>(layout: &'a LayoutMaterial, budget: &mut Budget) -> Result<Option<&'a PublicKey>, Exhausted> {
    for key in &layout.owners {
        if !layout.signed.is_signed_by(key, budget)? {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

impl From<Exhausted> for LayoutProblem {
    fn from(_: Exhausted) -> Self {
        problem(Kind::Limit, "too many comparisons or signatures to verify")
    }
}

fn problem(kind: Kind, detail: impl Into<String>) -> LayoutProblem {
    LayoutProblem { kind, detail: detail.into() }
}

/// Everything that stands against the layout's being followed to this artifact.
fn against(asked: &Asked<'_>, budget: &mut Budget) -> Vec<LayoutProblem> {
    let documents = Document::read_all(asked.evidence);
    let (nodes, left_out) = Node::discover(asked.layout.layout.clone(), &documents, asked.at, budget);
    let mut summaries: BTreeMap<usize, Link> = BTreeMap::new();
    let (mut problems, mut limits) = (Vec::new(), Vec::new());
    // Children stand behind their parents.
    for (index, node) in nodes.iter().enumerate().rev() {
        let judged = Judged { asked, nodes: &nodes, documents: &documents, summaries: &summaries };
        match judged.node(index, node, budget) {
            Ok(summary) => {
                summaries.insert(index, summary);
            }
            Err(found) => {
                // The layout around it will only know that a step is not proven.
                limits.extend(found.iter().filter(|found| found.kind == Kind::Limit).cloned());
                problems = found;
            }
        }
    }
    if summaries.contains_key(&0) {
        // Of the layouts in it too: whoever follows them would run theirs.
        let followed = nodes.iter().enumerate().filter(|(index, _)| summaries.contains_key(index));
        problems = followed.flat_map(|(_, node)| inspections(&node.layout)).collect();
        limits.clear();
    }
    for limit in limits.into_iter().chain(left_out) {
        if !problems.contains(&limit) {
            problems.push(limit);
        }
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
    fn signers(
        &self,
        step: &Step,
        layout: &Layout,
        at: Time,
        budget: &mut Budget,
    ) -> Result<BTreeSet<Digest>, Exhausted> {
        let mut found = BTreeSet::new();
        for key in &step.functionaries {
            if self.signed.is_signed_by(key, budget)? {
                found.insert(key.spki_sha256());
            }
        }
        let is_permitted = |certificate: &Certificate, budget: &mut Budget| {
            for asked in &step.constraints {
                // Each may build a path of its own, of certificates that come from whoever hands over the layout.
                budget.spend_signature()?;
                if functionary::is_permitted(certificate, asked, layout, at) {
                    return Ok(true);
                }
            }
            Ok(false)
        };
        if !step.constraints.is_empty() {
            let certified = self.signed.signing_certificates(is_permitted, budget)?;
            found.extend(certified.iter().map(|one| Digest::of(DigestAlgorithm::Sha256, one.spki())));
        }
        Ok(found)
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
    /// All layouts, parents first, or as many as the limits permit and why there may be more.
    fn discover(
        root: Layout,
        documents: &[Document<'_>],
        at: Time,
        budget: &mut Budget,
    ) -> (Vec<Self>, Option<LayoutProblem>) {
        let mut nodes = vec![Self { layout: root, folder: None, stands_for: None }];
        let mut next = 0;
        while let Some(node) = nodes.get(next) {
            let children = match node.children(next, documents, at, budget) {
                Ok(children) => children,
                Err(exhausted) => return (nodes, Some(exhausted.into())),
            };
            if nodes.len().saturating_add(children.len()) > MAX_LAYOUTS {
                let limit = problem(Kind::Limit, format!("more than {MAX_LAYOUTS} layouts in layouts"));
                return (nodes, Some(limit));
            }
            nodes.extend(children);
            next = next.saturating_add(1);
        }
        (nodes, None)
    }

    fn children(
        &self,
        index: usize,
        documents: &[Document<'_>],
        at: Time,
        budget: &mut Budget,
    ) -> Result<Vec<Self>, Exhausted> {
        let mut children = Vec::new();
        for (step, document) in self.layout.steps.iter().flat_map(|step| documents.iter().map(move |d| (step, d))) {
            let named = document.file.strip_prefix(step.name.as_str()).is_some_and(|rest| rest.starts_with('.'));
            if document.link.is_some() || !named || !self.holds(document) {
                continue;
            }
            let Ok(layout) = Layout::read(&document.signed.document) else { continue };
            children.extend(document.signers(step, &self.layout, at, budget)?.into_iter().map(|by| Self {
                layout: layout.clone(),
                folder: Some(document.own_folder()),
                stands_for: Some(StandsFor { parent: index, step: step.name.clone(), by }),
            }));
        }
        Ok(children)
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
    fn node(&self, index: usize, node: &Node, budget: &mut Budget) -> Result<Link, Vec<LayoutProblem>> {
        let layout = &node.layout;
        if self.asked.at > layout.expires {
            return Err(vec![problem(Kind::Expired, format!("the layout was in force until {}", layout.expires))]);
        }
        let groups = layout.steps.iter().map(|step| self.groups(index, node, step, budget));
        let groups: Vec<Groups<'_>> = groups.collect::<Result<_, _>>().map_err(|exhausted| vec![exhausted.into()])?;
        let steps = || layout.steps.iter().zip(&groups);
        let proven: Vec<Vec<&Link>> = steps().map(|(step, groups)| proven(step, groups)).collect();
        let lacking = steps().zip(&proven).filter(|(_, links)| links.is_empty());
        let mut problems: Vec<LayoutProblem> = lacking.map(|((step, groups), _)| lacking_in(step, groups)).collect();
        if layout.steps.is_empty() {
            problems.push(problem(Kind::StepNotProven, "the layout has no step"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let (choices, complete) = choices(&proven);
        let mut first = None;
        for choice in choices {
            match self.chain(layout, &choice, index == 0, budget) {
                Ok(summary) => return Ok(summary),
                Err(found) => first = first.or(Some(found)),
            }
        }
        // One that was not tried might have followed the rules.
        let cut = || {
            problem(
                Kind::Limit,
                format!("more than {MAX_CHOICES} ways to choose among links that contradict each other"),
            )
        };
        Err(first.filter(|_| complete).or_else(|| Some(cut())).into_iter().collect())
    }

    /// Who says what about a step.
    fn groups(&self, index: usize, node: &Node, step: &Step, budget: &mut Budget) -> Result<Groups<'_>, Exhausted> {
        let mut groups = Groups::new();
        for document in self.documents.iter().filter(|document| node.holds(document)) {
            if let Some(link) = document.link.as_ref().filter(|link| link.step == step.name) {
                let by = document.signers(step, &node.layout, self.asked.at, budget)?;
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
        Ok(groups)
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

    /// Whether a digest without practical collisions is the artifact's, and none is another's.
    fn is_artifact(&self, digests: &BTreeMap<String, String>) -> bool {
        let known = self.asked.digests.iter().filter_map(|(algorithm, digest)| {
            let same = *digests.get(algorithm.name())? == digest.hex();
            Some((*algorithm, same))
        });
        let known: Vec<(DigestAlgorithm, bool)> = known.collect();
        known.iter().all(|(_, same)| *same) && known.iter().any(|(algorithm, _)| !algorithm.is_broken())
    }
}

/// Links that enough functionaries agree on.
fn proven<'a>(step: &Step, groups: &Groups<'a>) -> Vec<&'a Link> {
    groups.values().filter(|(_, by)| by.len() >= step.threshold).map(|(link, _)| *link).collect()
}

fn lacking_in(step: &Step, groups: &Groups<'_>) -> LayoutProblem {
    let most = groups.values().map(|(_, by)| by.len()).max().unwrap_or(0);
    let detail = format!("step `{}`: {most} functionaries agree, {} must", step.name, step.threshold);
    problem(Kind::StepNotProven, detail)
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

/// One link for every step, in every way up to a bound, and whether that is all of them.
fn choices<'a>(proven: &[Vec<&'a Link>]) -> (Vec<Vec<&'a Link>>, bool) {
    let mut choices: Vec<Vec<&Link>> = vec![Vec::new()];
    let mut complete = true;
    for links in proven {
        complete &= choices.len().saturating_mul(links.len()) <= MAX_CHOICES;
        let longer = choices.iter().flat_map(|choice| {
            links.iter().map(move |link| choice.iter().copied().chain(std::iter::once(*link)).collect())
        });
        choices = longer.take(MAX_CHOICES).collect();
    }
    (choices, complete)
}
