//! Files that are no checkpoints, identified by their first bytes, and how to make a readable file instead.

use std::fmt;

/// A kind of file that can't be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// No bytes.
    Empty,
    /// What Git leaves in place of a file that Git LFS stores.
    GitLfsPointer,
    /// A web page, for example a login page in place of a download.
    WebPage,
    /// HDF5, as Keras writes it.
    Hdf5,
    /// Keras's own archive.
    Keras,
    /// The JSON of TensorFlow.js.
    TensorFlowJs,
    /// TensorFlow Lite.
    TensorFlowLite,
    /// Another JSON file.
    Json,
    /// A graph of ONNX.
    Onnx,
    /// A program of TorchScript.
    TorchScript,
    /// The tar archive of PyTorch before 0.2, or another tar archive.
    Tar,
    /// Arrays of NumPy.
    NumPy,
    /// A ZIP archive that `torch.save` did not write.
    Zip,
    /// A gzip file.
    Gzip,
    /// A pickle that `torch.save` did not write.
    Pickle,
    /// GGUF, the format of llama.cpp.
    Gguf,
    /// Unknown contents.
    Unknown,
}

impl Foreign {
    /// Identifies the contents by their first bytes; `None` for what may be a checkpoint.
    pub(crate) fn identify(bytes: &[u8]) -> Option<Self> {
        let text = bytes.trim_ascii_start();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let head = String::from_utf8_lossy(&text[..text.len().min(2048)]).to_lowercase();
        if bytes.is_empty() {
            Some(Self::Empty)
        } else if head.starts_with("version https://git-lfs") {
            Some(Self::GitLfsPointer)
        } else if head.starts_with("<!doctype")
            || head.starts_with("<html")
            || head.starts_with("<?xml")
            || head.starts_with('<') && head.contains("<html")
        {
            Some(Self::WebPage)
        } else if bytes.starts_with(b"\x89HDF\r\n\x1a\n") {
            Some(Self::Hdf5)
        } else if head.starts_with('{') {
            let is_tensorflow = ["weightsmanifest", "modeltopology"]
                .iter()
                .any(|key| head.contains(key))
                || String::from_utf8_lossy(text).contains("weightsManifest");
            Some(if is_tensorflow {
                Self::TensorFlowJs
            } else {
                Self::Json
            })
        } else if bytes.get(4..8) == Some(b"TFL3") {
            Some(Self::TensorFlowLite)
        } else if bytes.starts_with(b"\x93NUMPY") {
            Some(Self::NumPy)
        } else if bytes.starts_with(b"\x1f\x8b") {
            Some(Self::Gzip)
        } else if bytes.starts_with(b"GGUF") {
            Some(Self::Gguf)
        } else if bytes.get(257..262) == Some(b"ustar") {
            Some(Self::Tar)
        } else if is_onnx(bytes) {
            Some(Self::Onnx)
        } else {
            None
        }
    }
}

/// Whether these are the first fields of an ONNX model: its version, and then its producer's name, its graph or its
/// operator sets.
fn is_onnx(bytes: &[u8]) -> bool {
    matches!(bytes, [0x08, 1..=32, 0x12 | 0x1a | 0x22 | 0x3a | 0x42, ..])
}

impl fmt::Display for Foreign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the file is empty; copy or download it again",
            Self::GitLfsPointer => {
                "this is a Git LFS pointer, which names the weights but does not contain them; fetch them with: git lfs pull"
            }
            Self::WebPage => {
                "this is a web page (HTML), not the weights: the server answered with a page, for example to sign in. Open the page in the browser and download the file there, or with: huggingface_hub.hf_hub_download(\"owner/model\", \"vae.safetensors\")"
            }
            Self::Hdf5 | Self::Keras => {
                "this is a file of Keras (HDF5); save the weights of its Dense layers as safetensors: safetensors.numpy.save_file({f\"{l.name}.{'weight' if w.ndim == 2 else 'bias'}\": w.T.copy() for l in model._flatten_layers() if isinstance(l, keras.layers.Dense) for w in l.get_weights()}, \"vae.safetensors\")"
            }
            Self::TensorFlowJs => {
                "this is a model of TensorFlow.js; convert it with: tensorflowjs_converter --input_format=tfjs_layers_model --output_format=keras model.json vae.h5, load that in Keras, and save its Dense layers: safetensors.numpy.save_file({f\"{l.name}.{'weight' if w.ndim == 2 else 'bias'}\": w.T.copy() for l in model._flatten_layers() if isinstance(l, keras.layers.Dense) for w in l.get_weights()}, \"vae.safetensors\")"
            }
            Self::TensorFlowLite => {
                "this is a model of TensorFlow Lite, which can't be read; save the weights of the original model as safetensors: safetensors.numpy.save_file(weights, \"vae.safetensors\")"
            }
            Self::Json => {
                "this is a JSON file without weights; choose the weights: torch.save(model.state_dict(), \"vae.pth\")"
            }
            Self::Onnx => {
                "this is an ONNX model, not a state dict; import the .onnx file itself, or save the state dict of the model that it was exported from: torch.save(model.state_dict(), \"vae.pth\")"
            }
            Self::TorchScript => {
                "this is a TorchScript program; save its state dict: torch.save(torch.jit.load(\"model.pt\").state_dict(), \"vae.pth\")"
            }
            Self::Tar => {
                "this is a tar archive, or a file of PyTorch before 0.2; open it and save it again: torch.save(torch.load(\"old.pth\"), \"vae.pth\")"
            }
            Self::NumPy => {
                "these are arrays of NumPy; save them as safetensors: safetensors.numpy.save_file(dict(numpy.load(\"vae.npz\")), \"vae.safetensors\")"
            }
            Self::Zip => {
                "this ZIP archive was not written by torch.save; choose the file of weights itself: torch.save(model.state_dict(), \"vae.pth\")"
            }
            Self::Gzip => "this file is compressed with gzip; unpack it first: gunzip vae.pth.gz",
            Self::Pickle => {
                "this Python pickle was not written by torch.save; save the weights with: torch.save(model.state_dict(), \"vae.pth\")"
            }
            Self::Gguf => {
                "this is a GGUF file of llama.cpp, which holds no VAE; save the state dict: torch.save(model.state_dict(), \"vae.pth\")"
            }
            Self::Unknown => {
                "this is neither a PyTorch checkpoint nor a safetensors file, or it is damaged; save the weights with: torch.save(model.state_dict(), \"vae.pth\")"
            }
        })
    }
}
