//! Filling the name index: every name is opened once, in pages, and one leaf says so.

use std::collections::BTreeMap;

use access::Context;
use act::{LeafAction, Logged};
use base::{RecordId, SubjectId, Timestamp};
use store::params;

use crate::document::{COLUMNS, Sealer, Stored};
use crate::find::findable;
use crate::names::{self, Named};
use crate::schema::Kind;
use crate::{Records, Result};

/// Records opened at a time.
const PAGE: usize = 4_000;

/// Seconds by which two refreshes overlap: clocks of processes differ, and acts commit after they begin.
const OVERLAP: i64 = 30;

/// Names that are new, and records that are gone.
type Changed = (Vec<(RecordId, Named)>, Vec<RecordId>);

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

    /// Brings in what other processes changed since an instant, a little overlapping; names of records
    /// that are gone leave. Where one process holds the store there is nothing to bring in.
    pub fn refresh_names(&self, since: Timestamp) -> Result<Timestamp> {
        let purpose = self.acts().policy().purpose_named("upkeep");
        let context = Context::system(purpose.map_or(access::PurposeId(0), |p| p.number));
        let now = self.acts().clock().now();
        let since = since.plus_seconds(-OVERLAP);
        for id in findable(self.schema()) {
            let Some(kind) = self.schema().kind_at(id) else {
                continue;
            };
            let (named, gone) = self
                .acts()
                .read(&context, |act| self.changed_names(act, kind, since))?;
            self.names().put_all(id, named);
            for record in gone {
                self.names().remove(id, record);
            }
        }
        Ok(now)
    }

    fn changed_names(
        &self,
        act: &mut act::Act<'_, '_>,
        kind: &Kind,
        since: Timestamp,
    ) -> Result<Changed> {
        let ws = act.ws().number;
        let sql = format!(
            "SELECT {COLUMNS} FROM record r WHERE r.ws = $1 AND r.kind = $2 AND r.updated_at >= $3"
        );
        let page = act
            .tx()
            .rows(&sql, params![ws, kind.id.0, since], Stored::from_row)?;
        let vault = act.vault();
        let erased = vault
            .tombstones(act.tx())?
            .into_iter()
            .filter(|(_, at)| *at >= since);
        let mut gone: Vec<RecordId> = erased.map(|(subject, _)| subject.cast()).collect();
        gone.extend(
            page.iter()
                .filter(|stored| stored.deleted_at.is_some())
                .map(|stored| stored.id),
        );
        if page.is_empty() {
            return Ok((Vec::new(), gone));
        }
        Ok((self.names_of(act, kind, &page)?, gone))
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
        Ok(Some((last, self.names_of(act, kind, &page)?)))
    }

    /// The names of some records; one leaf says how many were opened.
    fn names_of(
        &self,
        act: &mut act::Act<'_, '_>,
        kind: &Kind,
        page: &[Stored],
    ) -> Result<Vec<(RecordId, Named)>> {
        let ws = act.ws();
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
        Ok(named)
    }
}
