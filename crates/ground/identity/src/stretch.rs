//! Password hashing: argon2id over HMAC(pepper, password), written as a PHC string.
//!
//! The pepper is a key of the vault, so a stolen database alone cannot be tried against word lists;
//! user and workspace are in the HMAC, so a hash moved to another account is worthless. OWASP ASVS
//! 5.0 V11.4 allows t=1 from 46 MiB, t=2 from 19 MiB and t=3 from 12 MiB.

use argon2::{Algorithm, Argon2, Params, Version};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::hmac;
use base::{Clock, RecordId, WorkspaceId};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use unicode_normalization::UnicodeNormalization;
use vault::Secret;

const LABEL: &[u8] = b"privet.password.1";
/// What a stored hash may ask for at most, so that a forged one cannot take the machine's memory.
const MEMORY_KIB_MAX: u32 = 1_048_576;
const PASSES_MAX: u32 = 64;
/// What one hash should take at most on this machine.
const TARGET_MS: i64 = 100;

/// What one hash costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes; more than one gains nothing without threads.
    pub lanes: u32,
}

impl Default for Cost {
    /// 46 MiB, one pass: about 40 ms.
    fn default() -> Self {
        Self {
            memory_kib: 47_104,
            passes: 1,
            lanes: 1,
        }
    }
}

impl Cost {
    /// What is tried by [`Cost::calibrated`], each dearer than the one before. The first is the least.
    const LADDER: [Self; 4] = [
        Self::of(47_104, 1),
        Self::of(65_536, 1),
        Self::of(65_536, 2),
        Self::of(65_536, 3),
    ];

    const fn of(memory_kib: u32, passes: u32) -> Self {
        Self {
            memory_kib,
            passes,
            lanes: 1,
        }
    }

    /// The dearest that takes at most 100 ms on this machine, and never less than the default.
    #[must_use]
    pub fn calibrated(clock: &dyn Clock) -> Self {
        Self::dearest(|cost| {
            let began = clock.now();
            let mut out = [0; 32];
            let done = cost.run(&[0; 32], &[0; 16], &mut out);
            done.map(|()| clock.now().millis() - began.millis())
        })
    }

    fn dearest(mut takes_ms: impl FnMut(Self) -> Option<i64>) -> Self {
        let mut chosen = Self::LADDER[0];
        for cost in Self::LADDER {
            match takes_ms(cost) {
                Some(ms) if ms <= TARGET_MS => chosen = cost,
                _ => break,
            }
        }
        chosen
    }

    fn run(self, input: &[u8; 32], salt: &[u8], out: &mut [u8; 32]) -> Option<()> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32)).ok()?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(input, salt, out)
            .ok()
    }
}

/// A stored hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hashed {
    pub cost: Cost,
    salt: [u8; 16],
    hash: [u8; 32],
}

impl Hashed {
    /// Hashes what [`peppered`] made of a password; `None` when the cost cannot be paid.
    pub(crate) fn of(cost: Cost, salt: [u8; 16], peppered: &[u8; 32]) -> Option<Self> {
        let mut hash = [0; 32];
        cost.run(peppered, &salt, &mut hash)?;
        Some(Self { cost, salt, hash })
    }

    /// Whether this is the hash of what [`peppered`] made of a password.
    pub(crate) fn fits(&self, peppered: &[u8; 32]) -> bool {
        Self::of(self.cost, self.salt, peppered)
            .is_some_and(|other| verify_slices_are_equal(&self.hash, &other.hash).is_ok())
    }

    /// A hash that no password fits, for accounts that do not exist: comparing with it costs the same.
    pub(crate) const fn dummy(cost: Cost) -> Self {
        Self {
            cost,
            salt: *b"nobody's account",
            hash: [0; 32],
        }
    }

    /// The PHC string format of the Password Hashing Competition, as argon2 writes it.
    pub(crate) fn phc(&self) -> String {
        let Cost {
            memory_kib,
            passes,
            lanes,
        } = self.cost;
        let (salt, hash) = (
            STANDARD_NO_PAD.encode(self.salt),
            STANDARD_NO_PAD.encode(self.hash),
        );
        format!("$argon2id$v=19$m={memory_kib},t={passes},p={lanes}${salt}${hash}")
    }

