//! Answers to programs.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// `value`, which is kept by nobody on the way.
pub fn answer(status: StatusCode, value: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, value.to_string()).into_response()
}

/// To what says that it is JSON, and is none, or has other fields.
pub fn unreadable() -> Response {
    let says = json!({ "error": "this is not the JSON that is wanted" });
    answer(StatusCode::BAD_REQUEST, &says)
}
