//! What the system says of a process.

use std::time::Duration;

/// A running node's process.
pub(crate) struct Process {
    pid: u64,
}

impl Process {
    /// The process of a node that said that it is ready.
    pub(crate) fn of(ready: &serde_json::Value) -> Self {
        Self { pid: ready["pid"].as_u64().unwrap() }
    }

    /// Bytes that it has in memory.
    pub(crate) fn resident_bytes(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it ever had.
    pub(crate) fn peak_bytes(&self) -> u64 {
        self.status("VmHWM:")
    }

    /// Processor time of all its threads, of its own and of the system's for it.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid)).unwrap();
        // The second field is a name in parentheses that may have spaces; the 14th and 15th are
        // hundredths of a second on every Linux.
        let (_, rest) = stat.rsplit_once(") ").unwrap();
        let fields = rest.split(' ').skip(11).take(2);
        let ticks: u64 = fields.map(|field| field.parse::<u64>().unwrap()).sum();
        Duration::from_millis(10 * ticks)
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kib * 1024
    }
}
