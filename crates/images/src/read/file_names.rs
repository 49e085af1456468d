//! Labels from the names of files of images, such as `cat.npy` and `dog.npy` of Quick, Draw!

use super::pairing::{ROLES, is_part};

/// Maximum length of a name, in characters.
const MAX_CHARACTERS: usize = 40;

/// The class of each of these files of images by what distinguishes its name; `None` if the names distinguish parts of a
/// set (`train` and `test`, `batch_1` and `batch_2`) instead of classes.
pub(super) fn classes(paths: &[&str]) -> Option<Vec<String>> {
    let names: Vec<Vec<&str>> = paths.iter().map(|path| words(path)).collect();
    let first = names.first().filter(|_| names.len() > 1)?;
    let shared = |same: &dyn Fn(&[&str], usize) -> bool| {
        let most = names.iter().map(Vec::len).min().unwrap_or(0);
        (0..most)
            .take_while(|&at| names.iter().all(|name| same(name, at)))
            .count()
    };
    let before = shared(&|name, at| name[at] == first[at]);
    let behind = shared(&|name, at| name[name.len() - 1 - at] == first[first.len() - 1 - at]);
    let mut found = Vec::new();
    for name in &names {
        let own = name.get(before..name.len().saturating_sub(behind))?;
        let class = own.join(" ");
        if class.is_empty() || class.chars().count() > MAX_CHARACTERS || found.contains(&class) {
            return None;
        }
        found.push(class);
    }
    let is_digit = |class: &String| class.len() == 1 && class.as_bytes()[0].is_ascii_digit();
    let has_letters = |class: &String| class.chars().any(char::is_alphabetic);
    // Without their digits, names of parts are the same: part1 and part2.
    let mut stems: Vec<String> = found
        .iter()
        .map(|class| class.chars().filter(|c| !c.is_numeric()).collect())
        .collect();
    stems.sort_unstable();
    stems.dedup();
    let are_classes = found.iter().all(has_letters) && stems.len() == found.len()
        || found.iter().all(is_digit) && before + behind == 0;
    are_classes.then_some(found)
}

/// The words of a file's name that may name a class. The arrays of an `.npz` are named by it if their own names say nothing.
fn words(path: &str) -> Vec<&str> {
    let mut parts = path.rsplit(['/', '\\']);
    let own = of_file(parts.next().unwrap_or(path));
    if own.is_empty() {
        parts.next().map(of_file).unwrap_or_default()
    } else {
        own
    }
}

fn of_file(name: &str) -> Vec<&str> {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    // The arrays of NumPy without names of their own.
    if stem.strip_prefix("arr_").is_some() {
        return Vec::new();
    }
    stem.split(|c: char| !c.is_alphanumeric())
        .filter(|word| {
            let word = word.to_lowercase();
            !word.is_empty() && !ROLES.contains(&word.as_str()) && !is_part(&word)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_what_distinguishes_the_names() {
        let named = |paths: &[&str]| classes(paths).map(|names| names.join(", "));
        for (paths, expected) in [
            (["cat.npy", "dog.npy"], Some("cat, dog")),
            (
                [
                    "full_numpy_bitmap_cat.npy",
                    "full_numpy_bitmap_ice cream.npy",
                ],
                Some("cat, ice cream"),
            ),
            (
                ["a.zip/cat.npz/arr_0.npy", "a.zip/dog.npz/arr_0.npy"],
                Some("cat, dog"),
            ),
            (["3.npy", "5.npy"], Some("3, 5")),
            (["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"], None),
            (
                [
                    "k49-train-imgs.npz/arr_0.npy",
                    "k49-test-imgs.npz/arr_0.npy",
                ],
                None,
            ),
            (["d.npz/x_train.npy", "d.npz/x_test.npy"], None),
            (["batch_1.npy", "batch_2.npy"], None),
            (["part1.csv", "part2.csv"], None),
            (["a/cat.npy", "b/cat.npy"], None),
        ] {
            assert_eq!(named(&paths).as_deref(), expected, "{paths:?}");
        }
        assert_eq!(classes(&["cat.npy"]), None);
    }
}
