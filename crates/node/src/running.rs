//! A node that runs: the engine's thread, the flusher's, and what goes between them.

use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc as blocking},
    thread::{Builder, JoinHandle},
    time::{Duration, Instant},
};

use api::{Answer, Ask, ErrorCode, Failure, Notice};
use disk::{DiskStore, Flusher, Opened};
use engine::{AskId, Effect, Engine, Input};
use ledger::NodeKey;
use net::{Net, NetConfig};
use store::WriteId;
use tokio::sync::{broadcast, mpsc, oneshot};

use crate::{
    clock::Clock,
    config::Config,
    home::{self, Home, random},
};

/// Inputs that wait for the engine: with frames of half a megabyte, some thirty megabytes.
const INBOX: usize = 64;

/// Notices that a follower may be behind before it misses some and asks for the rest.
const NOTICES: usize = 1024;

/// The longest sleep of the engine's thread, so that a clock that was set ahead is noticed.
const NAP: Duration = Duration::from_secs(60);

type Reply = oneshot::Sender<Result<Answer, Failure>>;

enum EngineMessage {
    Ask(Box<Ask>, Reply),
    Stop,
}

/// A running node. Asks and follows can be cloned off it.
pub(crate) struct Running {
    pub(crate) handle: Handle,
    engine: JoinHandle<()>,
    pub(crate) listening: Vec<String>,
    pub(crate) peer_id: String,
}

/// What asks and follows a running node.
#[derive(Clone)]
pub(crate) struct Handle {
    messages: mpsc::Sender<EngineMessage>,
    pub(crate) notices: broadcast::Sender<Notice>,
}

/// How long reading may take before it is said how much is left, and between two times.
const PROGRESS_EVERY: Duration = Duration::from_secs(1);

/// Reads all, before the one answer that this process gives.
fn read_all(engine: &mut Engine<DiskStore>) {
    let mut said = Instant::now();
    engine.read_all(|left| {
        if said.elapsed() >= PROGRESS_EVERY {
            said = Instant::now();
            eprintln!("reading: {left} entries left");
        }
    });
}

