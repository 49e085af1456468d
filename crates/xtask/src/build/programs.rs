//! The programs of the page, compiled as trunk does, so that trunk finds them done.

use std::path::Path;
use std::process::Command;

use crate::process;
use crate::setup::wasm_target::WASM;

/// A binary of a package, as a link in `www/index.html` names it.
pub(crate) struct Program {
    package: &'static str,
    /// The binary's name.
    pub(crate) name: &'static str,
    /// The only feature; none: the package's default features.
    feature: Option<&'static str>,
}

/// What the first image needs, those first that take longest.
pub(crate) const FIRST: [Program; 3] = [
    engine("engine-flex", "flex"),
    Program {
        package: "page",
        name: "page",
        feature: None,
    },
    Program {
        package: "decoder-bindings",
        name: "decoder",
        feature: None,
    },
];

/// What a served page does without at first, in the order in which it is added.
pub(crate) const LATER: [Program; 3] = [
    Program {
        package: "intake",
        name: "intake",
        feature: None,
    },
    engine("engine-ndarray", "ndarray"),
    engine("engine-webgpu", "webgpu"),
];

const fn engine(name: &'static str, backend: &'static str) -> Program {
    Program {
        package: "engine",
        name,
        feature: Some(backend),
    }
}

impl Program {
    /// Calls cargo as trunk does. The environment, which build scripts watch, must be that of trunk, too.
    pub(crate) fn compile(&self, root: &Path, profile: &str) -> Command {
        let mut command = process::cargo();
        command
            .args([
                "build",
                "--target",
                WASM,
                "--profile",
                profile,
                "--manifest-path",
            ])
            .arg(root.join("crates").join(self.package).join("Cargo.toml"))
            .args(["--bin", self.name])
            .current_dir(root);
        if let Some(feature) = self.feature {
            command.args(["--no-default-features", "--features", feature]);
        }
        command
    }
}
