//! The dictionary of keys: each text once, a number everywhere else.

use rusqlite::{Connection, OptionalExtension as _, Statement};

use super::Worked;

/// The numbers of those keys that are known.
pub(super) fn known(connection: &Connection, keys: &[String]) -> Worked<Vec<i64>> {
    let mut find = connection.prepare("SELECT number FROM key WHERE text = ?1")?;
    let mut numbers = Vec::new();
    for key in keys {
        numbers.extend(find.query_row([key], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(numbers)
}

/// Gives keys their numbers. Prepared once for many.
pub(super) struct Keys<'c> {
    find: Statement<'c>,
    add: Statement<'c>,
}

impl<'c> Keys<'c> {
    pub(super) fn open(connection: &'c Connection) -> Worked<Self> {
        Ok(Self {
            find: connection.prepare("SELECT number FROM key WHERE text = ?1")?,
            add: connection.prepare("INSERT INTO key (text) VALUES (?1)")?,
        })
    }

    /// The numbers of these keys; those that are new get one.
    pub(super) fn numbered(&mut self, keys: &[String]) -> Worked<Vec<i64>> {
        let mut numbers = Vec::new();
        for key in keys {
            let number = match self.find.query_row([key], |row| row.get(0)).optional()? {
                Some(number) => number,
                None => self.add.insert([key])?,
            };
            numbers.push(number);
        }
        Ok(numbers)
    }
}
