//! The surface to draw on with pen, finger or mouse.

use crate::dom::listener::Listener;
use crate::ui::drawing::strokes::{SIDE, StrokePoint, Strokes, line_width};
use images::{BlankImage, GreyImage, Pixels};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// The shortest time between two calls of `on_segment`, in ms: segments in between are reported together.
const REPORT_INTERVAL_MS: f64 = 6.0;

/// A drawing: its strokes and the canvas that shows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    canvas: NodeRef<html::Canvas>,
    strokes: RwSignal<Strokes>,
}

impl Drawing {
    /// An empty drawing.
    pub(crate) fn new() -> Self {
        Self {
            canvas: NodeRef::new(),
            strokes: RwSignal::default(),
        }
    }

    /// Whether there are no strokes.
    pub(crate) fn is_empty(&self) -> bool {
        self.strokes.with(Strokes::is_empty)
    }

    /// Removes the last stroke.
    pub(crate) fn undo(&self) {
        self.strokes.update(Strokes::undo);
        self.redraw();
    }

    /// Removes all strokes.
    pub(crate) fn clear(&self) {
        self.strokes.update(Strokes::clear);
        self.redraw();
    }

    /// The drawing as a digit in MNIST's format; `None` if there are no strokes.
    ///
    /// Computed here rather than in a worker, because that takes less time than sending the drawing.
    pub(crate) fn digit(&self) -> Option<Result<Pixels, BlankImage>> {
        if self.strokes.with_untracked(Strokes::is_empty) {
            return None;
        }
        let Some(bounds) = self.strokes.with_untracked(Strokes::bounds) else {
            return Some(Err(BlankImage));
        };
        let grey = grey(&self.canvas.get_untracked()?, bounds)?;
        Some(images::normalize_drawing(&grey))
    }

    fn redraw(&self) {
        if let Some(context) = self.context() {
            fill_black(&context);
            self.strokes.with_untracked(|strokes| {
                strokes
                    .segments()
                    .for_each(|segment| line(&context, segment));
            });
        }
    }

    fn context(&self) -> Option<CanvasRenderingContext2d> {
        context(&self.canvas.get_untracked()?)
    }
}

