//! Resource limits: `--limit NAME=VALUE`.

use std::str::FromStr;
use std::time::Duration;

use countersign::material::Limits;

/// One limit that the user sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    name: &'static str,
    value: u64,
}

/// The names of the limits, as in the contract.
const NAMES: [&str; 5] = ["artifact-bytes", "memory-bytes", "signatures", "depth", "seconds"];

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE, such as seconds=60")?;
        let known = NAMES.into_iter().find(|known| *known == name);
        let name = known.ok_or_else(|| format!("no limit is called `{name}`: expected one of {}", NAMES.join(", ")))?;
        let value = number(value).ok_or_else(|| format!("`{value}` is no number (suffixes: KiB, MiB, GiB, TiB)"))?;
        Ok(Self { name, value })
    }
}

fn number(text: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 4] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];
    let unit = UNITS.into_iter().find_map(|(suffix, size)| text.strip_suffix(suffix).map(|digits| (digits, size)));
    let (digits, size) = unit.unwrap_or((text, 1));
    digits.trim_end().parse::<u64>().ok()?.checked_mul(size)
}

/// The limits of a run.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    /// What core is bound by.
    pub(crate) limits: Limits,
    /// How long one artifact may take.
    pub(crate) time: Option<Duration>,
}

impl Bounds {
    /// The default limits, changed by what the user set.
    pub(crate) fn of(set: &[Limit]) -> Self {
        let mut bounds = Self { limits: Limits::default(), time: None };
        for limit in set {
            let size = usize::try_from(limit.value).unwrap_or(usize::MAX);
            match limit.name {
                "artifact-bytes" => bounds.limits.artifact_bytes = limit.value,
                "memory-bytes" => bounds.limits.memory_bytes = limit.value,
                "signatures" => bounds.limits.signatures = size,
                "depth" => bounds.limits.depth = size,
                _ => bounds.time = Some(Duration::from_secs(limit.value)),
            }
        }
        bounds
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_set_by_name() {
        let set: Vec<Limit> = ["memory-bytes=2 MiB", "seconds=5"].iter().map(|text| text.parse().unwrap()).collect();
        let bounds = Bounds::of(&set);
        assert_eq!(bounds.limits.memory_bytes, 2 << 20);
        assert_eq!(bounds.time, Some(Duration::from_secs(5)));
        assert_eq!(bounds.limits.artifact_bytes, Limits::default().artifact_bytes);
    }

    #[test]
    fn every_name_of_the_contract_has_an_effect() {
        for name in NAMES {
            let plain = format!("{:?}", Bounds::of(&[]));
            let set: Limit = format!("{name}=7").parse().unwrap();
            assert_ne!(format!("{:?}", Bounds::of(&[set])), plain, "{name}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_names() {
        assert!("bytes=1".parse::<Limit>().unwrap_err().contains("artifact-bytes"));
        assert!("seconds=soon".parse::<Limit>().is_err());
        assert!("artifact-bytes=99999999999TiB".parse::<Limit>().is_err());
        assert!("seconds".parse::<Limit>().is_err());
    }
}
