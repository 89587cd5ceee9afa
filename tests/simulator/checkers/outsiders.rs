//! Who is not in reads nothing and writes nothing.

use engine::Engine;
use ledger::{DeviceId, JournalId};
use store::MemoryStore;
use sync::{Frame, KnockAnswer};

pub(crate) type Log = (JournalId, DeviceId);

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

/// Who is not in is told of no space and of no member, and sent no entry.
pub(crate) fn heard_nothing(heard: &[Frame], answers: &[KnockAnswer]) -> Result<(), String> {
    let tells = |frame: &&Frame| match frame {
        Frame::Hello(hello) => !hello.spaces.is_empty(),
        Frame::Answer(answer) => !answer.spaces.is_empty(),
        _ => true,
    };
    let lets_in = |answer: &&KnockAnswer| match answer {
        KnockAnswer::Received { contacts, .. } => !contacts.is_empty(),
        KnockAnswer::In { .. } => true,
        _ => false,
    };
    let told = heard.iter().find(tells).map(|frame| format!("{frame:?}"));
    let told = told.or_else(|| answers.iter().find(lets_in).map(|answer| format!("{answer:?}")));
    match told {
        None => Ok(()),
        Some(told) => Err(format!("somebody who is not in is told {told}")),
    }
}
