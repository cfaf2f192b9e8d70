//! An installation: opening it, making it, and the operator who acts at the command line.

use std::path::PathBuf;
use std::sync::Arc;

use access::{Access, Context, Policy};
use act::{Acts, House, Organisation};
use anyhow::Result;
use base::{ActorId, Clock, Rng, SystemClock, SystemRng, Workspace, WorkspaceId};
use identity::{Cost, Identity};
use records::{Records, Schema};
use store::{Db, Location, Tx};
use vault::{FileProvider, KeyProvider, Stretch, Tallied, Vault};

use crate::capabilities;
use crate::cli::Place;

/// The environment variable that holds the passphrase of a sealed root key.
pub const PASSPHRASE: &str = "PRIVET_PASSPHRASE";

/// An open installation.
#[derive(Clone)]
pub struct Installation {
    /// The record engine, and through it acts, store and keys.
    pub records: Records,
    /// Users and sessions.
    pub identity: Identity,
    /// Whose data it is.
    pub organisation: Organisation,
    /// The root key.
    pub provider: Arc<dyn KeyProvider>,
}

/// Every table that has a tally.
pub fn tallied() -> Vec<Tallied> {
    [
        act::TALLIED,
        vault::TALLIED,
        identity::TALLIED,
        retention::TALLIED,
        backup::TALLIED,
    ]
    .concat()
}

fn take_tallies(vault: &Vault, tx: &mut Tx<'_>) -> Result<(), act::Error> {
    for table in tallied() {
        vault.take_tally(tx, &table)?;
    }
    Ok(())
}

impl Place {
    /// Where the rows are.
    pub fn location(&self) -> Location {
        self.database.as_ref().map_or_else(
            || Location::Directory(self.data.clone()),
            |url| Location::Postgres {
                url: url.clone(),
                schema: "privet".into(),
            },
        )
    }

    /// Where the root key is.
    pub fn root_key(&self) -> PathBuf {
        self.root_key
            .clone()
            .unwrap_or_else(|| self.data.join("root.key"))
    }

    /// The root key of this place.
    pub fn provider(&self) -> Result<Arc<dyn KeyProvider>> {
        let passphrase = std::env::var(PASSPHRASE).ok();
        Ok(Arc::new(FileProvider::open(
            &self.root_key(),
            passphrase.as_deref(),
        )?))
    }
}

impl Installation {
    /// Opens what is at a place: root key first, so that a wrong one touches nothing.
    pub fn open(place: &Place) -> Result<Self> {
        let location = place.location();
        if !Db::exists(&location)? {
            return Err(store::Error::Missing.into());
        }
        let provider = place.provider()?;
        let db = Db::open(&location, &capabilities::migrations())?;
        Self::over(db, provider)
    }

    /// Makes a new installation. Refuses where there is one.
    pub fn create(place: &Place, workspace: &str, country: &str) -> Result<Self> {
        let location = place.location();
        if Db::exists(&location)? {
            return Err(store::Error::Exists.into());
        }
        let (clock, rng) = (SystemClock, SystemRng);
        let key = place.root_key();
        if let Some(dir) = key.parent() {
            std::fs::create_dir_all(dir)?;
        }
        let provider: Arc<dyn KeyProvider> = if key.exists() {
            place.provider()?
        } else {
            let passphrase = std::env::var(PASSPHRASE).ok();
            Arc::new(FileProvider::create(
                &key,
                passphrase.as_deref(),
                &rng,
                Stretch::STANDARD,
            )?)
        };
        let db = Db::create(&location, &capabilities::migrations())?;
        let organisation = Organisation {
            ws: Workspace {
                number: 1,
                id: WorkspaceId::new(&clock, &rng),
            },
            name: workspace.to_owned(),
            country: country.to_owned(),
        };
        Self::found(db, provider, organisation)
    }

    /// Makes the keys and the workspace of an organisation in an empty store.
    pub fn found(
        db: Db,
        provider: Arc<dyn KeyProvider>,
        organisation: Organisation,
    ) -> Result<Self> {
        let (made, now) = (Arc::clone(&provider), SystemClock.now());
        db.write(move |tx| -> Result<(), act::Error> {
            organisation.create(tx, now)?;
            Vault::create(tx, &*made, organisation.ws, &SystemRng, now)?;
            let (vault, _) = Vault::open(tx, made, organisation.ws)?;
            take_tallies(&vault, tx)
        })?;
        Self::over(db, provider)
    }

    /// Wires an open store to its keys, policy and schema.
    pub fn over(db: Db, provider: Arc<dyn KeyProvider>) -> Result<Self> {
        Self::over_with(db, provider, Arc::new(SystemClock))
    }

    /// The same with another clock.
    pub fn over_with(
        db: Db,
        provider: Arc<dyn KeyProvider>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let rng: Arc<dyn Rng> = Arc::new(SystemRng);
        let organisation = db
            .read(|tx| Organisation::load(tx, 1))?
            .ok_or(store::Error::Missing)?;
        let ws = organisation.ws;
        let (vault, authority) = db.read(|tx| Vault::open(tx, Arc::clone(&provider), ws))?;
        let access = Access::new(authority, Policy::built_in());
        let schema = Schema::load(capabilities::SCHEMAS, access.policy())?;
        let records = Records::new(
            Acts::new(House {
                db,
                vault,
                access,
                ws,
                clock,
                rng,
            }),
            schema,
        );
        records.set_country(&organisation.country);
        let identity = Identity::new(records.clone(), Cost::default());
        Ok(Self {
            records,
            identity,
            organisation,
            provider,
        })
    }

    /// Takes all tallies anew from the rows as they are: after a restore, whose rows come from sealed
    /// files.
    pub fn take_tallies(&self) -> Result<(), act::Error> {
        let vault = self.records.acts().vault().clone();
        self.records
            .acts()
            .db()
            .write(move |tx| take_tallies(&vault, tx))
    }

    /// What must be done before anybody is served: interrupted erasures are completed, and whoever was
    /// erased before a restore is erased again.
    pub fn settle(&self) -> Result<()> {
        crate::capabilities::erasure(self).resume(&self.system("privacy_requests"))?;
        Ok(())
    }

    /// The program acting by itself.
    pub fn system(&self, purpose: &str) -> Context {
        let purpose = self.records.acts().policy().purpose_named(purpose);
        Context::system(purpose.map_or(access::PurposeId(0), |p| p.number))
    }

    /// Whoever holds the machine, working at the command line for a purpose.
    pub fn operator(&self, purpose: &str) -> Context {
        let purpose = self
            .records
            .acts()
            .policy()
            .purpose_named(purpose)
            .map_or(access::PurposeId(0), |p| p.number);
        Context {
            actor: ActorId::nil(),
            role: "operator".into(),
            session: [0; 16],
            purpose,
        }
    }
}
