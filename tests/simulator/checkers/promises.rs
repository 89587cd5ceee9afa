//! What was promised is kept: own entries that were sent, receipts, answers to writes.

use std::collections::{BTreeMap, BTreeSet};

use api::{Answer, Failure};
use engine::{AskId, Engine};
use ledger::{DeviceId, JournalId};
use store::MemoryStore;
use sync::Frame;

type Log = (JournalId, DeviceId);

/// How much of each log there is.
pub(crate) type Lengths = BTreeMap<Log, u64>;

/// What one node has promised to others and to its person: none of it may be lost.
#[derive(Debug, Default, Clone)]
pub(crate) struct Promises {
    own_sent: Lengths,
    receipted: Lengths,
    answered: Lengths,
    /// What commands wrote that are not answered yet.
    asked: BTreeMap<AskId, Lengths>,
}

/// The logs of a node.
pub(crate) fn lengths(engine: &Engine<MemoryStore>) -> Lengths {
    engine.logs().into_iter().map(|(journal, log, length)| ((journal, log), length)).collect()
}

fn at_least(lengths: &mut Lengths, log: Log, length: u64) {
    let known = lengths.entry(log).or_default();
    *known = (*known).max(length);
}

/// Whether an answer says that something was written.
fn is_of_a_write(answer: &Answer) -> bool {
    matches!(
        answer,
        Answer::Founded(_)
            | Answer::Profiled(_)
            | Answer::Invited(_)
            | Answer::Withdrawn(_)
            | Answer::Vouched(_)
            | Answer::Posted(_)
            | Answer::Written(_)
            | Answer::Claimed(_)
            | Answer::Undone(_)
    )
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

    /// The node took a command, and its logs grew by it.
    pub(crate) fn asked(&mut self, ask: AskId, before: &Lengths, after: &Lengths) {
        let grew = |(log, length): (&Log, &u64)| {
            (before.get(log) != Some(length)).then_some((*log, *length))
        };
        self.asked.insert(ask, after.iter().filter_map(grew).collect());
    }

    /// The node answered: what the command wrote is on the disk, and it wrote something.
    pub(crate) fn answers(
        &mut self,
        ask: AskId,
        answer: &Result<Answer, Failure>,
    ) -> Result<(), String> {
        let Some(written) = self.asked.remove(&ask) else { return Ok(()) };
        let Ok(answer) = answer else { return Ok(()) };
        if !is_of_a_write(answer) {
            return Ok(());
        }
        if written.is_empty() {
            return Err(format!("answered and nothing was written: {answer:?}"));
        }
        for (log, length) in written {
            at_least(&mut self.answered, log, length);
        }
        Ok(())
    }

    /// Commands that were not answered when the machine went down never are.
    pub(crate) fn went_down(&mut self) {
        self.asked.clear();
    }

    /// What a node has that it or its like promised: after a crash, and in the end.
    pub(crate) fn check(&self, engine: &Engine<MemoryStore>) -> Result<(), String> {
        let kinds = [
            ("an own entry was sent", &self.own_sent),
            ("a receipt was given", &self.receipted),
            ("a command was answered", &self.answered),
        ];
        // Whose key two homes use may write no more, so that they cannot keep of their charter log
        // what nobody names.
        let mute: BTreeSet<_> = engine.forked().into_iter().collect();
        let own = engine.own_logs().into_iter().filter(|log| mute.contains(log)).collect();
        kinds.into_iter().try_for_each(|(what, promised)| has_all(engine, what, promised, &own))
    }
}

fn has_all(
    engine: &Engine<MemoryStore>,
    what: &str,
    promised: &Lengths,
    but: &BTreeSet<Log>,
) -> Result<(), String> {
    let there = lengths(engine);
    for (log, length) in promised.iter().filter(|(log, _)| !but.contains(log)) {
        let have = there.get(log).copied().unwrap_or(0);
        if have < *length {
            return Err(format!("{what} for {length} entries of {log:?}, {have} are there"));
        }
    }
    Ok(())
}
