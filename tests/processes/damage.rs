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
    /// A bit of this file flips.
    Bit(&'static str),
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
    &[Blow::Bit("storage.key"), Blow::Bit("copies/node.key")],
    &[Blow::Bit("copies/storage.key"), Blow::Bit("node.key"), Blow::Page("entries")],
    &[Blow::Gone("entries")],
    &[Blow::Gone("entries"), Blow::Gone("index")],
];

/// Looks after which it is said how things stand: well before the last.
const LOOKS_OF_A_SICK_HOME: usize = 150;

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
        Blow::Bit(file) => {
            let mut whole = fs::read(home.join(file)).unwrap();
            let at = random.next_u64() as usize % whole.len();
            whole[at] ^= 0x20;
            fs::write(home.join(file), whole).unwrap();
        }
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
    let peer_id = people[1].json("status")["peer_id"].clone();
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
        let mut looks = 0;
        poll_until(&format!("all that {blows:?} took"), || {
            let bo = &people[1];
            looks += 1;
            if looks == LOOKS_OF_A_SICK_HOME {
                let here = all_posts(bo);
                for (id, text) in feed.iter().filter(|post| !here.contains(post)) {
                    let shown = bo.run(&["show".to_owned(), id.clone(), "--json".to_owned()], None);
                    let there = people[0].json(&format!("show {id}"));
                    println!("lacks {text}: {} {}, {there}", shown.stdout, shown.stderr);
                }
                let (status, why) = (bo.json("status"), bo.json("why"));
                println!("{} of {} posts, {status}, {why}", here.len(), feed.len());
            }
            (!is_damage_told(bo) && all_posts(bo) == feed).then_some(())
        });
        assert_eq!(people[1].json("status")["peer_id"], peer_id, "{blows:?}");
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

/// Alone: the home opens, shows what is left and names what is not, and can be written in.
#[test]
fn without_a_peer_the_rest_is_shown_and_what_is_lost_is_named() {
    let mut random = ChaCha8Rng::seed_from_u64(8);
    // What founded the space stands in both, and without it there is none.
    let spares_copies = |blow: &Blow| match blow {
        Blow::Flips(directory, _) | Blow::Page(directory) => *directory != "copies",
        Blow::Gone(directory) => *directory == "index",
        Blow::Bit(_) => true,
    };
    for blows in BLOWS.iter().filter(|blows| blows.iter().all(spares_copies)) {
        let within = tempfile::tempdir().unwrap();
        let mut ana = Person::new(within.path(), "ana", "/ip4/127.0.0.1/tcp/0");
        ana.json("found 'Elm Street' --me Ana");
        ana.up();
        let text = "a text that is long enough for a blow to meet it ".repeat(20);
        for n in 0..60 {
            ana.json(&format!("post 'Post {n}: {text}'"));
        }
        let posts = all_posts(&ana);
        ana.stop();
        for blow in *blows {
            strike(&ana.home(), *blow, &mut random);
        }
        ana.up();
        let left: Vec<_> =
            all_posts(&ana).into_iter().filter(|(_, text)| !text.is_empty()).collect();
        assert!(left.iter().all(|post| posts.contains(post)), "{blows:?}");
        assert!(left.len() == posts.len() || is_damage_told(&ana), "{blows:?}: {}", left.len());
        ana.json("post 'And on'");
        assert_eq!(all_posts(&ana).last().unwrap().1, "And on", "{blows:?}");
        ana.stop();
    }
}
