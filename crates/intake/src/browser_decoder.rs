//! Decodes images with the browser's decoders: AVIF, and HEIC where the system has them.

use crate::blob::Blob;
use images::{MAX_PIXELS, Raster, UndecodedImage};
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_name = createImageBitmap)]
    fn create_image_bitmap(blob: &Blob) -> Result<Promise, JsValue>;

    type ImageBitmap;
    #[wasm_bindgen(method, getter)]
    fn width(this: &ImageBitmap) -> u32;
    #[wasm_bindgen(method, getter)]
    fn height(this: &ImageBitmap) -> u32;
    #[wasm_bindgen(method)]
    fn close(this: &ImageBitmap);

    type OffscreenCanvas;
    #[wasm_bindgen(constructor, catch)]
    fn new(width: u32, height: u32) -> Result<OffscreenCanvas, JsValue>;
    #[wasm_bindgen(method, catch, js_name = getContext)]
    fn get_context(this: &OffscreenCanvas, kind: &str) -> Result<JsValue, JsValue>;

    type Context;
    #[wasm_bindgen(method, catch, js_name = drawImage)]
    fn draw_image(this: &Context, image: &ImageBitmap, x: f64, y: f64) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch, js_name = getImageData)]
    fn image_data(
        this: &Context,
        x: f64,
        y: f64,
        width: f64,
        height: f64,
    ) -> Result<JsValue, JsValue>;
}

/// Decodes an image; `None` if the browser can't, or if the image is too large.
pub(crate) async fn decode(image: &UndecodedImage) -> Option<Raster> {
    let options = Object::new();
    Reflect::set(&options, &"type".into(), &image.media_type.into()).ok()?;
    let parts = Array::of1(&Uint8Array::from(image.bytes.as_slice()));
    let bitmap = create_image_bitmap(&Blob::new(&parts, &options)).ok()?;
    let bitmap: ImageBitmap = JsFuture::from(bitmap).await.ok()?.unchecked_into();
    let raster = pixels(&bitmap);
    bitmap.close();
    raster
}

fn pixels(bitmap: &ImageBitmap) -> Option<Raster> {
    let (width, height) = (bitmap.width(), bitmap.height());
    if width as usize * height as usize > MAX_PIXELS {
        return None;
    }
    let canvas = OffscreenCanvas::new(width, height).ok()?;
    let context: Context = canvas
        .get_context("2d")
        .ok()?
        .dyn_into::<Object>()
        .ok()?
        .unchecked_into();
    context.draw_image(bitmap, 0.0, 0.0).ok()?;
    let data = context
        .image_data(0.0, 0.0, f64::from(width), f64::from(height))
        .ok()?;
    let data = Reflect::get(&data, &"data".into()).ok()?;
    let buffer = Reflect::get(&data, &"buffer".into()).ok()?;
    images::flatten_rgba(
        width as usize,
        height as usize,
        &Uint8Array::new(&buffer).to_vec(),
    )
}
