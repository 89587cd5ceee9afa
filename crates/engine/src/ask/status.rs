//! Where things stand, and what waits for this person.

use api::{Answer, ErrorCode, Failure, Shown, SpaceRow, Status, TodoRow, WhyAnswer, WhyRow};
use ledger::{Journal, MemberId};
use store::Store;

use super::{Result, disk_failure, things::Thing, wording};
use crate::{engine::Engine, sabotage::sabotaged, space::Space};

/// Things that wait of which `why` tells one by one.
const WAITING_MAX: usize = 100;

impl<S: Store> Engine<S> {
    pub(super) fn list_spaces(&self) -> Result<Answer> {
        let rows = self.spaces.values().map(|space| self.space_row(space));
        Ok(Answer::Spaces(rows.collect::<Result<Vec<_>>>()?.into()))
    }

    pub(super) fn status(&self) -> Result<Answer> {
        let rows = self.spaces.values().map(|space| self.space_row(space));
        Ok(Answer::Status(Status {
            peer_id: wording::peer_id(&self.config.peer),
            listen: self.own_addresses(),
            connected: self.peers.iter().filter(|(_, peer)| peer.connected).count() as u64,
            read_only: self.gate.failure().is_some(),
            trouble: self
                .gate
                .failure()
                .map(str::to_owned)
                .or_else(|| self.trouble.as_ref().map(ToString::to_string)),
            spaces: rows.collect::<Result<Vec<_>>>()?,
        }))
    }

    fn space_row(&self, space: &Space) -> Result<SpaceRow> {
        let roll = space.replica.roll();
        let me = self.me(space);
        let named = me.map(|me| self.name(space, &me)).transpose()?;
        let asked = space.knocking.as_ref().map(|knocking| knocking.name.clone());
        let connected = roll.peers_in().filter(|peer| {
            **peer != self.config.peer && self.peers.get(peer).is_some_and(|peer| peer.connected)
        });
        let knock = space.knocking.as_ref();
        let waiting = space.content.waiting(&self.store, WAITING_MAX).map_err(disk_failure)?;
        let content = space.replica.frontier(Journal::Content).entries();
        let forks = space.replica.asides().count() as u64;
        Ok(SpaceRow {
            space: wording::space_id(&space.id),
            name: self.space_name(space),
            state: if space.is_in() { "in" } else { "knocking" }.to_owned(),
            me: named.or(asked).unwrap_or_default(),
            say: me.is_some_and(|me| roll.has_say(&me)),
            vouches: knock.map_or(0, |knocking| knocking.vouches),
            needed: knock.map_or(0, |knocking| knocking.needed),
            members: roll.members_in().count() as u64,
            connected: connected.count() as u64,
            entries: space.replica.charter_entries() as u64 + content,
            unread: match sabotaged!(self.config, UnreadHidden) {
                true => 0,
                false => space.content.unread(&space.replica),
            },
            waiting: waiting.len() as u64,
            forks,
            current: self.which_space(None).ok() == Some(space.id),
        })
    }

    pub(super) fn todo(&self) -> Result<Answer> {
        let mut rows = Vec::new();
        for space in self.spaces.values() {
            self.knocks_to_do(space, &mut rows)?;
            self.claims_to_do(space, &mut rows)?;
            if !space.is_in() {
                let name = self.space_name(space);
                rows.push(TodoRow {
                    space: wording::space_id(&space.id),
                    text: format!("you knock at {name}: members have to vouch for you"),
                    space_name: name,
                    kind: "knocking".to_owned(),
                    thing: wording::space_id(&space.id),
                    way_out: words(&["groundwork", "sync"]),
                });
            }
        }
        Ok(Answer::Todo(rows.into()))
    }

    /// Who knocks, and who is in without a say, that this person has not vouched for.
    fn knocks_to_do(&self, space: &Space, rows: &mut Vec<TodoRow>) -> Result<()> {
        let roll = space.replica.roll();
        let Some(me) = self.me(space).filter(|me| roll.has_say(me)) else { return Ok(()) };
        for (knock, state) in &roll.knocks {
            let member = MemberId::from(*knock);
            if roll.has_say(&member) || space.replica.has_vouched(knock, &me) {
                continue;
            }
            let name = self.name(space, &member)?;
            let by = roll.invites.get(&state.invite).map(|invite| self.who(space, &invite.by));
            let by = by.transpose()?.map(|who| who.name).unwrap_or_default();
            let text = match roll.members.contains_key(&member) {
                true => format!("{name} is in, and has no say before more of you vouch"),
                false => format!("{name} knocks, invited by {by}"),
            };
            let thing = wording::member_id(&member);
            rows.push(TodoRow {
                space: wording::space_id(&space.id),
                space_name: self.space_name(space),
                kind: "knock".to_owned(),
                text,
                way_out: words(&["groundwork", "member", "vouch", &thing]),
                thing,
            });
        }
        Ok(())
    }

