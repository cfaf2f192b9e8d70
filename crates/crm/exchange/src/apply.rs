//! A row through a mapping: the draft it describes, or the reject it is.
//!
//! A cell is trimmed, relieved of the apostrophe that guards formulas in exports, and otherwise
//! kept as it is; the first cell that cannot be taken rejects the whole row, so that no half of a
//! person is imported.

use crate::cells::{self, Part};
use crate::guard::unguarded;
use crate::names::split_full_name;
use crate::{
    AddressDraft, CompanyDraft, Draft, Field, Kind, Labelled, Mapping, PersonDraft, Reason, Reject,
    Row, Target,
};

impl Mapping {
    /// What the row describes.
    ///
    /// # Errors
    /// The reject names the column: a mail that is none, a phone without digits, a web address of
    /// another scheme, an objection that says neither yes nor no, a line break in a single line.
    /// Without a column: nothing in the row identifies anybody.
    pub fn apply(&self, row: &Row) -> Result<Draft, Reject> {
        let mut taking = Taking::new(self, row);
        for (column, target) in self.imported() {
            let cell = value_of(row, column);
            if cell.is_empty() {
                continue;
            }
            let taken = taking.take(target, cell);
            taken.map_err(|reason| row.reject(Some(column), self.headers(), reason))?;
        }
        let kind = self.kind();
        taking
            .finish(kind)
            .map_err(|reason| row.reject(None, self.headers(), reason))
    }
}

fn value_of(row: &Row, column: usize) -> &str {
    unguarded(row.cell(column).trim()).trim()
}

/// The draft while it grows. Fields that both kinds have live in `person` until the end.
struct Taking<'a> {
    /// Cells that say something about other cells: label or calling code, index, text.
    beside: Vec<(Field, u16, &'a str)>,
    person: PersonDraft,
    company: CompanyDraft,
}

impl<'a> Taking<'a> {
    fn new(mapping: &Mapping, row: &'a Row) -> Self {
        let is_beside = |field: Field| {
            matches!(
                field,
                Field::MailLabel
                    | Field::PhoneLabel
                    | Field::AddressLabel
                    | Field::PhoneCallingCode
            )
        };
        let beside = mapping
            .imported()
            .filter(|(_, target)| is_beside(target.field))
            .map(|(column, target)| (target.field, target.index, value_of(row, column)))
            .filter(|(.., text)| !text.is_empty())
            .collect();
        Self {
            beside,
            person: PersonDraft {
                line: row.line,
                ..PersonDraft::default()
            },
            company: CompanyDraft {
                line: row.line,
                ..CompanyDraft::default()
            },
        }
    }

    fn take(&mut self, target: &Target, cell: &str) -> Result<(), Reason> {
        if !target.field.has_lines() && cell.contains(['\n', '\r', '\t']) {
            return Err(Reason::LineBreak);
        }
        match target.field {
            Field::Mail => self.take_mails(target, cell),
            Field::Phone => self.take_phones(target, cell),
            Field::Street
            | Field::Street2
            | Field::City
            | Field::Region
            | Field::PostalCode
            | Field::Country
            | Field::FormattedAddress => {
                self.take_address(target, cell);
                Ok(())
            }
            Field::Web | Field::Domain => self.take_web(target.field, cell),
            Field::MailOptOut | Field::PhoneOptOut => self.take_objection(target.field, cell),
            Field::FoundedYear => {
                self.company.founded_year = Some(cells::year(cell).ok_or(Reason::Year)?);
                Ok(())
            }
            field => {
                self.take_text(field, cell);
                Ok(())
            }
        }
    }

