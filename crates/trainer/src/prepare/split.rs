//! Which part of a data set an image belongs to.

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Trained on.
    Training,
    /// The end of the training file, by which the best epoch is chosen.
    HeldOut,
    /// Only evaluated on.
    Test,
}

impl Part {
    /// The part of everything that shares `key`, so that related images are never on both sides: a tenth is for the test,
    /// a twentieth is held out. The same key has the same part in each version of a data set.
    pub(crate) fn of(key: &str) -> Self {
        match shuffled(key) % 20 {
            0 | 1 => Self::Test,
            2 => Self::HeldOut,
            _ => Self::Training,
        }
    }

    /// Its name in lists.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::HeldOut => "held out",
            Self::Test => "test",
        }
    }
}

/// A number for each key, the same on every machine: the 64-bit FNV-1a hash, whose bits are then mixed, because its low
/// ones hardly depend on a key's first characters. Sorting by it gives a random order.
pub(crate) fn shuffled(key: &str) -> u64 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    // The last steps of MurmurHash3.
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_many_keys_has_the_stated_shares() {
        let parts: Vec<Part> = (0..10_000).map(|i| Part::of(&format!("key-{i}"))).collect();
        let count = |part| parts.iter().filter(|&&p| p == part).count();
        assert!((850..1_150).contains(&count(Part::Test)));
        assert!((400..600).contains(&count(Part::HeldOut)));
        assert_eq!(Part::of("key-7"), parts[7]);
    }

    /// Data sets that are made again keep their parts.
    #[test]
    fn shuffled_gives_the_numbers_of_earlier_versions() {
        assert_eq!(shuffled("roboto"), 0xe8db_f01a_738e_6223);
    }
}
