//! The suite being collected.

use crate::expected::Expected;
use crate::model::Testcase;
use crate::scene::Scene;

/// The cases so far, all of one family at a time.
#[derive(Default)]
pub(crate) struct Suite {
    family: &'static str,
    pub(crate) cases: Vec<Testcase>,
}

impl Suite {
    /// Begins a family: the first part of the ids that follow.
    pub(crate) fn family(&mut self, family: &'static str) {
        self.family = family;
    }

    /// Adds a case.
    pub(crate) fn case(
        &mut self,
        name: impl AsRef<str>,
        decided_by: &[&'static str],
        description: impl Into<String>,
        scene: &Scene,
        expected: &Expected,
    ) {
        let id = format!("{}::{}", self.family, name.as_ref());
        self.cases.push(scene.testcase(id, description.into(), decided_by, expected));
    }
}
