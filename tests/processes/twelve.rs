//! The trial of twelve: found, one ticket, eleven joins, vouches; everybody writes; half of them
//! stop, both halves write, and in the end all have the same.

use std::{collections::BTreeSet, path::Path};

use crate::person::{Person, poll_until, split};

const PEOPLE: usize = 12;

/// Posts of each, while all are there.
const POSTS: usize = 20;

/// Needs of each, while all are there.
const NEEDS: usize = 5;

fn name(n: usize) -> String {
    format!("Person-{n:02}")
}

/// Twelve members with a node each, let in with one ticket by the first two.
fn twelve(within: &Path) -> Vec<Person> {
    let home = |n| Person::new(within, &name(n), "/ip4/127.0.0.1/tcp/0");
    let mut people: Vec<_> = (0..PEOPLE).map(home).collect();
    people[0].json(&format!("found 'Elm Street' --me {}", name(0)));
    let ready = people[0].up();
    people[0].stay_at(&ready);
    let ticket = people[0].json("member invite --knocks 11")["ticket"].clone();
    for (n, person) in people.iter_mut().enumerate().skip(1) {
        let join = split(&format!("join - --me {} --json", name(n)));
        let said = person.run(&join, ticket.as_str());
        assert_eq!(said.exit(), 0, "{}", said.stderr);
        let ready = person.up();
        person.stay_at(&ready);
    }
    for n in 1..PEOPLE {
        let vouch = split(&format!("member vouch {} --json", name(n)));
        for voucher in &people[..n.min(2)] {
            poll_until("somebody to vouch for", || {
                (voucher.run(&vouch, None).exit() == 0).then_some(())
            });
        }
    }
    for person in &people {
        poll_until("being in", || {
            (person.json("status")["spaces"][0]["state"] == "in").then_some(())
        });
    }
    people
}

/// What a person sees: texts of posts, and of needs.
fn seen(person: &Person) -> [BTreeSet<String>; 2] {
    ["feed --limit 0", "need list"].map(|list| {
        let answer = person.json(list);
        let rows = answer["rows"].as_array().unwrap().iter();
        rows.map(|row| row["text"].as_str().unwrap().to_owned()).collect()
    })
}

#[test]
fn twelve_people_write_apart_and_agree() {
    let within = tempfile::tempdir().unwrap();
    let mut people = twelve(within.path());
    let (mut posts, mut needs) = (BTreeSet::new(), BTreeSet::new());
    for (n, person) in people.iter().enumerate() {
        for m in 0..POSTS {
            let text = format!("Post {m} of {}", name(n));
            person.json(&format!("post '{text}'"));
            posts.insert(text);
        }
        for m in 0..NEEDS {
            let text = format!("Need {m} of {}", name(n));
            person.json(&format!("need add '{text}'"));
            needs.insert(text);
        }
    }
    let (here, away) = people.split_at_mut(PEOPLE / 2);
    away.iter_mut().for_each(Person::stop);
    for (n, person) in here.iter().chain(away.iter()).enumerate() {
        let text = format!("Apart, {}", name(n));
        person.json(&format!("post '{text}'"));
        posts.insert(text);
    }
    for person in away {
        let ready = person.up();
        person.stay_at(&ready);
    }
    for (n, person) in people.iter().enumerate() {
        let all = [&posts, &needs];
        poll_until(&format!("all that was written, at {}", name(n)), || {
            let seen = seen(person);
            (seen.iter().collect::<Vec<_>>() == all).then_some(())
        });
    }
    let prints: Vec<_> =
        people.iter().map(|person| person.json("node fingerprint")["spaces"].clone()).collect();
    assert!(prints.iter().all(|print| *print == prints[0]), "{prints:#?}");
}
