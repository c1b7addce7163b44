//! What a declaration need not say where a resource is a row of one table.

/// The members of [`Resource`](crate::resource::Resource) that follow from a table with `id` and `created_at`: its
/// name is the path, and nothing is joined to it.
#[macro_export]
macro_rules! from_table {
    ($table:ident as $kind:literal) => {
        const TYPE: &'static str = $kind;
        const PATH: &'static str = stringify!($table);
        const ID: $crate::resource::Column = &$table::id;
        const CREATED_AT: $crate::resource::Column = &$table::created_at;

        fn id(&self) -> $crate::db::Id {
            self.id
        }

        fn created_at(&self) -> $crate::db::Time {
            self.created_at
        }

        fn source(_viewer: &$crate::resource::Viewer) -> $crate::resource::Sql {
            $crate::resource::Sql::new(stringify!($table))
        }
    };
}
