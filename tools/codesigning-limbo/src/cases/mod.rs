//! The cases, one file for each family or two.

mod algorithms;
mod anchors;
mod constraints;
mod encoding;
mod integrity;
mod ocsp;
mod policies;
mod revocation;
mod timestamps;
mod usage;
mod validity;

use crate::model::Testcase;
use crate::suite::Suite;

/// Every case.
pub(crate) fn all() -> Vec<Testcase> {
    let mut suite = Suite::default();
    integrity::add(&mut suite);
    usage::add(&mut suite);
    constraints::add(&mut suite);
    policies::add(&mut suite);
    validity::add(&mut suite);
    timestamps::add(&mut suite);
    revocation::add(&mut suite);
    ocsp::add(&mut suite);
    algorithms::add(&mut suite);
    anchors::add(&mut suite);
    encoding::add(&mut suite);
    suite.cases
}
