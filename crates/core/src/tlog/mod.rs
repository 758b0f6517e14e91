//! Transparency logs: pure mathematics and formats.

pub mod trusted_root;
