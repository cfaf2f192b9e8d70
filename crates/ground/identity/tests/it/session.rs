//! Sessions: how they live, and every way they end.

use base::{Fault, FaultKind};

use crate::house::*;

#[test]
fn a_session_ends_after_half_an_hour_without_a_request() {
    with_house(|house| {
        let token = house.sign_in(SALES_MAIL).token;
        let is_alive = || house.identity.session(token.expose()).unwrap().is_some();
        for _ in 0..5 {
            house.clock.advance_seconds(30 * 60 - 1);
            assert!(is_alive());
        }
        house.clock.advance_seconds(30 * 60);
        assert!(!is_alive());
    });
}

#[test]
fn a_session_in_use_ends_after_twelve_hours() {
    with_house(|house| {
        let token = house.sign_in(SALES_MAIL).token;
        for minute in 1..=12 * 3 {
            house.clock.advance_seconds(20 * 60);
            let alive = house.identity.session(token.expose()).unwrap().is_some();
            assert_eq!(alive, minute < 12 * 3, "after {} minutes", minute * 20);
        }
    });
}

#[test]
fn a_request_writes_at_most_once_a_minute() {
    with_house(|house| {
        let signed_in = house.sign_in(SALES_MAIL);
        let context = &signed_in.signed.context;
        let seen = || {
            house
                .identity
                .session(signed_in.token.expose())
                .unwrap()
                .unwrap();
            let shown = house.read(context, |act| house.identity.sessions_of(act, house.seller));
            shown.unwrap()[0].seen_at
        };
        assert_eq!(seen(), START);
        house.clock.advance_seconds(59);
        assert_eq!(seen(), START);
        house.clock.advance_seconds(1);
        assert_eq!(seen(), START.plus_seconds(60));
    });
}

#[test]
fn who_is_signed_in_is_known_by_name_role_session_and_secret() {
    with_house(|house| {
        let (one, two) = (house.sign_in(SALES_MAIL), house.sign_in(SALES_MAIL));
        let signed = house.identity.session(one.token.expose()).unwrap().unwrap();
        assert_eq!(
            (signed.name.as_str(), signed.user),
            (SALES_NAME, house.seller)
        );
        assert_eq!(signed.context.actor, house.seller.cast());
        assert_eq!(signed.context.role, "sales");
        assert_eq!(signed.context.purpose, house.purpose("sales_outreach"));
        assert_eq!(signed.context.session, one.signed.context.session);
        assert_eq!(signed.csrf, one.signed.csrf);
        assert_ne!(one.signed.csrf, two.signed.csrf);
        assert_ne!(one.signed.context.session, two.signed.context.session);
        for token in [
            "",
            "x",
            &"A".repeat(43),
            &"ä".repeat(43),
            &one.token.expose()[1..],
        ] {
            assert!(house.identity.session(token).unwrap().is_none(), "{token}");
        }
        assert!(!format!("{one:?}").contains(one.token.expose()));
    });
}

#[test]
fn the_purpose_changes_only_to_one_of_the_role() {
    with_house(|house| {
        let token = house.sign_in(SALES_MAIL).token;
        let token = token.expose();
        let contract = house.purpose("contract");
        let signed = house.identity.switch_purpose(token, contract).unwrap();
        assert_eq!(signed.context.purpose, contract);
        let security = house.purpose("security");
        let refused = house.identity.switch_purpose(token, security).unwrap_err();
        assert_eq!(refused.kind(), FaultKind::Refused);
        let now = house.identity.session(token).unwrap().unwrap();
        assert_eq!(now.context.purpose, contract);
        let nobody = house
            .identity
            .switch_purpose(&"A".repeat(43), contract)
            .unwrap_err();
        assert_eq!(nobody.kind(), FaultKind::Unknown);
    });
}

#[test]
fn sessions_are_listed_and_ended_by_their_user_or_an_administrator() {
    with_house(|house| {
        let (one, two) = (house.sign_in(SALES_MAIL), house.sign_in(SALES_MAIL));
        let boss = house.sign_in(ADMIN_MAIL);
        let list = |who: &access::Context, user| {
            house.read(who, |act| house.identity.sessions_of(act, user))
        };
        let own = list(&one.signed.context, house.seller).unwrap();
        assert_eq!(own.len(), 2);
        assert_eq!(own.iter().filter(|shown| shown.is_present).count(), 1);
        let others = list(&one.signed.context, house.admin).unwrap_err();
        assert_eq!(others.kind(), FaultKind::Refused);
        assert_eq!(list(&boss.signed.context, house.seller).unwrap().len(), 2);

        let other = own.iter().find(|shown| !shown.is_present).unwrap().handle;
        for expected in [true, false] {
            let (own, seller) = (house.identity.clone(), house.seller);
            let ended = house.write(&one.signed.context, move |act| {
                own.end_session(act, seller, other)
            });
            assert_eq!(ended.unwrap(), expected);
        }
        assert!(
            house
                .identity
                .session(two.token.expose())
                .unwrap()
                .is_none()
        );
        assert!(
            house
                .identity
                .session(one.token.expose())
                .unwrap()
                .is_some()
        );

        house.sign_in(SALES_MAIL);
        let (own, seller) = (house.identity.clone(), house.seller);
        let ended = house.write(&boss.signed.context, move |act| own.end_all(act, seller));
        assert_eq!(ended.unwrap(), 2);
        assert!(
            house
                .identity
                .session(one.token.expose())
                .unwrap()
                .is_none()
        );
        assert!(house.identity.sign_out(boss.token.expose()).unwrap());
        assert!(!house.identity.sign_out(boss.token.expose()).unwrap());
        assert_eq!(house.count("session"), 0);
    });
}

#[test]
fn a_row_of_an_ended_session_that_is_put_back_opens_nothing() {
    with_house(|house| {
        let token = house.sign_in(SALES_MAIL).token;
        house.sql("CREATE TABLE kept_aside AS SELECT * FROM session");
        let (own, seller) = (house.identity.clone(), house.seller);
        house
            .write(&house.system(), move |act| own.end_all(act, seller))
            .unwrap();
        house.sql("INSERT INTO session SELECT * FROM kept_aside");
        assert!(house.identity.session(token.expose()).unwrap().is_none());
    });
}

#[test]
fn a_user_in_the_trash_is_signed_out_and_cannot_come_in() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let seller = house.sign_in(SALES_MAIL);
        let link = house.link(house.seller, identity::LinkKind::SignIn);
        house.trash(&boss, house.seller);
        assert!(
            house
                .identity
                .session(seller.token.expose())
                .unwrap()
                .is_none()
        );
        assert!(house.identity.redeem_link(&link).is_err());
        assert!(house.identity.sign_in(SALES_MAIL, PHRASE, HOME).is_err());
    });
}

#[test]
fn what_ended_is_swept() {
    with_house(|house| {
        house.sign_in(SALES_MAIL);
        house.link(house.seller, identity::LinkKind::SignIn);
        let sweep = || {
            let own = house.identity.clone();
            house
                .write(&house.system(), move |act| own.sweep(act))
                .unwrap()
        };
        assert_eq!(
            sweep(),
            0,
            "nothing has ended yet, and who signed in is familiar"
        );
        house.clock.advance_seconds(30 * 60);
        assert_eq!(sweep(), 2);
        house.clock.advance_seconds(86_400);
        assert_eq!(sweep(), 2, "counters of the account and the address");
        house.clock.advance_seconds(30 * 86_400);
        assert_eq!(sweep(), 1, "the familiar pair");
        assert_eq!(house.count("credential"), 2);
    });
}
