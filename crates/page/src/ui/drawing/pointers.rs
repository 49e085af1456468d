//! Which pointer draws: one at a time, and a pen rather than the hand that rests beside it. No web types.

/// Milliseconds after a pen's last event for which touches are the hand that holds it.
const HAND_MS: f64 = 5_000.0;

/// A pointer that draws.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Active {
    id: i32,
    is_touch: bool,
}

/// What the pointer that went down does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Down {
    /// Nothing: another one draws, or it is a hand.
    Ignored,
    /// It begins a stroke.
    Begins,
    /// It begins a stroke in place of the last one, which was that of a hand.
    Replaces,
}

/// The pointers on a surface.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Pointers {
    active: Option<Active>,
    /// The time of the last event of a pen.
    pen_at: Option<f64>,
}

impl Pointers {
    /// A pointer of this `kind` (`PointerEvent.pointerType`) went down, at the event's time stamp.
    pub(crate) fn down(&mut self, id: i32, kind: &str, at: f64) -> Down {
        let is_touch = kind == "touch";
        if kind == "pen" {
            self.pen_at = Some(at);
        }
        let is_hand = is_touch && self.pen_at.is_some_and(|pen_at| at - pen_at < HAND_MS);
        let outcome = match self.active {
            None if is_hand => Down::Ignored,
            None => Down::Begins,
            Some(active) if active.is_touch && kind == "pen" => Down::Replaces,
            Some(_) => Down::Ignored,
        };
        if outcome != Down::Ignored {
            self.active = Some(Active { id, is_touch });
        }
        outcome
    }

    /// Whether this pointer draws.
    pub(crate) fn draws(&self, id: i32) -> bool {
        self.active.is_some_and(|active| active.id == id)
    }

    /// A pointer went up, at the event's time stamp; returns whether it was drawing.
    pub(crate) fn up(&mut self, id: i32, at: f64) -> bool {
        let ended = self.active.take_if(|active| active.id == id);
        if ended.is_some() && self.pen_at.is_some() {
            self.pen_at = Some(at);
        }
        ended.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_draw_one_at_a_time() {
        let mut pointers = Pointers::default();
        assert_eq!(pointers.down(1, "mouse", 0.0), Down::Begins);
        assert_eq!(pointers.down(2, "touch", 1.0), Down::Ignored);
        assert!(pointers.draws(1) && !pointers.draws(2));
        assert!(!pointers.up(2, 2.0) && pointers.up(1, 3.0));
        assert_eq!(pointers.down(2, "touch", 4.0), Down::Begins);
        assert_eq!(pointers.down(3, "touch", 5.0), Down::Ignored);
    }

    #[test]
    fn pointers_prefer_a_pen_to_the_hand_that_rests() {
        let mut pointers = Pointers::default();
        assert_eq!(pointers.down(1, "touch", 0.0), Down::Begins, "the palm");
        assert_eq!(pointers.down(2, "pen", 100.0), Down::Replaces);
        assert!(pointers.draws(2) && !pointers.draws(1));
        assert!(!pointers.up(1, 150.0));
        assert_eq!(
            pointers.down(3, "touch", 200.0),
            Down::Ignored,
            "the palm again"
        );
        assert!(pointers.up(2, 9_000.0));
        assert_eq!(
            pointers.down(4, "touch", 10_000.0),
            Down::Ignored,
            "between strokes"
        );
        assert_eq!(pointers.down(5, "pen", 10_100.0), Down::Begins);
        assert!(pointers.up(5, 10_200.0));
        assert_eq!(
            pointers.down(6, "touch", 20_000.0),
            Down::Begins,
            "a finger, later"
        );
    }
}
