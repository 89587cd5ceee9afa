//! Nothing left for later, no test switched off, no test that sleeps.

use super::source::{Source, find_words, has_word};
use super::{assert_none, assert_one, tree};

/// Words of unfinished work, in comments as in code.
const UNFINISHED: [&str; 3] = ["TODO", "FIXME", "XXX"];
/// Macros that stand where code should.
const STUBS: [&str; 2] = ["todo!", "unimplemented!"];
/// Ways to wait for time to pass instead of for what is awaited.
const SLEEPS: [&str; 4] = ["sleep(", "sleep_ms(", "sleep_until(", "park_timeout("];

fn unfinished(source: &Source) -> Vec<String> {
    let mut problems = Vec::new();
    for (line, (code, comment)) in source.code.iter().zip(&source.comments).enumerate() {
        let says = |word: &str| has_word(code, word) || has_word(comment, word);
        if UNFINISHED.iter().any(|word| says(word)) || STUBS.iter().any(|s| has_call(code, s)) {
            problems.push(format!("{}: unfinished", source.place(line)));
        }
        if code.contains("#[ignore") {
            problems.push(format!("{}: a test switched off", source.place(line)));
        }
    }
    problems
}

fn sleeps(source: &Source) -> Vec<String> {
    let lines = source.code.iter().zip(&source.test).enumerate();
    let bad = lines.filter(|(_, (code, test))| **test && SLEEPS.iter().any(|s| has_call(code, s)));
    bad.map(|(line, _)| format!("{}: a test sleeps", source.place(line))).collect()
}

/// Whether `call`, a name and what follows it, stands in `code`.
fn has_call(code: &str, call: &str) -> bool {
    let name = call.trim_end_matches(['(', '!']);
    find_words(code, name).any(|at| code[at..].starts_with(call))
}

#[test]
fn nothing_is_left_for_later() {
    assert_none(&tree::sources().iter().flat_map(unfinished).collect::<Vec<_>>());
}

#[test]
fn no_test_sleeps() {
    assert_none(&tree::sources().iter().flat_map(sleeps).collect::<Vec<_>>());
}

#[test]
fn marks_are_found() {
    let rust = |text: &str| Source::new("crates/a/src/a.rs", text);
    assert_none(&unfinished(&rust("// A todo list.\nfn todo() {}\nlet a = \"TODO\";")));
    assert_one(&unfinished(&rust("\n// TODO: later")), "a.rs:2: unfinished");
    assert_one(&unfinished(&rust("/* FIXME */ fn a() {}")), "unfinished");
    assert_one(&unfinished(&rust("fn a() { todo!() }")), "unfinished");
    assert_one(&unfinished(&rust("fn a() { unimplemented!(\"x\") }")), "unfinished");
    assert_one(&unfinished(&rust("#[ignore = \"slow\"]\nfn a() {}")), "switched off");

    let sleep = "fn a() {\n    let sleep = std::thread::sleep(SHORT);\n}\n";
    assert_none(&sleeps(&rust(sleep)));
    assert_one(&sleeps(&Source::new("tests/a.rs", sleep)), "tests/a.rs:2: a test sleeps");
    let in_module = format!("#[cfg(test)]\nmod tests {{\n{sleep}}}\n");
    assert_one(&sleeps(&rust(&in_module)), "a.rs:4: a test sleeps");
}
