//! From just before a post is made until the other node's follower shows it.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{
    bare::Bare,
    figures::{Report, Times},
    follower::Follower,
    socket::Socket,
    stage::{Pair, QUIC, Stage, TCP, fill_and_meet},
    text::Writer,
};

const POSTS: usize = 200;

/// Posts that are there before, so that nothing happens for the first time.
const BEFORE: usize = 20;

/// The aim for a post, in bytes both ways.
const BYTES: u64 = 607;

/// Bytes that a post makes the entry file longer, about.
const RECORD_BYTES: usize = 512;

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    for (name, listen) in [("TCP", TCP), ("QUIC", QUIC)] {
        let mut pair = fill_and_meet(stage.directory(), name, listen, BEFORE).pair;
        let mut bare = Bare::new(stage.directory(), RECORD_BYTES);
        let (mut shown, mut appends) = (Times::default(), Times::default());
        let mut line = Line::new(&pair, 3);
        let before = line.bytes();
        for _ in 0..POSTS {
            appends.add(bare.append());
            shown.add(line.post());
        }
        report.row(&format!("append {RECORD_BYTES} bytes and fdatasync"), appends.text());
        report.row(&format!("post until the other's feed shows it, {name}"), shown.text());
        report.ratio("ratio of the medians", &shown, &appends);
        let each = (line.bytes() - before) / POSTS as u64;
        let (found, aim) = (format!("{each} bytes"), format!("<= {BYTES} bytes"));
        report.aimed(&format!("sent both ways for each, {name}"), &found, &aim, each <= BYTES);
        drop(line);
        pair.bo.stop();
        pair.ana.stop();
    }
}

/// Ana's way of posting, and Bo's feed.
pub(crate) struct Line {
    socket: Socket,
    follower: Follower,
    writer: Writer,
}

impl Line {
    pub(crate) fn new(pair: &Pair, seed: u64) -> Self {
        let mut socket = Socket::open(&pair.ana);
        let follower = Follower::attach(&pair.bo, &mut socket);
        Self { socket, follower, writer: Writer::new(seed) }
    }

    /// What Ana's node has sent and got.
    fn bytes(&mut self) -> u64 {
        let stats = self.socket.query(json!("stats"));
        ["bytes_sent", "bytes_received"].map(|way| stats[way].as_u64().unwrap()).iter().sum()
    }

    /// Ana posts; how long until Bo's feed shows it.
    pub(crate) fn post(&mut self) -> Duration {
        let text = self.writer.post();
        let since = Instant::now();
        self.socket.post(&text);
        self.follower.shows(&text) - since
    }
}
