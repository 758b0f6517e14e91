use super::*;
use crate::claim::Claims;
use crate::crypto::{PublicKey, SigningKey};
use crate::encoding::asn1::{encode, encode_sequence, oid, tag};
use crate::encoding::hex;
use crate::encoding::x509::Name;
use crate::evidence::{CheckId, Origin, Outcome, Reason, Reliance, ReliedOn, Role, Signature, State, TimeSource};
use crate::finding::{Finding, FindingId};
use crate::pki::minting::{Holder as Party, Order, name};

const DATED: Time = Time::from_unix(1_790_000_000);
const SINCE: Time = Time::from_unix(1_700_000_000);

fn entry(selector: Selector) -> Entry {
    Entry::new(selector, Why::Malware)
}

fn pack(entries: Vec<Entry>) -> DistrustPack {
    DistrustPack::new("test", "a test", "", DATED, entries).unwrap()
}

fn distrust(entries: Vec<Entry>) -> Distrust {
    let mut distrust = Distrust::default();
    distrust.add(pack(entries));
    distrust
}

fn json(entries: &str) -> Result<DistrustPack, PackError> {
    let text = format!(
        r#"{{"schema":"countersign/distrust/v1","name":"n","source":"s","dated":"2026-11-25T00:00:00Z","entries":[{entries}]}}"#
    );
    DistrustPack::from_json(text.as_bytes())
}

const ATTRIBUTES: [(&[u8], &str); 4] = [
    (oid::COUNTRY, "PL"),
    (oid::ORGANIZATION, "Lepko Sp. z o.o."),
    (oid::SERIAL_NUMBER, "0001028448"),
    (oid::COMMON_NAME, "Lepko"),
];

fn ca() -> Party {
    Party::new("Issuing CA", 1)
}

fn publisher() -> Party {
    Party::named(name(&ATTRIBUTES), 2)
}

fn leaf() -> Certificate {
    ca().certify(&publisher(), &Order::default())
}

fn sha(algorithm: DigestAlgorithm, bytes: &[u8]) -> Digest {
    Digest::of(algorithm, bytes)
}

fn selectors(of: &Certificate) -> Vec<Selector> {
    use DigestAlgorithm::{Md5, Sha1, Sha256, Sha384, Sha512};
    let certificates = [Md5, Sha1, Sha256].map(|a| Selector::Certificate(sha(a, of.der())));
    let signed = [Md5, Sha1, Sha256, Sha384, Sha512].map(|a| Selector::Signed(sha(a, of.tbs())));
    let named = [
        Selector::issuer_serial(of.issuer().clone(), of.serial()),
        Selector::Key(sha(Sha256, of.spki())),
        Selector::KeyBits(sha(Md5, of.public_key().unwrap().key_bits())),
        Selector::Subject { subject: of.subject().clone(), issuer: Some(of.issuer().clone()), registration: None },
        Selector::Subject { subject: of.subject().clone(), issuer: None, registration: Some(" 0001028448".to_owned()) },
    ];
    certificates.into_iter().chain(signed).chain(named).collect()
}

#[test]
fn each_selector_names_its_certificate_and_no_other() {
    let same_serial = Party::new("Other CA", 1).certify(&Party::new("Else", 3), &Order::default());
    let other_key_and_serial = ca().certify(&Party::new("Else", 3), &Order { serial: 8, ..Order::default() });
    for selector in selectors(&leaf()) {
        let list = distrust(vec![entry(selector.clone())]);
        assert_eq!(list.on_certificate(&leaf()).len(), 1, "{selector:?}");
        assert!(list.on_certificate(&same_serial).is_empty(), "{selector:?}");
        assert!(list.on_certificate(&other_key_and_serial).is_empty(), "{selector:?}");
    }
}

