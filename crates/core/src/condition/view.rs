//! Facts as values of the CEL library, without copying texts.

use std::any::Any;

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Sizer};
use cel::common::types::{self, CelBool, CelInt, CelList, CelString, Type};
use cel::common::value::{CowVal, Val};

use crate::facts::Datum;

/// A fact as a value. Instants are their seconds: what may be done with them was checked.
pub(super) fn of<'v>(datum: &'v Datum<'v>) -> Box<dyn Val + 'v> {
    match datum {
        Datum::Flag(flag) => Box::new(CelBool::from(*flag)),
        Datum::Number(number) => Box::new(CelInt::from(*number)),
        Datum::Text(text) => Box::new(CelString::from(&**text)),
        Datum::Instant(time) => Box::new(CelInt::from(time.unix())),
        Datum::List(items) => Box::new(CelList::from(items.iter().map(of).collect::<Vec<_>>())),
        Datum::Record(fields) => Box::new(Named::Fields(fields)),
        Datum::Map(texts) => Box::new(Named::Texts(texts)),
    }
}

/// Values by their names, in order.
#[derive(Clone, Copy, Debug)]
enum Named<'v> {
    Fields(&'v [(&'static str, Datum<'v>)]),
    Texts(&'v [(&'v str, &'v str)]),
}

impl<'v> Named<'v> {
    fn find(self, name: &str) -> Option<Box<dyn Val + 'v>> {
        match self {
            Self::Fields(fields) => fields.iter().find(|(known, _)| *known == name).map(|(_, datum)| of(datum)),
            Self::Texts(texts) => {
                let found = texts.binary_search_by_key(&name, |(known, _)| *known).ok();
                let (_, text) = texts.get(found?)?;
                Some(Box::new(CelString::from(*text)))
            }
        }
    }

    const fn len(self) -> usize {
        match self {
            Self::Fields(fields) => fields.len(),
            Self::Texts(texts) => texts.len(),
        }
    }
}

impl Val for Named<'_> {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &types::MAP_TYPE
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(*self)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        None
    }
}

impl Indexer for Named<'_> {
    fn get<'b, 'w>(&'b self, name: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let name = name_of(name)?;
        self.find(name).map(CowVal::Owned).ok_or_else(|| ExecutionError::no_such_key(name))
    }

    fn steal<'w>(self: Box<Self>, name: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let name = name_of(name)?;
        self.find(name).map(|value| value as Box<dyn Val + 'w>).ok_or_else(|| ExecutionError::no_such_key(name))
    }
}

impl Container for Named<'_> {
    fn contains(&self, name: &dyn Val) -> Result<bool, ExecutionError> {
        Ok(self.find(name_of(name)?).is_some())
    }
}

impl Sizer for Named<'_> {
    fn size(&self) -> CelInt {
        CelInt::from(i64::try_from(self.len()).unwrap_or(i64::MAX))
    }
}

fn name_of(name: &dyn Val) -> Result<&str, ExecutionError> {
    let text = name.downcast_ref::<CelString<'_>>();
    text.map(CelString::inner).ok_or_else(ExecutionError::missing_argument_or_target)
}
