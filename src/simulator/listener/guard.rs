//! Who may see the page and steer the world: pages that this door served itself. A page from elsewhere can make a browser
//! call a loopback address, by a name of its own that it points there (DNS rebinding) or by a form.

use axum::body::Body;
use axum::http::{HeaderMap, Response, header};

use super::reply;

fn text(headers: &HeaderMap, name: header::HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether `Host` is a loopback name or address, with any port.
fn is_loopback(host: &str) -> bool {
    let named = |host: &str| {
        let port = host.strip_prefix(':').map(|port| port.bytes().all(|digit| digit.is_ascii_digit()));
        host.is_empty() || port == Some(true)
    };
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| host.strip_prefix(name).is_some_and(named))
}

/// Refuses who came by another name (403).
pub fn known(headers: &HeaderMap) -> Result<(), Box<Response<Body>>> {
    match text(headers, header::HOST).is_some_and(is_loopback) {
        true => Ok(()),
        false => Err(refusal(403, "This page is only for http://localhost, http://127.0.0.1 and http://[::1].\n")),
    }
}

/// Refuses a page from elsewhere (403), and what a form can send: anything but JSON (415).
pub fn trusted(headers: &HeaderMap) -> Result<(), Box<Response<Body>>> {
    known(headers)?;
    let host = text(headers, header::HOST).unwrap_or_default();
    if headers.contains_key(header::ORIGIN) && text(headers, header::ORIGIN) != Some(&format!("http://{host}")) {
        return Err(refusal(403, "Another page may not steer this world.\n"));
    }
    let kind = text(headers, header::CONTENT_TYPE).and_then(|kind| kind.split(';').next()).unwrap_or_default();
    match kind.trim().eq_ignore_ascii_case("application/json") {
        true => Ok(()),
        false => Err(refusal(415, "Send it as content-type: application/json.\n")),
    }
}

pub fn refusal(status: u16, why: impl Into<String>) -> Box<Response<Body>> {
    Box::new(reply(status, &[("content-type", "text/plain; charset=utf-8".into())], why.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for good in ["localhost", "localhost:8888", "127.0.0.1", "127.0.0.1:1", "[::1]", "[::1]:80"] {
            assert!(is_loopback(good), "{good}");
        }
        for bad in
            ["", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil.example", "localhost:80a", "10.0.0.1"]
        {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
