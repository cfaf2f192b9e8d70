//! People, companies and notes that do not exist, for the demonstration and the benchmark.
//!
//! Mail addresses end in `.example` (RFC 2606); phone numbers are from ranges kept for fiction
//! (North America 555-01xx; Ofcom 020 7946 0xxx; Bundesnetzagentur 030 23125 xxx; ARCEP 01 99 00 xx xx).

use std::collections::BTreeMap;

use base::{RecordId, SeededRng};
use records::{Address, Draft, Kind, Labelled, LinkKind, Value};

const GIVEN: &[&str] = &[
    "Amara",
    "Anton",
    "Beatriz",
    "Benoît",
    "Camille",
    "Chidi",
    "Clara",
    "Dariusz",
    "Elena",
    "Emre",
    "Fatima",
    "Felix",
    "Giulia",
    "Greta",
    "Hana",
    "Henrik",
    "Ines",
    "Ivo",
    "Jamal",
    "Jana",
    "Joaquín",
    "Jonas",
    "Kaito",
    "Katarzyna",
    "Lars",
    "Leila",
    "Lena",
    "Luca",
    "Maëlle",
    "Magnus",
    "Mateo",
    "Mei",
    "Mira",
    "Nadia",
    "Niklas",
    "Noor",
    "Olga",
    "Oskar",
    "Paula",
    "Pieter",
    "Priya",
    "Rafael",
    "Renata",
    "Samir",
    "Sanne",
    "Sofia",
    "Stefan",
    "Tariq",
    "Thea",
    "Tomás",
    "Uwe",
    "Valentina",
    "Viktor",
    "Wanda",
    "Xavier",
    "Yara",
    "Yusuf",
    "Zofia",
    "Zoë",
    "Łukasz",
];
const FAMILY: &[&str] = &[
    "Abara",
    "Almeida",
    "Andersen",
    "Baptiste",
    "Bauer",
    "Bellini",
    "Berg",
    "Castillo",
    "Çelik",
    "Chen",
    "Costa",
    "Dahl",
    "Delacroix",
    "Diaz",
    "Dubois",
    "Eriksen",
    "Esposito",
    "Farouk",
    "Fischer",
    "Fontaine",
    "García",
    "Graf",
    "Haddad",
    "Hansen",
    "Hoffmann",
    "Ibrahim",
    "Ito",
    "Jansen",
    "Kaya",
    "Keller",
    "Kim",
    "Kowalczyk",
    "Laurent",
    "Lindqvist",
    "Lopes",
    "Marchetti",
    "Meyer",
    "Moreau",
    "Müller",
    "Nakamura",
    "Novák",
    "Okafor",
    "Olsen",
    "Park",
    "Pereira",
    "Petrov",
    "Quispe",
    "Rahman",
    "Ricci",
    "Rossi",
    "Sato",
    "Schäfer",
    "Silva",
    "Sørensen",
    "Tanaka",
    "Teixeira",
    "Ümit",
    "Vasquez",
    "Vermeulen",
    "Wagner",
    "Weiss",
    "Yilmaz",
    "Zhang",
    "Żak",
];
const TITLES: &[&str] = &[
    "Head of Operations",
    "Procurement Lead",
    "Managing Director",
    "Office Manager",
    "IT Director",
    "Sales Manager",
    "Founder",
    "Finance Lead",
    "Marketing Manager",
    "Head of Research",
    "Plant Manager",
    "Legal Counsel",
    "Engineer",
    "Customer Success Lead",
    "Workshop Manager",
    "Data Protection Officer",
];
const FIRST_WORDS: &[&str] = &[
    "Alder",
    "Amber",
    "Birch",
    "Blue Ridge",
    "Cedar",
    "Cobalt",
    "Copper",
    "Delta",
    "Ember",
    "Fjord",
    "Granite",
    "Harbour",
    "Hazel",
    "Indigo",
    "Juniper",
    "Kestrel",
    "Larch",
    "Linden",
    "Maple",
    "Meridian",
    "Moss",
    "North Star",
    "Oak",
    "Orchard",
    "Pine",
    "Quarry",
    "Raven",
    "River",
    "Rowan",
    "Saffron",
    "Slate",
    "Sorrel",
    "Summit",
    "Thistle",
    "Tidal",
    "Umber",
    "Vale",
    "Willow",
    "Yarrow",
    "Zephyr",
];
const LAST_WORDS: &[&str] = &[
    "Works",
    "Logistics",
    "Foods",
    "Systems",
    "Partners",
    "Textiles",
    "Energy",
    "Press",
    "Optics",
    "Design",
];
const INDUSTRIES: &[&str] = &[
    "Manufacturing",
    "Logistics",
    "Food",
    "Software",
    "Consulting",
    "Textiles",
    "Energy",
    "Publishing",
    "Optics",
    "Design",
];
const STREETS: &[&str] = &[
    "Mill Lane",
    "Station Road",
    "High Street",
    "Gartenweg",
    "Hauptstraße",
    "Rue des Tilleuls",
    "Canal Street",
    "Elm Avenue",
];
/// City, region, postal code, country.
const CITIES: &[(&str, &str, &str, &str)] = &[
    ("Berlin", "", "10115", "DE"),
    ("Hamburg", "", "20095", "DE"),
    ("Lyon", "", "69002", "FR"),
    ("Nantes", "", "44000", "FR"),
    ("London", "", "EC1A 1BB", "GB"),
    ("Leeds", "", "LS1 4AP", "GB"),
    ("Portland", "OR", "97201", "US"),
    ("Brighton", "MI", "48116", "US"),
    ("Austin", "TX", "78701", "US"),
    ("Vienna", "", "1010", "AT"),
];
const NOTES: &[&str] = &[
    "Wants a quote for 40 seats before the board meets on Thursday.",
    "Asked how long we keep their data; sent the notice and the retention table.",
    "Met at the spring event. Interested, budget decided in the second quarter.",
    "Prefers mail to calls. Back from leave on Monday.",
    "The pilot went well; three departments want to follow.",
    "Needs the security questionnaire answered before signing.",
    "Moved to the other team; the successor is being introduced next week.",
    "Renewal agreed in principle, waiting for the purchase order.",
    "Would like the export as XLSX as well as CSV.",
    "Asked to be called only in the morning.",
];
const STAGES: &[&str] = &[
    "Lead",
    "Lead",
    "Qualified",
    "Proposal",
    "Negotiation",
    "Customer",
    "Customer",
];
const SOURCES: &[&str] = &["Website", "Referral", "Event", "Outreach"];

