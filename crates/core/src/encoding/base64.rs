//! Base64 (RFC 4648) as signature formats write it: both alphabets, with or without padding.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const TOLERANT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, TOLERANT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, TOLERANT);

/// Decodes text of either alphabet, padded or not; `None` for anything else, bits left over among it.
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let engine = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    engine.decode(text).ok()
}

/// Encodes in the standard alphabet with padding.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Encodes in the alphabet for URLs without padding (RFC 4648 §5).
#[must_use]
pub fn encode_for_url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// Bytes in a document of text, for `#[serde(with)]`.
pub(crate) mod text {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        super::decode(&text).ok_or_else(|| D::Error::custom("no base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_and_paddings_are_read() {
        let bytes = [0xfb, 0xff, 0xfe, 1];
        assert_eq!(encode(&bytes), "+//+AQ==");
        assert_eq!(encode_for_url(&bytes), "-__-AQ");
        for text in ["+//+AQ==", "-__-AQ==", "+//+AQ", "-__-AQ"] {
            assert_eq!(decode(text).as_deref(), Some(&bytes[..]), "{text}");
        }
    }

    #[test]
    fn mixed_alphabets_foreign_bytes_and_spare_bits_are_refused() {
        for text in ["+_/+AQ==", "AQ==\n", "A", "AR==", "====", "Ä"] {
            assert_eq!(decode(text), None, "{text}");
        }
        assert_eq!(decode("").as_deref(), Some(&[][..]));
    }
}
