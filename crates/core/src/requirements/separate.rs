//! `separate`: different people or pipelines hold the duties of the release.
//!
//! Names say little: with keyless signing the signer bears the builder's name in most honest releases, and one person
//! has several accounts. So duties are held by principals (credential, identity of the registry, owner, controlling
//! pipeline), and two duties are separate only if somebody answers for both holders and they differ.

use super::provenance::{Builder, Provenance, Stand};
use super::run::NOTHING_KNOWN;
use super::source_reviewed::approvers;
use super::{
    Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_vouched_beside, is_vouched_with,
};
use crate::claim::{Claim, Fact};
use crate::dossier::Dossier;
use crate::evidence::{Signature, SignatureId};
use crate::ground::Ground;
use crate::release::act::Duty;
use crate::release::actor::{Principal, Same};
use crate::speaker::{Speaker, pipeline};
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "separate",
    section: Section::Of(Question::Path),
    title: "Different people or pipelines hold the duties",
    meaning: "No two of the named duties are held by one credential, one identity of the registry, one owner or one \
              pipeline, and it is known for each who answers for its holder. Author and reviewer come from the forge's \
              record of the change, the builder from provenance, the signer from the signature, approver, publisher \
              and deployer from what a gateway or log recorded for these bytes.",
    shape: Shape::Words(words),
    judge: Judge::Release(judge),
    fix: "register who is behind credentials (countersign identity add), and give what the forge and the gateway \
          recorded with --observed",
    controls: &[
        Control { framework: "NIST SP 800-53", id: "AC-5" },
        Control { framework: "NIST CSF", id: "PR.AA-05" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-1" },
    ],
};

/// The duties, as words.
pub(super) fn words() -> Vec<Choice> {
    Duty::ALL.iter().map(|duty| Choice { word: duty.word(), meaning: duty.meaning() }).collect()
}

/// Whether something is at hand that could speak against the separation.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| matches!(claim.fact, Fact::Acted(_)))
}

/// The duties that nobody may hold together, whatever the policy asks: who asks for a signature does not approve it.
const NEVER_TOGETHER: [(Duty, Duty); 2] = [(Duty::Approve, Duty::Sign), (Duty::Approve, Duty::Build)];

/// Somebody who holds a duty.
struct Holder<'a> {
    principal: Principal<'a>,
    /// Whether that is known from somebody whom the relying party named.
    accepted: bool,
    /// The signature that says so.
    by: Option<SignatureId>,
}

/// What the separation is judged on.
#[derive(Clone, Copy)]
struct Release<'r, 'a> {
    context: Context<'a>,
    provenance: Option<&'r Provenance<'a>>,
    /// Why the builder may also make the signature of the provenance.
    isolated: Option<&'r str>,
}

fn judge(context: Context<'_>, provenance: Option<&Provenance<'_>>, setting: &Setting) -> Weighed {
    weigh(context, provenance, setting, None)
}

/// Weighs the separation; `isolated` says why the builder may also make the signature of the provenance.
///
/// A release may carry several signatures: one by somebody separate is enough, and who adds another takes nothing away.
pub(super) fn weigh(
    context: Context<'_>,
    provenance: Option<&Provenance<'_>>,
    setting: &Setting,
    isolated: Option<&str>,
) -> Weighed {
    let release = Release { context, provenance, isolated };
    let lenient = setting.is(NOTHING_KNOWN.word);
    let asked: Vec<Duty> = Duty::ALL.iter().copied().filter(|duty| lenient || setting.has(duty.word())).collect();
    let held: Vec<_> = asked.iter().map(|duty| (*duty, release.holders(*duty))).collect();
    let with = |signer: Option<&Holder<'_>>| {
        let all = held.iter().map(|(duty, holders)| {
            let signer = signer.filter(|_| *duty == Duty::Sign);
            (*duty, holders.iter().chain(signer).collect::<Vec<_>>())
        });
        let all: Vec<_> = all.collect();
        if lenient { release.against(&all) } else { release.apart(&all) }
    };
    let signers = if asked.contains(&Duty::Sign) { signers(context, provenance) } else { Vec::new() };
    let (accepted, others): (Vec<_>, Vec<_>) = signers.iter().partition(|signer| signer.accepted || lenient);
    let is_recorded = held.iter().all(|(duty, holders)| *duty != Duty::Sign || holders.iter().any(|it| it.accepted));
    let alone = is_recorded.then(|| with(None));
    let best = accepted.into_iter().map(|signer| with(Some(signer))).chain(alone).max_by_key(|it| it.answer);
    let worst = || others.iter().map(|signer| with(Some(signer))).min_by_key(|it| it.answer);
    best.or_else(worst).unwrap_or_else(|| with(None))
}

