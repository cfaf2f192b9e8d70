//! The alias table: what headers mean, read once from `aliases.toml`.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::{Kind, Target, Why};

/// A system or program whose exports are recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceName {
    /// HubSpot.
    #[serde(rename = "hubspot")]
    HubSpot,
    /// Salesforce, API names: Data Export, Data Loader.
    SalesforceApi,
    /// Salesforce, labels: reports.
    SalesforceReport,
    /// Zoho CRM.
    Zoho,
    /// Pipedrive.
    Pipedrive,
    /// Google Contacts, headers of today.
    Google,
    /// Google Contacts, older headers.
    GoogleOlder,
    /// Outlook.com, "Outlook CSV".
    OutlookCom,
    /// Outlook on the desktop.
    OutlookDesktop,
    /// EspoCRM.
    #[serde(rename = "espocrm")]
    EspoCrm,
    /// Twenty.
    Twenty,
    /// Atomic CRM.
    Atomic,
    /// Frappe CRM.
    Frappe,
}

impl SourceName {
    /// For the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::HubSpot => "HubSpot",
            Self::SalesforceApi => "Salesforce (Data Loader)",
            Self::SalesforceReport => "Salesforce (report)",
            Self::Zoho => "Zoho CRM",
            Self::Pipedrive => "Pipedrive",
            Self::Google => "Google Contacts",
            Self::GoogleOlder => "Google Contacts (older)",
            Self::OutlookCom => "Outlook.com",
            Self::OutlookDesktop => "Outlook",
            Self::EspoCrm => "EspoCRM",
            Self::Twenty => "Twenty",
            Self::Atomic => "Atomic CRM",
            Self::Frappe => "Frappe CRM",
        }
    }
}

/// A header in the form in which headers are compared: lower-case letters and digits without
/// accents. `First Name`, `first_name`, `FirstName` and `FIRST-NAME*` are the same.
pub(crate) fn compact(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    for c in header
        .nfkd()
        .filter(|&c| !is_combining_mark(c))
        .flat_map(char::to_lowercase)
    {
        match c {
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            'đ' => out.push('d'),
            '#' => out.push('#'),
            c if c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}

/// The compact header with `#` for its numbers, and the first of them.
fn numbered(key: &str) -> Option<(String, u16)> {
    let mut pattern = String::with_capacity(key.len());
    let mut digits = String::new();
    let mut first = true;
    for c in key.chars() {
        if !c.is_ascii_digit() {
            pattern.push(c);
            continue;
        }
        if !pattern.ends_with('#') {
            first = digits.is_empty();
            pattern.push('#');
        }
        if first {
            digits.push(c);
        }
    }
    digits
        .parse()
        .ok()
        .filter(|&index| index > 0)
        .map(|index| (pattern, index))
}

type Lists = BTreeMap<String, Vec<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    person: Lists,
    company: Lists,
    own: HashMap<SourceName, Own>,
    leave: Lists,
    leave_prefixes: Lists,
    sources: HashMap<SourceName, Marks>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    #[serde(default)]
    person: Lists,
    #[serde(default)]
    company: Lists,
}

/// The headers by which a source is recognised.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Marks {
    #[serde(default)]
    pub strong: Vec<String>,
    #[serde(default)]
    pub marks: Vec<String>,
    #[serde(default)]
    pub prefixes: Vec<String>,
}

/// A target a header may mean, and its rank: 0 is wanted most.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub target: Target,
    pub rank: usize,
}

type Meanings = HashMap<String, Vec<Candidate>>;

/// The whole table.
pub(crate) struct Aliases {
    general: HashMap<Kind, Meanings>,
    own: HashMap<(SourceName, Kind), Meanings>,
    leave: HashMap<String, Why>,
    leave_prefixes: Vec<(String, Why)>,
    pub sources: HashMap<SourceName, Marks>,
}

