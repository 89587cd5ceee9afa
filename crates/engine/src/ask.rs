//! Commands and queries: one function each, in a file for each kind of thing.

mod campaigns;
mod charters;
mod feed;
mod founding;
mod getting_in;
mod needs;
mod node;
mod pending;
mod status;
mod things;
pub(crate) mod wording;

use api::{Answer, Ask, Asker, Command, ErrorCode, Failure, Query, What};
use content::WriteError;
use ledger::{Entry, Journal, SpaceId, charter_items::CharterItem, content_items::ContentItem};
use replica::TakeError;
use store::{Batch, Store, StoreError, WriteId};

pub(crate) use pending::Asking;
use pending::Until;

use crate::{engine::Engine, gate::Promise, io::AskId, sabotage::sabotaged};

/// What a command came to: its answer, and the write that must be durable before it is given.
pub(crate) struct Completion {
    answer: Answer,
    after: WriteId,
}

impl Completion {
    fn now(answer: Answer) -> Self {
        Self { answer, after: WriteId::default() }
    }

    fn after(after: WriteId, answer: Answer) -> Self {
        Self { answer, after }
    }
}

type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why an own entry was not written.
#[derive(Debug)]
pub(crate) enum AppendError {
    Write(WriteError),
    Take(TakeError),
}

impl AppendError {
    /// What the store said, if it was the store.
    pub(crate) fn into_store(self) -> Option<StoreError> {
        match self {
            Self::Write(WriteError::Store(error)) | Self::Take(TakeError::Store(error)) => {
                Some(error)
            }
            _ => None,
        }
    }
}

impl From<AppendError> for Failure {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::Write(WriteError::NoKey) => Self::of(ErrorCode::NoKey),
            AppendError::Write(WriteError::Store(error))
            | AppendError::Take(TakeError::Store(error)) => disk_failure(error),
            AppendError::Write(error) => Self::because(ErrorCode::TooLarge, error.to_string()),
            AppendError::Take(error) => Self::because(ErrorCode::Internal, error.to_string()),
        }
    }
}

/// What to say of the store's failure.
pub(crate) fn disk_failure(error: StoreError) -> Failure {
    match error {
        StoreError::Full => Failure::of(ErrorCode::DiskFull),
        StoreError::ReadOnly => Failure::of(ErrorCode::ReadOnly),
        StoreError::Damaged { .. } => Failure::because(ErrorCode::Damaged, error.to_string()),
        StoreError::Failed { .. } => Failure::because(ErrorCode::DiskFailed, error.to_string()),
    }
}

impl<S: Store> Engine<S> {
    /// Answers, or puts the question to those that wait.
    pub(crate) fn ask(&mut self, ask: AskId, what: Ask) {
        if let Some(answer) = self.repeated(&what) {
            self.gate.promise(self.gate.written(), Promise::Answer(ask, answer));
            return;
        }
        let answered = match (&what.what, what.asker) {
            (_, Asker::Board) => Err(Failure::of(ErrorCode::Board)),
            (What::Query(query), Asker::Me) => {
                self.read_all();
                self.query(what.space.as_deref(), query.clone())
                    .map(|answer| Some(Completion::now(answer)))
            }
            (What::Command(command), Asker::Me) => self.command(ask, &what, command.clone()),
        };
        match answered {
            Ok(Some(done)) => self.give(ask, &what, done),
            // It waits for something, and is answered in time.
            Ok(None) => {}
            Err(failure) => {
                self.gate.promise(WriteId::default(), Promise::Answer(ask, Err(failure)));
            }
        }
    }

    /// Gives an answer once its write is durable, and for `--wait` once others have it too.
    fn give(&mut self, ask: AskId, what: &Ask, done: Completion) {
        self.remember(what, &done.answer);
        let early = sabotaged!(self.config, AnswerBeforeFlush);
        let after = if early { WriteId::default() } else { done.after };
        match self.asking.take_written() {
            Some(entry) if what.wait > 0 => {
                let until = Until::StoredOn { entry, nodes: what.wait, answer: done.answer };
                self.wait_for(ask, what.timeout_ms, until);
            }
            _ => self.gate.promise(after, Promise::Answer(ask, Ok(done.answer))),
        }
    }

