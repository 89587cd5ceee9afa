//! A Rust file taken apart just far enough: code, comments, functions, and what is a test.

/// A Rust file with three views of it that have the same lines and columns.
#[derive(Debug)]
pub(super) struct Source {
    /// Relative to the root, with `/`.
    pub(super) path: String,
    /// The lines as they stand.
    pub(super) lines: Vec<String>,
    /// The lines with comments and the insides of literals blanked.
    pub(super) code: Vec<String>,
    /// The lines with all but comments blanked.
    pub(super) comments: Vec<String>,
    /// For each line, whether it is compiled for tests only.
    pub(super) test: Vec<bool>,
    /// The functions with a body.
    pub(super) functions: Vec<Function>,
}

/// A function with a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Function {
    /// Its name.
    pub(super) name: String,
    /// The line of its `fn`, counted from 1.
    pub(super) line: usize,
    /// The lines from its `fn` to its closing brace.
    pub(super) length: usize,
}

impl Source {
    /// Takes `text` apart.
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Source {
        let (path, text) = (path.into(), text.into());
        let (code, comments) = views(&text);
        let chars: Vec<char> = code.chars().collect();
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let of_tests =
            path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs");
        let mut test = vec![of_tests; lines.len()];
        for at in find_all(&chars, "#[cfg(test)]").chain(find_all(&chars, "#[test]")) {
            let last = line_of(&chars, item_end(&chars, at + 1));
            test[line_of(&chars, at)..=last].fill(true);
        }
        let split = |view: &str| view.lines().map(str::to_owned).collect();
        let functions = functions(&chars);
        Source { path, lines, code: split(&code), comments: split(&comments), test, functions }
    }

    /// `path:line`, with the line counted from 0.
    pub(super) fn place(&self, line: usize) -> String {
        format!("{}:{}", self.path, line + 1)
    }
}

/// Where `word` stands in `line` with no letter, digit or `_` on either side.
pub(super) fn find_words<'a>(line: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).map(|(at, _)| at).filter(move |&at| {
        !line[..at].ends_with(is_part) && !line[at + word.len()..].starts_with(is_part)
    })
}

/// Whether `word` stands in `line` like that.
pub(super) fn has_word(line: &str, word: &str) -> bool {
    find_words(line, word).next().is_some()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Code,
    Comment,
    Literal,
}

/// The views `code` and `comments` of `text`.
fn views(text: &str) -> (String, String) {
    let chars: Vec<char> = text.chars().collect();
    let (mut code, mut comments) = (String::new(), String::new());
    let mut at = 0;
    while at < chars.len() {
        let (kind, end) = token(&chars, at);
        for &c in &chars[at..end] {
            let shown = |wanted| if c == '\n' || kind == wanted { c } else { ' ' };
            code.push(shown(Kind::Code));
            comments.push(shown(Kind::Comment));
        }
        at = end;
    }
    (code, comments)
}

