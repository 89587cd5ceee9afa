//! What can be said on the command line. The doc comments are the help.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::commands::{
    campaign::CampaignCommand, charter::CharterCommand, completions::Completions, feed::Feed,
    found::Found, join::Join, member::MemberCommand, need::NeedCommand, node::NodeCommand,
    post::Post, profile::Profile, show::Show, sync::Sync, undo::Undo, up::Up, r#use::Use, why::Why,
};

/// Organize together, with no server and no admin.
///
/// Each collective runs nodes that sync directly. `groundwork up` starts this machine's.
#[derive(Debug, Parser)]
#[command(name = "groundwork", version, propagate_version = true, subcommand_required = false)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

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

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Up(Up),
    Found(Found),
    Join(Join),
    Use(Use),
    Profile(Profile),
    /// Members: who is in, who knocks, tickets and vouches
    #[command(subcommand)]
    Member(MemberCommand),
    /// Where things stand
    Status,
    /// What waits for you
    Todo,
    Post(Post),
    Feed(Feed),
    /// Campaigns
    #[command(subcommand)]
    Campaign(CampaignCommand),
    /// Needs: asking for help, and taking it on
    #[command(subcommand)]
    Need(NeedCommand),
    Show(Show),
    Undo(Undo),
    Why(Why),
    Sync(Sync),
    /// The charter: what the space has decided about itself
    #[command(subcommand)]
    Charter(CharterCommand),
    /// This machine's node
    #[command(subcommand)]
    Node(NodeCommand),
    /// Every error, with its exit code
    Errors,
    /// Every command with its flags, and the fields of every answer
    Commands,
    Completions(Completions),
}
