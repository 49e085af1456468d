//! Opens the device of a backend.

use burn::tensor::Device;
use protocol::Backend;
use std::fmt;

/// A device that is set up.
#[derive(Debug)]
pub struct OpenDevice {
    /// The device.
    pub device: Device,
    /// The adapter's name, where it is known.
    pub description: Option<String>,
}

/// A backend that could not be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceError {
    /// The bundle was built without it.
    NotBuilt(Backend),
    /// There is no adapter, or it provides no device.
    Unavailable(String),
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBuilt(backend) => write!(f, "this build does not contain {backend}"),
            Self::Unavailable(reason) => write!(f, "WebGPU provides no device: {reason}"),
        }
    }
}

impl std::error::Error for DeviceError {}

/// Opens the device of a backend. Call it once for each backend in a process: opening the same GPU device twice is an
/// error in burn.
///
/// `on_lost` is called when the device is lost later: a driver reset, a removed GPU, or the browser reclaiming it. burn
/// does not handle this and would wait forever.
///
/// # Errors
/// If the bundle does not contain the backend, or no device is available.
pub async fn open(
    backend: Backend,
    on_lost: impl Fn(String) + Send + Sync + 'static,
) -> Result<OpenDevice, DeviceError> {
    match backend {
        #[cfg(feature = "flex")]
        Backend::Flex => Ok(cpu(Device::flex())),
        #[cfg(feature = "ndarray")]
        Backend::NdArray => {
            #[expect(
                deprecated,
                reason = "deprecated in favour of flex; still offered as a backend"
            )]
            let device = Device::ndarray();
            Ok(cpu(device))
        }
        #[cfg(feature = "webgpu")]
        Backend::WebGpu => {
            use burn::tensor::wgpu::wgpu::DeviceLostReason;
            #[cfg(target_arch = "wasm32")]
            run_constructors();
            let (device, setup) = Device::wgpu_options()
                .init_with_setup_async()
                .await
                .map_err(|e| DeviceError::Unavailable(e.to_string()))?;
            setup
                .device
                .set_device_lost_callback(move |reason, message| {
                    // Outside of a browser, wgpu also reports that it has destroyed a device that is not used any more.
                    if cfg!(target_arch = "wasm32") || reason != DeviceLostReason::Destroyed {
                        on_lost(message);
                    }
                });
            let info = setup.adapter.get_info();
            let name = if info.name.is_empty() {
                info.driver
            } else {
                info.name
            };
            Ok(OpenDevice {
                device,
                description: Some(name).filter(|name| !name.is_empty()),
            })
        }
        #[allow(
            unreachable_patterns,
            reason = "reachable unless all three backends are built in"
        )]
        other => {
            drop(on_lost);
            Err(DeviceError::NotBuilt(other))
        }
    }
}

/// Runs the module's constructors once. Crates below burn's GPU backend register operations with `inventory`. If the
/// program never calls the constructors, the linker calls them at every call from JavaScript, which took longer than
/// all other CPU work of a training step.
#[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
#[expect(unsafe_code, reason = "there is no other way to call it")]
fn run_constructors() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker generates this function; it takes and returns nothing. All constructors are `inventory`'s and
    // may run more than once.
    unsafe { __wasm_call_ctors() }
}

#[cfg(any(feature = "flex", feature = "ndarray"))]
fn cpu(device: Device) -> OpenDevice {
    OpenDevice {
        device,
        description: None,
    }
}
