//! What may panic outside tests says why it cannot.

use super::source::Source;
use super::{assert_none, assert_one, tree};

const PANICS: [&str; 4] = [".unwrap()", ".unwrap_err()", ".expect(", ".expect_err("];

fn unjustified(source: &Source) -> Vec<String> {
    let panics = |line: &usize| {
        !source.test[*line] && PANICS.iter().any(|call| source.code[*line].contains(call))
    };
    let bad = (0..source.code.len()).filter(panics).filter(|line| !is_justified(source, *line));
    bad.map(|line| format!("{}: no `// INVARIANT:` above", source.place(line))).collect()
}

/// Whether an `// INVARIANT:` stands on the line or above it within the same statement.
fn is_justified(source: &Source, line: usize) -> bool {
    for above in (0..=line).rev() {
        let code = source.code[above].trim_end();
        let ends_another = above < line && code.ends_with([';', '{', '}', ',']);
        if ends_another || source.lines[above].trim().is_empty() {
            return false;
        }
        if source.comments[above].contains("INVARIANT:") {
            return true;
        }
    }
    false
}

#[test]
fn panics_say_why_they_cannot_happen() {
    assert_none(&tree::sources().iter().flat_map(unjustified).collect::<Vec<_>>());
}

#[test]
fn unjustified_panics_are_found() {
    let rust = |text: &str| Source::new("crates/a/src/a.rs", text);
    let why = "    // INVARIANT: it was\n    // checked.\n";
    assert_none(&unjustified(&rust(&format!("fn a() {{\n{why}    b.unwrap();\n}}\n"))));
    assert_none(&unjustified(&rust(&format!("fn a() {{\n{why}    b\n        .unwrap()\n}}\n"))));
    assert_none(&unjustified(&rust("/// `a.unwrap()`\nfn a() { \".unwrap()\".len() }\n")));
    assert_none(&unjustified(&rust("#[cfg(test)]\nmod tests {\n    fn a() { b.unwrap() }\n}\n")));
    assert_none(&unjustified(&Source::new("crates/a/tests/a.rs", "fn a() { b.unwrap() }\n")));

    assert_one(&unjustified(&rust("fn a() {\n    b.unwrap();\n}\n")), "a.rs:2: no");
    assert_one(&unjustified(&rust("fn a() {\n    // Fine.\n    b.expect(\"x\");\n}\n")), "a.rs:3");
    let earlier = format!("fn a() {{\n{why}    b.unwrap();\n    c.unwrap();\n}}\n");
    assert_one(&unjustified(&rust(&earlier)), "a.rs:5: no");
}
