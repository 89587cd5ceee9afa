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
async fn given_up(
    peer: impl AsyncRead + Unpin,
    first: Option<Duration>,
    bound: Option<&Semaphore>,
) -> Option<(u64, usize)> {
    let (inputs, mut came) = mpsc::channel(16);
    let start = Instant::now();
    let misbehaved = timeout(LONG, read_frames(ID, peer, first, || bound, &inputs)).await.ok()?;
    assert!(!misbehaved);
    let frames = std::iter::from_fn(|| came.try_recv().ok()).count();
    Some((start.elapsed().as_secs(), frames))
}

const FIRST: Option<Duration> = Some(FIRST_WAIT);

#[tokio::test(start_paused = true)]
async fn who_opens_a_stream_and_is_silent_is_given_up() {
    assert_eq!(given_up(says(vec![]), FIRST, None).await, Some((10, 0)));
    assert_eq!(given_up(says(vec![vec![0, 0]]), FIRST, None).await, Some((10, 0)));
    let half = frame(100)[..50].to_vec();
    assert_eq!(given_up(says(vec![half]), FIRST, None).await, Some((10, 0)));
}

#[tokio::test(start_paused = true)]
async fn who_has_spoken_may_be_silent_but_not_in_the_middle_of_a_frame() {
    assert_eq!(given_up(says(vec![frame(100)]), FIRST, None).await, None);
    assert_eq!(given_up(says(vec![]), None, None).await, None, "this side is to speak");
    for half in [1, 3, 4, 50, CHUNK_BYTES + 7] {
        let later = frame(2 * CHUNK_BYTES)[..half].to_vec();
        let peer = says(vec![frame(100), later]);
        assert_eq!(given_up(peer, None, None).await, Some((10, 1)), "after {half} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn long_frames_of_strangers_are_bounded_together() {
    let bound = Semaphore::new(STRANGER_BYTES_MAX);
    let long = || says(vec![frame(8), frame(FRAME_BYTES_MAX)]);
    assert_eq!(given_up(long(), FIRST, Some(&bound)).await, None);
    assert_eq!(bound.available_permits(), STRANGER_BYTES_MAX, "they are given back");
    let _others = bound.acquire_many(u32::try_from(STRANGER_BYTES_MAX).unwrap()).await.unwrap();
    assert_eq!(given_up(long(), FIRST, Some(&bound)).await, Some((10, 1)));
    assert_eq!(given_up(long(), FIRST, None).await, None, "not those whom the engine named");
    let short = says(vec![frame(STRANGER_BYTES_FREE)]);
    assert_eq!(given_up(short, FIRST, Some(&bound)).await, None);
}

/// As many as once held their half-sent frames for 18 seconds, and 138 MB.
#[tokio::test(start_paused = true)]
async fn half_sent_later_frames_of_many_are_given_up_and_hold_little() {
    const PEERS: usize = 191;
    let bound = Semaphore::new(STRANGER_BYTES_MAX);
    let half = frame(FRAME_BYTES_MAX)[..FRAME_BYTES_MAX - 1].to_vec();
    let peer = || given_up(says(vec![frame(8), half.clone()]), FIRST, Some(&bound));
    let all = futures::future::join_all((0..PEERS).map(|_| peer()));
    let watch = async {
        _ = timeout(Duration::from_secs(5), std::future::pending::<()>()).await;
        STRANGER_BYTES_MAX - bound.available_permits()
    };
    let (ended, held_bytes) = futures::future::join(all, watch).await;
    assert!(held_bytes > FRAME_BYTES_MAX / 2 && held_bytes <= STRANGER_BYTES_MAX, "{held_bytes}");
    // Each waits for room at most as long as for its bytes.
    assert!(ended.iter().all(|ended| matches!(ended, Some((10..=20, 1)))), "{ended:?}");
    println!("{PEERS} half-sent frames: {held_bytes} bytes held, all given up within 20 s");
}
