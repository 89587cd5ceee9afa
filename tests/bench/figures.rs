//! Figures, and the table that they are printed in.

use std::time::Duration;

/// Times of one thing that was done again and again.
#[derive(Default)]
pub(crate) struct Times(Vec<Duration>);

impl Times {
    pub(crate) fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// The time that so many percent of all were at most.
    fn percentile(&self, percent: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let at = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted[at]
    }

    pub(crate) fn median(&self) -> Duration {
        self.percentile(50)
    }

    /// Median and 99th percentile; of few times the longest, since a percentile says nothing.
    pub(crate) fn text(&self) -> String {
        let (median, tail) = (ms(self.median()), ms(self.percentile(99)));
        match self.0.len() {
            0..50 => format!("median {median}, longest {}", ms(self.percentile(100))),
            _ => format!("median {median}, p99 {tail}"),
        }
    }
}

impl FromIterator<Duration> for Times {
    fn from_iter<I: IntoIterator<Item = Duration>>(times: I) -> Self {
        Self(times.into_iter().collect())
    }
}

/// Milliseconds, for a person.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

/// How many times as long.
pub(crate) fn ratio(time: Duration, beside: Duration) -> f64 {
    time.as_secs_f64() / beside.as_secs_f64()
}

/// Binary megabytes, for a person.
pub(crate) fn mib(bytes: u64) -> String {
    format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20))
}

/// The table, printed row by row: a run takes minutes.
#[derive(Default)]
pub(crate) struct Report {
    measurement: String,
    met: usize,
    missed: Vec<String>,
}

impl Report {
    pub(crate) fn heading(&mut self, name: &str) {
        self.measurement = name.to_owned();
        println!("\n{name}");
    }

    pub(crate) fn row(&self, what: &str, figure: impl std::fmt::Display) {
        println!("  {what:<52} {figure}");
    }

    /// A figure that has an aim.
    pub(crate) fn aimed(&mut self, what: &str, figure: &str, aim: &str, is_met: bool) {
        let verdict = if is_met { "met" } else { "MISSED" };
        let whole = format!("{figure}   (aim {aim}: {verdict})");
        self.row(what, &whole);
        if is_met {
            self.met += 1;
        } else {
            self.missed.push(format!("{}: {what}: {whole}", self.measurement));
        }
    }

    /// A time beside another, as a ratio of the medians.
    pub(crate) fn ratio(&self, what: &str, times: &Times, beside: &Times) {
        self.row(what, format!("{:.2}", ratio(times.median(), beside.median())));
    }

    /// How many aims were met, and which were not.
    pub(crate) fn end(&self) {
        println!("\n{} aims met, {} missed", self.met, self.missed.len());
        for missed in &self.missed {
            println!("  {missed}");
        }
    }
}
