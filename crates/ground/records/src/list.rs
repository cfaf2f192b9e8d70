//! Lists: filtered in SQL by the same rows that access decided, paged by key, opened as granted.

use access::{Action, Decision, Rows};
use act::{Act, LeafAction, Logged};
use base::{PageSize, RecordId, SubjectId, Timestamp};
use store::{Value as Bound, params};

use crate::document::{COLUMNS, Stored};
use crate::index;
use crate::open::{Record, opened};
use crate::schema::{Kind, LinkKind};
use crate::{Error, Records, Result};

/// Up to this many members a facet or link is cheaper to start from than the list itself.
const FEW: i64 = 2_000;
/// How many names are checked against the filter at a time when sorting by name.
const NAMES_AT_ONCE: usize = 200;

/// One condition of a filter; all of a query's conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Linked to this record.
    LinkedTo(LinkKind, RecordId),
    /// A field that says nothing about a person has this value.
    Is {
        /// Name of an open index.
        index: String,
        /// The value.
        value: String,
    },
    /// Owned by the actor.
    Mine,
    /// Changed at or after this instant.
    ChangedSince(Timestamp),
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// By name, A to Z.
    #[default]
    Name,
    /// By name, Z to A.
    NameDown,
    /// Last changed first.
    Changed,
    /// Longest unchanged first.
    ChangedUp,
}

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// All must hold.
    pub conditions: Vec<Condition>,
    /// In which order.
    pub sort: Sort,
    /// The last record of the page before.
    pub after: Option<RecordId>,
    /// How many.
    pub size: PageSize,
    /// The columns to open; 0 for all that are granted.
    pub columns: u64,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// The record after which the next page begins; `None` on the last page.
    pub next: Option<RecordId>,
}

/// A filter as SQL text and its parameters, numbered from where the caller stands.
struct Filter {
    from: String,
    text: String,
    params: Vec<Param>,
}

#[derive(Clone)]
enum Param {
    Int(i64),
    Id([u8; 16]),
    Text(String),
}

impl Param {
    fn bound(&self) -> Bound<'_> {
        match self {
            Self::Int(v) => Bound::Int(*v),
            Self::Id(v) => Bound::Bytes(v),
            Self::Text(v) => Bound::Text(v),
        }
    }
}

impl Filter {
    fn bind(&mut self, param: Param) -> String {
        self.params.push(param);
        format!("${}", self.params.len())
    }

    fn bound(&self) -> Vec<Bound<'_>> {
        self.params.iter().map(Param::bound).collect()
    }
}

impl Records {
    /// One page of a kind's records, as far as the actor may see them.
    pub fn list(&self, act: &mut Act<'_, '_>, kind: &Kind, query: &Query) -> Result<Page> {
        let decision = act.decide(Action::Read, LeafAction::List, kind.rules())?;
        let size = usize::from(query.size.get());
        // One more than the page tells whether there is a next one.
        let mut rows = match query.sort {
            Sort::Name | Sort::NameDown if self.names().is_ready() => {
                self.by_name(act, kind, query, decision.rows, size + 1)?
            }
            _ => self.by_change(act, kind, query, decision.rows, size + 1)?,
        };
        let more = rows.len() > size;
        rows.truncate(size);
        let records = self.see_all(act, kind, &decision, &rows, query.columns)?;
        let next = if more {
            rows.last().map(|stored| stored.id)
        } else {
            None
        };
        let fields = records.iter().fold(0, |mask, record| mask | opened(record));
        let mut subjects: Vec<SubjectId> = Vec::new();
        for record in &records {
            subjects.extend(self.subjects_of(act, kind, record.id)?);
        }
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        act.log(
            LeafAction::List,
            Logged {
                table: kind.id.0,
                fields,
                subjects,
                count,
                row: None,
            },
        )?;
        Ok(Page { records, next })
    }

