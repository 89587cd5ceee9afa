//! What was promised is kept: own entries that were sent, receipts, answers.

use std::collections::BTreeMap;

use engine::Engine;
use ledger::{DeviceId, JournalId};
use store::MemoryStore;
use sync::Frame;

type Log = (JournalId, DeviceId);

/// What one node has promised to others and to its person: none of it may be lost.
#[derive(Debug, Default, Clone)]
pub(crate) struct Promises {
    own_sent: BTreeMap<Log, u64>,
    receipted: BTreeMap<Log, u64>,
    answered: BTreeMap<Log, u64>,
}

fn at_least(lengths: &mut BTreeMap<Log, u64>, log: Log, length: u64) {
    let known = lengths.entry(log).or_default();
    *known = (*known).max(length);
}

impl Promises {
    /// The node sends a frame.
    pub(crate) fn sends(&mut self, own: &[Log], frame: &Frame) {
        match frame {
            Frame::Run(run) => {
                let space = run.space;
                let journal = match run.run.journal {
                    JournalId::GENESIS => space.charter_journal(),
                    journal => journal,
                };
                let log = (journal, run.run.device);
                if own.contains(&log) {
                    let length = run.run.first_seq + run.run.entries.len() as u64;
                    at_least(&mut self.own_sent, log, length);
                }
            }
            Frame::Receipt(receipt) => {
                let journal = receipt.journal.id(receipt.space);
                for (device, length) in &receipt.logs {
                    at_least(&mut self.receipted, (journal, *device), *length);
                }
            }
            _ => {}
        }
    }

    /// The node answered that an entry of its own is on the disk.
    pub(crate) fn answers(&mut self, log: Log, length: u64) {
        at_least(&mut self.answered, log, length);
    }

    /// After a crash: everything that was promised is there.
    pub(crate) fn check(&self, engine: &Engine<MemoryStore>) -> Result<(), String> {
        let there: BTreeMap<Log, u64> = engine
            .logs()
            .into_iter()
            .map(|(journal, log, length)| ((journal, log), length))
            .collect();
        let kinds = [
            ("an own entry was sent", &self.own_sent),
            ("a receipt was given", &self.receipted),
            ("a command was answered", &self.answered),
        ];
        for (what, promised) in kinds {
            for (log, length) in promised {
                let have = there.get(log).copied().unwrap_or(0);
                if have < *length {
                    return Err(format!(
                        "{what} for {length} entries of {log:?}, {have} are there"
                    ));
                }
            }
        }
        Ok(())
    }
}
