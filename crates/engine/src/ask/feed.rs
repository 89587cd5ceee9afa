//! Posts, and taking back what one wrote.

use api::{Answer, ErrorCode, Event, Failure, FeedRow, Notice, Posted, Rows};
use content::{Kind, News, ShownPost, View};
use ledger::{
    ItemId, ItemRef, Journal, SpaceId, Text,
    content_items::{ContentItem, Post, Undone, Word, WordBody},
    limits::{TAG_BYTES_MAX, TEXT_BYTES_MAX},
};
use store::{Batch, Direction, Group, Key, Store, Table};

use super::{Completion, Result, disk_failure, pending::arrivals, things::Thing, wording};

use crate::{engine::Engine, gate::Plain, space::Space};

impl<S: Store> Engine<S> {
    pub(super) fn post(
        &mut self,
        said: Option<&str>,
        text: String,
        campaign: Option<String>,
        reply_to: Option<String>,
        lang: Option<String>,
    ) -> Result<Completion> {
        if text.trim().is_empty() {
            return Err(Failure::of(ErrorCode::EmptyText));
        }
        let text: Text<TEXT_BYTES_MAX> =
            text.try_into().map_err(|_| Failure::of(ErrorCode::TextTooLong))?;
        let lang: Option<Text<TAG_BYTES_MAX>> = lang
            .map(Text::try_from)
            .transpose()
            .map_err(|_| Failure::because(ErrorCode::BadArgument, "that is no language tag"))?;
        let campaign = campaign.map(|thing| self.find(said, &thing)).transpose()?;
        let reply_to = reply_to.map(|thing| self.find(said, &thing)).transpose()?;
        let (campaign_in, campaign) = match campaign {
            Some((id, Thing::Campaign(campaign))) => (Some(id), Some(campaign)),
            Some(_) => return Err(Failure::because(ErrorCode::NotFound, "that is no campaign")),
            None => (None, None),
        };
        let (reply_in, subject) = match reply_to {
            Some((id, Thing::Post(post))) => (Some(id), Some(post)),
            Some(_) => return Err(Failure::because(ErrorCode::NotFound, "that is no post")),
            None => (None, None),
        };
        // An id implies its space.
        let id = match campaign_in.or(reply_in) {
            Some(id) => id,
            None => self.which_space(said)?,
        };
        self.member_space(id)?;
        let campaign = campaign.map(ItemRef::Id);
        let body = WordBody::Post(Post { text, lang, campaign });
        let word = Word { subject: subject.map(ItemRef::Id), replaces: None, body };
        let (entry, after) = self.append_content(id, vec![ContentItem::Word(word)])?;
        let answer = Answer::Posted(Posted {
            id: wording::update_id(&ItemId::of(&entry.id, 0)),
            space: wording::space_id(&id),
            space_name: self.space_name(&self.spaces[&id]),
            device: wording::device_id(&entry.device()),
            seq: entry.seq(),
            entry: wording::entry_id(&entry.id),
            durable: true,
            stored_on: 0,
        });
        Ok(Completion::after(after, answer))
    }

    /// Takes back a post or a claim of one's own.
    pub(super) fn undo(&mut self, thing: &str) -> Result<Completion> {
        let (id, found) = self.find(None, thing)?;
        let (Thing::Post(word) | Thing::Claim(word)) = found else {
            return Err(Failure::of(ErrorCode::CannotUndo));
        };
        let space = self.member_space(id)?;
        let place = space.content.place(&self.store, &word).map_err(disk_failure)?;
        match place.map(|place| place.kind) {
            Some(Kind::Word(word)) if Some(word.author) == self.me(space) => {}
            _ => return Err(Failure::of(ErrorCode::NotYours)),
        }
        let post = space.content.post(&self.store, &word).map_err(disk_failure)?;
        if post.is_some_and(|shown| shown.post.is_none()) {
            let message = "it has been taken back already";
            return Err(Failure::because(ErrorCode::CannotUndo, message));
        }
        let replaces = Some(ItemRef::Id(word));
        let body = WordBody::Undone(Undone {});
        let item = ContentItem::Word(Word { subject: None, replaces, body });
        let (_, after) = self.append_content(id, vec![item])?;
        let undone = api::Undone { id: found.text(), space: wording::space_id(&id) };
        Ok(Completion::after(after, Answer::Undone(undone)))
    }

    pub(super) fn feed(
        &self,
        said: Option<&str>,
        after: Option<u64>,
        limit: u64,
        campaign: Option<String>,
    ) -> Result<Answer> {
        let limit =
            if limit == 0 { usize::MAX } else { usize::try_from(limit).unwrap_or(usize::MAX) };
        let campaign = match campaign.map(|thing| self.find(said, &thing)).transpose()? {
            Some((_, Thing::Campaign(campaign))) => Some(campaign),
            Some(_) => return Err(Failure::because(ErrorCode::NotFound, "that is no campaign")),
            None => None,
        };
        let spaces = self.spaces_read(said)?;
        let of_campaign = |post: &ShownPost| campaign.is_none() || post.campaign == campaign;
        if let Some(after) = after {
            return self.feed_after(&spaces, after, limit, of_campaign);
        }
        let mut rows = Vec::new();
        for id in &spaces {
            let Some(space) = self.spaces.get(id) else { continue };
            // Of a campaign's posts it is not known beforehand which of the feed they are.
            let most = if campaign.is_some() { usize::MAX } else { limit };
            let posts = space.content.posts(&self.store, Direction::Descending, most);
            for post in posts.map_err(disk_failure)?.into_iter().filter(of_campaign).take(limit) {
                rows.push(self.feed_row(space, post)?);
            }
        }
        rows.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
        rows.truncate(limit);
        rows.reverse();
        Ok(Answer::Feed(Rows { rows, next: Some(self.cursor) }))
    }

