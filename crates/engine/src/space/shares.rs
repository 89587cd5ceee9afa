//! What this node takes of each member that it did not ask for: so much a day (DESIGN 6 *Shares*).
//!
//! A share is a bucket that fills by this node's own clock. While the node is away from everybody
//! it fills on, as all others go on meanwhile. What is over it comes in time, and is told as such.

use std::collections::{BTreeMap, BTreeSet};

use content::{Content, Weight};
use ledger::{DeviceId, Hash, Journal, MemberId, Run, SpaceId, Timestamp};
use minicbor::{Decode, Encode};
use store::{Batch, Group, Key, Store, StoreError, Table};

use crate::limits::{
    AWAY_MS_MAX, CHARTER_DAYS_HEARD, CHARTER_SHARE, CONTENT_DAYS_OWED, CONTENT_SHARE, DAY_MS,
    ENTRY_COST, JOINING_MS_MIN, KEPT_PARTS, PACKED, SHARE_AGAIN_MS, TAKING_MS,
};

/// The shares of a space's members.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    /// Whether this home has caught up once: before that it takes all.
    limited: bool,
    /// When it was first seen to have all that others had.
    reached_at: Option<Timestamp>,
    buckets: BTreeMap<(MemberId, Journal), Bucket>,
    /// For how long this node was away from everybody, all times together.
    away_ms: u64,
    /// Of whom a person wants all, until when.
    taking: BTreeMap<MemberId, Timestamp>,
    /// Logs of which the rest comes later, and when that is asked for.
    later: BTreeMap<(Journal, DeviceId), Timestamp>,
}

/// What one member's entries of one journal may still take up.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    /// Less than nothing where what is over it was heard all the same.
    left: i64,
    at: Timestamp,
    /// How much of the time away it has been given.
    away_ms: u64,
    /// What would be left of it by what was kept; none where it never was.
    kept: Option<i64>,
}

/// A bucket as it is kept.
#[derive(Clone, Copy, Debug, Encode, Decode)]
struct Row {
    #[n(0)]
    member: MemberId,
    #[n(1)]
    journal: Journal,
    #[n(2)]
    left: i64,
    #[n(3)]
    at: Timestamp,
}

/// What each entry of a run costs its author: the bytes of its body, and what one costs whatever it
/// says. Who reads it, `content`, counts each of its items, and what it unpacks to where that is
/// more than text mostly does: 200 bytes can hold a thousand items.
pub(crate) fn costs_of(run: &Run, content: Option<&Content>) -> Vec<u64> {
    if let Some(content) = content {
        let weights = content.weigh(run).into_iter();
        let bytes = |weight: &Weight| weight.bytes.max(weight.plain_bytes / PACKED);
        return weights.map(|weight| bytes(&weight) + weight.items * ENTRY_COST).collect();
    }
    let body = |entry: &ledger::RunEntry| entry.body.as_ref().map_or(0, |body| body.len() as u64);
    run.entries.iter().map(|entry| body(entry) + ENTRY_COST).collect()
}

/// What the last `entries` of them cost.
pub(crate) fn cost_of(costs: &[u64], entries: u64) -> u64 {
    let entries = usize::try_from(entries).unwrap_or(usize::MAX);
    costs.iter().rev().take(entries).sum()
}

/// What a run has to have room for that costs so much: one that costs more than a share is taken
/// when that is whole, and owed.
pub(crate) fn at_most_whole(journal: Journal, cost: u64) -> u64 {
    cost.min(day(journal).unsigned_abs())
}

/// What a member's share of a journal is in a day.
fn day(journal: Journal) -> i64 {
    match journal {
        Journal::Charter => CHARTER_SHARE,
        Journal::Content => CONTENT_SHARE,
    }
}

/// What comes to a share in so much time, of which there are never more than some years.
fn in_time(journal: Journal, ms: u64) -> i64 {
    i64::try_from(i128::from(day(journal)) * i128::from(ms) / i128::from(DAY_MS))
        .unwrap_or(i64::MAX)
}

fn signed(cost: u64) -> i64 {
    i64::try_from(cost).unwrap_or(i64::MAX)
}

impl Shares {
    /// Reads what the store keeps; of a row that cannot be read the share is whole again.
    pub(super) fn open(store: &impl Store, space: SpaceId) -> Result<Self, StoreError> {
        let mut shares = Self::default();
        for (_, bytes) in store.all(Table::Shares, &group(space))? {
            if let Ok(Row { member, journal, left, at }) = ledger::decode(&bytes) {
                let bucket = Bucket { left, at, away_ms: 0, kept: Some(left) };
                shares.buckets.insert((member, journal), bucket);
            }
        }
        Ok(shares)
    }

