//! What this build is.

/// `courrier --version`: the number, the commit, the features, the machine it is for.
/// The build script knows them.
pub const LONG: &str = concat!(
    env!("CARGO_PKG_VERSION"),
    "\ncommit ",
    env!("COURRIER_COMMIT"),
    "\nfeatures ",
    env!("COURRIER_FEATURES"),
    "\nfor ",
    env!("COURRIER_TARGET"),
);
