//! `reproduced`: somebody else built the same bytes from the same commit.

use super::provenance::Provenance;
use super::run::{ESTABLISHED, NOTHING_KNOWN};
use super::{Context, Control, Judge, Requirement, Said, Section, Setting, Shape, Weighed, behind};
use crate::claim::Fact;
use crate::dossier::Dossier;
use crate::ground::Ground;
use crate::release::released::Rebuild;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "reproduced",
    section: Section::Of(Question::Path),
    title: "Somebody else built the same bytes",
    meaning: "A second builder built the commit that the provenance names and got these very bytes. Where it got \
              others, one of both builds put something in that is not in the source, or the build is not reproducible: \
              either way the provenance does not say what is in the file.",
    shape: Shape::Word(&[ESTABLISHED, NOTHING_KNOWN]),
    judge: Judge::Provenance(judge),
    fix: "have the commit built by somebody else and give the result with --observed (docs/release-path.md)",
    controls: &[
        Control { framework: "SLSA", id: "SLSA_BUILD_REPRODUCED" },
        Control { framework: "S2C2F", id: "REB-1" },
    ],
};

/// Whether something is at hand that could speak against the build.
pub(super) fn is_known(dossier: &Dossier) -> bool {
    dossier.claims.all().iter().any(|claim| matches!(claim.fact, Fact::BuiltAgain(_)))
}

fn judge(context: Context<'_>, provenance: &Provenance<'_>, setting: &Setting) -> Weighed {
    let is_of = |rebuild: &Rebuild| {
        rebuild.name == context.dossier.artifact.name && provenance.names_commit(&rebuild.repository, &rebuild.commit)
    };
    let unknown = (Ground::RebuildNotKnown, "nobody is known to have built it again");
    let said = Said::beside(context, provenance, |claim| match &claim.fact {
        Fact::BuiltAgain(rebuild) if is_of(rebuild) => {
            let weighed = weigh(context.dossier, rebuild);
            weighed
                .filter(|it| it.answer != Answer::Yes || provenance.is_of_commit(&rebuild.repository, &rebuild.commit))
        }
        _ => None,
    });
    behind(said.unopposed(), setting, unknown).on(provenance.signature.id)
}

fn weigh(dossier: &Dossier, rebuild: &Rebuild) -> Option<Weighed> {
    let algorithm = rebuild.digest.algorithm();
    let ours = dossier.artifact.digests.get(&algorithm).filter(|_| !algorithm.is_broken())?;
    Some(if *ours == rebuild.digest {
        Weighed::yes(Ground::Reproduced, format!("`{}` got {}", rebuild.by, rebuild.digest))
    } else {
        Weighed::no(Ground::NotReproduced, format!("`{}` got {} from {}", rebuild.by, rebuild.digest, rebuild.commit))
            .with_fix("find out with its publisher what differs; until then use no build of this commit")
    })
}
