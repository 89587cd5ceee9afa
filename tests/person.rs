//! A person with a home of their own, and the real program.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc,
    time::{Duration, Instant},
};

use serde_json::Value;

/// How long anything may take before a test fails.
pub(crate) const DEADLINE: Duration = Duration::from_secs(40);

/// How long [`poll_until`] waits between two looks.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// One person: a home, and perhaps a node that runs.
pub(crate) struct Person {
    directory: PathBuf,
    listen: String,
    node: Option<Child>,
}

/// What a command printed, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: ExitStatus,
}

impl Said {
    pub(crate) fn exit(&self) -> i32 {
        self.status.code().unwrap_or(-1)
    }

    /// The JSON object on standard output.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {:?} {:?}", self.stdout, self.stderr))
    }
}

/// The program that was built with these tests, which stand in `deps/`, or with the benchmarks,
/// which stand beside it.
pub(crate) fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    let mut places = own.ancestors().skip(1).take(2).map(|place| place.join("groundwork"));
    places.find(|program| program.exists()).expect("build it first: cargo build -p cli")
}

impl Person {
    /// A person without anything, whose home will be in `within`; their node listens on loopback.
    pub(crate) fn new(within: &Path, name: &str, listen: &str) -> Self {
        let directory = within.join(name);
        fs::create_dir_all(directory.join("run")).unwrap();
        Self { directory, listen: listen.to_owned(), node: None }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.directory.join("home")
    }

    pub(crate) fn command(&self, words: &[String]) -> Command {
        use std::os::unix::fs::DirBuilderExt;
        let mut command = Command::new(program());
        let run = self.directory.join("run");
        _ = fs::DirBuilder::new().mode(0o700).create(&run);
        command
            .args(words)
            .env_clear()
            .env("GROUNDWORK_HOME", self.home())
            .env("GROUNDWORK_NET_LISTEN", &self.listen)
            .env("TMPDIR", &run)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, words: &[String], input: Option<&str>) -> Said {
        let mut command = self.command(words);
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().unwrap();
        if let Some(input) = input {
            // A program that refuses early does not read it all.
            _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        }
        let output = child.wait_with_output().unwrap();
        Said {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            status: output.status,
        }
    }

    /// Runs a command that must succeed; what its one JSON object says.
    pub(crate) fn json(&self, words: &str) -> Value {
        let said = self.run(&split(&format!("{words} --json")), None);
        assert_eq!(said.exit(), 0, "{words}: {}", said.stderr);
        said.json()
    }

    /// Starts the node, and waits for its first line.
    pub(crate) fn up(&mut self) -> Value {
        assert!(self.node.is_none(), "the node is up already");
        let mut child = self.command(&split("up --json")).spawn().unwrap();
        let stdout = child.stdout.take().unwrap();
        // What it says later must not fill the pipe.
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || _ = stderr.read_to_end(&mut Vec::new()));
        let (sender, first) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                _ = sender.send(line);
            }
        });
        let ready = first.recv_timeout(DEADLINE).expect("the node says that it is ready");
        self.node = Some(child);
        serde_json::from_str(&ready).unwrap()
    }

    /// The address at which the node listens now, for it to be the same after a restart.
    pub(crate) fn stay_at(&mut self, ready: &Value) {
        self.listen = ready["listen"][0].as_str().unwrap().to_owned();
    }

    /// Ends the node as Ctrl-C does.
    pub(crate) fn stop(&mut self) {
        self.end(rustix::process::Signal::TERM);
    }

    /// Ends it as a terminal does that is closed.
    pub(crate) fn hang_up(&mut self) {
        self.end(rustix::process::Signal::HUP);
    }

    fn end(&mut self, signal: rustix::process::Signal) {
        if let Some(mut node) = self.node.take() {
            let pid = rustix::process::Pid::from_child(&node);
            rustix::process::kill_process(pid, signal).unwrap();
            assert!(node.wait().unwrap().success(), "the node stops cleanly");
        }
    }

    /// Stops the node's process where it stands, as Ctrl-Z does.
    pub(crate) fn stop_for_now(&self) {
        self.signal(rustix::process::Signal::STOP);
    }

    /// Lets a stopped process go on.
    pub(crate) fn go_on(&self) {
        self.signal(rustix::process::Signal::CONT);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(self.node.as_ref().expect("a node runs"));
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Ends the node with `kill -9`.
    pub(crate) fn kill(&mut self) {
        if let Some(mut node) = self.node.take() {
            node.kill().unwrap();
            node.wait().unwrap();
        }
    }
}

impl Drop for Person {
    fn drop(&mut self) {
        if let Some(mut node) = self.node.take() {
            _ = node.kill();
            _ = node.wait();
        }
    }
}

/// Words as a shell splits them: quotes keep spaces together.
pub(crate) fn split(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None::<char>);
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            (c, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Polls: calls `look` every [`POLL_INTERVAL`] until it gives something, and fails the test after
/// [`DEADLINE`], naming `what` was waited for.
///
/// These are processes that nobody drives: no event tells a test when one of them has heard from
/// another. So what is polled for has to stay true once it is, and how long the interval is decides
/// only how long a test takes, never how it ends.
pub(crate) fn poll_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let since = Instant::now();
    // Nothing is ever sent on it: its timeout is what paces the looks.
    let (_keep, pace) = mpsc::channel::<()>();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(since.elapsed() < DEADLINE, "polled {DEADLINE:?} for {what}");
        _ = pace.recv_timeout(POLL_INTERVAL);
    }
}

/// Copies a home, or any directory.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy(&entry.path(), &to),
            false => _ = std::fs::copy(entry.path(), to).unwrap(),
        }
    }
}
