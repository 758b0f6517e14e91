//! `expected`: the signer is the one who should have signed this artifact.
//!
//! A certificate for the right name of the wrong issuer, or for another publisher, proves nothing here: any
//! of thousands of valid signers could have made the signature.

use super::{AS_GIVEN, Context, Control, Field, Form, Judge, Requirement, Section, Setting, Shape, Weighed};
use crate::evidence::{Signature, State};
use crate::ground::Ground;
use crate::identity::{Signer, name};
use crate::policy::Pattern;
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
pub(super) fn is_given(context: Context<'_>, signature: &Signature) -> bool {
    context.expectations.names_signer() && compare(signature, &given(context)).answer == Answer::Yes
}

/// Who is expected by the command line.
fn given(context: Context<'_>) -> Identity {
    let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new);
    Identity { signer: pattern(&context.expectations.signer), issuer: pattern(&context.expectations.issuer) }
}

/// Who is expected, as far as it is said.
struct Identity {
    signer: Option<Pattern>,
    issuer: Option<Pattern>,
}

fn judge(context: Context<'_>, signature: &Signature, setting: &Setting) -> Weighed {
    let mut weighed = Vec::new();
    if context.expectations.names_signer() {
        weighed.push(compare(signature, &given(context)));
    }
    if !setting.tables().is_empty() {
        let compared = setting.tables().iter().map(|table| compare(signature, &identity(table)));
        weighed.extend(compared.max_by_key(|weighed| weighed.answer));
    }
    // What the policy names and what the command line names must both hold.
    weighed.into_iter().min_by_key(|weighed| weighed.answer).unwrap_or_else(|| nobody_said(signature))
}

fn identity(table: &[(&'static str, Pattern)]) -> Identity {
    let field = |key: &str| table.iter().find(|(name, _)| *name == key).map(|(_, pattern)| pattern.clone());
    Identity { signer: field("signer"), issuer: field("issuer") }
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

fn compare(signature: &Signature, expected: &Identity) -> Weighed {
    let signer = &signature.signer;
    if let Some(pattern) = &expected.signer
        && !names(signer).any(|name| pattern.matches(&name))
        && !is_fingerprint(signer, pattern.as_str())
    {
        let found = signer.display_name().unwrap_or("a key without a name");
        return Weighed::no(Ground::IdentityMismatch, format!("expected `{pattern}`, found `{found}`"));
    }
    if let Some(pattern) = &expected.issuer
        && !issuers(signer).iter().any(|issuer| pattern.matches(issuer))
    {
        let found = issuers(signer).into_iter().next().unwrap_or_else(|| "no issuer".to_owned());
        return Weighed::no(Ground::IssuerMismatch, format!("expected `{pattern}`, found `{found}`"));
    }
    match (&expected.signer, &expected.issuer, &signer.oidc_issuer) {
        // Anybody may be a customer of an issuer.
        (None, Some(issuer), _) => {
            Weighed::missing(Ground::SignerNotSaid, format!("the issuer is `{issuer}`, but nobody said which signer"))
        }
        // Any provider could have vouched for an account of that name: a name alone is no identity.
        (Some(pattern), None, Some(found)) if !is_fingerprint(signer, pattern.as_str()) => {
            let weighed = Weighed::missing(Ground::IssuerNotSaid, format!("the name fits, under the issuer `{found}`"));
            weighed.with_fix(format!("say which provider must have vouched for the name: --issuer '{found}'"))
        }
        _ => Weighed::yes(Ground::IdentityMatches, signer.display_name().unwrap_or_default()),
    }
}

/// The names that a relying party may know the signer by.
fn names(signer: &Signer) -> impl Iterator<Item = String> {
    let whole = signer.name.iter().filter(|name| !name.is_empty()).cloned();
    let parts = signer.name.iter().flat_map(|text| name::values(text, &["CN", "O"]));
    whole.chain(signer.san.iter().cloned()).chain(parts)
}

/// The OpenID Connect issuer alone where there is one: Fulcio's own name says nothing about the identity.
fn issuers(signer: &Signer) -> Vec<String> {
    if let Some(issuer) = &signer.oidc_issuer {
        return vec![issuer.clone()];
    }
    let Some(issuer) = &signer.issuer else { return Vec::new() };
    let mut known = vec![issuer.clone()];
    known.extend(name::values(issuer, &["CN", "O"]));
    known
}

/// Whether the text is the fingerprint or the key's digest, written with or without colons.
fn is_fingerprint(signer: &Signer, text: &str) -> bool {
    let plain = |text: &str| text.chars().filter(|c| !matches!(c, ':' | ' ')).collect::<String>().to_ascii_lowercase();
    let key = signer.spki_sha256.map(|digest| digest.hex());
    let text = plain(text.strip_prefix("sha256:").unwrap_or(text));
    let known = signer.fingerprint.iter().chain(key.iter());
    !text.is_empty() && known.into_iter().any(|fingerprint| plain(fingerprint) == text)
}
