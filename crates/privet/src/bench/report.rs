//! The table: what was measured, beside its mark.

use serde::Serialize;
use web::view::grouped;

use super::machine::Machine;
use super::sample::Sample;
use crate::say;

/// What a figure must keep to.
#[derive(Debug, Clone, Copy)]
pub enum Mark {
    /// This or less.
    AtMost(f64),
    /// This or more.
    AtLeast(f64),
    /// Nothing: printed to judge the others by.
    None,
}

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Line {
    /// What was measured.
    what: String,
    /// The figure that is held against the mark; `None` when it could not be taken.
    measured: Option<f64>,
    /// Its unit.
    unit: &'static str,
    /// The mark in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    mark: String,
    /// Whether it is met, where there is one and a figure.
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
    /// Half, 95 and 99 in a hundred took no longer, in ms.
    #[serde(skip_serializing_if = "Option::is_none")]
    percentiles_ms: Option<[f64; 3]>,
    /// How often it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    runs: Option<usize>,
    /// What a reader must know of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
}

/// All lines, and the machine they are from.
#[derive(Debug, Serialize)]
pub struct Report {
    machine: Machine,
    measured: Vec<Line>,
}

impl Report {
    /// An empty table.
    pub const fn new(machine: Machine) -> Self {
        Self {
            machine,
            measured: Vec::new(),
        }
    }

    /// A figure of one number.
    pub fn figure(
        &mut self,
        what: &str,
        measured: f64,
        unit: &'static str,
        mark: Mark,
    ) -> &mut Line {
        self.push(what, Some(measured), unit, mark)
    }

    /// A figure that cannot be taken here, and why.
    pub fn unknown(&mut self, what: &str, unit: &'static str, mark: Mark, why: &str) {
        self.push(what, None, unit, mark).note(why);
    }

    /// Times; the 95th in a hundred is held against the mark.
    pub fn times(&mut self, what: &str, mut sample: Sample, mark: Mark) -> &mut Line {
        let percentiles = [50, 95, 99].map(|percent| sample.percentile(percent));
        let line = self.push(what, Some(percentiles[1]), "ms p95", mark);
        line.percentiles_ms = Some(percentiles);
        line.runs = Some(sample.count());
        line
    }

    fn push(
        &mut self,
        what: &str,
        measured: Option<f64>,
        unit: &'static str,
        mark: Mark,
    ) -> &mut Line {
        let (text, met) = match mark {
            Mark::AtMost(most) => (
                format!("≤ {}", shown(most)),
                measured.map(|figure| figure <= most),
            ),
            Mark::AtLeast(least) => (
                format!("≥ {}", shown(least)),
                measured.map(|figure| figure >= least),
            ),
            Mark::None => (String::new(), None),
        };
        say::note(format!(
            "  {what}: {} {unit}",
            measured.map_or_else(|| "not measured".to_owned(), shown)
        ));
        self.measured.push(Line {
            what: what.to_owned(),
            measured,
            unit,
            mark: text,
            met,
            percentiles_ms: None,
            runs: None,
            note: String::new(),
        });
        let last = self.measured.len() - 1;
        &mut self.measured[last]
    }

    /// Prints it.
    pub fn print(&self, json: bool) {
        if json {
            return say::json(self);
        }
        let Machine {
            date,
            cores,
            cpu,
            memory_mb,
            privet,
            sqlite,
            people,
            companies,
        } = &self.machine;
        let memory = memory_mb.map_or_else(
            || "memory unknown".to_owned(),
            |mb| format!("{} MB", grouped(mb)),
        );
        let (people, companies) = (grouped(*people), grouped(*companies));
        say::line(format!(
            "{date} · {cores} cores · {cpu} · {memory} · Privet {privet} · SQLite {sqlite}"
        ));
        say::line(format!("{people} people, {companies} companies"));
        say::line("");
        let head = [
            "", "measured", "unit", "mark", "", "p50 ms", "p99 ms", "runs", "",
        ];
        let rows: Vec<[String; 9]> = std::iter::once(head.map(str::to_owned))
            .chain(self.measured.iter().map(Line::cells))
            .collect();
        let widths: Vec<usize> = (0..9)
            .map(|at| {
                rows.iter()
                    .map(|row| row[at].chars().count())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        for row in &rows {
            let mut line = String::new();
            for (at, cell) in row.iter().enumerate() {
                let gap = " ".repeat(widths[at].saturating_sub(cell.chars().count()));
                // Numbers end at the same place, words begin there.
                let cell = if [1, 3, 5, 6, 7].contains(&at) {
                    format!("{gap}{cell}")
                } else {
                    format!("{cell}{gap}")
                };
                line.push_str(&cell);
                line.push_str("  ");
            }
            say::line(line.trim_end());
        }
    }
}

impl Line {
    /// Says what a reader must know of it.
    pub fn note(&mut self, note: impl Into<String>) {
        self.note = note.into();
    }

    /// The times behind a figure that is not one of them.
    pub fn behind(&mut self, mut sample: Sample) -> &mut Self {
        self.percentiles_ms = Some([50, 95, 99].map(|percent| sample.percentile(percent)));
        self.runs = Some(sample.count());
        self
    }

    /// How often it was done.
    pub const fn runs(&mut self, runs: usize) -> &mut Self {
        self.runs = Some(runs);
        self
    }

    fn cells(&self) -> [String; 9] {
        let percentile = |at: usize| {
            self.percentiles_ms
                .map_or_else(String::new, |all| shown(all[at]))
        };
        let verdict = match self.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        [
            self.what.clone(),
            self.measured.map_or_else(|| "–".to_owned(), shown),
            self.unit.to_owned(),
            self.mark.clone(),
            verdict.to_owned(),
            percentile(0),
            percentile(2),
            self.runs.map_or_else(String::new, |runs| {
                grouped(u64::try_from(runs).unwrap_or(u64::MAX))
            }),
            self.note.clone(),
        ]
    }
}

/// Three digits that count: `0.42`, `3.07`, `18.4`, `2,614`.
fn shown(figure: f64) -> String {
    if figure.abs() >= 100.0 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a float to integer cast saturates"
        )]
        return grouped(figure.abs().round() as u64);
    }
    let digits = if figure.abs() >= 10.0 { 1 } else { 2 };
    let text = format!("{figure:.digits$}");
    text.strip_suffix(".00")
        .or_else(|| text.strip_suffix(".0"))
        .map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_show_three_digits() {
        for (figure, text) in [
            (0.424, "0.42"),
            (3.071, "3.07"),
            (10.0, "10"),
            (18.44, "18.4"),
            (2_614.2, "2,614"),
            (1e6, "1,000,000"),
        ] {
            assert_eq!(shown(figure), text);
        }
    }
}
