//! `privet init`, `privet link`, `privet token`: a new installation, and ways in.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use base::RecordId;
use identity::{LinkKind, TokenDraft};
use records::Error;

use crate::cli::Place;
use crate::installation::Installation;
use crate::say;

/// The name the first administrator has until they give theirs.
const FIRST: &str = "Administrator";

pub fn run(place: &Place, workspace: &str, admin: &str, country: &str) -> Result<ExitCode> {
    let house = Installation::create(place, workspace, country)?;
    let link = first_link(&house, FIRST, admin)?;
    say::line(format!(
        "A new installation for {workspace} is in {}.",
        place.data.display()
    ));
    say::line(format!(
        "Root key {}: {}",
        house.provider.key_id(),
        place.root_key().display()
    ));
    say::line(
        "Keep a copy of the root key apart from the data: without it nothing can ever be read again.",
    );
    say::line("Serve it, then sign in once with this address, within 72 hours:");
    say::line(link);
    Ok(ExitCode::SUCCESS)
}

/// Makes the first administrator and gives the path of a one-time link.
pub fn first_link(house: &Installation, name: &str, mail: &str) -> Result<String> {
    let who = house.operator("security");
    let (identity, name, mail) = (house.identity.clone(), name.to_owned(), mail.to_owned());
    let token = house.records.acts().write(&who, move |act| {
        let user = identity.first_administrator(act, &name, &mail)?;
        identity.one_time_link(act, user, LinkKind::Invitation)
    })?;
    Ok(format!("/link/{}", token.expose()))
}

/// Adds a user, who comes in with the link that is printed.
pub fn add_user(place: &Place, name: &str, mail: &str, role: &str) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    let who = house.operator("security");
    let identity = house.identity.clone();
    let (name, mail, role) = (name.to_owned(), mail.to_owned(), role.to_owned());
    let token = house.records.acts().write(&who, move |act| {
        let user = identity.create_user(act, &name, &mail, &role)?;
        identity.one_time_link(act, user, LinkKind::Invitation)
    })?;
    say::line(format!("/link/{}", token.expose()));
    Ok(ExitCode::SUCCESS)
}

pub fn link(place: &Place, mail: Option<&str>) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    let user = user(&house, mail)?;
    say::line(sign_in_link(&house, user)?);
    Ok(ExitCode::SUCCESS)
}

/// The path of a new one-time link for a user.
pub fn sign_in_link(house: &Installation, user: RecordId) -> Result<String> {
    let who = house.operator("security");
    let identity = house.identity.clone();
    let token = house.records.acts().write(&who, move |act| {
        identity.one_time_link(act, user, LinkKind::SignIn)
    })?;
    Ok(format!("/link/{}", token.expose()))
}

/// The user with this mail address, or the first one.
pub fn user(house: &Installation, mail: Option<&str>) -> Result<RecordId> {
    let who = house.operator("security");
    let records = &house.records;
    let kind = records.kind("user");
    let found = records
        .acts()
        .read(&who, |act| -> Result<Option<RecordId>, Error> {
            match mail {
                Some(mail) => Ok(records
                    .find(act, kind, mail, 1, 0)?
                    .first()
                    .map(|hit| hit.record.id)),
                None => {
                    let query = records::Query {
                        sort: records::Sort::ChangedUp,
                        ..records::Query::default()
                    };
                    let page = records.list(act, kind, &query)?;
                    let role =
                        |record: &records::Record| record.line(kind, "role") == "administrator";
                    Ok(page
                        .records
                        .iter()
                        .find(|record| role(record))
                        .map(|record| record.id))
                }
            }
        })?;
    found.context("there is no such user")
}

pub fn token(place: &Place, label: &str, days: u16, role: &str, purpose: &str) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    let Some(purpose) = house
        .records
        .acts()
        .policy()
        .purpose_named(purpose)
        .map(|p| p.number)
    else {
        let known: Vec<&str> = house
            .records
            .acts()
            .policy()
            .purposes()
            .iter()
            .map(|p| p.name.as_str())
            .collect();
        bail!(
            "there is no purpose of this name; there are {}",
            known.join(", ")
        );
    };
    let user = user(&house, None)?;
    let draft = TokenDraft {
        label: label.to_owned(),
        role: role.to_owned(),
        purpose,
        days,
    };
    let who = house.operator("security");
    let identity = house.identity.clone();
    let token = house
        .records
        .acts()
        .write(&who, move |act| identity.create_token(act, user, &draft))?;
    say::note(format!(
        "a token that ends in {days} days; it is shown this once"
    ));
    say::line(token.expose());
    Ok(ExitCode::SUCCESS)
}