    /// To `batch`: what is left of the shares that shrank since they were last kept, so that no
    /// start gives them anew. What is missing at most is a [`KEPT_PARTS`]th of one.
    pub(crate) fn keep(&mut self, space: SpaceId, batch: &mut Batch) {
        for ((member, journal), bucket) in &mut self.buckets {
            let kept = bucket.kept.unwrap_or(day(*journal));
            if kept.saturating_sub(bucket.left) < day(*journal) / KEPT_PARTS {
                continue;
            }
            bucket.kept = Some(bucket.left);
            let Bucket { left, at, .. } = *bucket;
            let row = Row { member: *member, journal: *journal, left, at };
            let key = Key::new(Table::Shares, group(space), number(member, *journal));
            batch.put(key, ledger::encode(&row));
        }
    }

    /// This home has caught up: from now on shares hold.
    pub(crate) fn caught_up(&mut self) {
        self.limited = true;
    }

    /// This home has what all those had whom it reached. For a while others may come who have more.
    pub(crate) fn has_all(&mut self, now: Timestamp) {
        let since = *self.reached_at.get_or_insert(now);
        self.limited |= now.since_ms(since) >= JOINING_MS_MIN;
    }

    /// Whether shares hold.
    pub(crate) fn is_limited(&self) -> bool {
        self.limited
    }

    /// This node met nobody for so long, and others went on.
    pub(crate) fn was_away(&mut self, ms: u64) {
        self.away_ms = self.away_ms.saturating_add(ms.min(AWAY_MS_MAX));
    }

    /// A person wants all that there is of a member, now. The logs to be asked for.
    pub(crate) fn take_all(
        &mut self,
        member: MemberId,
        devices: &BTreeSet<DeviceId>,
        now: Timestamp,
    ) {
        self.taking.insert(member, now.plus_ms(TAKING_MS));
        for (_, at) in self.later.iter_mut().filter(|((_, log), _)| devices.contains(log)) {
            *at = now;
        }
    }

    /// Whether a member's entries may cost so much; else when they are to be asked for again.
    pub(crate) fn has_room(
        &mut self,
        member: MemberId,
        journal: Journal,
        cost: u64,
        now: Timestamp,
    ) -> Result<(), Timestamp> {
        self.taking.retain(|_, until| *until > now);
        if !self.limited || self.taking.contains_key(&member) {
            return Ok(());
        }
        let (left, cost) = (self.bucket(member, journal, now).left, signed(cost));
        if left >= cost {
            return Ok(());
        }
        let lacks = i128::from(cost) - i128::from(left);
        let ms = lacks * i128::from(DAY_MS) / i128::from(day(journal));
        Err(now.plus_ms(u64::try_from(ms).unwrap_or(u64::MAX).max(SHARE_AGAIN_MS)))
    }

    /// Whether a member owes as much of a journal as is taken over their share where others build
    /// on it, or, of a charter, heard.
    pub(crate) fn is_spent(&mut self, member: MemberId, journal: Journal, now: Timestamp) -> bool {
        let days = match journal {
            Journal::Charter => CHARTER_DAYS_HEARD,
            Journal::Content => CONTENT_DAYS_OWED,
        };
        self.bucket(member, journal, now).left <= -days * day(journal)
    }

    /// A member's entries were taken that cost so much.
    pub(crate) fn took(&mut self, member: MemberId, journal: Journal, cost: u64, now: Timestamp) {
        if self.limited && !self.taking.contains_key(&member) {
            let bucket = self.bucket(member, journal, now);
            bucket.left = bucket.left.saturating_sub(signed(cost));
        }
    }

    fn bucket(&mut self, member: MemberId, journal: Journal, now: Timestamp) -> &mut Bucket {
        let (full, away_ms) = (day(journal), self.away_ms);
        let new = Bucket { left: full, at: now, away_ms: 0, kept: None };
        let bucket = self.buckets.entry((member, journal)).or_insert(new);
        let in_time = |ms| in_time(journal, ms);
        let (since, away) = (now.since_ms(bucket.at), away_ms - bucket.away_ms);
        let grown = |left: i64| {
            let filled = left.saturating_add(in_time(since)).min(full.max(left));
            filled.saturating_add(in_time(away))
        };
        // What was kept fills by the same clock.
        (bucket.left, bucket.kept) = (grown(bucket.left), bucket.kept.map(grown));
        (bucket.at, bucket.away_ms) = (now, away_ms);
        bucket
    }

