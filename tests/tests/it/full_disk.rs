//! The disk is full: the change is refused, nothing saved before is lost, and with room all goes on.
//!
//! The disk is a small one of its own where this user may mount one; else files are limited in size
//! (`RLIMIT_FSIZE`), which stops writing too but says another word to the program.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use journeys::{Api, DEADLINE, Privet, Server, id_of};
use tempfile::TempDir;

/// What the disk holds.
const DISK_BYTES: u64 = 64 << 20;
/// More contacts than fit into any of the rooms that are left.
const MORE_THAN_FITS: u64 = 20_000;

#[test]
fn a_full_disk_refuses_changes_and_loses_nothing() {
    match Disk::mount() {
        Some(disk) => on_a_full_disk(&disk),
        None => under_a_limit_of_size(),
    }
}

fn on_a_full_disk(disk: &Disk) {
    let privet = Privet::at(&disk.path().join("data"));
    let token = privet.token();
    let server = privet.serve();
    let mut api = server.api(&token);
    let mut kept = Vec::new();
    let mut next = 0;
    for left_kib in [0, 4, 24, 100, 700] {
        let filler = disk.fill_but(left_kib << 10);
        let refused = write_until_refused(&mut api, &mut next, &mut kept);
        assert!(
            matches!(refused, 503 | 507),
            "a full disk is answered by 503 or 507, not {refused} ({left_kib} KiB were left)"
        );
        fs::remove_file(filler).expect("room is made");
        let recovers = Instant::now() + DEADLINE;
        loop {
            next += 1;
            let reply = write(&mut api, next);
            if reply.status == 201 {
                kept.push((id_of(&reply.json()).to_owned(), family(next)));
                break;
            }
            assert!(
                Instant::now() < recovers,
                "with room again it still refuses: {}",
                reply.text()
            );
        }
    }
    everything_is_there(&server, &token, &kept);
    assert!(server.stop().success());
    privet.verifies();
}

fn under_a_limit_of_size() {
    let privet = Privet::new();
    let token = privet.token();
    let largest = journeys::files_under(privet.data())
        .into_iter()
        .filter_map(|path| fs::metadata(path).ok());
    let limit = largest.map(|file| file.len()).max().unwrap_or_default() + (256 << 10);
    let plain = privet.command("serve");
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; exec prlimit --fsize=\"$0\" \"$@\""])
        .arg(limit.to_string())
        .arg(plain.get_program())
        .args(plain.get_args())
        .args(["--listen", "127.0.0.1:0"])
        .stdin(Stdio::null());
    let server = Server::start(limited);
    let mut kept = Vec::new();
    let refused = write_until_refused(&mut server.api(&token), &mut 0, &mut kept);
    assert!(
        matches!(refused, 503 | 507),
        "a full disk is answered by 503 or 507, not {refused}"
    );
    drop(server);
    let server = privet.serve();
    everything_is_there(&server, &token, &kept);
    assert_eq!(
        write(&mut server.api(&token), MORE_THAN_FITS + 1).status,
        201,
        "with room it goes on"
    );
    assert!(server.stop().success());
    privet.verifies();
}

/// Writes contacts until one is refused; gives the status of the refusal.
fn write_until_refused(api: &mut Api, next: &mut u64, kept: &mut Vec<(String, String)>) -> u16 {
    for _ in 0..MORE_THAN_FITS {
        *next += 1;
        let reply = write(api, *next);
        if reply.status != 201 {
            assert!(
                !reply.text().contains("Quarrington"),
                "the refusal repeats what was sent"
            );
            return reply.status;
        }
        kept.push((id_of(&reply.json()).to_owned(), family(*next)));
    }
    panic!("{MORE_THAN_FITS} contacts fitted on a full disk");
}

fn write(api: &mut Api, number: u64) -> journeys::Reply {
    let family = family(number);
    let mail = format!("{}@full.example", family.to_lowercase());
    api.create("Ottoline", &family, &mail, &family)
        .expect("the server answers although the disk is full")
}

fn family(number: u64) -> String {
    format!("Quarrington{number}")
}

fn everything_is_there(server: &Server, token: &str, kept: &[(String, String)]) {
    let mut api = server.api(token);
    for (id, family) in kept {
        let reply = api.read(id).expect("an answer");
        assert_eq!(
            reply.status,
            200,
            "an acknowledged contact is lost: {}",
            reply.text()
        );
        assert!(
            reply.text().contains(family.as_str()),
            "it changed: {}",
            reply.text()
        );
    }
}

/// A small disk in memory, unmounted when dropped.
struct Disk {
    place: TempDir,
}

impl Disk {
    /// Nothing when this user may not mount.
    fn mount() -> Option<Self> {
        let place = tempfile::Builder::new()
            .prefix("privet-disk-")
            .tempdir()
            .expect("a place for the disk");
        let size = format!("size={DISK_BYTES},mode=0755");
        let args = ["mount", "-t", "tmpfs", "-o", &size, "privet-journey"];
        for prefix in [&[][..], &["sudo", "-n"][..]] {
            let words: Vec<&str> = prefix.iter().chain(&args).copied().collect();
            let mut command = Command::new(words[0]);
            command
                .args(&words[1..])
                .arg(place.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null());
            if command.status().is_ok_and(|status| status.success()) {
                return Some(Self { place });
            }
        }
        None
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    /// Fills the disk up and gives so many bytes back; the filler's path.
    fn fill_but(&self, left: u64) -> std::path::PathBuf {
        let path = self.path().join("filler");
        let mut filler = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .expect("a filler");
        let block = vec![0x5a; 1 << 16];
        let mut step = block.len();
        while step > 0 {
            match filler.write(&block[..step]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => step /= 2,
                Err(error) => panic!("the disk cannot be filled: {error}"),
            }
        }
        let size = filler.metadata().expect("its size").len();
        filler
            .set_len(size.saturating_sub(left))
            .expect("some room is left");
        path
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        for words in [&["umount", "-l"][..], &["sudo", "-n", "umount", "-l"][..]] {
            let mut command = Command::new(words[0]);
            command
                .args(&words[1..])
                .arg(self.path())
                .stderr(Stdio::null());
            if command.status().is_ok_and(|status| status.success()) {
                return;
            }
        }
    }
}
