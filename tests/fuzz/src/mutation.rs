//! Changes valid inputs at random, the same way for the same seed: a little of what libFuzzer does, on any toolchain.

/// A deterministic source of mutated inputs.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
    inputs: Vec<Vec<u8>>,
    max_bytes: usize,
}

/// Values at which readers go wrong, as bytes of a field.
const FIELDS: [u64; 12] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x10000,
    0x7fff_ffff,
    0xffff_ffff,
    1 << 40,
    u64::MAX,
];

impl Mutator {
    /// Mutates these inputs, to at most this many bytes.
    pub fn new(seed: u64, inputs: Vec<Vec<u8>>, max_bytes: usize) -> Self {
        Self {
            state: seed,
            inputs,
            max_bytes,
        }
    }

    /// The next input.
    pub fn mutate(&mut self) -> Vec<u8> {
        let mut bytes = self.input();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes);
        }
        bytes.truncate(self.max_bytes);
        bytes
    }

    fn input(&mut self) -> Vec<u8> {
        match self.inputs.len() {
            0 => Vec::new(),
            count => {
                let at = self.below(count);
                self.inputs[at].clone()
            }
        }
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len() + 1);
        let length = self.below(16.min(bytes.len() - at) + 1);
        match self.below(9) {
            // One bit, one byte, a field.
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            2 | 3 => {
                let (value, width) = (FIELDS[self.below(FIELDS.len())], 1 << self.below(4));
                let (little, big) = (value.to_le_bytes(), value.to_be_bytes());
                let field = match self.below(2) {
                    0 => &little[..width],
                    _ => &big[8 - width..],
                };
                let end = (at + width).min(bytes.len());
                bytes[at..end].copy_from_slice(&field[..end - at]);
            }
            4 => bytes.truncate(at),
            5 => drop(bytes.drain(at..at + length)),
            6 => {
                let copy = bytes[at..at + length].to_vec();
                bytes.splice(at..at, copy);
            }
            // The end of another input.
            7 => {
                let other = self.input();
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
            _ => {
                let new: Vec<u8> = (0..length).map(|_| self.below(256) as u8).collect();
                bytes.splice(at..at, new);
            }
        }
    }

    /// A number below `bound`, by SplitMix64.
    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        ((u128::from(mixed) * bound as u128) >> 64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutator_is_deterministic_and_keeps_the_limit() {
        let inputs = || vec![b"abcdefgh".repeat(20), b"12345".to_vec(), Vec::new()];
        let all = |seed| {
            let mut mutator = Mutator::new(seed, inputs(), 100);
            (0..1000).map(|_| mutator.mutate()).collect::<Vec<_>>()
        };
        let first = all(1);
        assert_eq!(first, all(1));
        assert_ne!(first, all(2));
        assert!(first.iter().all(|input| input.len() <= 100));
        let changed = first.iter().filter(|input| !inputs().contains(input));
        assert!(changed.count() > 600);
    }
}
