//! What a run exercised: a fault that never happens tests nothing.

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident)*) => {
        /// What a run exercised.
        #[derive(Debug, Default, Clone)]
        pub(crate) struct Counters {
            $($(#[$doc])* pub(crate) $name: u64,)*
        }

        impl Counters {
            pub(crate) fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }

            /// Fails where the seeds never exercised something.
            pub(crate) fn assert_all(&self) {
                $(assert!(self.$name > 0, "the seeds exercised no {}", stringify!($name));)*
            }
        }
    };
}

counters! {
    nodes
    frames
    commands
    answers
    refused
    crashes
    lost_writes
    lost_indexes
    failed_disks
    full_disks
    refused_writes
    clock_jumps
    partitions
    one_way_cuts
    cut_connections
    duplicates
    reordered
    bursts
    moles
    mischief
    tricks
    /// Knocks of a ticket's holder that were answered.
    answered_knocks
    /// Entries of a mole's that others took, by journal.
    charter_of_moles
    content_of_moles
    copies
    /// Looks whether a node shows all that it stores.
    looks
    admitted
}
