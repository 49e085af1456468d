//! Collapses the stage to a strip while an open panel scrolls, and measures what covers the viewport's edges.
//!
//! On a phone the image is sticky by itself, and the map joins it when it has left the viewport.

pub(crate) mod geometry;

use crate::dom::listener::Listener;
use crate::shell::tabs::panels::Panels;
use crate::shell::tabs::tab::{OpenTab, Tab};
use geometry::{Collapse, Placement, Square};
use leptos::{html, prelude::*};
use std::time::Duration;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{DomRect, Element, HtmlElement, ResizeObserver};

/// How much further the page has to scroll back until the map leaves the strip, in CSS pixels. The place that it leaves there is
/// up to 28 px higher than the map's own (`stage.css`); without this, the map would change its place at each scroll event.
const SLACK: f64 = 32.0;
/// Below this height of the viewport nothing is sticky, since little would be left. `panels.css` has the same number.
const MIN_HEIGHT: f64 = 480.0;

/// The time after which the content of a panel is laid out.
const CONTENT_DELAY: Duration = Duration::from_millis(400);

/// The elements whose positions matter.
#[derive(Clone, Copy)]
pub(crate) struct Layout {
    /// Stage and panel.
    pub(crate) main: NodeRef<html::Main>,
    /// Stage and tabs.
    pub(crate) stage: NodeRef<html::Div>,
    /// The tabs.
    pub(crate) tabs: NodeRef<html::Nav>,
}

impl Layout {
    /// No elements yet.
    pub(crate) fn new() -> Self {
        Self {
            main: NodeRef::new(),
            stage: NodeRef::new(),
            tabs: NodeRef::new(),
        }
    }

    /// Updates the layout whenever the page scrolls or changes its size, for the life of the page.
    ///
    /// The page does not scroll to a panel as long as `is_asked`, because the question is above the stage; nor when the
    /// question has just ended in a report or an error, which `is_reported` says.
    pub(crate) fn follow(
        self,
        tab: OpenTab,
        panels: Panels,
        is_asked: impl Fn() -> bool + 'static,
        is_reported: impl Fn() -> bool + 'static,
    ) {
        Effect::new(move |_| {
            let (Some(main), Some(stage), Some(tabs)) =
                (self.main.get(), self.stage.get(), self.tabs.get())
            else {
                return;
            };
            let elements = Elements {
                main,
                stage: stage.into(),
                tabs,
            };
            follow(&elements);
        });
        // Another panel is shown from its beginning: the page may be scrolled far down the previous one, and on a phone
        // the stage would fill the screen. Shown again when its chunk has arrived.
        Effect::new(move |before: Option<Shown>| {
            let now = Shown {
                panel: tab.get().map(|tab| (tab, panels.chunk(tab).is_loaded())),
                is_asked: is_asked(),
            };
            let ends_in_report =
                before.is_some_and(|before| before.is_asked) && untrack(&is_reported);
            let is_shown = now.panel.is_some() && !now.is_asked && !ends_in_report;
            if before != Some(now) && is_shown {
                request_animation_frame(move || {
                    let Some(main) = self.main.get_untracked() else {
                        return;
                    };
                    show_panel(&main, true);
                    // Until its content is there, a page may be too short to scroll so far.
                    set_timeout(move || show_panel(&main, false), CONTENT_DELAY);
                });
            }
            now
        });
    }
}

/// What the page shows beside the stage.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Shown {
    /// The open panel, and whether its chunk has arrived.
    panel: Option<(Tab, bool)>,
    /// Whether a question is above the stage.
    is_asked: bool,
}

#[derive(Clone)]
struct Elements {
    main: HtmlElement,
    stage: HtmlElement,
    tabs: HtmlElement,
}

fn follow(elements: &Elements) {
    // The first update is that of the observer, when the browser has made the layout by itself: measuring now would
    // make it twice.
    let update = |elements: Elements| move |_: web_sys::Event| elements.update();
    let window = window();
    let listeners = [
        Listener::new(&window, "scroll", update(elements.clone())),
        Listener::new(&window, "resize", update(elements.clone())),
    ];
    let revealed = elements.clone();
    let focus = Listener::new(&elements.stage, "focusin", move |event| {
        if let Some(target) = event.target().and_then(|target| target.dyn_into().ok()) {
            revealed.reveal(&target);
        }
    });
    let resized = elements.clone();
    let on_resize = Closure::<dyn FnMut()>::new(move || resized.update());
    let observer = ResizeObserver::new(on_resize.as_ref().unchecked_ref());
    if let Ok(observer) = &observer {
        let frame = query(&elements.stage, ".image-frame");
        let tour = query(&document(), "#tour-place");
        let watched = [Some(elements.stage.clone()), Some(elements.tabs.clone())];
        for element in watched.into_iter().chain([frame, tour]).flatten() {
            observer.observe(&element);
        }
    }
    // Kept as long as the page.
    StoredValue::new_local((listeners, focus, on_resize, observer));
}

impl Elements {
    /// Whether the stage and its controls are one column, as on a phone.
    fn is_column(&self) -> bool {
        // There, the stage's box is `display: contents`.
        self.stage.offset_height() == 0
    }

