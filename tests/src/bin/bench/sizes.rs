//! Size of each file of the page, raw and compressed.

use serde::Serialize;
use tests::browser::Server;

/// Bytes of one file.
#[derive(Debug, Serialize)]
pub(crate) struct FileSize {
    pub(crate) file: String,
    pub(crate) raw: usize,
    pub(crate) gzip: usize,
    pub(crate) brotli: usize,
}

/// The sizes of all files, the largest first.
pub(crate) fn sizes(raw: &Server, gzip: &Server, brotli: &Server) -> Vec<FileSize> {
    let (gzip, brotli) = (gzip.sizes_as_sent(), brotli.sizes_as_sent());
    let mut sizes: Vec<_> = raw
        .files()
        .map(|(file, bytes)| FileSize {
            file: file.to_owned(),
            raw: bytes.len(),
            gzip: gzip.get(file).copied().unwrap_or_default(),
            brotli: brotli.get(file).copied().unwrap_or_default(),
        })
        .collect();
    sizes.sort_by_key(|size| std::cmp::Reverse(size.raw));
    sizes
}