    /// Posts in the order in which they came here, from a cursor on.
    fn feed_after(
        &self,
        spaces: &[SpaceId],
        after: u64,
        limit: usize,
        wanted: impl Fn(&ShownPost) -> bool,
    ) -> Result<Answer> {
        let numbers = after.saturating_add(1)..=u64::MAX;
        let came =
            self.store.scan(Table::Rows, &arrivals(), numbers, Direction::Ascending, usize::MAX);
        let (mut rows, mut next) = (Vec::new(), after);
        for (cursor, bytes) in came.map_err(disk_failure)? {
            if rows.len() == limit {
                break;
            }
            next = cursor;
            let Ok((id, post)) = ledger::decode::<(SpaceId, ItemId)>(&bytes) else { continue };
            let Some(space) = self.spaces.get(&id).filter(|_| spaces.contains(&id)) else {
                continue;
            };
            let post = space.content.post(&self.store, &post).map_err(disk_failure)?;
            if let Some(post) = post.filter(|post| wanted(post)) {
                rows.push(FeedRow { cursor, ..self.feed_row(space, post)? });
            }
        }
        Ok(Answer::Feed(Rows { rows, next: Some(next) }))
    }

    pub(crate) fn feed_row(&self, space: &Space, shown: ShownPost) -> Result<FeedRow> {
        let ShownPost { first, post, campaign, counts, .. } = shown;
        let (state, why) = match (&post, counts) {
            (_, false) => ("void", Some("it stands behind its author's end".to_owned())),
            (None, true) => ("undone", Some("its author took it back".to_owned())),
            (Some(_), true) => ("counts", None),
        };
        let cursor = self.store.get(&arrived(&first.id)).map_err(disk_failure)?;
        let text = post.as_ref().map(|post| post.text.to_string()).unwrap_or_default();
        Ok(FeedRow {
            id: wording::update_id(&first.id),
            space: wording::space_id(&space.id),
            space_name: self.space_name(space),
            text,
            author: self.who(space, &first.author)?,
            at: first.stamp.as_ms(),
            lang: post.and_then(|post| post.lang).map(|lang| lang.to_string()),
            campaign: campaign.as_ref().map(wording::document_id),
            reply_to: first.subject.as_ref().map(wording::update_id),
            state: state.to_owned(),
            why,
            stored_on: space.stored_on((Journal::Content, first.loc.device), first.loc.seq),
            mirrors: 0,
            cursor: cursor.and_then(|bytes| ledger::decode(&bytes).ok()).unwrap_or(0),
        })
    }

    /// Tells those who follow what reading came upon, each with its number.
    pub(crate) fn tell_news(&mut self) {
        let ids: Vec<_> = self.spaces.keys().copied().collect();
        for id in ids {
            let Some(space) = self.spaces.get_mut(&id) else { continue };
            let news = space.content.take_news();
            // One write for all, before anybody is told a number.
            let (mut batch, mut cursor) = (Batch::default(), self.cursor);
            for one in &news {
                if let News::Post(post) = one {
                    cursor += 1;
                    let number = Key::new(Table::Rows, arrivals(), cursor);
                    batch.put(number, ledger::encode(&(id, *post)));
                    batch.put(arrived(post), ledger::encode(&cursor));
                    space.content.told(post, &mut batch);
                }
            }
            self.write_index(batch);
            for one in news {
                self.tell_one(id, one);
            }
        }
    }

    fn tell_one(&mut self, id: SpaceId, news: News) {
        let event = match news {
            News::Post(post) => {
                self.cursor += 1;
                let Some(space) = self.spaces.get(&id) else { return };
                let Ok(Some(shown)) = space.content.post(&self.store, &post) else { return };
                let Ok(row) = self.feed_row(space, shown) else { return };
                Event::Post(Box::new(FeedRow { cursor: self.cursor, ..row }))
            }
            News::Document(document) => Event::Changed {
                thing: wording::document_id(&document),
                what: self.about(id, &document),
            },
            News::Claim { need } => Event::Changed {
                thing: wording::document_id(&need),
                what: format!("{}, claimed or given back", self.about(id, &need)),
            },
            News::Name(member) => {
                let name = self.spaces.get(&id).map(|space| self.name_or_id(space, &member));
                let what = format!("{} is what they are called", name.unwrap_or_default());
                Event::Changed { thing: wording::member_id(&member), what }
            }
        };
        self.notice(Some(id), event);
    }

    /// What a document is about, in a few words.
    fn about(&self, id: SpaceId, document: &ItemId) -> String {
        let space = self.spaces.get(&id);
        let row = space.and_then(|space| self.find_document(space, document).ok().flatten());
        match row.map(|row| row.view) {
            Some(View::Need(need)) => format!("need: {}", need.what),
            Some(View::Campaign(campaign)) => format!("campaign: {}", campaign.title),
            Some(View::Space(name)) => format!("the space: {name}"),
            _ => "something changed".to_owned(),
        }
    }

    pub(crate) fn notice(&mut self, id: Option<SpaceId>, event: Event) {
        let space_name = id.and_then(|id| self.spaces.get(&id)).map(|space| self.space_name(space));
        let space = id.as_ref().map(wording::space_id);
        self.gate.plain(Plain::Notice(Notice { cursor: self.cursor, space, space_name, event }));
    }
}

/// The cursor of a post.
fn arrived(post: &ItemId) -> Key {
    Key::new(Table::Rows, Group::of(&[b"arrived", post.as_bytes()]), 0)
}
