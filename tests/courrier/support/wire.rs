//! A connection, in plain or inside TLS, on which steps of SMTP are read and answered.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// The server's side of one connection.
pub struct Wire {
    stream: Stream,
    unread: Vec<u8>,
}

enum Stream {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    pub fn plain(tcp: TcpStream) -> Self {
        Self {
            stream: Stream::Plain(tcp),
            unread: Vec::new(),
        }
    }

    /// This connection inside TLS. What the client sent before the handshake is dropped (RFC 3207 s.4.2).
    pub fn encrypt(self, config: Arc<ServerConfig>) -> io::Result<Self> {
        let Stream::Plain(tcp) = self.stream else {
            return Err(io::Error::other("TLS inside TLS"));
        };
        let tls = ServerConnection::new(config).map_err(io::Error::other)?;
        Ok(Self {
            stream: Stream::Tls(Box::new(StreamOwned::new(tls, tcp))),
            unread: Vec::new(),
        })
    }

    pub fn encrypted(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    fn reader(&mut self) -> &mut dyn Read {
        match &mut self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls,
        }
    }

    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let writer: &mut dyn Write = match &mut self.stream {
            Stream::Plain(tcp) => tcp,
            Stream::Tls(tls) => tls,
        };
        writer.write_all(bytes)?;
        writer.flush()
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; 65536];
        match self.reader().read(&mut chunk)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            size => {
                self.unread.extend_from_slice(&chunk[..size]);
                Ok(())
            }
        }
    }

    /// Everything up to `end`, which is taken from the wire and not given back.
    fn until(&mut self, end: &[u8]) -> io::Result<Vec<u8>> {
        let mut looked = 0;
        loop {
            let found = self.unread[looked..]
                .windows(end.len())
                .position(|bytes| bytes == end);
            if let Some(at) = found.map(|at| at + looked) {
                let rest = self.unread.split_off(at + end.len());
                let mut line = std::mem::replace(&mut self.unread, rest);
                line.truncate(at);
                return Ok(line);
            }
            looked = self.unread.len().saturating_sub(end.len());
            self.fill()?;
        }
    }

    /// One line of the client, without its CRLF.
    pub fn line(&mut self) -> io::Result<String> {
        self.until(b"\r\n")
            .map(|line| String::from_utf8_lossy(&line).into_owned())
    }

    /// The content of a message, dots unstuffed (RFC 5321 s.4.5.2).
    pub fn message(&mut self) -> io::Result<Vec<u8>> {
        let mut content = Vec::new();
        loop {
            let line = self.until(b"\r\n")?;
            if line == b"." {
                return Ok(content);
            }
            content.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            content.extend_from_slice(b"\r\n");
        }
    }

    /// Reads on, and never answers, until the client is gone.
    pub fn stay_silent(&mut self) -> io::Error {
        loop {
            self.unread.clear();
            if let Err(gone) = self.fill() {
                return gone;
            }
        }
    }
}
