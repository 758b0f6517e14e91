//! Object identifiers, as the content octets that [`super::Reader::oid`] returns.

use const_oid::ObjectIdentifier;

/// The dotted form of an identifier's content octets, or `None` if they are malformed.
#[must_use]
pub fn dotted(content: &[u8]) -> Option<String> {
    ObjectIdentifier::from_bytes(content).ok().map(|oid| oid.to_string())
}

/// The content octets of a dotted identifier, or `None` if it is none.
#[must_use]
pub fn from_dotted(text: &str) -> Option<Vec<u8>> {
    ObjectIdentifier::new(text).ok().map(|oid| oid.as_bytes().to_vec())
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
    // CMS and PKCS #7 (RFC 5652, RFC 2315), PKCS #9 (RFC 2985), timestamps (RFC 3161, RFC 5035).
    /// Content type `data`.
    DATA = "1.2.840.113549.1.7.1";
    /// Content type `signedData`.
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// Content type of a timestamp token's `TSTInfo`.
    TST_INFO = "1.2.840.113549.1.9.16.1.4";
    /// Attribute `contentType`.
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// Attribute `messageDigest`.
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    /// Attribute `signingTime`.
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    /// Attribute `countersignature`.
    COUNTERSIGNATURE = "1.2.840.113549.1.9.6";
    /// Attribute `timeStampToken`.
    TIMESTAMP_TOKEN = "1.2.840.113549.1.9.16.2.14";
    /// Attribute `signingCertificate`.
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
    /// Attribute `signingCertificateV2`.
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
    /// Kind of revocation information in CMS: an OCSP response (RFC 5940 §2.1).
    OCSP_RESPONSE_INFO = "1.3.6.1.5.5.7.16.2";
    /// Attribute `revocation-values` (RFC 5126 §6.3.4).
    REVOCATION_VALUES = "1.2.840.113549.1.9.16.2.24";
    /// Attribute `revocationInfoArchival`, Adobe (ISO 32000-1 §12.8.3.3.2).
    REVOCATION_INFO_ARCHIVAL = "1.2.840.113583.1.1.8";
    // Microsoft.
    /// Authenticode content type `SPC_INDIRECT_DATA`.
    SPC_INDIRECT_DATA = "1.3.6.1.4.1.311.2.1.4";
    /// Authenticode attribute `SPC_SP_OPUS_INFO`: programme name and address.
    SPC_SP_OPUS_INFO = "1.3.6.1.4.1.311.2.1.12";
    /// Authenticode data type `SPC_PE_IMAGE_DATA`.
    SPC_PE_IMAGE_DATA = "1.3.6.1.4.1.311.2.1.15";
    /// Page hashes with SHA-1.
    SPC_PAGE_HASHES_V1 = "1.3.6.1.4.1.311.2.3.1";
    /// Page hashes with SHA-256.
    SPC_PAGE_HASHES_V2 = "1.3.6.1.4.1.311.2.3.2";
    /// Authenticode attribute with further signatures.
    SPC_NESTED_SIGNATURE = "1.3.6.1.4.1.311.2.4.1";
    /// Authenticode attribute with an RFC 3161 timestamp token.
    SPC_RFC3161_TIMESTAMP = "1.3.6.1.4.1.311.3.3.1";
    /// Content type of a certificate trust list.
    CTL = "1.3.6.1.4.1.311.10.1";
    /// How subjects of Microsoft's list of disallowed certificates are named (`szOID_DISALLOWED_HASH`).
    DISALLOWED_HASH = "1.3.6.1.4.1.311.10.11.15";
    // Algorithms.
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
    /// CMS attribute with an entry of Sigstore's log (gitsign).
    LOG_ENTRY = "1.3.6.1.4.1.57264.3.1";
    /// Signed certificate timestamps in a certificate (RFC 6962 §3.3).
    SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";
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
    /// Certificate extension: identifier of the certified key.
    SUBJECT_KEY_ID = "2.5.29.14";
    /// Certificate extension: what the key may be used for.
    KEY_USAGE = "2.5.29.15";
    /// Certificate extension: further names.
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// Certificate extension: further names of the issuer.
    ISSUER_ALT_NAME = "2.5.29.18";
    /// Certificate extension: CA or not, and the length of paths below it.
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// CRL extension: number of the list.
    CRL_NUMBER = "2.5.29.20";
    /// CRL entry extension: why it was revoked.
    CRL_REASON = "2.5.29.21";
    /// CRL entry extension: since when the key is known or suspected to be compromised.
    INVALIDITY_DATE = "2.5.29.24";
    /// CRL extension: the list is a change to another one.
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// CRL extension: which certificates the list covers.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// CRL entry extension: whose certificate it is, in indirect lists.
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// Certificate extension: in which names paths below a CA must lie.
    NAME_CONSTRAINTS = "2.5.29.30";
    /// Certificate extension: where revocation lists are.
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// Certificate extension: policies under which it was issued.
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// The policy that stands for every policy.
    ANY_POLICY = "2.5.29.32.0";
    /// Certificate extension: policies of issuer and certified CA that count as the same.
    POLICY_MAPPINGS = "2.5.29.33";
    /// Certificate extension: identifier of the issuer's key.
    AUTHORITY_KEY_ID = "2.5.29.35";
    /// Certificate extension: limits on policies below a CA.
    POLICY_CONSTRAINTS = "2.5.29.36";
    /// Certificate extension: what the certificate may be used for.
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// Certificate extension: when the policy that stands for every policy ends to count.
    INHIBIT_ANY_POLICY = "2.5.29.54";
    /// Certificate extension: where to learn about the issuer.
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// Access method: the issuer's certificate.
    CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    /// Extension of Yubico's PIV attestations: version of the firmware.
    YUBICO_FIRMWARE = "1.3.6.1.4.1.41482.3.3";
    /// Extension of Yubico's PIV attestations: serial number of the device.
    YUBICO_SERIAL = "1.3.6.1.4.1.41482.3.7";
    /// Extension of Yubico's PIV attestations: when PIN and touch are asked for.
    YUBICO_POLICIES = "1.3.6.1.4.1.41482.3.8";
    /// Extended key usage: attestation key of a TPM.
    TCG_ATTESTATION_KEY = "2.23.133.8.3";
    /// Extended key usage: any.
    ANY_EXTENDED_KEY_USAGE = "2.5.29.37.0";
    /// Extended key usage: TLS server.
    SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    /// Extended key usage: TLS client.
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// Extended key usage: code signing.
    CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
    /// Extended key usage: time stamping.
    TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// Extended key usage: mail.
    EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    /// Extended key usage: end of a tunnel.
    IPSEC_END_SYSTEM = "1.3.6.1.5.5.7.3.5";
    /// Extended key usage: gateway of a tunnel.
    IPSEC_TUNNEL = "1.3.6.1.5.5.7.3.6";
    /// Extended key usage: user of a tunnel.
    IPSEC_USER = "1.3.6.1.5.5.7.3.7";
    /// Extended key usage: key exchange of a tunnel.
    IPSEC_IKE = "1.3.6.1.5.5.8.2.2";
    /// Extended key usage: answers about revocation.
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// OCSP: the basic type of response (RFC 6960 §4.2.1).
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// OCSP extension: ties a response to a request.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// OCSP extension: the revocation list in which the answer was found.
    OCSP_CRL_REFERENCES = "1.3.6.1.5.5.7.48.1.3";
    /// Certificate extension: the revocation of this responder need not be checked.
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";
    /// OCSP extension: since when the responder keeps what is known of certificates that have expired.
    OCSP_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6";
    /// OCSP extension: certificates that were never issued are called revoked.
    OCSP_EXTENDED_REVOKE = "1.3.6.1.5.5.7.48.1.9";
    /// Extended key usage, Microsoft: encrypted files.
    FILE_ENCRYPTION = "1.3.6.1.4.1.311.10.3.4";
    /// Extended key usage, Microsoft: root lists.
    ROOT_LIST_SIGNER = "1.3.6.1.4.1.311.10.3.9";
    /// Extended key usage, Microsoft: documents.
    DOCUMENT_SIGNING = "1.3.6.1.4.1.311.10.3.12";
    /// Extended key usage, Microsoft: signatures end with the certificate, timestamp or not.
    LIFETIME_SIGNING = "1.3.6.1.4.1.311.10.3.13";
    /// Arc of extended key usages, Microsoft: subscribers whose identity the signing service validated.
    MICROSOFT_IDENTITY_VALIDATION = "1.3.6.1.4.1.311.97";
    /// Fulcio: a user name as another name.
    FULCIO_USER_NAME = "1.3.6.1.4.1.57264.1.7";
    /// Name attribute: common name.
    COMMON_NAME = "2.5.4.3";
    /// Name attribute: surname.
    SURNAME = "2.5.4.4";
    /// Name attribute: serial number, for companies their registration number.
    SERIAL_NUMBER = "2.5.4.5";
    /// Name attribute: country.
    COUNTRY = "2.5.4.6";
    /// Name attribute: locality.
    LOCALITY = "2.5.4.7";
    /// Name attribute: state or province.
    STATE = "2.5.4.8";
    /// Name attribute: street.
    STREET = "2.5.4.9";
    /// Name attribute: organisation.
    ORGANIZATION = "2.5.4.10";
    /// Name attribute: organisational unit.
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    /// Name attribute: title.
    TITLE = "2.5.4.12";
    /// Name attribute: category of business.
    BUSINESS_CATEGORY = "2.5.4.15";
    /// Name attribute: postal code.
    POSTAL_CODE = "2.5.4.17";
    /// Name attribute: given name.
    GIVEN_NAME = "2.5.4.42";
    /// Name attribute: identifier of an organisation.
    ORGANIZATION_IDENTIFIER = "2.5.4.97";
    /// Name attribute: user identifier; Apple's team identifiers.
    USER_ID = "0.9.2342.19200300.100.1.1";
    /// Name attribute: domain component.
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";
    /// Name attribute: e-mail address.
    EMAIL_ADDRESS = "1.2.840.113549.1.9.1";
    /// Name attribute: locality of incorporation.
    JURISDICTION_LOCALITY = "1.3.6.1.4.1.311.60.2.1.1";
    /// Name attribute: state of incorporation.
    JURISDICTION_STATE = "1.3.6.1.4.1.311.60.2.1.2";
    /// Name attribute: country of incorporation.
    JURISDICTION_COUNTRY = "1.3.6.1.4.1.311.60.2.1.3";
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
