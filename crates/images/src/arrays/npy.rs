//! The header of a NumPy file (.npy).
//!
//! After the magic number and the version, the header is a Python dictionary with three keys. The crate `npyz` reads it
//! with a parser generator for all of Python's literals, which is larger than the other readers together.

use super::{ArrayError, ArrayHeader, Element, Kind};
use std::io::Read;

/// Maximum length of a header, in bytes.
const MAX_HEADER_BYTES: usize = 1 << 16;
const DAMAGED: ArrayError = ArrayError::Header("NumPy");

/// Reads a header. Returns its length in bytes, too.
///
/// # Errors
/// When it is damaged, or the elements are neither numbers nor text.
pub(crate) fn header(reader: &mut dyn Read) -> Result<(ArrayHeader, u64), ArrayError> {
    let mut start = [0; 8];
    reader.read_exact(&mut start).map_err(|_| DAMAGED)?;
    let [_, b'N', b'U', b'M', b'P', b'Y', version, _] = start else {
        return Err(DAMAGED);
    };
    let length_bytes = if version == 1 { 2 } else { 4 };
    let mut length = [0; 4];
    let field = &mut length[..length_bytes];
    reader.read_exact(field).map_err(|_| DAMAGED)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_HEADER_BYTES {
        return Err(DAMAGED);
    }
    let mut text = Vec::new();
    reader.take(length as u64).read_to_end(&mut text)?;
    if text.len() != length {
        return Err(DAMAGED);
    }
    let header = parse(&String::from_utf8_lossy(&text))?;
    Ok((header, (8 + length_bytes + length) as u64))
}

/// Parses `{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }`.
fn parse(text: &str) -> Result<ArrayHeader, ArrayError> {
    let value = |key: &str| {
        let at = [format!("'{key}'"), format!("\"{key}\"")]
            .iter()
            .find_map(|quoted| Some(text.find(quoted)? + quoted.len()))
            .ok_or(DAMAGED)?;
        let rest = text[at..].trim_start().strip_prefix(':').ok_or(DAMAGED)?;
        Ok::<_, ArrayError>(rest.trim_start())
    };
    let shape = value("shape")?.strip_prefix('(').ok_or(DAMAGED)?;
    let shape = shape.split(')').next().unwrap_or_default();
    let mut axes = Vec::new();
    for axis in shape.split(',').map(str::trim).filter(|a| !a.is_empty()) {
        axes.push(axis.trim_end_matches('L').parse().map_err(|_| DAMAGED)?);
        if axes.len() > 8 {
            return Err(DAMAGED);
        }
    }
    let order = value("fortran_order")?;
    let is_column_major = order.starts_with("True");
    if !is_column_major && !order.starts_with("False") {
        return Err(DAMAGED);
    }
    let descr = value("descr")?;
    let quote = descr.chars().next().unwrap_or_default();
    if !matches!(quote, '\'' | '"') {
        return Err(ArrayError::Element("a record".into()));
    }
    let descr = descr[1..].split(quote).next().unwrap_or_default();
    Ok(ArrayHeader {
        element: element(descr)?,
        axes,
        is_column_major,
    })
}

/// The type that a descriptor such as `<f4` or `|u1` stands for.
fn element(descr: &str) -> Result<Element, ArrayError> {
    let unsupported = || ArrayError::Element(format!("{descr:?}"));
    let (order, rest) = match descr.chars().next() {
        Some(order @ ('<' | '>' | '|' | '=')) => (order, &descr[1..]),
        _ => ('|', descr),
    };
    let kind = match rest {
        "b1" | "?" => Kind::Bool,
        "u1" | "B" => Kind::U8,
        "i1" | "b" => Kind::I8,
        "u2" => Kind::U16,
        "i2" => Kind::I16,
        "u4" => Kind::U32,
        "i4" => Kind::I32,
        "u8" => Kind::U64,
        "i8" => Kind::I64,
        "f2" => Kind::F16,
        "f4" => Kind::F32,
        "f8" => Kind::F64,
        "O" => {
            return Err(ArrayError::Element(
                "Python object, which only Python reads".into(),
            ));
        }
        _ => {
            let length = rest.get(1..).and_then(|length| length.parse().ok());
            match (rest.chars().next(), length) {
                (Some('S' | 'a'), Some(length @ 1..=1024)) => Kind::Bytes(length),
                (Some('U'), Some(length @ 1..=256)) => Kind::Unicode(length),
                _ => return Err(unsupported()),
            }
        }
    };
    Ok(Element {
        kind,
        is_big_endian: order == '>',
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_what_numpy_writes() {
        let header =
            parse("{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 28, 28), }  \n");
        let header = header.expect("valid");
        assert_eq!(header.axes, [60_000, 28, 28]);
        assert_eq!(header.element.kind, Kind::U8);
        assert!(!header.is_column_major);
        let header =
            parse("{'descr': '>f8', 'fortran_order': True, 'shape': (7,), }").expect("valid");
        assert_eq!((header.axes, header.is_column_major), (vec![7], true));
        assert!(header.element.is_big_endian && header.element.kind == Kind::F64);
        let scalar =
            parse("{'descr': '<i8', 'fortran_order': False, 'shape': (), }").expect("valid");
        assert_eq!(scalar.data_bytes(), 8);
    }

    #[test]
    fn parse_rejects_what_it_cannot_read() {
        for text in [
            "",
            "{}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, -2)}",
            "{'descr': '|u1', 'fortran_order': maybe, 'shape': (1,)}",
            "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (1,)}",
            "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        let objects = parse("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}");
        assert!(
            objects
                .expect_err("objects")
                .to_string()
                .contains("Python object")
        );
    }
}
