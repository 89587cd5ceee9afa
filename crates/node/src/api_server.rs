//! The local API: one question, one answer, and a stream of notices, on a Unix socket that only
//! its owner can open (CONTRACT 4).

use std::{convert::Infallible, path::Path, sync::Arc};

use api::{Ask, ErrorCode, Failure, Notice};
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
    serve::{IncomingStream, Listener},
};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use tokio::{
    net::{UnixListener, UnixStream},
    sync::watch,
};

use crate::running::Handle;

/// Bytes of one question: a text of the greatest length, escaped, and its wrapping.
const ASK_BYTES_MAX: usize = 1024 * 1024;

#[derive(Clone)]
struct Served {
    handle: Handle,
    stopped: watch::Receiver<bool>,
}

/// Takes connections of the home's own user and of nobody else.
struct OwnUser(UnixListener);

impl Listener for OwnUser {
    type Io = UnixStream;
    type Addr = ();

    async fn accept(&mut self) -> (UnixStream, ()) {
        loop {
            if let Ok((stream, _)) = self.0.accept().await {
                let ours = rustix::process::getuid().as_raw();
                if stream.peer_cred().is_ok_and(|peer| peer.uid() == ours || peer.uid() == 0) {
                    return (stream, ());
                }
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Takes the place at which questions are put. The home is this process's, so a socket that is
/// there is one that a killed node left.
pub(crate) fn bind(path: &Path) -> std::io::Result<UnixListener> {
    _ = std::fs::remove_file(path);
    let listener = UnixListener::bind(path)?;
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves until `stopped` says so.
pub(crate) async fn serve(
    listener: UnixListener,
    handle: Handle,
    stopped: watch::Receiver<bool>,
) -> std::io::Result<()> {
    let mut ended = stopped.clone();
    let served = Arc::new(Served { handle, stopped });
    let router = Router::new()
        .route("/v1/ask", post(ask))
        .route("/v1/events", get(events))
        .layer(DefaultBodyLimit::max(ASK_BYTES_MAX))
        .with_state(served);
    let service = router.into_make_service_with_connect_info::<Nobody>();
    axum::serve(OwnUser(listener), service)
        .with_graceful_shutdown(async move {
            _ = ended.wait_for(|stopped| *stopped).await;
        })
        .await
}

/// Who is connected: the one user, so nothing is told of them.
#[derive(Clone)]
struct Nobody;

impl axum::extract::connect_info::Connected<IncomingStream<'_, OwnUser>> for Nobody {
    fn connect_info(_: IncomingStream<'_, OwnUser>) -> Self {
        Self
    }
}

async fn ask(State(served): State<Arc<Served>>, body: Bytes) -> Response {
    let answer = match serde_json::from_slice::<Ask>(&body) {
        Ok(ask) => served.handle.ask(ask).await,
        Err(error) => Err(Failure::because(ErrorCode::BadRequest, error.to_string())),
    };
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(failure) => {
            let status = StatusCode::from_u16(failure.code.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(failure)).into_response()
        }
    }
}

#[derive(Deserialize)]
struct After {
    after: Option<u64>,
}

/// Notices from now on. With a cursor, first the posts that came after it: those are stored, so
/// the cursor survives a restart.
async fn events(
    State(served): State<Arc<Served>>,
    Query(After { after }): Query<After>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Subscribed before asking, so nothing falls in between; what comes twice has one cursor.
    let live = served.handle.notices.subscribe();
    let missed = match after {
        Some(after) => missed(&served.handle, after).await,
        None => Vec::new(),
    };
    let last = missed.last().map_or(after.unwrap_or(0), |notice| notice.cursor);
    // A follower that was too slow, as one of a node that ends, gets no more: it asks again with
    // its cursor.
    let live = stream::unfold(live, |mut live| async move {
        live.recv().await.ok().map(|notice| (notice, live))
    });
    let new = live.filter(move |notice| {
        let is_post = matches!(notice.event, api::Event::Post(_));
        std::future::ready(!is_post || notice.cursor > last)
    });
    let mut stopped = served.stopped.clone();
    let until = async move {
        _ = stopped.wait_for(|stopped| *stopped).await;
    };
    let all = stream::iter(missed).chain(new).take_until(Box::pin(until));
    let event = |notice: Notice| {
        let id = notice.cursor.to_string();
        Ok(Event::default().id(id).json_data(notice).unwrap_or_default())
    };
    Sse::new(all.map(event)).keep_alive(KeepAlive::default())
}

async fn missed(handle: &Handle, after: u64) -> Vec<Notice> {
    let query = api::Query::Feed { after: Some(after), limit: 0, campaign: None };
    let Ok(api::Answer::Feed(feed)) = handle.ask(Ask::new(query)).await else {
        return Vec::new();
    };
    let notice = |row: api::FeedRow| Notice {
        cursor: row.cursor,
        space: Some(row.space.clone()),
        space_name: Some(row.space_name.clone()),
        event: api::Event::Post(Box::new(row)),
    };
    feed.rows.into_iter().map(notice).collect()
}
