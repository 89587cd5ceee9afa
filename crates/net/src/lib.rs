//! The libp2p swarm between the engine's inputs and effects. It carries out and tells; what to
//! dial, whom to refuse and what a frame means is the engine's to say.
//!
//! TCP and QUIC, identify and ping, no gossip and no DHT (DESIGN 10). One task drives the swarm;
//! each stream has a task that reads and one that writes (see `streams`).

mod addresses;
pub mod limits;
mod streams;
mod swarm;

use std::{sync::Arc, time::Duration};

use engine::{Effect, Input, Protocol};
use ledger::NodeKey;
use libp2p::{Multiaddr, PeerId, identity::Keypair};
use tokio::sync::mpsc;

pub use addresses::{parse as parse_address, peer_id_bytes};
use streams::Streams;
use swarm::SwarmCommand;

/// How to be reached.
#[derive(Clone, Debug)]
pub struct NetConfig {
    /// Where to listen.
    pub listen: Vec<Multiaddr>,
    /// Whether it is enough if one of these works.
    pub any_listen: bool,
    /// Connections at one time; peers that the engine has named are let in beyond it.
    pub connections_max: u32,
}

/// Why the network does not start.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The transports cannot be set up.
    #[error("the network cannot be set up: {0}")]
    Transport(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {why}")]
    Listen {
        /// Which.
        address: Multiaddr,
        /// Why.
        why: String,
    },
}

/// A running swarm. It stops when this is dropped.
#[derive(Debug)]
pub struct Net {
    orders: mpsc::UnboundedSender<SwarmCommand>,
    streams: Arc<Streams>,
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
    Keypair::ed25519_from_bytes(key.to_seed())
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
                if let Ok(id) = PeerId::from_bytes(peer.as_bytes()) {
                    let addresses = addresses.iter().filter_map(|text| addresses::parse(text));
                    _ = self.orders.send(SwarmCommand::Dial(id, addresses.collect()));
                }
            }
            Effect::Disconnect { peer } => {
                if let Ok(id) = PeerId::from_bytes(peer.as_bytes()) {
                    _ = self.orders.send(SwarmCommand::Disconnect(id));
                }
            }
            Effect::Open { peer, protocol } => {
                if let Ok(id) = PeerId::from_bytes(peer.as_bytes()) {
                    _ = self.orders.send(SwarmCommand::Name(id));
                }
                self.streams.open(peer, protocol);
            }
            Effect::Send { stream, frame } => self.streams.send(stream, frame),
            Effect::Close { stream } => self.streams.close(stream),
            Effect::Answer { .. } | Effect::Notice(_) | Effect::Flush(_) => {}
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
