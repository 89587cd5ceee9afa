//! From just before a post is made until the other node's follower shows it.

use std::time::{Duration, Instant};

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

/// Bytes that a post makes the entry file longer, about.
const RECORD_BYTES: usize = 512;

pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    for (name, listen) in [("TCP", TCP), ("QUIC", QUIC)] {
        let mut pair = fill_and_meet(stage.directory(), name, listen, BEFORE).pair;
        let mut bare = Bare::new(stage.directory(), RECORD_BYTES);
        let (mut shown, mut appends) = (Times::default(), Times::default());
        let mut line = Line::new(&pair, 3);
        for _ in 0..POSTS {
            appends.add(bare.append());
            shown.add(line.post());
        }
        report.row(&format!("append {RECORD_BYTES} bytes and fdatasync"), appends.text());
        report.row(&format!("post until the other's feed shows it, {name}"), shown.text());
        report.ratio("ratio of the medians", &shown, &appends);
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

    /// Ana posts; how long until Bo's feed shows it.
    pub(crate) fn post(&mut self) -> Duration {
        let text = self.writer.post();
        let since = Instant::now();
        self.socket.post(&text);
        self.follower.shows(&text) - since
    }
}
