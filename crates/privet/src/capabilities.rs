//! Every capability, one line each: its schema, its tables, its holder, its pages, its endpoints.

use std::sync::Arc;

use act::{Act, Holder};
use axum::Router;
use backup::{Backups, Contents};
use base::Timestamp;
use desk::{Desk, NavEntry, Suppression};
use exchange::{IsSuppressed, Jobs};
use identity::Identity;
use records::{Draft, Kind, Records, Schema};
use retention::suppression;
use retention::{Erasure, FreshBasis};
use store::Migration;
use web::api::Endpoint;

use crate::installation::Installation;

/// The schema of every capability that declares kinds.
pub const SCHEMAS: &[(&str, &str)] = &[
    people::SCHEMA,
    companies::SCHEMA,
    timeline::SCHEMA,
    identity::SCHEMA,
];

/// Every table of the installation.
pub fn migrations() -> Vec<Migration> {
    [
        act::MIGRATIONS,
        vault::MIGRATIONS,
        ledger::MIGRATIONS,
        records::MIGRATIONS,
        identity::MIGRATIONS,
        retention::MIGRATIONS,
        backup::MIGRATIONS,
    ]
    .concat()
}

/// Everyone who keeps data about people.
pub fn holders(records: &Records, identity: &Identity) -> Vec<Arc<dyn Holder>> {
    let mut holders: Vec<Arc<dyn Holder>> =
        vec![Arc::new(identity.clone()), Arc::new(records.clone())];
    holders.extend(retention::ground_holders());
    holders
}

/// What the tables mean to a backup.
pub fn contents() -> Contents {
    let mut contents = retention::backup_contents(&[], SHORT_LIVED);
    contents
        .tables
        .splice(0..0, [records::TABLES, identity::TABLES].concat());
    contents
}

/// Tables that mean nothing after a restore: who was signed in, links that were sent, requests that
/// were remembered.
const SHORT_LIVED: &[&str] = &["session", "one_time_link", "attempt", "idempotency"];

/// Forgets people, in the key files of backups too.
pub fn erasure(house: &Installation) -> Erasure {
    let holders = holders(&house.records, &house.identity);
    Erasure::new(house.records.clone(), holders).with_backups(backups(house))
}

/// Makes backups.
pub fn backups(house: &Installation) -> Backups {
    Backups::new(
        house.records.acts().clone(),
        Arc::clone(&house.provider),
        contents(),
    )
}

/// Whether somebody was erased on request: asked before an import makes them anew.
pub fn is_suppressed(records: &Records) -> IsSuppressed {
    let suppression = suppression(records);
    Arc::new(move |act, kind, draft| Ok(suppression.since(act, kind, draft)?.is_some()))
}

/// Who may not come back without a fresh basis.
pub fn suppression(records: &Records) -> Arc<dyn Suppression> {
    Arc::new(Fingerprints(records.clone()))
}

/// The desk's question, answered by the fingerprints that retention keeps.
struct Fingerprints(Records);

impl Suppression for Fingerprints {
    fn since(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
    ) -> Result<Option<Timestamp>, records::Error> {
        let found = suppression::suppressed(&self.0, act, kind, draft).map_err(as_record_error)?;
        Ok(found.map(|found| found.at))
    }

    fn lift(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        draft: &Draft,
        basis: &str,
    ) -> Result<bool, records::Error> {
        let Some(basis) = FreshBasis::named(basis) else {
            return Ok(false);
        };
        suppression::lift(&self.0, act, kind, draft, basis).map_err(as_record_error)?;
        Ok(true)
    }
}

fn as_record_error(error: retention::Error) -> records::Error {
    match error {
        retention::Error::Records(error) => error,
        retention::Error::Act(error) => error.into(),
        other => act::Error::Holder(other.to_string()).into(),
    }
}

/// The rail.
pub fn nav() -> Vec<NavEntry> {
    let mut nav = vec![NavEntry {
        group: "CRM",
        key: "home",
        label: "Home",
        href: "/",
        icon: "home",
        counts: None,
        shortcut: "h",
        needs: access::Action::Read,
    }];
    nav.extend([people::NAV, companies::NAV, exchange::NAV]);
    nav.extend([retention::NAV]);
    nav.push(NavEntry {
        group: "Security",
        key: "log",
        label: "Activity log",
        href: "/log",
        icon: "log",
        counts: None,
        shortcut: "l",
        needs: access::Action::ReadLog,
    });
    nav
}

/// The pages of capabilities that need the desk alone.
pub fn pages() -> Router<Desk> {
    Router::new()
        .merge(desk::routes())
        .merge(people::routes(timeline::card))
        .merge(companies::routes(timeline::card))
        .merge(timeline::routes())
}

/// The pages of capabilities that bring a state of their own.
pub fn own_routes(house: &Installation, desk: &Desk) -> Router {
    let jobs = Jobs::new(is_suppressed(&house.records));
    Router::new()
        .merge(exchange::routes(desk.clone(), jobs))
        .merge(retention::routes(desk.clone(), erasure(house)))
}

/// The endpoints of every capability.
pub fn endpoints(schema: &Schema) -> Vec<Endpoint<Desk>> {
    let mut endpoints = people::endpoints(schema);
    endpoints.extend(companies::endpoints(schema));
    endpoints.extend(timeline::endpoints(schema));
    endpoints
}
