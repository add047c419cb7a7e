//! SIGTERM and Ctrl-C: somebody wants the program to end.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears what comes from the moment on in which it was made, waited for or not.
pub struct StopSignal {
    terminated: Signal,
    interrupted: Signal,
}

impl StopSignal {
    /// From now on these signals end nothing by themselves.
    ///
    /// # Errors
    ///
    /// Where the system does not let it listen.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            terminated: signal(SignalKind::terminate())?,
            interrupted: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first of them.
    pub async fn came(&mut self) {
        tokio::select! { _ = self.terminated.recv() => {}, _ = self.interrupted.recv() => {} }
    }
}
