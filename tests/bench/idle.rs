//! What a node has in memory that does nothing.

use serde_json::json;

use crate::{
    figures::{Report, mib},
    person::Person,
    proc::Process,
    socket::Socket,
    stage::{Stage, TCP},
};

/// The aim for a node that does nothing: it is to run beside all else on an old laptop.
const BYTES: u64 = 60 << 20;

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let mut empty = Person::new(stage.directory(), "empty", TCP);
    let up = empty.up();
    Socket::open(&empty).query(json!("status"));
    row(report, "memory of a node with an empty home", Process::of(&up).resident_bytes());
    empty.stop();
    let great = stage.great();
    let (posts, pair) = (great.posts, &mut great.pair);
    report.row("memory of both after all that ran before", pair.resident().join(" and "));
    pair.bo.stop();
    pair.ana.stop();
    pair.ana_up = pair.ana.up();
    pair.bo_up = pair.bo.up();
    // Answered when both have met.
    Socket::open(&pair.bo).command(json!({ "sync": {} }));
    for (whose, person, up) in
        [("author", &pair.ana, &pair.ana_up), ("reader", &pair.bo, &pair.bo_up)]
    {
        let status = Socket::open(person).query(json!("status"));
        assert_eq!(status["connected"], 1, "{status}");
        let what = format!("memory of a node with {posts} posts, {whose}");
        row(report, &what, Process::of(up).resident_bytes());
        let what = format!("the most that it had, {whose}");
        report.row(&what, mib(Process::of(up).peak_bytes()));
    }
}

fn row(report: &mut Report, what: &str, bytes: u64) {
    report.aimed(what, &mib(bytes), "< 60 MiB", bytes < BYTES);
}