impl Handle {
    pub(crate) async fn ask(&self, ask: Ask) -> Result<Answer, Failure> {
        let (reply, answer) = oneshot::channel();
        let gone = || Failure::of(ErrorCode::NodeGone);
        self.messages.send(EngineMessage::Ask(Box::new(ask), reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

impl Running {
    /// Opens a home, waiting a while for whoever has it, and starts its engine; with a network,
    /// where one is wanted.
    pub(crate) async fn start(
        home: &Home,
        network: Option<&Config>,
        lock_wait: Duration,
    ) -> Result<Self, Failure> {
        let Opened { store, flusher, node_key, is_read_only, .. } = home.open(lock_wait)?;
        if is_read_only && network.is_some() {
            return Err(Failure::of(ErrorCode::ReadOnlyDisk));
        }
        let key = Arc::new(home::node_key(node_key)?);
        let bug = |error: &dyn std::fmt::Display| {
            Failure::because(ErrorCode::Internal, error.to_string())
        };
        let peer_id = net::peer_id_text(key.peer_id());
        let announce = network.map(|config| config.announce.clone()).unwrap_or_default();
        let config = engine::Config::new(key.clone(), announce);
        let engine = Engine::new(config, store, random()?);
        let mut engine =
            engine.map_err(|error| Failure::because(ErrorCode::Damaged, error.to_string()))?;
        if network.is_none() {
            read_all(&mut engine);
        }
        let (inputs, inbox) = mpsc::channel(INBOX);
        let (messages, taken) = mpsc::channel(INBOX);
        let (notices, _) = broadcast::channel(NOTICES);
        let flushes = start_flusher(flusher, inputs.clone()).map_err(|error| bug(&error))?;
        let (mut net, mut listening) = (None, Vec::new());
        if let Some(config) = network {
            let started = start_network(&key, config, inputs).await?;
            listening = started.listening().iter().map(ToString::to_string).collect();
            net = Some(started);
        }
        let thread = Thread {
            engine,
            clock: Clock::start(),
            inbox,
            messages: taken,
            flushes,
            notices: notices.clone(),
            followed: true,
            net,
            replies: BTreeMap::new(),
            next_ask: 0,
        };
        let runtime = tokio::runtime::Handle::current();
        let run = move || thread.run(&runtime);
        let engine = Builder::new().name("engine".to_owned()).spawn(run);
        let engine = engine.map_err(|error| bug(&error))?;
        let handle = Handle { messages, notices };
        Ok(Self { handle, engine, listening, peer_id })
    }

    /// Stops the engine behind what it has taken, and closes the store.
    pub(crate) async fn stop(self) -> Result<(), Failure> {
        _ = self.handle.messages.send(EngineMessage::Stop).await;
        let joined = tokio::task::spawn_blocking(move || self.engine.join()).await;
        match joined {
            Ok(Ok(())) => Ok(()),
            _ => Err(Failure::because(ErrorCode::Internal, "the engine's thread panicked")),
        }
    }

    /// Whether the engine's thread has ended by itself, which it never should.
    pub(crate) fn has_ended(&self) -> bool {
        self.engine.is_finished()
    }
}

async fn start_network(
    key: &NodeKey,
    config: &Config,
    inputs: mpsc::Sender<Input>,
) -> Result<Net, Failure> {
    let failed =
        |error: net::NetError| Failure::because(ErrorCode::ListenFailed, error.to_string());
    let with = |listen: &[String], any_listen| NetConfig {
        listen: listen.iter().filter_map(|text| net::parse_address(text)).collect(),
        any_listen,
        connections_max: config.connections_max,
    };
    if config.listen_is_default {
        let usual = Net::start(key, with(&config.listen, true), inputs.clone()).await;
        return match usual {
            Ok(net) => Ok(net),
            // Another node of this machine has the usual port.
            Err(_) => {
                let free: Vec<_> = crate::config::FREE_PORTS.map(str::to_owned).into();
                Net::start(key, with(&free, true), inputs).await.map_err(failed)
            }
        };
    }
    Net::start(key, with(&config.listen, false), inputs).await.map_err(failed)
}

/// How long nothing is to be flushed before the index is handed to the operating system.
const REST: Duration = Duration::from_secs(2);

/// How long it waits between one piece of what gives room back and the next.
const BREATH: Duration = Duration::from_millis(5);

/// The thread that makes writes durable: of several that wait it does the newest, which covers
/// all before it.
fn start_flusher(
    flusher: Flusher,
    inputs: mpsc::Sender<Input>,
) -> std::io::Result<blocking::Sender<WriteId>> {
    let (flushes, wanted) = blocking::channel::<WriteId>();
    Builder::new().name("flusher".to_owned()).spawn(move || {
        let mut rest = REST;
        loop {
            let first = match wanted.recv_timeout(rest) {
                Ok(first) => first,
                Err(blocking::RecvTimeoutError::Timeout) => {
                    rest = if flusher.rest() { BREATH } else { REST };
                    continue;
                }
                Err(blocking::RecvTimeoutError::Disconnected) => return,
            };
            let write = wanted.try_iter().last().unwrap_or(first);
            let result = flusher.flush().map_err(|error| error.to_string());
            if inputs.blocking_send(Input::Flushed { write, result }).is_err() {
                return;
            }
        }
    })?;
    Ok(flushes)
}

struct Thread {
    engine: Engine<DiskStore>,
    clock: Clock,
    inbox: mpsc::Receiver<Input>,
    messages: mpsc::Receiver<EngineMessage>,
    flushes: blocking::Sender<WriteId>,
    notices: broadcast::Sender<Notice>,
    followed: bool,
    net: Option<Net>,
    replies: BTreeMap<AskId, Reply>,
    next_ask: u64,
}

#[expect(clippy::large_enum_variant, reason = "most are inputs, and there is one at a time")]
enum Next {
    Input(Input),
    Message(EngineMessage),
    Tick,
}

impl Thread {
    fn run(mut self, runtime: &tokio::runtime::Handle) {
        // Within the runtime, for the network spawns tasks.
        let _entered = runtime.enter();
        let mut stopping = false;
        loop {
            let input = match runtime.block_on(self.next()) {
                Next::Input(input) => input,
                Next::Tick => Input::Tick,
                Next::Message(EngineMessage::Ask(what, reply)) => {
                    let ask = AskId(self.next_ask);
                    self.next_ask += 1;
                    self.replies.insert(ask, reply);
                    Input::Ask { ask, what: *what }
                }
                Next::Message(EngineMessage::Stop) => {
                    stopping = true;
                    Input::Tick
                }
            };
            let followed = self.notices.receiver_count() > 0;
            if followed != self.followed {
                self.followed = followed;
                self.engine.handle(self.clock.now(), Input::Followed { followed });
            }
            self.engine.handle(self.clock.now(), input);
            if stopping {
                self.engine.prepare_to_close();
            }
            while let Some(effect) = self.engine.next_effect() {
                self.carry_out(effect);
            }
            // What was written is made durable before the store is closed.
            if stopping && !self.engine.is_flushing() {
                return;
            }
        }
    }

    async fn next(&mut self) -> Next {
        let wait = match self.engine.next_deadline() {
            Some(at) => Duration::from_millis(at.since_ms(self.clock.now())).min(NAP),
            None => NAP,
        };
        tokio::select! {
            Some(input) = self.inbox.recv() => Next::Input(input),
            message = self.messages.recv() => Next::Message(message.unwrap_or(EngineMessage::Stop)),
            () = tokio::time::sleep(wait) => Next::Tick,
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Answer { ask, answer } => {
                if let Some(reply) = self.replies.remove(&ask) {
                    // Whoever asked may have gone.
                    _ = reply.send(answer);
                }
            }
            Effect::Notice(notice) => _ = self.notices.send(notice),
            Effect::Flush(write) => _ = self.flushes.send(write),
            other => {
                if let Some(net) = &self.net {
                    net.apply(other);
                }
            }
        }
    }
}
