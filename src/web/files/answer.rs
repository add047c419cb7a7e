//! One file as the answer to one request.

use std::io::{Seek, SeekFrom};
use std::ops::Range;

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::io::AsyncReadExt;

use super::coding::accepted;
use super::condition::{Validators, Verdict, allows_range, judge};
use super::range::{Part, part};
use super::said::{About, Manner, Said};
use super::snapshot::{Form, Snapshot};
use crate::publish::compress::Coding;

/// Bytes of a large file that are in memory for one client.
const AT_ONCE: usize = 64 << 10;

/// The answer with `copy` to a GET or HEAD with `headers`. `link` gives the value of `Link`.
pub async fn answer(
    copy: &Snapshot,
    headers: &HeaderMap,
    link: impl FnOnce() -> Option<HeaderValue>,
    manner: &Manner,
) -> Response {
    let (coding, form) = best(copy, headers).await;
    let about = || About {
        tag: &form.tag,
        modified: copy.modified,
        kind: &copy.kind,
        length: form.length,
        is_compressible: copy.is_compressible(),
        coding,
        link: link(),
    };
    let said = form.said.get_or_init(|| Said::of(about(), manner));
    let is = Validators {
        tag: &form.tag,
        modified: said.modified,
    };
    match judge(headers, is) {
        Verdict::NotModified => return bare(StatusCode::NOT_MODIFIED, said),
        Verdict::Failed => return bare(StatusCode::PRECONDITION_FAILED, said),
        Verdict::Proceed => {}
    }
    let part = match allows_range(headers, is) {
        true => part(headers, form.length),
        false => Part::Whole,
    };
    match part {
        Part::Whole => send(copy, form, 0..form.length, || {
            (StatusCode::OK, said.of_all.clone())
        }),
        Part::Bytes(range) => send(copy, form, range.clone(), || {
            let mut said = said.of_part();
            let (first, last) = (range.start, range.end - 1);
            content_range(&mut said, &format!("bytes {first}-{last}/{}", form.length));
            said.insert(header::CONTENT_LENGTH, (range.end - range.start).into());
            (StatusCode::PARTIAL_CONTENT, said)
        }),
        Part::Outside => {
            let mut said = said.of_part();
            content_range(&mut said, &format!("bytes */{}", form.length));
            said.remove(header::CONTENT_ENCODING);
            with(StatusCode::RANGE_NOT_SATISFIABLE, said, Body::empty())
        }
    }
}

/// An answer without the file.
fn bare(status: StatusCode, said: &Said) -> Response {
    with(status, said.of_state.clone(), Body::empty())
}

fn with(status: StatusCode, said: HeaderMap, body: Body) -> Response {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = said;
    response
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

/// The bytes `range` of a file, with the head that `head` makes.
fn send(
    copy: &Snapshot,
    form: &Form,
    range: Range<u64>,
    head: impl FnOnce() -> (StatusCode, HeaderMap),
) -> Response {
    let Ok(body) = body(copy, form, range) else {
        // It changed just now: the client's next try meets the new one.
        let again = [(header::RETRY_AFTER, "1")];
        return (StatusCode::SERVICE_UNAVAILABLE, again).into_response();
    };
    let (status, said) = head();
    with(status, said, body)
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
