//! Who is not in reads nothing and writes nothing.

use engine::Engine;
use ledger::{DeviceId, JournalId};
use store::MemoryStore;

type Log = (JournalId, DeviceId);

/// Who is not in has no entry: neither of the charter nor of the content.
pub(crate) fn read_nothing(outsider: &Engine<MemoryStore>) -> Result<(), String> {
    match outsider.logs().first() {
        None => Ok(()),
        Some(log) => Err(format!("somebody who is not in has entries of {log:?}")),
    }
}

/// A member has nothing by who is not in, in a charter or a content: a knock that nobody proposes
/// stands beside the charter. `own` are the outsider's logs.
pub(crate) fn write_nothing(member: &Engine<MemoryStore>, own: &[Log]) -> Result<(), String> {
    for (journal, device, length) in member.logs() {
        let log = (journal, device);
        if own.contains(&log) {
            return Err(format!("a member has {length} entries of {log:?}, by who is not in"));
        }
    }
    Ok(())
}
