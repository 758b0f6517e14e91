//! Parameters of a build, flattened to dotted paths.

use std::collections::BTreeMap;

use crate::encoding::json::Json;

/// Parameters that are read. Real provenance has up to some hundreds: every variable of a GitLab job, every step of a
/// Cloud Build.
const MAX_PARAMETERS: usize = 10_000;

/// Paths to values as text; `None` if there are more than are read: a part of them would pass for all.
pub(super) fn flatten(groups: &[(&str, &Json)]) -> Option<BTreeMap<String, String>> {
    let mut flat = BTreeMap::new();
    // A list of what is left to visit instead of recursion: the depth is the document's.
    let mut left: Vec<(String, &Json)> = groups.iter().map(|(path, json)| ((*path).to_owned(), *json)).collect();
    while let Some((path, value)) = left.pop() {
        match value {
            Json::Object(members) => left.extend(members.iter().map(|(name, value)| (below(&path, name), value))),
            Json::Array(items) => {
                left.extend(items.iter().enumerate().map(|(i, value)| (below(&path, &i.to_string()), value)));
            }
            Json::Null => {}
            _ if flat.len() >= MAX_PARAMETERS => return None,
            Json::String(text) => drop(flat.insert(path, text.clone())),
            Json::Bool(value) => drop(flat.insert(path, value.to_string())),
            Json::Number(number) => drop(flat.insert(path, number.to_string())),
        }
    }
    Some(flat)
}

/// The path of a member. A name with a dot in it stands in quotes: it must not pass for a path.
fn below(path: &str, name: &str) -> String {
    let is_plain = !name.is_empty() && !name.contains(['.', '"', '\\']) && !name.chars().any(char::is_control);
    let name = if is_plain { name.to_owned() } else { format!("{name:?}") };
    if path.is_empty() { name } else { format!("{path}.{name}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::json::parse;

    #[test]
    fn values_get_the_path_of_their_names_and_positions() {
        let json = parse(br#"{"a":{"b":[1,true,null,"x"]},"c":{}}"#).unwrap();
        let flat = flatten(&[("", &json), ("event.inputs", &parse(br#"{"k":"v"}"#).unwrap())]).unwrap();
        let flat: Vec<_> = flat.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect();
        assert_eq!(flat, [("a.b.0", "1"), ("a.b.1", "true"), ("a.b.3", "x"), ("event.inputs.k", "v")]);
    }

    #[test]
    fn a_name_with_a_dot_is_no_path() {
        let json = parse(br#"{"workflow.ref":"evil","workflow":{"ref":"good"},"":"empty"}"#).unwrap();
        let flat = flatten(&[("", &json)]).unwrap();
        assert_eq!(flat.get("workflow.ref").map(String::as_str), Some("good"));
        assert_eq!(flat.get("\"workflow.ref\"").map(String::as_str), Some("evil"));
        assert_eq!(flat.len(), 3);
    }

    #[test]
    fn too_many_are_not_read_in_part() {
        let many = |count: usize| parse(format!("[{}]", vec!["1"; count].join(",")).as_bytes()).unwrap();
        assert_eq!(flatten(&[("", &many(MAX_PARAMETERS))]).unwrap().len(), MAX_PARAMETERS);
        assert_eq!(flatten(&[("", &many(MAX_PARAMETERS + 1))]), None);
    }
}
