//! Guessing is slow, and nobody can lock somebody else out.

use identity::Error;

use crate::house::*;

const WRONG: &str = "wrong wrong wrong";

fn is_throttled(outcome: &Result<identity::SignedIn, Error>) -> bool {
    matches!(outcome, Err(Error::Throttled { .. }))
}

#[test]
fn failures_delay_their_own_address_and_account_and_no_other() {
    with_house(|house| {
        let guess = |mail, from: &[u8]| house.identity.sign_in(mail, WRONG, from);
        for _ in 0..5 {
            assert!(matches!(guess(SALES_MAIL, b"attacker"), Err(Error::SignIn)));
        }
        let hashes = house.identity.hashes_made();
        let size = house.log_size();
        assert!(is_throttled(&guess(SALES_MAIL, b"attacker")));
        assert!(is_throttled(&house.identity.sign_in(
            SALES_MAIL,
            PHRASE,
            b"attacker"
        )));
        assert_eq!(
            house.identity.hashes_made(),
            hashes,
            "a throttled attempt costs nothing"
        );
        assert_eq!(house.log_size(), size, "and does not fill the log");
        assert!(
            house
                .identity
                .sign_in(SALES_MAIL, PHRASE, b"elsewhere")
                .is_ok()
        );
        assert!(
            house
                .identity
                .sign_in(ADMIN_MAIL, PHRASE, b"attacker")
                .is_ok()
        );
        house.clock.advance_seconds(1);
        assert!(matches!(guess(SALES_MAIL, b"attacker"), Err(Error::SignIn)));
        house.clock.advance_seconds(1);
        assert!(is_throttled(&guess(SALES_MAIL, b"attacker")));
        house.clock.advance_seconds(1);
        assert!(
            house
                .identity
                .sign_in(SALES_MAIL, PHRASE, b"attacker")
                .is_ok()
        );
        for _ in 0..5 {
            assert!(matches!(guess(SALES_MAIL, b"attacker"), Err(Error::SignIn)));
        }
    });
}

#[test]
fn an_unknown_account_is_throttled_like_a_known_one() {
    with_house(|house| {
        let guess = || {
            house
                .identity
                .sign_in("nobody@x.example", WRONG, b"attacker")
        };
        for _ in 0..5 {
            assert!(matches!(guess(), Err(Error::SignIn)));
        }
        assert!(is_throttled(&guess()));
    });
}

#[test]
fn an_account_tried_from_everywhere_still_opens_to_its_owner() {
    with_house(|house| {
        for from in 0..100_u32 {
            let guessed = house
                .identity
                .sign_in(SALES_MAIL, WRONG, &from.to_be_bytes());
            assert!(matches!(guessed, Err(Error::SignIn)));
        }
        let fresh = b"owner, far from home";
        assert!(house.identity.sign_in(SALES_MAIL, PHRASE, fresh).is_ok());
        for attempt in 0..5 {
            let own = house.identity.sign_in(SALES_MAIL, WRONG, fresh);
            assert!(
                matches!(own, Err(Error::SignIn)),
                "{attempt}: the place is familiar now"
            );
        }
        house
            .identity
            .sign_in(SALES_MAIL, WRONG, b"next")
            .unwrap_err();
        assert!(is_throttled(
            &house.identity.sign_in(SALES_MAIL, WRONG, b"next")
        ));
    });
}

#[test]
fn an_address_that_tries_every_account_is_stopped_but_not_who_is_known_there() {
    with_house(|house| {
        house
            .identity
            .sign_in(SALES_MAIL, PHRASE, b"office")
            .unwrap();
        for account in 0..50 {
            let mail = format!("guess{account}@x.example");
            house.identity.sign_in(&mail, WRONG, b"office").unwrap_err();
        }
        assert!(is_throttled(&house.identity.sign_in(
            "one@more.example",
            WRONG,
            b"office"
        )));
        assert!(
            house
                .identity
                .sign_in(SALES_MAIL, PHRASE, b"office")
                .is_ok()
        );
        house.clock.advance_seconds(15 * 60);
        assert!(!is_throttled(&house.identity.sign_in(
            "one@more.example",
            WRONG,
            b"office"
        )));
    });
}

#[test]
fn many_guesses_at_once_are_counted_before_they_are_made() {
    with_house(|house| {
        let before = house.identity.hashes_made();
        let wrong: usize = std::thread::scope(|scope| {
            let guess = || house.identity.sign_in(SALES_MAIL, WRONG, b"attacker");
            let tries: Vec<_> = (0..12).map(|_| scope.spawn(guess)).collect();
            let outcomes = tries.into_iter().map(|tried| tried.join().unwrap());
            outcomes
                .filter(|outcome| matches!(outcome, Err(Error::SignIn)))
                .count()
        });
        assert_eq!(wrong, 5);
        assert_eq!(house.identity.hashes_made() - before, 5);
        house.verify().unwrap();
    });
}

#[test]
fn a_stolen_session_cannot_try_the_old_password_fast() {
    with_house(|house| {
        let context = house.sign_in(SALES_MAIL).signed.context;
        let guess = || {
            house.identity.set_password(
                &context,
                house.seller,
                Some(WRONG),
                "three other long words",
            )
        };
        for _ in 0..5 {
            assert!(matches!(guess(), Err(Error::OldPassword)));
        }
        assert!(matches!(guess(), Err(Error::Throttled { .. })));
        assert!(house.identity.sign_in(SALES_MAIL, PHRASE, HOME).is_ok());
    });
}
