//! Where a column goes: a field of a person or a company, or nowhere and why.
//!
//! Written `field`, `field:label`, `field#index` or `field:label#index`: `mail:work`, `phone#2`,
//! `street:billing`. The label of a mail, phone or address is free text; the index, from 1, tells
//! several values of one label apart and ties `mail#2` to `mail_label#2`.

use std::fmt;
use std::str::FromStr;

/// What the rows of a table are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// People.
    Person,
    /// Companies.
    Company,
}

impl Kind {
    /// `person` or `company`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
        }
    }
}

/// How many columns one field takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// One column.
    One,
    /// One for each label and index.
    Each,
    /// Any number; their values are put together.
    Many,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $kinds:ident, $takes:ident;)+) => {
        /// A field that a column can go to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Field { $($(#[$doc])* $name,)+ }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// As mapping files write it.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            pub(crate) const fn takes(self) -> Takes {
                match self { $(Self::$name => Takes::$takes,)+ }
            }

            const fn kinds(self) -> Kinds {
                match self { $(Self::$name => Kinds::$kinds,)+ }
            }
        }
    };
}

#[derive(PartialEq, Eq)]
enum Kinds {
    Person,
    Company,
    Both,
}

fields! {
    /// Given name.
    GivenName = "given_name", Person, One;
    /// Middle name.
    MiddleName = "middle_name", Person, One;
    /// Family name.
    FamilyName = "family_name", Person, One;
    /// Whole name; split only where given and family name are empty.
    FullName = "full_name", Person, One;
    /// Salutation and titles before the name; several columns are joined by a blank.
    Prefix = "prefix", Person, Many;
    /// Suffix behind the name.
    Suffix = "suffix", Person, One;
    /// Nickname.
    Nickname = "nickname", Person, One;
    /// Job title.
    JobTitle = "job_title", Person, One;
    /// Department.
    Department = "department", Person, One;
    /// Name of the person's company.
    Company = "company", Person, One;
    /// The other system's ids of the person's companies.
    CompanyIds = "company_ids", Person, Many;
    /// Name of the company.
    Name = "name", Company, One;
    /// Mail domain or web site of the company.
    Domain = "domain", Company, One;
    /// Mail address, or several in one cell.
    Mail = "mail", Both, Each;
    /// Label of the mail with the same index.
    MailLabel = "mail_label", Both, Each;
    /// Phone number, or several in one cell.
    Phone = "phone", Both, Each;
    /// Label of the phone with the same index.
    PhoneLabel = "phone_label", Both, Each;
    /// Calling code, put before the phone with the same index when that has none.
    PhoneCallingCode = "phone_calling_code", Both, Each;
    /// Street and number.
    Street = "street", Both, Each;
    /// Further lines of the street: floor, post-office box.
    Street2 = "street2", Both, Many;
    /// City.
    City = "city", Both, Each;
    /// State, province, county.
    Region = "region", Both, Each;
    /// Postal code.
    PostalCode = "postal_code", Both, Each;
    /// Country.
    Country = "country", Both, Each;
    /// A whole address in one cell; dropped where the address has parts.
    FormattedAddress = "formatted_address", Both, Each;
    /// Label of the address with the same index.
    AddressLabel = "address_label", Both, Each;
    /// Web address.
    Web = "web", Both, Many;
    /// Birthday, as written.
    Birthday = "birthday", Person, One;
    /// Note about the person.
    Note = "note", Person, Many;
    /// Description of the company.
    Description = "description", Company, Many;
    /// Stage of the lead or customer.
    Stage = "stage", Person, One;
    /// Campaign or channel the lead came by.
    Source = "source", Person, One;
    /// Where the data came from, as a privacy column of the other system says.
    Origin = "origin", Person, One;
    /// Legal basis, as a privacy column of the other system says.
    LegalBasis = "legal_basis", Person, One;
    /// Yes: the person objects to mail.
    MailOptOut = "mail_opt_out", Person, One;
    /// Yes: the person objects to calls.
    PhoneOptOut = "phone_opt_out", Person, One;
    /// Any text: the person withdrew from mail, how and when.
    Unsubscribed = "unsubscribed", Person, Many;
    /// Industry.
    Industry = "industry", Company, One;
    /// Year of foundation.
    FoundedYear = "founded_year", Company, One;
    /// Yearly revenue, as written.
    Revenue = "revenue", Company, One;
    /// Number of employees, as written.
    Employees = "employees", Company, One;
    /// Name of the parent company.
    ParentCompany = "parent_company", Company, One;
    /// The other system's id of the parent company.
    ParentId = "parent_id", Company, One;
    /// Who looks after the record: name or mail.
    Owner = "owner", Both, One;
    /// Tags.
    Tags = "tags", Both, Many;
    /// The other system's id of the record.
    ExternalId = "external_id", Both, One;
    /// When the other system got it, as written.
    CreatedAt = "created_at", Both, One;
    /// Language.
    Language = "language", Person, One;
}

