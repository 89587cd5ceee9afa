//! Addresses as text, and PeerIds as bytes.

use libp2p::{Multiaddr, PeerId, multiaddr::Protocol};

/// An address without the PeerId at its end.
pub(crate) fn text(address: &Multiaddr) -> String {
    let parts = address.iter().filter(|part| !matches!(part, Protocol::P2p(_)));
    parts.collect::<Multiaddr>().to_string()
}

/// The address in a text: TCP or QUIC at an IP address or a name, perhaps with a PeerId behind it,
/// and nothing else.
pub fn parse(text: &str) -> Option<Multiaddr> {
    let address: Multiaddr = text.parse().ok()?;
    is_usable(&address).then_some(address)
}

pub(crate) fn is_usable(address: &Multiaddr) -> bool {
    use Protocol::{Dns, Dns4, Dns6, Ip4, Ip6, QuicV1, Tcp, Udp};
    let parts: Vec<_> = address.iter().collect();
    let place = match parts.as_slice() {
        [place @ .., Protocol::P2p(_)] => place,
        place => place,
    };
    matches!(
        place,
        [Ip4(_) | Ip6(_) | Dns(_) | Dns4(_) | Dns6(_), Tcp(_)]
            | [Ip4(_) | Ip6(_) | Dns(_) | Dns4(_) | Dns6(_), Udp(_), QuicV1]
    )
}

/// A PeerId as the engine has it.
pub fn peer_id_bytes(peer: &PeerId) -> ledger::PeerId {
    // INVARIANT: the PeerIds of libp2p are multihashes of at most 64 bytes; ours have 38.
    #[expect(clippy::expect_used, reason = "it always fits")]
    ledger::PeerId::from_bytes(peer.to_bytes()).expect("a PeerId fits")
}
