//! Lengths of files, functions and lines.

use super::source::Source;
use super::{assert_none, assert_one, tree};

const FILE_LINES_MAX: usize = 800;
const FILE_LINES_MEDIAN: usize = 150;
const FILE_LINES_P95: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const COLUMNS_MAX: usize = 100;

/// Files over the bound, and a middle or a tail of all files over theirs.
fn files(sources: &[Source]) -> Vec<String> {
    let mut lengths: Vec<usize> = sources.iter().map(|source| source.lines.len()).collect();
    lengths.sort_unstable();
    let part = |percent: usize| lengths.get(lengths.len() * percent / 100).copied().unwrap_or(0);
    let mut problems: Vec<String> = sources
        .iter()
        .filter(|source| source.lines.len() > FILE_LINES_MAX)
        .map(|source| format!("{}: {} lines", source.path, source.lines.len()))
        .collect();
    for (percent, under) in [(50, FILE_LINES_MEDIAN), (95, FILE_LINES_P95)] {
        if part(percent) >= under {
            let found = part(percent);
            problems.push(format!("percentile {percent} of files is {found} lines, not < {under}"));
        }
    }
    problems
}

fn functions(source: &Source) -> Vec<String> {
    let long = source.functions.iter().filter(|function| function.length > FUNCTION_LINES_MAX);
    long.map(|f| format!("{}:{}: {} has {} lines", source.path, f.line, f.name, f.length)).collect()
}

fn columns(source: &Source) -> Vec<String> {
    let widths = source.lines.iter().map(|line| line.chars().count()).enumerate();
    widths
        .filter(|&(_, width)| width > COLUMNS_MAX)
        .map(|(line, width)| format!("{}: {width} columns", source.place(line)))
        .collect()
}

#[test]
fn files_are_short() {
    assert_none(&files(&tree::sources()));
}

#[test]
fn functions_are_short() {
    assert_none(&tree::sources().iter().flat_map(functions).collect::<Vec<_>>());
}

#[test]
fn lines_are_narrow() {
    assert_none(&tree::sources().iter().flat_map(columns).collect::<Vec<_>>());
}

#[test]
fn long_ones_are_found() {
    let file = |lines: usize| Source::new(format!("{lines}.rs"), "\n".repeat(lines));
    let short = || (0..30).map(|_| file(10));
    assert_none(&files(&short().chain([file(800)]).collect::<Vec<_>>()));
    assert_one(&files(&short().chain([file(801)]).collect::<Vec<_>>()), "801.rs: 801 lines");
    assert_one(&files(&short().chain((0..3).map(|_| file(500))).collect::<Vec<_>>()), "95");
    assert_one(&files(&[file(150)]), "percentile 50 of files is 150 lines");

    let function = |lines: usize| format!("fn long() {{\n{}}}\n", "    a();\n".repeat(lines - 2));
    assert_none(&functions(&Source::new("a.rs", function(70))));
    assert_one(&functions(&Source::new("a.rs", function(71))), "a.rs:1: long has 71 lines");

    assert_none(&columns(&Source::new("a.rs", "é".repeat(100))));
    assert_one(&columns(&Source::new("a.rs", format!("\n{}", "x".repeat(101)))), "a.rs:2: 101");
}
