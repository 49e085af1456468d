//! Trains, evaluates and exports the models in `weights/`, natively.

mod backend;
mod bounds;
mod checkpoint;
mod class_means;
mod classes;
mod data;
mod decode;
mod decoders;
mod evaluate;
mod export;
mod folders;
mod gradient_threads;
mod held_out;
mod leaderboard;
mod model_io;
mod prepare;
mod recipe;
mod repack;
mod test_set;
mod train;
mod vae_explainer;

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
    /// Trains a model by its recipe, or resumes an interrupted run, and exports it.
    Train(train::Args),
    /// Prints the ELBO of a model in weights/ on the test set, with standard errors.
    Evaluate(evaluate::Args),
    /// Computes the table of models from their files alone, in Markdown.
    Leaderboard(leaderboard::Args),
    /// Prints the decoded image for a z, as numbers.
    Decode(decode::Args),
    /// Writes the decoder files of included models, which draw the page's first image.
    Decoders(decoders::Args),
    /// Writes weights and card of a run's best model.
    Export(export::Args),
    /// Quantizes models of weights/ again, as export does now.
    Repack(repack::Args),
    /// Makes a shipped data set: letters from fonts, or emoji from drawings.
    Prepare(prepare::Args),
    /// Updates the class means on the cards of models in weights/; the weights are unchanged.
    Classes(classes::Args),
}

fn main() -> anyhow::Result<()> {
    vae::graph::install(vae::graph::interpret);
    match Cli::parse().command {
        Command::Train(args) => train::run(&args),
        Command::Evaluate(args) => evaluate::run(&args),
        Command::Leaderboard(args) => leaderboard::run(&args),
        Command::Decode(args) => decode::run(&args),
        Command::Decoders(args) => decoders::run(&args),
        Command::Export(args) => export::run(&args),
        Command::Repack(args) => repack::run(&args),
        Command::Prepare(args) => prepare::run(&args),
        Command::Classes(args) => classes::run(&args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn cli_definition_is_consistent() {
        Cli::command().debug_assert();
    }
}
