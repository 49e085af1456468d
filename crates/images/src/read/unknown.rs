//! Files whose content tells nothing; some names do.

use super::rejection::Rejection;

/// A file of an unknown format. A name that promises images gets another message than a text file.
pub(super) fn unknown(path: &str, head: &[u8]) -> Rejection {
    let name = path
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(path)
        .to_lowercase();
    let by_name = [
        (
            "tfrecord",
            "a TFRecord file",
            "convert it with Python: numpy.savez_compressed('data.npz', x=images, y=labels)",
        ),
        (
            ".mdb",
            "a database (LMDB)",
            "export its images as PNG files",
        ),
        (
            ".crdownload",
            "an unfinished download",
            "wait until it ends, or download it again",
        ),
        (
            ".part",
            "an unfinished download",
            "wait until it ends, or download it again",
        ),
        (
            ".webloc",
            "a link to a web page",
            "open it in the browser and download the file there",
        ),
        (
            ".raw",
            "raw pixels without a size",
            "save them with Python: numpy.save('data.npy', numpy.fromfile('FILE', 'uint8').reshape(-1, 28, 28))",
        ),
        (
            ".bin",
            "a binary file without a size",
            "CIFAR-10's: load it with Python: import numpy; d = numpy.fromfile('FILE', 'uint8').reshape(-1, 3073); numpy.savez_compressed('data.npz', x=d[:, 1:], y=d[:, 0])",
        ),
    ];
    for (part, name_for_messages, advice) in by_name {
        if name.ends_with(part) || part == "tfrecord" && name.contains(part) {
            return Rejection::Unsupported {
                name: name_for_messages,
                advice,
            };
        }
    }
    let what = if head.iter().all(|&byte| byte == 0) {
        "this file is empty: it has only zeros; download it again"
    } else {
        "this is not an image, nor a file of images that is known here"
    };
    let supported = crate::DecodeError::UnsupportedFormat(what.into());
    Rejection::Unknown(supported.to_string())
}
