//! Real files become records, twice without doubling anybody, and nothing of them is on the disk in clear.

use std::path::Path;
use std::sync::Arc;

use access::Context;
use exchange::{ImportOptions, Kind, Mapping, Options, RejectWriter, Report, Source};
use records::testing::{GROUND, house, somebody};
use records::{Query, Records};
use store::testing::on_each_engine;
use store::{Db, Location};

use crate::shared;

const SCHEMAS: &[(&str, &str)] = &[people::SCHEMA, companies::SCHEMA, timeline::SCHEMA];

fn run(records: &Records, who: &Context, path: &Path, kind: Kind, dry_run: bool) -> Report {
    let mut source = Source::open_path(path, &Options::default()).unwrap();
    let mapping = Mapping::guess(source.headers(), kind);
    let delimiter = source.form().delimiter;
    let mut rejects = RejectWriter::new(Vec::new(), source.headers(), delimiter).unwrap();
    let file = path.file_name().unwrap().to_str().unwrap().to_owned();
    let options = ImportOptions {
        file,
        dry_run,
        is_suppressed: Arc::new(|_, _, _| Ok(false)),
    };
    exchange::import(
        records,
        who,
        &mut source,
        &mapping,
        &options,
        &mut rejects,
        &mut |_| true,
    )
    .unwrap()
}

#[test]
fn the_contact_export_comes_in_whole_and_again_without_doubling_anybody() {
    on_each_engine(&GROUND, |db: Db| {
        let records = house(&db, SCHEMAS);
        let who = somebody(&records, "administrator", "record_keeping");
        records.load_names(&who).unwrap();
        let file = shared("us-500.csv");
        let looked = run(&records, &who, &file, Kind::Person, true);
        assert_eq!((looked.created, looked.rejected), (500, 0));
        assert_eq!(
            records.names().count(records.kind("person").id),
            0,
            "a dry run writes nothing"
        );
        let first = run(&records, &who, &file, Kind::Person, false);
        assert_eq!(
            (first.created, first.already_here, first.rejected),
            (500, 0, 0)
        );
        assert_eq!(first.companies_created, looked.companies_created);
        let second = run(&records, &who, &file, Kind::Person, false);
        assert_eq!(
            (
                second.created,
                second.already_here,
                second.companies_created
            ),
            (0, 500, 0)
        );
        let kind = records.kind("person");
        let hits = records
            .acts()
            .read(&who, |act| {
                records.find(act, kind, "josephine_darakjy@darakjy.org", 5, 0)
            })
            .unwrap();
        let record = &hits[0].record;
        assert_eq!(record.name, "Josephine Darakjy");
        assert_eq!(
            record.line(kind, "addresses"),
            "4 B Blue Ridge Blvd, Brighton MI 48116"
        );
        let full = records
            .acts()
            .read(&who, |act| records.open(act, kind, record.id))
            .unwrap()
            .unwrap();
        let json = full.to_json(kind);
        assert_eq!(json["phones"][0]["value"], "+18102929388");
        assert_eq!(json["phones"][1]["value"], "+18103749840");
        assert_eq!(json["web"], "http://www.chanayjeffreyaesq.com");
        let origin = full
            .fields
            .iter()
            .find_map(|shown| shown.origin.clone())
            .unwrap();
        assert_eq!(origin.reference, "us-500.csv line 3");
    });
}

#[test]
fn the_company_export_comes_in_whole_with_its_parents() {
    on_each_engine(&GROUND, |db: Db| {
        let records = house(&db, SCHEMAS);
        let who = somebody(&records, "administrator", "record_keeping");
        records.load_names(&who).unwrap();
        let file = shared("maven-accounts.csv");
        let looked = run(&records, &who, &file, Kind::Company, true);
        assert_eq!((looked.created, looked.companies_created), (85, 0));
        let first = run(&records, &who, &file, Kind::Company, false);
        assert_eq!(
            (first.created, first.companies_created, first.rejected),
            (85, 0, 0)
        );
        let again = run(&records, &who, &file, Kind::Company, false);
        assert_eq!(
            (again.created, again.already_here, again.companies_created),
            (0, 85, 0)
        );
        let query = Query {
            size: base::PageSize::clamped(200),
            ..Query::default()
        };
        let kind = records.kind("company");
        let page = records
            .acts()
            .read(&who, |act| records.list(act, kind, &query))
            .unwrap();
        assert_eq!(page.records.len(), 85);
        let part = page.records.iter().find(|r| r.name == "Codehow").unwrap();
        let link = kind.link("part_of").unwrap();
        let of = records
            .acts()
            .read(&who, |act| -> Result<_, records::Error> {
                let of = records.linked_from(act, part.id, link)?;
                records.open(act, kind, of[0])
            })
            .unwrap();
        assert_eq!(of.unwrap().name, "Acme Corporation");
    });
}

#[test]
fn nothing_of_the_file_is_in_the_data_directory_in_clear() {
    let dir = tempfile::tempdir().unwrap();
    let location = Location::Directory(dir.path().to_owned());
    let db = Db::create(&location, &GROUND.concat()).unwrap();
    let records = house(&db, SCHEMAS);
    let who = somebody(&records, "administrator", "record_keeping");
    records.load_names(&who).unwrap();
    let file = shared("us-500.csv");
    run(&records, &who, &file, Kind::Person, false);
    let mut disk = Vec::new();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        disk.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    let disk = String::from_utf8_lossy(&disk).to_lowercase();
    let mut reader = csv::Reader::from_path(&file).unwrap();
    for row in reader.records() {
        for cell in row.unwrap().iter().filter(|cell| cell.len() >= 6) {
            assert!(
                !disk.contains(&cell.to_lowercase()),
                "a cell of the file is on the disk in clear"
            );
        }
    }
}
