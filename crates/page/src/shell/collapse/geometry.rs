//! Where the image and the latent map are while the stage collapses to a strip.
//!
//! The stage is sticky with all but its last [`STRIP`] pixels above the viewport, so it scrolls as the rest of the page
//! does, and its lower edge never covers the panel. The image and the map are moved down by as much as they would
//! leave the viewport, and are made small enough to fit above that edge.

/// Height of the strip, in CSS pixels. The stage's sticky offset in `panels.css` uses the same number.
pub(crate) const STRIP: f64 = 120.0;

/// Side of image and map in the strip: four screen pixels for each of the image's 28.
const SMALL: f64 = 112.0;
/// Distance to the viewport's upper edge.
const MARGIN: f64 = 4.0;
/// Distance between image and map in the strip.
const GAP: f64 = 16.0;
/// Height of the tabs and their distance to image and map. In the strip, these are beside the tabs.
pub(crate) const TABS: f64 = 50.0;
/// Distance from image and map to the buttons below the map.
const BUTTONS_GAP: f64 = 8.0;
/// Below this side, the map shows neither its buttons nor its tick labels.
const BARE: f64 = 220.0;

/// A square in the stage's coordinates, in CSS pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Square {
    /// Left edge.
    pub(crate) x: f64,
    /// Upper edge.
    pub(crate) y: f64,
    /// Side.
    pub(crate) side: f64,
}

/// Moves and scales a square about its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placement {
    /// Shift to the right, in CSS pixels.
    pub(crate) x: f64,
    /// Shift downwards, in CSS pixels.
    pub(crate) y: f64,
    /// Factor.
    pub(crate) scale: f64,
}

/// The stage at one scroll position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Collapse {
    /// Height of its part that has left the viewport.
    hidden: f64,
    /// Height of its visible part.
    visible: f64,
    /// Height at its lower edge that image and map leave free, until they are at their smallest.
    reserved: f64,
}

/// What a stage of this height has at its lower edge that the map must not cover: the tabs, and the buttons of z
/// whose upper edge is at `buttons` if they are below the map and not beside it.
pub(crate) fn reserved(height: f64, map: Square, buttons: Option<f64>) -> f64 {
    match buttons {
        Some(buttons) if buttons >= map.y + map.side => height - buttons + BUTTONS_GAP,
        _ => TABS,
    }
}

impl Collapse {
    /// A stage of this height whose upper edge is at `top` in the viewport, with what [`reserved`] gives at its lower
    /// edge; `None` if nothing of it is hidden.
    pub(crate) fn new(top: f64, height: f64, reserved: f64) -> Option<Self> {
        let hidden = (-top).min(height - STRIP);
        (hidden > 0.0).then_some(Self {
            hidden,
            visible: height - hidden,
            reserved,
        })
    }

    /// Whether the stage has reached its smallest height.
    pub(crate) fn is_strip(self) -> bool {
        self.visible <= STRIP + 1.0
    }

    /// Whether the map is too small for its buttons and tick labels.
    pub(crate) fn is_bare(self) -> bool {
        self.visible - self.reserved < BARE
    }

    /// Opacity of the texts that image and map move over.
    pub(crate) fn opacity(self) -> f64 {
        (1.0 - self.hidden / 60.0).max(0.0)
    }

    /// The image.
    pub(crate) fn image(self, image: Square) -> Placement {
        Placement {
            x: 0.0,
            y: self.shift(image),
            scale: self.side(image) / image.side,
        }
    }

    /// The map, to the right of the image.
    pub(crate) fn map(self, image: Square, map: Square) -> Placement {
        let side = self.side(map);
        // 1 at the map's full size, 0 in the strip.
        let share = if map.side > SMALL {
            (side - SMALL) / (map.side - SMALL)
        } else {
            0.0
        };
        let distance = map.x - (image.x + image.side);
        let x = image.x + self.side(image) + GAP + (distance - GAP) * share;
        Placement {
            x: x - map.x,
            y: self.shift(map),
            scale: side / map.side,
        }
    }

