//! Finding a tombstone in the log by the act that left it.

use base::{RequestId, Workspace};
use ledger::Action;
use store::Tx;

use crate::Result;

const PAGE: u32 = 500;

/// The number of the tombstone that an act left, looked for from the newest leaf down to `from`.
pub(crate) fn tombstone(
    tx: &mut Tx<'_>,
    ws: Workspace,
    request: RequestId,
    from: u64,
) -> Result<Option<u64>> {
    let mut before = None;
    loop {
        let page = ledger::leaves(tx, ws, before, PAGE)?;
        let Some(last) = page.last().map(|logged| logged.seq) else {
            return Ok(None);
        };
        let own = page
            .iter()
            .find(|logged| logged.leaf.request == request && logged.leaf.action == Action::Erase);
        if let Some(found) = own {
            return Ok(Some(found.seq));
        }
        if last <= from {
            return Ok(None);
        }
        before = Some(last);
    }
}
