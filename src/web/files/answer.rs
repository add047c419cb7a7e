//! One file as the answer to one request.

use std::io::{Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::io::AsyncReadExt;

use super::coding::accepted;
use super::condition::{Validators, Verdict, allows_range, judge, modified};
use super::range::{Part, part};
use super::snapshot::{Form, Snapshot};
use crate::publish::compress::Coding;

/// Bytes of a large file that are in memory for one client.
const AT_ONCE: usize = 64 << 10;

/// What is said of all files alike.
#[derive(Debug)]
pub struct Manner {
    pub cache_control: HeaderValue,
    /// The `Content-Security-Policy`.
    pub policy: HeaderValue,
}

/// The answer with `copy` to a GET or HEAD with `headers`. `link` is the value of `Link`.
pub async fn answer(
    copy: &Arc<Snapshot>,
    headers: &HeaderMap,
    link: Option<HeaderValue>,
    manner: &Manner,
) -> Response {
    let (coding, form) = best(copy, headers).await;
    let modified = modified(copy.modified);
    let is = Validators {
        tag: &form.tag,
        modified,
    };
    let said = validators(copy, is, manner);
    match judge(headers, is) {
        Verdict::NotModified => return (StatusCode::NOT_MODIFIED, said).into_response(),
        Verdict::Failed => return (StatusCode::PRECONDITION_FAILED, said).into_response(),
        Verdict::Proceed => {}
    }
    let mut said = said;
    said.insert(header::CONTENT_TYPE, copy.kind.media_type.clone());
    said.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let Some(coding) = coding {
        said.insert(
            header::CONTENT_ENCODING,
            HeaderValue::from_static(coding.name()),
        );
    }
    if let Some(link) = link {
        said.insert(header::LINK, link);
    }
    let part = match allows_range(headers, is) {
        true => part(headers, form.length),
        false => Part::Whole,
    };
    send(copy, form, part, said)
}

/// The form that the client likes best of those that there are.
async fn best<'a>(copy: &'a Snapshot, headers: &HeaderMap) -> (Option<Coding>, &'a Form) {
    if copy.is_compressible() {
        for coding in accepted(headers) {
            if let Some(form) = copy.coded(coding).await {
                return (Some(coding), form);
            }
        }
    }
    (None, &copy.plain)
}

/// What is said of the state of a file, in full answers and in those that it has not changed.
fn validators(copy: &Snapshot, is: Validators<'_>, manner: &Manner) -> HeaderMap {
    let mut said = HeaderMap::with_capacity(16);
    if let Ok(tag) = HeaderValue::from_str(is.tag) {
        said.insert(header::ETAG, tag);
    }
    if let Some(date) = is
        .modified
        .and_then(|date| HeaderValue::from_str(&httpdate::fmt_http_date(date)).ok())
    {
        said.insert(header::LAST_MODIFIED, date);
    }
    said.insert(header::CACHE_CONTROL, manner.cache_control.clone());
    // A cache takes the headers of a 304 over into what it keeps (RFC 9111 §3.2).
    said.insert(header::CONTENT_SECURITY_POLICY, manner.policy.clone());
    if copy.is_compressible() {
        said.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if copy.kind.is_feed {
        said.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        let exposed = HeaderValue::from_static("ETag, Link");
        said.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    said
}

fn send(copy: &Arc<Snapshot>, form: &Form, part: Part, mut said: HeaderMap) -> Response {
    let length = form.length;
    let (status, range) = match part {
        Part::Whole => (StatusCode::OK, 0..length),
        Part::Bytes(range) => {
            let value = format!("bytes {}-{}/{length}", range.start, range.end - 1);
            content_range(&mut said, &value);
            (StatusCode::PARTIAL_CONTENT, range)
        }
        Part::Outside => {
            content_range(&mut said, &format!("bytes */{length}"));
            said.remove(header::CONTENT_ENCODING);
            return (StatusCode::RANGE_NOT_SATISFIABLE, said).into_response();
        }
    };
    said.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
    match body(copy, form, range) {
        Ok(body) => (status, said, body).into_response(),
        // It changed just now: the client's next try meets the new one.
        Err(_) => (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "1")],
        )
            .into_response(),
    }
}

fn content_range(said: &mut HeaderMap, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        said.insert(header::CONTENT_RANGE, value);
    }
}

fn body(copy: &Snapshot, form: &Form, range: Range<u64>) -> std::io::Result<Body> {
    if let Some(bytes) = &form.bytes {
        let place = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
        return Ok(Body::from(
            bytes.slice(place(range.start)..place(range.end)),
        ));
    }
    let mut file = copy.open()?;
    file.seek(SeekFrom::Start(range.start))?;
    let file = tokio::fs::File::from_std(file).take(range.end - range.start);
    let pieces = stream::try_unfold(file, |mut file| async move {
        let mut buffer = Vec::with_capacity(AT_ONCE);
        let read = (&mut file)
            .take(AT_ONCE as u64)
            .read_to_end(&mut buffer)
            .await?;
        Ok::<_, std::io::Error>((read > 0).then(|| (Bytes::from(buffer), file)))
    });
    Ok(Body::from_stream(pieces))
}
