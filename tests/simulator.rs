//! A whole network that replays from one number (DESIGN 11).
//!
//! One seed draws how many nodes there are, how bad the network is, what people do and when
//! machines lose their power. First comes a phase of faults, in which only safety is checked;
//! then all is healed, and everybody must come to the same. `SIMULATOR_SEED=N` replays one seed.

mod checkers;
mod draw;
mod network;
mod people;
mod world;

use engine::Sabotage;

use world::{Outcome, World};

/// Seeds that the test command runs.
const SEEDS: u64 = 100;

/// Seeds within which a sabotage must be found.
const SABOTAGE_SEEDS: u64 = 200;

fn run(seed: u64, sabotage: Option<Sabotage>) -> Result<Outcome, String> {
    World::new(seed, sabotage).run()
}

#[test]
fn every_seed_keeps_its_promises() {
    let only = std::env::var("SIMULATOR_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds = only.map_or(0..SEEDS, |seed: u64| seed..seed + 1);
    let mut exercised = world::Counters::default();
    for seed in seeds {
        match run(seed, None) {
            Ok(outcome) => exercised.add(&outcome.counters),
            Err(why) => {
                panic!("seed {seed}: {why}\nreplay: SIMULATOR_SEED={seed} ./tests/run seed")
            }
        }
    }
    println!("{exercised:#?}");
    if only.is_none() {
        exercised.assert_all();
    }
}

#[test]
fn one_seed_gives_one_trace() {
    let (first, second) = (run(7, None).unwrap(), run(7, None).unwrap());
    assert_eq!(first.trace, second.trace);
    assert_ne!(first.trace, run(8, None).unwrap().trace);
}

#[test]
fn receipts_before_the_flush_are_found() {
    assert_found(Sabotage::ReceiptBeforeFlush, "a receipt was given");
}

#[test]
fn own_entries_before_the_flush_are_found() {
    assert_found(Sabotage::OwnEntryBeforeFlush, "an own entry was sent");
}

#[test]
fn membership_that_is_not_judged_is_found() {
    assert_found(Sabotage::MembershipNotJudged, "not in");
}

/// The checker that is there for it finds the sabotage, in a seed that is clean without it.
fn assert_found(sabotage: Sabotage, says: &str) {
    let finds = |seed: &u64| run(*seed, Some(sabotage)).is_err_and(|why| why.contains(says));
    let found = (0..SABOTAGE_SEEDS).find(finds);
    println!("{sabotage:?} found by seed {found:?}");
    let found = found.unwrap_or_else(|| panic!("{sabotage:?} was not found"));
    if let Err(why) = run(found, None) {
        panic!("seed {found} fails without {sabotage:?} too: {why}");
    }
}
