//! Events of the parser into a tree.

use std::collections::BTreeMap;
use std::rc::Rc;

use granit_parser::{Event, Parser, ScalarStyle as ParserStyle, Span as ParserSpan, Tag};

use super::syntax;
use super::{Content, Node, ScalarStyle};
use crate::spec::problem::Problem;
use crate::spec::source::{Source, Span, too_large};

/// How large a document may be.
#[derive(Clone, Copy, Debug)]
pub(in crate::spec) struct Limits {
    /// Bytes of the file.
    pub bytes: usize,
    /// Levels of lists and mappings.
    pub depth: usize,
    /// Nodes, each alias counted as all that it stands for.
    pub nodes: usize,
}

impl Limits {
    /// What a person may write.
    pub const FILE: Self = Self {
        bytes: Source::MOST_YAML_BYTES,
        depth: 64,
        nodes: 200_000,
    };
}

/// The first document of a file.
#[derive(Debug)]
pub(in crate::spec) enum Document {
    /// There is none: the file is empty, or holds comments only.
    Empty,
    /// It has a root.
    Root(Rc<Node>),
}

/// Reads the first document.
///
/// # Errors
/// The one problem that keeps it from being read: syntax, or a limit.
pub(in crate::spec) fn compose(source: &Source, limits: Limits) -> Result<Document, Problem> {
    if source.text().len() > limits.bytes {
        return Err(too_large(source.path(), limits.bytes));
    }
    let mut composer = Composer {
        source,
        limits,
        open: Vec::new(),
        anchors: BTreeMap::new(),
        root: None,
    };
    for event in Parser::new_from_str(source.text()) {
        let (event, span) = event.map_err(|error| syntax::problem(source, &error))?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        composer.take(event, span)?;
    }
    Ok(composer.root.map_or(Document::Empty, Document::Root))
}

/// The tree while it grows.
struct Composer<'s> {
    /// Where the text comes from.
    source: &'s Source,
    /// How large it may grow.
    limits: Limits,
    /// The collections that are not closed yet, the outermost first.
    open: Vec<Open>,
    /// The nodes with anchors, by the parser's number.
    anchors: BTreeMap<usize, Rc<Node>>,
    /// The root, once it is complete.
    root: Option<Rc<Node>>,
}

/// A collection that is not closed yet.
struct Open {
    /// Where it begins.
    start: usize,
    /// The parser's number of its anchor; 0 for none.
    anchor: usize,
    /// Its tag.
    tag: Option<String>,
    /// What it will be.
    kind: OpenKind,
    /// What it holds so far; keys and values take turns in a mapping.
    children: Vec<Rc<Node>>,
}

/// What an open collection will be.
enum OpenKind {
    /// A list.
    Sequence,
    /// A mapping.
    Mapping,
}

