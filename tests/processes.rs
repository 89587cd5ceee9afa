//! Real nodes, real disks, real sockets, and `kill -9` in a burst of writes.

mod damage;
mod few;
mod full;
mod kills;
mod mounted;
mod power_cut;
mod read_only;
mod twelve;

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    sync::{Mutex, mpsc},
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::person::{Person, copy, poll_until, split};

/// Posts of each of the three people.
const POSTS: usize = 100;

/// Answered posts of the second person after which their node is killed.
const KILLED_AFTER: usize = 30;

fn all_posts(person: &Person) -> Vec<(String, String)> {
    let feed = person.json("feed --limit 0");
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = feed["rows"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["id"]), text(&row["text"]))).collect()
}

/// Three members with a node each, in one space.
fn three(within: &std::path::Path, listen: &str) -> [Person; 3] {
    let mut people = ["ana", "bo", "cy"].map(|name| Person::new(within, name, listen));
    people[0].json("found 'Elm Street' --me Ana");
    let ready = people[0].up();
    people[0].stay_at(&ready);
    let ticket = people[0].json("member invite --knocks 2")["ticket"].clone();
    for n in [1, 2] {
        let name = ["Ana", "Bo", "Cy"][n];
        let join = format!("join - --me {name} --json");
        let said = people[n].run(&split(&join), ticket.as_str());
        assert_eq!(said.exit(), 0, "{}", said.stderr);
        let ready = people[n].up();
        people[n].stay_at(&ready);
        let vouch = split(&format!("member vouch {name} --json"));
        for voucher in &people[..n] {
            poll_until("somebody to vouch for", || {
                (voucher.run(&vouch, None).exit() == 0).then_some(())
            });
        }
        poll_until("being in", || {
            let status = people[n].json("status");
            (status["spaces"][0]["state"] == "in").then_some(())
        });
    }
    people
}

fn nothing_answered_is_lost(listen: &str) {
    let home = tempfile::tempdir().unwrap();
    let mut people = three(home.path(), listen);
    let answered = Mutex::new(BTreeSet::new());
    let post = |person: &Person, name: &str, n: usize| {
        let words = split(&format!("post '{name} {n}' --json"));
        let said = person.run(&words, None);
        assert_eq!(said.exit(), 0, "{name}'s node runs: {}", said.stderr);
        let id = said.json()["id"].as_str().unwrap().to_owned();
        answered.lock().unwrap().insert(id);
    };
    let [ana, bo, cy] = &mut people;
    std::thread::scope(|scope| {
        let burst = |person: &Person, name: &str| {
            for n in 0..POSTS {
                post(person, name, n);
            }
        };
        let (ana, cy) = (&*ana, &*cy);
        scope.spawn(move || burst(ana, "Ana"));
        scope.spawn(move || burst(cy, "Cy"));
        // Bo's node is killed while it answers. What it did not answer may be there or not.
        let words = |n: usize| split(&format!("post 'Bo {n}' --json"));
        for n in 0..KILLED_AFTER {
            post(bo, "Bo", n);
        }
        let mut burst: Vec<_> =
            (0..8).map(|n| bo.command(&words(KILLED_AFTER + n)).spawn().unwrap()).collect();
        let mut first = BufReader::new(burst[0].stdout.take().unwrap()).lines();
        let first = first.next().expect("an answer").unwrap();
        bo.kill();
        // What was answered just before counts like all else; the rest was put again to nobody.
        let mut said = vec![first];
        for child in burst {
            let output = child.wait_with_output().unwrap();
            said.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
        }
        for line in said {
            let posted: Value = serde_json::from_str(&line).unwrap();
            answered.lock().unwrap().insert(posted["id"].as_str().unwrap().to_owned());
        }
        bo.up();
        for n in KILLED_AFTER + 8..POSTS {
            post(bo, "Bo", n);
        }
    });
    let answered = answered.into_inner().unwrap();
    assert!(answered.len() >= 3 * POSTS - 8);
    let feeds = || [&people[0], &people[1], &people[2]].map(all_posts);
    let feed = poll_until("three equal feeds", || {
        let [a, b, c] = feeds();
        (a == b && b == c && a.len() >= answered.len()).then_some(a)
    });
    let there: BTreeSet<_> = feed.iter().map(|(id, _)| id.clone()).collect();
    let lost: Vec<_> = answered.difference(&there).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    let prints = [0, 1, 2].map(|n| people[n].json("node fingerprint").to_string());
    assert!(prints[0] == prints[1] && prints[1] == prints[2]);
    people.iter_mut().for_each(Person::stop);
}