    fn beside(&self, field: Field, index: u16) -> Option<&'a str> {
        let found = self
            .beside
            .iter()
            .find(|(f, i, _)| (*f, *i) == (field, index));
        found.map(|(.., text)| *text)
    }

    fn take_mails(&mut self, target: &Target, cell: &str) -> Result<(), Reason> {
        let label = self.beside(Field::MailLabel, target.index);
        for part in cells::mails(cell) {
            if !cells::is_mail(&part.value) {
                return Err(Reason::Mail);
            }
            push(&mut self.person.mails, part, target, label);
        }
        Ok(())
    }

    fn take_phones(&mut self, target: &Target, cell: &str) -> Result<(), Reason> {
        let label = self.beside(Field::PhoneLabel, target.index);
        let code = self
            .beside(Field::PhoneCallingCode, target.index)
            .unwrap_or("");
        for mut part in cells::phones(cell) {
            if !cells::is_phone(&part.value) {
                return Err(Reason::Phone);
            }
            part.value = cells::with_calling_code(&part.value, code);
            push(&mut self.person.phones, part, target, label);
        }
        Ok(())
    }

    fn take_address(&mut self, target: &Target, cell: &str) {
        let label = self.beside(Field::AddressLabel, target.index);
        let label = label
            .map(|label| cells::starred(label).0.to_owned())
            .or_else(|| target.label.clone());
        let addresses = &mut self.person.addresses;
        let found = addresses
            .iter()
            .position(|a| a.label == label && a.index == target.index);
        let place = found.unwrap_or_else(|| {
            addresses.push(AddressDraft {
                label,
                index: target.index,
                ..AddressDraft::default()
            });
            addresses.len() - 1
        });
        let address = &mut addresses[place];
        match target.field {
            Field::Street => address.street = Some(cell.to_owned()),
            Field::Street2 => append(&mut address.street2, ", ", cell),
            Field::City => address.city = Some(cell.to_owned()),
            Field::Region => address.region = Some(cell.to_owned()),
            Field::PostalCode => address.postal_code = Some(cell.to_owned()),
            Field::Country => address.country = Some(cell.to_owned()),
            _ => address.formatted = Some(cell.to_owned()),
        }
    }

    fn take_web(&mut self, field: Field, cell: &str) -> Result<(), Reason> {
        for web in cells::webs(cell) {
            if !cells::is_web(&web) {
                return Err(Reason::Web);
            }
            if field == Field::Domain {
                self.company.domain.get_or_insert(web);
            } else if !self.person.webs.contains(&web) {
                self.person.webs.push(web);
            }
        }
        Ok(())
    }

    fn take_objection(&mut self, field: Field, cell: &str) -> Result<(), Reason> {
        let objects = cells::yes_or_no(cell).ok_or(Reason::YesOrNo)?;
        if field == Field::MailOptOut {
            // A withdrawal told by another column is not taken back by a "no".
            self.person.mail_opt_out = Some(objects || self.person.mail_opt_out == Some(true));
        } else {
            self.person.phone_opt_out = Some(objects);
        }
        Ok(())
    }

    fn take_text(&mut self, field: Field, cell: &str) {
        let (person, company) = (&mut self.person, &mut self.company);
        let place = match field {
            Field::GivenName => &mut person.given_name,
            Field::MiddleName => &mut person.middle_name,
            Field::FamilyName => &mut person.family_name,
            Field::FullName => &mut person.full_name,
            Field::Suffix => &mut person.suffix,
            Field::Nickname => &mut person.nickname,
            Field::JobTitle => &mut person.job_title,
            Field::Department => &mut person.department,
            Field::Company => &mut person.company,
            Field::Birthday if cells::is_no_date(cell) => return,
            Field::Birthday => &mut person.birthday,
            Field::Stage => &mut person.stage,
            Field::Source => &mut person.source,
            Field::Origin => &mut person.origin,
            Field::LegalBasis => &mut person.legal_basis,
            Field::Owner => &mut person.owner,
            Field::ExternalId => &mut person.external_id,
            Field::CreatedAt => &mut person.created_at,
            Field::Language => &mut person.language,
            Field::Name => &mut company.name,
            Field::Industry => &mut company.industry,
            Field::Revenue => &mut company.revenue,
            Field::Employees => &mut company.employees,
            Field::ParentCompany => &mut company.parent_company,
            Field::ParentId => &mut company.parent_id,
            // "Herr" and "Dr." from two columns, but not the same twice.
            Field::Prefix if person.prefix.as_deref() == Some(cell) => return,
            Field::Prefix => return append(&mut person.prefix, " ", cell),
            Field::Note => return append(&mut person.note, "\n", cell),
            Field::Description => return append(&mut company.description, "\n", cell),
            Field::Unsubscribed => {
                person.mail_opt_out = Some(true);
                return append(&mut person.unsubscribed, ", ", cell);
            }
            Field::Tags => return extend(&mut person.tags, cells::tags(cell)),
            Field::CompanyIds => return extend(&mut person.company_ids, cells::ids(cell)),
            // Labels and calling codes are taken beside their value; the rest has its own act.
            _ => return,
        };
        *place = Some(cell.to_owned());
    }

    fn finish(mut self, kind: Kind) -> Result<Draft, Reason> {
        let person = &mut self.person;
        for list in [&mut person.mails, &mut person.phones] {
            one_primary(list);
        }
        for address in &mut person.addresses {
            let has_parts =
                address.street.is_some() || address.city.is_some() || address.postal_code.is_some();
            if has_parts {
                address.formatted = None;
            }
        }
        match kind {
            Kind::Person => self.finish_person(),
            Kind::Company => self.finish_company(),
        }
    }

    fn finish_person(mut self) -> Result<Draft, Reason> {
        let person = &mut self.person;
        if let (None, None, Some(full)) =
            (&person.given_name, &person.family_name, &person.full_name)
        {
            let parts = split_full_name(full);
            (person.given_name, person.family_name) = (parts.given, parts.family);
            person.prefix = person.prefix.take().or(parts.prefix);
            person.suffix = person.suffix.take().or(parts.suffix);
        }
        let names = [
            &person.given_name,
            &person.middle_name,
            &person.family_name,
            &person.nickname,
        ];
        let named = names.iter().any(|name| name.is_some());
        if !named && person.mails.is_empty() && person.company.is_none() {
            return Err(Reason::Nobody);
        }
        Ok(Draft::Person(Box::new(self.person)))
    }

    fn finish_company(self) -> Result<Draft, Reason> {
        let (person, mut company) = (self.person, self.company);
        if company.name.is_none() && company.domain.is_none() {
            return Err(Reason::NoCompany);
        }
        company.mails = person.mails;
        company.phones = person.phones;
        company.addresses = person.addresses;
        company.webs = person.webs;
        company.owner = person.owner;
        company.tags = person.tags;
        company.external_id = person.external_id;
        company.created_at = person.created_at;
        Ok(Draft::Company(Box::new(company)))
    }
}

