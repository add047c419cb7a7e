//! What statements are given and give back, whichever the engine.

use rusqlite::types::{ToSqlOutput, ValueRef};

/// What a statement is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    Integer(Option<i64>),
    Text(Option<&'a str>),
    Bytes(Option<&'a [u8]>),
    Truth(bool),
}

/// A value that outlives what it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owned {
    Integer(Option<i64>),
    Text(Option<String>),
    Bytes(Option<Vec<u8>>),
    Truth(bool),
}

/// What stands in a column of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    Null,
    /// A truth is 0 or 1.
    Integer(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl Owned {
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Integer(number) => Value::Integer(*number),
            Self::Text(text) => Value::Text(text.as_deref()),
            Self::Bytes(bytes) => Value::Bytes(bytes.as_deref()),
            Self::Truth(truth) => Value::Truth(*truth),
        }
    }
}

/// Copies of all that `params` holds.
pub(super) fn owned(params: &impl Params) -> impl Iterator<Item = Owned> {
    (0..params.count()).map(|index| params.at(index).into())
}

impl From<Value<'_>> for Owned {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(number),
            Value::Text(text) => Self::Text(text.map(str::to_owned)),
            Value::Bytes(bytes) => Self::Bytes(bytes.map(<[u8]>::to_owned)),
            Value::Truth(truth) => Self::Truth(truth),
        }
    }
}

/// What can be given to a statement. What is missing has a type too: PostgreSQL asks for it.
pub trait Param {
    fn value(&self) -> Value<'_>;
    fn null() -> Value<'static>
    where
        Self: Sized;
}

/// All that a statement is given: an array, or [`params!`].
pub trait Params {
    fn count(&self) -> usize;
    fn at(&self, index: usize) -> Value<'_>;
}

/// What a column can be read as; `None` where it holds something else.
pub trait Field: Sized {
    fn read(cell: Cell<'_>) -> Option<Self>;
}

/// What a statement is given, where that is of several types.
macro_rules! params {
    ($($param:expr),* $(,)?) => {
        &[$(&$param as &dyn $crate::store::value::Param),*] as &[&dyn $crate::store::value::Param]
    };
}
pub(super) use params;

macro_rules! integers {
    ($($integer:ty),*) => {$(
        impl Param for $integer {
            fn value(&self) -> Value<'_> {
                Value::Integer(Some(i64::from(*self)))
            }
            fn null() -> Value<'static> {
                Value::Integer(None)
            }
        }
        impl Param for &$integer {
            fn value(&self) -> Value<'_> {
                Value::Integer(Some(i64::from(**self)))
            }
            fn null() -> Value<'static> {
                Value::Integer(None)
            }
        }
        impl Field for $integer {
            fn read(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Integer(number) => number.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i64, i32, u32, u16);

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl Param for $text {
            fn value(&self) -> Value<'_> {
                Value::Text(Some(self))
            }
            fn null() -> Value<'static> {
                Value::Text(None)
            }
        }
    )*};
}
texts!(&str, String, &String);

impl Param for &[u8] {
    fn value(&self) -> Value<'_> {
        Value::Bytes(Some(self))
    }

    fn null() -> Value<'static> {
        Value::Bytes(None)
    }
}

impl Param for bool {
    fn value(&self) -> Value<'_> {
        Value::Truth(*self)
    }

    fn null() -> Value<'static> {
        Value::Integer(None)
    }
}

impl<T: Param> Param for Option<T> {
    fn value(&self) -> Value<'_> {
        match self {
            Some(there) => there.value(),
            None => T::null(),
        }
    }

    fn null() -> Value<'static> {
        T::null()
    }
}

impl Params for &[&dyn Param] {
    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> Value<'_> {
        self[index].value()
    }
}

impl Params for &[Owned] {
    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> Value<'_> {
        self[index].value()
    }
}

impl Params for [&dyn Param; 0] {
    fn count(&self) -> usize {
        0
    }

    fn at(&self, index: usize) -> Value<'_> {
        self[index].value()
    }
}

macro_rules! arrays {
    ($($length:literal),*) => {$(
        impl<T: Param> Params for [T; $length] {
            fn count(&self) -> usize {
                $length
            }
            fn at(&self, index: usize) -> Value<'_> {
                self[index].value()
            }
        }
    )*};
}
arrays!(1, 2, 3, 4);

impl Field for String {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl Field for Vec<u8> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(bytes) => Some(bytes.to_owned()),
            _ => None,
        }
    }
}

impl Field for bool {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).map(|number| number != 0)
    }
}

impl<T: Field> Field for Option<T> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            there => T::read(there).map(Some),
        }
    }
}

impl rusqlite::ToSql for Value<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>, rusqlite::Error> {
        let borrowed = match *self {
            Self::Integer(Some(number)) => ValueRef::Integer(number),
            Self::Text(Some(text)) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(Some(bytes)) => ValueRef::Blob(bytes),
            Self::Truth(truth) => ValueRef::Integer(truth.into()),
            Self::Integer(None) | Self::Text(None) | Self::Bytes(None) => ValueRef::Null,
        };
        Ok(ToSqlOutput::Borrowed(borrowed))
    }
}

impl<'a> Cell<'a> {
    /// Nothing where SQLite holds a fraction, or text that is no UTF-8: courrier writes neither.
    pub fn of_sqlite(value: ValueRef<'a>) -> Option<Self> {
        match value {
            ValueRef::Null => Some(Self::Null),
            ValueRef::Integer(number) => Some(Self::Integer(number)),
            ValueRef::Text(text) => std::str::from_utf8(text).ok().map(Self::Text),
            ValueRef::Blob(bytes) => Some(Self::Bytes(bytes)),
            ValueRef::Real(_) => None,
        }
    }
}
