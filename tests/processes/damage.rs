//! Real disks that go bad: bytes flip, pages are zeroed, files vanish. With a peer everything comes
//! back; without one the rest is shown, and what is lost is named.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

use super::{all_posts, three};
use crate::person::{Person, poll_until};

/// What happens to a home.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Blow {
    /// This many bytes flip in a directory.
    Flips(&'static str, usize),
    /// A page of 4 KiB is zeroed in a directory.
    Page(&'static str),
    /// A directory vanishes.
    Gone(&'static str),
}

const BLOWS: &[&[Blow]] = &[
    &[Blow::Flips("entries", 1)],
    &[Blow::Page("entries")],
    &[Blow::Flips("entries", 100)],
    &[Blow::Gone("index"), Blow::Flips("entries", 10)],
    &[Blow::Gone("index"), Blow::Page("entries")],
    &[Blow::Flips("entries", 20), Blow::Flips("copies", 20)],
    &[Blow::Gone("copies"), Blow::Page("entries")],
    &[Blow::Flips("index", 100), Blow::Flips("entries", 5)],
    &[Blow::Gone("entries")],
    &[Blow::Gone("entries"), Blow::Gone("index")],
];

fn files(directory: &Path) -> Vec<PathBuf> {
    let found = fs::read_dir(directory).unwrap().map(|file| file.unwrap().path());
    let mut found: Vec<_> = found.filter(|path| path.is_file()).collect();
    found.retain(|path| path.metadata().unwrap().len() > 0);
    found.sort();
    found
}

fn strike(home: &Path, blow: Blow, random: &mut ChaCha8Rng) {
    let mut change = |directory: &str, bytes: usize, change: &dyn Fn(&mut [u8])| {
        let files = files(&home.join(directory));
        let path = &files[random.next_u64() as usize % files.len()];
        let mut whole = fs::read(path).unwrap();
        let at = random.next_u64() as usize % whole.len();
        let end = (at + bytes).min(whole.len());
        change(&mut whole[at..end]);
        fs::write(path, whole).unwrap();
    };
    match blow {
        Blow::Flips(directory, count) => {
            for _ in 0..count {
                change(directory, 1, &|byte| byte[0] ^= 0x20);
            }
        }
        Blow::Page(directory) => change(directory, 4096, &|page| page.fill(0)),
        Blow::Gone(directory) => fs::remove_dir_all(home.join(directory)).unwrap(),
    }
}

fn is_damage_told(person: &Person) -> bool {
    let why = person.json("why");
    why["waiting"].as_array().unwrap().iter().any(|row| row["rule"] == "damage")
}

#[test]
fn with_a_peer_everything_comes_back() {
    let within = tempfile::tempdir().unwrap();
    let mut people = three(within.path(), "/ip4/127.0.0.1/tcp/0");
    for n in 0..60 {
        people[n % 3].json(&format!("post 'Post {n}'"));
    }
    let mut random = ChaCha8Rng::seed_from_u64(7);
    for (round, blows) in BLOWS.iter().enumerate() {
        let feed = poll_until("three equal feeds", || {
            let [a, b, c] = [0, 1, 2].map(|n| all_posts(&people[n]));
            (a == b && b == c && a.len() >= 60 + round).then_some(a)
        });
        // In good order or not.
        if round % 2 == 0 {
            people[1].stop()
        } else {
            people[1].kill()
        }
        for blow in *blows {
            strike(&people[1].home(), *blow, &mut random);
        }
        people[1].up();
        poll_until(&format!("all that {blows:?} took"), || {
            let bo = &people[1];
            (!is_damage_told(bo) && all_posts(bo) == feed).then_some(())
        });
        people[1].json(&format!("post 'After {round}'"));
    }
    let prints = || [0, 1, 2].map(|n| people[n].json("node fingerprint").to_string());
    poll_until("equal fingerprints", || {
        let [a, b, c] = prints();
        (a == b && b == c).then_some(())
    });
    assert!(people[1].json("status")["spaces"][0]["forks"] == 0);
    people.iter_mut().for_each(Person::stop);
}
