//! XML as reports write it: a tree of elements that prints itself. Whatever the text, what is printed is well-formed.

use std::fmt::Write as _;

use quick_xml::escape::escape;

/// What every document begins with.
const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// An element.
#[derive(Clone, Debug)]
pub struct Element {
    /// Its name.
    name: &'static str,
    /// Its attributes, in the order in which they are written.
    attributes: Vec<(&'static str, String)>,
    /// What it holds.
    content: Content,
}

/// What an element holds.
#[derive(Clone, Debug)]
enum Content {
    /// Other elements, or nothing.
    Elements(Vec<Element>),
    /// Text.
    Text(String),
}

impl Element {
    /// Starts an element.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: Vec::new(),
            content: Content::Elements(Vec::new()),
        }
    }

    /// Starts an element that holds text.
    pub fn of_text(name: &'static str, text: String) -> Self {
        Self {
            content: Content::Text(text),
            ..Self::new(name)
        }
    }

    /// Adds an attribute.
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.attributes.push((name, value.into()));
        self
    }

    /// Adds elements; one that holds text keeps its text.
    pub fn holding(mut self, elements: impl IntoIterator<Item = Self>) -> Self {
        if let Content::Elements(held) = &mut self.content {
            held.extend(elements);
        }
        self
    }

    /// Prints the element as a whole document.
    pub fn document(&self) -> String {
        let mut text = DECLARATION.to_owned();
        self.print(&mut text, 0);
        text
    }

    /// Prints the element on lines of its own.
    fn print(&self, text: &mut String, depth: usize) {
        let indent = "  ".repeat(depth);
        text.push_str(&indent);
        text.push('<');
        text.push_str(self.name);
        for (name, value) in &self.attributes {
            // Writing to a text never fails.
            let _ok = write!(text, " {name}=\"{}\"", attribute(value));
        }
        match &self.content {
            Content::Elements(elements) if elements.is_empty() => {
                text.push_str("/>\n");
                return;
            }
            Content::Elements(elements) => {
                text.push_str(">\n");
                for element in elements {
                    element.print(text, depth + 1);
                }
                text.push_str(&indent);
            }
            Content::Text(held) => {
                text.push('>');
                text.push_str(&escape(legal(held)));
            }
        }
        text.push_str("</");
        text.push_str(self.name);
        text.push_str(">\n");
    }
}

/// Escapes the value of an attribute; a line break stays one.
fn attribute(value: &str) -> String {
    escape(legal(value))
        .replace('\t', "&#9;")
        .replace('\n', "&#10;")
        .replace('\r', "&#13;")
}

/// Makes the characters visible that XML 1.0 forbids, escaped or not, and those that could tear a line apart.
fn legal(text: &str) -> String {
    let mut legal = String::with_capacity(text.len());
    for character in text.chars() {
        let is_layout = matches!(character, '\t' | '\n');
        let is_forbidden = matches!(character, '\u{fffe}' | '\u{ffff}');
        if is_forbidden || (character.is_control() && !is_layout) {
            legal.extend(character.escape_unicode());
        } else {
            legal.push(character);
        }
    }
    legal
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_an_element_or_an_attribute() {
        let hostile = "a\"b'c<d>&e]]>\u{0}\u{1b}\u{fffe}\n\r";
        let inner = Element::of_text("inner", hostile.to_owned()).with("name", hostile);
        let text = Element::new("outer").holding([inner]).document();
        insta::assert_snapshot!(text, @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <outer>
          <inner name="a&quot;b&apos;c&lt;d&gt;&amp;e]]&gt;\u{0}\u{1b}\u{fffe}&#10;\u{d}">a&quot;b&apos;c&lt;d&gt;&amp;e]]&gt;\u{0}\u{1b}\u{fffe}
        \u{d}</inner>
        </outer>
        "#);
    }
}
