//! Everything that is stored is answered for, and the instrument that says so finds what is not.

use std::sync::Arc;

use act::Holder;
use retention::{ground_holders, uncovered};
use store::testing::on_each_engine;

use crate::house::{House, all_migrations};

#[test]
fn every_table_and_column_of_the_ground_has_a_holder() {
    on_each_engine(&[&all_migrations()], |db| {
        let house = House::new(&db);
        let mut holders: Vec<Arc<dyn Holder>> = vec![Arc::new(house.records.clone())];
        holders.extend(ground_holders());
        let tables = || {
            db.read(|tx| {
                let mut all = tx.tables()?;
                all.extend(tx.keys().tables()?);
                Ok::<_, store::Error>(all)
            })
            .unwrap()
        };
        for declared in holders.iter().flat_map(|holder| holder.tables()) {
            let there = tables().into_iter().find(|(name, _)| name == declared.name);
            let (name, columns) = there.unwrap_or_else(|| panic!("{} is not there", declared.name));
            assert_eq!(columns.len(), declared.columns.len(), "{name}");
        }
        assert_eq!(uncovered(&tables(), &holders), [""; 0]);
        db.write(|tx| -> store::Result<()> {
            tx.execute("CREATE TABLE stray (ws BIGINT NOT NULL)", &[])?;
            tx.execute("ALTER TABLE record ADD COLUMN nickname TEXT", &[])?;
            Ok(())
        })
        .unwrap();
        assert_eq!(uncovered(&tables(), &holders), ["record.nickname", "stray"]);
    });
}
