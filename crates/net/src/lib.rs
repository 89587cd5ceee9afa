//! The libp2p swarm between the engine's inputs and effects. It carries out and tells; what to
//! dial, whom to refuse and what a frame means is the engine's to say.
//!
//! TCP and QUIC, identify and ping, no gossip and no DHT (DESIGN 10). One task drives the swarm;
//! each stream has a task that reads and one that writes (see `streams`).

mod addresses;
pub mod limits;
mod names;
mod streams;
mod swarm;

use std::{sync::Arc, time::Duration};

use engine::{Effect, Input, Protocol};
use ledger::NodeKey;
use libp2p::{Multiaddr, PeerId, identity::Keypair};
use tokio::sync::mpsc;

pub use addresses::{parse as parse_address, peer_id_bytes};
use names::Place;
use streams::Streams;
use swarm::SwarmCommand;

/// Where to listen, and for how many.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// Addresses of TCP or QUIC, with port 0 for any that is free.
    pub listen: Vec<Multiaddr>,
    /// Whether to start if only one of these works; else all have to.
    pub any_listen: bool,
    /// Connections at one time; peers that the engine has named are let in beyond it.
    pub connections_max: u32,
}

/// Why the network does not start.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The transports cannot be set up; what libp2p says of it.
    #[error("the network cannot be set up: {0}")]
    Transport(String),
    /// An address cannot be listened on, so nothing is started.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// The address as it was given.
        address: Multiaddr,
        /// What the system says, for a person.
        why: String,
    },
}

/// A running swarm. It stops when this is dropped.
#[derive(Debug)]
pub struct Net {
    orders: mpsc::UnboundedSender<SwarmCommand>,
    streams: Arc<Streams>,
    /// Where this node listens, each with the port that the system gave.
    listening: Vec<Multiaddr>,
}

/// How long to wait until listeners say where they listen.
const LISTEN_WAIT: Duration = Duration::from_secs(5);

/// A PeerId as libp2p writes it.
pub fn peer_id_text(peer: &ledger::PeerId) -> String {
    PeerId::from_bytes(peer.as_bytes()).map(|peer| peer.to_string()).unwrap_or_default()
}

/// The node key as libp2p has it.
fn keypair(key: &NodeKey) -> Result<Keypair, NetError> {
    // The copy is wiped there.
    Keypair::ed25519_from_bytes(*key.to_seed().as_bytes())
        .map_err(|error| NetError::Transport(error.to_string()))
}

impl Net {
    /// Starts listening. What happens is told to `inputs`, one thing at a time: a full channel
    /// holds up the streams that have something to say, and through them their peers.
    pub async fn start(
        key: &NodeKey,
        config: NetConfig,
        inputs: mpsc::Sender<Input>,
    ) -> Result<Self, NetError> {
        let mut swarm = swarm::build(keypair(key)?, &config)?;
        let streams =
            Arc::new(Streams::new(swarm.behaviour().streams.new_control(), inputs.clone()));
        let listening = swarm::listen(&mut swarm, &config, LISTEN_WAIT).await?;
        for address in &listening {
            let address = addresses::text(address);
            _ = inputs.send(Input::Listening { address }).await;
        }
        streams.accept(Protocol::Sync)?;
        streams.accept(Protocol::Knock)?;
        let (orders, taken) = mpsc::unbounded_channel();
        tokio::spawn(swarm::drive(swarm, taken, streams.clone(), inputs));
        Ok(Self { orders, streams, listening })
    }

    /// Where this node listens.
    pub fn listening(&self) -> &[Multiaddr] {
        &self.listening
    }

    /// Carries out an effect on the network; others are none of its business.
    pub fn apply(&self, effect: Effect) {
        match effect {
            Effect::Dial { peer, addresses } => {
                let addresses = addresses.iter().filter_map(|text| addresses::parse(text));
                self.dial(&peer, addresses.collect());
            }
            Effect::Disconnect { peer } => self.order(&peer, SwarmCommand::Disconnect),
            Effect::Open { peer, protocol } => {
                self.order(&peer, SwarmCommand::Name);
                self.streams.open(peer, protocol);
            }
            Effect::Send { stream, frame } => self.streams.send(stream, frame),
            Effect::Close { stream } => self.streams.close(stream),
            Effect::Answer { .. } | Effect::Notice(_) | Effect::Flush(_) => {}
        }
    }

    /// Dials a peer, once it is known where the names among its addresses lead.
    fn dial(&self, peer: &ledger::PeerId, addresses: Vec<Multiaddr>) {
        if !names::have_names(&addresses) {
            let place = |said: Multiaddr| Place { dialed: said.clone(), said };
            let places = addresses.into_iter().map(place).collect();
            return self.order(peer, |id| SwarmCommand::Dial(id, places));
        }
        let (orders, peer) = (self.orders.clone(), PeerId::from_bytes(peer.as_bytes()));
        tokio::spawn(async move {
            let places = names::places(addresses).await;
            if let Ok(peer) = peer {
                _ = orders.send(SwarmCommand::Dial(peer, places));
            }
        });
    }

    /// Gives the swarm an order about a peer; of what is no PeerId there is none to give.
    fn order(&self, peer: &ledger::PeerId, order: impl FnOnce(PeerId) -> SwarmCommand) {
        if let Ok(id) = PeerId::from_bytes(peer.as_bytes()) {
            _ = self.orders.send(order(id));
        }
    }
}

#[cfg(test)]
impl Net {
    fn streams_control(&self) -> libp2p_stream::Control {
        self.streams.control()
    }

    fn open_streams(&self) -> usize {
        self.streams.open_count()
    }
}

#[cfg(test)]
mod tests;
