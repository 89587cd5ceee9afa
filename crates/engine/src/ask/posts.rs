//! Posts, and taking back what one wrote.

use api::{Answer, ErrorCode, Failure, Posted, Undone};
use content::Saying;
use ledger::{
    ItemId, ItemRef, Text,
    content_items::{self, ContentItem, Post, Word, WordBody},
    limits::{TAG_BYTES_MAX, TEXT_BYTES_MAX},
};
use store::Store;

use super::Completion;
use crate::{
    engine::Engine,
    failures::{Result, disk_failure},
    view::Thing,
    wording,
};

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
        let campaign = campaign.map(|thing| self.view().find(said, &thing)).transpose()?;
        let reply_to = reply_to.map(|thing| self.view().find(said, &thing)).transpose()?;
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
            None => self.view().which_space(said)?,
        };
        self.view().member_space(&id)?;
        let campaign = campaign.map(ItemRef::Id);
        let body = WordBody::Post(Post { text, lang, campaign });
        let word = Word { subject: subject.map(ItemRef::Id), replaces: None, body };
        let (entry, after) = self.append_content(id, vec![ContentItem::Word(word)])?;
        let view = self.view();
        let answer = Answer::Posted(Posted {
            id: wording::update_id(&ItemId::of(&entry.id, 0)),
            space: wording::space_id(&id),
            space_name: view.space_name(view.seat(&id)?),
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
        let (id, found) = self.view().find(None, thing)?;
        let (Thing::Post(word) | Thing::Claim(word)) = found else {
            return Err(Failure::of(ErrorCode::CannotUndo));
        };
        let view = self.view();
        let space = view.member_space(&id)?;
        let place = space.seat.content.place(&self.store, &word).map_err(disk_failure)?;
        let by = place.and_then(|place| space.replica.roll().member_of(&place.loc.device));
        if by.is_none() || by != space.me() {
            return Err(Failure::of(ErrorCode::NotYours));
        }
        let (content, replica) = (&space.seat.content, &space.replica);
        let post = content.post(&self.store, replica, &word).map_err(disk_failure)?;
        if post.is_some_and(|shown| shown.says == Saying::Undone) {
            let message = "it has been taken back already";
            return Err(Failure::because(ErrorCode::CannotUndo, message));
        }
        let replaces = Some(ItemRef::Id(word));
        let body = WordBody::Undone(content_items::Undone {});
        let item = ContentItem::Word(Word { subject: None, replaces, body });
        let (_, after) = self.append_content(id, vec![item])?;
        let undone = Undone { id: found.text(), space: wording::space_id(&id) };
        Ok(Completion::after(after, Answer::Undone(undone)))
    }
}