/// What starts at `at`, and where it ends: a comment, a literal, or one character of code.
fn token(chars: &[char], at: usize) -> (Kind, usize) {
    let rest = &chars[at..];
    let after_word = at > 0 && (chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
    match rest {
        ['/', '/', ..] => {
            let length = rest.iter().position(|&c| c == '\n').unwrap_or(rest.len());
            (Kind::Comment, at + length)
        }
        ['/', '*', ..] => (Kind::Comment, at + block_comment_length(rest)),
        ['"', ..] => (Kind::Literal, at + 1 + until_quote(&rest[1..], '"')),
        ['\'', '\\', ..] => (Kind::Literal, at + 1 + until_quote(&rest[1..], '\'')),
        ['\'', _, '\'', ..] => (Kind::Literal, at + 3),
        ['r', ..] if !after_word => raw_string(rest, 1, at),
        ['b' | 'c', 'r', ..] if !after_word => raw_string(rest, 2, at),
        _ => (Kind::Code, at + 1),
    }
}

/// The length of what stands before and with the closing `quote`.
fn until_quote(rest: &[char], quote: char) -> usize {
    let mut length = 0;
    while length < rest.len() {
        match rest[length] {
            '\\' => length += 2,
            c if c == quote => return length + 1,
            _ => length += 1,
        }
    }
    rest.len()
}

/// The length of a block comment, which may hold others.
fn block_comment_length(rest: &[char]) -> usize {
    let (mut depth, mut length) = (0usize, 0);
    while length < rest.len() {
        match &rest[length..] {
            ['/', '*', ..] => (depth, length) = (depth + 1, length + 2),
            ['*', '/', ..] => (depth, length) = (depth - 1, length + 2),
            _ => length += 1,
        }
        if depth == 0 {
            return length;
        }
    }
    rest.len()
}

/// A raw string whose prefix has `prefix` letters; a raw identifier is code.
fn raw_string(rest: &[char], prefix: usize, at: usize) -> (Kind, usize) {
    let hashes = rest[prefix..].iter().take_while(|&&c| c == '#').count();
    let open = prefix + hashes;
    if rest.get(open) != Some(&'"') {
        return (Kind::Code, at + 1);
    }
    let closes = |&end: &usize| {
        rest[end] == '"' && rest[end + 1..].iter().take_while(|&&c| c == '#').count() >= hashes
    };
    let end = (open + 1..rest.len()).find(closes).map_or(rest.len(), |end| end + 1 + hashes);
    (Kind::Literal, at + end)
}

/// Where `what`, which is ASCII, stands in `chars`.
fn find_all<'a>(chars: &'a [char], what: &'a str) -> impl Iterator<Item = usize> + 'a {
    let at = |start: &usize| chars[*start..].iter().copied().take(what.len()).eq(what.chars());
    (0..chars.len()).filter(at)
}

/// The line of a character, counted from 0.
fn line_of(chars: &[char], at: usize) -> usize {
    chars[..at].iter().filter(|&&c| c == '\n').count()
}

/// Where the item that starts at `from` ends: at its `;`, or at the brace that closes its body.
fn item_end(chars: &[char], from: usize) -> usize {
    let mut depth = 0i32;
    for (at, c) in chars.iter().enumerate().skip(from) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' => depth -= 1,
            '}' => {
                depth -= 1;
                if depth <= 0 {
                    return at;
                }
            }
            ';' if depth <= 0 => return at,
            _ => {}
        }
    }
    chars.len().saturating_sub(1)
}

/// The functions with a body, in the code view of a file.
fn functions(chars: &[char]) -> Vec<Function> {
    let mut found = Vec::new();
    for at in find_all(chars, "fn ") {
        let starts = at == 0 || !(chars[at - 1].is_alphanumeric() || chars[at - 1] == '_');
        let name: String =
            chars[at + 3..].iter().take_while(|c| c.is_alphanumeric() || **c == '_').collect();
        let end = item_end(chars, at);
        if starts && !name.is_empty() && chars[end] == '}' {
            let (first, last) = (line_of(chars, at), line_of(chars, end));
            found.push(Function { name, line: first + 1, length: last - first + 1 });
        }
    }
    found
}

#[test]
fn comments_and_literals_are_not_code() {
    let text = "let a = \"x // \\\" y\"; // z\n\
        let b = r#\"{ \" fn \"#; /* a /* b */ c */ d\n'\"' 'l '\\'' e";
    let source = Source::new("a.rs", text);
    let squeezed = |line: &String| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let code: Vec<String> = source.code.iter().map(squeezed).collect();
    assert_eq!(code, ["let a = ;", "let b = ; d", "'l e"]);
    let comments: Vec<String> = source.comments.iter().map(squeezed).collect();
    assert_eq!(comments, ["// z", "/* a /* b */ c */", ""]);
}

#[test]
fn functions_end_at_their_brace() {
    let text =
        "trait T {\n    fn a(&self) -> [u8; 3];\n}\nfn b(f: fn (u8)) {\n    if x {\n    }\n}\n";
    let found = Source::new("a.rs", text).functions;
    assert_eq!(found, [Function { name: "b".to_owned(), line: 4, length: 4 }]);
}

#[test]
fn a_test_module_is_for_tests_only() {
    let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n    fn b() {}\n}\nfn c() {}\n\
        #[cfg(test)]\nmod d;\nfn e() {}";
    let source = Source::new("a.rs", text);
    let test = [false, true, true, true, true, false, true, true, false];
    assert_eq!(source.test, test);
    assert!(Source::new("crates/a/src/b/tests.rs", "fn a() {}").test[0]);
}

#[test]
fn words_are_found_whole() {
    let found: Vec<usize> = find_words("a HashMapper HashMap(HashMap)", "HashMap").collect();
    assert_eq!(found, [13, 21]);
    assert!(!has_word("MyHashMap HashMap2 Hash_HashMap", "HashMap"));
}