/// Adds a value once. Its label is its own, else the one of the label column, else the target's.
fn push(list: &mut Vec<Labelled>, part: Part, target: &Target, label: Option<&str>) {
    let (label, marked) = label.map_or((None, false), |text| {
        let (label, marked) = cells::starred(text);
        (Some(label.to_owned()), marked)
    });
    let label = part.label.or(label).or_else(|| target.label.clone());
    let (primary, opted_out) = (part.primary || marked, part.opted_out);
    if let Some(known) = list.iter_mut().find(|known| known.value == part.value) {
        known.primary |= primary;
        known.opted_out |= opted_out;
        return;
    }
    list.push(Labelled {
        value: part.value,
        label,
        primary,
        opted_out,
    });
}

fn one_primary(list: &mut [Labelled]) {
    let first = list.iter().position(|value| value.primary).unwrap_or(0);
    for (place, value) in list.iter_mut().enumerate() {
        value.primary = place == first;
    }
}

fn append(place: &mut Option<String>, between: &str, cell: &str) {
    match place {
        Some(text) => {
            text.push_str(between);
            text.push_str(cell);
        }
        None => *place = Some(cell.to_owned()),
    }
}

fn extend(list: &mut Vec<String>, values: Vec<String>) {
    for value in values {
        if !list.contains(&value) {
            list.push(value);
        }
    }
}
