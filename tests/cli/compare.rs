//! Whether what was printed is what stands in a transcript.

/// Whether `lines` are as `expected`, in which `...` stands for any lines.
pub(super) fn matches(expected: &[String], lines: &[&str]) -> bool {
    match (expected.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((any, rest)), _) if any == "..." => {
            (0..=lines.len()).any(|skipped| matches(rest, &lines[skipped..]))
        }
        (Some((first, rest)), Some((line, lines))) => {
            line_matches(first, line) && matches(rest, lines)
        }
        _ => false,
    }
}

/// Whether a line is as expected, in which `[..]` stands for any text.
fn line_matches(expected: &str, line: &str) -> bool {
    let mut parts = expected.trim_end().split("[..]");
    let Some(mut rest) = parts.next().and_then(|start| line.trim_end().strip_prefix(start)) else {
        return false;
    };
    let mut parts: Vec<_> = parts.collect();
    let Some(end) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(end)
}

#[test]
fn wildcards_stand_for_text_and_lines() {
    let expected = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(matches(&expected("a [..] c\n...\nlast"), &["a b c", "x", "y", "last"]));
    assert!(matches(&expected("a\n..."), &["a"]));
    assert!(!matches(&expected("a [..] c"), &["a b d"]));
    assert!(!matches(&expected("a\nb"), &["a"]));
    assert!(!matches(&expected("a"), &["a", "b"]));
}
