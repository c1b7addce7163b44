//! Ids and instants: the two SQL types that SQLite and PostgreSQL store differently.
//!
//! | Rust | SQL type | PostgreSQL | SQLite | as text |
//! |---|---|---|---|---|
//! | [`Id`] | [`Uid`] | `uuid` | 16-byte BLOB | lower-case hyphenated UUID |
//! | [`Time`] | [`Instant`] | `timestamptz` | INTEGER, milliseconds since 1970 | RFC 3339 in UTC with three decimals |
//!
//! An instant is cut to milliseconds when it is made, so the stored value is the shown one on both databases.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue, data_types::PgTimestamp};
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{BigInt, HasSqlType, SqlType, Timestamptz};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use super::conn::Db;

/// SQL type of an [`Id`]: `uuid` on PostgreSQL, a 16-byte BLOB on SQLite; both sort bytewise.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 2950, array_oid = 2951), sqlite_type(name = "Binary"))]
pub struct Uid;

/// SQL type of a [`Time`]: `timestamptz` on PostgreSQL, INTEGER milliseconds since 1970 on SQLite.
#[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
#[diesel(postgres_type(oid = 1184, array_oid = 1185), sqlite_type(name = "Long"))]
pub struct Instant;

/// The id of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Uid)]
pub struct Id(pub Uuid);

impl Id {
    /// A new UUIDv7: later ids of one process are greater, so new rows go to the end of the primary key.
    #[expect(clippy::new_without_default, reason = "a default value that differs each time surprises")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// Says that a text is not a hyphenated UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID such as 0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d")]
pub struct NotAnId;

impl FromStr for Id {
    type Err = NotAnId;

    /// Takes the hyphenated form in any case, and none of the others (`urn:uuid:`, braces, 32 digits).
    fn from_str(text: &str) -> Result<Self, NotAnId> {
        const HYPHENATED: usize = 36;
        let uuid = Uuid::try_parse(text).map_err(|_| NotAnId)?;
        if text.len() == HYPHENATED { Ok(Self(uuid)) } else { Err(NotAnId) }
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

/// An instant, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct Time(pub i64);

impl Time {
    /// The present instant, cut to milliseconds. The clock of the machine may step back.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_millis())
    }

    /// Reads an RFC 3339 date-time with any offset and cuts it to milliseconds.
    ///
    /// None for any other text, and for an instant outside the years 0 to 9999 of UTC, which RFC 3339 can't show.
    pub fn parse(text: &str) -> Option<Self> {
        let parsed = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
        (0..=9999).contains(&parsed.year()).then(|| Self(parsed.timestamp_millis()))
    }

    fn utc(self) -> DateTime<Utc> {
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        let nearest = if self.0 < 0 { first } else { last };
        DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or(nearest)
    }

    /// The text of [`Display`](fmt::Display) for the years 0 to 9999: a document has thousands of instants, and none is
    /// worth a formatter.
    pub fn text(self) -> Option<[u8; 24]> {
        let utc = self.utc().naive_utc();
        let year @ 0..=9999 = u32::try_from(utc.year()).ok()? else { return None };
        let milliseconds = u32::try_from(self.0.rem_euclid(1000)).unwrap_or_default();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        write_digits(&mut text[0..4], year);
        write_digits(&mut text[5..7], utc.month());
        write_digits(&mut text[8..10], utc.day());
        write_digits(&mut text[11..13], utc.hour());
        write_digits(&mut text[14..16], utc.minute());
        write_digits(&mut text[17..19], utc.second());
        write_digits(&mut text[20..23], milliseconds);
        Some(text)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Some(text) => f.write_str(std::str::from_utf8(&text).unwrap_or_default()),
            None => f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Millis, true)),
        }
    }
}

/// Fills `digits` with the last ones of `number`.
fn write_digits(digits: &mut [u8], mut number: u32) {
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("must be an RFC 3339 date and time"))
    }
}

impl ToSql<Uid, Pg> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        std::io::Write::write_all(out, self.0.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<Uid, Pg> for Id {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.as_bytes())?))
    }
}

impl ToSql<Uid, Sqlite> for Id {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Uid, Sqlite> for Id {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(Uuid::from_slice(value.read_blob())?))
    }
}

/// Microseconds from 1970 to 2000-01-01T00:00:00Z, where PostgreSQL starts to count.
const PG_EPOCH: i64 = 946_684_800_000_000;

