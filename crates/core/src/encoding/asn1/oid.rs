//! Object identifiers, as the content octets that [`super::Reader::oid`] returns.

use const_oid::ObjectIdentifier;

/// The dotted form of an identifier's content octets, or `None` if they are malformed.
#[must_use]
pub fn dotted(content: &[u8]) -> Option<String> {
    ObjectIdentifier::from_bytes(content).ok().map(|oid| oid.to_string())
}

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal;)*) => {
        $($(#[$doc])* #[doc = concat!(" `", $dotted, "`.")]
        pub const $name: &[u8] = {
            const OID: ObjectIdentifier = ObjectIdentifier::new_unwrap($dotted);
            OID.as_bytes()
        };)*
    };
}

oids! {
    /// Digest MD5.
    MD5 = "1.2.840.113549.2.5";
    /// Digest SHA-1.
    SHA1 = "1.3.14.3.2.26";
    /// Digest SHA-256.
    SHA256 = "2.16.840.1.101.3.4.2.1";
    /// Digest SHA-384.
    SHA384 = "2.16.840.1.101.3.4.2.2";
    /// Digest SHA-512.
    SHA512 = "2.16.840.1.101.3.4.2.3";
    /// RSA key, and PKCS #1 v1.5 signatures in CMS.
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    /// RSASSA-PSS.
    RSA_PSS = "1.2.840.113549.1.1.10";
    /// Mask generation function 1.
    MGF1 = "1.2.840.113549.1.1.8";
    /// MD5 with RSA.
    MD5_WITH_RSA = "1.2.840.113549.1.1.4";
    /// SHA-1 with RSA.
    SHA1_WITH_RSA = "1.2.840.113549.1.1.5";
    /// SHA-1 with RSA, the OIW identifier that old Microsoft certificates carry.
    SHA1_WITH_RSA_OIW = "1.3.14.3.2.29";
    /// SHA-256 with RSA.
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    /// SHA-384 with RSA.
    SHA384_WITH_RSA = "1.2.840.113549.1.1.12";
    /// SHA-512 with RSA.
    SHA512_WITH_RSA = "1.2.840.113549.1.1.13";
    /// Elliptic curve key.
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// Curve P-256.
    P256 = "1.2.840.10045.3.1.7";
    /// Curve P-384.
    P384 = "1.3.132.0.34";
    /// Curve P-521.
    P521 = "1.3.132.0.35";
    /// Curve secp256k1.
    P256K1 = "1.3.132.0.10";
    /// ECDSA with SHA-1.
    ECDSA_WITH_SHA1 = "1.2.840.10045.4.1";
    /// ECDSA with SHA-256.
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    /// ECDSA with SHA-384.
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
    /// ECDSA with SHA-512.
    ECDSA_WITH_SHA512 = "1.2.840.10045.4.3.4";
    /// Ed25519.
    ED25519 = "1.3.101.112";
    /// DSA key.
    DSA = "1.2.840.10040.4.1";
    /// DSA with SHA-1.
    DSA_WITH_SHA1 = "1.2.840.10040.4.3";
    /// DSA with SHA-256.
    DSA_WITH_SHA256 = "2.16.840.1.101.3.4.3.2";
    /// ML-DSA-44 (FIPS 204).
    ML_DSA_44 = "2.16.840.1.101.3.4.3.17";
    /// ML-DSA-65 (FIPS 204).
    ML_DSA_65 = "2.16.840.1.101.3.4.3.18";
    /// ML-DSA-87 (FIPS 204).
    ML_DSA_87 = "2.16.840.1.101.3.4.3.19";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_octets_and_dotted_form_agree() {
        assert_eq!(SHA1, [0x2b, 0x0e, 0x03, 0x02, 0x1a]);
        assert_eq!(dotted(SHA256).as_deref(), Some("2.16.840.1.101.3.4.2.1"));
        assert_eq!(dotted(&[0x80]), None);
    }
}
