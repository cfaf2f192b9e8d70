//! Times that were taken one after the other, and what they come to.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How long each of some repetitions took.
#[derive(Debug, Default)]
pub struct Sample {
    times: Vec<Duration>,
    sorted: bool,
}

impl Sample {
    /// Repeats something and times each time.
    pub fn of(count: usize, mut what: impl FnMut(usize) -> Result<()>) -> Result<Self> {
        let mut sample = Self::default();
        for number in 0..count {
            let begun = Instant::now();
            what(number)?;
            sample.add(begun.elapsed());
        }
        Ok(sample)
    }

    /// Takes one more time in.
    pub fn add(&mut self, time: Duration) {
        self.times.push(time);
        self.sorted = false;
    }

    /// Takes the times of another one in.
    pub fn join(&mut self, other: Self) {
        self.times.extend(other.times);
        self.sorted = false;
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.times.len()
    }

    /// The time that `percent` in a hundred do not exceed (nearest rank), in milliseconds.
    pub fn percentile(&mut self, percent: usize) -> f64 {
        if !self.sorted {
            self.times.sort_unstable();
            self.sorted = true;
        }
        let rank = (self.times.len() * percent).div_ceil(100).max(1);
        self.times
            .get(rank - 1)
            .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_nearest_ranks() {
        let mut sample = Sample::default();
        for millis in (1..=100).rev() {
            sample.add(Duration::from_millis(millis));
        }
        assert_eq!(
            [50, 95, 99, 100].map(|p| sample.percentile(p)),
            [50.0, 95.0, 99.0, 100.0]
        );
        let mut one = Sample::default();
        assert_eq!(one.percentile(99), 0.0);
        one.add(Duration::from_millis(7));
        assert_eq!([1, 50, 99].map(|p| one.percentile(p)), [7.0; 3]);
    }
}