    /// The rest of a log comes at this time, or before: whoever sends more of it meanwhile puts
    /// nothing off.
    pub(crate) fn comes_later(&mut self, log: (Journal, DeviceId), at: Timestamp) {
        let known = self.later.entry(log).or_insert(at);
        *known = at.min(*known);
    }

    /// Whether the rest of a log comes later.
    pub(crate) fn is_later(&self, journal: Journal, log: &DeviceId) -> bool {
        self.later.contains_key(&(journal, *log))
    }

    /// The logs of which the rest comes later, and when.
    pub(crate) fn later(&self) -> impl Iterator<Item = (Journal, DeviceId, Timestamp)> {
        self.later.iter().map(|((journal, log), at)| (*journal, *log, *at))
    }

    /// When a log is to be asked for next.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.later.values().min().copied()
    }

    /// The logs whose time has come: they are asked for now.
    pub(crate) fn take_due(&mut self, now: Timestamp) -> Vec<(Journal, DeviceId)> {
        let due: Vec<_> =
            self.later.iter().filter(|(_, at)| **at <= now).map(|(log, _)| *log).collect();
        due.iter().for_each(|log| _ = self.later.remove(log));
        due
    }
}

fn group(space: SpaceId) -> Group {
    Group::of(&[b"shares", space.as_bytes()])
}

fn number(member: &MemberId, journal: Journal) -> u64 {
    let mut start = [0; 8];
    let hash = Hash::of(&[&[journal as u8], &member.as_bytes()[..]].concat());
    start.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_be_bytes(start)
}

#[cfg(test)]
mod tests {
    use ledger::{Hash, Journal, MemberId, SpaceId, Timestamp};

    use super::Shares;
    use crate::limits::{CHARTER_DAYS_HEARD, CHARTER_SHARE, DAY_MS};

