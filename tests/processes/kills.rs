//! A home that nobody else has anything of, killed in a burst of writes again and again.

use std::collections::BTreeSet;

use super::all_posts;
use crate::person::{Person, split};

/// Times that the node is killed.
const ROUNDS: usize = BURST + 1;

/// Posts that are under way at a time.
const BURST: usize = 8;

#[test]
fn nothing_answered_is_lost_alone() {
    let within = tempfile::tempdir().unwrap();
    let mut ana = Person::new(within.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    ana.json("found 'Elm Street' --me Ana");
    let mut answered = BTreeSet::new();
    for round in 0..ROUNDS {
        ana.up();
        let words = |n: usize| split(&format!("post 'Post {n} of {round}' --json"));
        let mut burst: Vec<_> =
            (0..BURST).map(|n| ana.command(&words(n)).spawn().unwrap()).collect();
        // Before any of them was answered, after all of them, and in between.
        for child in burst.drain(..round) {
            let said = child.wait_with_output().unwrap();
            assert!(said.status.success());
            answered.extend(id(&said.stdout));
        }
        ana.kill();
        for child in burst {
            answered.extend(id(&child.wait_with_output().unwrap().stdout));
        }
        let posts: BTreeSet<_> = all_posts(&ana).into_iter().map(|(id, _)| id).collect();
        let lost: Vec<_> = answered.difference(&posts).collect();
        assert!(lost.is_empty(), "round {round}: answered and lost: {lost:?}");
    }
    assert!(answered.len() >= ROUNDS * BURST / 2);
    let before = ana.json("node fingerprint").to_string();
    std::fs::remove_dir_all(ana.home().join("index")).unwrap();
    assert_eq!(ana.json("node fingerprint").to_string(), before);
    assert_eq!(ana.json("status")["spaces"][0]["forks"], 0);
}

/// The id of a post, where there was an answer.
fn id(answer: &[u8]) -> Option<String> {
    let said: serde_json::Value = serde_json::from_slice(answer).ok()?;
    said["id"].as_str().map(str::to_owned)
}
