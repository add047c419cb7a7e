//! A line to somebody who has to go on reading.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use super::crowd::Guest;

/// A line that is given up when the other end takes nothing for `patience`.
///
/// hyper has time limits for what it reads, and none for what it writes.
pub struct Patient<S> {
    line: S,
    patience: Duration,
    guest: Arc<Guest>,
    /// Runs while the other end takes nothing.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    /// `guest` is told whenever the other end takes something.
    pub fn new(line: S, patience: Duration, guest: Arc<Guest>) -> Self {
        Self {
            line,
            patience,
            guest,
            waiting: None,
        }
    }

    fn tell(&self, written: &Poll<io::Result<usize>>) {
        if matches!(written, Poll::Ready(Ok(1..))) {
            self.guest.took();
        }
    }

    /// `written`, or the end of patience.
    fn judge<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self
            .waiting
            .get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write(context, bytes);
        self.tell(&written);
        self.judge(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.line).poll_write_vectored(context, pieces);
        self.tell(&written);
        self.judge(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.line.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.line).poll_flush(context);
        self.judge(context, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.line).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::crowd::Crowd;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn who_reads_nothing_is_given_up_and_who_reads_slowly_is_not() {
        let (ours, mut theirs) = tokio::io::duplex(8);
        let guest = Arc::new(Crowd::new(1, 1).admit(None).expect("room"));
        let mut line = Patient::new(ours, Duration::from_millis(300), guest);
        let slow = tokio::spawn(async move {
            let mut buffer = [0; 8];
            for _ in 0..4 {
                tokio::time::sleep(Duration::from_millis(100)).await;
                theirs
                    .read_exact(&mut buffer)
                    .await
                    .expect("what was written");
            }
            theirs
        });
        assert!(line.write_all(&[0; 32]).await.is_ok());
        let _theirs = slow.await.expect("it reads");
        let given_up = line.write_all(&[0; 32]).await.map_err(|error| error.kind());
        assert_eq!(given_up, Err(io::ErrorKind::TimedOut));
    }
}
