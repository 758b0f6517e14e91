//! `separate`: different people or pipelines hold the duties of the release.
//!
//! Names say little: with keyless signing the signer bears the builder's name in most honest releases, and one person
//! has several accounts. So duties are held by principals (credential, identity of the registry, owner, controlling
//! pipeline), and two duties are separate only if somebody answers for both holders and they differ.

use super::run::NOTHING_KNOWN;
use super::{
    Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_accepted, is_vouched_for,
};
use crate::claim::{Claim, Fact, Standing};
use crate::dossier::Dossier;
use crate::evidence::{Outcome, Signature, State};
use crate::ground::Ground;
use crate::provenance::is_commit;
use crate::registry::{Made, Recognition};
use crate::release::act::Duty;
use crate::release::actor::{Principal, Same};
use crate::release::review::Review;
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
    judge: Judge::Artifact(judge),
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
}

fn judge(context: Context<'_>, setting: &Setting) -> Weighed {
    weigh(context, setting, None)
}

/// Weighs the separation; `isolated` names two duties that one builder may hold, and why.
pub(super) fn weigh(context: Context<'_>, setting: &Setting, isolated: Option<((Duty, Duty), String)>) -> Weighed {
    if setting.is(NOTHING_KNOWN.word) {
        let against =
            NEVER_TOGETHER.iter().find_map(|pair| shared(*pair, &holders(context, pair.0), &holders(context, pair.1)));
        return against
            .unwrap_or_else(|| Weighed::yes(Ground::NothingKnownAgainst, "no duties are known to be shared"));
    }
    let asked: Vec<Duty> = Duty::ALL.iter().copied().filter(|duty| setting.has(duty.word())).collect();
    let held: Vec<(Duty, Vec<Holder<'_>>)> = asked.iter().map(|duty| (*duty, holders(context, *duty))).collect();
    let pairs = || {
        let later = |at: usize| held.iter().skip(at.saturating_add(1));
        let all = held.iter().enumerate().flat_map(move |(at, one)| later(at).map(move |two| (one, two)));
        all.filter(|(one, two)| isolated.as_ref().is_none_or(|(pair, _)| *pair != (one.0, two.0)))
    };
    if let Some(weighed) = pairs().find_map(|(one, two)| shared((one.0, two.0), &one.1, &two.1)) {
        return weighed;
    }
    if let Some((duty, _)) = held.iter().find(|(_, holders)| !holders.iter().any(|holder| holder.accepted)) {
        return Weighed::missing(Ground::DutyNotKnown, format!("nothing verified says who holds `{duty}`"));
    }
    if let Some((duty, holder)) = held.iter().find_map(|(duty, holders)| Some((duty, unknown(holders)?))) {
        let detail = format!("`{duty}` is held by {}, for whom nobody answers", holder.credential);
        return Weighed::missing(Ground::ActorNotKnown, detail);
    }
    // One duty alone is separate from nothing.
    if held.len() < 2 {
        return Weighed::missing(Ground::DutyNotKnown, "the policy names fewer than two duties");
    }
    let names = held.iter().map(|(duty, holders)| format!("`{duty}`: {}", called(holders)));
    let why = isolated.as_ref().map(|(_, why)| why.clone());
    Weighed::yes(Ground::DutiesSeparated, names.chain(why).collect::<Vec<_>>().join("; "))
}

fn unknown<'a, 'h>(holders: &'h [Holder<'a>]) -> Option<&'h Principal<'a>> {
    holders.iter().map(|holder| &holder.principal).find(|principal| !principal.is_known())
}

