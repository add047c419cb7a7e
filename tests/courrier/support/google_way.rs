//! On the way to fake-gcs-server, which knows one request of Google's XML interface only in
//! its JSON form: that one is told in the other form, all else goes as it is.

use std::io::Write;
use std::net::TcpListener;

use percent_encoding::percent_decode_str;

use super::s3::{forward, request};

/// Speaks for whoever connects to the port that is given back with the emulator at `server`.
pub fn google_way(server: u16) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let Some((head, body)) = request(&stream) else {
                    return;
                };
                let answer = match head.starts_with("PUT ") {
                    true => put(server, &head, &body),
                    false => forward(server, &at_home(&head, server), &body),
                };
                let _ = stream.write_all(&answer);
            });
        }
    });
    port
}

/// The emulator wants to hear its own name.
fn at_home(head: &str, server: u16) -> String {
    let is_host = |line: &&str| line.to_ascii_lowercase().starts_with("host:");
    let lines = head.lines().map(|line| match is_host(&line) {
        true => format!("Host: 127.0.0.1:{server}\r\n"),
        false => format!("{line}\r\n"),
    });
    lines.collect()
}

/// The field `name` of a request.
fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.lines().filter_map(|line| line.split_once(": "));
    fields
        .find(|(field, _)| field.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// An object that is put as one that is inserted, under the same condition; the answer has
/// the generation where the XML interface has it.
fn put(server: u16, head: &str, body: &[u8]) -> Vec<u8> {
    let path = head.split(' ').nth(1).unwrap();
    let path = percent_decode_str(path).decode_utf8().unwrap();
    let (bucket, name) = path[1..].split_once('/').unwrap();
    let condition = field(head, "x-goog-if-generation-match");
    let condition = condition.map_or(String::new(), |generation| {
        format!("&ifGenerationMatch={generation}")
    });
    let about = serde_json::json!({
        "name": name,
        "contentType": field(head, "content-type"),
        "cacheControl": field(head, "cache-control"),
        "contentEncoding": field(head, "content-encoding").unwrap_or_default(),
        "metadata": { "courrier": field(head, "x-goog-meta-courrier") },
    });
    let mut parts = format!(
        "--x\r\nContent-Type: application/json\r\n\r\n{about}\r\n--x\r\nContent-Type: {}\r\n\r\n",
        field(head, "content-type").unwrap_or_default()
    )
    .into_bytes();
    parts.extend_from_slice(body);
    parts.extend_from_slice(b"\r\n--x--\r\n");
    let head = format!(
        "POST /upload/storage/v1/b/{bucket}/o?uploadType=multipart{condition} HTTP/1.1\r\nHost: 127.0.0.1:{server}\r\n\
         Content-Type: multipart/related; boundary=x\r\nContent-Length: {}\r\n",
        parts.len()
    );
    let answer = forward(server, &head, &parts);
    let text = String::from_utf8_lossy(&answer);
    let (head, json) = text.split_once("\r\n\r\n").unwrap();
    let status = head.lines().next().unwrap();
    let Ok(object) = serde_json::from_str::<serde_json::Value>(json) else {
        return answer;
    };
    let told = |name: &str| object[name].as_str().unwrap_or_default().to_owned();
    format!(
        "{status}\r\nETag: \"{}\"\r\nx-goog-generation: {}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        told("etag"),
        told("generation")
    )
    .into_bytes()
}
