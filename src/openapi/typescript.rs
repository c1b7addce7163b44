//! The types of the TypeScript client in `clients/typescript`, from the same declarations as the description.
//!
//! What every API has (documents, paths of includes, pages) is written by hand there; this says what is ours.

use super::{
    names::parameter_words,
    parameters,
    values::{self, Way},
};
use crate::{
    jsonapi::error::Code,
    resource::{
        Field, OnCreate, Registry,
        registry::{Entry, ToManyInfo},
    },
};
use serde_json::Value;
use std::fmt::Write as _;

/// The generated file.
pub fn typescript(registry: &Registry) -> String {
    let mut out = String::from("// Written by `tertulia typescript`: what is declared, as types. Don't edit.\n\n");
    out.push_str("export interface Types {\n");
    for entry in registry.entries() {
        resource(&mut out, entry);
    }
    out.push_str("}\n\n/** The path of each type. */\nexport const paths = {\n");
    for entry in registry.entries() {
        let _ = writeln!(out, "  {}: '{}',", entry.kind, entry.path);
    }
    out.push_str("} as const\n\n/** Filters with a meaning of their own: they take a value and no operator. */\n");
    out.push_str("export const searches: Record<string, readonly string[]> = {\n");
    for entry in registry.entries() {
        let names = entry.searches.iter().filter(|search| !search.parameter).map(|search| format!("'{}'", search.name));
        let _ = writeln!(out, "  {}: [{}],", entry.kind, names.collect::<Vec<_>>().join(", "));
    }
    let codes: Vec<String> = Code::ALL.iter().map(|code| format!("'{}'", code.as_str())).collect();
    let _ = write!(
        out,
        "}}\n\n/** What a request can fail with. */\nexport type ErrorCode =\n  | {}\n",
        codes.join("\n  | ")
    );
    out
}

fn resource(out: &mut String, entry: &Entry) {
    let _ = writeln!(out, "  /** {} */\n  {}: {{", entry.about, entry.kind);
    let shown = entry.attributes.iter().filter(|attribute| attribute.readable).map(|attribute| &attribute.field);
    members(out, "attributes", shown.map(|field| member(field, Way::Shown, field.nullable, field.hidden_from_some)));
    let one = entry.to_one.iter().map(|one| (one.about, format!("{}: '{}'", one.name, one.target)));
    members(out, "one", one.map(told));
    let many = |includable: bool| entry.to_many.iter().filter(move |many| many.includable == includable);
    let named = |many: &ToManyInfo| told((many.about, format!("{}: '{}'", many.name, many.target)));
    members(out, "many", many(true).map(named));
    members(out, "unbounded", many(false).map(named));
    let _ = writeln!(out, "    create: {}", if entry.can.create { created(entry) } else { "never".to_owned() });
    let _ = writeln!(out, "    update: {}", if entry.can.update { updated(entry) } else { "never".to_owned() });
    let compared = parameters::compared(entry);
    let compared = compared.iter().map(|(name, kind, _)| format!("{name}: {}", parameter_words(*kind)));
    let searches =
        entry.searches.iter().filter(|search| !search.parameter).map(|search| format!("{}: string", search.name));
    members(out, "filters", compared.chain(searches));
    let own = entry.searches.iter().filter(|search| search.parameter);
    members(out, "parameters", own.map(|search| told((search.about, format!("{}: string", search.name)))));
    let sorts: Vec<String> = parameters::sorts(entry).iter().map(|word| format!("'{word}'")).collect();
    let _ = writeln!(out, "    sorts: {}", if sorts.is_empty() { "never".to_owned() } else { sorts.join(" | ") });
    members(out, "meta", entry.meta.iter().map(|field| member(field, Way::Shown, field.nullable, true)));
    let found = entry
        .can
        .create_finds
        .then(|| "/** Whether it is new; absent where it always is. */ created?: boolean".to_owned());
    let told = entry.created_meta.iter().map(|field| member(field, Way::Shown, field.nullable, false));
    members(out, "createdMeta", told.chain(found));
    out.push_str("  }\n");
}

