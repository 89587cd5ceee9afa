use std::io;

use futures::{TryStreamExt, stream};
use tokio::time::{Instant, timeout};

use super::*;

const ID: StreamId = StreamId(1);
const LONG: Duration = Duration::from_secs(3600);

/// A peer that sends this and then nothing, and does not hang up.
fn says(parts: Vec<Vec<u8>>) -> impl AsyncRead + Unpin {
    let parts = stream::iter(parts.into_iter().map(io::Result::Ok));
    parts.chain(stream::pending()).into_async_read()
}

fn frame(length: usize) -> Vec<u8> {
    let mut bytes = u32::try_from(length).unwrap().to_be_bytes().to_vec();
    bytes.resize(4 + length, 7);
    bytes
}

/// How long it takes until the peer is given up, and how many frames came before; none if it
/// never is.
async fn given_up(peer: impl AsyncRead + Unpin, first: Option<First<'_>>) -> Option<(u64, usize)> {
    let (inputs, mut came) = mpsc::channel(16);
    let start = Instant::now();
    let misbehaved = timeout(LONG, read_frames(ID, peer, first, &inputs)).await.ok()?;
    assert!(!misbehaved);
    let frames = std::iter::from_fn(|| came.try_recv().ok()).count();
    Some((start.elapsed().as_secs(), frames))
}

fn first(bound: Option<&Semaphore>) -> Option<First<'_>> {
    Some(First { wait: FIRST_WAIT, bound })
}

#[tokio::test(start_paused = true)]
async fn who_opens_a_stream_and_is_silent_is_given_up() {
    assert_eq!(given_up(says(vec![]), first(None)).await, Some((10, 0)));
    assert_eq!(given_up(says(vec![vec![0, 0]]), first(None)).await, Some((10, 0)));
    let half = frame(100)[..50].to_vec();
    assert_eq!(given_up(says(vec![half]), first(None)).await, Some((10, 0)));
}

#[tokio::test(start_paused = true)]
async fn who_has_spoken_may_be_silent() {
    assert_eq!(given_up(says(vec![frame(100)]), first(None)).await, None);
    assert_eq!(given_up(says(vec![]), None).await, None, "this side is to speak");
}

#[tokio::test(start_paused = true)]
async fn long_first_frames_of_strangers_are_bounded_together() {
    let bound = Semaphore::new(FIRST_BYTES_MAX);
    let long = || says(vec![frame(FRAME_BYTES_MAX)]);
    assert_eq!(given_up(long(), first(Some(&bound))).await, None);
    assert_eq!(bound.available_permits(), FIRST_BYTES_MAX, "they are given back");
    let _others = bound.acquire_many(u32::try_from(FIRST_BYTES_MAX).unwrap()).await.unwrap();
    assert_eq!(given_up(long(), first(Some(&bound))).await, Some((10, 0)));
    assert_eq!(given_up(long(), first(None)).await, None, "not those whom the engine named");
    let short = says(vec![frame(FIRST_BYTES_FREE)]);
    assert_eq!(given_up(short, first(Some(&bound))).await, None);
}
