//! Keys stay out of core dumps.

use rustix::process::{Resource, Rlimit, setrlimit};

/// From here on no core dump is made of this process, and no other process of this user looks into
/// its memory: a home's keys are about to be read. A system that does not let itself be told so is
/// no reason not to start.
pub(crate) fn forbid() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "a core dump of this process would have keys in it");
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
            tracing::warn!(%error, "others of this user can look into this process");
        }
    }
}
