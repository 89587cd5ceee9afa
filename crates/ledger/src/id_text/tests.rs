use super::*;

const BYTES: [u8; 32] = [
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
    26, 27, 28, 29, 30, 31,
];

#[test]
fn an_id_is_read_as_it_was_written() {
    for kind in IdKind::ALL {
        for bytes in [BYTES, [0; 32], [255; 32]] {
            let text = format(*kind, &bytes);
            assert_eq!(text.len(), kind.prefix().len() + FULL_CHARS);
            assert_eq!(parse(&text), Ok(IdQuery::Full(*kind, bytes)));
        }
    }
}

#[test]
fn no_prefix_begins_another() {
    for kind in IdKind::ALL {
        let others = IdKind::ALL.iter().filter(|other| other.prefix().starts_with(kind.prefix()));
        assert_eq!(others.count(), 1);
    }
}

#[test]
fn case_and_lookalikes_are_folded() {
    let text = format(IdKind::Document, &BYTES);
    let whole = Ok(IdQuery::Full(IdKind::Document, BYTES));
    assert_eq!(parse(&text.to_ascii_uppercase()), whole);
    assert_eq!(parse(&format!("  {text}\n")), whole);
    let (prefix, body) = text.split_at(3);
    for (typed, meant) in [("O", "0"), ("o", "0"), ("I", "1"), ("i", "1"), ("L", "1"), ("l", "1")] {
        assert_eq!(parse(&format!("{prefix}{}", body.replace(meant, typed))), whole, "{typed}");
    }
    assert_eq!(fold("AbO-"), Err(IdError::Character('-')));
}

#[test]
fn almost_every_single_mistake_is_noticed() {
    let text = format(IdKind::Update, &BYTES);
    let (mut changes, mut missed) = (0, 0);
    for at in 3..text.len() {
        for other in ALPHABET.iter().filter(|other| **other != text.as_bytes()[at]) {
            let mut changed = text.clone().into_bytes();
            changed[at] = *other;
            let found = parse(&String::from_utf8(changed).unwrap());
            changes += 1;
            missed += usize::from(found != Err(IdError::Check));
        }
    }
    // Ten bits of check let about one in a thousand through.
    assert!(missed * 300 < changes, "{missed} of {changes}");
}

#[test]
fn another_kind_with_the_same_bytes_is_another_id() {
    let text = format(IdKind::Update, &BYTES);
    assert_eq!(parse(&text.replacen("up_", "cl_", 1)), Err(IdError::Check));
}

#[test]
fn what_is_no_id_says_why() {
    assert_eq!(parse(""), Err(IdError::UnknownPrefix));
    assert_eq!(parse("xx_0000"), Err(IdError::UnknownPrefix));
    assert_eq!(parse("up_000"), Err(IdError::Length(3)));
    assert_eq!(parse(&format!("up_{}", "0".repeat(55))), Err(IdError::Length(55)));
    assert_eq!(parse("up_000u"), Err(IdError::Character('u')));
    assert_eq!(parse("up_000é"), Err(IdError::Character('é')));
}

#[test]
fn four_characters_and_more_are_a_beginning() {
    let text = format(IdKind::Update, &BYTES);
    for length in SHORT_CHARS_MIN..FULL_CHARS {
        let typed = text[3..3 + length].to_owned();
        let wanted = Ok(IdQuery::Prefix(IdKind::Update, typed.clone()));
        assert_eq!(parse(&format!("up_{}", typed.to_ascii_uppercase())), wanted);
    }
}

#[test]
fn a_short_form_is_as_long_as_it_must_be() {
    let (mut near, mut far) = (BYTES, BYTES);
    (near[31], far[0]) = (30, 9);
    let (text, near) = (format(IdKind::Update, &BYTES), format(IdKind::Update, &near));
    let far = format(IdKind::Update, &far);
    assert_eq!(shorten(&text, []), text[..7]);
    assert_eq!(shorten(&text, [text.as_str(), &far]), text[..7]);
    let short = shorten(&text, [far.as_str(), &near]);
    assert!(text.starts_with(&short) && !near.starts_with(&short), "{short}");
    assert!(near.starts_with(&short[..short.len() - 1]), "{short}");
}

#[test]
fn a_code_is_the_beginning_in_upper_case() {
    assert_eq!(code(&BYTES, 8), "000G40R4");
    assert_eq!(fold(&code(&BYTES, 52)).unwrap(), format(IdKind::Document, &BYTES)[3..55]);
}
