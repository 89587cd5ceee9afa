//! A whole network that replays from one number (DESIGN 11).
//!
//! One seed draws who is in which of two collectives, how bad the network is, whose clock is
//! wrong, what people do, and when machines lose their power, their disks fail or fill, and
//! clocks are set. First comes a phase of faults, in which only safety is checked; then all but
//! the clocks is healed, and everybody must come to the same. Beside these random runs stand
//! *scenes*: one thing that somebody could do, with what it sends and what it costs.
//!
//! - `SIMULATOR_SEED=N ./tests/run seed` replays one seed.
//! - `SIMULATOR_SEEDS=N` runs so many seeds, in place of sixteen.
//! - `SIMULATOR_PEOPLE=N` has so many people, in place of twelve; a nightly run has sixty, under
//!   `NEXTEST_PROFILE=nightly`, for a test of twelve is ended after five minutes.

mod checkers;
mod clocks;
mod collectives;
mod disks;
mod draw;
mod hostile;
mod network;
mod people;
mod scenes;
mod world;

use std::sync::Mutex;

use engine::Sabotage;

use world::{Counters, Outcome, World};

/// People, each with a node, unless the environment says otherwise.
const PEOPLE: usize = 12;

/// Seeds that the test command runs: enough that each thing that can go wrong does.
const SEEDS: u64 = 16;

/// Seeds within which a sabotage must be found, and people in them: the fewest that show it.
const SABOTAGE_SEEDS: u64 = 60;
const FEW: usize = 4;

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn run(seed: u64, people: usize, sabotage: Option<Sabotage>) -> Result<Outcome, String> {
    World::drawn(seed, people, sabotage).run()
}

/// Runs seeds, as many at a time as there are cores; what all of them exercised.
fn run_all(seeds: &[u64], people: usize) -> Counters {
    let (exercised, left) = (Mutex::new(Counters::default()), Mutex::new(seeds.iter()));
    let work = || {
        loop {
            let next = left.lock().unwrap().next();
            let Some(seed) = next else { return };
            match run(*seed, people, None) {
                Ok(outcome) => exercised.lock().unwrap().add(&outcome.counters),
                Err(why) => panic!(
                    "seed {seed}, {people} people: {why}\n\
                     replay: SIMULATOR_SEED={seed} SIMULATOR_PEOPLE={people} ./tests/run seed"
                ),
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| (0..cores).for_each(|_| _ = scope.spawn(work)));
    exercised.into_inner().unwrap()
}

#[test]
fn every_seed_keeps_its_promises() {
    let people = environment("SIMULATOR_PEOPLE").map_or(PEOPLE, |people| people as usize);
    let seeds = 0..environment("SIMULATOR_SEEDS").unwrap_or(SEEDS);
    let seeds = environment("SIMULATOR_SEED").map_or(seeds, |seed| seed..seed + 1);
    let seeds: Vec<_> = seeds.collect();
    let exercised = run_all(&seeds, people);
    println!("{exercised:#?}");
    if seeds.len() as u64 >= SEEDS {
        exercised.assert_all();
    }
}

#[test]
fn one_seed_gives_one_trace() {
    let run = |seed| run(seed, FEW, None).unwrap().trace;
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

/// Each sabotage is found by the checker that is there for it, in a seed that is clean without.
macro_rules! sabotages {
    ($($name:ident: $sabotage:ident, $people:expr, $checker:literal, $says:literal;)*) => {
        $(#[test]
        fn $name() {
            assert_found(Sabotage::$sabotage, $people, $says);
        })*

        /// The checker that finds each.
        const FINDERS: &[&str] = &[$($checker),*];
    };
}

sabotages! {
    receipts_before_the_flush_are_found:
        ReceiptBeforeFlush, FEW, "promises", "a receipt was given";
    own_entries_before_the_flush_are_found:
        OwnEntryBeforeFlush, FEW, "promises", "an own entry was sent";
    answers_before_the_flush_are_found:
        AnswerBeforeFlush, FEW, "promises", "a command was answered";
    answers_to_nothing_are_found:
        AnsweredNotWritten, FEW, "promises", "nothing was written";
    knocks_that_are_not_kept_are_found:
        KnockNotKept, FEW, "promises", "a join was answered";
    uses_that_are_not_kept_are_found:
        UseNotKept, FEW, "promises", "`use` was answered";
    what_nobody_names_is_missed:
        NothingNamed, PEOPLE, "promises", "are there";
    membership_that_is_not_judged_is_found:
        MembershipNotJudged, FEW, "outsiders", "who is not in";
    outsiders_who_write_are_found:
        KnocksProposed, FEW, "outsiders", "by who is not in";
    feeds_in_other_orders_are_found:
        FeedAsItCame, FEW, "agreement", "feeds in other orders";
    feeds_that_differ_are_found:
        OwnPostsUnnamed, FEW, "agreement", "feeds that differ";
    charters_that_nobody_compares_are_found:
        ChartersNotCompared, PEOPLE, "agreement", "not in agreement";
    branches_that_nobody_compares_are_found:
        BranchesNotCompared, PEOPLE, "agreement", "not in agreement";
    what_shows_wrong_on_all_nodes_is_found:
        ReleaseIsClaim, FEW, "shown", "for claim";
    a_field_that_is_lost_on_all_nodes_is_found:
        SecondFieldLost, FEW, "shown", "for area";
    frontiers_that_differ_are_found:
        FingerprintBlind, FEW, "frontiers", "frontiers differ";
    a_part_that_is_shown_as_the_whole_is_found:
        UnreadHidden, FEW, "whole", "a part is shown as the whole";
    work_that_grows_with_what_is_there_is_found:
        AllReadAgain, FEW, "linear", "units, more than";
}

/// A checker that nobody has seen find anything may find nothing.
#[test]
fn each_checker_finds_a_sabotage() {
    let checkers = concat!(env!("CARGO_MANIFEST_DIR"), "/simulator/checkers");
    for file in std::fs::read_dir(checkers).unwrap() {
        let path = file.unwrap().path();
        let checker = path.file_stem().unwrap().to_str().unwrap();
        assert!(FINDERS.contains(&checker), "{checker} finds no sabotage");
    }
}

fn assert_found(sabotage: Sabotage, people: usize, says: &str) {
    let finds =
        |seed: &u64| run(*seed, people, Some(sabotage)).is_err_and(|why| why.contains(says));
    let found = (0..SABOTAGE_SEEDS).find(finds);
    println!("{sabotage:?} found by seed {found:?}");
    let found = found.unwrap_or_else(|| panic!("{sabotage:?} was not found"));
    if let Err(why) = run(found, people, None) {
        panic!("seed {found} fails without {sabotage:?} too: {why}");
    }
}
