//! [`Records`]: the engine as capabilities hold it.

use std::sync::{Arc, PoisonError, RwLock};

use act::{Act, Acts};
use base::RecordId;
use store::params;
use vault::Grant;

use crate::names::Names;
use crate::schema::{Kind, LinkKind, Schema};
use crate::{Error, Result};

/// The record engine. Cheap to clone.
#[derive(Clone)]
pub struct Records(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub acts: Acts,
    pub schema: Schema,
    pub names: Arc<Names>,
    pub country: RwLock<String>,
}

impl Records {
    /// The engine over a schema. The name index is empty until [`Records::load_names`].
    #[must_use]
    pub fn new(acts: Acts, schema: Schema) -> Self {
        let names = Arc::new(Names::new());
        Self(Arc::new(Inner {
            acts,
            schema,
            names,
            country: RwLock::new("US".into()),
        }))
    }

    /// The way to acts.
    #[must_use]
    pub fn acts(&self) -> &Acts {
        &self.0.acts
    }

    /// Kinds and fields.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.0.schema
    }

    /// The name index.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.0.names
    }

    /// A kind the program itself declares.
    ///
    /// # Panics
    /// When it does not: a mistake of the wiring that the first start shows.
    #[must_use]
    pub fn kind(&self, name: &str) -> &Kind {
        self.0
            .schema
            .kind(name)
            .expect("the kind is declared by a capability of this program")
    }

    /// The country phone numbers without a country code are read in (two letters).
    #[must_use]
    pub fn country(&self) -> String {
        self.0
            .country
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sets [`Records::country`].
    pub fn set_country(&self, country: &str) {
        *self
            .0
            .country
            .write()
            .unwrap_or_else(PoisonError::into_inner) = country.to_ascii_uppercase();
    }

    /// A grant for the program's own upkeep of derived data (indexes, names): every field of the kind.
    /// What it opens never leaves this crate.
    pub(crate) fn upkeep(&self, act: &mut Act<'_, '_>, kind: &Kind) -> Result<Grant> {
        let _ = self;
        Ok(act.upkeep_grant(kind.rules())?)
    }

    /// The records a link leads to, oldest link first.
    pub fn linked_from(
        &self,
        act: &mut Act<'_, '_>,
        from: RecordId,
        kind: LinkKind,
    ) -> Result<Vec<RecordId>> {
        let ws = act.ws().number;
        Ok(act.tx().rows(
            "SELECT to_id FROM link WHERE ws = $1 AND from_id = $2 AND kind = $3 ORDER BY since, to_id",
            params![ws, &from, kind.0],
            |row| row.get(0),
        )?)
    }

    /// How many records link to one.
    pub fn count_linked_to(
        &self,
        act: &mut Act<'_, '_>,
        to: RecordId,
        kind: LinkKind,
    ) -> Result<u64> {
        let ws = act.ws().number;
        let count = act.tx().number(
            "SELECT COUNT(*) FROM link l JOIN record r ON r.ws = l.ws AND r.id = l.from_id
             WHERE l.ws = $1 AND l.to_id = $2 AND l.kind = $3 AND r.deleted_at IS NULL",
            params![ws, &to, kind.0],
        )?;
        u64::try_from(count).map_err(|_| Error::Damaged)
    }
}
