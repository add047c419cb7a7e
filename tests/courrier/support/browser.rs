//! A real browser, driven by the DevTools protocol through its pipe: messages in JSON, each ended by a NUL.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::real;

/// The longest that anything in a browser may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// Chromium with one page.
pub struct Browser {
    child: Child,
    to: ChildStdin,
    from: Receiver<Value>,
    sent: u64,
    session: Option<String>,
}

impl Browser {
    /// Opens `address`, with its profile in the folder `profile`; nothing where there is no Chromium.
    pub fn open(profile: &Path, address: &str) -> Option<Self> {
        let chromium = real::program("chromium")?;
        // The pipe is the third and fourth file of the browser.
        let script = "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null 2>/dev/null";
        let mut child = Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(chromium)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
                "--remote-debugging-pipe",
            ])
            .args(["--disable-background-networking", "--window-size=1280,900"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, from) = channel();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            let mut bytes = vec![];
            while out.read_until(0, &mut bytes).is_ok_and(|read| read > 0) {
                bytes.pop();
                let _ = serde_json::from_slice(&bytes).map(|message| tell.send(message));
                bytes.clear();
            }
        });
        let to = child.stdin.take().unwrap();
        let mut browser = Self {
            child,
            to,
            from,
            sent: 0,
            session: None,
        };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = browser.call("Target.attachToTarget", attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        browser.call("Page.navigate", json!({ "url": address }));
        Some(browser)
    }

    /// What `method` gives for `settings`.
    #[track_caller]
    pub fn call(&mut self, method: &str, settings: Value) -> Value {
        let answer = self.try_call(method, settings);
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    /// The same, or why there is nothing.
    #[track_caller]
    fn try_call(&mut self, method: &str, settings: Value) -> Result<Value, Value> {
        self.sent += 1;
        let mut message = json!({ "id": self.sent, "method": method, "params": settings });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.to
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        loop {
            let mut answer = self
                .from
                .recv_timeout(PATIENCE)
                .unwrap_or_else(|error| panic!("{method}: {error}"));
            if answer["id"] == json!(self.sent) {
                return match answer["error"].is_null() {
                    true => Ok(answer["result"].take()),
                    false => Err(answer),
                };
            }
        }
    }

    /// The value of `script` in the page.
    #[track_caller]
    pub fn value(&mut self, script: &str) -> Value {
        let settings = json!({ "expression": script, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", settings);
        assert!(result["exceptionDetails"].is_null(), "{script}: {result}");
        result["result"]["value"].take()
    }

    /// Waits until `script` is true in the page.
    #[track_caller]
    pub fn wait_for(&mut self, script: &str) {
        let begin = Instant::now();
        let safe = format!(
            "(() => {{ try {{ return Boolean({script}); }} catch {{ return false; }} }})()"
        );
        let settings = json!({ "expression": safe, "returnByValue": true });
        // A page that goes as it is asked has no answer: the next one has.
        let is_true = |answer: Result<Value, Value>| {
            answer.is_ok_and(|answer| answer["result"]["value"] == json!(true))
        };
        while !is_true(self.try_call("Runtime.evaluate", settings.clone())) {
            let text = "document.body ? document.body.innerText : ''";
            assert!(
                begin.elapsed() < PATIENCE,
                "{script} never was true of\n{}",
                self.value(text)
            );
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Goes to `address`, and waits until it is there.
    #[track_caller]
    pub fn go(&mut self, address: &str) {
        self.call("Page.navigate", json!({ "url": address }));
        self.wait_for(&format!(
            "location.href === {address:?} && document.readyState === 'complete'"
        ));
    }

    /// Presses a key and lets it go.
    pub fn press(&mut self, key: &str) {
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" && key.chars().count() == 1 {
                key
            } else {
                ""
            };
            self.call(
                "Input.dispatchKeyEvent",
                json!({ "type": kind, "key": key, "text": text }),
            );
        }
    }

    /// Gives the window another size, and its reader a liking for `light` or `dark`.
    pub fn look(&mut self, (width, height): (u32, u32), scheme: &str) {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.call("Emulation.setDeviceMetricsOverride", size);
        let liking = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.call("Emulation.setEmulatedMedia", liking);
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.session = None;
        let _ = self
            .to
            .write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
        let begin = Instant::now();
        while begin.elapsed() < Duration::from_secs(5) && matches!(self.child.try_wait(), Ok(None))
        {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
