//! Rebuilds the crate when a migration is added: `embed_migrations!` alone notices only changed ones.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
