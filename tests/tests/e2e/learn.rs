//! The Learn panel: chapters, questions, links, presentation, frames, and what is left behind.

use crate::{CALM, ensure_same, wait_for_digit};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;
use tests::browser::{Device, Options, Tab, check, log_line};

/// Time between two points of a drag.
const STEP: Duration = Duration::from_millis(30);

/// The open chapter and the title of the open screen; `None` while a chapter is loading.
async fn open_screen(tab: &Tab) -> Result<Option<(u64, String)>> {
    let script = "const chapter = document.querySelector('[data-chapter]');
        const title = document.querySelector('.screen > h4');
        return chapter && title ? [Number(chapter.dataset.chapter), title.textContent] : null;";
    let found = tab.script(script, vec![]).await?;
    Ok(serde_json::from_value(found)?)
}

/// Waits until another screen than this one is open.
pub(super) async fn next_screen(
    tab: &Tab,
    before: Option<&(u64, String)>,
) -> Result<(u64, String)> {
    tab.until("the next screen is open", async || {
        let now = open_screen(tab).await?;
        Ok(now.filter(|now| Some(now) != before))
    })
    .await
}

/// The numbers in an attribute of all elements that have it.
async fn numbers(tab: &Tab, attribute: &str) -> Result<Vec<u64>> {
    let script = "return [...document.querySelectorAll(`[${arguments[0]}]`)]
        .map((e) => Number(e.getAttribute(arguments[0])));";
    let found = tab.script(script, vec![json!(attribute)]).await?;
    Ok(serde_json::from_value(found)?)
}

/// Waits until every live value of the open screen has a number.
pub(super) async fn wait_for_live_values(tab: &Tab) -> Result<()> {
    let script = "const all = [...document.querySelectorAll('.learn output.live')];
        return all.every((e) => e.textContent !== '…');";
    tab.until_script("all live values are there", script)
        .await?;
    Ok(())
}

/// Opens a screen as a link, and waits for the image and its live values.
pub(super) async fn open_place(tab: &Tab, place: &str) -> Result<(u64, String)> {
    tab.open(&format!("?backend=flex&learn={place}")).await?;
    let screen = next_screen(tab, None).await?;
    wait_for_live_values(tab).await?;
    Ok(screen)
}

/// The list of chapters, as the page fetches it.
async fn outlines(tab: &Tab) -> Result<Vec<Value>> {
    let list = tab
        .script(
            "return fetch('learn/index.json').then((r) => r.json());",
            vec![],
        )
        .await?;
    Ok(serde_json::from_value(list)?)
}

#[tokio::test]
async fn learn_walks_all_chapters_and_shows_every_equation_and_figure() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&tab=learn").await?;
        tab.click("learn-chapter-1").await?;
        let (mut equations, mut figures) = (BTreeSet::new(), BTreeSet::new());
        let mut before = None;
        loop {
            let screen = next_screen(tab, before.as_ref()).await?;
            equations.extend(numbers(tab, "data-equation").await?);
            figures.extend(numbers(tab, "data-figure").await?);
            wait_for_live_values(tab).await?;
            let is_broken = "return !!document.querySelector('.learn-figure > [role=alert]')";
            ensure!(
                tab.script(is_broken, vec![]).await? == json!(false),
                "a figure of {screen:?} is missing"
            );
            let text = tab.text("learn-next").await?.unwrap_or_default();
            log_line(format!("{screen:?}, then {text:?}"));
            tab.click("learn-next").await?;
            if text == "Back to the list" {
                break;
            }
            before = Some(screen);
        }
        ensure!(equations == (1..=27).collect(), "equations {equations:?}");
        ensure!(figures == (1..=9).collect(), "figures {figures:?}");
        tab.wait_text("learn-progress", "counts all screens", |text| {
            text.contains("37 of 37 screens")
        })
        .await?;
        Ok(())
    })
    .await;
}

