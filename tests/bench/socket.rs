//! A kept connection to a node's local API: what a program beside the node would have.

use std::{
    io::{BufRead, BufReader, Read, Write},
    os::unix::net::UnixStream,
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};

use crate::person::{DEADLINE, Person};

/// Numbers the requests of this run, as the command line names each of its commands.
static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// A connection on which questions are put, one after the other.
pub(crate) struct Socket {
    stream: BufReader<UnixStream>,
}

impl Socket {
    /// Connects to a person's running node.
    pub(crate) fn open(person: &Person) -> Self {
        let running = std::fs::read(person.home().join("running.json")).unwrap();
        let running: Value = serde_json::from_slice(&running).unwrap();
        let stream = UnixStream::connect(running["api"].as_str().unwrap()).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Posts, and waits for the answer, which is durable.
    pub(crate) fn post(&mut self, text: &str) -> Value {
        let answer = self.command(json!({ "post": { "text": text } }));
        assert_eq!(answer["durable"], true, "{answer}");
        answer
    }

    /// A command's answer.
    pub(crate) fn command(&mut self, command: Value) -> Value {
        let request = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let request = format!("bench-{}-{request}", std::process::id());
        self.ask(&json!({ "request_id": request, "what": { "command": command } }))
    }

    /// A query's answer.
    pub(crate) fn query(&mut self, query: Value) -> Value {
        self.ask(&json!({ "what": { "query": query } }))
    }

    fn ask(&mut self, ask: &Value) -> Value {
        let body = ask.to_string();
        let request = format!(
            "POST /v1/ask HTTP/1.1\r\nhost: groundwork\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes()).unwrap();
        let (status, length) = self.head();
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        let mut answer: Value = serde_json::from_slice(&body).unwrap();
        assert!(status.contains(" 200 "), "{ask}: {status}: {answer}");
        answer["answer"].take()
    }

    /// The status line, and how long the body is.
    fn head(&mut self) -> (String, usize) {
        let (mut status, mut length) = (String::new(), None);
        self.stream.read_line(&mut status).unwrap();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                return (status, length.expect("the node says how long its answer is"));
            }
            if let Some(bytes) = line.strip_prefix("content-length:") {
                length = bytes.trim().parse().ok();
            }
        }
    }
}
