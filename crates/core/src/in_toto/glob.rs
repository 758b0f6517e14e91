//! Patterns of artifact rules, as Python's `fnmatch` reads them, which the reference implementation uses:
//! `*` and `?` stand for any characters, also `/`; `[seq]` and `[!seq]` for one of a set.

use super::budget::{Budget, Exhausted};

/// Whether a path fits a pattern. Letter case counts.
///
/// # Errors
/// [`Exhausted`].
pub(super) fn matches(pattern: &str, path: &str, budget: &mut Budget) -> Result<bool, Exhausted> {
    budget.spend(pattern.len().saturating_add(path.len()))?;
    let pattern: Vec<Item> = items(pattern);
    let path: Vec<char> = path.chars().collect();
    let (mut at, mut position) = (0_usize, 0_usize);
    let mut star: Option<(usize, usize)> = None;
    loop {
        budget.spend(1)?;
        match (pattern.get(at), path.get(position)) {
            (None, None) => return Ok(true),
            (Some(Item::Any), _) => {
                star = Some((at, position));
                at = at.saturating_add(1);
                continue;
            }
            (Some(item), Some(character)) if item.fits(*character, budget)? => {
                (at, position) = (at.saturating_add(1), position.saturating_add(1));
                continue;
            }
            _ => {}
        }
        // After a mismatch only the last `*` is tried again.
        let Some((after, tried)) = star.filter(|(_, tried)| *tried < path.len()) else { return Ok(false) };
        star = Some((after, tried.saturating_add(1)));
        (at, position) = (after.saturating_add(1), tried.saturating_add(1));
    }
}

/// One item of a pattern.
enum Item {
    /// `*`
    Any,
    /// `?`
    One,
    /// A character.
    Literal(char),
    /// `[seq]`: ranges, and whether they are what must not be.
    Set(Vec<(char, char)>, bool),
}

impl Item {
    fn fits(&self, character: char, budget: &mut Budget) -> Result<bool, Exhausted> {
        Ok(match self {
            Self::Any => false,
            Self::One => true,
            Self::Literal(literal) => *literal == character,
            Self::Set(ranges, negated) => {
                budget.spend(ranges.len())?;
                ranges.iter().any(|(first, last)| (first..=last).contains(&&character)) != *negated
            }
        })
    }
}

fn items(pattern: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let mut rest = pattern.chars();
    while let Some(character) = rest.next() {
        items.push(match character {
            '*' => Item::Any,
            '?' => Item::One,
            '[' => match set(rest.as_str()) {
                Some((item, after)) => {
                    rest = after.chars();
                    item
                }
                // Without its end a bracket is a character like others.
                None => Item::Literal('['),
            },
            other => Item::Literal(other),
        });
    }
    items
}

/// The set that begins after `[`, and what follows it.
fn set(text: &str) -> Option<(Item, &str)> {
    let negated = text.starts_with('!');
    let inside = text.strip_prefix('!').unwrap_or(text);
    // A bracket that comes first belongs to the set.
    let first = inside.chars().next()?.len_utf8();
    let end = inside.get(first..)?.find(']')?.checked_add(first)?;
    let members: Vec<char> = inside.get(..end)?.chars().collect();
    let mut ranges = Vec::new();
    let mut at = 0_usize;
    while let Some(from) = members.get(at) {
        match (members.get(at.saturating_add(1)), members.get(at.saturating_add(2))) {
            (Some('-'), Some(to)) => {
                ranges.push((*from, *to));
                at = at.saturating_add(3);
            }
            _ => {
                ranges.push((*from, *from));
                at = at.saturating_add(1);
            }
        }
    }
    Some((Item::Set(ranges, negated), inside.get(end.checked_add(1)?..)?))
}

#[cfg(test)]
mod tests {
    use super::{Budget, Exhausted};

    fn matches(pattern: &str, path: &str) -> bool {
        super::matches(pattern, path, &mut Budget::new()).unwrap()
    }

    #[test]
    fn as_fnmatch_reads_it() {
        for (pattern, path, fits) in [
            ("*", "", true),
            ("*", "a/b", true),
            ("foo.*", "foo.py", true),
            ("foo.*", "foo", false),
            ("a*b*c", "a/b/b/c", true),
            ("a*b*c", "a/c", false),
            ("?", "ä", true),
            ("?", "", false),
            ("[abc]x", "bx", true),
            ("[!abc]x", "bx", false),
            ("[!abc]x", "dx", true),
            ("[a-c]", "b", true),
            ("[a-c]", "d", false),
            ("[]]", "]", true),
            ("[!]]", "]", false),
            ("[a", "[a", true),
            ("[-a]", "-", true),
            ("Foo", "foo", false),
            ("", "", true),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn a_set_costs_what_is_in_it() {
        let set = format!("*[{}]", "b".repeat(20_000));
        assert_eq!(super::matches(&set, &"a".repeat(20_000), &mut Budget::new()), Err(Exhausted));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        assert!(!matches(&"*a".repeat(200), &"a".repeat(199)));
        assert!(matches(&"*a".repeat(200), &"a".repeat(20_000)));
        let long = "a".repeat(200_000);
        assert_eq!(super::matches(&format!("*{long}b"), &long.repeat(2), &mut Budget::new()), Err(Exhausted));
    }
}
