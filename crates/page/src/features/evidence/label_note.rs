//! Under which label a conditional model's numbers hold.

use crate::dom;
use crate::dom::focus;
use crate::latent::class_names::ClassNames;
use crate::latent::label::describe;
use crate::state::actions::Actions;
use crate::state::engine_view::EngineView;
use crate::state::label::Label;
use crate::ui::button::{Button, ButtonKind};
use leptos::{ev, html, prelude::*};

/// A sentence and, if the image has another label, a button that sets this one. Nothing for other models.
///
/// A conditional model gets the image's label when it becomes the current one: p(x) of a 3 under the label 0 says
/// nothing about the model.
#[component]
pub(crate) fn LabelNote(
    /// The image's label, if it is known and one of the model's.
    #[prop(into)]
    known: Signal<Option<usize>>,
) -> impl IntoView {
    let actions = expect_context::<Actions>();
    let view = expect_context::<EngineView>();
    let label = expect_context::<Label>();
    let classes = Memo::new(move |_| actions.classes());
    let value = Memo::new(move |_| label.in_use(classes.get()));
    // A class that the model does not have is no label for it.
    let known = Memo::new(move |_| known.get().filter(|&known| known < classes.get()));
    let note = NodeRef::<html::P>::new();
    let use_known = move |at: f64| {
        if let Some(known) = known.get_untracked() {
            label.set(known as f32, at);
        }
    };
    let key = Memo::new(move |_| view.model_key());
    Effect::new(move |before: Option<Option<(String, usize)>>| {
        let now = key.get();
        if before.is_some_and(|before| before != now) {
            use_known(dom::now());
        }
        now
    });
    let differs = Memo::new(move |_| known.get().is_some_and(|known| known as f32 != value.get()));
    view! {
        <Show when=move || { classes.get() > 0 }>
            <p class="label-note" class:differs=move || differs.get() node_ref=note data-testid="evidence-label">
                {move || text(value.get(), known.get(), &view.class_names())}
                <Show when=move || differs.get()>
                    <Button
                        kind=ButtonKind::Quiet
                        test_id="evidence-use-label"
                        on_click=move |event: ev::MouseEvent| {
                            let home = note.get_untracked().and_then(|note| focus::home_of(&note));
                            use_known(event.time_stamp());
                            focus::restore_if_lost(move || home);
                        }
                    >
                        {move || {
                            let known = known.get()?;
                            Some(format!("Use label {}", view.class_names().name(known)))
                        }}
                    </Button>
                </Show>
            </p>
        </Show>
    }
}

fn text(value: f32, known: Option<usize>, names: &ClassNames) -> String {
    let given = format!(
        "The numbers hold for the label {}, which the model is told",
        describe(value, names)
    );
    match known {
        Some(known) if known as f32 == value => format!("{given}."),
        Some(known) => format!("{given}; but the image’s label is {}.", names.name(known)),
        None => format!("{given}. Choose your image’s label above."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_when_the_label_is_not_the_images() {
        let digits = ClassNames::default();
        let text = |value, known| text(value, known, &digits);
        assert!(text(3.0, Some(3)).ends_with("the label 3, which the model is told."));
        assert!(text(0.0, Some(3)).ends_with("is told; but the image’s label is 3."));
        assert!(text(3.25, Some(3)).contains("but the image’s label is 3"));
        assert!(text(0.0, None).ends_with("Choose your image’s label above."));
    }
}
