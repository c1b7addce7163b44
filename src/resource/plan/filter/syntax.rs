//! The text of an expression, taken apart: names are not looked up yet.
//!
//! One pass, no backtracking, and bounds on depth and size, so that the dearest text costs what its bytes cost.

use super::{Op, Problem, invalid, op};
use crate::jsonapi::{error::Code, suggest};
use std::borrow::Cow;

/// The most levels of parentheses.
pub(super) const DEPTH: usize = 12;
/// The most functions of all expressions of a request.
pub(super) const MOST_NODES: usize = 64;

/// A condition.
#[derive(Debug, PartialEq)]
pub(super) enum Node<'a> {
    All(Vec<Node<'a>>),
    Any(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    Compared { op: Op, left: Operand<'a>, right: Operand<'a> },
    Listed { op: Op, left: Path<'a>, values: Vec<Literal<'a>> },
    Blank { path: Path<'a>, blank: bool },
    Related { how: Quantifier, path: Path<'a>, condition: Option<Box<Node<'a>>> },
}

/// How many of the related resources a condition is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Some,
    Every,
}

/// One side of a comparison.
#[derive(Debug, PartialEq)]
pub(super) enum Operand<'a> {
    Path(Path<'a>),
    Count(Path<'a>, Option<Box<Node<'a>>>),
    Literal(Literal<'a>),
}

/// Names with dots between them, and where they stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Path<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

/// A value as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Literal<'a> {
    pub(super) written: Written,
    pub(super) text: Cow<'a, str>,
    pub(super) at: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Quoted,
    Number,
    Bool,
    Null,
}

/// Understands `text`; `nodes` counts down how many functions a request may have.
pub(super) fn parse<'a>(text: &'a str, nodes: &mut usize) -> Result<Node<'a>, Problem> {
    let mut parser = Parser { text, at: 0, depth: 0, nodes };
    let node = parser.condition()?;
    parser.skip_spaces();
    if parser.at < text.len() {
        return Err(parser.wrong("Nothing is expected behind the end of the expression."));
    }
    Ok(node)
}

const FUNCTIONS: &[&str] = &[
    "and", "or", "not", "eq", "!eq", "gt", "gte", "lt", "lte", "pre", "suf", "ct", "!ct", "in", "!in", "blank",
    "present", "has", "any", "all", "count",
];

struct Parser<'a, 'n> {
    text: &'a str,
    at: usize,
    depth: usize,
    nodes: &'n mut usize,
}

