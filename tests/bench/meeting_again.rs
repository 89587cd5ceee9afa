//! A meeting where nothing is new: of nodes that are connected, and after a restart.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::{
    figures::{Report, Times},
    socket::Socket,
    stage::{Pair, Stage},
};

/// Times that nodes which are connected sync.
const SYNCS: usize = 50;

/// Times that a node is restarted.
const RESTARTS: usize = 5;

/// The aim for the node that dials (DESIGN 6).
const ROUND_TRIPS: u64 = 1;

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    let great = stage.great();
    report.row("posts that both have", great.posts);
    let pair = &mut great.pair;
    connected(pair, report);
    let (mut ready, mut synced, mut last) = (Times::default(), Times::default(), Value::Null);
    for _ in 0..RESTARTS {
        pair.bo.stop();
        let since = Instant::now();
        pair.bo_up = pair.bo.up();
        let up = since.elapsed();
        last = Socket::open(&pair.bo).command(json!({ "sync": {} }));
        let row = &last;
        assert!(row["current"] == true && row["receipted"] == true, "{row}");
        ready.add(up);
        synced.add(since.elapsed() - up);
    }
    report.row("restarted: until ready", ready.text());
    report.row("restarted: sync, from ready to its answer", synced.text());
    for (what, way) in [("sent", "sent"), ("received", "received")] {
        let (bytes, entries) = (&last[way]["bytes"], &last[way]["entries"]);
        report.row(&format!("restarted: {what}"), format!("{bytes} bytes, {entries} entries"));
    }
    let trips = last["round_trips"].as_u64().unwrap();
    let aim = format!("<= {ROUND_TRIPS}");
    report.aimed("restarted: round trips", &trips.to_string(), &aim, trips <= ROUND_TRIPS);
}

fn connected(pair: &Pair, report: &Report) {
    let (mut ana, mut bo) = (Socket::open(&pair.ana), Socket::open(&pair.bo));
    // Whatever was under way is done when this is answered.
    bo.command(json!({ "sync": {} }));
    let bytes = |ana: &mut Socket| {
        let stats = ana.query(json!("stats"));
        stats["bytes_sent"].as_u64().unwrap() + stats["bytes_received"].as_u64().unwrap()
    };
    let before = bytes(&mut ana);
    let timed = |sync: &mut dyn FnMut()| -> Duration {
        let since = Instant::now();
        sync();
        since.elapsed()
    };
    let asked: Times =
        (0..SYNCS).map(|_| timed(&mut || _ = bo.command(json!({ "sync": {} })))).collect();
    let said: Times = (0..SYNCS).map(|_| timed(&mut || _ = pair.bo.json("sync"))).collect();
    report.row("connected: sync, by the local API", asked.text());
    report.row("connected: sync, by the command line", said.text());
    let each = (bytes(&mut ana) - before) as f64 / (2 * SYNCS) as f64;
    report.row("connected: bytes both ways", format!("{each:.1}"));
}
