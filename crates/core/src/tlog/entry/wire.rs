//! Log entries in the binary form of Protocol Buffers (`sigstore_rekor.proto`).

use super::{InclusionProof, LogEntry};
use crate::encoding::protobuf::{Field, Value, fields};
use crate::time::Time;
use crate::tlog::merkle::Hash;

/// `TransparencyLogEntry`.
pub(super) fn entry(bytes: &[u8]) -> Option<LogEntry> {
    let message = Message(fields(bytes)?);
    let kind = Message(fields(message.bytes(3)?)?);
    let log = Message(fields(message.bytes(2)?)?);
    let promise = message.bytes(5).map(|promise| Some(Message(fields(promise)?).bytes(1)?.to_vec()));
    let integrated = i64::try_from(message.number(4)).ok()?;
    Some(LogEntry {
        index: message.number(1),
        log_id: log.bytes(1)?.to_vec(),
        kind: kind.text(1)?,
        version: kind.text(2)?,
        integrated: (integrated != 0).then(|| Time::from_unix(integrated)),
        promise: match promise {
            Some(promise) => Some(promise?),
            None => None,
        },
        proof: match message.bytes(6) {
            Some(proof) => Some(inclusion(proof)?),
            None => None,
        },
        body: message.bytes(7).map(<[u8]>::to_vec),
    })
}

/// `InclusionProof`.
fn inclusion(bytes: &[u8]) -> Option<InclusionProof> {
    let message = Message(fields(bytes)?);
    let path = message.all(4).map(|hash| Hash::try_from(hash).ok()).collect::<Option<_>>()?;
    let checkpoint = match message.bytes(5) {
        Some(checkpoint) => Message(fields(checkpoint)?).text(1),
        None => None,
    };
    Some(InclusionProof {
        index: message.number(1),
        size: message.number(3),
        root: Hash::try_from(message.bytes(2)?).ok()?,
        path,
        checkpoint,
    })
}

struct Message<'a>(Vec<Field<'a>>);

impl<'a> Message<'a> {
    fn all(&self, number: u64) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |field| field.number == number).filter_map(|field| match field.value {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        })
    }

    /// The last field of a number counts, as the format demands.
    fn bytes(&self, number: u64) -> Option<&'a [u8]> {
        self.all(number).last()
    }

    fn text(&self, number: u64) -> Option<String> {
        std::str::from_utf8(self.bytes(number)?).ok().map(str::to_owned)
    }

    /// A number; zero is left out.
    fn number(&self, number: u64) -> u64 {
        let numbers = self.0.iter().filter(|field| field.number == number).filter_map(|field| match field.value {
            Value::Varint(number) => Some(number),
            _ => None,
        });
        numbers.fold(0, |_, number| number)
    }
}
