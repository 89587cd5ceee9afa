//! After full gossip all members have the same logs, as far as their stores say.

use engine::Engine;
use store::MemoryStore;

use crate::simulator::{
    checkers::promises::{Lengths, lengths},
    collectives::Collective,
};

/// Fails where two members of a collective have different lengths of any of its logs, charter or
/// content. What a node says of itself (its fingerprint) is not asked.
pub(crate) fn are_equal(
    collective: &Collective,
    members: &[(usize, &Engine<MemoryStore>)],
) -> Result<(), String> {
    let logs = |engine: &Engine<MemoryStore>| -> Lengths {
        lengths(engine).into_iter().filter(|((journal, _), _)| collective.has(*journal)).collect()
    };
    let Some(((first, engine), others)) = members.split_first() else { return Ok(()) };
    let expected = logs(engine);
    for (node, engine) in others {
        let found = logs(engine);
        if found != expected {
            let name = collective.name;
            let differ = expected.iter().find(|(log, length)| found.get(log) != Some(length));
            return Err(format!(
                "frontiers differ in {name}: node {first} has {differ:?}, node {node} {:?}",
                differ.map(|(log, _)| found.get(log))
            ));
        }
    }
    Ok(())
}
