//! Attestations of `YubiKey`'s PIV application: the device certifies a key that it generated itself, with the key
//! of slot F9, which Yubico certified
//! (<https://docs.yubico.com/hardware/oid/oid-piv-arc.html>). Imported keys are not attested.

use super::vouched;
use crate::crypto::{Digest, DigestAlgorithm};
use crate::encoding::asn1::{Reader, Rules, oid};
use crate::encoding::x509::Certificate;
use crate::pki::anchor::Anchor;
use crate::time::Time;

/// The certificate of the key, and those that vouch for the device.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    key: Certificate,
    issuers: Vec<Certificate>,
    facts: Facts,
}

/// What the extensions say.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Facts {
    firmware: [u8; 3],
    serial: Option<u64>,
    pin: u8,
    touch: u8,
}

impl Statement {
    pub(super) fn read(certificates: Vec<Certificate>) -> Result<Self, String> {
        let (mut statements, issuers): (Vec<_>, Vec<_>) =
            certificates.into_iter().partition(|certificate| certificate.extension(oid::YUBICO_POLICIES).is_some());
        let key = match (statements.pop(), statements.is_empty()) {
            (Some(key), true) => key,
            (None, _) => return Err("no certificate is a PIV attestation (extension 1.3.6.1.4.1.41482.3.8)".to_owned()),
            (Some(_), false) => return Err("more than one PIV attestation; give one file for each".to_owned()),
        };
        let facts = Facts::of(&key)?;
        Ok(Self { key, issuers, facts })
    }

    pub(super) fn spki_sha256(&self) -> Digest {
        Digest::of(DigestAlgorithm::Sha256, self.key.spki())
    }

    pub(super) fn verify(&self, anchors: &[Anchor], at: Time) -> Result<String, String> {
        let anchor = vouched(&self.key, &self.issuers, anchors, at)?;
        Ok(format!("{}; vouched for by {anchor}", self.facts.words()))
    }
}

impl Facts {
    fn of(key: &Certificate) -> Result<Self, String> {
        let value = |oid| key.extension(oid).map(|extension| extension.value);
        let firmware = value(oid::YUBICO_FIRMWARE).and_then(|bytes| <[u8; 3]>::try_from(bytes).ok());
        let Some(&[pin, touch]) = value(oid::YUBICO_POLICIES) else {
            return Err("the PIN and touch policies of the PIV attestation are not two bytes".to_owned());
        };
        let serial = value(oid::YUBICO_SERIAL).map(|bytes| Reader::new(bytes, Rules::Ber).u64());
        let serial = serial.transpose().map_err(|error| format!("serial number of the PIV attestation: {error}"))?;
        let firmware = firmware.ok_or("the firmware version of the PIV attestation is not three bytes")?;
        Ok(Self { firmware, serial, pin, touch })
    }

    fn words(&self) -> String {
        let [major, minor, patch] = self.firmware;
        let serial = self.serial.map_or_else(|| "of unknown serial number".to_owned(), |number| number.to_string());
        let pin = match self.pin {
            1 => "never",
            2 => "once per session",
            3 => "always",
            4 => "or fingerprint once per session",
            5 => "or fingerprint always",
            _ => "of an unknown policy",
        };
        let touch = match self.touch {
            1 => "never",
            2 => "always",
            3 => "cached for 15 seconds",
            _ => "of an unknown policy",
        };
        format!(
            "generated in YubiKey {serial} (firmware {major}.{minor}.{patch}), never exported; PIN {pin}, touch {touch}"
        )
    }
}
