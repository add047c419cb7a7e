//! An editor's desk: `courrier preview` at work, and a browser that shows it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Child;

use super::browser::Browser;
use super::newsletter::Newsletter;

/// `courrier preview`, until it is dropped.
pub struct Preview {
    child: Child,
    /// With the key in it.
    pub address: String,
}

impl Preview {
    pub fn of(letter: &Newsletter) -> Self {
        let mut child = letter.start(&["preview"]);
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().to_owned();
        if !address.starts_with("http://127.0.0.1:") {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("{address:?}: {said}");
        }
        Self { child, address }
    }

    /// `127.0.0.1:4000`.
    pub fn host(&self) -> &str {
        self.address
            .trim_start_matches("http://")
            .split('/')
            .next()
            .unwrap()
    }

    /// The answer to `request`, which has `HOST` and `KEY` where they are to be put in.
    pub fn answer(&self, request: &str) -> String {
        let key = self
            .address
            .trim_end_matches('/')
            .rsplit('/')
            .next()
            .unwrap();
        let request = request.replace("HOST", self.host()).replace("KEY", key);
        let mut stream = TcpStream::connect(self.host()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// What stands behind the headers of the answer for `path`.
    pub fn get(&self, path: &str) -> String {
        let request =
            format!("GET /KEY/{path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n");
        let answer = self.answer(&request);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        body.to_owned()
    }

    pub fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.get(path)).unwrap()
    }

    /// The page in a browser; nothing where there is none. `#views=…` says what is looked at.
    pub fn browser(&self, letter: &Newsletter, fragment: &str) -> Option<Browser> {
        let mut browser = Browser::open(
            &letter.path("profile"),
            &format!("{}{fragment}", self.address),
        )?;
        browser.wait_for("document.documentElement.dataset.shown");
        Some(browser)
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The document in the frame of a way to look at it.
pub fn frame(view: &str) -> String {
    format!("document.querySelector('[data-view={view}] iframe:not(.coming)').contentDocument")
}

/// Whether the words stand in that frame.
pub fn shows(view: &str, words: &str) -> String {
    format!("{}.body.innerText.includes({words:?})", frame(view))
}
