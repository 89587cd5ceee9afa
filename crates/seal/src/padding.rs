//! Padmé: padding that leaks O(log log n) bits of a length for at most 12 % more of it (Nikitin
//! et al., "Reducing Metadata Leakage from Encrypted Files and Communication with PURBs", 2019).

/// Bytes in front of the payload that say how long it is.
pub(crate) const LENGTH_BYTES: usize = 4;

/// The length to which `length` bytes are padded.
pub fn padded_length(length: usize) -> usize {
    if length < 2 {
        return length;
    }
    let exponent = length.ilog2();
    let kept_bits = exponent.ilog2() + 1;
    let mask = (1usize << (exponent - kept_bits.min(exponent))) - 1;
    length.saturating_add(mask) & !mask
}

/// What stands behind the payload of a body, before the zeros.
const MARK: u8 = 0x80;

/// Payload, a mark, zeros (ISO/IEC 7816-4).
pub(crate) fn pad_marked(payload: &[u8]) -> Vec<u8> {
    let mut padded = Vec::with_capacity(padded_length(payload.len() + 1));
    padded.extend_from_slice(payload);
    padded.push(MARK);
    padded.resize(padded_length(payload.len() + 1), 0);
    padded
}

/// The payload of what was padded so; none if it is padded in any other way.
pub(crate) fn unpad_marked(padded: &[u8]) -> Option<&[u8]> {
    let mark = padded.iter().rposition(|byte| *byte != 0)?;
    let (payload, rest) = padded.split_at(mark);
    let exact = rest.first() == Some(&MARK) && padded.len() == padded_length(mark + 1);
    exact.then_some(payload)
}

/// Length, payload, zeros.
pub(crate) fn pad(payload: &[u8]) -> Vec<u8> {
    let length = padded_length(LENGTH_BYTES + payload.len());
    let mut padded = Vec::with_capacity(length);
    padded.extend_from_slice(&(payload.len() as u32).to_be_bytes());
    padded.extend_from_slice(payload);
    padded.resize(length, 0);
    padded
}

/// The payload of padded bytes; none if they are padded in any other way.
pub(crate) fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let (length, rest) = padded.split_at_checked(LENGTH_BYTES)?;
    let length = u32::from_be_bytes(length.try_into().ok()?) as usize;
    let (payload, zeros) = rest.split_at_checked(length)?;
    let exact = padded.len() == padded_length(LENGTH_BYTES + length);
    (exact && zeros.iter().all(|byte| *byte == 0)).then_some(payload)
}
