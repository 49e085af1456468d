//! Where the names of classes are written on the map, so that none covers another.

/// Names longer than this are shortened, in characters.
const MAX_LENGTH: usize = 14;
/// Width of a character in units of the font size; capitals in bold are about as wide.
const CHARACTER_WIDTH: f64 = 0.64;
/// Height of a line in units of the font size.
const LINE_HEIGHT: f64 = 1.05;
/// Positions that are tried for a name, as shifts in units of its height and of half its width: on the point, then
/// above, below and beside it.
const SHIFTS: [[f64; 2]; 7] = [
    [0.0, 0.0],
    [0.0, -1.0],
    [0.0, 1.0],
    [1.1, 0.0],
    [-1.1, 0.0],
    [0.0, -2.0],
    [0.0, 2.0],
];

/// A name to be written, centred at a point.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MapLabel {
    /// Its text.
    pub(crate) text: String,
    /// Its centre, in the map's SVG units.
    pub(crate) at: [f64; 2],
    /// Number of points of the class: names of larger classes are placed first.
    pub(crate) weight: usize,
}

/// The labels that have room, in the order of `labels`, shortened and moved a little where that helps. Classes that have none are found in the
/// legend, and on the map when they are shown alone or the map is magnified.
pub(crate) fn place(labels: Vec<MapLabel>, font_size: f64) -> Vec<MapLabel> {
    let mut labels: Vec<(usize, MapLabel)> = labels.into_iter().enumerate().collect();
    // A stable sort: of equal classes the first comes first.
    labels.sort_by_key(|(_, label)| std::cmp::Reverse(label.weight));
    let mut placed: Vec<(usize, MapLabel, [f64; 4])> = Vec::new();
    for (index, label) in labels {
        let text = shortened(&label.text);
        let width = text.chars().count() as f64 * CHARACTER_WIDTH * font_size;
        let height = LINE_HEIGHT * font_size;
        let free = SHIFTS.into_iter().find_map(|[across, down]| {
            let at = [
                label.at[0] + across * width.max(height),
                label.at[1] + down * height,
            ];
            let bounds = [
                at[0] - width / 2.0,
                at[1] - height / 2.0,
                at[0] + width / 2.0,
                at[1] + height / 2.0,
            ];
            let is_free = placed.iter().all(|(_, _, other)| !overlap(&bounds, other));
            is_free.then_some((at, bounds))
        });
        if let Some((at, bounds)) = free {
            placed.push((index, MapLabel { text, at, ..label }, bounds));
        }
    }
    placed.sort_by_key(|(index, ..)| *index);
    placed.into_iter().map(|(_, label, _)| label).collect()
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= MAX_LENGTH {
        return text.to_owned();
    }
    let start: String = text.chars().take(MAX_LENGTH - 1).collect();
    format!("{}…", start.trim_end())
}

/// Whether two boxes, each as left, top, right and bottom, have a common part.
fn overlap(a: &[f64; 4], b: &[f64; 4]) -> bool {
    a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(text: &str, at: [f64; 2], weight: usize) -> MapLabel {
        MapLabel {
            text: text.to_owned(),
            at,
            weight,
        }
    }

    #[test]
    fn place_keeps_labels_apart_and_the_largest_class_in_its_place() {
        let labels = vec![
            label("b", [0.01, 0.0], 5),
            label("a", [0.0, 0.0], 9),
            label("far", [2.0, 2.0], 1),
        ];
        let placed = place(labels, 0.26);
        assert_eq!(placed[1], label("a", [0.0, 0.0], 9));
        assert_eq!(placed[0].text, "b");
        assert!(placed[0].at[1] < -0.2, "above: {:?}", placed[0]);
        assert_eq!(placed[2].at, [2.0, 2.0]);
    }

    #[test]
    fn place_never_lets_two_labels_overlap() {
        // 200 classes of which many share their centre.
        let labels = (0..200).map(|class| {
            let at = [(class % 10) as f64 * 0.1, (class / 40) as f64 * 0.1];
            label(&format!("class number {class}"), at, class)
        });
        let font = 0.17;
        let placed = place(labels.collect(), font);
        assert!(placed.len() > 3 && placed.len() < 200, "{}", placed.len());
        let bounds: Vec<[f64; 4]> = placed
            .iter()
            .map(|MapLabel { text, at, .. }| {
                let half = text.chars().count() as f64 * CHARACTER_WIDTH * font / 2.0 - 1e-9;
                let high = LINE_HEIGHT * font / 2.0 - 1e-9;
                [at[0] - half, at[1] - high, at[0] + half, at[1] + high]
            })
            .collect();
        for (index, a) in bounds.iter().enumerate() {
            assert!(bounds[..index].iter().all(|b| !overlap(a, b)), "{index}");
        }
    }

    #[test]
    fn shortened_keeps_the_beginning() {
        assert_eq!(shortened("Food & Drink"), "Food & Drink");
        assert_eq!(shortened("Animals & Nature"), "Animals & Nat…");
        assert_eq!(shortened("Smileys &  Emotion"), "Smileys &  Em…");
    }
}
