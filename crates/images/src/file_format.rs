//! Detects a file's format from its first bytes; file extensions are often wrong.

use crate::{archive::tar::is_tar, unsupported};

/// Number of bytes from which [`FileFormat::detect`] can tell every format.
pub(crate) const HEAD_BYTES: usize = 4_096;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileFormat {
    Png,
    Jpeg,
    WebP,
    Bmp,
    Gif,
    Tiff,
    /// PBM, PGM or PPM.
    Pnm,
    /// A format that browsers decode, with its name and its media type.
    BrowserImage(&'static str, &'static str),
    Zip,
    Gzip,
    Tar,
    Idx,
    Npy,
    /// Text in lines of numbers.
    Table,
    /// A known format that is not supported: its name for messages, and what to do.
    Unsupported(&'static str, &'static str),
    Unknown,
}

impl FileFormat {
    /// The format of a file that starts with these bytes.
    pub(crate) fn detect(bytes: &[u8]) -> Self {
        let at = |start: usize, magic: &[u8]| {
            bytes
                .get(start..)
                .is_some_and(|rest| rest.starts_with(magic))
        };
        if at(0, b"\x89PNG\r\n\x1a\n") {
            Self::Png
        } else if at(0, b"\xff\xd8\xff") {
            Self::Jpeg
        } else if at(0, b"RIFF") && at(8, b"WEBP") {
            Self::WebP
        } else if at(0, b"GIF87a") || at(0, b"GIF89a") {
            Self::Gif
        } else if at(0, b"BM") {
            Self::Bmp
        } else if at(0, b"II*\0") || at(0, b"MM\0*") || at(0, b"II+\0") || at(0, b"MM\0+") {
            Self::Tiff
        } else if is_pnm(bytes) {
            Self::Pnm
        } else if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") || at(0, b"PK\x07\x08") {
            Self::Zip
        } else if at(0, b"\x1f\x8b") {
            Self::Gzip
        } else if at(0, b"\x93NUMPY") {
            Self::Npy
        } else if let [0, 0, 0x08 | 0x09 | 0x0b..=0x0e, 1..=8, ..] = bytes {
            Self::Idx
        } else if let Some(image) = browser_image(bytes) {
            image
        } else if let Some((name, advice)) = unsupported::identify(bytes) {
            Self::Unsupported(name, advice)
        } else if is_tar(bytes) {
            Self::Tar
        } else if is_table(bytes) {
            Self::Table
        } else {
            Self::Unknown
        }
    }

    /// Whether [`crate::decode()`] supports the format.
    pub(crate) fn is_image(self) -> bool {
        matches!(
            self,
            Self::Png | Self::Jpeg | Self::WebP | Self::Bmp | Self::Gif | Self::Tiff | Self::Pnm
        )
    }
}

/// AVIF and HEIC, by the brands in the first box of the file.
fn browser_image(bytes: &[u8]) -> Option<FileFormat> {
    if bytes.get(4..8)? != b"ftyp" {
        return None;
    }
    let length = u32::from_be_bytes(*bytes.first_chunk()?) as usize;
    let brands = bytes.get(8..length.clamp(12, 256).min(bytes.len()))?;
    let has = |brand: &[u8]| brands.chunks(4).any(|found| found == brand);
    if has(b"avif") || has(b"avis") {
        Some(FileFormat::BrowserImage("an AVIF image", "image/avif"))
    } else if [
        b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1", b"heim", b"heis",
    ]
    .iter()
    .any(|brand| has(*brand))
    {
        Some(FileFormat::BrowserImage("an HEIC image", "image/heic"))
    } else {
        None
    }
}

/// Whether the bytes are text whose first lines hold several numbers each, such as a CSV file.
fn is_table(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
    if !text.iter().all(is_text) {
        return false;
    }
    // ARFF, a table with a header of its own.
    let starts = |prefix: &str| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    if starts("@relation") || starts("% ") || starts("%\n") {
        return true;
    }
    let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
    let separators = text
        .iter()
        .filter(|byte| matches!(byte, b',' | b';' | b'\t' | b'|' | b' '))
        .count();
    // Numbers of three digits in quotes have the lowest share of separators.
    separators >= 8 && 20 * digits >= 3 * text.len()
}

/// Whether the bytes start as one of PNM's six formats does.
fn is_pnm(bytes: &[u8]) -> bool {
    matches!(bytes, [b'P', b'1'..=b'6', next, ..] if next.is_ascii_whitespace() || *next == b'#')
}