    /// Measures everything, and only then changes styles: a measurement after a change makes the browser lay the page out
    /// at once.
    fn update(&self) {
        let height = inner_height();
        let column = self.is_column();
        let map = query(&self.stage, ".plane-square");
        let image = query(&self.stage, ".canvas-box");
        let collapse =
            (!column && height >= MIN_HEIGHT && self.main.class_list().contains("with-panel"))
                .then(|| {
                    let top = self.main.get_bounding_client_rect().top();
                    let height = f64::from(self.stage.offset_height());
                    let buttons = query(&self.stage, ".actions");
                    let buttons = buttons.map(|buttons| f64::from(buttons.offset_top()));
                    let reserved = map.as_ref().map_or(geometry::TABS, |map| {
                        geometry::reserved(height, square(map), buttons)
                    });
                    Collapse::new(top, height, reserved)
                })
                .flatten();
        let places = collapse.zip(image).map(|(collapse, image)| {
            let square = square(&image);
            let of_map = map.map(|map| collapse.map(square, self::square(&map)));
            (collapse.opacity(), collapse.image(square), of_map)
        });
        let tour = height_of(query(&document(), "#tour-place"));
        let covered = self.covered(column, height, tour);
        let slack = match self.main.class_list().contains("map-in-strip") {
            true => SLACK,
            false => 0.0,
        };
        let left = column
            && height >= MIN_HEIGHT
            && query(&self.stage, ".plane").is_some_and(|plane| {
                plane.get_bounding_client_rect().bottom() < covered[0] + slack
            });
        let stage = (!column).then(|| self.stage.offset_height());

        set_class(&self.main, "collapsing", collapse.is_some());
        set_class(
            &self.main,
            "in-strip",
            collapse.is_some_and(Collapse::is_strip),
        );
        if let Some((opacity, image, map)) = places {
            set(&self.main, "--opacity", &format!("{opacity:.2}"));
            set(&self.main, "--image-place", &css(image));
            if let Some(map) = map {
                set(&self.main, "--map-place", &css(map));
            }
        }
        set_class(&self.main, "map-in-strip", left);
        let bare = left || collapse.is_some_and(Collapse::is_bare);
        set_class(&self.main, "bare-map", bare);
        if let Some(root) = document()
            .document_element()
            .and_then(|root| root.dyn_into().ok())
        {
            let [above, below] = covered.map(|pixels| format!("{pixels:.0}px"));
            set(&root, "--covered-above", &above);
            set(&root, "--covered-below", &below);
        }
        match stage {
            Some(stage) => set(&self.main, "--stage-height", &format!("{stage}px")),
            None => set(&self.main, "--tour-height", &format!("{tour}px")),
        }
    }

    /// How much of the viewport's upper and lower edge is covered by what is sticky there, with a tour of that height.
    fn covered(&self, column: bool, height: f64, tour: f64) -> [f64; 2] {
        if height < MIN_HEIGHT {
            return [0.0, 0.0];
        }
        if !column {
            let collapses = self.main.class_list().contains("with-panel");
            return [if collapses { geometry::STRIP } else { 0.0 }, 0.0];
        }
        let image = height_of(query(&self.stage, ".image-frame"));
        [tour + image, f64::from(self.tabs.offset_height())]
    }

    /// Scrolls up to a control that the collapsed stage hides, when it gets the focus.
    fn reveal(&self, target: &HtmlElement) {
        let main = self.main.get_bounding_client_rect();
        if self.is_column() || main.top() >= 0.0 || is_seen(target) {
            return;
        }
        scroll_by(main.top());
    }
}

/// Scrolls to the beginning of the panel if the page is scrolled beyond the stage, and always where the stage and the
/// panel are one column. `upwards` allows to scroll up; a reader may have scrolled on.
fn show_panel(main: &HtmlElement, upwards: bool) {
    let Some(panel) = query(main, ".panel") else {
        return;
    };
    let column = query(main, ".stage-box").is_some_and(|stage| stage.offset_height() == 0);
    let collapsed = main.class_list().contains("in-strip");
    if !column && !collapsed {
        return;
    }
    let covered = if column {
        query(main, ".image-frame").map_or(0.0, |frame| f64::from(frame.offset_height()))
    } else {
        geometry::STRIP
    };
    let distance = panel.get_bounding_client_rect().top() - covered;
    if upwards || distance > 1.0 {
        scroll_by(distance);
    }
}

fn height_of(element: Option<HtmlElement>) -> f64 {
    element.map_or(0.0, |element| f64::from(element.offset_height()))
}

/// Whether the element is what is drawn at its centre.
fn is_seen(element: &HtmlElement) -> bool {
    let rect: DomRect = element.get_bounding_client_rect();
    let x = rect.left() + rect.width() / 2.0;
    let y = rect.top() + rect.height() / 2.0;
    document()
        .element_from_point(x as f32, y as f32)
        .is_some_and(|drawn| element.contains(Some(&drawn)))
}

fn query(root: &impl AsRef<web_sys::Node>, selector: &str) -> Option<HtmlElement> {
    let root = root.as_ref();
    let found = match root.dyn_ref::<Element>() {
        Some(element) => element.query_selector(selector),
        None => document().query_selector(selector),
    };
    found.ok().flatten()?.dyn_into().ok()
}

/// The element's square in the stage, without transforms.
fn square(element: &HtmlElement) -> Square {
    Square {
        x: f64::from(element.offset_left()),
        y: f64::from(element.offset_top()),
        side: f64::from(element.offset_width()),
    }
}

fn css(Placement { x, y, scale }: Placement) -> String {
    format!("translate({x:.1}px, {y:.1}px) scale({scale:.4})")
}

fn set(element: &HtmlElement, property: &str, value: &str) {
    // Fails only for read-only styles.
    let _ = element.style().set_property(property, value);
}

fn set_class(element: &HtmlElement, class: &str, on: bool) {
    // Fails only for class names with spaces.
    let _ = element.class_list().toggle_with_force(class, on);
}

fn inner_height() -> f64 {
    let height = window().inner_height();
    height
        .ok()
        .and_then(|height| height.as_f64())
        .unwrap_or(0.0)
}

fn scroll_by(pixels: f64) {
    window().scroll_by_with_x_and_y(0.0, pixels);
}
