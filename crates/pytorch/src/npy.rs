//! NumPy's format of arrays.

/// The header of an array of bytes with these axes; the elements follow, row-major.
pub(crate) fn header(axes: &[usize]) -> Vec<u8> {
    const ALIGNMENT: usize = 64;
    let sizes: Vec<String> = axes.iter().map(|axis| format!("{axis},")).collect();
    let mut text = format!(
        "{{'descr': '|u1', 'fortran_order': False, 'shape': ({}), }}",
        sizes.join(" ")
    );
    // Magic number, version, length of the text, and a line break.
    let length = 6 + 2 + 2 + text.len() + 1;
    text.push_str(&" ".repeat(length.next_multiple_of(ALIGNMENT) - length));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.into_bytes());
    bytes
}
