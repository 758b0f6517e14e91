//! Google Cloud Build's description of an image, as `gcloud artifacts docker images describe --show-provenance
//! --format json` and the Container Analysis API write it
//! (<https://cloud.google.com/build/docs/securing-builds/generate-validate-build-provenance>).
//!
//! Around each signed statement stands the same in readable form, and the image it is about. Nobody signed those:
//! where they differ from what is signed, a reader is shown something else than the verifier.

use super::sigstore::{Attestation, Content, Defect, Item, Pending, Verifier, attestation};
use super::{Format, Reader, Reading};
use crate::crypto::Digest;
use crate::encoding::dsse::{Envelope, Signs};
use crate::encoding::json::{Cursor, Json, parse, top_level_names};
use crate::encoding::statement::Statement;
use crate::evidence::Reason;
use crate::material::{EvidenceFile, Limits};

/// The entry of the table.
pub(super) static ENTRY: Format = Format {
    id: "google-cloud-build",
    title: "Google Cloud Build provenance",
    specification: "https://cloud.google.com/build/docs/securing-builds/generate-validate-build-provenance",
    reader: Reader::Detached { detect, signs_tree: |_| false, open },
};

/// Where the key of a region stands in Google's key service. These keys sign the payload itself; those that are
/// there for all regions sign as DSSE demands.
const REGIONAL_KEY: &str = "/keyRings/attestor/cryptoKeys/builtByGCB/";

/// The kind of occurrences that carry provenance.
const BUILD: &str = "BUILD";

/// The statement in readable form, by the type of the predicate: its name, and that of the predicate in it.
const READABLE: [(&str, &str, &str); 2] = [
    ("https://slsa.dev/provenance/v0.1", "intotoStatement", "slsaProvenance"),
    ("https://slsa.dev/provenance/v1", "inTotoSlsaProvenanceV1", "predicate"),
];

/// Members that are written in one form in the signed and in another in the readable statement, or in only one.
const INCOMPARABLE: [&str; 2] = ["definedInMaterial", "buildInvocationId"];

fn detect(bytes: &[u8]) -> bool {
    let names = top_level_names(bytes);
    let Some(names) = names.first() else { return false };
    let has = |name: &str| names.iter().any(|found| found == name);
    has("provenance_summary") || has("occurrences") || (has("noteName") && has("envelope"))
}

fn open(file: &EvidenceFile, _limits: &Limits) -> Reading {
    Box::new(Pending::of_document(&ENTRY, file, items))
}

fn items(top: &Cursor<'_>) -> Result<Vec<Item>, Defect> {
    let Some(summary) = top.optional("provenance_summary")? else {
        return match top.optional("occurrences")? {
            Some(list) => occurrences(&list),
            None => Ok(vec![Item { position: None, attestation: occurrence(top, None) }]),
        };
    };
    let image = image(&top.field("image_summary")?)?;
    let list = summary.field("provenance")?.items()?;
    if list.is_empty() {
        return Err(Defect::new(Reason::Malformed, "the description of the image has no provenance"));
    }
    Ok(list.iter().enumerate().map(|(index, one)| item(index, one, Some(image))).collect())
}

/// The occurrences that are about builds: vulnerabilities and what else is known of the image stand beside them.
fn occurrences(list: &Cursor<'_>) -> Result<Vec<Item>, Defect> {
    let of_another_kind = |one: &Cursor<'_>| one.value().text_at(&["kind"]).is_some_and(|kind| kind != BUILD);
    let all = list.items()?;
    let of_builds = all.iter().enumerate().filter(|(_, one)| !of_another_kind(one));
    let items: Vec<_> = of_builds.map(|(index, one)| item(index, one, None)).collect();
    if items.is_empty() {
        return Err(Defect::new(Reason::Malformed, "no occurrence is of the kind `BUILD`"));
    }
    Ok(items)
}

fn item(index: usize, place: &Cursor<'_>, image: Option<Digest>) -> Item {
    let position = Some(format!("provenance {}", index.saturating_add(1)));
    Item { position, attestation: occurrence(place, image) }
}

/// The image that the whole description is about; it is named twice.
fn image(summary: &Cursor<'_>) -> Result<Digest, Defect> {
    let short = summary.field("digest")?.text()?;
    let full = summary.field("fully_qualified_digest")?.text()?;
    let (short, full) = (digest(short)?, digest(full.rsplit_once('@').map_or(full, |(_, digest)| digest))?);
    if short == full { Ok(short) } else { Err(contradiction(format!("the image is both {short} and {full}"))) }
}