/// The verdict after *Check*: `right` or `wrong`, with its text.
async fn verdict(tab: &Tab) -> Result<(String, String)> {
    tab.until_script("Check can be pressed", &enabled("learn-check"))
        .await?;
    tab.click("learn-check").await?;
    let script = "const e = document.querySelector('[data-verdict]');
        return e ? [e.dataset.verdict, e.textContent] : null;";
    let found = tab
        .until_script_within(Duration::from_secs(60), "there is a verdict", script)
        .await?;
    Ok(serde_json::from_value(found)?)
}

fn enabled(id: &str) -> String {
    format!("const e = document.querySelector(`[data-testid='{id}']`); return !!e && !e.disabled;")
}

/// Gives one answer, and returns whether it is right.
async fn is_right(tab: &Tab, question: &str) -> Result<(bool, String)> {
    let (kind, text) = verdict(tab).await?;
    ensure!(kind != "failed", "{question} failed: {text}");
    Ok((kind == "right", text))
}

/// Answers the open question with all options, numbers or places until one is right; at least one must be wrong.
async fn answer_wrongly_and_rightly(tab: &Tab, question: &str) -> Result<()> {
    let kind = tab
        .script(
            "const e = document.querySelector(`[data-testid='learn-answer-0']`);
             return e.type === 'radio' ? 'choice' : e.tagName === 'INPUT' ? 'number'
               : e.classList.contains('curve-area') ? 'curve' : 'place';",
            vec![],
        )
        .await?;
    let (mut wrong, mut right) = (0, 0);
    match kind.as_str() {
        Some("choice") => {
            let mut index = 0;
            while tab.ids().await?.contains(&format!("learn-answer-{index}")) {
                tab.click(&format!("learn-answer-{index}")).await?;
                match is_right(tab, question).await?.0 {
                    true => right += 1,
                    false => wrong += 1,
                }
                index += 1;
            }
        }
        Some("number") => {
            // Bisection: a wrong number is said to be too large or too small.
            let (mut low, mut high) = (-1000.0, 1000.0);
            for _ in 0..40 {
                let middle = f64::midpoint(low, high);
                tab.set_value("learn-answer-0", &format!("{middle:.4}"))
                    .await?;
                let (found, text) = is_right(tab, question).await?;
                if found {
                    right += 1;
                    break;
                }
                wrong += 1;
                match text.contains("too large") {
                    true => high = middle,
                    false => low = middle,
                }
            }
        }
        Some("curve") => (wrong, right) = draw_curve(tab, question).await?,
        _ => {
            for step in 0..64_u32 {
                let at = |i: u32| 0.1 + 0.8 * f64::from(i) / 7.0;
                let place = (at(step % 8), at(step / 8));
                tab.drag_in("learn-answer-0", &[place], STEP).await?;
                match is_right(tab, question).await?.0 {
                    true => right += 1,
                    false => wrong += 1,
                }
                if right > 0 && wrong > 0 {
                    break;
                }
            }
        }
    }
    log_line(format!("{question}: {wrong} wrong, {right} right"));
    ensure!(wrong > 0, "{question}: no answer is wrong");
    ensure!(
        right == 1 || kind == "place",
        "{question}: {right} answers are right"
    );
    ensure!(right > 0, "{question}: no answer is right");
    Ok(())
}

