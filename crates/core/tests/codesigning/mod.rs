//! The cases of the code-signing limbo, read.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "shared by tests that each use a part")]

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::artifact::{Artifact, Content};
use countersign::dossier::Dossier;
use countersign::encoding::pem;
use countersign::encoding::x509::Certificate;
use countersign::examine::examine;
use countersign::material::{AcceptedKey, Limits, Material};
use countersign::pki::crl;
use countersign::pki::ocsp::OcspResponse;
use countersign::time::Time;
use countersign::trust::{AnchorSourceInfo, Limit, ListedAnchor, ListedPurpose, Purposes, TrustBundle};
use serde_json::Value;

pub struct Case {
    pub json: Value,
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/codesigning-limbo")
}

pub fn cases() -> Vec<Case> {
    let packed = std::fs::read(folder().join("limbo.json.xz")).unwrap();
    let reader = lzma_rust2::XzReader::new(packed.as_slice(), false);
    let mut suite: Value = serde_json::from_reader(std::io::BufReader::new(reader)).unwrap();
    suite["testcases"].as_array_mut().unwrap().drain(..).map(|json| Case { json }).collect()
}

impl Case {
    pub fn id(&self) -> &str {
        self.json["id"].as_str().unwrap()
    }

    pub fn at(&self) -> Time {
        self.json["validation_time"].as_str().unwrap().parse().unwrap()
    }

    pub fn has(&self, feature: &str) -> bool {
        self.json["features"].as_array().unwrap().iter().any(|known| known.as_str() == Some(feature))
    }

    pub fn artifact(&self) -> Vec<u8> {
        STANDARD.decode(self.json["code_signing"]["artifact"].as_str().unwrap()).unwrap()
    }

    /// The texts of an array.
    pub fn texts(value: &Value) -> impl Iterator<Item = &str> {
        value.as_array().unwrap().iter().map(|text| text.as_str().unwrap())
    }

    fn anchors(&self) -> TrustBundle {
        let terms = self.json["code_signing"]["anchors"].as_array().unwrap();
        let certificates = Self::texts(&self.json["trusted_certs"]).map(certificate);
        certificates.zip(terms).fold(TrustBundle::default(), |bundle, (certificate, terms)| {
            let purposes = purposes(terms);
            let limit = |key: &str| {
                let at = terms[key].as_str()?.parse().unwrap();
                Some(Limit { at, purposes })
            };
            bundle.with_listed(ListedAnchor {
                name: certificate.subject().to_string(),
                certificate,
                purposes,
                issued_before: limit("issued_before"),
                disallowed_since: limit("disallowed_since"),
                source: AnchorSourceInfo {
                    name: "limbo".to_owned(),
                    origin: self.id().to_owned(),
                    licence: String::new(),
                    dated: None,
                },
            })
        })
    }

    fn material(&self) -> Material {
        let accepted = |text: &str| {
            let certificate = certificate(text);
            let key = certificate.public_key().unwrap();
            AcceptedKey { source: "limbo".to_owned(), key, certificate: Some(certificate) }
        };
        Material {
            anchors: self.anchors(),
            keys: Self::texts(&self.json["code_signing"]["accepted_keys"]).map(accepted).collect(),
            crls: Self::texts(&self.json["crls"]).flat_map(|text| crl::read_all(text.as_bytes()).unwrap()).collect(),
            ocsp: Self::texts(&self.json["code_signing"]["ocsp"]).map(response).collect(),
            ..Material::default()
        }
    }

    pub fn examine(&self) -> Dossier {
        let bytes = self.artifact();
        let name = format!("{}.exe", self.id());
        let artifact = Artifact { path: name.clone(), name, content: Content::File(&bytes) };
        examine(&artifact, &self.material(), self.at(), &Limits::default()).unwrap()
    }
}

fn response(text: &str) -> OcspResponse {
    OcspResponse::from_der(&STANDARD.decode(text).unwrap()).unwrap()
}

fn certificate(text: &str) -> Certificate {
    pem::certificates(text.as_bytes()).unwrap().remove(0)
}

fn purposes(terms: &Value) -> Purposes {
    let words: Vec<&str> = Case::texts(&terms["purposes"]).collect();
    if words.is_empty() {
        return Purposes::ALL;
    }
    let known = |word: &str| *ListedPurpose::ALL.iter().find(|purpose| purpose.word() == word).unwrap();
    words.into_iter().map(known).collect()
}
