//! Grey pictures on canvases, and colours of the theme for what is drawn by hand.

use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// The canvas' 2-D context.
pub(crate) fn context_2d(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

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

/// Draws grey values, `[height × width]`, one canvas pixel each; the canvas gets that size.
pub(crate) fn draw_grey(canvas: &HtmlCanvasElement, pixels: &[u8], size: [usize; 2]) {
    let rgba: Vec<u8> = pixels
        .iter()
        .flat_map(|&grey| [grey, grey, grey, 255])
        .collect();
    if let Err(error) = put_pixels(canvas, &rgba, size) {
        leptos::logging::error!("canvas: {error:?}");
    }
}

/// The value of a CSS variable of the theme, such as `--accent`.
pub(crate) fn css_colour(variable: &str) -> String {
    web_sys::window()
        .and_then(|window| {
            let root = window.document()?.document_element()?;
            window.get_computed_style(&root).ok().flatten()
        })
        .and_then(|style| style.get_property_value(variable).ok())
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
        .unwrap_or_else(|| "#3b5bdb".to_owned())
}
