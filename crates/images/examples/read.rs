//! Reads files as the page does, and prints what was found: `cargo run --release -p images --example read -- FILE…`.

use images::{InputFile, ReadOptions, Source};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// A file on the disk, read piece by piece.
struct OnDisk(File);

impl Source for OnDisk {
    fn size(&self) -> u64 {
        self.0.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut file = &self.0;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buffer)
    }
}

fn main() -> io::Result<()> {
    let mut files = Vec::new();
    for path in std::env::args().skip(1) {
        let file = OnDisk(File::open(&path)?);
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        files.push((name, file));
    }
    let inputs: Vec<InputFile<'_>> = files
        .iter()
        .map(|(name, file)| InputFile {
            path: name.clone(),
            content: file,
        })
        .collect();
    let read = images::read_files(&inputs, &ReadOptions::default());
    println!("{} images, shape {}", read.images.len(), read.shape);
    println!("classes: {:?}", read.class_names.names());
    println!("{} sheets", read.sheets.len());
    for own in read.own_shapes.iter().take(5) {
        println!("{own:?}");
    }
    for message in read.problems.iter().chain(&read.notes) {
        println!("{}: {}", message.file, message.reason);
    }
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let peak = status.lines().find(|line| line.starts_with("VmHWM"));
        println!("{}", peak.unwrap_or_default());
    }
    Ok(())
}
