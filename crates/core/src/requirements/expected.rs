//! `expected`: the signer is the one who should have signed this artifact.
//!
//! A certificate for the right name of the wrong issuer, or for another publisher, proves nothing here: any
//! of thousands of valid signers could have made the signature.

use std::borrow::Cow;

use super::{AS_GIVEN, Context, Control, Field, Form, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::claim::Fact;
use crate::evidence::{Signature, State};
use crate::ground::Ground;
use crate::identity::{Signer, name};
use crate::policy::{Expectations, Pattern, Witness};
use crate::provenance::bare_repository;
use crate::speaker::Speaker;
use crate::verdict::{Answer, Question};

/// The entry of the table.
pub(super) static ENTRY: Requirement = Requirement {
    id: "expected",
    section: Section::Of(Question::Signer),
    title: "The signer is the expected one",
    meaning: "The certificate name (all of it, its common name or its organisation), an alternative name or the \
              fingerprint is the expected one, and so is the issuer, where one is named. `*` stands for any \
              characters; nothing is matched by its beginning alone. An identity of an OpenID Connect provider \
              is expected with its issuer: a name alone could be vouched for by any provider.",
    shape: Shape::Tables(
        &[AS_GIVEN],
        &[
            Field {
                key: "signer",
                meaning: "certificate name, alternative name or fingerprint",
                required: true,
                form: Form::Pattern,
            },
            Field {
                key: "issuer",
                meaning: "OpenID Connect issuer, or the name of the certificate's issuer",
                required: false,
                form: Form::Pattern,
            },
        ],
    ),
    judge: Judge::Signature(judge),
    fix: "say who should have signed: --signer NAME (and --issuer URL), or accept a key with --key",
    controls: &[
        Control { framework: "NIST SP 800-53", id: "CM-14" },
        Control { framework: "OWASP CI/CD Top 10", id: "CICD-SEC-9" },
    ],
};

/// Whether a signature is by whom the command line says. Whom a policy expects does not count: a requirement more would
/// otherwise let more signers speak.
pub(super) fn is_given(given: &Expectations, signature: &Signature) -> bool {
    given.names_signer() && compare(signature, &Identity::given(given)).answer == Answer::Yes
}

/// Whether a signature is by a witness of the policy who may state such a fact.
pub(super) fn is_witness(context: Context<'_>, signature: &Signature, speaker: &Speaker<'_>, fact: &Fact) -> bool {
    let may_state = |witness: &&Witness| witness.says.contains(&fact.name());
    let is_of_repository = |witness: &Witness| match (&witness.repository, speaker.called_from()) {
        (Some(pattern), _) => speaker.ran_in.is_some_and(|repository| pattern.matches(repository)),
        (None, Some(ran_in)) => is_about(fact, ran_in),
        (None, None) => true,
    };
    let is_signer = |witness: &Witness| {
        let identity = Identity { signer: Some(witness.signer.as_str()), issuer: Some(witness.issuer.as_str()) };
        compare(signature, &identity).answer == Answer::Yes
    };
    context.witnesses.iter().filter(may_state).any(|witness| is_of_repository(witness) && is_signer(witness))
}

/// Whether what a workflow states that others may call is about the repository from which it was called, if it is about
/// one.
pub(super) fn is_of_caller(speaker: &Speaker<'_>, fact: &Fact) -> bool {
    let is_about_caller = |ran_in| fact.repository().is_none() || is_about(fact, ran_in);
    speaker.called_from().is_none_or(is_about_caller)
}

/// Whether a fact names this repository as the one that it is about.
fn is_about(fact: &Fact, repository: &str) -> bool {
    fact.repository().is_some_and(|named| bare_repository(named) == bare_repository(repository))
}

/// Who is expected, as far as it is said.
struct Identity<'a> {
    signer: Option<&'a str>,
    issuer: Option<&'a str>,
}

impl<'a> Identity<'a> {
    fn given(given: &'a Expectations) -> Self {
        Self { signer: given.signer.as_deref(), issuer: given.issuer.as_deref() }
    }

