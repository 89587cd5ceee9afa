//! Faults that today's program is known to have, each with the step of the plan that mends it.
//!
//! A scene (`scenes/`) whose fault stands here passes as long as the fault is there, and fails
//! once it is gone: so whoever mends it takes it out of this list. What is not in the list must
//! hold.

/// What is going to mend a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// What a bad member costs: shares, weights, and no answer that hides anything.
    Costs,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident: $step:ident;)*) => {
        /// A known fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Fault {
            $($(#[$doc])* $name,)*
            /// None: what a scene with this shows has to hold.
            None,
        }

        /// The list.
        const KNOWN: &[(Fault, Step)] = &[$((Fault::$name, Step::$step),)*];
    };
}

impl Fault {
    /// The step that is going to mend it; none where it has to hold.
    pub(crate) fn mended_by(self) -> Option<Step> {
        KNOWN.iter().find(|(fault, _)| *fault == self).map(|(_, step)| *step)
    }
}

faults! {
    /// Entries come without any limit for one author.
    NoShares: Costs;
}
