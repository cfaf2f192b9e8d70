//! Instants as people say them. In UTC until users have time zones of their own.

use base::Timestamp;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const LONG_MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = [
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
];

/// `today 10:42`, `yesterday 18:03`, `12 Nov`, `4 Mar 2025`.
#[must_use]
pub fn when(at: Timestamp, now: Timestamp) -> String {
    let days = now.micros().div_euclid(Timestamp::DAY_MICROS)
        - at.micros().div_euclid(Timestamp::DAY_MICROS);
    let second = at.micros().div_euclid(1_000_000).rem_euclid(86_400);
    let clock = format!("{:02}:{:02}", second / 3600, second / 60 % 60);
    match days {
        0 => format!("today {clock}"),
        1 => format!("yesterday {clock}"),
        _ if at.civil().0 == now.civil().0 => day(at, false),
        _ => day(at, true),
    }
}

/// `12 Nov` or `12 Nov 2026`.
#[must_use]
pub fn day(at: Timestamp, with_year: bool) -> String {
    let (year, month, date) = at.civil();
    let month = MONTHS[usize::from(month.clamp(1, 12)) - 1];
    if with_year {
        format!("{date} {month} {year}")
    } else {
        format!("{date} {month}")
    }
}

/// `12 Nov 2026`.
#[must_use]
pub fn day_of(at: Timestamp) -> String {
    day(at, true)
}

/// `Monday, 23 November 2026`.
#[must_use]
pub fn long_day(at: Timestamp) -> String {
    let (year, month, date) = at.civil();
    let weekday = at.micros().div_euclid(Timestamp::DAY_MICROS).rem_euclid(7);
    let weekday = DAYS[usize::try_from(weekday).unwrap_or(0)];
    format!(
        "{weekday}, {date} {} {year}",
        LONG_MONTHS[usize::from(month.clamp(1, 12)) - 1]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_said_from_the_present_one() {
        let now = Timestamp(1_795_460_520_000_000); // 2026-11-23T19:02:00Z
        assert_eq!(long_day(now), "Monday, 23 November 2026");
        assert_eq!(when(now.plus_seconds(-3600), now), "today 18:02");
        assert_eq!(when(now.plus_days(-1), now), "yesterday 19:02");
        assert_eq!(when(now.plus_days(-11), now), "12 Nov");
        assert_eq!(when(now.plus_days(-400), now), "19 Oct 2025");
    }
}
