//! What lists are made of (DESIGN 7): small projections that the store keeps, so that no list loads
//! a document. A row of another version than its `ROW_VERSION` is rebuilt.

use log::{DeviceId, EntryId, ItemId, MemberId, Timestamp, content_items::ClaimState};
use minicbor::{Decode, Encode};
use serde::Serialize;

use crate::{campaign::CampaignView, need::NeedView};

/// A post in a feed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Encode, Decode)]
#[cbor(map)]
pub struct FeedRow {
    /// The post: the first word in its slot.
    #[n(0)]
    #[serde(serialize_with = "json::update")]
    pub id: ItemId,
    /// Who posted it.
    #[n(1)]
    #[serde(serialize_with = "json::member")]
    pub author: MemberId,
    /// The device of the word that shows.
    #[n(2)]
    #[serde(serialize_with = "json::device")]
    pub device: DeviceId,
    /// The place of that word's entry in its log.
    #[n(3)]
    pub seq: u64,
    /// That entry.
    #[n(4)]
    #[serde(serialize_with = "json::entry")]
    pub entry: EntryId,
    /// When it was posted, as its author says.
    #[n(5)]
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
    /// What it says.
    #[n(6)]
    pub text: String,
    /// In which language, if said.
    #[n(7)]
    pub lang: Option<String>,
    /// The campaign that it belongs to.
    #[n(8)]
    #[serde(serialize_with = "json::maybe_document")]
    pub campaign: Option<ItemId>,
    /// The post that it replies to.
    #[n(9)]
    #[serde(serialize_with = "json::maybe_update")]
    pub reply_to: Option<ItemId>,
}

impl FeedRow {
    /// Raised when the row changes.
    pub const ROW_VERSION: u8 = 1;
}

/// A claim of a need.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Encode, Decode)]
#[cbor(map)]
pub struct ClaimRow {
    /// The claim: the first word in its slot.
    #[n(0)]
    #[serde(serialize_with = "json::claim")]
    pub id: ItemId,
    /// Who claims.
    #[n(1)]
    #[serde(serialize_with = "json::member")]
    pub by: MemberId,
    /// Where it stands, by both sides' words.
    #[n(2)]
    #[serde(serialize_with = "json::claim_state")]
    pub state: ClaimState,
    /// When it was made, as its author says.
    #[n(3)]
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
}

/// A need in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Encode, Decode)]
#[cbor(map)]
pub struct NeedRow {
    /// The need.
    #[n(0)]
    #[serde(serialize_with = "json::document")]
    pub id: ItemId,
    /// What to call it aloud. Not stored, because it depends on the other needs: the list fills it
    /// in by [`code`](crate::code::code).
    #[cbor(skip)]
    pub code: String,
    /// Who posted it.
    #[n(1)]
    #[serde(serialize_with = "json::member")]
    pub by: MemberId,
    /// When, as they say.
    #[n(2)]
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
    /// What it says.
    #[n(3)]
    #[serde(flatten)]
    pub need: NeedView,
    /// Who claims it, sorted by id.
    #[n(4)]
    pub claims: Vec<ClaimRow>,
}

impl NeedRow {
    /// Raised when the row changes.
    pub const ROW_VERSION: u8 = 1;
}

/// A campaign in a list.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Encode, Decode)]
#[cbor(map)]
pub struct CampaignRow {
    /// The campaign.
    #[n(0)]
    #[serde(serialize_with = "json::document")]
    pub id: ItemId,
    /// Who made it.
    #[n(1)]
    #[serde(serialize_with = "json::member")]
    pub by: MemberId,
    /// When, as they say.
    #[n(2)]
    #[serde(serialize_with = "json::time")]
    pub at: Timestamp,
    /// What it says.
    #[n(3)]
    #[serde(flatten)]
    pub campaign: CampaignView,
}

impl CampaignRow {
    /// Raised when the row changes.
    pub const ROW_VERSION: u8 = 1;
}

/// Ids and times as JSON has them (CONTRACT 3): full ids by kind, milliseconds.
pub(crate) mod json {
    use log::{IdKind, content_items::ClaimState, id_text::format};
    use serde::Serializer;

    use crate::claims;

    macro_rules! ids {
        ($($name:ident $id:ident $kind:ident;)*) => {$(
            pub(crate) fn $name<S: Serializer>(id: &log::$id, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&format(IdKind::$kind, id.as_bytes()))
            }
        )*};
    }

    macro_rules! maybe_ids {
        ($($name:ident $of:ident;)*) => {$(
            pub(crate) fn $name<S: Serializer>(
                id: &Option<log::ItemId>,
                s: S,
            ) -> Result<S::Ok, S::Error> {
                match id {
                    Some(id) => $of(id, s),
                    None => s.serialize_none(),
                }
            }
        )*};
    }

    ids! {
        document ItemId Document;
        update ItemId Update;
        claim ItemId Claim;
        member MemberId Member;
        device DeviceId Device;
        entry EntryId Entry;
    }

    maybe_ids! {
        maybe_document document;
        maybe_update update;
    }

    pub(crate) fn time<S: Serializer>(at: &log::Timestamp, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u64(at.as_ms())
    }

    pub(crate) fn claim_state<S: Serializer>(state: &ClaimState, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(claims::name(*state))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_stored_and_read_back() {
        let id = |byte| ItemId::from_bytes([byte; 32]);
        let claim = ClaimRow {
            id: id(2),
            by: MemberId::from_bytes([3; 32]),
            state: ClaimState::UnderWay,
            at: Timestamp::from_ms(4),
        };
        let need = NeedView {
            what: "a cot".to_owned(),
            quantity: Some(2),
            list: Some(id(8)),
            languages: vec!["tr".to_owned()],
            ..NeedView::default()
        };
        let row = NeedRow {
            id: id(1),
            code: String::new(),
            by: MemberId::from_bytes([5; 32]),
            at: Timestamp::from_ms(6),
            need,
            claims: vec![claim],
        };
        let read: NeedRow = log::decode(&log::encode(&row)).unwrap();
        assert_eq!(read, row);
        let json = serde_json::to_value(&NeedRow { code: "K7Q".to_owned(), ..read }).unwrap();
        assert_eq!(json["code"], "K7Q");
        assert_eq!(json["what"], "a cot");
        assert_eq!(json["at"], 6);
        assert_eq!(json["claims"][0]["state"], "under-way");
        for (value, prefix) in [
            (&json["id"], "do_"),
            (&json["list"], "do_"),
            (&json["by"], "me_"),
            (&json["claims"][0]["id"], "cl_"),
        ] {
            assert!(value.as_str().unwrap().starts_with(prefix), "{value}");
        }
    }

    #[test]
    fn a_post_in_json_has_null_for_what_it_does_not_say() {
        let row = FeedRow {
            id: ItemId::from_bytes([1; 32]),
            author: MemberId::from_bytes([2; 32]),
            device: DeviceId::from_bytes([3; 32]),
            seq: 4,
            entry: EntryId::from_bytes([5; 32]),
            at: Timestamp::from_ms(6),
            text: "rent strike".to_owned(),
            lang: None,
            campaign: None,
            reply_to: Some(ItemId::from_bytes([7; 32])),
        };
        assert_eq!(log::decode::<FeedRow>(&log::encode(&row)).unwrap(), row);
        let json = serde_json::to_value(&row).unwrap();
        assert!(json["campaign"].is_null() && json["lang"].is_null());
        assert!(json["reply_to"].as_str().unwrap().starts_with("up_"));
        assert!(json["entry"].as_str().unwrap().starts_with("en_"));
    }
}
