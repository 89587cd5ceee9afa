//! The node key, and the PeerId that names it on the network.

use crate::{
    bounded::Blob,
    ids::PeerId,
    secret::SecretBytes,
    sign::{DeviceKey, Signature, SignatureError},
};

/// What the PeerId of an ed25519 key begins with: an identity multihash (0x00) of 36 bytes, which
/// are libp2p's protobuf of a public key: its type (1, ed25519) and its 32 bytes.
const PEER_ID_PREFIX: [u8; 6] = [0x00, 0x24, 0x08, 0x01, 0x12, 0x20];

/// A home's identity on the network: an ed25519 key that libp2p has too. It never leaves the home;
/// wiped when dropped.
pub struct NodeKey {
    // The same kind of key as a device's; what keeps the two apart are the domains that they sign.
    key: DeviceKey,
    peer: PeerId,
}

impl NodeKey {
    /// The key with this seed.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        let key = DeviceKey::from_seed(seed);
        let peer = PeerId::of_key(key.id().as_bytes());
        Self { key, peer }
    }

    /// The seed, for the network, which needs the key itself.
    pub fn to_seed(&self) -> SecretBytes<32> {
        self.key.to_seed()
    }

    /// What the network calls its home.
    pub fn peer_id(&self) -> &PeerId {
        &self.peer
    }

    /// Signs `message` under `domain`.
    pub fn sign(&self, domain: &[u8], message: &[u8]) -> Signature {
        self.key.sign(domain, message)
    }
}

impl PartialEq for NodeKey {
    fn eq(&self, other: &Self) -> bool {
        self.peer == other.peer
    }
}

impl Eq for NodeKey {}

impl std::fmt::Debug for NodeKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "NodeKey({:?})", self.peer)
    }
}

impl PeerId {
    /// The PeerId of an ed25519 public key.
    fn of_key(key: &[u8; 32]) -> Self {
        let bytes = [PEER_ID_PREFIX.as_slice(), key].concat();
        // INVARIANT: 38 bytes are fewer than a PeerId may have.
        #[expect(clippy::expect_used, reason = "it always fits")]
        Self::from(Blob::try_from(bytes).expect("a PeerId fits"))
    }

    /// The ed25519 public key that it names; none where it is the PeerId of another kind of key,
    /// which no node of ours has.
    pub fn key(&self) -> Option<[u8; 32]> {
        self.as_bytes().strip_prefix(&PEER_ID_PREFIX)?.try_into().ok()
    }

    /// Checks that the node whom it names signed `message` under `domain`.
    pub fn verify(
        &self,
        domain: &[u8],
        message: &[u8],
        signature: &Signature,
    ) -> Result<(), SignatureError> {
        let key = self.key().ok_or(SignatureError)?;
        signature.verify_by(&key, domain, message)
    }
}

#[cfg(test)]
mod tests;