impl Field {
    /// Whether records of this kind have it.
    #[must_use]
    pub fn fits(self, kind: Kind) -> bool {
        match self.kinds() {
            Kinds::Both => true,
            Kinds::Person => kind == Kind::Person,
            Kinds::Company => kind == Kind::Company,
        }
    }

    /// Whether its text may have several lines, or several values on lines of their own.
    pub(crate) const fn has_lines(self) -> bool {
        matches!(
            self,
            Self::Street
                | Self::Street2
                | Self::FormattedAddress
                | Self::Note
                | Self::Description
                | Self::Mail
                | Self::Phone
                | Self::Tags
        )
    }
}

/// A field with label and index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Target {
    /// The field.
    pub field: Field,
    /// Label of the mail, phone or address.
    pub label: Option<String>,
    /// From 1.
    pub index: u16,
}

impl Target {
    /// The field without label, first of its kind.
    #[must_use]
    pub const fn of(field: Field) -> Self {
        Self {
            field,
            label: None,
            index: 1,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.field.name())?;
        if let Some(label) = &self.label {
            write!(f, ":{label}")?;
        }
        if self.index > 1 {
            write!(f, "#{}", self.index)?;
        }
        Ok(())
    }
}

/// The text names no target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a target looks like given_name, mail:work or phone#2")]
pub struct ParseTargetError;

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(text: &str) -> Result<Self, ParseTargetError> {
        let (rest, index) = match text.split_once('#') {
            Some((rest, index)) => (rest, index.parse().map_err(|_| ParseTargetError)?),
            None => (text, 1),
        };
        let (name, label) = match rest.split_once(':') {
            Some((name, label)) => (name, Some(label.trim().to_owned())),
            None => (rest, None),
        };
        let field = Field::ALL
            .iter()
            .find(|f| f.name() == name.trim())
            .ok_or(ParseTargetError)?;
        let labelled = field.takes() == Takes::Each || *field == Field::Street2;
        let bad_label = label
            .as_ref()
            .is_some_and(|l| l.is_empty() || l.len() > 40 || !labelled);
        if index == 0 || bad_label || (!labelled && index != 1) {
            return Err(ParseTargetError);
        }
        Ok(Self {
            field: *field,
            label,
            index,
        })
    }
}

/// Why a column stays out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Why {
    /// Sensitive, and nobody asked for it.
    Sensitive,
    /// About somebody else.
    OtherPerson,
    /// A marketing flag that proves no consent.
    Consent,
    /// Means something only inside the other system.
    Technical,
    /// Belongs to a deal, product, activity or file.
    Deal,
    /// There is no field for it.
    NoField,
    /// Belongs to the other of person and company.
    OtherKind,
    /// Another column already goes to its field.
    Taken,
    /// The header is not known: somebody should choose.
    Unknown,
    /// The user, or a mapping file, left it out.
    Chosen,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 10] = [
        Self::Sensitive,
        Self::OtherPerson,
        Self::Consent,
        Self::Technical,
        Self::Deal,
        Self::NoField,
        Self::OtherKind,
        Self::Taken,
        Self::Unknown,
        Self::Chosen,
    ];

    /// As mapping files write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::OtherPerson => "other_person",
            Self::Consent => "consent",
            Self::Technical => "technical",
            Self::Deal => "deal",
            Self::NoField => "no_field",
            Self::OtherKind => "other_kind",
            Self::Taken => "taken",
            Self::Unknown => "unknown",
            Self::Chosen => "chosen",
        }
    }

    /// For the screen.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Sensitive => {
                "Sensitive, and rarely needed: it is left out unless you name a purpose for it."
            }
            Self::OtherPerson => "It is about somebody else, who is not asked: it is left out.",
            Self::Consent => {
                "A tick in another system proves no consent: record consent with its proof instead."
            }
            Self::Technical => "It means something only inside the other system.",
            Self::Deal => {
                "It belongs to a deal, product, activity or file, not to a person or company."
            }
            Self::NoField => "There is no field for it.",
            Self::OtherKind => {
                "It belongs to the company, or to the person, and not to the records of this file."
            }
            Self::Taken => "Another column already goes to the same field.",
            Self::Unknown => "The header is not known: choose where it goes.",
            Self::Chosen => "Left out by choice.",
        }
    }
}

/// What becomes of one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ColumnTarget {
    /// It goes to a field.
    Import(Target),
    /// It stays out.
    DoNotImport {
        /// Why.
        why: Why,
    },
}
