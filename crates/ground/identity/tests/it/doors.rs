//! Users are made once, links work once, and everything leaves its leaf.

use act::LeafAction;
use base::{Fault, FaultKind};
use identity::{Error, LinkKind, Via};

use crate::house::*;

#[test]
fn a_link_works_once_and_in_its_time() {
    with_house(|house| {
        for (kind, seconds) in [
            (LinkKind::SignIn, 15 * 60),
            (LinkKind::Invitation, 72 * 3_600),
        ] {
            let link = house.link(house.seller, kind);
            house.clock.advance_seconds(seconds - 1);
            let signed_in = house.identity.redeem_link(&link).unwrap();
            assert_eq!(signed_in.signed.via, Via::Link);
            assert_eq!(signed_in.signed.user, house.seller);
            let used = house.identity.redeem_link(&link).unwrap_err();
            let late = house.link(house.seller, kind);
            house.clock.advance_seconds(seconds);
            let expired = house.identity.redeem_link(&late).unwrap_err();
            let unknown = house.identity.redeem_link(&"A".repeat(43)).unwrap_err();
            let senseless = house.identity.redeem_link("no link").unwrap_err();
            for error in [used, expired, unknown, senseless] {
                assert!(matches!(error, Error::Link), "{error}");
            }
        }
    });
}

#[test]
fn a_new_link_ends_the_earlier_one_and_only_administrators_make_them() {
    with_house(|house| {
        let first = house.link(house.seller, LinkKind::Invitation);
        let second = house.link(house.seller, LinkKind::SignIn);
        assert!(house.identity.redeem_link(&first).is_err());
        let seller = house.identity.redeem_link(&second).unwrap().signed.context;
        let (own, admin) = (house.identity.clone(), house.admin);
        let refused = house.write(&seller, move |act| {
            own.one_time_link(act, admin, LinkKind::SignIn)
        });
        assert_eq!(refused.unwrap_err().kind(), FaultKind::Refused);
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let own = house.identity.clone();
        let nobody = base::RecordId::from_bytes([9; 16]);
        let absent = house.write(&boss, move |act| {
            own.one_time_link(act, nobody, LinkKind::SignIn)
        });
        assert!(matches!(absent, Err(Error::Absent)));
    });
}

#[test]
fn one_of_many_who_redeem_a_link_at_once_comes_in() {
    with_house(|house| {
        for round in 0..8 {
            let link = house.link(house.seller, LinkKind::SignIn);
            let start = std::sync::Barrier::new(4);
            let redeem = || {
                start.wait();
                house.identity.redeem_link(&link).is_ok()
            };
            let came_in: usize = std::thread::scope(|scope| {
                let tries: Vec<_> = (0..4).map(|_| scope.spawn(redeem)).collect();
                let done = tries.into_iter().map(|tried| tried.join().unwrap());
                done.map(usize::from).sum()
            });
            assert_eq!(came_in, 1, "round {round}");
        }
    });
}

#[test]
fn users_are_made_by_administrators_with_their_own_mail_and_a_role_for_people() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let twin = house.make(
            &boss,
            "Somebody Else",
            "BORIS.quennell@northwind.example",
            "sales",
        );
        assert!(matches!(twin, Err(Error::MailTaken)));
        for (name, mail, role) in [
            ("", "x@y.example", "sales"),
            ("X", "no address", "sales"),
            ("X", "", "sales"),
            ("X", "x@y.example", "system"),
            ("X", "x@y.example", "operator"),
            ("X", "x@y.example", ""),
        ] {
            let refused = house.make(&boss, name, mail, role).unwrap_err();
            assert_eq!(refused.kind(), FaultKind::Invalid, "{name} {mail} {role}");
        }
        let seller = house.sign_in(SALES_MAIL).signed.context;
        let refused = house
            .make(&seller, "X", "x@y.example", "administrator")
            .unwrap_err();
        assert_eq!(refused.kind(), FaultKind::Refused);
        let own = house.identity.clone();
        let second = house.write(&house.system(), move |act| {
            own.first_administrator(act, "X", "x@y.example")
        });
        assert!(matches!(second, Err(Error::NotFirst)));
        assert_eq!(house.count("credential"), 2);
    });
}

