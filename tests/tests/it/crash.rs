//! kill -9 at a random instant under 64 writers: what was acknowledged is there, whole, and only once.
//!
//! `PRIVET_CRASH_CYCLES` sets how often (200); `PRIVET_CRASH_SEED` repeats a run's instants.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use journeys::{DEADLINE, Privet, Server, id_of};

/// Clients that write at the same time.
const WRITERS: usize = 64;
/// Servers that are killed side by side.
const LANES: u64 = 2;
/// After so many cycles a lane starts over with an empty installation, so that cycles stay short.
const FRESH_EVERY: u64 = 25;

static NEXT: AtomicU64 = AtomicU64::new(0);

#[test]
fn nothing_acknowledged_is_lost_when_the_server_is_killed() {
    let number = |name: &str| {
        std::env::var(name)
            .ok()
            .map(|text| text.parse::<u64>().expect("a number"))
    };
    let cycles = number("PRIVET_CRASH_CYCLES").unwrap_or(200);
    let seed = number("PRIVET_CRASH_SEED").unwrap_or_else(|| RandomState::new().hash_one(0));
    println!("PRIVET_CRASH_SEED={seed}");
    let acknowledged: u64 = thread::scope(|scope| {
        let lane = |lane: u64| {
            scope.spawn(move || run_lane(cycles.div_ceil(LANES), seed.wrapping_add(lane)))
        };
        let lanes: Vec<_> = (0..LANES).map(lane).collect();
        lanes
            .into_iter()
            .map(|lane| lane.join().expect("the lane ends well"))
            .sum()
    });
    println!("{cycles} cycles, {acknowledged} acknowledged, none lost");
    assert!(
        acknowledged > cycles,
        "the writers wrote: {acknowledged} in {cycles} cycles"
    );
}

/// Kills one server after the other; gives how many contacts were acknowledged.
fn run_lane(cycles: u64, seed: u64) -> u64 {
    let mut state = seed;
    let mut total = 0;
    let mut done = 0;
    while done < cycles {
        let privet = Privet::new();
        let token = privet.token();
        let mut kept = BTreeMap::new();
        let mut server = privet.serve();
        for _ in 0..FRESH_EVERY.min(cycles - done) {
            let instant = splitmix(&mut state) % 300;
            let written = kill_under_writers(server, &token, instant);
            server = privet.serve();
            is_all_there(&server, &token, &written);
            kept.extend(written.acknowledged);
            done += 1;
        }
        assert!(
            server.stop().success(),
            "it stops when asked, after all that"
        );
        privet.verifies();
        let server = privet.serve();
        let mut api = server.api(&token);
        for (id, family) in &kept {
            is_kept(&mut api, id, family);
        }
        total += kept.len() as u64;
    }
    total
}

/// What the writers were told before the server died.
#[derive(Default)]
struct Written {
    /// Family names by id.
    acknowledged: BTreeMap<String, String>,
    /// Sent, but not answered: they may be there or not.
    unknown: Vec<String>,
}

enum Told {
    Acknowledged { id: String, family: String },
    Nothing { family: String },
    Refused(String),
}

fn kill_under_writers(server: Server, token: &str, after: u64) -> Written {
    let (sender, told) = mpsc::channel();
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (api, sender) = (server.api(token), sender.clone());
            thread::spawn(move || write_until_dead(api, &sender))
        })
        .collect();
    drop(sender);
    let mut written = Written::default();
    let mut server = Some(server);
    let mut count = 0;
    loop {
        if count >= after
            && let Some(server) = server.take()
        {
            server.kill();
        }
        match told.recv_timeout(DEADLINE) {
            Ok(Told::Acknowledged { id, family }) => {
                count += 1;
                let before = written.acknowledged.insert(id, family);
                assert_eq!(before, None, "two contacts were given the same id");
            }
            Ok(Told::Nothing { family }) => written.unknown.push(family),
            Ok(Told::Refused(why)) => panic!("a good contact was refused: {why}"),
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                panic!("the writers hang after {count} contacts")
            }
        }
    }
    for writer in writers {
        writer.join().expect("the writer ends well");
    }
    written
}

fn write_until_dead(mut api: journeys::Api, sender: &Sender<Told>) {
    loop {
        let family = name(NEXT.fetch_add(1, Ordering::Relaxed));
        let reply = api.create("Writer", &family, &mail(&family), &family);
        let (told, last) = match reply {
            Ok(reply) if reply.status == 201 => {
                let id = id_of(&reply.json()).to_owned();
                (Told::Acknowledged { id, family }, false)
            }
            Ok(reply) => (
                Told::Refused(format!("{} {}", reply.status, reply.text())),
                true,
            ),
            Err(_) => (Told::Nothing { family }, true),
        };
        if sender.send(told).is_err() || last {
            return;
        }
    }
}

fn is_all_there(server: &Server, token: &str, written: &Written) {
    let mut api = server.api(token);
    for (id, family) in &written.acknowledged {
        is_kept(&mut api, id, family);
    }
    // An unknown outcome is settled by sending the same again: then there is exactly one.
    for family in written.unknown.iter().take(6) {
        let again = api
            .create("Writer", family, &mail(family), family)
            .expect("an answer");
        assert!(
            matches!(again.status, 200 | 201),
            "{} {}",
            again.status,
            again.text()
        );
        let found = api.find(&mail(family)).expect("an answer");
        assert_eq!(
            found.len(),
            1,
            "sent twice under one key, found {} times",
            found.len()
        );
    }
}

fn is_kept(api: &mut journeys::Api, id: &str, family: &str) {
    let reply = api.read(id).expect("an answer");
    assert_eq!(
        reply.status,
        200,
        "an acknowledged contact is lost: {id} {}",
        reply.text()
    );
    assert!(
        reply.text().contains(family),
        "an acknowledged contact changed: {}",
        reply.text()
    );
}

fn mail(family: &str) -> String {
    format!("{}@crash.example", family.to_lowercase())
}

/// A family name of eight letters, another for each number.
fn name(mut number: u64) -> String {
    let mut letters = String::from("Q");
    for _ in 0..7 {
        let letter = u8::try_from(number % 26).expect("below 26");
        letters.push(char::from(b'a' + letter));
        number /= 26;
    }
    letters
}

/// SplitMix64: the instants are random, and the same again for the same seed.
fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