impl<'a> Release<'_, 'a> {
    /// What duties share that nobody may hold together.
    fn against(self, held: &[(Duty, Vec<&Holder<'_>>)]) -> Weighed {
        let of = |duty: Duty| held.iter().find(|(held, _)| *held == duty).map_or(&[][..], |(_, holders)| holders);
        let against = NEVER_TOGETHER.iter().find_map(|(one, two)| self.shared((*one, *two), of(*one), of(*two)));
        against.unwrap_or_else(|| Weighed::yes(Ground::NothingKnownAgainst, "no duties are known to be shared"))
    }

    /// Whether the duties are held by different principals, for each of whom somebody answers.
    fn apart(self, held: &[(Duty, Vec<&Holder<'_>>)]) -> Weighed {
        let later = |at: usize| held.iter().skip(at.saturating_add(1));
        let mut pairs = held.iter().enumerate().flat_map(|(at, one)| later(at).map(move |two| (one, two)));
        if let Some(weighed) = pairs.find_map(|(one, two)| self.shared((one.0, two.0), &one.1, &two.1)) {
            return weighed;
        }
        if let Some((duty, _)) = held.iter().find(|(_, holders)| !holders.iter().any(|holder| holder.accepted)) {
            return Weighed::missing(Ground::DutyNotKnown, format!("nothing verified says who holds `{duty}`"));
        }
        if let Some((duty, holder)) = held.iter().find_map(|(duty, holders)| Some((duty, unknown(*duty, holders)?))) {
            let detail = format!("`{duty}` is held by {}, for whom nobody answers", holder.credential);
            return Weighed::missing(Ground::ActorNotKnown, detail);
        }
        // One duty alone is separate from nothing.
        if held.len() < 2 {
            return Weighed::missing(Ground::DutyNotKnown, "the policy names fewer than two duties");
        }
        let names = held.iter().map(|(duty, holders)| format!("`{duty}`: {}", called(holders)));
        let why = self.isolated.map(str::to_owned);
        Weighed::yes(Ground::DutiesSeparated, names.chain(why).collect::<Vec<_>>().join("; "))
    }

    /// What two duties share, if they do.
    fn shared(self, (one, two): (Duty, Duty), ones: &[&Holder<'_>], twos: &[&Holder<'_>]) -> Option<Weighed> {
        let pairs = ones.iter().flat_map(|a| twos.iter().map(move |b| (*a, *b)));
        let apart = |a: &Holder<'_>, b: &Holder<'_>| (one, two) == (Duty::Build, Duty::Sign) && self.is_isolated(a, b);
        pairs.filter(|(a, b)| !apart(a, b)).find_map(|(a, b)| match a.principal.is_same(&b.principal) {
            Same::Yes(what) => {
                let (a, b) = (&a.principal.credential, &b.principal.credential);
                let detail = format!("`{one}` and `{two}` share one {what}: {a} and {b}");
                Some(
                    Weighed::no(Ground::DutiesShared, detail)
                        .with_fix("let another person or pipeline hold one of the duties"),
                )
            }
            Same::No | Same::Unknown => None,
        })
    }

    /// Whether the builder signs out of reach of its steps: what is known of it goes for its own statement alone.
    fn is_isolated(self, builder: &Holder<'_>, signer: &Holder<'_>) -> bool {
        let own = self.provenance.filter(|_| self.isolated.is_some()).map(|provenance| provenance.signature.id);
        own.is_some() && builder.by == own && signer.by == own
    }

    /// Who holds a duty, as far as others than the signatures themselves say it.
    fn holders(self, duty: Duty) -> Vec<Holder<'a>> {
        let of_acts = self.context.dossier.claims.not_refuted().filter_map(|claim| self.acted(claim, duty));
        let of_evidence = match duty {
            Duty::Author | Duty::Review => self.of_reviews(duty),
            Duty::Build => self.builders(),
            Duty::Sign | Duty::Approve | Duty::Publish | Duty::Deploy => Vec::new(),
        };
        of_acts.chain(of_evidence).collect()
    }

    fn acted(self, claim: &'a Claim, duty: Duty) -> Option<Holder<'a>> {
        match &claim.fact {
            Fact::Acted(act) if act.duty == duty => Some(Holder {
                principal: act.by.principal(self.context.registry),
                accepted: is_vouched_with(self.context, self.provenance, claim),
                by: None,
            }),
            _ => None,
        }
    }

    /// Authors and reviewers of the commit that the provenance names. What is of one of several commits that it names
    /// supports nothing.
    fn of_reviews(self, duty: Duty) -> Vec<Holder<'a>> {
        let Some(provenance) = self.provenance else { return Vec::new() };
        let reviews = self.context.dossier.claims.not_refuted().filter_map(|claim| match &claim.fact {
            Fact::Reviewed(review) if provenance.names_commit(&review.repository, &review.commit) => {
                Some((claim, review))
            }
            _ => None,
        });
        let people = reviews.flat_map(|(claim, review)| {
            let certain = provenance.is_of_commit(&review.repository, &review.commit);
            let accepted = certain && is_vouched_beside(self.context, provenance, claim);
            let actors: Vec<_> = match duty {
                Duty::Author => review.authors.iter().collect(),
                _ => review.standing().map(|approval| &approval.by).collect(),
            };
            let registry = self.context.registry;
            actors.into_iter().map(move |actor| Holder { principal: actor.principal(registry), accepted, by: None })
        });
        let approved = if duty == Duty::Review { approvers(self.context, provenance) } else { Vec::new() };
        let approved =
            approved.into_iter().map(|(by, accepted)| Holder { principal: by.principal, accepted, by: None });
        people.chain(approved).collect()
    }

    fn builders(self) -> Vec<Holder<'a>> {
        let Some(provenance) = self.provenance else { return Vec::new() };
        let named = provenance.builders().into_iter().filter(|(stand, _)| stand.supports());
        let holder = |(_, builder): (Stand, Builder<'a>)| Holder {
            principal: Principal {
                credential: builder.name.to_owned(),
                identity: None,
                owner: None,
                pipeline: Some(pipeline(builder.name).to_owned()),
            },
            accepted: true,
            by: Some(provenance.signature.id),
        };
        named.map(holder).collect()
    }
}

/// Somebody who holds the duty, and for whom nobody answers. Of those who reviewed, one who is known is enough: who approves
/// beside them takes nothing away.
fn unknown<'a, 'h>(duty: Duty, holders: &[&'h Holder<'a>]) -> Option<&'h Principal<'a>> {
    let principals = || holders.iter().filter(|holder| holder.accepted).map(|holder| &holder.principal);
    let is_enough = duty == Duty::Review && principals().any(Principal::is_known);
    principals().find(|principal| !principal.is_known()).filter(|_| !is_enough)
}

fn called(holders: &[&Holder<'_>]) -> String {
    let name = |holder: &&Holder<'_>| match (holder.principal.owner, &holder.principal.pipeline) {
        (Some(owner), _) => owner.to_string(),
        (None, Some(pipeline)) => pipeline.clone(),
        (None, None) => holder.principal.credential.clone(),
    };
    holders.iter().filter(|holder| holder.accepted).map(name).collect::<Vec<_>>().join(", ")
}

/// Who signed the artifact. Who signed what is recorded of a run, a commit or a release is no signer of the artifact.
fn signers<'a>(context: Context<'a>, provenance: Option<&Provenance<'_>>) -> Vec<Holder<'a>> {
    let own = provenance.map(|provenance| provenance.signature.id);
    let mut found: Vec<Holder<'_>> = Vec::new();
    for (signature, speaker) in context.valid_signatures().filter(|(_, speaker)| !speaker.is_recorder) {
        let accepted = is_accepted(provenance, signature, speaker);
        // Most attestations of a release are by one signer, who needs to be weighed once.
        let is_known =
            |known: &Holder<'_>| known.by != own && known.accepted == accepted && known.principal == speaker.principal;
        if Some(signature.id) == own || !found.iter().any(is_known) {
            found.push(Holder { principal: speaker.principal.clone(), accepted, by: Some(signature.id) });
        }
    }
    found
}

/// Whether the relying party knows whoever signed: it named them, its registry has them, or they made the provenance for
/// a builder that the table of builders lets them speak for. Anybody can sign with a certificate of their own.
pub(super) fn is_accepted(provenance: Option<&Provenance<'_>>, signature: &Signature, speaker: &Speaker<'_>) -> bool {
    let made = |provenance: &Provenance<'_>| provenance.signature.id == signature.id && provenance.grade().is_some();
    speaker.principal.identity.is_some() || speaker.is_named || provenance.is_some_and(made)
}
