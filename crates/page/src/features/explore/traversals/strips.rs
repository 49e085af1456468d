//! Decodes the strips of a traversal, a few rows at a time, always for the newest z.

use crate::client::batch_sizer::Pace;
use crate::features::dataset::image_list::PIXELS;
use crate::latent::kl_order::Order;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};

/// Pictures in a strip.
pub(crate) const COLUMNS: usize = 11;

/// The value of a dimension in a column: −3 to 3 in steps of 0.6.
pub(crate) fn value(column: usize) -> f32 {
    (column as f32 - (COLUMNS / 2) as f32) * 6.0 / (COLUMNS - 1) as f32
}

/// The strips that were decoded, by dimension.
#[derive(Clone, Copy)]
pub(crate) struct Strips {
    actions: Actions,
    latent: LatentVector,
    order: Memo<Order>,
    decoded: RwSignal<BTreeMap<usize, Strip>>,
    /// For which state of the model and which z each strip is.
    state: StoredValue<BTreeMap<usize, (u64, Vec<f32>)>>,
    generation: RwSignal<u64>,
    decoding: StoredValue<bool>,
    pace: StoredValue<Pace>,
    /// Whether the collapsed dimensions are unfolded; otherwise nobody sees their strips.
    unfolded: RwSignal<bool>,
    /// Where the next batch begins, so that all rows get their turn while z moves.
    turn: StoredValue<usize>,
}

/// Grey values, `[COLUMNS × 784]`.
pub(crate) type Strip = Arc<Vec<u8>>;

impl Strips {
    /// Strips that follow z and the model while their owner lives.
    pub(crate) fn begin(order: Memo<Order>) -> Self {
        let latent = expect_context::<LatentVector>();
        let view = expect_context::<EngineView>();
        let strips = Self {
            actions: expect_context(),
            latent,
            order,
            decoded: RwSignal::new(BTreeMap::new()),
            state: StoredValue::default(),
            generation: view.generation,
            decoding: StoredValue::new(false),
            pace: StoredValue::new(Pace::new()),
            unfolded: RwSignal::new(false),
            turn: StoredValue::new(0),
        };
        Effect::new(move |_| {
            // The strips are for z as it is drawn; and of a model that may be another one.
            latent.z();
            view.generation.track();
            order.track();
            strips.unfolded.track();
            strips.decode();
        });
        strips
    }

    /// The strip of a dimension.
    pub(crate) fn of(self, index: usize) -> Option<Strip> {
        self.decoded.with(|all| all.get(&index).cloned())
    }

    /// Whether the collapsed dimensions are unfolded.
    pub(crate) fn unfolded(self) -> bool {
        self.unfolded.get()
    }

    /// Unfolds the collapsed dimensions, or folds them away.
    pub(crate) fn unfold(self, unfolded: bool) {
        self.unfolded.set(unfolded);
    }

    /// The rows in sight that are out of date, from the one whose turn it is.
    fn stale(self, now: &(u64, Vec<f32>)) -> Vec<usize> {
        let Order { awake, asleep } = self.order.get_untracked();
        let mut rows = awake;
        if self.unfolded.get_untracked() {
            rows.extend(asleep);
        }
        let turn = self.turn.get_value() % rows.len().max(1);
        rows.rotate_left(turn);
        let fresh = |row: &usize| {
            self.state.with_value(|state| {
                state.get(row).is_some_and(|(generation, z)| {
                    *generation == now.0 && same_but(*row, z, &now.1)
                })
            })
        };
        rows.retain(|row| !fresh(row));
        rows
    }

    fn decode(self) {
        if self.decoding.get_value() {
            return;
        }
        let now = (self.generation.get_untracked(), self.latent.z_untracked());
        let mut rows = self.stale(&now);
        rows.truncate((self.pace.get_value().count() / COLUMNS).max(1));
        if rows.is_empty() {
            return;
        }
        let z = rows
            .iter()
            .flat_map(|&row| (0..COLUMNS).map(move |column| (row, value(column))))
            .flat_map(|(row, value)| {
                let mut z = now.1.clone();
                z[row] = value;
                z
            })
            .collect();
        self.decoding.set_value(true);
        self.actions.decode_timed(z, move |timed| {
            // Gone with the panel.
            if self.decoding.try_set_value(false).is_some() {
                return;
            }
            // Without pixels, the change that took them away starts this anew.
            let Some((pixels, took)) = timed else { return };
            let count = rows.len() * COLUMNS;
            self.pace.update_value(|pace| pace.note(count, took));
            self.turn.update_value(|turn| *turn += rows.len());
            self.decoded.update(|all| {
                for (&row, strip) in rows.iter().zip(pixels.chunks_exact(COLUMNS * PIXELS)) {
                    all.insert(row, Arc::new(strip.to_vec()));
                }
            });
            self.state
                .update_value(|state| state.extend(rows.iter().map(|&row| (row, now.clone()))));
            self.decode();
        });
    }
}

/// Whether two z are the same in all dimensions but this one.
fn same_but(index: usize, a: &[f32], b: &[f32]) -> bool {
    let mut others = (0..a.len().max(b.len())).filter(|&i| i != index);
    others.all(|i| a.get(i) == b.get(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_go_from_minus_three_to_three() {
        assert_eq!(value(0), -3.0);
        assert_eq!(value(5), 0.0);
        assert_eq!(value(COLUMNS - 1), 3.0);
    }

    #[test]
    fn a_row_does_not_depend_on_its_own_dimension() {
        assert!(same_but(1, &[1.0, 2.0, 3.0], &[1.0, 9.0, 3.0]));
        assert!(!same_but(0, &[1.0, 2.0, 3.0], &[1.0, 9.0, 3.0]));
        assert!(!same_but(0, &[1.0, 2.0], &[1.0, 2.0, 3.0]));
    }
}
