//! `feed --follow` of a node, with the moment at which each line came.

use std::{
    io::{BufRead, BufReader},
    process::Child,
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    person::{DEADLINE, Person, split},
    socket::Socket,
};

/// How long a post is waited for before it is taken for one that came before the follower did.
const ATTACH: Duration = Duration::from_millis(300);

/// A process that follows.
pub(crate) struct Follower {
    child: Child,
    lines: Receiver<(Instant, String)>,
}

impl Follower {
    /// Follows `reader`'s feed. Nothing says when that begins, so `writer` posts until a post is
    /// shown.
    pub(crate) fn attach(reader: &Person, writer: &mut Socket) -> Self {
        let mut child = reader.command(&split("feed --follow --json")).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                _ = sender.send((Instant::now(), line));
            }
        });
        let follower = Self { child, lines };
        let since = Instant::now();
        for n in 0.. {
            let text = format!("is anybody there? {n}");
            writer.post(&text);
            if let Ok((_, line)) = follower.lines.recv_timeout(ATTACH) {
                if !is_post(&line, &text) {
                    follower.shows(&text);
                }
                return follower;
            }
            assert!(since.elapsed() < DEADLINE, "no post reaches the other node");
        }
        unreachable!("a post is shown, or the time is over")
    }

    /// Waits for a post to be shown; when it was.
    pub(crate) fn shows(&self, text: &str) -> Instant {
        loop {
            let (at, line) = self.lines.recv_timeout(DEADLINE).expect("the post is shown");
            if is_post(&line, text) {
                return at;
            }
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

fn is_post(line: &str, text: &str) -> bool {
    let row: Value = serde_json::from_str(line).unwrap();
    row["text"] == text
}
