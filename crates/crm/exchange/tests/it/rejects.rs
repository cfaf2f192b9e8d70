//! The error file: complete, harmless in a spreadsheet, and importable again.

use exchange::{Delimiter, Kind, Mapping, RejectWriter};

use crate::{open, owned, read};

const TABLE: &str = "First Name;Email;Phone;Note\n\
    Ann;not a mail;+49 30 1;\"=HYPERLINK(\"\"x\"\")\"\n\
    Bob;bob@example.org;+49 30 123456;-1\n\
    Cid;cid@example.org\n\
    Dan;dan@example.org;+49 30 22222;a;b\n";

fn error_file(table: &str) -> String {
    let mut source = open(table).unwrap();
    let headers = source.headers().to_vec();
    let mapping = Mapping::guess(&headers, Kind::Person);
    let mut writer = RejectWriter::new(Vec::new(), &headers, source.form().delimiter).unwrap();
    for item in source.rows().unwrap() {
        if let Err(reject) = item.unwrap().and_then(|row| mapping.apply(&row)) {
            writer.write(&reject).unwrap();
        }
    }
    String::from_utf8(writer.finish().unwrap()).unwrap()
}

#[test]
fn every_rejected_row_comes_back_with_line_column_and_reason() {
    let file = error_file(TABLE);
    let text = file
        .strip_prefix('\u{feff}')
        .expect("a mark, so that spreadsheets read UTF-8");
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        lines[0],
        "First Name;Email;Phone;Note;privet_line;privet_column;privet_reason"
    );
    assert_eq!(
        lines[1],
        "Ann;not a mail;'+49 30 1;\"'=HYPERLINK(\"\"x\"\")\";2;Email;the cell is not a mail address such as name@example.org"
    );
    assert!(
        lines[2].starts_with("Cid;cid@example.org;;;4;;\"the row has 2 cells")
            || lines[2].starts_with("Cid;cid@example.org;;;4;;the row has 2 cells"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].starts_with("Dan;dan@example.org;'+49 30 22222;\"a;b\";5;;"),
        "{}",
        lines[3]
    );
    assert_eq!(lines.len(), 5, "header, three rejects, the end");
}

#[test]
fn a_corrected_error_file_is_imported_like_the_original() {
    let corrected = error_file(TABLE).replace("not a mail", "ann@example.org");
    let (rows, rejects) = read(corrected.clone());
    assert!(rejects.is_empty());
    let headers = open(corrected.clone()).unwrap().headers().to_vec();
    let mapping = Mapping::guess(&headers, Kind::Person);
    let exchange::Draft::Person(ann) = mapping.apply(&rows[0]).unwrap() else {
        panic!()
    };
    assert_eq!(ann.phones[0].value, "+49 30 1");
    assert_eq!(
        ann.note.as_deref(),
        Some("=HYPERLINK(\"x\")"),
        "text stays text, and is never run"
    );

    // Still wrong: the columns of the first error file are replaced, not repeated.
    let again = error_file(&error_file(TABLE));
    assert_eq!(again.matches("privet_line").count(), 1);
}

#[test]
fn the_writer_quotes_for_its_delimiter() {
    let headers = owned("a;b|c");
    let writer = RejectWriter::new(Vec::new(), &headers, Delimiter::Semicolon).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert!(text.starts_with("\u{feff}\"a;b\";c;privet_line"), "{text}");
}
