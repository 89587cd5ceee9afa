//! `show`: one need, campaign, post, member, claim or act, with all that there is to say of it.

use api::{Answer, ErrorCode, Failure, Shown, ShownThing};
use ledger::MemberId;
use store::Store;

use super::{Result, View, find::Thing};
use crate::{failures::disk_failure, wording};

impl<S: Store> View<'_, S> {
    pub(crate) fn show(&self, said: Option<&str>, text: &str) -> Result<Answer> {
        let (id, thing) = self.find(said, text)?;
        let space = self.seat(&id)?;
        if let Thing::Act(act) = thing {
            return self.show_act(space, act);
        }
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
                let content = &space.seat.content;
                let post = content.post(self.store, &space.replica, &post).map_err(disk_failure)?;
                Shown::Post(Box::new(self.feed_row(space, post.ok_or_else(missing)?)?))
            }
            Thing::Member(member) => Shown::Member(Box::new(self.member_row(space, &member)?)),
            Thing::Knock(knock) => {
                let member = MemberId::from(knock);
                Shown::Member(Box::new(self.member_row(space, &member)?))
            }
            Thing::Claim(claim) => {
                let place = space.seat.content.place(self.store, &claim).map_err(disk_failure)?;
                let need = place.and_then(|place| match place.kind {
                    content::Kind::Word(word) => word.subject,
                    _ => None,
                });
                let need = need.ok_or_else(missing)?;
                return self.show(said, &wording::document_id(&need));
            }
            Thing::Invite(_) | Thing::Act(_) => return Err(missing()),
        };
        let unread = self.unread(&[space]);
        Ok(Answer::Shown(ShownThing { thing: shown, unread }))
    }
}
