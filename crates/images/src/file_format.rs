//! Detects a file's format from its first bytes; file extensions are often wrong.

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileFormat {
    Png,
    Jpeg,
    WebP,
    Bmp,
    Gif,
    Zip,
    Gzip,
    Idx,
    /// A known format that is not supported, with its name for messages.
    Unsupported(&'static str),
    Unknown,
}

impl FileFormat {
    pub(crate) fn detect(bytes: &[u8]) -> Self {
        let at = |start: usize, magic: &[u8]| {
            bytes
                .get(start..)
                .is_some_and(|rest| rest.starts_with(magic))
        };
        let brand = |name: &[u8]| at(4, b"ftyp") && at(8, name);
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
        } else if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") {
            Self::Zip
        } else if at(0, b"\x1f\x8b") {
            Self::Gzip
        } else if at(0, b"\0\0\x08") {
            Self::Idx
        } else if brand(b"avif") {
            Self::Unsupported("an AVIF image")
        } else if brand(b"heic") || brand(b"heix") || brand(b"mif1") || brand(b"msf1") {
            Self::Unsupported("an HEIC image")
        } else if at(4, b"ftyp") {
            Self::Unsupported("a video")
        } else if at(0, b"II*\0") || at(0, b"MM\0*") {
            Self::Unsupported("a TIFF or raw image")
        } else if at(0, b"%PDF") {
            Self::Unsupported("a PDF")
        } else if at(0, b"<svg") || at(0, b"<?xml") {
            Self::Unsupported("an SVG or XML file")
        } else if at(0, b"7z\xbc\xaf\x27\x1c") || at(0, b"Rar!") || at(0, b"\xfd7zXZ") {
            Self::Unsupported("an archive other than ZIP")
        } else {
            Self::Unknown
        }
    }

    /// Whether [`crate::decode()`] supports the format.
    pub(crate) fn is_image(self) -> bool {
        matches!(
            self,
            Self::Png | Self::Jpeg | Self::WebP | Self::Bmp | Self::Gif
        )
    }
}
