//! Dead Simple Signing Envelopes (<https://github.com/secure-systems-lab/dsse>, v1.0.2).

use super::json::{Cursor, FieldError};
use crate::crypto::SigningKey;

/// The payload type of in-toto statements.
pub const IN_TOTO: &str = "application/vnd.in-toto+json";

/// The payload type of everything that gittuf signs: attestations, and its policies
/// (<https://github.com/gittuf/gittuf>).
pub const GITTUF: &str = "application/vnd.gittuf+json";

/// An envelope: typed bytes and the signatures over them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// What the payload is, as a media type. It is signed with the payload.
    pub payload_type: String,
    /// The bytes that are signed.
    pub payload: Vec<u8>,
    /// The signatures, in the order of the envelope.
    pub signatures: Vec<EnvelopeSignature>,
}

/// One signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvelopeSignature {
    /// A hint at the key, not signed and worth nothing by itself.
    pub keyid: Option<String>,
    /// The signature value.
    pub sig: Vec<u8>,
    /// The signer's certificate as PEM text, an extension that slsa-github-generator used before bundles.
    pub certificate: Option<String>,
    /// What the signature is over.
    pub signs: Signs,
}

/// What a signature of an envelope is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Signs {
    /// Type and payload, as DSSE demands.
    #[default]
    Encoding,
    /// The payload alone, as only Google Cloud Build's regional keys sign.
    Payload,
}

impl Envelope {
    /// An envelope with one signature. The hint at the key is the SHA-256 of its `SubjectPublicKeyInfo`, as in our
    /// verdicts.
    #[must_use]
    pub fn signed(payload_type: &str, payload: Vec<u8>, key: &SigningKey) -> Self {
        let sig = key.sign(&pre_authentication_encoding(payload_type, &payload));
        let keyid = Some(key.public_key().spki_sha256().hex());
        let signatures = vec![EnvelopeSignature { keyid, sig, certificate: None, signs: Signs::Encoding }];
        Self { payload_type: payload_type.to_owned(), payload, signatures }
    }

    /// Reads an envelope from its JSON form. Base64 may be of either alphabet, as the specification demands.
    ///
    /// # Errors
    /// If a member is missing or of the wrong form. An empty list of signatures is not an error here.
    pub fn from_json(place: &Cursor<'_>) -> Result<Self, FieldError> {
        let signatures = place.field("signatures")?.items()?;
        Ok(Self {
            payload_type: place.field("payloadType")?.text()?.to_owned(),
            payload: place.field("payload")?.bytes()?,
            signatures: signatures.iter().map(EnvelopeSignature::from_json).collect::<Result<_, _>>()?,
        })
    }

    /// The bytes that signatures are over, as DSSE demands.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        pre_authentication_encoding(&self.payload_type, &self.payload)
    }

    /// The bytes that signature `index` is over; `None` if there is no such signature. That it is over the payload alone
    /// is said by nobody who signed: it counts only for keys that are known to sign so.
    #[must_use]
    pub fn message(&self, index: usize, may_sign_payload: bool) -> Option<Vec<u8>> {
        Some(match self.signatures.get(index)?.signs {
            Signs::Payload if may_sign_payload => self.payload.clone(),
            Signs::Encoding | Signs::Payload => self.signed_bytes(),
        })
    }

    /// The JSON form, in standard base64.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        let signatures: Vec<_> = self.signatures.iter().map(EnvelopeSignature::to_json).collect();
        let document = serde_json::json!({
            "payloadType": self.payload_type,
            "payload": super::base64::encode(&self.payload),
            "signatures": signatures,
        });
        let mut text = document.to_string();
        text.push('\n');
        text.into_bytes()
    }

    /// Whether the payload says that it is an in-toto statement: the general type or one per predicate.
    #[must_use]
    pub fn carries_statement(&self) -> bool {
        let per_predicate = self.payload_type.strip_prefix("application/vnd.in-toto.");
        self.payload_type == IN_TOTO || per_predicate.is_some_and(|rest| rest.ends_with("+json"))
    }
}

