//! Asking a node: the one that runs, or one made for the question.

use std::{ops::ControlFlow, path::Path, time::Duration};

use api::{Answer, Ask, Command, ErrorCode, Failure, Notice, What};
use futures::StreamExt;
use http_body_util::{BodyExt, BodyStream, Full};
use hyper::{Request, body::Bytes};
use hyper_util::rt::TokioIo;
use tokio::{net::UnixStream, runtime::Runtime};

use crate::{
    config::{Config, Overrides},
    home::Home,
    paths,
    running::Running,
};

/// How much longer than the question itself its answer may take on the way.
const GRACE: Duration = Duration::from_secs(10);

/// How long to wait for a home that another process has and does not answer for.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// How long to wait for the home before it is looked again whether a node answers.
const LOOK_WAIT: Duration = Duration::from_millis(200);

/// The way to a home's node, for programs that are not it. It keeps nothing between two questions.
#[derive(Debug)]
pub struct Client;

impl Client {
    /// Puts a question: to the running node, else to this home in this process. A command gets a
    /// request id, so that it can be put again to whoever comes after a node that went away
    /// before it had answered.
    pub fn ask(home: &Home, mut ask: Ask) -> Result<Answer, Failure> {
        if let (What::Command(_), None) = (&ask.what, &ask.request_id) {
            let random = crate::home::random()?;
            ask.request_id = Some(blake3::Hash::from_bytes(random).to_hex()[..32].to_owned());
        }
        runtime()?.block_on(async {
            match ask_once(home, &ask).await {
                Err(failure) if failure.code == ErrorCode::NodeGone => ask_once(home, &ask).await,
                answer => answer,
            }
        })
    }

    /// Whether a node of this home answers.
    pub fn is_running(home: &Home) -> Result<bool, Failure> {
        Ok(runtime()?.block_on(is_running(home)))
    }

    /// Follows a running node: each notice is given to `on` until that breaks off, or the node
    /// ends. A follower that fell behind goes on behind the last post that it was given.
    pub fn follow(
        home: &Home,
        mut after: Option<u64>,
        mut on: impl FnMut(Notice) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        runtime()?.block_on(async {
            let mut failure = Failure::of(ErrorCode::NoNode);
            loop {
                let Some(running) = paths::running(home) else { return Err(failure) };
                let Ok(stream) = UnixStream::connect(&running.api).await else {
                    return Err(failure);
                };
                if follow_once(stream, &running, &mut after, &mut on).await?.is_break() {
                    return Ok(());
                }
                failure = Failure::of(ErrorCode::NodeGone);
            }
        })
    }
}

/// Follows until the node says no more.
async fn follow_once(
    stream: UnixStream,
    running: &paths::Running,
    after: &mut Option<u64>,
    on: &mut impl FnMut(Notice) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, Failure> {
    let mut sender = greet(stream, running).await?;
    let query = after.map(|after| format!("?after={after}")).unwrap_or_default();
    let request = Request::get(format!("/v1/events{query}")).body(Full::default());
    let response = sender.send_request(request.map_err(|error| gone(&error))?).await;
    let body = response.map_err(|error| gone(&error))?.into_body();
    let (mut stream, mut text) = (BodyStream::new(body), Vec::new());
    while let Some(Ok(frame)) = stream.next().await {
        text.extend_from_slice(&frame.into_data().unwrap_or_default());
        while let Some(end) = text.windows(2).position(|pair| pair == b"\n\n") {
            let event: Vec<u8> = text.drain(..end + 2).collect();
            let Some(notice) = read_event(&event) else { continue };
            *after = Some(after.unwrap_or(0).max(notice.cursor));
            if on(notice).is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
    }
    Ok(ControlFlow::Continue(()))
}

pub(crate) fn runtime() -> Result<Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::because(ErrorCode::Internal, error.to_string()))
}

fn gone(error: &dyn std::fmt::Display) -> Failure {
    let message = format!("the node did not answer: {error}");
    Failure::because(ErrorCode::NodeGone, message)
}

/// A connection to the home's node. A file that a killed node left names a socket that nobody
/// answers on, and counts for nothing.
async fn connect(home: &Home) -> Option<(UnixStream, paths::Running)> {
    let running = paths::running(home)?;
    let stream = UnixStream::connect(&running.api).await.ok()?;
    Some((stream, running))
}

