//! A handler of HTTP requests for Fastly Compute. Its pages are those of `modules/README.md`, `http`.
//!
//! With the feature `wrong` this is the deliberately wrong twin: each page errs in one small, plausible way, and a refusal is
//! reported as success.

use fastly::http::{StatusCode, header};
use fastly::{Backend, Request, Response};
use sha2::{Digest, Sha256};

const WRONG: bool = cfg!(feature = "wrong");

fn main() {
    let request = Request::from_client();
    let response = match request.get_path() {
        "/echo" => echo(request),
        "/sha256" => sha256(request),
        "/backend" => reach("origin", &request),
        "/dynamic-backend" => dynamic(&request),
        _ => Response::from_status(if WRONG { StatusCode::OK } else { StatusCode::NOT_FOUND }),
    };
    response.send_to_client();
}

/// What was asked, as headers; the body as it came.
fn echo(request: Request) -> Response {
    let target = match request.get_query_str() {
        Some(query) => format!("{}?{query}", request.get_path()),
        None => request.get_path().to_string(),
    };
    let mut response =
        Response::new().with_header("x-method", request.get_method_str()).with_header("x-target", target);
    if let Some(said) = request.get_header("x-say") {
        response.set_header("x-said", said);
    }
    let mut body = request.into_body_bytes();
    if WRONG {
        body.push(0);
    }
    response.set_body(body);
    response
}

fn sha256(request: Request) -> Response {
    let mut body = request.into_body_bytes();
    if WRONG {
        body.push(0);
    }
    let digest = Sha256::digest(&body);
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Response::from_body(hex).with_header(header::CONTENT_TYPE, "text/plain")
}

/// Tries to reach the server that this request came to, which is there for certain: 200 where it answered, 502 where not.
fn reach(backend: &str, request: &Request) -> Response {
    let host = request.get_header_str(header::HOST).unwrap_or_default();
    match Request::get(format!("http://{host}/echo")).send(backend) {
        Ok(answer) => Response::from_status(StatusCode::OK).with_body(format!("reached: {}", answer.get_status())),
        Err(error) => refused(&error.to_string()),
    }
}

/// The same by a backend of the handler's own making.
fn dynamic(request: &Request) -> Response {
    let host = request.get_header_str(header::HOST).unwrap_or_default();
    match Backend::builder("of-its-own", host).finish() {
        Ok(backend) => reach(backend.name(), request),
        Err(error) => refused(&error.to_string()),
    }
}

fn refused(why: &str) -> Response {
    Response::from_status(if WRONG { StatusCode::OK } else { StatusCode::BAD_GATEWAY }).with_body(why)
}
