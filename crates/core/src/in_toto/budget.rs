//! How much work one verification of a layout may take. Patterns, paths, links and signatures come from files, and
//! most of these files come from whoever hands over the artifact.

/// Steps that all comparisons may take together: a quarter of a second for patterns, up to a second for many small
/// look-ups. A rule takes about 140 for a file whose path has 35 characters, so that these are the files of a project of
/// 35,000, once as materials and once as products, under five rules each. The largest layouts seen need some ten thousand.
const MAX_STEPS: u64 = 50_000_000;

/// Signatures that are verified, in documents and in the paths of certificates: one or two seconds for keys of usual sizes. A layout of ten steps with five
/// functionaries and links of all of them needs 250.
const MAX_SIGNATURES: u32 = 4_096;

/// The work that is left.
pub(super) struct Budget {
    steps: u64,
    signatures: u32,
}

/// All of it is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Exhausted;

impl Budget {
    pub(super) const fn new() -> Self {
        Self { steps: MAX_STEPS, signatures: MAX_SIGNATURES }
    }

    /// Takes steps of a comparison: about one for each character that is looked at.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Exhausted> {
        self.steps = self.steps.checked_sub(u64::try_from(steps).unwrap_or(u64::MAX)).ok_or(Exhausted)?;
        Ok(())
    }

    /// Takes one signature to be verified.
    pub(super) fn spend_signature(&mut self) -> Result<(), Exhausted> {
        self.signatures = self.signatures.checked_sub(1).ok_or(Exhausted)?;
        Ok(())
    }
}
