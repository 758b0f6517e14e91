//! `summary`: a verifier that is accepted has found the release good.

use super::{
    AS_GIVEN, Context, Control, Judge, Requirement, Section, Setting, Shape, Weighed, best_claim, is_vouched_for,
};
use crate::claim::{Claim, Fact, Standing, Summary};
use crate::ground::Ground;
use crate::policy::SummaryExpectation;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(crate) static ENTRY: Requirement = Requirement {
    id: "summary",
    section: Section::Of(Question::Path),
    title: "An accepted verifier found it good",
    meaning: "A verification summary about this artifact, under a signature that is valid, is by the expected verifier, \
              and names every expected level or a higher one of the same track. A SLSA VSA is also about the expected \
              resource, with the result PASSED; an in-toto simple verification result names neither, so that it counts \
              only if levels and no resource are expected. Anybody can write a summary: without an expected verifier \
              it says nothing.",
    shape: Shape::Word(&[AS_GIVEN]),
    judge: Judge::Artifact(judge),
    fix: "obtain a summary of the expected verifier for this resource and give it with --evidence",
    controls: &[Control { framework: "S2C2F", id: "AUD-1" }],
};

fn judge(context: Context<'_>, _: &Setting) -> Weighed {
    weigh(context)
}

/// Weighs the summaries against the one that is expected.
pub(crate) fn weigh(context: Context<'_>) -> Weighed {
    let Some(expected) = context.expectations.summary.as_ref() else {
        return Weighed::missing(Ground::SummaryNotSaid, "nobody said whose summary about what is expected").with_fix(
            "say whose summary is accepted: --vsa-verifier ID, with --vsa-resource URI or --vsa-level LEVEL",
        );
    };
    let weighed = best_claim(context, |claim| weigh_one(context, expected, claim));
    weighed.unwrap_or_else(|| Weighed::missing(Ground::NoSummary, "no summary is there that is about this artifact"))
}

fn weigh_one(context: Context<'_>, expected: &SummaryExpectation, claim: &Claim) -> Option<Weighed> {
    let Fact::Summarised(summary) = &claim.fact else { return None };
    let weighed = match against(expected, summary) {
        Some(weighed) => weighed,
        None if claim.standing == Standing::Verified && !is_vouched_for(context, claim) => {
            Weighed::missing(Ground::SummaryNotSaid, format!("nobody said who signs for `{}`", summary.verifier))
                .with_fix(
                    "give the verifier's key with --key, or say by which name it signs: --signer NAME --issuer URL",
                )
        }
        None if claim.standing == Standing::Verified => Weighed::yes(Ground::SummaryMatches, said(summary)),
        None => Weighed::missing(Ground::ProvenanceNotVerified, format!("a summary by `{}`", summary.verifier)),
    };
    Some(weighed.resting_on(claim))
}

/// What of a summary is not as expected (SLSA v1.2, "How to verify", steps 4 to 7).
fn against(expected: &SummaryExpectation, summary: &Summary) -> Option<Weighed> {
    let differs = |what: &str, expected: &str, found: &str| {
        let detail = format!("expected the {what} `{expected}`, found `{found}`");
        (expected != found).then(|| Weighed::no(Ground::SummaryMismatch, detail))
    };
    let resource = || match (&expected.resource, &summary.resource) {
        (Some(expected), Some(found)) => differs("resource", expected, found),
        (Some(_), None) => Some(Weighed::missing(Ground::SummaryNamesNoResource, said(summary)).with_fix(
            "where a result is to count, say which properties must have passed (--vsa-level), and no resource",
        )),
        (None, Some(_)) => Some(
            Weighed::missing(Ground::SummaryNotSaid, "nobody said about which resource a summary is expected")
                .with_fix("say which resource the artifact is to be: --vsa-resource URI"),
        ),
        (None, None) => None,
    };
    differs("verifier", &expected.verifier, &summary.verifier)
        .or_else(resource)
        .or_else(|| failed(expected, summary))
        .or_else(|| expected.levels.iter().find_map(|level| lacks(level, summary)))
}

