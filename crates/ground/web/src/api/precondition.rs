//! Versions, repeated requests and further pages, as HTTP says them.

use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::{Error, Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The strong entity tag of a revision: `"17"` (RFC 9110 section 8.8.3).
#[must_use]
pub fn etag(rev: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{rev}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// An answer with the entity tag of its revision.
#[must_use]
pub fn with_etag(answer: impl IntoResponse, rev: u64) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(ETAG, etag(rev));
    response
}

/// `304` when the caller has this revision already (`If-None-Match`, RFC 9110 section 13.1.2).
#[must_use]
pub fn not_modified(headers: &HeaderMap, rev: u64) -> Option<Response> {
    let known = headers.get(IF_NONE_MATCH)?.to_str().ok()?;
    let own = etag(rev);
    let own = own.to_str().ok()?;
    let same = known
        .split(',')
        .map(str::trim)
        .any(|one| one.trim_start_matches("W/") == own || one == "*");
    same.then(|| with_etag(StatusCode::NOT_MODIFIED, rev))
}

/// The revision that a change is meant for: it must be said (428 otherwise) and be one strong
/// tag that we made (412 otherwise). `store` compares it again inside the transaction.
pub fn if_match(headers: &HeaderMap) -> Result<u64, Error> {
    let Some(said) = headers.get(IF_MATCH) else {
        return Err(Problem::of_status(StatusCode::PRECONDITION_REQUIRED)
            .saying("A change must say which version it was made from. Nothing was changed.")
            .into());
    };
    said.to_str()
        .ok()
        .and_then(|tag| {
            tag.trim()
                .strip_prefix('"')?
                .strip_suffix('"')?
                .parse()
                .ok()
        })
        .ok_or_else(|| {
            Problem::of_status(StatusCode::PRECONDITION_FAILED)
                .saying("If-Match names no version that exists. Nothing was changed.")
                .into()
        })
}

/// The caller's own key for this request, so that sending it twice does it once: 1 to 64 visible
/// ASCII characters; `None` when not given.
pub fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Error> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else {
        return Ok(None);
    };
    key.to_str()
        .ok()
        .filter(|key| (1..=64).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()))
        .map(Some)
        .ok_or_else(|| {
            Error::invalid(
                "The Idempotency-Key must be 1 to 64 visible ASCII characters. Nothing was changed.",
                Vec::new(),
            )
        })
}

/// An answer with the way to the next page (RFC 8288). `next` is a path and query of this site,
/// already percent-encoded; `None` on the last page.
#[must_use]
pub fn with_next(answer: impl IntoResponse, next: Option<&str>) -> Response {
    let mut response = answer.into_response();
    let link = next.and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
    if let Some(link) = link {
        response.headers_mut().insert(LINK, link);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_revision_comes_back_as_it_went_out() {
        let mut headers = HeaderMap::new();
        headers.insert(IF_MATCH, etag(u64::MAX));
        assert_eq!(if_match(&headers).unwrap(), u64::MAX);
    }

    #[test]
    fn a_change_without_or_with_a_foreign_version_is_refused() {
        let status = |headers| if_match(&headers).unwrap_err().status().as_u16();
        assert_eq!(status(HeaderMap::new()), 428);
        assert_eq!(status(with(IF_MATCH, "*")), 412);
        assert_eq!(status(with(IF_MATCH, "W/\"3\"")), 412);
        assert_eq!(status(with(IF_MATCH, "\"3\", \"4\"")), 412);
    }

    #[test]
    fn a_known_revision_is_not_sent_again() {
        assert!(not_modified(&with(IF_NONE_MATCH, "\"3\", \"4\""), 4).is_some());
        assert!(not_modified(&with(IF_NONE_MATCH, "\"44\""), 4).is_none());
    }

    #[test]
    fn keys_have_a_length() {
        assert_eq!(idempotency_key(&HeaderMap::new()).unwrap(), None);
        assert!(idempotency_key(&with(IDEMPOTENCY_KEY, "a b")).is_err());
        assert_eq!(
            idempotency_key(&with(IDEMPOTENCY_KEY, "k-1")).unwrap(),
            Some("k-1")
        );
    }
}
