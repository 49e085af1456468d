//! Drawing of images on canvases, and the theme's colours.

use crate::dom::raster::{Picture, rgba};
use protocol::ImageShape;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// The canvas' 2-D context.
pub(crate) fn context_2d(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

/// Draws RGBA pixels, `[height × width × 4]`, and resizes the canvas to their size.
///
/// # Errors
///
/// If the browser has no 2-D context or rejects the image data.
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
        .ok_or("the browser has no 2-D canvas")?
        .dyn_into()?;
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width, height)?;
    context.put_image_data(&image, 0.0, 0.0)
}

/// Draws an image, `[height, width, channels]`, one canvas pixel each, and resizes the canvas to its size.
pub(crate) fn draw_image(canvas: &HtmlCanvasElement, pixels: &[u8], shape: ImageShape) {
    if let Err(error) = put_pixels(canvas, &rgba(pixels, shape), [shape.height, shape.width]) {
        leptos::logging::error!("canvas: {error:?}");
    }
}

/// Draws grey values, `[height × width]`, one canvas pixel each, and resizes the canvas to their size.
pub(crate) fn draw_grey(canvas: &HtmlCanvasElement, pixels: &[u8], [height, width]: [usize; 2]) {
    draw_image(canvas, pixels, ImageShape::grey(height, width));
}

/// Draws a picture, and resizes the canvas to its size.
pub(crate) fn draw_picture(canvas: &HtmlCanvasElement, picture: &Picture) {
    if let Err(error) = put_pixels(canvas, &picture.rgba, picture.size) {
        leptos::logging::error!("canvas: {error:?}");
    }
}

/// Makes the canvas transparent.
pub(crate) fn clear(canvas: &HtmlCanvasElement) {
    if let Some(context) = context_2d(canvas) {
        context.clear_rect(
            0.0,
            0.0,
            f64::from(canvas.width()),
            f64::from(canvas.height()),
        );
    }
}

/// Stacks canvases vertically and encodes them as PNG, scaled by an integer factor without smoothing. Returns a
/// data URL.
///
/// # Errors
///
/// If the canvases are empty, or the browser can't create an image of that size.
pub(crate) fn png_url(canvases: &[HtmlCanvasElement], scale: u32) -> Result<String, JsValue> {
    let width = canvases.iter().map(|canvas| canvas.width()).max();
    let height: u32 = canvases.iter().map(|canvas| canvas.height()).sum();
    let width = width.filter(|width| width * height > 0);
    let width = width.ok_or("there is nothing to save yet")?;
    let stacked: HtmlCanvasElement = web_sys::window()
        .and_then(|window| window.document())
        .ok_or("there is no document")?
        .create_element("canvas")?
        .dyn_into()?;
    stacked.set_width(width * scale);
    stacked.set_height(height * scale);
    let context = context_2d(&stacked).ok_or("the browser has no 2-D canvas")?;
    context.set_image_smoothing_enabled(false);
    let mut top = 0;
    for canvas in canvases {
        context.draw_image_with_html_canvas_element_and_dw_and_dh(
            canvas,
            0.0,
            f64::from(top * scale),
            f64::from(canvas.width() * scale),
            f64::from(canvas.height() * scale),
        )?;
        top += canvas.height();
    }
    stacked.to_data_url()
}

/// The first canvas that matches a CSS selector.
pub(crate) fn canvas(selector: &str) -> Option<HtmlCanvasElement> {
    web_sys::window()?
        .document()?
        .query_selector(selector)
        .ok()??
        .dyn_into()
        .ok()
}

/// Sets a CSS variable of the whole page, such as `--image-pixels`.
pub(crate) fn set_root_variable(variable: &str, value: &str) {
    let root = web_sys::window()
        .and_then(|window| window.document()?.document_element())
        .and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(root) = root {
        // Fails only for names that are no variables.
        let _ = root.style().set_property(variable, value);
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
