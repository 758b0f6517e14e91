//! The table of requirements: what a policy may ask. One file per requirement, two lines here to add one.
//!
//! A requirement is judged on the artifact as a whole, on one signature, or on one provenance. What is asked
//! of a signature is asked of *one and the same* signature, and the same for provenance: halves of two
//! signatures never add up to a good one (`appraise.rs` chooses the best).

use crate::claim::{Claim, Standing, Voucher};
use crate::dossier::Dossier;
use crate::evidence::{Need, Outcome, Reason, Signature, SignatureId, State};
use crate::ground::Ground;
use crate::policy::{Expectations, Pattern, Witness};
use crate::provenance::builders::Builder;
use crate::registry::Registry;
use crate::speaker::Speaker;
use crate::time::Time;
use crate::verdict::{Answer, Question};

mod algorithms;
mod as_released;
mod assurance;
pub(crate) mod assurance_at_least;
mod attested;
mod builder;
mod coverage;
mod dependencies;
mod expected;
mod expected_publisher;
mod in_order;
mod inputs;
mod intact;
mod key_in_hardware;
mod kinds;
pub(crate) mod layout;
mod monitored;
mod no_drift;
mod not_distrusted;
mod not_downgraded;
mod not_revoked;
mod owner_active;
mod package;
mod parameters;
pub(crate) mod provenance;
mod r#ref;
mod registered;
mod reproduced;
mod reviewed;
mod rotation_not_overdue;
mod run;
mod runner;
mod separate;
mod separate_or_isolated;
mod source;
mod source_compared;
mod source_controls;
pub(crate) mod source_level;
mod source_reviewed;
pub(crate) mod summary;
mod tag_unmoved;
mod timestamp;
mod tool_results;
mod transparency;
mod trigger;
mod vouched;

pub(crate) use provenance::OR_AS_GIVEN;
pub use provenance::Provenance;
pub(crate) use registered::NOTHING_KNOWN;
use run::NOTHING_KNOWN as NOTHING_KNOWN_AGAINST;
pub(crate) use run::named_by as runs_named_by;
pub(crate) use source::repository as repository_of;

/// Every requirement, in the order in which a verdict lists them.
pub static REQUIREMENTS: &[&Requirement] = &[
    &intact::ENTRY,
    &coverage::ENTRY,
    &kinds::ENTRY,
    &algorithms::ENTRY,
    &timestamp::ENTRY,
    &transparency::ENTRY,
    &vouched::ENTRY,
    &not_revoked::ENTRY,
    &expected::ENTRY,
    &assurance::ENTRY,
    &assurance_at_least::ENTRY,
    &registered::ENTRY,
    &owner_active::ENTRY,
    &rotation_not_overdue::ENTRY,
    &key_in_hardware::ENTRY,
    &reviewed::ENTRY,
    &monitored::ENTRY,
    &no_drift::ENTRY,
    &expected_publisher::ENTRY,
    &not_distrusted::ENTRY,
    &provenance::ENTRY,
    &source::ENTRY,
    &r#ref::ENTRY,
    &builder::ENTRY,
    &trigger::ENTRY,
    &runner::ENTRY,
    &run::ENTRY,
    &source_reviewed::ENTRY,
    &source_level::ENTRY,
    &source_controls::ENTRY,
    &tag_unmoved::ENTRY,
    &separate::ENTRY,
    &separate_or_isolated::ENTRY,
    &in_order::ENTRY,
    &as_released::ENTRY,
    &source_compared::ENTRY,
    &reproduced::ENTRY,
    &not_downgraded::ENTRY,
    &inputs::ENTRY,
    &parameters::ENTRY,
    &dependencies::ENTRY,
    &package::ENTRY,
    &layout::ENTRY,
    &summary::ENTRY,
    &attested::ENTRY,
    &tool_results::ENTRY,
];

/// What is judged wherever something is asked in its section, if something is at hand that could speak against the
/// artifact: like a revocation, it counts if it is known. Each asks then that nothing be known.
pub(crate) static JUDGED_IF_KNOWN: &[(&Requirement, IsKnown)] = &[
    (&run::ENTRY, run::is_known),
    (&source_reviewed::ENTRY, source_reviewed::is_known),
    (&tag_unmoved::ENTRY, tag_unmoved::is_known),
    (&separate::ENTRY, separate::is_known),
    (&in_order::ENTRY, in_order::is_known),
    (&as_released::ENTRY, as_released::is_known),
    (&source_compared::ENTRY, source_compared::is_known),
    (&reproduced::ENTRY, reproduced::is_known),
    (&not_downgraded::ENTRY, not_downgraded::is_known),
];

