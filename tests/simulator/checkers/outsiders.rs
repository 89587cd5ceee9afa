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

/// A member has nothing by who is not in but a knock and its card, two entries of a charter log;
/// `own` are the outsider's logs: the charter's, then the content's.
pub(crate) fn write_nothing(member: &Engine<MemoryStore>, own: &[Log]) -> Result<(), String> {
    let [charter, content] = own else { return Ok(()) };
    for (journal, device, length) in member.logs() {
        let log = (journal, device);
        if (log == *charter && length > 2) || (log == *content && length > 0) {
            return Err(format!("a member has {length} entries of {log:?}, who is not in"));
        }
    }
    Ok(())
}
