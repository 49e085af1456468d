//! The GPU device of a worker is lost: `GPUDevice.destroy()`, and a crash of the GPU's process.

use crate::{CALM_GPU, ensure_same};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests::{
    browser::{Gpu, Options, Reply, Server, Tab, check, dist, log_line},
    native_decode::native_decode,
};

/// Precedes the worker's script: keeps the device that the engine requests, until it is to be destroyed.
const DESTROYABLE: &str = "
    if (globalThis.GPUAdapter) {
        const request = GPUAdapter.prototype.requestDevice;
        GPUAdapter.prototype.requestDevice = async function (...options) {
            const device = await request.apply(this, options);
            globalThis.destroyChannel = new BroadcastChannel('destroy-device');
            destroyChannel.onmessage = ({ data }) => {
                if (!self.name.startsWith(data)) return;
                device.destroy();
                new BroadcastChannel('destroyed-device').postMessage(self.name);
            };
            return device;
        };
    }
";

/// Whose device is destroyed.
#[derive(Debug, Clone, Copy)]
pub(super) enum DestroyedDevice {
    /// That of the worker that decodes.
    Stage,
    /// That of the worker that trains.
    Training,
}

/// Makes the devices of the page's workers destroyable. To be called before the page is opened.
pub(super) fn make_destroyable(server: &Server) -> Result<()> {
    let mut files = server.files();
    let script = files.find(|(name, _)| name.ends_with("engine-worker.js"));
    let (_, script) = script.context("the worker's script")?;
    let script = [DESTROYABLE.as_bytes(), script].concat();
    server.replace(
        |path| path.contains("engine-worker.js"),
        Reply::Bytes(script),
    );
    Ok(())
}

/// Destroys the device that a worker uses.
pub(super) async fn destroy(tab: &Tab, whose: DestroyedDevice) -> Result<()> {
    let name = match whose {
        DestroyedDevice::Stage => "engine-webgpu",
        DestroyedDevice::Training => "training-webgpu",
    };
    let script = "return new Promise((done) => {
        const answers = new BroadcastChannel('destroyed-device');
        answers.onmessage = ({ data }) => { answers.close(); done(data); };
        const channel = new BroadcastChannel('destroy-device');
        channel.postMessage(arguments[0]);
        channel.close();
    });";
    let destroyed = tab.script(script, vec![json!(name)]).await?;
    log_line(format!("destroyed the device of {destroyed}"));
    ensure!(destroyed == json!(name));
    Ok(())
}

/// Moves z-0 from now on, until the global variable `stopMoving` is called with a last value.
const MOVE: &str = "
    const slider = document.querySelector(\"[data-testid='z-0']\");
    const set = (value) => {
        Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(slider, value);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
    };
    let time = 0;
    const timer = setInterval(() => set(String(2 * Math.sin(time++ / 10))), 16);
    window.stopMoving = (value) => { clearInterval(timer); set(value); };";

#[tokio::test]
async fn page_decodes_after_the_device_is_destroyed_while_it_draws_on_webgpu() {
    let options = Options {
        gpu: Gpu::Software,
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, server| {
        make_destroyable(server)?;
        tab.open("?backend=webgpu&model=mnist-2d&z=0.5,-0.75")
            .await?;
        tab.wait_backend(Some("webgpu")).await?;
        let before = tab.settled_pixels(CALM_GPU).await?;
        tab.script(MOVE, vec![]).await?;
        tab.changed_pixels(&before).await?;
        destroy(tab, DestroyedDevice::Stage).await?;
        let active = tab
            .wait_text("backend-active", "names a CPU backend", |text| {
                ["flex", "ndarray"].contains(&text)
            })
            .await?;
        log_line(format!("{active} replaces webgpu"));
        tab.script("stopMoving('1.25')", vec![]).await?;
        let after = tab.settled_pixels(CALM_GPU).await?;
        let z = tab.z().await?;
        ensure!(z == [1.25, -0.75], "z is {z:?}");
        let expected = native_decode(&dist().join("weights"), "mnist-2d", &z)?;
        ensure_same("the newest z", &expected, &after)?;
        let notices = "return [...document.querySelectorAll('[data-testid=notice]')].map((e) => e.textContent)";
        let notices: Vec<String> = serde_json::from_value(tab.script(notices, vec![]).await?)?;
        ensure!(
            matches!(&notices[..], [notice] if notice.contains("WebGPU stopped")),
            "the page says: {notices:?}"
        );
        log_line(&notices[0]);
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn page_decodes_after_the_gpus_process_has_crashed_on_webgpu() {
    let options = Options {
        gpu: Gpu::Software,
        expects_errors: true,
        ..Options::default()
    };
    check(options, async |tab, _| {
        tab.open("?backend=webgpu").await?;
        tab.wait_backend(Some("webgpu")).await?;
        tab.set_z(0, 0.75).await?;
        let before = tab.settled_pixels(CALM_GPU).await?;
        tab.cdp("Browser.crashGpuProcess", json!({})).await?;
        let active = tab
            .wait_text("backend-active", "names a CPU backend", |text| {
                ["flex", "ndarray"].contains(&text)
            })
            .await?;
        log_line(format!("{active} replaces webgpu"));
        ensure!(tab.z().await?[0] == 0.75, "z is kept");
        ensure_same("the same z", &before, &tab.settled_pixels(CALM_GPU).await?)?;
        tab.set_z(0, -1.5).await?;
        tab.changed_pixels(&before).await?;
        Ok(())
    })
    .await;
}