/// Whether something of a kind is at hand.
type IsKnown = fn(&Dossier) -> bool;

/// One thing that a policy may require: plain data with a function.
pub struct Requirement {
    /// Its name, in policies and in verdicts.
    pub id: &'static str,
    /// The section of the policy, and with it the question, that it belongs to.
    pub section: Section,
    /// What it asks, in a few words.
    pub title: &'static str,
    /// What it means, in a sentence or two.
    pub meaning: &'static str,
    /// What may stand behind its key.
    pub shape: Shape,
    /// How it is judged.
    pub judge: Judge,
    /// What would change the answer, where the case has nothing better to say.
    pub fix: &'static str,
    /// Controls of public frameworks that it is evidence for.
    pub controls: &'static [Control],
}

impl std::fmt::Debug for Requirement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

/// A section of an environment in a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// One of the three questions.
    Of(Question),
    /// Evidence of other tools, under none of the questions.
    Other,
}

impl Section {
    /// All sections, in order.
    pub const ALL: [Self; 4] =
        [Self::Of(Question::Signed), Self::Of(Question::Signer), Self::Of(Question::Path), Self::Other];

    /// Its key in a policy.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Of(question) => question.word(),
            Self::Other => "other",
        }
    }
}

/// A control of a public framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// The framework.
    pub framework: &'static str,
    /// Its id there.
    pub id: &'static str,
}

/// What may stand behind the key of a requirement.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One of these words.
    Word(&'static [Choice]),
    /// A list of some of these words: any of them is accepted.
    Words(fn() -> Vec<Choice>),
    /// A list of patterns: any of them is accepted. Or one of the words, where there are any.
    Patterns(&'static [Choice]),
    /// A table with some of these fields, or a list of such tables: any of them is accepted. Or one of the
    /// words, where there are any.
    Tables(&'static [Choice], &'static [Field]),
    /// One of these words, or what is asked of the builder.
    Graded(&'static [Choice]),
    /// A table from paths to what may stand there, which is said in words; or one of the words.
    Map(&'static [Choice], &'static str),
}

/// A word of a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The word.
    pub word: &'static str,
    /// What it asks.
    pub meaning: &'static str,
}

/// The word that leaves the value to the command line.
pub const AS_GIVEN: Choice = Choice { word: "as-given", meaning: "what the command line says is expected" };

/// A field of a table.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its key.
    pub key: &'static str,
    /// What it asks.
    pub meaning: &'static str,
    /// Whether the table says nothing without it.
    pub required: bool,
    /// What its value must be.
    pub form: Form,
}

/// What the value of a field must be.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A pattern.
    Pattern,
    /// One of these words.
    Word(fn() -> Vec<&'static str>),
    /// A span of time: a whole number of hours, days or weeks (`36h`, `7d`, `2w`).
    Age,
}

/// The seconds of a span of time as [`Form::Age`] writes it; `None` if it is none, or none at all.
#[must_use]
pub fn age_of(text: &str) -> Option<i64> {
    let unit = match text.chars().next_back()? {
        'h' => 3_600,
        'd' => Time::DAY,
        'w' => Time::DAY.checked_mul(7)?,
        _ => return None,
    };
    let number = text.get(..text.len().checked_sub(1)?)?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = digits.then(|| number.parse::<i64>().ok())??.checked_mul(unit)?;
    (seconds > 0).then_some(seconds)
}

/// The field of a table that names the least party that must stand behind what the table asks.
const VOUCHER: Field = Field {
    key: "voucher",
    meaning: "the least party that must stand behind it; without it, anybody out of reach of the job",
    required: false,
    form: Form::Word(|| Voucher::ALL.map(Voucher::word).to_vec()),
};

