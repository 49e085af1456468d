//! `trainer prepare`: makes the shipped data sets from packages of fonts and drawings.
//!
//! A data set is made in a folder for `train --data`, as IDX files with the names of MNIST's, and a part of it is written
//! for the page. The packages are downloaded by npm and are not part of this repository; their names and versions are,
//! in `crates/trainer/packages/`.

mod contact_sheet;
mod data_folders;
mod dataset_card;
mod emoji;
mod idx;
mod letters;
mod packages;
mod split;

use crate::folders;
use anyhow::Result;
use data_folders::DataFolders;
use std::path::PathBuf;

/// Makes a shipped data set from packages of fonts or drawings.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The data set.
    #[arg(value_enum)]
    dataset: Dataset,
    /// Folder of the packages; npm installs them if it does not exist [default: target/packages/DATASET].
    #[arg(long)]
    packages: Option<PathBuf>,
    /// Folder for the images to train on [default: target/data/DATASET].
    #[arg(long)]
    out: Option<PathBuf>,
    /// Folder for what the page fetches on request.
    #[arg(long, default_value = "www/samples")]
    samples: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Dataset {
    /// The capitals of several hundred typefaces, 28×28 grey.
    Letters,
    /// Emoji, 32×32 colour.
    Emoji,
}

impl Dataset {
    fn name(self) -> &'static str {
        match self {
            Self::Letters => "letters",
            Self::Emoji => "emoji",
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let name = args.dataset.name();
    let or_target = |given: &Option<PathBuf>, kind: &str| {
        given
            .clone()
            .unwrap_or_else(|| folders::target().join(kind).join(name))
    };
    let folders = |manifest| -> Result<DataFolders> {
        Ok(DataFolders {
            modules: packages::installed(&or_target(&args.packages, "packages"), manifest)?,
            data: or_target(&args.out, "data"),
            samples: args.samples.clone(),
        })
    };
    match args.dataset {
        Dataset::Letters => letters::prepare(&folders(letters::MANIFEST)?),
        Dataset::Emoji => emoji::prepare(&folders(emoji::MANIFEST)?),
    }
}
