//! What is told to whoever follows: posts, changes, who connected, who knocks, who is in.

use api::{Event, FeedRow, Notice};
use content::News;
use ledger::{MemberId, SpaceId};
use store::{Batch, Store, StoreError};

use crate::{
    announced,
    engine::Engine,
    gate::Plain,
    limits::KEEP_TOLD_MS,
    space::{Seated, Space},
    wording,
};

impl<S: Store> Engine<S> {
    /// Tells what has changed since the last time.
    pub(super) fn tell_happenings(&mut self) {
        self.tell_connections();
        self.tell_ended();
        let changed = |space: &&Space| self.announced.is_old(space);
        let changed: Vec<_> = self.spaces.values().filter(changed).map(|space| space.id).collect();
        for id in changed {
            self.tell_charter(id);
        }
    }

    /// Nodes of members and of a ticket's contacts; strangers are nobody's news.
    fn tell_connections(&mut self) {
        for peer in self.links.take_changed() {
            let now = self.links.is_connected(&peer) && self.view().is_wanted(&peer);
            let news = match now {
                true => self.announced.connected.insert(peer.clone()),
                false => self.announced.connected.remove(&peer),
            };
            if !news {
                continue;
            }
            let name = self.view().names_of(&peer).into_iter().next();
            let text = wording::peer_id(&peer);
            let event = match now {
                true => Event::Connected { peer: text, name },
                false => Event::Disconnected { peer: text, name },
            };
            self.notice(None, event);
        }
    }

    fn tell_ended(&mut self) {
        let ended = self.spaces.values().filter(|space| space.has_ended()).map(|space| space.id);
        let before = std::mem::replace(&mut self.announced.ended, ended.collect());
        let ended: Vec<_> = self.announced.ended.difference(&before).copied().collect();
        for id in ended {
            self.notice(Some(id), Event::TicketEnded);
        }
    }

    fn tell_charter(&mut self, id: SpaceId) {
        let Some(space) = self.view().seated(&id) else { return };
        let (is_in, roll) = (space.is_in(), space.replica.roll().clone());
        let (me, knocks) = (space.me(), announced::knocks(&space));
        let before = self.announced.rolls.insert(id, (is_in, roll.clone()));
        let knocked = self.announced.knocks.insert(id, knocks.clone()).unwrap_or_default();
        let (was_in, before) = before.unwrap_or_default();
        if !is_in {
            return;
        }
        // Who comes in finds the others there, which is no news; that they are in is.
        let fresh = |member: &MemberId| match was_in {
            true => !before.members.contains_key(member),
            false => me == Some(*member),
        };
        let members: Vec<_> = roll.members_in().filter(|member| fresh(member)).copied().collect();
        let knocks: Vec<_> = knocks.difference(&knocked).filter(|_| was_in).copied().collect();
        for member in members {
            let (name, member) = self.view().said_name(&id, &member);
            self.notice(Some(id), Event::In { name, member });
        }
        for knock in knocks {
            let member = MemberId::from(knock);
            if !roll.members.contains_key(&member) {
                let (name, member) = self.view().said_name(&id, &member);
                self.notice(Some(id), Event::Knock { name, member });
            }
        }
    }

    /// Tells those who follow what reading came upon, each with its number.
    pub(crate) fn tell_news(&mut self) {
        let ids: Vec<_> = self.spaces.keys().copied().collect();
        for id in ids {
            let mut cursor = self.cursor;
            let Ok((_, seat, store)) = self.seat_mut(&id) else { continue };
            let news = seat.content.take_news();
            // One write for all, before anybody is told a number.
            let (mut batch, mut wrong) = (Batch::default(), None);
            for one in &news {
                if let News::Post { post, word } = one {
                    cursor += 1;
                    let told = seat.content.has_told(store, (post, word), cursor, &mut batch);
                    wrong = wrong.or(told.err());
                }
            }
            self.write_index(batch);
            self.trouble = wrong.or(self.trouble.take());
            for one in news {
                self.tell_one(id, one);
            }
        }
    }

    /// Keeps what was told, at the first of a process, soon after it and where it is much: the rows
    /// that say it are of the index, of which a crash loses the last, and damage all.
    pub(super) fn keep_told(&mut self, is_closing: bool) {
        if !self.view().seats().any(|space| space.seat.content.is_told_to_keep(true)) {
            self.keep_told_at = None;
            return;
        }
        let later = self.now.plus_ms(KEEP_TOLD_MS);
        let is_due = is_closing || *self.keep_told_at.get_or_insert(later) <= self.now;
        let to_keep = |space: &Seated<'_>| space.seat.content.is_told_to_keep(is_due);
        let ids: Vec<_> = self.view().seats().filter(to_keep).map(|space| space.id).collect();
        if !ids.is_empty() && self.store.may_write().is_err() {
            self.keep_told_at = Some(later);
            return;
        }
        for id in ids {
            if let Err(error) = self.keep_told_of(id) {
                self.trouble = Some(error);
                self.keep_told_at = Some(later);
            }
        }
    }

    fn keep_told_of(&mut self, id: SpaceId) -> Result<(), StoreError> {
        // A number of its own, of which nobody is told anything.
        self.cursor += 1;
        let (mut batch, last) = (Batch::default(), self.cursor);
        let Ok((_, seat, store)) = self.seat_mut(&id) else { return Ok(()) };
        seat.content.keep_told(store, last, &mut batch)?;
        self.write(batch)?;
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.content.told_is_kept();
        }
        Ok(())
    }

    fn tell_one(&mut self, id: SpaceId, news: News) {
        if matches!(news, News::Post { .. }) {
            self.cursor += 1;
        }
        if !self.followed {
            return;
        }
        let view = self.view();
        let Some(space) = view.seated(&id) else { return };
        let event = match news {
            News::Post { post, .. } => {
                let content = &space.seat.content;
                let Ok(Some(shown)) = content.post(&self.store, &space.replica, &post) else {
                    return;
                };
                let Ok(row) = view.feed_row(space, shown) else { return };
                Event::Post(Box::new(FeedRow { cursor: self.cursor, ..row }))
            }
            News::Document(document) => Event::Changed {
                thing: wording::document_id(&document),
                what: view.about(space, &document),
            },
            News::Claim { need } => Event::Changed {
                thing: wording::document_id(&need),
                what: format!("{}, claimed or given back", view.about(space, &need)),
            },
            News::Name(member) => {
                let name = view.name_or_id(space, &member);
                let what = format!("{name} is what they are called");
                Event::Changed { thing: wording::member_id(&member), what }
            }
        };
        self.notice(Some(id), event);
    }

    fn notice(&mut self, id: Option<SpaceId>, event: Event) {
        if !self.followed {
            return;
        }
        let view = self.view();
        let space_name = id.and_then(|id| view.seated(&id)).map(|space| view.space_name(space));
        let space = id.as_ref().map(wording::space_id);
        self.gate.plain(Plain::Notice(Notice { cursor: self.cursor, space, space_name, event }));
    }
}