/// What a table says about who must stand behind it.
fn voucher_of(table: &[(&'static str, Pattern)]) -> Option<Voucher> {
    let (_, word) = table.iter().find(|(key, _)| *key == VOUCHER.key)?;
    Voucher::ALL.into_iter().find(|voucher| voucher.word() == word.as_str())
}

/// What a policy says behind a key, checked against the [`Shape`] when it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// One word.
    Word(&'static str),
    /// Any of these words.
    Words(Vec<&'static str>),
    /// Any of these patterns.
    Patterns(Vec<Pattern>),
    /// Any of these tables.
    Tables(Vec<Vec<(&'static str, Pattern)>>),
    /// What is asked of the builder.
    Graded(GradeDemand),
    /// Paths, and what may stand there.
    Map(Vec<(Pattern, Pattern)>),
}

/// What is asked of the builder of an artifact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GradeDemand {
    /// The name of the row that must fit: of the policy, or of the shipped table.
    pub builder: Option<String>,
    /// The least SLSA Build level.
    pub level: u8,
    /// The least party that must stand behind what the statement says; `None` for anybody out of reach of the job.
    pub voucher: Option<Voucher>,
}

impl Setting {
    /// Whether it is this word.
    #[must_use]
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(set) if *set == word)
    }

    /// Whether it is a list of words with this one in it.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        matches!(self, Self::Words(words) if words.contains(&word))
    }

    fn patterns(&self) -> &[Pattern] {
        if let Self::Patterns(patterns) = self { patterns } else { &[] }
    }

    fn map(&self) -> &[(Pattern, Pattern)] {
        if let Self::Map(map) = self { map } else { &[] }
    }

    fn tables(&self) -> &[Vec<(&'static str, Pattern)>] {
        if let Self::Tables(tables) = self { tables } else { &[] }
    }
}

/// What a judge may look at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// What was found.
    pub dossier: &'a Dossier,
    /// What the command line says is expected.
    pub expectations: &'a Expectations,
    /// What is known about the identities that sign.
    pub registry: &'a Registry,
    /// The builders that the policy names.
    pub builders: &'a [Builder],
    /// Whose records count, by the policy.
    pub witnesses: &'a [Witness],
    /// Who made each of the signatures.
    pub(crate) speakers: &'a [Speaker<'a>],
    /// The environment of the policy.
    pub environment: &'a str,
    /// From when on a version that is less well attested than those before it is held against it.
    pub downgrades_since: Option<Time>,
    /// The instant of appraisal.
    pub at: Time,
}

