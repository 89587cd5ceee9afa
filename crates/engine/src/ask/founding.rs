//! Founding a space, using one, and what one is called in it.

use api::{Answer, ErrorCode, Failure, Founded, Profiled, Used};
use documents::space;
use ledger::{
    ItemId, KeyId, SpaceId, Text,
    charter_items::{Card, CharterItem, Fraction, Genesis, Rekey, SealedSecret, Thresholds},
    content_items::{ContentItem, Profile, Word, WordBody},
    limits::{NAME_BYTES_MAX, TAG_BYTES_MAX},
};
use replica::Replica;
use seal::{BoxContext, Secret};
use store::{Batch, Group, Key, Store, Table};

use super::{AppendError, Completion, Result, disk_failure, wording};
use crate::{
    engine::Engine,
    space::{self as spaces, Space, SpaceKeys},
};

/// A name of a member or a space: one line.
pub(crate) fn name(text: &str) -> Result<Text<NAME_BYTES_MAX>> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Failure::of(ErrorCode::BadName));
    }
    Text::try_from(text).map_err(|_| Failure::of(ErrorCode::BadName))
}

fn used_key() -> Key {
    Key::new(Table::Facts, Group::of(&[b"used"]), 0)
}

impl<S: Store> Engine<S> {
    pub(super) fn found(
        &mut self,
        title: &str,
        me: &str,
        zone: Option<&str>,
    ) -> Result<Completion> {
        let (title, me) = (name(title)?, name(me)?);
        let zone = Text::<TAG_BYTES_MAX>::try_from(zone.unwrap_or("UTC"))
            .map_err(|_| Failure::because(ErrorCode::BadArgument, "that is no time zone"))?;
        let title_edit = space::create(&title)
            .map_err(|error| Failure::because(ErrorCode::BadName, error.to_string()))?;
        let keys = SpaceKeys::generate(&mut self.rng);
        let secret = Secret::generate(&mut self.rng);
        let items = self.genesis_items(&keys, zone, &secret)?;
        let bug = |what: &str| Failure::because(ErrorCode::Internal, what.to_owned());
        let items = items.try_into().map_err(|_| bug("a genesis of too many items"))?;
        let genesis = Replica::genesis(&keys.device, self.now, items)
            .map_err(|error| bug(&error.to_string()))?;
        let id = SpaceId::from(genesis.id);
        let mut batch = Batch::default();
        let number = self.next_space_number()?;
        spaces::keep(number, id, &keys, None, &mut batch);
        let (_, write) = Replica::found(&mut self.store, genesis, batch)
            .map_err(|error| Failure::from(AppendError::Take(error)))?;
        self.gate.wrote(write);
        let space = Space::with(&self.store, number, id, keys, None).map_err(disk_failure)?;
        self.spaces.insert(id, space);
        self.learn_secret(id, secret)?;
        let profile = profile_word(me, None);
        let (_, after) = self.append_content(id, vec![ContentItem::Edit(title_edit), profile])?;
        let space = &self.spaces[&id];
        let member = self.me(space).map(|me| wording::member_id(&me)).unwrap_or_default();
        let device = wording::device_id(&space.device());
        let charter_words = self.words_of(id)?;
        let (name, space) = (title.to_string(), wording::space_id(&id));
        Ok(Completion::after(
            after,
            Answer::Founded(Founded { space, name, member, device, charter_words }),
        ))
    }

    /// Genesis, card and the first rekey, the secret sealed to the founder's own device.
    fn genesis_items(
        &mut self,
        keys: &SpaceKeys,
        zone: Text<TAG_BYTES_MAX>,
        secret: &Secret,
    ) -> Result<Vec<CharterItem>> {
        let device = keys.device.id();
        let thresholds = Thresholds {
            grave: Fraction { numerator: 2, denominator: 3 },
            other: Fraction { numerator: 1, denominator: 2 },
        };
        let genesis = Genesis { version: 1, thresholds, zone, device, refounds: None };
        let card = Card { peer: self.config.peer.clone(), seal_key: keys.seal.public() };
        let key = secret.key_id();
        // The space's id is the hash of what this stands in, so the box names none.
        let context = BoxContext { space: SpaceId::default(), key, device };
        let sealed = seal::seal_secret(&mut self.rng, &card.seal_key, context, secret);
        let sealed = sealed.map_err(|_| Failure::of(ErrorCode::Internal))?;
        let seals = ledger::Bounded::one(SealedSecret { device, sealed });
        let rekey = Rekey { key, seals, succeeds: ledger::Bounded::default() };
        Ok(vec![CharterItem::Genesis(genesis), CharterItem::Card(card), CharterItem::Rekey(rekey)])
    }