/// One statement with what stands around it.
fn occurrence(place: &Cursor<'_>, image: Option<Digest>) -> Result<Attestation, Defect> {
    let kind = place.field("kind")?.text()?;
    if kind != BUILD {
        return Err(contradiction(format!("an occurrence of the kind `{kind}`, not `{BUILD}`")));
    }
    let resource = place.field("resourceUri")?.text()?;
    let named = digest(resource.rsplit_once('@').map_or(resource, |(_, digest)| digest))?;
    if let Some(image) = image.filter(|image| *image != named) {
        return Err(contradiction(format!("the image is {image}, the provenance is said to be about {named}")));
    }
    let mut envelope = Envelope::from_json(&place.field("envelope")?)?;
    for signature in &mut envelope.signatures {
        if signature.keyid.as_deref().is_some_and(|keyid| keyid.contains(REGIONAL_KEY)) {
            signature.signs = Signs::Payload;
        }
    }
    let signed = parse(&envelope.payload).ok();
    let mut attestation = attestation(Content::Envelope(envelope), Verifier::Unsaid, &[], Vec::new())?;
    if let (Some(Ok(statement)), Some(signed)) = (&mut attestation.statement, signed) {
        says_once(&signed)?;
        is_as_readable(place, statement, &signed)?;
        // The statement may be about all images of the build; this description is about one.
        statement.subjects.retain(|subject| subject.digests.contains(&named));
    }
    Ok(attestation)
}

/// The signed statement carries the predicate of v0.1 under two names.
fn says_once(signed: &Json) -> Result<(), Defect> {
    match (signed.get("predicate"), signed.get("slsaProvenance")) {
        (Some(one), Some(other)) if one != other => {
            Err(contradiction("`predicate` and `slsaProvenance` of the signed statement differ"))
        }
        _ => Ok(()),
    }
}

/// What people read must be what is signed.
fn is_as_readable(place: &Cursor<'_>, statement: &Statement, signed: &Json) -> Result<(), Defect> {
    let Some((_, name, predicate)) = READABLE.iter().find(|(kind, ..)| *kind == statement.predicate_type) else {
        return Ok(());
    };
    let readable = place.field("build")?.field(name)?;
    let pairs =
        [("_type", "_type"), ("predicateType", "predicateType"), ("subject", "subject"), (predicate, "predicate")];
    for (of_readable, of_signed) in pairs {
        let null = &Json::Null;
        let shown = readable.value().get(of_readable).unwrap_or(null);
        if !same(shown, signed.get(of_signed).unwrap_or(null)) {
            return Err(contradiction(format!("`build.{name}.{of_readable}` differs from the signed statement")));
        }
    }
    Ok(())
}

/// Whether two values say the same. ProtoJSON leaves out what is empty.
fn same(one: &Json, other: &Json) -> bool {
    // A list of what is left to compare instead of recursion: the depth is the document's.
    let mut left = vec![(one, other)];
    while let Some((one, other)) = left.pop() {
        match (one, other) {
            (Json::Object(_), Json::Object(_) | Json::Null) | (Json::Null, Json::Object(_)) => {
                let names = [one, other].into_iter().filter_map(Json::as_object).flat_map(|members| members.keys());
                let names = names.filter(|name| !INCOMPARABLE.contains(&name.as_str()));
                left.extend(names.map(|name| (member(one, name), member(other, name))));
            }
            (Json::Array(one), Json::Array(other)) if one.len() == other.len() => left.extend(one.iter().zip(other)),
            _ if one == other || (is_empty(one) && is_empty(other)) => {}
            _ => return false,
        }
    }
    true
}

fn member<'a>(of: &'a Json, name: &str) -> &'a Json {
    of.get(name).unwrap_or(&Json::Null)
}

fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null | Json::Bool(false) => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        Json::Number(_) | Json::Bool(true) | Json::Object(_) => false,
    }
}

fn digest(text: &str) -> Result<Digest, Defect> {
    text.parse().map_err(|_| Defect::new(Reason::Malformed, format!("`{text}` names no image by its digest")))
}