/// How a requirement is judged.
#[derive(Clone, Copy)]
pub enum Judge {
    /// On everything that was found.
    Artifact(fn(Context<'_>, &Setting) -> Weighed),
    /// On one signature that holds and is about the artifact.
    Signature(fn(Context<'_>, &Signature, &Setting) -> Weighed),
    /// On one provenance, with all its claims.
    Provenance(fn(Context<'_>, &Provenance<'_>, &Setting) -> Weighed),
    /// On everything that was found, with the provenance that the others of its kind are judged on, if there is one.
    Release(fn(Context<'_>, Option<&Provenance<'_>>, &Setting) -> Weighed),
}

/// An answer with its grounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// The answer.
    pub answer: Answer,
    /// Why: a word of [`Ground`], [`Reason`] or [`Need`].
    pub reason: &'static str,
    /// The facts of this case.
    pub detail: String,
    /// The signatures it rests on.
    pub evidence: Vec<SignatureId>,
    /// What would change the answer; empty for what the requirement says itself.
    pub fix: String,
}

impl Weighed {
    pub(crate) fn new(answer: Answer, reason: &'static str, detail: impl Into<String>) -> Self {
        Self { answer, reason, detail: detail.into(), evidence: Vec::new(), fix: String::new() }
    }

    /// Evidence supports it.
    pub(crate) fn yes(ground: Ground, detail: impl Into<String>) -> Self {
        Self::new(Answer::Yes, ground.word(), detail)
    }

    /// Evidence speaks against it.
    pub(crate) fn no(ground: Ground, detail: impl Into<String>) -> Self {
        Self::new(Answer::No, ground.word(), detail)
    }

    /// Evidence is missing.
    pub(crate) fn missing(ground: Ground, detail: impl Into<String>) -> Self {
        Self::new(Answer::NotEstablished, ground.word(), detail)
    }

    pub(crate) fn on(mut self, signature: SignatureId) -> Self {
        self.evidence.push(signature);
        self
    }

    /// Names what the claim rests on: its signature, or in words the document that nobody signed.
    pub(crate) fn resting_on(mut self, claim: &Claim) -> Self {
        self.evidence.extend(claim.evidence.signature());
        self
    }

    pub(crate) fn with_fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }
}

/// Whether this party may stand behind a fact that supports an answer, where the policy names nobody: not
/// the job about itself, and not a tool.
pub(crate) const fn is_accepted(voucher: Voucher) -> bool {
    !matches!(voucher, Voucher::Tenant | Voucher::Tool)
}

/// The best of the answers that verified claims give. Where there is none, the worst of those of others: unverified
/// claims only count against the artifact. Claims under signatures that do not hold count for nothing.
fn best_claim(context: Context<'_>, weigh: impl Fn(&Claim) -> Option<Weighed>) -> Option<Weighed> {
    let holds = |claim: &Claim| {
        let signature = context.dossier.signatures.iter().find(|signature| claim.evidence == signature.id);
        signature.is_some_and(|signature| signature.integrity() == Outcome::Pass)
    };
    // Weighed first: most claims are about something else.
    let weighed = context.dossier.claims.all().iter().filter_map(|claim| Some((claim, weigh(claim)?)));
    let (verified, others): (Vec<_>, Vec<_>) =
        weighed.filter(|(claim, _)| holds(claim)).partition(|(claim, _)| claim.standing == Standing::Verified);
    let best = verified.into_iter().map(|(_, weighed)| weighed).max_by_key(|weighed| weighed.answer);
    best.or_else(|| others.into_iter().map(|(_, weighed)| weighed).min_by_key(|weighed| weighed.answer))
}

/// Whether the relying party named whoever signed: it gave the key, or expects the signer by name. Anybody can obtain a certificate, and sign with it what somebody else should say.
pub(crate) fn is_named(expectations: &Expectations, signature: &Signature) -> bool {
    signature.chain.is_empty() || expected::is_given(expectations, signature)
}

/// Whether a claim about what is behind the artifact may support an answer: it is verified, and the relying party named
/// whoever says so on the command line or as a witness in its policy, or obtained the document itself. Whoever is known to
/// be compromised says nothing that counts.
pub(crate) fn is_vouched_for(context: Context<'_>, claim: &Claim) -> bool {
    let is_verified = claim.standing == Standing::Verified;
    let Some(signature) = signature_of(context, claim) else {
        return is_verified && claim.evidence.signature().is_none();
    };
    let may_say = |speaker: &Speaker<'_>| {
        let is_given = speaker.is_named && expected::is_of_caller(speaker, &claim.fact);
        !speaker.is_compromised && (is_given || expected::is_witness(context, signature, speaker, &claim.fact))
    };
    is_verified && context.speaker(signature.id).is_some_and(may_say)
}

/// The same about what is behind a build: nobody bears witness to the own build. Who can sign in the name of the
/// pipeline could otherwise also say that its run ended well and that its source was reviewed.
pub(crate) fn is_vouched_beside(context: Context<'_>, provenance: &Provenance<'_>, claim: &Claim) -> bool {
    let speaker = |id| context.speaker(id);
    let (own, other) = (speaker(provenance.signature.id), claim.evidence.signature().and_then(speaker));
    let is_own = own.zip(other).is_some_and(|(own, other)| own.is_same(other));
    is_vouched_for(context, claim) && !is_own
}

/// The same about a release: beside the provenance that it is judged with, if there is one.
fn is_vouched_with(context: Context<'_>, provenance: Option<&Provenance<'_>>, claim: &Claim) -> bool {
    match provenance {
        Some(provenance) => is_vouched_beside(context, provenance, claim),
        None => is_vouched_for(context, claim),
    }
}

fn signature_of<'a>(context: Context<'a>, claim: &Claim) -> Option<&'a Signature> {
    let id = claim.evidence.signature()?;
    context.dossier.signatures.iter().find(|signature| signature.id == id)
}

/// What was said, weighed: apart what somebody says whom the relying party named, and what others say, which only
/// counts against the artifact.
struct Said {
    accepted: Vec<Weighed>,
    others: Vec<Weighed>,
}

impl Said {
    fn of(
        context: Context<'_>,
        is_accepted: impl Fn(&Claim) -> bool,
        weigh: impl Fn(&Claim) -> Option<Weighed>,
    ) -> Self {
        let mut said = Self { accepted: Vec::new(), others: Vec::new() };
        for claim in context.dossier.claims.not_refuted() {
            let Some(weighed) = weigh(claim).map(|weighed| weighed.resting_on(claim)) else { continue };
            match (is_accepted(claim), weighed.answer) {
                (true, _) => said.accepted.push(weighed),
                (false, Answer::Yes) => said.others.push(not_vouched_for(claim)),
                (false, _) => said.others.push(weighed),
            }
        }
        said
    }

    /// Of what is behind a build.
    fn beside(context: Context<'_>, provenance: &Provenance<'_>, weigh: impl Fn(&Claim) -> Option<Weighed>) -> Self {
        Self::of(context, |claim| is_vouched_beside(context, provenance, claim), weigh)
    }

