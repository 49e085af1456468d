//! Formats of text: web pages, pointers, notebooks and others.

use super::{AS_IMAGE, Known};

/// The format of a text that starts with these bytes.
pub(super) fn identify(bytes: &[u8]) -> Option<Known> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = bytes.trim_ascii_start();
    let starts = |prefix: &str| {
        text.get(..prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let contains = |part: &str| {
        text.windows(part.len())
            .take(2_048)
            .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
    };
    if starts("version https://git-lfs") || starts("version https://hawser.github.com") {
        return Some((
            "a Git LFS pointer, which only says where the file is",
            "run git lfs pull in the repository, or download the file itself (on a web page of the repository: Download, or Raw)",
        ));
    }
    let markup = [
        "<!doctype html",
        "<html",
        "<head",
        "<body",
        "<script",
        "<title",
        "<meta",
    ];
    if markup.iter().any(|tag| starts(tag))
        || (starts("<!--") && contains("<html"))
        || (starts("<?xml") && contains("<html"))
    {
        return Some((
            "a web page (HTML), not the file that its name says",
            "the server answered with a page, for example because it asks to log in; open the address in the browser and download the file there",
        ));
    }
    if starts("<svg")
        || (starts("<?xml") && contains("<svg"))
        || (starts("<!--") && contains("<svg"))
    {
        return Some(("an SVG drawing", AS_IMAGE));
    }
    if starts("<?xml") {
        return Some(("an XML file", "add images, CSV, IDX or NumPy files instead"));
    }
    if starts("{") && contains("\"nbformat") || starts("{") && contains("\"cells\"") {
        return Some((
            "a Jupyter notebook",
            "run it, and save the images in it: numpy.savez_compressed('data.npz', x=images, y=labels)",
        ));
    }
    if starts("{") || starts("[{") || starts("[[") {
        return Some((
            "a JSON file",
            "convert it with Python: import json, numpy; d = json.load(open('FILE')); numpy.save('data.npy', numpy.array(d, dtype='uint8'))",
        ));
    }
    if starts("%!PS") {
        return Some(("a PostScript file", AS_IMAGE));
    }
    if starts("[InternetShortcut]") {
        return Some((
            "a link to a web page",
            "open it in the browser and download the file there",
        ));
    }
    let libsvm = |line: &[u8]| {
        let mut fields = line.split(|&byte| byte == b' ').filter(|f| !f.is_empty());
        let label = fields.next().is_some_and(|f| {
            f.iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'))
        });
        let mut pairs = fields.take(4).peekable();
        label && pairs.peek().is_some() && pairs.all(|f| f.contains(&b':') && f[0].is_ascii_digit())
    };
    let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
    if libsvm(line.trim_ascii_end()) {
        return Some((
            "a LIBSVM file",
            "convert it with Python: from sklearn.datasets import load_svmlight_file; import numpy; x, y = load_svmlight_file('FILE', n_features=784); numpy.savez_compressed('data.npz', x=x.toarray(), y=y)",
        ));
    }
    None
}
