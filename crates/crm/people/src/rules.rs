//! What may be done with a person and how long they are kept. Values in, values out.

use access::{Policy, Role};
use base::Timestamp;
use web::view::{Chip, Meter, Tone};

use crate::pages::{Keep, MayDo};

/// Days after the last contact until a person without a contract is due for erasure: three years.
/// Retention rules of the organisation replace this default.
pub const KEPT_AFTER_LAST_CONTACT_DAYS: i64 = 3 * 365;

/// For each purpose that concerns people: whether this role may work for it, and on what basis.
pub fn may_do(policy: &Policy, role: Option<&Role>) -> Vec<MayDo> {
    let concerning = policy
        .purposes()
        .iter()
        .filter(|purpose| purpose.number.0 < 10);
    concerning
        .map(|purpose| {
            let basis = purpose
                .basis
                .first()
                .map(|b| format!("{}, {} {}", b.basis, b.article, b.law));
            let covered = role.is_some_and(|role| role.purposes.contains(&purpose.name));
            let answer = if covered {
                Chip::new(Tone::Yes, "yes")
            } else {
                Chip::new(Tone::Plain, "not your role")
            };
            MayDo {
                what: purpose.label.clone(),
                basis: basis.unwrap_or_default(),
                answer,
            }
        })
        .chain([MayDo {
            what: "Product news by mail".into(),
            basis: "needs consent; none is on record".into(),
            answer: Chip::new(Tone::Wait, "ask first"),
        }])
        .collect()
}

/// When a person is due for erasure, counted from the last contact.
pub fn keep(last_contact: Timestamp, now: Timestamp) -> Keep {
    let until = last_contact.plus_days(KEPT_AFTER_LAST_CONTACT_DAYS);
    let passed = (now.micros() - last_contact.micros())
        .div_euclid(Timestamp::DAY_MICROS)
        .max(0);
    Keep {
        meter: Some(Meter {
            label: "time kept since the last contact".into(),
            value: u64::try_from(passed.min(KEPT_AFTER_LAST_CONTACT_DAYS)).unwrap_or(0),
            max: u64::try_from(KEPT_AFTER_LAST_CONTACT_DAYS).unwrap_or(1),
        }),
        until: desk::day_of(until),
        because: ", three years after the last contact, unless they ask before.".into(),
        floors: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_kept_three_years_from_the_last_contact() {
        let last = Timestamp(1_795_460_520_000_000); // 2026-11-23
        let keep = keep(last, last.plus_days(365));
        assert_eq!(keep.until, "22 Nov 2029");
        let meter = keep.meter.expect("a meter");
        assert_eq!((meter.value, meter.max), (365, 1095));
    }

    #[test]
    fn a_purpose_outside_the_role_is_not_offered_as_a_yes() {
        let policy = Policy::built_in();
        let support = policy.role("support").expect("a role");
        let all = may_do(&policy, Some(support));
        let sales = all
            .iter()
            .find(|one| one.what == "Sales outreach")
            .expect("the purpose");
        assert_eq!(sales.answer.label, "not your role");
        assert!(
            all.iter()
                .any(|one| one.what == "Product news by mail" && one.answer.label == "ask first")
        );
    }
}
