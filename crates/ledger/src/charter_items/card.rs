//! The card: which PeerId a device is reached at, and to which key to seal (CHARTER 1).

use minicbor::{Decode, Encode};

use super::{CharterBody, CharterItem};
use crate::{
    ids::{DeviceId, PeerId, SealKey, SpaceId},
    node_key::NodeKey,
    sign::{Signature, SignatureError},
};

/// Where a device is reached, and to which key to seal.
///
/// The node key signs it as well as the device: else anybody could write another's PeerId on their
/// card. It stands alone in an entry, so that it can be left out where only the header is
/// anybody's business.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
#[cbor(map)]
pub struct Card {
    /// The PeerId of the device's home.
    #[n(0)]
    pub peer: PeerId,
    /// The device's X25519 key, to which epochs' secrets are sealed.
    #[n(1)]
    pub seal_key: SealKey,
    /// The node key's signature over space, device and both of the above.
    #[n(2)]
    pub signature: Signature,
}

impl Card {
    pub(super) const DOMAIN: &[u8] = b"groundwork 1 card\0";

    /// The card of `device` in `space`, at the home of this node key.
    pub fn sign(key: &NodeKey, seal_key: SealKey, space: &SpaceId, device: &DeviceId) -> Self {
        let peer = key.peer_id().clone();
        let message = message(&peer, &seal_key, space, device);
        let signature = key.sign(Self::DOMAIN, &message);
        Self { peer, seal_key, signature }
    }

    /// Checks that the node that it names signed it, as the card of `device` in `space`.
    pub fn verify(&self, space: &SpaceId, device: &DeviceId) -> Result<(), SignatureError> {
        let message = message(&self.peer, &self.seal_key, space, device);
        self.peer.verify(Self::DOMAIN, &message, &self.signature)
    }

    /// The card that a body of `device`'s is, if it holds: any other card is void.
    pub fn of_body<'a>(
        body: &'a CharterBody,
        space: &SpaceId,
        device: &DeviceId,
    ) -> Option<&'a Self> {
        let card = Self::alone_in(body)?;
        card.verify(space, device).is_ok().then_some(card)
    }

    /// The card that is all of a body, whether or not it holds.
    pub fn alone_in(body: &CharterBody) -> Option<&Self> {
        match &**body {
            [CharterItem::Card(card)] => Some(card),
            _ => None,
        }
    }
}

fn message(peer: &PeerId, seal_key: &SealKey, space: &SpaceId, device: &DeviceId) -> Vec<u8> {
    let mut message = [*space.as_bytes(), *device.as_bytes()].concat();
    message.extend(crate::codec::encode(&(peer, seal_key)));
    message
}
