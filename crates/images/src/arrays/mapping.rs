//! Maps an array's numbers to grey levels, 0 to 255.

/// The range of the numbers that were seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Range {
    min: f32,
    max: f32,
    has_fractions: bool,
}

impl Default for Range {
    fn default() -> Self {
        Self {
            min: f32::INFINITY,
            max: f32::NEG_INFINITY,
            has_fractions: false,
        }
    }
}

/// Tolerance for numbers that are meant to be 0, 1 or 255.
const TOLERANCE: f32 = 0.01;
/// The largest whole number of a scale that is stretched: scikit-learn's digits have 17 levels.
const MAX_FEW_LEVELS: f32 = 16.0;

impl Range {
    /// Takes bytes into account.
    pub(crate) fn observe_bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.min = self.min.min(f32::from(byte));
            self.max = self.max.max(f32::from(byte));
        }
    }

    /// Takes numbers into account. Those that are not finite are ignored.
    pub(crate) fn observe(&mut self, numbers: &[f32]) {
        for &number in numbers {
            if number.is_finite() {
                self.min = self.min.min(number);
                self.max = self.max.max(number);
                self.has_fractions |= number.fract() != 0.0;
            }
        }
    }

    /// The mapping for numbers of this range.
    pub(crate) fn mapping(&self) -> Mapping {
        let Self {
            min,
            max,
            has_fractions,
        } = *self;
        let scaled = |low: f32, high: f32| Mapping {
            low,
            gain: 255.0 / (high - low),
        };
        if min > max {
            Mapping::IDENTITY
        } else if min >= -TOLERANCE {
            if max <= 1.0 + TOLERANCE {
                scaled(0.0, 1.0)
            } else if max <= MAX_FEW_LEVELS {
                scaled(0.0, max)
            } else if max <= 255.0 + TOLERANCE {
                Mapping::IDENTITY
            } else {
                scaled(0.0, max)
            }
        } else if min >= -1.0 - TOLERANCE && max <= 1.0 + TOLERANCE && has_fractions
            || (min, max) == (-1.0, 1.0)
        {
            scaled(-1.0, 1.0)
        } else {
            scaled(min, max)
        }
    }

    /// What was changed, for the user; `None` if the numbers are on a usual scale.
    pub(crate) fn note(&self) -> Option<String> {
        let Self {
            min,
            max,
            has_fractions,
        } = *self;
        let mapping = self.mapping();
        let is_usual = mapping == Mapping::IDENTITY
            || has_fractions && (mapping.low, mapping.gain) == (0.0, 255.0)
            || mapping.low == -1.0;
        (!is_usual).then(|| {
            format!("its values are {min} to {max}, not 0 to 255: the contrast was stretched")
        })
    }
}

/// A linear function to grey levels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Mapping {
    low: f32,
    gain: f32,
}

impl Mapping {
    pub(crate) const IDENTITY: Self = Self {
        low: 0.0,
        gain: 1.0,
    };

    /// The grey level of a number; 0 if it is not finite.
    pub(crate) fn level(self, number: f32) -> u8 {
        // A cast saturates, and maps NaN to 0.
        ((number - self.low) * self.gain).round() as u8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn levels(numbers: &[f32]) -> Vec<u8> {
        let mut range = Range::default();
        range.observe(numbers);
        let mapping = range.mapping();
        numbers.iter().map(|&n| mapping.level(n)).collect()
    }

    #[test]
    fn mapping_recognizes_the_usual_scales() {
        assert_eq!(levels(&[0.0, 128.0, 255.0]), [0, 128, 255]);
        assert_eq!(levels(&[0.0, 0.5, 1.0]), [0, 128, 255]);
        assert_eq!(levels(&[0.0, 1.0]), [0, 255]);
        assert_eq!(levels(&[-1.0, 0.0, 1.0]), [0, 128, 255]);
        assert_eq!(levels(&[0.0, 8.0, 16.0]), [0, 128, 255]);
        assert_eq!(levels(&[0.0, 65_535.0]), [0, 255]);
        assert_eq!(levels(&[-0.42, 2.82, f32::NAN]), [0, 255, 0]);
        assert_eq!(levels(&[0.0, f32::INFINITY, 200.0]), [0, 255, 200]);
    }

    #[test]
    fn note_tells_of_stretched_contrast() {
        let note = |numbers: &[f32]| {
            let mut range = Range::default();
            range.observe(numbers);
            range.note()
        };
        assert_eq!(note(&[0.0, 200.0]), None);
        assert_eq!(note(&[0.0, 0.25, 1.0]), None);
        assert!(note(&[0.0, 1.0]).is_some_and(|note| note.contains("0 to 1")));
        assert!(note(&[0.0, 4095.0]).is_some_and(|note| note.contains("4095")));
    }
}
