//! Download sizes: each file uncompressed, with gzip and with brotli. The compressed files are kept, because many
//! hosts send them as they are and compress nothing by themselves.

use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Sizes of one file in bytes.
#[derive(Clone, Copy, Default)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

/// Sizes of all files of a folder; displays as a table, largest first.
pub(crate) struct Table(Vec<(String, Sizes)>);

impl Table {
    /// Measures each file in `folder` and its subfolders, and writes `file.br` and `file.gz` beside each `file` that
    /// compression makes smaller.
    pub(crate) fn compress(folder: &Path) -> Result<Self> {
        let mut rows = Vec::new();
        for path in files(folder)? {
            let content = std::fs::read(&path)?;
            let compressed = compress(&content)?;
            for (suffix, bytes) in [(".gz", &compressed.gzip), (".br", &compressed.brotli)] {
                // Files that are compressed already, such as fonts, become hardly smaller.
                if bytes.len() < content.len() / 10 * 9 {
                    let mut name = path.clone().into_os_string();
                    name.push(suffix);
                    std::fs::write(name, bytes)?;
                }
            }
            let name = path.strip_prefix(folder).unwrap_or(&path);
            let sizes = Sizes {
                raw: content.len() as u64,
                gzip: compressed.gzip.len() as u64,
                brotli: compressed.brotli.len() as u64,
            };
            rows.push((name.display().to_string(), sizes));
        }
        rows.sort_by(|a, b| b.1.raw.cmp(&a.1.raw).then_with(|| a.0.cmp(&b.0)));
        Ok(Self(rows))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .0
            .iter()
            .map(|(name, _)| name.len())
            .max()
            .unwrap_or(0)
            .max("file".len());
        let kb = |bytes: u64| format!("{:.1}", bytes as f64 / 1000.0);
        writeln!(
            f,
            "{:width$} {:>10} {:>10} {:>10}",
            "file", "kB raw", "gzip", "brotli"
        )?;
        let mut total = Sizes::default();
        for (name, sizes) in &self.0 {
            total.raw += sizes.raw;
            total.gzip += sizes.gzip;
            total.brotli += sizes.brotli;
            writeln!(
                f,
                "{name:width$} {:>10} {:>10} {:>10}",
                kb(sizes.raw),
                kb(sizes.gzip),
                kb(sizes.brotli)
            )?;
        }
        write!(
            f,
            "{:width$} {:>10} {:>10} {:>10}",
            "total",
            kb(total.raw),
            kb(total.gzip),
            kb(total.brotli)
        )
    }
}

/// A file's content, compressed in two ways.
struct Compressed {
    gzip: Vec<u8>,
    brotli: Vec<u8>,
}

fn compress(content: &[u8]) -> io::Result<Compressed> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(content)?;
    // The highest quality, and a window of 2^22 bytes, which every browser supports.
    let mut brotli = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 11, 22);
    brotli.write_all(content)?;
    brotli.flush()?;
    Ok(Compressed {
        gzip: gzip.finish()?,
        brotli: brotli.into_inner(),
    })
}

/// Whether [`Table::compress`] wrote this file.
fn is_compressed(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "br" || extension == "gz")
        && path.with_extension("").exists()
}

/// All files in a folder and its subfolders, without compressed copies.
pub(crate) fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if !is_compressed(&entry.path()) {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn table_compress_writes_files_that_unpack_to_the_original() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("a.wasm"), [7; 10_000]).unwrap();
        std::fs::write(path("b"), [1]).unwrap();
        let first = Table::compress(folder.path()).unwrap().to_string();
        let mut unpacked = Vec::new();
        let gzip = std::fs::read(path("a.wasm.gz")).unwrap();
        flate2::read::GzDecoder::new(gzip.as_slice())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, [7; 10_000]);
        unpacked.clear();
        let brotli = std::fs::read(path("a.wasm.br")).unwrap();
        brotli::Decompressor::new(brotli.as_slice(), 4096)
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, [7; 10_000]);
        assert!(gzip.len() < 200 && brotli.len() < 200);
        assert!(!path("b.gz").exists(), "not smaller");
        assert_eq!(Table::compress(folder.path()).unwrap().to_string(), first);
    }

    #[test]
    fn table_is_sorted_and_has_a_total() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("small"), [0; 1000]).unwrap();
        std::fs::write(folder.path().join("sub").join("large"), [0; 2000]).unwrap();
        let text = Table::compress(folder.path()).unwrap().to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].contains("large") && lines[1].contains("2.0"));
        assert!(lines[3].starts_with("total") && lines[3].contains("3.0"));
    }
}
