//! Writes images and labels as gzipped IDX files, the format of MNIST.

use anyhow::{Context, Result};
use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write as _, path::Path};

/// Writes bytes with these axes, row-major. Returns the size of the file.
pub(crate) fn write(path: &Path, axes: &[usize], values: &[u8]) -> Result<usize> {
    debug_assert_eq!(axes.iter().product::<usize>(), values.len());
    // Unsigned bytes have the element type 8.
    let mut file = vec![0, 0, 8, u8::try_from(axes.len())?];
    for &axis in axes {
        file.extend(u32::try_from(axis)?.to_be_bytes());
    }
    file.extend(values);
    // Without a time stamp or a name, so that the same images give the same file.
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&file)?;
    let compressed = encoder.finish()?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    }
    fs::write(path, &compressed).with_context(|| format!("can't write {}", path.display()))?;
    Ok(compressed.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_makes_files_that_the_page_reads() {
        let folder = std::env::temp_dir().join(format!("elbo-room-idx-{}", std::process::id()));
        let pixels: Vec<u8> = (0..2 * 3 * 4).collect();
        let size = write(&folder.join("images.gz"), &[2, 3, 4], &pixels).expect("writes");
        write(&folder.join("labels.gz"), &[2], &[7, 9]).expect("writes");
        let read = |name: &str| fs::read(folder.join(name)).expect("exists");
        let images = images::parse_images(&read("images.gz")).expect("an IDX file");
        assert_eq!((images.height, images.width), (3, 4));
        assert_eq!(images.pixels, pixels);
        assert_eq!(images::parse_labels(&read("labels.gz")), Ok(vec![7, 9]));
        assert_eq!(read("images.gz").len(), size);
        fs::remove_dir_all(&folder).expect("deletes");
    }
}
