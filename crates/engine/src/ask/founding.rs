//! Founding a space, and what one is called.

use api::{Answer, ErrorCode, Failure, Founded, Profiled, Used};
use documents::space;
use ledger::{
    Bounded, ItemId, ItemRef, KeyId, SpaceId, Text,
    charter_items::{CharterItem, Fraction, Genesis, Rekey, SealedSecret, Thresholds},
    content_items::{ContentItem, Profile, Word, WordBody},
    limits::{NAME_BYTES_MAX, TAG_BYTES_MAX},
};
use replica::Replica;
use seal::{BoxContext, Secret};
use store::{Batch, Store};

use super::Completion;
use crate::{
    engine::Engine,
    failures::{AppendError, Result, disk_failure},
    name,
    sabotage::sabotaged,
    space::{SPACES_MAX, SeatKeys, SeatState, Space, keep_keys},
    view::used_key,
    wording,
};

impl<S: Store> Engine<S> {
    pub(super) fn found(
        &mut self,
        title: &str,
        me: &str,
        zone: Option<&str>,
    ) -> Result<Completion> {
        let (title, me) = (name::of_space(title)?, name::of_person(me)?);
        let zone = Text::<TAG_BYTES_MAX>::try_from(zone.unwrap_or("UTC"))
            .map_err(|_| Failure::because(ErrorCode::BadArgument, "that is no time zone"))?;
        let title_edit = space::create(&title)
            .map_err(|error| Failure::because(ErrorCode::BadName, error.to_string()))?;
        let keys = SeatKeys::generate(&mut self.rng);
        let secret = Secret::generate(&mut self.rng);
        let items = self.genesis_items(&keys, zone, &secret)?;
        let bug = |what: &str| Failure::because(ErrorCode::Internal, what.to_owned());
        let items = items.try_into().map_err(|_| bug("a genesis of too many items"))?;
        let genesis = Replica::genesis(&keys.device, self.now, items)
            .map_err(|error| bug(&error.to_string()))?;
        let id = SpaceId::from(genesis.id);
        let mut batch = Batch::default();
        let number = self.next_space_number()?;
        keep_keys(number, id, &keys, &SeatState::In, &mut batch);
        let (_, write) = Replica::found(&mut self.store, genesis, batch)
            .map_err(|error| Failure::from(AppendError::Take(error)))?;
        self.gate.wrote(write);
        let space =
            Space::with(&self.store, number, id, keys, SeatState::In).map_err(disk_failure)?;
        self.add_space(space);
        self.learn_secret(id, secret)?;
        self.write_card(id)?;
        let profile = profile_word(me, None);
        let (_, after) = self.append_content(id, vec![ContentItem::Edit(title_edit), profile])?;
        let view = self.view();
        let space = view.seat(&id)?;
        let member = space.me().map(|me| wording::member_id(&me)).unwrap_or_default();
        let device = wording::device_id(&space.seat.device());
        let charter_words = view.words_of(space);
        let (name, space) = (title.to_string(), wording::space_id(&id));
        Ok(Completion::after(
            after,
            Answer::Founded(Founded { space, name, member, device, charter_words }),
        ))
    }

    /// Genesis and the first rekey, the secret sealed to the founder's own device.
    fn genesis_items(
        &mut self,
        keys: &SeatKeys,
        zone: Text<TAG_BYTES_MAX>,
        secret: &Secret,
    ) -> Result<Vec<CharterItem>> {
        let device = keys.device.id();
        let thresholds = Thresholds {
            grave: Fraction { numerator: 2, denominator: 3 },
            other: Fraction { numerator: 1, denominator: 2 },
        };
        let genesis = Genesis { version: 1, thresholds, zone, device, refounds: None };
        let key = secret.key_id();
        // The space's id is the hash of what this stands in, so the box names none.
        let context = BoxContext { space: SpaceId::default(), key, device };
        let sealed = seal::seal_secret(&mut self.rng, &keys.seal.public(), context, secret);
        let sealed = sealed.map_err(|_| Failure::of(ErrorCode::Internal))?;
        let seals = Bounded::one(SealedSecret { device, sealed });
        let rekey = Rekey { key, seals, succeeds: Bounded::default() };
        Ok(vec![CharterItem::Genesis(genesis), CharterItem::Rekey(rekey)])
    }

    /// Under which number the next space is kept. More than two nodes can share are refused, for
    /// the rest would not be read at the next start.
    pub(super) fn next_space_number(&self) -> Result<u64> {
        if self.spaces.len() >= SPACES_MAX {
            return Err(Failure::of(ErrorCode::TooManySpaces));
        }
        let last = self.view().seats().map(|space| space.seat.number).max();
        Ok(last.map_or(0, |last| last + 1))
    }

    fn learn_secret(&mut self, id: SpaceId, secret: Secret) -> Result<KeyId> {
        let key = secret.key_id();
        let (_, seat, _) = self.seat_mut(&id)?;
        seat.content.learn(secret);
        self.keep_seat(id).map_err(disk_failure)?;
        Ok(key)
    }

    /// A newcomer who is in: the ticket has done its work, and they say what they are called.
    pub(crate) fn become_member(&mut self, id: SpaceId) {
        let Some(joining) = self.spaces.get(&id).and_then(Space::joining) else { return };
        if let Ok(me) = name::of_person(&joining.name)
            && let Err(error) = self.append_content(id, vec![profile_word(me, None)])
        {
            // Not lost: the knock stays until the profile is written.
            self.trouble = error.into_store().or(self.trouble.take());
            return;
        }
        if let Ok((_, seat, _)) = self.seat_mut(&id) {
            seat.is_in_now();
        }
        self.keep_seat_quietly(id);
    }

    pub(super) fn profile(&mut self, said: Option<&str>, text: &str) -> Result<Completion> {
        let id = self.view().which_space(said)?;
        let name = name::of_person(text)?;
        let me = self.view().member_space(&id)?.me();
        let member = me.map(|me| wording::member_id(&me)).unwrap_or_default();
        let profiled = |name: &Text<NAME_BYTES_MAX>| {
            let (space, name) = (wording::space_id(&id), name.to_string());
            Answer::Profiled(Profiled { space, member, name, unread: 0 })
        };
        let content = &self.view().seat(&id)?.seat.content;
        let called = me.map_or(Ok(None), |me| content.name(&self.store, &me));
        if called.map_err(disk_failure)?.as_deref() == Some(&*name) {
            return Ok(Completion::now(profiled(&name)));
        }
        let (_, after) = self.append_content(id, vec![profile_word(name.clone(), None)])?;
        Ok(Completion::after(after, profiled(&name)))
    }

    pub(super) fn use_space(&mut self, said: &str) -> Result<Completion> {
        let id = self.view().which_space(Some(said))?;
        let mut batch = Batch::default();
        if !sabotaged!(self.config, UseNotKept) {
            batch.put(used_key(), ledger::encode(&id));
        }
        let after = self.write(batch).map_err(disk_failure)?;
        let view = self.view();
        let name = view.space_name(view.seat(&id)?);
        Ok(Completion::after(after, Answer::Used(Used { space: wording::space_id(&id), name })))
    }
}

fn profile_word(name: Text<NAME_BYTES_MAX>, replaces: Option<ItemId>) -> ContentItem {
    let replaces = replaces.map(ItemRef::Id);
    ContentItem::Word(Word { subject: None, replaces, body: WordBody::Profile(Profile { name }) })
}
