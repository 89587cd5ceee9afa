//! Streams: the only file that knows libp2p-stream.
//!
//! The accept loops do nothing but spawn: while one does not wait, the crate drops further
//! streams without a word. Openers have a timeout and try once more. A frame is a length of four
//! bytes, then so many bytes; a reader takes the next frame only when the engine has taken the
//! last, so a slow engine holds up the peer and nothing grows. Whoever opens a stream speaks first,
//! and soon.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use engine::{Input, Protocol, StreamId, limits::FRAME_BYTES_MAX};
use futures::{AsyncRead, AsyncReadExt, AsyncWriteExt, StreamExt, io::WriteHalf};
use libp2p::{PeerId, Stream, StreamProtocol};
use libp2p_stream::Control;
use tokio::sync::{Semaphore, mpsc};

use crate::{
    NetError,
    addresses::peer_id_bytes,
    limits::{CHUNK_BYTES, STRANGER_BYTES_FREE, STRANGER_BYTES_MAX, STREAMS_PER_PEER_MAX},
};

const OPEN_WAIT: Duration = Duration::from_secs(10);

/// How long a frame may take to leave: a peer that does not read is given up.
const WRITE_WAIT: Duration = Duration::from_secs(60);

/// How long whoever opened a stream may take to begin to speak.
const FIRST_WAIT: Duration = Duration::from_secs(10);

/// How long each [`CHUNK_BYTES`] of a frame that has begun may take: a long one over a bad link
/// must come through, and half a one must not hold its memory for ever.
const PART_WAIT: Duration = Duration::from_secs(10);

/// What a stream's writer is to do. The engine keeps what is unsent within its window.
type Frames = mpsc::UnboundedSender<Vec<u8>>;

pub(crate) struct Streams {
    control: Control,
    inputs: mpsc::Sender<Input>,
    next: AtomicU64,
    writers: Mutex<BTreeMap<StreamId, (PeerId, Frames)>>,
    /// Peers that the engine has named.
    named: Mutex<BTreeSet<PeerId>>,
    /// Bytes of long frames of peers whom the engine has not named.
    stranger_bytes: Semaphore,
}

impl std::fmt::Debug for Streams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} streams", self.writers().len())
    }
}

fn protocol_name(protocol: Protocol) -> StreamProtocol {
    StreamProtocol::new(match protocol {
        Protocol::Sync => "/groundwork/sync/1",
        Protocol::Knock => "/groundwork/knock/1",
    })
}

impl Streams {
    pub(crate) fn new(control: Control, inputs: mpsc::Sender<Input>) -> Self {
        Self {
            control,
            inputs,
            next: AtomicU64::new(0),
            writers: Mutex::default(),
            named: Mutex::default(),
            stranger_bytes: Semaphore::new(STRANGER_BYTES_MAX),
        }
    }

    fn named(&self) -> MutexGuard<'_, BTreeSet<PeerId>> {
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The engine has to do with a peer; whether there was room to note it.
    pub(crate) fn name(&self, peer: &PeerId, max: usize) -> bool {
        let mut named = self.named();
        named.contains(peer) || named.len() < max && named.insert(*peer)
    }

    /// The engine cut a peer off.
    pub(crate) fn unname(&self, peer: &PeerId) {
        self.named().remove(peer);
    }

    fn writers(&self) -> MutexGuard<'_, BTreeMap<StreamId, (PeerId, Frames)>> {
        self.writers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes streams of a protocol from now on.
    pub(crate) fn accept(self: &Arc<Self>, protocol: Protocol) -> Result<(), NetError> {
        let incoming = self.control.clone().accept(protocol_name(protocol));
        let mut incoming = incoming.map_err(|error| NetError::Transport(error.to_string()))?;
        let streams = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some((peer, stream)) = incoming.next().await {
                let Some(streams) = streams.upgrade() else { return };
                tokio::spawn(async move { streams.serve(peer, stream, protocol, false).await });
            }
        });
        Ok(())
    }

    /// Opens a stream to a connected peer.
    pub(crate) fn open(self: &Arc<Self>, peer: ledger::PeerId, protocol: Protocol) {
        let streams = self.clone();
        tokio::spawn(async move {
            let mut why = "no PeerId".to_owned();
            if let Ok(id) = PeerId::from_bytes(peer.as_bytes()) {
                for _ in 0..2 {
                    let mut control = streams.control.clone();
                    let open = control.open_stream(id, protocol_name(protocol));
                    match tokio::time::timeout(OPEN_WAIT, open).await {
                        Ok(Ok(stream)) => return streams.serve(id, stream, protocol, true).await,
                        Ok(Err(error)) => why = error.to_string(),
                        Err(_) => why = "no answer".to_owned(),
                    }
                }
            }
            _ = streams.inputs.send(Input::OpenFailed { peer, protocol, why }).await;
        });
    }

    pub(crate) fn send(&self, stream: StreamId, frame: Vec<u8>) {
        if let Some((_, frames)) = self.writers().get(&stream) {
            // A writer that is gone has told, or its reader does.
            _ = frames.send(frame);
        }
    }

    /// Closes behind what was sent: the writer ends when it has no more to come.
    pub(crate) fn close(&self, stream: StreamId) {
        self.writers().remove(&stream);
    }

    /// A peer's last connection is gone: so are its streams, whose readers are not always told.
    pub(crate) fn gone(&self, peer: &PeerId) {
        self.writers().retain(|_, (other, _)| other != peer);
    }

    async fn serve(
        self: Arc<Self>,
        peer: PeerId,
        stream: Stream,
        protocol: Protocol,
        outbound: bool,
    ) {
        let id = StreamId(self.next.fetch_add(1, Ordering::Relaxed));
        let (frames, to_send) = mpsc::unbounded_channel();
        let has_room = {
            let mut writers = self.writers();
            let open = writers.values().filter(|(other, _)| *other == peer).count();
            let has_room = open < STREAMS_PER_PEER_MAX;
            if has_room {
                writers.insert(id, (peer, frames));
            }
            has_room
        };
        if !has_room {
            if outbound {
                let (peer, why) = (peer_id_bytes(&peer), "too many streams".to_owned());
                _ = self.inputs.send(Input::OpenFailed { peer, protocol, why }).await;
            }
            return;
        }
        let opened = Input::Opened { stream: id, peer: peer_id_bytes(&peer), protocol, outbound };
        if self.inputs.send(opened).await.is_err() {
            self.writers().remove(&id);
            return;
        }
        let (reader, writer) = stream.split();
        let writing = tokio::spawn(write_frames(id, writer, to_send, self.inputs.clone()));
        let bound = || (!self.named().contains(&peer)).then_some(&self.stranger_bytes);
        let first = (!outbound).then_some(FIRST_WAIT);
        let misbehaved = tokio::select! {
            misbehaved = read_frames(id, reader, first, bound, &self.inputs) => misbehaved,
            // The engine closed it, or it cannot be written to any more.
            _ = writing => false,
        };
        self.writers().remove(&id);
        _ = self.inputs.send(Input::Closed { stream: id, misbehaved }).await;
    }
}

