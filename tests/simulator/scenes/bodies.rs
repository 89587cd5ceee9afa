//! Who forwards entries and leaves their bodies out.

use ledger::Journal;
use sync::SpaceRun;

use super::Figure;
use crate::simulator::{
    hostile::mole::blank,
    world::{World, scene::claims_of},
};

/// A member posts; another forwards it without a body to a third, who is cut off from the author
/// and meets them later.
pub(super) fn blanked() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    world.part([0]);
    world.post(2, "To everyone");
    world.wait(2_000);
    let forger = world.turn(1);
    let space = world.space();
    let journal = Journal::Content.id(space);
    let theirs = world.nodes[2].engine.as_ref().unwrap().own_logs();
    let device = theirs.iter().find(|(of, _)| *of == journal).unwrap().1;
    let last = forger.replica.frontier(Journal::Content).length(&device) - 1;
    let run = forger.replica.content_run(&forger.store, device, last).unwrap();
    let run = run.expect("the post");
    world.network.heal();
    world.network.cut_one_way(0, 2);
    world.network.cut_one_way(2, 0);
    let frame = blank(SpaceRun { space, run });
    world.speak(1, 0, vec![claims_of(&forger)], vec![frame]);
    let receipts = world.speaker(1).receipts;
    world.meet_again();
    let shows = world.texts(0).contains(&"To everyone".to_owned());
    Figure::new(
        shows && receipts == 0,
        format!("an entry without its body: {receipts} receipts, the post shows later: {shows}"),
    )
}