fn called(holders: &[Holder<'_>]) -> String {
    let name = |holder: &Holder<'_>| match (holder.principal.owner, &holder.principal.pipeline) {
        (Some(owner), _) => owner.to_string(),
        (None, Some(pipeline)) => pipeline.clone(),
        (None, None) => holder.principal.credential.clone(),
    };
    holders.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// What two duties share, if they do.
fn shared((one, two): (Duty, Duty), ones: &[Holder<'_>], twos: &[Holder<'_>]) -> Option<Weighed> {
    let pairs = ones.iter().flat_map(|a| twos.iter().map(move |b| (&a.principal, &b.principal)));
    pairs.into_iter().find_map(|(a, b)| match a.is_same(b) {
        Same::Yes(what) => {
            let detail = format!("`{one}` and `{two}` share one {what}: {} and {}", a.credential, b.credential);
            Some(
                Weighed::no(Ground::DutiesShared, detail)
                    .with_fix("let another person or pipeline hold one of the duties"),
            )
        }
        Same::No | Same::Unknown => None,
    })
}

fn holders(context: Context<'_>, duty: Duty) -> Vec<Holder<'_>> {
    let of_acts = context.dossier.claims.all().iter().filter_map(|claim| acted(context, claim, duty));
    let of_evidence = match duty {
        Duty::Author | Duty::Review => of_reviews(context, duty),
        Duty::Build => builders(context),
        Duty::Sign => signers(context),
        Duty::Approve | Duty::Publish | Duty::Deploy => Vec::new(),
    };
    of_acts.chain(of_evidence).collect()
}

fn acted<'a>(context: Context<'a>, claim: &'a Claim, duty: Duty) -> Option<Holder<'a>> {
    match &claim.fact {
        Fact::Acted(act) if act.duty == duty => {
            Some(Holder { principal: act.by.principal(context.registry), accepted: is_vouched_for(context, claim) })
        }
        _ => None,
    }
}

fn of_reviews(context: Context<'_>, duty: Duty) -> Vec<Holder<'_>> {
    let claims = context.dossier.claims.all().iter().filter(|claim| claim.standing != Standing::Refuted);
    let reviews = claims.filter_map(|claim| match &claim.fact {
        Fact::Reviewed(review) if is_of_built(context.dossier, review) => Some((claim, review)),
        _ => None,
    });
    let people = reviews.flat_map(|(claim, review)| {
        let accepted = is_vouched_for(context, claim);
        let actors: Vec<_> = match duty {
            Duty::Author => review.authors.iter().collect(),
            _ => review.standing().map(|approval| &approval.by).collect(),
        };
        actors.into_iter().map(move |actor| Holder { principal: actor.principal(context.registry), accepted })
    });
    people.collect()
}

/// Whether a review is of the commit that verified provenance names.
fn is_of_built(dossier: &Dossier, review: &Review) -> bool {
    dossier.claims.verified().any(|claim| match &claim.fact {
        Fact::BuiltFrom(source) if is_accepted(claim.vouched_by) => {
            is_commit(source, &review.repository, &review.commit)
        }
        _ => false,
    })
}

fn builders(context: Context<'_>) -> Vec<Holder<'_>> {
    let built = context.dossier.claims.verified().filter(|claim| is_accepted(claim.vouched_by));
    let named = built.filter_map(|claim| match &claim.fact {
        Fact::BuiltBy { builder, .. } => Some(Holder {
            principal: Principal {
                credential: builder.clone(),
                identity: None,
                owner: None,
                pipeline: Some(pipeline(builder).to_owned()),
            },
            accepted: true,
        }),
        _ => None,
    });
    named.collect()
}

/// What controls a workflow: its repository, or the address as it is.
fn pipeline(address: &str) -> &str {
    let plain = address.split_once('@').map_or(address, |(plain, _)| plain);
    plain.split_once("/.github/").or_else(|| plain.split_once("//")).map_or(plain, |(repository, _)| repository)
}

/// Who signed: signatures that say nothing about the build, and where there are none, those that do.
fn signers(context: Context<'_>) -> Vec<Holder<'_>> {
    let valid =
        || context.dossier.signatures.iter().filter(|it| it.state() == State::Valid && it.integrity() == Outcome::Pass);
    let says_how_built = |signature: &&Signature| {
        let mut own = context.dossier.claims.all().iter().filter(|claim| claim.evidence == signature.id);
        own.any(|claim| matches!(claim.fact, Fact::BuiltBy { .. }))
    };
    let plain: Vec<_> = valid().filter(|signature| !says_how_built(signature)).collect();
    let signed = if plain.is_empty() { valid().collect() } else { plain };
    signed.into_iter().map(|signature| Holder { principal: signer(context, signature), accepted: true }).collect()
}

fn signer<'a>(context: Context<'a>, signature: &Signature) -> Principal<'a> {
    let made = Made::of(signature, context.at);
    let identity = match context.registry.recognise(signature, &context.dossier.claims, made) {
        Recognition::Known(identity, _) => Some(identity),
        _ => None,
    };
    let workload =
        signature.signer.san.first().filter(|name| signature.signer.oidc_issuer.is_some() && name.contains("://"));
    let key = || signature.signer.spki_sha256.map_or_else(|| signature.id.to_string(), |digest| digest.to_string());
    Principal {
        credential: workload.cloned().unwrap_or_else(key),
        identity: identity.map(|identity| identity.id.as_str()),
        owner: identity.and_then(|identity| identity.owner()),
        pipeline: workload.map(|name| pipeline(name).to_owned()),
    }
}
