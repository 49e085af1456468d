//! A field that narrows a long list of classes by their names.

use leptos::prelude::*;

/// Lists of more classes have the field.
pub(crate) const MANY: usize = 30;

/// Whether a name matches what was typed: it contains it, in capitals or not.
pub(crate) fn matches(name: &str, typed: &str) -> bool {
    name.to_lowercase().contains(&typed.trim().to_lowercase())
}

/// The field.
#[component]
pub(crate) fn ClassFilter(
    /// What was typed.
    typed: RwSignal<String>,
    /// Its `data-testid`.
    test_id: &'static str,
) -> impl IntoView {
    view! {
        <input
            type="search"
            class="class-filter"
            data-testid=test_id
            placeholder="Find a class"
            aria-label="Find a class by its name"
            autocomplete="off"
            spellcheck="false"
            prop:value=move || typed.get()
            on:input=move |event| typed.set(event_target_value(&event))
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_parts_of_names_in_any_case() {
        assert!(matches("Animals & Nature", "nat"));
        assert!(matches("cat", " CAT "));
        assert!(matches("cat", ""));
        assert!(!matches("cat", "dog"));
    }
}
