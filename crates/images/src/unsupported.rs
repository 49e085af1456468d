//! Formats that people bring and that are not read: how to recognize them, and what to do instead.

mod text;

/// A format's name for messages, and advice in lower case without a full stop.
type Known = (&'static str, &'static str);

const AS_IMAGE: &str = "save or export it as PNG or JPEG";
const EXTRACT: &str = "extract it and add the files, or pack them as a ZIP";
const TO_NPZ: &str = "numpy.savez_compressed('data.npz', x=images, y=labels)";

/// Formats that start with these bytes, at this offset.
const BY_MAGIC: [(usize, &[u8], Known); 41] = [
    (
        0,
        b"PAR1",
        (
            "a Parquet file",
            "convert it with Python: from datasets import load_dataset; d = load_dataset('parquet', data_files='FILE')['train']; import numpy; numpy.savez_compressed('data.npz', x=numpy.stack([numpy.array(r['image']) for r in d]), y=d['label'])",
        ),
    ),
    (
        0,
        b"\x89HDF\r\n\x1a\n",
        (
            "an HDF5 file, as Keras, PyTables and MATLAB 7.3 write it",
            "convert it with Python: import h5py, numpy; f = h5py.File('FILE'); print(list(f)); numpy.savez_compressed('data.npz', x=f['images'][:], y=f['labels'][:])",
        ),
    ),
    (
        0,
        b"MATLAB 7.3",
        (
            "a MATLAB file (.mat, HDF5)",
            "convert it with Python: import h5py, numpy; f = h5py.File('FILE'); print(list(f)); numpy.savez_compressed('data.npz', x=f['images'][:], y=f['labels'][:])",
        ),
    ),
    (
        0,
        b"MATLAB",
        (
            "a MATLAB file (.mat)",
            "convert it with Python: import scipy.io, numpy; m = scipy.io.loadmat('FILE'); print(m.keys()); numpy.savez_compressed('data.npz', x=m['X'], y=m['y']), with the images along the first axis",
        ),
    ),
    (
        0,
        b"%PDF",
        (
            "a PDF",
            "export its pages as PNG or JPEG, or take a picture of the screen",
        ),
    ),
    (0, b"7z\xbc\xaf\x27\x1c", ("a 7z archive", EXTRACT)),
    (0, b"Rar!", ("a RAR archive", EXTRACT)),
    (0, b"\xfd7zXZ", ("an xz archive", EXTRACT)),
    (0, b"BZh", ("a bzip2 archive", EXTRACT)),
    (0, b"\x28\xb5\x2f\xfd", ("a Zstandard archive", EXTRACT)),
    (
        0,
        b"\x1f\x9d",
        ("an archive made by compress (.Z)", EXTRACT),
    ),
    (0, b"\x04\x22\x4d\x18", ("an LZ4 archive", EXTRACT)),
    (
        0,
        b"ARROW1",
        (
            "an Arrow or Feather file",
            "convert it with Python: import pandas; pandas.read_feather('FILE').to_csv('data.csv', index=False)",
        ),
    ),
    (
        0,
        b"SQLite format 3\0",
        (
            "an SQLite database",
            "export its images as PNG files, or its table as CSV",
        ),
    ),
    (
        0,
        b"Obj\x01",
        ("an Avro file", "export it as CSV or NumPy (.npz)"),
    ),
    (
        0,
        b"GGUF",
        ("a language model's weights (GGUF)", "add images instead"),
    ),
    (0, b"icns", ("an icon file of macOS", AS_IMAGE)),
    (0, b"\0\0\x01\0", ("an icon file (.ico)", AS_IMAGE)),
    (0, b"8BPS", ("a Photoshop file", AS_IMAGE)),
    (0, b"gimp xcf", ("a GIMP file", AS_IMAGE)),
    (0, b"\xff\x0a", ("a JPEG XL image", AS_IMAGE)),
    (0, b"\0\0\0\x0cJXL ", ("a JPEG XL image", AS_IMAGE)),
    (0, b"\0\0\0\x0cjP  ", ("a JPEG 2000 image", AS_IMAGE)),
    (0, b"\xff\x4f\xff\x51", ("a JPEG 2000 image", AS_IMAGE)),
    (0, b"qoif", ("a QOI image", AS_IMAGE)),
    (0, b"v/1\x01", ("an OpenEXR image", AS_IMAGE)),
    (
        0,
        b"SIMPLE  =",
        (
            "a FITS file",
            "convert it with Python: from astropy.io import fits; import numpy; numpy.save('data.npy', fits.getdata('FILE'))",
        ),
    ),
    (128, b"DICM", ("a DICOM image", AS_IMAGE)),
    (
        0,
        b"OTTO",
        ("a font", "render its characters as PNG images"),
    ),
    (
        0,
        b"\0\x01\0\0\0",
        ("a font", "render its characters as PNG images"),
    ),
    (
        0,
        b"wOFF",
        ("a font", "render its characters as PNG images"),
    ),
    (
        0,
        b"wOF2",
        ("a font", "render its characters as PNG images"),
    ),
    (
        0,
        b"\x1a\x45\xdf\xa3",
        ("a video", "export its frames as PNG or JPEG"),
    ),
    (0, b"RIFF", ("a sound or a video", "add images instead")),
    (0, b"ID3", ("a sound", "add images instead")),
    (0, b"OggS", ("a sound or a video", "add images instead")),
    (
        0,
        b"{\\rtf",
        ("a text document", "export its pictures as PNG or JPEG"),
    ),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        (
            "an old Office document",
            "save a table as CSV, and pictures as PNG or JPEG",
        ),
    ),
    (
        0,
        b"\xff\xfe",
        ("text in UTF-16", "save it as CSV in UTF-8"),
    ),
    (
        0,
        b"\xfe\xff",
        ("text in UTF-16", "save it as CSV in UTF-8"),
    ),
    (4, b"ftyp", ("a video", "export its frames as PNG or JPEG")),
];

