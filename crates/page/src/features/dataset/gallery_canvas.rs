//! Paints the visible tiles of the gallery.

use crate::dom;
use crate::dom::raster::grid;
use crate::features::dataset::gallery_grid::{Grid, TILE};
use crate::features::dataset::image_list::ImageList;
use crate::features::dataset::selection::Selection;
use std::ops::Range;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Paints the visible tiles with their selection marks and the cursor. The canvas gets the size of the
/// grid's window, in device pixels.
pub(crate) fn paint(
    canvas: &HtmlCanvasElement,
    grid: &Grid,
    list: &ImageList,
    selection: &Selection,
) {
    let scale = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio());
    let (width, height) = (grid.columns as f64 * TILE, grid.window);
    let device_pixels = |css: f64| (css * scale).round().max(1.0) as u32;
    if canvas.width() != device_pixels(width) || canvas.height() != device_pixels(height) {
        canvas.set_width(device_pixels(width));
        canvas.set_height(device_pixels(height));
        // Named by its type, because a trait of Leptos has a `style` method, too.
        let style = web_sys::HtmlElement::style(canvas);
        let _ = style.set_property("width", &format!("{width}px"));
        let _ = style.set_property("height", &format!("{height}px"));
    }
    let Some(context) = dom::context_2d(canvas) else {
        return;
    };
    let _ = context.set_transform(scale, 0.0, 0.0, scale, 0.0, 0.0);
    context.clear_rect(0.0, 0.0, width, height);
    context.set_image_smoothing_enabled(true);
    let visible = grid.visible();
    let shape = list.shape();
    let Some(strip) = image_strip(list, &visible) else {
        return;
    };
    let (width, height) = (shape.width as f64, shape.height as f64);
    // The whole image is in the tile.
    let zoom = (TILE - 2.0) / width.max(height);
    let (shown_width, shown_height) = (width * zoom, height * zoom);
    for (at, tile) in visible.enumerate() {
        let (x, y) = grid.position(tile);
        let _ = context
            .draw_image_with_html_canvas_element_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
                &strip,
                (at % STRIP_COLUMNS) as f64 * width,
                (at / STRIP_COLUMNS) as f64 * height,
                width,
                height,
                x + (TILE - shown_width) / 2.0,
                y + (TILE - shown_height) / 2.0,
                shown_width,
                shown_height,
            );
        let Some(id) = list.ids().get(tile) else {
            continue;
        };
        if selection.ids().contains(id) {
            outline(&context, x, y, "--accent", 4.0);
        }
        if selection.cursor() == Some(*id) {
            outline(&context, x, y, "--ink", 2.0);
        }
    }
}

/// Images in a row of the strip: browsers limit the height of a canvas.
const STRIP_COLUMNS: usize = 16;

/// The visible images, in rows.
fn image_strip(list: &ImageList, visible: &Range<usize>) -> Option<HtmlCanvasElement> {
    let document = web_sys::window()?.document()?;
    let strip: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    let ids = list.ids().get(visible.start..visible.end.min(list.len()))?;
    if ids.is_empty() {
        return None;
    }
    let mut images = Vec::with_capacity(ids.len() * list.shape().values());
    for &id in ids {
        images.extend(list.store().get(id)?.to_vec());
    }
    dom::draw_picture(&strip, &grid(&images, list.shape(), STRIP_COLUMNS, 0));
    Some(strip)
}

fn outline(context: &CanvasRenderingContext2d, x: f64, y: f64, colour: &str, width: f64) {
    context.set_stroke_style_str(&dom::css_colour(colour));
    context.set_line_width(width);
    let inset = width / 2.0;
    context.stroke_rect(x + inset, y + inset, TILE - width, TILE - width);
}
