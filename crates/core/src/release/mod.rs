//! How a release was made, as far as others than the builder know it: the run that built it, who wrote, reviewed,
//! approved, signed and published it, and what was released.
//!
//! Each is a fact about something *behind* the artifact (a run, a commit, a release), and is joined with it by what
//! verified provenance names, or by a digest. They come in exports ([`crate::exports`]) and in signed statements.

pub mod act;
pub mod actor;
pub mod commit;
pub mod history;
pub mod push;
pub mod released;
pub mod review;
pub mod run;
