//! `privet backup` and `privet restore`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use backup::{KeysFrom, Restore};
use store::Db;
use vault::KeyProvider;

use crate::cli::Place;
use crate::installation::Installation;
use crate::{capabilities, say};

pub fn write(place: &Place, file: &Path) -> Result<ExitCode> {
    let house = Installation::open(place)?;
    house.settle()?;
    let who = house.operator("security");
    let written = capabilities::backups(&house).write(&who, file)?;
    say::line(format!(
        "{} rows and {} leaves: {}",
        written.rows,
        written.log_size,
        written.file.display()
    ));
    say::line(format!("the keys, apart: {}", written.keys.display()));
    say::line(format!(
        "Keep the two apart, and delete the key file by {}: after that nobody can bring back whoever is erased until then.",
        written.delete_keys_by
    ));
    Ok(ExitCode::SUCCESS)
}

pub fn restore(place: &Place, file: &Path) -> Result<ExitCode> {
    let provider = place.provider()?;
    let location = place.location();
    let contents = capabilities::contents();
    let migrations = capabilities::migrations();
    let request = Restore {
        file,
        keys: None,
        target: &location,
        providers: &[provider],
        migrations: &migrations,
        contents: &contents,
    };
    let mut back = (0, 0);
    let restored = backup::restore(
        &request,
        |db: &Db, _, provider: Arc<dyn KeyProvider>| -> Result<()> {
            let house = Installation::over(db.clone(), provider)?;
            let ready =
                capabilities::erasure(&house).after_restore(&house.system("privacy_requests"))?;
            house.take_tallies()?;
            back = (ready.reapplied.subjects, ready.records);
            Ok(())
        },
    )?;
    say::line(format!(
        "restored the state of {}: {} rows, {} leaves, {} records",
        restored.made, restored.rows, restored.log_size, back.1
    ));
    match restored.keys_from {
        KeysFrom::Target => {
            say::line("the keys that were here already are the later ones and were kept");
        }
        KeysFrom::File => say::line("the keys came from the key file of the backup"),
    }
    if back.0 > 0 {
        say::line(format!(
            "{} who were erased since the backup were erased again",
            back.0
        ));
    }
    Ok(ExitCode::SUCCESS)
}
