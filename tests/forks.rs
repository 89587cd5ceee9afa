//! Forks in the charter: a model that reads DESIGN 5 (*Who may begin a log*, *Forks*), DESIGN 6
//! (the exchange of tips, *Guests*) and CHARTER 1, 2 and 9 as they stand, slowly, and histories
//! in which some break every rule. It shares nothing with the program.
//!
//! `archive` is all that was ever signed and what its own past lets through; `node` is what a
//! home takes and when it names what it had; `session` is how two homes meet; `attack` is who
//! forks; `history` draws it all from one seed; `checks` is what must hold when all have met.
//! `FORKS_SEED=N` runs one history.

mod archive;
mod attack;
mod cases;
mod checks;
mod draw;
mod history;
mod node;
mod session;
mod set;

use archive::Rules;
use checks::Seen;
use history::History;

/// Histories that the test command runs, in four parts side by side.
const HISTORIES: u64 = 600;

/// Histories within which leaving out a part of the rules must be noticed.
const SABOTAGE_HISTORIES: u64 = 100;

fn run(seed: u64, rules: Rules) -> Result<Seen, String> {
    let mut history = History::new(seed, rules);
    history.happen();
    history.heal()?;
    checks::check(&history)?;
    history.reveal();
    history.heal()?;
    checks::newcomers_get_the_same(&mut history)?;
    checks::check(&history)
}

/// Every fourth history; each part by itself has seen all that they are for.
fn run_part(part: u64) {
    let only = std::env::var("FORKS_SEED").ok().and_then(|seed| seed.parse().ok());
    let seeds: Vec<u64> = match only {
        Some(seed) => vec![seed],
        None => (0..HISTORIES).filter(|seed| seed % 4 == part).collect(),
    };
    let mut all = Seen::default();
    for seed in seeds {
        match run(seed, Rules::Whole) {
            Ok(seen) => all.add(&seen),
            Err(why) => panic!("FORKS_SEED={seed}: {why}"),
        }
    }
    println!("{all:#?}");
    if only.is_none() {
        all.assert_all();
    }
}

#[test]
fn all_homes_come_to_the_same() {
    run_part(0);
}

#[test]
fn all_homes_come_to_the_same_in_a_second_part() {
    run_part(1);
}

#[test]
fn all_homes_come_to_the_same_in_a_third_part() {
    run_part(2);
}

#[test]
fn all_homes_come_to_the_same_in_a_fourth_part() {
    run_part(3);
}

#[test]
fn one_seed_gives_one_history() {
    let seen = |seed| format!("{:?}", run(seed, Rules::Whole));
    assert_eq!(seen(7), seen(7));
}

/// The text before: of each log one branch, the one that came first; so homes split for ever.
#[test]
fn one_branch_a_log_does_not_converge() {
    let fails = |seed: &u64| run(*seed, Rules::OneBranch).is_err();
    let failed = (0..SABOTAGE_HISTORIES).filter(fails).count();
    println!("{failed} of {SABOTAGE_HISTORIES} fail");
    assert!(failed > SABOTAGE_HISTORIES as usize / 2);
}

/// A history finds that a part of the rules is left out, and is right with it.
fn assert_found(rules: Rules, says: &str) {
    let finds = |seed: &u64| run(*seed, rules).is_err_and(|why| why.contains(says));
    let found = (0..SABOTAGE_HISTORIES).find(finds);
    println!("{rules:?} found by history {found:?}");
    assert!(found.is_some(), "{rules:?} was not found");
}

#[test]
fn proofs_that_are_not_shown_are_found() {
    assert_found(Rules::ProofsStay, "has other entries than");
}

#[test]
fn entries_that_do_not_wait_for_their_namer_are_found() {
    assert_found(Rules::NothingWaits, "has other entries than");
}

#[test]
fn taking_before_naming_is_found() {
    assert_found(Rules::NobodyNames, "let go of");
}

#[test]
fn a_log_that_names_two_branches_is_found() {
    assert_found(Rules::AnyHeads, "and those before it name");
}
