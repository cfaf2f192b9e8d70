//! How fast rows become drafts. A measurement, so it runs only when asked for:
//! `cargo nextest run --release -p exchange --run-ignored only --no-capture`.

use std::fmt::Write as _;
use std::time::Instant;

use exchange::{Kind, Mapping};

use crate::open;

#[test]
#[ignore = "a measurement: run it in a release build, on a quiet machine"]
fn a_hundred_thousand_rows_a_second() {
    let mut text =
        "first_name,last_name,company_name,address,city,county,state,zip,phone1,phone2,email,web\n"
            .to_owned();
    let rows = 200_000;
    for i in 0..rows {
        writeln!(text, "James{i},Butt,\"Benton, John B Jr\",{i} N Blue Gum St,New Orleans,Orleans,LA,70116,504-621-8927,504-845-1427,jbutt{i}@example.com,http://www.example{i}.com").unwrap();
    }
    let begun = Instant::now();
    let mut source = open(text).unwrap();
    let mapping = Mapping::guess(source.headers(), Kind::Person);
    let drafts = source.rows().unwrap().filter(|item| match item {
        Ok(Ok(row)) => mapping.apply(row).is_ok(),
        _ => false,
    });
    assert_eq!(drafts.count(), rows);
    let rate = rows as f64 / begun.elapsed().as_secs_f64();
    println!("{rate:.0} rows a second, both readings, mapping and checks");
    let wanted = if cfg!(debug_assertions) {
        5_000.0
    } else {
        100_000.0
    };
    assert!(rate >= wanted, "{rate:.0} rows a second");
}
