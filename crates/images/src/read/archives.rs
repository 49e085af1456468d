//! Reads the files in archives.

use super::{
    reader::{MIN_COLLECTION, Reader},
    rejection::Rejection,
};
use crate::{
    archive::{
        ArchiveError, MAX_COMPRESSION_RATIO, MAX_DEPTH, MAX_ENTRY_BYTES, MIN_RATIO_CHECK_BYTES,
        is_emnist_mapping, is_system_file, tar,
        zip::{ZipEntry, ZipFile},
    },
    content::Content,
    file_format::{FileFormat, HEAD_BYTES},
    unsupported,
};

/// EMNIST's subsets, in the order of preference. `balanced` is the largest that a set holds as a whole.
const EMNIST_SUBSETS: [&str; 6] = [
    "balanced", "letters", "digits", "mnist", "bymerge", "byclass",
];

impl Reader<'_> {
    pub(super) fn read_zip(
        &mut self,
        path: &str,
        content: &Content<'_>,
        depth: usize,
    ) -> Result<(), Rejection> {
        if depth >= MAX_DEPTH {
            return Err(ArchiveError::TooDeep.into());
        }
        // The list of entries is at the end, so an archive within another one has to be in memory.
        let Some(source) = content.source() else {
            let bytes = content.read_all(MAX_ENTRY_BYTES.min(self.unpacked))?;
            let bytes = bytes.ok_or(ArchiveError::EntryTooLarge)?;
            self.unpacked -= bytes.len() as u64;
            return self.read_zip(path, &Content::Source(&bytes), depth);
        };
        let (archive, mut entries) = ZipFile::open(source)?;
        let names = entries.iter().map(|entry| entry.name.as_str());
        if let Some((name, advice)) = unsupported::identify_zip(names) {
            return Err(Rejection::Unsupported { name, advice });
        }
        entries.retain(|entry| !is_system_file(&entry.name));
        if entries.is_empty() {
            return Err(Rejection::EmptyArchive);
        }
        self.choose_subset(path, &mut entries);
        let was_collection = self.is_collection;
        self.is_collection |= entries.len() >= MIN_COLLECTION;
        for entry in &entries {
            let name = format!("{path}/{}", entry.name);
            if let Err(rejection) = self.read_entry(&name, &archive, entry, depth) {
                self.reject(&name, &rejection);
                if rejection.ends_archive() {
                    break;
                }
            }
        }
        self.is_collection = was_collection;
        Ok(())
    }

    fn read_entry(
        &mut self,
        name: &str,
        archive: &ZipFile<'_>,
        entry: &ZipEntry,
        depth: usize,
    ) -> Result<(), Rejection> {
        if let Some(obstacle) = &entry.obstacle {
            return Err(obstacle.clone().into());
        }
        if entry.size > self.unpacked {
            return Err(ArchiveError::TooLarge.into());
        }
        self.unpacked -= entry.size;
        let content = Content::Zip(archive, entry);
        let damaged = |error: std::io::Error| ArchiveError::Damaged(error.to_string());
        let head = content.head(HEAD_BYTES).map_err(damaged)?;
        let format = FileFormat::detect(&head);
        // Files with many images are read piece by piece.
        let is_streamed = matches!(
            format,
            FileFormat::Idx
                | FileFormat::Npy
                | FileFormat::Table
                | FileFormat::Gzip
                | FileFormat::Tar
        );
        if is_streamed {
            return self.read_content(name, &content, depth + 1);
        }
        let most = entry.compressed_size.saturating_mul(MAX_COMPRESSION_RATIO);
        let most = most.max(MIN_RATIO_CHECK_BYTES);
        if entry.size > MAX_ENTRY_BYTES {
            return Err(ArchiveError::EntryTooLarge.into());
        }
        if entry.size > most {
            return Err(ArchiveError::ZipBomb.into());
        }
        let bytes = content
            .read_all(most.min(MAX_ENTRY_BYTES))
            .map_err(damaged)?;
        let bytes = bytes.ok_or(ArchiveError::ZipBomb)?;
        self.read_content(name, &Content::Source(&bytes), depth + 1)
    }

    pub(super) fn read_tar(
        &mut self,
        path: &str,
        content: &Content<'_>,
        depth: usize,
    ) -> Result<(), Rejection> {
        if depth >= MAX_DEPTH {
            return Err(ArchiveError::TooDeep.into());
        }
        let was_collection = std::mem::replace(&mut self.is_collection, true);
        let mut files = 0;
        let result = tar::entries(content.open()?, |entry| {
            files += 1;
            let name = format!("{path}/{}", entry.name);
            let read = match entry.bytes {
                Ok(bytes) if bytes.len() as u64 > self.unpacked => {
                    Err(ArchiveError::TooLarge.into())
                }
                Ok(bytes) => {
                    self.unpacked -= bytes.len() as u64;
                    self.read_content(&name, &Content::Source(&bytes), depth + 1)
                }
                Err(error) => Err(error.into()),
            };
            let Err(rejection) = read else { return true };
            self.reject(&name, &rejection);
            !rejection.ends_archive()
        });
        self.is_collection = was_collection;
        result?;
        if files == 0 {
            return Err(Rejection::EmptyArchive);
        }
        Ok(())
    }

    /// Of an archive with several of EMNIST's subsets, which have the same images, keeps one.
    fn choose_subset(&mut self, path: &str, entries: &mut Vec<ZipEntry>) {
        let subset_of = |name: &str| {
            let name = name.to_lowercase();
            let rest = &name[name.find("emnist-")? + "emnist-".len()..];
            EMNIST_SUBSETS
                .into_iter()
                .find(|subset| rest.starts_with(subset))
        };
        entries.retain(|entry| !is_emnist_mapping(&entry.name));
        let found: Vec<&str> = EMNIST_SUBSETS
            .into_iter()
            .filter(|&subset| {
                entries
                    .iter()
                    .any(|entry| subset_of(&entry.name) == Some(subset))
            })
            .collect();
        if found.len() < 2 {
            return;
        }
        let chosen = self.options.subset.as_deref();
        let chosen = found.iter().find(|&&subset| chosen == Some(subset));
        let chosen = *chosen.unwrap_or(&found[0]);
        entries.retain(|entry| subset_of(&entry.name).is_none_or(|subset| subset == chosen));
        let others: Vec<&str> = found
            .iter()
            .copied()
            .filter(|&subset| subset != chosen)
            .collect();
        self.set.note(
            path,
            format!(
                "it has several sets of the same characters: {chosen} was read, {} left out",
                match others.as_slice() {
                    [one] => format!("{one} was"),
                    others => format!("{} were", others.join(", ")),
                }
            ),
        );
        self.subsets = found.into_iter().map(str::to_owned).collect();
    }
}
