//! What the tests of the engine share.

pub(crate) mod pair;
