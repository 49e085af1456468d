//! Decodes the traversals, a few rows per batch, always for the newest model and z.

use crate::dom::raster::{Picture, grid};
use crate::latent::kl_order::{KlOrder, shown_count};
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::latent_vector::LatentVector;
use client::batch_sizer::BatchSizer;
use leptos::prelude::*;
use std::{collections::BTreeMap, sync::Arc};
use wasm_bindgen_futures::spawn_local;

/// Images in a strip.
pub(crate) const COLUMNS: usize = 11;

/// The value of the dimension in a column: −3 to 3 in steps of 0.6.
pub(crate) fn value(column: usize) -> f32 {
    (column as f32 - (COLUMNS / 2) as f32) * 6.0 / (COLUMNS - 1) as f32
}

/// Decoded strips, by dimension.
#[derive(Clone, Copy)]
pub(crate) struct StripCache {
    actions: Actions,
    latent: LatentVector,
    order: Memo<KlOrder>,
    decoded: RwSignal<BTreeMap<usize, Strip>>,
    /// The model's generation and the z that each strip was decoded for.
    versions: StoredValue<BTreeMap<usize, Version>>,
    generation: RwSignal<u64>,
    decoding: StoredValue<bool>,
    batch_sizer: StoredValue<BatchSizer>,
    /// Whether collapsed dimensions are shown; they are not decoded otherwise.
    shows_collapsed: RwSignal<bool>,
    /// Whether all of many dimensions are shown.
    shows_rest: RwSignal<bool>,
    /// First row of the next batch: round-robin, so that all rows are updated while z moves.
    next_row: StoredValue<usize>,
}

/// [`COLUMNS`] images beside each other.
pub(crate) type Strip = Arc<Picture>;

/// The model's generation, and z.
type Version = (u64, Vec<f32>);

impl StripCache {
    /// Decodes strips whenever z or the model changes, while the current owner lives. Strips of another model are
    /// removed.
    pub(crate) fn new(order: Memo<KlOrder>) -> Self {
        let latent = expect_context::<LatentVector>();
        let view = expect_context::<EngineView>();
        let strips = Self {
            actions: expect_context(),
            latent,
            order,
            decoded: RwSignal::new(BTreeMap::new()),
            versions: StoredValue::default(),
            generation: view.generation,
            decoding: StoredValue::new(false),
            batch_sizer: StoredValue::new(BatchSizer::default()),
            shows_collapsed: RwSignal::new(false),
            shows_rest: RwSignal::new(false),
            next_row: StoredValue::new(0),
        };
        Effect::new(move |before: Option<Option<(String, usize)>>| {
            let model = view.model_key();
            if before.is_some_and(|before| before != model) {
                strips.clear();
            }
            latent.z();
            view.generation.track();
            order.track();
            strips.shows_collapsed.track();
            strips.shows_rest.track();
            strips.decode();
            model
        });
        strips
    }

    /// The strip of a dimension, once it is decoded.
    pub(crate) fn of(self, index: usize) -> Option<Strip> {
        self.decoded.with(|all| all.get(&index).cloned())
    }

    /// Whether collapsed dimensions are shown.
    pub(crate) fn shows_collapsed(self) -> bool {
        self.shows_collapsed.get()
    }

    /// Shows or hides collapsed dimensions.
    pub(crate) fn show_collapsed(self, shown: bool) {
        self.shows_collapsed.set(shown);
    }

    /// Whether all of many dimensions are shown.
    pub(crate) fn shows_rest(self) -> bool {
        self.shows_rest.get()
    }

    /// Shows all of many dimensions, or the first ones only.
    pub(crate) fn show_rest(self, shown: bool) {
        self.shows_rest.set(shown);
    }

    fn clear(self) {
        self.versions.update_value(BTreeMap::clear);
        self.decoded.update(BTreeMap::clear);
    }

    /// The visible rows that are out of date, starting at `next_row`.
    fn stale_rows(self, current: &Version) -> Vec<usize> {
        let KlOrder { active, collapsed } = self.order.get_untracked();
        let mut rows = active;
        if !self.shows_rest.get_untracked() {
            rows.truncate(shown_count(rows.len()));
        }
        if self.shows_collapsed.get_untracked() {
            rows.extend(collapsed);
        }
        let first = self.next_row.get_value() % rows.len().max(1);
        rows.rotate_left(first);
        let is_current = |row: &usize| {
            self.versions.with_value(|versions| {
                versions.get(row).is_some_and(|(generation, z)| {
                    *generation == current.0 && equal_except(*row, z, &current.1)
                })
            })
        };
        rows.retain(|row| !is_current(row));
        rows
    }

    fn current(self) -> Version {
        (self.generation.get_untracked(), self.latent.z_untracked())
    }

    fn decode(self) {
        if self.decoding.get_value() {
            return;
        }
        let current = self.current();
        let mut rows = self.stale_rows(&current);
        rows.truncate((self.batch_sizer.get_value().size() / COLUMNS).max(1));
        if rows.is_empty() {
            return;
        }
        let z = rows
            .iter()
            .flat_map(|&row| (0..COLUMNS).map(move |column| (row, value(column))))
            .flat_map(|(row, value)| {
                let mut z = current.1.clone();
                z[row] = value;
                z
            })
            .collect();
        self.decoding.set_value(true);
        let batch = self.actions.decode_batch(z);
        spawn_local(async move {
            let decoded = batch.await;
            // The panel was closed.
            if self.decoding.try_set_value(false).is_some() {
                return;
            }
            let Ok(decoded) = decoded else {
                // A change of model cancels the batch, or a new z had another size. The effect above may have run
                // while this batch was pending, so it is not enough to rely on it.
                if self.current() != current {
                    self.decode();
                }
                return;
            };
            // The rows may be those of another model by now.
            if self.current().0 != current.0 {
                return self.decode();
            }
            let count = rows.len() * COLUMNS;
            self.batch_sizer
                .update_value(|batch_sizer| batch_sizer.record(count, decoded.ms));
            self.next_row.update_value(|next| *next += rows.len());
            let strips = decoded
                .images
                .chunks_exact(COLUMNS * decoded.shape.values());
            self.decoded.update(|all| {
                for (&row, strip) in rows.iter().zip(strips) {
                    all.insert(row, Arc::new(grid(strip, decoded.shape, COLUMNS, 0)));
                }
            });
            self.versions.update_value(|versions| {
                versions.extend(rows.iter().map(|&row| (row, current.clone())));
            });
            self.decode();
        });
    }
}

/// Whether two latent vectors agree in all dimensions except one.
fn equal_except(index: usize, a: &[f32], b: &[f32]) -> bool {
    let mut others = (0..a.len().max(b.len())).filter(|&i| i != index);
    others.all(|i| a.get(i) == b.get(i))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_runs_from_minus_three_to_three() {
        assert_eq!(value(0), -3.0);
        assert_eq!(value(5), 0.0);
        assert_eq!(value(COLUMNS - 1), 3.0);
    }

    #[test]
    fn equal_except_ignores_one_dimension() {
        assert!(equal_except(1, &[1.0, 2.0, 3.0], &[1.0, 9.0, 3.0]));
        assert!(!equal_except(0, &[1.0, 2.0, 3.0], &[1.0, 9.0, 3.0]));
        assert!(!equal_except(0, &[1.0, 2.0], &[1.0, 2.0, 3.0]));
    }
}
