//! The height of an element as a variable of the styles.

use crate::dom;
use crate::dom::resize::SizeObserver;
use leptos::{html, prelude::*};

/// Keeps the height of an element and `margin`, in CSS pixels, in a variable of the page's styles; 0 while the element
/// takes no space.
pub(crate) fn height_variable(element: NodeRef<html::Div>, variable: &'static str, margin: i32) {
    let observer = StoredValue::new_local(None::<SizeObserver>);
    Effect::new(move |_| {
        observer.set_value(element.get().map(|element| {
            let observed = element.clone();
            SizeObserver::new(&element, move || {
                let pixels = match observed.offset_height() {
                    0 => 0,
                    height => height + margin,
                };
                dom::set_root_variable(variable, &format!("{pixels}px"));
            })
        }));
    });
}
