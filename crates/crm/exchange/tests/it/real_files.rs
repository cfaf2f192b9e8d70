//! The two real exports, from bytes to drafts.

use std::path::{Path, PathBuf};

use exchange::{
    ColumnTarget, CompanyDraft, Draft, Kind, Mapping, Options, PersonDraft, Source, Why, guess_kind,
};

fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../../shared/data/imports")
        .join(name)
}

fn drafts(name: &str) -> (Mapping, Vec<Draft>) {
    let mut source = Source::open_path(&sample(name), &Options::default()).unwrap();
    let guess = guess_kind(source.headers());
    assert!(guess.percent >= 60, "{guess:?}");
    let mapping = Mapping::guess(source.headers(), guess.kind);
    let rows = source.rows().unwrap();
    let drafts = rows
        .map(|item| mapping.apply(&item.unwrap().unwrap()).unwrap())
        .collect();
    (mapping, drafts)
}

#[test]
fn five_hundred_people() {
    let (mapping, drafts) = drafts("us-500.csv");
    assert_eq!(mapping.kind(), Kind::Person);
    let people: Vec<PersonDraft> = drafts
        .into_iter()
        .map(|draft| match draft {
            Draft::Person(person) => *person,
            Draft::Company(_) => panic!("people"),
        })
        .collect();
    assert_eq!(people.len(), 500);
    for person in &people {
        assert!(
            person.given_name.is_some() && person.family_name.is_some() && person.company.is_some()
        );
        assert_eq!(
            (person.mails.len(), person.phones.len(), person.webs.len()),
            (1, 2, 1),
            "{person:?}"
        );
        assert!(person.mails[0].primary && person.phones[0].primary && !person.phones[1].primary);
        let [address] = &person.addresses[..] else {
            panic!("one address: {person:?}")
        };
        let parts = [
            &address.street,
            &address.city,
            &address.region,
            &address.postal_code,
        ];
        assert!(parts.iter().all(|part| part.is_some()), "{person:?}");
    }
    let first = &people[0];
    assert_eq!(
        (first.line, first.given_name.as_deref()),
        (2, Some("James"))
    );
    assert_eq!(first.company.as_deref(), Some("Benton, John B Jr"));
    assert_eq!(
        first.addresses[0].region.as_deref(),
        Some("LA"),
        "the state wins over the county"
    );
    assert_eq!(first.phones[1].value, "504-845-1427");
    assert_eq!(
        mapping.columns()[5],
        ColumnTarget::DoNotImport { why: Why::Taken }
    );
}

#[test]
fn eighty_five_companies() {
    let (mapping, drafts) = drafts("maven-accounts.csv");
    assert_eq!(mapping.kind(), Kind::Company);
    let companies: Vec<CompanyDraft> = drafts
        .into_iter()
        .map(|draft| match draft {
            Draft::Company(company) => *company,
            Draft::Person(_) => panic!("companies"),
        })
        .collect();
    assert_eq!(companies.len(), 85);
    for company in &companies {
        assert!(
            company.name.is_some() && company.industry.is_some() && company.founded_year.is_some()
        );
        assert!(
            company.revenue.is_some() && company.employees.is_some(),
            "{company:?}"
        );
        assert!(company.addresses[0].country.is_some(), "{company:?}");
    }
    assert_eq!(
        companies[0].industry.as_deref(),
        Some("technolgy"),
        "nothing is corrected"
    );
    assert!(
        companies
            .iter()
            .any(|company| company.parent_company.is_some())
    );
}

#[test]
fn a_table_of_deals_is_told_from_people_and_companies() {
    let source =
        Source::open_path(&sample("maven-sales_pipeline.csv"), &Options::default()).unwrap();
    assert!(guess_kind(source.headers()).looks_like_deals);
    assert_eq!(source.shape().rows, 8_800);
}
