//! The backend that this program was built for.

use crate::{KIND, model::Model};
use burn::tensor::Device;
use js_sys::Float32Array;
use vae::{
    KernelPath, VaeConfig,
    weights::{Parameter, from_parameters},
};
use wasm_bindgen::prelude::*;

/// An open device.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Backend {
    device: Device,
    description: Option<String>,
}

/// Opens the backend's device.
///
/// # Errors
/// If the browser provides no device.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public only")]
pub async fn open() -> Result<Backend, JsError> {
    let opened = engine::open(KIND, |_| {}).await?;
    Ok(Backend {
        device: opened.device,
        description: opened.description,
    })
}

/// Serves another worker: computes half of each of its training batches.
///
/// # Errors
/// If the browser provides no device.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public only")]
pub async fn serve_gradients() -> Result<(), JsError> {
    let opened = engine::open(KIND, |_| {}).await?;
    engine::gradient_worker::serve(&opened.device).await
}

#[wasm_bindgen]
impl Backend {
    /// The adapter's name.
    pub fn description(&self) -> Option<String> {
        self.description.clone()
    }

    /// Whether results can be read synchronously; not from a GPU.
    pub fn is_synchronous(&self) -> bool {
        KIND != protocol::Backend::WebGpu
    }

    /// Makes discarded training steps for a moment, so that the browser optimizes the code.
    ///
    /// # Errors
    /// If the device fails.
    pub async fn warm_up(&self) -> Result<(), JsError> {
        Ok(engine::warm_up(&self.device, KernelPath::Fused).await?)
    }

    /// Makes a model from its architecture, in the JSON format of cards. `parameters` are weights and biases of its
    /// layers in the order and layout of a PyTorch `state_dict`.
    ///
    /// # Errors
    /// If they do not match the architecture.
    pub fn load(
        &self,
        architecture: &str,
        parameters: Vec<Float32Array>,
    ) -> Result<Model, JsError> {
        let config: VaeConfig = serde_json::from_str(architecture)?;
        let parameters: Vec<Parameter> = config
            .parameter_shapes()
            .into_iter()
            .zip(parameters)
            .map(|((name, shape), values)| Parameter {
                name,
                shape,
                values: values.to_vec(),
            })
            .collect();
        let vae = from_parameters(&config, &parameters, &self.device)?;
        Ok(Model::new(vae, self.device.clone()))
    }
}
