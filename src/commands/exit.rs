//! How the program ends: the exit codes of sysexits.h that a cron job can act on.

/// What an exit code says. 75 and 69 are worth trying again, the others want a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// The command line is wrong.
    Usage = 64,
    /// A post, a template or `courrier.lock` is wrong.
    BadPosts = 65,
    /// The mail server, a feed or the place to publish to cannot be reached.
    Unreachable = 69,
    /// The disk or the store failed.
    Storage = 74,
    /// Something is left for the next run, or another run is at work.
    Later = 75,
    /// The mail server refuses this sender or this issue, or the place to publish to refuses us.
    Refused = 76,
    /// A guard wants a person's word.
    Guard = 77,
    /// `config.toml` is wrong.
    Config = 78,
}
