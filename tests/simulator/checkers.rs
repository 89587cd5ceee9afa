//! What must hold: apart from the system, so that one mistake is not made twice.

pub(crate) mod agreement;
pub(crate) mod outsiders;
pub(crate) mod promises;
