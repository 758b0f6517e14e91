//! Parameters of a build, flattened to dotted paths.

use std::collections::BTreeMap;

use crate::encoding::json::Json;

/// Parameters that are read. Real provenance has up to some hundreds: every variable of a GitLab job, every step of a
/// Cloud Build.
const MAX_PARAMETERS: usize = 10_000;

/// Bytes of all paths and values. A name is repeated in the path of everything below it, so that a long one would make a
/// document of some megabytes a thousand times larger.
const MAX_BYTES: usize = 4 << 20;

/// Paths to values as text; `None` if there are more than are read: a part of them would pass for all.
pub(super) fn flatten(groups: &[(&str, &Json)]) -> Option<BTreeMap<String, String>> {
    let mut flat = BTreeMap::new();
    // A list of what is left to visit instead of recursion: the depth is the document's.
    let mut left: Vec<(String, &Json)> = groups.iter().map(|(path, json)| ((*path).to_owned(), *json)).collect();
    let mut bytes = MAX_BYTES;
    let mut take = |count: usize| bytes.checked_sub(count).map(|rest| bytes = rest);
    while let Some((path, value)) = left.pop() {
        match value {
            Json::Object(members) => {
                for (name, value) in members {
                    take(path.len().saturating_add(name.len()))?;
                    left.push((below(&path, name), value));
                }
            }
            Json::Array(items) => {
                for (position, value) in items.iter().enumerate() {
                    take(path.len().saturating_add(DIGITS))?;
                    left.push((below(&path, &position.to_string()), value));
                }
            }
            Json::Null => {}
            _ if flat.len() >= MAX_PARAMETERS => return None,
            Json::String(text) => {
                take(text.len())?;
                flat.insert(path, text.clone());
            }
            Json::Bool(value) => drop(flat.insert(path, value.to_string())),
            Json::Number(number) => drop(flat.insert(path, number.to_string())),
        }
    }
    Some(flat)
}

/// Digits of the position of an item.
const DIGITS: usize = 7;

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

    #[test]
    fn a_long_name_does_not_multiply() {
        let under = |name: usize, count: usize| {
            let items = vec!["1"; count].join(",");
            let json = parse(format!(r#"{{"{}":[{items}]}}"#, "n".repeat(name)).as_bytes()).unwrap();
            flatten(&[("", &json)]).map(|flat| flat.len())
        };
        assert_eq!(under(1_000, 4_000), Some(4_000));
        assert_eq!(under(1_000, 5_000), None);
        // Paths of what comes to nothing count too.
        let nothing = format!(r#"{{"{}":[{}]}}"#, "n".repeat(1 << 20), vec!["null"; 100].join(","));
        assert_eq!(flatten(&[("", &parse(nothing.as_bytes()).unwrap())]), None);
        let long = Json::String("x".repeat(MAX_BYTES + 1));
        assert_eq!(flatten(&[("", &long)]), None);
    }
}
