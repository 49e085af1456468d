//! The question about a model of another host, and the progress of its fetch.

use super::fetch::{MAX_BYTES, Progress};
use super::state::{AddressImport, Stage};
use crate::ui::button::{Button, ButtonKind};
use leptos::prelude::*;

/// What is shown of the model of the page's address, until it is imported.
#[component]
pub(crate) fn AddressStage() -> impl IntoView {
    let state = expect_context::<AddressImport>();
    if let Some(Stage::Asked(location)) = state.stage.get_untracked()
        && location.host.is_none()
    {
        state.fetch(location);
    }
    let progress = state.progress;
    move || {
        state.stage.get().map(|stage| match stage {
            Stage::Asked(location) => {
                let host = location.host.clone().unwrap_or_default();
                let file = location.file.clone();
                let address = location.address.clone();
                view! {
                    <div class="import-report" data-testid="import-address" role="group" aria-label="A model from an address">
                        <h2>"Fetch “" {file} "” from " {host.clone()} "?"</h2>
                        <p>
                            "This link names a model of another host, " <b>{host.clone()}</b>
                            ", which would see the request. Nothing has been requested from there yet. At most "
                            {MAX_BYTES / 1_000_000}
                            " MB are fetched; the file is read as numbers, and none of its code is executed. It is not \
                             stored in this browser unless you keep it."
                        </p>
                        <p class="hint import-layers">{address}</p>
                        <div class="alert-actions">
                            <Button
                                kind=ButtonKind::Primary
                                test_id="import-address-fetch"
                                on_click=move |_| state.fetch(location.clone())
                            >
                                "Fetch it"
                            </Button>
                            <Button test_id="import-address-decline" on_click=move |_| state.decline()>
                                "Don’t fetch"
                            </Button>
                        </div>
                    </div>
                }
                .into_any()
            }
            Stage::Fetching(location) => {
                let from = match &location.host {
                    Some(host) => format!("Fetching “{}” from {host}", location.file),
                    None => format!("Fetching “{}”", location.file),
                };
                view! {
                    <div class="import-report" data-testid="import-address">
                        <h2>{from}</h2>
                        <p role="status" data-testid="import-address-progress">
                            {move || text(progress.get())}
                        </p>
                        {move || bar(progress.get())}
                        <div class="alert-actions">
                            <Button test_id="import-address-stop" on_click=move |_| state.stop()>
                                "Stop"
                            </Button>
                        </div>
                    </div>
                }
                .into_any()
            }
            Stage::Failed(location, reason) => {
                let again = location.clone();
                view! {
                    <div class="import-report" data-testid="import-address">
                        <p role="alert" data-testid="error">
                            {format!("{} was not fetched: {reason}.", location.address)}
                        </p>
                        <div class="alert-actions">
                            <Button
                                test_id="import-address-fetch"
                                on_click=move |_| state.fetch(again.clone())
                            >
                                "Try again"
                            </Button>
                            <Button test_id="import-address-decline" on_click=move |_| state.decline()>
                                "Close"
                            </Button>
                        </div>
                    </div>
                }
                .into_any()
            }
        })
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn text(progress: Option<Progress>) -> String {
    match progress {
        None => "Waiting for the host…".to_owned(),
        Some(Progress {
            received,
            total: Some(total),
        }) if received <= total => {
            format!("{} of {} MB", megabytes(received), megabytes(total))
        }
        Some(Progress { received, .. }) => {
            format!(
                "{} MB; the host does not say how large the file is",
                megabytes(received)
            )
        }
    }
}

fn bar(progress: Option<Progress>) -> impl IntoView {
    let (received, total) = match progress {
        Some(Progress {
            received,
            total: Some(total),
        }) if received <= total => (Some(received.to_string()), total),
        _ => (None, 1),
    };
    view! { <progress class="fetch-progress" value=received max=total.to_string() aria-label="Bytes of the file"></progress> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_says_how_large_the_file_is() {
        let progress = |received, total| Some(Progress { received, total });
        assert_eq!(text(progress(1_250_000, Some(9_800_000))), "1.2 of 9.8 MB");
        // Compressed on the way: more arrives than was announced.
        assert!(text(progress(9, Some(8))).contains("does not say"));
        assert!(text(None).contains("Waiting"));
    }
}