    pub(crate) fn parse(phc: &str) -> Option<Self> {
        let mut parts = phc.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut costs = parts.next()?.split(',');
        let mut number = |name: &str| costs.next()?.strip_prefix(name)?.parse::<u32>().ok();
        let cost = Cost {
            memory_kib: number("m=").filter(|m| *m <= MEMORY_KIB_MAX)?,
            passes: number("t=").filter(|t| *t <= PASSES_MAX)?,
            lanes: number("p=")?,
        };
        let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
        let (salt, hash) = (salt.try_into().ok()?, hash.try_into().ok()?);
        parts.next().is_none().then_some(Self { cost, salt, hash })
    }
}

/// HMAC(pepper, label | workspace | user | password in Unicode's form C, as RFC 8265 section 4.2
/// prepares it).
pub(crate) fn peppered(
    pepper: &Secret,
    ws: WorkspaceId,
    user: RecordId,
    password: &str,
) -> [u8; 32] {
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, pepper.expose()));
    mac.update(LABEL);
    mac.update(ws.as_bytes());
    mac.update(user.as_bytes());
    let settled: String = password.nfc().collect();
    mac.update(settled.as_bytes());
    crate::token::array(mac.sign().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Cost = Cost::of(64, 1);

    #[test]
    fn a_hash_comes_back_from_its_text_and_fits_only_its_password() {
        let hashed = Hashed::of(QUICK, [3; 16], &[7; 32]).unwrap();
        let phc = hashed.phc();
        assert!(phc.starts_with("$argon2id$v=19$m=64,t=1,p=1$"), "{phc}");
        let read = Hashed::parse(&phc).unwrap();
        assert_eq!(read, hashed);
        assert!(read.fits(&[7; 32]));
        assert!(!read.fits(&[8; 32]));
        assert!(!Hashed::dummy(QUICK).fits(&[7; 32]));
    }

    #[test]
    fn forged_texts_are_refused() {
        let phc = Hashed::of(QUICK, [3; 16], &[7; 32]).unwrap().phc();
        for bad in [
            String::new(),
            phc.replace("argon2id", "argon2i"),
            phc.replace("v=19", "v=16"),
            phc.replace("m=64", "m=4000000000"),
            phc.replace("t=1", "t=100"),
            phc.replace("m=64,", ""),
            format!("{phc}$x"),
            phc[..phc.len() - 3].to_owned(),
        ] {
            assert_eq!(Hashed::parse(&bad), None, "{bad}");
        }
    }

    #[test]
    fn user_workspace_and_pepper_are_all_in_the_hash_and_accents_have_one_form() {
        let (one, two) = (
            Secret::copied(&[1; 32]).unwrap(),
            Secret::copied(&[2; 32]).unwrap(),
        );
        let (ws, user) = (WorkspaceId::nil(), RecordId::nil());
        let base = peppered(&one, ws, user, "caf\u{e9}");
        assert_eq!(base, peppered(&one, ws, user, "cafe\u{301}"));
        assert_ne!(base, peppered(&two, ws, user, "caf\u{e9}"));
        assert_ne!(
            base,
            peppered(&one, WorkspaceId::from_bytes([1; 16]), user, "caf\u{e9}")
        );
        assert_ne!(
            base,
            peppered(&one, ws, RecordId::from_bytes([1; 16]), "caf\u{e9}")
        );
    }

    #[test]
    fn calibration_never_goes_below_the_default_and_stops_at_the_target() {
        assert_eq!(Cost::dearest(|_| Some(5_000)), Cost::default());
        assert_eq!(Cost::dearest(|_| None), Cost::default());
        assert_eq!(Cost::dearest(|_| Some(1)), Cost::of(65_536, 3));
        let by_work = |cost: Cost| Some(i64::from(cost.memory_kib / 1_024 * cost.passes));
        assert_eq!(Cost::dearest(by_work), Cost::of(65_536, 1));
    }
}
