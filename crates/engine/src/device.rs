//! Opens the device of a backend.

use burn::tensor::Device;
use protocol::Backend;
use std::fmt;

/// A device that is set up.
#[derive(Debug)]
pub struct Opened {
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

/// Sets a backend up. Call it once for each backend in a process: a second set-up of the same GPU
/// device is an error in burn.
///
/// `on_lost` is called when the device is lost later on: the driver was reset, the GPU removed, the
/// tab's share taken back. burn has no handler for it and would wait for ever.
///
/// # Errors
/// When the bundle does not hold the backend, or the browser (the system) gives no device.
pub async fn open(
    backend: Backend,
    on_lost: impl Fn(String) + Send + Sync + 'static,
) -> Result<Opened, DeviceError> {
    match backend {
        #[cfg(feature = "flex")]
        Backend::Flex => Ok(cpu(Device::flex())),
        #[cfg(feature = "ndarray")]
        Backend::NdArray => {
            #[expect(
                deprecated,
                reason = "deprecated in favour of flex, still asked for by people"
            )]
            let device = Device::ndarray();
            Ok(cpu(device))
        }
        #[cfg(feature = "webgpu")]
        Backend::WebGpu => {
            use burn::tensor::wgpu::wgpu::DeviceLostReason;
            #[cfg(target_arch = "wasm32")]
            construct();
            let (device, setup) = Device::wgpu_options()
                .init_with_setup_async()
                .await
                .map_err(|e| DeviceError::Unavailable(e.to_string()))?;
            setup
                .device
                .set_device_lost_callback(move |reason, message| {
                    // wgpu also reports the ordinary end of a device that nobody uses any more.
                    if reason != DeviceLostReason::Destroyed {
                        on_lost(message);
                    }
                });
            let info = setup.adapter.get_info();
            let name = if info.name.is_empty() {
                info.driver
            } else {
                info.name
            };
            Ok(Opened {
                device,
                description: Some(name).filter(|name| !name.is_empty()),
            })
        }
        #[allow(
            unreachable_patterns,
            reason = "reachable unless all three are built in"
        )]
        other => {
            drop(on_lost);
            Err(DeviceError::NotBuilt(other))
        }
    }
}

/// Runs what crates under the GPU backend want run at the start of a program (they keep registers of their operations
/// by the crate `inventory`). Where nothing in a program calls them itself, the linker takes it for a command and
/// has them run again at each call from JavaScript, each time a value is handed over included: that took more of a
/// training step than all else on this side of the GPU.
#[cfg(all(feature = "webgpu", target_arch = "wasm32"))]
#[expect(unsafe_code, reason = "there is no other way to call it")]
fn construct() {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }
    // SAFETY: the linker makes this function, without parameters and without a result. The constructors are
    // `inventory`'s alone, which allow that they are called more than once.
    unsafe { __wasm_call_ctors() }
}

#[cfg(any(feature = "flex", feature = "ndarray"))]
fn cpu(device: Device) -> Opened {
    Opened {
        device,
        description: None,
    }
}