    fn of_table(table: &'a [(&'static str, Pattern)]) -> Self {
        let field = |key: &str| table.iter().find(|(name, _)| *name == key).map(|(_, pattern)| pattern.as_str());
        Self { signer: field("signer"), issuer: field("issuer") }
    }
}

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let mut weighed = Vec::new();
    if context.expectations.names_signer() {
        weighed.push(compare(signature, &Identity::given(context.expectations)));
    }
    if !setting.tables().is_empty() {
        let compared = setting.tables().iter().map(|table| compare(signature, &Identity::of_table(table)));
        weighed.extend(compared.max_by_key(|weighed| weighed.answer));
    }
    // What the policy names and what the command line names must both hold.
    weighed.into_iter().min_by_key(|weighed| weighed.answer).unwrap_or_else(|| nobody_said(signature))
}

fn nobody_said(signature: &Signature) -> Weighed {
    if signature.state() == State::Valid && signature.chain.is_empty() {
        return Weighed::yes(Ground::KeyMatches, "made with a key given with --key");
    }
    let signer = &signature.signer;
    let weighed = Weighed::missing(Ground::SignerNotSaid, "nobody said who should have signed this");
    match (signature.state(), signer.display_name()) {
        (State::Valid, Some(name)) => weighed.with_fix(suggestion(name, signer.oidc_issuer.as_deref())),
        _ => weighed,
    }
}

fn suggestion(name: &str, issuer: Option<&str>) -> String {
    let issuer = issuer.map(|issuer| format!(" --issuer '{issuer}'")).unwrap_or_default();
    format!("if you know from elsewhere that this is who should sign: --signer '{name}'{issuer}")
}

fn compare(signature: &Signature, expected: &Identity<'_>) -> Weighed {
    let signer = &signature.signer;
    if let Some(pattern) = expected.signer
        && !names(signer).any(|name| Pattern::fits(pattern, &name))
        && !is_fingerprint(signer, pattern)
    {
        let found = signer.display_name().unwrap_or("a key without a name");
        return Weighed::no(Ground::IdentityMismatch, format!("expected `{pattern}`, found `{found}`"));
    }
    if let Some(pattern) = expected.issuer
        && !issuers(signer).any(|issuer| Pattern::fits(pattern, &issuer))
    {
        let found = issuers(signer).next().unwrap_or(Cow::Borrowed("no issuer"));
        return Weighed::no(Ground::IssuerMismatch, format!("expected `{pattern}`, found `{found}`"));
    }
    match (expected.signer, expected.issuer, &signer.oidc_issuer) {
        // Anybody may be a customer of an issuer.
        (None, Some(issuer), _) => {
            Weighed::missing(Ground::SignerNotSaid, format!("the issuer is `{issuer}`, but nobody said which signer"))
        }
        // Any provider could have vouched for an account of that name: a name alone is no identity.
        (Some(pattern), None, Some(found)) if !is_fingerprint(signer, pattern) => {
            let weighed = Weighed::missing(Ground::IssuerNotSaid, format!("the name fits, under the issuer `{found}`"));
            weighed.with_fix(format!("say which provider must have vouched for the name: --issuer '{found}'"))
        }
        _ => Weighed::yes(Ground::IdentityMatches, signer.display_name().unwrap_or_default()),
    }
}

/// The names that a relying party may know the signer by.
fn names(signer: &Signer) -> impl Iterator<Item = Cow<'_, str>> {
    let name = signer.name.iter().filter(|name| !name.is_empty());
    let parts = name.clone().flat_map(|text| name::values(text, &["CN", "O"]));
    name.chain(&signer.san).map(|text| Cow::Borrowed(text.as_str())).chain(parts.map(Cow::Owned))
}

/// The OpenID Connect issuer alone where there is one: Fulcio's own name says nothing about the identity.
fn issuers(signer: &Signer) -> impl Iterator<Item = Cow<'_, str>> {
    let of_authority = signer.issuer.iter().filter(|_| signer.oidc_issuer.is_none());
    let parts = of_authority.clone().flat_map(|issuer| name::values(issuer, &["CN", "O"]));
    let whole = signer.oidc_issuer.iter().chain(of_authority);
    whole.map(|text| Cow::Borrowed(text.as_str())).chain(parts.map(Cow::Owned))
}

/// Whether the text is the fingerprint or the key's digest, written with or without colons.
fn is_fingerprint(signer: &Signer, text: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !matches!(c, ':' | ' ')).collect::<String>().to_ascii_lowercase();
    let key = signer.spki_sha256.map(|digest| digest.hex());
    let text = plain(text.strip_prefix("sha256:").unwrap_or(text));
    let known = signer.fingerprint.iter().chain(key.iter());
    !text.is_empty() && known.into_iter().any(|fingerprint| plain(fingerprint) == text)
}
