//! What was promised is kept: own entries that were sent, receipts, answers to writes.

use std::collections::{BTreeMap, BTreeSet};

use api::{Answer, Command, ErrorCode, Failure, SpaceRow};
use engine::{AskId, Engine};
use ledger::{DeviceId, JournalId};
use store::MemoryStore;
use sync::Frame;

use crate::simulator::collectives::space_id;

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
    /// By charter, the device of the knock that was answered, and those of later knocks.
    seats: BTreeMap<JournalId, BTreeSet<DeviceId>>,
    /// The space of the last `use` that was answered, and those of later ones; none before.
    used: Option<BTreeSet<String>>,
}

/// The logs of a node.
pub(crate) fn lengths(engine: &Engine<MemoryStore>) -> Lengths {
    engine.logs().into_iter().map(|(journal, log, length)| ((journal, log), length)).collect()
}

/// The logs that grew, with their lengths now.
pub(crate) fn grown(before: &Lengths, after: &Lengths) -> Lengths {
    let grew =
        |(log, length): (&Log, &u64)| (before.get(log) != Some(length)).then_some((*log, *length));
    after.iter().filter_map(grew).collect()
}

fn at_least(lengths: &mut Lengths, log: Log, length: u64) {
    let known = lengths.entry(log).or_default();
    *known = (*known).max(length);
}

/// Whether an answer says that an entry was written.
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

    /// The node took a command, by which these logs grew; it writes in its `own` ones.
    pub(crate) fn asked(&mut self, ask: AskId, command: &Command, grown: &Lengths, own: &[Log]) {
        self.asked.insert(ask, grown.clone());
        for (journal, device) in own {
            self.seats.entry(*journal).and_modify(|devices| _ = devices.insert(*device));
        }
        if let (Command::Use { space }, Some(used)) = (command, &mut self.used) {
            used.insert(space.clone());
        }
    }

    /// The node answered: what the command wrote is on the disk, and it wrote something.
    pub(crate) fn answers(
        &mut self,
        ask: AskId,
        answer: &Result<Answer, Failure>,
        own: &[Log],
    ) -> Result<(), String> {
        let Some(written) = self.asked.remove(&ask) else { return Ok(()) };
        match answer {
            Ok(Answer::Joined(joined)) => {
                let charter = space_id(&joined.space).map(|id| id.charter_journal());
                let seat = own.iter().find(|(journal, _)| Some(*journal) == charter);
                let (journal, device) = seat.ok_or("a join was answered, and nobody knocks")?;
                self.seats.insert(*journal, BTreeSet::from([*device]));
            }
            Ok(Answer::Used(used)) => self.used = Some(BTreeSet::from([used.space.clone()])),
            Ok(answer) if is_of_a_write(answer) => {
                if written.is_empty() {
                    return Err(format!("answered and nothing was written: {answer:?}"));
                }
                for (log, length) in written {
                    at_least(&mut self.answered, log, length);
                }
            }
            // Of a ticket that has ended nothing is left.
            Err(failure) if failure.code == ErrorCode::TicketEnded => {
                self.seats.retain(|seat, _| own.iter().any(|(journal, _)| journal == seat));
            }
            _ => {}
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
        kinds.into_iter().try_for_each(|(what, promised)| has_all(engine, what, promised, &own))?;
        let own = engine.own_logs();
        let has_seat = |(journal, devices): &(&JournalId, &BTreeSet<DeviceId>)| {
            own.iter().any(|(of, device)| of == *journal && devices.contains(device))
        };
        match self.seats.iter().find(|seat| !has_seat(seat)) {
            Some((seat, _)) => Err(format!("a join was answered, and its key is gone: {seat:?}")),
            None => Ok(()),
        }
    }

    /// The space that is meant where none is said is the one that the person was told.
    pub(crate) fn check_used(&self, spaces: &[SpaceRow]) -> Result<(), String> {
        let current = spaces.iter().find(|row| row.current).map(|row| &row.space);
        match &self.used {
            Some(used) if current.is_none_or(|current| !used.contains(current)) => {
                Err(format!("`use` was answered for one of {used:?}, and {current:?} is meant"))
            }
            _ => Ok(()),
        }
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