#[test]
fn of_many_who_make_a_user_with_the_same_mail_at_once_one_succeeds() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        for round in 0..8 {
            let mail = format!("cleo{round}@northwind.example");
            let start = std::sync::Barrier::new(4);
            let make = || {
                start.wait();
                house.make(&boss, "Cleo", &mail, "agent").is_ok()
            };
            let made: usize = std::thread::scope(|scope| {
                let tries: Vec<_> = (0..4).map(|_| scope.spawn(make)).collect();
                let done = tries.into_iter().map(|tried| tried.join().unwrap());
                done.map(usize::from).sum()
            });
            assert_eq!(made, 1, "round {round}");
        }
    });
}

#[test]
fn who_acted_is_shown_by_name_with_and_without_the_name_index() {
    with_house(|house| {
        let name = || house.identity.user_name(house.seller.cast());
        assert_eq!(name().as_deref(), Some(SALES_NAME));
        house.records.load_names(&house.system()).unwrap();
        assert_eq!(name().as_deref(), Some(SALES_NAME));
        assert_eq!(house.identity.user_name(base::ActorId::nil()), None);
        assert_eq!(
            house.identity.user_name(base::ActorId::from_bytes([9; 16])),
            None
        );
    });
}

#[test]
fn another_role_takes_effect_at_once_and_nobody_gives_it_to_themselves() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let seller = house.sign_in(SALES_MAIL);
        let change = |who: &access::Context, user, role: &'static str| {
            let own = house.identity.clone();
            house.write(who, move |act| own.change_role(act, user, role))
        };
        let own = change(&boss, house.admin, "sales");
        assert!(matches!(own, Err(Error::OwnRole)));
        let by_seller = change(&seller.signed.context, house.seller, "administrator");
        assert_eq!(by_seller.unwrap_err().kind(), FaultKind::Refused);
        assert!(matches!(
            change(&boss, house.seller, "system"),
            Err(Error::Role)
        ));
        change(&boss, house.seller, "support").unwrap();
        assert!(
            house
                .identity
                .session(seller.token.expose())
                .unwrap()
                .is_none()
        );
        assert_eq!(house.sign_in(SALES_MAIL).signed.context.role, "support");
        house.verify().unwrap();
    });
}

#[test]
fn every_way_in_and_out_leaves_its_leaf() {
    use LeafAction::*;
    with_house(|house| {
        let mut size = house.log_size();
        let mut left = |what: &str, expected: &[LeafAction]| {
            let leaves = house.leaves_since(size);
            assert_eq!(leaves, expected, "{what}");
            size += expected.len() as u64;
        };
        let boss = house.sign_in(ADMIN_MAIL);
        left("sign in", &[Search, SignIn]);
        house.identity.session(boss.token.expose()).unwrap();
        left(
            "a request after the user's record changed or the start opens it",
            &[],
        );
        house
            .identity
            .sign_in(ADMIN_MAIL, "wrong", HOME)
            .unwrap_err();
        left("wrong password", &[Search, SignInFailed]);
        house
            .identity
            .sign_in("nobody@x.example", "wrong", HOME)
            .unwrap_err();
        left("unknown account", &[Search, SignInFailed]);
        let user = house
            .make(&boss.signed.context, "Cleo", "cleo@x.example", "agent")
            .unwrap();
        left("a new user", &[Search, Create]);
        let link = house.link(user, LinkKind::Invitation);
        left("a link", &[Key]);
        let cleo = house.identity.redeem_link(&link).unwrap();
        left("redeemed", &[Open, SignIn]);
        house.identity.redeem_link(&link).unwrap_err();
        left("redeemed again", &[SignInFailed]);
        let context = &cleo.signed.context;
        house
            .identity
            .set_password(context, user, None, PHRASE)
            .unwrap();
        left("a password", &[Open, Key]);
        house
            .identity
            .set_password(&boss.signed.context, user, None, PHRASE)
            .unwrap_err();
        left("somebody else's password", &[Key]);
        house.identity.sign_out(cleo.token.expose()).unwrap();
        left("signed out", &[SignOut]);
    });
}

#[test]
fn the_roles_of_users_are_roles_of_people_that_the_policy_knows() {
    with_house(|house| {
        let policy = house.records.acts().policy();
        let options = &house.records.kind("user").field("role").unwrap().options;
        let of_people: Vec<&String> = policy
            .roles()
            .iter()
            .map(|role| &role.name)
            .filter(|name| !["operator", "system"].contains(&name.as_str()))
            .collect();
        assert_eq!(of_people, options.iter().collect::<Vec<_>>());
    });
}