    /// Under which number the next space is kept. More than two nodes can share are refused, for
    /// the rest would not be read at the next start.
    pub(super) fn next_space_number(&self) -> Result<u64> {
        if self.spaces.len() >= spaces::SPACES_MAX {
            return Err(Failure::of(ErrorCode::TooManySpaces));
        }
        let last = self.spaces.values().map(|space| space.number).max();
        Ok(last.map_or(0, |last| last + 1))
    }

    fn learn_secret(&mut self, id: SpaceId, secret: Secret) -> Result<KeyId> {
        let key = secret.key_id();
        let mut batch = Batch::default();
        if let Some(space) = self.spaces.get_mut(&id) {
            space.content.learn(secret, &mut batch);
        }
        self.write(batch).map_err(disk_failure)?;
        Ok(key)
    }

    /// A newcomer who is in: the ticket has done its work, and they say what they are called.
    pub(crate) fn become_member(&mut self, id: SpaceId) {
        let Some(space) = self.spaces.get_mut(&id) else { return };
        let Some(knocking) = space.knocking.take() else { return };
        let mut batch = Batch::default();
        space.keep(&mut batch);
        if let Ok(me) = name(&knocking.name)
            && let Err(error) = self.append_content(id, vec![profile_word(me, None)])
        {
            // Not lost: the knock stays until the profile is written.
            self.trouble = error.into_store();
            if let Some(space) = self.spaces.get_mut(&id) {
                space.knocking = Some(knocking);
            }
            return;
        }
        self.write_quietly(batch);
    }

    pub(super) fn profile(&mut self, said: Option<&str>, text: &str) -> Result<Completion> {
        let id = self.which_space(said)?;
        let name = name(text)?;
        self.member_space(id)?;
        let (_, after) = self.append_content(id, vec![profile_word(name.clone(), None)])?;
        let space = self.member_space(id)?;
        let member = self.me(space).map(|me| wording::member_id(&me)).unwrap_or_default();
        let (space, name) = (wording::space_id(&id), name.to_string());
        Ok(Completion::after(after, Answer::Profiled(Profiled { space, member, name })))
    }

    pub(super) fn my_profile(&self, said: Option<&str>) -> Result<Answer> {
        let id = self.which_space(said)?;
        let space = self.member_space(id)?;
        let me = self.me(space).ok_or_else(|| Failure::of(ErrorCode::Knocking))?;
        let who = self.who(space, &me)?;
        let space = wording::space_id(&id);
        Ok(Answer::Profiled(Profiled { space, member: who.member, name: who.name }))
    }

    pub(super) fn use_space(&mut self, said: &str) -> Result<Completion> {
        let id = self.which_space(Some(said))?;
        let mut batch = Batch::default();
        batch.put(used_key(), ledger::encode(&id));
        let after = self.write(batch).map_err(disk_failure)?;
        let name = self.space_name(&self.spaces[&id]);
        Ok(Completion::after(after, Answer::Used(Used { space: wording::space_id(&id), name })))
    }

    /// The space of `use`.
    pub(super) fn used_space(&self) -> Option<SpaceId> {
        let bytes = self.store.get(&used_key()).ok()??;
        ledger::decode(&bytes).ok()
    }
}

fn profile_word(name: Text<NAME_BYTES_MAX>, replaces: Option<ItemId>) -> ContentItem {
    let replaces = replaces.map(ledger::ItemRef::Id);
    ContentItem::Word(Word { subject: None, replaces, body: WordBody::Profile(Profile { name }) })
}