impl ToSql<Instant, Pg> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let micros = self.0.checked_mul(1000).and_then(|micros| micros.checked_sub(PG_EPOCH));
        let stamp = PgTimestamp(micros.ok_or("the instant is out of range for timestamptz")?);
        ToSql::<Timestamptz, Pg>::to_sql(&stamp, &mut out.reborrow())
    }
}

impl FromSql<Instant, Pg> for Time {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let PgTimestamp(micros) = FromSql::<Timestamptz, Pg>::from_sql(value)?;
        let micros = micros.checked_add(PG_EPOCH).ok_or("the instant is infinite")?;
        Ok(Self(micros.div_euclid(1000)))
    }
}

impl ToSql<Instant, Sqlite> for Time {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Sqlite> for Time {
    fn from_sql(value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        FromSql::<BigInt, Sqlite>::from_sql(value).map(Self)
    }
}

/// Carries a type that both databases know over to [`Db`].
macro_rules! multi_type {
    ($($rust:ty => $sql:ident),*) => {$(
        impl HasSqlType<$sql> for Db {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Db::lookup_sql_type::<$sql>(lookup)
            }
        }

        impl FromSql<$sql, Db> for $rust {
            fn from_sql(value: <Db as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<$rust, $sql>()
            }
        }

        impl ToSql<$sql, Db> for $rust {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Db>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
    )*};
}
multi_type!(Id => Uid, Time => Instant);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop_oneof, proptest};

    proptest! {
        #[test]
        fn an_instant_is_shown_as_rfc_3339_says(millis in prop_oneof![any::<i64>(), -70_000_000_000_000..260_000_000_000_000_i64]) {
            if let Some(instant) = DateTime::<Utc>::from_timestamp_millis(millis) {
                assert_eq!(Time(millis).to_string(), instant.to_rfc3339_opts(SecondsFormat::Millis, true));
            }
        }
    }

    #[test]
    fn an_id_is_read_in_any_case_and_shown_in_lower_case() {
        let id: Id = "0191D2A4-5E6F-7A8B-9C0D-1E2F3A4B5C6D".parse().unwrap();
        assert_eq!(id.to_string(), "0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d");
        assert_eq!(serde_json::to_string(&id).unwrap(), r#""0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d""#);
        assert_eq!(serde_json::from_str::<Id>(r#""0191D2A4-5e6f-7a8b-9c0d-1e2f3a4b5c6d""#).unwrap(), id);
    }

    #[test]
    fn other_forms_of_a_uuid_are_no_ids() {
        for text in [
            "",
            "0191d2a45e6f7a8b9c0d1e2f3a4b5c6d",
            "{0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d}",
            "urn:uuid:0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d",
            "0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6g",
            " 0191d2a4-5e6f-7a8b-9c0d-1e2f3a4b5c6d",
            "0191d2a45-e6f-7a8b-9c0d-1e2f3a4b5c6d",
        ] {
            assert_eq!(text.parse::<Id>(), Err(NotAnId), "{text}");
        }
    }

    #[test]
    fn ids_made_one_after_the_other_are_in_order() {
        let ids: Vec<Id> = (0..1000).map(|_| Id::new()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn an_instant_is_cut_to_milliseconds_and_shown_in_utc() {
        for (text, millis, shown) in [
            ("2025-01-02T03:04:05.6789Z", 1_735_787_045_678, "2025-01-02T03:04:05.678Z"),
            ("2025-01-02T03:04:05+02:00", 1_735_779_845_000, "2025-01-02T01:04:05.000Z"),
            ("2025-01-02t03:04:05.1z", 1_735_787_045_100, "2025-01-02T03:04:05.100Z"),
            ("1969-12-31T23:59:59.9999Z", -1, "1969-12-31T23:59:59.999Z"),
            ("0000-01-01T00:00:00Z", -62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Time::parse(text), Some(Time(millis)), "{text}");
            assert_eq!(Time(millis).to_string(), shown);
            let json = format!("\"{shown}\"");
            assert_eq!(serde_json::to_string(&Time(millis)).unwrap(), json);
            assert_eq!(serde_json::from_str::<Time>(&json).unwrap(), Time(millis));
        }
    }

    #[test]
    fn what_is_no_date_time_of_rfc_3339_is_no_instant() {
        for text in [
            "",
            "2025-01-02",
            "2025-01-02T03:04:05",
            "2025-02-30T03:04:05Z",
            "1735787045",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_instant_far_out_of_range_is_still_shown() {
        assert!(Time(i64::MAX).to_string().starts_with('+'));
        assert!(Time(i64::MIN).to_string().starts_with('-'));
    }
}
