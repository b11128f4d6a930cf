//! YAML as a tree of nodes that know where they stand and how they were written.
//!
//! The parser underneath follows YAML 1.2; what plain scalars mean follows Keptn's parser (yaml.v3), which is laxer.
//! Only the first document is looked at, as in Keptn: what stands behind it is not even checked.

mod compose;
mod scalar;
mod syntax;

use std::rc::Rc;

pub(super) use compose::{Document, Limits, compose};
pub(super) use scalar::Scalar;

use super::source::Span;

/// One node. Aliases are resolved: they share the node they name.
#[derive(Debug)]
pub(crate) struct Node {
    /// Where it stands; for a block scalar from its header on.
    pub span: Span,
    /// Its tag where it has one: `!!str`, `!local`.
    pub tag: Option<String>,
    /// Whether it carries an anchor.
    pub anchored: bool,
    /// What it holds.
    pub content: Content,
    /// How many nodes it is worth, aliases counted each time.
    size: usize,
    /// How many levels it has, itself included.
    depth: usize,
}

/// What a node holds.
#[derive(Debug)]
pub(crate) enum Content {
    /// A text.
    Scalar {
        /// The text, escapes resolved.
        text: String,
        /// How it was written.
        style: ScalarStyle,
    },
    /// A list.
    Sequence(Vec<Rc<Node>>),
    /// Keys and values in the order of the file; duplicates are still there.
    Mapping(Vec<(Rc<Node>, Rc<Node>)>),
}

impl Content {
    /// Tells whether it is a scalar without quotes.
    pub fn is_plain(&self) -> bool {
        let plain = ScalarStyle::Plain;
        matches!(self, Self::Scalar { style, .. } if *style == plain)
    }
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScalarStyle {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a block behind `|` or `>`.
    Block,
}

impl Node {
    /// Makes a scalar without tag and anchor.
    pub fn scalar(span: Span, text: String, style: ScalarStyle) -> Self {
        Self {
            span,
            tag: None,
            anchored: false,
            content: Content::Scalar { text, style },
            size: 1,
            depth: 1,
        }
    }

    /// Makes a sequence or a mapping, and counts what is in it.
    pub fn collection(span: Span, content: Content) -> Self {
        let (size, depth) = measure(&content);
        Self {
            span,
            tag: None,
            anchored: false,
            content,
            size,
            depth,
        }
    }

    /// Tells whether the node means "nothing": empty, `~`, `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.resolve(), Ok(Scalar::Null))
    }

    /// Tells whether it is a scalar written as a block.
    pub fn is_block(&self) -> bool {
        let block = ScalarStyle::Block;
        matches!(&self.content, Content::Scalar { style, .. } if *style == block)
    }

    /// Returns the elements of a sequence.
    pub fn elements(&self) -> Option<&[Rc<Self>]> {
        match &self.content {
            Content::Sequence(elements) => Some(elements),
            Content::Scalar { .. } | Content::Mapping(_) => None,
        }
    }

    /// Returns the entries of a mapping.
    pub fn entries(&self) -> Option<&[(Rc<Self>, Rc<Self>)]> {
        match &self.content {
            Content::Mapping(entries) => Some(entries),
            Content::Scalar { .. } | Content::Sequence(_) => None,
        }
    }

    /// Returns the text of a scalar as the file has it.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            Content::Sequence(_) | Content::Mapping(_) => None,
        }
    }

    /// Returns the value of the first key of this name in a mapping.
    pub fn get(&self, name: &str) -> Option<&Rc<Self>> {
        let mut entries = self.entries()?.iter();
        let found = entries.find(|(key, _)| key.text() == Some(name));
        found.map(|(_, value)| value)
    }

    /// Returns what kind of thing it is, for a message.
    pub fn kind(&self) -> &'static str {
        match &self.content {
            Content::Sequence(_) => "a list",
            Content::Mapping(_) => "a mapping",
            Content::Scalar { .. } if self.is_null() => "nothing",
            Content::Scalar { .. } => "a text",
        }
    }
}

/// Counts nodes and levels of a collection that is about to be made.
fn measure(content: &Content) -> (usize, usize) {
    let add = |(size, depth): (usize, usize), node: &Rc<Node>| {
        (size.saturating_add(node.size), depth.max(node.depth))
    };
    let (size, depth) = match content {
        Content::Scalar { .. } => (0, 0),
        Content::Sequence(elements) => elements.iter().fold((0, 0), add),
        Content::Mapping(entries) => entries
            .iter()
            .fold((0, 0), |sum, (key, value)| add(add(sum, key), value)),
    };
    (size.saturating_add(1), depth + 1)
}