/// Why no more frames are read.
enum Ends {
    /// The stream ended, or the peer was too slow, or nobody takes inputs.
    Gone,
    /// The peer broke the framing.
    Misbehaved,
}

/// Reads frames until the stream ends; whether the peer broke the framing. `first` is how long the
/// first one may take to begin; `bound` is what a long one takes from.
async fn read_frames<'a>(
    stream: StreamId,
    mut reader: impl AsyncRead + Unpin,
    mut first: Option<Duration>,
    bound: impl Fn() -> Option<&'a Semaphore>,
    inputs: &mpsc::Sender<Input>,
) -> bool {
    loop {
        let bytes = match read_frame(&mut reader, first.take(), &bound).await {
            Ok(bytes) => bytes,
            Err(ends) => return matches!(ends, Ends::Misbehaved),
        };
        if inputs.send(Input::Frame { stream, bytes }).await.is_err() {
            return false;
        }
    }
}

async fn read_frame<'a>(
    reader: &mut (impl AsyncRead + Unpin),
    begins: Option<Duration>,
    bound: impl Fn() -> Option<&'a Semaphore>,
) -> Result<Vec<u8>, Ends> {
    let part = Some(PART_WAIT);
    let mut length = [0; 4];
    within(begins, reader.read_exact(&mut length[..1])).await?;
    within(part, reader.read_exact(&mut length[1..])).await?;
    let length = u32::from_be_bytes(length) as usize;
    if length > FRAME_BYTES_MAX {
        return Err(Ends::Misbehaved);
    }
    let bound = bound().filter(|_| length > STRANGER_BYTES_FREE);
    // Given back when the frame is read.
    let _taken = match (bound, u32::try_from(length)) {
        (Some(bound), Ok(permits)) => Some(within(part, bound.acquire_many(permits)).await?),
        _ => None,
    };
    let mut bytes = Vec::new();
    while bytes.len() < length {
        let (have, more) = (bytes.len(), CHUNK_BYTES.min(length - bytes.len()));
        bytes.resize(have + more, 0);
        within(part, reader.read_exact(&mut bytes[have..])).await?;
    }
    Ok(bytes)
}

async fn within<T, E>(
    wait: Option<Duration>,
    work: impl Future<Output = Result<T, E>>,
) -> Result<T, Ends> {
    let done = match wait {
        Some(wait) => tokio::time::timeout(wait, work).await.map_err(|_| Ends::Gone)?,
        None => work.await,
    };
    done.map_err(|_| Ends::Gone)
}

/// Writes frames until there are no more to come, then closes.
async fn write_frames(
    stream: StreamId,
    mut writer: WriteHalf<Stream>,
    mut frames: mpsc::UnboundedReceiver<Vec<u8>>,
    inputs: mpsc::Sender<Input>,
) {
    while let Some(frame) = frames.recv().await {
        let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
        let write = async {
            writer.write_all(&length).await?;
            writer.write_all(&frame).await?;
            writer.flush().await
        };
        match tokio::time::timeout(WRITE_WAIT, write).await {
            Ok(Ok(())) => {
                if inputs.send(Input::Sent { stream, bytes: frame.len() }).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
    _ = tokio::time::timeout(WRITE_WAIT, writer.close()).await;
}

#[cfg(test)]
impl Streams {
    pub(crate) fn control(&self) -> Control {
        self.control.clone()
    }

    pub(crate) fn open_count(&self) -> usize {
        self.writers().len()
    }
}

#[cfg(test)]
mod tests;
