//! What the disk costs without us: a file, appended to and made durable.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    figures::{Report, Times},
    stage::Stage,
};

/// Appends that say what this machine's disk costs.
const APPENDS: usize = 300;

/// A file that records are appended to.
pub(crate) struct Bare {
    file: File,
    record: Vec<u8>,
}

impl Bare {
    /// A new file on the file system of `within`, for records of so many bytes.
    pub(crate) fn new(within: &Path, bytes: usize) -> Self {
        let file = tempfile::tempfile_in(within).unwrap();
        Self { file, record: vec![0xa5; bytes] }
    }

    /// Appends a record and makes it durable; how long that took.
    pub(crate) fn append(&mut self) -> Duration {
        let since = Instant::now();
        self.file.write_all(&self.record).unwrap();
        self.file.sync_data().unwrap();
        since.elapsed()
    }
}

/// Says what machine this is.
pub(crate) fn measure(stage: &mut Stage, report: &mut Report) {
    report.heading("this machine");
    let threads = std::thread::available_parallelism().map_or(0, usize::from);
    report.row("processors", threads);
    report.row("homes are in", stage.directory().display());
    for bytes in [512, 64 * 1024] {
        let mut bare = Bare::new(stage.directory(), bytes);
        let times: Times = (0..APPENDS).map(|_| bare.append()).collect();
        report.row(&format!("append {bytes} bytes and fdatasync"), times.text());
    }
}