/// The format that a file starting with these bytes has, if it is one that is known and not supported.
pub(crate) fn identify(bytes: &[u8]) -> Option<Known> {
    for &(start, magic, known) in &BY_MAGIC {
        let found = bytes
            .get(start..)
            .is_some_and(|rest| rest.starts_with(magic));
        if found {
            return Some(known);
        }
    }
    if let [0x80, 2..=5, rest @ ..] = bytes
        && !rest.is_empty()
    {
        return Some((
            "a pickle of Python",
            "it can contain programs, so it is not opened here; convert it with Python: import pickle, numpy; d = pickle.load(open('FILE', 'rb'), encoding='latin1'); print(type(d)); numpy.savez_compressed('data.npz', x=d['data'], y=d['labels'])",
        ));
    }
    if bytes.get(8..10).is_some_and(|json| json == b"{\"") && bytes.get(2..8) == Some(&[0; 6]) {
        return Some((
            "a file of weights (safetensors)",
            "import it as a model instead",
        ));
    }
    text::identify(bytes)
}

/// What a ZIP is whose files have these names, if it is a document of another program.
pub(crate) fn identify_zip<'a>(mut names: impl Iterator<Item = &'a str> + Clone) -> Option<Known> {
    let has = |wanted: &str| names.clone().any(|name| name == wanted);
    if has("[Content_Types].xml") {
        return Some((
            "an Office document",
            "save a table as CSV, and pictures as PNG or JPEG",
        ));
    }
    if has("model.weights.h5") {
        return Some(("a Keras model", "add images instead"));
    }
    if names.any(|name| name == "data.pkl" || name.ends_with("/data.pkl")) {
        return Some((
            "a PyTorch file",
            "weights are imported as a model; save tensors of images with Python: import numpy, torch; x, y = torch.load('FILE'); numpy.savez_compressed('data.npz', x=x.numpy(), y=y.numpy())",
        ));
    }
    None
}

/// The line of Python that saves arrays, for messages.
pub(crate) const SAVE_ARRAYS: &str = TO_NPZ;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identify_knows_files_by_their_content() {
        for (bytes, name) in [
            (b"PAR1\x15\x04".as_slice(), "Parquet"),
            (b"\x89HDF\r\n\x1a\n\0", "HDF5"),
            (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB"),
            (b"%PDF-1.7", "PDF"),
            (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
            (b"\n  <!DOCTYPE html>\n<html>", "web page"),
            (b"\xef\xbb\xbf<html><head>", "web page"),
            (b"<?xml version='1.0'?><html xmlns=", "web page"),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
                "LFS",
            ),
            (b"{\n \"cells\": [], \"nbformat\": 4}", "notebook"),
            (b"{\"image\": [0, 1]}", "JSON"),
            (b"\x80\x04\x95\0\0", "pickle"),
            (b"5 153:3 154:18 155:18 156:126\n", "LIBSVM"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        ] {
            let (found, advice) = identify(bytes).expect(name);
            assert!(found.contains(name), "{name}: {found}");
            assert!(!advice.is_empty() && !advice.ends_with('.'));
        }
        for bytes in [b"".as_slice(), b"5,0,0,0,1\n", b"hello", b"\x80"] {
            assert_eq!(identify(bytes), None);
        }
    }
}
