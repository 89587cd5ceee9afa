use std::time::Duration;

use engine::{Effect, Input, Protocol, StreamId};
use futures::AsyncWriteExt;
use ledger::NodeKey;
use libp2p::StreamProtocol;
use tokio::{sync::mpsc, time::timeout};

use crate::{Net, NetConfig, keypair, peer_id_bytes};

const WAIT: Duration = Duration::from_secs(20);

struct Side {
    net: Net,
    inputs: mpsc::Receiver<Input>,
    peer: ledger::PeerId,
    address: String,
}

async fn side(seed: u8, listen: &str) -> Side {
    side_with(seed, listen, 16).await
}

async fn side_with(seed: u8, listen: &str, connections_max: u32) -> Side {
    let (sender, mut inputs) = mpsc::channel(64);
    let config =
        NetConfig { listen: vec![listen.parse().unwrap()], any_listen: false, connections_max };
    let key = NodeKey::from_seed(&[seed; 32]);
    let net = Net::start(&key, config, sender).await.unwrap();
    let Some(Input::Listening { address }) = inputs.recv().await else { panic!("no address") };
    Side { net, inputs, peer: key.peer_id().clone(), address }
}

#[test]
fn the_network_calls_a_node_key_as_the_golden_vectors_do() {
    let vectors = include_str!("../../../tests/vectors/ids.json");
    let vectors: Vec<serde_json::Value> = serde_json::from_str(vectors).unwrap();
    let unhex = |hex: &serde_json::Value| {
        let digits = hex.as_str().unwrap();
        let pairs = (0..digits.len()).step_by(2);
        pairs.map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect::<Vec<u8>>()
    };
    let keys: Vec<_> = vectors.iter().filter(|vector| vector["kind"] == "node-key").collect();
    assert!(keys.len() >= 3);
    for vector in keys {
        let key = NodeKey::from_seed(&unhex(&vector["hex"]).try_into().unwrap());
        let named = keypair(&key).unwrap().public().to_peer_id();
        assert_eq!(named.to_bytes(), unhex(&vector["expect"]["peer"]));
        assert_eq!(peer_id_bytes(&named), *key.peer_id());
        // What one signs as a node, the network's own library verifies, and the other way round.
        let (domain, message) = (b"groundwork 1 test\0".as_slice(), b"message".as_slice());
        let signed = [domain, message].concat();
        let signature = key.sign(domain, message);
        let public = keypair(&key).unwrap().public();
        assert!(public.verify(&signed, signature.as_bytes()));
        let theirs = keypair(&key).unwrap().sign(&signed).unwrap().try_into().unwrap();
        let theirs = ledger::Signature::from_bytes(theirs);
        assert!(key.peer_id().verify(domain, message, &theirs).is_ok());
    }
}

impl Side {
    /// The next input that `wanted` takes; others are passed over.
    async fn next<T>(&mut self, wanted: impl Fn(Input) -> Option<T>) -> T {
        timeout(WAIT, async {
            loop {
                if let Some(found) = wanted(self.inputs.recv().await.unwrap()) {
                    return found;
                }
            }
        })
        .await
        .unwrap()
    }

    fn dial(&self, other: &Side) {
        let (peer, addresses) = (other.peer.clone(), vec![other.address.clone()]);
        self.net.apply(Effect::Dial { peer, addresses });
    }

    async fn connected(&mut self) {
        // All of these are on one machine.
        let comes_from_here = |input: Input| match input {
            Input::Connected { from, .. } => from.starts_with("/ip4/127.0.0.1/").then_some(()),
            _ => None,
        };
        self.next(comes_from_here).await;
    }

    async fn opened(&mut self) -> StreamId {
        self.next(|input| match input {
            Input::Opened { stream, .. } => Some(stream),
            Input::OpenFailed { why, .. } => panic!("not opened: {why}"),
            _ => None,
        })
        .await
    }
}

async fn frames_go_both_ways(listen: &str) {
    let (mut a, mut b) = (side(1, listen).await, side(2, listen).await);
    a.dial(&b);
    a.connected().await;
    b.connected().await;
    a.net.apply(Effect::Open { peer: b.peer.clone(), protocol: Protocol::Sync });
    let (from_a, from_b) = (a.opened().await, b.opened().await);
    let large = vec![7; engine::limits::FRAME_BYTES_MAX];
    a.net.apply(Effect::Send { stream: from_a, frame: b"hello".to_vec() });
    a.net.apply(Effect::Send { stream: from_a, frame: large.clone() });
    b.net.apply(Effect::Send { stream: from_b, frame: Vec::new() });
    let frame = |input| match input {
        Input::Frame { bytes, .. } => Some(bytes),
        _ => None,
    };
    assert_eq!(b.next(frame).await, b"hello");
    assert_eq!(b.next(frame).await, large);
    assert_eq!(a.next(frame).await, b"");
    a.net.apply(Effect::Close { stream: from_a });
    b.next(|input| (input == Input::Closed { stream: from_b, misbehaved: false }).then_some(()))
        .await;
    let peer = b.peer.clone();
    a.net.apply(Effect::Disconnect { peer: peer.clone() });
    a.next(|input| (input == Input::Disconnected { peer: peer.clone() }).then_some(())).await;
}

#[tokio::test]
async fn frames_go_both_ways_over_tcp() {
    frames_go_both_ways("/ip4/127.0.0.1/tcp/0").await;
}