/// Draws a horizontal line, then moves the place that is named as the worst one by the arrow keys until the curve is
/// right. Returns the numbers of wrong and right answers.
async fn draw_curve(tab: &Tab, question: &str) -> Result<(usize, usize)> {
    const PLACES: usize = 9;
    const TRIES: usize = 60;
    let line = [(0.05, 0.5), (0.5, 0.5), (0.99, 0.5)];
    tab.drag_in("learn-answer-0", &line, STEP).await?;
    let names = tab
        .script(
            "return [...document.querySelectorAll('.curve-tick[text-anchor=middle]')].map(e => e.textContent);",
            vec![],
        )
        .await?;
    let names: Vec<String> = serde_json::from_value(names)?;
    ensure!(names.len() == PLACES, "{names:?}");
    for wrong in 0..TRIES {
        let (found, text) = is_right(tab, question).await?;
        if found {
            let measured = "return !!document.querySelector('.curve-measured');";
            tab.until_script("the measured curve is shown", measured)
                .await?;
            return Ok((wrong, 1));
        }
        let (_, at) = text.split_once(" at ").context(text.clone())?;
        let (name, _) = at.split_once(", where").context(text.clone())?;
        let column = names
            .iter()
            .position(|found| found == name)
            .context("a place")?;
        let mut keys = vec!["ArrowLeft"; PLACES];
        keys.extend(vec!["ArrowRight"; column]);
        let up = text.contains("too low");
        keys.extend([if up { "ArrowUp" } else { "ArrowDown" }; 2]);
        tab.script(
            "const e = document.querySelector(`[data-testid='learn-answer-0']`);
             for (const key of arguments[0]) e.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));",
            vec![json!(keys)],
        )
        .await?;
    }
    anyhow::bail!("{question}: no curve is right after {TRIES} tries")
}