impl Composer<'_> {
    /// Takes one event.
    fn take(&mut self, event: Event<'_>, at: ParserSpan) -> Result<(), Problem> {
        let span = bytes_of(at);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.refuse_control_characters(span)?;
                let node = self.scalar(span, text.into_owned(), style);
                self.add(node, anchor, tag.as_deref().and_then(short_tag))
            }
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(_, anchor, tag) => {
                self.open(span, anchor, tag.as_deref(), OpenKind::Sequence)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open(span, anchor, tag.as_deref(), OpenKind::Mapping)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | Event::Comment(..)
            | _ => Ok(()),
        }
    }

    /// Makes a scalar; the parser calls a value that is not there `~`.
    fn scalar(&self, span: Span, text: String, style: ParserStyle) -> Node {
        match style {
            ParserStyle::Plain if span.start == span.end => {
                Node::scalar(span, String::new(), ScalarStyle::Plain)
            }
            ParserStyle::Plain => Node::scalar(span, text, ScalarStyle::Plain),
            ParserStyle::SingleQuoted | ParserStyle::DoubleQuoted => {
                Node::scalar(span, text, ScalarStyle::Quoted)
            }
            ParserStyle::Literal | ParserStyle::Folded => {
                let span = Span::new(block_header(self.source.text(), span.start), span.end);
                Node::scalar(
                    span,
                    self.without_added_break(span, text),
                    ScalarStyle::Block,
                )
            }
        }
    }

    /// Takes back the line break that the parser adds to a block at the end of a text that has none.
    fn without_added_break(&self, span: Span, mut text: String) -> String {
        let source = self.source.text();
        if span.end == source.len() && !source.ends_with(['\n', '\r']) && text.ends_with('\n') {
            text.pop();
        }
        text
    }

    /// Refuses what Keptn's parser refuses anywhere: characters that no one can see.
    fn refuse_control_characters(&self, span: Span) -> Result<(), Problem> {
        let is_forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
        let Some(at) = self.source.slice(span).find(is_forbidden) else {
            return Ok(());
        };
        let start = span.start + at;
        let message = "not valid YAML: control characters are not allowed";
        Err(self.problem(Span::new(start, start + 1), message))
    }

    /// Begins a collection.
    fn open(
        &mut self,
        span: Span,
        anchor: usize,
        tag: Option<&Tag>,
        kind: OpenKind,
    ) -> Result<(), Problem> {
        if self.open.len() >= self.limits.depth {
            return Err(self.too_deep(span));
        }
        self.open.push(Open {
            start: span.start,
            anchor,
            tag: tag.and_then(short_tag),
            kind,
            children: Vec::new(),
        });
        Ok(())
    }

    /// Ends the innermost collection.
    fn close(&mut self, span: Span) -> Result<(), Problem> {
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let content = match open.kind {
            OpenKind::Sequence => Content::Sequence(open.children),
            OpenKind::Mapping => Content::Mapping(pairs(open.children)),
        };
        let node = Node::collection(Span::new(open.start, span.end), content);
        self.add(node, open.anchor, open.tag)
    }

    /// Puts a node where an alias stands.
    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Problem> {
        match self.anchors.get(&anchor) {
            Some(node) => {
                let node = Rc::clone(node);
                self.attach(node, span)
            }
            None => Err(self.problem(span, "this alias stands inside of what it names")),
        }
    }

    /// Puts a node that is complete into its parent.
    fn add(&mut self, mut node: Node, anchor: usize, tag: Option<String>) -> Result<(), Problem> {
        node.tag = tag;
        node.anchored = anchor != 0;
        let span = node.span;
        let node = Rc::new(node);
        if anchor != 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        self.attach(node, span)
    }

    /// Puts a node into its parent, unless the document becomes too large by it.
    fn attach(&mut self, node: Rc<Node>, at: Span) -> Result<(), Problem> {
        if node.size > self.limits.nodes {
            let message = format!("the document has more than {} values", self.limits.nodes);
            let hint = "aliases (`*name`) count as all that they stand for";
            return Err(self.problem(at, message).with_hint(hint));
        }
        if self.open.len() + node.depth > self.limits.depth + 1 {
            return Err(self.too_deep(at));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    /// Says that lists and mappings are nested too deeply.
    fn too_deep(&self, at: Span) -> Problem {
        let depth = self.limits.depth;
        self.problem(
            at,
            format!("lists and mappings are nested more than {depth} levels deep"),
        )
    }

    /// Makes a problem.
    fn problem(&self, at: Span, message: impl Into<String>) -> Problem {
        Problem::malformed(self.source.path(), Some(self.source.place(at)), message)
    }
}

/// Groups the children of a mapping into keys and values.
fn pairs(children: Vec<Rc<Node>>) -> Vec<(Rc<Node>, Rc<Node>)> {
    let mut pairs = Vec::with_capacity(children.len() / 2);
    let mut children = children.into_iter();
    while let (Some(key), Some(value)) = (children.next(), children.next()) {
        pairs.push((key, value));
    }
    pairs
}

/// Returns a tag in its short form; `!` alone says nothing.
fn short_tag(tag: &Tag) -> Option<String> {
    if let Some(suffix) = tag.suffix_in_namespace("tag:yaml.org,2002:") {
        return Some(format!("!!{suffix}"));
    }
    let written = format!("{}{}", tag.handle(), tag.suffix());
    (written != "!").then_some(written)
}

/// Returns the bytes of the parser's span; from a text it always has them.
fn bytes_of(span: ParserSpan) -> Span {
    let range = span.byte_range().unwrap_or_default();
    Span::new(range.start, range.end)
}

/// Returns where the header (`|` or `>`) of a block scalar stands whose content begins at `content`.
fn block_header(text: &str, content: usize) -> usize {
    let mut end = content;
    loop {
        let before = text.get(..end).unwrap_or_default().trim_end();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let line = before.get(line_start..).unwrap_or_default();
        if line.is_empty() {
            return content;
        }
        if line.trim_start().starts_with('#') {
            end = line_start;
            continue;
        }
        let code = line.split(" #").next().unwrap_or_default();
        return code.rfind(['>', '|']).map_or(content, |at| line_start + at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads a text.
    fn read(text: &str) -> Result<Document, Problem> {
        compose(&Source::new("a", text), Limits::FILE)
    }

    /// Reads a text that has a root.
    fn root(text: &str) -> Rc<Node> {
        match read(text) {
            Ok(Document::Root(root)) => root,
            other => panic!("{text:?}: {other:?}"),
        }
    }

    #[test]
    fn only_the_first_document_is_looked_at() {
        for text in ["a: 1\n...\nfoo: [", "a: 1\n---\n@@@ {", "a: 1\n...\n\u{7}"] {
            assert_eq!(root(text).get("a").unwrap().text(), Some("1"), "{text:?}");
        }
        assert!(root("---\n---\na: 1").is_null());
        assert!(matches!(read("# hi\n"), Ok(Document::Empty)));
    }

    #[test]
    fn an_alias_bomb_and_deep_nesting_are_refused() {
        let level = |level: usize| {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            format!("a{level}: &a{level} [{aliases}]\n")
        };
        let bomb = format!(
            "a0: &a0 x\n{}",
            (1..20).map(level).collect::<Vec<_>>().concat()
        );
        let problem = read(&bomb).unwrap_err();
        assert!(problem.message.contains("more than 200000 values"));
        let deep = format!("a: {}{}", "[".repeat(70), "]".repeat(70));
        assert!(read(&deep).unwrap_err().message.contains("64 levels"));
        let fine = format!("a: {}{}", "[".repeat(60), "]".repeat(60));
        assert!(read(&fine).is_ok());
        assert!(read("a: &x [*x]").is_err());
    }

    #[test]
    fn nesting_by_aliases_counts_too() {
        let level = |level: usize| format!("a{level}: &a{level} [*a{}]\n", level - 1);
        let levels: Vec<String> = (1..80).map(level).collect();
        let text = format!("a0: &a0 x\n{}", levels.concat());
        assert!(read(&text).unwrap_err().message.contains("64 levels"));
    }

    #[test]
    fn a_block_scalar_spans_its_header() {
        let text = "a: >5\nb: |- # c > d\n\n  x\n";
        let root = root(text);
        let slice = |name| {
            Source::new("a", text)
                .slice(root.get(name).unwrap().span)
                .to_owned()
        };
        assert!(slice("a").starts_with(">5"));
        assert!(slice("b").starts_with("|-"), "{:?}", slice("b"));
    }

    #[test]
    fn a_block_at_the_end_has_no_more_line_breaks_than_the_text() {
        assert_eq!(root("a: >\n  90%").get("a").unwrap().text(), Some("90%"));
        assert_eq!(
            root("a: >\n  90%\n").get("a").unwrap().text(),
            Some("90%\n")
        );
    }

    #[test]
    fn a_value_that_is_not_there_is_empty_not_a_tilde() {
        assert_eq!(root("a: !!str\n").get("a").unwrap().text(), Some(""));
        assert_eq!(root("a: ~\n").get("a").unwrap().text(), Some("~"));
    }
}
