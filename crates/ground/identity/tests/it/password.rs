//! Passwords: who sets them, what they cost, and what they end.

use base::{Fault, FaultKind};
use identity::{Cost, Error, Identity, Via, Weak};

use crate::house::*;

const OTHER: &str = "a door is opened from inside";

#[test]
fn a_password_is_set_by_its_owner_and_ends_other_sessions() {
    with_house(|house| {
        let first = house.sign_in(SALES_MAIL);
        let other = house.sign_in(SALES_MAIL);
        assert_eq!(first.signed.via, Via::Password);
        let set = |old, new| {
            house
                .identity
                .set_password(&first.signed.context, house.seller, old, new)
        };
        assert!(matches!(set(None, OTHER), Err(Error::OldPassword)));
        assert!(matches!(
            set(Some("wrong wrong wrong"), OTHER),
            Err(Error::OldPassword)
        ));
        for (new, why) in [
            ("short", Weak::Short),
            ("Boris.Quennell1", Weak::Personal),
            ("passwordpassword", Weak::Common),
        ] {
            let refused = set(Some(PHRASE), new).unwrap_err();
            assert!(
                matches!(refused, Error::Password(weak) if weak == why),
                "{refused}"
            );
            assert_eq!(refused.field(), Some("new"));
        }
        assert!(
            house
                .identity
                .session(other.token.expose())
                .unwrap()
                .is_some()
        );
        let link = house.link(house.seller, identity::LinkKind::SignIn);
        set(Some(PHRASE), OTHER).unwrap();
        assert!(house.identity.redeem_link(&link).is_err());
        assert!(
            house
                .identity
                .session(other.token.expose())
                .unwrap()
                .is_none()
        );
        assert!(
            house
                .identity
                .session(first.token.expose())
                .unwrap()
                .is_some()
        );
        assert!(matches!(
            house.identity.sign_in(SALES_MAIL, PHRASE, HOME),
            Err(Error::SignIn)
        ));
        assert!(house.identity.sign_in(SALES_MAIL, OTHER, HOME).is_ok());
        house.verify().unwrap();
    });
}

#[test]
fn after_a_link_no_old_password_is_needed_for_a_quarter_of_an_hour() {
    with_house(|house| {
        let entered = house.enter(house.seller).signed.context;
        house.clock.advance_seconds(15 * 60 - 1);
        house
            .identity
            .set_password(&entered, house.seller, None, OTHER)
            .unwrap();
        house.clock.advance_seconds(1);
        let late = house
            .identity
            .set_password(&entered, house.seller, None, PHRASE);
        assert!(matches!(late, Err(Error::OldPassword)));
    });
}

#[test]
fn nobody_sets_the_password_of_somebody_else() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        for who in [boss, house.system()] {
            let refused = house
                .identity
                .set_password(&who, house.seller, Some(PHRASE), OTHER);
            assert_eq!(refused.unwrap_err().kind(), FaultKind::Refused);
        }
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let new = house
            .make(&boss, "Cleo", "cleo@x.example", "agent")
            .unwrap();
        house
            .identity
            .set_password(&house.system(), new, None, OTHER)
            .unwrap();
        let cleo = house
            .identity
            .sign_in("Cleo@X.example", OTHER, HOME)
            .unwrap()
            .signed
            .context;
        assert!(house.identity.has_password(&cleo).unwrap());
    });
}

#[test]
fn an_unknown_account_costs_what_a_wrong_password_costs_and_answers_the_same() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        house
            .make(&boss, "Cleo", "cleo@x.example", "agent")
            .unwrap();
        let mut answers = Vec::new();
        for (mail, address) in [
            (SALES_MAIL, b"1"),
            ("nobody@northwind.example", b"2"),
            ("cleo@x.example", b"3"),
            ("no address at all", b"4"),
            ("@northwind.example", b"5"),
        ] {
            let before = house.identity.hashes_made();
            let error = house
                .identity
                .sign_in(mail, "wrong wrong wrong", address)
                .unwrap_err();
            assert_eq!(house.identity.hashes_made() - before, 1, "{mail}");
            assert!(!error.to_string().contains(mail));
            answers.push(error.to_string());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1);
    });
}

#[test]
fn a_hash_of_another_cost_is_renewed_at_the_next_sign_in() {
    with_house(|house| {
        let dearer = Cost {
            memory_kib: 128,
            ..QUICK
        };
        let later = Identity::new(house.records.clone(), dearer);
        for hashes in [2, 1] {
            let before = later.hashes_made();
            later.sign_in(SALES_MAIL, PHRASE, HOME).unwrap();
            assert_eq!(later.hashes_made() - before, hashes);
        }
        let phc = house.records.acts().db().read(|tx| {
            tx.rows("SELECT phc FROM credential", &[], |row| {
                row.get::<String>(0)
            })
        });
        let phc: Vec<String> = phc.unwrap();
        assert_eq!(
            phc.iter()
                .filter(|phc| phc.contains("m=128,t=1,p=1"))
                .count(),
            1
        );
        house.verify().unwrap();
    });
}

#[test]
fn the_default_cost_is_what_the_standard_allows() {
    let Cost {
        memory_kib,
        passes,
        lanes,
    } = Cost::default();
    assert_eq!((memory_kib, passes, lanes), (47_104, 1, 1));
    assert!(Cost::calibrated(&base::SystemClock).memory_kib >= 47_104);
}