/// The same people for the same seed.
pub struct MadeUp(SeededRng);

impl MadeUp {
    pub const fn new(seed: u64) -> Self {
        Self(SeededRng::new(seed))
    }

    fn one_of<'a, T>(&self, all: &'a [T]) -> &'a T {
        &all[self.0.below(all.len())]
    }

    /// A company; `number` keeps names apart.
    pub fn company(&self, kind: &Kind, number: usize) -> Draft {
        let (first, last) = (
            FIRST_WORDS[number % FIRST_WORDS.len()],
            LAST_WORDS[number / FIRST_WORDS.len() % LAST_WORDS.len()],
        );
        let round = number / (FIRST_WORDS.len() * LAST_WORDS.len());
        let name = if round == 0 {
            format!("{first} {last}")
        } else {
            format!("{first} {last} {}", round + 1)
        };
        let (city, phone) = self.place(number);
        let mut draft = Draft::default();
        let domain = format!("{}.example", slug(&name));
        put(
            &mut draft,
            kind,
            "industry",
            Value::Text(INDUSTRIES[number / FIRST_WORDS.len() % INDUSTRIES.len()].into()),
        );
        put(
            &mut draft,
            kind,
            "web",
            Value::Text(format!("https://{domain}")),
        );
        put(
            &mut draft,
            kind,
            "mails",
            several(&format!("hello@{domain}"), "office"),
        );
        put(&mut draft, kind, "phones", several(&phone, "office"));
        put(&mut draft, kind, "addresses", Value::Addresses(vec![city]));
        #[expect(clippy::cast_precision_loss, reason = "a number of employees is small")]
        put(
            &mut draft,
            kind,
            "employees",
            Value::Number((10 + self.0.below(900)) as f64),
        );
        put(
            &mut draft,
            kind,
            "tier",
            Value::Text((*self.one_of(&["Prospect", "Customer", "Partner"])).into()),
        );
        put(&mut draft, kind, "name", Value::Text(name));
        draft
    }

    /// A person; `number` keeps mail addresses apart.
    pub fn person(
        &self,
        kind: &Kind,
        number: usize,
        company: Option<(LinkKind, RecordId)>,
    ) -> Draft {
        let (given, family) = (*self.one_of(GIVEN), *self.one_of(FAMILY));
        let (address, phone) = self.place(number);
        let mut draft = Draft {
            links: company.into_iter().collect(),
            ..Draft::default()
        };
        let mail = format!(
            "{}.{}{number}@{}.example",
            slug(given),
            slug(family),
            slug(self.one_of::<&str>(FIRST_WORDS))
        );
        put(&mut draft, kind, "given_name", Value::Text(given.into()));
        put(&mut draft, kind, "family_name", Value::Text(family.into()));
        put(
            &mut draft,
            kind,
            "job_title",
            Value::Text((*self.one_of(TITLES)).into()),
        );
        put(&mut draft, kind, "mails", several(&mail, "work"));
        put(
            &mut draft,
            kind,
            "phones",
            several(
                &phone,
                if self.0.below(2) == 0 {
                    "mobile"
                } else {
                    "work"
                },
            ),
        );
        put(
            &mut draft,
            kind,
            "addresses",
            Value::Addresses(vec![address]),
        );
        put(
            &mut draft,
            kind,
            "stage",
            Value::Text((*self.one_of(STAGES)).into()),
        );
        put(
            &mut draft,
            kind,
            "source",
            Value::Text((*self.one_of(SOURCES)).into()),
        );
        draft
    }

    /// A note about somebody.
    pub fn note(&self, kind: &Kind, about: LinkKind, person: RecordId) -> Draft {
        let mut draft = Draft {
            links: vec![(about, person)],
            values: BTreeMap::new(),
            owner: None,
        };
        put(
            &mut draft,
            kind,
            "body",
            Value::Text((*self.one_of(NOTES)).into()),
        );
        draft
    }

    /// Whether the next thing happens, `percent` times in a hundred.
    pub fn chance(&self, percent: usize) -> bool {
        self.0.below(100) < percent
    }

    /// A number below `bound`.
    pub fn below(&self, bound: usize) -> usize {
        self.0.below(bound)
    }

    fn place(&self, number: usize) -> (Address, String) {
        let (city, region, code, country) = *self.one_of(CITIES);
        let address = Address {
            label: "work".into(),
            street: match country {
                "DE" | "AT" | "FR" => {
                    format!("{} {}", self.one_of::<&str>(STREETS), 1 + self.0.below(120))
                }
                _ => format!("{} {}", 1 + self.0.below(120), self.one_of::<&str>(STREETS)),
            },
            city: city.into(),
            region: region.into(),
            postal_code: code.into(),
            country: country.into(),
        };
        let phone = match country {
            "DE" | "AT" => format!("+493023125{:03}", number % 1000),
            "FR" => format!("+3319900{:04}", number % 10_000),
            "GB" => format!("+442079460{:03}", number % 1000),
            _ => format!("+1212555{:04}", 100 + number % 100),
        };
        (address, phone)
    }
}

fn put(draft: &mut Draft, kind: &Kind, field: &str, value: Value) {
    if let Some(field) = kind.field(field) {
        draft.values.insert(field.number, value);
    }
}

fn several(value: &str, label: &str) -> Value {
    Value::Several(vec![Labelled {
        value: value.into(),
        label: label.into(),
        typed: String::new(),
    }])
}

fn slug(text: &str) -> String {
    records::normalise::whole(text).replace(' ', "-")
}