#[cfg(target_os = "linux")]
#[test]
fn a_node_leaves_no_core_dump_with_its_keys() {
    use std::os::unix::fs::MetadataExt;
    let within = tempfile::tempdir().unwrap();
    let mut ana = Person::new(within.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    let pid = ana.up()["pid"].as_u64().unwrap();
    let of = |what: &str| format!("/proc/{pid}/{what}");
    let limits = std::fs::read_to_string(of("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    let core: Vec<_> = core.split_whitespace().take(2).collect();
    assert_eq!(core, ["0", "0"]);
    // What may not be dumped belongs to root there, and nobody else may look into it.
    assert_eq!(std::fs::metadata(of("mem")).unwrap().uid(), 0);
}

/// A node that is gone without a word, as when its cable was pulled: seen before the tests'
/// patience ends, half a minute as measured, and met again when it is back.
fn who_is_gone_without_a_word_is_seen(listen: &str) {
    let home = tempfile::tempdir().unwrap();
    let [mut ana, mut bo, mut cy] = three(home.path(), listen);
    cy.stop();
    let connected = || ana.json("status")["connected"].as_u64();
    poll_until("a connection", || (connected() == Some(1)).then_some(()));
    bo.stop_for_now();
    let since = Instant::now();
    poll_until("the connection to be cut", || (connected() == Some(0)).then_some(()));
    assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
    bo.go_on();
    poll_until("a connection again", || (connected() == Some(1)).then_some(()));
    [&mut ana, &mut bo].into_iter().for_each(Person::stop);
}

#[test]
fn who_is_gone_without_a_word_is_seen_over_tcp() {
    who_is_gone_without_a_word_is_seen("/ip4/127.0.0.1/tcp/0");
}

#[test]
fn who_is_gone_without_a_word_is_seen_over_quic() {
    who_is_gone_without_a_word_is_seen("/ip4/127.0.0.1/udp/0/quic-v1");
}

/// Whatever of its rows has to be made again, one command that ends has the whole.
#[test]
fn without_a_node_a_list_is_whole_too() {
    let within = tempfile::tempdir().unwrap();
    let mut ana = Person::new(within.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    ana.json("found 'Elm Street' --me Ana");
    ana.up();
    for n in 0..400 {
        ana.json(&format!("post 'Post {n}'"));
    }
    ana.stop();
    std::fs::remove_dir_all(ana.home().join("index")).unwrap();
    let feed = ana.json("feed --limit 0");
    assert_eq!((feed["rows"].as_array().unwrap().len(), &feed["unread"]), (400, &0.into()));
}

/// The terminal that it was started in is closed.
#[test]
fn a_hangup_ends_a_node_in_good_order() {
    let home = tempfile::tempdir().unwrap();
    let mut ana = Person::new(home.path(), "ana", "/ip4/127.0.0.1/tcp/0");
    ana.json("found 'Elm Street' --me Ana");
    ana.up();
    ana.hang_up();
    assert!(!ana.home().join("running.json").exists());
    assert!(ana.home().join("closed").exists(), "it was closed in good order");
}

#[test]
fn nothing_answered_is_lost_over_tcp() {
    nothing_answered_is_lost("/ip4/127.0.0.1/tcp/0");
}

#[test]
fn nothing_answered_is_lost_over_quic() {
    nothing_answered_is_lost("/ip4/127.0.0.1/udp/0/quic-v1");
}

#[test]
fn a_post_is_shown_the_moment_it_arrives() {
    let home = tempfile::tempdir().unwrap();
    let people = three(home.path(), "/ip4/127.0.0.1/tcp/0");
    let mut follow = people[1].command(&split("feed --follow --json")).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    // Until it follows, nothing tells: so posts are made until one is shown.
    let (sender, shown) = mpsc::channel();
    std::thread::spawn(move || {
        if let Some(Ok(line)) = lines.next() {
            _ = sender.send(line);
        }
    });
    let line = poll_until("a post to be shown", || {
        people[0].json("post 'look here'");
        shown.try_recv().ok()
    });
    let row: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((row["v"].clone(), row["text"].clone()), (1.into(), "look here".into()));
    follow.kill().unwrap();
    follow.wait().unwrap();
}

/// Copies a directory with everything in it.
#[test]
fn a_copied_home_is_found_out_and_shown() {
    let within = tempfile::tempdir().unwrap();
    let mut people = three(within.path(), "/ip4/127.0.0.1/tcp/0");
    people[1].stop();
    let mut twin = Person::new(within.path(), "twin", "/ip4/127.0.0.1/tcp/0");
    copy(&people[1].home(), &twin.home());
    // One key writes two entries at one place.
    people[1].json("post 'first'");
    twin.json("post 'second'");
    people[1].up();
    let texts =
        |person: &Person| all_posts(person).into_iter().map(|(_, text)| text).collect::<Vec<_>>();
    poll_until("the first post", || (texts(&people[0]) == ["first"]).then_some(()));
    people[1].stop();
    twin.up();
    let is_shown = |person: &Person| {
        let why = person.json("why");
        let rows = why["waiting"].as_array().unwrap().clone();
        rows.iter().any(|row| row["rule"] == "fork").then_some(())
    };
    poll_until("the fork to be shown to the others", || is_shown(&people[0]));
    poll_until("the fork to be shown to the twin", || is_shown(&twin));
    // All have what both homes wrote, and see that nobody has built on it.
    let both = |person: &Person| {
        let rows = person.json("feed --limit 0")["rows"].as_array().unwrap().clone();
        let is_void =
            |text: &str| rows.iter().any(|row| row["text"] == text && row["state"] == "void");
        (is_void("first") && is_void("second")).then_some(())
    };
    for person in [&people[0], &people[2], &twin] {
        poll_until("both posts", || both(person));
    }
    // It harms nobody else.
    people[0].json("post 'third'");
    poll_until("the third post", || texts(&people[2]).contains(&"third".to_owned()).then_some(()));
}
