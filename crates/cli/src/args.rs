//! What can be said on the command line, and who does it. The doc comments are the help.

use api::Failure;
use clap::{CommandFactory, Parser, Subcommand};

use crate::{
    commands::{
        campaign::{self, CampaignCommand},
        catalogue,
        charter::{self, CharterCommand},
        completions::{self, Completions},
        feed::{self, Feed},
        found::{self, Found},
        join::{self, Join},
        member::{self, MemberCommand},
        need::{self, NeedCommand},
        node::{self, NodeCommand},
        post::{self, Post},
        profile::{self, Profile},
        show::{self, Show},
        status,
        sync::{self, Sync},
        todo::{self, Todo},
        undo::{self, Undo},
        up::{self, Up},
        r#use::{self, Use},
        why::{self, Why},
    },
    global::Global,
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
    Todo(Todo),
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

impl Cli {
    /// Does what was said.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let global = &self.global;
        let Some(command) = &self.command else { return status::start(global) };
        match command {
            Command::Up(args) => up::run(global, args),
            Command::Found(args) => found::run(global, args),
            Command::Join(args) => join::run(global, args),
            Command::Use(args) => r#use::run(global, args),
            Command::Profile(args) => profile::run(global, args),
            Command::Member(command) => member::run(global, command),
            Command::Status => status::run(global),
            Command::Todo(args) => todo::run(global, args),
            Command::Post(args) => post::run(global, args),
            Command::Feed(args) => feed::run(global, args),
            Command::Campaign(command) => campaign::run(global, command),
            Command::Need(command) => need::run(global, command),
            Command::Show(args) => show::run(global, args),
            Command::Undo(args) => undo::run(global, args),
            Command::Why(args) => why::run(global, args),
            Command::Sync(args) => sync::run(global, args),
            Command::Charter(command) => charter::run(global, command),
            Command::Node(command) => node::run(global, command),
            Command::Errors => catalogue::errors(global),
            Command::Commands => catalogue::commands(global, &Self::command()),
            Command::Completions(args) => completions::run(global, args, &mut Self::command()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::fields::ANSWERS;

    fn names(command: &clap::Command, before: &str, found: &mut BTreeSet<String>) {
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let name = format!("{before}{}", sub.get_name());
            match sub.has_subcommands() {
                true => names(sub, &format!("{name} "), found),
                false => _ = found.insert(name),
            }
        }
    }

    #[test]
    fn every_command_has_fields() {
        let mut commands = BTreeSet::new();
        names(&Cli::command(), "", &mut commands);
        let listed: BTreeSet<_> =
            ANSWERS.iter().map(|answers| answers.command.to_owned()).collect();
        assert_eq!(commands, listed);
    }
}
