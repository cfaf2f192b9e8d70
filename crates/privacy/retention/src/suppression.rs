//! Who must not come back unnoticed. Import, forms and the API ask before they make a record; what they
//! compare is a keyed fingerprint, and nothing else is kept of whoever was erased.

use act::{Act, LeafAction, Logged};
use base::Timestamp;
use records::{Draft, Fingerprint, Kind, Records};
use store::{Value, params};

use crate::journal::ErasureId;
use crate::schema::{LIFT, SUPPRESSION};
use crate::{Error, Result};

/// Somebody with these names, addresses or numbers was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppressed {
    /// When.
    pub at: Timestamp,
}

impl Suppressed {
    /// What an import writes beside a row that it leaves out.
    pub const REASON: &'static str = "was erased on request; needs a fresh basis";
}

/// On what somebody who was erased may be kept again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FreshBasis {
    /// They consented again.
    Consent,
    /// They asked for a contract, or for steps towards one.
    Contract,
    /// They got in touch themselves.
    OwnRequest,
    /// A law demands it.
    LegalDuty,
}

impl FreshBasis {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Consent,
        Self::Contract,
        Self::OwnRequest,
        Self::LegalDuty,
    ];

    /// Stable name, as forms and the API use it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::OwnRequest => "own_request",
            Self::LegalDuty => "legal_duty",
        }
    }

    /// The basis of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.name() == name)
    }
}

/// Whether a draft names somebody who was erased; gives the latest day. Ask before making a record.
pub fn suppressed(
    records: &Records,
    act: &mut Act<'_, '_>,
    kind: &Kind,
    draft: &Draft,
) -> Result<Option<Suppressed>> {
    let ws = act.ws().number;
    let any = act.tx().keys().row(
        "SELECT 1 FROM suppression WHERE ws = $1 LIMIT 1",
        params![ws],
        |_| Ok(()),
    )?;
    if any.is_none() {
        return Ok(None);
    }
    let mut latest: Option<Timestamp> = None;
    for mark in records.fingerprints(act, kind, &draft.values)? {
        let at = act.tx().keys().row(
            "SELECT at FROM suppression WHERE ws = $1 AND kind = $2 AND fingerprint = $3",
            params![ws, mark.kind, &mark.digest],
            |row| row.get::<Timestamp>(0),
        )?;
        latest = latest.max(at);
    }
    Ok(latest.map(|at| Suppressed { at }))
}

/// Lifts what [`suppressed`] found, because there is a fresh basis: once, for this person, and logged.
/// Call it in the act that makes the record. Gives how many fingerprints were lifted.
pub fn lift(
    records: &Records,
    act: &mut Act<'_, '_>,
    kind: &Kind,
    draft: &Draft,
    basis: FreshBasis,
) -> Result<u64> {
    act.decide(access::Action::Create, LeafAction::Config, kind.rules())?;
    let (ws, now, actor) = (act.ws().number, act.now(), act.context().actor);
    let mut lifted = 0;
    for mark in records.fingerprints(act, kind, &draft.values)? {
        lifted += change(
            act,
            &mark,
            "DELETE FROM suppression WHERE ws = $1 AND kind = $2 AND fingerprint = $3",
            params![ws, mark.kind, &mark.digest],
        )?;
    }
    if lifted == 0 {
        return Ok(0);
    }
    let id = ErasureId::at(now, act.rng());
    let vault = act.vault();
    vault.tallied(act.tx(), &LIFT, "id = $2", &[Value::from(&id)], |keys| {
        keys.execute(
            "INSERT INTO suppression_lift (ws, id, at, actor, basis, fingerprints) VALUES ($1, $2, $3, $4, $5, $6)",
            params![ws, &id, now, &actor, basis.name(), lifted],
        )
        .map_err(Error::from)
    })?;
    act.log(
        LeafAction::Config,
        Logged {
            table: kind.id.0,
            count: u32::try_from(lifted).unwrap_or(u32::MAX),
            ..Logged::default()
        },
    )?;
    Ok(lifted)
}

/// Keeps fingerprints, from this instant.
pub(crate) fn keep(act: &mut Act<'_, '_>, marks: &[Fingerprint]) -> Result<()> {
    let (ws, now) = (act.ws().number, act.now());
    for mark in marks {
        change(
            act,
            mark,
            "INSERT INTO suppression (ws, kind, fingerprint, at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (ws, kind, fingerprint) DO UPDATE SET at = excluded.at",
            params![ws, mark.kind, &mark.digest, now],
        )?;
    }
    Ok(())
}

/// Changes what is kept of one fingerprint, and gives how many rows that were.
fn change(
    act: &mut Act<'_, '_>,
    mark: &Fingerprint,
    sql: &str,
    values: &[Value<'_>],
) -> Result<u64> {
    let own = [Value::from(mark.kind), Value::from(&mark.digest)];
    let (vault, rows) = (act.vault(), "kind = $2 AND fingerprint = $3");
    vault.tallied(act.tx(), &SUPPRESSION, rows, &own, |keys| {
        keys.execute(sql, values).map_err(Error::from)
    })
}
