//! What the targets of image files share: reading one, and the contents of seeds.

use images::ReadOptions;

/// Reads a file, and looks at everything that was found.
pub(crate) fn read(name: &str, bytes: &[u8], options: &ReadOptions) {
    let found = images::read_file(name, bytes, options);
    let count = found.images.iter().count();
    assert_eq!(found.classes.len(), count, "a class for each image");
    for index in 0..count.min(100) {
        let _ = (found.class_name(index), found.source(index));
    }
    let texts = found.problems.iter().chain(&found.notes);
    assert!(texts.clone().all(|problem| !problem.reason.is_empty()));
    let is_silent = count == 0 && found.sheets.is_empty() && found.undecoded.is_empty();
    assert!(
        !is_silent || texts.count() > 0 || is_known(name, bytes),
        "nothing was found, and nothing said"
    );
}

/// Tables of EMNIST's characters are known, and there is nothing to say about them.
fn is_known(_name: &str, bytes: &[u8]) -> bool {
    bytes
        .windows(7)
        .any(|part| part.eq_ignore_ascii_case(b"mapping"))
}

/// A ring on a dark ground, as a drawn zero.
pub(crate) fn ring(side: usize) -> Vec<u8> {
    let middle = side as f64 / 2.0;
    let pixels = (0..side * side).map(|at| {
        let [x, y] = [at % side, at / side].map(|v| (v as f64 + 0.5 - middle) / middle);
        let distance = ((x * x + y * y).sqrt() - 0.55).abs();
        if distance < 0.18 { 255 } else { 0 }
    });
    pixels.collect()
}

/// An array of NumPy.
pub(crate) fn npy(element: &str, column_major: &str, shape: &str, values: &[u8]) -> Vec<u8> {
    let header =
        format!("{{'descr': '{element}', 'fortran_order': {column_major}, 'shape': {shape}, }}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), values].concat()
}
