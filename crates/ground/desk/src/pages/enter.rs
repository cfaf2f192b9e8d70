//! Coming in and going out: password, one-time link, first password, purpose.

use askama::Template;
use axum::extract::{Path, Query, Request, State};
use axum::http::HeaderMap;
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use base::{Fault, FaultKind};
use web::screens::{SignInPage, SignInState, WelcomePage, WelcomeState};
use web::{Plain, Submission, page, page_with_status, see_other};

use crate::session::{address_of, session_cookie};
use crate::{Desk, SignedIn};

/// The fewest characters of a password.
const LEAST: u16 = 12;

/// The page a one-time link opens: one button, so that programs that follow links spend nothing.
#[derive(Template)]
#[template(path = "pages/link.html")]
struct LinkPage {
    plain: Plain,
    token: String,
}

#[derive(serde::Deserialize, Default)]
pub struct Asked {
    #[serde(default)]
    next: String,
    #[serde(default)]
    why: String,
}

pub async fn sign_in_page(State(desk): State<Desk>, Query(asked): Query<Asked>) -> Response {
    let state = match asked.why.as_str() {
        "ended" => SignInState::Ended,
        "set" => SignInState::PasswordSet,
        _ => SignInState::Fresh,
    };
    page(&sign_in_view(&desk, state, String::new(), asked.next))
}

fn sign_in_view(desk: &Desk, state: SignInState, email: String, next: String) -> SignInPage {
    let plain = Plain {
        title: "Sign in".into(),
        organisation: desk.workspace().to_owned(),
    };
    SignInPage {
        plain,
        csrf: String::new(),
        state,
        email,
        next,
    }
}

pub async fn sign_in(State(desk): State<Desk>, request: Request) -> web::Result<Response> {
    let (parts, body) = request.into_parts();
    let address = address_of(&parts);
    let request = Request::from_parts(parts, body);
    let sent =
        <Submission as axum::extract::FromRequest<Desk>>::from_request(request, &desk).await?;
    let (mail, next) = (sent.text("email").to_owned(), sent.text("next").to_owned());
    let (typed, password) = (mail.clone(), sent.text("password").to_owned());
    let outcome = desk
        .run(move |desk| Ok(desk.identity().sign_in(&typed, &password, &address)))
        .await?;
    match outcome {
        Ok(came) => Ok(with_session(
            &desk,
            see_other(if next.is_empty() { "/" } else { &next }),
            came.token.expose(),
        )),
        Err(error) if error.kind() == FaultKind::Unknown => Ok(page_with_status(
            axum::http::StatusCode::UNAUTHORIZED,
            &sign_in_view(&desk, SignInState::Wrong, mail, next),
        )),
        Err(error) if error.kind() == FaultKind::TooMany => Ok(page_with_status(
            axum::http::StatusCode::TOO_MANY_REQUESTS,
            &sign_in_view(&desk, SignInState::Wait, mail, next),
        )),
        Err(error) => Err(error.into()),
    }
}

pub async fn link_page(State(desk): State<Desk>, Path(token): Path<String>) -> Response {
    let plain = Plain {
        title: "Come in".into(),
        organisation: desk.workspace().to_owned(),
    };
    page(&LinkPage { plain, token })
}

pub async fn redeem(State(desk): State<Desk>, sent: Submission) -> web::Result<Response> {
    let token = sent.text("token").to_owned();
    let outcome = desk
        .run(move |desk| Ok(desk.identity().redeem_link(&token)))
        .await?;
    match outcome {
        Ok(came) => Ok(with_session(&desk, see_other("/"), came.token.expose())),
        Err(error) if error.kind() == FaultKind::Unknown => Ok(page_with_status(
            axum::http::StatusCode::UNAUTHORIZED,
            &sign_in_view(&desk, SignInState::LinkUsed, String::new(), String::new()),
        )),
        Err(error) => Err(error.into()),
    }
}

pub async fn welcome_page(who: SignedIn, State(desk): State<Desk>) -> Response {
    page(&welcome_view(&desk, &who, WelcomeState::Open))
}

fn welcome_view(desk: &Desk, who: &SignedIn, state: WelcomeState) -> WelcomePage {
    WelcomePage {
        plain: Plain {
            title: "Choose a password".into(),
            organisation: desk.workspace().to_owned(),
        },
        csrf: web::csrf::token(&who.secret, &*desk.records().acts().rng()),
        token: String::new(),
        name: who.name.clone(),
        email: String::new(),
        least: LEAST,
        state,
    }
}

pub async fn set_password(
    who: SignedIn,
    State(desk): State<Desk>,
    sent: Submission,
) -> web::Result<Response> {
    sent.check(&who.secret)?;
    let (new, again) = (
        sent.text("password").to_owned(),
        sent.text("again").to_owned(),
    );
    if new != again {
        let why = "The two are not the same. Type the password again.".to_owned();
        let view = welcome_view(&desk, &who, WelcomeState::Refused(why));
        return Ok(page_with_status(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            &view,
        ));
    }
    let old = sent.one("old").map(str::to_owned);
    let context = who.context.clone();
    let outcome = desk
        .run(move |desk| {
            Ok(desk
                .identity()
                .set_password(&context, context.actor.cast(), old.as_deref(), &new))
        })
        .await?;
    match outcome {
        Ok(()) => Ok(see_other("/?done=password")),
        Err(error) if error.kind() == FaultKind::Invalid => {
            let view = welcome_view(&desk, &who, WelcomeState::Refused(error.to_string()));
            Ok(page_with_status(
                axum::http::StatusCode::UNPROCESSABLE_ENTITY,
                &view,
            ))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn sign_out(
    who: SignedIn,
    State(desk): State<Desk>,
    sent: Submission,
) -> web::Result<Response> {
    sent.check(&who.secret)?;
    let token = who.token.clone();
    desk.run(move |desk| Ok(desk.identity().sign_out(&token)?))
        .await?;
    let mut response = see_other("/sign-in?why=ended");
    response
        .headers_mut()
        .append(SET_COOKIE, session_cookie(desk.site(), None));
    Ok(response)
}

pub async fn purpose(
    who: SignedIn,
    State(desk): State<Desk>,
    sent: Submission,
) -> web::Result<Response> {
    sent.check(&who.secret)?;
    let wanted = desk
        .records()
        .acts()
        .policy()
        .purpose_named(sent.text("purpose"))
        .map(|p| p.number);
    let wanted = wanted.ok_or_else(web::Error::absent)?;
    let token = who.token.clone();
    desk.run(move |desk| Ok(desk.identity().switch_purpose(&token, wanted).map(|_| ())?))
        .await?;
    let back = sent.text("back");
    Ok(see_other(&format!(
        "{}?done=purpose",
        if back.is_empty() { "/" } else { back }
    )))
}

fn with_session(desk: &Desk, mut response: Response, token: &str) -> Response {
    let headers: &mut HeaderMap = response.headers_mut();
    headers.append(SET_COOKIE, session_cookie(desk.site(), Some(token)));
    response
}
