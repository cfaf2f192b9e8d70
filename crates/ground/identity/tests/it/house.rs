//! A house with an administrator, a clock that the test moves, and shortcuts into it.

use std::sync::Arc;

use access::Context;
use act::LeafAction;
use base::{FixedClock, RecordId, Timestamp};
use identity::{Cost, Error, Identity, LinkKind, SignedIn};
use records::testing::{GROUND, house_with};
use records::{Records, Result as RecordsResult};
use store::Db;
use store::testing::on_each_engine;

/// 2026-11-23.
pub const START: Timestamp = Timestamp(1_795_420_800_000_000);
pub const QUICK: Cost = Cost {
    memory_kib: 64,
    passes: 1,
    lanes: 1,
};
pub const ADMIN_NAME: &str = "Anna Lindqvist";
pub const ADMIN_MAIL: &str = "anna.lindqvist@northwind.example";
pub const SALES_NAME: &str = "Boris Quennell";
pub const SALES_MAIL: &str = "boris.quennell@northwind.example";
pub const PHRASE: &str = "seven green kettles whistling";
pub const HOME: &[u8] = b"192.0.2.7";

pub struct House {
    pub identity: Identity,
    pub records: Records,
    pub clock: Arc<FixedClock>,
    /// The administrator, with a password.
    pub admin: RecordId,
    /// A seller, with a password.
    pub seller: RecordId,
}

pub fn with_house(test: impl Fn(House)) {
    on_each_engine(&migrations(), |db: Db| test(House::new(&db)));
}

pub fn migrations() -> [&'static [store::Migration]; 5] {
    [
        GROUND[0],
        GROUND[1],
        GROUND[2],
        GROUND[3],
        identity::MIGRATIONS,
    ]
}

impl House {
    pub fn new(db: &Db) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let records = house_with(db, &[identity::SCHEMA], clock.clone());
        let identity = Identity::new(records.clone(), QUICK);
        let own = identity.clone();
        let system = system(&records);
        let admin = records
            .acts()
            .write(&system, move |act| {
                own.first_administrator(act, ADMIN_NAME, ADMIN_MAIL)
            })
            .unwrap();
        let mut house = Self {
            identity,
            records,
            clock,
            admin,
            seller: admin,
        };
        let signed_in = house.enter(admin);
        house.seller = house
            .make(&signed_in.signed.context, SALES_NAME, SALES_MAIL, "sales")
            .unwrap();
        for user in [house.admin, house.seller] {
            let entered = house.enter(user);
            let context = &entered.signed.context;
            house
                .identity
                .set_password(context, user, None, PHRASE)
                .unwrap();
            house.identity.sign_out(entered.token.expose()).unwrap();
        }
        house
    }

    pub fn system(&self) -> Context {
        system(&self.records)
    }

    pub fn make(
        &self,
        who: &Context,
        name: &str,
        mail: &str,
        role: &str,
    ) -> Result<RecordId, Error> {
        let own = self.identity.clone();
        let (name, mail, role) = (name.to_owned(), mail.to_owned(), role.to_owned());
        self.write(who, move |act| own.create_user(act, &name, &mail, &role))
    }

    pub fn write<T: Send + 'static>(
        &self,
        who: &Context,
        f: impl FnOnce(&mut act::Act<'_, '_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        self.records.acts().write(who, f)
    }

    pub fn read<T>(
        &self,
        who: &Context,
        f: impl FnOnce(&mut act::Act<'_, '_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.records.acts().read(who, f)
    }

    pub fn link(&self, user: RecordId, kind: LinkKind) -> String {
        let own = self.identity.clone();
        let link = self.write(&self.system(), move |act| {
            own.one_time_link(act, user, kind)
        });
        link.unwrap().expose().to_owned()
    }

    /// Comes in with a fresh link.
    pub fn enter(&self, user: RecordId) -> SignedIn {
        let link = self.link(user, LinkKind::Invitation);
        self.identity.redeem_link(&link).unwrap()
    }

    /// Comes in with the password.
    pub fn sign_in(&self, mail: &str) -> SignedIn {
        self.identity.sign_in(mail, PHRASE, HOME).unwrap()
    }

    pub fn purpose(&self, name: &str) -> access::PurposeId {
        self.records
            .acts()
            .policy()
            .purpose_named(name)
            .unwrap()
            .number
    }

    /// What was logged since `before`, oldest first.
    pub fn leaves_since(&self, before: u64) -> Vec<LeafAction> {
        let size = self.log_size();
        let db = self.records.acts().db();
        let ws = self.records.acts().ws();
        let limit = u32::try_from(size - before).unwrap();
        let mut leaves = db.read(|tx| ledger::leaves(tx, ws, None, limit)).unwrap();
        leaves.reverse();
        leaves
            .into_iter()
            .map(|logged| logged.leaf.action)
            .collect()
    }

    pub fn log_size(&self) -> u64 {
        let ws = self.records.acts().ws();
        let head = self.records.acts().db().write(move |tx| {
            ledger::sequence(tx, ws, 100_000)?;
            ledger::head(tx, ws)
        });
        head.unwrap().size
    }

    pub fn verify(&self) -> Result<u64, String> {
        let own = self.identity.clone();
        self.read(&self.system(), |act| own.verify_rows(act))
            .unwrap()
    }

    pub fn sql(&self, sql: &'static str) -> u64 {
        self.records
            .acts()
            .db()
            .write(move |tx| tx.execute(sql, &[]))
            .unwrap()
    }

    pub fn count(&self, table: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM {table}");
        self.records
            .acts()
            .db()
            .read(|tx| tx.number(&sql, &[]))
            .unwrap()
    }

    /// Puts a user in the trash.
    pub fn trash(&self, who: &Context, user: RecordId) {
        let own = self.records.clone();
        let gone: RecordsResult<()> = self.records.acts().write(who, move |act| {
            own.delete(act, own.kind("user"), user, None)
        });
        gone.unwrap();
    }
}

fn system(records: &Records) -> Context {
    Context::system(
        records
            .acts()
            .policy()
            .purpose_named("security")
            .unwrap()
            .number,
    )
}
