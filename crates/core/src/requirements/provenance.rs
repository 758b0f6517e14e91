//! `provenance`: a verified statement says what built the artifact.

use super::{Choice, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, is_accepted, unverified};
use crate::claim::{Claim, Fact, Source, Standing, Voucher};
use crate::evidence::Signature;
use crate::ground::Ground;
use crate::verdict::Question;

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "provenance",
    section: Section::Of(Question::Path),
    title: "Verified provenance says what built it",
    meaning: "A statement about this artifact, under a signature that is valid, names the builder, and somebody \
              stands behind it who is out of reach of the build itself.",
    shape: Shape::Word(&[
        Choice { word: "verified", meaning: "provenance must be there and verify" },
        Choice {
            word: OR_AS_GIVEN,
            meaning: "the same, or what the command line names in its place must hold: the layout given with \
                      `--layout`, or the summary of another verifier (`--vsa-verifier`)",
        },
    ]),
    judge: Judge::Provenance(judge),
    fix: "obtain provenance from the publisher and give it with --evidence",
    controls: &[
        Control { framework: "SLSA", id: "Build L2" },
        Control { framework: "NIST SSDF SP 800-218", id: "PS.3.2" },
    ],
};

/// The word that is content with what the command line names in place of provenance.
pub(crate) const OR_AS_GIVEN: &str = "verified-or-as-given";

/// What one signature claims about how the artifact came to be.
#[derive(Clone, Debug)]
pub struct Provenance<'a> {
    /// The signature.
    pub signature: &'a Signature,
    claims: Vec<&'a Claim>,
}

impl<'a> Provenance<'a> {
    /// The provenance that rests on this signature, if it claims anything of the kind.
    pub(crate) fn of(signature: &'a Signature, claims: impl Iterator<Item = &'a Claim>) -> Option<Self> {
        let claims: Vec<_> = claims.filter(|claim| is_about_build(&claim.fact)).collect();
        (!claims.is_empty()).then_some(Self { signature, claims })
    }

    /// Whether anything in it is verified.
    pub(crate) fn is_verified(&self) -> bool {
        self.claims.iter().any(|claim| claim.standing == Standing::Verified)
    }

    /// The claims of some kind, of any standing: to be held against the artifact.
    pub(super) fn all<T>(&self, pick: impl Fn(&'a Fact) -> Option<T>) -> Vec<(Stand, T)> {
        self.claims.iter().filter_map(|claim| Some((Stand::of(claim), pick(&claim.fact)?))).collect()
    }

    /// Every place where a source is named.
    pub(super) fn sources(&self) -> Vec<(Stand, &'a Source)> {
        self.all(|fact| if let Fact::BuiltFrom(source) = fact { Some(source) } else { None })
    }

    /// Every place where a builder is named.
    pub(super) fn builders(&self) -> Vec<(Stand, Builder<'a>)> {
        let named =
            self.all(|fact| if let Fact::BuiltBy { builder, .. } = fact { Some(builder.as_str()) } else { None });
        let class = self.certified_runner();
        named.into_iter().map(|(stand, name)| (stand, Builder::new(name, class))).collect()
    }

    /// The class of the runner, if GitHub told it to the certificate authority.
    fn certified_runner(&self) -> Option<&'a str> {
        if self.signature.signer.oidc_issuer.as_deref() != Some(GITHUB) {
            return None;
        }
        let runners =
            self.all(|fact| if let Fact::RanOn { environment } = fact { Some(environment.as_str()) } else { None });
        runners.into_iter().find(|(stand, _)| stand.voucher == Voucher::Ca).map(|(_, class)| class)
    }
}

/// The OpenID Connect issuer of GitHub's workflows.
const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// What the npm client calls a GitHub runner as builder. The class of the runner follows, but in its first
/// release.
const RUNNER: &str = "https://github.com/actions/runner";

/// A builder that is named somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Builder<'a> {
    /// Its name there.
    pub(super) name: &'a str,
    /// The class of runner that the certificate adds to a name without it.
    pub(super) class: Option<&'a str>,
}

impl<'a> Builder<'a> {
    fn new(name: &'a str, certified: Option<&'a str>) -> Self {
        Self { name, class: certified.filter(|_| name == RUNNER) }
    }

    /// Whether the name, or the name with what the certificate adds to it, fits.
    pub(super) fn is(self, fits: impl Fn(&str) -> bool) -> bool {
        fits(self.name) || self.class.is_some_and(|class| fits(&format!("{}/{class}", self.name)))
    }
}

/// Whether the fact is about how the artifact was built.
const fn is_about_build(fact: &Fact) -> bool {
    match fact {
        Fact::BuiltBy { .. }
        | Fact::BuiltFrom(_)
        | Fact::TriggeredBy { .. }
        | Fact::BuiltWith { .. }
        | Fact::BuiltIn { .. }
        | Fact::RanOn { .. }
        | Fact::DependsOn { .. } => true,
        Fact::PublishedAs { .. }
        | Fact::PublishedBy { .. }
        | Fact::Summarised(_)
        | Fact::Attested { .. }
        | Fact::WorkflowIdentity(_) => false,
    }
}

/// How far a claim may be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    pub(super) standing: Standing,
    pub(super) voucher: Voucher,
}

impl Stand {
    pub(super) const fn of(claim: &Claim) -> Self {
        Self { standing: claim.standing, voucher: claim.vouched_by }
    }

    /// Whether the claim may support an answer.
    pub(super) fn supports(self) -> bool {
        self.standing == Standing::Verified && is_accepted(self.voucher)
    }
}

/// The answer about claims of one kind in a provenance: none may differ from what is expected, and one that
/// fits must be verified and vouched for.
pub(super) fn agree<T: Copy>(
    provenance: &Provenance<'_>,
    claims: &[(Stand, T)],
    fits: impl Fn(T) -> bool,
    show: impl Fn(T) -> String,
    (matches, mismatch): (Ground, Ground),
) -> Weighed {
    let id = provenance.signature.id;
    let Some((_, first)) = claims.first() else {
        return Weighed::missing(Ground::NotClaimed, "the provenance does not say it").on(id);
    };
    if let Some((stand, other)) = claims.iter().find(|(_, claim)| !fits(*claim)) {
        let detail = format!("found {} (vouched by {})", show(*other), stand.voucher.word());
        return Weighed::no(mismatch, detail).on(id);
    }
    if let Some((_, refuted)) = claims.iter().find(|(stand, _)| stand.standing == Standing::Refuted) {
        return Weighed::no(Ground::Contradicted, show(*refuted)).on(id);
    }
    match claims.iter().find(|(stand, _)| stand.supports()) {
        Some((stand, claim)) => {
            Weighed::yes(matches, format!("{} (vouched by {})", show(*claim), stand.voucher.word())).on(id)
        }
        None if claims.iter().any(|(stand, _)| stand.standing == Standing::Verified) => {
            Weighed::missing(Ground::VoucherNotAccepted, show(*first)).on(id)
        }
        None => unverified(provenance.signature),
    }
}

fn judge(_: Context<'_>, provenance: &Provenance<'_>, _: &Setting) -> Weighed {
    let show = |builder: Builder<'_>| format!("built by `{}`", builder.name);
    let grounds = (Ground::ProvenanceVerified, Ground::Contradicted);
    agree(provenance, &provenance.builders(), |_| true, show, grounds)
}
