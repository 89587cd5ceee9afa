//! People with homes and nodes, and the great feed that several measurements look at.

use std::{
    path::Path,
    sync::{Mutex, mpsc},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    figures::mib,
    person::{Person, split},
    proc::Process,
    socket::Socket,
    text::Writer,
};

pub(crate) const TCP: &str = "/ip4/127.0.0.1/tcp/0";
pub(crate) const QUIC: &str = "/ip4/127.0.0.1/udp/0/quic-v1";

/// Connections that fill a home together: their posts become durable in groups.
pub(crate) const FILLERS: usize = 16;

/// How long the newcomer may take for each post.
const EACH: Duration = Duration::from_millis(100);

/// How often it is looked whether the newcomer has all.
const LOOK: Duration = Duration::from_millis(10);

/// Two members of one space, Ana and Bo, whose nodes run.
pub(crate) struct Pair {
    pub(crate) ana: Person,
    pub(crate) bo: Person,
    pub(crate) ana_up: Value,
    pub(crate) bo_up: Value,
}

/// What a newcomer's first meeting cost.
pub(crate) struct Met {
    /// Until the newcomer's node was ready.
    pub(crate) ready: Duration,
    /// From there until all posts were in the newcomer's feed.
    pub(crate) all: Duration,
    /// Frames of both, in bytes.
    pub(crate) bytes: u64,
    /// Peak memory of Ana's node and of Bo's, begun anew before they met.
    pub(crate) peaks: [u64; 2],
    /// Processor time of both.
    pub(crate) cpu: [Duration; 2],
}

/// A feed that was filled, and the meeting at which Bo came to it.
pub(crate) struct Filled {
    pub(crate) pair: Pair,
    pub(crate) posts: usize,
    pub(crate) text_bytes: usize,
    pub(crate) filling: Duration,
    pub(crate) met: Met,
}

/// Where all homes are, and the great feed once something has needed it.
pub(crate) struct Stage {
    directory: tempfile::TempDir,
    posts: usize,
    great: Option<Filled>,
}

impl Stage {
    pub(crate) fn new(posts: usize) -> Self {
        Self { directory: tempfile::tempdir().unwrap(), posts, great: None }
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The feed of 10,000 posts, or of as many as were asked for.
    pub(crate) fn great(&mut self) -> &mut Filled {
        let (within, posts) = (self.directory.path(), self.posts);
        self.great.get_or_insert_with(|| fill_and_meet(within, "great", TCP, posts))
    }

    /// The great feed, taken away so that another pair can be made beside it.
    pub(crate) fn take_great(&mut self) -> Filled {
        self.great();
        self.great.take().unwrap()
    }

    pub(crate) fn put_back(&mut self, great: Filled) {
        self.great = Some(great);
    }
}

/// Ana founds a space and posts; Bo knocks, is let in while away, and then meets her.
pub(crate) fn fill_and_meet(within: &Path, name: &str, listen: &str, posts: usize) -> Filled {
    let within = within.join(name);
    let mut ana = Person::new(&within, "ana", listen);
    let mut bo = Person::new(&within, "bo", listen);
    ana.json("found 'Elm Street' --me Ana");
    let ready = ana.up();
    ana.stay_at(&ready);
    let since = Instant::now();
    let text_bytes = fill(&ana, posts);
    let filling = since.elapsed();
    let ticket = ana.json("member invite")["ticket"].clone();
    let said = bo.run(&split("join - --me Bo --json"), ticket.as_str());
    assert_eq!(said.exit(), 0, "{}", said.stderr);
    ana.json("member vouch Bo");
    // Anew, so that what its process has used is what the meeting took.
    ana.stop();
    let ana_up = ana.up();
    let (met, bo_up) = meet(&ana, &ana_up, &mut bo, posts);
    bo.stay_at(&bo_up);
    Filled { pair: Pair { ana, bo, ana_up, bo_up }, posts, text_bytes, filling, met }
}

/// Posts through several connections at once; how many bytes of text.
fn fill(person: &Person, posts: usize) -> usize {
    let writer = Mutex::new(Writer::new(1));
    let texts = Mutex::new((0..posts).map(|_| writer.lock().unwrap().post()));
    let bytes = Mutex::new(0);
    std::thread::scope(|scope| {
        for _ in 0..FILLERS {
            scope.spawn(|| {
                let mut socket = Socket::open(person);
                loop {
                    let text = texts.lock().unwrap().next();
                    let Some(text) = text else { return };
                    socket.post(&text);
                    *bytes.lock().unwrap() += text.len();
                }
            });
        }
    });
    bytes.into_inner().unwrap()
}

/// The newcomer's node starts, and gets all that the other one has.
pub(crate) fn meet(ana: &Person, ana_up: &Value, bo: &mut Person, posts: usize) -> (Met, Value) {
    let of_ana = Process::of(ana_up);
    let cpu_before = of_ana.cpu();
    let since = Instant::now();
    let bo_up = bo.up();
    let ready = since.elapsed();
    let of_bo = Process::of(&bo_up);
    let (mut from_ana, mut from_bo) = (Socket::open(ana), Socket::open(bo));
    let has = from_ana.query(json!("status"))["spaces"][0]["entries"].as_u64().unwrap();
    let limit = Duration::from_secs(40) + EACH * u32::try_from(posts).unwrap();
    wait_for(limit, || {
        let space = from_bo.query(json!("status"))["spaces"][0].take();
        space["state"] == "in" && space["entries"].as_u64() >= Some(has) && space["unread"] == 0
    });
    let all = since.elapsed() - ready;
    let rows = from_bo.query(json!({ "feed": { "limit": 1 } }));
    assert_eq!(rows["rows"].as_array().unwrap().len(), posts.min(1), "{rows}");
    let sent = |socket: &mut Socket| socket.query(json!("stats"))["bytes_sent"].as_u64().unwrap();
    let met = Met {
        ready,
        all,
        bytes: sent(&mut from_ana) + sent(&mut from_bo),
        peaks: [of_ana.peak_bytes(), of_bo.peak_bytes()],
        cpu: [of_ana.cpu() - cpu_before, of_bo.cpu()],
    };
    (met, bo_up)
}

/// Polls every [`LOOK`] until it is so, at most for `limit`.
pub(crate) fn wait_for(limit: Duration, mut is_so: impl FnMut() -> bool) {
    let since = Instant::now();
    // Nothing is ever sent on it: its timeout is what paces the looks.
    let (_keep, pace) = mpsc::channel::<()>();
    while !is_so() {
        assert!(since.elapsed() < limit, "waited {limit:?}");
        _ = pace.recv_timeout(LOOK);
    }
}

impl Pair {
    /// What both nodes have in memory now.
    pub(crate) fn resident(&self) -> [String; 2] {
        [&self.ana_up, &self.bo_up].map(|up| mib(Process::of(up).resident_bytes()))
    }
}