#[test]
fn a_serial_number_or_a_name_alone_never_matches() {
    let refused = |text: &str| match json(&format!(r#"{{"match":{{{text}}},"reason":"malware"}}"#)) {
        Err(PackError::Entry(0, problem)) => problem,
        other => panic!("{text}: {other:?}"),
    };
    assert!(refused(r#""serial":"07""#).contains("without its issuer"));
    assert!(refused(r#""subject":"CN=Lepko""#).contains("a name alone"));
    assert!(refused(r#""issuer":"CN=Lepko""#).contains("expected `issuer` with `serial`"));
    assert!(refused(r#""registration":"7""#).contains("expected"));
    assert!(refused(r#""subject":"CN=Lepko","registration":" ""#).contains("expected"));
    assert!(refused("").contains("names nothing"));
    assert!(refused(r#""spki_sha256":"00""#).contains("64 hexadecimal digits"));
    let both = format!(r#""certificate_sha1":"{0}","tbs_sha1":"{0}""#, "ab".repeat(20));
    assert!(refused(&both).contains("more than one"));
    // The same number by an issuer of another name.
    let by_another = Selector::issuer_serial(Name::from_text("CN=Issuing CA 2").unwrap(), leaf().serial());
    assert!(distrust(vec![entry(by_another)]).on_certificate(&leaf()).is_empty());
}

#[test]
fn issuers_are_compared_as_names_are_however_they_are_written() {
    let der = hex::encode(leaf().issuer().der());
    for (issuer, serial) in [("CN=issuing  ca", "0007"), (der.as_str(), "07"), ("cn=\"Issuing CA\"", "7")] {
        let text =
            format!(r#"{{"match":{{"issuer":{},"serial":"{serial}"}},"reason":"malware"}}"#, serde_json::json!(issuer));
        let list = json(&text).unwrap();
        assert_eq!(list.on_certificate(&leaf()).len(), 1, "{issuer}");
        let again = DistrustPack::from_json(&list.to_json()).unwrap();
        assert_eq!(again.entries(), list.entries());
    }
}

#[test]
fn what_is_written_is_read_and_unknown_members_are_errors() {
    let mut entries: Vec<Entry> = selectors(&leaf()).into_iter().map(entry).collect();
    for algorithm in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256, DigestAlgorithm::Sha512] {
        entries.push(entry(Selector::File(sha(algorithm, b"file"))));
    }
    entries[0].since = Some(SINCE);
    entries[0].revoked_at = Some(DATED);
    entries[0].note = Some("Quakbot".to_owned());
    entries[0].holder = Some(Holder { name: Some("Lepko".to_owned()), ..Holder::default() });
    let written = pack(entries.clone());
    let read = DistrustPack::from_json(&written.to_json()).unwrap();
    assert_eq!(read.entries(), entries);
    assert_eq!(read.to_json(), written.to_json());

    let hash = "00".repeat(32);
    let good = format!(r#""match":{{"file_sha256":"{hash}"}},"reason":"malware""#);
    assert!(json(&format!("{{{good}}}")).is_ok());
    for bad in [
        format!(r#"{{{good},"more":1}}"#),
        format!(r#"{{"match":{{"file_sha256":"{hash}","file":"x"}},"reason":"malware"}}"#),
        format!(r#"{{"match":{{"file_sha256":"{hash}"}},"reason":"bad"}}"#),
        format!(r#"{{"match":{{"file_sha256":"{hash}"}}}}"#),
        format!(r#"{{{good},"holder":{{"e-mail":"x"}}}}"#),
        format!(r#"{{{good},"since":"yesterday"}}"#),
        format!(r#"{{{good},{good}}}"#),
    ] {
        assert!(matches!(json(&bad), Err(PackError::Malformed(_))), "{bad}");
    }
    let long = "x".repeat(MAX_TEXT + 1);
    assert!(matches!(json(&format!(r#"{{{good},"note":"{long}"}}"#)), Err(PackError::Entry(0, _))));
    let other =
        br#"{"schema":"countersign/distrust/v2","name":"n","source":"s","dated":"2026-11-25T00:00:00Z","entries":[]}"#;
    assert_eq!(DistrustPack::from_json(other).unwrap_err(), PackError::Schema("countersign/distrust/v2".to_owned()));
    assert!(DistrustPack::new(" ", "s", "", DATED, Vec::new()).is_err());
}

fn key(seed: u8) -> SigningKey {
    let algorithm = encode_sequence(&[encode(tag::OID, oid::ED25519)]);
    let secret = encode(tag::OCTET_STRING, &encode(tag::OCTET_STRING, &[seed; 32]));
    SigningKey::from_pkcs8(&encode_sequence(&[encode(tag::INTEGER, &[0]), algorithm, secret])).unwrap()
}

fn keys(seeds: &[u8]) -> Vec<PublicKey> {
    seeds.iter().map(|seed| key(*seed).public_key().clone()).collect()
}

#[test]
fn a_signed_list_is_accepted_by_its_key_alone_and_says_so() {
    let list = pack(vec![entry(selectors(&leaf())[0].clone())]);
    let file = sign(&list, &key(9));
    assert_eq!(file, sign(&list, &key(9)), "the same list and key give the same bytes");
    let opened = open(&file, &keys(&[8, 9])).unwrap();
    assert_eq!(opened.signed_by(), Some(key(9).public_key().spki_sha256()));
    assert_eq!(opened.entries(), list.entries());
    // Without a key nothing is verified, and nothing is said to be.
    assert_eq!(open(&file, &[]).unwrap().signed_by(), None);
    assert_eq!(open(&list.to_json(), &[]).unwrap().signed_by(), None);
}

#[test]
fn a_signed_list_is_refused_each_way_that_it_can_be_broken() {
    let file = sign(&pack(vec![entry(selectors(&leaf())[0].clone())]), &key(9));
    let refused = |bytes: &[u8], seeds: &[u8]| open(bytes, &keys(seeds)).unwrap_err();
    assert!(matches!(refused(&file, &[8]), PackError::Signature(_)), "another key");
    let document: serde_json::Value = serde_json::from_slice(&file).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut changed = document.clone();
        change(&mut changed);
        changed.to_string().into_bytes()
    };
    // The payload of another list, emptied of its entry.
    let empty = crate::encoding::base64::encode(&pack(Vec::new()).to_json());
    let changed = with(&|document| document["payload"] = empty.clone().into());
    assert!(matches!(refused(&changed, &[9]), PackError::Signature(_)), "another payload");
    let none = with(&|document| document["signatures"] = serde_json::json!([]));
    assert!(matches!(refused(&none, &[9]), PackError::Signature(_)), "no signature");
    let cut = with(&|document| document["signatures"][0]["sig"] = "AQID".into());
    assert!(matches!(refused(&cut, &[9]), PackError::Signature(_)), "a cut signature");
    let retyped = with(&|document| document["payloadType"] = "application/vnd.in-toto+json".into());
    assert!(matches!(refused(&retyped, &[9]), PackError::Malformed(_)), "another type");
    assert!(open(&retyped, &[]).is_err(), "another type, without a key");
    let plain = pack(Vec::new()).to_json();
    assert!(matches!(refused(&plain, &[9]), PackError::Signature(_)), "a plain list");
    // The hint at the key is not signed, and nothing is decided by it.
    let hinted = with(&|document| document["signatures"][0]["keyid"] = "someone else".into());
    assert!(open(&hinted, &keys(&[9])).is_ok());
}

fn valid(rests_on: Vec<Reliance>, trusted: Option<Time>) -> Signature {
    let mut signature = Signature::new("test", Origin::Embedded);
    for check in [CheckId::Signature, CheckId::Chain, CheckId::Validity] {
        signature.check(check, Outcome::Pass, "");
    }
    signature.rests_on = rests_on;
    if trusted.is_some() {
        (signature.time.trusted, signature.time.source) = (trusted, TimeSource::Rfc3161);
    }
    signature
}

fn by_leaf(trusted: Option<Time>) -> Signature {
    valid(vec![Reliance::certificate(Role::Signer, leaf())], trusted)
}

fn judged(mut signature: Signature, list: &Distrust, digests: &Digests) -> (Signature, Vec<Finding>) {
    let mut findings = Vec::new();
    judge(std::slice::from_mut(&mut signature), &Claims::default(), digests, list, &mut findings);
    (signature, findings)
}

fn outcome(signature: Signature, list: &Distrust) -> (State, Vec<FindingId>) {
    let (signature, findings) = judged(signature, list, &Digests::new());
    (signature.state(), findings.into_iter().map(|finding| finding.id).collect())
}

#[test]
fn an_exact_match_is_distrusted_and_tells_since_when_and_where() {
    let mut listed = entry(selectors(&leaf())[0].clone());
    listed.since = Some(SINCE);
    listed.reference = Some("https://example.test/case".to_owned());
    let (signature, findings) = judged(by_leaf(None), &distrust(vec![listed]), &Digests::new());
    assert_eq!((signature.state(), signature.reason()), (State::Distrusted, "distrusted"));
    let detail = &signature.checks.last().unwrap().detail;
    assert!(detail.contains("abused since 2023-11-14T22:13:20Z") && detail.contains("https://example.test/case"));
    assert_eq!(findings[0].id, FindingId::KnownAbused);
}

#[test]
fn what_is_on_no_list_passes_and_names_the_lists() {
    let other = Party::new("Other CA", 5).certify(&Party::new("Else", 6), &Order::default());
    let (signature, findings) =
        judged(by_leaf(None), &distrust(vec![entry(selectors(&other)[2].clone())]), &Digests::new());
    assert_eq!(signature.state(), State::Valid);
    assert!(signature.checks.last().unwrap().detail.contains("`test` of 2026-09-21"));
    assert_eq!(findings, []);
    // Without lists nothing is asked, and nothing is said to have passed.
    let (signature, _) = judged(by_leaf(None), &Distrust::default(), &Digests::new());
    assert_eq!(signature.outcome(CheckId::Distrust), None);
}

#[test]
fn the_date_of_first_abuse_saves_what_a_trusted_time_proves_to_be_older() {
    let mut listed = entry(selectors(&leaf())[0].clone());
    let undated = distrust(vec![listed.clone()]);
    listed.since = Some(SINCE);
    let dated = distrust(vec![listed]);
    let (before, at, after) = (SINCE.plus(-1), SINCE, SINCE.plus(1));
    let saved = (State::Valid, vec![FindingId::DistrustedSince]);
    let hit = (State::Distrusted, vec![FindingId::KnownAbused]);
    assert_eq!(outcome(by_leaf(Some(before)), &dated), saved);
    assert_eq!(outcome(by_leaf(Some(at)), &dated), hit);
    assert_eq!(outcome(by_leaf(Some(after)), &dated), hit);
    assert_eq!(outcome(by_leaf(None), &dated), hit, "nothing proves that it is older");
    let mut claimed = by_leaf(None);
    claimed.time.claimed = Some(before);
    assert_eq!(outcome(claimed, &dated), hit, "a claimed time proves nothing");
    assert_eq!(outcome(by_leaf(Some(before)), &undated), hit, "an entry without a date acts always");
}

#[test]
fn a_revocation_that_takes_effect_after_the_first_abuse_is_called_ineffective() {
    let mut listed = entry(selectors(&leaf())[0].clone());
    listed.since = Some(SINCE);
    let revoked_at = SINCE.plus(Time::DAY);
    let ineffective = |revoked_from: Option<Time>, listed: &Entry, trusted: Option<Time>| {
        let signature = Signature { revoked_from, ..by_leaf(trusted) };
        outcome(signature, &distrust(vec![listed.clone()])).1.contains(&FindingId::IneffectiveRevocation)
    };
    let known = Some(revoked_at);
    assert!(ineffective(known, &listed, Some(SINCE)));
    assert!(!ineffective(known, &listed, Some(SINCE.plus(-1))), "older than the abuse");
    assert!(!ineffective(known, &listed, known), "the revocation itself ends it");
    assert!(!ineffective(known, &listed, None), "without a time any revocation ends it");
    assert!(!ineffective(Some(SINCE), &listed, Some(SINCE)), "the revocation reaches back");
    assert!(!ineffective(None, &listed, Some(SINCE)), "not revoked at all");
    listed.revoked_at = known;
    assert!(ineffective(None, &listed, Some(SINCE)), "by the list's own account");
    assert!(!ineffective(Some(SINCE), &listed, Some(SINCE)), "what was established comes first");
}

#[test]
fn issuers_keys_and_timestamp_authorities_are_asked_about_too() {
    let authority = Party::new("TSA", 4).root();
    let mut listed = entry(selectors(&authority)[0].clone());
    listed.since = Some(SINCE);
    let list = distrust(vec![listed]);
    let resting = |role| valid(vec![Reliance::certificate(role, authority.clone())], Some(SINCE.plus(-1)));
    assert_eq!(outcome(resting(Role::Issuer), &list).0, State::Valid);
    // Whoever holds the authority's key can write any time.
    assert_eq!(outcome(resting(Role::Timestamp), &list).0, State::Distrusted);
    let spki = leaf().spki().to_vec();
    let by_key = valid(vec![Reliance { role: Role::Signer, on: ReliedOn::Key(spki.clone()) }], None);
    let key = Selector::Key(sha(DigestAlgorithm::Sha256, &spki));
    assert_eq!(outcome(by_key, &distrust(vec![entry(key)])).0, State::Distrusted);
}

#[test]
fn a_listed_file_is_distrusted_whoever_signed_it_and_whenever() {
    let digest = sha(DigestAlgorithm::Sha512, b"file");
    let digests = Digests::from([(DigestAlgorithm::Sha512, digest)]);
    let mut listed = entry(Selector::File(digest));
    listed.since = Some(SINCE);
    let list = distrust(vec![listed]);
    assert_eq!(list.file_algorithms(), BTreeSet::from([DigestAlgorithm::Sha512]));
    let (signature, _) = judged(by_leaf(Some(SINCE.plus(-1))), &list, &digests);
    assert_eq!(signature.state(), State::Distrusted);
    let mut findings = Vec::new();
    judge(&mut [], &Claims::default(), &digests, &list, &mut findings);
    assert_eq!(findings[0].id, FindingId::KnownAbused, "unsigned, and still told");
}

#[test]
fn names_in_a_signature_that_does_not_hold_are_nobodys() {
    let list = distrust(vec![entry(selectors(&leaf())[0].clone())]);
    let mut signature = by_leaf(None);
    signature.check(CheckId::Signature, Outcome::Fail(Reason::SignatureMismatch), "");
    assert_eq!(outcome(signature, &list), (State::Bad, Vec::new()));
}

#[test]
fn neighbours_are_findings_and_change_nothing() {
    let listed = |holder: Holder| {
        let digest = sha(DigestAlgorithm::Sha256, b"another certificate");
        distrust(vec![Entry { holder: Some(holder), ..entry(Selector::Certificate(digest)) }])
    };
    let text = |text: &str| Some(text.to_owned());
    let near = (State::Valid, vec![FindingId::NearDistrusted]);
    let key = sha(DigestAlgorithm::Sha256, leaf().spki()).hex();
    assert_eq!(outcome(by_leaf(None), &listed(Holder { spki_sha256: Some(key), ..Holder::default() })), near);
    let number = |number: &str, country: &str| {
        outcome(
            by_leaf(None),
            &listed(Holder { registration: text(number), country: text(country), ..Holder::default() }),
        )
    };
    assert_eq!(number("0001028448", "pl"), near);
    assert_eq!(number("000 102-8448", "PL "), near);
    let far = (State::Valid, Vec::new());
    assert_eq!(number("0001028448", "DE"), far, "a number counts in its country");
    assert_eq!(number("0001028449", "PL"), far);
    assert_eq!(number("Not Specified", "PL"), far);
    let name = |name: &str, country: Option<&str>| {
        let country = country.map(str::to_owned);
        outcome(by_leaf(None), &listed(Holder { name: text(name), country, ..Holder::default() }))
    };
    assert_eq!(name("LEPKO", None), near);
    assert_eq!(name("LEPKO sp. z o.o.", Some("PL")), near);
    assert_eq!(name("Lepko GmbH", Some("DE")), far);
    assert_eq!(name("Lepka", None), far);
}

#[test]
fn what_matches_exactly_is_no_neighbour_of_itself() {
    let holder = Holder { name: Some("Lepko".to_owned()), ..Holder::default() };
    let list = distrust(vec![Entry { holder: Some(holder), ..entry(selectors(&leaf())[0].clone()) }]);
    assert_eq!(outcome(by_leaf(None), &list), (State::Distrusted, vec![FindingId::KnownAbused]));
}

#[test]
fn an_identity_is_matched_as_the_registry_knows_it() {
    let listed = |identity: &str| {
        let text = format!(r#"{{"match":{{"identity":{identity}}},"reason":"compromised"}}"#);
        let mut list = Distrust::default();
        list.add(json(&text).unwrap());
        list
    };
    let team = listed(r#"{"team-id":"ABCDE12345"}"#);
    let mut signature = by_leaf(None);
    signature.chain = vec!["CN=leaf".to_owned(), "CN=root".to_owned()];
    signature.signer.team_id = Some("ABCDE12345".to_owned());
    assert_eq!(outcome(signature.clone(), &team).0, State::Distrusted);
    assert_eq!(outcome(signature.clone(), &listed(r#"{"team-id":"ABCDE12346"}"#)).0, State::Valid);
    // A name that nobody accepted vouches for is anybody's.
    signature.check(CheckId::Chain, Outcome::Fail(Reason::NoPathToAnchor), "");
    assert_eq!(outcome(signature, &team).0, State::Untrusted);
    assert!(json(r#"{"match":{"identity":{"name":"Acme"}},"reason":"malware"}"#).is_err());
}

mod laws {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::appraise::{Terms, appraise};
    use crate::dossier::{ArtifactFacts, Dossier};
    use crate::evidence::{Need, SignatureId};
    use crate::policy::{Expectations, Policy};
    use crate::registry::Registry;
    use crate::verdict::Verdict;

    fn any_entry() -> impl Strategy<Value = Entry> {
        let other = Party::new("Other CA", 5).certify(&Party::new("Else", 6), &Order::default());
        let all: Vec<Selector> = selectors(&leaf()).into_iter().chain(selectors_of_other(&other)).collect();
        let since = option::of(select(vec![SINCE, SINCE.plus(10)]));
        (select(all), since).prop_map(|(selector, since)| Entry {
            since,
            holder: Some(Holder { name: Some("Lepko".to_owned()), ..Holder::default() }),
            ..entry(selector)
        })
    }

    fn selectors_of_other(of: &Certificate) -> Vec<Selector> {
        vec![Selector::Certificate(of.fingerprint()), Selector::File(sha(DigestAlgorithm::Sha256, b"file"))]
    }

    fn any_outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            6 => Just(Outcome::Pass),
            1 => select(Reason::ALL).prop_map(Outcome::Fail),
            1 => select(Need::ALL).prop_map(Outcome::Undecided),
        ]
    }

    fn any_signature() -> impl Strategy<Value = Signature> {
        let trusted = option::of(select(vec![SINCE.plus(-1), SINCE, SINCE.plus(20)]));
        let role = select(vec![Role::Signer, Role::Issuer, Role::Timestamp]);
        let spoil = option::of((select(CheckId::ALL), any_outcome()));
        (trusted, role, spoil, any::<bool>()).prop_map(|(trusted, role, spoil, embedded)| {
            let mut signature = valid(vec![Reliance::certificate(role, leaf())], trusted);
            if !embedded {
                signature.origin = Origin::File("evidence".to_owned());
            }
            if let Some((check, outcome)) = spoil {
                signature.check(check, outcome, "");
            }
            signature
        })
    }

    fn appraised(mut signatures: Vec<Signature>, list: &Distrust) -> Verdict {
        signatures.iter_mut().enumerate().for_each(|(at, signature)| signature.id = SignatureId(at));
        let digest = sha(DigestAlgorithm::Sha256, b"file");
        let digests = Digests::from([(DigestAlgorithm::Sha256, digest)]);
        let mut findings = Vec::new();
        judge(&mut signatures, &Claims::default(), &digests, list, &mut findings);
        let artifact =
            ArtifactFacts { name: "file".to_owned(), path: String::new(), size: Some(4), container: "data", digests };
        let dossier = Dossier {
            artifact,
            signatures,
            claims: Claims::default(),
            findings,
            material: Default::default(),
            evidence: Vec::new(),
            layout: None,
            exports: Vec::new(),
        };
        let (policy, expectations, registry) = (Policy::built_in(), Expectations::default(), Registry::default());
        let terms = Terms {
            policy: &policy,
            environment: "production",
            expectations: &expectations,
            registry: &registry,
            at: DATED,
        };
        appraise(dossier, &terms).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

        /// Adding a list never raises an answer, whatever the signatures and whatever the lists.
        #[test]
        fn a_list_more_never_raises_an_answer(
            signatures in vec(any_signature(), 0..3),
            first in vec(any_entry(), 0..3),
            second in vec(any_entry(), 1..3),
        ) {
            let none = appraised(signatures.clone(), &Distrust::default());
            let mut list = distrust(first);
            let one = appraised(signatures.clone(), &list);
            list.add(pack(second));
            let two = appraised(signatures, &list);
            for (before, after) in [(&none, &one), (&one, &two)] {
                for (before, after) in before.questions.iter().zip(&after.questions) {
                    prop_assert!(after.answer <= before.answer, "{:?}", before.question);
                }
                prop_assert!(before.decision.exit_code() == after.decision.exit_code() || after.decision.exit_code() != 0);
            }
        }
    }
}
