//! Trust decisions about signed software.
//!
//! A signature proves origin: who published, and that nothing changed since. It does not prove safety.
//! This library answers three separate questions about an artifact, with evidence: is it signed, is the
//! signer trusted, is the release path controlled?
//!
//! One pure pipeline: [`examine`](examine::examine) gathers facts without opinion into a
//! [`Dossier`](dossier::Dossier); appraisal weighs them under a policy into a
//! [`Verdict`](verdict::Verdict); a report writes it down. There is no clock, file, socket, environment or
//! randomness in this crate: time, bytes and material are arguments.

#![cfg_attr(test, allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::string_slice))]

pub mod appraise;
pub mod artifact;
pub mod claim;
pub mod condition;
pub mod crypto;
pub mod distrust;
pub mod dossier;
pub mod encoding;
pub mod event;
pub mod evidence;
pub mod examine;
pub mod exports;
pub mod facts;
pub mod finding;
pub mod formats;
pub mod ground;
pub mod identity;
pub mod in_toto;
pub mod key_attestation;
pub mod lookalike;
pub mod material;
pub mod pki;
pub mod policy;
pub mod provenance;
pub mod record;
pub mod registry;
pub mod release;
pub mod reports;
pub mod requirements;
mod speaker;
pub mod time;
pub mod tlog;
pub mod tool;
pub mod trust;
pub mod verdict;
mod words;