    const CONTENT_SHARE: u64 = crate::limits::CONTENT_SHARE as u64;

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_ms(ms)
    }

    fn member(n: u8) -> MemberId {
        MemberId::from(Hash::of(&[n]))
    }

    fn limited() -> Shares {
        let mut shares = Shares::default();
        shares.caught_up();
        shares
    }

    #[test]
    fn before_a_home_has_caught_up_there_is_no_limit() {
        let mut shares = Shares::default();
        shares.took(member(1), Journal::Content, 100 * CONTENT_SHARE, at(0));
        assert!(shares.has_room(member(1), Journal::Content, u64::MAX, at(1)).is_ok());
        shares.caught_up();
        assert!(shares.has_room(member(1), Journal::Content, CONTENT_SHARE, at(2)).is_ok());
    }

    #[test]
    fn a_share_fills_in_a_day_and_not_beyond() {
        let (mut shares, one) = (limited(), member(1));
        shares.took(one, Journal::Content, CONTENT_SHARE, at(0));
        let again = shares.has_room(one, Journal::Content, CONTENT_SHARE / 2, at(0));
        assert_eq!(again, Err(at(DAY_MS / 2)));
        assert!(shares.has_room(member(2), Journal::Content, CONTENT_SHARE, at(0)).is_ok());
        assert!(shares.has_room(one, Journal::Charter, 1_000, at(0)).is_ok());
        assert!(shares.has_room(one, Journal::Content, CONTENT_SHARE / 2, at(DAY_MS / 2)).is_ok());
        let later = at(9 * DAY_MS);
        assert!(shares.has_room(one, Journal::Content, CONTENT_SHARE, later).is_ok());
        assert!(shares.has_room(one, Journal::Content, CONTENT_SHARE + 1, later).is_err());
        // A clock that goes back gives nothing.
        shares.took(one, Journal::Content, CONTENT_SHARE, later);
        assert!(shares.has_room(one, Journal::Content, 1, at(0)).is_err());
    }

    #[test]
    fn who_was_away_takes_what_came_up_meanwhile() {
        let (mut shares, one) = (limited(), member(1));
        shares.took(one, Journal::Content, CONTENT_SHARE, at(0));
        shares.was_away(5 * DAY_MS);
        let back = at(5 * DAY_MS);
        let whole = 6 * CONTENT_SHARE;
        assert!(shares.has_room(one, Journal::Content, whole, back).is_ok());
        assert!(shares.has_room(one, Journal::Content, whole + 1, back).is_err());
        // Also of whom it never took anything; and it is given once.
        assert!(shares.has_room(member(2), Journal::Content, whole, back).is_ok());
        shares.took(one, Journal::Content, whole, back);
        assert!(shares.has_room(one, Journal::Content, CONTENT_SHARE / 10, back).is_err());
        shares.was_away(u64::MAX);
        assert!(shares.has_room(one, Journal::Content, u64::MAX, back).is_err());
    }

    #[test]
    fn what_is_heard_over_a_share_is_owed_and_has_a_bound() {
        let (mut shares, one) = (limited(), member(1));
        for _ in 0..=CHARTER_DAYS_HEARD {
            assert!(!shares.is_spent(one, Journal::Charter, at(0)));
            shares.took(one, Journal::Charter, CHARTER_SHARE as u64, at(0));
        }
        let mut is_spent = |one, journal| shares.is_spent(one, journal, at(0));
        assert!(is_spent(one, Journal::Charter) && !is_spent(member(2), Journal::Charter));
        assert!(!is_spent(one, Journal::Content));
        let again = shares.has_room(one, Journal::Charter, 0, at(0));
        let days = CHARTER_DAYS_HEARD as u64;
        assert_eq!(again, Err(at(days * DAY_MS)), "what is owed comes first");
    }

    #[test]
    fn what_is_used_up_stays_so_over_a_start() {
        let (space, mut store) = (SpaceId::from_bytes([5; 32]), store::MemoryStore::default());
        let (mut shares, one) = (limited(), member(1));
        let mut writes = 0;
        // As much as fills up meanwhile, for ten days: nothing is left, nor is after a start.
        shares.took(one, Journal::Content, CONTENT_SHARE, at(0));
        for hour in 0..240 {
            let mut batch = store::Batch::default();
            shares.took(one, Journal::Content, CONTENT_SHARE / 24, at(hour * DAY_MS / 24));
            shares.keep(space, &mut batch);
            writes += usize::from(!batch.is_empty());
            store::Store::write(&mut store, batch).unwrap();
        }
        let now = at(10 * DAY_MS);
        let mut again = Shares::open(&store, space).unwrap();
        again.caught_up();
        for (shares, part) in [(&mut shares, 24), (&mut again, 12)] {
            assert!(shares.has_room(one, Journal::Content, CONTENT_SHARE / part, now).is_err());
        }
        assert!(again.has_room(one, Journal::Charter, CHARTER_SHARE as u64, now).is_ok());
        // Little is not worth a write.
        let mut batch = store::Batch::default();
        shares.keep(space, &mut batch);
        shares.took(one, Journal::Content, CONTENT_SHARE / 99, now);
        shares.keep(space, &mut batch);
        assert!(batch.is_empty() && writes > 0, "{writes}");
    }

    #[test]
    fn others_may_come_who_have_more() {
        let (mut shares, one) = (Shares::default(), member(1));
        shares.has_all(at(0));
        assert!(shares.has_room(one, Journal::Content, 9 * CONTENT_SHARE, at(9)).is_ok());
        shares.has_all(at(DAY_MS));
        assert!(shares.has_room(one, Journal::Content, 9 * CONTENT_SHARE, at(DAY_MS)).is_err());
    }

    #[test]
    fn who_is_wanted_whole_is_taken_whole() {
        let (mut shares, one) = (limited(), member(1));
        let log = ledger::DeviceId::from_bytes([1; 32]);
        shares.took(one, Journal::Content, CONTENT_SHARE, at(0));
        let again = shares.has_room(one, Journal::Content, 9, at(0)).unwrap_err();
        shares.comes_later((Journal::Content, log), again);
        shares.comes_later((Journal::Content, log), again.plus_ms(9));
        assert_eq!((shares.take_due(at(5)), shares.deadline()), (vec![], Some(again)));
        shares.take_all(one, &[log].into(), at(6));
        assert_eq!(shares.take_due(at(6)), [(Journal::Content, log)]);
        assert!(shares.has_room(one, Journal::Content, u64::MAX, at(6)).is_ok());
        assert!(shares.has_room(one, Journal::Content, CONTENT_SHARE + 9, at(9 * DAY_MS)).is_err());
    }
}
