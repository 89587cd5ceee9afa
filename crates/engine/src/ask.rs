//! Commands: one function each, in a file for each kind of thing. Questions are answered by
//! [`crate::view`].

mod campaigns;
mod documents;
mod founding;
mod joining;
mod members;
mod needs;
mod posts;
mod sync;
mod waiting;

use api::{Answer, Ask, Asker, Command, ErrorCode, Failure, What};
use store::{Store, WriteId};

use crate::{
    asking::Until,
    engine::Engine,
    failures::{Result, disk_failure},
    gate::Promise,
    io::{AskId, StreamId},
    sabotage::sabotaged,
    space::Space,
};

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
                self.read_at_once();
                let answer = self.view().answer(what.space.as_deref(), query, &what.page);
                answer.map(|answer| Some(Completion::now(answer)))
            }
            (What::Command(command), Asker::Me) => self.act(ask, &what, command.clone()),
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
        let early = sabotaged!(self.config, AnswerBeforeFlush);
        let after = if early { WriteId::default() } else { done.after };
        match self.asking.take_written() {
            Some(entry) if what.wait > 0 => {
                let until = Until::StoredOn { entry, nodes: what.wait, answer: done.answer };
                self.wait_for(ask, what, until);
            }
            _ => self.gate.promise(after, Promise::Answer(ask, Ok(done.answer))),
        }
    }

    /// A command is one act: all that it writes at once is one write, its answer among it, which is
    /// on the disk whole or not at all.
    fn act(&mut self, ask: AskId, what: &Ask, command: Command) -> Result<Option<Completion>> {
        if self.gate.failure().is_some() {
            return Err(Failure::of(ErrorCode::ReadOnly));
        }
        // To wait for others writes nothing.
        if matches!(command, Command::Sync { .. }) {
            return self.command(ask, what, command);
        }
        // What the store refused before is no part of this.
        let ids: Vec<_> = self.spaces.keys().copied().collect();
        ids.into_iter().for_each(|id| self.keep_seat_quietly(id));
        self.store.begin_act().map_err(disk_failure)?;
        self.gate.begin_act();
        let done = self.command(ask, what, command);
        if let Ok(Some(done)) = &done {
            self.remember(waiting::request_of(what), &done.answer);
        }
        let ended = match &done {
            Err(failure) if self.store.drop_act() => Err(failure.clone()),
            _ => self.store.end_act().map_err(disk_failure),
        };
        match ended {
            Ok(write) => {
                write.into_iter().for_each(|write| self.gate.wrote(write));
                self.gate.end_act(true);
                let after = write.unwrap_or_default();
                let after = |done: Completion| Completion { after: done.after.max(after), ..done };
                done.map(|done| done.map(after))
            }
            Err(failure) => {
                let cut = self.gate.end_act(false);
                self.not_done(cut);
                self.asking.answered(ask);
                Err(failure)
            }
        }
    }

    /// An act failed, or the store refused it: what is here is read again as it was before, and who
    /// was told otherwise, and has not been sent it, is told anew.
    fn not_done(&mut self, cut: Vec<StreamId>) {
        self.read_spaces_again();
        self.asking.read_again(&self.store);
        self.links.peers.write_again();
        cut.into_iter().for_each(|stream| self.end_stream(stream));
    }

    /// All that is here is read again from the store, and everybody is told anew what that is.
    pub(crate) fn read_spaces_again(&mut self) {
        let spaces = Space::open_all(&self.store);
        self.spaces.clear();
        match spaces {
            Ok(spaces) => {
                spaces.into_values().for_each(|space| self.add_space(space));
                let ids: Vec<_> = self.spaces.keys().copied().collect();
                let written = self.gate.written();
                for id in ids {
                    if let Ok((_, seat, _)) = self.seat_mut(&id) {
                        seat.own_write = written;
                    }
                    self.take_seals(id);
                }
            }
            // Nothing is shown or sent that the disk may not have, and nothing is written.
            Err(error) => self.flushed(self.gate.written(), Err(error.to_string())),
        }
        let sessions: Vec<_> = self.links.sessions().map(|(stream, ..)| stream).collect();
        sessions.into_iter().for_each(|stream| self.end_stream(stream));
        self.links.look_again();
        self.links.peers.look_again();
    }

    fn command(&mut self, ask: AskId, what: &Ask, command: Command) -> Result<Option<Completion>> {
        let space = what.space.as_deref();
        self.asking.take_written();
        let done = match command {
            Command::Found { name, me, zone } => self.found(&name, &me, zone.as_deref())?,
            Command::Join { ticket, me } => return self.join(ask, what, ticket.as_str(), &me),
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
            Command::Take { who } => self.take(space, &who)?,
            Command::Sync { with } => return self.sync(ask, what, with.as_deref()),
        };
        Ok(Some(done))
    }
}
