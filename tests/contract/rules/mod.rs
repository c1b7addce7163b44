//! Rules that hold for every answer, whichever case or crawl it comes from.

mod documents;
mod errors;
mod headers;
mod links;

pub(crate) use links::{href, our_links};

use super::described;
use super::exchange::Exchange;
use super::schemas;

type Rule = fn(&Exchange, &mut Vec<String>);

const RULES: &[Rule] = &[
    schemas::every_answer_fits_its_schema,
    described::every_answer_is_described,
    described::a_document_names_its_description,
    schemas::operations_that_succeed_fit_their_schema,
    headers::a_body_is_said_to_be_json_api_and_nothing_else,
    headers::applied_profiles_are_named_in_content_type_and_document,
    headers::applied_extensions_are_named_in_content_type_and_document,
    headers::caches_are_told_what_the_answer_depends_on,
    headers::an_answer_without_content_has_no_body,
    headers::location_is_the_self_link,
    headers::refusals_say_what_would_be_accepted,
    documents::the_version_is_said,
    documents::data_and_included_hold_a_resource_once,
    documents::everything_included_is_linked_from_primary_data,
    documents::a_resource_shows_the_fields_of_its_type,
    documents::attributes_and_relationships_share_one_namespace,
    documents::member_names_are_safe_in_urls,
    documents::extension_members_belong_to_an_applied_extension,
    documents::each_operation_has_a_result,
    documents::instants_have_milliseconds_and_are_utc,
    documents::linkage_is_present_and_of_the_right_type,
    documents::a_single_resource_is_the_one_asked_for,
    documents::an_included_member_answers_an_include_parameter,
    links::every_link_is_absolute_and_ours,
    links::queries_of_links_are_encoded,
    links::resources_and_relationships_link_to_their_own_urls,
    links::pagination_links_only_page_collections,
    links::pagination_links_keep_the_other_parameters,
    links::the_top_level_self_link_repeats_the_request,
    errors::client_mistakes_are_never_the_servers,
    errors::an_error_document_has_errors_and_a_success_has_none,
    errors::every_error_says_status_code_title_and_detail,
    errors::the_status_is_the_most_general_one,
    errors::a_title_belongs_to_its_code,
    errors::a_pointer_leads_into_the_document_that_was_sent,
    errors::a_parameter_is_one_that_was_sent,
    errors::problems_of_fields_are_also_said_in_meta,
];

/// Every rule that the answer breaks, in words.
pub(crate) fn problems(exchange: &Exchange) -> Vec<String> {
    let mut problems = Vec::new();
    if exchange.is_api() {
        for rule in RULES {
            rule(exchange, &mut problems);
        }
    }
    problems
}
