//! An erased user has nothing left here, and what they held opens nothing.

use act::{Holder, LeafAction, Logged};
use identity::{Error, LinkKind, TABLES, TokenDraft};
use store::params;

use crate::house::*;

#[test]
fn an_erased_user_has_nothing_left() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let seller = house.sign_in(SALES_MAIL);
        house
            .identity
            .sign_in(SALES_MAIL, "wrong", b"elsewhere")
            .unwrap_err();
        let (own, user) = (house.identity.clone(), house.seller);
        let draft = TokenDraft {
            label: "till".into(),
            role: "sales".into(),
            purpose: house.purpose("contract"),
            days: 9,
        };
        let token = house
            .write(&seller.signed.context, move |act| {
                own.create_token(act, user, &draft)
            })
            .unwrap();
        let link = house.link(user, LinkKind::SignIn);
        let (own, records) = (house.identity.clone(), house.records.clone());
        let erased = house.write(&boss, move |act| {
            let plan = own.plan_erasure(act, user.cast())?;
            let done = own.erase(act, user.cast())?;
            assert_eq!(plan, done, "the dry run is the plan");
            assert_eq!(own.remains(act, user.cast())?, 0);
            records.erase(act, user.cast())?;
            let (ws, now, vault) = (act.ws(), act.now(), act.vault());
            let unlinked =
                ledger::unlink_subject(act.tx(), ws, user.cast()).map_err(act::Error::from)?;
            act.count_unlinked(unlinked.rows);
            vault.shred(act.tx(), user.cast(), now)?;
            let count = u32::try_from(act.unlinked()).unwrap();
            act.log(
                LeafAction::Erase,
                Logged {
                    count,
                    ..Logged::default()
                },
            )?;
            Ok(done)
        });
        let erased = erased.unwrap();
        assert_eq!(erased.len(), TABLES.len());
        assert!(erased.iter().all(|row| row.count > 0), "{erased:?}");
        for table in TABLES {
            let sql = format!("SELECT COUNT(*) FROM {} WHERE user_id = $1", table.name);
            let left = house
                .records
                .acts()
                .db()
                .read(|tx| tx.number(&sql, params![&user]));
            assert_eq!(left.unwrap(), 0, "{}", table.name);
        }
        let identity = &house.identity;
        assert!(identity.session(seller.token.expose()).unwrap().is_none());
        assert!(identity.token(token.expose()).unwrap().is_none());
        assert!(matches!(identity.redeem_link(&link), Err(Error::Link)));
        assert!(matches!(
            identity.sign_in(SALES_MAIL, PHRASE, HOME),
            Err(Error::SignIn)
        ));
        assert_eq!(identity.user_name(user.cast()), None);
        house.verify().unwrap();
        let again = house.make(&boss, SALES_NAME, SALES_MAIL, "sales").unwrap();
        assert_ne!(again, user);
    });
}
