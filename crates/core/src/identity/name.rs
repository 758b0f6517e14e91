//! Certificate names as text (RFC 4514).

use crate::encoding::hex;

/// The values of the attributes with these short names, unescaped, in the order of the text.
///
/// A name that does not follow the grammar gives what comes before the mistake: less to match, never more.
#[must_use]
pub fn values(name: &str, attributes: &[&str]) -> Vec<String> {
    let pairs = split(name).into_iter().map_while(attribute);
    pairs.filter(|(key, _)| attributes.contains(key)).map(|(_, value)| value).collect()
}

/// The attributes of all relative names, still escaped (§2.1, §2.2: `,` between names, `+` within one).
fn split(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (position, character) in name.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' | '+' => {
                parts.extend(name.get(start..position));
                start = position.saturating_add(1);
            }
            _ => {}
        }
    }
    parts.extend(name.get(start..));
    parts
}

fn attribute(text: &str) -> Option<(&str, String)> {
    let (key, value) = text.split_once('=')?;
    Some((key.trim(), unescape(value)?))
}

/// Undoes §2.4: `\` before a special character, or before two hexadecimal digits of a byte of UTF-8.
pub(crate) fn unescape(value: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        if let Some(pair) = after.get(..2).and_then(hex::decode) {
            bytes.extend(pair);
            rest = after.get(2..)?;
        } else {
            let character = after.chars().next()?;
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            rest = after.get(character.len_utf8()..)?;
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn finds_the_values_and_undoes_escapes() {
        let name = r"CN=Acme\, Inc.,OU=CN\=Evil,O=M\C3\BCller \+ Sons+L=Bern,C=CH";
        assert_eq!(values(name, &["CN"]), ["Acme, Inc."]);
        assert_eq!(values(name, &["O"]), ["Müller + Sons"]);
        assert_eq!(values(name, &["L", "C"]), ["Bern", "CH"]);
    }

    #[test]
    fn a_value_cannot_pose_as_another_attribute() {
        assert_eq!(values(r"OU=x\,CN\=Microsoft Corporation,CN=Evil", &["CN"]), ["Evil"]);
        assert_eq!(values("CN", &["CN"]), Vec::<String>::new());
        assert_eq!(values("", &["CN"]), Vec::<String>::new());
        assert_eq!(values("CN=a\\", &["CN"]), Vec::<String>::new());
    }
}
