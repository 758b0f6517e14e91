//! The parametric world of the scenarios: throw-away keys, certificates, lists, signed images and what a user would
//! have recorded. Names, numbers and dates follow from a seed.

use countersign::appraise::{Terms, appraise};
use countersign::artifact::{Artifact, Content};
use countersign::claim::{Claim, Claims, Fact, Source, SourceNamedIn, Standing, Voucher};
use countersign::crypto::DigestAlgorithm;
use countersign::dossier::Dossier;
use countersign::encoding::asn1::{encode, encode_sequence, encode_unsigned, oid, tag};
use countersign::encoding::x509::Certificate;
use countersign::event::{Change, Event, Field, IdentityId, Kind, Source as FieldSource, Stated, Text};
use countersign::evidence::{CheckId, Origin, Outcome, Signature, SignatureId, TimeSource};
use countersign::examine::examine;
use countersign::exports::ReadExport;
use countersign::formats::authenticode::fixtures::{Authority, Signing, attribute};
use countersign::identity::{Assurance, Signer};
use countersign::material::{EvidenceFile, Limits, Material};
use countersign::pki::crl::Crl;
use countersign::pki::minting::{Holder, Key, Order, ca, extension, name, oid_of, oids, usages};
use countersign::policy::{Expectations, Policy};
use countersign::registry::{Binding, KeyHash, Registry, Selector};
use countersign::time::Time;
use countersign::trust::TrustBundle;
use countersign::verdict::Verdict;

/// The day of appraisal in all stories.
pub(crate) const NOW: &str = "2026-11-25T00:00:00Z";

/// A number and everything that follows from it.
#[derive(Clone, Copy)]
pub(crate) struct Seed(pub(crate) u64);

impl Seed {
    /// A number below `below` for this purpose.
    pub(crate) fn pick(self, purpose: &str, below: u64) -> u64 {
        let mixed = purpose
            .bytes()
            .fold(self.0 ^ 0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) % below
    }

    fn byte(self, purpose: &str) -> u8 {
        u8::try_from(self.pick(purpose, 250)).unwrap()
    }

    pub(crate) fn word(self, purpose: &str) -> String {
        const WORDS: [&str; 12] = [
            "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ironwood", "Juniper", "Larch",
            "Maple",
        ];
        let position = usize::try_from(self.pick(purpose, 12)).unwrap();
        format!("{} {}", WORDS[position], self.pick(purpose, 900) + 100)
    }
}

pub(crate) fn time(text: &str) -> Time {
    text.parse().unwrap()
}

pub(crate) fn now() -> Time {
    time(NOW)
}

/// An instant this many days before the appraisal.
pub(crate) fn ago(days: i64) -> Time {
    now().plus(-days * Time::DAY)
}

