//! After full gossip all members have the same logs, with the same entries and branches.

use engine::Engine;
use ledger::{Hash, JournalId};
use store::MemoryStore;

use crate::simulator::{
    checkers::promises::{Lengths, lengths},
    collectives::Collective,
};

/// Fails where two members of a collective have different lengths of any of its logs, charter or
/// content, or other entries.
pub(crate) fn are_equal(
    collective: &Collective,
    members: &[(usize, &Engine<MemoryStore>)],
) -> Result<(), String> {
    let logs = |engine: &Engine<MemoryStore>| -> Lengths {
        lengths(engine).into_iter().filter(|((journal, _), _)| collective.has(*journal)).collect()
    };
    let hashes = |engine: &Engine<MemoryStore>| -> Vec<_> {
        let ours = |(journal, _): &(JournalId, Hash)| collective.has(*journal);
        engine.frontiers().into_iter().filter(ours).collect()
    };
    let Some(((first, engine), others)) = members.split_first() else { return Ok(()) };
    let (expected, entries) = (logs(engine), hashes(engine));
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
        if hashes(engine) != entries {
            let name = collective.name;
            return Err(format!("nodes {first} and {node} have other entries in {name}"));
        }
    }
    Ok(())
}
