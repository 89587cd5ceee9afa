//! The swarm: listening, dialling, connections.

use std::{
    io::ErrorKind,
    net::{IpAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use engine::Input;
use futures::StreamExt;
use libp2p::{
    Multiaddr, PeerId, Swarm, SwarmBuilder,
    connection_limits::{self, ConnectionLimits},
    core::{ConnectedPoint, multiaddr::Protocol},
    identify,
    identity::Keypair,
    noise, ping,
    swarm::{
        ConnectionId, DialError, NetworkBehaviour, SwarmEvent,
        dial_opts::{DialOpts, PeerCondition},
    },
    tcp, yamux,
};
use tokio::sync::mpsc;

use crate::{
    NetConfig, NetError,
    addresses::{is_usable, peer_id_bytes, text},
    limits::{
        ADDRESSES_MAX, CONNECTIONS_PER_PEER_MAX, NAMED_MAX, OUTGOING_SHARE, PENDING_INCOMING_MAX,
        PING_EVERY, PING_TIMEOUT,
    },
    names::{Named, Place, said},
    streams::Streams,
};

/// How long a connection without streams stays: a session's stream stays open, so this only
/// clears away what nobody uses.
const IDLE: Duration = Duration::from_secs(60);

#[derive(NetworkBehaviour)]
pub(crate) struct Behaviour {
    limits: connection_limits::Behaviour,
    identify: identify::Behaviour,
    ping: ping::Behaviour,
    pub(crate) streams: libp2p_stream::Behaviour,
}

/// What the engine wants done with connections.
#[derive(Debug)]
pub(crate) enum SwarmCommand {
    Dial(PeerId, Vec<Place>),
    /// The engine has to do with a peer: strangers do not take its place.
    Name(PeerId),
    Disconnect(PeerId),
}

pub(crate) fn build(key: Keypair, config: &NetConfig) -> Result<Swarm<Behaviour>, NetError> {
    let transport = |error: &dyn std::fmt::Display| NetError::Transport(error.to_string());
    let limits = ConnectionLimits::default()
        .with_max_established(Some(config.connections_max))
        .with_max_established_incoming(Some(incoming_max(config.connections_max)))
        .with_max_established_per_peer(Some(CONNECTIONS_PER_PEER_MAX))
        .with_max_pending_incoming(Some(PENDING_INCOMING_MAX));
    let behaviour = |key: &Keypair| Behaviour {
        limits: connection_limits::Behaviour::new(limits),
        identify: identify::Behaviour::new(
            identify::Config::new("/groundwork/1".to_owned(), key.public())
                .with_agent_version("groundwork".to_owned())
                .with_push_listen_addr_updates(true),
        ),
        ping: ping::Behaviour::new(
            ping::Config::new().with_interval(PING_EVERY).with_timeout(PING_TIMEOUT),
        ),
        streams: libp2p_stream::Behaviour::new(),
    };
    let builder = SwarmBuilder::with_existing_identity(key)
        .with_tokio()
        .with_tcp(tcp::Config::default().nodelay(true), noise::Config::new, yamux::Config::default)
        .map_err(|error| transport(&error))?
        .with_quic()
        .with_behaviour(behaviour)
        .map_err(|error| transport(&error))?;
    Ok(builder.with_swarm_config(|config| config.with_idle_connection_timeout(IDLE)).build())
}

/// Connections from outside, which is at least one.
fn incoming_max(connections_max: u32) -> u32 {
    connections_max - connections_max / OUTGOING_SHARE
}

/// Why another program's TCP port cannot be listened on. libp2p shares ports with others of its
/// kind, so that of two nodes on one port each would get some of the other's connections.
fn is_taken(address: &Multiaddr) -> Option<String> {
    let mut parts = address.iter();
    let ip: IpAddr = match parts.next()? {
        Protocol::Ip4(ip) => ip.into(),
        Protocol::Ip6(ip) => ip.into(),
        _ => return None,
    };
    let Some(Protocol::Tcp(port @ 1..)) = parts.next() else { return None };
    let taken = TcpListener::bind((ip, port)).err()?;
    (taken.kind() == ErrorKind::AddrInUse).then(|| taken.to_string())
}

/// Begins to listen, and waits until it is known where.
pub(crate) async fn listen(
    swarm: &mut Swarm<Behaviour>,
    config: &NetConfig,
    wait: Duration,
) -> Result<Vec<Multiaddr>, NetError> {
    let (mut pending, mut listening) = (Vec::new(), Vec::new());
    // All before any is listened on: one's own port for IPv4 is in the way of looking at IPv6's.
    for address in &config.listen {
        if let Some(why) = is_taken(address) {
            return Err(NetError::Listen { address: address.clone(), why });
        }
    }
    for address in &config.listen {
        match swarm.listen_on(address.clone()) {
            Ok(listener) => pending.push((listener, address.clone())),
            Err(_) if config.any_listen => {}
            Err(error) => {
                let (address, why) = (address.clone(), error.to_string());
                return Err(NetError::Listen { address, why });
            }
        }
    }
    let deadline = tokio::time::Instant::now() + wait;
    while !pending.is_empty() {
        let Ok(event) = tokio::time::timeout_at(deadline, swarm.select_next_some()).await else {
            break;
        };
        match event {
            SwarmEvent::NewListenAddr { listener_id, address } => {
                pending.retain(|(listener, _)| *listener != listener_id);
                listening.push(address);
            }
            SwarmEvent::ListenerClosed { listener_id, reason, .. } => {
                let at = pending.iter().position(|(listener, _)| *listener == listener_id);
                let closed = at.map(|at| pending.swap_remove(at).1);
                if let Some(address) = closed.filter(|_| !config.any_listen) {
                    let why = reason.err().map(|error| error.to_string()).unwrap_or_default();
                    return Err(NetError::Listen { address, why });
                }
            }
            _ => {}
        }
    }
    match config.listen.first() {
        Some(address) if listening.is_empty() => {
            let why = "no address could be listened on".to_owned();
            Err(NetError::Listen { address: address.clone(), why })
        }
        _ => Ok(listening),
    }
}

/// Drives the swarm until nobody gives orders any more.
pub(crate) async fn drive(
    mut swarm: Swarm<Behaviour>,
    mut orders: mpsc::UnboundedReceiver<SwarmCommand>,
    streams: Arc<Streams>,
    inputs: mpsc::Sender<Input>,
) {
    let mut named = Named::new();
    loop {
        let input = tokio::select! {
            order = orders.recv() => match order {
                Some(order) => carry_out(&mut swarm, &streams, &mut named, order),
                None => return,
            },
            event = swarm.select_next_some() => {
                if let SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } = &event {
                    streams.gone(peer_id);
                }
                if let Some(useless) = unanswered(&event).or_else(|| one_too_many(&event)) {
                    swarm.close_connection(useless);
                }
                let ends = dial_of(&event);
                let input = tell(event, &named);
                ends.into_iter().for_each(|peer| _ = named.remove(&peer));
                input
            }
        };
        if let Some(input) = input
            && inputs.send(input).await.is_err()
        {
            return;
        }
    }
}

fn carry_out(
    swarm: &mut Swarm<Behaviour>,
    streams: &Streams,
    named: &mut Named,
    order: SwarmCommand,
) -> Option<Input> {
    match order {
        SwarmCommand::Dial(peer, places) => {
            name(swarm, streams, &peer);
            let addresses = places.iter().map(|place| place.dialed.clone()).collect();
            named.remove(&peer);
            // Until the dial ends.
            if named.len() < NAMED_MAX && places.iter().any(|place| place.dialed != place.said) {
                named.insert(peer, places);
            }
            let options = DialOpts::peer_id(peer)
                .condition(PeerCondition::DisconnectedAndNotDialing)
                .addresses(addresses)
                .build();
            let failed = swarm.dial(options).err()?;
            Some(dial_failed(&peer, &failed, named))
        }
        SwarmCommand::Name(peer) => {
            name(swarm, streams, &peer);
            None
        }
        SwarmCommand::Disconnect(peer) => {
            swarm.behaviour_mut().limits.remove_peer_id(&peer);
            streams.unname(&peer);
            // An error says that there is no connection, which is what is wanted.
            _ = swarm.disconnect_peer_id(peer);
            None
        }
    }
}

fn name(swarm: &mut Swarm<Behaviour>, streams: &Streams, peer: &PeerId) {
    if streams.name(peer, NAMED_MAX) {
        swarm.behaviour_mut().limits.bypass_peer_id(peer);
    }
}

/// Whose dial ends with this, one way or the other.
fn dial_of(event: &SwarmEvent<BehaviourEvent>) -> Option<PeerId> {
    match event {
        SwarmEvent::ConnectionEstablished { peer_id, .. } => Some(*peer_id),
        SwarmEvent::OutgoingConnectionError { peer_id, .. } => *peer_id,
        _ => None,
    }
}

/// A further connection of a peer that has enough: the limits let all of a named peer's pass.
fn one_too_many(event: &SwarmEvent<BehaviourEvent>) -> Option<ConnectionId> {
    match event {
        SwarmEvent::ConnectionEstablished { connection_id, num_established, .. }
            if num_established.get() > CONNECTIONS_PER_PEER_MAX =>
        {
            Some(*connection_id)
        }
        _ => None,
    }
}

/// The connection on which a ping was not answered: the other side is gone without a word.
fn unanswered(event: &SwarmEvent<BehaviourEvent>) -> Option<ConnectionId> {
    match event {
        SwarmEvent::Behaviour(BehaviourEvent::Ping(ping::Event {
            connection,
            result: Err(ping::Failure::Timeout | ping::Failure::Other { .. }),
            ..
        })) => Some(*connection),
        _ => None,
    }
}

/// What the engine is told of a dial that failed. At an address where another peer answered, one
/// of this node's other keys among them, the wanted one is not.
fn dial_failed(peer: &PeerId, error: &DialError, named: &Named) -> Input {
    let wrong = match error {
        DialError::WrongPeerId { address, .. } | DialError::LocalPeerId { address } => {
            Some(said(named.get(peer), address))
        }
        _ => None,
    };
    Input::DialFailed { peer: peer_id_bytes(peer), wrong, why: error.to_string() }
}

/// What the engine is told of an event.
fn tell(event: SwarmEvent<BehaviourEvent>, named: &Named) -> Option<Input> {
    match event {
        SwarmEvent::NewListenAddr { address, .. } => {
            Some(Input::Listening { address: text(&address) })
        }
        SwarmEvent::ConnectionEstablished { peer_id, endpoint, num_established, .. } => {
            let from = text(endpoint.get_remote_address());
            let dialed = match endpoint {
                ConnectedPoint::Dialer { address, .. } => Some(said(named.get(&peer_id), &address)),
                ConnectedPoint::Listener { .. } => None,
            };
            let peer = peer_id_bytes(&peer_id);
            (num_established.get() == 1).then_some(Input::Connected { peer, dialed, from })
        }
        SwarmEvent::ConnectionClosed { peer_id, num_established: 0, .. } => {
            Some(Input::Disconnected { peer: peer_id_bytes(&peer_id) })
        }
        SwarmEvent::OutgoingConnectionError { peer_id: Some(peer), error, .. } => {
            Some(dial_failed(&peer, &error, named))
        }
        SwarmEvent::Behaviour(BehaviourEvent::Identify(identify::Event::Received {
            peer_id,
            info,
            ..
        })) => {
            let usable = info.listen_addrs.iter().filter(|address| is_usable(address));
            let addresses = usable.take(ADDRESSES_MAX).map(text).collect();
            Some(Input::Addresses { peer: peer_id_bytes(&peer_id), addresses })
        }
        _ => None,
    }
}
