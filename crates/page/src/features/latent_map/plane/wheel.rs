//! What the wheel does on the plane: it zooms with Ctrl or a pinch, which browsers report as a wheel with Ctrl;
//! otherwise the page scrolls.

/// Events of one gesture follow each other within this time in milliseconds, those of a touchpad's momentum included.
const PAUSE: f64 = 250.0;

/// What an event does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WheelAction {
    /// Zooms.
    Zoom,
    /// Scrolls the page, and the plane tells how to zoom.
    ScrollWithHint,
    /// Scrolls the page: the gesture began elsewhere.
    Scroll,
}

/// The wheel gesture in progress. A gesture that zooms never scrolls, even if Ctrl is released before it ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct WheelGesture {
    last_at: f64,
    action: WheelAction,
}

impl Default for WheelGesture {
    fn default() -> Self {
        Self {
            last_at: f64::NEG_INFINITY,
            action: WheelAction::Scroll,
        }
    }
}

impl WheelGesture {
    /// Takes in an event on the plane with its time stamp.
    pub(crate) fn on_plane(&mut self, at: f64, zoom_key: bool) -> WheelAction {
        let continues = at - self.last_at < PAUSE;
        let zooms = zoom_key || continues && self.action == WheelAction::Zoom;
        self.last_at = at;
        self.action = match (zooms, continues) {
            (true, _) => WheelAction::Zoom,
            (false, true) => self.action,
            (false, false) => WheelAction::ScrollWithHint,
        };
        self.action
    }

    /// Takes in an event anywhere on the page.
    pub(crate) fn on_page(&mut self, at: f64) {
        if at - self.last_at >= PAUSE {
            self.action = WheelAction::Scroll;
        }
        self.last_at = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheel_gesture_zooms_with_the_key_until_it_ends() {
        let mut gesture = WheelGesture::default();
        assert_eq!(gesture.on_plane(1000.0, true), WheelAction::Zoom);
        assert_eq!(gesture.on_plane(1100.0, true), WheelAction::Zoom);
        // The key is released, and the touchpad's momentum goes on.
        assert_eq!(gesture.on_plane(1300.0, false), WheelAction::Zoom);
        assert_eq!(gesture.on_plane(1500.0, false), WheelAction::Zoom);
        assert_eq!(gesture.on_plane(2000.0, false), WheelAction::ScrollWithHint);
    }

    #[test]
    fn wheel_gesture_scrolls_without_the_key() {
        let mut gesture = WheelGesture::default();
        for at in [0.0, 100.0, 200.0] {
            assert_eq!(gesture.on_plane(at, false), WheelAction::ScrollWithHint);
        }
        assert_eq!(gesture.on_plane(300.0, true), WheelAction::Zoom);
    }

    #[test]
    fn wheel_gesture_that_began_elsewhere_shows_no_hint() {
        let mut gesture = WheelGesture::default();
        gesture.on_page(1000.0);
        assert_eq!(gesture.on_plane(1100.0, false), WheelAction::Scroll);
        assert_eq!(gesture.on_plane(1200.0, false), WheelAction::Scroll);
        assert_eq!(gesture.on_plane(1900.0, false), WheelAction::ScrollWithHint);
        // The plane's events reach the page, too.
        gesture.on_page(1900.0);
        assert_eq!(gesture.on_plane(2000.0, false), WheelAction::ScrollWithHint);
    }
}
