//! Who lies in hellos and receipts, and sends what is none. This holds.

use ledger::{DeviceId, Frontier, Journal, SpaceId};
use sync::{Frame, Frontiers, Receipt, SpaceRun};

use super::Figure;
use crate::simulator::world::{World, scene::claims_of};

/// A hello that names a space and has nothing of it.
pub(crate) fn claims_nothing(space: SpaceId) -> Frontiers {
    let nothing = Frontier::default().digest();
    Frontiers { space, charter: nothing.clone(), content: Some(nothing), guests: None }
}

/// What is no frame: nothing at all, noise, a frame that ends early, one with something behind it.
pub(crate) fn no_frames() -> Vec<Vec<u8>> {
    let answer = Frame::Answer(second_answer()).encode();
    let early = answer[..answer.len() - 1].to_vec();
    let late = [answer, vec![0]].concat();
    vec![Vec::new(), vec![0xff; 1_000], early, late]
}

/// A member sends what is no frame.
pub(super) fn garbage() -> Figure {
    let (mut world, _) = World::meeting(2, 0);
    let forger = world.turn(1);
    world.speak(1, 0, vec![claims_of(&forger)], Vec::new());
    let (mut kept, mut most) = (0, 0);
    for bytes in no_frames() {
        // Whoever was thrown out is not heard for a while.
        world.speaker(1).frames.clear();
        world.wait(60 * 60_000);
        world.speaker(1).heard.clear();
        let cost = world.units(0, |world| {
            world.speak_bytes(1, 0, vec![claims_of(&forger)], vec![bytes]);
        });
        // It was greeted before, each time.
        let greets = |frame: &Frame| matches!(frame, Frame::Hello(_) | Frame::Answer(_));
        let was_in = world.speaker(1).heard.iter().any(greets);
        kept += usize::from(!was_in || !world.speaker(1).thrown_out);
        most = most.max(cost);
    }
    Figure::new(
        kept == 0 && most < 200,
        format!("what is no frame: {kept} sessions went on, {most} units at most"),
    )
}

/// A member answers a second time, who was asked once.
pub(super) fn answers_twice() -> Figure {
    let (mut world, _) = World::meeting(2, 0);
    let forger = world.turn(1);
    world.speak(1, 0, vec![claims_of(&forger)], Vec::new());
    let cost = world.units(0, |world| {
        world.speak(1, 0, vec![claims_of(&forger)], vec![Frame::Answer(second_answer())]);
    });
    let thrown_out = world.speaker(1).thrown_out;
    Figure::new(
        thrown_out && cost < 200,
        format!("a second answer: thrown out {thrown_out}, {cost} units"),
    )
}

fn second_answer() -> sync::HelloAnswer {
    sync::HelloAnswer { version: 1, spaces: Default::default(), entries_to_come: u64::MAX }
}

/// A member forwards another's entry with a byte changed.
pub(super) fn changed_entry() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    world.part([0]);
    world.post(2, "To everyone");
    world.wait(2_000);
    let forger = world.turn(1);
    let (space, journal) = (world.space(), Journal::Content.id(world.space()));
    let theirs = world.nodes[2].engine.as_ref().unwrap().own_logs();
    let device = theirs.iter().find(|(of, _)| *of == journal).unwrap().1;
    let last = forger.replica.frontier(Journal::Content).length(&device) - 1;
    let mut run = forger.replica.content_run(&forger.store, device, last).unwrap().unwrap();
    let mut entries = run.entries.to_vec();
    let mut body = entries[0].body.take().unwrap().to_vec();
    body[40] ^= 1;
    entries[0].body = Some(body.try_into().unwrap());
    run.entries = entries.try_into().unwrap();
    world.network.heal();
    world.network.cut_one_way(0, 2);
    world.network.cut_one_way(2, 0);
    let frame = Frame::Run(Box::new(SpaceRun { space, run }));
    world.speak(1, 0, vec![claims_of(&forger)], vec![frame]);
    let receipts = world.speaker(1).receipts;
    world.meet_again();
    let shows = world.texts(0).contains(&"To everyone".to_owned());
    Figure::new(
        receipts == 0 && shows,
        format!("a changed entry: {receipts} receipts, the right one shows later: {shows}"),
    )
}

/// Somebody who is not in says that they have a post on their disk.
pub(super) fn receipts() -> Figure {
    let (mut world, space) = World::meeting(2, 1);
    world.post(0, "Who has it?");
    world.wait(2_000);
    world.place_speaker(2);
    let id = world.space();
    let own = world.nodes[0].engine.as_ref().unwrap().own_logs();
    let logs = ledger::Bounded::one((own[0].1, u64::MAX));
    let receipt = Receipt { space: id, journal: Journal::Content, logs, frontier: None };
    world.speak(2, 0, vec![claims_nothing(id)], vec![Frame::Receipt(receipt)]);
    let stored_on = world.feed(0, &space).iter().map(|row| row.stored_on).max().unwrap();
    Figure::new(stored_on == 1, format!("an outsider's receipt: {stored_on} other node has it"))
}

/// A member claims to have a log that nobody has, and all of the others' for ever.
pub(super) fn claims_all() -> Figure {
    let (mut world, _) = World::meeting(3, 0);
    let mut forger = world.turn(1);
    let mut claims = claims_of(&forger);
    let mut lie = Frontier::default();
    let head = forger.charter(Vec::new());
    for (device, _) in forger.replica.frontier(Journal::Content).iter() {
        lie.set(*device, ledger::Tip { length: 1 << 40, head }).unwrap();
    }
    lie.set(DeviceId::from_bytes([3; 32]), ledger::Tip { length: 1 << 40, head }).unwrap();
    claims.content = Some(lie.digest());
    world.speak(1, 0, vec![claims], Vec::new());
    world.post(2, "Whatever they say");
    world.wait(2_000);
    let shows = world.texts(0).contains(&"Whatever they say".to_owned());
    Figure::new(shows, format!("a hello that claims all: others' posts still come: {shows}"))
}