    /// Where one record is enough: the best of what is accepted, else the worst of what others say.
    fn best(self) -> Option<Weighed> {
        let best = self.accepted.into_iter().max_by_key(|weighed| weighed.answer);
        best.or_else(|| self.others.into_iter().min_by_key(|weighed| weighed.answer))
    }

    /// Where nothing may speak against the artifact: the first that does, whoever says it, else the best.
    fn unopposed(self) -> Option<Weighed> {
        let against = self.accepted.iter().chain(&self.others).find(|weighed| weighed.answer == Answer::No).cloned();
        against.or_else(|| self.best())
    }
}

/// How a record comes to count.
const VOUCHED_BY: &str =
    "obtain it yourself and give it with --observed, or name whoever signed it: with --key, or under [witnesses]";

fn not_vouched_for(claim: &Claim) -> Weighed {
    Weighed::missing(Ground::NotVouchedFor, claim.evidence.to_string()).with_fix(VOUCHED_BY)
}

/// The answer of what is said about something behind the artifact. Where the policy asks no more than that nothing be
/// known, what is missing is no obstacle.
fn behind(said: Option<Weighed>, setting: &Setting, (ground, unknown): (Ground, &str)) -> Weighed {
    match said.unwrap_or_else(|| Weighed::missing(ground, unknown)) {
        Weighed { answer: Answer::NotEstablished, detail, .. } if setting.is(NOTHING_KNOWN_AGAINST.word) => {
            Weighed::yes(Ground::NothingKnownAgainst, detail)
        }
        weighed => weighed,
    }
}

/// What is said instead of an answer about a claim that nobody accepted verified.
pub(crate) fn unverified(signature: &Signature) -> Weighed {
    let detail = format!("{}: the signature is {} ({})", signature.id, signature.state().word(), signature.reason());
    let weighed = Weighed::missing(Ground::ProvenanceNotVerified, detail).on(signature.id);
    match signature.state() {
        State::Valid => weighed,
        _ => weighed.with_fix(fix_of(signature)),
    }
}

/// What would change the state of a signature.
fn fix_of(signature: &Signature) -> &'static str {
    let word = signature.reason();
    let of_reason = Reason::ALL.iter().find(|reason| reason.word() == word).map(|reason| reason.fix());
    let of_need = || Need::ALL.iter().find(|need| need.word() == word).map(|need| need.settled_by());
    of_reason.or_else(of_need).unwrap_or_default()
}

/// The requirement of this name.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Requirement> {
    REQUIREMENTS.iter().copied().find(|requirement| requirement.id == id)
}

#[cfg(test)]
mod tests {
    use super::{REQUIREMENTS, Shape, age_of};

    #[test]
    fn every_file_of_the_folder_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/requirements");
        #[allow(clippy::disallowed_methods)] // A test of the source, not of core.
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = files.filter(|name| name != "mod.rs").collect();
        files.sort_unstable();
        let mut listed: Vec<_> =
            REQUIREMENTS.iter().map(|known| format!("{}.rs", known.id.replace('-', "_"))).collect();
        listed.sort_unstable();
        assert_eq!(files, listed);
    }

    #[test]
    fn spans_of_time_are_whole_and_positive() {
        assert_eq!(age_of("36h"), Some(129_600));
        assert_eq!(age_of("7d"), Some(604_800));
        assert_eq!(age_of("2w"), Some(1_209_600));
        for wrong in ["", "d", "0d", "-1d", "+1d", "1.5d", "7", "7 d", "7m", "9999999999999999999w", "7\u{e4}"] {
            assert_eq!(age_of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_requirement_says_what_it_means() {
        for known in REQUIREMENTS {
            assert!(known.id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{}", known.id);
            assert!(!known.title.is_empty() && known.meaning.ends_with('.') && !known.fix.is_empty(), "{}", known.id);
            let choices = match known.shape {
                Shape::Word(choices)
                | Shape::Patterns(choices)
                | Shape::Tables(choices, _)
                | Shape::Graded(choices)
                | Shape::Map(choices, _) => choices.to_vec(),
                Shape::Words(choices) => choices(),
            };
            assert!(choices.iter().all(|choice| !choice.meaning.is_empty()), "{}", known.id);
        }
    }

    #[test]
    fn the_table_is_in_the_order_of_the_sections() {
        assert!(REQUIREMENTS.is_sorted_by_key(|known| known.section));
    }
}