/// Whether a summary says that the artifact is not good, or does not say that it is.
fn failed(expected: &SummaryExpectation, summary: &Summary) -> Option<Weighed> {
    // The word stands among the levels where the whole failed (SLSA v1.2, `verifiedLevels`).
    let says_failed = summary.passed == Some(false) || summary.levels.iter().any(|level| level == "FAILED");
    let says_nothing = summary.passed.is_none() && expected.levels.is_empty();
    match (says_failed, says_nothing) {
        (true, _) => Some(Weighed::no(Ground::SummaryFailed, "the summary says FAILED")),
        (false, true) => Some(
            Weighed::missing(Ground::SummaryNotSaid, "nobody said which properties are expected of a result")
                .with_fix("say which properties must have passed: --vsa-level WORD"),
        ),
        (false, false) => None,
    }
}

/// What a summary says, in words.
fn said(summary: &Summary) -> String {
    match &summary.resource {
        Some(resource) => format!("`{}` says PASSED for `{resource}`", summary.verifier),
        None => format!("`{}` says that these passed: {}", summary.verifier, summary.levels.join(", ")),
    }
}

/// Whether a level that is expected is not reached.
pub(super) fn lacks(expected: &str, summary: &Summary) -> Option<Weighed> {
    let found = summary.levels.join(", ");
    let Some(wanted) = Level::of(expected) else {
        // Words of other vocabularies are equal or not.
        let said = summary.levels.iter().any(|level| level == expected);
        return (!said)
            .then(|| Weighed::no(Ground::SummaryLevelNotReached, format!("`{expected}` is not in: {found}")));
    };
    if wanted.number.is_none() && summary.levels.iter().any(|level| level == expected) {
        return None;
    }
    let of_track: Vec<Level<'_>> = summary
        .levels
        .iter()
        .filter_map(|level| Level::of(level))
        .filter(|level| level.track == wanted.track)
        .collect();
    let answer = match of_track.as_slice() {
        [one] => match one.number {
            Some(number) if wanted.number.is_some_and(|wanted| number >= wanted) => Answer::Yes,
            Some(_) => Answer::No,
            None => Answer::NotEstablished,
        },
        // A track has one level; of several nothing can be concluded.
        [] | [_, _, ..] => Answer::NotEstablished,
    };
    let detail = format!("expected `{expected}` or higher, found: {found}");
    (answer != Answer::Yes).then(|| Weighed::new(answer, Ground::SummaryLevelNotReached.word(), detail))
}

/// A level of SLSA's own tracks: `SLSA_<TRACK>_LEVEL_<number>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Level<'a> {
    track: &'a str,
    /// `None` if it was not evaluated, or is no number.
    number: Option<u8>,
}

