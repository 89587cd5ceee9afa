//! What must hold: apart from the system, so that one mistake is not made twice. Each has a
//! sabotage (`engine::Sabotage`) that it finds.

pub(crate) mod agreement;
pub(crate) mod frontiers;
pub(crate) mod linear;
pub(crate) mod outsiders;
pub(crate) mod promises;
pub(crate) mod shown;
pub(crate) mod whole;