fn members(out: &mut String, name: &str, members: impl Iterator<Item = String>) {
    let members: Vec<String> = members.collect();
    if members.is_empty() {
        let _ = writeln!(out, "    {name}: {{}}");
    } else {
        let _ = writeln!(out, "    {name}: {{\n      {}\n    }}", members.join("\n      "));
    }
}

fn told((about, member): (&str, String)) -> String {
    if about.is_empty() { member } else { format!("/** {about} */ {member}") }
}

fn member(field: &Field, way: Way, nullable: bool, is_optional: bool) -> String {
    let mark = if is_optional { "?" } else { "" };
    told((field.note.about, format!("{}{mark}: {}", field.name, of(&values::of(field, way, nullable)))))
}

/// What a create sends.
fn created(entry: &Entry) -> String {
    let fields = entry.attributes.iter().map(|attribute| &attribute.field);
    let attributes = fields.filter(|field| field.on_create != OnCreate::Never).map(|field| {
        let is_optional = field.on_create == OnCreate::May;
        member(field, Way::Sent, is_optional, is_optional)
    });
    let one = entry.to_one.iter().filter(|one| one.on_create != OnCreate::Never).map(|one| {
        let mark = if one.on_create == OnCreate::Must { "" } else { "?" };
        format!("{}{mark}: '{}'", one.name, one.target)
    });
    let many = entry.to_many.iter().filter(|many| many.on_create != OnCreate::Never);
    sent(entry.can.client_ids, attributes, one, many.map(|many| format!("{}?: '{}'", many.name, many.target)))
}

/// What an update sends.
fn updated(entry: &Entry) -> String {
    let fields = entry.attributes.iter().map(|attribute| &attribute.field).filter(|field| field.on_update);
    let one = entry.to_one.iter().filter(|one| one.writable).map(|one| format!("{}?: '{}'", one.name, one.target));
    sent(false, fields.map(|field| member(field, Way::Sent, field.nullable, true)), one, std::iter::empty())
}

fn sent(
    client_ids: bool,
    attributes: impl Iterator<Item = String>,
    one: impl Iterator<Item = String>,
    many: impl Iterator<Item = String>,
) -> String {
    let mut out = format!("{{\n      id: {}", if client_ids { "string" } else { "never" });
    let groups: [(&str, Vec<String>); 3] =
        [("attributes", attributes.collect()), ("one", one.collect()), ("many", many.collect())];
    for (name, members) in groups {
        let members = members.join("\n        ");
        let _ = if members.is_empty() {
            write!(out, "\n      {name}: {{}}")
        } else {
            write!(out, "\n      {name}: {{\n        {members}\n      }}")
        };
    }
    out.push_str("\n    }");
    out
}

/// A JSON Schema as a type.
fn of(schema: &Value) -> String {
    if let Some(words) = schema["enum"].as_array() {
        return words.iter().map(|word| word.to_string().replace('"', "'")).collect::<Vec<_>>().join(" | ");
    }
    match &schema["type"] {
        Value::Array(kinds) => {
            let each = kinds.iter().map(|kind| {
                let mut one = schema.clone();
                one["type"] = kind.clone();
                of(&one)
            });
            each.collect::<Vec<_>>().join(" | ")
        }
        Value::String(kind) => match kind.as_str() {
            "integer" | "number" => "number".to_owned(),
            "array" => format!("({})[]", of(&schema["items"])),
            "object" => object(schema),
            plain => plain.to_owned(),
        },
        _ => "unknown".to_owned(),
    }
}

fn object(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else { return "Record<string, unknown>".to_owned() };
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let members = properties.iter().map(|(name, schema)| {
        let mark = if required.contains(&name.as_str()) { "" } else { "?" };
        format!("{name}{mark}: {}", of(schema))
    });
    format!("{{ {} }}", members.collect::<Vec<_>>().join("; "))
}