    fn side(self, square: Square) -> f64 {
        (self.visible - self.reserved).max(SMALL).min(square.side)
    }

    fn shift(self, square: Square) -> f64 {
        (MARGIN + self.hidden - square.y).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IMAGE: Square = Square {
        x: 32.0,
        y: 10.0,
        side: 252.0,
    };
    const MAP: Square = Square {
        x: 354.0,
        y: 44.0,
        side: 320.0,
    };
    const HEIGHT: f64 = 449.0;

    /// The square as it is drawn, with its upper edge in the viewport.
    fn drawn(square: Square, placement: Placement, top: f64) -> Square {
        Square {
            x: square.x + placement.x,
            y: top + square.y + placement.y,
            side: square.side * placement.scale,
        }
    }

    #[test]
    fn collapse_is_none_until_the_stage_leaves_the_viewport() {
        assert!(Collapse::new(40.0, HEIGHT, TABS).is_none());
        assert!(Collapse::new(0.0, HEIGHT, TABS).is_none());
        // A stage that is no higher than the strip has nothing to hide.
        assert!(Collapse::new(-50.0, STRIP, TABS).is_none());
    }

    #[test]
    fn collapse_keeps_image_and_map_in_the_visible_part_and_apart() {
        for hidden in 1..=(HEIGHT - STRIP) as i32 {
            let top = -f64::from(hidden);
            let collapse = Collapse::new(top, HEIGHT, TABS).unwrap();
            let image = drawn(IMAGE, collapse.image(IMAGE), top);
            let map = drawn(MAP, collapse.map(IMAGE, MAP), top);
            for square in [image, map] {
                assert!(square.y >= MARGIN - 1e-9, "{hidden}: {square:?}");
                let bottom = square.y + square.side;
                assert!(bottom <= HEIGHT + top + 1e-9, "{hidden}: {square:?}");
                assert!(square.side >= SMALL - 1e-9, "{hidden}: {square:?}");
            }
            assert!(
                image.x + image.side + GAP <= map.x + 1e-9,
                "{hidden}: {image:?} {map:?}"
            );
        }
    }

    #[test]
    fn collapse_never_covers_the_buttons_below_the_map() {
        // A tablet in portrait: the map, its sliders, the buttons and the tabs, one below the other.
        let (height, map) = (
            560.0,
            Square {
                x: 288.0,
                y: 40.0,
                side: 360.0,
            },
        );
        let image = Square {
            side: 224.0,
            ..IMAGE
        };
        let buttons = 462.0;
        let reserved = reserved(height, map, Some(buttons));
        assert_eq!(super::reserved(height, map, Some(300.0)), TABS, "beside it");
        assert_eq!(super::reserved(height, map, None), TABS);
        for hidden in 1..=(height - STRIP) as i32 {
            let top = -f64::from(hidden);
            let collapse = Collapse::new(top, height, reserved).unwrap();
            let drawn = drawn(map, collapse.map(image, map), top);
            let is_above = drawn.y + drawn.side <= buttons + top + 1e-9;
            // In the strip, the buttons are to the right of the map.
            let is_beside = drawn.x + drawn.side <= map.x + 1e-9;
            assert!(is_above || is_beside, "{hidden}: {drawn:?}");
        }
    }

    #[test]
    fn collapse_ends_in_a_strip() {
        let collapse = Collapse::new(STRIP - HEIGHT, HEIGHT, TABS).unwrap();
        assert!(collapse.is_strip() && collapse.is_bare());
        let top = STRIP - HEIGHT;
        let map = drawn(MAP, collapse.map(IMAGE, MAP), top);
        assert_eq!((map.x, map.y, map.side), (160.0, 4.0, 112.0));
        assert_eq!(collapse.opacity(), 0.0);
    }
}
