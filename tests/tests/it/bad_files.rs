//! A file that cannot be read whole is refused with the place of the fault, and nothing of it is kept.

use journeys::Privet;

/// One broken file: its content, and what the refusal must say, the place first of all.
struct Broken {
    what: &'static str,
    content: &'static [u8],
    says: &'static [&'static str],
}

const BROKEN: [Broken; 5] = [
    Broken {
        what: "a quote that is never closed",
        content: b"first_name,last_name,email\nWilhelmina,Fernsby,wf@fernsby.example\nOttoline,\"Quarrington,oq@q.example\n",
        says: &["line 3"],
    },
    Broken {
        what: "a zero byte in a cell",
        content: b"first_name,last_name,email\nWilhelmina,Fern\0sby,wf@fernsby.example\n",
        says: &["line 2", "column 2"],
    },
    Broken { what: "an empty file", content: b"", says: &["line 1"] },
    Broken {
        what: "no column that is known",
        content: b"foo,bar\nWilhelmina,Fernsby\n",
        says: &["line 1"],
    },
    Broken {
        what: "a spreadsheet under a wrong name",
        content: b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00Wilhelmina Fernsby",
        says: &["workbook"],
    },
];

#[test]
fn a_broken_file_is_refused_with_the_place_and_nothing_of_it_is_kept() {
    let privet = Privet::new();
    for Broken {
        what,
        content,
        says,
    } in BROKEN
    {
        let file = privet.file("broken.csv", content);
        let outcome = privet.run("import", &[&file]);
        let said = outcome.stderr.clone();
        assert!(
            outcome.code != Some(0),
            "{what} was accepted: {}",
            outcome.stdout
        );
        outcome.refused(says);
        for name in ["Wilhelmina", "Fernsby", "Ottoline", "Quarrington"] {
            assert!(
                !said.contains(name),
                "the refusal of {what} repeats a person's name: {said}"
            );
            assert!(privet.find(name).is_empty(), "{what}: {name} was kept");
        }
    }
    privet.verifies();
}

/// Rows that cannot be taken, each in a file whose other row can.
const ROWS: [Broken; 3] = [
    Broken {
        what: "a row with too many cells",
        content: b"first_name,last_name,email\nWilhelmina,Fernsby,wf@fernsby.example\nOttoline,Quarrington,oq@q.example,x,y\n",
        says: &["line 3", "column 4"],
    },
    Broken {
        what: "a row with too few cells",
        content: b"first_name,last_name,email\nWilhelmina,Fernsby,wf@fernsby.example\nOttoline,Quarrington\n",
        says: &["line 3", "column 3"],
    },
    Broken {
        what: "text behind a closing quote",
        content: b"first_name,last_name,email\nWilhelmina,Fernsby,wf@fernsby.example\n\"Ottoline\"x,Quarrington,oq@q.example\n",
        says: &["line 3", "column 1"],
    },
];

#[test]
fn a_row_that_cannot_be_taken_is_named_and_the_others_come_in() {
    for Broken {
        what,
        content,
        says,
    } in ROWS
    {
        let privet = Privet::new();
        let file = privet.file("broken.csv", content);
        let outcome = privet.run("import", &[&file]);
        assert_eq!(outcome.code, Some(0), "{what}: {}", outcome.stderr);
        for word in says {
            assert!(outcome.stderr.contains(word), "{what}: {}", outcome.stderr);
        }
        assert!(
            !outcome.stderr.contains("Quarrington"),
            "{what}: {}",
            outcome.stderr
        );
        assert_eq!(privet.find("Wilhelmina").len(), 1, "{what}");
        assert!(privet.find("Quarrington").is_empty(), "{what}");
        let errors = std::fs::read_to_string(file.replace("broken.csv", "broken.errors.csv"));
        assert!(
            errors.expect("an error file").contains("Quarrington"),
            "{what}: the row is given back"
        );
        privet.verifies();
    }
}

#[test]
fn a_file_that_is_not_there_is_refused() {
    let privet = Privet::new();
    privet
        .run("import", &["nothing-here.csv"])
        .refused(&["nothing-here.csv"]);
}

#[test]
fn umlauts_semicolons_and_a_byte_order_mark_are_no_fault() {
    let privet = Privet::new();
    let utf8 = "\u{feff}Vorname;Nachname;E-Mail\r\nJürgen;Größmann;jg@groessmann.example\r\n";
    let latin = b"Vorname;Nachname;E-Mail\r\nBj\xf6rn;Str\xf6mqvist;bs@stromqvist.example\r\n";
    for (content, mail, name) in [
        (utf8.as_bytes(), "jg@groessmann.example", "Größmann"),
        (latin.as_slice(), "bs@stromqvist.example", "Strömqvist"),
    ] {
        let file = privet.file("export.csv", content);
        assert_eq!(
            privet.json("import", &[&file])["created"],
            1,
            "{name} is imported"
        );
        let found = privet.find(mail);
        assert!(
            found.iter().any(|record| record.to_string().contains(name)),
            "{name}: {found:?}"
        );
    }
}
