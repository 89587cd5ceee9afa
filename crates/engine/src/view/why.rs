//! What waits, does not count or was not transferred: by which rule, and the way out.

use std::collections::BTreeSet;

use api::{Answer, ErrorCode, Failure, WhyAnswer, WhyRow};
use ledger::{DeviceId, Journal, MemberId, PeerId};
use replica::{Log, Loss};
use store::Store;

use super::{Result, View, find::Thing};
use crate::{failures::disk_failure, space::Seated, wording};

/// Milliseconds of an hour.
const HOUR_MS: u64 = 60 * 60 * 1_000;

/// Things that wait of which `why` tells one by one.
pub(super) const WAITING_MAX: usize = 100;

const FORK: &str = "this device's key writes in two places: it was copied or stolen";

const OWN_FORK: &str = "another home writes with this one's key, so that nothing more is written \
                        with it: ask for a ticket and join again";
const LOST: &str = "this disk lost it: it comes back from a node that has it";

const OWN_LOST: &str = "this disk lost it: it comes back from a node that has it, and what you \
                        write before that is signed with another key";

const CHARTER_LOST: &str = "this disk lost them: nothing is decided here before the nodes of all \
                            others have said what they have; where one never does, ask for a \
                            ticket and join again";

const CHARTER_LOST_ALONE: &str = "this disk lost them, and nobody else is known to have them: what \
                                  is left is shown and can be written in, but nothing is decided \
                                  here any more; found the space anew for that";

const CHARTER_DOUBT: &str = "this disk lost something, and the end of the charter may be among it: \
                             nothing is decided here before the nodes of all others have said \
                             what they have; where one never does, ask for a ticket and join again";

/// Entries that are lost of which `why` looks for neighbours.
const LOST_MAX: usize = 10_000;

/// What helps whose ticket has ended.
pub(super) const ANOTHER_TICKET: &str = "ask a member for a new one, and join with it";

/// How one joins with a ticket that is given on standard input.
pub(super) const JOIN: [&str; 3] = ["groundwork", "join", "-"];

