//! Running a node until it is told to stop.

use std::time::Duration;

use api::{Ask, ErrorCode, Failure, Notice, Query, Ready};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{broadcast, watch},
};

use crate::{
    api_server, client,
    config::{Config, Overrides},
    home::Home,
    paths,
    running::Running,
};

/// How `up` was asked to run.
#[derive(Clone, Debug, Default)]
pub struct UpOptions {
    /// What was said on the command line, before every other source.
    pub overrides: Overrides,
}

/// How often it is looked whether the engine still runs.
const LOOK: Duration = Duration::from_secs(1);

/// How long to wait for a command that has the home open.
const LOCK_WAIT: Duration = Duration::from_secs(5);

/// How long those who follow may take to notice that the node stops.
const GOODBYE: Duration = Duration::from_secs(2);

/// Runs this home's node until the process is told to end. `on_ready` is called once it answers,
/// `on_notice`, if there is any, for everything that happens.
pub fn up(
    home: &Home,
    options: &UpOptions,
    on_ready: impl FnOnce(&Ready),
    on_notice: Option<impl FnMut(Notice)>,
) -> Result<(), Failure> {
    let config = Config::read(home, &options.overrides)?;
    start_log(&config.log_level);
    client::runtime()?.block_on(run(home, &config, on_ready, on_notice))
}

fn start_log(level: &str) {
    use tracing_subscriber::EnvFilter;
    // Of our own crates as much as was asked for; the libraries beneath tell peers' addresses.
    let ours = ["node", "engine", "disk", "net"].map(|name| format!("{name}={level}"));
    let filter = EnvFilter::new(format!("error,{}", ours.join(",")));
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter);
    // A second `up` in one process, as in tests, keeps the first one's.
    _ = subscriber.with_writer(std::io::stderr).try_init();
}

async fn run(
    home: &Home,
    config: &Config,
    on_ready: impl FnOnce(&Ready),
    mut on_notice: Option<impl FnMut(Notice)>,
) -> Result<(), Failure> {
    if client::is_running(home).await {
        let pid = paths::running(home).map(|running| running.pid).unwrap_or_default();
        let home = home.path().display();
        let message = format!("a node is running for {home} already: process {pid}");
        let failure = Failure::because(ErrorCode::HomeInUse, message);
        return Err(failure.hint("groundwork status"));
    }
    let broken = |error: std::io::Error| Failure::because(ErrorCode::Internal, error.to_string());
    let mut ends = [
        signal(SignalKind::interrupt()).map_err(broken)?,
        signal(SignalKind::terminate()).map_err(broken)?,
        signal(SignalKind::hangup()).map_err(broken)?,
    ];
    let node = Running::start(home, Some(config), LOCK_WAIT).await?;
    let mut notices = on_notice.is_some().then(|| node.handle.notices.subscribe());
    let socket = paths::socket(home).map_err(no_socket)?;
    let listener = api_server::bind(&socket).map_err(no_socket)?;
    let (stop, stopped) = watch::channel(false);
    let mut served = tokio::spawn(api_server::serve(listener, node.handle.clone(), stopped));
    let running = paths::Running { pid: std::process::id(), api: socket.clone() };
    let running = serde_json::to_vec(&running).map_err(|error| broken(error.into()))?;
    disk::write_private(&paths::running_file(home), &running).map_err(broken)?;
    on_ready(&ready(&node, client::text(&socket)).await?);
    let [interrupt, terminate, hangup] = &mut ends;
    let ended = loop {
        tokio::select! {
            _ = interrupt.recv() => break Ok(()),
            _ = terminate.recv() => break Ok(()),
            // The terminal that it was started in is gone.
            _ = hangup.recv() => break Ok(()),
            notice = next(&mut notices) => match notice {
                Ok(notice) => {
                    if let Some(on_notice) = &mut on_notice {
                        on_notice(notice);
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => break Ok(()),
            },
            _ = &mut served => {
                let message = "nobody can ask the node any more: its socket is gone";
                break Err(Failure::because(ErrorCode::Internal, message));
            }
            () = tokio::time::sleep(LOOK) => {
                if node.has_ended() {
                    let message = "the engine's thread has ended by itself";
                    break Err(Failure::because(ErrorCode::Internal, message));
                }
            }
        }
    };
    _ = stop.send(true);
    if !served.is_finished() {
        _ = tokio::time::timeout(GOODBYE, served).await;
    }
    _ = std::fs::remove_file(&socket);
    _ = std::fs::remove_file(paths::running_file(home));
    node.stop().await?;
    ended
}

/// The next notice; none ever where nobody is told.
async fn next(
    notices: &mut Option<broadcast::Receiver<Notice>>,
) -> Result<Notice, broadcast::error::RecvError> {
    match notices {
        Some(notices) => notices.recv().await,
        None => std::future::pending().await,
    }
}

fn no_socket(error: std::io::Error) -> Failure {
    let message = format!("there is no place for the node's socket: {error}");
    Failure::because(ErrorCode::BadConfig, message).hint("groundwork node config")
}

async fn ready(node: &Running, api: String) -> Result<Ready, Failure> {
    let spaces = match node.handle.ask(Ask::new(Query::Spaces)).await? {
        api::Answer::Spaces(rows) => rows.rows.into_iter().map(|row| row.space).collect(),
        _ => Vec::new(),
    };
    Ok(Ready {
        ready: true,
        pid: std::process::id(),
        peer_id: node.peer_id.clone(),
        listen: node.listening.clone(),
        api,
        spaces,
    })
}
