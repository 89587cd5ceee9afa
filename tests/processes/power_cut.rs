//! A machine whose power is cut: what the disk had in that moment is what is there afterwards.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use super::{all_posts, mounted::Mounted};
use crate::person::{Person, poll_until, split};

const WHAT: &str = "a power cut";

/// How often the power is cut.
const CUTS: usize = 12;

/// Posts that are answered between two cuts, at least.
const POSTS_BETWEEN: usize = 7;

/// What the disk had when the power was cut, and what had been answered by then.
struct Cut {
    image: PathBuf,
    answered: BTreeSet<String>,
}

/// Copies what there is on an image, and leaves out what there is not.
fn copy_image(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("--sparse=always").args([from, to]).status();
    assert!(done.unwrap().success());
}

/// Says that it is over when it goes, also where something failed.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Somebody posts, edits and asks all the time, while the power is cut again and again.
fn cuts(ana: &Person, image: &Path) -> Vec<Cut> {
    let (answered, is_over) = (Mutex::new(BTreeSet::new()), AtomicBool::new(false));
    let copy = |n: usize| {
        let to = image.with_extension(n.to_string());
        let count = || answered.lock().unwrap().len();
        let wanted = count() + POSTS_BETWEEN + n % 3;
        poll_until("posts to be answered", || (count() >= wanted).then_some(()));
        // No process writes while it is copied, so that it is of one moment.
        ana.stop_for_now();
        let answered = answered.lock().unwrap().clone();
        copy_image(image, &to);
        ana.go_on();
        Cut { image: to, answered }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for n in 0.. {
                if is_over.load(Ordering::Acquire) {
                    return;
                }
                let text = format!("Number {n}");
                let said = ana.run(&split(&format!("post '{text}' --json")), None);
                assert_eq!(said.exit(), 0, "{}", said.stderr);
                answered.lock().unwrap().insert(text);
                if n % 10 == 3 {
                    ana.json(&format!("need add 'Need {n}'"));
                    ana.json(&format!("campaign new 'Campaign {n}'"));
                }
            }
        });
        let _over = Over(&is_over);
        (0..CUTS).map(copy).collect()
    })
}

#[test]
fn nothing_that_was_answered_is_lost_when_the_power_is_cut() {
    let place = tempfile::tempdir().unwrap();
    let (image, at) = (place.path().join("disk"), place.path().join("mounted"));
    let Some(disk) = Mounted::image(&image, &at, WHAT) else { return };
    let mut ana = Person::new(&at, "ana", "/ip4/127.0.0.1/tcp/0");
    ana.up();
    // From the first command on.
    let founded = ana.json("found 'Elm Street' --me Ana");
    ana.stop_for_now();
    let first = image.with_extension("first");
    copy_image(&image, &first);
    ana.go_on();
    let mut cuts = cuts(&ana, &image);
    ana.kill();
    drop(disk);
    cuts.push(Cut { image: first, answered: BTreeSet::new() });
    for Cut { image, answered } in cuts {
        let at = place.path().join("after");
        let Some(_disk) = Mounted::image(&image, &at, WHAT) else { panic!("it was a disk") };
        let mut ana = Person::new(&at, "ana", "/ip4/127.0.0.1/tcp/0");
        let spaces = ana.up()["spaces"].clone();
        assert_eq!(spaces[0], founded["space"], "{}", image.display());
        let there: BTreeSet<_> = all_posts(&ana).into_iter().map(|(_, text)| text).collect();
        let lost: Vec<_> = answered.difference(&there).collect();
        assert!(lost.is_empty(), "{}: {lost:?} of {}", image.display(), answered.len());
        let status = ana.json("status");
        assert_eq!(status["trouble"], serde_json::Value::Null, "{}", image.display());
        ana.json("post 'The power is back'");
        assert_eq!(ana.json("why")["waiting"], serde_json::json!([]), "{}", image.display());
        ana.stop();
    }
}

/// Others have what was sent before the power went, and nothing that the disk did not have: so who
/// comes back goes on with the key that they had.
#[test]
fn the_power_that_is_cut_again_and_again_forks_nobody() {
    let place = tempfile::tempdir().unwrap();
    let (mut image, at) = (place.path().join("disk"), place.path().join("mounted"));
    let Some(mut disk) = Mounted::image(&image, &at, WHAT) else { return };
    let mut ana = Person::new(&at, "ana", "/ip4/127.0.0.1/tcp/0");
    let mut bo = Person::new(place.path(), "bo", "/ip4/127.0.0.1/tcp/0");
    ana.json("found 'Elm Street' --me Ana");
    let ready = ana.up();
    ana.stay_at(&ready);
    let ticket = ana.json("member invite")["ticket"].clone();
    let said = bo.run(&split("join - --me Bo --json"), ticket.as_str());
    assert_eq!(said.exit(), 0, "{}", said.stderr);
    ana.json("member vouch Bo");
    bo.up();
    let mut answered = BTreeSet::new();
    for round in 0..6 {
        for n in 0..5 + round {
            let text = format!("Round {round}, number {n}");
            ana.json(&format!("post '{text}'"));
            answered.insert(text);
        }
        // One that is on its way when it happens.
        let mut command = ana.command(&split(&format!("post 'Round {round}, the last' --json")));
        let mut last = command.spawn().unwrap();
        bo.json(&format!("post 'Bo in round {round}'"));
        ana.stop_for_now();
        let next = image.with_extension(round.to_string());
        copy_image(&image, &next);
        _ = last.kill();
        _ = last.wait();
        ana.kill();
        drop(disk);
        image = next;
        disk = Mounted::image(&image, &at, WHAT).expect("it was a disk");
        ana.up();
        poll_until("both to have the same", || {
            let [of_ana, of_bo] = [&ana, &bo].map(|person| {
                all_posts(person).into_iter().map(|(_, text)| text).collect::<BTreeSet<_>>()
            });
            (of_ana == of_bo && answered.is_subset(&of_ana)).then_some(())
        });
    }
    let prints = || [&ana, &bo].map(|person| person.json("node fingerprint").to_string());
    poll_until("equal fingerprints", || {
        let [of_ana, of_bo] = prints();
        (of_ana == of_bo).then_some(())
    });
    for person in [&ana, &bo] {
        let status = person.json("status");
        assert_eq!(status["spaces"][0]["forks"], 0, "{status}");
        assert_eq!(person.json("why")["waiting"], serde_json::json!([]));
    }
    ana.stop();
    bo.stop();
}
