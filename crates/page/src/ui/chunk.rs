//! Chunks: parts of the page's program that are fetched when they are needed.
//!
//! `cargo xtask` splits the linked module: what only a chunk's function reaches becomes a module of its own
//! (`crates/xtask/src/build/chunks/`). In other builds (`cargo build`, `trunk build`, native tests) the page is one
//! module, and chunks are always there.

use crate::ui::button::Button;
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;
use std::pin::Pin;
use wasm_bindgen_futures::spawn_local;

/// Builds the view that a chunk contains.
pub(crate) type ChunkView = fn() -> AnyView;

/// Fetches a chunk, unless it is there already.
pub(crate) type Load = fn() -> Pin<Box<dyn Future<Output = Result<ChunkView, SplitLoaderError>>>>;

/// The chunk with this name, which contains this [`ChunkView`] and everything that only it uses. Several views can be
/// in one chunk; each needs a name of its own, which is not that of its function.
macro_rules! chunk {
    ($chunk:ident, $view:path) => {
        $crate::ui::chunk::chunk!($chunk, $chunk, $view)
    };
    ($chunk:ident, $name:ident, $view:path) => {{
        #[cfg(chunks)]
        #[leptos::wasm_split::wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, fallible)]
        fn $name() -> Result<$crate::ui::chunk::ChunkView, ::leptos::wasm_split::SplitLoaderError> {
            Ok($view)
        }
        #[cfg(not(chunks))]
        async fn $name()
        -> Result<$crate::ui::chunk::ChunkView, ::leptos::wasm_split::SplitLoaderError> {
            Ok($view)
        }
        $crate::ui::chunk::Chunk::new(|| Box::pin($name()))
    }};
}
pub(crate) use chunk;

/// How far a chunk is.
#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing has asked for it.
    Unloaded,
    /// It is being fetched.
    Loading,
    /// It could not be fetched.
    Failed,
    /// It is there.
    Loaded(ChunkView),
}

/// A chunk of the program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chunk {
    load: Load,
    state: RwSignal<State>,
}

impl Chunk {
    /// A chunk that has not been fetched.
    pub(crate) fn new(load: Load) -> Self {
        Self {
            load,
            state: RwSignal::new(State::Unloaded),
        }
    }

    /// Whether it is there; tracked.
    pub(crate) fn is_loaded(self) -> bool {
        matches!(self.state.get(), State::Loaded(_))
    }

    /// Fetches the chunk before anything needs it. If that fails, it is tried again when it is needed.
    pub(crate) async fn load_ahead(self) {
        if let State::Unloaded = self.state.get_untracked() {
            self.load().await;
        }
    }

    /// Fetches the chunk, unless it is there or on its way.
    pub(crate) async fn load(self) {
        if let State::Loading | State::Loaded(_) = self.state.get_untracked() {
            return;
        }
        self.state.set(State::Loading);
        self.state.set(match (self.load)().await {
            Ok(view) => State::Loaded(view),
            // The loader has written the reason to the console.
            Err(_) => State::Failed,
        });
    }
}

/// What a chunk contains, as soon as it is there.
#[component]
pub(crate) fn ChunkContent(
    /// The chunk.
    chunk: Chunk,
    /// What it is, as the subject of a sentence.
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let load = move || spawn_local(chunk.load());
    load();
    let what = StoredValue::new(what);
    move || {
        match chunk.state.get() {
        State::Loaded(view) => view(),
        State::Unloaded | State::Loading => {
            view! { <p class="chunk-loading" role="status" data-testid="chunk-loading">"Loading…"</p> }.into_any()
        }
        State::Failed => view! {
            <div class="alert-box chunk-failed">
                <p role="alert" data-testid="error">
                    {what.get_value()}
                    " could not be loaded. Check the connection and try again. If that does not help, reload the page: there \
                     may be a newer version."
                </p>
                <Button test_id="chunk-retry" on_click=move |_| load()>
                    "Try again"
                </Button>
            </div>
        }
        .into_any(),
    }
    }
}