impl<'a> Parser<'a, '_> {
    fn condition(&mut self) -> Result<Node<'a>, Problem> {
        self.skip_spaces();
        let start = self.at;
        let word = self.word();
        if word.is_empty() {
            return Err(self.wrong("A condition is expected here, such as `eq(name,'Ana')`."));
        }
        let known = word != "count" && FUNCTIONS.contains(&word);
        if !known || !self.next_is('(') {
            let hint = suggest::choice(word, FUNCTIONS.iter().copied().filter(|name| !known && *name != "count"));
            let detail = format!("`{word}` is no condition: one is written `eq(name,'Ana')`.{hint}");
            return Err(Problem::at(Code::FilterUnknown, detail, start));
        }
        self.open(start)?;
        let node = self.inside(word)?;
        self.close()?;
        Ok(node)
    }

    fn inside(&mut self, function: &str) -> Result<Node<'a>, Problem> {
        Ok(match function {
            "and" => Node::All(self.several(Self::condition)?),
            "or" => Node::Any(self.several(Self::condition)?),
            "not" => Node::Not(Box::new(self.condition()?)),
            "blank" | "present" => Node::Blank { path: self.path()?, blank: function == "blank" },
            "has" => Node::Related { how: Quantifier::Some, path: self.path()?, condition: None },
            "any" | "all" => {
                let how = if function == "any" { Quantifier::Some } else { Quantifier::Every };
                let path = self.path()?;
                self.comma()?;
                Node::Related { how, path, condition: Some(Box::new(self.condition()?)) }
            }
            word => match op(word) {
                Some(op @ (Op::In | Op::NotIn)) => {
                    let left = self.path()?;
                    self.comma()?;
                    Node::Listed { op, left, values: self.several(Self::literal)? }
                }
                Some(op) => {
                    let left = self.operand()?;
                    self.comma()?;
                    Node::Compared { op, left, right: self.operand()? }
                }
                None => return Err(self.wrong("A condition is expected here, such as `eq(name,'Ana')`.")),
            },
        })
    }

    fn several<T>(&mut self, one: fn(&mut Self) -> Result<T, Problem>) -> Result<Vec<T>, Problem> {
        let mut all = vec![one(self)?];
        while self.next_is(',') {
            self.at += 1;
            all.push(one(self)?);
        }
        Ok(all)
    }

    fn operand(&mut self) -> Result<Operand<'a>, Problem> {
        if let Some(literal) = self.try_literal()? {
            return Ok(Operand::Literal(literal));
        }
        let path = self.path()?;
        if path.text != "count" || !self.next_is('(') {
            return Ok(Operand::Path(path));
        }
        self.open(path.at)?;
        let path = self.path()?;
        let condition = if self.next_is(',') {
            self.at += 1;
            Some(Box::new(self.condition()?))
        } else {
            None
        };
        self.close()?;
        Ok(Operand::Count(path, condition))
    }

    fn path(&mut self) -> Result<Path<'a>, Problem> {
        self.skip_spaces();
        let at = self.at;
        let text = self.word();
        if text.is_empty() || text.starts_with('!') || text.split('.').any(str::is_empty) {
            self.at = at;
            return Err(self.wrong("The name of a field is expected here."));
        }
        Ok(Path { text, at })
    }

    fn literal(&mut self) -> Result<Literal<'a>, Problem> {
        match self.try_literal()? {
            Some(literal) => Ok(literal),
            None => Err(self.wrong("A value is expected here: `'text'`, `3`, `true`, `false` or `null`.")),
        }
    }

    fn try_literal(&mut self) -> Result<Option<Literal<'a>>, Problem> {
        self.skip_spaces();
        let at = self.at;
        let rest = &self.text[at..];
        if rest.starts_with('\'') {
            return self.quoted().map(Some);
        }
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        if length > 0 {
            self.at += rest.len() - digits.len() + length;
            let text = Cow::Borrowed(&self.text[at..self.at]);
            return Ok(Some(Literal { written: Written::Number, text, at }));
        }
        let word = self.word();
        let written = match word {
            "true" | "false" => Written::Bool,
            "null" => Written::Null,
            _ => {
                self.at = at;
                return Ok(None);
            }
        };
        Ok(Some(Literal { written, text: Cow::Borrowed(word), at }))
    }

    /// `'…'`; two quotes stand for one.
    fn quoted(&mut self) -> Result<Literal<'a>, Problem> {
        let at = self.at;
        let inside = &self.text[at + 1..];
        let bytes = inside.as_bytes();
        let mut end = 0;
        let mut doubled = false;
        loop {
            match bytes.get(end) {
                None => return Err(Problem::at(Code::FilterInvalid, "This quote is never closed.", at)),
                Some(b'\'') if bytes.get(end + 1) == Some(&b'\'') => {
                    doubled = true;
                    end += 2;
                }
                Some(b'\'') => break,
                Some(_) => end += 1,
            }
        }
        self.at = at + 1 + end + 1;
        let text = &inside[..end];
        let text = if doubled { Cow::Owned(text.replace("''", "'")) } else { Cow::Borrowed(text) };
        Ok(Literal { written: Written::Quoted, text, at })
    }

    fn word(&mut self) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(['(', ')', ',', '\'', ' ']).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn open(&mut self, start: usize) -> Result<(), Problem> {
        self.depth += 1;
        if self.depth > DEPTH {
            let detail = format!("An expression has at most {DEPTH} levels of parentheses.");
            return Err(Problem::at(Code::FilterInvalid, detail, start));
        }
        if *self.nodes == 0 {
            let detail = format!("The expressions of a request have at most {MOST_NODES} functions.");
            return Err(Problem::at(Code::FilterInvalid, detail, start));
        }
        *self.nodes -= 1;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), Problem> {
        if !self.next_is(')') {
            return Err(self.wrong("A `)` is expected here."));
        }
        self.at += 1;
        self.depth -= 1;
        Ok(())
    }

    fn comma(&mut self) -> Result<(), Problem> {
        if !self.next_is(',') {
            return Err(self.wrong("A `,` is expected here."));
        }
        self.at += 1;
        Ok(())
    }

    fn next_is(&mut self, character: char) -> bool {
        self.skip_spaces();
        self.text[self.at..].starts_with(character)
    }

    fn skip_spaces(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start_matches(' ').len();
    }

    fn wrong(&self, detail: impl Into<String>) -> Problem {
        invalid(detail).moved(self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node<'_>, (Option<usize>, String)> {
        parse(text, &mut MOST_NODES.clone()).map_err(|problem| (problem.at, problem.detail))
    }

    fn path(text: &str, at: usize) -> Path<'_> {
        Path { text, at }
    }

    #[test]
    fn functions_take_names_values_and_conditions() {
        let literal = |written, text: &'static str, at| Literal { written, text: Cow::Borrowed(text), at };
        let eq = Node::Compared {
            op: Op::NotEq,
            left: Operand::Path(path("a.b", 10)),
            right: Operand::Literal(literal(Written::Quoted, "it's", 15)),
        };
        let listed = Node::Listed {
            op: Op::In,
            left: path("c", 28),
            values: vec![literal(Written::Number, "-3", 30), literal(Written::Null, "null", 33)],
        };
        assert_eq!(read("and( !eq (a.b, 'it''s'), in(c,-3,null))"), Ok(Node::All(vec![eq, listed])));
        let counted = Node::Compared {
            op: Op::Gte,
            left: Operand::Count(path("r", 10), Some(Box::new(Node::Blank { path: path("x", 18), blank: true }))),
            right: Operand::Path(path("n", 22)),
        };
        assert_eq!(read("gte(count(r,blank(x)),n)"), Ok(counted));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, at) in [
            ("", 0),
            ("name", 0),
            ("nme(a)", 0),
            ("eq(name)", 7),
            ("eq(name,)", 8),
            ("eq(name,'Ana", 8),
            ("eq(name,'Ana'", 13),
            ("eq(name,'Ana'))", 14),
            ("and()", 4),
            ("in(name,other)", 8),
            ("not(eq(ä,1),2)", 12),
            ("count(a)", 0),
            ("eq(.a,1)", 3),
            ("eq(a,1) or eq(a,2)", 8),
        ] {
            assert_eq!(read(text).map_err(|(at, _)| at), Err(Some(at)), "{text}");
        }
    }

    #[test]
    fn neither_depth_nor_size_is_without_bounds() {
        let deep = |levels: usize| format!("{}eq(a,1){}", "not(".repeat(levels - 1), ")".repeat(levels - 1));
        assert!(read(&deep(DEPTH)).is_ok());
        assert_eq!(read(&deep(DEPTH + 1)).map_err(|(at, _)| at), Err(Some(4 * DEPTH)));
        assert!(read(&deep(2000)).is_err());
        let wide = |many: usize| format!("or({})", vec!["has(a)"; many - 1].join(","));
        assert!(read(&wide(MOST_NODES)).is_ok());
        assert!(read(&wide(MOST_NODES + 1)).is_err());
    }
}
