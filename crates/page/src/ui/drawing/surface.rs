//! The surface that is drawn on.

use crate::dom::listener::Listener;
use crate::ui::drawing::strokes::{Dab, SIDE, Strokes, line_width};
use images::{BlankImage, GreyImage, Pixels};
use leptos::{ev, html, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Pieces of a stroke that come faster than this are told of together, in ms.
const APART_MS: f64 = 6.0;

/// One drawing: its strokes, and the canvas that shows them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Drawing {
    canvas: NodeRef<html::Canvas>,
    strokes: RwSignal<Strokes>,
}

impl Drawing {
    /// Nothing drawn yet.
    pub(crate) fn new() -> Self {
        Self {
            canvas: NodeRef::new(),
            strokes: RwSignal::default(),
        }
    }

    /// Whether nothing is drawn.
    pub(crate) fn is_empty(&self) -> bool {
        self.strokes.with(Strokes::is_empty)
    }

    /// Takes the last stroke back.
    pub(crate) fn undo(&self) {
        self.strokes.update(Strokes::undo);
        self.redraw();
    }

    /// Takes all strokes away.
    pub(crate) fn clear(&self) {
        self.strokes.update(Strokes::clear);
        self.redraw();
    }

    /// What is drawn as a digit, in MNIST's frame. None while nothing is drawn.
    ///
    /// Made here and not in a worker: it takes less time than sending the drawing to one, and what follows
    /// the pen has one to go to already.
    pub(crate) fn digit(&self) -> Option<Result<Pixels, BlankImage>> {
        if self.strokes.with_untracked(Strokes::is_empty) {
            return None;
        }
        let Some(inked) = self.strokes.with_untracked(Strokes::bounds) else {
            return Some(Err(BlankImage));
        };
        let grey = grey(&self.canvas.get_untracked()?, inked)?;
        Some(images::normalize_drawing(&grey))
    }

    fn redraw(&self) {
        if let Some(context) = self.context() {
            wipe(&context);
            self.strokes.with_untracked(|strokes| {
                strokes.pieces().for_each(|piece| line(&context, piece));
            });
        }
    }

    fn context(&self) -> Option<CanvasRenderingContext2d> {
        context(&self.canvas.get_untracked()?)
    }
}

/// Draws what the pen does.
#[component]
pub(crate) fn DrawingSurface(
    /// What is drawn.
    drawing: Drawing,
    /// For checks.
    test_id: &'static str,
    /// What is to be drawn here, for those who can't see it.
    label: &'static str,
    /// Called when the pen touches down.
    #[prop(into)]
    on_begin: Callback<()>,
    /// Called after each piece of a stroke, with the event's time.
    #[prop(into)]
    on_piece: Callback<f64>,
    /// Called when the pen is lifted.
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
        // Refused for a pointer that is gone again; the stroke then ends at the surface's edge.
        let _ = canvas.set_pointer_capture(event.pointer_id());
        pen.set_value(Some(event.pointer_id()));
        let dab = dab(&canvas, &event);
        strokes.update(|strokes| strokes.begin(dab));
        if let Some(context) = context(&canvas) {
            line(&context, (dab, dab));
        }
        on_piece.run(event.time_stamp());
    };
    // Draws up to where the pen is. Whether that is a piece of a stroke.
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
        let dab = dab(&canvas, event);
        let piece = strokes.try_update_untracked(|strokes| strokes.draw_to(dab));
        let piece = piece.flatten();
        if let Some(piece) = piece {
            line(&context, piece);
        }
        piece.is_some()
    };
    // When a piece was last told of, and whether one was drawn since.
    let told = StoredValue::new((0.0, false));
    let tell = move |at: f64| {
        told.set_value((at, false));
        on_piece.run(at);
    };
    // With the frame comes once more what was followed at once: it has a piece only where the browser offers
    // nothing sooner.
    let on_pointermove = move |event: ev::PointerEvent| {
        if draw(&event) || told.get_value().1 {
            tell(event.time_stamp());
        }
    };
    // Browsers hold moves back for the next frame; where they offer it, the pen is followed at once.
    let on_raw_update = move |event: &ev::PointerEvent| {
        if draw(event) {
            let at = event.time_stamp();
            if at - told.get_value().0 >= APART_MS {
                tell(at);
            } else {
                told.update_value(|(_, since)| *since = true);
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
            told.set_value((0.0, false));
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
    // It is read back for each digit, which is quick only for a canvas in main memory.
    let options = js_sys::Object::new();
    js_sys::Reflect::set(&options, &"willReadFrequently".into(), &JsValue::TRUE).ok()?;
    canvas
        .get_context_with_context_options("2d", &options)
        .ok()??
        .dyn_into()
        .ok()
}

fn wipe(context: &CanvasRenderingContext2d) {
    context.set_fill_style_str("#000");
    context.fill_rect(0.0, 0.0, SIDE.into(), SIDE.into());
}

fn line(context: &CanvasRenderingContext2d, (from, to): (Dab, Dab)) {
    context.set_stroke_style_str("#fff");
    context.set_line_cap("round");
    context.set_line_join("round");
    context.set_line_width((from.width + to.width) / 2.0);
    context.begin_path();
    context.move_to(from.x, from.y);
    // A line of no length is a dot only when it has some.
    context.line_to(to.x + 0.01, to.y);
    context.stroke();
}

/// Where the event is on the drawing, whatever size the pad has on the screen.
fn dab(canvas: &HtmlCanvasElement, event: &ev::PointerEvent) -> Dab {
    let area = canvas.get_bounding_client_rect();
    let scale = f64::from(SIDE) / area.width().max(1.0);
    Dab {
        x: (f64::from(event.client_x()) - area.left()) * scale,
        y: (f64::from(event.client_y()) - area.top()) * scale,
        width: line_width(event.pressure()),
    }
}

/// The grey values of a part of the drawing, light ink on black. A digit is made of its ink alone, and what is
/// around that need not be read.
fn grey(canvas: &HtmlCanvasElement, [left, top, width, height]: [u32; 4]) -> Option<GreyImage> {
    let data = context(canvas)?
        .get_image_data(left.into(), top.into(), width.into(), height.into())
        .ok()?
        .data();
    let grey = data.iter().step_by(4).copied().collect();
    GreyImage::new(width as usize, height as usize, grey).ok()
}
