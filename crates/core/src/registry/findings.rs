//! What the registry makes a reader look at, beyond the answers.

use super::drift::{Drift, FieldDrift, Seen};
use super::hints::packages_of;
use super::{Identity, Made, Recognition, Registry, Selector, State};
use crate::dossier::Dossier;
use crate::event::{Field, FieldName};
use crate::evidence::Signature;
use crate::finding::{Finding, FindingId, Severity};
use crate::time::Time;

/// Seconds for which an identity counts as new for a product: 30 days.
const FIRST_USE: i64 = 2_592_000;

impl Registry {
    /// What a reader should know about who signed an artifact.
    pub(crate) fn findings(&self, dossier: &Dossier, at: Time) -> Vec<Finding> {
        let mut findings = Vec::new();
        if self.is_empty() {
            return findings;
        }
        for signature in &dossier.signatures {
            let found = About { registry: self, dossier, signature, made: Made::of(signature, at) };
            let messages = found.messages();
            findings.extend(messages.into_iter().map(|(id, message)| Finding {
                id,
                message,
                signatures: vec![signature.id],
            }));
        }
        findings
    }
}

/// One signature, and what it is looked at with.
struct About<'a> {
    registry: &'a Registry,
    dossier: &'a Dossier,
    signature: &'a Signature,
    made: Made,
}

type Message = (FindingId, String);