    /// Claims of this person's needs.
    fn claims_to_do(&self, space: &Space, rows: &mut Vec<TodoRow>) -> Result<()> {
        let me = self.me(space).map(|me| wording::member_id(&me)).unwrap_or_default();
        let Answer::Needs(needs) = self.list_needs(Some(&wording::space_id(&space.id)))? else {
            return Ok(());
        };
        for need in
            needs.rows.iter().filter(|need| need.author.member == me && need.status == "open")
        {
            for claim in need.claims.iter().filter(|claim| claim.state == "offered") {
                rows.push(TodoRow {
                    space: need.space.clone(),
                    space_name: need.space_name.clone(),
                    kind: "claim".to_owned(),
                    text: format!("{} claims {}: {}", claim.by.name, need.code, need.text),
                    thing: need.id.clone(),
                    way_out: words(&["groundwork", "show", &need.code]),
                });
            }
        }
        Ok(())
    }

    pub(super) fn show(&mut self, said: Option<&str>, text: &str) -> Result<Answer> {
        let (id, thing) = self.find(said, text)?;
        if let Thing::Act(act) = thing {
            return self.show_act(id, act);
        }
        let space = &self.spaces[&id];
        let missing = || Failure::because(ErrorCode::NotFound, format!("there is no {text} here"));
        let shown = match thing {
            Thing::Need(need) => {
                let row = self.find_document(space, &need)?.ok_or_else(missing)?;
                let code = self.code(space, &need)?;
                let row = self.need_row(space, row, code)?;
                Shown::Need(Box::new(row.ok_or_else(missing)?))
            }
            Thing::Campaign(campaign) => {
                let row = self.find_document(space, &campaign)?.ok_or_else(missing)?;
                let row = self.campaign_row(space, row)?;
                Shown::Campaign(Box::new(row.ok_or_else(missing)?))
            }
            Thing::Post(post) => {
                let post = space.content.post(&self.store, &post).map_err(disk_failure)?;
                Shown::Post(Box::new(self.feed_row(space, post.ok_or_else(missing)?)?))
            }
            Thing::Member(member) => Shown::Member(Box::new(self.member_row(space, &member)?)),
            Thing::Knock(knock) => {
                let member = MemberId::from(knock);
                Shown::Member(Box::new(self.member_row(space, &member)?))
            }
            Thing::Claim(claim) => {
                let place = space.content.place(&self.store, &claim).map_err(disk_failure)?;
                let need = place.and_then(|place| match place.kind {
                    content::Kind::Word(word) => word.subject,
                    _ => None,
                });
                let need = need.ok_or_else(missing)?;
                return self.show(said, &wording::document_id(&need));
            }
            Thing::Invite(_) | Thing::Act(_) => return Err(missing()),
        };
        Ok(Answer::Shown(shown))
    }

    pub(super) fn why(&mut self, said: Option<&str>, thing: Option<&str>) -> Result<Answer> {
        // An act tells why by itself: which approvals count and which do not.
        if let Some(thing) = thing.filter(|thing| thing.starts_with("ac_"))
            && let (id, Thing::Act(act)) = self.find(said, thing)?
        {
            return self.show_act(id, act);
        }
        let mut waiting = Vec::new();
        for id in self.spaces_read(said)? {
            let Some(space) = self.spaces.get(&id) else { continue };
            self.why_space(space, &mut waiting)?;
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
        Ok(Answer::Why(WhyAnswer { waiting }))
    }

    fn why_space(&self, space: &Space, rows: &mut Vec<WhyRow>) -> Result<()> {
        let name = self.space_name(space);
        let row = |what: String, reason: String, rule: &str, way_out: &[&str]| WhyRow {
            what,
            reason,
            rule: rule.to_owned(),
            way_out: words(way_out),
        };
        if !space.is_in() {
            let reason = "members have to vouch for you first".to_owned();
            rows.push(row(name.clone(), reason, "charter 2", &["groundwork", "sync"]));
        }
        for item in space.content.waiting(&self.store, WAITING_MAX).map_err(disk_failure)? {
            let author = self.author(space, &item.loc.device)?.name;
            let what = format!("entry {} by {author} in {name}", item.loc.seq);
            let reason = "what it builds on has not arrived".to_owned();
            rows.push(row(what, reason, "waits", &["groundwork", "sync"]));
        }
        for (device, _) in space.content.locked() {
            let author = self.author(space, device)?.name;
            let what = format!("entries by {author} in {name}");
            let reason = "the key for these has not arrived".to_owned();
            rows.push(row(what, reason, "charter 10", &["groundwork", "sync"]));
        }
        for aside in space.replica.asides() {
            let author = self.author(space, &aside.device)?.name;
            let what = format!("a second entry {} by {author} in {name}", aside.seq);
            let reason =
                "this device's key writes in two places: it was copied or stolen".to_owned();
            rows.push(row(what, reason, "fork", &["groundwork", "member", "list"]));
        }
        Ok(())
    }
}

pub(super) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
