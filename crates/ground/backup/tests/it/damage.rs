//! A backup that is not what was written is refused, and the place to restore into is left alone.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use backup::testing::{operator, root_key};
use backup::{Error, FileKind};
use store::Location;

use crate::places::{Place, all_contents, bring_back, directory};

/// Every file under a directory with its bytes.
fn tree(dir: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    let Ok(entries) = fs::read_dir(dir) else {
        return out;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(tree(&path));
        } else {
            out.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    out.sort();
    out
}

#[test]
fn every_flipped_byte_and_every_cut_is_found() {
    let place = Place::new(directory);
    let (records, backups) = place.with_people(120);
    backups.write(&operator(&records), &place.file()).unwrap();
    let providers = [Arc::clone(&place.provider)];
    for (path, kind) in [
        (place.file(), FileKind::Data),
        (place.keys(), FileKind::Keys),
    ] {
        let sound = fs::read(&path).unwrap();
        backup::check(&path, kind, &providers).unwrap();
        let bad = place.dir.path().join("bad");
        for at in (0..sound.len()).step_by(97) {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x20;
            fs::write(&bad, &bytes).unwrap();
            let outcome = backup::check(&bad, kind, &providers);
            assert!(outcome.is_err(), "byte {at} of {}", sound.len());
        }
        for length in (0..sound.len()).step_by(997).chain([sound.len() - 1]) {
            fs::write(&bad, &sound[..length]).unwrap();
            assert!(
                backup::check(&bad, kind, &providers).is_err(),
                "cut at {length}"
            );
        }
        fs::write(&bad, [sound.as_slice(), b"x"].concat()).unwrap();
        assert!(backup::check(&bad, kind, &providers).is_err());
    }
}

#[test]
fn a_refused_restore_touches_nothing() {
    let place = Place::new(directory);
    let (records, backups) = place.with_people(20);
    backups.write(&operator(&records), &place.file()).unwrap();
    let contents = all_contents(&records);
    drop((records, backups));
    let Location::Directory(data) = &place.location else {
        panic!("a directory")
    };
    let before = tree(data);
    let refused = |what: &str, spoil: &dyn Fn(), is: &dyn Fn(&Error) -> bool| {
        let (file, keys) = (
            fs::read(place.file()).unwrap(),
            fs::read(place.keys()).unwrap(),
        );
        spoil();
        let error = bring_back(&place, &place.location, &contents).unwrap_err();
        assert!(is(&error), "{what}: {error}");
        assert_eq!(tree(data), before, "{what}");
        fs::write(place.file(), file).unwrap();
        fs::write(place.keys(), keys).unwrap();
    };
    let damaged = |error: &Error| matches!(error, Error::Damaged);
    refused(
        "cut data",
        &|| {
            let bytes = fs::read(place.file()).unwrap();
            fs::write(place.file(), &bytes[..bytes.len() / 2]).unwrap();
        },
        &damaged,
    );
    refused(
        "a flip in the keys",
        &|| {
            let mut bytes = fs::read(place.keys()).unwrap();
            let at = bytes.len() - 40;
            bytes[at] ^= 1;
            fs::write(place.keys(), &bytes).unwrap();
        },
        &damaged,
    );
    refused(
        "keys in the place of data",
        &|| assert!(fs::copy(place.keys(), place.file()).unwrap() > 0),
        &|error| matches!(error, Error::NotABackup(_)),
    );
    refused(
        "another file",
        &|| fs::write(place.file(), "hello").unwrap(),
        &|error| matches!(error, Error::NotABackup(_)),
    );
}

#[test]
fn a_foreign_key_file_root_or_target_is_named() {
    let (place, other) = (Place::new(directory), Place::new(directory));
    let (records, backups) = place.with_people(2);
    backups.write(&operator(&records), &place.file()).unwrap();
    let contents = all_contents(&records);
    drop((records, backups));
    let (strange, strange_backups) = other.with_people(2);
    drop(strange_backups);
    drop(strange);
    let elsewhere = Location::Directory(place.dir.path().join("elsewhere"));

    let another = Place {
        dir: tempfile::tempdir().unwrap(),
        location: elsewhere.clone(),
        provider: root_key(place.dir.path()),
    };
    for name in ["b.privet", "b.privet.keys"] {
        fs::copy(place.dir.path().join(name), another.dir.path().join(name)).unwrap();
    }
    let error = bring_back(&another, &elsewhere, &contents).unwrap_err();
    let asked = place.provider.key_id().to_owned();
    assert!(error.to_string().contains(&asked), "{error}");

    // The other installation has another root key: it is asked for, and nothing is replaced.
    let error = bring_back(&place, &other.location, &contents).unwrap_err();
    assert!(matches!(error, Error::WrongRoot { .. }), "{error}");

    fs::remove_file(place.keys()).unwrap();
    let error = bring_back(&place, &elsewhere, &contents).unwrap_err();
    assert!(matches!(error, Error::KeysMissing), "{error}");
    assert!(error.to_string().contains("FILE.keys"));
    assert!(!place.dir.path().join("elsewhere/data.db").exists());
    // Where the key store still is, the data alone is enough.
    bring_back(&place, &place.location, &contents).unwrap();
}

#[test]
fn an_older_key_file_is_refused() {
    let place = Place::new(directory);
    let (records, backups) = place.with_people(2);
    let first = place.dir.path().join("first");
    backups.write(&operator(&records), &first).unwrap();
    backups.write(&operator(&records), &place.file()).unwrap();
    let contents = all_contents(&records);
    let old = fs::read(place.dir.path().join("first.keys")).unwrap();
    fs::write(place.keys(), old).unwrap();
    let elsewhere = Location::Directory(place.dir.path().join("elsewhere"));
    let error = bring_back(&place, &elsewhere, &contents).unwrap_err();
    assert!(matches!(error, Error::KeysTooOld), "{error}");
}

#[test]
fn a_table_nobody_answers_for_is_no_silent_gap() {
    let place = Place::new(directory);
    let (records, backups) = place.with_people(1);
    records
        .acts()
        .db()
        .write(|tx| tx.execute("CREATE TABLE stray (ws BIGINT NOT NULL)", &[]))
        .unwrap();
    let error = backups
        .write(&operator(&records), &place.file())
        .unwrap_err();
    assert!(
        matches!(error, Error::Undeclared(ref table) if table == "stray"),
        "{error}"
    );
    assert!(!place.file().exists() && !place.keys().exists());
}
