//! One file per command: its arguments with their help, and what it does. None knows another one:
//! what several need lies below them.

pub(crate) mod campaign;
pub(crate) mod catalogue;
pub(crate) mod charter;
pub(crate) mod completions;
pub(crate) mod feed;
pub(crate) mod found;
pub(crate) mod join;
pub(crate) mod member;
pub(crate) mod need;
pub(crate) mod node;
pub(crate) mod post;
pub(crate) mod profile;
pub(crate) mod show;
pub(crate) mod status;
pub(crate) mod sync;
pub(crate) mod todo;
pub(crate) mod undo;
pub(crate) mod up;
pub(crate) mod r#use;
pub(crate) mod why;