/// Answers all questions of some chapters.
async fn answer_chapters(chapters: std::ops::RangeInclusive<usize>) {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        let mut answered = 0;
        for outline in &outlines(tab).await?[chapters.start() - 1..*chapters.end()] {
            let questions = outline["questions"].as_array().context("a list")?;
            for (index, ids) in questions.iter().enumerate() {
                for id in ids.as_array().context("a list")? {
                    let id = id.as_str().context("a name")?;
                    let place = format!("{}.{}.{id}", outline["number"], index + 1);
                    open_place(tab, &place).await?;
                    answer_wrongly_and_rightly(tab, id).await?;
                    answered += 1;
                }
            }
        }
        ensure!(
            answered >= 2 * chapters.clone().count(),
            "{answered} questions"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_questions_of_chapters_1_to_4_have_one_right_answer() {
    answer_chapters(1..=4).await;
}

#[tokio::test]
async fn learn_questions_of_chapters_5_to_7_have_one_right_answer() {
    answer_chapters(5..=7).await;
}

#[tokio::test]
async fn learn_questions_of_chapters_8_to_10_have_one_right_answer() {
    answer_chapters(8..=10).await;
}

#[tokio::test]
async fn learn_restores_model_and_z_when_a_chapter_is_left() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d").await?;
        wait_for_digit(tab).await?;
        tab.set_z(0, 1.5).await?;
        tab.set_z(9, -0.75).await?;
        let before = tab.settled_pixels(CALM).await?;
        let z = tab.z().await?;
        tab.click("tab-learn").await?;
        tab.click("learn-chapter-5").await?;
        next_screen(tab, None).await?;
        wait_for_live_values(tab).await?;
        ensure!(
            tab.z().await?.len() == 2,
            "the chapter has not set its model"
        );
        // By the list, and by another panel.
        for leave in ["learn-list", "tab-explore"] {
            tab.click(leave).await?;
            tab.until(
                "z is back",
                async || Ok((tab.z().await? == z).then_some(())),
            )
            .await?;
            ensure!(tab.value("model").await? == "mnist-16d");
            ensure_same(leave, &before, &tab.settled_pixels(CALM).await?)?;
            if leave == "learn-list" {
                tab.click("learn-chapter-1").await?;
                next_screen(tab, None).await?;
                tab.until("the chapter has set z", async || {
                    Ok((tab.z().await?.len() == 2).then_some(()))
                })
                .await?;
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_links_restore_screen_image_seed_model_and_z() {
    check(Options::default(), async |tab, _| {
        let link = "?model=mnist-2d&z=0.5,-1.2&backend=flex&tab=learn&learn=7.3.variance-ratio&digit=4.2&seed=9";
        tab.open(link).await?;
        let screen = next_screen(tab, None).await?;
        ensure!(screen == (7, "Why this one".to_owned()), "{screen:?}");
        wait_for_digit(tab).await?;
        ensure!(tab.value("model").await? == "mnist-2d");
        let question = "return !!document.querySelector(`[data-question='variance-ratio']`)";
        tab.until_script("the question is there", question).await?;
        let chosen = "const e = document.querySelector(`[data-testid='learn-digit-4']`);
            return !!e && e.getAttribute('aria-pressed') === 'true';";
        tab.until_script("the digit is chosen", chosen).await?;
        tab.until("z is the link's, not the image's mean", async || {
            Ok((tab.z().await? == [0.5, -1.2]).then_some(()))
        })
        .await?;
        // The address keeps all of it, except the question once the reader goes on.
        tab.click("learn-back").await?;
        let address = tab
            .until("the address follows", async || {
                let address = tab.url().await?;
                Ok(address.contains("learn=7.2&").then_some(address))
            })
            .await?;
        ensure!(address.contains("digit=4.2") && address.contains("seed=9"), "{address}");
        tab.goto(&address).await?;
        let again = next_screen(tab, None).await?;
        ensure!(again == (7, "Sample outside".to_owned()), "{again:?}");
        // Every screen of every chapter has a link.
        for outline in outlines(tab).await? {
            let screens = outline["screens"].as_array().context("a list")?;
            for (index, title) in screens.iter().enumerate() {
                let place = format!("{}.{}", outline["number"], index + 1);
                tab.open(&format!("?backend=flex&learn={place}")).await?;
                let (_, found) = next_screen(tab, None).await?;
                ensure!(*title == json!(found), "{place}: {found}");
            }
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_guess_raises_the_elbo_and_no_gaussian_beats_the_best() {
    check(Options::default(), async |tab, _| {
        open_place(tab, "4.2").await?;
        let number = async |id: &str| -> Result<f64> {
            let text = tab
                .wait_text(id, "is a number", |text| parse(text).is_some())
                .await?;
            parse(&text).context("a number")
        };
        let at_first = number("learn-guess-gap").await?;
        // The prior is a poor answer for any image.
        ensure!(at_first > 20.0, "the first gap is {at_first}");
        for i in 0..2 {
            tab.set_value(&format!("learn-sigma-{i}"), "-2.5").await?;
        }
        // A drag of the centre moves z, so the stage shows the reconstruction.
        tab.drag_in(
            "learn-guess",
            &[(0.5, 0.5), (0.55, 0.5), (0.62, 0.45)],
            STEP,
        )
        .await?;
        let z = tab.z().await?;
        ensure!(z.iter().any(|z| *z != 0.0), "z has not moved: {z:?}");
        tab.until("the score changes", async || {
            Ok((number("learn-guess-gap").await? != at_first).then_some(()))
        })
        .await?;
        tab.click("learn-next").await?;
        next_screen(tab, Some(&(4, "Your turn".to_owned()))).await?;
        tab.until_script("the search can begin", &enabled("learn-find-best"))
            .await?;
        tab.click("learn-find-best").await?;
        let best = number("learn-gap-best").await?;
        let encoder = number("learn-gap-encoder").await?;
        let reader = number("learn-gap-reader").await?;
        log_line(format!(
            "gaps: best {best}, encoder {encoder}, reader {reader}"
        ));
        ensure!(
            best <= encoder + 0.01,
            "the encoder beats the best Gaussian"
        );
        ensure!(best <= reader + 0.01, "the reader beats the best Gaussian");
        Ok(())
    })
    .await;
}

/// The number at the beginning of a text, with the page's minus sign.
pub(super) fn parse(text: &str) -> Option<f64> {
    text.split_whitespace()
        .next()?
        .replace('−', "-")
        .parse()
        .ok()
}

#[tokio::test]
async fn learn_progress_survives_a_reload_until_everything_is_deleted() {
    check(Options::default(), async |tab, _| {
        open_place(tab, "9.3").await?;
        // √16 = 4.
        tab.click("learn-answer-2").await?;
        let (kind, text) = verdict(tab).await?;
        ensure!(kind == "right", "{text}");
        tab.click("learn-list").await?;
        tab.wait_text("learn-progress", "counts the answer", |text| {
            text.starts_with("1 of 32 questions")
        })
        .await?;
        tab.click("tab-train").await?;
        tab.wait_text("save-state", "is “Saved”", |text| text == "Saved")
            .await?;
        tab.open("?backend=flex&tab=learn").await?;
        tab.wait_text("learn-progress", "is restored", |text| {
            text.starts_with("1 of 32 questions")
        })
        .await?;
        tab.click("tab-train").await?;
        tab.click("forget").await?;
        tab.click("forget-confirm").await?;
        tab.until("the page is at its bare address", async || {
            Ok((!tab.url().await?.contains("tab=train")).then_some(()))
        })
        .await?;
        tab.open("?backend=flex&tab=learn").await?;
        tab.wait_text("learn-progress", "is deleted", |text| {
            text.starts_with("0 of 32 questions")
        })
        .await?;
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_presentation_goes_by_arrow_keys_and_fits_a_projector() {
    check(Options::default(), async |tab, _| {
        open_place(tab, "5.1").await?;
        tab.click("learn-present").await?;
        let script = "document.activeElement.blur();
            dispatchEvent(new KeyboardEvent('keydown', { key: arguments[0], cancelable: true }));";
        tab.script(script, vec![json!("ArrowRight")]).await?;
        let screen = next_screen(tab, Some(&(5, "From the divergence".to_owned()))).await?;
        ensure!(screen.1 == "A lower bound", "{screen:?}");
        ensure!(!tab.visible("model").await?, "the top bar is still there");
        tab.script(script, vec![json!("PageUp")]).await?;
        next_screen(tab, Some(&screen)).await?;
        tab.script(script, vec![json!("Escape")]).await?;
        tab.until("the top bar is back", async || {
            Ok(tab.visible("model").await?.then_some(()))
        })
        .await
    })
    .await;
}

#[tokio::test]
async fn learn_embedded_has_no_frame_stores_nothing_and_reports_its_height() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&embed=1&learn=1.2").await?;
        next_screen(tab, None).await?;
        ensure!(!tab.visible("model").await? && !tab.visible("tab-learn").await?);
        // Without a frame, the page is its own parent.
        let script = "window.heights = [];
            addEventListener('message', (e) => {
                if (e.data?.type === 'elbo-room-height') window.heights.push(e.data.height);
            });
            document.querySelector(`[data-testid='learn-whole']`).click();";
        tab.script(script, vec![]).await?;
        tab.until_script(
            "the new height is reported",
            "return window.heights.some((h) => h > 1000)",
        )
        .await?;
        tab.click("learn-next").await?;
        let stored = tab
            .script(
                "return indexedDB.databases().then((all) => all.map((d) => d.name))",
                vec![],
            )
            .await?;
        ensure!(stored == json!([]), "databases: {stored}");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_is_fetched_with_the_panel_and_not_before() {
    check(Options::default(), async |tab, _| {
        let fetched = "return performance.getEntriesByType('resource')
            .filter((e) => e.name.includes('/learn/')).length";
        tab.open("?backend=flex").await?;
        wait_for_digit(tab).await?;
        ensure!(tab.script(fetched, vec![]).await? == json!(0));
        tab.click("tab-learn").await?;
        tab.wait_text("learn-progress", "is there", |text| {
            text.contains("questions")
        })
        .await?;
        ensure!(
            tab.script(fetched, vec![]).await? == json!(1),
            "only the list"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_fits_a_phone() {
    let options = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(options, async |tab, _| {
        for outline in 1..=10 {
            tab.open(&format!("?backend=flex&learn={outline}")).await?;
            next_screen(tab, None).await?;
            wait_for_live_values(tab).await?;
            tab.click("learn-whole").await?;
            tab.until_script(
                "all screens are there",
                "return document.querySelectorAll('.screen').length > 1",
            )
            .await?;
            let wide = "const root = document.documentElement;
                return [root.scrollWidth - root.clientWidth, [...document.querySelectorAll('.learn *')]
                    .filter((e) => e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1
                        && !e.closest('.equation, code, .chart, table'))
                    .slice(0, 3).map((e) => e.tagName + '.' + e.className)];";
            let seen = tab.script(wide, vec![]).await?;
            ensure!(seen[0] == json!(0), "chapter {outline} is wider than the screen: {seen}");
            // Equations break instead of scrolling.
            let script = "return document.fonts.ready.then(() =>
                [...document.querySelectorAll('.learn-equation .equation')]
                    .filter((e) => e.scrollWidth > e.clientWidth + 1)
                    .map((e) => e.closest('.learn-equation').dataset.equation ?? 'no number'));";
            let seen = tab.script(script, vec![]).await?;
            ensure!(seen == json!([]), "chapter {outline}: equations that scroll: {seen}");
        }
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_has_two_columns_on_wide_windows_only() {
    let tops = "return [...document.querySelectorAll('.screen-column')]
        .map((e) => e.getBoundingClientRect()).map((r) => [r.left, r.top]);";
    let columns = async |tab: &Tab| -> Result<Vec<[f64; 2]>> {
        open_place(tab, "2.1").await?;
        let found: Vec<[f64; 2]> = serde_json::from_value(tab.script(tops, vec![]).await?)?;
        ensure!(found.len() == 2, "{found:?}");
        Ok(found)
    };
    check(Options::default(), async |tab, _| {
        let found = columns(tab).await?;
        let beside = found[1][0] > found[0][0] + 300.0 && found[1][1] == found[0][1];
        ensure!(beside, "{found:?}");
        tab.click("learn-present").await?;
        tab.until("one column for a projector", async || {
            let found: Vec<[f64; 2]> = serde_json::from_value(tab.script(tops, vec![]).await?)?;
            Ok((found[1][0] == found[0][0] && found[1][1] > found[0][1]).then_some(()))
        })
        .await
    })
    .await;
    let phone = Options {
        device: Device::Phone,
        ..Options::default()
    };
    check(phone, async |tab, _| {
        let found = columns(tab).await?;
        ensure!(
            found[1][0] == found[0][0] && found[1][1] > found[0][1],
            "{found:?}"
        );
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn learn_link_opens_a_panel_with_the_chapters_state_and_leads_back() {
    check(Options::default(), async |tab, _| {
        tab.open("?backend=flex&model=mnist-16d").await?;
        wait_for_digit(tab).await?;
        tab.set_z(3, 1.25).await?;
        let z = tab.z().await?;
        tab.click("tab-learn").await?;
        tab.click("learn-chapter-10").await?;
        next_screen(tab, None).await?;
        tab.click("learn-screen-3").await?;
        let link = "const e = document.querySelector('[data-open=evidence]'); if (!e) return false; e.click(); return true;";
        tab.until_script("the link is followed", link).await?;
        let in_view = "const e = document.getElementById('evidence-mcmc');
            return !!e && e.getBoundingClientRect().top < innerHeight;";
        tab.until_script("the section is in view", in_view).await?;
        ensure!(tab.value("model").await? != "mnist-16d", "the chapter's model stays");
        tab.click("learn-return").await?;
        let screen = next_screen(tab, None).await?;
        ensure!(screen.0 == 10, "{screen:?}");
        tab.until_script("the link is there again", link).await?;
        tab.click("learn-return-end").await?;
        tab.until("the reader's state is back", async || {
            let is_back = tab.value("model").await? == "mnist-16d" && tab.z().await? == z;
            Ok(is_back.then_some(()))
        })
        .await?;
        ensure!(!tab.ids().await?.contains(&"learn-return".to_owned()));
        Ok(())
    })
    .await;
}