/// The surface.
#[component]
pub(crate) fn DrawingSurface(
    /// The drawing.
    drawing: Drawing,
    /// The `data-testid` of the canvas.
    test_id: &'static str,
    /// The description for screen readers.
    label: &'static str,
    /// Called when a stroke begins.
    #[prop(into)]
    on_begin: Callback<()>,
    /// Called after new segments, with the event's time stamp.
    #[prop(into)]
    on_segment: Callback<f64>,
    /// Called when a stroke ends.
    #[prop(into)]
    on_end: Callback<()>,
) -> impl IntoView {
    let pen = StoredValue::new(None::<i32>);
    let Drawing { canvas, strokes } = drawing;
    let on_pointerdown = move |event: ev::PointerEvent| {
        if event.button() != 0 || pen.get_value().is_some() {
            return;
        }
        event.prevent_default();
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        on_begin.run(());
        // Fails if the pointer is gone already; the stroke then ends at the edge of the surface.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        pen.set_value(Some(event.pointer_id()));
        let point = stroke_point(&canvas, &event);
        strokes.update(|strokes| strokes.begin(point));
        if let Some(context) = context(&canvas) {
            line(&context, (point, point));
        }
        on_segment.run(event.time_stamp());
    };
    // Extends the stroke to the pointer; returns whether that added a segment.
    let draw = move |event: &ev::PointerEvent| -> bool {
        let Some(canvas) = canvas.get_untracked() else {
            return false;
        };
        let (true, Some(context)) = (
            pen.get_value() == Some(event.pointer_id()),
            context(&canvas),
        ) else {
            return false;
        };
        let point = stroke_point(&canvas, event);
        let segment = strokes.try_update_untracked(|strokes| strokes.draw_to(point));
        let segment = segment.flatten();
        if let Some(segment) = segment {
            line(&context, segment);
        }
        segment.is_some()
    };
    // The time of the last report, and whether a segment was added since.
    let reported = StoredValue::new((0.0, false));
    let report = move |at: f64| {
        reported.set_value((at, false));
        on_segment.run(at);
    };
    // `pointermove` repeats at each frame what `pointerrawupdate` reported before; it adds segments only in browsers
    // without the latter.
    let on_pointermove = move |event: ev::PointerEvent| {
        if draw(&event) || reported.get_value().1 {
            report(event.time_stamp());
        }
    };
    // Browsers delay `pointermove` to the next frame; `pointerrawupdate` follows the pen at once, where supported.
    let on_raw_update = move |event: &ev::PointerEvent| {
        if draw(event) {
            let at = event.time_stamp();
            if at - reported.get_value().0 >= REPORT_INTERVAL_MS {
                report(at);
            } else {
                reported.update_value(|(_, since)| *since = true);
            }
        }
    };
    let listener = StoredValue::new_local(None::<Listener>);
    Effect::new(move |_| {
        listener.set_value(canvas.get().map(|canvas| {
            Listener::new(&canvas, "pointerrawupdate", move |event| {
                on_raw_update(event.unchecked_ref());
            })
        }));
    });
    on_cleanup(move || drop(listener.try_update_value(Option::take)));
    let on_pointerend = move |event: ev::PointerEvent| {
        if pen.get_value() == Some(event.pointer_id()) {
            pen.set_value(None);
            reported.set_value((0.0, false));
            on_end.run(());
        }
    };
    Effect::new(move |_| {
        if canvas.get().is_some() {
            drawing.redraw();
        }
    });
    view! {
        <canvas
            node_ref=canvas
            data-testid=test_id
            width=SIDE
            height=SIDE
            role="img"
            aria-label=label
            on:pointerdown=on_pointerdown
            on:pointermove=on_pointermove
            on:pointerup=on_pointerend
            on:pointercancel=on_pointerend
        ></canvas>
        <p class="pad-hint" class:hidden=move || !drawing.is_empty()>
            "Draw a digit"
        </p>
    }
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    // The canvas is read back for each digit, which is fast only if it is in main memory.
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).ok()?;
    canvas
        .get_context_with_context_options("2d", &options)
        .ok()??
        .dyn_into()
        .ok()
}

fn fill_black(context: &CanvasRenderingContext2d) {
    context.set_fill_style_str("#000");
    context.fill_rect(0.0, 0.0, SIDE.into(), SIDE.into());
}

fn line(context: &CanvasRenderingContext2d, (from, to): (StrokePoint, StrokePoint)) {
    context.set_stroke_style_str("#fff");
    context.set_line_cap("round");
    context.set_line_join("round");
    context.set_line_width((from.width + to.width) / 2.0);
    context.begin_path();
    context.move_to(from.x, from.y);
    // A line of zero length would not be drawn as a dot.
    context.line_to(to.x + 0.01, to.y);
    context.stroke();
}

/// The event's position in the drawing, whatever the size of the canvas on the screen.
fn stroke_point(canvas: &HtmlCanvasElement, event: &ev::PointerEvent) -> StrokePoint {
    let area = canvas.get_bounding_client_rect();
    let scale = f64::from(SIDE) / area.width().max(1.0);
    StrokePoint {
        x: (f64::from(event.client_x()) - area.left()) * scale,
        y: (f64::from(event.client_y()) - area.top()) * scale,
        width: line_width(event.pressure()),
    }
}

/// The grey values of a part of the drawing, white on black.
fn grey(canvas: &HtmlCanvasElement, [left, top, width, height]: [u32; 4]) -> Option<GreyImage> {
    let data = context(canvas)?
        .get_image_data(left.into(), top.into(), width.into(), height.into())
        .ok()?
        .data();
    let grey = data.iter().step_by(4).copied().collect();
    GreyImage::new(width as usize, height as usize, grey).ok()
}