fn contradiction(detail: impl Into<String>) -> Defect {
    Defect::new(Reason::Contradiction, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64;

    const IMAGE: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const OTHER: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

    fn statement(builder: &str) -> serde_json::Value {
        let hex = |digest: &str| digest.trim_start_matches("sha256:").to_owned();
        serde_json::json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": "https://slsa.dev/provenance/v0.1",
            "subject": [{ "name": "a", "digest": { "sha256": hex(IMAGE) } }, { "name": "b", "digest": { "sha256": hex(OTHER) } }],
            "predicate": { "builder": { "id": builder }, "recipe": { "type": "t", "definedInMaterial": "-1" } },
        })
    }

    fn description(change: impl Fn(&mut serde_json::Value)) -> serde_json::Value {
        let mut readable = statement("b");
        let predicate = readable.as_object_mut().unwrap().remove("predicate").unwrap();
        readable["slsaProvenance"] = predicate;
        let mut document = serde_json::json!({
            "image_summary": { "digest": IMAGE, "fully_qualified_digest": format!("r.example/i@{IMAGE}") },
            "provenance_summary": { "provenance": [{
                "kind": "BUILD",
                "resourceUri": format!("https://r.example/i@{IMAGE}"),
                "build": { "intotoStatement": readable },
                "envelope": {
                    "payloadType": "application/vnd.in-toto+json",
                    "payload": base64::encode(statement("b").to_string().as_bytes()),
                    "signatures": [
                        { "keyid": "projects/p/locations/r/keyRings/attestor/cryptoKeys/builtByGCB/cryptoKeyVersions/1", "sig": "AQ==" },
                        { "keyid": "projects/p/locations/global/keyRings/attestor/cryptoKeys/provenanceSigner/1", "sig": "AQ==" },
                    ],
                },
            }]},
        });
        change(&mut document);
        document
    }

    /// The first attestation of a description, or the detail of what is wrong with it.
    fn read(document: &serde_json::Value) -> Result<Attestation, String> {
        let text = document.to_string();
        assert!(detect(text.as_bytes()));
        let json = parse(text.as_bytes()).unwrap();
        let items = items(&Cursor::new(&json)).map_err(|defect| defect.detail)?;
        items.into_iter().next().unwrap().attestation.map_err(|defect| defect.detail)
    }

    #[test]
    fn a_description_is_about_one_image_and_each_key_signs_in_its_way() {
        let read = read(&description(|_| {})).unwrap_or_else(|detail| panic!("{detail}"));
        let Some(Ok(statement)) = &read.statement else { panic!() };
        assert_eq!(statement.subjects.iter().map(|subject| subject.name.as_str()).collect::<Vec<_>>(), ["a"]);
        let Content::Envelope(envelope) = &read.content else { panic!() };
        assert_eq!(envelope.message(0, true), Some(envelope.payload.clone()));
        assert!(envelope.message(1, true).unwrap().starts_with(b"DSSEv1 "));
        // The hint is signed by nobody: it tells no other key what it signed.
        assert!(envelope.message(0, false).unwrap().starts_with(b"DSSEv1 "));
    }

    #[test]
    fn what_is_shown_must_be_what_is_signed() {
        type Change = fn(&mut serde_json::Value);
        fn first(document: &mut serde_json::Value) -> &mut serde_json::Value {
            &mut document["provenance_summary"]["provenance"][0]
        }
        let changes: [(&str, Change); 7] = [
            ("the image is both", |d| d["image_summary"]["digest"] = OTHER.into()),
            ("kind `BUILDER`", |d| first(d)["kind"] = "BUILDER".into()),
            ("said to be about", |d| first(d)["resourceUri"] = format!("i@{OTHER}").into()),
            ("slsaProvenance` differs", |d| {
                first(d)["build"]["intotoStatement"]["slsaProvenance"]["builder"]["id"] = "x".into();
            }),
            ("`build.intotoStatement.subject` differs", |d| {
                first(d)["build"]["intotoStatement"]["subject"][0]["name"] = "x".into();
            }),
            ("is missing", |d| first(d)["build"] = serde_json::json!({})),
            ("no provenance", |d| d["provenance_summary"]["provenance"] = serde_json::json!([])),
        ];
        for (expected, change) in changes {
            let detail = read(&description(change)).err().unwrap();
            assert!(detail.contains(expected), "{detail}");
        }
    }

    #[test]
    fn what_is_empty_may_be_left_out_and_nothing_else() {
        let compare = |one: &str, other: &str| same(&parse(one.as_bytes()).unwrap(), &parse(other.as_bytes()).unwrap());
        assert!(compare(r#"{"a":{"b":false,"c":[]},"d":""}"#, "{}"));
        assert!(compare(r#"{"recipe":{"definedInMaterial":"-1"}}"#, r#"{"recipe":{}}"#));
        for (one, other) in [
            (r#"{"a":true}"#, "{}"),
            (r#"{"a":"x"}"#, r#"{"a":""}"#),
            (r#"{"a":[1]}"#, r#"{"a":[1,2]}"#),
            (r#"{"a":{"b":1}}"#, r#"{"a":"b"}"#),
            (r#"{"a":0}"#, "{}"),
        ] {
            assert!(!compare(one, other) && !compare(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_single_occurrence_and_a_list_of_them_are_read() {
        let one = description(|_| {})["provenance_summary"]["provenance"][0].clone();
        let mut named = one.clone();
        named["noteName"] = "n".into();
        assert!(read(&named).is_ok());
        assert!(read(&serde_json::json!({ "occurrences": [one] })).is_ok());
        let other = serde_json::json!({ "kind": "VULNERABILITY", "resourceUri": "r" });
        assert!(read(&serde_json::json!({ "occurrences": [other, one] })).is_ok());
        assert!(read(&serde_json::json!({ "occurrences": [other] })).err().unwrap().contains("no occurrence"));
    }
}
