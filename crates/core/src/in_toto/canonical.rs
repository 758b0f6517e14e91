//! Canonical JSON as in-toto and TUF sign it (OLPC, <http://wiki.laptop.org/go/Canonical_JSON>).
//!
//! Names in the order of their code points, no space, and in strings nothing escaped but `"` and `\`. That is
//! neither RFC 8785 nor what `olpc-cjson` makes: it normalises texts, which the signers do not.

use crate::encoding::json::Json;

/// What is still to be written.
enum Part<'a> {
    Value(&'a Json),
    Name(&'a str),
    Text(&'static str),
}

/// The bytes that are signed, or `None` for a document with a number that has no canonical form.
pub(super) fn encode(document: &Json) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = vec![Part::Value(document)];
    while let Some(part) = rest.pop() {
        match part {
            Part::Text(text) => out.extend_from_slice(text.as_bytes()),
            Part::Name(name) => string(&mut out, name),
            Part::Value(value) => open(&mut out, &mut rest, value)?,
        }
    }
    Some(out)
}

/// Writes a plain value, or leaves the members of a compound one to be written next.
fn open<'a>(out: &mut Vec<u8>, rest: &mut Vec<Part<'a>>, value: &'a Json) -> Option<()> {
    match value {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Json::Number(number) => out.extend_from_slice(number.as_i64()?.to_string().as_bytes()),
        Json::String(text) => string(out, text),
        Json::Array(items) => {
            rest.push(Part::Text("]"));
            for (index, item) in items.iter().enumerate().rev() {
                rest.push(Part::Value(item));
                rest.push(Part::Text(if index == 0 { "[" } else { "," }));
            }
            if items.is_empty() {
                rest.push(Part::Text("["));
            }
        }
        Json::Object(members) => {
            rest.push(Part::Text("}"));
            for (index, (name, member)) in members.iter().enumerate().rev() {
                rest.extend([Part::Value(member), Part::Text(":"), Part::Name(name)]);
                rest.push(Part::Text(if index == 0 { "{" } else { "," }));
            }
            if members.is_empty() {
                rest.push(Part::Text("{"));
            }
        }
    }
    Some(())
}

fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        if matches!(byte, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::encode;
    use crate::encoding::json::parse;

    fn canonical(text: &str) -> Option<String> {
        encode(&parse(text.as_bytes()).unwrap()).map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn names_are_sorted_and_only_two_characters_escaped() {
        let written = canonical(r#" { "b": [1, -2, {}, [], null, true], "a": "q\"\\\n\u00e4" } "#).unwrap();
        assert_eq!(written, "{\"a\":\"q\\\"\\\\\nä\",\"b\":[1,-2,{},[],null,true]}");
    }

    #[test]
    fn fractions_have_no_canonical_form() {
        assert_eq!(canonical("[0.5]"), None);
        assert_eq!(canonical("1").as_deref(), Some("1"));
    }
}
