//! API tokens: what they open, for how long, and never more than their owner.

use base::{Fault, FaultKind};
use identity::{ApiToken, Error, TokenDraft, TokenShown};

use crate::house::*;

const LABEL: &str = "nightly export of the Rosenthal account";

impl House {
    fn draft(&self, role: &str, purpose: &str, days: u16) -> TokenDraft {
        TokenDraft {
            label: LABEL.into(),
            role: role.into(),
            purpose: self.purpose(purpose),
            days,
        }
    }

    fn create(
        &self,
        who: &access::Context,
        user: base::RecordId,
        draft: TokenDraft,
    ) -> Result<ApiToken, Error> {
        let own = self.identity.clone();
        self.write(who, move |act| own.create_token(act, user, &draft))
    }

    fn tokens(&self, who: &access::Context, user: base::RecordId) -> Vec<TokenShown> {
        self.read(who, |act| self.identity.tokens_of(act, user))
            .unwrap()
    }
}

#[test]
fn a_token_acts_for_its_owner_until_it_expires() {
    with_house(|house| {
        let context = house.sign_in(SALES_MAIL).signed.context;
        let draft = house.draft("sales", "contract", 90);
        let token = house.create(&context, house.seller, draft).unwrap();
        assert!(token.expose().starts_with("pvt_"));
        let shown = house.tokens(&context, house.seller);
        assert_eq!((shown[0].label.as_str(), shown[0].last_used), (LABEL, None));
        let acting = house.identity.token(token.expose()).unwrap().unwrap();
        assert_eq!(acting.actor, house.seller.cast());
        assert_eq!(
            (acting.role.as_str(), acting.purpose),
            ("sales", house.purpose("contract"))
        );
        assert_eq!(acting.session, shown[0].handle.0);
        house.clock.advance_seconds(59);
        house.identity.token(token.expose()).unwrap().unwrap();
        assert_eq!(
            house.tokens(&context, house.seller)[0].last_used,
            Some(START)
        );
        house.clock.advance_seconds(90 * 86_400 - 60);
        assert!(house.identity.token(token.expose()).unwrap().is_some());
        house.clock.advance_seconds(1);
        assert!(house.identity.token(token.expose()).unwrap().is_none());
        house.verify().unwrap();
    });
}

#[test]
fn a_revoked_token_opens_nothing() {
    with_house(|house| {
        let context = house.sign_in(SALES_MAIL).signed.context;
        let draft = house.draft("sales", "contract", 1);
        let token = house.create(&context, house.seller, draft).unwrap();
        let handle = house.tokens(&context, house.seller)[0].handle;
        for expected in [true, false] {
            let (own, seller) = (house.identity.clone(), house.seller);
            let revoked = house.write(&context, move |act| own.revoke(act, seller, handle));
            assert_eq!(revoked.unwrap(), expected);
        }
        assert!(house.identity.token(token.expose()).unwrap().is_none());
        assert!(house.tokens(&context, house.seller)[0].revoked_at.is_some());
        assert!(house.identity.token("pvt_nonsense").unwrap().is_none());
        let unknown = house.sign_in(SALES_MAIL).token;
        assert!(house.identity.token(unknown.expose()).unwrap().is_none());
    });
}

#[test]
fn a_token_is_no_more_than_its_owner_and_makes_no_tokens() {
    with_house(|house| {
        let seller = house.sign_in(SALES_MAIL).signed.context;
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let create = |role: &str, purpose: &str, days| {
            house.create(&seller, house.seller, house.draft(role, purpose, days))
        };
        assert!(matches!(
            create("administrator", "security", 1),
            Err(Error::Role)
        ));
        assert!(matches!(create("system", "security", 1), Err(Error::Role)));
        assert!(matches!(
            create("sales", "security", 1),
            Err(Error::Purpose)
        ));
        assert!(matches!(create("sales", "contract", 0), Err(Error::Days)));
        assert!(matches!(create("sales", "contract", 91), Err(Error::Days)));
        let nameless = TokenDraft {
            label: "  ".into(),
            ..house.draft("sales", "contract", 1)
        };
        assert!(matches!(
            house.create(&seller, house.seller, nameless),
            Err(Error::Label)
        ));
        let draft = house.draft("administrator", "security", 1);
        let others = house.create(&seller, house.admin, draft).unwrap_err();
        assert_eq!(others.kind(), FaultKind::Refused);
        // An administrator may hand out any role of people, and no other.
        let system = house.create(&boss, house.admin, house.draft("system", "upkeep", 1));
        assert!(matches!(system, Err(Error::Role)));
        let token = create("sales", "contract", 1).unwrap();
        let acting = house.identity.token(token.expose()).unwrap().unwrap();
        let by_token = house.create(&acting, house.seller, house.draft("sales", "contract", 1));
        assert!(matches!(by_token, Err(Error::TokenByToken)));
        let for_other = house.create(&boss, house.seller, house.draft("sales", "contract", 1));
        assert!(for_other.is_ok());
        assert_eq!(house.tokens(&boss, house.seller).len(), 2);
    });
}

#[test]
fn a_token_does_not_outlive_what_its_owner_may() {
    with_house(|house| {
        let boss = house.sign_in(ADMIN_MAIL).signed.context;
        let second = house
            .make(&boss, "Cleo", "cleo@x.example", "administrator")
            .unwrap();
        let cleo = house.enter(second).signed.context;
        let agent = house.draft("agent", "sales_outreach", 30);
        let given = house.create(&cleo, second, agent).unwrap();
        assert!(house.identity.token(given.expose()).unwrap().is_some());
        let own = house.identity.clone();
        house
            .write(&boss, move |act| own.change_role(act, second, "sales"))
            .unwrap();
        assert!(house.identity.token(given.expose()).unwrap().is_none());
        let own = house.identity.clone();
        house
            .write(&boss, move |act| own.change_role(act, second, "agent"))
            .unwrap();
        assert!(house.identity.token(given.expose()).unwrap().is_some());
        house.trash(&boss, second);
        assert!(house.identity.token(given.expose()).unwrap().is_none());
    });
}
