//! From what a row says to a record: values in their stored form, and what has no field kept as a note,
//! so that nothing a file holds is lost on the way.

use records::normalise;
use records::{
    Address, Draft as RecordDraft, Error, Field, FieldType, Kind, Labelled as Entry, Value,
};

use crate::draft::{AddressDraft, CompanyDraft, Labelled, PersonDraft};

/// A person or company of an import, ready to be made.
pub(crate) struct Ready {
    pub line: u64,
    pub draft: RecordDraft,
    /// Name of the company the person works at, or the company is part of.
    pub company: Option<String>,
    /// What the row says and no field holds.
    pub note: Option<String>,
}

/// Collects values of one record.
struct Settling<'k> {
    kind: &'k Kind,
    country: String,
    draft: RecordDraft,
    left_over: Vec<String>,
}

impl Settling<'_> {
    fn field(&self, name: &str) -> Result<&Field, Error> {
        self.kind
            .field(name)
            .ok_or_else(|| Error::UnknownField(name.to_owned()))
    }

    fn put(&mut self, name: &str, value: Value) -> Result<(), Error> {
        let field = self.field(name)?;
        let number = field.number;
        if let Some(value) = value.settled(field, &self.country)? {
            self.draft.values.insert(number, value);
        }
        Ok(())
    }

    fn text(&mut self, name: &str, text: Option<String>) -> Result<(), Error> {
        match text {
            Some(text) => self.put(name, Value::Text(text)),
            None => Ok(()),
        }
    }

    /// An option of a choice, whatever its case; anything else is kept in the note.
    fn choice(&mut self, name: &str, text: Option<String>) -> Result<(), Error> {
        let Some(text) = text else { return Ok(()) };
        let field = self.field(name)?;
        let option = field
            .options
            .iter()
            .find(|option| option.eq_ignore_ascii_case(&text))
            .cloned();
        let label = field.label.clone();
        match option {
            Some(option) => self.put(name, Value::Text(option)),
            None => {
                self.keep(&label, Some(text));
                Ok(())
            }
        }
    }

    fn number(&mut self, name: &str, text: Option<String>) -> Result<(), Error> {
        let Some(text) = text else { return Ok(()) };
        let plain: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '\u{a0}' | '$' | '€' | '£'))
            .collect();
        let plain = if plain.contains('.') {
            plain.replace(',', "")
        } else {
            plain
        };
        match plain.parse::<f64>() {
            Ok(number) if number.is_finite() => self.put(name, Value::Number(number)),
            _ => {
                let label = self.field(name)?.label.clone();
                self.keep(&label, Some(text));
                Ok(())
            }
        }
    }

    fn day(&mut self, name: &str, text: Option<String>) -> Result<(), Error> {
        let Some(text) = text else { return Ok(()) };
        // Placeholders that other programs write for "none".
        if text.chars().all(|c| matches!(c, '0' | '/' | '-' | '.')) {
            return Ok(());
        }
        match normalise::date_as_written(&text) {
            Some(day) => self.put(name, Value::Text(day)),
            None => {
                let label = self.field(name)?.label.clone();
                self.keep(&label, Some(text));
                Ok(())
            }
        }
    }

    fn entries(&mut self, name: &str, mut entries: Vec<Labelled>) -> Result<(), Error> {
        entries.sort_by_key(|entry| !entry.primary);
        for entry in entries.iter().filter(|entry| entry.opted_out) {
            let what = if self.field(name)?.kind == FieldType::Mails {
                "No mail to"
            } else {
                "No calls to"
            };
            self.left_over.push(format!("{what}: {}", entry.value));
        }
        let entries = entries
            .into_iter()
            .map(|entry| Entry {
                value: entry.value,
                label: entry.label.unwrap_or_default(),
                typed: String::new(),
            })
            .collect();
        self.put(name, Value::Several(entries))
    }

    fn addresses(&mut self, addresses: Vec<AddressDraft>) -> Result<(), Error> {
        let addresses = addresses.into_iter().map(settled_address).collect();
        self.put("addresses", Value::Addresses(addresses))
    }

    fn web(&mut self, webs: Vec<String>) -> Result<(), Error> {
        let mut webs = webs.into_iter();
        self.text("web", webs.next())?;
        webs.for_each(|web| self.keep("Website", Some(web)));
        Ok(())
    }

    fn keep(&mut self, label: &str, text: Option<String>) {
        if let Some(text) = text {
            self.left_over.push(format!("{label}: {text}"));
        }
    }

    fn keep_all(&mut self, label: &str, texts: &[String]) {
        if !texts.is_empty() {
            self.keep(label, Some(texts.join(", ")));
        }
    }

    fn ready(self, line: u64, company: Option<String>, note: Option<String>) -> Ready {
        let mut parts: Vec<String> = note.into_iter().collect();
        if !self.left_over.is_empty() {
            parts.push(self.left_over.join("\n"));
        }
        let note = (!parts.is_empty()).then(|| parts.join("\n\n"));
        Ready {
            line,
            draft: self.draft,
            company,
            note,
        }
    }
}

