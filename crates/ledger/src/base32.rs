//! Crockford's base32: no letters that look alike, and said aloud without doubt. Each byte string
//! has one text.

pub(crate) const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The text of `bytes`, in lower case; bits that the last character has left are zero.
pub fn encode(bytes: &[u8]) -> String {
    let (mut text, mut buffer, mut bits) = (String::new(), 0u32, 0);
    for byte in bytes {
        buffer = buffer << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(buffer >> bits & 31) as usize]));
        }
        buffer &= (1 << bits) - 1;
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(buffer << (5 - bits) & 31) as usize]));
    }
    text
}

/// The bytes of a text in either case, O read as 0, I and L as 1; none if a character is no
/// character of base32, or says nothing.
pub fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut buffer, mut bits) = (Vec::new(), 0u32, 0);
    for c in text.chars() {
        let c = fold(c)?;
        let value = ALPHABET.iter().position(|known| char::from(*known) == c)?;
        buffer = buffer << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((buffer >> bits) as u8);
            buffer &= (1 << bits) - 1;
        }
    }
    // Five bits and more would be a character that says nothing: a second text of the same bytes.
    (bits < 5 && buffer == 0).then_some(bytes)
}

/// A character as the alphabet has it.
pub(crate) fn fold(c: char) -> Option<char> {
    match c.to_ascii_lowercase() {
        'o' => Some('0'),
        'i' | 'l' => Some('1'),
        c if c.is_ascii() && ALPHABET.contains(&(c as u8)) => Some(c),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_string_has_one_text() {
        for length in 0..40u8 {
            let bytes: Vec<_> = (0..length).map(|n| n.wrapping_mul(37) ^ length).collect();
            let text = encode(&bytes);
            assert_eq!(decode(&text).as_ref(), Some(&bytes));
            assert_eq!(decode(&text.to_uppercase()), Some(bytes));
            assert_eq!(decode(&format!("{text}0")).filter(|more| encode(more) == text), None);
        }
        assert_eq!(decode("oOiIlL0"), decode("0011110"));
        assert_eq!(decode("u"), None);
        assert_eq!(decode("é0"), None);
    }
}
