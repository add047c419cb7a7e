//! A cable between a host and a server, which can be cut for a while: then nothing
//! comes over it, and nobody is told.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How often it is looked whether it is cut.
const GLANCE: Duration = Duration::from_millis(10);

pub struct Cable {
    pub port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    is_cut: AtomicBool,
    connections: AtomicUsize,
}

impl Cable {
    /// One that leads from `host`, an address of loopback, to `port` of 127.0.0.1.
    pub fn lay(host: Ipv4Addr, port: u16) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let own = listener.local_addr().unwrap().port();
        let state = Arc::new(State::default());
        let shared = state.clone();
        thread::spawn(move || {
            for near in listener.incoming() {
                let (Ok(near), Ok(far)) = (near, TcpStream::connect(("127.0.0.1", port))) else {
                    continue;
                };
                shared.connections.fetch_add(1, Ordering::Relaxed);
                let there = (near.try_clone().unwrap(), far.try_clone().unwrap());
                let (forth, back) = (shared.clone(), shared.clone());
                thread::spawn(move || forth.carry(there.0, there.1));
                thread::spawn(move || back.carry(far, near));
            }
        });
        Self { port: own, state }
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::Relaxed)
    }

    /// What is under way now arrives once it is mended, if anybody still waits for it.
    pub fn cut(&self) {
        self.state.is_cut.store(true, Ordering::Relaxed);
    }

    pub fn mend(&self) {
        self.state.is_cut.store(false, Ordering::Relaxed);
    }
}

impl State {
    fn carry(&self, mut from: TcpStream, mut to: TcpStream) {
        from.set_read_timeout(Some(GLANCE)).unwrap();
        let mut bytes = vec![0; 1 << 16];
        loop {
            if self.is_cut.load(Ordering::Relaxed) {
                thread::sleep(GLANCE);
                continue;
            }
            match from.read(&mut bytes) {
                Ok(0) => break,
                Ok(count) if to.write_all(&bytes[..count]).is_err() => break,
                Ok(_) => {}
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => break,
            }
        }
        // Where the other end is gone already that is as well.
        let _ = (to.shutdown(Shutdown::Write), from.shutdown(Shutdown::Read));
    }
}
