//! The backend that this program was built with.

use crate::{KIND, model::Model};
use burn::tensor::Device;
use js_sys::Float32Array;
use vae::{
    VaeConfig,
    weights::{Parameter, from_parameters},
};
use wasm_bindgen::prelude::*;

/// A device that is ready.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Backend {
    device: Device,
    description: Option<String>,
}

/// Sets the backend up.
///
/// # Errors
/// When the browser gives no device.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public only")]
pub async fn open() -> Result<Backend, JsError> {
    let opened = engine::open(KIND, |_| {}).await?;
    Ok(Backend {
        device: opened.device,
        description: opened.description,
    })
}

/// Serves another worker from now on: computes half of each batch that it trains on.
///
/// # Errors
/// When the browser gives no device.
#[wasm_bindgen]
#[expect(unreachable_pub, reason = "wasm-bindgen exports what is public only")]
pub async fn help() -> Result<(), JsError> {
    let opened = engine::open(KIND, |_| {}).await?;
    engine::helper::serve(&opened.device).await
}

#[wasm_bindgen]
impl Backend {
    /// The adapter's name.
    pub fn description(&self) -> Option<String> {
        self.description.clone()
    }

    /// Whether results can be read without waiting: not from a GPU.
    pub fn answers_at_once(&self) -> bool {
        KIND != protocol::Backend::WebGpu
    }

    /// Makes training steps of no consequence for a moment.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn warm_up(&self) -> Result<(), JsError> {
        Ok(engine::warm_up(&self.device).await?)
    }

    /// A model of this architecture, as a card's JSON has it. `parameters` are weights and biases of its layers
    /// one after another, in the order and the layout of a PyTorch `state_dict`.
    ///
    /// # Errors
    /// When they are not those of the architecture.
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
