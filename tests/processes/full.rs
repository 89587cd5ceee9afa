//! A disk that others fill to its last byte, under a running node, and that has room again.

use std::{
    fs,
    io::Write,
    time::{Duration, Instant},
};

use super::{all_posts, mounted::Mounted, three};
use crate::person::{Person, poll_until, split};

fn fill(disk: &Mounted) {
    let mut file = fs::File::create(disk.0.join("others")).unwrap();
    let mut bytes = vec![7; 1024 * 1024];
    while !bytes.is_empty() {
        if file.write_all(&bytes).is_err() {
            bytes.truncate(bytes.len() / 2);
        }
    }
}

#[test]
fn a_disk_that_was_full_to_the_last_byte_is_used_again_without_a_new_start() {
    let place = tempfile::tempdir().unwrap();
    let Some(disk) = Mounted::new(place.path(), "a full disk") else { return };
    let mut ana = Person::new(place.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    ana.json("found 'Elm Street' --me Ana");
    ana.up();
    for round in 0..2 {
        // Much of it for lists, so that sled needs room for it.
        let goal = "heat by winter ".repeat(500);
        for n in 0..120 {
            ana.json(&format!("campaign new 'Campaign {n} of round {round}' --goal '{goal}'"));
        }
        ana.json(&format!("post 'In round {round}'"));
        let posts = all_posts(&ana);
        fill(&disk);
        let refused = |words: &str| {
            let said = ana.run(&split(words), None);
            (said.exit(), said.stderr.contains("disk is full"))
        };
        // Two seconds later, when it rests, it puts its rows down and meets the end of the disk.
        let since = Instant::now();
        poll_until("the node to rest", || {
            assert_eq!(refused("post 'Too much' --json"), (4, true));
            assert_eq!(all_posts(&ana), posts, "reading goes on");
            (since.elapsed() > Duration::from_secs(4)).then_some(())
        });
        fs::remove_file(disk.0.join("others")).unwrap();
        let said = ana.run(&split("post 'There is room again' --json"), None);
        assert_eq!(said.exit(), 0, "{}", said.stderr);
        assert_eq!(ana.json("status")["trouble"], serde_json::Value::Null);
        assert_eq!(all_posts(&ana).len(), posts.len() + 1);
    }
    let posts = all_posts(&ana);
    ana.kill();
    ana.up();
    assert_eq!(all_posts(&ana), posts);
    ana.stop();
}

/// What others wrote in the meantime comes once there is room, and nothing of it twice.
#[test]
fn who_had_no_room_gets_what_they_missed_without_a_new_start() {
    let place = tempfile::tempdir().unwrap();
    fs::create_dir(place.path().join("bo")).unwrap();
    let Some(disk) = Mounted::new(&place.path().join("bo"), "a full disk with peers") else {
        return;
    };
    let mut people = three(place.path(), "/ip4/127.0.0.1/tcp/0");
    for round in 0..3 {
        fill(&disk);
        for n in 0..40 {
            people[n % 2 * 2].json(&format!("post 'Post {n} of round {round}'"));
        }
        poll_until("the disk to refuse", || {
            let trouble = people[1].json("status")["trouble"].clone();
            trouble.as_str().is_some_and(|trouble| trouble.contains("full")).then_some(())
        });
        fs::remove_file(disk.0.join("others")).unwrap();
        poll_until("all that was missed", || {
            let [a, b, c] = [0, 1, 2].map(|n| all_posts(&people[n]));
            (a == b && b == c && a.len() == 40 * (round + 1)).then_some(())
        });
        assert_eq!(people[1].json("status")["trouble"], serde_json::Value::Null);
    }
    let prints = [0, 1, 2].map(|n| people[n].json("node fingerprint").to_string());
    assert!(prints[0] == prints[1] && prints[1] == prints[2]);
    people.iter_mut().for_each(Person::stop);
}
