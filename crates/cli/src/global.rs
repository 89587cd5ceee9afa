//! The flags that every command takes: on whose home, about which space, printed how.

use std::path::PathBuf;

use api::Page;
use clap::{Args, ValueEnum};

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// In a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// The space, by name, id or a prefix of either
    #[arg(short, value_name = "SPACE", global = true, env = "GROUNDWORK_SPACE")]
    pub(crate) space: Option<String>,
    /// The home's directory
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) home: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours
    #[arg(long, value_enum, default_value_t, global = true)]
    pub(crate) color: Color,
    /// The language of messages; English is there
    #[arg(long, value_name = "LANG", value_parser = ["en"], global = true)]
    pub(crate) lang: Option<String>,
    /// Seconds to wait for others
    #[arg(long, value_name = "SECONDS", default_value_t = 30, global = true)]
    pub(crate) timeout: u64,
    /// Return when so many other nodes have it on their disks
    #[arg(long, value_name = "N", default_value_t = 0, global = true)]
    pub(crate) wait: u32,
    /// Answer yes to every question
    #[arg(long, global = true)]
    pub(crate) yes: bool,
    /// Say nothing but errors
    #[arg(long, global = true)]
    pub(crate) quiet: bool,
}

/// Which part of a list.
#[derive(Clone, Debug, Args)]
pub(crate) struct Paging {
    /// Only what stands behind the row that has this id
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// At most so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    limit: u64,
}

impl Paging {
    /// Whether it goes on behind a page.
    pub(crate) fn is_part(&self) -> bool {
        self.after.is_some()
    }

    pub(crate) fn page(&self) -> Page {
        Page { after: self.after.clone(), limit: self.limit }
    }
}
