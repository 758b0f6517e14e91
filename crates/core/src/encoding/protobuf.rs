//! The wire format of Protocol Buffers (<https://protobuf.dev/programming-guides/encoding/>), as far as
//! messages of numbers, bytes and messages need it.

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Its number.
    pub number: u64,
    /// Its value.
    pub value: Value<'a>,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number.
    Varint(u64),
    /// Bytes, text or a message.
    Bytes(&'a [u8]),
    /// Four or eight bytes that nothing here reads.
    Fixed(&'a [u8]),
}

/// Fields read from one message; real ones have fewer than a hundred.
const MAX_FIELDS: usize = 1000;

/// The fields of a message in their order, or `None` if it is malformed. Groups are not read.
#[must_use]
pub fn fields(mut message: &[u8]) -> Option<Vec<Field<'_>>> {
    let mut found = Vec::new();
    while !message.is_empty() {
        if found.len() >= MAX_FIELDS {
            return None;
        }
        let tag = varint(&mut message)?;
        let value = match tag & 7 {
            0 => Value::Varint(varint(&mut message)?),
            1 => Value::Fixed(take(&mut message, 8)?),
            2 => {
                let length = varint(&mut message)?;
                Value::Bytes(take(&mut message, usize::try_from(length).ok()?)?)
            }
            5 => Value::Fixed(take(&mut message, 4)?),
            _ => return None,
        };
        found.push(Field { number: tag >> 3, value });
    }
    Some(found)
}

fn take<'a>(message: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = message.split_at_checked(length)?;
    *message = rest;
    Some(taken)
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = *take(message, 1)?.first()?;
        let bits = u64::from(byte & 0x7f);
        let placed = bits.checked_shl(shift)?;
        // The tenth byte has room for one bit.
        if placed.checked_shr(shift)? != bits {
            return None;
        }
        number |= placed;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_in_order() {
        let read = fields(&[0x08, 0x96, 0x01, 0x12, 0x02, b'h', b'i', 0x1d, 1, 2, 3, 4]).unwrap();
        assert_eq!(read[0], Field { number: 1, value: Value::Varint(150) });
        assert_eq!(read[1], Field { number: 2, value: Value::Bytes(b"hi") });
        assert_eq!(read[2], Field { number: 3, value: Value::Fixed(&[1, 2, 3, 4]) });
    }

    #[test]
    fn lies_about_lengths_and_numbers_beyond_64_bits_are_refused() {
        for bytes in [&[0x12, 5, 1][..], &[0x08], &[0x08, 0x80], &[0x0b], &[0x12, 0xff, 0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(fields(bytes), None, "{bytes:02x?}");
        }
        let most = [&[0x08][..], &[0xff; 9], &[0x01]].concat();
        assert_eq!(fields(&most).unwrap()[0].value, Value::Varint(u64::MAX));
        let beyond = [&[0x08][..], &[0xff; 9], &[0x02]].concat();
        assert_eq!(fields(&beyond), None);
    }
}
