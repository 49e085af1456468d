//! Grey pictures on canvases, and colours of the theme for what is drawn by hand.

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// The canvas' 2-D context.
pub(crate) fn context_2d(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Draws grey values, `[height × width]`, one canvas pixel each; the canvas gets that size.
pub(crate) fn draw_grey(canvas: &HtmlCanvasElement, pixels: &[u8], [height, width]: [usize; 2]) {
    let (height, width) = (height as u32, width as u32);
    if canvas.width() != width || canvas.height() != height {
        canvas.set_width(width);
        canvas.set_height(height);
    }
    let rgba: Vec<u8> = pixels
        .iter()
        .flat_map(|&grey| [grey, grey, grey, 255])
        .collect();
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&rgba), width, height);
    if let (Some(context), Ok(image)) = (context_2d(canvas), image) {
        // Fails only for a picture that does not fit its size, which was checked above.
        let _ = context.put_image_data(&image, 0.0, 0.0);
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
