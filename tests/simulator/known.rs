//! Faults that today's program is known to have, each with the step of the plan that mends it.
//!
//! A scene (`scenes/`) whose fault stands here passes as long as the fault is there, and fails
//! once it is gone: so whoever mends it takes it out of this list. What is not in the list must
//! hold. The weather of the random runs leaves out what today's program does not survive, by
//! asking [`Fault::is_known`]: once a fault is out of the list, they have it too.

/// What is going to mend a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Forks, guests, bodies: a charter in which branches live.
    Forks,
    /// What a bad member costs: shares, weights, and no answer that hides anything.
    Costs,
    /// Homes that were copied or restored find it out (DESIGN 4).
    Homes,
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

    /// Whether it is still there.
    pub(crate) fn is_known(self) -> bool {
        self.mended_by().is_some()
    }
}

faults! {
    /// A member signs two content entries at one place: nodes differ for ever.
    ContentFork: Forks;
    /// A home that was copied writes twice at one place.
    CopiedHome: Homes;
    /// A home that went back to an older copy does, too.
    RestoredHome: Homes;
    /// Entries come without any limit for one author.
    NoShares: Costs;
}