/// A GeneralizedTime.
fn generalized(time: Time) -> String {
    time.to_string().chars().filter(char::is_ascii_alphanumeric).filter(|c| *c != 'T').collect()
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

pub(crate) fn text(text: &str) -> Text {
    Text::new(text).unwrap()
}

/// Extensions of a certificate.
pub(crate) fn for_code() -> Vec<Vec<u8>> {
    vec![usages(&[oid::CODE_SIGNING])]
}

/// A root and its certificate.
pub(crate) struct Root {
    pub(crate) holder: Holder,
    pub(crate) certificate: Certificate,
}

pub(crate) fn order(serial: u8, from: Time, until: Time, extensions: Vec<Vec<u8>>) -> Order {
    let (from, until) = (leaked(generalized(from)), leaked(generalized(until)));
    Order { serial, from, until, extensions, digest: DigestAlgorithm::Sha256 }
}

impl Root {
    pub(crate) fn new(seed: Seed, purpose: &str) -> Self {
        let holder = Holder::new(&format!("{} Code Root", seed.word(purpose)), seed.byte(purpose));
        Self::of(holder)
    }

    pub(crate) fn of(holder: Holder) -> Self {
        let order = order(1, time("2005-01-01T00:00:00Z"), time("2045-01-01T00:00:00Z"), vec![ca(None)]);
        let certificate = holder.certify(&holder, &order);
        Self { holder, certificate }
    }

    /// A list of this root, fresh at the appraisal: entries are serial, date and reason.
    pub(crate) fn list(&self, entries: &[(u8, Time, u8)]) -> Crl {
        let entry = |(serial, at, reason): &(u8, Time, u8)| {
            let reason = extension(oid::CRL_REASON, false, &encode(0x0a, &[*reason]));
            let date = encode(tag::GENERALIZED_TIME, generalized(*at).as_bytes());
            encode_sequence(&[encode_unsigned(&[*serial]), date, encode_sequence(&[reason])])
        };
        let digest = DigestAlgorithm::Sha256;
        let instant = |time: Time| encode(tag::GENERALIZED_TIME, generalized(time).as_bytes());
        let mut tbs = vec![vec![2, 1, 1], self.holder.key.algorithm(digest), self.holder.name.clone()];
        tbs.extend([instant(ago(1)), instant(ago(-6))]);
        if !entries.is_empty() {
            tbs.push(encode_sequence(&entries.iter().map(entry).collect::<Vec<_>>()));
        }
        let number = extension(oid::CRL_NUMBER, false, &[2, 1, 9]);
        tbs.push(encode(0xa0, &encode_sequence(&[number])));
        Crl::from_der(&self.holder.sign(digest, encode_sequence(&tbs))).unwrap()
    }
}

/// A publisher with a certificate.
pub(crate) struct Publisher {
    pub(crate) holder: Holder,
    pub(crate) certificate: Certificate,
    pub(crate) common_name: String,
}

impl Publisher {
    /// A legal entity with number, certified by `root` for the time between.
    pub(crate) fn new(seed: Seed, purpose: &str, root: &Root, serial: u8, from: Time, until: Time) -> Self {
        Self::with(seed, purpose, root, order(serial, from, until, for_code()))
    }

    pub(crate) fn with(seed: Seed, purpose: &str, root: &Root, order: Order) -> Self {
        let common_name = format!("{} Software", seed.word(purpose));
        let number = format!("HRB {}", seed.pick(purpose, 90_000) + 10_000);
        let subject = name(&[
            (oid::COUNTRY, "DE"),
            (oid::ORGANIZATION, &common_name),
            (oid::SERIAL_NUMBER, &number),
            (oid::COMMON_NAME, &common_name),
        ]);
        let holder = Holder::named(subject, seed.byte(&format!("{purpose} key")));
        let certificate = root.holder.certify(&holder, &order);
        Self { holder, certificate, common_name }
    }

    pub(crate) fn signing(&self) -> Signing<'_> {
        Signing::of_image(&self.holder, &self.certificate)
    }

    /// A file signed by it, stamped at this instant if there is one.
    pub(crate) fn file(&self, stamps: &Authority, at: Option<Time>) -> Vec<u8> {
        self.stamped(stamps, at).file()
    }

    pub(crate) fn stamped(&self, stamps: &Authority, at: Option<Time>) -> Signing<'_> {
        let mut signing = self.signing();
        if let Some(at) = at {
            let token = stamps.stamp(&signing.signature(), &generalized(at));
            signing.unsigned.push(token);
        }
        signing
    }

    pub(crate) fn key(&self) -> Selector {
        Selector::Key { spki_sha256: hash_of(&self.holder.key) }
    }
}

fn hash_of(key: &Key) -> KeyHash {
    let digest = countersign::crypto::Digest::of(DigestAlgorithm::Sha256, &key.spki());
    KeyHash::of_bytes(digest.as_bytes()).unwrap()
}

/// A timestamping authority that is accepted.
pub(crate) fn stamps(seed: Seed) -> Authority {
    let root = Root::of(Holder::new(&format!("{} Time Root", seed.word("stamps")), seed.byte("stamps root")));
    let holder = Holder::new("Stamps", seed.byte("stamps"));
    let usage = extension(oid::EXTENDED_KEY_USAGE, true, &oids(&[oid::TIME_STAMPING]));
    let order = order(2, time("2008-01-01T00:00:00Z"), time("2040-01-01T00:00:00Z"), vec![usage]);
    Authority { certificate: root.holder.certify(&holder, &order), root: root.certificate, holder }
}

/// The extension of a signing service's durable identity.
pub(crate) fn durable(seed: Seed) -> (String, Vec<Vec<u8>>) {
    let number = |purpose| seed.pick(purpose, 900_000_000) + 1;
    let id = format!("1.3.6.1.4.1.311.97.{}.{}.{}.{}", number("a"), number("b"), number("c"), number("d"));
    let identifier = oid_of(&id);
    (id, vec![usages(&[oid::CODE_SIGNING, &identifier])])
}

