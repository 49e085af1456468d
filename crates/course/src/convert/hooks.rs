//! Actions, one a line.

use crate::Action;
use anyhow::{Context as _, Result, bail};

/// Reads the lines of an `enter`, `leave` or `complete` block.
pub(super) fn actions(text: &str) -> Result<Vec<Action>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| action(line).with_context(|| format!("action “{line}”")))
        .collect()
}

fn action(line: &str) -> Result<Action> {
    let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
    Ok(match verb {
        "model" => Action::Model(rest.to_owned()),
        "z" => Action::Z(
            rest.split(',')
                .map(|number| number.trim().parse())
                .collect::<Result<_, _>>()?,
        ),
        "digit" => {
            let (class, index) = rest.split_once(' ').unwrap_or((rest, "0"));
            Action::Digit(class.parse()?, index.parse()?)
        }
        "play" => Action::Play,
        "stop" => Action::Stop,
        "follow" => Action::Follow,
        "say" => Action::Say(rest.to_owned()),
        _ => bail!("unknown"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read_line_by_line() {
        let found =
            actions("model mnist-2d\nz 0.5, -1.2\n\ndigit 3\ndigit 4 2\nsay Done.").unwrap();
        assert_eq!(
            found,
            [
                Action::Model("mnist-2d".to_owned()),
                Action::Z(vec![0.5, -1.2]),
                Action::Digit(3, 0),
                Action::Digit(4, 2),
                Action::Say("Done.".to_owned()),
            ]
        );
        let error = actions("jump").unwrap_err();
        assert!(format!("{error:#}").contains("“jump”"), "{error:#}");
    }
}
