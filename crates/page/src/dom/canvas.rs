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

/// Canvases under one another as a PNG of this many times their size, pixels left square, as a data URL.
///
/// # Errors
///
/// When there is nothing to draw, or the browser makes no picture of that size.
pub(crate) fn png_url(canvases: &[HtmlCanvasElement], times: u32) -> Result<String, JsValue> {
    let width = canvases.iter().map(|canvas| canvas.width()).max();
    let height: u32 = canvases.iter().map(|canvas| canvas.height()).sum();
    let width = width.filter(|width| width * height > 0);
    let width = width.ok_or("there is nothing to save yet")?;
    let whole: HtmlCanvasElement = web_sys::window()
        .and_then(|window| window.document())
        .ok_or("there is no page")?
        .create_element("canvas")?
        .dyn_into()?;
    whole.set_width(width * times);
    whole.set_height(height * times);
    let context = context_2d(&whole).ok_or("no 2-D canvas here")?;
    context.set_image_smoothing_enabled(false);
    let mut top = 0;
    for canvas in canvases {
        context.draw_image_with_html_canvas_element_and_dw_and_dh(
            canvas,
            0.0,
            f64::from(top * times),
            f64::from(canvas.width() * times),
            f64::from(canvas.height() * times),
        )?;
        top += canvas.height();
    }
    whole.to_data_url()
}

/// The first canvas that this selector finds.
pub(crate) fn canvas(selector: &str) -> Option<HtmlCanvasElement> {
    web_sys::window()?
        .document()?
        .query_selector(selector)
        .ok()??
        .dyn_into()
        .ok()
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

/// The colours of the ten digit classes, `--class-0` to `--class-9`, and of a digit without a label.
pub(crate) fn class_colours() -> [[u8; 3]; 11] {
    std::array::from_fn(|class| match class {
        10 => rgb(&css_colour("--class-none")),
        class => rgb(&css_colour(&format!("--class-{class}"))),
    })
}

/// Red, green and blue of a colour among the tokens: `--accent`.
pub(crate) fn colour(token: &str) -> [u8; 3] {
    rgb(&css_colour(token))
}

/// Red, green and blue of `#rrggbb`; grey for what is written in another way.
fn rgb(hex: &str) -> [u8; 3] {
    let number = hex
        .strip_prefix('#')
        .and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let [_, red, green, blue] = number.unwrap_or(0x0080_8080).to_be_bytes();
    [red, green, blue]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read() {
        assert_eq!(rgb("#3f90da"), [0x3f, 0x90, 0xda]);
        assert_eq!(rgb("grey"), [0x80; 3]);
    }
}
