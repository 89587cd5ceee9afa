//! One space's charter: which entries it takes, and what they come to.

use std::{cell::Cell, collections::BTreeSet, sync::Arc};

use ledger::{
    Bounded, DeviceId, Entry, EntryId, Frontier, HeaderKind, ItemId, MemberId, SpaceId,
    charter_items::{Card, CharterBody, CharterItem},
    limits::HEADS_MAX,
};

use crate::{
    counting::{are_sound, is_stale},
    fold::Fold,
    history::History,
    refused::Refused,
    roll::{ActState, Roll},
    tally::Tally,
    work::Work,
};

/// Acts that a node leaves out at every depth (CHARTER 7).
pub type HeldActs = BTreeSet<ItemId>;

/// The charter version whose items this program acts on.
const VERSION: u32 = 1;

/// One space's charter: its entries, and what they come to.
#[derive(Debug)]
pub struct Charter {
    space: SpaceId,
    history: History,
    /// By everything that is here, no act held: what entries are taken by.
    plain: Fold,
    /// With the acts left out that were last asked for.
    holding: Option<Fold>,
    latest: Arc<Tally>,
    /// Acts that were looked at to answer for one knock.
    visited: Cell<u64>,
}

/// How an act stands by all that is here, and why: what `why ACT` prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Explained {
    /// What is proposed, as commands and JSON say it: `admit`, `remove`, ….
    pub kind: &'static str,
    /// Where it stands; stale where too many have come to have a say since it was put.
    pub state: ActState,
    /// The members who could approve: those with a say in the past of the entry that put it.
    pub electorate: BTreeSet<MemberId>,
    /// How many they are, from which the threshold follows.
    pub n: usize,
    /// Approvals that it needs; for an admission those that let in, not those that give a say.
    pub threshold: usize,
    /// Approvals that count, one for each member: (who, in which entry).
    pub counted: Vec<(MemberId, EntryId)>,
    /// Approvals that do not: (who, in which entry, by which rule).
    pub not_counted: Vec<(MemberId, EntryId, &'static str)>,
    /// Approvals that it lacks to its threshold; 0 once it has passed.
    pub missing: usize,
}

/// How a member's vouch stands on one proposal to admit a newcomer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouch {
    /// The proposal, by its id.
    pub act: ItemId,
    /// Whether a vouch by this member would count, given now.
    pub counts: bool,
    /// Whether they have given one that counts.
    pub given: bool,
}

impl Charter {
    /// A charter without entries.
    pub fn new(space: SpaceId) -> Self {
        Self {
            space,
            history: History::default(),
            plain: Fold::default(),
            holding: None,
            latest: Arc::default(),
            visited: Cell::default(),
        }
    }

    /// Whether [`Charter::add`] would take the entry, whose signature has been checked. What is
    /// held decides nothing here: acts are held, never entries.
    pub fn check(&mut self, entry: &Entry, body: &CharterBody) -> Result<(), Refused> {
        let first = self.history.nodes().is_empty();
        if entry.header.is_genesis() || first {
            let ours = SpaceId::from(entry.id) == self.space && entry.header.is_genesis();
            let begins = first && ours && is_genesis(&entry.device(), body);
            return if begins { Ok(()) } else { Err(Refused::Genesis) };
        }
        let (have, tip) = (self.history.length(&entry.device()), self.history.tip(&entry.device()));
        if entry.seq() != have || entry.header.backlink != tip {
            return Err(Refused::Order);
        }
        let HeaderKind::Charter(heads) = &entry.header.kind else {
            return Err(Refused::Order);
        };
        if !heads.iter().all(|head| self.history.node(head).is_some()) {
            return Err(Refused::Past);
        }
        let past = self.history.past_of(entry);
        let roll = &self.plain.at(&self.history, &past).roll;
        let may = match have {
            0 => self.is_invited(roll, entry, body),
            // Who has knocked says next where they are reached, and nothing more until they are in.
            1 if Card::alone_in(body).is_some() => true,
            _ => roll.knows(&entry.device()),
        };
        match (may, have) {
            (true, _) => Ok(()),
            (false, 0) => Err(Refused::Begins),
            (false, _) => Err(Refused::GoesOn),
        }
    }

    /// Takes an entry whose signature has been checked. A refusal changes nothing.
    pub fn add(&mut self, entry: &Entry, body: CharterBody) -> Result<(), Refused> {
        self.check(entry, &body)?;
        // Judged once: a fold plays an entry as often as it is asked.
        let is_card = Card::of_body(&body, &self.space, &entry.device()).is_some();
        self.history.add(entry, body, is_card);
        self.latest = self.plain.at(&self.history, self.history.everything());
        Ok(())
    }

