//! Chance, from an [`Rng`] that the caller hands in.

use std::sync::Mutex;

/// Where random bytes come from. Fit for keys and nonces when it is [`SystemRng`].
pub trait Rng: Send + Sync {
    /// Fills the whole slice.
    fn fill(&self, out: &mut [u8]);
}

impl dyn Rng + '_ {
    /// `N` random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        self.fill(&mut out);
        out
    }
}

/// The operating system's generator. Never buffered: a restored machine image must not repeat a nonce.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, out: &mut [u8]) {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one source the ban points to"
        )]
        getrandom::fill(out).expect("the operating system gives random bytes");
    }
}

/// A repeatable stream for tests and demonstration data (SplitMix64). Never for keys.
#[derive(Debug)]
pub struct SeededRng(Mutex<u64>);

impl SeededRng {
    /// The stream of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    /// A number below `bound`, which is at least 1.
    #[must_use]
    pub fn below(&self, bound: usize) -> usize {
        let next = self.next();
        usize::try_from(next % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn next(&self) -> u64 {
        let mut state = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = *state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Rng for SeededRng {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let bytes = self.next().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
    }
}
