//! Files of the browser, read piece by piece.

use images::Source;
use js_sys::{ArrayBuffer, Uint8Array};
use std::{cell::RefCell, io};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    /// A `Blob` or a `File`.
    #[derive(Clone)]
    pub(crate) type Blob;
    #[wasm_bindgen(constructor)]
    pub(crate) fn new(parts: &js_sys::Array, options: &js_sys::Object) -> Blob;
    #[wasm_bindgen(method, getter)]
    fn size(this: &Blob) -> f64;
    #[wasm_bindgen(method)]
    fn slice(this: &Blob, start: f64, end: f64) -> Blob;

    /// Reads synchronously; only workers have it.
    type FileReaderSync;
    #[wasm_bindgen(constructor)]
    fn new() -> FileReaderSync;
    #[wasm_bindgen(method, catch, js_name = readAsArrayBuffer)]
    fn read_as_array_buffer(this: &FileReaderSync, blob: &Blob) -> Result<ArrayBuffer, JsValue>;
}

/// Number of bytes that are read at a time.
const WINDOW_BYTES: u64 = 1 << 20;

/// A file of the browser. Only a window of it is in memory.
pub(crate) struct BlobSource {
    blob: Blob,
    reader: FileReaderSync,
    size: u64,
    window: RefCell<Window>,
}

/// Some consecutive bytes of a file.
#[derive(Default)]
struct Window {
    start: u64,
    bytes: Vec<u8>,
}

impl BlobSource {
    /// Reads an object that was attached to a request.
    pub(crate) fn new(object: JsValue) -> Self {
        let blob: Blob = object.unchecked_into();
        Self {
            size: blob.size() as u64,
            blob,
            reader: FileReaderSync::new(),
            window: RefCell::default(),
        }
    }

    fn load(&self, start: u64) -> io::Result<Window> {
        let end = self.size.min(start + WINDOW_BYTES);
        let slice = self.blob.slice(start as f64, end as f64);
        let buffer = self.reader.read_as_array_buffer(&slice).map_err(|error| {
            let reason = error
                .dyn_ref::<js_sys::Error>()
                .map(|error| String::from(error.message()));
            io::Error::other(reason.unwrap_or_else(|| "the browser can't read it".to_owned()))
        })?;
        Ok(Window {
            start,
            bytes: Uint8Array::new(&buffer).to_vec(),
        })
    }
}

impl Source for BlobSource {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        if offset >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let mut window = self.window.borrow_mut();
        let is_inside = (window.start..window.start + window.bytes.len() as u64).contains(&offset);
        if !is_inside {
            *window = self.load(offset)?;
        }
        let rest = &window.bytes[(offset - window.start) as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}
