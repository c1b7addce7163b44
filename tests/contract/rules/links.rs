//! Rules about links.

use crate::exchange::Exchange;
use crate::support::answer::type_and_id;
use crate::vocabulary::{Place, resources};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const PAGINATION: [&str; 4] = ["first", "last", "prev", "next"];

pub(crate) fn every_link_is_absolute_and_ours(exchange: &Exchange, problems: &mut Vec<String>) {
    for link in our_links(exchange) {
        if !link.starts_with(&format!("{}/", exchange.origin)) {
            problems.push(format!("the link {link} does not begin with {}", exchange.origin));
        }
    }
}

// proves: QP-02
pub(crate) fn queries_of_links_are_encoded(exchange: &Exchange, problems: &mut Vec<String>) {
    for link in our_links(exchange) {
        let query = link.split_once('?').map(|(_, query)| query).unwrap_or_default();
        let legal = |c: char| c.is_ascii_alphanumeric() || "*-._%=&".contains(c);
        if !query.chars().all(legal) {
            problems.push(format!("the query of {link} is not percent-encoded"));
        }
    }
}

/// Links of documents and resources; those of errors lead to descriptions elsewhere.
pub(crate) fn our_links(exchange: &Exchange) -> Vec<String> {
    let document = exchange.document;
    let top = document.and_then(|document| document.get("links")).into_iter();
    let resources = exchange.resources().flat_map(|resource| {
        let relationships = resource["relationships"].as_object().into_iter().flatten();
        resource.get("links").into_iter().chain(relationships.filter_map(|(_, one)| one.get("links")))
    });
    let all = top.chain(resources).filter_map(Value::as_object).flat_map(Map::iter);
    // What describes a document is none.
    all.filter(|(name, _)| *name != "describedby").filter_map(|(_, link)| href(link).map(str::to_owned)).collect()
}

/// The URL of a link, be it a text or a link object.
pub(crate) fn href(link: &Value) -> Option<&str> {
    link.as_str().or_else(|| link.get("href")?.as_str())
}

pub(crate) fn resources_and_relationships_link_to_their_own_urls(exchange: &Exchange, problems: &mut Vec<String>) {
    for resource in exchange.resources() {
        let (kind, id) = type_and_id(resource);
        let Some(known) = resources().get(&kind) else {
            continue;
        };
        let url = format!("{}/api/v1/{}/{id}", exchange.origin, known.path);
        expect_link(&resource["links"], "self", &url, problems);
        for (name, relationship) in resource["relationships"].as_object().into_iter().flatten() {
            expect_link(&relationship["links"], "self", &format!("{url}/relationships/{name}"), problems);
            expect_link(&relationship["links"], "related", &format!("{url}/{name}"), problems);
        }
    }
}

fn expect_link(links: &Value, name: &str, wanted: &str, problems: &mut Vec<String>) {
    if href(&links[name]) != Some(wanted) {
        problems.push(format!("expected the {name} link {wanted}, got {}", links[name]));
    }
}

// proves: FETCH-48, FETCH-50
pub(crate) fn pagination_links_only_page_collections(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(links) = exchange.document.and_then(|document| document.get("links")?.as_object()) else {
        return;
    };
    for name in PAGINATION.into_iter().filter(|name| links.contains_key(*name)) {
        if !exchange.place.is_many() {
            problems.push(format!("a {name} link beside a single resource"));
        }
        let link = &links[name];
        if !link.is_null() && href(link).is_none_or(str::is_empty) {
            problems.push(format!("the {name} link is {link}"));
        }
        let leads_back = matches!(name, "prev" | "next") && href(link) == Some(exchange.url.as_str());
        if leads_back {
            problems.push(format!("the {name} link leads to the same page"));
        }
    }
}

// proves: CP-36, FETCH-52
pub(crate) fn pagination_links_keep_the_other_parameters(exchange: &Exchange, problems: &mut Vec<String>) {
    let Some(links) = exchange.document.and_then(|document| document.get("links")?.as_object()) else {
        return;
    };
    let is_position = |name: &str| name.starts_with("page[") && name != "page[size]" && name != "page[limit]";
    let sent: BTreeSet<_> = exchange.parameters().filter(|(name, _)| !is_position(name)).map(plain).collect();
    for name in PAGINATION {
        let Some(link) = links.get(name).and_then(href).and_then(|link| url::Url::parse(link).ok()) else {
            continue;
        };
        let kept: BTreeSet<_> =
            link.query_pairs().map(|(name, value)| plain((name.into_owned(), value.into_owned()))).collect();
        let lost: Vec<_> = sent.difference(&kept).collect();
        if !lost.is_empty() {
            problems.push(format!("the {name} link {link} lost {lost:?}"));
        }
        let foreign = kept.difference(&sent).find(|(name, _)| !name.starts_with("page["));
        if let Some(foreign) = foreign {
            problems.push(format!("the {name} link {link} invents {foreign:?}"));
        }
    }
}

/// `007` and `7` are one size.
fn plain((name, value): (String, String)) -> (String, String) {
    let value = if name == "page[size]" { value.trim_start_matches('0').to_owned() } else { value };
    (name, value)
}

// proves: DOC-10
pub(crate) fn the_top_level_self_link_repeats_the_request(exchange: &Exchange, problems: &mut Vec<String>) {
    if exchange.method != "GET" || exchange.place == Place::Elsewhere {
        return;
    }
    let link = exchange.document.and_then(|document| href(document.get("links")?.get("self")?));
    let Some(link) = link.and_then(|link| url::Url::parse(link).ok()) else {
        return;
    };
    let pairs = |url: &url::Url| -> Vec<(String, String)> {
        let mut pairs: Vec<_> = url.query_pairs().map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
        pairs.sort();
        pairs
    };
    if pairs(&link) != pairs(&exchange.url) {
        problems.push(format!("the self link {link} is not what was asked"));
    }
}