impl<'a> Level<'a> {
    fn of(text: &'a str) -> Option<Self> {
        let (track, number) = text.strip_prefix("SLSA_")?.split_once("_LEVEL_")?;
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        Some(Self { track, number: digits.then(|| number.parse().ok()).flatten() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(levels: &[&str]) -> Summary {
        Summary {
            verifier: "https://v.example".to_owned(),
            resource: Some("pkg:x/y".to_owned()),
            passed: Some(true),
            levels: levels.iter().map(|level| (*level).to_owned()).collect(),
            time: None,
            policy: None,
        }
    }

    fn answer(expected: &str, found: &[&str]) -> Answer {
        lacks(expected, &summary(found)).map_or(Answer::Yes, |weighed| weighed.answer)
    }

    #[test]
    fn a_level_is_reached_by_itself_or_a_higher_one_of_its_track() {
        let found = ["SLSA_BUILD_LEVEL_2", "SLSA_SOURCE_LEVEL_3", "ORG_REVIEWED"];
        assert_eq!(answer("SLSA_BUILD_LEVEL_1", &found), Answer::Yes);
        assert_eq!(answer("SLSA_BUILD_LEVEL_2", &found), Answer::Yes);
        assert_eq!(answer("SLSA_BUILD_LEVEL_3", &found), Answer::No);
        assert_eq!(answer("ORG_REVIEWED", &found), Answer::Yes);
        assert_eq!(answer("ORG_TESTED", &found), Answer::No);
    }

    #[test]
    fn what_was_not_evaluated_is_not_established() {
        for found in [&["SLSA_BUILD_LEVEL_UNEVALUATED"][..], &["SLSA_BUILD_LEVEL_"], &["SLSA_BUILD_LEVEL_+3"], &[]] {
            assert_eq!(answer("SLSA_BUILD_LEVEL_1", found), Answer::NotEstablished, "{found:?}");
        }
        let unevaluated = "SLSA_BUILD_LEVEL_UNEVALUATED";
        assert_eq!(answer(unevaluated, &[unevaluated]), Answer::Yes, "whoever asks for no more gets it");
        let two = ["SLSA_BUILD_LEVEL_1", "SLSA_BUILD_LEVEL_3"];
        assert_eq!(answer("SLSA_BUILD_LEVEL_2", &two), Answer::NotEstablished);
    }

    #[test]
    fn verifier_and_resource_are_compared_whole() {
        let expected = |verifier: &str, resource: &str| SummaryExpectation {
            verifier: verifier.to_owned(),
            resource: Some(resource.to_owned()),
            levels: Vec::new(),
        };
        assert!(against(&expected("https://v.example", "pkg:x/y"), &summary(&[])).is_none());
        assert!(against(&expected("https://v.example", "pkg:x"), &summary(&[])).is_some());
        assert!(against(&expected("https://v.example/", "pkg:x/y"), &summary(&[])).is_some());
        let failed = Summary { passed: Some(false), ..summary(&[]) };
        assert!(
            against(&expected("https://v.example", "pkg:x/y"), &failed).is_some_and(|found| found.answer == Answer::No)
        );
    }

    /// A result (SVR): neither resource nor outcome.
    fn result(properties: &[&str]) -> Summary {
        Summary { resource: None, passed: None, ..summary(properties) }
    }

    #[test]
    fn a_result_counts_only_for_the_properties_that_are_expected() {
        let expected = |resource: Option<&str>, levels: &[&str]| SummaryExpectation {
            verifier: "https://v.example".to_owned(),
            resource: resource.map(str::to_owned),
            levels: levels.iter().map(|level| (*level).to_owned()).collect(),
        };
        let answer = |expected: &SummaryExpectation, summary: &Summary| {
            against(expected, summary).map_or(Answer::Yes, |weighed| weighed.answer)
        };
        let passed = result(&["A", "SLSA_BUILD_LEVEL_3"]);
        assert_eq!(answer(&expected(None, &["A", "SLSA_BUILD_LEVEL_2"]), &passed), Answer::Yes);
        assert_eq!(answer(&expected(None, &["A", "B"]), &passed), Answer::No);
        assert_eq!(answer(&expected(None, &[]), &passed), Answer::NotEstablished);
        assert_eq!(answer(&expected(Some("pkg:x/y"), &["A"]), &passed), Answer::NotEstablished);
        assert_eq!(answer(&expected(None, &[]), &result(&[])), Answer::NotEstablished);
        // A summary that names its resource is never accepted as anything.
        assert_eq!(answer(&expected(None, &["A"]), &summary(&["A"])), Answer::NotEstablished);
    }

    #[test]
    fn a_level_called_failed_is_no_pass() {
        let expected = SummaryExpectation {
            verifier: "https://v.example".to_owned(),
            resource: Some("pkg:x/y".to_owned()),
            levels: Vec::new(),
        };
        assert!(against(&expected, &summary(&["FAILED"])).is_some_and(|found| found.answer == Answer::No));
    }
}
