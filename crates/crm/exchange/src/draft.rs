//! What a row says, as plain values, before storage has seen it.
//!
//! Values are trimmed, empty ones absent, nothing re-cased. No `Debug` here shows a value: drafts
//! are the clear text of people's data.

use std::fmt;

/// A value with a label.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Labelled {
    /// The value as written.
    pub value: String,
    /// `work`, `mobile`, or what the other system says.
    pub label: Option<String>,
    /// One at most in each list; the first where the file marks none.
    pub primary: bool,
    /// The other system holds an objection for this very value.
    pub opted_out: bool,
}

/// An address, in parts or as one text.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AddressDraft {
    /// `home`, `billing`, or what the other system says.
    pub label: Option<String>,
    /// Which of several, from 1.
    pub index: u16,
    /// Street and number; may have several lines.
    pub street: Option<String>,
    /// Further street lines, joined by comma and blank.
    pub street2: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State, province, county.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// Country, as written.
    pub country: Option<String>,
    /// The whole address where the file has no parts.
    pub formatted: Option<String>,
}

/// A person as one row describes it. Has a name, a mail or a company at least.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonDraft {
    /// Physical line of the file, from 1.
    pub line: u64,
    /// Given name.
    pub given_name: Option<String>,
    /// Middle name.
    pub middle_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// The whole name as written, where the file has it.
    pub full_name: Option<String>,
    /// Salutation or title.
    pub prefix: Option<String>,
    /// Suffix.
    pub suffix: Option<String>,
    /// Nickname.
    pub nickname: Option<String>,
    /// Job title.
    pub job_title: Option<String>,
    /// Department.
    pub department: Option<String>,
    /// Company, by name.
    pub company: Option<String>,
    /// Companies, by the other system's ids.
    pub company_ids: Vec<String>,
    /// Mail addresses, each checked.
    pub mails: Vec<Labelled>,
    /// Phone numbers, as written.
    pub phones: Vec<Labelled>,
    /// Addresses.
    pub addresses: Vec<AddressDraft>,
    /// Web addresses.
    pub webs: Vec<String>,
    /// Birthday, as written.
    pub birthday: Option<String>,
    /// Notes, several columns joined by a line break.
    pub note: Option<String>,
    /// Stage.
    pub stage: Option<String>,
    /// Lead source.
    pub source: Option<String>,
    /// Origin of the data.
    pub origin: Option<String>,
    /// Legal basis, in the other system's words.
    pub legal_basis: Option<String>,
    /// Whether the person objects to mail.
    pub mail_opt_out: Option<bool>,
    /// Whether the person objects to calls.
    pub phone_opt_out: Option<bool>,
    /// How and when the person withdrew, in the other system's words.
    pub unsubscribed: Option<String>,
    /// Owner, by name or mail.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The other system's id.
    pub external_id: Option<String>,
    /// Time of creation there, as written.
    pub created_at: Option<String>,
    /// Language.
    pub language: Option<String>,
}

/// A company as one row describes it. Has a name or a domain at least.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CompanyDraft {
    /// Physical line of the file, from 1.
    pub line: u64,
    /// Name.
    pub name: Option<String>,
    /// Domain, as written.
    pub domain: Option<String>,
    /// Web addresses.
    pub webs: Vec<String>,
    /// Industry.
    pub industry: Option<String>,
    /// Mail addresses, each checked.
    pub mails: Vec<Labelled>,
    /// Phone numbers, as written.
    pub phones: Vec<Labelled>,
    /// Addresses.
    pub addresses: Vec<AddressDraft>,
    /// Year of foundation.
    pub founded_year: Option<u16>,
    /// Revenue, as written.
    pub revenue: Option<String>,
    /// Employees, as written.
    pub employees: Option<String>,
    /// Parent company, by name.
    pub parent_company: Option<String>,
    /// Parent company, by the other system's id.
    pub parent_id: Option<String>,
    /// Description, several columns joined by a line break.
    pub description: Option<String>,
    /// Owner, by name or mail.
    pub owner: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// The other system's id.
    pub external_id: Option<String>,
    /// Time of creation there, as written.
    pub created_at: Option<String>,
}

/// What a row describes.
#[derive(Clone, PartialEq, Eq)]
pub enum Draft {
    /// A person.
    Person(Box<PersonDraft>),
    /// A company.
    Company(Box<CompanyDraft>),
}

impl fmt::Debug for Labelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Labelled")
    }
}

impl fmt::Debug for AddressDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddressDraft({})", self.index)
    }
}

impl fmt::Debug for PersonDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonDraft(line {})", self.line)
    }
}

impl fmt::Debug for CompanyDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CompanyDraft(line {})", self.line)
    }
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Person(person) => person.fmt(f),
            Self::Company(company) => company.fmt(f),
        }
    }
}