impl EnvelopeSignature {
    fn to_json(&self) -> serde_json::Value {
        let mut document = serde_json::json!({ "sig": super::base64::encode(&self.sig) });
        if let Some(members) = document.as_object_mut() {
            members.extend(self.keyid.iter().map(|keyid| ("keyid".to_owned(), keyid.clone().into())));
            members.extend(self.certificate.iter().map(|pem| ("cert".to_owned(), pem.clone().into())));
        }
        document
    }

    fn from_json(place: &Cursor<'_>) -> Result<Self, FieldError> {
        let text = |name| place.optional(name)?.map(|value| value.text().map(str::to_owned)).transpose();
        Ok(Self {
            keyid: text("keyid")?,
            sig: place.field("sig")?.bytes()?,
            certificate: text("cert")?,
            signs: Signs::Encoding,
        })
    }
}

/// PAE (DSSE protocol, "Signature Definition"): type and payload with their lengths, so that no other pair
/// has the same encoding.
#[must_use]
pub fn pre_authentication_encoding(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::super::json;
    use super::*;

    fn envelope(text: &str) -> Result<Envelope, FieldError> {
        Envelope::from_json(&Cursor::new(&json::parse(text.as_bytes()).unwrap()))
    }

    #[test]
    fn the_encoding_is_that_of_the_specification() {
        let encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pre_authentication_encoding("ä", b""), "DSSEv1 2 ä 0 ".as_bytes());
    }

    #[test]
    fn key_ids_may_be_missing_null_or_empty_and_base64_of_either_alphabet() {
        let read = envelope(
            r#"{"payload":"-_8","payloadType":"t","signatures":[
               {"sig":"AQ=="},{"keyid":null,"sig":"+/8="},{"keyid":"","sig":"","cert":"x"}]}"#,
        )
        .unwrap();
        assert_eq!(read.payload, [0xfb, 0xff]);
        let ids: Vec<_> = read.signatures.iter().map(|s| s.keyid.as_deref()).collect();
        assert_eq!(ids, [None, None, Some("")]);
        assert_eq!(read.signatures[1].sig, [0xfb, 0xff]);
        assert_eq!(read.signatures[2].certificate.as_deref(), Some("x"));
    }

    #[test]
    fn what_is_written_is_read() {
        let signature = |keyid: Option<&str>, certificate: Option<&str>| EnvelopeSignature {
            keyid: keyid.map(str::to_owned),
            sig: vec![1, 2, 255],
            certificate: certificate.map(str::to_owned),
            signs: Signs::Encoding,
        };
        let signatures = vec![signature(Some("k"), None), signature(None, Some("pem"))];
        let written = Envelope { payload_type: "t".to_owned(), payload: b"\xffx".to_vec(), signatures };
        assert_eq!(envelope(std::str::from_utf8(&written.to_json()).unwrap()), Ok(written));
    }

    #[test]
    fn what_is_no_envelope_is_refused_with_its_place() {
        let place = |text| envelope(text).unwrap_err().path;
        assert_eq!(place(r#"{"payload":"","payloadType":"t"}"#), "signatures");
        assert_eq!(place(r#"{"payload":"","payloadType":"t","signatures":[{"sig":"!"}]}"#), "signatures[0].sig");
        assert_eq!(place(r#"{"payload":"","payloadType":1,"signatures":[]}"#), "payloadType");
    }

    #[test]
    fn statement_types() {
        let is = |payload_type: &str| {
            Envelope { payload_type: payload_type.to_owned(), payload: Vec::new(), signatures: Vec::new() }
                .carries_statement()
        };
        assert!(is(IN_TOTO) && is("application/vnd.in-toto.provenance+json"));
        assert!(!is("application/json") && !is("application/vnd.in-toto") && !is("text/plain"));
    }
}
