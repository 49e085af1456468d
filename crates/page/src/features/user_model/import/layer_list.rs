//! The layers of a reading, which the user can put into another order by dragging, or with the arrow keys.

use crate::dom;
use crate::features::user_model::import::importer::ModelImporter;
use leptos::{ev, html, prelude::*};
use protocol::ImportLayer;
use wasm_bindgen::JsCast;

/// A drag in progress: the layer, and the place before which it would be put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Drag {
    from: usize,
    to: usize,
}

/// The layers, from the image to its reconstruction.
#[component]
pub(super) fn LayerList(
    layers: Vec<ImportLayer>,
    /// Whether they have an order to change; the operators of a graph don't.
    can_reorder: bool,
    /// The layer whose handle has the focus, by its name: the list is made anew with each order.
    focused: StoredValue<Option<String>>,
) -> impl IntoView {
    let importer = expect_context::<ModelImporter>();
    let list = NodeRef::<html::Ol>::new();
    let drag = RwSignal::new(None::<Drag>);
    let layers = StoredValue::new(layers);
    let count = layers.with_value(Vec::len);
    let put = move |from: usize, to: usize| {
        let order = layers.with_value(|layers| moved(layers, from, to));
        if let Some(order) = order {
            focused
                .set_value(layers.with_value(|layers| layers.get(from).map(|it| it.name.clone())));
            importer.reorder(order);
        }
    };
    // The place before which a layer would be put at this height of the window.
    let place = move |y: f64| -> usize {
        let Some(list) = list.get_untracked() else {
            return 0;
        };
        let items = list.children();
        let middle = |at: u32| {
            let rect = items.item(at)?.get_bounding_client_rect();
            Some(rect.top() + rect.height() / 2.0)
        };
        let above = (0..items.length()).filter(|&at| middle(at).is_some_and(|middle| middle < y));
        above.count()
    };
    let on_down = move |from: usize, event: ev::PointerEvent| {
        if event.button() != 0 {
            return;
        }
        event.prevent_default();
        if let Some(handle) = event
            .current_target()
            .and_then(|it| it.dyn_into::<web_sys::Element>().ok())
        {
            // Fails only if the pointer is gone.
            let _ = handle.set_pointer_capture(event.pointer_id());
            dom::focus::focus(&handle);
        }
        drag.set(Some(Drag { from, to: from }));
    };
    let on_move = move |event: ev::PointerEvent| {
        if let Some(Drag { from, .. }) = drag.get_untracked() {
            let to = place(f64::from(event.client_y()));
            drag.set(Some(Drag { from, to }));
        }
    };
    let on_up = move |_: ev::PointerEvent| {
        if let Some(Drag { from, to }) = drag.get_untracked() {
            drag.set(None);
            put(from, to);
        }
    };
    let on_key = move |from: usize, event: ev::KeyboardEvent| {
        let to = match event.key().as_str() {
            "ArrowUp" => from.checked_sub(1),
            // Before the layer after the next.
            "ArrowDown" => Some(from + 2).filter(|to| *to <= count),
            "Escape" if drag.get_untracked().is_some() => {
                event.stop_propagation();
                drag.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(to) = to {
            put(from, to);
        }
    };
    let item = move |(at, layer): (usize, ImportLayer)| {
        let can_move = can_reorder && layer.role != "label";
        let handle = NodeRef::<html::Button>::new();
        let name = layer.name.clone();
        Effect::new(move |_| {
            if let Some(handle) = handle.get()
                && focused.with_value(|focused| focused.as_ref() == Some(&name))
            {
                focused.set_value(None);
                dom::focus::focus(&handle);
            }
        });
        let label = format!(
            "Move {}: drag it, or press the up and down arrow keys",
            layer.name
        );
        let handle = can_move.then(|| {
            view! {
                <button
                    type="button"
                    class="quiet layer-handle"
                    node_ref=handle
                    aria-label=label.clone()
                    title=label
                    data-testid=format!("import-move-{at}")
                    on:pointerdown=move |event| on_down(at, event)
                    on:pointermove=on_move
                    on:pointerup=on_up
                    on:pointercancel=move |_| drag.set(None)
                    on:keydown=move |event| on_key(at, event)
                >
                    <span aria-hidden="true">"↕"</span>
                </button>
            }
        });
        let is_dragged = move || drag.get().is_some_and(|drag| drag.from == at);
        let is_before = move || {
            drag.get()
                .is_some_and(|drag| drag.to == at && drag.from != at)
        };
        let is_after = move || {
            drag.get()
                .is_some_and(|drag| drag.to == at + 1 && at + 1 == count)
        };
        view! {
            <li class:dragged=is_dragged class:drop-before=is_before class:drop-after=is_after>
                <span class="import-role">{layer.role}</span>
                <code>{layer.name}</code>
                <span class="hint">{layer.text}</span>
                {handle}
            </li>
        }
    };
    view! {
        <ol node_ref=list data-testid="import-diagram">
            {layers.get_value().into_iter().enumerate().map(item).collect_view()}
        </ol>
    }
}

/// The names of the layers after one of them was put before the place `to`; `None` if that changes nothing. Layers of a
/// label have no place, and layers that are not used get one only by being moved.
fn moved(layers: &[ImportLayer], from: usize, to: usize) -> Option<Vec<String>> {
    let moving = layers.get(from)?;
    let mut rest: Vec<(usize, &ImportLayer)> = layers.iter().enumerate().collect();
    rest.remove(from);
    let place = rest.iter().filter(|(at, _)| *at < to).count();
    if place == from {
        return None;
    }
    rest.insert(place, (from, moving));
    let in_chain = |&(at, layer): &(usize, &ImportLayer)| {
        layer.role != "label" && (layer.role != "not used" || at == from)
    };
    let names = rest.iter().filter(|entry| in_chain(entry));
    Some(names.map(|(_, layer)| layer.name.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers() -> Vec<ImportLayer> {
        let layer = |(role, name): (&str, &str)| ImportLayer {
            role: role.to_owned(),
            name: name.to_owned(),
            text: String::new(),
        };
        [
            ("encoder", "a"),
            ("μ", "m"),
            ("second head", "s"),
            ("label", "l"),
            ("decoder", "d"),
            ("not used", "n"),
            ("not used", "o"),
        ]
        .map(layer)
        .to_vec()
    }

    #[test]
    fn moved_puts_a_layer_before_another() {
        let order = |from, to| moved(&layers(), from, to).map(|names| names.concat());
        assert_eq!(order(0, 2).as_deref(), Some("masd"));
        assert_eq!(order(4, 0).as_deref(), Some("dams"));
        // Its own place, and the one after it.
        assert_eq!(order(1, 1), None);
        assert_eq!(order(1, 2), None);
        // A layer that was not used gets a place, the other one does not.
        assert_eq!(order(5, 1).as_deref(), Some("anmsd"));
        assert_eq!(order(9, 1), None);
    }
}
