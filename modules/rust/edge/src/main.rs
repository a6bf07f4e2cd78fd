fn main() { let r = fastly::Request::from_client(); fastly::Response::from_body(r.into_body()).send_to_client(); }