#[tokio::test]
async fn frames_go_both_ways_over_quic() {
    frames_go_both_ways("/ip4/127.0.0.1/udp/0/quic-v1").await;
}

#[tokio::test]
async fn a_gigabyte_that_is_announced_ends_the_stream() {
    let (mut a, b) = (side(3, "/ip4/127.0.0.1/tcp/0").await, side(4, "/ip4/127.0.0.1/tcp/0").await);
    b.dial(&a);
    a.connected().await;
    let mut control = b.net.streams_control();
    let peer = libp2p::PeerId::from_bytes(a.peer.as_bytes()).unwrap();
    let mut stream =
        control.open_stream(peer, StreamProtocol::new("/groundwork/sync/1")).await.unwrap();
    stream.write_all(&(1u32 << 30).to_be_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let misbehaved = a
        .next(|input| match input {
            Input::Closed { misbehaved, .. } => Some(misbehaved),
            _ => None,
        })
        .await;
    assert!(misbehaved);
}

#[tokio::test]
async fn another_peer_than_the_wanted_one_is_no_connection() {
    let (mut a, b) = (side(5, "/ip4/127.0.0.1/tcp/0").await, side(6, "/ip4/127.0.0.1/tcp/0").await);
    let wanted = NodeKey::from_seed(&[7; 32]).peer_id().clone();
    a.net.apply(Effect::Dial { peer: wanted.clone(), addresses: vec![b.address.clone()] });
    let failed = a
        .next(|input| match input {
            Input::DialFailed { peer, wrong, .. } => Some((peer, wrong)),
            Input::Connected { .. } => panic!("connected with somebody else"),
            _ => None,
        })
        .await;
    assert_eq!(failed, (wanted, Some(b.address.clone())));
}

#[tokio::test]
async fn reconnections_leave_nothing_behind() {
    let (mut a, mut b) =
        (side(8, "/ip4/127.0.0.1/tcp/0").await, side(9, "/ip4/127.0.0.1/tcp/0").await);
    for _ in 0..20 {
        a.dial(&b);
        a.connected().await;
        a.net.apply(Effect::Open { peer: b.peer.clone(), protocol: Protocol::Knock });
        // Who opens a stream speaks first: before that the other side does not know of it.
        let stream = a.opened().await;
        a.net.apply(Effect::Send { stream, frame: b"hello".to_vec() });
        b.opened().await;
        a.net.apply(Effect::Disconnect { peer: b.peer.clone() });
        a.next(|input| matches!(input, Input::Disconnected { .. }).then_some(())).await;
        b.next(|input| matches!(input, Input::Disconnected { .. }).then_some(())).await;
        let ended = |input| matches!(input, Input::Closed { .. }).then_some(());
        for side in [&mut a, &mut b] {
            while side.net.open_streams() > 0 {
                side.next(ended).await;
            }
        }
    }
}

#[tokio::test]
async fn strangers_leave_room_for_those_whom_the_engine_names() {
    const TCP: &str = "/ip4/127.0.0.1/tcp/0";
    let mut a = side_with(20, TCP, 4).await;
    let mut strangers = Vec::new();
    for seed in 21..24 {
        let stranger = side(seed, TCP).await;
        stranger.dial(&a);
        a.connected().await;
        strangers.push(stranger);
    }
    let mut late = side(24, TCP).await;
    late.dial(&a);
    late.next(|input| {
        matches!(input, Input::Disconnected { .. } | Input::DialFailed { .. }).then_some(())
    })
    .await;
    for seed in 25..27 {
        // The second finds all places taken, and is let in nevertheless.
        let member = side(seed, TCP).await;
        a.dial(&member);
        let failed = a
            .next(|input| match input {
                Input::Connected { dialed, .. } => Some(dialed.is_none()),
                Input::DialFailed { .. } => Some(true),
                _ => None,
            })
            .await;
        assert!(!failed);
        strangers.push(member);
    }
}

#[tokio::test]
async fn a_port_that_another_program_has_is_not_shared_with_it() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("/ip4/127.0.0.1/tcp/{}", other.local_addr().unwrap().port());
    for any_listen in [false, true] {
        let (sender, _inputs) = mpsc::channel(64);
        let listen =
            vec![address.parse().unwrap(), "/ip4/127.0.0.1/udp/0/quic-v1".parse().unwrap()];
        let config = NetConfig { listen, any_listen, connections_max: 16 };
        let refused = Net::start(&NodeKey::from_seed(&[9; 32]), config, sender).await;
        assert!(matches!(refused, Err(crate::NetError::Listen { .. })), "{any_listen}");
    }
}

#[tokio::test]
async fn one_port_serves_both_families() {
    // A port that was free a moment ago: as the usual one is on a machine with one node.
    let free = std::net::TcpListener::bind("0.0.0.0:0").unwrap().local_addr().unwrap().port();
    let listen = ["/ip4/0.0.0.0/tcp/", "/ip6/::/tcp/"];
    let listen = listen.map(|start| format!("{start}{free}").parse().unwrap()).to_vec();
    let (sender, _inputs) = mpsc::channel(64);
    let config = NetConfig { listen, any_listen: true, connections_max: 16 };
    let net = Net::start(&NodeKey::from_seed(&[9; 32]), config, sender).await.unwrap();
    let port = format!("/tcp/{free}");
    assert!(net.listening().iter().all(|address| address.to_string().ends_with(&port)));
    assert!(net.listening().iter().any(|address| address.to_string().starts_with("/ip4/")));
}