    fn command(&mut self, ask: AskId, what: &Ask, command: Command) -> Result<Option<Completion>> {
        if self.gate.failure().is_some() {
            return Err(Failure::of(ErrorCode::ReadOnly));
        }
        let space = what.space.as_deref();
        self.asking.take_written();
        let done = match command {
            Command::Found { name, me, zone } => self.found(&name, &me, zone.as_deref())?,
            Command::Join { ticket, me } => return self.join(ask, what, &ticket, &me),
            Command::Use { space } => self.use_space(&space)?,
            Command::Profile { name } => self.profile(space, &name)?,
            Command::Invite { days, knocks } => self.invite(space, days, knocks)?,
            Command::Withdraw { invite } => self.withdraw(space, &invite)?,
            Command::Vouch { who } => self.vouch(space, &who)?,
            Command::Post { text, campaign, reply_to, text_lang } => {
                self.post(space, text, campaign, reply_to, text_lang)?
            }
            Command::CampaignNew(fields) => self.campaign_new(space, &fields)?,
            Command::CampaignEdit { campaign, fields } => self.campaign_edit(&campaign, &fields)?,
            Command::NeedAdd(fields) => self.need_add(space, &fields)?,
            Command::NeedEdit { need, fields } => self.need_edit(&need, &fields)?,
            Command::NeedClaim { need } => self.need_claim(&need)?,
            Command::NeedRelease { need } => self.need_release(&need)?,
            Command::Undo { thing } => self.undo(&thing)?,
            Command::Sync { with } => return self.sync(ask, what, with.as_deref()),
        };
        Ok(Some(done))
    }

    fn query(&mut self, space: Option<&str>, query: Query) -> Result<Answer> {
        match query {
            Query::Spaces => self.list_spaces(),
            Query::Status => self.status(),
            Query::Todo => self.todo(),
            Query::Feed { after, limit, campaign } => self.feed(space, after, limit, campaign),
            Query::Campaigns => self.list_campaigns(space),
            Query::Needs => self.list_needs(space),
            Query::Show { thing } => self.show(space, &thing),
            Query::Members => self.list_members(space),
            Query::Invites => self.list_invites(space),
            Query::Profile => self.my_profile(space),
            Query::CharterShow => self.charter_show(space),
            Query::CharterWords => self.charter_words(space),
            Query::CharterExport => self.charter_export(space),
            Query::Fingerprint => self.fingerprint(space),
            Query::Stats => self.stats(),
            Query::Peers => self.list_peers(),
            Query::Why { thing } => self.why(space, thing.as_deref()),
        }
    }

    /// Writes charter items as one entry of this home, `extra` with it.
    pub(crate) fn append_charter(
        &mut self,
        id: SpaceId,
        items: Vec<CharterItem>,
        extra: Batch,
    ) -> Result<(Entry, WriteId), AppendError> {
        let Some(space) = self.spaces.get_mut(&id) else {
            return Err(AppendError::Write(WriteError::NoKey));
        };
        let (replica, key) = (&space.replica, &space.keys.device);
        let entry = replica.sign_charter(&self.store, key, self.now, items);
        let entry = entry.map_err(|error| AppendError::Take(error.into()))?;
        let write = space.replica.append(&mut self.store, entry.clone(), extra);
        let write = write.map_err(AppendError::Take)?;
        space.own_write = write;
        self.asking.wrote(id, Journal::Charter, entry.seq());
        self.gate.wrote(write);
        self.entries_stored(id, Journal::Charter);
        Ok((entry, write))
    }

    /// Writes content items as one entry of this home, and reads it.
    pub(crate) fn append_content(
        &mut self,
        id: SpaceId,
        items: Vec<ContentItem>,
    ) -> Result<(Entry, WriteId), AppendError> {
        let Some(space) = self.spaces.get_mut(&id) else {
            return Err(AppendError::Write(WriteError::NoKey));
        };
        let (store, replica) = (&self.store, &space.replica);
        let entry = space
            .content
            .write(store, replica, &space.keys.device, self.now, items, &mut self.rng)
            .map_err(AppendError::Write)?;
        if sabotaged!(self.config, AnsweredNotWritten) && entry.seq() % 8 == 7 {
            return Ok((entry, self.gate.written()));
        }
        let write = space.replica.append(&mut self.store, entry.clone(), Batch::default());
        let write = write.map_err(AppendError::Take)?;
        space.own_write = write;
        self.asking.wrote(id, Journal::Content, entry.seq());
        self.gate.wrote(write);
        self.entries_stored(id, Journal::Content);
        Ok((entry, write))
    }

    /// Reads what is stored, so that an answer has what was there when it was asked.
    fn read_all(&mut self) {
        for space in self.spaces.values_mut() {
            // One's own writes and what just came; a long first reading goes on in slices.
            if space.content.unread(&space.replica) <= READ_AT_ONCE_MAX {
                let budget = READ_AT_ONCE_MAX as usize;
                let read = space.content.read_slice(&mut self.store, &space.replica, budget);
                if let Err(error) = read {
                    self.trouble = Some(error);
                }
            }
        }
        self.tell_news();
    }
}

/// Entries that are read before a query is answered, some ten milliseconds of work; with more
/// than this to read the answer says how much is unread.
const READ_AT_ONCE_MAX: u64 = 256;
