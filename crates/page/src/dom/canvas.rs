//! Pixels onto a canvas.

use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Puts RGBA pixels of this height and width onto the canvas, which takes their size.
///
/// # Errors
///
/// When the browser gives no 2-D context or takes no such image.
pub(crate) fn put_pixels(
    canvas: &HtmlCanvasElement,
    rgba: &[u8],
    [height, width]: [usize; 2],
) -> Result<(), JsValue> {
    let (width, height) = (width as u32, height as u32);
    // Setting the size clears the canvas, so only when it changes.
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let context: CanvasRenderingContext2d = canvas
        .get_context("2d")?
        .ok_or("no 2-D canvas here")?
        .dyn_into()?;
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width, height)?;
    context.put_image_data(&image, 0.0, 0.0)
}
