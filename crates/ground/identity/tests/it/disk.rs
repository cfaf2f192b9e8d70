//! Nothing that opens the door and nobody's name is on the disk in clear.

use std::path::Path;

use identity::{LinkKind, TokenDraft};
use store::{Db, Location};

use crate::house::*;

#[test]
fn no_name_mail_password_token_label_or_address_is_on_the_disk() {
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("data");
    let db = Db::create(&Location::Directory(place.clone()), &migrations().concat()).unwrap();
    let house = House::new(&db);
    let signed_in = house.sign_in(SALES_MAIL);
    let link = house.link(house.seller, LinkKind::SignIn);
    let (own, seller) = (house.identity.clone(), house.seller);
    let draft = TokenDraft {
        label: "Rosenthal nightly".into(),
        role: "sales".into(),
        purpose: house.purpose("contract"),
        days: 9,
    };
    let context = &signed_in.signed.context;
    let token = house
        .write(context, move |act| own.create_token(act, seller, &draft))
        .unwrap();
    house
        .identity
        .sign_in("someone.typed@this.example", "a wrong pass phrase", HOME)
        .unwrap_err();

    let secrets = [
        ADMIN_NAME,
        "Lindqvist",
        ADMIN_MAIL,
        SALES_NAME,
        "Quennell",
        SALES_MAIL,
        "northwind",
        PHRASE,
        "kettles",
        "Rosenthal",
        "someone.typed",
        "a wrong pass",
        "192.0.2.7",
        signed_in.token.expose(),
        &link,
        token.expose(),
        &token.expose()[4..47],
    ];
    let seen = bytes(&place);
    assert!(
        contains(&seen, "administrator"),
        "the scan reads what is there: a role is in clear"
    );
    for secret in secrets {
        assert!(!contains(&seen, secret), "{secret}");
        assert!(!contains(&seen, &secret.to_lowercase()), "{secret}");
    }
}

/// Every byte of every file below a directory.
fn bytes(place: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(bytes(&path));
        } else {
            all.extend(std::fs::read(&path).unwrap());
        }
    }
    all
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle.as_bytes())
}
