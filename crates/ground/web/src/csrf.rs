//! Protection against forged requests from other sites: where a request comes from, and a token.
//!
//! Both must hold for a form. [`same_site`] looks at what the browser says about the origin
//! (Fetch Metadata, W3C; OWASP CSRF Prevention Cheat Sheet); [`check`] compares the form's hidden
//! field with the session. Neither says who is signed in.

use aws_lc_rs::hmac;
use axum::extract::Request;
use axum::http::HeaderName;
use axum::http::header::{COOKIE, HOST, ORIGIN};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base::Rng;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Error;

/// Name of the hidden field in every form.
pub const FIELD: &str = "csrf";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const CONTEXT: &[u8] = b"privet/csrf/v1";
const LEN: usize = 32;

/// A token for the forms of this session: base64url of `mask | (mask xor mac)`, where mac is
/// HMAC-SHA-256 of a fixed context under the session's secret. The mask makes every page's token
/// different, so that a compressed page does not leak it (BREACH).
#[must_use]
pub fn token(session_secret: &[u8], rng: &dyn Rng) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, session_secret);
    let mac = hmac::sign(&key, CONTEXT);
    let mask: [u8; LEN] = rng.bytes();
    let mut out = [0; LEN * 2];
    for (i, (m, b)) in mask.iter().zip(mac.as_ref()).enumerate() {
        out[i] = *m;
        out[LEN + i] = m ^ b;
    }
    URL_SAFE_NO_PAD.encode(out)
}

/// Whether the form's token belongs to this session. Compares in constant time.
pub fn check(session_secret: &[u8], form_token: &str) -> Result<(), Error> {
    let bytes: [u8; LEN * 2] = URL_SAFE_NO_PAD
        .decode(form_token)
        .ok()
        .and_then(|b| b.try_into().ok())
        .ok_or_else(stale)?;
    let (mask, masked) = bytes.split_at(LEN);
    let mac: Vec<u8> = mask.iter().zip(masked).map(|(m, x)| m ^ x).collect();
    let key = hmac::Key::new(hmac::HMAC_SHA256, session_secret);
    hmac::verify(&key, CONTEXT, &mac).map_err(|_| stale())
}

fn stale() -> Error {
    Error::refused(
        "This form was opened in another session, so it was not taken. Nothing was changed.",
        "Go back, reload the page and send it again.",
    )
}

/// Refuses every request that changes something and was started by another site.
pub(crate) async fn same_site(request: Request, next: Next) -> Response {
    if request.method().is_safe() || comes_from_here(&request) {
        return next.run(request).await;
    }
    Error::refused(
        "This request was started by another site, so it was not carried out. Nothing was changed.",
        "If you meant to do this, open Privet itself and do it there.",
    )
    .into_response()
}

fn comes_from_here(request: &Request) -> bool {
    let headers = request.headers();
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin" || site == "none";
    }
    if let Some(origin) = headers.get(ORIGIN) {
        return origin
            .to_str()
            .is_ok_and(|origin| is_origin(origin, host(request).unwrap_or_default()));
    }
    // No browser says so little. Without a cookie there is nothing another site could misuse.
    !headers.contains_key(COOKIE)
}

/// The host as HTTP/1 names it in a header and HTTP/2 in the address.
fn host(request: &Request) -> Option<&str> {
    let header = request.headers().get(HOST).and_then(|h| h.to_str().ok());
    header.or_else(|| request.uri().authority().map(|a| a.as_str()))
}

/// Whether `origin` (scheme, host, port) is this host. "null" is never.
fn is_origin(origin: &str, host: &str) -> bool {
    let own = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    !host.is_empty() && own.is_some_and(|own| own.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base::SeededRng;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_token_fits_its_session_and_no_other(seed: u64, a: [u8; 32], b: [u8; 32]) {
            let rng = SeededRng::new(seed);
            let token = token(&a, &rng);
            prop_assert!(check(&a, &token).is_ok());
            prop_assert_eq!(check(&b, &token).is_ok(), a == b);
        }

        #[test]
        fn a_changed_token_is_refused(seed: u64, at in 0_usize..64, bit in 0_u8..8) {
            let token = token(b"secret", &SeededRng::new(seed));
            let mut bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
            bytes[at] ^= 1 << bit;
            prop_assert!(check(b"secret", &URL_SAFE_NO_PAD.encode(bytes)).is_err());
        }

        #[test]
        fn any_text_is_refused_without_panic(text: String) {
            prop_assert!(check(b"secret", &text).is_err());
        }
    }

    #[test]
    fn no_two_tokens_of_a_session_look_alike() {
        let rng = SeededRng::new(1);
        assert_ne!(token(b"s", &rng), token(b"s", &rng));
    }

    #[test]
    fn only_the_own_host_is_the_origin() {
        assert!(is_origin("https://crm.example", "crm.example"));
        assert!(is_origin("http://localhost:8080", "localhost:8080"));
        assert!(!is_origin("https://crm.example.evil", "crm.example"));
        assert!(!is_origin("https://crm.example:444", "crm.example"));
        assert!(!is_origin("null", "crm.example"));
        assert!(!is_origin("https://", ""));
    }
}
