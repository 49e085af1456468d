//! What the paths within an archive or a folder tell.

/// Folder names that divide a data set into parts, or only say that it is one. They are no labels.
const NO_LABELS: [&str; 28] = [
    "train",
    "training",
    "trainset",
    "train_set",
    "test",
    "testing",
    "testset",
    "test_set",
    "val",
    "valid",
    "validation",
    "dev",
    "eval",
    "images",
    "image",
    "imgs",
    "img",
    "pictures",
    "data",
    "dataset",
    "datasets",
    "samples",
    "png",
    "jpg",
    "jpeg",
    "raw",
    ".",
    "..",
];

/// Whether an operating system or a program made this file beside the user's.
pub(crate) fn is_system_file(name: &str) -> bool {
    let mut parts = name.split(['/', '\\']).peekable();
    let mut found = false;
    while let Some(part) = parts.next() {
        found |= part == "__MACOSX" || (part.starts_with('.') && part != "." && part != "..");
        found |= parts.peek().is_none() && matches!(part, "Thumbs.db" | "desktop.ini" | "Icon\r");
    }
    found
}

/// The folders of a path that may be labels, innermost first.
pub(crate) fn folder_names(path: &str) -> impl Iterator<Item = &str> {
    let folders = path.rsplit_once(['/', '\\']).map(|(folders, _)| folders);
    folders
        .into_iter()
        .flat_map(|folders| folders.rsplit(['/', '\\']))
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .filter(|name| !NO_LABELS.contains(&name.to_lowercase().as_str()))
}

/// The innermost folder whose name is a single digit.
pub(crate) fn single_digit(path: &str) -> Option<&str> {
    folder_names(path).find(|name| name.len() == 1 && name.as_bytes()[0].is_ascii_digit())
}

/// Whether this is one of the tables that map EMNIST's labels to characters.
pub(crate) fn is_emnist_mapping(path: &str) -> bool {
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let file = file.to_lowercase();
    file.starts_with("emnist-") && file.ends_with("-mapping.txt")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_digit_is_the_innermost_folder_named_by_a_digit() {
        assert_eq!(single_digit("7/a.png"), Some("7"));
        assert_eq!(single_digit("train/3/deep/er/a.png"), Some("3"));
        assert_eq!(single_digit("3/5/a.png"), Some("5"));
        assert_eq!(single_digit("10/a.png"), None);
        assert_eq!(single_digit("3.png"), None);
        assert_eq!(single_digit("set\\4\\a.png"), Some("4"));
    }

    #[test]
    fn folder_names_leaves_out_the_parts_of_a_data_set() {
        let names = |path| folder_names(path).collect::<Vec<_>>();
        assert_eq!(names("pets/Train/cats/1.png"), ["cats", "pets"]);
        assert_eq!(names("images/1.png"), [""; 0]);
        assert_eq!(names("1.png"), [""; 0]);
    }

    #[test]
    fn is_system_file_recognizes_files_of_operating_systems() {
        assert!(is_system_file("__MACOSX/3/._a.png"));
        assert!(is_system_file("3/.DS_Store"));
        assert!(is_system_file("3/Thumbs.db"));
        assert!(!is_system_file("./3/a.png"));
    }
}
