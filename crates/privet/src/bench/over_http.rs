//! What a browser or a program waits for, over real connections.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use records::{Draft, Kind};
use serde_json::Value;

use super::client::Client;
use super::floor;
use super::installed::{Installed, fresh_number};
use super::report::{Mark, Report};
use super::sample::Sample;
use super::serving::Serving;
use crate::made_up::MadeUp;
use crate::{capabilities, say};

const OPENED: usize = 2_000;
const LISTED: usize = 300;
const SEARCHED: usize = 600;
const SAVED: usize = 500;
const CLIENTS: usize = 64;
const CREATED_BY_EACH: usize = 150;

/// What people type first: beginnings of names that many bear, few bear, nobody bears.
const TYPED: [&str; 12] = [
    "ja", "jan", "ma", "mar", "sc", "an", "li", "łu", "xa", "qu", "jo ha", "zz",
];

/// Measures everything that goes over HTTP.
pub fn measure(serving: &Serving, installed: &Installed, report: &mut Report) -> Result<()> {
    start(serving, installed, report);
    floor::http(serving, &installed.token, report)?;
    let mut client = Client::connect(serving.address, &installed.token)?;
    opens(&mut client, installed, report)?;
    lists(&mut client, report)?;
    searches(&mut client, report)?;
    saves(&mut client, installed, report)?;
    creates(serving.address, &installed.token, report)?;
    if let Some(bytes) = serving.resident() {
        report.figure(
            "memory after all of this",
            megabytes(bytes),
            "MB",
            Mark::None,
        );
    }
    Ok(())
}

/// Marks are named for 10,000 and 1,000,000 people; between them they are drawn in a line.
fn between(people: u64, small: f64, large: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a count of people fits a float")]
    let share = (people.clamp(10_000, 1_000_000) - 10_000) as f64 / 990_000.0;
    small + (large - small) * share
}

fn start(serving: &Serving, installed: &Installed, report: &mut Report) {
    let marks = "marks between 10,000 and 1,000,000 people are drawn in a line";
    let seconds = Mark::AtMost(between(installed.people, 1.0, 5.0));
    report
        .figure(
            "start to first answer",
            serving.first_answer.as_secs_f64(),
            "s",
            seconds,
        )
        .note(marks);
    report.figure(
        "start to every name in memory",
        serving.names_ready.as_secs_f64(),
        "s",
        Mark::None,
    );
    let most = Mark::AtMost(between(installed.people, 100.0, 500.0));
    match serving.idle {
        Some(bytes) => {
            report.figure("idle memory", megabytes(bytes), "MB", most);
        }
        None => report.unknown(
            "idle memory",
            "MB",
            most,
            "this system has no /proc to read it from",
        ),
    }
}

fn megabytes(bytes: u64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "bytes of memory fit a float well enough"
    )]
    let megabytes = bytes as f64 / 1_000_000.0;
    megabytes
}

fn opens(client: &mut Client, installed: &Installed, report: &mut Report) -> Result<()> {
    say::note("opening, listing, searching, saving …");
    let ids = &installed.ids;
    let sample = Sample::of(OPENED, |number| {
        let path = format!("/api/v1/people/{}", ids[number % ids.len()]);
        client.get(&path, 200).map(drop)
    })?;
    report.times("open a record", sample, Mark::AtMost(10.0));
    Ok(())
}

/// Walks through the pages, and begins anew behind the last one.
fn lists(client: &mut Client, report: &mut Report) -> Result<()> {
    for (what, sort) in [
        ("list of 50, by stage, last changed first", "-changed"),
        ("list of 50, by stage, by name", "name"),
    ] {
        let first = format!("/api/v1/people?limit=50&is=stage:Lead&sort={sort}");
        let mut next = String::new();
        let sample = Sample::of(LISTED, |_| {
            let answer = client.get(&format!("{first}{next}"), 200)?;
            next = after(&answer.body);
            Ok(())
        })?;
        report.times(what, sample, Mark::AtMost(20.0));
    }
    Ok(())
}

