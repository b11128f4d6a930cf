//! Markup that is well formed and harmless by construction: text from outside has one way in, and that way escapes it.

use super::link::Link;

/// Elements that have no content and no end tag.
const VOID: [&str; 3] = ["br", "meta", "wbr"];
/// Shapes of a drawing, which close themselves.
const SHAPES: [&str; 4] = ["circle", "line", "path", "rect"];

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Takes a text on one line; a control character becomes a visible escape.
    pub(super) fn text(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        text.chars()
            .for_each(|character| escape(character, &mut out));
        Self(out)
    }

    /// Takes a text whose line breaks and tabs count.
    pub(super) fn preformatted(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                '\n' | '\t' => out.push(character),
                other => escape(other, &mut out),
            }
        }
        Self(out)
    }

    /// Adds a piece behind this one.
    pub(super) fn and(mut self, next: impl Into<Markup>) -> Self {
        self.0.push_str(&next.into().0);
        self
    }

    /// Adds a text behind this one.
    pub(super) fn then(self, text: &str) -> Self {
        self.and(Self::text(text))
    }

    /// Tells whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the page that this is.
    pub(super) fn into_document(self) -> String {
        format!("<!DOCTYPE html>\n{}\n", self.0)
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        let Element {
            name,
            attributes,
            content,
        } = element;
        let content = content.0;
        Self(if VOID.contains(&name) {
            format!("<{name}{attributes}>")
        } else if content.is_empty() && SHAPES.contains(&name) {
            format!("<{name}{attributes}/>")
        } else {
            format!("<{name}{attributes}>{content}</{name}>")
        })
    }
}

impl From<Option<Element>> for Markup {
    fn from(element: Option<Element>) -> Self {
        element.map_or_else(Self::default, Self::from)
    }
}

impl<M: Into<Markup>> FromIterator<M> for Markup {
    fn from_iter<I: IntoIterator<Item = M>>(pieces: I) -> Self {
        pieces.into_iter().fold(Self::default(), Self::and)
    }
}

/// An element that is being written.
#[derive(Clone, Debug)]
pub(super) struct Element {
    /// Its name.
    name: &'static str,
    /// Its attributes, escaped, a blank before each.
    attributes: String,
    /// What stands in it.
    content: Markup,
}

impl Element {
    /// Gives it classes.
    pub(super) fn class(self, names: &'static str) -> Self {
        self.set("class", names)
    }

    /// Gives it an attribute. Addresses go through [`Element::link`].
    pub(super) fn set(mut self, name: &'static str, value: &str) -> Self {
        let value = Markup::text(value).0;
        for part in [" ", name, "=\"", &value, "\""] {
            self.attributes.push_str(part);
        }
        self
    }

    /// Lets it lead to an address outside of the page.
    pub(super) fn link(self, link: &Link) -> Self {
        self.set("href", link.address()).set("rel", "noreferrer")
    }

    /// Adds a text on one line.
    pub(super) fn text(self, text: &str) -> Self {
        self.add(Markup::text(text))
    }

    /// Adds a name or a text from outside, whose direction of writing changes nothing around it.
    pub(super) fn name(self, text: &str) -> Self {
        self.add(isolated(text))
    }

    /// Adds a piece.
    pub(super) fn add(mut self, piece: impl Into<Markup>) -> Self {
        self.content = self.content.and(piece);
        self
    }

    /// Adds pieces.
    pub(super) fn all<M: Into<Markup>>(self, pieces: impl IntoIterator<Item = M>) -> Self {
        self.add(pieces.into_iter().collect::<Markup>())
    }

    /// Adds our own style sheet or script, to the letter.
    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.content.0.push_str(code);
        self
    }
}

/// Starts an element.
pub(super) fn el(name: &'static str) -> Element {
    Element {
        name,
        attributes: String::new(),
        content: Markup::default(),
    }
}

/// Returns a text from outside, whose direction of writing changes nothing around it.
pub(super) fn isolated(text: &str) -> Element {
    el("bdi").text(text)
}

/// Writes one character. What can't be seen becomes a visible escape: control characters, line separators, marks that
/// reverse the direction of writing, and what is no character at all, which HTML forbids.
fn escape(character: char, out: &mut String) {
    let is_unseen = matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
    );
    let code = u32::from(character);
    let is_no_character = code & 0xfffe == 0xfffe || (0xfdd0..=0xfdef).contains(&code);
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        _ if character.is_control() || is_unseen || is_no_character => {
            out.extend(character.escape_unicode());
        }
        _ => out.push(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_the_element_or_the_attribute_that_it_stands_in() {
        let element = el("p")
            .set("title", "\"><script>&")
            .text("</p><script>'&amp;");
        assert_eq!(
            Markup::from(element).0,
            "<p title=\"&quot;&gt;&lt;script&gt;&amp;\">&lt;/p&gt;&lt;script&gt;'&amp;amp;</p>"
        );
    }

    #[test]
    fn what_cannot_be_seen_is_shown_and_a_name_is_isolated() {
        let shown = Markup::from(isolated("a\u{202e}b\u{0}\n"));
        assert_eq!(shown.0, "<bdi>a\\u{202e}b\\u{0}\\u{a}</bdi>");
        assert_eq!(Markup::preformatted("a\n\tb\r").0, "a\n\tb\\u{d}");
    }

    #[test]
    fn elements_without_content_close_themselves_where_html_says_so() {
        let pieces = [el("br"), el("path").set("d", "M0 0"), el("td")];
        let pieces: Markup = pieces.into_iter().collect();
        assert_eq!(pieces.0, "<br><path d=\"M0 0\"/><td></td>");
    }
}