impl Aliases {
    /// The table of this program.
    pub fn get() -> &'static Self {
        static TABLE: OnceLock<Aliases> = OnceLock::new();
        TABLE.get_or_init(|| {
            Self::read(include_str!("aliases.toml"))
                .expect("aliases.toml is part of the program and tested")
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let general = HashMap::from([
            (Kind::Person, meanings(&file.person)?),
            (Kind::Company, meanings(&file.company)?),
        ]);
        let mut own = HashMap::new();
        for (source, lists) in &file.own {
            own.insert((*source, Kind::Person), meanings(&lists.person)?);
            own.insert((*source, Kind::Company), meanings(&lists.company)?);
        }
        let mut leave = HashMap::new();
        for (why, header) in pairs(&file.leave) {
            leave.insert(compact(header), reason(why)?);
        }
        let mut leave_prefixes = Vec::new();
        for (why, prefix) in pairs(&file.leave_prefixes) {
            leave_prefixes.push((prefix.clone(), reason(why)?));
        }
        Ok(Self {
            general,
            own,
            leave,
            leave_prefixes,
            sources: file.sources,
        })
    }

    /// What the header may mean in a table of this kind and source, most wanted first.
    pub fn candidates(
        &self,
        header: &str,
        kind: Kind,
        source: Option<SourceName>,
    ) -> Vec<Candidate> {
        let key = compact(header);
        let own = source.and_then(|source| self.own.get(&(source, kind)));
        if let Some(found) = own.and_then(|meanings| look_up(meanings, &key)) {
            return found
                .into_iter()
                .map(|c| Candidate { rank: 0, ..c })
                .collect();
        }
        let mut found = look_up(&self.general[&kind], &key).unwrap_or_default();
        found.sort_by_key(|candidate| candidate.rank);
        found
    }

    /// Why the header is left out, if it is known to be.
    pub fn left_out(&self, header: &str) -> Option<Why> {
        let key = compact(header);
        let by_prefix = || {
            let found = self
                .leave_prefixes
                .iter()
                .find(|(prefix, _)| header.starts_with(prefix.as_str()));
            found.map(|(_, why)| *why)
        };
        let by_number =
            || numbered(&key).and_then(|(pattern, _)| self.leave.get(&pattern).copied());
        self.leave
            .get(&key)
            .copied()
            .or_else(by_number)
            .or_else(by_prefix)
    }
}

fn look_up(meanings: &Meanings, key: &str) -> Option<Vec<Candidate>> {
    if let Some(found) = meanings.get(key) {
        return Some(found.clone());
    }
    let (pattern, index) = numbered(key)?;
    let mut found = meanings.get(&pattern)?.clone();
    for candidate in &mut found {
        candidate.target.index = index;
    }
    Some(found)
}

fn meanings(lists: &Lists) -> Result<Meanings, String> {
    let mut meanings = Meanings::new();
    for (target, headers) in lists {
        let parsed: Target = target.parse().map_err(|_| format!("no target: {target}"))?;
        for (rank, header) in headers.iter().enumerate() {
            let candidate = Candidate {
                target: parsed.clone(),
                rank,
            };
            meanings.entry(compact(header)).or_default().push(candidate);
        }
    }
    Ok(meanings)
}

fn pairs(lists: &Lists) -> impl Iterator<Item = (&str, &String)> {
    lists
        .iter()
        .flat_map(|(why, headers)| headers.iter().map(move |header| (why.as_str(), header)))
}

fn reason(name: &str) -> Result<Why, String> {
    let found = Why::ALL.into_iter().find(|why| why.name() == name);
    found.ok_or_else(|| format!("no reason: {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_never_imports_what_must_stay_out() {
        let table = Aliases::read(include_str!("aliases.toml")).unwrap();
        let imported = table.general.values().chain(table.own.values());
        let keys: Vec<&String> = imported.flat_map(HashMap::keys).collect();
        let unasked = |why: &Why| matches!(why, Why::Sensitive | Why::OtherPerson | Why::Consent);
        for (header, _) in table.leave.iter().filter(|(_, why)| unasked(why)) {
            assert!(
                !keys.contains(&header),
                "{header} is both taken and left out"
            );
        }
    }

    #[test]
    fn every_target_fits_the_kind_it_stands_under() {
        let table = Aliases::get();
        for (kind, meanings) in &table.general {
            for candidate in meanings.values().flatten() {
                assert!(candidate.target.field.fits(*kind), "{}", candidate.target);
            }
        }
        for ((_, kind), meanings) in &table.own {
            for candidate in meanings.values().flatten() {
                assert!(candidate.target.field.fits(*kind), "{}", candidate.target);
            }
        }
    }

    #[test]
    fn headers_are_compared_without_what_varies() {
        for header in [
            "First Name",
            "first_name",
            "FirstName",
            "FIRST-NAME*",
            " first / name ",
        ] {
            assert_eq!(compact(header), "firstname");
        }
        assert_eq!(compact("Straße"), "strasse");
        assert_eq!(compact("Prénom"), "prenom");
        assert_eq!(numbered("email12value"), Some(("email#value".into(), 12)));
        assert_eq!(numbered("street2line3"), Some(("street#line#".into(), 2)));
        assert_eq!(numbered("phone0"), None);
        assert_eq!(numbered("phone"), None);
    }
}
