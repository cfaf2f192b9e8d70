//! A whole house over a fresh store, for the tests of this crate and those above it.

use std::sync::Arc;

use access::{Access, Context, Policy};
use act::{Acts, House, Organisation};
use base::{ActorId, Clock, Rng, SystemClock, SystemRng, Workspace, WorkspaceId};
use store::{Db, Migration};
use vault::{FileProvider, Stretch, Vault};

use crate::{Records, Schema};

/// Migrations every house needs; add those of the capabilities under test.
pub const GROUND: [&[Migration]; 4] = [
    act::MIGRATIONS,
    vault::MIGRATIONS,
    ledger::MIGRATIONS,
    crate::MIGRATIONS,
];

/// A new house with its own keys and a schema made of these declarations.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn house(db: &Db, declarations: &[(&str, &str)]) -> Records {
    house_with(db, declarations, Arc::new(SystemClock))
}

/// The same with a clock of the test's own.
///
/// # Panics
/// When it cannot be built.
#[must_use]
pub fn house_with(db: &Db, declarations: &[(&str, &str)], clock: Arc<dyn Clock>) -> Records {
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let dir = tempfile::tempdir().expect("a temporary directory");
    let quick = Stretch {
        memory_kib: 64,
        passes: 1,
    };
    let provider =
        FileProvider::create(&dir.path().join("root.key"), None, &*rng, quick).expect("a root key");
    let provider = Arc::new(provider);
    let ws = Workspace {
        number: 1,
        id: WorkspaceId::new(&*clock, &*rng),
    };
    let organisation = Organisation {
        ws,
        name: "Test".into(),
        country: "US".into(),
    };
    let (now, made, chance) = (clock.now(), Arc::clone(&provider), Arc::clone(&rng));
    db.write(move |tx| -> Result<(), act::Error> {
        organisation.create(tx, now)?;
        Vault::create(tx, &*made, ws, &*chance, now)?;
        Ok(())
    })
    .expect("a new workspace");
    let (vault, authority) = db
        .read(|tx| Vault::open(tx, provider, ws))
        .expect("the vault opens");
    let access = Access::new(authority, Policy::built_in());
    let schema = Schema::load(declarations, access.policy()).expect("the schema is sound");
    Records::new(
        Acts::new(House {
            db: db.clone(),
            vault,
            access,
            ws,
            clock,
            rng,
        }),
        schema,
    )
}

/// Somebody in a role, working for a purpose.
///
/// # Panics
/// When there is no such purpose.
#[must_use]
pub fn somebody(records: &Records, role: &str, purpose: &str) -> Context {
    let acts = records.acts();
    Context {
        actor: ActorId::new(&*acts.clock(), &*acts.rng()),
        role: role.into(),
        session: [7; 16],
        purpose: acts
            .policy()
            .purpose_named(purpose)
            .expect("a known purpose")
            .number,
    }
}