impl About<'_> {
    fn messages(&self) -> Vec<Message> {
        let mut messages = Vec::new();
        match self.registry.recognise(self.signature, &self.dossier.claims, self.made) {
            Recognition::Known(identity, _) => self.known(identity, &mut messages),
            Recognition::Namesake(identities) => messages.extend(identities.iter().map(|it| self.namesake(it))),
            _ => {}
        }
        messages.extend(self.key_reused());
        messages.extend(self.first_seen());
        messages
    }

    fn seen(&self) -> Seen<'_> {
        Seen::of(self.signature, &self.dossier.claims)
    }

    fn known(&self, identity: &Identity, messages: &mut Vec<Message>) {
        if let Some(drift) = identity.drift(&self.seen(), self.made.instant()) {
            messages.extend(drifted(identity, &drift));
        }
        messages.extend(self.credential_changed(identity));
        messages.extend(self.before_compromise(identity));
        messages.extend(self.overdue(identity));
    }

    /// The name is a registered one, the numbers behind it are not.
    fn namesake(&self, identity: &Identity) -> Message {
        let drift = identity.drift(&self.seen(), self.made.instant()).unwrap_or_default();
        let differs = drift.unexplained.iter().filter(|it| it.severity == Severity::Critical);
        let differs: Vec<_> = differs.map(ToString::to_string).collect();
        let differs = if differs.is_empty() { "another issuer or account".to_owned() } else { differs.join("; ") };
        (FindingId::NameKeptIdChanged, format!("bears a name of `{}` and is not of it: {differs}", identity.id))
    }

    fn credential_changed(&self, identity: &Identity) -> Vec<Message> {
        let signer = &self.signature.signer;
        let mut messages = Vec::new();
        for name in [FieldName::IssuedBy, FieldName::Assurance] {
            let Some(stated) = identity.stated(name) else { continue };
            let (expected, found) = match &stated.field {
                Field::IssuedBy(expected) => (expected.as_str(), signer.issuer.as_deref().unwrap_or("nobody")),
                Field::Assurance(expected) => (expected.as_str(), self.signature.assurance.word()),
                _ => continue,
            };
            // A rotation, under way or since that was stated, is the record of the change.
            let at = self.made.instant();
            let under_way = identity.rotation.as_ref().is_some_and(|it| it.started <= at && at < it.until);
            let done = identity.rotated.is_some_and(|rotated| rotated >= stated.observed_at);
            if expected != found && !under_way && !done {
                let message = format!(
                    "`{}` {name}: known `{expected}`, found `{found}`, and no rotation is recorded",
                    identity.id
                );
                messages.push((FindingId::CredentialChanged, message));
            }
        }
        messages
    }

    fn before_compromise(&self, identity: &Identity) -> Option<Message> {
        let compromise = identity.compromised.as_ref()?;
        match self.made {
            Made::By(at) if at < compromise.since => Some((
                FindingId::SignedBeforeCompromise,
                format!("signed {at}, before `{}` was compromised ({})", identity.id, compromise.since),
            )),
            _ => None,
        }
    }

    fn overdue(&self, identity: &Identity) -> Vec<Message> {
        let at = self.made.instant();
        let mut messages = Vec::new();
        let is_over = |due: Option<Time>| due.filter(|due| *due <= at);
        if let Some(due) = is_over(identity.review_due()) {
            messages.push((FindingId::LifecycleOverdue, format!("`{}` had to be reviewed by {due}", identity.id)));
        }
        if let Some(due) = is_over(identity.rotation_deadline()) {
            let message = format!("the key of `{}` had to be replaced by {due}", identity.id);
            messages.push((FindingId::LifecycleOverdue, message));
        }
        let gone = identity.owner().and_then(|owner| identity.has_left(owner)).filter(|left| *left <= at);
        if gone.is_some() || (identity.owner().is_none() && identity.state != State::Discovered) {
            let message = format!("`{}` signed although nobody answers for it", identity.id);
            messages.push((FindingId::SignedWithoutOwner, message));
        }
        messages
    }

    /// One key under several identities.
    fn key_reused(&self) -> Option<Message> {
        let matches = self.registry.matching(self.signature, &self.dossier.claims);
        let by_key = matches.all().iter().filter(|(_, it)| matches!(it.selector, Selector::Key { .. }));
        let identities: Vec<&Identity> = by_key.map(|(identity, _)| *identity).collect();
        let (first, others) = identities.split_first()?;
        if others.is_empty() {
            return None;
        }
        let environments = first.environments();
        let differs = others.iter().any(|other| other.environments() != environments);
        let id = if differs { FindingId::KeyReusedAcrossEnvironments } else { FindingId::KeyReused };
        let names: Vec<_> = identities.iter().map(|identity| format!("`{}`", identity.id)).collect();
        Some((id, format!("one key is that of {}", names.join(", "))))
    }

    /// Somebody signs a product that others used to sign.
    fn first_seen(&self) -> Option<Message> {
        let packages = packages_of(self.signature, &self.dossier.claims);
        let file = &self.dossier.artifact.name;
        let expecting = self.registry.expecting(file, &packages);
        if expecting.is_empty() {
            return None;
        }
        // Of a time before anybody was expected nothing says who signed then.
        let expected_by = |it: &Identity, at: Option<Time>| {
            at.is_none_or(|at| it.expected_since(file, &packages).is_some_and(|since| since <= at))
        };
        let others = |but: Option<&Identity>, by: Option<Time>| {
            let others = expecting.iter().filter(|it| but.is_none_or(|but| but.id != it.id));
            let names = others.filter(|it| expected_by(it, by));
            names.map(|identity| format!("`{}`", identity.id)).collect::<Vec<_>>().join(", ")
        };
        match self.registry.recognise(self.signature, &self.dossier.claims, self.made) {
            Recognition::Known(identity, _) => {
                let since = identity.expected_since(file, &packages);
                let is_new = since.is_none_or(|since| self.made.instant() < since.plus(FIRST_USE));
                let others = others(Some(identity), Some(self.made.instant()));
                (is_new && !others.is_empty()).then(|| {
                    let message = format!("`{}` is new for this product, which was signed by {others}", identity.id);
                    (FindingId::FirstSeenSigner, message)
                })
            }
            Recognition::Nobody | Recognition::Namesake(_) => {
                let name = self.signature.signer.display_name().unwrap_or("a key without a name");
                let message = format!("{name} is new for this product, which is signed by {}", others(None, None));
                Some((FindingId::FirstSeenSigner, message))
            }
            _ => None,
        }
    }
}

fn drifted(identity: &Identity, drift: &Drift) -> Vec<Message> {
    let id = |severity: Severity| match severity {
        Severity::Critical => FindingId::IdentityDriftCritical,
        Severity::High => FindingId::IdentityDriftHigh,
        Severity::Medium => FindingId::IdentityDrift,
        Severity::Low | Severity::Info => FindingId::IdentityDriftLow,
    };
    let message = |it: &FieldDrift| format!("`{}` {it}", identity.id);
    let unexplained = drift.unexplained.iter().map(|it| (id(it.severity), message(it)));
    let explained = drift.explained.iter().map(|(it, reference)| {
        (FindingId::IdentityDriftExplained, format!("{}, explained by {reference}", message(it)))
    });
    unexplained.chain(explained).collect()
}
