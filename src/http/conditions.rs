//! Conditions of requests: what a client holds already, and what it wants to change.
//!
//! | | read | write |
//! |---|---|---|
//! | `If-None-Match` | 304 if the client has the bytes | 412 if it is there |
//! | `If-Modified-Since` | 304, for types that tell when they changed | - |
//! | `If-Match` | 412 if it is another version | 412 if it is another version |
//! | `If-Unmodified-Since` | 412 if it changed later, for types that tell when | the same |
//!
//! A date is ignored where there is a tag to do the same, where it is none, and where nothing is known of dates.
//!
//! Spec: <https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2>, which says what comes first

use super::answer;
use crate::{
    db::Time,
    resource::{
        Precondition, Result, Tag,
        document::Document,
        tag::{self, Tags},
    },
};
use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::{
        StatusCode,
        header::{
            Header as _, HttpDate, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE, IfModifiedSince,
            IfUnmodifiedSince, LAST_MODIFIED,
        },
    },
};
use std::time::{Duration, SystemTime};

/// What tells an answer from others to the same question.
#[derive(Clone, Copy, Debug)]
pub(super) struct Validators {
    pub(super) tag: Tag,
    /// When it last changed, where that is known.
    pub(super) modified: Option<Time>,
}

impl Validators {
    pub(super) fn of(document: &Document) -> Self {
        Self { tag: document.tag, modified: document.modified }
    }
}

/// What a request asks of what is there.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    pub(super) precondition: Precondition,
    modified_since: Option<SystemTime>,
}

impl Conditions {
    pub(super) fn of(request: &HttpRequest) -> Self {
        let headers = request.headers();
        let tags = |name| {
            let lines: Vec<_> =
                headers.get_all(&name).map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned()).collect();
            headers.contains_key(&name).then(|| Tags::parse(&lines.join(", ")))
        };
        let (if_match, if_none_match) = (tags(IF_MATCH), tags(IF_NONE_MATCH));
        let modified_since = headers.get(IF_MODIFIED_SINCE).and_then(|_| IfModifiedSince::parse(request).ok());
        let modified_since = modified_since.map(|IfModifiedSince(date)| date.into());
        let unmodified_since = headers.get(IF_UNMODIFIED_SINCE).filter(|_| if_match.is_none());
        let unmodified_since = unmodified_since.and_then(|_| IfUnmodifiedSince::parse(request).ok());
        let unmodified_since = unmodified_since.and_then(|IfUnmodifiedSince(date)| instant(date.into()));
        Self { precondition: Precondition { if_match, if_none_match, unmodified_since }, modified_since }
    }

    /// Whether a read may end by a tag.
    pub(super) fn ask_for_tags(&self) -> bool {
        self.precondition.if_none_match.is_some()
    }

    /// Whether the client has the answer of a read already; 412 where it insists on another one.
    pub(super) fn hold(&self, answer: &Validators) -> Result<bool> {
        self.precondition.check_read(&answer.tag, answer.modified)?;
        Ok(self.is_known(answer))
    }

    fn is_known(&self, answer: &Validators) -> bool {
        if self.ask_for_tags() {
            return self.precondition.is_known(&answer.tag);
        }
        let modified = self.modified_since.zip(settled(answer.modified));
        modified.is_some_and(|(since, modified)| modified <= since)
    }
}

fn instant(date: SystemTime) -> Option<Time> {
    let since = date.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    i64::try_from(since.as_millis()).ok().map(Time)
}

/// The date of a change, in whole seconds, if it is old enough to be told.
pub(super) fn settled(modified: Option<Time>) -> Option<SystemTime> {
    let millis = u64::try_from(modified.and_then(tag::told)?.0).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))
}

/// 304.
pub(super) fn not_modified(validators: Validators) -> HttpResponse {
    let mut response = answer::with(StatusCode::NOT_MODIFIED);
    describe(&mut response, validators);
    response.finish()
}

/// Says of an answer what its next reader can ask for.
pub(super) fn describe(response: &mut HttpResponseBuilder, validators: Validators) {
    answer::tag(response, &validators.tag.to_string());
    if let Some(modified) = settled(validators.modified) {
        response.insert_header((LAST_MODIFIED, HttpDate::from(modified)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn of(headers: &[(&str, &str)]) -> Conditions {
        let request = headers.iter().fold(TestRequest::get(), |request, header| request.append_header(*header));
        Conditions::of(&request.to_http_request())
    }

    fn tags(headers: &[(&str, &str)]) -> Vec<String> {
        match of(headers).precondition.if_match {
            Some(Tags::These(tags)) => tags.iter().map(|tag| format!("{}{}", tag.weak, tag.text)).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tags_are_collected_from_lists_and_lines() {
        assert_eq!(
            tags(&[("if-match", "\"1.a\", W/\"2.b\""), ("if-match", "\"3.c\"")]),
            ["false1.a", "true2.b", "false3.c"]
        );
        assert_eq!(of(&[("if-match", " * ")]).precondition.if_match, Some(Tags::Any));
        assert!(of(&[]).precondition.is_none());
    }

    #[test]
    fn only_a_date_that_is_a_minute_old_tells_of_all_changes() {
        let now = Time::now().0;
        assert!(settled(Some(Time(now))).is_none());
        assert!(settled(Some(Time(now - 59_000))).is_none());
        assert!(settled(Some(Time(now - 61_000))).is_some());
        assert!(settled(None).is_none());
    }

    #[test]
    fn a_write_is_held_to_a_date_where_there_is_one() {
        let check = |headers: &[(&str, &str)], modified| of(headers).precondition.check(1, modified).is_ok();
        let date = |second| ("if-unmodified-since", second);
        let (then, before) = (date("Sun, 09 Sep 2001 01:46:40 GMT"), date("Sun, 09 Sep 2001 01:46:39 GMT"));
        let modified = Some(Time(1_000_000_000_500));
        assert!(check(&[then], modified) && !check(&[before], modified));
        assert!(check(&[before], None) && check(&[date("yesterday")], modified));
        assert!(check(&[before, ("if-match", "\"1.x\"")], modified), "a tag counts more");
        // Of the second that is told as yet of nothing, not everything is known.
        let now = Time::now().0;
        let second = HttpDate::from(SystemTime::UNIX_EPOCH + Duration::from_millis(now.unsigned_abs())).to_string();
        assert!(check(&[date(&second)], Some(Time(now / 1000 * 1000))));
        assert!(!check(&[date(&second)], Some(Time(now / 1000 * 1000 + 1))));
    }

    #[test]
    fn a_tag_counts_more_than_a_date() {
        let mut document = Validators { tag: Tag::of(Some(1), b"{}"), modified: Some(Time(1_000_000_000_500)) };
        let date = ("if-modified-since", "Sun, 09 Sep 2001 01:46:40 GMT");
        assert!(of(&[date]).is_known(&document));
        assert!(!of(&[date, ("if-none-match", "\"1.x\"")]).is_known(&document));
        assert!(!of(&[("if-modified-since", "Sun, 09 Sep 2001 01:46:39 GMT")]).is_known(&document));
        assert!(!of(&[("if-modified-since", "yesterday")]).is_known(&document));
        document.modified = None;
        assert!(!of(&[date]).is_known(&document));
    }
}