fn settled_address(from: AddressDraft) -> Address {
    let lines = [from.street.or(from.formatted), from.street2];
    Address {
        label: from.label.unwrap_or_default(),
        street: lines.into_iter().flatten().collect::<Vec<_>>().join(", "),
        city: from.city.unwrap_or_default(),
        region: from.region.unwrap_or_default(),
        postal_code: from.postal_code.unwrap_or_default(),
        country: from.country.unwrap_or_default(),
    }
}

fn settling(kind: &Kind, country: String) -> Settling<'_> {
    Settling {
        kind,
        country,
        draft: RecordDraft::default(),
        left_over: Vec::new(),
    }
}

/// A person's row as a record.
pub(crate) fn person(kind: &Kind, country: &str, from: PersonDraft) -> Result<Ready, Error> {
    // A number without a country code is one of the country the person lives in, where that is known.
    let own = from
        .addresses
        .iter()
        .find_map(|address| address.country.clone());
    let country = own
        .filter(|own| own.len() == 2)
        .unwrap_or_else(|| country.to_owned());
    let mut to = settling(kind, country);
    to.text("given_name", from.given_name)?;
    to.text("middle_name", from.middle_name)?;
    to.text("family_name", from.family_name)?;
    to.text("prefix", from.prefix)?;
    to.text("suffix", from.suffix)?;
    to.text("nickname", from.nickname)?;
    to.text("job_title", from.job_title)?;
    to.text("department", from.department)?;
    to.text("language", from.language)?;
    to.text("external_id", from.external_id)?;
    to.entries("mails", from.mails)?;
    to.entries("phones", from.phones)?;
    to.addresses(from.addresses)?;
    to.web(from.webs)?;
    to.day("birthday", from.birthday)?;
    to.choice("stage", from.stage)?;
    to.choice("source", from.source)?;
    to.keep(
        "Objects to mail",
        from.mail_opt_out.filter(|out| *out).map(|_| "yes".into()),
    );
    to.keep(
        "Objects to calls",
        from.phone_opt_out.filter(|out| *out).map(|_| "yes".into()),
    );
    to.keep("Unsubscribed", from.unsubscribed);
    to.keep("Legal basis", from.legal_basis);
    to.keep("Origin", from.origin);
    to.keep("Owner", from.owner);
    to.keep("Created there", from.created_at);
    to.keep_all("Tags", &from.tags);
    to.keep_all("Company ids", &from.company_ids);
    Ok(to.ready(from.line, from.company, from.note))
}

/// A company's row as a record.
pub(crate) fn company(kind: &Kind, country: &str, from: CompanyDraft) -> Result<Ready, Error> {
    let own = from
        .addresses
        .iter()
        .find_map(|address| address.country.clone());
    let country = own
        .filter(|own| own.len() == 2)
        .unwrap_or_else(|| country.to_owned());
    let mut to = settling(kind, country);
    let mut webs = from.webs;
    webs.extend(from.domain.clone());
    to.text("name", from.name.or(from.domain))?;
    to.text("industry", from.industry)?;
    to.text("external_id", from.external_id)?;
    to.text("description", from.description)?;
    to.entries("mails", from.mails)?;
    to.entries("phones", from.phones)?;
    to.addresses(from.addresses)?;
    to.web(webs)?;
    to.number("revenue", from.revenue)?;
    to.number("employees", from.employees)?;
    to.number(
        "founded_year",
        from.founded_year.map(|year| year.to_string()),
    )?;
    to.keep("Owner", from.owner);
    to.keep("Created there", from.created_at);
    to.keep("Parent id", from.parent_id);
    to.keep_all("Tags", &from.tags);
    Ok(to.ready(from.line, from.parent_company, None))
}
