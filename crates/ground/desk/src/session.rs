//! From a request to who asks and why: the cookie of a browser, the token of a program.

use axum::extract::{ConnectInfo, FromRef, FromRequestParts};
use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use base::{Fault, FaultKind};
use std::net::SocketAddr;

use crate::{Desk, Site};

/// Name of the cookie where browsers come by https: bound to this host and to https.
const BOUND: &str = "__Host-privet";
/// Name of the cookie on a plain local address.
const PLAIN: &str = "privet";

/// Who is signed in, in a browser. As an extractor it sends everybody else to the sign-in page.
#[derive(Clone)]
pub struct SignedIn {
    /// Who acts, in which role, why.
    pub context: access::Context,
    /// Their name.
    pub name: String,
    /// The secret of the session's form tokens.
    pub secret: [u8; 32],
    /// The session's token.
    pub token: String,
    /// Address of this page inside the site, without its query.
    pub here: String,
    /// What the page before did, in words.
    pub flash: Option<&'static str>,
}

/// A program with a token, or a browser's own script with its session.
#[derive(Clone)]
pub struct Caller {
    /// Who acts, in which role, why.
    pub context: access::Context,
}

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
#[error("sign in, or send a token as \u{201c}Authorization: Bearer pvt_…\u{201d}")]
struct Nobody;

impl Fault for Nobody {
    fn kind(&self) -> FaultKind {
        FaultKind::Unknown
    }
}

impl<S> FromRequestParts<S> for SignedIn
where
    S: Send + Sync,
    Desk: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let desk = Desk::from_ref(state);
        let here = parts.uri.path().to_owned();
        let flash = parts.uri.query().and_then(flash_of);
        let back = if parts.method == Method::GET {
            here.clone()
        } else {
            "/".to_owned()
        };
        let Some(token) = cookie(&parts.headers, desk.site()) else {
            return Err(web::see_other(&sign_in_address(&back)));
        };
        let asked = token.clone();
        let found = desk
            .run(move |desk| Ok(desk.identity().session(&asked)?))
            .await;
        match found {
            Ok(Some(signed)) => Ok(Self {
                context: signed.context,
                name: signed.name,
                secret: signed.csrf,
                token,
                here,
                flash,
            }),
            Ok(None) => Err(web::see_other(&sign_in_address(&back))),
            Err(error) => Err(error.into_response()),
        }
    }
}

impl<S> FromRequestParts<S> for Caller
where
    S: Send + Sync,
    Desk: FromRef<S>,
{
    type Rejection = web::Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, web::Error> {
        let desk = Desk::from_ref(state);
        let bearer = parts
            .headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok());
        let bearer = bearer
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::to_owned);
        // A session's cookie serves too; requests of other sites were refused before this.
        let token = cookie(&parts.headers, desk.site());
        let context = desk
            .run(move |desk| {
                Ok(match (bearer, token) {
                    (Some(bearer), _) => desk.identity().token(&bearer)?,
                    (None, Some(token)) => desk
                        .identity()
                        .session(&token)?
                        .map(|signed| signed.context),
                    (None, None) => None,
                })
            })
            .await?;
        context
            .map(|context| Self { context })
            .ok_or_else(|| Nobody.into())
    }
}

fn sign_in_address(back: &str) -> String {
    if back == "/" {
        "/sign-in".to_owned()
    } else {
        format!("/sign-in?next={back}")
    }
}

fn cookie(headers: &HeaderMap, site: Site) -> Option<String> {
    let name = if site.https { BOUND } else { PLAIN };
    let all = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    all.flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}

/// The `Set-Cookie` value of a session; `None` ends it.
#[must_use]
pub fn session_cookie(site: Site, token: Option<&str>) -> HeaderValue {
    let (name, bound) = if site.https {
        (BOUND, "; Secure")
    } else {
        (PLAIN, "")
    };
    // A session ends by its own times; the cookie lives as long as the browser does.
    let (value, age) = token.map_or(("", "; Max-Age=0"), |token| (token, ""));
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{bound}{age}");
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// Where a request is from, for throttling: only a keyed fingerprint of it is ever kept.
#[must_use]
pub fn address_of(parts: &Parts) -> Vec<u8> {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>();
    info.map(|ConnectInfo(address)| address.ip().to_string().into_bytes())
        .unwrap_or_default()
}

/// What a page says after a form was taken: `?done=word` with one of these words.
fn flash_of(query: &str) -> Option<&'static str> {
    let word = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("done="))?;
    Some(match word {
        "created" => "Saved. Every value remembers where it came from.",
        "changed" => "Your change is saved.",
        "noted" => "Your note is saved.",
        "erased" => "The person was erased. The certificate says what went and what stays.",
        "purpose" => "You work for another purpose now. What it does not cover is masked.",
        "password" => "Your password is set. Other sessions of yours have ended.",
        "imported" => "The import is done.",
        _ => return None,
    })
}
