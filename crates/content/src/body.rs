//! A content body on its way to the log and back: encode, compress, pad, encrypt.

use std::cell::RefCell;

use ledger::{
    DeviceId, Entry, JournalId, KeyId, Timestamp,
    content_items::{ContentBody, decode_body},
    limits::BODY_BYTES_MAX,
};
use rand_core::CryptoRng;
use replica::Log;
use seal::{AssociatedData, ContentKey};
use zstd::bulk::{Compressor, Decompressor};

/// Codec byte: the items as they are.
const RAW: u8 = 0;

/// Codec byte: zstd (RFC 8878) with a window of at most 1 MiB. Read, and not written any more.
const ZSTD: u8 = 1;

/// Codec byte: as [`ZSTD`], with the [`DICTIONARY`], which the frame does not name, and without the
/// magic number in front. Most bodies are shorter than what zstd has to say of itself without it.
const ZSTD_DICTIONARY: u8 = 2;

/// How it was made is in `dictionary/README.md`. It never changes: another one has another codec.
const DICTIONARY: &[u8] = include_bytes!("../dictionary/bodies.zdict");

/// What a zstd frame begins with.
const MAGIC: [u8; 4] = zstd::zstd_safe::MAGICNUMBER.to_le_bytes();

/// The level at which bodies are compressed: 9 is the last that a Raspberry Pi does in a blink.
const ZSTD_LEVEL: i32 = 9;

/// The base-2 logarithm of the window.
const WINDOW_LOG_MAX: u32 = 20;

/// Bytes that a body may decompress to: what fits uncompressed, four times over.
const PLAIN_BYTES_MAX: usize = 4 * BODY_BYTES_MAX;

/// An entry with its items.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) log: Log,
    pub(crate) entry: Entry,
    /// When it came, by the clock that this node had then.
    pub(crate) came: Timestamp,
    /// None where its body is forgotten, or cannot be read for good.
    pub(crate) items: ContentBody,
}

/// Why a body cannot be read. All of these are for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It was not encrypted under the key that its header names, or is damaged.
    #[error("it cannot be decrypted")]
    Encryption,
    /// It is compressed in a way that this version does not know.
    #[error("it is compressed in a way that this version does not know")]
    Codec,
    /// It does not decompress within its bound.
    #[error("it does not decompress")]
    Compression,
    /// What is in it are no items.
    #[error("it holds no items")]
    Items,
    /// More than fits one entry.
    #[error("it is longer than an entry can be")]
    TooLong,
}

/// Where a body stands, which its encryption is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) journal: JournalId,
    pub(crate) device: DeviceId,
    pub(crate) seq: u64,
    pub(crate) key: KeyId,
}

impl At {
    fn associated(self) -> AssociatedData {
        let Self { journal, device, seq, key } = self;
        AssociatedData { journal, device, seq, key }
    }
}

/// Items to a body's bytes.
pub(crate) fn close(
    packing: &Packing,
    key: &ContentKey,
    at: At,
    items: &ContentBody,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, BodyError> {
    let plain = ledger::encode(items);
    let packed = packing.compress(&plain).map_err(|_| BodyError::Compression)?;
    let chosen = if packed.len() < plain.len() {
        [&[ZSTD_DICTIONARY], packed.as_slice()].concat()
    } else {
        [&[RAW], plain.as_slice()].concat()
    };
    let sealed = seal::seal_body(key, at.associated(), &chosen, rng);
    sealed.map_err(|_| BodyError::TooLong)
}

/// A body's bytes to those of its items.
pub(crate) fn unpack(
    packing: &Packing,
    key: &ContentKey,
    at: At,
    sealed: &[u8],
) -> Result<Vec<u8>, BodyError> {
    let chosen =
        seal::open_body(key, at.associated(), sealed).map_err(|_| BodyError::Encryption)?;
    let (codec, rest) = chosen.split_first().ok_or(BodyError::Codec)?;
    match *codec {
        RAW => Ok(rest.to_vec()),
        ZSTD => decompress_with(&mut plain_decompressor()?, rest),
        ZSTD_DICTIONARY => packing.decompress(rest),
        _ => Err(BodyError::Codec),
    }
}

/// The items of what [`unpack`] came to.
pub(crate) fn items(plain: &[u8]) -> Result<ContentBody, BodyError> {
    decode_body(plain).map_err(|_| BodyError::Items)
}

/// What compresses and decompresses: to make either costs more than to do so to a post. Each body
/// stands for itself, though the memory of either may still hold what was in the last one.
#[derive(Default)]
pub(crate) struct Packing {
    compressor: RefCell<Option<Compressor<'static>>>,
    decompressor: RefCell<Option<Decompressor<'static>>>,
}

impl std::fmt::Debug for Packing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Packing")
    }
}

impl Packing {
    /// A frame that was compressed with the dictionary, without the magic number.
    fn compress(&self, plain: &[u8]) -> std::io::Result<Vec<u8>> {
        let mut kept = self.compressor.borrow_mut();
        if kept.is_none() {
            let compressor = Compressor::with_dictionary(ZSTD_LEVEL, DICTIONARY)?;
            let compressor = kept.insert(compressor);
            compressor.window_log(WINDOW_LOG_MAX)?;
            compressor.include_contentsize(false)?;
            compressor.include_dictid(false)?;
        }
        let compress = |compressor: &mut Compressor<'_>| compressor.compress(plain);
        let frame = kept.as_mut().map_or_else(|| Ok(Vec::new()), compress)?;
        Ok(frame.strip_prefix(&MAGIC).map(<[u8]>::to_vec).unwrap_or(frame))
    }

    /// What such a frame holds.
    fn decompress(&self, packed: &[u8]) -> Result<Vec<u8>, BodyError> {
        let wrong = |_| BodyError::Compression;
        let mut kept = self.decompressor.borrow_mut();
        if kept.is_none() {
            let decompressor = Decompressor::with_dictionary(DICTIONARY).map_err(wrong)?;
            kept.insert(decompressor).window_log_max(WINDOW_LOG_MAX).map_err(wrong)?;
        }
        let decompressor = kept.as_mut().ok_or(BodyError::Compression)?;
        decompress_with(decompressor, &[MAGIC.as_slice(), packed].concat())
    }
}

/// What reads a frame without a dictionary.
fn plain_decompressor() -> Result<Decompressor<'static>, BodyError> {
    let wrong = |_| BodyError::Compression;
    let mut decompressor = Decompressor::new().map_err(wrong)?;
    decompressor.window_log_max(WINDOW_LOG_MAX).map_err(wrong)?;
    Ok(decompressor)
}

fn decompress_with(
    decompressor: &mut Decompressor<'static>,
    packed: &[u8],
) -> Result<Vec<u8>, BodyError> {
    let wrong = |_| BodyError::Compression;
    // Grows with what is really there: a small body does not cost the greatest one's memory.
    let mut capacity = packed.len().saturating_mul(8).clamp(4096, PLAIN_BYTES_MAX);
    loop {
        match decompressor.decompress(packed, capacity) {
            Ok(plain) => return Ok(plain),
            Err(error) if capacity == PLAIN_BYTES_MAX => return Err(wrong(error)),
            Err(_) => capacity = PLAIN_BYTES_MAX,
        }
    }
}
