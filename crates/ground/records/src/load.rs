//! Filling the name index: every name is opened once, in pages, and one leaf says so.

use std::collections::BTreeMap;

use access::Context;
use act::{LeafAction, Logged};
use base::{RecordId, SubjectId};
use store::params;

use crate::document::{COLUMNS, Sealer, Stored};
use crate::find::findable;
use crate::names::{self, Named};
use crate::schema::Kind;
use crate::{Records, Result};

/// Records opened at a time.
const PAGE: usize = 4_000;

/// The last record of a page, and its names.
type NamePage = (RecordId, Vec<(RecordId, Named)>);

impl Records {
    /// Opens every name and makes the name index ready. Until then searches use the blind indexes.
    pub fn load_names(&self, context: &Context) -> Result<u64> {
        let purpose = self
            .acts()
            .policy()
            .purpose_named("upkeep")
            .map_or(context.purpose, |p| p.number);
        let context = Context::system(purpose);
        let mut total = 0;
        for id in findable(self.schema()) {
            if let Some(kind) = self.schema().kind_at(id) {
                total += self.load_kind(&context, kind)?;
            }
        }
        self.names().set_ready();
        Ok(total)
    }

    fn load_kind(&self, context: &Context, kind: &Kind) -> Result<u64> {
        let mut after = RecordId::nil();
        let mut all: Vec<(RecordId, Named)> = Vec::new();
        loop {
            let page = self
                .acts()
                .read(context, |act| self.name_page(act, kind, after))?;
            let Some((last, named)) = page else { break };
            after = last;
            all.extend(named);
        }
        let total = all.len();
        self.names().put_all(kind.id, all);
        Ok(u64::try_from(total).unwrap_or(u64::MAX))
    }

    fn name_page(
        &self,
        act: &mut act::Act<'_, '_>,
        kind: &Kind,
        after: RecordId,
    ) -> Result<Option<NamePage>> {
        let ws = act.ws();
        let sql = format!(
            "SELECT {COLUMNS} FROM record r WHERE r.ws = $1 AND r.kind = $2 AND r.id > $3 ORDER BY r.id LIMIT $4"
        );
        let page = act.tx().rows(
            &sql,
            params![ws.number, kind.id.0, &after, PAGE],
            Stored::from_row,
        )?;
        let Some(last) = page.last().map(|stored| stored.id) else {
            return Ok(None);
        };
        let grant = self.upkeep(act, kind)?;
        let columns = kind
            .shown_as
            .iter()
            .chain(&kind.sorted_by)
            .fold(0, |mask, column| mask | 1u64 << column);
        let subjects: Vec<SubjectId> = page.iter().map(|stored| stored.id.cast()).collect();
        let vault = act.vault();
        let keys = vault.subjects(act.tx(), &subjects)?;
        let mut named = Vec::with_capacity(page.len());
        for stored in page.iter().filter(|stored| stored.deleted_at.is_none()) {
            let Some(key) = keys.get(&stored.id.cast()) else {
                continue;
            };
            let sealer = Sealer::Own(key.clone());
            let mut values = sealer.values(&grant, ws, kind, stored, columns)?;
            if values.is_empty() {
                values = sealer.values(&grant, ws, kind, stored, u64::MAX)?;
            }
            let values: BTreeMap<_, _> = values
                .into_iter()
                .map(|(column, (value, _))| (column, value))
                .collect();
            named.push((stored.id, names::name_of(kind, &values, stored.rev)));
        }
        let count = u32::try_from(named.len()).unwrap_or(u32::MAX);
        act.log(
            LeafAction::List,
            Logged {
                table: kind.id.0,
                fields: columns,
                count,
                ..Logged::default()
            },
        )?;
        Ok(Some((last, named)))
    }
}
