//! TPM 2.0 `TPM2_Certify` (TPM library specification, part 2 §10.12 and part 3 §18.2): an attestation key says which
//! object is loaded in its TPM, by the digest of the object's public area; the public area says what may be done
//! with the key.

mod structures;

use super::vouched;
use crate::crypto::{self, Digest, DigestAlgorithm, Message};
use crate::encoding::asn1::oid;
use crate::encoding::base64;
use crate::encoding::json::{self, Cursor, Json};
use crate::encoding::pem;
use crate::encoding::x509::Certificate;
use crate::pki::anchor::Anchor;
use crate::time::Time;

use structures::{Attest, Public, TpmSignature};

/// The `format` of the document.
const FORMAT: &str = "countersign/tpm2-certify/v1";

/// Its members.
const MEMBERS: [&str; 5] = ["format", "attest", "signature", "public", "certificates"];

fn names(document: &Json) -> impl Iterator<Item = &str> {
    let members = match document {
        Json::Object(members) => Some(members),
        _ => None,
    };
    members.into_iter().flat_map(|members| members.keys().map(String::as_str))
}

/// The document: four parts of which the TPM made three.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    attest: Vec<u8>,
    signature: Vec<u8>,
    public: Public,
    /// The attestation key's certificate first.
    certificates: Vec<Certificate>,
}

impl Statement {
    pub(super) fn read(document: &[u8]) -> Result<Self, String> {
        let value = json::parse(document).map_err(|error| error.to_string())?;
        let top = Cursor::new(&value);
        let wrong = |error: json::FieldError| error.to_string();
        if let Some(unknown) = names(&value).find(|name| !MEMBERS.contains(name)) {
            return Err(format!("`{unknown}` is no member of `{FORMAT}`"));
        }
        if top.field("format").and_then(|field| field.text()).map_err(wrong)? != FORMAT {
            return Err(format!("expected a document of format `{FORMAT}`"));
        }
        let bytes = |name: &'static str| {
            let text = top.field(name).and_then(|field| field.text()).map_err(wrong)?;
            base64::decode(text).ok_or_else(|| format!("`{name}` is no base64"))
        };
        let pem = top.field("certificates").and_then(|field| field.text()).map_err(wrong)?;
        Ok(Self {
            attest: bytes("attest")?,
            signature: bytes("signature")?,
            public: Public::read(&bytes("public")?).ok_or("`public` is no TPMT_PUBLIC of an RSA or ECC key")?,
            certificates: pem::certificates(pem.as_bytes()).map_err(|error| format!("`certificates`: {error}"))?,
        })
    }

    pub(super) fn spki_sha256(&self) -> Digest {
        Digest::of(DigestAlgorithm::Sha256, &self.public.spki)
    }

    pub(super) fn verify(&self, anchors: &[Anchor], at: Time) -> Result<String, String> {
        let (device, others) = self.certificates.split_first().ok_or("no certificate of the attestation key")?;
        let usage = device.extended_key_usage().map_err(|error| error.to_string())?;
        // Without it any certificate below the anchor could sign what looks like a TPM's word.
        if !usage.is_some_and(|usage| usage.contains(oid::TCG_ATTESTATION_KEY)) {
            return Err("the certificate is not one of an attestation key (usage 2.23.133.8.3)".to_owned());
        }
        let anchor = vouched(device, others, anchors, at)?;
        self.check_signature(device)?;
        let attest = Attest::read(&self.attest).ok_or("no TPMS_ATTEST that certifies an object")?;
        if attest.name != self.public.name() {
            return Err("the TPM certifies another object than the public area describes".to_owned());
        }
        let held = self.public.held()?;
        Ok(format!("{held}; certified by an attestation key that {anchor} vouches for"))
    }

    fn check_signature(&self, device: &Certificate) -> Result<(), String> {
        let key = device.public_key().map_err(|error| error.to_string())?;
        let signature = TpmSignature::read(&self.signature).ok_or("no TPMT_SIGNATURE that is read here")?;
        let message = Message::Bytes(&self.attest);
        match crypto::verify(&key, signature.scheme, message, &signature.value) {
            Ok(crypto::Strength::Strong) => Ok(()),
            Ok(crypto::Strength::Weak(weakness)) => Err(format!("the TPM's signature is made with {weakness}")),
            Err(error) => Err(format!("the TPM's signature: {error}")),
        }
    }
}