/// A signing time that the signer claims.
pub(crate) fn claimed_time(at: Time) -> Vec<u8> {
    let utc = generalized(at);
    attribute(oid::SIGNING_TIME, &encode(tag::UTC_TIME, &utc.as_bytes()[2..]))
}

/// What the user of a story has at hand.
#[derive(Default)]
pub(crate) struct User {
    pub(crate) material: Material,
    pub(crate) expectations: Expectations,
    pub(crate) events: Vec<Event>,
    pub(crate) provenance: Option<Provenance>,
    /// The policy; the built-in one if there is none.
    pub(crate) policy: Option<String>,
}

/// Provenance of the release by the vendor's workflow, as a Sigstore bundle proves it. Question 3 is not what these
/// stories are about: its evidence is put beside the examined file as it comes out of examination.
#[derive(Clone)]
pub(crate) struct Provenance {
    pub(crate) repository: String,
    pub(crate) builder: String,
}

impl Provenance {
    pub(crate) fn of(seed: Seed) -> Self {
        let repository = format!("https://github.com/{}/app", seed.word("owner").to_lowercase().replace(' ', "-"));
        let builder = format!("{repository}/.github/workflows/release.yml");
        Self { repository, builder }
    }
}

impl User {
    /// Accepts these roots.
    pub(crate) fn accepting(roots: &[&Certificate]) -> Self {
        let anchors = roots.iter().fold(TrustBundle::default(), |all, root| all.with_anchor((*root).clone(), "story"));
        Self { material: Material { anchors, ..Material::default() }, ..Self::default() }
    }

    pub(crate) fn knowing(mut self, list: Crl) -> Self {
        self.material.crls.push(list);
        self
    }

    pub(crate) fn expecting(mut self, signer: &str) -> Self {
        self.expectations.signer = Some(signer.to_owned());
        self
    }

    pub(crate) fn with_provenance(mut self, provenance: &Provenance) -> Self {
        self.expectations.source = Some(provenance.repository.clone());
        self.expectations.builder = Some(provenance.builder.clone());
        self.provenance = Some(provenance.clone());
        self
    }

    pub(crate) fn recording(mut self, events: Vec<Event>) -> Self {
        self.events.extend(events);
        self
    }

    /// Obtained this document.
    pub(crate) fn observing(mut self, document: &str) -> Self {
        let file = EvidenceFile { path: "export.json".to_owned(), bytes: document.as_bytes().to_vec() };
        self.material.observed.push(ReadExport::observed(&file).unwrap());
        self
    }

    pub(crate) fn under(mut self, policy: String) -> Self {
        self.policy = Some(policy);
        self
    }

    /// The verdict about a file.
    pub(crate) fn verdict(&self, file_name: &str, file: &[u8], at: Time) -> Verdict {
        let bytes = file.to_vec();
        let artifact =
            Artifact { name: file_name.to_owned(), path: file_name.to_owned(), content: Content::File(&bytes) };
        let dossier = examine(&artifact, &self.material, at, &Limits::default()).unwrap();
        self.verdict_on(dossier, at)
    }

    pub(crate) fn verdict_on(&self, mut dossier: Dossier, at: Time) -> Verdict {
        if let Some(provenance) = &self.provenance {
            add_provenance(&mut dossier, provenance, at);
        }
        let registry =
            if self.events.is_empty() { Registry::default() } else { Registry::replay(&self.events).unwrap() };
        let policy = self.policy.as_ref().map_or_else(Policy::built_in, |text| Policy::parse(text, "story").unwrap());
        let terms = Terms {
            policy: &policy,
            environment: "production",
            expectations: &self.expectations,
            registry: &registry,
            at,
        };
        appraise(dossier, &terms).unwrap()
    }
}