/// The end of `{"data":[…],"next":"<id>"}`, without reading all of it: the client is not what is measured.
fn after(body: &[u8]) -> String {
    let tail = String::from_utf8_lossy(&body[body.len().saturating_sub(60)..]).into_owned();
    let id = tail
        .rsplit_once("\"next\":\"")
        .and_then(|(_, rest)| rest.split('"').next());
    id.map_or_else(String::new, |id| format!("&after={id}"))
}

fn searches(client: &mut Client, report: &mut Report) -> Result<()> {
    let sample = Sample::of(SEARCHED, |number| {
        let body = format!(r#"{{"text":"{}","limit":20}}"#, TYPED[number % TYPED.len()]);
        client
            .post("/api/v1/people/find", body.as_bytes(), 200)
            .map(drop)
    })?;
    report.times("search from two letters", sample, Mark::AtMost(30.0));
    Ok(())
}

fn saves(client: &mut Client, installed: &Installed, report: &mut Report) -> Result<()> {
    let mut sample = Sample::default();
    for (number, id) in installed.ids.iter().rev().take(SAVED).enumerate() {
        let path = format!("/api/v1/people/{id}");
        let etag = client.get(&path, 200)?.etag;
        let body = format!(
            r#"{{"job_title":"Head of Benchmark {}","stage":"Qualified"}}"#,
            fresh_number() + number
        );
        let begun = Instant::now();
        client.patch(&path, &etag, body.as_bytes())?;
        sample.add(begun.elapsed());
    }
    report.times("save a record", sample, Mark::AtMost(15.0));
    Ok(())
}

fn creates(address: SocketAddr, token: &str, report: &mut Report) -> Result<()> {
    say::note("creating with 64 clients …");
    let bodies = bodies(CLIENTS * CREATED_BY_EACH)?;
    let begun = Instant::now();
    let sample = std::thread::scope(|scope| -> Result<Sample> {
        let clients: Vec<_> = bodies
            .chunks(CREATED_BY_EACH)
            .map(|own| scope.spawn(|| create_each(address, token, own)))
            .collect();
        let mut all = Sample::default();
        for client in clients {
            let Ok(sample) = client.join() else {
                bail!("a client of the benchmark ended early")
            };
            all.join(sample?);
        }
        Ok(all)
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a few thousand fit a float")]
    let rate = sample.count() as f64 / begun.elapsed().as_secs_f64();
    report
        .figure(
            "create, 64 clients at once",
            rate,
            "people/s",
            Mark::AtLeast(2_500.0),
        )
        .behind(sample)
        .note("clients on the same cores");
    Ok(())
}

fn create_each(address: SocketAddr, token: &str, bodies: &[Vec<u8>]) -> Result<Sample> {
    let mut client = Client::connect(address, token)?;
    Sample::of(bodies.len(), |number| {
        client
            .post("/api/v1/people", &bodies[number], 201)
            .map(drop)
    })
}

/// Made-up people as the API takes them.
fn bodies(count: usize) -> Result<Vec<Vec<u8>>> {
    let policy = access::Policy::built_in();
    let schema = records::Schema::load(capabilities::SCHEMAS, &policy)?;
    let kind = schema.kind("person").context("people are a kind")?;
    let made_up = MadeUp::new(u64::try_from(fresh_number())?);
    let first = fresh_number();
    (first..first + count)
        .map(|number| body(kind, &made_up.person(kind, number, None)))
        .collect()
}

fn body(kind: &Kind, draft: &Draft) -> Result<Vec<u8>> {
    let named = draft.values.iter().filter_map(|(column, value)| {
        Some((kind.field_at(*column)?.name.clone(), value.to_json()))
    });
    Ok(serde_json::to_vec(&Value::Object(named.collect()))?)
}
