//! Lists in pages, with keys that are texts (controlplane.md 1.1).

use serde::Deserialize;

use crate::server::problem::Problem;

/// The entries of a page when nobody says.
const PAGE: usize = 20;

/// Which page is wanted.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PageQuery {
    /// How many entries.
    page_size: Option<String>,
    /// Where to go on.
    next_page_key: Option<String>,
}

/// A page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Its entries.
    pub entries: Vec<T>,
    /// The key of the next one; `"0"`: there is none.
    pub next: String,
    /// How many entries all pages have.
    pub total: usize,
    /// How many entries it may have.
    pub size: usize,
}

impl PageQuery {
    /// Returns the page of a list.
    pub fn page<T>(&self, all: Vec<T>) -> Result<Page<T>, Problem> {
        let size = match number("pageSize", self.page_size.as_deref())? {
            0 => PAGE,
            size => size,
        };
        let from = number("nextPageKey", self.next_page_key.as_deref())?;
        let total = all.len();
        let end = from.saturating_add(size);
        Ok(Page {
            entries: all.into_iter().skip(from).take(size).collect(),
            next: if end < total { end } else { 0 }.to_string(),
            total,
            size,
        })
    }
}

/// Reads a number; none is 0.
fn number(name: &str, text: Option<&str>) -> Result<usize, Problem> {
    let text = text.unwrap_or_default();
    if text.is_empty() {
        return Ok(0);
    }
    let malformed = |_| Problem::bad_request(format!("{name} has to be a number, 0 or more"));
    text.parse().map_err(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_with_the_key_0() {
        let all: Vec<u32> = (0..45).collect();
        let mut key = String::new();
        let mut sizes = Vec::new();
        while key != "0" {
            let query = PageQuery {
                page_size: None,
                next_page_key: Some(key),
            };
            let page = query.page(all.clone()).unwrap();
            sizes.push(page.entries.len());
            key = page.next;
        }
        assert_eq!(sizes, [20, 20, 5]);
        let query = |size: &str, key: &str| PageQuery {
            page_size: Some(size.to_owned()),
            next_page_key: Some(key.to_owned()),
        };
        assert_eq!(query("45", "").page(all.clone()).unwrap().next, "0");
        let far = query("18446744073709551615", "44")
            .page(all.clone())
            .unwrap();
        assert_eq!(far.entries, [44]);
        assert!(query("-1", "").page(all.clone()).is_err());
        assert!(query("", "x").page(all).is_err());
    }
}
