//! Download sizes: each file uncompressed, with gzip and with brotli.

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
    /// Measures each file in `folder` and its subfolders.
    pub(crate) fn measure(folder: &Path) -> Result<Self> {
        let mut rows = Vec::new();
        for path in files(folder)? {
            let name = path.strip_prefix(folder).unwrap_or(&path);
            rows.push((
                name.display().to_string(),
                measure_file(&std::fs::read(&path)?)?,
            ));
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

fn measure_file(content: &[u8]) -> io::Result<Sizes> {
    let mut gzip = GzEncoder::new(ByteCounter(0), Compression::best());
    gzip.write_all(content)?;
    // Quality 11 and a window of 2^22 bytes: what web servers use for files compressed in advance.
    let mut brotli = brotli::CompressorWriter::new(ByteCounter(0), 1 << 16, 11, 22);
    brotli.write_all(content)?;
    brotli.flush()?;
    Ok(Sizes {
        raw: content.len() as u64,
        gzip: gzip.finish()?.0,
        brotli: brotli.into_inner().0,
    })
}

/// Counts the bytes written to it and discards them.
struct ByteCounter(u64);

impl Write for ByteCounter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                files.push(entry.path());
            }
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measure_file_compresses() {
        let sizes = measure_file(&[7; 10_000]).unwrap();
        assert_eq!(sizes.raw, 10_000);
        assert!(0 < sizes.gzip && sizes.gzip < 200, "{}", sizes.gzip);
        assert!(0 < sizes.brotli && sizes.brotli < 200, "{}", sizes.brotli);
    }

    #[test]
    fn table_is_sorted_and_has_a_total() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("sub")).unwrap();
        std::fs::write(folder.path().join("small"), [0; 1000]).unwrap();
        std::fs::write(folder.path().join("sub").join("large"), [0; 2000]).unwrap();
        let text = Table::measure(folder.path()).unwrap().to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[1].contains("large") && lines[1].contains("2.0"));
        assert!(lines[3].starts_with("total") && lines[3].contains("3.0"));
    }
}
