//! The surface to draw on with pen, finger or mouse.

use crate::dom::listener::Listener;
use crate::ui::drawing::pointers::{Down, Pointers};
use crate::ui::drawing::strokes::{Ink, SIDE, StrokePoint, Strokes, WHITE, line_width};
use crate::ui::getter::Getter;
use images::{BlankImage, Conversion, GreyImage, ImageShape, Pixels, Raster};
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
    /// The colour of the next stroke.
    pub(crate) ink: RwSignal<Ink>,
    /// The colour of the ground.
    ground: RwSignal<Ink>,
}

/// The ground of digits.
pub(crate) const BLACK: Ink = "#000";

impl Drawing {
    /// An empty drawing.
    pub(crate) fn new() -> Self {
        Self {
            canvas: NodeRef::new(),
            strokes: RwSignal::default(),
            ink: RwSignal::new(WHITE),
            ground: RwSignal::new(BLACK),
        }
    }

    /// Draws with `ink` on another ground from now on. Strokes on a ground of another colour are removed.
    pub(crate) fn set_ground(&self, ground: Ink, ink: Ink) {
        if self.ground.get_untracked() != ground {
            self.ground.set(ground);
            self.ink.set(ink);
            self.clear();
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

    /// The whole drawing as an image of this shape; `None` if there are no strokes, or the browser can't read it.
    pub(crate) fn image(&self, shape: ImageShape) -> Option<Vec<u8>> {
        if self.strokes.with_untracked(Strokes::is_empty) {
            return None;
        }
        let side = f64::from(SIDE);
        let data = self.context()?.get_image_data(0.0, 0.0, side, side).ok()?;
        let data = data.data();
        let (rgba, _) = data.as_chunks::<4>();
        let rgb = rgba
            .iter()
            .flat_map(|&[red, green, blue, _]| [red, green, blue]);
        let drawing = Raster::new(SIDE as usize, SIDE as usize, 3, rgb.collect())?;
        images::convert(&drawing, Conversion::Fit, shape).ok()
    }

    fn redraw(&self) {
        if let Some(context) = self.context() {
            fill(&context, self.ground.get_untracked());
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
    #[prop(into)]
    label: Getter<String>,
    /// What the empty surface says.
    #[prop(into)]
    hint: Getter<String>,
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
    let pointers = StoredValue::new(Pointers::default());
    let Drawing {
        canvas,
        strokes,
        ink,
        ..
    } = drawing;
    let on_pointerdown = move |event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let (id, kind, at) = (event.pointer_id(), event.pointer_type(), event.time_stamp());
        let down = pointers.try_update_value(|pointers| pointers.down(id, &kind, at));
        match down {
            None | Some(Down::Ignored) => return,
            Some(Down::Begins) => {}
            Some(Down::Replaces) => drawing.undo(),
        }
        event.prevent_default();
        let Some(canvas) = canvas.get_untracked() else {
            return;
        };
        on_begin.run(());
        // Fails if the pointer is gone already; the stroke then ends at the edge of the surface.
        let _ = canvas.set_pointer_capture(id);
        let point = stroke_point(&canvas, &event);
        let ink = ink.get_untracked();
        strokes.update(|strokes| strokes.begin(ink, point));
        if let Some(context) = context(&canvas) {
            line(&context, (ink, point, point));
        }
        on_segment.run(event.time_stamp());
    };
    // Extends the stroke to the pointer; returns whether that added a segment.
    let draw = move |event: &ev::PointerEvent| -> bool {
        let Some(canvas) = canvas.get_untracked() else {
            return false;
        };
        let (true, Some(context)) = (
            pointers.with_value(|pointers| pointers.draws(event.pointer_id())),
            context(&canvas),
        ) else {
            return false;
        };
        let point = stroke_point(&canvas, event);
        let segment = strokes.try_update_untracked(|strokes| strokes.draw_to(point));
        let segment = segment.flatten();
        if let Some((from, to)) = segment {
            line(&context, (ink.get_untracked(), from, to));
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
        let (id, at) = (event.pointer_id(), event.time_stamp());
        if pointers.try_update_value(|pointers| pointers.up(id, at)) == Some(true) {
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
            aria-label=move || label.get()
            on:pointerdown=on_pointerdown
            on:pointermove=on_pointermove
            on:pointerup=on_pointerend
            on:pointercancel=on_pointerend
        ></canvas>
        <p class="pad-hint" class:hidden=move || !drawing.is_empty()>
            {move || hint.get()}
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

fn fill(context: &CanvasRenderingContext2d, ground: Ink) {
    context.set_fill_style_str(ground);
    context.fill_rect(0.0, 0.0, SIDE.into(), SIDE.into());
}

fn line(context: &CanvasRenderingContext2d, (ink, from, to): (Ink, StrokePoint, StrokePoint)) {
    context.set_stroke_style_str(ink);
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
