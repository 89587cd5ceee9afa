//! What groundwork costs: figures of one run on one machine, beside what they are compared with.
//!
//! A time says nothing of a disk or a processor that nobody else has, so each figure stands
//! beside a bare one of the same run, and an aim is a ratio wherever it can be. An aim that is
//! missed is printed and fails nothing; what does not work at all does.
//!
//! `./tests/run bench` runs all of it, `./tests/run bench meeting` what has "meeting" in its
//! name. `GROUNDWORK_BENCH_POSTS=1000` makes the great feed smaller, `GROUNDWORK_BENCH_CAMPAIGNS`
//! the ten thousand campaigns fewer. Homes are made in `TMPDIR`,
//! which should be on a disk.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark that cannot go on fails")]

mod bare;
mod campaigns;
mod figures;
mod first_meeting;
mod follower;
mod idle;
mod long_feed;
mod meeting_again;
#[allow(dead_code, reason = "the tests use all of it")]
#[path = "../person.rs"]
mod person;
mod post;
mod proc;
mod push;
mod socket;
mod stage;
mod start;
mod text;

use figures::Report;
use stage::Stage;

/// A measurement: what it is called, and what makes it.
type Measurement = (&'static str, fn(&mut Stage, &mut Report));

/// All measurements, in an order in which later ones find the homes that earlier ones filled.
const MEASUREMENTS: [Measurement; 8] = [
    ("post", post::measure),
    ("push", push::measure),
    ("first-meeting", first_meeting::measure),
    ("long-feed", long_feed::measure),
    ("meeting-again", meeting_again::measure),
    ("idle", idle::measure),
    ("start", start::measure),
    ("campaigns", campaigns::measure),
];

/// Posts of the great feed unless said otherwise.
const POSTS: usize = 10_000;

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let posts = std::env::var("GROUNDWORK_BENCH_POSTS").ok();
    let posts = posts.map_or(POSTS, |posts| posts.parse().expect("a number of posts"));
    let wanted: Vec<_> = MEASUREMENTS.iter().filter(|(name, _)| name.contains(&filter)).collect();
    let names = MEASUREMENTS.map(|(name, _)| name).join(", ");
    assert!(!wanted.is_empty(), "nothing is called {filter:?}; there are: {names}");
    let mut stage = Stage::new(posts);
    let mut report = Report::default();
    bare::measure(&mut stage, &mut report);
    for (name, measure) in wanted {
        report.heading(name);
        measure(&mut stage, &mut report);
    }
    report.end();
}