impl<S: Store> View<'_, S> {
    pub(crate) fn why(&self, said: Option<&str>, thing: Option<&str>) -> Result<Answer> {
        // An act tells why by itself: which approvals count and which do not.
        if let Some(thing) = thing.filter(|thing| thing.starts_with("ac_"))
            && let (id, Thing::Act(act)) = self.find(said, thing)?
        {
            return self.show_act(self.seat(&id)?, act);
        }
        let mut waiting = Vec::new();
        let spaces = self.spaces_read(said)?;
        for space in &spaces {
            self.why_space(*space, &mut waiting)?;
        }
        if let Some(thing) = thing.filter(|thing| thing.contains('_')) {
            // Something that is not here is no reason to say that all is well.
            self.find(said, thing)?;
        }
        if let Some(thing) = thing {
            waiting.retain(|row: &WhyRow| row.what.contains(thing));
            if waiting.is_empty() && !thing.contains('_') {
                let message = format!("nothing called {thing:?} waits");
                return Err(Failure::because(ErrorCode::NotFound, message).hint("groundwork why"));
            }
        }
        Ok(Answer::Why(WhyAnswer { waiting, unread: self.unread(&spaces) }))
    }

    /// What waits for a newer version of this program, or has things that this one passes over;
    /// by nobody where it is of devices that the roll here does not know.
    fn newer(&self, space: Seated<'_>, name: &str) -> Result<Vec<String>> {
        let passed = space.seat.content.newer(self.store, WAITING_MAX).map_err(disk_failure)?;
        let passed = passed.into_iter().map(|loc| loc.device);
        let waiting = space.replica.newer_logs().map(|(_, device)| device);
        let by: BTreeSet<_> = waiting.chain(passed).collect();
        if by.is_empty() && self.links.streams.values().any(|one| one.newer.contains(&space.id)) {
            return Ok(vec![format!("entries in {name}")]);
        }
        let by = by.iter().map(|device| {
            let author = self.author(space, device)?.shown();
            Ok(format!("entries by {author} in {name}"))
        });
        by.collect()
    }

    /// How many entries of a log connected nodes have more than this one, as they said.
    fn left_in(&self, space: Seated<'_>, journal: Journal, device: &DeviceId) -> u64 {
        let here = space.replica.frontier(journal).length(device);
        let shared = self.links.sessions().filter_map(|(.., one)| one.shared(&space.id));
        let there = shared.map(|shared| shared.known(journal).length(device)).max().unwrap_or(0);
        there.saturating_sub(here)
    }

    /// How many entries of a member connected nodes have more than this one, as they said.
    pub(crate) fn left_of(&self, space: Seated<'_>, member: &MemberId) -> u64 {
        let devices = space.roll().devices.iter();
        let own = devices.filter(|(_, device)| device.member == *member);
        let left = |device| Journal::ALL.map(|journal| self.left_in(space, journal, device));
        own.flat_map(|(device, _)| left(device)).sum()
    }

    fn why_space(&self, space: Seated<'_>, rows: &mut Vec<WhyRow>) -> Result<()> {
        let name = self.space_name(space);
        if space.has_ended() {
            let reason = format!("your ticket has ended: {ANOTHER_TICKET}");
            rows.push(row(name.clone(), reason, "ticket-ended", &JOIN));
        } else if !space.is_in() {
            let reason = "members have to vouch for you first".to_owned();
            rows.push(row(name.clone(), reason, "charter 2", &["groundwork", "sync"]));
        }
        for item in space.seat.content.waiting(self.store, WAITING_MAX).map_err(disk_failure)? {
            let author = self.author(space, &item.loc.device)?.shown();
            let what = format!("entry {} by {author} in {name}", item.loc.seq);
            let reason = "what it builds on has not arrived".to_owned();
            rows.push(row(what, reason, "waits", &["groundwork", "sync"]));
        }
        for (device, seq) in space.missing.iter() {
            let author = self.author(space, device)?.shown();
            let what = format!("charter entry {seq} by {author} in {name}");
            let reason = "it builds on what has not arrived".to_owned();
            rows.push(row(what, reason, "waits", &["groundwork", "sync"]));
        }
        for log in space.seat.content.crowded(&space.replica) {
            let author = self.author(space, &log.device)?.shown();
            let what = format!("later entries by {author} in {name}");
            let reason = "too much that came before them waits for what has not arrived".to_owned();
            rows.push(row(what, reason, "waits", &["groundwork", "sync"]));
        }
        for (log, _) in space.seat.content.locked() {
            let author = self.author(space, &log.device)?.shown();
            let what = format!("entries by {author} in {name}");
            let reason = "the key for these has not arrived".to_owned();
            rows.push(row(what, reason, "charter 10", &["groundwork", "sync"]));
        }
        for what in self.newer(space, &name)? {
            let reason = "from a newer version of groundwork: update this program".to_owned();
            rows.push(row(what, reason, "newer", &["groundwork", "--version"]));
        }
        self.why_lost(space, &name, rows)?;
        self.why_shares(space, &name, rows)?;
        self.why_forks(space, &name, rows)
    }

    /// What this home's disk lost, by author and time: neighbours in a log as one.
    fn why_lost(&self, space: Seated<'_>, name: &str, rows: &mut Vec<WhyRow>) -> Result<()> {
        let lost = space.replica.lost(self.store, LOST_MAX).map_err(disk_failure)?;
        let follow = |(log, seq, _): &(Log, u64, Loss), (other, next, _): &(Log, u64, Loss)| {
            log == other && seq + 1 == *next
        };
        for lost in lost.chunk_by(follow).take(WAITING_MAX) {
            let [(log, first, loss), ..] = lost else { continue };
            let author = self.author(space, &log.device)?.shown();
            let what = match lost.len() as u64 {
                1 => format!("entry {first} by {author} in {name}"),
                n => format!("entries {first} to {} by {author} in {name}", first + n - 1),
            };
            let row = match log.device == space.seat.device() {
                true => row(what, OWN_LOST.to_owned(), "damage", &["groundwork", "sync"]),
                false => row(what, LOST.to_owned(), "damage", &["groundwork", "sync"]),
            };
            let ms = |stamp: Option<ledger::Timestamp>| stamp.map(|stamp| stamp.as_ms());
            rows.push(WhyRow { after: ms(loss.after), before: ms(loss.before), ..row });
        }
        let charter = space.replica.charter_lost();
        if let Some(loss) = charter.first() {
            let what = format!("{} charter entries in {name}", charter.len());
            let after = loss.after.map(|stamp| stamp.as_ms());
            let own = |peer: &PeerId| peer == self.config.peer();
            let is_alone = space.is_in() && space.roll().peers_in().all(own);
            let has_met_nobody = self.links.peers.iter().next().is_none();
            let (reason, way_out): (_, &[&str]) = match is_alone && has_met_nobody {
                true => (CHARTER_LOST_ALONE, &["groundwork", "found", "--help"]),
                false => (CHARTER_LOST, &["groundwork", "sync"]),
            };
            rows.push(WhyRow { after, ..row(what, reason.to_owned(), "damage", way_out) });
        }
        if space.seat.doubts().charter {
            let reason = CHARTER_DOUBT.to_owned();
            rows.push(row(name.to_owned(), reason, "damage", &["groundwork", "sync"]));
        }
        Ok(())
    }

    /// What comes later, of others here and of one's own there.
    fn why_shares(&self, space: Seated<'_>, name: &str, rows: &mut Vec<WhyRow>) -> Result<()> {
        for (journal, device, at) in space.shares.later() {
            let author = self.author(space, &device)?.shown();
            let left = self.left_in(space, journal, &device);
            let what = format!("{left} more entries by {author} in {name}");
            let hours = at.since_ms(self.now).div_ceil(HOUR_MS).max(1);
            let reason = format!(
                "more came of them than a day's share: the rest is taken in time, the next of it \
                 in {hours} h"
            );
            let member = space.roll().member_of(&device).map(|member| wording::member_id(&member));
            let who = member.as_deref().unwrap_or(&author);
            rows.push(row(what, reason, "shares", &["groundwork", "node", "take", who]));
        }
        let own = space.seat.device();
        let keeps = |shared: &sync::Shared| {
            Journal::ALL.iter().any(|journal| shared.later.contains(&(*journal, own)))
        };
        let sessions = self.links.sessions();
        for (_, peer, _) in sessions.filter(|(.., one)| one.shared(&space.id).is_some_and(keeps)) {
            let who = self.names_of(peer).join(", ");
            let what = format!("your newest entries in {name}");
            let reason = format!("more than a day's share: the node of {who} takes them later");
            rows.push(row(what, reason, "shares", &["groundwork", "sync"]));
        }
        Ok(())
    }

    /// Logs that fork, and what stands behind that.
    fn why_forks(&self, space: Seated<'_>, name: &str, rows: &mut Vec<WhyRow>) -> Result<()> {
        let charter = space.replica.proofs().map(|proof| ("charter", proof.device(), proof.stem()));
        let content = space.replica.frontier(Journal::Content).stems();
        let content = content.map(|(device, stem)| ("content", *device, stem));
        for (journal, device, stem) in charter.chain(content) {
            let author = self.author(space, &device)?.shown();
            let what = format!("two {journal} entries {stem} by {author} in {name}");
            let (reason, way_out): (_, &[&str]) = match device == space.seat.device() {
                true => (OWN_FORK, &["groundwork", "join", "--help"]),
                false => (FORK, &["groundwork", "member", "list"]),
            };
            rows.push(row(what, reason.to_owned(), "fork", way_out));
        }
        let heard = space.replica.heard();
        if heard > 0 {
            let what = format!("{heard} charter entries in {name}");
            let reason = "they stand behind a fork, and nobody has built on them".to_owned();
            rows.push(row(what, reason, "fork", &["groundwork", "sync"]));
        }
        Ok(())
    }
}

fn row(what: String, reason: String, rule: &str, way_out: &[&str]) -> WhyRow {
    let (rule, way_out) = (rule.to_owned(), wording::words(way_out));
    WhyRow { what, reason, rule, way_out, after: None, before: None }
}