fn add_provenance(dossier: &mut Dossier, provenance: &Provenance, at: Time) {
    let id = SignatureId(dossier.signatures.len());
    let mut signature = workload_signature(&format!("{}@refs/tags/v1.0.0", provenance.builder), at.plus(-Time::DAY));
    signature.id = id;
    dossier.signatures.push(signature);
    let built_by =
        Fact::BuiltBy { builder: format!("{}@refs/tags/v1.0.0", provenance.builder), build_type: None, graded: None };
    let built_from = Fact::BuiltFrom(Source {
        repository: provenance.repository.clone(),
        reference: Some("refs/tags/v1.0.0".to_owned()),
        commit: None,
        branch: None,
        named_in: SourceNamedIn::Certificate,
    });
    add_claims(dossier, id, vec![built_by, built_from]);
}

pub(crate) fn add_claims(dossier: &mut Dossier, evidence: SignatureId, facts: Vec<Fact>) {
    let subject = dossier.artifact.digests.get(&DigestAlgorithm::Sha256).copied();
    let mut claims: Vec<Claim> = dossier.claims.all().to_vec();
    claims.extend(facts.into_iter().map(|fact| Claim {
        fact,
        vouched_by: Voucher::Ca,
        standing: Standing::Verified,
        subject,
        evidence: evidence.into(),
    }));
    dossier.claims = Claims::new(claims);
}

pub(crate) const GITHUB: &str = "https://token.actions.githubusercontent.com";

/// A keyless signature by a workflow, in which everything holds.
pub(crate) fn workload_signature(workflow: &str, at: Time) -> Signature {
    let mut signature = Signature::new("sigstore", Origin::File("app.sigstore.json".to_owned()));
    signature.signer = Signer {
        issuer: Some("O=sigstore.dev,CN=sigstore-intermediate".to_owned()),
        san: vec![workflow.to_owned()],
        oidc_issuer: Some(GITHUB.to_owned()),
        validity: Some((at, at.plus(600))),
        ..Signer::default()
    };
    signature.assurance = Assurance::WorkloadOidc;
    signature.chain = vec!["leaf".to_owned(), "O=sigstore.dev".to_owned()];
    signature.time.trusted = Some(at);
    signature.time.source = TimeSource::TransparencyLog;
    for id in
        [CheckId::Structure, CheckId::Signature, CheckId::Subject, CheckId::Chain, CheckId::Validity, CheckId::LogEntry]
    {
        signature.check(id, Outcome::Pass, "");
    }
    signature
}

/// An identity of the registry from its discovery to its activity, recorded a year and a half ago.
pub(crate) struct Registered<'a> {
    pub(crate) id: &'a str,
    pub(crate) selectors: Vec<Selector>,
    pub(crate) environment: &'a str,
    pub(crate) binding: Option<Binding>,
    pub(crate) further: Vec<Field>,
}

/// When the registry of the stories begins, in days before the appraisal.
pub(crate) const RECORDED: i64 = 2_000;

pub(crate) fn event(id: &str, at: Time, actor: &str, change: Change) -> Event {
    Event { at, actor: text(actor), reason: text("CHG-1"), identity: IdentityId::new(id).unwrap(), change }
}

impl<'a> Registered<'a> {
    pub(crate) fn new(id: &'a str, selectors: Vec<Selector>) -> Self {
        Self { id, selectors, environment: "production", binding: None, further: Vec::new() }
    }

    pub(crate) fn events(self) -> Vec<Event> {
        let at = |minute: i64| ago(RECORDED).plus(minute * 60);
        let stated = |field| Stated { field, source: FieldSource::Declared, observed_at: at(1) };
        let fields = [
            Field::Purpose(text("signs releases")),
            Field::Environments(vec![text(self.environment)]),
            Field::ReviewDue(ago(-100)),
            Field::EndOfLife(text("end of the product")),
            Field::Escalation(text("on call, then CISO")),
        ];
        let fields = fields.into_iter().chain(self.further).map(stated).collect();
        let discovered = Change::Discovered {
            kind: Kind::Certificate,
            name: text(self.id),
            selectors: self.selectors,
            found_in: text("inventory"),
        };
        let bound = Change::Bound { proof: text("run 1"), selectors: Vec::new(), binding: self.binding.map(Box::new) };
        let claimed = Change::Claimed { owner: text("olga"), second_owner: Some(text("sam")), fields };
        vec![
            event(self.id, at(0), "scanner", discovered),
            event(self.id, at(1), "alice", claimed),
            event(self.id, at(2), "alice", bound),
            event(self.id, at(3), "bob", Change::Approved {}),
            event(self.id, at(4), "alice", Change::Activated { since: None }),
        ]
    }
}