    /// What the closed part of a frontier comes to: the entries whose past is in it too. `held`
    /// acts are left out, there and in every past.
    pub fn at(&mut self, frontier: &Frontier, held: &HeldActs) -> Arc<Roll> {
        let clock = self.history.closed(frontier);
        let (history, fold) = self.fold(held);
        fold.at(history, &clock).roll.clone()
    }

    /// What everything that is here comes to, without the `held` acts.
    pub fn now(&mut self, held: &HeldActs) -> Arc<Roll> {
        if held.is_empty() {
            return self.latest.roll.clone();
        }
        let (history, fold) = self.fold(held);
        fold.at(history, history.everything()).roll.clone()
    }

    /// What this charter was made to do since it was opened.
    pub fn work(&self) -> Work {
        let folds = self.holding.iter().map(Fold::work).fold(self.plain.work(), Work::plus);
        Work { visited: folds.visited + self.visited.get(), ..folds }
    }

    /// Whether the entry was taken.
    pub fn has_entry(&self, id: &EntryId) -> bool {
        self.history.node(id).is_some()
    }

    /// Whether the item stands in an entry that was taken.
    pub fn has_item(&self, id: &ItemId) -> bool {
        self.history.item(id).is_some()
    }

    /// The heads of a new entry of `device`: the tips of other logs that neither its own log nor
    /// another tip has in its past; ascending, and as many as an entry can name.
    pub fn tips_for(&self, device: &DeviceId) -> Bounded<EntryId, HEADS_MAX> {
        self.history.tips_for(device)
    }

    /// How an act stands by everything that is here.
    pub fn explain(&self, act: ItemId) -> Option<Explained> {
        let count = self.latest.counts.get(&act)?;
        let stale =
            count.state == ActState::Open && is_stale(&count.electorate, &self.latest.electorate);
        let counted: Vec<_> = count.counted.iter().map(|(who, entry)| (*who, *entry)).collect();
        Some(Explained {
            kind: count.kind,
            state: if stale { ActState::Stale } else { count.state },
            n: count.electorate.len(),
            electorate: BTreeSet::clone(&count.electorate),
            threshold: count.threshold,
            missing: count.threshold.saturating_sub(counted.len()),
            counted,
            not_counted: count.not_counted.iter().copied().collect(),
        })
    }

    /// The proposals to admit a newcomer, by id, and how a vouch of `member` stands on each.
    pub fn vouches(&self, knock: &EntryId, member: &MemberId) -> Vec<Vouch> {
        let Some(state) = self.latest.roll.knocks.get(knock) else { return Vec::new() };
        self.visited.set(self.visited.get() + state.proposals.len() as u64);
        let vouch = |act: &ItemId| {
            let count = self.latest.counts.get(act)?;
            let counts = count.electorate.contains(member)
                && !is_stale(&count.electorate, &self.latest.electorate);
            Some(Vouch { act: *act, counts, given: count.counted.contains_key(member) })
        };
        state.proposals.iter().filter_map(vouch).collect()
    }

    fn fold(&mut self, held: &HeldActs) -> (&History, &mut Fold) {
        if held.is_empty() {
            return (&self.history, &mut self.plain);
        }
        let holding = self.holding.take().filter(|fold| fold.held() == held);
        let fold = self.holding.insert(holding.unwrap_or_else(|| Fold::new(held.clone())));
        (&self.history, fold)
    }

    /// A knock on the entry that its ticket names, and the ticket an invite in its own past by
    /// someone in at the invite's past.
    fn is_invited(&self, roll: &Roll, entry: &Entry, body: &CharterBody) -> bool {
        let Some(CharterItem::Knock(knock)) = body.first() else { return false };
        let invite = roll.invites.get(&knock.invite);
        let signed = |ticket| knock.verify(ticket, &self.space, &entry.device()).is_ok();
        let on_ticket = matches!(&entry.header.kind,
            HeaderKind::Charter(heads) if **heads == [knock.known]);
        body.len() == 1 && on_ticket && invite.is_some_and(|invite| signed(&invite.ticket))
    }
}

/// A genesis and the first rekey, of a version that this program reads and with thresholds that
/// the program's floors and ceilings allow (CHARTER 1 and 5).
fn is_genesis(author: &DeviceId, body: &CharterBody) -> bool {
    let [CharterItem::Genesis(genesis), CharterItem::Rekey(_)] = &**body else { return false };
    genesis.device == *author && genesis.version == VERSION && are_sound(&genesis.thresholds)
}
