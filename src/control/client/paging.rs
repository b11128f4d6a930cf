//! Lists that come in pages, and how answers are read.

use serde::de::DeserializeOwned;

use super::KeptnClient;
use crate::control::failure::CallError;
use crate::control::wire::PageKey;
use crate::net::{Answer, Outgoing};

/// The most elements that one page may have.
pub(super) const LARGEST_PAGE: usize = 100;
/// The most pages that are read of one list.
const MOST_PAGES: usize = 1_000;

/// One page of a list, whatever its members are called.
pub(super) trait ListPage: DeserializeOwned {
    /// What it lists.
    type Element;

    /// Returns its elements, and where the next page begins.
    fn taken(self) -> (Vec<Self::Element>, PageKey);
}

impl KeptnClient {
    /// Reads a list page by page, until it ends or there are enough.
    pub(super) async fn walk<P: ListPage>(
        &self,
        call: &'static str,
        asked: &Outgoing,
        most: usize,
    ) -> Result<Vec<P::Element>, CallError> {
        let mut elements = Vec::new();
        let mut key = None;
        for _ in 0..MOST_PAGES {
            let mut outgoing = asked.clone();
            outgoing
                .query
                .extend(page_parameters(LARGEST_PAGE, key.as_deref()));
            let page: P = self.ask(call, outgoing).await?;
            let (more, next) = page.taken();
            let is_empty = more.is_empty();
            elements.extend(more);
            let next = next.more();
            if elements.len() >= most || next.is_none() {
                elements.truncate(most);
                return Ok(elements);
            }
            // A key that stays, or that leads to nothing, would be followed for ever.
            if next == key || is_empty {
                break;
            }
            key = next;
        }
        Err(CallError::unreadable(call, &"its pages have no end", b""))
    }
}

/// Returns the parameters of a page.
pub(super) fn page_parameters(size: usize, key: Option<&str>) -> Vec<(String, String)> {
    let size = size.clamp(1, LARGEST_PAGE).to_string();
    let key = key.map(|key| ("nextPageKey".to_owned(), key.to_owned()));
    let mut parameters = vec![("pageSize".to_owned(), size)];
    parameters.extend(key);
    parameters
}

/// Returns parameters without those that nobody gave.
pub(super) fn given<'a>(
    pairs: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
) -> Vec<(String, String)> {
    let pairs = pairs.into_iter();
    pairs
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Reads the first JSON of an answer: Keptn appends a second one to some refusals.
pub(super) fn read<T: DeserializeOwned>(
    call: &'static str,
    answer: &Answer,
) -> Result<T, CallError> {
    let mut documents = serde_json::Deserializer::from_slice(&answer.body).into_iter::<T>();
    match documents.next() {
        Some(Ok(read)) => Ok(read),
        Some(Err(error)) => Err(CallError::unreadable(call, &error, &answer.body)),
        None => Err(CallError::unreadable(call, &"it is empty", &answer.body)),
    }
}