type Sender = hyper::client::conn::http1::SendRequest<Full<Bytes>>;

/// A connection on which somebody answers. Whoever has the home and does not, as a process that
/// was stopped, is asked nothing: it would do later what was given up by then.
async fn greet(stream: UnixStream, running: &paths::Running) -> Result<Sender, Failure> {
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|error| gone(&error))?;
    tokio::spawn(connection);
    let request = Request::get("/v1").body(Full::default()).map_err(|error| gone(&error))?;
    let greeted = async {
        // What it says does not matter, only that it does.
        let response = sender.send_request(request).await.map_err(|error| gone(&error))?;
        response.into_body().collect().await.map_err(|error| gone(&error))?;
        sender.ready().await.map_err(|error| gone(&error))
    };
    match tokio::time::timeout(BUSY_WAIT, greeted).await {
        Ok(greeted) => greeted?,
        Err(_) => {
            let message = format!("process {} has this home and does not answer", running.pid);
            return Err(Failure::because(ErrorCode::HomeInUse, message));
        }
    }
    Ok(sender)
}

async fn ask_running(
    stream: UnixStream,
    running: &paths::Running,
    ask: &Ask,
) -> Result<Answer, Failure> {
    let mut sender = greet(stream, running).await?;
    let body = serde_json::to_vec(ask).map_err(|error| gone(&error))?;
    let request = Request::post("/v1/ask")
        .header("host", "groundwork")
        .header("content-type", "application/json")
        .body(Full::from(body))
        .map_err(|error| gone(&error))?;
    let wait = Duration::from_millis(ask.timeout_ms) + GRACE;
    let whole = async {
        let response = sender.send_request(request).await.map_err(|error| gone(&error))?;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.map_err(|error| gone(&error))?.to_bytes();
        if parts.status.is_success() {
            serde_json::from_slice(&bytes).map_err(|error| gone(&error))
        } else {
            let text = || String::from_utf8_lossy(&bytes).into_owned();
            Err(serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Failure::because(ErrorCode::BadRequest, text())))
        }
    };
    let answer = tokio::time::timeout(wait, whole).await;
    answer.unwrap_or_else(|_| Err(Failure::of(ErrorCode::TimedOut)))
}

/// Asks whoever has the home, or opens it; who has it and does not answer may be starting or
/// stopping, and is given a while.
async fn ask_once(home: &Home, ask: &Ask) -> Result<Answer, Failure> {
    let since = std::time::Instant::now();
    loop {
        if let Some((stream, running)) = connect(home).await {
            return ask_running(stream, &running, ask).await;
        }
        match ask_here(home, ask.clone()).await {
            Err(failure) if failure.code == ErrorCode::HomeInUse && since.elapsed() < BUSY_WAIT => {
            }
            answer => return answer,
        }
    }
}

/// Opens the home in this process; with a network where the question is about others.
async fn ask_here(home: &Home, ask: Ask) -> Result<Answer, Failure> {
    let networked = ask.wait > 0
        || matches!(ask.what, What::Command(Command::Sync { .. } | Command::Join { .. }));
    let config = match networked {
        true => Some(outgoing(Config::read(home, &Overrides::default())?)),
        false => None,
    };
    let node = Running::start(home, config.as_ref(), LOOK_WAIT).await?;
    let answer = node.handle.ask(ask).await;
    node.stop().await?;
    answer
}

/// A node for one question need not be found: it listens where there is room, unless its
/// settings say where.
fn outgoing(config: Config) -> Config {
    match config.listen_is_default {
        true => Config { listen: crate::config::FREE_PORTS.map(str::to_owned).into(), ..config },
        false => config,
    }
}

fn read_event(event: &[u8]) -> Option<Notice> {
    let text = std::str::from_utf8(event).ok()?;
    let data = text.lines().find_map(|line| line.strip_prefix("data:"))?;
    serde_json::from_str(data.trim()).ok()
}

/// Whether a node of this home answers.
pub(crate) async fn is_running(home: &Home) -> bool {
    connect(home).await.is_some()
}

/// The path of a home's socket, for a person.
pub(crate) fn text(path: &Path) -> String {
    path.display().to_string()
}