    /// How many records match, counted up to `most`.
    pub fn count(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        conditions: &[Condition],
        most: u64,
    ) -> Result<u64> {
        let decision = act.decide(Action::Read, LeafAction::List, kind.rules())?;
        if conditions.is_empty() && decision.rows == Rows::All && self.names().is_ready() {
            return Ok(u64::try_from(self.names().count(kind.id)).unwrap_or(u64::MAX));
        }
        let filter = self.filter(act, kind, conditions, decision.rows)?;
        let Filter { from, text, .. } = &filter;
        let sql = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {from} WHERE {text} LIMIT {most}) AS counted"
        );
        Ok(u64::try_from(act.tx().number(&sql, &filter.bound())?).unwrap_or(0))
    }

    /// Opens stored records: their keys are fetched together.
    pub(crate) fn see_all(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        decision: &Decision,
        rows: &[Stored],
        columns: u64,
    ) -> Result<Vec<Record>> {
        let ids: Vec<SubjectId> = rows.iter().map(|stored| stored.id.cast()).collect();
        let vault = act.vault();
        vault.subjects(act.tx(), &ids)?;
        let mask = if columns == 0 { u64::MAX } else { columns };
        let mut records = Vec::with_capacity(rows.len());
        for stored in rows {
            records.extend(self.see(act, kind, stored, decision, mask)?);
        }
        Ok(records)
    }

    fn by_change(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        query: &Query,
        rows: Rows,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let mut filter = self.filter(act, kind, &query.conditions, rows)?;
        let up = query.sort == Sort::ChangedUp;
        let (than, order) = if up { (">", "ASC") } else { ("<", "DESC") };
        if let Some(after) = query.after {
            let ws = act.ws().number;
            let at = act.tx().row(
                "SELECT updated_at FROM record WHERE ws = $1 AND id = $2",
                params![ws, &after],
                |row| row.get::<i64>(0),
            )?;
            let at = at.ok_or(Error::Absent)?;
            let (at, id) = (
                filter.bind(Param::Int(at)),
                filter.bind(Param::Id(*after.as_bytes())),
            );
            filter.text.push_str(&format!(
                " AND (r.updated_at {than} {at} OR (r.updated_at = {at} AND r.id {than} {id}))"
            ));
        }
        let Filter { from, text, .. } = &filter;
        let sql = format!(
            "SELECT {COLUMNS} FROM {from} WHERE {text} ORDER BY r.updated_at {order}, r.id {order} LIMIT {limit}"
        );
        Ok(act.tx().rows(&sql, &filter.bound(), Stored::from_row)?)
    }

    /// Walks the names in order and keeps those that the filter keeps.
    fn by_name(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        query: &Query,
        rows: Rows,
        limit: usize,
    ) -> Result<Vec<Stored>> {
        let down = query.sort == Sort::NameDown;
        let mut position = match query.after {
            Some(id) => Some((self.names().position(kind.id, id).ok_or(Error::Absent)?, id)),
            None => None,
        };
        let mut out: Vec<Stored> = Vec::with_capacity(limit);
        let at_once = if query.conditions.is_empty() && rows == Rows::All {
            limit
        } else {
            NAMES_AT_ONCE
        };
        while out.len() < limit {
            let after = position.as_ref().map(|(sort, id)| (sort.as_str(), *id));
            let names = self.names().page(kind.id, after, down, at_once);
            let Some(last) = names.last() else { break };
            position = Some((last.sort.clone(), last.id));
            let ids: Vec<RecordId> = names.iter().map(|found| found.id).collect();
            let kept = self.keep(act, kind, &query.conditions, rows, &ids)?;
            out.extend(kept.into_iter().take(limit - out.len()));
        }
        Ok(out)
    }

    /// Those of `ids` that the filter keeps, in their order.
    pub(crate) fn keep(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        conditions: &[Condition],
        rows: Rows,
        ids: &[RecordId],
    ) -> Result<Vec<Stored>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut filter = self.filter(act, kind, conditions, rows)?;
        let mut marks: Vec<String> = ids
            .iter()
            .map(|id| filter.bind(Param::Id(*id.as_bytes())))
            .collect();
        // Few lengths of list, so that statements stay prepared.
        while !marks.len().is_power_of_two() {
            marks.push(marks[0].clone());
        }
        let Filter { from, text, .. } = &filter;
        let sql = format!(
            "SELECT {COLUMNS} FROM {from} WHERE {text} AND r.id IN ({})",
            marks.join(", ")
        );
        let mut kept = act.tx().rows(&sql, &filter.bound(), Stored::from_row)?;
        let place = |id: &RecordId| ids.iter().position(|known| known == id);
        kept.sort_by_cached_key(|stored| place(&stored.id));
        Ok(kept)
    }

    /// The filter as SQL over `record r`: rows, trash and conditions.
    fn filter(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        conditions: &[Condition],
        rows: Rows,
    ) -> Result<Filter> {
        let ws = act.ws().number;
        let mut filter = Filter {
            from: "record r".into(),
            text: "r.ws = $1 AND r.kind = $2 AND r.deleted_at IS NULL".into(),
            params: vec![Param::Int(ws), Param::Int(i64::from(kind.id.0))],
        };
        if let Rows::OwnedBy(actor) = rows {
            let owner = filter.bind(Param::Id(*actor.as_bytes()));
            filter.text.push_str(&format!(" AND r.owner = {owner}"));
        }
        for condition in conditions {
            self.compile(act, kind, condition, &mut filter)?;
        }
        Ok(filter)
    }

    fn compile(
        &self,
        act: &mut Act<'_, '_>,
        kind: &Kind,
        condition: &Condition,
        filter: &mut Filter,
    ) -> Result<()> {
        let members = match condition {
            Condition::Mine => {
                let owner = filter.bind(Param::Id(*act.context().actor.as_bytes()));
                filter.text.push_str(&format!(" AND r.owner = {owner}"));
                return Ok(());
            }
            Condition::ChangedSince(at) => {
                let at = filter.bind(Param::Int(at.micros()));
                filter.text.push_str(&format!(" AND r.updated_at >= {at}"));
                return Ok(());
            }
            Condition::LinkedTo(link, to) => Members {
                table: "link",
                column: "from_id",
                is: vec![
                    ("kind", Param::Int(i64::from(link.0))),
                    ("to_id", Param::Id(*to.as_bytes())),
                ],
            },
            Condition::Is { index, value } => {
                let index = kind
                    .index(index)
                    .ok_or_else(|| Error::UnknownField(index.clone()))?;
                let field = Param::Int(index::facet_field(kind, index));
                Members {
                    table: "facet",
                    column: "record",
                    is: vec![("field", field), ("value", Param::Text(value.clone()))],
                }
            }
        };
        let Members { table, column, .. } = members;
        let mut few = Filter {
            from: String::new(),
            text: String::new(),
            params: vec![Param::Int(act.ws().number)],
        };
        let matching = members.matching(&mut few);
        let counted = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {table} m WHERE {matching} LIMIT {FEW}) AS few"
        );
        let are_few = act.tx().number(&counted, &few.bound())? < FEW;
        let matching = members.matching(filter);
        filter.text.push_str(&if are_few {
            format!(" AND r.id IN (SELECT m.{column} FROM {table} m WHERE {matching})")
        } else {
            format!(" AND EXISTS (SELECT 1 FROM {table} m WHERE {matching} AND m.{column} = r.id)")
        });
        Ok(())
    }
}

/// The rows of a side table that make a record match.
struct Members {
    table: &'static str,
    column: &'static str,
    is: Vec<(&'static str, Param)>,
}

impl Members {
    /// `m.ws = $1 AND m.a = $n …`, bound into a filter whose first parameter is the workspace.
    fn matching(&self, filter: &mut Filter) -> String {
        let mut text = String::from("m.ws = $1");
        for (column, param) in &self.is {
            let bound = filter.bind(param.clone());
            text.push_str(&format!(" AND m.{column} = {bound}"));
        }
        text
    }
}
