//! The server: all routes of all capabilities, and the work that goes on beside them.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use desk::{Desk, Site};
use store::Engine;
use tokio::net::TcpListener;
use web::api::{About, Endpoint, openapi};

use crate::capabilities;
use crate::installation::Installation;
use crate::say;

/// How often the log is numbered and signed, in milliseconds.
const CHECKPOINT_EVERY: Duration = Duration::from_millis(1_000);
/// How often names that other processes changed come in, where several share a database.
const REFRESH_EVERY: Duration = Duration::from_secs(2);
/// How often ended sessions, links and attempts are swept away.
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Serves until the process is asked to end. `ready` hears the address once it answers.
pub fn serve(
    house: &Installation,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(96)
        .build()
        .context("the server cannot start")?;
    let outcome = runtime.block_on(run(house.clone(), listen, ready));
    // Handlers that wait for the store finish; nothing acknowledged is cut short.
    runtime.shutdown_timeout(Duration::from_secs(10));
    outcome
}

async fn run(
    house: Installation,
    listen: SocketAddr,
    ready: impl FnOnce(SocketAddr),
) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("the address {listen} cannot be used"))?;
    let address = listener.local_addr()?;
    let names = house.clone();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = names.records.load_names(&names.operator("record_keeping")) {
            say::note(format!(
                "the name index could not be filled ({error}); searching goes through the sealed indexes"
            ));
        }
    });
    let keeping = tokio::spawn(keep(house.clone()));
    let app = app(&house);
    ready(address);
    axum::serve(
        listener,
        app.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(asked_to_end())
    .await
    .context("the server stopped")?;
    keeping.abort();
    Ok(())
}

/// The whole router over an installation.
pub fn app(house: &Installation) -> Router {
    let site = Site {
        https: std::env::var("PRIVET_HTTPS").is_ok_and(|value| value == "1"),
    };
    let desk = Desk::new(
        house.records.clone(),
        house.identity.clone(),
        house.organisation.name.clone(),
        site,
        capabilities::nav(),
        capabilities::suppression(&house.records),
    );
    let endpoints = capabilities::endpoints(house.records.schema());
    let document = document(&endpoints);
    let read = web::screens::ApiDocsPage::of(&document);
    let routes: Router<Desk> = Router::new()
        .merge(capabilities::pages())
        .merge(web::api::router(&endpoints))
        .route(
            "/api/v1/openapi.json",
            get(move || async move { axum::Json(document).into_response() }),
        )
        .route("/api/docs", get(move || async move { web::page(&read) }));
    let routes = routes
        .with_state(desk.clone())
        .merge(capabilities::own_routes(house, &desk));
    web::guard(routes, web::Site { https: site.https })
}

/// The OpenAPI document of all endpoints.
pub fn document(endpoints: &[Endpoint<Desk>]) -> serde_json::Value {
    let about = About {
        title: "Privet",
        version: env!("CARGO_PKG_VERSION"),
        description: "Every endpoint acts in a role and for a purpose, sees what they cover, and leaves its entry in the log.",
    };
    openapi(about, endpoints)
}

/// Numbers and signs the log, and sweeps what has ended.
async fn keep(house: Installation) {
    let mut checkpoint = tokio::time::interval(CHECKPOINT_EVERY);
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    let mut refresh = tokio::time::interval(REFRESH_EVERY);
    let shares = house.records.acts().db().engine() == Engine::Postgres;
    let mut since = house.records.acts().clock().now();
    loop {
        let own = house.clone();
        tokio::select! {
            _ = checkpoint.tick() => blocking(move || own.records.acts().checkpoint().map(|_| ()).map_err(Into::into)).await,
            _ = refresh.tick(), if shares => {
                let last = since;
                since = own.records.acts().clock().now();
                blocking(move || own.records.refresh_names(last).map(|_| ()).map_err(Into::into)).await;
            }
            _ = sweep.tick() => blocking(move || {
                let identity = own.identity.clone();
                own.records.acts().write(&own.system("security"), move |act| identity.sweep(act))?;
                Ok(())
            }).await,
        }
    }
}

async fn blocking(f: impl FnOnce() -> Result<()> + Send + 'static) {
    if let Ok(Err(error)) = tokio::task::spawn_blocking(f).await {
        say::error(&error);
    }
}

async fn asked_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            return;
        }
    }
    drop(interrupt.await);
}
