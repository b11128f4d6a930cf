//! What a request to the test server says.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;

/// A request.
pub(super) struct Request {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The parameters.
    pub query: BTreeMap<String, String>,
    /// The token.
    pub token: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Reads a request.
pub(super) fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut token, mut length) = (None, 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "x-token" => token = Some(value.trim().to_owned()),
            "content-length" => length = value.trim().parse().ok()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let query = url::form_urlencoded::parse(query.as_bytes()).into_owned();
    Some(Request {
        method,
        path: path.strip_prefix("/api")?.to_owned(),
        query: query.collect(),
        token,
        body,
    })
}

/// Returns how large a page is, and where it starts.
pub(super) fn page(request: &Request) -> (usize, usize) {
    let number = |name: &str, default| {
        let given = request.query.get(name).and_then(|text| text.parse().ok());
        given.unwrap_or(default)
    };
    (number("pageSize", 20), number("nextPageKey", 0))
}
