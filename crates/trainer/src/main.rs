//! Trains, evaluates and exports the models in `weights/`, natively.

mod bounds;
mod checkpoint;
mod classes;
mod data;
mod decode;
mod evaluate;
mod export;
mod recipe;
mod repack;
mod train;

use clap::{Parser, Subcommand};

/// Trains, evaluates and exports ELBO Room's pretrained models.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Trains a model by its recipe; goes on where an interrupted run stopped. Then exports it.
    Train(train::Args),
    /// Prints what a model in weights/ reaches on the test set, with standard errors.
    Evaluate(evaluate::Args),
    /// Prints the picture for a z, as numbers.
    Decode(decode::Args),
    /// Writes weights and card from a run's best checkpoint.
    Export(export::Args),
    /// Stores models of weights/ anew, in as few bits as export does now.
    Repack(repack::Args),
    /// Writes on the cards of models in weights/ where each class of digit lies; the weights stay as they are.
    Classes(classes::Args),
}

fn main() -> anyhow::Result<()> {
    // burn's products use whatever this processor has, and all of its threads; the model's own are for 128 bits
    // and one thread, as in a browser.
    vae::set_fast(false);
    match Cli::parse().command {
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Repack(args) => repack::run(&args),
        Command::Classes(args) => classes::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
